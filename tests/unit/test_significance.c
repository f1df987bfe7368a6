/* significance, on groups made by hand: they lie side by side, so each is its own antichain. */
#include <math.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/needs/needs.h"
#include "leaks.h"

static ew_error err;

/* a small corpus, a large one, one between */
enum { GROUPS = 50, DECOYS = 10, APART = 19, SMALL = GROUPS * APART, ROWS = 9000, MIDDLE = 1732 };

static double normal(uint64_t seed, uint64_t a, uint64_t b) {
    double sum = -6;
    for (uint64_t i = 0; i < 12; i++) sum += ew_random_unit(seed, 77, a, b * 12 + i);
    return sum;
}

static ew_groups make_groups(uint32_t n, uint64_t seed, uint64_t which) {
    ew_groups g = {ew_calloc(n, sizeof(ew_group)), n};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = 4 + (uint32_t)ew_random_below(APART - 3, seed, 78, which, i);
        double l = log(size), b30 = .3 + .1 * ew_random_unit(seed, 79, which, i),
               words = 8 + 4 * ew_random_unit(seed, 80, which, i);
        g.items[i] = (ew_group){.node = ROWS + i, .first = i * APART, .size = size, .b30 = (float)b30, .words = (float)words};
        g.items[i].t1 = .2 * l + b30 + (.5 + .1 * l) * normal(seed, which, 2 * i);
        g.items[i].t2 = 2 + l + log(words) + 3 * normal(seed, which, 2 * i + 1);
    }
    return g;
}

typedef struct { ew_groups real, decoys[DECOYS]; ew_verdict verdict; } trial;

static void run_trial(trial *t, uint32_t n_decoys, uint32_t planted, double strength, uint64_t seed, uint32_t rows) {
    t->real = make_groups(GROUPS, seed, 0);
    for (uint32_t d = 0; d < n_decoys; d++) t->decoys[d] = make_groups(GROUPS, seed, 1 + d);
    for (uint32_t i = 0; i < planted; i++) {
        t->real.items[i].t1 += strength;
        t->real.items[i].t2 += 8 * strength;
    }
    cr_assert_eq(ew_significance(&t->real, t->decoys, n_decoys, rows, &t->verdict, &err), EW_OK);
}

static void drop_trial(trial *t, uint32_t n_decoys) {
    ew_groups_free(&t->real);
    for (uint32_t d = 0; d < n_decoys; d++) ew_groups_free(&t->decoys[d]);
    ew_free(t->verdict.steps);
}

Test(significance, chance_alone_gives_nothing) {
    uint32_t fired = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        trial t;
        run_trial(&t, DECOYS, 0, 0, seed, seed % 3 == 0 ? MIDDLE : seed % 2 ? ROWS : SMALL);
        fired += t.verdict.significant > 0;
        cr_assert_eq(t.verdict.significant > 0, t.verdict.threshold < INFINITY);
        double square[2] = {0}, mean = 0;
        for (uint32_t d = 0; d < DECOYS; d++)
            for (uint32_t i = 0; i < GROUPS; i++) {
                mean += t.decoys[d].items[i].x / (DECOYS * GROUPS);
                square[0] += t.decoys[d].items[i].x * t.decoys[d].items[i].x / (DECOYS * GROUPS);
            }
        for (uint32_t i = 0; i < GROUPS; i++) cr_assert(t.real.items[i].q > 0 && t.real.items[i].q <= 1);
        double words = seed % 3 == 0 ? .375 : seed % 2 ? .25 : .5, want = 1 + words * words; /* x = z1 + words z2 */
        cr_assert(fabs(mean) < .1 && fabs(square[0] / want - 1) < .1, "mean %g, square %g", mean, square[0]);
        drop_trial(&t, DECOYS);
    }
    cr_assert_leq(fired, 3, "%u of 60", fired);
    assert_no_leaks();
}

