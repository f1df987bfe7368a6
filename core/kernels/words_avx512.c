#if defined(__x86_64__)
#include <immintrin.h>

#include "words_bodies.h"

static inline __mmask64 below(__m512i v, char low, char count) { /* low <= v < low + count */
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8(low)), _mm512_set1_epi8(count));
}
static inline __mmask64 equal(__m512i v, char c) { return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c)); }

static bool scan(const char *text, size_t n, char *lower, uint64_t *word, uint64_t *mark) {
    __mmask64 bracket = 0;
    for (size_t from = 0; from < n; from += 64, word++, mark++) {
        __mmask64 there = ew_words_within(n - from);
        __m512i v = _mm512_maskz_loadu_epi8(there, text + from);
        v = _mm512_mask_add_epi8(v, below(v, 'A', 26), v, _mm512_set1_epi8(0x20));
        _mm512_storeu_si512(lower + from, v);
        /* in lower case, the letters' old places are free: what lies in 21 .. 7e and is no letter or digit is a mark */
        __mmask64 blank = equal(v, ' ') | equal(v, '\t') | equal(v, '\n') | equal(v, '\r');
        __mmask64 marks = below(v, 0x21, 0x5e) & ~(below(v, 'a', 26) | below(v, '0', 10));
        *mark = marks;
        *word = there & ~(blank | marks);
        bracket |= equal(v, '[');
    }
    return bracket != 0;
}

const ew_word_kernels ew_word_kernels_avx512 = {"avx512", scan};
#else
typedef int ew_word_kernels_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
