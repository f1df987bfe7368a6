/* The tables of smooth.h, one an instruction set; only smooth.c and the bodies themselves look here. */
#ifndef EW_KERNELS_SMOOTH_BODIES_H
#define EW_KERNELS_SMOOTH_BODIES_H

#include "smooth.h"

extern const ew_smooth ew_smooth_serial; /* SSE2 or NEON too: vectors are lowered to what the target has */
#if defined(__x86_64__)
extern const ew_smooth ew_smooth_avx2, ew_smooth_avx512;
#endif

#endif
