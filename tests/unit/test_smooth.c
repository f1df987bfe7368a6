/* Rows of floats: what smooth.h promises of errors, against double; and the same bits from every body. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/kernels/smooth.h"

static const char *const names[] = {"serial", "neon", "avx2", "avx512", "amx"};
enum { N = 1600 };

static float *ramp(float from, float to) {
    float *x = malloc(N * sizeof *x);
    for (int i = 0; i < N; i++) x[i] = from + (to - from) * (float)i / (N - 1);
    return x;
}

static float *gaussian(uint64_t seed, float spread) {
    float *x = malloc(N * sizeof *x);
    for (uint64_t i = 0; i < N; i++) {
        double sum = -6;
        for (uint64_t k = 0; k < 12; k++) sum += ew_random_unit(seed, 1, i, k);
        x[i] = spread * (float)sum;
    }
    return x;
}

Test(smooth, gelu_is_within_2e_6) {
    const ew_smooth *s = ew_smooth_named("serial");
    static const float ends[] = {1, 6, 50, 1e9f};
    float zero[N] = {0};
    for (int e = 0; e < 4; e++) {
        float *x = ramp(-ends[e], ends[e]), *y = ramp(-ends[e], ends[e]);
        s->bias_gelu(y, zero, N);
        for (int i = 0; i < N; i++) {
            double want = (double)x[i] * .5 * erfc(-(double)x[i] / sqrt(2)), most = 2e-6 + fabs(want) * 2e-7;
            cr_assert_leq(fabs((double)y[i] - want), most, "gelu(%g) = %g, not %g", (double)x[i], (double)y[i], want);
        }
        free(x), free(y);
    }
}

Test(smooth, softmax_is_within_1e_6_of_the_share) {
    const ew_smooth *s = ew_smooth_named("serial");
    for (uint32_t n = 16; n <= 512; n += 16) {
        float *x = gaussian(n, 5), *y = malloc(n * sizeof *y), room[512 * EW_SOFTMAX_ROWS];
        int32_t scores[512];
        int16_t parts[512];
        double sum = 0, whole = 0;
        memcpy(y, x, n * sizeof *y);
        s->softmax(y, n, .7f);
        for (uint32_t i = 0; i < n; i++) {
            sum += exp((double)(.7f * x[i]));
            scores[i] = (int32_t)lrintf(x[i] * 1e6f);
        }
        s->softmax_i16(scores, 1, n, .7e-6f, room, parts);
        for (uint32_t i = 0; i < n; i++) {
            double want = exp((double)(.7f * x[i])) / sum;
            cr_assert_leq(fabs((double)y[i] - want), want * 3e-6 + 1e-30);
            cr_assert_leq(fabs(parts[i] - want * EW_SOFTMAX_ONE), .51, "%d, not %g", parts[i], want * EW_SOFTMAX_ONE);
            whole += parts[i];
        }
        cr_assert_leq(fabs(whole - EW_SOFTMAX_ONE), n * .51);
        free(x), free(y);
    }
    int32_t far[16] = {1 << 30, -(1 << 30)};
    int16_t parts[16];
    float room[16];
    s->softmax_i16(far, 1, 16, 1e-3f, room, parts);
    cr_assert(parts[0] == EW_SOFTMAX_ONE && parts[1] == 0 && parts[2] == 0);
    s->softmax_i16(far, 1, 16, 0, room, parts);
    for (int i = 0; i < 16; i++) cr_assert_eq(parts[i], EW_SOFTMAX_ONE / 16);
}

Test(smooth, norm_is_a_norm) {
    const ew_smooth *s = ew_smooth_named("serial");
    float *x = gaussian(3, 4), *gain = gaussian(4, 1), *bias = gaussian(5, 1), *y = malloc(N * sizeof *y);
    for (uint32_t n = 16; n <= N; n += 176) {
        double mean = 0, variance = 0;
        for (uint32_t i = 0; i < n; i++) y[i] = x[i] + 3;
        for (uint32_t i = 0; i < n; i++) mean += (double)y[i] / n;
        for (uint32_t i = 0; i < n; i++) variance += ((double)y[i] - mean) * ((double)y[i] - mean) / n;
        s->norm(y, n, gain, bias, 1e-12f);
        for (uint32_t i = 0; i < n; i++) {
            double want = ((double)(x[i] + 3) - mean) / sqrt(variance) * (double)gain[i] + (double)bias[i];
            cr_assert_float_eq((double)y[i], want, 2e-5);
        }
    }
    free(x), free(gain), free(bias), free(y);
}

Test(smooth, quantised_rows_come_back) {
    const ew_smooth *s = ew_smooth_named("serial");
    static const float shifts[] = {0, 1, -1, 40, -40};
    for (int c = 0; c < 5; c++) {
        float *x = gaussian((uint64_t)c + 9, 1), scale, low = 0, high = 0;
        int8_t q[N];
        int32_t zero;
        for (int i = 0; i < N; i++) {
            x[i] += shifts[c];
            low = fminf(low, x[i]);
            high = fmaxf(high, x[i]);
        }
        s->quantise(x, N, q, &scale, &zero);
        cr_assert(zero >= -128 && zero <= 127);
        cr_assert_float_eq(scale, (high - low) / 255, 1e-6f);
        for (int i = 0; i < N; i++) cr_assert_leq(fabsf((float)(q[i] - zero) * scale - x[i]), scale * 1.01f);
        free(x);
    }
    float nothing[16] = {0}, scale = 7;
    int8_t q[16];
    int32_t zero = 7;
    memset(q, 1, sizeof q);
    s->quantise(nothing, 16, q, &scale, &zero);
    cr_assert(scale == 0 && zero == 0 && q[0] == 0 && q[15] == 0);
}

Test(smooth, linear_layers_come_back_as_floats) {
    const ew_smooth *s = ew_smooth_named("serial");
    int32_t sum[32], sums[32];
    float scales[32], bias[32], out[32], more[32];
    for (int i = 0; i < 32; i++) {
        sum[i] = i * 1000 - 9000;
        sums[i] = 40 - i;
        scales[i] = (float)(i + 1) / 8;
        bias[i] = (float)i - 5;
        more[i] = 2;
    }
    s->linear(sum, (ew_columns){sums, scales, bias}, 32, .25f, -7, out);
    s->linear_add(sum, (ew_columns){sums, scales, bias}, 32, .25f, -7, more);
    for (int i = 0; i < 32; i++) {
        float want = (float)(sum[i] + 7 * sums[i]) * (scales[i] * .25f) + bias[i];
        cr_assert(out[i] == want && more[i] == 2 + want);
    }
    int16_t shorts[32];
    s->to_i16(out, 32, 1e9f, shorts); /* beyond its range: kept within it */
    for (int i = 0; i < 32; i++) cr_assert_eq(shorts[i], out[i] > 0 ? 32767 : -32767);
    s->from_i32(sum, 32, .5f, more);
    cr_assert(more[0] == -4500 && more[31] == 11000);
    cr_assert_eq(s->most(out, 16, 2, 16), fmaxf(s->most(out, 0, 1, 16), s->most(out + 16, 0, 1, 16)));
}

