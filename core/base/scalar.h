/* exp and log of our own: the same bits from every C library and instruction set (no fused multiply-add: the build sets
 * -ffp-contract=off). Relative error below 1e-14 over the range used here. */
#ifndef EW_BASE_SCALAR_H
#define EW_BASE_SCALAR_H

#include <stdint.h>

double ew_exp(double x); /* 0 below -708, clamped above 709 */
double ew_log(double x); /* x > 0, normal */

/* What ew_exp is made of, for those who do the same steps several at a time (kernels/powers_body.h). ln 2 is in two parts: the
 * first has 32 trailing zero bits, so an integer times it is exact. */
#define EW_LN2_HIGH 0x1.62e42fee00000p-1
#define EW_LN2_LOW 0x1.a39ef35793c76p-33
#define EW_EXP_PER_LN2 0x1.71547652b82fep+0
extern const double ew_inverse_factorial[15];

#endif
