/* Counter-based random numbers: a pure function of (seed, stage, a, b), so that no order of work can change them. */
#ifndef EW_BASE_RANDOM_H
#define EW_BASE_RANDOM_H

#include <stdint.h>

/* Names of the streams; a stage never shares one with another. */
enum {
    EW_RANDOM_DECOY = 1,
    EW_RANDOM_LSA,
    EW_RANDOM_KMEANS,
    EW_RANDOM_SAMPLE,
    EW_RANDOM_BOOTSTRAP,
    EW_RANDOM_CUSUM,
    EW_RANDOM_MINHASH,
    EW_RANDOM_PAIRS,
    EW_RANDOM_HASH,
    EW_RANDOM_TILES,
    EW_RANDOM_TEST,
    EW_RANDOM_ROTATION,
    EW_RANDOM_COVER
};

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits with good avalanche. */
static inline uint64_t ew_mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t ew_random(uint64_t seed, uint64_t stage, uint64_t a, uint64_t b) {
    return ew_mix(ew_mix(ew_mix(seed * 0x2545f4914f6cdd1du + stage) ^ a) ^ (b * 0x9e3779b97f4a7c15u));
}

/* Uniform in [0, 1), 53 bits. */
static inline double ew_random_unit(uint64_t seed, uint64_t stage, uint64_t a, uint64_t b) {
    return (double)(ew_random(seed, stage, a, b) >> 11) * 0x1.0p-53;
}

/* Of random bits: uniform in 0 .. n-1, n > 0 (Lemire 2019, without the rejection: the bias is below n / 2^64). */
static inline uint64_t ew_random_part(uint64_t random, uint64_t n) {
    return (uint64_t)(((unsigned __int128)random * n) >> 64);
}
static inline uint64_t ew_random_below(uint64_t n, uint64_t seed, uint64_t stage, uint64_t a, uint64_t b) {
    return ew_random_part(ew_random(seed, stage, a, b), n);
}

#endif
