/* sums: rows of a table added up. One body, compiled once an instruction set; floats in one order and without fused multiply-add,
 * so the same bits from all of them. No state, any thread. */
#ifndef EW_KERNELS_SUMS_H
#define EW_KERNELS_SUMS_H

#include <stdint.h>

typedef struct ew_sums {
    const char *name;
    /* out[k] = sum over e = 0, 1, .. n - 1, in this order, of weights[e] * rows[where[e] * width + k], k < width. */
    void (*floats)(const float *rows, uint32_t width, const uint32_t *where, const float *weights, uint64_t n, float *out);
    /* out[k] = sum over e of weights[e] * rows[where[e] * stride + k], k < stride, a multiple of 64; weights NULL: all 1;
     * together they are below 2^24. */
    void (*bytes)(const int8_t *rows, uint32_t stride, const uint32_t *where, const uint32_t *weights, uint32_t n, int32_t *out);
    /* out[k] = floor(.5 + sums[k] * length / the length of sums), within -127 .. 127; zeros for zeros. |sums[k]| <= 2^22, stride,
     * a multiple of 64, up to 512: what is added up is exact then. */
    void (*direction)(const int32_t *sums, uint32_t stride, double length, int8_t *out);
} ew_sums;

enum { EW_DIRECTION_MOST = 1 << 22, EW_DIRECTION_STRIDE = 512 };

const ew_sums *ew_sums_get(void);
const ew_sums *ew_sums_named(const char *name); /* NULL if this build or processor lacks it */

/* The bodies: only sums.c looks here. */
extern const ew_sums ew_sums_serial; /* SSE2 or NEON too: vectors are lowered to what the target has */
#if defined(__x86_64__)
extern const ew_sums ew_sums_avx2, ew_sums_avx512;
#endif

#endif
