#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "gather_bodies.h"

static inline __m256i four(const uint8_t *weights) {
    int32_t word;
    memcpy(&word, weights, 4);
    return _mm256_set1_epi32(word);
}

/* 32 bytes of a row, or 16 and zeros. */
static inline __m256i load(const int8_t *row, int whole) {
    if (whole) return _mm256_loadu_si256((const __m256i *)(const void *)row);
    return _mm256_zextsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)row));
}

/* A column's four products, added up in its lane: weights have seven bits, so that no pair of them saturates. */
static inline __m256i products(__m256i sum, __m256i weights, __m256i x) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(weights, x), _mm256_set1_epi16(1)));
}

static inline void add_to(float *sum, __m256 x) { _mm256_storeu_ps(sum, _mm256_add_ps(_mm256_loadu_ps(sum), x)); }

/* 32 columns from k on, or 16; their sums stay in registers over all ids. Column 16 * l + 4 * j + i of them is in lane 4 * l + i
 * of s[j]. left: how many ids there are to fetch the rows of. */
static inline __attribute__((always_inline)) void columns(const int8_t *rows, uint32_t d, const uint32_t *ids, uint32_t n,
                                                          const ew_gather_weights *weights, uint32_t k, int whole, size_t left,
                                                          float *sum) {
    __m256i s_high[4], s_low[4];
    for (int j = 0; j < 4; j++) s_high[j] = s_low[j] = _mm256_setzero_si256();
    for (uint32_t i = 0; i < n; i += 4) {
        const int8_t *row[4];
        for (uint32_t r = 0; r < 4; r++) row[r] = rows + (size_t)ids[i + r < n ? i + r : i] * d + k;
        if (k == 0) ew_gather_fetch(rows, d, ids + i, left - i);
        __m256i high = four(weights->high + i), low = four(weights->low + i);
        __m256i a = load(row[0], whole), b = load(row[1], whole), c = load(row[2], whole), e = load(row[3], whole);
        __m256i ab = _mm256_unpacklo_epi8(a, b), ce = _mm256_unpacklo_epi8(c, e);
        __m256i x[4] = {_mm256_unpacklo_epi16(ab, ce), _mm256_unpackhi_epi16(ab, ce)};
        ab = _mm256_unpackhi_epi8(a, b);
        ce = _mm256_unpackhi_epi8(c, e);
        x[2] = _mm256_unpacklo_epi16(ab, ce);
        x[3] = _mm256_unpackhi_epi16(ab, ce);
        for (int j = 0; j < 4; j++) {
            s_high[j] = products(s_high[j], high, x[j]);
            s_low[j] = products(s_low[j], low, x[j]);
        }
    }
    __m256 f[4], by = _mm256_set1_ps(weights->step);
    for (int j = 0; j < 4; j++)
        f[j] = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_slli_epi32(s_high[j], 7), s_low[j])), by);
    add_to(sum + k, _mm256_permute2f128_ps(f[0], f[1], 0x20));
    add_to(sum + k + 8, _mm256_permute2f128_ps(f[2], f[3], 0x20));
    if (!whole) return;
    add_to(sum + k + 16, _mm256_permute2f128_ps(f[0], f[1], 0x31));
    add_to(sum + k + 24, _mm256_permute2f128_ps(f[2], f[3], 0x31));
}

static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, size_t more, float *sum) {
    ew_gather_weights weights;
    while (n) {
        uint32_t group = n < EW_GATHER_GROUP ? (uint32_t)n : EW_GATHER_GROUP, k = 0;
        ew_gather_weigh(scales, ids, group, &weights);
        for (; d - k >= 32; k += 32) columns(rows, d, ids, group, &weights, k, 1, n + more, sum);
        if (k < d) columns(rows, d, ids, group, &weights, k, 0, n + more, sum);
        ids += group;
        n -= group;
    }
}

static void unit(float *x, uint32_t d, float least) {
    if (d % 16) {
        ew_gather_kernels_serial.unit(x, d, least);
        return;
    }
    __m256 low = _mm256_setzero_ps(), high = low;
    for (uint32_t k = 0; k < d; k += 16) {
        __m256 u = _mm256_loadu_ps(x + k), v = _mm256_loadu_ps(x + k + 8);
        low = _mm256_add_ps(low, _mm256_mul_ps(u, u));
        high = _mm256_add_ps(high, _mm256_mul_ps(v, v));
    }
    float part[8];
    _mm256_storeu_ps(part, _mm256_add_ps(low, high));
    for (uint32_t half = 4; half; half /= 2)
        for (uint32_t l = 0; l < half; l++) part[l] += part[l + half];
    float factor = ew_gather_reciprocal(part[0], least);
    if (!(factor > 0)) {
        memset(x, 0, d * sizeof *x);
        return;
    }
    __m256 f = _mm256_set1_ps(factor);
    for (uint32_t k = 0; k < d; k += 8) _mm256_storeu_ps(x + k, _mm256_mul_ps(_mm256_loadu_ps(x + k), f));
}

const ew_gather_kernels ew_gather_kernels_avx2 = {"avx2", add, unit};
#else
typedef int ew_gather_kernels_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
