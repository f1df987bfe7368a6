/* The tables of kernels, one an instruction set; only select.c looks here. */
#ifndef EW_KERNELS_BODIES_H
#define EW_KERNELS_BODIES_H

#include "kernels.h"

extern const ew_kernels ew_kernels_serial;
#if defined(__x86_64__)
extern const ew_kernels ew_kernels_avx2, ew_kernels_avx512;
#elif defined(__aarch64__)
extern const ew_kernels ew_kernels_neon;
#endif

#endif
