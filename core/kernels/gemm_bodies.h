/* The bodies of gemm.h, one an instruction set; only gemm.c and the bodies themselves look here. */
#ifndef EW_KERNELS_GEMM_BODIES_H
#define EW_KERNELS_GEMM_BODIES_H

#include "gemm.h"

extern const ew_gemm ew_gemm_serial;
#if defined(__x86_64__)
extern const ew_gemm ew_gemm_avx2, ew_gemm_avx512, ew_gemm_amx;
#elif defined(__aarch64__)
extern const ew_gemm ew_gemm_neon;
#endif

#endif
