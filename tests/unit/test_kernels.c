/* Every body this processor can run gives the oracle's bits, on sizes around its tiles and on the extremes of its types. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/kernels/kernels.h"
#include "../../core/kernels/sums.h"

static const char *const names[] = {"avx2", "avx512", "neon"};

/* Memory at a multiple of 64, followed by no spare byte, so that a sanitizer sees what reads too far. */
static void *aligned(size_t bytes) {
    void *memory = NULL;
    cr_assert_eq(posix_memalign(&memory, 64, bytes ? bytes : 1), 0);
    return memory;
}

typedef enum pattern { RANDOM, LOWEST, HIGHEST, OPPOSED, ZERO, PATTERNS } pattern;

static void fill(int8_t *x, size_t n, pattern p, uint64_t seed, int second) {
    for (size_t i = 0; i < n; i++) switch (p) {
        case RANDOM: x[i] = (int8_t)(ew_random(seed, 1, i, 0) & 255); break;
        case LOWEST: x[i] = -128; break;
        case HIGHEST: x[i] = 127; break;
        case OPPOSED: x[i] = second ? 127 : -128; break;
        default: x[i] = 0;
        }
}

static int32_t plain_dot(const int8_t *a, const int8_t *b, uint32_t n) {
    int64_t sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += (int64_t)a[k] * b[k];
    return (int32_t)sum;
}

Test(kernels, the_oracle_is_right) {
    const ew_kernels *serial = ew_kernels_named("serial");
    int8_t *a = aligned(2 * 64), *b = aligned(3 * 64);
    fill(a, 2 * 64, RANDOM, 1, 0);
    fill(b, 3 * 64, RANDOM, 2, 1);
    a[0] = b[0] = -128;
    int32_t out[6];
    serial->dot_i8(a, 2, b, 3, 64, out);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) cr_assert_eq(out[i * 3 + j], plain_dot(a + i * 64, b + j * 64, 64));

    float x[19];
    for (int k = 0; k < 19; k++) x[k] = (float)(k + 1);
    cr_assert_eq(serial->norm2(x, 19), 2470); /* 1 + 4 + ... + 361 */
    cr_assert_eq(serial->norm2(x, 0), 0);

    int32_t values[5] = {3, INT32_MIN, 7, 7, INT32_MAX};
    uint32_t at[5];
    cr_assert_eq(serial->at_least(values, 5, 7, at), 3);
    cr_assert(at[0] == 2 && at[1] == 3 && at[2] == 4);
    cr_assert_eq(serial->at_least(values, 5, INT32_MIN, at), 5);

    cr_assert_eq(serial->ascii_run("ab\x7f\x80", 4), 3);
    cr_assert_eq(serial->ascii_run("", 0), 0);
    free(a);
    free(b);
}

static void compare_dot(const ew_kernels *k, uint32_t n_a, uint32_t n_b, uint32_t stride, pattern p) {
    const ew_kernels *serial = ew_kernels_named("serial");
    int8_t *a = aligned((size_t)n_a * stride), *b = aligned((size_t)n_b * stride);
    fill(a, (size_t)n_a * stride, p, n_a * 31 + stride, 0);
    fill(b, (size_t)n_b * stride, p, n_b * 37 + stride, 1);
    size_t cells = (size_t)n_a * n_b;
    int32_t *want = malloc((cells + 1) * sizeof *want), *got = malloc((cells + 1) * sizeof *got);
    memset(want, 0x5a, (cells + 1) * sizeof *want);
    memset(got, 0x5a, (cells + 1) * sizeof *got);
    serial->dot_i8(a, n_a, b, n_b, stride, want);
    k->dot_i8(a, n_a, b, n_b, stride, got);
    cr_assert_eq(memcmp(want, got, (cells + 1) * sizeof *want), 0, "%s: dot_i8 %ux%u stride %u pattern %d", k->name, n_a, n_b,
                 stride, (int)p);
    free(a);
    free(b);
    free(want);
    free(got);
}

Test(kernels, dot_i8_equals_the_oracle) {
    static const uint32_t strides[] = {64, 128, 192, 256, 320, 384, 448, 512, 1024};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ew_kernels *k = ew_kernels_named(names[i]);
        if (!k) continue;
        for (size_t s = 0; s < sizeof strides / sizeof *strides; s++)
            for (int p = 0; p < PATTERNS; p++) {
                compare_dot(k, 17, 5, strides[s], (pattern)p);
                compare_dot(k, 8, 2, strides[s], (pattern)p);
            }
        for (uint32_t n_a = 0; n_a <= 19; n_a++) /* around every tile */
            for (uint32_t n_b = 0; n_b <= 7; n_b++) compare_dot(k, n_a, n_b, 128, RANDOM);
        compare_dot(k, 3, 3, 1 << 16, OPPOSED); /* the largest sum that was promised: 2^16 * 127 * 128 */
        compare_dot(k, 9, 3, 1 << 16, HIGHEST);
    }
}

