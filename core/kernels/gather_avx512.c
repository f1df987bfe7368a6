#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "gather_bodies.h"

static inline __m512i four(const uint8_t *weights) {
    int32_t word;
    memcpy(&word, weights, 4);
    return _mm512_set1_epi32(word);
}

/* Four rows' bytes of 64 columns side by side, so that VNNI adds up a column's four products in its lane: column 16 * l + 4 * j
 * + i of them goes to lane 4 * l + i of s[j]. */
static inline void four_rows(const int8_t *const row[4], uint32_t k, __mmask64 there, __m512i high, __m512i low, __m512i *s_high,
                             __m512i *s_low) {
    __m512i a = _mm512_maskz_loadu_epi8(there, row[0] + k), b = _mm512_maskz_loadu_epi8(there, row[1] + k);
    __m512i c = _mm512_maskz_loadu_epi8(there, row[2] + k), e = _mm512_maskz_loadu_epi8(there, row[3] + k);
    __m512i ab = _mm512_unpacklo_epi8(a, b), ce = _mm512_unpacklo_epi8(c, e);
    __m512i x[4] = {_mm512_unpacklo_epi16(ab, ce), _mm512_unpackhi_epi16(ab, ce)};
    ab = _mm512_unpackhi_epi8(a, b);
    ce = _mm512_unpackhi_epi8(c, e);
    x[2] = _mm512_unpacklo_epi16(ab, ce);
    x[3] = _mm512_unpackhi_epi16(ab, ce);
    for (int j = 0; j < 4; j++) {
        s_high[j] = _mm512_dpbusd_epi32(s_high[j], high, x[j]);
        s_low[j] = _mm512_dpbusd_epi32(s_low[j], low, x[j]);
    }
}

static inline void add_to(float *sum, __mmask16 there, __m512 x) {
    _mm512_mask_storeu_ps(sum, there, _mm512_add_ps(_mm512_maskz_loadu_ps(there, sum), x));
}

/* Exact sums of 64 columns, times the step, to sum. */
static inline void finish(const __m512i *s_high, const __m512i *s_low, float step, float *sum, __mmask64 there) {
    __m512 f[4], by = _mm512_set1_ps(step);
    for (int j = 0; j < 4; j++)
        f[j] = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(s_high[j], 7), s_low[j])), by);
    __m512 even0 = _mm512_shuffle_f32x4(f[0], f[1], 0x88), odd0 = _mm512_shuffle_f32x4(f[0], f[1], 0xdd);
    __m512 even1 = _mm512_shuffle_f32x4(f[2], f[3], 0x88), odd1 = _mm512_shuffle_f32x4(f[2], f[3], 0xdd);
    add_to(sum, (__mmask16)there, _mm512_shuffle_f32x4(even0, even1, 0x88));
    add_to(sum + 16, (__mmask16)(there >> 16), _mm512_shuffle_f32x4(odd0, odd1, 0x88));
    add_to(sum + 32, (__mmask16)(there >> 32), _mm512_shuffle_f32x4(even0, even1, 0xdd));
    add_to(sum + 48, (__mmask16)(there >> 48), _mm512_shuffle_f32x4(odd0, odd1, 0xdd));
}

/* `blocks` times 64 columns from k on, the last of which has those that are there; their sums stay in registers over all ids.
 * left: how many ids there are to fetch the rows of, 0: they lie in a cache already. */
static inline __attribute__((always_inline)) void columns(const int8_t *rows, uint32_t d, const uint32_t *ids, uint32_t n,
                                                          const ew_gather_weights *weights, uint32_t k, int blocks,
                                                          __mmask64 there, size_t left, float *sum) {
    __m512i s_high[8], s_low[8];
    for (int j = 0; j < 4 * blocks; j++) s_high[j] = s_low[j] = _mm512_setzero_si512();
    for (uint32_t i = 0; i < n; i += 4) {
        const int8_t *row[4];
        for (uint32_t r = 0; r < 4; r++) row[r] = rows + (size_t)ids[i + r < n ? i + r : i] * d;
        if (left) ew_gather_fetch(rows, d, ids + i, left - i);
        __m512i high = four(weights->high + i), low = four(weights->low + i);
#pragma GCC unroll 2
        for (int b = 0; b < blocks; b++)
            four_rows(row, k + 64 * (uint32_t)b, b + 1 < blocks ? ~(__mmask64)0 : there, high, low, s_high + 4 * b,
                      s_low + 4 * b);
    }
#pragma GCC unroll 2
    for (int b = 0; b < blocks; b++)
        finish(s_high + 4 * b, s_low + 4 * b, weights->step, sum + k + 64 * b, b + 1 < blocks ? ~(__mmask64)0 : there);
}

static inline __attribute__((always_inline)) void add_rows(const int8_t *rows, const float *scales, uint32_t d,
                                                           const uint32_t *ids, size_t n, size_t more, float *sum) {
    ew_gather_weights weights;
    while (n) {
        uint32_t group = n < EW_GATHER_GROUP ? (uint32_t)n : EW_GATHER_GROUP, k = 0;
        ew_gather_weigh(scales, ids, group, &weights);
        for (; d - k >= 128; k += 128) columns(rows, d, ids, group, &weights, k, 2, ~(__mmask64)0, k ? 0 : n + more, sum);
        for (; k < d; k += 64) {
            __mmask64 there = d - k < 64 ? ((__mmask64)1 << (d - k)) - 1 : ~(__mmask64)0;
            columns(rows, d, ids, group, &weights, k, 1, there, k ? 0 : n + more, sum);
        }
        ids += group;
        n -= group;
    }
}

static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, size_t more, float *sum) {
    if (d == 256) /* a constant unrolls the loops over columns */
        add_rows(rows, scales, 256, ids, n, more, sum);
    else
        add_rows(rows, scales, d, ids, n, more, sum);
}

static void unit(float *x, uint32_t d, float least) {
    if (d % 16) {
        ew_gather_kernels_serial.unit(x, d, least);
        return;
    }
    __m512 s = _mm512_setzero_ps();
    for (uint32_t k = 0; k < d; k += 16) {
        __m512 u = _mm512_loadu_ps(x + k);
        s = _mm512_add_ps(s, _mm512_mul_ps(u, u));
    }
    float part[16];
    _mm512_storeu_ps(part, s);
    for (uint32_t half = 8; half; half /= 2)
        for (uint32_t l = 0; l < half; l++) part[l] += part[l + half];
    float factor = ew_gather_reciprocal(part[0], least);
    __m512 f = _mm512_set1_ps(factor);
    __mmask16 kept = factor > 0 ? 0xffff : 0;
    for (uint32_t k = 0; k < d; k += 16) _mm512_storeu_ps(x + k, _mm512_maskz_mul_ps(kept, _mm512_loadu_ps(x + k), f));
}

const ew_gather_kernels ew_gather_kernels_avx512 = {"avx512", add, unit};
#else
typedef int ew_gather_kernels_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
