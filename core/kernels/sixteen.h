/* Vectors of sixteen floats, written once and compiled once an instruction set: what the bodies of smooth.h and blend.h are made
 * of. A file of an instruction set defines HIGHER and LOWER, PUT_BYTES, PUT_SHORTS and GET_BYTES first where it has better than
 * the plain ones, and TOGETHER with IN_STEP where it has the registers. Vectors go by pointer: sixteen floats are not what every
 * calling convention passes, and everything here is inlined. */
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
#ifndef HIGHEST /* the same of integers */
#define HIGHEST(a, b) (((a) & ((a) > (b))) | ((b) & ~((a) > (b))))
#endif
#ifndef PUT_BYTES /* sixteen integers as int8, at the end of its range where they are beyond; as int16, if they fit */
#define PUT_BYTES(to, x)                                                                                                         \
    for (int lane = 0; lane < 16; lane++) (to)[lane] = (int8_t)((x)[lane] > 127 ? 127 : (x)[lane] < -128 ? -128 : (x)[lane])
#define PUT_SHORTS(to, x)                                                                                                        \
    for (int lane = 0; lane < 16; lane++) (to)[lane] = (int16_t)(x)[lane]
#endif

#ifndef GET_BYTES /* sixteen int8 as floats */
#define GET_BYTES(from, x)                                                                                                       \
    for (int lane = 0; lane < 16; lane++) (x)[lane] = (float)(from)[lane]
#endif

/* So many vectors are worked on in step: a polynomial waits for itself, and others have room between its terms. */
#ifndef TOGETHER
#define TOGETHER 1
#define IN_STEP(x) /* x is computed before what follows, as compilers like to finish one polynomial after the other */
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

#define FOLD(name, scalar, vector, MORE)                                                                                         \
    INLINE scalar name(const vector *x) {                                                                                        \
        vector z = HALF(*x, 8, 9, 10, 11, 12, 13, 14, 15), y = MORE(*x, z);                                                      \
        z = HALF(y, 4, 5, 6, 7, 0, 1, 2, 3);                                                                                     \
        y = MORE(y, z);                                                                                                          \
        z = HALF(y, 2, 3, 0, 1, 6, 7, 4, 5);                                                                                     \
        y = MORE(y, z);                                                                                                          \
        z = HALF(y, 1, 0, 3, 2, 5, 4, 7, 6);                                                                                     \
        y = MORE(y, z);                                                                                                          \
        return y[0];                                                                                                             \
    }
FOLD(fold_most, float, vf, HIGHER)
FOLD(fold_highest, int32_t, vi, HIGHEST)

/* exp for x <= 0, relative error below 3e-7; below -87 it is as at -87. 2^k * e^r, |r| <= ln 2 / 2, e^r by its series. Of
 * `many` vectors, a constant once inlined. */
INLINE void exp_down_of(vf *x, int many) {
    static const float c[8] = {1.0f, 1.0f, 0.5f, 1.0f / 6, 1.0f / 24, 1.0f / 120, 1.0f / 720, 1.0f / 5040};
    vf low = ALL(-87.0f), r[TOGETHER], p[TOGETHER];
    vi k[TOGETHER];
    for (int j = 0; j < many; j++) {
        vf y = HIGHER(x[j], low), t = y * 0x1.715476p+0f, whole = (t + MAGIC) - MAGIC;
        nearest(&t, &k[j]);
        r[j] = (y - whole * 0x1.62e4p-1f) - whole * 0x1.7f7d1cp-20f; /* ln 2 in two parts, the first short: whole * it is exact */
        p[j] = r[j] * c[7] + c[6];
    }
    for (int i = 5; i >= 0; i--)
        for (int j = 0; j < many; j++) {
            p[j] = p[j] * r[j] + c[i];
            IN_STEP(p[j]);
        }
    for (int j = 0; j < many; j++) x[j] = p[j] * (vf)((vu)(k[j] + 127) << 23);
}

INLINE void exp_down(vf *x) { exp_down_of(x, 1); }

#endif
