/* The one body of smooth.h; a file an instruction set includes it after defining SMOOTH (the table's name) and what sixteen.h
 * asks for. */
#include <math.h>
#include <string.h>

#include "sixteen.h"
#include "smooth_bodies.h"

/* GELU(x) = x Phi(x) = max(x, 0) - g(|x|) with g(t) = t (1 - Phi(t)), a small bump that is gone at 5.5: a polynomial of degree
 * 14 in t * 2 / 5.5 - 1 (fitted for the least largest error). Absolute error below 2e-6. */
INLINE void gelu_of(vf *x, int many) {
    static const float c[15] = {0.00819484051f, -0.0605789907f, 0.191202417f,  -0.30864647f,  0.180237532f,
                                0.26008001f,    -0.638683259f,  0.461155534f,  0.192144558f,  -0.548485875f,
                                0.185280323f,   0.236161202f,   -0.154322654f, -0.0396856293f, 0.0359465554f};
    vf zero = ALL(0.0f), end = ALL(5.5f), u[TOGETHER], p[TOGETHER];
    for (int j = 0; j < many; j++) {
        vf t = (vf)((vi)x[j] & 0x7fffffff);
        u[j] = LOWER(t, end) * (float)(2 / 5.5) - 1.0f;
        p[j] = u[j] * c[14] + c[13];
    }
    for (int i = 12; i >= 0; i--)
        for (int j = 0; j < many; j++) {
            p[j] = p[j] * u[j] + c[i];
            IN_STEP(p[j]);
        }
    for (int j = 0; j < many; j++) x[j] = HIGHER(x[j], zero) - p[j];
}

static void quantise(const float *x, uint32_t n, int8_t *q, float *scale, int32_t *zero) {
    vf high = {0}, low = {0}, higher = {0}, lower = {0};
    uint32_t i = 0;
    for (; i + 32 <= n; i += 32) {
        vf v = LOAD(x + i), w = LOAD(x + i + 16);
        high = HIGHER(v, high);
        low = LOWER(v, low);
        higher = HIGHER(w, higher);
        lower = LOWER(w, lower);
    }
    if (i < n) {
        vf v = LOAD(x + i);
        high = HIGHER(v, high);
        low = LOWER(v, low);
    }
    high = HIGHER(high, higher);
    low = LOWER(low, lower);
    vf down = -low;
    float top = fold_most(&high), bottom = -fold_most(&down), range = top - bottom;
    if (!(range > 1e-30f)) { /* all but zero: nothing to scale by */
        memset(q, 0, n);
        *scale = 0;
        *zero = 0;
        return;
    }
    float factor = 255 / range;
    int32_t shift = (int32_t)(-128 - bottom * factor + 128.5f) - 128; /* round(-128 - bottom * factor), from -128 to 127 */
    *scale = range / 255;
    *zero = shift;
    for (i = 0; i < n; i += 16) {
        vf v = LOAD(x + i) * factor + (float)shift;
        vi whole;
        nearest(&v, &whole);
        PUT_BYTES(q + i, whole);
    }
}

INLINE void affine(const int32_t *sum, const ew_columns *c, uint32_t i, float scale, int32_t zero, vf *out) {
    vi exact = *(const vi_any *)(sum + i) - *(const vi_any *)(c->sums + i) * zero;
    *out = __builtin_convertvector(exact, vf) * (LOAD(c->scales + i) * scale) + LOAD(c->bias + i);
}

static void linear(const int32_t *sum, ew_columns columns, uint32_t n, float scale, int32_t zero, float *out) {
    for (uint32_t i = 0; i < n; i += 16) {
        vf v;
        affine(sum, &columns, i, scale, zero, &v);
        STORE(out + i, v);
    }
}

INLINE void affine_gelu(const int32_t *sum, const ew_columns *c, uint32_t at, int many, float scale, int32_t zero, float *out) {
    vf v[TOGETHER];
    for (int j = 0; j < many; j++) affine(sum, c, at + 16 * (uint32_t)j, scale, zero, &v[j]);
    gelu_of(v, many);
    for (int j = 0; j < many; j++) STORE(out + at + 16 * j, v[j]);
}

static void linear_gelu(const int32_t *sum, ew_columns columns, uint32_t n, float scale, int32_t zero, float *out) {
    uint32_t i = 0;
    for (; i + 16 * TOGETHER <= n; i += 16 * TOGETHER) affine_gelu(sum, &columns, i, TOGETHER, scale, zero, out);
    for (; i < n; i += 16) affine_gelu(sum, &columns, i, 1, scale, zero, out);
}

static void linear_add(const int32_t *sum, ew_columns columns, uint32_t n, float scale, int32_t zero, float *out) {
    for (uint32_t i = 0; i < n; i += 16) {
        vf v;
        affine(sum, &columns, i, scale, zero, &v);
        STORE(out + i, LOAD(out + i) + v);
    }
}

static void bias_gelu(float *x, const float *bias, uint32_t n) {
    for (uint32_t i = 0; i < n; i += 16) {
        vf v = LOAD(x + i) + LOAD(bias + i);
        gelu_of(&v, 1);
        STORE(x + i, v);
    }
}

