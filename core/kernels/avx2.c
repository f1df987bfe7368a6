/* AVX2 bodies. int8 products are widened to int16 pairs (vpmaddwd): exact, without the saturation of vpmaddubsw. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "bodies.h"

static inline int32_t sum8(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

static inline __m256i wide(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)p)); }

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    uint32_t i = 0;
    for (; i + 4 <= n_a; i += 4) { /* four rows of a share each load of b */
        const int8_t *a0 = a + (size_t)i * stride, *a1 = a0 + stride, *a2 = a1 + stride, *a3 = a2 + stride;
        for (uint32_t j = 0; j < n_b; j++) {
            const int8_t *y = b + (size_t)j * stride;
            __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
            for (uint32_t k = 0; k < stride; k += 16) {
                __m256i v = wide(y + k);
                s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(v, wide(a0 + k)));
                s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(v, wide(a1 + k)));
                s2 = _mm256_add_epi32(s2, _mm256_madd_epi16(v, wide(a2 + k)));
                s3 = _mm256_add_epi32(s3, _mm256_madd_epi16(v, wide(a3 + k)));
            }
            out[(size_t)i * n_b + j] = sum8(s0);
            out[(size_t)(i + 1) * n_b + j] = sum8(s1);
            out[(size_t)(i + 2) * n_b + j] = sum8(s2);
            out[(size_t)(i + 3) * n_b + j] = sum8(s3);
        }
    }
    if (i < n_a) ew_kernels_serial.dot_i8(a + (size_t)i * stride, n_a - i, b, n_b, stride, out + (size_t)i * n_b);
}

static int32_t dot_i16(const int16_t *a, const int16_t *b, uint32_t n) {
    __m256i s = _mm256_setzero_si256(), t = s;
    for (uint32_t k = 0; k < n; k += 32) {
        const __m256i *u = (const __m256i *)(a + k), *v = (const __m256i *)(b + k);
        s = _mm256_add_epi32(s, _mm256_madd_epi16(_mm256_loadu_si256(u), _mm256_loadu_si256(v)));
        t = _mm256_add_epi32(t, _mm256_madd_epi16(_mm256_loadu_si256(u + 1), _mm256_loadu_si256(v + 1)));
    }
    return sum8(_mm256_add_epi32(s, t));
}

static float norm2(const float *x, uint32_t d) {
    if (d % 16) return ew_kernels_serial.norm2(x, d);
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
    return part[0];
}

static uint32_t at_least(const int32_t *values, uint32_t n, int32_t floor, uint32_t *out) {
    uint32_t found = 0, j = 0;
    if (floor == INT32_MIN) /* floor - 1 below would wrap */
        return ew_kernels_serial.at_least(values, n, floor, out);
    __m256i under = _mm256_set1_epi32(floor - 1);
    for (; j + 8 <= n; j += 8) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(values + j));
        unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(v, under)));
        for (; mask; mask &= mask - 1) out[found++] = j + (uint32_t)__builtin_ctz(mask);
    }
    for (; j < n; j++)
        if (values[j] >= floor) out[found++] = j;
    return found;
}

static size_t ascii_run(const char *text, size_t n) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        unsigned mask = (unsigned)_mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)(text + i)));
        if (mask) return i + (size_t)__builtin_ctz(mask);
    }
    return i + ew_kernels_serial.ascii_run(text + i, n - i);
}

const ew_kernels ew_kernels_avx2 = {"avx2", dot_i8, dot_i16, norm2, at_least, ascii_run};
#else
typedef int ew_kernels_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
