#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "fold.h"

typedef struct { unsigned words, wide, controls; } masks;

/* Bytes are compared with sign: what is 0x80 or more lies below everything else. */
static inline __m256i between(__m256i x, char least, char most) {
    return _mm256_and_si256(_mm256_cmpgt_epi8(x, _mm256_set1_epi8((char)(least - 1))),
                            _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(most + 1)), x));
}

static inline masks fold32(const char *text, char *low) {
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)text);
    __m256i small = _mm256_or_si256(x, _mm256_and_si256(between(x, 'A', 'Z'), _mm256_set1_epi8(32)));
    __m256i word = _mm256_or_si256(between(small, 'a', 'z'), between(small, '0', '9'));
    __m256i wide = _mm256_cmpgt_epi8(_mm256_setzero_si256(), x);
    __m256i below = _mm256_andnot_si256(_mm256_or_si256(wide, between(x, '\t', '\r')),
                                        _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), x));
    _mm256_storeu_si256((__m256i *)(void *)low, small);
    return (masks){(unsigned)_mm256_movemask_epi8(word), (unsigned)_mm256_movemask_epi8(wide),
                   (unsigned)_mm256_movemask_epi8(_mm256_or_si256(below, _mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7f))))};
}

static unsigned fold(const char *text, size_t n, char *low, uint64_t *words, uint64_t *wide) {
    uint64_t wides = 0;
    unsigned controls = 0;
    for (size_t at = 0; at < n; at += 64) {
        char last[64];
        const char *from = text + at;
        if (n - at < 64) {
            memset(last, ' ', sizeof last);
            memcpy(last, from, n - at);
            from = last;
        }
        masks a = fold32(from, low + at), b = fold32(from + 32, low + at + 32);
        words[at / 64] = a.words | (uint64_t)b.words << 32;
        wide[at / 64] = a.wide | (uint64_t)b.wide << 32;
        wides |= wide[at / 64];
        controls |= a.controls | b.controls;
    }
    if (n % 64) memset(low + n, 0, 64 - n % 64);
    return (wides ? EW_FOLD_WIDE : 0u) | (controls ? EW_FOLD_CONTROL : 0u);
}

const ew_fold ew_fold_avx2 = {"avx2", fold};
#else
typedef int ew_fold_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
