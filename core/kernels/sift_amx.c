/* AMX: sums of 32 targets by 32 rows in four tiles (tdpbssd, exact in int32), each operand used twice; only what reaches a floor
 * leaves the buffer they are stored to. Rows are packed as in sift_avx512.c, but signed; targets are read where they lie. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "hits512.h"
#include "pack512.h"
#include "sift.h"

enum { SIDE = 16, BLOCK = 2 * SIDE };

/* Tile shapes: eight of 16 rows of 64 bytes. The order of fields is the processor's. */
typedef struct { uint8_t palette, start_row, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } shapes;

static void pack(const int8_t *const *rows, uint32_t n, uint32_t stride, int8_t *packed) {
    for (uint32_t i = 0; i < n; i += SIDE, packed += (size_t)SIDE * stride)
        for (uint32_t k = 0; k < stride; k += 64) {
            __m512i lanes[16];
            for (uint32_t l = 0; l < SIDE; l++)
                lanes[l] = i + l < n ? _mm512_load_si512(rows[i + l] + k) : _mm512_setzero_si512();
            ew_turn64(lanes, (__m512i *)(packed + (size_t)k * SIDE));
        }
}

typedef struct {
    int8_t few[BLOCK * 64] __attribute__((aligned(64)));
    int32_t dots[BLOCK][BLOCK] __attribute__((aligned(64)));
} block;

/* 64 columns of fewer than 32 targets, and zeros, or of targets here and there. */
static void fill(block *b, const int8_t *targets, const uint32_t *which, uint32_t m, uint32_t stride) {
    for (uint32_t j = 0; j < BLOCK; j++)
        _mm512_store_si512(b->few + j * 64, j < m ? _mm512_load_si512(targets + (size_t)(which ? which[j] : j) * stride)
                                                  : _mm512_setzero_si512());
}

/* dots: 32 targets (or m, where they are fewer) by two times 16 rows. */
static void multiply(block *b, const int8_t *targets, const uint32_t *which, uint32_t m, const int8_t *left, const int8_t *right,
                     uint32_t stride) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (uint32_t k = 0; k < stride; k += 64) {
        const int8_t *high = targets + k;
        size_t apart = stride;
        if (m < BLOCK || which) {
            fill(b, high, which, m, stride);
            high = b->few;
            apart = 64;
        }
        _tile_loadd(4, high, apart);
        _tile_loadd(5, high + SIDE * apart, apart);
        _tile_loadd(6, left + (size_t)k * SIDE, 64);
        _tile_loadd(7, right + (size_t)k * SIDE, 64);
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
    _tile_stored(0, &b->dots[0][0], sizeof b->dots[0]);
    _tile_stored(1, &b->dots[0][SIDE], sizeof b->dots[0]);
    _tile_stored(2, &b->dots[SIDE][0], sizeof b->dots[0]);
    _tile_stored(3, &b->dots[SIDE][SIDE], sizeof b->dots[0]);
}

static uint32_t sift(const int8_t *packed, const int32_t *floor, uint32_t n, const int8_t *targets, const uint32_t *which,
                     uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    shapes config = {.palette = 1};
    block b;
    uint32_t found = 0;
    for (int t = 0; t < 8; t++) {
        config.bytes[t] = 64;
        config.rows[t] = SIDE;
    }
    _tile_loadconfig(&config);
    for (uint32_t j = 0; j < m; j += BLOCK) { /* targets meet all rows while they are near */
        uint32_t at = j + BLOCK <= m || m < BLOCK ? j : m - BLOCK; /* the last block begins where 32 are left, some twice */
        uint32_t height = m - at < BLOCK ? m - at : BLOCK;
        const int8_t *first = which ? targets : targets + (size_t)at * stride;
        for (uint32_t r = at + BLOCK; which && r < at + 2 * BLOCK && r < m; r++) /* they lie anywhere */
            for (uint32_t k = 0; k < stride; k += 64) _mm_prefetch(targets + (size_t)which[r] * stride + k, _MM_HINT_T0);
        for (uint32_t i = 0; i < n; i += BLOCK) {
            uint32_t width = n - i < BLOCK ? n - i : BLOCK, lanes = width < BLOCK ? (1u << width) - 1 : UINT32_MAX;
            const int8_t *left = packed + (size_t)i * stride, *right = i + SIDE < n ? left + (size_t)SIDE * stride : left;
            __m512i low = _mm512_maskz_loadu_epi32((__mmask16)lanes, floor + i),
                    high = _mm512_maskz_loadu_epi32((__mmask16)(lanes >> SIDE), floor + i + SIDE);
            multiply(&b, first, which ? which + at : NULL, height, left, right, stride);
            for (uint32_t r = j - at; r < height; r++) {
                __m512i one = _mm512_load_si512(&b.dots[r][0]), other = _mm512_load_si512(&b.dots[r][SIDE]);
                __mmask16 these = _mm512_mask_cmpge_epi32_mask((__mmask16)lanes, one, low),
                          those = _mm512_mask_cmpge_epi32_mask((__mmask16)(lanes >> SIDE), other, high);
                if (these) found += ew_hits16(these, one, i, at + r, hits + found);
                if (those) found += ew_hits16(those, other, i + SIDE, at + r, hits + found);
            }
        }
    }
    _tile_release();
    return found;
}

const ew_sift ew_sift_amx = {"amx", 1, pack, sift};
#else
typedef int ew_sift_amx_is_for_x86; /* a translation unit may not be empty */
#endif
