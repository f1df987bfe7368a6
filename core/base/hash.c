#include "hash.h"

#include <string.h>

static inline uint64_t fold(uint64_t a, uint64_t b) {
    unsigned __int128 p = (unsigned __int128)a * b;
    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline uint64_t load64(const unsigned char *p) {
    uint64_t v;
    memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

uint64_t ew_hash(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t h = seed ^ (0xa0761d6478bd642fu + (uint64_t)n * 0xe7037ed1a0b428dbu);
    size_t left = n;
    while (left > 16) {
        h = fold(load64(p) ^ 0x8ebc6af09c88c6e3u, load64(p + 8) ^ h);
        p += 16;
        left -= 16;
    }
    unsigned char tail[16] = {0};
    if (left) memcpy(tail, p, left);
    h = fold(load64(tail) ^ 0x589965cc75374cc3u, load64(tail + 8) ^ h);
    return fold(h ^ 0xa0761d6478bd642fu, h ^ (uint64_t)n ^ 0x1d8e4e27c47d124fu);
}
