/* Sums of scaled int8 rows: the oracle against double precision, and every body this processor can run against the oracle. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/kernels/gather.h"

static const char *const names[] = {"avx2", "avx512", "neon"};
enum { VOCAB = 50, MOST = 528, IDS = 2 * EW_GATHER_GROUP + 77 };

/* Scales of a kind: alike, far apart, tiny, huge. */
static float scale_of(int kind, uint32_t v) {
    double u = ew_random_unit(1, 2, v, 0) + 1e-3;
    return (float)(kind == 0 ? u * 1e-3 : kind == 1 ? pow(10, 12 * u - 6) : kind == 2 ? u * 1e-38 : u * 1e6);
}

typedef struct table { int8_t *rows; float scales[VOCAB]; uint32_t ids[IDS]; float start[MOST]; } table;

static table make(int kind) {
    table t = {malloc((size_t)VOCAB * MOST), {0}, {0}, {0}};
    for (size_t i = 0; i < (size_t)VOCAB * MOST; i++)
        t.rows[i] = (int8_t)(i < MOST ? -128 : i < 2 * MOST ? 127 : (int)(ew_random(9, 1, i, 0) & 255) - 128);
    for (uint32_t v = 0; v < VOCAB; v++) t.scales[v] = scale_of(kind, v);
    for (uint32_t i = 0; i < IDS; i++) t.ids[i] = (uint32_t)ew_random_below(VOCAB, 1, 3, i, 0);
    for (uint32_t k = 0; k < MOST; k++) t.start[k] = (float)ew_random_unit(1, 4, k, 0) - 0.5f;
    return t;
}

Test(gather, the_oracle_is_right) {
    static const uint32_t lengths[] = {1, 2, 3, 45, EW_GATHER_GROUP, EW_GATHER_GROUP + 1, IDS};
    for (int kind = 0; kind < 4; kind++) {
        table t = make(kind);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            float sum[256] = {0};
            double dot = 0, ours = 0, exact = 0, most = 0;
            ew_gather_kernels_named("serial")->add(t.rows, t.scales, 256, t.ids, lengths[i], 0, sum);
            for (uint32_t j = 0; j < lengths[i]; j++) most = fmax(most, (double)t.scales[t.ids[j]]);
            for (uint32_t k = 0; k < 256; k++) {
                double want = 0;
                for (uint32_t j = 0; j < lengths[i]; j++) want += (double)t.scales[t.ids[j]] * t.rows[t.ids[j] * 256u + k];
                if (kind != 2)
                    cr_assert_float_eq((double)sum[k], want, most * 128 * lengths[i] / 32000, "kind %d, %u ids", kind,
                                       lengths[i]); /* half a step an id */
                dot += want * (double)sum[k];
                ours += (double)sum[k] * (double)sum[k];
                exact += want * want;
            }
            if (kind == 2)
                cr_assert_eq(ours, 0, "what is too small for a unit vector is nothing");
            else
                cr_assert_gt(dot / sqrt(ours * exact), 1 - 1e-6, "kind %d, %u ids: cosine", kind, lengths[i]);
        }
        free(t.rows);
    }
}

/* The largest sums there can be do not overflow. */
Test(gather, extremes_are_exact) {
    enum { N = EW_GATHER_GROUP };
    int8_t rows[16];
    uint32_t ids[N] = {0};
    float scale = 3;
    memset(rows, -128, sizeof rows);
    for (int body = -1; body < 3; body++) {
        const ew_gather_kernels *k = ew_gather_kernels_named(body < 0 ? "serial" : names[body]);
        float sum[16] = {0};
        if (!k) continue;
        k->add(rows, &scale, 16, ids, N, 0, sum);
        for (int c = 0; c < 16; c++) cr_assert_float_eq(sum[c], -128.f * N * 3, 0.5f);
    }
}

Test(gather, every_body_equals_the_oracle) {
    static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 37, EW_GATHER_GROUP, IDS};
    float want[MOST], got[MOST];
    for (int kind = 0; kind < 4; kind++) {
        table t = make(kind);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const ew_gather_kernels *k = ew_gather_kernels_named(names[i]);
            for (uint32_t d = 16; k && d <= MOST; d += kind ? 80 : 16)
                for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
                    size_t n = lengths[l];
                    int8_t *exact = malloc((size_t)VOCAB * d); /* no byte to spare behind the last row */
                    memcpy(exact, t.rows, (size_t)VOCAB * d);
                    memcpy(want, t.start, sizeof want);
                    memcpy(got, t.start, sizeof got);
                    ew_gather_kernels_named("serial")->add(exact, t.scales, d, t.ids, n, 0, want);
                    k->add(exact, t.scales, d, t.ids, n, IDS - n, got);
                    cr_assert_eq(memcmp(want, got, sizeof want), 0, "%s: d %u n %zu kind %d", names[i], d, n, kind);
                    memcpy(got, t.start, sizeof got); /* in parts */
                    for (size_t at = 0; at < n; at += EW_GATHER_GROUP)
                        k->add(exact, t.scales, d, t.ids + at, n - at < EW_GATHER_GROUP ? n - at : EW_GATHER_GROUP, 0, got);
                    cr_assert_eq(memcmp(want, got, sizeof want), 0, "%s: parts, d %u n %zu", names[i], d, n);
                    free(exact);
                }
        }
        free(t.rows);
    }
}

Test(gather, unit_rows) {
    float x[400], y[400];
    const ew_gather_kernels *serial = ew_gather_kernels_named("serial");
    for (int kind = 0; kind < 6; kind++)
        for (uint32_t d = 0; d <= 400; d++) {
            for (uint32_t k = 0; k < d; k++) {
                float u = (float)ew_random_unit(7, 1, k, d) - 0.5f;
                static const float sizes[] = {1, 1e-30f, 1e18f, 1, 0, 1e-13f};
                x[k] = kind == 3 && k % 5 == 0 ? 0 : u * sizes[kind];
            }
            memcpy(y, x, sizeof y);
            serial->unit(x, d, 1e-12f);
            double square = 0;
            for (uint32_t k = 0; k < d; k++) square += (double)x[k] * (double)x[k];
            if (kind == 0 || kind == 2)
                cr_assert(d == 0 || fabs(square - 1) < 1e-5, "kind %d d %u: %g", kind, d, square);
            else if (kind != 3)
                cr_assert_lt(square, 1.1); /* a vector, or zeros below the least length */
            if (kind == 4 || kind == 1) cr_assert_eq(square, 0);
            for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                const ew_gather_kernels *k = ew_gather_kernels_named(names[i]);
                float z[400];
                if (!k) continue;
                memcpy(z, y, sizeof z);
                k->unit(z, d, 1e-12f);
                cr_assert_eq(memcmp(x, z, d * sizeof *z), 0, "%s: unit d %u kind %d", names[i], d, kind);
            }
        }
}
