/* gather: sums of the rows of a table of int8 values with one scale a row, and rows brought to length 1.
 *
 * Arithmetic in float32, in one order for all bodies: serial's is the oracle. No state, any thread. */
#ifndef EW_KERNELS_GATHER_H
#define EW_KERNELS_GATHER_H

#include <stddef.h>
#include <stdint.h>

typedef struct ew_gather_kernels {
    const char *name;
    /* sum[0 .. d) += scales[i] * rows[i * d + ...] for i = each of ids in order; d a multiple of 16. Multiply, then add: no fma. */
    void (*add)(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, float *sum);
    /* x[0 .. d) to length 1: times 1 / its length; all zeros where that is 0 or below `least`. The sum of squares is taken in
     * sixteen parts by position mod 16, folded 8, 4, 2, 1. */
    void (*unit)(float *x, uint32_t d, float least);
} ew_gather_kernels;

const ew_gather_kernels *ew_gather_kernels_get(void);
/* By name of the instruction set, NULL if this build or processor lacks it. */
const ew_gather_kernels *ew_gather_kernels_named(const char *name);

#endif
