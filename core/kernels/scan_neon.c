#include "scan.h"

#if defined(__aarch64__)
#include <arm_neon.h>

/* Sixteen bytes of all ones or zeros to sixteen bits: a bit for each byte, added pairwise three times. */
static inline uint64_t bits(uint8x16_t hits) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t sum = vandq_u8(hits, vld1q_u8(weights));
    sum = vpaddq_u8(sum, sum);
    sum = vpaddq_u8(sum, sum);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u16(vreinterpretq_u16_u8(sum), 0);
}

void ew_scan_neon(const char *text, size_t words, ew_scan_set set, uint64_t *out) {
    uint8x16_t a = vdupq_n_u8(set.a), b = vdupq_n_u8(set.b), c = vdupq_n_u8(set.c), below = vdupq_n_u8(set.below);
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (unsigned i = 0; i < 4; i++) {
            uint8x16_t x = vld1q_u8((const uint8_t *)text + 64 * w + 16 * i);
            uint8x16_t hits = vorrq_u8(vorrq_u8(vceqq_u8(x, a), vceqq_u8(x, b)), vorrq_u8(vceqq_u8(x, c), vcltq_u8(x, below)));
            word |= bits(hits) << 16 * i;
        }
        out[w] = word;
    }
}
#endif
