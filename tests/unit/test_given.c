/* Vectors that are given in place of the model's. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/base/random.h"
#include "../../core/vectors/inside.h"
#include "leaks.h"

static ew_error err;

static ew_pool *make_pool(int threads) {
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
    return pool;
}

Test(given, become_rows) {
    ew_pool *pool = make_pool(3);
    enum { N = 600, D = 7 };
    float rows[N * D];
    for (uint32_t i = 0; i < N * D; i++)
        rows[i] = (float)(ew_random_unit(1, 1, i, 0) - 0.5) * (i / D % 3 == 0 ? 1e38f : i / D % 3 == 1 ? 1e-38f : 1);
    memset(rows + 5 * D, 0, D * sizeof *rows);
    ew_vectors v;
    cr_assert_eq(ew_vectors_from_float(rows, N, D, pool, &v, &err), EW_OK);
    cr_assert(v.n == N && v.d == D && v.stride == 64 && !v.mean && !v.lsa.table);
    int most = 0;
    for (uint32_t i = 0; i < N; i++) {
        double dot = 0, a = 0, b = 0;
        for (uint32_t k = 0; k < D; k++) {
            double x = (double)rows[i * D + k] / (i % 3 == 0 ? 1e38 : i % 3 == 1 ? 1e-38 : 1);
            int y = v.rows[i * 64 + k];
            dot += x * y;
            a += x * x;
            b += y * y;
            if (abs(y) > most) most = abs(y);
        }
        if (i == 5)
            cr_assert_eq(b, 0);
        else
            cr_assert_gt(dot / sqrt(a * b), 0.999, "row %u", i);
    }
    cr_assert_eq(most, 127);
    ew_vectors_free(&v);
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        float keep = rows[431 * D + 3];
        rows[431 * D + 3] = bad[i];
        cr_assert_eq(ew_vectors_from_float(rows, N, D, pool, &v, &err), EW_INPUT);
        cr_assert_not_null(strstr(err.message, "431"));
        rows[431 * D + 3] = keep;
    }
    cr_assert_eq(ew_vectors_from_float(rows, 0, D, pool, &v, &err), EW_OK);
    ew_vectors_free(&v);
    cr_assert_eq(ew_vectors_from_float(rows, 1, 0, pool, &v, &err), EW_INPUT);
    ew_pool_free(pool);
    assert_no_leaks();
}

typedef struct { const float *rows; uint32_t d, bad_after, *calls; } held;

static ew_status take_given(const void *context, uint32_t first, uint32_t n, float *out, ew_error *unused) {
    const held *g = context;
    (void)unused;
    memcpy(out, g->rows + (size_t)first * g->d, (size_t)n * g->d * sizeof *out);
    if (g->bad_after && ++*g->calls > g->bad_after) out[0] = NAN;
    return EW_OK;
}

/* Inner products of rows as given: lengths from a tenth of the longest on, zeros, and the largest floats there are. */
Test(given, rows_keep_their_lengths) {
    enum { N = 300, D = 96 };
    static float rows[N * D];
    double longest = 0;
    for (int large = 0; large < 2; large++) {
        for (uint32_t i = 0; i < N; i++)
            for (uint32_t k = 0; k < D; k++)
                rows[i * D + k] =
                    i % 50 == 7 ? 0 : (float)((ew_random_unit(1, 1, i, k) - .5) * (i % 10 + 1) * (large ? 6e37 : 6));
        for (uint32_t i = 0; i < N; i++) {
            double square = 0;
            for (uint32_t k = 0; k < D; k++) square += (double)rows[i * D + k] * (double)rows[i * D + k];
            longest = i == 0 || square > longest ? square : longest;
        }
        uint64_t seen = 0;
        for (int threads = 1; threads <= 3; threads++) {
            ew_pool *pool = make_pool(threads);
            held g = {rows, D, 0, NULL};
            ew_vectors v;
            cr_assert_eq(ew_vectors_from_rows(&(ew_row_source){N, D, take_given, &g}, EW_INNER_PRODUCT, pool, &v, &err), EW_OK);
            uint64_t own = ew_hash(v.rows, (size_t)v.n * v.stride, 1);
            cr_assert(threads == 1 || own == seen, "%d threads", threads);
            seen = own;
            double worst = 0;
            for (uint32_t i = 0; i < N; i++)
                for (uint32_t j = 0; j < i; j++) {
                    double dot = 0;
                    int64_t ints = 0;
                    for (uint32_t k = 0; k < v.stride; k++) ints += v.rows[i * v.stride + k] * v.rows[j * v.stride + k];
                    for (uint32_t k = 0; k < D; k++) dot += (double)rows[i * D + k] * (double)rows[j * D + k];
                    double off = fabs((double)ints / ((double)v.scale * (double)v.scale) - dot / longest);
                    worst = off > worst ? off : worst;
                    cr_assert((i % 50 != 7 && j % 50 != 7) || ints == 0);
                }
            cr_expect_lt(worst, .02, "%g", worst);
            ew_vectors_free(&v);
            ew_pool_free(pool);
        }
    }
    ew_pool *pool = make_pool(1);
    ew_vectors v;
    uint32_t tasks = (N + 255) / 256;
    for (uint32_t after = 1; after < 3 * tasks; after++) { /* a value that turns bad between two looks at it */
        uint32_t calls = 0;
        held g = {rows, D, after, &calls};
        cr_assert_eq(ew_vectors_from_rows(&(ew_row_source){N, D, take_given, &g}, EW_INNER_PRODUCT, pool, &v, &err), EW_INPUT);
        cr_assert(!v.memory && calls == after + 1);
    }
    memset(rows, 0, sizeof rows);
    held zeros = {rows, D, 0, NULL};
    cr_assert_eq(ew_vectors_from_rows(&(ew_row_source){N, D, take_given, &zeros}, EW_INNER_PRODUCT, pool, &v, &err), EW_OK);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    assert_no_leaks();
}

