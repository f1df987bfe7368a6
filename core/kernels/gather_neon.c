#if defined(__aarch64__)
#include <arm_neon.h>

#include "gather_bodies.h"

/* Sixteen columns at a time, their sums in registers over all ids. */
static void add(const int8_t *rows, const float *scales, uint32_t d, const uint32_t *ids, size_t n, float *sum) {
    for (uint32_t k = 0; k + 16 <= d; k += 16) {
        float32x4_t s0 = vld1q_f32(sum + k), s1 = vld1q_f32(sum + k + 4), s2 = vld1q_f32(sum + k + 8), s3 = vld1q_f32(sum + k + 12);
        for (size_t i = 0; i < n; i++) {
            float scale = scales[ids[i]];
            int8x16_t bytes = vld1q_s8(rows + (size_t)ids[i] * d + k);
            int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_s8(vget_high_s8(bytes));
            s0 = vaddq_f32(s0, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), scale));
            s1 = vaddq_f32(s1, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_high_s16(low))), scale));
            s2 = vaddq_f32(s2, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), scale));
            s3 = vaddq_f32(s3, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_high_s16(high))), scale));
        }
        vst1q_f32(sum + k, s0);
        vst1q_f32(sum + k + 4, s1);
        vst1q_f32(sum + k + 8, s2);
        vst1q_f32(sum + k + 12, s3);
    }
}

static void unit(float *x, uint32_t d, float least) { ew_gather_kernels_serial.unit(x, d, least); }

const ew_gather_kernels ew_gather_kernels_neon = {"neon", add, unit};
#else
typedef int ew_gather_kernels_neon_is_for_arm; /* a translation unit may not be empty */
#endif
