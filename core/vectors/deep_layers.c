/* The layers in int8. A panel of tokens goes through a linear layer in panels of columns, so that the sums in between stay in
 * the processor's nearest memory; every row of activations has a scale of its own. */
#include <string.h>

#include "../kernels/gemm.h"
#include "../kernels/smooth.h"
#include "deep_inside.h"

typedef enum way { PLAIN, GELU, ADD } way; /* what becomes of a linear layer's results */

/* rows of x, `apart` from each other, as int8. */
static void quantise(ew_deep_scratch *s, const float *x, uint32_t apart, uint32_t n, uint32_t rows) {
    const ew_smooth *smooth = ew_smooth_get();
    uint32_t deep = ew_gemm_up(n, EW_GEMM_DEPTH);
    for (uint32_t r = 0; r < rows; r++)
        smooth->quantise(x + (size_t)r * apart, n, s->quantised + (size_t)r * deep, &s->scale[r], &s->zero[r]);
}

/* The quantised rows through one linear layer, to rows of out. */
static void linear(ew_deep_scratch *s, const ew_deep_linear *l, uint32_t rows, way how, float *out, uint32_t apart) {
    const ew_smooth *smooth = ew_smooth_get();
    uint32_t deep = ew_gemm_up(l->k, EW_GEMM_DEPTH), wide = ew_gemm_up(l->n, EW_GEMM_COLUMNS);
    for (uint32_t j = 0; j < wide; j += EW_DEEP_PANEL) {
        uint32_t columns = wide - j < EW_DEEP_PANEL ? wide - j : EW_DEEP_PANEL, n = l->n - j < columns ? l->n - j : columns;
        ew_columns c = {l->sums + j, l->scales + j, l->bias + j};
        ew_gemm_get()->i8(s->quantised, ew_gemm_up(rows, EW_GEMM_ROWS), deep, l->packed + (size_t)j * deep, columns, s->sums,
                          EW_DEEP_PANEL);
        for (uint32_t r = 0; r < rows; r++) {
            const int32_t *sum = s->sums + (size_t)r * EW_DEEP_PANEL;
            float *to = out + (size_t)r * apart + j;
            if (how == PLAIN) smooth->linear(sum, c, n, s->scale[r], s->zero[r], to);
            else if (how == GELU) smooth->linear_gelu(sum, c, n, s->scale[r], s->zero[r], to);
            else smooth->linear_add(sum, c, n, s->scale[r], s->zero[r], to);
        }
    }
}

static void norm(const ew_deep *deep, float *x, uint32_t rows, const float *gain, const float *shift) {
    uint32_t w = deep->shape.width;
    for (uint32_t r = 0; r < rows; r++) ew_smooth_get()->norm(x + (size_t)r * w, w, gain, shift, deep->shape.epsilon);
}

void ew_deep_layers_int8(const ew_deep *deep, ew_deep_scratch *s) {
    uint32_t w = deep->shape.width, inner = deep->shape.inner;
    for (uint32_t i = 0; i < deep->shape.layers; i++) {
        const ew_deep_layer *l = &deep->layers[i];
        for (uint32_t from = 0; from < s->n_rows; from += EW_DEEP_PANEL) {
            uint32_t rows = s->n_rows - from < EW_DEEP_PANEL ? s->n_rows - from : EW_DEEP_PANEL;
            quantise(s, s->x + (size_t)from * w, w, w, rows);
            linear(s, &l->qkv, rows, PLAIN, s->qkv + (size_t)from * 3 * w, 3 * w);
        }
        ew_deep_attention(deep, s);
        for (uint32_t from = 0; from < s->n_rows; from += EW_DEEP_PANEL) {
            uint32_t rows = s->n_rows - from < EW_DEEP_PANEL ? s->n_rows - from : EW_DEEP_PANEL;
            float *x = s->x + (size_t)from * w;
            quantise(s, s->mixed + (size_t)from * w, w, w, rows);
            linear(s, &l->mix, rows, ADD, x, w);
            norm(deep, x, rows, l->mix_gain, l->mix_shift);
            quantise(s, x, w, w, rows);
            linear(s, &l->up, rows, GELU, s->inner, inner);
            quantise(s, s->inner, inner, inner, rows);
            linear(s, &l->down, rows, ADD, x, w);
            norm(deep, x, rows, l->down_gain, l->down_shift);
        }
    }
}
