/* exp and log of our own: the same bits from every C library and instruction set (no fused multiply-add: the build sets
 * -ffp-contract=off). Relative error below 1e-14 over the range used here. */
#ifndef EW_BASE_SCALAR_H
#define EW_BASE_SCALAR_H

#include <stdint.h>

double ew_exp(double x); /* 0 below -708, clamped above 709 */
/* out[i] = ew_exp(x[i] * times), in the same bits, several at a time; 0 .. n - 1; out may be x. */
void ew_exp_all(const double *x, uint32_t n, double times, double *out);
double ew_log(double x); /* x > 0, normal */

#endif
