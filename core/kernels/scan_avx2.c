#include "scan.h"

#if defined(__x86_64__)
#include <immintrin.h>

static inline uint64_t half(const char *p, __m256i a, __m256i b, __m256i c, __m256i top, __m256i none) {
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i low = _mm256_andnot_si256(none, _mm256_cmpeq_epi8(_mm256_max_epu8(x, top), top)); /* x <= top */
    __m256i hits = _mm256_or_si256(_mm256_cmpeq_epi8(x, a), _mm256_cmpeq_epi8(x, b));
    hits = _mm256_or_si256(_mm256_or_si256(hits, _mm256_cmpeq_epi8(x, c)), low);
    return (uint32_t)_mm256_movemask_epi8(hits);
}

void ew_scan_avx2(const char *text, size_t words, ew_scan_set set, uint64_t *out) {
    __m256i a = _mm256_set1_epi8((char)set.a), b = _mm256_set1_epi8((char)set.b), c = _mm256_set1_epi8((char)set.c);
    __m256i top = _mm256_set1_epi8((char)(set.below ? set.below - 1 : 0)), none = _mm256_set1_epi8(set.below ? 0 : -1);
    for (size_t w = 0; w < words; w++)
        out[w] = half(text + 64 * w, a, b, c, top, none) | half(text + 64 * w + 32, a, b, c, top, none) << 32;
}
#endif
