#if defined(__aarch64__)
#include <arm_neon.h>

#include "gather_bodies.h"

static inline void finish(int32x4_t exact, float step, float *sum) {
    vst1q_f32(sum, vaddq_f32(vld1q_f32(sum), vmulq_n_f32(vcvtq_f32_s32(exact), step)));
}

/* Sixteen columns at a time, their sums in registers over all ids. */
static void add_group(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, uint32_t n, float *sum) {
    ew_gather_weights weights;
    ew_gather_weigh(scales, ids, n, &weights);
    for (uint32_t k = 0; k < d; k += 16) {
        int32x4_t s0 = vdupq_n_s32(0), s1 = s0, s2 = s0, s3 = s0;
        for (uint32_t i = 0; i < n; i++) {
            int16_t weight = (int16_t)(weights.high[i] * 128 + weights.low[i]);
            int8x16_t bytes = vld1q_s8(rows + (size_t)ids[i] * d + k);
            int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_s8(vget_high_s8(bytes));
            s0 = vmlal_n_s16(s0, vget_low_s16(low), weight);
            s1 = vmlal_n_s16(s1, vget_high_s16(low), weight);
            s2 = vmlal_n_s16(s2, vget_low_s16(high), weight);
            s3 = vmlal_n_s16(s3, vget_high_s16(high), weight);
        }
        finish(s0, weights.step, sum + k);
        finish(s1, weights.step, sum + k + 4);
        finish(s2, weights.step, sum + k + 8);
        finish(s3, weights.step, sum + k + 12);
    }
}

static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, size_t more, float *sum) {
    (void)more;
    for (size_t i = 0; i < n; i += EW_GATHER_GROUP)
        add_group(rows, scales, d, ids + i, n - i < EW_GATHER_GROUP ? (uint32_t)(n - i) : EW_GATHER_GROUP, sum);
}

static void unit(float *x, uint32_t d, float least) { ew_gather_kernels_serial.unit(x, d, least); }

const ew_gather_kernels ew_gather_kernels_neon = {"neon", add, unit};
#else
typedef int ew_gather_kernels_neon_is_for_arm; /* a translation unit may not be empty */
#endif
