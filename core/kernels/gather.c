/* The oracle, and the choice of a body. */
#include "gather.h"

#include <math.h>

#include "gather_bodies.h"
#include "isa.h"

static void add_group(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, uint32_t n, float *sum) {
    enum { COLUMNS = 16 };
    ew_gather_weights weights;
    ew_gather_weigh(scales, ids, n, &weights);
    for (uint32_t k = 0; k < d; k += COLUMNS) {
        int32_t exact[COLUMNS] = {0};
        for (uint32_t i = 0; i < n; i++) {
            const int8_t *row = rows + (size_t)ids[i] * d + k;
            int32_t weight = weights.high[i] * 128 + weights.low[i];
            for (uint32_t l = 0; l < COLUMNS; l++) exact[l] += weight * row[l];
        }
        for (uint32_t l = 0; l < COLUMNS; l++) sum[k + l] += (float)exact[l] * weights.step;
    }
}

static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, size_t more, float *sum) {
    (void)more;
    for (size_t i = 0; i < n; i += EW_GATHER_GROUP)
        add_group(rows, scales, d, ids + i, n - i < EW_GATHER_GROUP ? (uint32_t)(n - i) : EW_GATHER_GROUP, sum);
}

float ew_gather_reciprocal(float square, float least) {
    float length = sqrtf(square);
    return length >= least && length > 0 ? 1 / length : 0;
}

static void unit(float *x, uint32_t d, float least) {
    float part[16] = {0};
    uint32_t at = 0;
    for (; d - at >= 16; at += 16)
        for (uint32_t l = 0; l < 16; l++) part[l] += x[at + l] * x[at + l];
    for (uint32_t l = 0; at + l < d; l++) part[l] += x[at + l] * x[at + l];
    for (uint32_t half = 8; half; half /= 2)
        for (uint32_t l = 0; l < half; l++) part[l] += part[l + half];
    float factor = ew_gather_reciprocal(part[0], least);
    for (uint32_t k = 0; k < d; k++) x[k] = factor > 0 ? x[k] * factor : 0;
}

const ew_gather_kernels ew_gather_kernels_serial = {"serial", add, unit};

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_gather_kernels_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_gather_kernels_avx2, [EW_ISA_AVX512] = &ew_gather_kernels_avx512,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_gather_kernels_neon,
#endif
};

const ew_gather_kernels *ew_gather_kernels_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_gather_kernels *ew_gather_kernels_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
