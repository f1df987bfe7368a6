/* The layers in int8, a panel of tokens at a time. */
#include "../kernels/smooth.h"
#include "deep_inside.h"

static void linear(ew_deep_scratch *s, const ew_linear *l, uint32_t rows, ew_linear_way how, float *out, uint32_t apart) {
    ew_linear_apply(l, s->quantised, rows, s->sums, how, out, apart);
}

static void norm(const ew_deep *deep, float *x, uint32_t rows, const float *gain, const float *shift) {
    const ew_smooth *smooth = ew_smooth_get();
    uint32_t w = deep->shape.width;
    for (uint32_t r = 0; r < rows; r++) smooth->norm(x + (size_t)r * w, w, gain, shift, deep->shape.epsilon);
}

void ew_deep_layers_int8(const ew_deep *deep, ew_deep_scratch *s) {
    uint32_t w = deep->shape.width, inner = deep->shape.inner;
    for (uint32_t i = 0; i < deep->shape.layers; i++) {
        const ew_deep_layer *l = &deep->layers[i];
        for (uint32_t from = 0; from < s->n_rows; from += EW_PANEL) {
            uint32_t rows = s->n_rows - from < EW_PANEL ? s->n_rows - from : EW_PANEL;
            ew_linear_quantise(s->quantised, s->x + (size_t)from * w, w, w, rows);
            linear(s, &l->qkv, rows, EW_LINEAR_PLAIN, s->qkv + (size_t)from * 3 * w, 3 * w);
        }
        ew_deep_attention(deep, s);
        for (uint32_t from = 0; from < s->n_rows; from += EW_PANEL) {
            uint32_t rows = s->n_rows - from < EW_PANEL ? s->n_rows - from : EW_PANEL;
            float *x = s->x + (size_t)from * w;
            ew_linear_quantise(s->quantised, s->mixed + (size_t)from * w, w, w, rows);
            linear(s, &l->mix, rows, EW_LINEAR_ADD, x, w);
            norm(deep, x, rows, l->mix_gain, l->mix_shift);
            ew_linear_quantise(s->quantised, x, w, w, rows);
            linear(s, &l->up, rows, EW_LINEAR_GELU, s->inner, inner);
            ew_linear_quantise(s->quantised, s->inner, inner, inner, rows);
            linear(s, &l->down, rows, EW_LINEAR_ADD, x, w);
            norm(deep, x, rows, l->down_gain, l->down_shift);
        }
    }
}
