/* The tables of kernels, one an instruction set; only select.c looks here. */
#ifndef EW_KERNELS_BODIES_H
#define EW_KERNELS_BODIES_H

#include "kernels.h"

extern const ew_kernels ew_kernels_serial;
#if defined(__x86_64__)
extern const ew_kernels ew_kernels_avx2, ew_kernels_avx512, ew_kernels_amx;
/* dot_i8 with rows of out `apart` from each other: for what AMX leaves at the borders. */
void ew_dot_i8_avx512(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out,
                      uint32_t apart);
int ew_kernels_amx_ready(void); /* asks the kernel for the tile registers; 0: not to be had */
#elif defined(__aarch64__)
extern const ew_kernels ew_kernels_neon;
#endif

#endif
