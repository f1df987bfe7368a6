/* The one body of powers.h; a file an instruction set includes it after defining POWERS (the table's name) and POWERS_NAME. The
 * steps are those of ew_exp (base/scalar.c), lane by lane. */
#include <string.h>

#include "../base/scalar.h"
#include "powers.h"

typedef double lanes __attribute__((vector_size(64)));
typedef int64_t whole_lanes __attribute__((vector_size(64)));
static const double MAGIC = 0x1.8p52; /* added, what is behind the point falls off, and the last bits are the integer's */

static inline __attribute__((always_inline)) void exp_lanes(lanes *at) {
    lanes x = *at;
    whole_lanes low = x < -708, high = x > 709;
    lanes inside = (lanes)(((whole_lanes)x & ~(low | high)) | (high & (whole_lanes)((lanes){0} + 709)));
    lanes y = inside * EW_EXP_PER_LN2 + 0.5, k = (y + MAGIC) - MAGIC;
    k -= (lanes)((k > y) & (whole_lanes)((lanes){0} + 1.0)); /* the nearest was above */
    lanes r = (inside - k * EW_LN2_HIGH) - k * EW_LN2_LOW, sum = (lanes){0} + ew_inverse_factorial[14];
    for (int i = 13; i >= 0; i--) sum = sum * r + ew_inverse_factorial[i];
    whole_lanes bits = ((whole_lanes)(k + MAGIC) - (whole_lanes)((lanes){0} + MAGIC) + 1023) << 52;
    *at = (lanes)((whole_lanes)(sum * (lanes)bits) & ~low);
}

static void all(const double *x, uint32_t n, double times, double *out) {
    for (uint32_t i = 0; i < n; i += EW_POWERS_LANES) {
        lanes some;
        memcpy(&some, x + i, sizeof some);
        some *= times;
        exp_lanes(&some);
        memcpy(out + i, &some, sizeof some);
    }
}

static double fold(const lanes *v) {
    const lanes f = *v;
    return ((f[0] + f[1]) + (f[2] + f[3])) + ((f[4] + f[5]) + (f[6] + f[7]));
}

static void sums(const double *x, uint32_t n, double times, double *sum, double *slope) {
    lanes one = {0}, other = {0};
    for (uint32_t i = 0; i < n; i += EW_POWERS_LANES) {
        lanes some, e;
        memcpy(&some, x + i, sizeof some);
        e = some * times;
        exp_lanes(&e);
        one += e;
        other += some * e;
    }
    *sum = fold(&one);
    *slope = fold(&other);
}

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
const ew_powers POWERS = {NAME_OF(POWERS_NAME), all, sums};
