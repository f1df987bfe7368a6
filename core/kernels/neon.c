/* NEON bodies: dot products widened to int16, pairwise into int32. The rest is left to the compiler, which vectorises the oracle.
 */
#if defined(__aarch64__)
#include <arm_neon.h>

#include "bodies.h"

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    for (uint32_t i = 0; i < n_a; i++)
        for (uint32_t j = 0; j < n_b; j++) {
            const int8_t *x = a + (size_t)i * stride, *y = b + (size_t)j * stride;
            int32x4_t s = vdupq_n_s32(0);
            for (uint32_t k = 0; k < stride; k += 16) {
                int8x16_t u = vld1q_s8(x + k), v = vld1q_s8(y + k);
                s = vpadalq_s16(s, vmull_s8(vget_low_s8(u), vget_low_s8(v)));
                s = vpadalq_s16(s, vmull_s8(vget_high_s8(u), vget_high_s8(v)));
            }
            out[(size_t)i * n_b + j] = vaddvq_s32(s);
        }
}

static int32_t dot_i16(const int16_t *a, const int16_t *b, uint32_t n) { return ew_kernels_serial.dot_i16(a, b, n); }
static float norm2(const float *x, uint32_t d) { return ew_kernels_serial.norm2(x, d); }
static uint32_t at_least(const int32_t *values, uint32_t n, int32_t floor, uint32_t *out) {
    return ew_kernels_serial.at_least(values, n, floor, out);
}
static size_t ascii_run(const char *text, size_t n) { return ew_kernels_serial.ascii_run(text, n); }

const ew_kernels ew_kernels_neon = {"neon", dot_i8, dot_i16, norm2, at_least, ascii_run};
#else
typedef int ew_kernels_neon_is_for_arm; /* a translation unit may not be empty */
#endif
