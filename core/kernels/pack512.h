/* Four bytes of each of sixteen rows side by side: how VNNI and AMX want one operand. */
#ifndef EW_KERNELS_PACK512_H
#define EW_KERNELS_PACK512_H

#include <immintrin.h>
#include <stdint.h>

/* Sixteen rows of 64 bytes -> sixteen registers of four bytes of each row: a transpose of 16 x 16 words. r is scratch afterwards.
 */
static inline void ew_turn64(__m512i r[16], __m512i *out) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) { /* now 4 x 4 blocks of 128 bits */
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        out[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        out[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        out[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        out[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

/* The same of 64 bytes of up to sixteen rows that lie `stride` apart, xor `flip`; zeros where there are fewer. */
static inline void ew_pack64(const int8_t *rows, uint32_t n, uint32_t stride, __m512i flip, __m512i *out) {
    __m512i r[16];
    for (uint32_t i = 0; i < 16; i++)
        r[i] = i < n ? _mm512_xor_si512(_mm512_load_si512(rows + (size_t)i * stride), flip)
                     : _mm512_setzero_si512();
    ew_turn64(r, out);
}

#endif
