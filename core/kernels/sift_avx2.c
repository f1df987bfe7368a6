/* AVX2: int8 products as int16 pairs (vpmaddwd), exact. The rows that ask are widened once, when they are packed; eight of them
 * share each widening of a target. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "sift.h"

enum { ROWS = 8 };

static inline __m256i wide(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)p)); }

static void pack(const int8_t *const *rows, uint32_t n, uint32_t stride, int8_t *packed) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < stride; k += 16)
            _mm256_store_si256((__m256i *)(void *)(packed + 2 * ((size_t)i * stride + k)), wide(rows[i] + k));
}

/* The sums of four registers, side by side. */
static inline __m128i sum4(const __m256i s[4]) {
    __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(s[0], s[1]), _mm256_hadd_epi32(s[2], s[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

/* Of `rows` rows (a constant, once inlined), the first of which is the `from`-th. */
static inline __attribute__((always_inline)) uint32_t some(const __m256i *packed, const int32_t *floor, uint32_t rows,
                                                           uint32_t from, const int8_t *targets, const uint32_t *which,
                                                           uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0, words = stride / 16;
    for (uint32_t j = 0; j < m; j++) {
        const int8_t *y = targets + (size_t)(which ? which[j] : j) * stride;
        __m256i s[ROWS];
        int32_t dots[ROWS];
        for (uint32_t r = 0; r < rows; r++) s[r] = _mm256_setzero_si256();
        for (uint32_t k = 0; k < words; k++) {
            __m256i v = wide(y + 16 * k);
            for (uint32_t r = 0; r < rows; r++)
                s[r] = _mm256_add_epi32(s[r], _mm256_madd_epi16(v, packed[(size_t)r * words + k]));
        }
        unsigned below = 0;
        for (uint32_t r = 0; r < rows; r += 4) {
            __m128i four = sum4(s + r), floors = _mm_loadu_si128((const __m128i *)(const void *)(floor + r));
            _mm_storeu_si128((__m128i *)(void *)(dots + r), four);
            below |= (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(floors, four))) << r;
        }
        for (unsigned hit = ~below & ((1u << rows) - 1); hit; hit &= hit - 1) {
            uint32_t r = (uint32_t)__builtin_ctz(hit);
            hits[found++] = (ew_sift_hit){(uint16_t)(from + r), (uint16_t)j, dots[r]};
        }
    }
    return found;
}

static uint32_t sift(const int8_t *packed, const int32_t *floor, uint32_t n, const int8_t *targets, const uint32_t *which,
                     uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    const __m256i *rows = (const __m256i *)(const void *)packed;
    uint32_t found = 0, i = 0;
    for (; i + ROWS <= n; i += ROWS)
        found += some(rows + (size_t)i * (stride / 16), floor + i, ROWS, i, targets, which, m, stride, hits + found);
    for (; i < n; i++) { /* the last few, one by one */
        const __m256i *row = rows + (size_t)i * (stride / 16);
        for (uint32_t j = 0; j < m; j++) {
            const int8_t *y = targets + (size_t)(which ? which[j] : j) * stride;
            __m256i s[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
            for (uint32_t k = 0; k < stride / 16; k++)
                s[0] = _mm256_add_epi32(s[0], _mm256_madd_epi16(wide(y + 16 * k), row[k]));
            int32_t dot = _mm_cvtsi128_si32(sum4(s));
            if (dot >= floor[i]) hits[found++] = (ew_sift_hit){(uint16_t)i, (uint16_t)j, dot};
        }
    }
    return found;
}

const ew_sift ew_sift_avx2 = {"avx2", 2, pack, sift};
#else
typedef int ew_sift_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
