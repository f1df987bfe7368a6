/* exp and log of our own: the same bits from every C library and instruction set (no fused multiply-add: the build sets
 * -ffp-contract=off). Relative error below 1e-14 over the range used here. */
#ifndef EW_BASE_SCALAR_H
#define EW_BASE_SCALAR_H

double ew_exp(double x); /* 0 below -708, clamped above 709 */
double ew_log(double x); /* x > 0, normal */

#endif
