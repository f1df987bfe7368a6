#include "scalar.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

const double ew_inverse_factorial[15] = {
    1.0,         1.0,          1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,        1.0 / 720,        1.0 / 5040,
    1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};

double ew_exp(double x) {
    if (x < -708) return 0;
    if (x > 709) x = 709;
    double k = floor(x * EW_EXP_PER_LN2 + 0.5);
    double r = (x - k * EW_LN2_HIGH) - k * EW_LN2_LOW; /* |r| <= ln 2 / 2 */
    /* Taylor to r^14 by Horner; the remainder is below 1e-18 */
    double sum = ew_inverse_factorial[14];
    for (int i = 13; i >= 0; i--) sum = sum * r + ew_inverse_factorial[i];
    uint64_t bits = (uint64_t)((int64_t)k + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

double ew_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t e = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) { /* m in [sqrt 1/2, sqrt 2) */
        m *= 0.5;
        e++;
    }
    double s = (m - 1) / (m + 1), s2 = s * s, sum = 0, power = s; /* ln m = 2 artanh s, |s| <= .172 */
    for (int i = 1; i <= 21; i += 2) {
        sum += power / i;
        power *= s2;
    }
    return ((double)e * EW_LN2_LOW + 2 * sum) + (double)e * EW_LN2_HIGH;
}
