/* AVX-512 with VNNI (vpdpbusd: unsigned times signed bytes, exact in int32). Sixteen targets fill the lanes of a register, four
 * bytes of each side by side, against four bytes of a row in every lane. The targets' sign is moved out of the way by a xor (+
 * 128 as unsigned); the sums begin at - 128 * sum(row). */
#if defined(__x86_64__)
#include <immintrin.h>

#include "pack512.h"
#include "sift.h"

enum { ROWS = 8, LANES = EW_SIFT_LANES };

static void pack(const int8_t *const *targets, uint32_t n, uint32_t stride, int8_t *packed) {
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    for (uint32_t j = 0; j < n; j += LANES, packed += (size_t)LANES * stride)
        for (uint32_t k = 0; k < stride; k += 64) {
            __m512i rows[16];
            for (uint32_t i = 0; i < LANES; i++)
                rows[i] = j + i < n ? _mm512_xor_si512(_mm512_load_si512(targets[j + i] + k), flip) : _mm512_setzero_si512();
            ew_turn64(rows, (__m512i *)(packed + (size_t)k * LANES));
        }
}

static inline __m512i four_bytes(const int8_t *p) {
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return _mm512_set1_epi32(word);
}

/* `rows` rows by 16 * `wide` targets: constants, once inlined, so that the sums stay in registers. */
static inline __attribute__((always_inline)) uint32_t tile(const __m512i *packed, uint32_t first, __mmask16 last, uint32_t wide,
                                                           const ew_sift_row *at, uint32_t rows, uint32_t from, uint32_t stride,
                                                           ew_sift_hit *hits) {
    __m512i low[ROWS], high[ROWS];
    const int8_t *row[ROWS];
    const __m512i *right = packed + stride / 4;
    for (uint32_t r = 0; r < rows; r++) {
        low[r] = high[r] = _mm512_set1_epi32(-128 * at[r].sum);
        row[r] = at[r].row;
    }
    for (uint32_t k = 0; k < stride / 4; k++) {
        __m512i u = packed[k], v = wide > 1 ? right[k] : u;
        for (uint32_t r = 0; r < rows; r++) {
            __m512i x = four_bytes(row[r] + (size_t)k * 4);
            low[r] = _mm512_dpbusd_epi32(low[r], u, x);
            if (wide > 1) high[r] = _mm512_dpbusd_epi32(high[r], v, x);
        }
    }
    uint32_t mask[ROWS], any = 0, lanes = wide > 1 ? (uint32_t)last << 16 | 0xffff : last;
    for (uint32_t r = 0; r < rows; r++) {
        __m512i floor = _mm512_set1_epi32(at[r].floor);
        mask[r] = _mm512_cmpge_epi32_mask(low[r], floor);
        if (wide > 1) mask[r] |= (uint32_t)_mm512_cmpge_epi32_mask(high[r], floor) << 16;
        any |= mask[r] &= lanes;
    }
    uint32_t found = 0;
    if (__builtin_expect(any == 0, 1)) return 0;
    for (uint32_t r = 0; r < rows; r++) {
        if (!mask[r]) continue;
        int32_t dots[32];
        _mm512_storeu_si512(dots, low[r]);
        _mm512_storeu_si512(dots + 16, high[r]);
        for (uint32_t m = mask[r]; m; m &= m - 1) {
            uint32_t lane = (uint32_t)__builtin_ctz(m);
            hits[found++] = (ew_sift_hit){from + r, first + lane, dots[lane]};
        }
    }
    return found;
}

static inline __attribute__((always_inline)) uint32_t block(const int8_t *packed, uint32_t n, const ew_sift_row *at,
                                                            uint32_t rows, uint32_t from, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0, j = 0;
    for (; j + LANES < n; j += 2 * LANES) {
        uint32_t left = n - j - LANES;
        __mmask16 last = (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
        found += tile((const __m512i *)(packed + (size_t)j * stride), j, last, 2, at, rows, from, stride, hits + found);
    }
    if (j < n)
        found += tile((const __m512i *)(packed + (size_t)j * stride), j, (__mmask16)((1u << (n - j)) - 1), 1, at, rows, from,
                      stride, hits + found);
    return found;
}

static uint32_t sift(const int8_t *packed, uint32_t n, const ew_sift_row *rows, uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0, i = 0;
    for (; i + ROWS <= m; i += ROWS) found += block(packed, n, rows + i, ROWS, i, stride, hits + found);
    if (i < m) { /* the last few, filled up with one whose floor nothing reaches */
        ew_sift_row few[ROWS];
        for (uint32_t r = 0; r < ROWS; r++) {
            few[r] = rows[i + r < m ? i + r : i];
            if (i + r >= m) few[r].floor = INT32_MAX;
        }
        found += m - i > ROWS / 2 ? block(packed, n, few, ROWS, i, stride, hits + found)
                                  : block(packed, n, few, ROWS / 2, i, stride, hits + found);
    }
    return found;
}

const ew_sift ew_sift_avx512 = {"avx512", pack, sift};
#else
typedef int ew_sift_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
