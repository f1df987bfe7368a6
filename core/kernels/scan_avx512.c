#include "scan.h"

#if defined(__x86_64__)
#include <immintrin.h>

void ew_scan_avx512(const char *text, size_t words, ew_scan_set set, uint64_t *out) {
    __m512i a = _mm512_set1_epi8((char)set.a), b = _mm512_set1_epi8((char)set.b), c = _mm512_set1_epi8((char)set.c);
    __m512i below = _mm512_set1_epi8((char)set.below);
    for (size_t w = 0; w < words; w++) {
        __m512i x = _mm512_loadu_si512(text + 64 * w);
        out[w] = _mm512_cmpeq_epi8_mask(x, a) | _mm512_cmpeq_epi8_mask(x, b) | _mm512_cmpeq_epi8_mask(x, c) |
                 _mm512_cmplt_epu8_mask(x, below);
    }
}
#endif
