#if defined(__x86_64__)
#include <immintrin.h>

#include "fold.h"

/* x - least, unsigned, below `count`: one comparison a range. */
static inline __mmask64 in_range(__m512i x, char least, char count) {
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, _mm512_set1_epi8(least)), _mm512_set1_epi8(count));
}

static unsigned fold(const char *text, size_t n, char *low, uint64_t *words, uint64_t *wide) {
    uint64_t wides = 0, controls = 0;
    for (size_t at = 0; at < n; at += 64) {
        __mmask64 there = n - at < 64 ? ((__mmask64)1 << (n - at)) - 1 : ~(__mmask64)0;
        __m512i x = _mm512_maskz_loadu_epi8(there, text + at);
        __mmask64 upper = in_range(x, 'A', 26);
        __m512i small = _mm512_mask_add_epi8(x, upper, x, _mm512_set1_epi8(32));
        uint64_t v = _mm512_movepi8_mask(x);
        words[at / 64] = in_range(small, 'a', 26) | in_range(small, '0', 10);
        wide[at / 64] = v;
        wides |= v;
        controls |= there & ((in_range(x, 0, 32) & ~in_range(x, '\t', 5)) | _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(0x7f)));
        _mm512_storeu_si512(low + at, small);
    }
    return (wides ? EW_FOLD_WIDE : 0u) | (controls ? EW_FOLD_CONTROL : 0u);
}

const ew_fold ew_fold_avx512 = {"avx512", fold};
#else
typedef int ew_fold_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
