#include "scalar.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the first has 32 trailing zero bits, so k * LN2_HIGH is exact. */
static const double LN2_HIGH = 0x1.62e42fee00000p-1, LN2_LOW = 0x1.a39ef35793c76p-33;

static const double INVERSE_FACTORIAL[15] = {
    1.0,         1.0,          1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,        1.0 / 720,        1.0 / 5040,
    1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};

double ew_exp(double x) {
    if (x < -708) return 0;
    if (x > 709) x = 709;
    double k = floor(x * 0x1.71547652b82fep+0 + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW; /* |r| <= ln 2 / 2 */
    /* Taylor to r^14 by Horner; the remainder is below 1e-18 */
    double sum = INVERSE_FACTORIAL[14];
    for (int i = 13; i >= 0; i--) sum = sum * r + INVERSE_FACTORIAL[i];
    uint64_t bits = (uint64_t)((int64_t)k + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

/* Vectors of a few doubles, lowered to what the target has: the same steps as above, lane by lane. */
typedef double lanes __attribute__((vector_size(64)));
typedef int64_t whole_lanes __attribute__((vector_size(64)));
enum { LANES = sizeof(lanes) / sizeof(double) };
static const double MAGIC = 0x1.8p52; /* added, what is behind the point falls off, and the last bits are the integer's */

static void exp_lanes(lanes *at) {
    lanes x = *at;
    whole_lanes low = x < -708, high = x > 709;
    lanes inside = (lanes)(((whole_lanes)x & ~(low | high)) | (high & (whole_lanes)((lanes){0} + 709)));
    lanes y = inside * 0x1.71547652b82fep+0 + 0.5, k = (y + MAGIC) - MAGIC;
    k -= (lanes)((k > y) & (whole_lanes)((lanes){0} + 1.0)); /* the nearest was above */
    lanes r = (inside - k * LN2_HIGH) - k * LN2_LOW, sum = (lanes){0} + INVERSE_FACTORIAL[14];
    for (int i = 13; i >= 0; i--) sum = sum * r + INVERSE_FACTORIAL[i];
    whole_lanes bits = ((whole_lanes)(k + MAGIC) - (whole_lanes)((lanes){0} + MAGIC) + 1023) << 52;
    *at = (lanes)((whole_lanes)(sum * (lanes)bits) & ~low);
}

void ew_exp_all(const double *x, uint32_t n, double times, double *out) {
    for (uint32_t i = 0; i < n; i += LANES) {
        lanes some = {0};
        size_t bytes = (n - i < LANES ? n - i : LANES) * sizeof *x;
        memcpy(&some, x + i, bytes);
        some *= times;
        exp_lanes(&some);
        memcpy(out + i, &some, bytes);
    }
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
    return ((double)e * LN2_LOW + 2 * sum) + (double)e * LN2_HIGH;
}
