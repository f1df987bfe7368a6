/* e^x of many: the bits of ew_exp, and the same sums from every body. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/base/scalar.h"
#include "../../core/kernels/powers.h"

enum { MOST = 208 };
static const char *const NAMES[] = {"serial", "avx2", "avx512"};

Test(powers, are_those_of_exp) {
    double some[MOST], all[MOST], edge[] = {0, -0.0, -708, -708.1, -1e300, -INFINITY, 709, 710, 1e300, INFINITY, 1e-300};
    for (size_t b = 0; b < sizeof NAMES / sizeof *NAMES; b++) {
        const ew_powers *powers = ew_powers_named(NAMES[b]);
        if (!powers) continue;
        cr_assert_str_eq(powers->name, NAMES[b]);
        for (uint32_t n = 0; n <= MOST; n += EW_POWERS_LANES) {
            for (uint32_t i = 0; i < n; i++)
                some[i] = i < 22 ? edge[i / 2] : (ew_random_unit(1, 2, n, i) - .7) * (i % 3 ? 1 : 1e3);
            powers->all(some, n, 1.25, all);
            for (uint32_t i = 0; i < n; i++) some[i] = ew_exp(some[i] * 1.25);
            cr_assert_arr_eq(all, some, n * sizeof *some);
            memcpy(some, all, sizeof some);
            powers->all(all, n, -.5, all); /* in place */
            for (uint32_t i = 0; i < n; i++) cr_assert_eq(all[i], ew_exp(some[i] * -.5));
        }
    }
}

Test(powers, sums_are_the_same_from_every_body) {
    double x[MOST + 1];
    for (uint32_t n = 0; n <= MOST; n++) {
        uint32_t padded = (n + EW_POWERS_LANES - 1) / EW_POWERS_LANES * EW_POWERS_LANES;
        double want = 0, wanted = 0, first = 0, firsts = 0, times = -ew_random_unit(3, 4, n, 0) * 30;
        for (uint32_t i = 0; i < n; i++) {
            x[1 + i] = ew_random_unit(1, 2, n, i) * (i % 5 ? 1 : 100); /* of any alignment */
            want += ew_exp(x[1 + i] * times);
            wanted += x[1 + i] * ew_exp(x[1 + i] * times);
        }
        for (uint32_t i = n; i < padded; i++) x[1 + i] = EW_POWERS_FAR;
        for (size_t b = 0; b < sizeof NAMES / sizeof *NAMES; b++) {
            const ew_powers *powers = ew_powers_named(NAMES[b]);
            double sum = -1, slope = -1;
            if (!powers) continue;
            powers->sums(x + 1, padded, times, &sum, &slope);
            cr_assert_float_eq(sum, want, 1e-13 * (1 + want));
            cr_assert_float_eq(slope, wanted, 1e-13 * (1 + wanted));
            cr_assert(!b || (sum == first && slope == firsts), "%s, %u", NAMES[b], n);
            first = sum;
            firsts = slope;
        }
    }
}
