/* The tables of blend.h, one an instruction set; only blend.c and the bodies themselves look here. */
#ifndef EW_KERNELS_BLEND_BODIES_H
#define EW_KERNELS_BLEND_BODIES_H

#include "blend.h"

extern const ew_blend ew_blend_serial; /* SSE2 or NEON too: vectors are lowered to what the target has */
#if defined(__x86_64__)
extern const ew_blend ew_blend_avx2, ew_blend_avx512;
#endif

#endif