/* One row all in one column, and columns of very unequal weight: neither costs the others their precision, nor moves a cosine. */
Test(given, rows_are_rotated) {
    static const uint32_t widths[] = {1, 2, 15, 16, 17, 64, 100, 256, 300, 384};
    enum { N = 120 };
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        uint32_t d = widths[w];
        float *rows = calloc((size_t)N * d, sizeof *rows);
        for (uint32_t i = 1; i < N; i++)
            for (uint32_t k = 0; k < d; k++)
                rows[(size_t)i * d + k] = (float)(ew_random_unit(2, d, i, k) - .5) * (k % 16 == 3 ? 4 : 1);
        rows[d / 2] = 7;
        uint64_t seen = 0;
        for (int threads = 1; threads <= 3; threads++) {
            ew_pool *pool = make_pool(threads);
            ew_vectors v;
            cr_assert_eq(ew_vectors_from_float(rows, N, d, pool, &v, &err), EW_OK);
            uint64_t own = ew_hash(v.rows, (size_t)v.n * v.stride, 1);
            cr_assert(threads == 1 || own == seen, "%d threads", threads);
            seen = own;
            double square = 0, worst = 0;
            for (uint32_t i = 0; i < N; i++)
                for (uint32_t j = 0; j < i; j++) {
                    double dot = 0, a = 0, b = 0, off;
                    int64_t ints = 0;
                    for (uint32_t k = 0; k < d; k++) {
                        double x = rows[(size_t)i * d + k], y = rows[(size_t)j * d + k];
                        dot += x * y;
                        a += x * x;
                        b += y * y;
                        ints += v.rows[(size_t)i * v.stride + k] * v.rows[(size_t)j * v.stride + k];
                    }
                    off = fabs(dot / sqrt(a * b) - (double)ints / ((double)v.scale * (double)v.scale));
                    square += off * off;
                    if (off > worst) worst = off;
                }
            double mean = sqrt(square / (N * (N - 1) / 2));
            cr_assert_lt(worst, d < 64 ? .02 : .008, "%u columns: a cosine is off by %g", d, worst);
            if (d >= 64) cr_assert_lt(mean, .6 / sqrt(d) / 22, "%u columns: cosines are off by %g", d, mean);
            for (uint32_t i = 0; i < N; i++)
                for (uint32_t k = d; k < v.stride; k++) cr_assert_eq(v.rows[(size_t)i * v.stride + k], 0);
            ew_vectors_free(&v);
            ew_pool_free(pool);
        }
        free(rows);
    }
    assert_no_leaks();
}