Test(significance, strong_groups_stand_out) {
    uint32_t found = 0, wrong = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        trial t;
        run_trial(&t, DECOYS, 30, 8, seed, ROWS);
        for (uint32_t i = 0; i < GROUPS; i++) {
            int significant = t.real.items[i].s >= t.verdict.threshold;
            found += significant && i < 30;
            wrong += significant && i >= 30;
            cr_assert_eq(significant, t.real.items[i].q <= .10);
            for (uint32_t k = 0; k < i; k++) /* the stronger of two is never the less sure */
                cr_assert((t.real.items[i].s - t.real.items[k].s) * (t.real.items[i].q - t.real.items[k].q) <= 0);
            for (uint32_t k = 0; k < t.verdict.n_steps; k++)
                cr_assert(t.real.items[i].s < t.verdict.steps[k].threshold || t.real.items[i].q <= t.verdict.steps[k].fdr);
        }
        for (uint32_t i = 0; i < t.verdict.n_steps; i++) {
            const struct ew_fdr_step *step = &t.verdict.steps[i];
            cr_assert(step->fdr <= 1 && step->decoys >= 1 && fabs(step->fdr - step->decoys / step->real) < 1e-12);
            if (i)
                cr_assert(step->threshold < step[-1].threshold && step->real > step[-1].real && step->decoys >= step[-1].decoys);
        }
        drop_trial(&t, DECOYS);
    }
    cr_assert_geq(found, 20 * 30 * .98);
    cr_assert_leq(wrong, (found + wrong) * .1);
    assert_no_leaks();
}

Test(significance, nine_are_too_few_and_ten_are_enough) {
    int plain = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        trial nine, ten;
        run_trial(&nine, DECOYS, 9, 40, seed, ROWS);
        run_trial(&ten, DECOYS, 10, 40, seed, ROWS);
        double best = -INFINITY, best_decoy = -INFINITY;
        for (uint32_t i = 0; i < GROUPS; i++) {
            if (i >= 9) best = fmax(best, nine.real.items[i].s);
            for (uint32_t d = 0; d < DECOYS; d++) best_decoy = fmax(best_decoy, nine.decoys[d].items[i].s);
            if (i < 10) cr_assert_geq(ten.real.items[i].s, ten.verdict.threshold);
        }
        if (best < best_decoy) { /* no lucky tenth; one false at least is expected: 1 / 9 > .10 */
            cr_assert_eq(nine.verdict.significant, 0);
            cr_assert_eq(nine.verdict.threshold, INFINITY);
            plain++;
        }
        drop_trial(&nine, DECOYS);
        drop_trial(&ten, DECOYS);
    }
    cr_assert_geq(plain, 6);
    assert_no_leaks();
}

Test(significance, without_enough_decoys_nothing_is_claimed) {
    trial t;
    run_trial(&t, 0, 30, 40, 1, ROWS);
    cr_assert(t.verdict.significant == 0 && t.verdict.n_steps == 0);
    for (uint32_t i = 0; i < GROUPS; i++) cr_assert(t.real.items[i].q == 1 && t.real.items[i].s == -9);
    drop_trial(&t, 0);
    /* many strong groups of the corpus, hardly a group in the decoys: no size has a tail to be judged by */
    t.real = make_groups(GROUPS, 1, 0);
    for (uint32_t d = 0; d < DECOYS; d++) t.decoys[d] = make_groups(2, 1, 1 + d);
    for (uint32_t i = 0; i < GROUPS; i++) t.real.items[i].t1 += 40;
    cr_assert_eq(ew_significance(&t.real, t.decoys, DECOYS, ROWS, &t.verdict, &err), EW_OK);
    cr_assert_eq(t.verdict.significant, 0);
    drop_trial(&t, DECOYS);
    ew_groups none = {0}, empty[2] = {{0}};
    cr_assert_eq(ew_significance(&none, empty, 2, 0, &t.verdict, &err), EW_OK);
    cr_assert_eq(t.verdict.significant, 0);
    assert_no_leaks();
}

/* Nested groups count once: the chain under one strong node is one discovery, not ten. */
Test(significance, nested_groups_count_once) {
    trial t;
    t.real = make_groups(GROUPS, 1, 0);
    for (uint32_t d = 0; d < DECOYS; d++) t.decoys[d] = make_groups(GROUPS, 1, 1 + d);
    for (uint32_t i = 0; i < 20; i++) {
        t.real.items[i].first = i / 5 * APART;
        t.real.items[i].size = 4 + i % 5;
        t.real.items[i].t1 += 40;
    }
    cr_assert_eq(ew_significance(&t.real, t.decoys, DECOYS, ROWS, &t.verdict, &err), EW_OK);
    cr_assert_eq(t.verdict.significant, 0); /* twenty nodes, four groups */
    drop_trial(&t, DECOYS);
    assert_no_leaks();
}
