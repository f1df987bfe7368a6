#if defined(__x86_64__)
#include <immintrin.h>

#include "gather_bodies.h"

/* The sums of 16 * parts columns stay in registers over all ids; `parts` is a constant where this is put in line. */
static inline __attribute__((always_inline)) void columns(const int8_t *rows, const float *scales, uint32_t d,
                                                          const uint32_t *ids, size_t n, float *sum, uint32_t parts) {
    __m512 s[16];
#pragma GCC unroll 16
    for (uint32_t l = 0; l < parts; l++) s[l] = _mm512_loadu_ps(sum + l * 16);
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = rows + (size_t)ids[i] * d;
        if (i + EW_GATHER_AHEAD < n) ew_gather_fetch(rows + (size_t)ids[i + EW_GATHER_AHEAD] * d, parts * 16);
        __m512 scale = _mm512_set1_ps(scales[ids[i]]);
#pragma GCC unroll 16
        for (uint32_t l = 0; l < parts; l++) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(row + l * 16));
            __m512 x = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
            s[l] = _mm512_add_ps(s[l], _mm512_mul_ps(scale, x));
        }
    }
#pragma GCC unroll 16
    for (uint32_t l = 0; l < parts; l++) _mm512_storeu_ps(sum + l * 16, s[l]);
}

static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, float *sum) {
    uint32_t k = 0;
    for (; d - k >= 256; k += 256) columns(rows + k, scales, d, ids, n, sum + k, 16);
    for (; d - k >= 64; k += 64) columns(rows + k, scales, d, ids, n, sum + k, 4);
    for (; d - k >= 16; k += 16) columns(rows + k, scales, d, ids, n, sum + k, 1);
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
