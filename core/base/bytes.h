/* Eight bytes as a number, the same on every machine. */
#ifndef EW_BASE_BYTES_H
#define EW_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

/* Little endian: the byte at p is the lowest. */
static inline uint64_t ew_load64(const void *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The two halves of the product, on each other: what the hashes mix by. */
static inline uint64_t ew_fold64(uint64_t a, uint64_t b) {
    unsigned __int128 p = (unsigned __int128)a * b;
    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

#endif
