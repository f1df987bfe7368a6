/* AVX-512 with VNNI. vpdpbusd multiplies unsigned by signed bytes, so w's sign is moved out of the way by a xor (w + 128 as
 * unsigned) and 128 * sum(row of a) is where the sums begin, negated. vpdpwssd takes pairs of int16 as they are. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "gemm_bodies.h"

enum { ROWS = 8, PAIR_ROWS = 6 }; /* of a at a time, by two registers of sums each */

static inline int32_t offset_of(const int8_t *row, uint32_t n) { /* 128 * sum(row) */
    __m512i sum = _mm512_setzero_si512(), high = _mm512_set1_epi8((char)0x80);
    for (uint32_t c = 0; c < n; c += 64) sum = _mm512_dpbusd_epi32(sum, high, _mm512_load_si512(row + c));
    return _mm512_reduce_add_epi32(sum);
}

static inline __m512i four_bytes(const void *p) {
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return _mm512_set1_epi32(word);
}

static void i8(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart) {
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    for (uint32_t i = 0; i < m; i += ROWS) {
        const int8_t *row = a + (size_t)i * k;
        int32_t offset[ROWS];
        for (uint32_t r = 0; r < ROWS; r++) offset[r] = offset_of(row + (size_t)r * k, k);
        for (uint32_t j = 0; j < n; j += 32) {
            const int8_t *left = packed + (size_t)j * k, *right = left + (size_t)16 * k;
            __m512i s[ROWS][2];
            for (int r = 0; r < ROWS; r++) s[r][0] = s[r][1] = _mm512_set1_epi32(-offset[r]);
            for (uint32_t c = 0; c < k; c += 4) {
                __m512i w0 = _mm512_xor_si512(_mm512_load_si512(left + (size_t)c * 16), flip);
                __m512i w1 = _mm512_xor_si512(_mm512_load_si512(right + (size_t)c * 16), flip);
                for (int r = 0; r < ROWS; r++) {
                    __m512i x = four_bytes(row + (size_t)r * k + c);
                    s[r][0] = _mm512_dpbusd_epi32(s[r][0], w0, x);
                    s[r][1] = _mm512_dpbusd_epi32(s[r][1], w1, x);
                }
            }
            for (uint32_t r = 0; r < ROWS; r++) {
                _mm512_storeu_si512(out + (size_t)(i + r) * apart + j, s[r][0]);
                _mm512_storeu_si512(out + (size_t)(i + r) * apart + j + 16, s[r][1]);
            }
        }
    }
}

/* `rows` rows by 16 * `wide` columns: constants, once inlined, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void rows_i16(const int16_t *a, uint32_t lead, uint32_t rows, uint32_t k,
                                                           const int16_t *pairs, uint32_t n, uint32_t wide, int32_t *out,
                                                           uint32_t apart) {
    __m512i s[PAIR_ROWS][2];
    for (uint32_t r = 0; r < rows; r++) s[r][0] = s[r][1] = _mm512_setzero_si512();
    for (uint32_t c = 0; c < k; c += 2, pairs += (size_t)n * 2) {
        __m512i low = _mm512_loadu_si512(pairs), high = wide > 1 ? _mm512_loadu_si512(pairs + 32) : low;
        for (uint32_t r = 0; r < rows; r++) {
            __m512i x = four_bytes(a + (size_t)r * lead + c);
            s[r][0] = _mm512_dpwssd_epi32(s[r][0], x, low);
            if (wide > 1) s[r][1] = _mm512_dpwssd_epi32(s[r][1], x, high);
        }
    }
    for (uint32_t r = 0; r < rows; r++) {
        _mm512_storeu_si512(out + (size_t)r * apart, s[r][0]);
        if (wide > 1) _mm512_storeu_si512(out + (size_t)r * apart + 16, s[r][1]);
    }
}

static void i16(const int16_t *a, uint32_t lead, uint32_t m, uint32_t k, const int16_t *pairs, uint32_t n, int32_t *out,
                uint32_t apart) {
    for (uint32_t j = 0; j < n;) {
        uint32_t wide = n - j >= 32 ? 2 : 1, i = 0;
        const int16_t *b = pairs + (size_t)j * 2;
        for (; i + PAIR_ROWS <= m; i += PAIR_ROWS) {
            if (wide == 2)
                rows_i16(a + (size_t)i * lead, lead, PAIR_ROWS, k, b, n, 2, out + (size_t)i * apart + j, apart);
            else
                rows_i16(a + (size_t)i * lead, lead, PAIR_ROWS, k, b, n, 1, out + (size_t)i * apart + j, apart);
        }
        for (; i < m; i++) {
            if (wide == 2)
                rows_i16(a + (size_t)i * lead, lead, 1, k, b, n, 2, out + (size_t)i * apart + j, apart);
            else
                rows_i16(a + (size_t)i * lead, lead, 1, k, b, n, 1, out + (size_t)i * apart + j, apart);
        }
        j += wide * 16;
    }
}

const ew_gemm ew_gemm_avx512 = {"avx512", i8, i16};
#else
typedef int ew_gemm_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
