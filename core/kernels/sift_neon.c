/* NEON: products widened to int16, added pairwise into int32; four rows share each load of a target. */
#if defined(__aarch64__)
#include <arm_neon.h>

#include "sift.h"

static inline int32x4_t step(int32x4_t s, int8x16_t u, int8x16_t v) {
    s = vpadalq_s16(s, vmull_s8(vget_low_s8(u), vget_low_s8(v)));
    return vpadalq_s16(s, vmull_s8(vget_high_s8(u), vget_high_s8(v)));
}

static uint32_t sift(const int8_t *packed, const int32_t *floor, uint32_t n, const int8_t *targets, const uint32_t *which,
                     uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0, i = 0;
    for (; i + 4 <= n; i += 4)
        for (uint32_t j = 0; j < m; j++) {
            const int8_t *y = targets + (size_t)(which ? which[j] : j) * stride;
            int32x4_t s[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
            for (uint32_t k = 0; k < stride; k += 16) {
                int8x16_t v = vld1q_s8(y + k);
                for (int r = 0; r < 4; r++) s[r] = step(s[r], vld1q_s8(packed + (size_t)(i + r) * stride + k), v);
            }
            for (uint32_t r = 0; r < 4; r++) {
                int32_t dot = vaddvq_s32(s[r]);
                if (dot >= floor[i + r]) hits[found++] = (ew_sift_hit){(uint16_t)(i + r), (uint16_t)j, dot};
            }
        }
    uint32_t rest = ew_sift_serial.sift(packed + (size_t)i * stride, floor + i, n - i, targets, which, m, stride,
                                        hits + found);
    for (uint32_t h = 0; h < rest; h++) hits[found + h].row = (uint16_t)(hits[found + h].row + i);
    return found + rest;
}

const ew_sift ew_sift_neon = {"neon", 1, ew_sift_pack_rows, sift};
#else
typedef int ew_sift_neon_is_for_arm; /* a translation unit may not be empty */
#endif
