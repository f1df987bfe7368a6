/* gather: sums of the rows of a table of int8 values with one scale a row, and rows brought to length 1.
 *
 * The ids are taken EW_GATHER_GROUP at a time. A group's scales are rounded to multiples of a step, its largest scale / 16383, so
 * that its sums are exact integers whatever the order; times the step they are added to the sum in float32. Against exact scales
 * each row is off by at most half a step, some 3e-5 of the largest. serial's body is the oracle. No state, any thread. */
#ifndef EW_KERNELS_GATHER_H
#define EW_KERNELS_GATHER_H

#include <stddef.h>
#include <stdint.h>

enum { EW_GATHER_GROUP = 1024 }; /* the most for which 128 * 16383 * ids stay below 2^31 */

typedef struct ew_gather_kernels {
    const char *name;
    /* sum[0 .. d) += scales[i] * rows[i * d + ...] for i = each of ids; d a multiple of 16; scales above 0. A list may also be
     * added in parts, all but the last of a multiple of EW_GATHER_GROUP ids: the same bits. ids[n .. n + more) are what comes
     * next: their rows may be fetched. */
    void (*add)(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, size_t more, float *sum);
    /* x[0 .. d) to length 1: times 1 / its length; all zeros where that is 0 or below `least`. The sum of squares is taken in
     * sixteen parts by position mod 16, folded 8, 4, 2, 1. */
    void (*unit)(float *x, uint32_t d, float least);
} ew_gather_kernels;

const ew_gather_kernels *ew_gather_kernels_get(void);
/* By name of the instruction set, NULL if this build or processor lacks it. */
const ew_gather_kernels *ew_gather_kernels_named(const char *name);

#endif
