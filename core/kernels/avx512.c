/* AVX-512 bodies; dot products by VNNI (vpdpbusd: unsigned times signed bytes, exact in int32). Sixteen rows of b are packed so
 * that their sums fill the lanes of one register: four bytes of each row side by side, against four bytes of a row of a in every
 * lane. b's sign is moved out of the way by a xor 128 = b + 128 as unsigned, and 128 * sum(a) is taken off again. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "bodies.h"
#include "pack512.h"

enum { A = 8, LANES = 16, SLAB = 1024 }; /* rows of a at a time; rows of b in a register; bytes of a row packed at a time */

static inline int32_t offset_of(const int8_t *row, uint32_t n) { /* 128 * sum(row) */
    __m512i sum = _mm512_setzero_si512(), high = _mm512_set1_epi8((char)0x80);
    for (uint32_t k = 0; k < n; k += 64) sum = _mm512_dpbusd_epi32(sum, high, _mm512_load_si512(row + k));
    return _mm512_reduce_add_epi32(sum);
}

static inline __m512i four_bytes(const int8_t *p) {
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return _mm512_set1_epi32(word);
}

/* `rows` rows of a against the packed sixteen of b; 128 * sum is taken off, and what earlier slabs gave is added. */
static inline void rows_of_a(const int8_t *a, uint32_t rows, uint32_t stride, uint32_t bytes, const __m512i *packed,
                             const int32_t *offset, __mmask16 lanes, int32_t *out, uint32_t apart, int add) {
    __m512i s[A];
    for (uint32_t r = 0; r < rows; r++) s[r] = _mm512_set1_epi32(-offset[r]);
    for (uint32_t k = 0; k < bytes / 4; k++)
        for (uint32_t r = 0; r < rows; r++)
            s[r] = _mm512_dpbusd_epi32(s[r], packed[k], four_bytes(a + (size_t)r * stride + k * 4));
    for (uint32_t r = 0; r < rows; r++) {
        int32_t *at = out + (size_t)r * apart;
        if (add) s[r] = _mm512_add_epi32(s[r], _mm512_maskz_loadu_epi32(lanes, at));
        _mm512_mask_storeu_epi32(at, lanes, s[r]);
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
    __m512i packed[SLAB / 4];
    int32_t offset[A];
    for (uint32_t from = 0; from < stride; from += SLAB) {
        uint32_t bytes = stride - from < SLAB ? stride - from : SLAB;
        for (uint32_t j = 0; j < n_b; j += LANES) {
            uint32_t n = n_b - j < LANES ? n_b - j : LANES;
            __mmask16 lanes = (__mmask16)((1u << n) - 1);
            for (uint32_t k = 0; k < bytes; k += 64)
                ew_pack64(b + (size_t)j * stride + from + k, n, stride, _mm512_set1_epi8((char)0x80), packed + k / 4);
            for (uint32_t i = 0; i < n_a; i += A) {
                uint32_t rows = n_a - i < A ? n_a - i : A;
                const int8_t *at = a + (size_t)i * stride + from;
                for (uint32_t r = 0; r < rows; r++) offset[r] = offset_of(at + (size_t)r * stride, bytes);
                if (rows == A) /* a constant count keeps the sums in registers */
                    rows_of_a(at, A, stride, bytes, packed, offset, lanes, out + (size_t)i * apart + j, apart, from > 0);
                else
                    rows_of_a(at, rows, stride, bytes, packed, offset, lanes, out + (size_t)i * apart + j, apart, from > 0);
            }
        }
    }
}

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    ew_dot_i8_avx512(a, n_a, b, n_b, stride, out, n_b);
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

const ew_kernels ew_kernels_avx512 = {"avx512", dot_i8, norm2, at_least, ascii_run};
#else
typedef int ew_kernels_avx512_is_for_x86; /* a translation unit may not be empty */
#endif
