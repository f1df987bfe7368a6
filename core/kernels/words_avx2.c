#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "words_bodies.h"

static inline __m256i below(__m256i v, char low, char count) { /* low <= v < low + count */
    v = _mm256_sub_epi8(v, _mm256_set1_epi8(low));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8((char)(count - 1))), v);
}
static inline __m256i equal(__m256i v, char c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)); }
static inline uint64_t bits(__m256i v) { return (uint32_t)_mm256_movemask_epi8(v); }

typedef struct half { uint64_t word, mark, bracket; } half;

static inline half scan32(const char *text, char *lower) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)text);
    v = _mm256_add_epi8(v, _mm256_and_si256(below(v, 'A', 26), _mm256_set1_epi8(0x20)));
    _mm256_storeu_si256((__m256i *)(void *)lower, v);
    __m256i blank = _mm256_or_si256(_mm256_or_si256(equal(v, ' '), equal(v, '\t')),
                                    _mm256_or_si256(equal(v, '\n'), equal(v, '\r')));
    __m256i marks = _mm256_andnot_si256(_mm256_or_si256(below(v, 'a', 26), below(v, '0', 10)), below(v, 0x21, 0x5e));
    return (half){bits(_mm256_or_si256(blank, marks)) ^ UINT32_MAX, bits(marks), bits(equal(v, '['))};
}

static bool scan(const char *text, size_t n, char *lower, uint64_t *word, uint64_t *mark) {
    uint64_t bracket = 0;
    for (size_t from = 0; from < n; from += 64, word++, mark++) {
        const char *at = text + from;
        char rest[64];
        if (n - from < 64) {
            memset(rest, 0, sizeof rest);
            memcpy(rest, at, n - from);
            at = rest;
        }
        half low = scan32(at, lower + from), high = scan32(at + 32, lower + from + 32);
        *mark = low.mark | high.mark << 32;
        *word = (low.word | high.word << 32) & ew_words_within(n - from);
        bracket |= low.bracket | high.bracket;
    }
    return bracket != 0;
}

const ew_word_kernels ew_word_kernels_avx2 = {"avx2", scan};
#else
typedef int ew_word_kernels_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
