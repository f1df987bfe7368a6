/* AVX-512 bodies; dot products by VNNI (vpdpbusd: unsigned times signed bytes, exact in int32). The sign of a is moved out of the
 * way by a xor 128 = a + 128 as unsigned, and 128 * sum(b) is taken off again. */
#include <immintrin.h>

#include "bodies.h"

enum { A = 8, B = 2 }; /* tile of rows held in registers: 16 sums */

static inline __m512i flipped(const int8_t *p) {
    return _mm512_xor_si512(_mm512_load_si512(p), _mm512_set1_epi8((char)0x80));
}

static inline int32_t offset_of(const int8_t *b, uint32_t stride) { /* 128 * sum(b) */
    __m512i sum = _mm512_setzero_si512(), high = _mm512_set1_epi8((char)0x80);
    for (uint32_t k = 0; k < stride; k += 64) sum = _mm512_dpbusd_epi32(sum, high, _mm512_load_si512(b + k));
    return _mm512_reduce_add_epi32(sum);
}

/* Sixteen vectors -> their sixteen sums, in order. */
static inline __m512i sums(const __m512i v[16]) {
    __m512i t[8], u[4], w[2];
    for (int i = 0; i < 8; i++)
        t[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_epi32(v[2 * i], v[2 * i + 1]));
    for (int i = 0; i < 4; i++)
        u[i] = _mm512_add_epi32(_mm512_unpacklo_epi64(t[2 * i], t[2 * i + 1]), _mm512_unpackhi_epi64(t[2 * i], t[2 * i + 1]));
    for (int i = 0; i < 2; i++)
        w[i] = _mm512_add_epi32(_mm512_shuffle_i32x4(u[2 * i], u[2 * i + 1], 0x88),
                                _mm512_shuffle_i32x4(u[2 * i], u[2 * i + 1], 0xdd));
    return _mm512_add_epi32(_mm512_shuffle_i32x4(w[0], w[1], 0x88), _mm512_shuffle_i32x4(w[0], w[1], 0xdd));
}

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    uint32_t j = 0;
    for (; j + B <= n_b; j += B) {
        const int8_t *b0 = b + (size_t)j * stride, *b1 = b0 + stride;
        int32_t off0 = offset_of(b0, stride), off1 = offset_of(b1, stride);
        uint32_t i = 0;
        for (; i + A <= n_a; i += A) {
            __m512i s[A * B];
            for (int r = 0; r < A * B; r++) s[r] = _mm512_setzero_si512();
            for (uint32_t k = 0; k < stride; k += 64) {
                __m512i v0 = _mm512_load_si512(b0 + k), v1 = _mm512_load_si512(b1 + k);
                for (int r = 0; r < A; r++) {
                    __m512i u = flipped(a + (size_t)(i + (uint32_t)r) * stride + k);
                    s[r] = _mm512_dpbusd_epi32(s[r], u, v0);
                    s[A + r] = _mm512_dpbusd_epi32(s[A + r], u, v1);
                }
            }
            int32_t total[16];
            _mm512_storeu_si512(total, sums(s));
            for (int r = 0; r < A; r++) {
                int32_t *at = out + (size_t)(i + (uint32_t)r) * n_b + j;
                at[0] = total[r] - off0;
                at[1] = total[A + r] - off1;
            }
        }
        for (; i < n_a; i++)
            for (uint32_t c = 0; c < B; c++)
                ew_kernels_serial.dot_i8(a + (size_t)i * stride, 1, b + (size_t)(j + c) * stride, 1, stride, out + (size_t)i * n_b + j + c);
    }
    for (; j < n_b; j++)
        for (uint32_t i = 0; i < n_a; i++)
            ew_kernels_serial.dot_i8(a + (size_t)i * stride, 1, b + (size_t)j * stride, 1, stride, out + (size_t)i * n_b + j);
}

static void gather_add(const int8_t *rows, const float *scales, uint32_t d, const uint16_t *ids, size_t n, float *sum) {
    for (uint32_t k = 0; k < d; k += 128) { /* the sums of 128 columns stay in registers over all ids */
        uint32_t parts = (d - k < 128 ? d - k : 128) / 16;
        __m512 s[8];
        for (uint32_t l = 0; l < parts; l++) s[l] = _mm512_loadu_ps(sum + k + l * 16);
        for (size_t i = 0; i < n; i++) {
            const int8_t *row = rows + (size_t)ids[i] * d + k;
            __m512 scale = _mm512_set1_ps(scales[ids[i]]);
            for (uint32_t l = 0; l < parts; l++) {
                __m512 x = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(row + l * 16))));
                s[l] = _mm512_add_ps(s[l], _mm512_mul_ps(scale, x));
            }
        }
        for (uint32_t l = 0; l < parts; l++) _mm512_storeu_ps(sum + k + l * 16, s[l]);
    }
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

const ew_kernels ew_kernels_avx512 = {"avx512", dot_i8, gather_add, norm2, at_least, ascii_run};
