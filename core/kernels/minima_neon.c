#if defined(__aarch64__)
#include <arm_neon.h>

#include "minima.h"

static void minima(const uint64_t *hashes, size_t n, uint32_t out[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS]) {
    uint32x4_t c[4], m[EW_MINIMA_GROUPS][4];
    for (int k = 0; k < 4; k++) {
        c[k] = vld1q_u32(ew_minima_constants + 4 * k);
        for (int g = 0; g < EW_MINIMA_GROUPS; g++) m[g][k] = vdupq_n_u32(UINT32_MAX);
    }
    for (size_t i = 0; i < n; i++)
        for (int g = 0; g < EW_MINIMA_GROUPS; g++) {
            uint32x4_t x = vdupq_n_u32((uint32_t)(hashes[i] >> (16 * g)));
            for (int k = 0; k < 4; k++) m[g][k] = vminq_u32(m[g][k], veorq_u32(x, c[k]));
        }
    for (int g = 0; g < EW_MINIMA_GROUPS; g++)
        for (int k = 0; k < 4; k++) vst1q_u32(out[g] + 4 * k, m[g][k]);
}

const ew_minima ew_minima_neon = {"neon", minima};
#else
typedef int ew_minima_neon_is_for_arm; /* a translation unit may not be empty */
#endif