/* At any alignment, up to the largest sum that was promised. */
Test(kernels, dot_i16_equals_the_oracle) {
    enum { N = 416, LARGE = 2270 }; /* 416 * 2270 * 2270 < 2^31 */
    int16_t a[N + 1], b[N + 1];
    for (int kind = 0; kind < 3; kind++)
        for (uint32_t n = 0; n <= N; n += 32) {
            int64_t want = 0;
            for (uint32_t k = 0; k < n; k++) {
                a[k + 1] = (int16_t)(kind ? LARGE : (int)ew_random_below(2 * LARGE, 3, 1, k, n) - LARGE);
                b[k] = (int16_t)(kind == 1 ? LARGE : kind == 2 ? -LARGE : (int)ew_random_below(2 * LARGE, 3, 2, k, n) - LARGE);
                want += (int64_t)a[k + 1] * b[k];
            }
            cr_assert_eq(ew_kernels_named("serial")->dot_i16(a + 1, b, n), want);
            for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                const ew_kernels *kernels = ew_kernels_named(names[i]);
                if (kernels) cr_assert_eq(kernels->dot_i16(a + 1, b, n), want, "%s", names[i]);
            }
        }
}

Test(kernels, norm2_equals_the_oracle) {
    float x[400];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ew_kernels *kernels = ew_kernels_named(names[i]);
        if (!kernels) continue;
        for (int kind = 0; kind < 4; kind++)
            for (uint32_t d = 0; d <= 400; d++) {
                for (uint32_t k = 0; k < d; k++) {
                    float u = (float)ew_random_unit(7, 1, k, d) - 0.5f;
                    x[k] = kind == 0 ? u : kind == 1 ? u * 1e-30f : kind == 2 ? u * 1e18f : k % 5 ? u : 0;
                }
                float want = ew_kernels_named("serial")->norm2(x, d), got = kernels->norm2(x, d);
                cr_assert_eq(memcmp(&want, &got, sizeof want), 0, "%s: norm2 d %u: %a, not %a", names[i], d, (double)got,
                             (double)want);
            }
    }
}

Test(kernels, at_least_equals_the_oracle) {
    enum { N = 70 };
    int32_t *values = malloc(N * sizeof *values);
    uint32_t want[N], got[N];
    static const int32_t floors[] = {INT32_MIN, INT32_MIN + 1, -1, 0, 1, 100, INT32_MAX};
    for (uint32_t j = 0; j < N; j++)
        values[j] = j % 9 == 0 ? INT32_MIN : j % 11 == 0 ? INT32_MAX : (int32_t)(ew_random(3, 1, j, 0) % 300) - 150;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ew_kernels *kernels = ew_kernels_named(names[i]);
        if (!kernels) continue;
        for (size_t f = 0; f < sizeof floors / sizeof *floors; f++)
            for (uint32_t n = 0; n <= N; n++) {
                const int32_t *from = values + (N - n); /* ends where the allocation ends, at any alignment */
                uint32_t a = ew_kernels_named("serial")->at_least(from, n, floors[f], want);
                uint32_t b = kernels->at_least(from, n, floors[f], got);
                cr_assert_eq(a, b, "%s: at_least n %u floor %d: %u, not %u", names[i], n, floors[f], b, a);
                cr_assert_eq(memcmp(want, got, a * sizeof *want), 0);
            }
    }
    free(values);
}

Test(kernels, ascii_run_equals_the_oracle) {
    enum { N = 200 };
    char *text = malloc(N);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ew_kernels *kernels = ew_kernels_named(names[i]);
        if (!kernels) continue;
        for (size_t n = 0; n <= N; n++)
            for (size_t stop = 0; stop <= n; stop += 1 + stop % 3) {
                memset(text, 0x7f, N);
                char *from = text + (N - n);
                if (stop < n) from[stop] = (char)(stop % 2 ? 0x80 : 0xff);
                cr_assert_eq(kernels->ascii_run(from, n), stop, "%s: ascii_run of %zu bytes", names[i], n);
            }
    }
    free(text);
}

Test(kernels, the_table_is_chosen_by_name) {
    cr_assert_null(ew_kernels_named("none such"));
    cr_assert_null(ew_kernels_named(""));
    cr_assert_str_eq(ew_kernels_named("serial")->name, "serial");
    setenv("EDGEWISE_ISA", "serial", 1);
    cr_assert_str_eq(ew_kernels_get()->name, "serial");
    setenv("EDGEWISE_ISA", "avx2", 1);
    cr_assert_str_eq(ew_kernels_get()->name, "serial", "the choice is made once");
}

