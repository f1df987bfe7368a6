#include "linear.h"

#include "../kernels/smooth.h"

void ew_linear_sums(const ew_linear *l, int32_t *sums) {
    uint32_t deep = ew_gemm_up(l->k, EW_GEMM_DEPTH);
    for (uint32_t j = 0; j < l->n; j += 16) {
        const int8_t *block = l->packed + (size_t)j * deep;
        for (uint32_t c = 0; c < deep; c += 4, block += 64)
            for (uint32_t b = 0; b < 64; b++) sums[j + b / 4] += block[b];
    }
}

void ew_linear_quantise(ew_quantised q, const float *x, uint32_t apart, uint32_t k, uint32_t rows) {
    const ew_smooth *smooth = ew_smooth_get();
    uint32_t deep = ew_gemm_up(k, EW_GEMM_DEPTH);
    for (uint32_t r = 0; r < rows; r++)
        smooth->quantise(x + (size_t)r * apart, k, q.bytes + (size_t)r * deep, &q.scales[r], &q.zeros[r]);
}

void ew_linear_apply(const ew_linear *l, ew_quantised q, uint32_t rows, int32_t *room, ew_linear_way how, float *out,
                     uint32_t apart) {
    const ew_smooth *smooth = ew_smooth_get();
    const ew_gemm *gemm = ew_gemm_get();
    uint32_t deep = ew_gemm_up(l->k, EW_GEMM_DEPTH), wide = ew_gemm_up(l->n, EW_GEMM_COLUMNS);
    for (uint32_t j = 0; j < wide; j += EW_PANEL) {
        uint32_t columns = wide - j < EW_PANEL ? wide - j : EW_PANEL, n = l->n - j < columns ? l->n - j : columns;
        ew_columns c = {l->sums + j, l->scales + j, l->bias + j};
        gemm->i8(q.bytes, rows, deep, l->packed + (size_t)j * deep, columns, room, EW_PANEL);
        for (uint32_t r = 0; r < rows; r++) {
            const int32_t *sum = room + (size_t)r * EW_PANEL;
            float *to = out + (size_t)r * apart + j;
            if (how == EW_LINEAR_PLAIN) smooth->linear(sum, c, n, q.scales[r], q.zeros[r], to);
            else if (how == EW_LINEAR_GELU) smooth->linear_gelu(sum, c, n, q.scales[r], q.zeros[r], to);
            else smooth->linear_add(sum, c, n, q.scales[r], q.zeros[r], to);
        }
    }
}
