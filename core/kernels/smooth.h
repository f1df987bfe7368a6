/* smooth: what a transformer does between its products, on rows of floats: layer norm, GELU, softmax, and the ways from floats
 * to integers and back. One body, written in vectors of sixteen and compiled once an instruction set; no fused multiply-add
 * and one order of every sum, so the same bits from all of them. No state, any thread.
 *
 * Rows are of any alignment; n is a multiple of 16. Values are finite: callers see to that by bounds on their weights. */
#ifndef EW_KERNELS_SMOOTH_H
#define EW_KERNELS_SMOOTH_H

#include <stddef.h>
#include <stdint.h>

enum { EW_SOFTMAX_ONE = 16384 }; /* what the weights of softmax_i16 add up to, but for rounding */
enum { EW_SOFTMAX_ROWS = 4 };    /* of it at a time */

/* One linear layer's columns, as far as its results need them: [n] each. sums: of the layer's int8 weights. */
typedef struct ew_columns { const int32_t *sums; const float *scales, *bias; } ew_columns;

typedef struct ew_smooth {
    const char *name;
    /* q = round(x / scale) + zero in -128 .. 127, scale and zero such that the row's least and greatest value, and 0, fit. */
    void (*quantise)(const float *x, uint32_t n, int8_t *q, float *scale, int32_t *zero);
    /* out = (sum - zero * sums) * scale * scales + bias: int32 sums over quantised rows, back to floats. */
    void (*linear)(const int32_t *sum, ew_columns columns, uint32_t n, float scale, int32_t zero, float *out);
    void (*linear_gelu)(const int32_t *sum, ew_columns columns, uint32_t n, float scale, int32_t zero, float *out);
    void (*linear_add)(const int32_t *sum, ew_columns columns, uint32_t n, float scale, int32_t zero, float *out); /* out += */
    void (*bias_gelu)(float *x, const float *bias, uint32_t n); /* x = gelu(x + bias) */
    /* x = (x - mean) / sqrt(variance + epsilon) * gain + bias */
    void (*norm)(float *x, uint32_t n, const float *gain, const float *bias, float epsilon);
    float (*most)(const float *x, uint32_t apart, uint32_t rows, uint32_t n); /* largest |x| of rows `apart` from each other */
    void (*to_i16)(const float *x, uint32_t n, float factor, int16_t *out); /* round(x * factor), kept within +-32767 */
    void (*to_i8)(const float *x, uint32_t n, float factor, int8_t *out);   /* the same, kept within +-127 */
    void (*less)(float *x, const float *y, uint32_t n);                /* x = x - y */
    void (*part)(float *x, uint32_t n, float factor, float whole);     /* x = x * factor / whole */
    void (*from_i32)(const int32_t *x, uint32_t n, float factor, float *out); /* x * factor */
    /* softmax(scores * scale) of each row, in parts of EW_SOFTMAX_ONE; |scores| <= 2^30; room [EW_SOFTMAX_ROWS, n] is scratch. */
    void (*softmax_i16)(const int32_t *scores, uint32_t rows, uint32_t n, float scale, float *room, int16_t *out);
    void (*softmax)(float *x, uint32_t n, float scale); /* in place: of x * scale */
} ew_smooth;

const ew_smooth *ew_smooth_get(void);
const ew_smooth *ew_smooth_named(const char *name); /* NULL if this build or processor lacks it */

#endif
