/* How often chance does as much, over many questions at once: exact tails of the hypergeometric, and false discovery rates. */
#ifndef EW_BASE_CHANCE_H
#define EW_BASE_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* ln k! for k = 0 .. n, into out [n + 1]. */
void ew_ln_factorials(double *out, uint32_t n);
/* P(from <= X <= to), X the marked among n drawn out of `all`, of which `marked` are marked; ln_factorial: [all + 1]. */
double ew_hypergeometric(const double *ln_factorial, uint32_t all, uint32_t marked, uint32_t n, uint32_t from, uint32_t to);

/* One question out of many, of a kind, asked of a need; `size` of what was seen is the asker's own. */
typedef struct ew_test { double p, size; uint32_t need, kind; } ew_test;
/* Puts tests into the order of p (then need, kind) and writes the q of Benjamini and Hochberg (1995) over p. all: how many
 * questions were asked; those that are not among the n tests have p = 1. */
void ew_false_discovery(ew_test *tests, size_t n, double all);

#endif
