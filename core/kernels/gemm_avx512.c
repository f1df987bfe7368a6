/* AVX-512 with VNNI: bytes by vpdpbusd, those of w with their sign bits turned (vnni512.h); vpdpwssd takes pairs of int16 as they
 * are. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "gemm_bodies.h"
#include "vnni512.h"

enum { ROWS = EW_VNNI_ROWS, PAIR_ROWS = 6 }; /* of a at a time, by two registers of sums each */
enum { AT_ONCE = 128 }; /* rows that a block of columns meets before the next block does; a multiple of ROWS */

static inline int32_t offset_of(const int8_t *row, uint32_t n) { /* 128 * sum(row) */
    __m512i sum = _mm512_setzero_si512(), high = _mm512_set1_epi8((char)0x80);
    for (uint32_t c = 0; c < n; c += 64) sum = _mm512_dpbusd_epi32(sum, high, _mm512_load_si512(row + c));
    return _mm512_reduce_add_epi32(sum);
}

/* Eight rows by 32 columns; begin: where their sums begin. */
static inline __attribute__((always_inline)) void block_i8(const int8_t *row, uint32_t k, const int8_t *left,
                                                           const int32_t *begin, int32_t *out, uint32_t apart) {
    const int8_t *rows[ROWS];
    __m512i low[ROWS], high[ROWS];
    for (uint32_t r = 0; r < ROWS; r++) rows[r] = row + (size_t)r * k;
    ew_vnni_products((const __m512i *)left, (const __m512i *)(left + (size_t)16 * k), rows, begin, ROWS, 2, 1, k, low, high);
    for (uint32_t r = 0; r < ROWS; r++) {
        _mm512_storeu_si512(out + (size_t)r * apart, low[r]);
        _mm512_storeu_si512(out + (size_t)r * apart + 16, high[r]);
    }
}

/* Weights come from far: all of an encoder's are more than the nearer caches hold. While a column block is at work, each block of
 * rows asks for its share of the next one, which lies behind it, be it this matrix's or another's. */
static void i8(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart) {
    int32_t begin[AT_ONCE];
    for (uint32_t from = 0; from < m; from += AT_ONCE) {
        uint32_t rows = ew_gemm_up(m - from < AT_ONCE ? m - from : AT_ONCE, ROWS), blocks = rows / ROWS;
        uint32_t share = (k / 2 + blocks - 1) / blocks; /* lines of 64 bytes; a column block has k / 2 */
        const int8_t *row = a + (size_t)from * k;
        for (uint32_t r = 0; r < rows; r++) begin[r] = -offset_of(row + (size_t)r * k, k);
        for (uint32_t j = 0; j < n; j += 32) {
            const int8_t *w = packed + (size_t)j * k;
            const char *next = (const char *)w + (size_t)32 * k;
            for (uint32_t i = 0; i < rows; i += ROWS) {
                for (uint32_t q = 0; q < share; q++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
                block_i8(row + (size_t)i * k, k, w, begin + i, out + (size_t)(from + i) * apart + j, apart);
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
            __m512i x = _mm512_set1_epi32(ew_four_bytes(a + (size_t)r * lead + c));
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
