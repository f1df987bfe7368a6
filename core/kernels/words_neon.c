#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#include "words_bodies.h"

static inline uint8x16_t below(uint8x16_t v, uint8_t low, uint8_t count) { /* low <= v < low + count */
    return vcltq_u8(vsubq_u8(v, vdupq_n_u8(low)), vdupq_n_u8(count));
}

/* One bit a byte of four registers whose bytes are all ones or all zeros: weighed by place, then added by pairs three times. */
static inline uint64_t bits(const uint8x16_t v[4]) {
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t weight = vld1q_u8(places);
    uint8x16_t a = vpaddq_u8(vandq_u8(v[0], weight), vandq_u8(v[1], weight));
    uint8x16_t b = vpaddq_u8(vandq_u8(v[2], weight), vandq_u8(v[3], weight));
    a = vpaddq_u8(a, b);
    a = vpaddq_u8(a, a);
    return vgetq_lane_u64(vreinterpretq_u64_u8(a), 0);
}

static bool scan(const char *text, size_t n, char *lower, uint64_t *word, uint64_t *mark) {
    uint8x16_t bracket = vdupq_n_u8(0);
    for (size_t from = 0; from < n; from += 64, word++, mark++) {
        const char *at = text + from;
        char rest[64];
        if (n - from < 64) {
            memset(rest, 0, sizeof rest);
            memcpy(rest, at, n - from);
            at = rest;
        }
        uint8x16_t words[4], marks[4];
        for (int i = 0; i < 4; i++) {
            uint8x16_t v = vld1q_u8((const uint8_t *)at + 16 * i);
            v = vaddq_u8(v, vandq_u8(below(v, 'A', 26), vdupq_n_u8(0x20)));
            vst1q_u8((uint8_t *)lower + from + 16 * i, v);
            uint8x16_t blank = vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8(' ')), vceqq_u8(v, vdupq_n_u8('\t'))),
                                        vorrq_u8(vceqq_u8(v, vdupq_n_u8('\n')), vceqq_u8(v, vdupq_n_u8('\r'))));
            marks[i] = vbicq_u8(below(v, 0x21, 0x5e), vorrq_u8(below(v, 'a', 26), below(v, '0', 10)));
            words[i] = vmvnq_u8(vorrq_u8(blank, marks[i]));
            bracket = vorrq_u8(bracket, vceqq_u8(v, vdupq_n_u8('[')));
        }
        *mark = bits(marks);
        *word = bits(words) & ew_words_within(n - from);
    }
    return vmaxvq_u8(bracket) != 0;
}

const ew_word_kernels ew_word_kernels_neon = {"neon", scan};
#else
typedef int ew_word_kernels_neon_is_for_arm; /* a translation unit may not be empty */
#endif
