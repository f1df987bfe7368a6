/* Eight bytes at a time in one register: a byte's high bit tells whether adding carried it over a border. */
#include <string.h>

#include "fold.h"

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

/* High bit of each byte of x (all below 0x80) that is `least` or more. */
static inline uint64_t from(uint64_t x, unsigned least) { return (x + EACH(0x80 - least)) & EACH(0x80); }

/* The eight high bits, first byte lowest. */
static inline uint64_t gathered(uint64_t high) { return (high >> 7) * 0x0102040810204080u >> 56; }

static unsigned fold(const char *text, size_t n, char *low, uint64_t *words, uint64_t *wide) {
    uint64_t wides = 0, controls = 0;
    for (size_t block = 0; block * 64 < n; block++) {
        uint64_t w = 0, v = 0;
        for (size_t part = 0; part < 8; part++) {
            size_t at = block * 64 + part * 8;
            uint64_t x = EACH(' ');
            if (at + 8 <= n) memcpy(&x, text + at, 8);
            else if (at < n) memcpy(&x, text + at, n - at);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
            x = __builtin_bswap64(x);
#endif
            uint64_t high = x & EACH(0x80), seven = x & EACH(0x7f);
            uint64_t upper = from(seven, 'A') & ~from(seven, 'Z' + 1) & ~high;
            uint64_t small = seven | upper >> 2;
            uint64_t letter = from(small, 'a') & ~from(small, 'z' + 1), digit = from(small, '0') & ~from(small, '9' + 1);
            uint64_t space = from(small, '\t') & ~from(small, '\r' + 1);
            w |= gathered((letter | digit) & ~high) << (part * 8);
            v |= gathered(high) << (part * 8);
            wides |= high;
            controls |= ((EACH(0x80) & ~from(small, ' ') & ~space) | from(small, 0x7f)) & ~high;
            x |= upper >> 2;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
            x = __builtin_bswap64(x);
#endif
            if (at < n) memcpy(low + at, &x, 8);
            else memset(low + at, 0, 8);
            if (at < n && at + 8 > n) memset(low + n, 0, at + 8 - n);
        }
        words[block] = w;
        wide[block] = v;
    }
    return (wides ? EW_FOLD_WIDE : 0u) | (controls ? EW_FOLD_CONTROL : 0u);
}

const ew_fold ew_fold_serial = {"serial", fold};
