/* The one body of sums.h; a file an instruction set includes it after defining SUMS and SUMS_NAME. */
#include <stddef.h>

#include "sixteen.h"
#include "sums.h"

enum { AHEAD = 8 }; /* rows fetched before they are needed */

#ifndef GET_WHOLE /* sixteen int8 as integers */
#define GET_WHOLE(from, x)                                                                                                       \
    for (int lane = 0; lane < 16; lane++) (x)[lane] = (from)[lane]
#endif

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
    for (; k + 64 <= width; k += 64) columns(rows + k, width, where, weights, n, 4, out + k);
    for (; k + 16 <= width; k += 16) columns(rows + k, width, where, weights, n, 1, out + k);
    for (; k < width; k++) {
        float sum = 0;
        for (uint64_t e = 0; e < n; e++) sum += weights[e] * rows[(size_t)where[e] * width + k];
        out[k] = sum;
    }
}

/* 64 columns; weighed is a constant, once inlined. */
INLINE void some_bytes(const int8_t *rows, uint32_t stride, const uint32_t *where, const uint32_t *weights, int weighed,
                       uint32_t n, int32_t *out) {
    vi sum[4] = {{0}, {0}, {0}, {0}};
    for (uint32_t e = 0; e < n; e++) {
        const int8_t *row = rows + (size_t)where[e] * stride;
        if (e + AHEAD < n) __builtin_prefetch(rows + (size_t)where[e + AHEAD] * stride);
        for (uint32_t b = 0; b < 4; b++) {
            vi x = {0};
            GET_WHOLE(row + 16 * b, x);
            sum[b] += weighed ? x * (int32_t)weights[e] : x;
        }
    }
    for (uint32_t b = 0; b < 4; b++) *(vi_any *)(out + 16 * b) = sum[b];
}

static void bytes(const int8_t *rows, uint32_t stride, const uint32_t *where, const uint32_t *weights, uint32_t n, int32_t *out) {
    for (uint32_t k = 0; k < stride; k += 64) {
        if (weights)
            some_bytes(rows + k, stride, where, weights, 1, n, out + k);
        else
            some_bytes(rows + k, stride, where, weights, 0, n, out + k);
    }
}

typedef double vd __attribute__((vector_size(64)));
typedef int64_t vl __attribute__((vector_size(64)));
typedef int32_t half_any __attribute__((vector_size(32), aligned(4), may_alias));

static void direction(const int32_t *sums, uint32_t stride, double length, int8_t *out) {
    vd squares = {0};
    for (uint32_t k = 0; k < stride; k += 8) {
        vd x = __builtin_convertvector(*(const half_any *)(sums + k), vd);
        squares += x * x;
    }
    double square = 0;
    for (int l = 0; l < 8; l++) square += squares[l];
    double scale = square > 0 ? length / __builtin_sqrt(square) : 0;
    for (uint32_t k = 0; k < stride; k += 8) {
        vd x = __builtin_convertvector(*(const half_any *)(sums + k), vd) * scale + .5;
        half_any whole = __builtin_convertvector(x, half_any);
        whole += __builtin_convertvector(__builtin_convertvector(whole, vd) > x, half_any); /* towards zero was too high */
        half_any high = whole > 127, low = whole < -127;
        whole = (whole & ~(high | low)) | (high & 127) | (low & -127);
        for (int l = 0; l < 8; l++) out[k + (uint32_t)l] = (int8_t)whole[l];
    }
}

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
const ew_sums SUMS = {NAME_OF(SUMS_NAME), floats, bytes, direction};
