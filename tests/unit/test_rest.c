#include "../../core/themes/themes.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

/* Thirty groups of twenty rows, and strangers, each for himself. */
enum { GROUPS = 30, EACH = 20, MEMBERS = GROUPS * EACH, COLUMNS = 200, MOST = MEMBERS + 200, REST = GROUPS };

static ew_vectors make_rows(uint32_t strangers) {
    ew_vectors parts[2] = {make_blobs(MEMBERS, COLUMNS, GROUPS, .6, 3), make_blobs(strangers, COLUMNS, 0, 0, 4)};
    ew_vectors v = make_zeros(MEMBERS + strangers, COLUMNS);
    v.scale = parts[0].scale;
    memcpy(v.rows, parts[0].rows, (size_t)MEMBERS * v.stride);
    memcpy(v.rows + (size_t)MEMBERS * v.stride, parts[1].rows, (size_t)strangers * v.stride);
    for (int i = 0; i < 2; i++) ew_vectors_free(&parts[i]);
    return v;
}

/* Returns the rest. */
static uint32_t settle(const ew_vectors *v, uint32_t k, int threads, uint32_t *theme) {
    ew_pool *pool = make_pool(threads);
    ew_lists lists;
    ew_vectors leaned;
    uint32_t rest;
    cr_assert_eq(ew_neighbours_exact(v, 30, pool, &lists, &err), EW_OK);
    cr_assert_eq(ew_themes_lean(v, &lists, pool, &leaned, &err), EW_OK);
    cr_assert_eq(ew_themes_rest(v, &leaned, &lists, k, pool, theme, &rest, &err), EW_OK, "%s", err.message);
    ew_vectors_free(&leaned);
    ew_lists_free(&lists);
    ew_pool_free(pool);
    return rest;
}

/* As steps by angle leave them: strangers in all themes, every fourth in one of their own. Of the others some have most of their
 * neighbours in one group, by chance. */
static void scatter(uint32_t n, uint32_t *theme) {
    for (uint32_t i = 0; i < n; i++) theme[i] = i < MEMBERS ? i % GROUPS : i % 4 ? i / 4 % GROUPS : REST;
}

static uint32_t in_rest(const uint32_t *theme, uint32_t from, uint32_t to, uint32_t rest) {
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++) n += theme[i] == rest;
    return n;
}

Test(rest, gathers_strangers_and_gives_back_members) {
    enum { STRANGERS = 30 };
    uint32_t theme[MOST];
    ew_vectors v = make_rows(STRANGERS);
    scatter(v.n, theme);
    for (uint32_t i = 0; i < 3; i++) theme[i] = REST; /* members that had strayed */
    cr_assert_eq(settle(&v, GROUPS + 1, 2, theme), REST);
    uint32_t found = in_rest(theme, MEMBERS, v.n, REST);
    cr_assert_geq(found, STRANGERS * 2 / 3, "%u strangers", found);
    for (uint32_t i = 0; i < MEMBERS; i++) cr_assert_eq(theme[i], i % GROUPS, "row %u", i);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* The loose one gets the last number, whichever it had. */
Test(rest, is_found_by_looseness_and_not_by_number) {
    enum { STRANGERS = 30 };
    uint32_t theme[MOST];
    ew_vectors v = make_rows(STRANGERS);
    scatter(v.n, theme);
    for (uint32_t i = 0; i < v.n; i++) theme[i] = theme[i] == REST ? 4 : theme[i] == 4 ? REST : theme[i];
    (void)settle(&v, GROUPS + 1, 2, theme);
    cr_assert_geq(in_rest(theme, MEMBERS, v.n, REST), STRANGERS * 2 / 3);
    cr_assert_eq(in_rest(theme, 0, MEMBERS, 4), EACH);
    ew_vectors_free(&v);
}

Test(rest, no_loose_theme_no_change) {
    uint32_t theme[MOST], before[MOST];
    ew_vectors v = make_rows(0);
    scatter(v.n, theme);
    theme[5] = 0; /* strayed, but there is nothing to settle */
    memcpy(before, theme, sizeof theme);
    cr_assert_eq(settle(&v, GROUPS, 2, theme), EW_NONE);
    cr_assert_arr_eq(theme, before, MEMBERS * sizeof *theme);
    ew_vectors_free(&v);
}

/* More than a twentieth of all rows are no strangers. */
Test(rest, has_a_limit) {
    enum { STRANGERS = 200 };
    uint32_t theme[MOST];
    ew_vectors v = make_rows(STRANGERS);
    scatter(v.n, theme);
    cr_assert_gt(in_rest(theme, 0, v.n, REST), v.n / 20); /* they were more */
    (void)settle(&v, GROUPS + 1, 2, theme);
    uint32_t after = in_rest(theme, 0, v.n, REST);
    cr_assert(after <= v.n / 20 || after == STRANGERS / 4, "%u of %u", after, v.n);
    cr_assert_eq(in_rest(theme, 0, MEMBERS, REST), 0);
    ew_vectors_free(&v);
}

Test(rest, the_same_for_any_number_of_threads) {
    enum { STRANGERS = 30 };
    static const int threads[] = {1, 2, 3, 8};
    uint32_t first[MOST], theme[MOST];
    ew_vectors v = make_rows(STRANGERS);
    for (int t = 0; t < 4; t++) {
        scatter(v.n, theme);
        (void)settle(&v, GROUPS + 1, threads[t], theme);
        if (!t) memcpy(first, theme, sizeof theme);
        cr_assert_arr_eq(theme, first, v.n * sizeof *theme);
    }
    ew_vectors_free(&v);
}

Test(rest, of_few_rows) {
    for (uint32_t n = 1; n < 6; n++) {
        uint32_t theme[6] = {0, 1, 1, 0, 1, 0};
        ew_vectors v = make_blobs(n, COLUMNS, 0, 0, 9);
        (void)settle(&v, 2, 1, theme);
        for (uint32_t i = 0; i < n; i++) cr_assert_lt(theme[i], 2);
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}

/* The partition says which it is, whatever number its size gives it. */
Test(rest, is_named_by_the_partition) {
    for (uint32_t strangers = 0; strangers <= 30; strangers += 30) {
        ew_vectors v = make_rows(strangers);
        ew_pool *pool = make_pool(2);
        ew_lists lists;
        ew_partition p;
        cr_assert_eq(ew_neighbours_exact(&v, 30, pool, &lists, &err), EW_OK);
        cr_assert_eq(ew_themes_cut(&v, &lists, GROUPS + (strangers > 0), pool, &p, &err), EW_OK, "%s", err.message);
        if (strangers)
            cr_assert(p.rest < p.k && in_rest(p.theme, MEMBERS, v.n, p.rest) > in_rest(p.theme, 0, MEMBERS, p.rest));
        else
            cr_assert_eq(p.rest, EW_NONE);
        ew_partition_free(&p);
        ew_lists_free(&lists);
        ew_pool_free(pool);
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}
