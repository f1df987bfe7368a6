/* AMX: sums of 32 rows by 32 targets in four tiles (tdpbssd, exact in int32), each operand used twice; only what reaches a floor
 * leaves the buffer they are stored to. Targets lie as in sift_avx512.c, but signed. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "pack512.h"
#include "sift.h"

enum { SIDE = 16, BLOCK = 2 * SIDE, SLAB = 1024 };

/* Tile shapes: eight of 16 rows of 64 bytes. The order of fields is the processor's. */
typedef struct { uint8_t palette, start_row, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } shapes;

static void pack(const int8_t *const *targets, uint32_t n, uint32_t stride, int8_t *packed) {
    for (uint32_t j = 0; j < n; j += SIDE, packed += (size_t)SIDE * stride)
        for (uint32_t k = 0; k < stride; k += 64) {
            __m512i rows[16];
            for (uint32_t i = 0; i < SIDE; i++)
                rows[i] = j + i < n ? _mm512_load_si512(targets[j + i] + k) : _mm512_setzero_si512();
            ew_turn64(rows, (__m512i *)(packed + (size_t)k * SIDE));
        }
}

typedef struct {
    int8_t rows[BLOCK * SLAB] __attribute__((aligned(64)));
    int32_t dots[BLOCK][BLOCK] __attribute__((aligned(64)));
} block;

/* Columns [k, k + wide) of up to 32 rows, side by side; zeros where there are fewer. */
static void gather(const ew_sift_row *at, uint32_t n, uint32_t k, uint32_t wide, block *b) {
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t c = 0; c < wide; c += 64)
            _mm512_store_si512(b->rows + (size_t)r * wide + c, _mm512_load_si512(at[r].row + k + c));
    memset(b->rows + (size_t)n * wide, 0, (size_t)(BLOCK - n) * wide);
}

/* Adds the products over `wide` columns to the sums in tiles 0 .. 3. */
static void add(const block *b, const int8_t *left, const int8_t *right, uint32_t wide) {
    for (uint32_t k = 0; k < wide; k += 64) {
        _tile_loadd(4, b->rows + k, wide);
        _tile_loadd(5, b->rows + (size_t)SIDE * wide + k, wide);
        _tile_loadd(6, left + (size_t)k * SIDE, 64);
        _tile_loadd(7, right + (size_t)k * SIDE, 64);
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
}

static uint32_t sift(const int8_t *packed, uint32_t n, const ew_sift_row *rows, uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    shapes config = {.palette = 1};
    block b;
    uint32_t found = 0;
    for (int t = 0; t < 8; t++) {
        config.bytes[t] = 64;
        config.rows[t] = SIDE;
    }
    _tile_loadconfig(&config);
    for (uint32_t i = 0; i < m; i += BLOCK) {
        uint32_t height = m - i < BLOCK ? m - i : BLOCK;
        if (stride <= SLAB) gather(rows + i, height, 0, stride, &b);
        for (uint32_t j = 0; j < n; j += BLOCK) {
            const int8_t *left = packed + (size_t)j * stride, *right = j + SIDE < n ? left + (size_t)SIDE * stride : left;
            _tile_zero(0);
            _tile_zero(1);
            _tile_zero(2);
            _tile_zero(3);
            for (uint32_t k = 0; k < stride; k += SLAB) {
                uint32_t wide = stride - k < SLAB ? stride - k : SLAB;
                if (stride > SLAB) gather(rows + i, height, k, wide, &b);
                add(&b, left + (size_t)k * SIDE, right + (size_t)k * SIDE, wide);
            }
            _tile_stored(0, &b.dots[0][0], sizeof b.dots[0]);
            _tile_stored(1, &b.dots[0][SIDE], sizeof b.dots[0]);
            _tile_stored(2, &b.dots[SIDE][0], sizeof b.dots[0]);
            _tile_stored(3, &b.dots[SIDE][SIDE], sizeof b.dots[0]);
            uint32_t width = n - j < BLOCK ? n - j : BLOCK, lanes = width < BLOCK ? (1u << width) - 1 : UINT32_MAX;
            for (uint32_t r = 0; r < height; r++) {
                __m512i floor = _mm512_set1_epi32(rows[i + r].floor);
                uint32_t mask = _mm512_cmpge_epi32_mask(_mm512_load_si512(&b.dots[r][0]), floor) |
                                (uint32_t)_mm512_cmpge_epi32_mask(_mm512_load_si512(&b.dots[r][SIDE]), floor) << SIDE;
                for (mask &= lanes; mask; mask &= mask - 1) {
                    uint32_t lane = (uint32_t)__builtin_ctz(mask);
                    hits[found++] = (ew_sift_hit){i + r, j + lane, b.dots[r][lane]};
                }
            }
        }
    }
    _tile_release();
    return found;
}

const ew_sift ew_sift_amx = {"amx", pack, sift};
#else
typedef int ew_sift_amx_is_for_x86; /* a translation unit may not be empty */
#endif