Test(kernels, an_unknown_name_in_the_environment_is_ignored) {
    setenv("EDGEWISE_ISA", "none such", 1);
    cr_assert_not_null(ew_kernels_get());
}

/* ---- sums of rows ---- */

Test(sums, every_body_gives_the_bits_of_plain_loops) {
    static const char *const sets[] = {"serial", "avx2", "avx512"};
    static const uint32_t widths[] = {1, 15, 16, 64, 80, 97, 144, 176}, counts[] = {0, 1, 7, 300};
    enum { ROWS = 50, WIDEST = 192 };
    static float rows[ROWS * WIDEST], want[WIDEST], have[WIDEST], weights[300];
    static _Alignas(64) int8_t bytes[ROWS * WIDEST];
    uint32_t where[300], times[300];
    for (uint32_t i = 0; i < ROWS * WIDEST; i++) {
        rows[i] = (float)(ew_random_unit(1, 1, i, 0) - .5) * (i % 7 ? 1.0f : 1e6f);
        bytes[i] = i % 11 ? (int8_t)ew_random(1, 2, i, 0) : -128;
    }
    for (uint32_t e = 0; e < 300; e++) {
        where[e] = (uint32_t)ew_random_below(ROWS, 1, 3, e, 0);
        weights[e] = (float)ew_random_unit(1, 4, e, 0);
        times[e] = (uint32_t)ew_random_below(e % 5 ? 9 : 20000, 1, 5, e, 0);
    }
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        const ew_sums *body = ew_sums_named(sets[s]);
        if (!body) continue;
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
                for (uint32_t k = 0; k < widths[w]; k++) {
                    volatile float sum = 0; /* each step rounded */
                    for (uint32_t e = 0; e < counts[c]; e++) {
                        volatile float term = weights[e] * rows[where[e] * widths[w] + k];
                        sum = sum + term;
                    }
                    want[k] = sum;
                }
                body->floats(rows, widths[w], where, weights, counts[c], have);
                cr_assert_arr_eq(have, want, widths[w] * sizeof *want, "%s, %u of width %u", sets[s], counts[c], widths[w]);
            }
            for (uint32_t stride = 64; stride <= WIDEST; stride += 64) {
                int32_t sums[WIDEST], right[WIDEST] = {0}, more[WIDEST] = {0};
                for (uint32_t e = 0; e < counts[c]; e++)
                    for (uint32_t k = 0; k < stride; k++) {
                        right[k] += bytes[where[e] * stride + k];
                        more[k] += (int32_t)times[e] * bytes[where[e] * stride + k];
                    }
                body->bytes(bytes, stride, where, NULL, counts[c], sums);
                cr_assert_arr_eq(sums, right, stride * sizeof *right, "%s", sets[s]);
                body->bytes(bytes, stride, where, times, counts[c], sums);
                cr_assert_arr_eq(sums, more, stride * sizeof *more, "%s", sets[s]);
            }
        }
    }
}

Test(sums, every_body_finds_the_same_direction) {
    static const char *const sets[] = {"serial", "avx2", "avx512"};
    static const int32_t most[] = {0, 1, 3, 1000, EW_DIRECTION_MOST};
    int32_t sums[EW_DIRECTION_STRIDE];
    for (size_t m = 0; m < sizeof most / sizeof *most; m++)
        for (uint32_t stride = 64; stride <= EW_DIRECTION_STRIDE; stride += 64) {
            int8_t want[EW_DIRECTION_STRIDE], have[EW_DIRECTION_STRIDE];
            double square = 0;
            for (uint32_t k = 0; k < stride; k++) {
                sums[k] = (int32_t)ew_random_below(2 * (uint64_t)most[m] + 1, 1, 6, k, m) - most[m];
                if (k % 9 == 1) sums[k] = most[m]; /* some large: clipped */
                square += (double)sums[k] * sums[k];
            }
            for (uint32_t k = 0; k < stride; k++) {
                double x = square > 0 ? floor(sums[k] * (2400 / sqrt(square)) + .5) : 0;
                want[k] = (int8_t)(x > 127 ? 127 : x < -127 ? -127 : x);
            }
            for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
                const ew_sums *body = ew_sums_named(sets[s]);
                if (!body) continue;
                body->direction(sums, stride, 2400, have);
                cr_assert_arr_eq(have, want, stride, "%s, up to %d", sets[s], most[m]);
            }
        }
}