static void norm(float *x, uint32_t n, const float *gain, const float *bias, float epsilon) {
    vf sum = {0}, squares = {0};
    for (uint32_t i = 0; i < n; i += 16) sum += LOAD(x + i);
    float mean = fold_sum(&sum) / (float)n;
    for (uint32_t i = 0; i < n; i += 16) {
        vf v = LOAD(x + i) - mean;
        squares += v * v;
    }
    float factor = 1 / sqrtf(fold_sum(&squares) / (float)n + epsilon);
    for (uint32_t i = 0; i < n; i += 16) STORE(x + i, (LOAD(x + i) - mean) * factor * LOAD(gain + i) + LOAD(bias + i));
}

static float most(const float *x, uint32_t apart, uint32_t rows, uint32_t n) {
    vf high = {0};
    for (uint32_t r = 0; r < rows; r++, x += apart)
        for (uint32_t i = 0; i < n; i += 16) {
            vf v = (vf)((vi)LOAD(x + i) & 0x7fffffff);
            high = HIGHER(v, high);
        }
    return fold_most(&high);
}

/* round(x * factor), kept within +-most */
static inline void whole_within(const float *x, float factor, float most, vi *out) {
    vf v = LOAD(x) * factor;
    v = HIGHER(v, ALL(-most));
    v = LOWER(v, ALL(most));
    nearest(&v, out);
}

static void to_i16(const float *x, uint32_t n, float factor, int16_t *out) {
    for (uint32_t i = 0; i < n; i += 16) {
        vi whole;
        whole_within(x + i, factor, 32767.0f, &whole);
        PUT_SHORTS(out + i, whole);
    }
}

static void to_i8(const float *x, uint32_t n, float factor, int8_t *out) {
    for (uint32_t i = 0; i < n; i += 16) {
        vi whole;
        whole_within(x + i, factor, 127.0f, &whole);
        PUT_BYTES(out + i, whole);
    }
}

static void less(float *x, const float *y, uint32_t n) {
    for (uint32_t i = 0; i < n; i += 16) STORE(x + i, LOAD(x + i) - LOAD(y + i));
}

static void part(float *x, uint32_t n, float factor, float whole) {
    for (uint32_t i = 0; i < n; i += 16) STORE(x + i, LOAD(x + i) * factor / whole);
}

static void from_i32(const int32_t *x, uint32_t n, float factor, float *out) {
    for (uint32_t i = 0; i < n; i += 16) STORE(out + i, __builtin_convertvector(*(const vi_any *)(x + i), vf) * factor);
}

/* `many` rows, a constant once inlined. */
INLINE void softmax_rows(const int32_t *scores, int many, uint32_t n, float scale, float *room, int16_t *out) {
    vf sum[EW_SOFTMAX_ROWS] = {{0}};
    int32_t top[EW_SOFTMAX_ROWS];
    for (int j = 0; j < many; j++) {
        vi high = *(const vi_any *)(scores + (size_t)j * n);
        for (uint32_t i = 16; i < n; i += 16) {
            vi v = *(const vi_any *)(scores + (size_t)j * n + i);
            high = HIGHEST(v, high);
        }
        top[j] = fold_highest(&high);
    }
    for (uint32_t i = 0; i < n; i += 16) {
        vf v[EW_SOFTMAX_ROWS];
        for (int j = 0; j < many; j++)
            v[j] = __builtin_convertvector(*(const vi_any *)(scores + (size_t)j * n + i) - top[j], vf) * scale;
        if (TOGETHER < EW_SOFTMAX_ROWS) {
            for (int j = 0; j < many; j++) exp_down(&v[j]);
        } else {
            exp_down_of(v, many);
        }
        for (int j = 0; j < many; j++) {
            STORE(room + (size_t)j * n + i, v[j]);
            sum[j] += v[j];
        }
    }
    for (int j = 0; j < many; j++)
        to_i16(room + (size_t)j * n, n, (float)EW_SOFTMAX_ONE / fold_sum(&sum[j]), out + (size_t)j * n);
}

static void softmax_i16(const int32_t *scores, uint32_t rows, uint32_t n, float scale, float *room, int16_t *out) {
    size_t r = 0;
    for (; r + EW_SOFTMAX_ROWS <= rows; r += EW_SOFTMAX_ROWS)
        softmax_rows(scores + r * n, EW_SOFTMAX_ROWS, n, scale, room, out + r * n);
    for (; r < rows; r++) softmax_rows(scores + r * n, 1, n, scale, room, out + r * n);
}

static void softmax(float *x, uint32_t n, float scale) {
    vf high = LOAD(x), sum = {0};
    for (uint32_t i = 16; i < n; i += 16) {
        vf v = LOAD(x + i);
        high = HIGHER(v, high);
    }
    float top = fold_most(&high);
    for (uint32_t i = 0; i < n; i += 16) {
        vf v = (LOAD(x + i) - top) * scale;
        exp_down(&v);
        STORE(x + i, v);
        sum += v;
    }
    float factor = 1 / fold_sum(&sum);
    for (uint32_t i = 0; i < n; i += 16) STORE(x + i, LOAD(x + i) * factor);
}

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
const ew_smooth SMOOTH = {NAME_OF(SMOOTH_NAME), quantise, linear, linear_gelu, linear_add, bias_gelu, norm, most, to_i16,
                          to_i8, less, part, from_i32, softmax_i16, softmax};
