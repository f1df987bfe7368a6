/* The one body of sums.h; a file an instruction set includes it after defining SUMS and SUMS_NAME. */
#include <stddef.h>

#include "sixteen.h"
#include "sums.h"

enum { AHEAD = 8 }; /* rows fetched before they are needed */

typedef int8_t vb_any __attribute__((vector_size(16), aligned(1), may_alias));

/* Columns [0, 16 * wide) of `out`: a constant, once inlined, so that the sums stay in registers. */
INLINE void columns(const float *rows, uint32_t width, const uint32_t *where, const float *weights, uint64_t n, uint32_t wide,
                    float *out) {
    vf sum[5] = {{0}, {0}, {0}, {0}, {0}};
    for (uint64_t e = 0; e < n; e++) {
        const float *row = rows + (size_t)where[e] * width;
        if (e + AHEAD < n) {
            const float *next = rows + (size_t)where[e + AHEAD] * width;
            for (uint32_t b = 0; b < wide; b++) __builtin_prefetch(next + 16 * b);
        }
        for (uint32_t b = 0; b < wide; b++) sum[b] += LOAD(row + 16 * b) * weights[e];
    }
    for (uint32_t b = 0; b < wide; b++) STORE(out + 16 * b, sum[b]);
}

static void floats(const float *rows, uint32_t width, const uint32_t *where, const float *weights, uint64_t n, float *out) {
    uint32_t k = 0;
    for (; k + 80 <= width; k += 80) columns(rows + k, width, where, weights, n, 5, out + k);
    for (; k + 16 <= width; k += 16) columns(rows + k, width, where, weights, n, 1, out + k);
    for (; k < width; k++) {
        float sum = 0;
        for (uint64_t e = 0; e < n; e++) sum += weights[e] * rows[(size_t)where[e] * width + k];
        out[k] = sum;
    }
}

static void bytes(const int8_t *rows, uint32_t stride, const uint32_t *where, uint32_t n, int32_t *out) {
    for (uint32_t k = 0; k < stride; k += 64) {
        vi sum[4] = {{0}, {0}, {0}, {0}};
        for (uint32_t e = 0; e < n; e++) {
            const int8_t *row = rows + (size_t)where[e] * stride + k;
            for (uint32_t b = 0; b < 4; b++) sum[b] += __builtin_convertvector(*(const vb_any *)(row + 16 * b), vi);
        }
        for (uint32_t b = 0; b < 4; b++) *(vi_any *)(out + k + 16 * b) = sum[b];
    }
}

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
const ew_sums SUMS = {NAME_OF(SUMS_NAME), floats, bytes};
