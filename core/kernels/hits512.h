/* Sixteen dot products and a mask -> hits (sift.h), side by side. */
#ifndef EW_KERNELS_HITS512_H
#define EW_KERNELS_HITS512_H

#include <immintrin.h>

#include "sift.h"

/* Of the rows from `row` on and one target. Writes whole registers, beyond what counts; returns how many do. */
static inline uint32_t ew_hits16(__mmask16 mask, __m512i dots, uint32_t row, uint32_t target, ew_sift_hit *hits) {
    const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                  first = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0),
                  second = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
    uint32_t many = (uint32_t)__builtin_popcount(mask);
    __m512i places = _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(row | target << 16))));
    dots = _mm512_maskz_compress_epi32(mask, dots);
    _mm512_storeu_si512(hits, _mm512_permutex2var_epi32(places, first, dots));
    if (many > 8) _mm512_storeu_si512(hits + 8, _mm512_permutex2var_epi32(places, second, dots));
    return many;
}

#endif
