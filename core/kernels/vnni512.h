/* Up to eight rows of signed bytes by 16 or 32 lanes of bytes, four bytes of a lane side by side (pack512.h): vpdpbusd, exact in
 * int32. It takes the lanes as unsigned; signed ones go through it with 128 added, by their sign bits (`turned`), and their sums
 * begin at -128 * sum(row). Every sum has a name of its own: sums in an array are copied about by gcc 12, for half as much work
 * again. */
#ifndef EW_KERNELS_VNNI512_H
#define EW_KERNELS_VNNI512_H

#include <immintrin.h>
#include <stdint.h>

enum { EW_VNNI_ROWS = 8 };

static inline int32_t ew_four_bytes(const void *p) {
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return word;
}

/* low[r], high[r]: begin[r] + the products of row r and of the lanes of left, of right. `many` (1 .. 8), `wide` (1: without
 * right) and `turned` are constants once inlined. */
static inline __attribute__((always_inline)) void ew_vnni_products(const __m512i *left, const __m512i *right,
                                                                   const int8_t *const *row, const int32_t *begin, uint32_t many,
                                                                   uint32_t wide, int turned, uint32_t bytes, __m512i *low,
                                                                   __m512i *high) {
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define BEGIN(r)                                                                                                                 \
    const int8_t *row##r = row[r < many ? r : 0];                                                                                \
    __m512i a##r = _mm512_set1_epi32(begin[r < many ? r : 0]), b##r = a##r;
#define STEP(r)                                                                                                                  \
    if (r < many) {                                                                                                              \
        __m512i x = _mm512_set1_epi32(ew_four_bytes(row##r + (size_t)k * 4));                                                    \
        a##r = _mm512_dpbusd_epi32(a##r, u, x);                                                                                  \
        if (wide > 1) b##r = _mm512_dpbusd_epi32(b##r, v, x);                                                                    \
    }
#define END(r)                                                                                                                   \
    if (r < many) low[r] = a##r, high[r] = b##r;
    const __m512i signs = _mm512_set1_epi8((char)0x80);
    EACH(BEGIN)
    for (uint32_t k = 0; k < bytes / 4; k++) {
        __m512i u = left[k], v = wide > 1 ? right[k] : u;
        if (turned) u = _mm512_xor_si512(u, signs), v = _mm512_xor_si512(v, signs);
        EACH(STEP)
    }
    EACH(END)
#undef EACH
#undef BEGIN
#undef STEP
#undef END
}

/* Not inlined: beside other work the sums would not stay in registers either. */
#define EW_VNNI_BODY(name, many, wide)                                                                                           \
    static __attribute__((noinline)) void name(const __m512i *left, const __m512i *right, const int8_t *const *row,              \
                                               const int32_t *begin, uint32_t bytes, __m512i *low, __m512i *high) {              \
        ew_vnni_products(left, right, row, begin, many, wide, 0, bytes, low, high);                                              \
    }

#endif
