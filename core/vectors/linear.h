/* Linear layers in int8, of the deep encoder and the student: weights by output column, activations by row, sums exact in int32.
 * A panel of rows goes through a layer in panels of columns, so that the sums in between stay in the processor's nearest memory.
 * Any thread. */
#ifndef EW_VECTORS_LINEAR_H
#define EW_VECTORS_LINEAR_H

#include "../kernels/gemm.h"

enum { EW_PANEL = 128 }; /* rows, and columns, whose sums are held at a time */

typedef struct ew_linear {
    uint32_t n, k;              /* n a multiple of 16 */
    const int8_t *packed;       /* see kernels/gemm.h */
    const float *scales, *bias; /* [n] */
    const int32_t *sums;        /* [n] of the rows of weights: ew_linear_sums */
} ew_linear;

/* Rows of activations: bytes [up(rows, 16), up(k, 64)], 64-byte aligned, what is behind k counting for nothing; scales and zeros
 * [rows]. */
typedef struct ew_quantised { int8_t *bytes; float *scales; int32_t *zeros; } ew_quantised;

typedef enum ew_linear_way { EW_LINEAR_PLAIN, EW_LINEAR_GELU, EW_LINEAR_ADD } ew_linear_way; /* what becomes of the results */

/* sums [n], all zero before */
void ew_linear_sums(const ew_linear *l, int32_t *sums);
/* rows of x, `apart` from each other, as int8. */
void ew_linear_quantise(ew_quantised q, const float *x, uint32_t apart, uint32_t k, uint32_t rows);
/* At most EW_PANEL rows through a layer, to rows of out; room [EW_PANEL, EW_PANEL]. */
void ew_linear_apply(const ew_linear *l, ew_quantised q, uint32_t rows, int32_t *room, ew_linear_way how, float *out,
                     uint32_t apart);

#endif
