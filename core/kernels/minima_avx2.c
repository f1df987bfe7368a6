#if defined(__x86_64__)
#include <immintrin.h>

#include "minima.h"

static void minima(const uint64_t *hashes, size_t n, uint32_t out[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS]) {
    __m256i c0 = _mm256_loadu_si256((const __m256i *)(const void *)ew_minima_constants);
    __m256i c1 = _mm256_loadu_si256((const __m256i *)(const void *)(ew_minima_constants + 8));
    __m256i a0 = _mm256_set1_epi32(-1), a1 = a0, b0 = a0, b1 = a0, d0 = a0, d1 = a0;
    for (size_t i = 0; i < n; i++) {
        __m256i a = _mm256_set1_epi32((int)hashes[i]);
        __m256i b = _mm256_set1_epi32((int)(hashes[i] >> 16));
        __m256i d = _mm256_set1_epi32((int)(hashes[i] >> 32));
        a0 = _mm256_min_epu32(a0, _mm256_xor_si256(a, c0));
        a1 = _mm256_min_epu32(a1, _mm256_xor_si256(a, c1));
        b0 = _mm256_min_epu32(b0, _mm256_xor_si256(b, c0));
        b1 = _mm256_min_epu32(b1, _mm256_xor_si256(b, c1));
        d0 = _mm256_min_epu32(d0, _mm256_xor_si256(d, c0));
        d1 = _mm256_min_epu32(d1, _mm256_xor_si256(d, c1));
    }
    __m256i *to = (__m256i *)(void *)out;
    _mm256_storeu_si256(to, a0);
    _mm256_storeu_si256(to + 1, a1);
    _mm256_storeu_si256(to + 2, b0);
    _mm256_storeu_si256(to + 3, b1);
    _mm256_storeu_si256(to + 4, d0);
    _mm256_storeu_si256(to + 5, d1);
}

const ew_minima ew_minima_avx2 = {"avx2", minima};
#else
typedef int ew_minima_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