Test(smooth, rows_are_scaled_and_rounded_as_one_by_one) {
    float *x = gaussian(1, 1), *y = gaussian(2, 1), z[N];
    for (size_t b = 0; b < sizeof names / sizeof *names; b++) {
        const ew_smooth *s = ew_smooth_named(names[b]);
        int8_t bytes[N];
        if (!s) continue;
        memcpy(z, x, sizeof z);
        s->less(z, y, N);
        s->part(z, N, .4f, 1.1f);
        s->to_i8(z, N, 90, bytes);
        for (int i = 0; i < N; i++) {
            float want = (x[i] - y[i]) * .4f / 1.1f, whole = rintf(want * 90);
            cr_assert_eq(z[i], want);
            cr_assert_eq(bytes[i], whole > 127 ? 127 : whole < -127 ? -127 : whole, "%g as %d", (double)want, bytes[i]);
        }
        s->part(memcpy(z, x, sizeof z), N, 1, .7f);
        for (int i = 0; i < N; i++) cr_assert_eq(z[i], x[i] / .7f);
    }
    free(x), free(y);
}

/* Everything a body gives, for one seed, in one run of bytes. */
static size_t everything(const ew_smooth *s, uint64_t seed, char *to) {
    char *from = to;
    float *x = gaussian(seed, 3), *gain = gaussian(seed + 1, 1), *bias = gaussian(seed + 2, 1), scale, room[N];
    int32_t sum[N], sums[N], zero;
    int16_t shorts[N];
    int8_t bytes[N];
    for (uint64_t i = 0; i < N; i++) {
        sum[i] = (int32_t)(ew_random(seed, 8, i, 0) >> 34) - (1 << 29);
        sums[i] = (int32_t)(ew_random(seed, 9, i, 0) >> 48) - (1 << 15);
    }
    uint32_t n = 16 + (uint32_t)(seed % 100) * 16;
#define KEEP(what, size) memcpy(to, what, size), to += (size)
    s->quantise(x, n, bytes, &scale, &zero);
    KEEP(bytes, n), KEEP(&scale, 4), KEEP(&zero, 4);
    s->linear(sum, (ew_columns){sums, gain, bias}, n, 1e-6f, zero, room);
    KEEP(room, n * 4);
    s->linear_gelu(sum, (ew_columns){sums, gain, bias}, n, 1e-8f, zero, room);
    KEEP(room, n * 4);
    s->linear_add(sum, (ew_columns){sums, gain, bias}, n, 1e-7f, zero, room);
    s->bias_gelu(room, bias, n);
    KEEP(room, n * 4);
    s->norm(room, n, gain, bias, 1e-12f);
    KEEP(room, n * 4);
    scale = s->most(room, 16, n / 16, 16);
    KEEP(&scale, 4);
    s->to_i16(room, n, 1000, shorts);
    KEEP(shorts, n * 2);
    s->less(room, gain, n);
    s->part(room, n, .3f, 1.7f);
    KEEP(room, n * 4);
    s->to_i8(room, n, 100, bytes);
    KEEP(bytes, n);
    s->from_i32(sum, n, 1e-5f, room);
    s->softmax(room, n, .01f);
    KEEP(room, n * 4);
    s->softmax_i16(sum, 1, n, 1e-8f, room, shorts);
    KEEP(shorts, n * 2);
    s->softmax_i16(sum, n / 16, 16, 1e-8f, room, shorts); /* rows by four and the rest */
    KEEP(shorts, n * 2);
    free(x), free(gain), free(bias);
    return (size_t)(to - from);
}

Test(smooth, every_body_gives_the_same_bits) {
    static char a[N * 64], b[N * 64];
    for (uint64_t seed = 1; seed <= 100; seed++) {
        size_t n = everything(ew_smooth_named("serial"), seed, a);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const ew_smooth *s = ew_smooth_named(names[i]);
            if (!s) continue;
            cr_assert_eq(everything(s, seed, b), n);
            cr_assert(memcmp(a, b, n) == 0, "%s, seed %d", names[i], (int)seed);
        }
    }
    cr_assert(!ew_smooth_named("none") && ew_smooth_get());
}
