/* The oracle: plain C, one obvious body each. */
#include "bodies.h"

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    for (uint32_t i = 0; i < n_a; i++)
        for (uint32_t j = 0; j < n_b; j++) {
            const int8_t *x = a + (size_t)i * stride, *y = b + (size_t)j * stride;
            int32_t sum = 0;
            for (uint32_t k = 0; k < stride; k++) sum += x[k] * y[k];
            out[(size_t)i * n_b + j] = sum;
        }
}

static int32_t dot_i16(const int16_t *a, const int16_t *b, uint32_t n) {
    int32_t sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += (int32_t)a[k] * b[k];
    return sum;
}

static float norm2(const float *x, uint32_t d) {
    float part[16] = {0};
    uint32_t k = 0;
    for (; k + 16 <= d; k += 16)
        for (uint32_t l = 0; l < 16; l++) part[l] += x[k + l] * x[k + l];
    for (uint32_t l = 0; k + l < d; l++) part[l] += x[k + l] * x[k + l];
    for (uint32_t half = 8; half; half /= 2)
        for (uint32_t l = 0; l < half; l++) part[l] += part[l + half];
    return part[0];
}

static uint32_t at_least(const int32_t *values, uint32_t n, int32_t floor, uint32_t *out) {
    uint32_t found = 0;
    for (uint32_t j = 0; j < n; j++)
        if (values[j] >= floor) out[found++] = j;
    return found;
}

static size_t ascii_run(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && (unsigned char)text[i] < 0x80) i++;
    return i;
}

const ew_kernels ew_kernels_serial = {"serial", dot_i8, dot_i16, norm2, at_least, ascii_run};
