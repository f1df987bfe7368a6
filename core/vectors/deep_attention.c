/* Attention in integers: of one text and one head, queries, keys and values as int16 with one scale each, products exact in
 * int32. Queries and keys are kept so small that a product over the head's width stays below 2^30; the shares of a row add up
 * to 2^14, so that a product with values stays below 2^30 too. */
#include <math.h>
#include <string.h>

#include "../kernels/gemm.h"
#include "../kernels/smooth.h"
#include "deep_inside.h"

enum { QUERIES = 24, NOWHERE = -(1 << 30) }; /* rows of scores at a time; the score of a key that is not there */

/* Keys as the columns of a matrix [wide, padded]: pairs [wide / 2][padded][2]. Columns beyond rows are zeros. */
static void put_keys(const float *x, uint32_t apart, uint32_t rows, uint32_t padded, uint32_t wide, float factor,
                     int16_t *pairs) {
    const ew_smooth *smooth = ew_smooth_get();
    int16_t row[256];
    memset(row, 0, sizeof row);
    for (uint32_t t = 0; t < padded; t++) {
        if (t < rows)
            smooth->to_i16(x + (size_t)t * apart, wide, factor, row);
        else
            memset(row, 0, wide * sizeof *row);
        for (uint32_t c = 0; c < wide / 2; c++) memcpy(pairs + ((size_t)c * padded + t) * 2, row + 2 * c, 2 * sizeof *row);
    }
}

/* Values as a matrix [rows, wide]: pairs [up(rows, 2) / 2][wide][2]. */
static void put_values(const float *x, uint32_t apart, uint32_t rows, uint32_t wide, float factor, int16_t *pairs) {
    const ew_smooth *smooth = ew_smooth_get();
    int16_t even[256], odd[256];
    memset(odd, 0, sizeof odd);
    for (uint32_t t = 0; t < rows; t += 2) {
        smooth->to_i16(x + (size_t)t * apart, wide, factor, even);
        if (t + 1 < rows)
            smooth->to_i16(x + (size_t)(t + 1) * apart, wide, factor, odd);
        else
            memset(odd, 0, wide * sizeof *odd);
        int16_t *to = pairs + (size_t)t * wide;
        for (uint32_t c = 0; c < wide; c++) {
            to[2 * c] = even[c];
            to[2 * c + 1] = odd[c];
        }
    }
}

static void one_head(const ew_deep *deep, ew_deep_scratch *s, ew_deep_span span, uint32_t head) {
    const ew_smooth *smooth = ew_smooth_get();
    const ew_gemm *gemm = ew_gemm_get();
    uint32_t w = deep->shape.width, wide = w / deep->shape.heads, apart = 3 * w, n = span.n, padded = ew_gemm_up(n, 16);
    const float *query = s->qkv + (size_t)span.from * apart + head * wide, *key = query + w, *value = key + w;
    float *out = s->mixed + (size_t)span.from * w + head * wide;
    float limit = floorf(sqrtf((float)(1 << 30) / (float)wide)) - 1; /* 255 to 8191 */
    float high_q = smooth->most(query, apart, n, wide), high_k = smooth->most(key, apart, n, wide);
    float high_v = smooth->most(value, apart, n, wide);
    for (uint32_t t = 0; t < n; t++)
        smooth->to_i16(query + (size_t)t * apart, wide, high_q > 1e-30f ? limit / high_q : 0, s->query + (size_t)t * wide);
    put_keys(key, apart, n, padded, wide, high_k > 1e-30f ? limit / high_k : 0, s->keys);
    put_values(value, apart, n, wide, high_v > 1e-30f ? 32767 / high_v : 0, s->values);
    float scale = high_q / limit * (high_k / limit) / sqrtf((float)wide), back = high_v / 32767 / (float)EW_SOFTMAX_ONE;
    for (uint32_t from = 0; from < n; from += QUERIES) {
        uint32_t rows = n - from < QUERIES ? n - from : QUERIES;
        gemm->i16(s->query + (size_t)from * wide, wide, rows, wide, s->keys, padded, s->scores, padded);
        for (uint32_t r = 0; r < rows; r++) {
            int32_t *scores = s->scores + (size_t)r * padded;
            for (uint32_t t = n; t < padded; t++) scores[t] = NOWHERE;
        }
        smooth->softmax_i16(s->scores, rows, padded, scale, s->room, s->shares);
        gemm->i16(s->shares, padded, rows, ew_gemm_up(n, 2), s->values, wide, s->scores, wide);
        for (uint32_t r = 0; r < rows; r++)
            smooth->from_i32(s->scores + (size_t)r * wide, wide, back, out + (size_t)(from + r) * w);
    }
}

void ew_deep_attention(const ew_deep *deep, ew_deep_scratch *s) {
    for (uint32_t i = 0; i < s->n_spans; i++)
        for (uint32_t head = 0; head < deep->shape.heads; head++) one_head(deep, s, s->spans[i], head);
}
