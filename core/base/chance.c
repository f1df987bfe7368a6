#include "chance.h"

#include <stdlib.h>

#include "scalar.h"

void ew_ln_factorials(double *out, uint32_t n) {
    out[0] = 0;
    for (uint32_t i = 1; i <= n; i++) out[i] = out[i - 1] + ew_log(i);
}

double ew_hypergeometric(const double *ln_factorial, uint32_t all, uint32_t marked, uint32_t n, uint32_t from, uint32_t to) {
    uint32_t most = n < marked ? n : marked, least = n > all - marked ? n - (all - marked) : 0;
    double sum = 0, base = ln_factorial[marked] + ln_factorial[all - marked] + ln_factorial[n] + ln_factorial[all - n];
    base -= ln_factorial[all];
    if (from <= least && to >= most) return 1;
    if (from < least) from = least;
    if (to > most) to = most;
    for (uint32_t x = to + 1; x-- > from;) /* from above: in an upper tail small terms first */
        sum += ew_exp(base - ln_factorial[x] - ln_factorial[marked - x] - ln_factorial[n - x] -
                      ln_factorial[all - marked - (n - x)]);
    return sum < 1 ? sum : 1;
}

static int by_chance(const void *a, const void *b) {
    const ew_test *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    if (x->need != y->need) return x->need < y->need ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

void ew_false_discovery(ew_test *tests, size_t n, double all) {
    double best = 1;
    if (n) qsort(tests, n, sizeof *tests, by_chance);
    for (size_t i = n; i-- > 0;) {
        double q = tests[i].p * all / (double)(i + 1);
        if (q < best) best = q;
        tests[i].p = best;
    }
}
