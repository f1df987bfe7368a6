#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#include "fold.h"

/* x - least, unsigned, below `count`: all ones where so. */
static inline uint8x16_t in_range(uint8x16_t x, uint8_t least, uint8_t count) {
    return vcltq_u8(vsubq_u8(x, vdupq_n_u8(least)), vdupq_n_u8(count));
}

/* One bit of each of 64 bytes that are all ones or zero: weights by place, then three rounds of adding neighbours. */
static inline uint64_t gathered(const uint8x16_t m[4]) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t low = vpaddq_u8(vandq_u8(m[0], weights), vandq_u8(m[1], weights));
    uint8x16_t high = vpaddq_u8(vandq_u8(m[2], weights), vandq_u8(m[3], weights));
    low = vpaddq_u8(low, high);
    low = vpaddq_u8(low, low);
    return vgetq_lane_u64(vreinterpretq_u64_u8(low), 0);
}

static unsigned fold(const char *text, size_t n, char *low, uint64_t *words, uint64_t *wide) {
    uint8x16_t wides = vdupq_n_u8(0), controls = wides;
    for (size_t at = 0; at < n; at += 64) {
        char last[64];
        const char *from = text + at;
        if (n - at < 64) {
            memset(last, ' ', sizeof last);
            memcpy(last, from, n - at);
            from = last;
        }
        uint8x16_t w[4], v[4];
        for (int k = 0; k < 4; k++) {
            uint8x16_t x = vld1q_u8((const uint8_t *)from + 16 * k);
            uint8x16_t small = vorrq_u8(x, vandq_u8(in_range(x, 'A', 26), vdupq_n_u8(32)));
            w[k] = vorrq_u8(in_range(small, 'a', 26), in_range(small, '0', 10));
            v[k] = vcgeq_u8(x, vdupq_n_u8(0x80));
            wides = vorrq_u8(wides, v[k]);
            controls = vorrq_u8(controls, vbicq_u8(vcltq_u8(x, vdupq_n_u8(' ')), in_range(x, '\t', 5)));
            controls = vorrq_u8(controls, vceqq_u8(x, vdupq_n_u8(0x7f)));
            vst1q_u8((uint8_t *)low + at + 16 * k, small);
        }
        words[at / 64] = gathered(w);
        wide[at / 64] = gathered(v);
    }
    if (n % 64) memset(low + n, 0, 64 - n % 64);
    return (vmaxvq_u8(wides) ? EW_FOLD_WIDE : 0u) | (vmaxvq_u8(controls) ? EW_FOLD_CONTROL : 0u);
}

const ew_fold ew_fold_neon = {"neon", fold};
#else
typedef int ew_fold_neon_is_for_arm; /* a translation unit may not be empty */
#endif
