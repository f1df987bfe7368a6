/* powers: e^x of doubles, eight at a time, and the two sums over them that a step of Newton's method asks for. One body, compiled
 * once an instruction set; no fused multiply-add and one order of every sum, so the same bits from all of them. No state, any
 * thread.
 *
 * Arrays are of any alignment; n is a multiple of EW_POWERS_LANES. Whoever has fewer values puts EW_POWERS_FAR behind them. */
#ifndef EW_KERNELS_POWERS_H
#define EW_KERNELS_POWERS_H

#include <stdint.h>

enum { EW_POWERS_LANES = 8 };
#define EW_POWERS_FAR 1e300 /* of it nothing is left, as times < 0 */

typedef struct ew_powers {
    const char *name;
    /* out[i] = ew_exp(x[i] * times), in the same bits; out may be x */
    void (*all)(const double *x, uint32_t n, double times, double *out);
    /* Of e^(x times), and of x e^(x times); in eight parts, which are added up at the end. */
    void (*sums)(const double *x, uint32_t n, double times, double *sum, double *slope);
} ew_powers;

const ew_powers *ew_powers_get(void);
const ew_powers *ew_powers_named(const char *name); /* NULL: this build or processor lacks it */

/* The bodies: only powers.c and the bodies themselves look here. */
extern const ew_powers ew_powers_serial; /* SSE2 or NEON too: vectors are lowered to what the target has */
#if defined(__x86_64__)
extern const ew_powers ew_powers_avx2, ew_powers_avx512;
#endif

#endif
