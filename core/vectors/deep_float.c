/* The layers in float, on BLAS: what the int8 ones are measured against. One thread a call, so that which numbers are added up
 * together does not depend on how many there are. */
#include <cblas.h>
#include <math.h>
#include <pthread.h>

#include "../kernels/gemm.h"
#include "../kernels/smooth.h"
#include "deep_inside.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void one_thread(void) { openblas_set_num_threads(1); }

/* out [rows, n] apart from each other = x [rows, k] w' + beta out */
static void times(const float *x, uint32_t rows, uint32_t k, const float *w, uint32_t n, float beta, float *out, uint32_t apart) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)n, (int)k, 1, x, (int)k, w, (int)k, beta, out,
                (int)apart);
}

static void add(float *x, uint32_t rows, uint32_t n, uint32_t apart, const float *bias) {
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t k = 0; k < n; k++) x[(size_t)r * apart + k] += bias[k];
}

static void norm(const ew_deep *deep, ew_deep_scratch *s, const float *gain, const float *shift) {
    uint32_t w = deep->shape.width;
    for (uint32_t r = 0; r < s->n_rows; r++) ew_smooth_get()->norm(s->x + (size_t)r * w, w, gain, shift, deep->shape.epsilon);
}

static void attention(const ew_deep *deep, ew_deep_scratch *s, ew_deep_span span, uint32_t head) {
    uint32_t w = deep->shape.width, wide = w / deep->shape.heads, padded = ew_gemm_up(span.n, 16);
    const float *query = s->qkv + (size_t)span.from * 3 * w + head * wide, *key = query + w, *value = key + w;
    int n = (int)span.n, apart = (int)(3 * w);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, (int)wide, 1, query, apart, key, apart, 0, s->room, (int)padded);
    for (uint32_t t = 0; t < span.n; t++) {
        float *row = s->room + (size_t)t * padded;
        for (uint32_t u = span.n; u < padded; u++) row[u] = -1e30f;
        ew_smooth_get()->softmax(row, padded, 1 / sqrtf((float)wide));
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, (int)wide, n, 1, s->room, (int)padded, value, apart, 0,
                s->mixed + (size_t)span.from * w + head * wide, (int)w);
}

void ew_deep_layers_float(const ew_deep *deep, ew_deep_scratch *s) {
    pthread_once(&once, one_thread);
    uint32_t w = deep->shape.width, inner = deep->shape.inner, rows = s->n_rows;
    for (uint32_t i = 0; i < deep->shape.layers; i++) {
        const ew_deep_float_layer *l = &deep->weights.layers[i];
        times(s->x, rows, w, l->query, w, 0, s->qkv, 3 * w);
        times(s->x, rows, w, l->key, w, 0, s->qkv + w, 3 * w);
        times(s->x, rows, w, l->value, w, 0, s->qkv + 2 * w, 3 * w);
        add(s->qkv, rows, w, 3 * w, l->query_bias);
        add(s->qkv + w, rows, w, 3 * w, l->key_bias);
        add(s->qkv + 2 * w, rows, w, 3 * w, l->value_bias);
        for (uint32_t t = 0; t < s->n_spans; t++)
            for (uint32_t head = 0; head < deep->shape.heads; head++) attention(deep, s, s->spans[t], head);
        times(s->mixed, rows, w, l->mix, w, 1, s->x, w);
        add(s->x, rows, w, w, l->mix_bias);
        norm(deep, s, l->mix_gain, l->mix_shift);
        times(s->x, rows, w, l->up, inner, 0, s->inner, inner);
        for (uint32_t r = 0; r < rows; r++) ew_smooth_get()->bias_gelu(s->inner + (size_t)r * inner, l->up_bias, inner);
        times(s->inner, rows, inner, l->down, w, 1, s->x, w);
        add(s->x, rows, w, w, l->down_bias);
        norm(deep, s, l->down_gain, l->down_shift);
    }
}
