/* AVX-512 bodies; dot products by VNNI (vpdpbusd: unsigned times signed bytes, exact in int32). Sixteen rows of b are packed so
 * that their sums fill the lanes of one register: four bytes of each row side by side, against four bytes of a row of a in every
 * lane. b's sign is moved out of the way by a xor 128 = b + 128 as unsigned, and 128 * sum(a) is taken off again. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "bodies.h"
#include "pack512.h"
#include "vnni512.h"

/* Rows of a at a time; rows of b in a register; bytes of a row packed at a time. */
enum { A = EW_VNNI_ROWS, LANES = 16, SLAB = 1024 };

static inline int32_t offset_of(const int8_t *row, uint32_t n) { /* 128 * sum(row) */
    __m512i sum = _mm512_setzero_si512(), high = _mm512_set1_epi8((char)0x80);
    for (uint32_t k = 0; k < n; k += 64) sum = _mm512_dpbusd_epi32(sum, high, _mm512_load_si512(row + k));
    return _mm512_reduce_add_epi32(sum);
}

EW_VNNI_BODY(eight_by_two, A, 2)
EW_VNNI_BODY(eight_by_one, A, 1)
EW_VNNI_BODY(one_by_two, 1, 2)
EW_VNNI_BODY(one_by_one, 1, 1)

typedef struct { __m512i left[SLAB / 4], right[SLAB / 4]; } some_of_b; /* sixteen rows, and sixteen more */

/* `rows` rows of a (A, or 1) against n packed rows of b; 128 * sum is taken off, and what earlier slabs gave is added. */
static inline void rows_of_a(const int8_t *a, uint32_t rows, uint32_t stride, uint32_t bytes, const some_of_b *b, uint32_t n,
                             int32_t *out, uint32_t apart, int add) {
    __m512i low[A], high[A];
    uint32_t lanes = n < 2 * LANES ? (1u << n) - 1 : UINT32_MAX;
    const int8_t *row[A];
    int32_t begin[A];
    for (uint32_t r = 0; r < rows; r++) {
        row[r] = a + (size_t)r * stride;
        begin[r] = -offset_of(row[r], bytes);
    }
    if (rows > 1) (n > LANES ? eight_by_two : eight_by_one)(b->left, b->right, row, begin, bytes, low, high);
    else (n > LANES ? one_by_two : one_by_one)(b->left, b->right, row, begin, bytes, low, high);
    for (uint32_t r = 0; r < rows; r++) {
        int32_t *at = out + (size_t)r * apart;
        if (add) {
            low[r] = _mm512_add_epi32(low[r], _mm512_maskz_loadu_epi32((__mmask16)lanes, at));
            high[r] = _mm512_add_epi32(high[r], _mm512_maskz_loadu_epi32((__mmask16)(lanes >> LANES), at + LANES));
        }
        _mm512_mask_storeu_epi32(at, (__mmask16)lanes, low[r]);
        _mm512_mask_storeu_epi32(at + LANES, (__mmask16)(lanes >> LANES), high[r]);
    }
}

/* One row of a: to pack b would cost more than it saves. */
static void one_row(const int8_t *a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    int32_t offset = offset_of(a, stride);
    for (uint32_t j = 0; j < n_b; j++, b += stride) {
        __m512i sum = _mm512_setzero_si512();
        for (uint32_t k = 0; k < stride; k += 64)
            sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_load_si512(b + k), flip), _mm512_load_si512(a + k));
        out[j] = _mm512_reduce_add_epi32(sum) - offset;
    }
}

void ew_dot_i8_avx512(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out,
                      uint32_t apart) {
    if (n_a == 1) {
        one_row(a, b, n_b, stride, out);
        return;
    }
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    some_of_b packed;
    for (uint32_t from = 0; from < stride; from += SLAB) {
        uint32_t bytes = stride - from < SLAB ? stride - from : SLAB;
        for (uint32_t j = 0; j < n_b; j += 2 * LANES) {
            uint32_t n = n_b - j < 2 * LANES ? n_b - j : 2 * LANES, i = 0;
            const int8_t *at = b + (size_t)j * stride + from;
            for (uint32_t k = 0; k < bytes; k += 64) {
                ew_pack64(at + k, n < LANES ? n : LANES, stride, flip, packed.left + k / 4);
                if (n > LANES) ew_pack64(at + (size_t)LANES * stride + k, n - LANES, stride, flip, packed.right + k / 4);
            }
            for (; i + A <= n_a; i += A)
                rows_of_a(a + (size_t)i * stride + from, A, stride, bytes, &packed, n, out + (size_t)i * apart + j, apart,
                          from > 0);
            for (; i < n_a; i++)
                rows_of_a(a + (size_t)i * stride + from, 1, stride, bytes, &packed, n, out + (size_t)i * apart + j, apart,
                          from > 0);
        }
    }
}

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    ew_dot_i8_avx512(a, n_a, b, n_b, stride, out, n_b);
}

static int32_t dot_i16(const int16_t *a, const int16_t *b, uint32_t n) {
    __m512i s = _mm512_setzero_si512(), t = s;
    uint32_t k = 0;
    for (; k + 64 <= n; k += 64) {
        s = _mm512_dpwssd_epi32(s, _mm512_loadu_si512(a + k), _mm512_loadu_si512(b + k));
        t = _mm512_dpwssd_epi32(t, _mm512_loadu_si512(a + k + 32), _mm512_loadu_si512(b + k + 32));
    }
    if (k < n) s = _mm512_dpwssd_epi32(s, _mm512_loadu_si512(a + k), _mm512_loadu_si512(b + k));
    return _mm512_reduce_add_epi32(_mm512_add_epi32(s, t));
}

static float norm2(const float *x, uint32_t d) {
    if (d % 16) return ew_kernels_serial.norm2(x, d);
    __m512 s = _mm512_setzero_ps();
    for (uint32_t k = 0; k < d; k += 16) {
        __m512 u = _mm512_loadu_ps(x + k);
        s = _mm512_add_ps(s, _mm512_mul_ps(u, u));
    }
    float part[16];
    _mm512_storeu_ps(part, s);
    for (uint32_t half = 8; half; half /= 2)
        for (uint32_t l = 0; l < half; l++) part[l] += part[l + half];
    return part[0];
}

static uint32_t at_least(const int32_t *values, uint32_t n, int32_t floor, uint32_t *out) {
    uint32_t found = 0, j = 0;
    __m512i least = _mm512_set1_epi32(floor);
    for (; j + 16 <= n; j += 16) {
        unsigned mask = _mm512_cmpge_epi32_mask(_mm512_loadu_si512(values + j), least);
        for (; mask; mask &= mask - 1) out[found++] = j + (uint32_t)__builtin_ctz(mask);
    }
    for (; j < n; j++)
        if (values[j] >= floor) out[found++] = j;
    return found;
}

static size_t ascii_run(const char *text, size_t n) {
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        uint64_t mask = _mm512_movepi8_mask(_mm512_loadu_si512(text + i));
        if (mask) return i + (size_t)__builtin_ctzll(mask);
    }
    return i + ew_kernels_serial.ascii_run(text + i, n - i);
}

const ew_kernels ew_kernels_avx512 = {"avx512", dot_i8, dot_i16, norm2, at_least, ascii_run};
#else
typedef int ew_kernels_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
