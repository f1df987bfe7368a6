/* The bodies of gather.h; only its files look here. */
#ifndef EW_KERNELS_GATHER_BODIES_H
#define EW_KERNELS_GATHER_BODIES_H

#include "gather.h"

enum { EW_GATHER_AHEAD = 6 }; /* rows fetched before they are added: a table is larger than the second cache */

extern const ew_gather_kernels ew_gather_kernels_serial;
#if defined(__x86_64__)
extern const ew_gather_kernels ew_gather_kernels_avx2, ew_gather_kernels_avx512;
#elif defined(__aarch64__)
extern const ew_gather_kernels ew_gather_kernels_neon;
#endif

static inline void ew_gather_fetch(const int8_t *row, uint32_t bytes) {
    for (uint32_t k = 0; k < bytes; k += 64) __builtin_prefetch(row + k);
}

/* 1 / the length of which this is the square; 0 where the row is to vanish. */
float ew_gather_reciprocal(float square, float least);

#endif
