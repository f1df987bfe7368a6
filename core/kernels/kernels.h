/* kernels: the few numeric primitives that everything's speed hangs on, one table of functions an instruction set.
 *
 * serial.c is the oracle: every other body gives the same bits. The table is chosen once, by what the processor has, or by the
 * environment variable EDGEWISE_ISA (serial, avx2, avx512, amx, neon) for tests. No state, any thread. */
#ifndef EW_KERNELS_H
#define EW_KERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef struct ew_kernels {
    const char *name;
    /* out[i * n_b + j] = dot(a row i, b row j) over `stride` int8 values (a multiple of 64; zeros pad). Rows lie `stride` apart,
     * 64-byte aligned. |out| < 2^31 for stride <= 2^16. */
    void (*dot_i8)(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out);
    /* Sum of a[k] * b[k], k < n, a multiple of 32; it and what it is summed from in any order are below 2^31. */
    int32_t (*dot_i16)(const int16_t *a, const int16_t *b, uint32_t n);
    /* Sum of squares of x[0 .. d): sixteen partial sums by position mod 16, folded 8, 4, 2, 1: one order for all. */
    float (*norm2)(const float *x, uint32_t d);
    /* Positions j with values[j] >= floor, ascending, to out (room for n); returns how many. */
    uint32_t (*at_least)(const int32_t *values, uint32_t n, int32_t floor, uint32_t *out);
    /* Length of the leading run of bytes below 0x80. */
    size_t (*ascii_run)(const char *text, size_t n);
} ew_kernels;

const ew_kernels *ew_kernels_get(void);
/* By name, NULL if this build or processor lacks it: for tests that compare them all. */
const ew_kernels *ew_kernels_named(const char *name);

#endif
