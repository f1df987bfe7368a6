/* AVX2: bytes widened to int16, products in pairs (vpmaddwd): exact, without the saturation of vpmaddubsw. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "gemm_bodies.h"

enum { ROWS = 2 }; /* of a at a time: with four registers of sums each, and four of w, they fit the sixteen there are */

static inline __m256i four_bytes(const int8_t *p) { /* as int16, four times over */
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return _mm256_cvtepi8_epi16(_mm_set1_epi32(word));
}

static inline __m256i wide(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)p)); }

/* Two halves of each of eight sums -> the sums, in order. */
static inline __m256i fold(__m256i low, __m256i high) {
    return _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8);
}

static void i8(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart) {
    for (uint32_t j = 0; j < n; j += 16)
        for (uint32_t i = 0; i < m; i += ROWS) {
            const int8_t *block = packed + (size_t)j * k, *row = a + (size_t)i * k;
            __m256i s[ROWS][4];
            for (int r = 0; r < ROWS; r++)
                for (int q = 0; q < 4; q++) s[r][q] = _mm256_setzero_si256();
            for (uint32_t c = 0; c < k; c += 4, block += 64) {
                __m256i w0 = wide(block), w1 = wide(block + 16), w2 = wide(block + 32), w3 = wide(block + 48);
                for (int r = 0; r < ROWS; r++) {
                    __m256i x = four_bytes(row + (size_t)r * k + c);
                    s[r][0] = _mm256_add_epi32(s[r][0], _mm256_madd_epi16(x, w0));
                    s[r][1] = _mm256_add_epi32(s[r][1], _mm256_madd_epi16(x, w1));
                    s[r][2] = _mm256_add_epi32(s[r][2], _mm256_madd_epi16(x, w2));
                    s[r][3] = _mm256_add_epi32(s[r][3], _mm256_madd_epi16(x, w3));
                }
            }
            for (uint32_t r = 0; r < ROWS; r++) {
                int32_t *at = out + (size_t)(i + r) * apart + j;
                _mm256_storeu_si256((__m256i *)at, fold(s[r][0], s[r][1]));
                _mm256_storeu_si256((__m256i *)(at + 8), fold(s[r][2], s[r][3]));
            }
        }
}

static inline __m256i one_pair(const int16_t *p) {
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return _mm256_set1_epi32(word);
}

static inline void rows_i16(const int16_t *a, uint32_t lead, uint32_t rows, uint32_t k, const int16_t *pairs, uint32_t n,
                            int32_t *out, uint32_t apart) {
    __m256i s[4][2];
    for (uint32_t r = 0; r < rows; r++) s[r][0] = s[r][1] = _mm256_setzero_si256();
    for (uint32_t c = 0; c < k; c += 2, pairs += (size_t)n * 2) {
        __m256i low = _mm256_loadu_si256((const __m256i *)pairs), high = _mm256_loadu_si256((const __m256i *)(pairs + 16));
        for (uint32_t r = 0; r < rows; r++) {
            __m256i x = one_pair(a + (size_t)r * lead + c);
            s[r][0] = _mm256_add_epi32(s[r][0], _mm256_madd_epi16(x, low));
            s[r][1] = _mm256_add_epi32(s[r][1], _mm256_madd_epi16(x, high));
        }
    }
    for (uint32_t r = 0; r < rows; r++) {
        _mm256_storeu_si256((__m256i *)(out + (size_t)r * apart), s[r][0]);
        _mm256_storeu_si256((__m256i *)(out + (size_t)r * apart + 8), s[r][1]);
    }
}

static void i16(const int16_t *a, uint32_t lead, uint32_t m, uint32_t k, const int16_t *pairs, uint32_t n, int32_t *out,
                uint32_t apart) {
    for (uint32_t j = 0; j < n; j += 16) {
        uint32_t i = 0;
        for (; i + 4 <= m; i += 4)
            rows_i16(a + (size_t)i * lead, lead, 4, k, pairs + (size_t)j * 2, n, out + (size_t)i * apart + j, apart);
        for (; i < m; i++)
            rows_i16(a + (size_t)i * lead, lead, 1, k, pairs + (size_t)j * 2, n, out + (size_t)i * apart + j, apart);
    }
}

const ew_gemm ew_gemm_avx2 = {"avx2", i8, i16};
#else
typedef int ew_gemm_avx2_is_for_x86; /* a translation unit may not be empty */
#endif
