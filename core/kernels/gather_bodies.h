/* The bodies of gather.h, and what they share; only its files look here. */
#ifndef EW_KERNELS_GATHER_BODIES_H
#define EW_KERNELS_GATHER_BODIES_H

#include <string.h>

#include "gather.h"

extern const ew_gather_kernels ew_gather_kernels_serial;
#if defined(__x86_64__)
extern const ew_gather_kernels ew_gather_kernels_avx2, ew_gather_kernels_avx512;
#elif defined(__aarch64__)
extern const ew_gather_kernels ew_gather_kernels_neon;
#endif

/* The scales of a group as multiples of its step: high * 128 + low, 14 bits in two bytes, so that no product of bytes saturates.
 * Zeros up to a multiple of four. */
typedef struct ew_gather_weights {
    float step;
    uint8_t high[EW_GATHER_GROUP], low[EW_GATHER_GROUP];
} ew_gather_weights;

static inline void ew_gather_weigh(const float *scales, const uint32_t *ids, uint32_t n, ew_gather_weights *out) {
    float own[EW_GATHER_GROUP];
    uint32_t most = 0; /* floats above 0 are in the order of their bits */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits;
        own[i] = scales[ids[i]];
        memcpy(&bits, &own[i], sizeof bits);
        if (bits > most) most = bits;
    }
    float largest;
    memcpy(&largest, &most, sizeof largest);
    float inverse = largest > 1e-30f ? 16383 / largest : 0; /* what is smaller is nothing */
    out->step = largest / 16383;
    for (uint32_t i = 0; i < n; i++) {
        int32_t q = (int32_t)(own[i] * inverse + 0.5f);
        out->high[i] = (uint8_t)(q >> 7);
        out->low[i] = (uint8_t)(q & 127);
    }
    for (uint32_t i = n; i % 4; i++) out->high[i] = out->low[i] = 0;
}

/* Four rows are fetched this many before their sum: a table is larger than the second cache. */
enum { EW_GATHER_AHEAD = 32 };
static inline void ew_gather_fetch(const int8_t *rows, uint32_t d, const uint32_t *ids, size_t left) {
    if (left < EW_GATHER_AHEAD + 4) return;
    for (uint32_t r = 0; r < 4; r++) {
        const int8_t *row = rows + (size_t)ids[EW_GATHER_AHEAD + r] * d;
        for (uint32_t k = 0; k < d; k += 64) __builtin_prefetch(row + k);
    }
}

/* 1 / the length of which this is the square; 0 where the row is to vanish. */
float ew_gather_reciprocal(float square, float least);

#endif
