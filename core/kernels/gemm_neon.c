/* NEON: bytes multiplied into int16 and added in pairs into int32. int16 products are left to the compiler, which vectorises
 * the oracle. */
#if defined(__aarch64__)
#include <arm_neon.h>

#include "gemm_bodies.h"

static inline int8x16_t four_bytes(const int8_t *p) {
    int32_t word;
    __builtin_memcpy(&word, p, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(word));
}

static void i8(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart) {
    for (uint32_t j = 0; j < n; j += 16)
        for (uint32_t i = 0; i < m; i++) {
            const int8_t *block = packed + (size_t)j * k, *row = a + (size_t)i * k;
            int32x4_t low[4], high[4]; /* two halves of each sum: of four columns, the first two and the last two */
            for (int q = 0; q < 4; q++) low[q] = high[q] = vdupq_n_s32(0);
            for (uint32_t c = 0; c < k; c += 4, block += 64) {
                int8x16_t x = four_bytes(row + c);
                for (int q = 0; q < 4; q++) {
                    int8x16_t w = vld1q_s8(block + 16 * q);
                    low[q] = vpadalq_s16(low[q], vmull_s8(vget_low_s8(x), vget_low_s8(w)));
                    high[q] = vpadalq_s16(high[q], vmull_s8(vget_high_s8(x), vget_high_s8(w)));
                }
            }
            for (uint32_t q = 0; q < 4; q++) vst1q_s32(out + (size_t)i * apart + j + 4 * q, vpaddq_s32(low[q], high[q]));
        }
}

static void i16(const int16_t *a, uint32_t lead, uint32_t m, uint32_t k, const int16_t *pairs, uint32_t n, int32_t *out,
                uint32_t apart) {
    ew_gemm_serial.i16(a, lead, m, k, pairs, n, out, apart);
}

const ew_gemm ew_gemm_neon = {"neon", i8, i16};
#else
typedef int ew_gemm_neon_is_for_arm; /* a translation unit may not be empty */
#endif
