/* Vectors of sixteen floats, written once and compiled once an instruction set: what the bodies of smooth.h and blend.h are made
 * of. A file of an instruction set defines HIGHER and LOWER, PUT_BYTES, PUT_SHORTS and GET_BYTES first where it has better than
 * the plain ones. Vectors go by pointer: sixteen floats are not what every calling convention passes, and everything here is
 * inlined. */
#ifndef EW_KERNELS_SIXTEEN_H
#define EW_KERNELS_SIXTEEN_H

#include <stdint.h>

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));
typedef float vf_any __attribute__((vector_size(64), aligned(4), may_alias)); /* the same at any address */
typedef int32_t vi_any __attribute__((vector_size(64), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define LOAD(p) (*(const vf_any *)(p))
#define STORE(p, x) (*(vf_any *)(p) = (x))
#define ALL(x) ((vf){0} + (x)) /* x in every lane; x is not -0 */
#ifndef HIGHER /* a > b ? a : b, lane by lane */
#define HIGHER(a, b) ((vf)(((vi)(a) & ((a) > (b))) | ((vi)(b) & ~((a) > (b)))))
#define LOWER(a, b) ((vf)(((vi)(a) & ((a) < (b))) | ((vi)(b) & ~((a) < (b)))))
#endif
#ifndef PUT_BYTES /* sixteen integers that fit, as int8 or int16 */
#define PUT_BYTES(to, x)                                                                                                         \
    for (int lane = 0; lane < 16; lane++) (to)[lane] = (int8_t)(x)[lane]
#define PUT_SHORTS(to, x)                                                                                                        \
    for (int lane = 0; lane < 16; lane++) (to)[lane] = (int16_t)(x)[lane]
#endif

#ifndef GET_BYTES /* sixteen int8 as floats */
#define GET_BYTES(from, x)                                                                                                       \
    for (int lane = 0; lane < 16; lane++) (x)[lane] = (float)(from)[lane]
#endif

/* Rounding to the nearest integer, ties to even, for |x| < 2^22: added to 1.5 * 2^23 the fraction falls off. */
#define MAGIC 12582912.0f
INLINE void nearest(const vf *x, vi *out) { *out = (vi)((vu)(*x + MAGIC) - 0x4b400000u); }

/* Sixteen lanes into one, by halves: lane 0 holds the result. */
#define HALF(x, a, b, c, d, e, f, g, h)                                                                                          \
    __builtin_shufflevector(x, x, a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h)

INLINE float fold_sum(const vf *x) {
    vf y = *x + HALF(*x, 8, 9, 10, 11, 12, 13, 14, 15);
    y += HALF(y, 4, 5, 6, 7, 0, 1, 2, 3);
    y += HALF(y, 2, 3, 0, 1, 6, 7, 4, 5);
    y += HALF(y, 1, 0, 3, 2, 5, 4, 7, 6);
    return y[0];
}

INLINE float fold_most(const vf *x) {
    vf z = HALF(*x, 8, 9, 10, 11, 12, 13, 14, 15), y = HIGHER(*x, z);
    z = HALF(y, 4, 5, 6, 7, 0, 1, 2, 3);
    y = HIGHER(y, z);
    z = HALF(y, 2, 3, 0, 1, 6, 7, 4, 5);
    y = HIGHER(y, z);
    z = HALF(y, 1, 0, 3, 2, 5, 4, 7, 6);
    y = HIGHER(y, z);
    return y[0];
}

/* exp for x <= 0, relative error below 3e-7; below -87 it is as at -87. 2^k * e^r, |r| <= ln 2 / 2, e^r by its series. */
INLINE void exp_down(vf *x) {
    vf low = ALL(-87.0f), y = HIGHER(*x, low), t = y * 0x1.715476p+0f;
    vi k;
    nearest(&t, &k);
    vf whole = (t + MAGIC) - MAGIC;
    vf r = (y - whole * 0x1.62e4p-1f) - whole * 0x1.7f7d1cp-20f; /* ln 2 in two parts, the first short: whole * it is exact */
    vf p = r * (1.0f / 5040) + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    *x = p * (vf)((vu)(k + 127) << 23);
}

#endif
