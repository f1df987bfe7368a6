/* AVX2: int8 products widened to int16 pairs (vpmaddwd), exact; four rows share each load of a target. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "sift.h"

static inline __m256i wide(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)p)); }

/* The sums of four registers, side by side. */
static inline __m128i sum4(__m256i a, __m256i b, __m256i c, __m256i d) {
    __m256i s = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
}

static uint32_t sift(const int8_t *packed, uint32_t n, const ew_sift_row *rows, uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0, i = 0;
    for (; i + 4 <= m; i += 4) {
        const int8_t *a = rows[i].row, *b = rows[i + 1].row, *c = rows[i + 2].row, *d = rows[i + 3].row;
        __m128i floor = _mm_setr_epi32(rows[i].floor, rows[i + 1].floor, rows[i + 2].floor, rows[i + 3].floor);
        for (uint32_t j = 0; j < n; j++) {
            const int8_t *y = packed + (size_t)j * stride;
            __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
            for (uint32_t k = 0; k < stride; k += 16) {
                __m256i v = wide(y + k);
                s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(v, wide(a + k)));
                s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(v, wide(b + k)));
                s2 = _mm256_add_epi32(s2, _mm256_madd_epi16(v, wide(c + k)));
                s3 = _mm256_add_epi32(s3, _mm256_madd_epi16(v, wide(d + k)));
            }
            __m128i dots = sum4(s0, s1, s2, s3);
            unsigned below = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(floor, dots)));
            if (below == 15) continue;
            int32_t four[4];
            _mm_storeu_si128((__m128i *)four, dots);
            for (uint32_t r = 0; r < 4; r++)
                if (!(below >> r & 1)) hits[found++] = (ew_sift_hit){i + r, j, four[r]};
        }
    }
    uint32_t rest = ew_sift_serial.sift(packed, n, rows + i, m - i, stride, hits + found);
    for (uint32_t h = 0; h < rest; h++) hits[found + h].row += i;
    return found + rest;
}

const ew_sift ew_sift_avx2 = {"avx2", ew_sift_pack_rows, sift};
#else
typedef int ew_sift_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
