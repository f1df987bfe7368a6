/* Rows put together by hand, for the tests of what works on vectors. */
#ifndef EW_TEST_MAKE_VECTORS_H
#define EW_TEST_MAKE_VECTORS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/vectors/vectors.h"

static inline ew_pool *make_pool(int threads) {
    ew_error err;
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK, "%s", err.message);
    return pool;
}

/* n zero rows of d columns; scale 127, so a lone 127 in a row is a unit vector. Freed by ew_vectors_free. */
static inline ew_vectors make_zeros(uint32_t n, uint32_t d) {
    ew_vectors v = {.n = n, .d = d, .stride = (d + 63) / 64 * 64, .scale = 127};
    v.memory = ew_calloc((size_t)n * v.stride + 64, 1);
    cr_assert_not_null(v.memory);
    v.rows = (int8_t *)(((uintptr_t)v.memory + 63) & ~(uintptr_t)63);
    return v;
}

/* n directions around `groups` random ones (0: none, all random), `spread` how far from them; row i is of group i % groups. */
static inline ew_vectors make_blobs(uint32_t n, uint32_t d, uint32_t groups, double spread, uint64_t seed) {
    float *rows = calloc((size_t)n * d + 1, sizeof *rows);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < d; k++) {
            double own = ew_random_unit(seed, 1001, i, k) - .5;
            double centre = groups ? ew_random_unit(seed, 1002, i % groups, k) - .5 : 0;
            rows[(size_t)i * d + k] = (float)(groups ? centre + spread * own : own);
        }
    ew_error err;
    ew_vectors v;
    ew_pool *pool = make_pool(1);
    cr_assert_eq(ew_vectors_from_float(rows, n, d, pool, &v, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
    free(rows);
    return v;
}

static inline int32_t dot_rows(const ew_vectors *v, uint32_t a, uint32_t b) {
    int32_t sum = 0;
    for (uint32_t k = 0; k < v->stride; k++) sum += v->rows[(size_t)a * v->stride + k] * v->rows[(size_t)b * v->stride + k];
    return sum;
}

#endif
