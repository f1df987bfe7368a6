#include "hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "bytes.h"
#include "random.h"

uint64_t ew_hash(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t h = seed ^ (0xa0761d6478bd642fu + (uint64_t)n * 0xe7037ed1a0b428dbu);
    size_t left = n;
    while (left > 16) {
        h = ew_fold64(ew_load64(p) ^ 0x8ebc6af09c88c6e3u, ew_load64(p + 8) ^ h);
        p += 16;
        left -= 16;
    }
    unsigned char tail[16] = {0};
    if (left) memcpy(tail, p, left);
    h = ew_fold64(ew_load64(tail) ^ 0x589965cc75374cc3u, ew_load64(tail + 8) ^ h);
    return ew_fold64(h ^ 0xa0761d6478bd642fu, h ^ (uint64_t)n ^ 0x1d8e4e27c47d124fu);
}

/* Both operands of every product hold a secret: what bytes make one of them zero, and so would swallow the other, cannot be
 * known. Where it happens by chance (once in 2^64), the state's own secret part keeps the words before it. */
static uint64_t secret[4];

void ew_hash_rekey(uint64_t seed) {
    uint64_t drawn[4] = {0};
    for (size_t got = 0; !seed && got < sizeof drawn;) {
        ssize_t n = getrandom((char *)drawn + got, sizeof drawn - got, GRND_NONBLOCK);
        if (n <= 0) break; /* a sandbox without it: what follows is worth less, but not nothing */
        got += (size_t)n;
    }
    struct timespec now = {0};
    if (!seed) clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t more = seed ? seed : (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&now;
    for (unsigned i = 0; i < 4; i++) secret[i] = ew_random(more, EW_RANDOM_HASH, i, 0) ^ drawn[i];
}

__attribute__((constructor)) static void draw_key(void) { ew_hash_rekey(0); }

static inline uint64_t load32(const unsigned char *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

uint64_t ew_hash_keyed(const void *bytes, size_t n, uint64_t purpose) {
    const unsigned char *p = bytes;
    uint64_t h = secret[0] ^ purpose, a = 0, b = 0;
    if (n > 16) {
        size_t left = n;
        if (left > 64) { /* a second chain beside the first, as a product takes longer than a load */
            uint64_t other = secret[3];
            for (; left > 32; left -= 32, p += 32) {
                h = ew_fold64(ew_load64(p) ^ secret[1], ew_load64(p + 8) ^ h) + secret[2];
                other = ew_fold64(ew_load64(p + 16) ^ secret[2], ew_load64(p + 24) ^ other) + secret[1];
            }
            h ^= ew_fold64(other ^ secret[1], secret[3]);
        }
        for (; left > 16; left -= 16, p += 16) h = ew_fold64(ew_load64(p) ^ secret[1], ew_load64(p + 8) ^ h) + secret[2];
        a = ew_load64(p + left - 16); /* the last 16 bytes, some of them again */
        b = ew_load64(p + left - 8);
    } else if (n >= 8) {
        a = ew_load64(p);
        b = ew_load64(p + n - 8);
    } else if (n >= 4) {
        a = load32(p);
        b = load32(p + n - 4);
    } else if (n) {
        a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
    }
    h = ew_fold64(a ^ secret[1], b ^ h);
    return ew_fold64(h ^ secret[2], (uint64_t)n ^ secret[3]);
}
