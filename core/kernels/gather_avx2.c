#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "gather_bodies.h"

/* The sums of 8 * parts columns stay in registers over all ids; `parts` is a constant where this is put in line. */
static inline __attribute__((always_inline)) void columns(const int8_t *rows, const float *scales, uint32_t d,
                                                          const uint32_t *ids, size_t n, float *sum, uint32_t parts) {
    __m256 s[8];
#pragma GCC unroll 8
    for (uint32_t l = 0; l < parts; l++) s[l] = _mm256_loadu_ps(sum + l * 8);
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = rows + (size_t)ids[i] * d;
        if (i + EW_GATHER_AHEAD < n) ew_gather_fetch(rows + (size_t)ids[i + EW_GATHER_AHEAD] * d, parts * 8);
        __m256 scale = _mm256_set1_ps(scales[ids[i]]);
#pragma GCC unroll 8
        for (uint32_t l = 0; l < parts; l++) {
            __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(row + l * 8));
            __m256 x = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
            s[l] = _mm256_add_ps(s[l], _mm256_mul_ps(scale, x));
        }
    }
#pragma GCC unroll 8
    for (uint32_t l = 0; l < parts; l++) _mm256_storeu_ps(sum + l * 8, s[l]);
}

static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, float *sum) {
    uint32_t k = 0;
    for (; d - k >= 64; k += 64) columns(rows + k, scales, d, ids, n, sum + k, 8);
    for (; d - k >= 16; k += 16) columns(rows + k, scales, d, ids, n, sum + k, 2);
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
