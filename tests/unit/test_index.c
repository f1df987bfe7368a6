/* The index of neighbours: its tiles, its lists, and the kernel below them. */
#define _GNU_SOURCE
#include <math.h>

#include "../../core/kernels/order.h"
#include "../../core/kernels/sift.h"
#include "../../core/base/random.h"
#include "../../core/needs/needs.h"
#include "../../core/neighbours/refine.h"
#include "../../core/neighbours/search.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

/* ---- sift ---- */

static int by_pair(const void *a, const void *b) {
    const ew_sift_hit *x = a, *y = b;
    return x->row != y->row ? (x->row < y->row ? -1 : 1) : x->target < y->target ? -1 : x->target > y->target;
}

Test(sift, every_body_finds_the_oracles_pairs) {
    static const char *const names[] = {"serial", "avx2", "avx512", "amx", "neon"};
    static const uint32_t ns[] = {1, 3, 4, 5, 8, 9, 40, 70, 32}, ms[] = {1, 15, 16, 17, 31, 33, 160, 5, 64};
    for (size_t t = 0; t < sizeof ns / sizeof *ns; t++) {
        uint32_t n = ns[t], m = ms[t], d = t % 2 ? 192 : t == 4 ? 1100 : 64;
        ew_vectors a = make_blobs(n, d, 0, 0, t), b = make_blobs(m, d, 0, 0, t + 50);
        if (t == 3) memset(a.rows, -128, (size_t)n * a.stride), memset(b.rows, 127, (size_t)m * b.stride);
        if (t == 5) memset(a.rows, 127, (size_t)n * a.stride), memset(b.rows, -128, (size_t)m * b.stride);
        const int8_t **rows = calloc(n, sizeof *rows);
        int32_t *floor = calloc(n, sizeof *floor);
        ew_sift_hit *want = calloc((size_t)n * m, sizeof *want), *have = calloc((size_t)n * m + EW_SIFT_SPARE, sizeof *have);
        uint32_t *which = calloc(m, sizeof *which); /* all targets, in another order */
        uint32_t hits = 0;
        for (uint32_t i = 0; i < n; i++) {
            rows[i] = a.rows + (size_t)i * a.stride;
            floor[i] = i % 3 ? 200 * (int)i - 1500 : INT32_MIN;
        }
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = 0; j < m; j++) {
                int32_t dot = 0;
                for (uint32_t k = 0; k < a.stride; k++) dot += rows[i][k] * b.rows[(size_t)j * b.stride + k];
                if (dot >= floor[i]) want[hits++] = (ew_sift_hit){(uint16_t)i, (uint16_t)j, dot};
            }
        for (uint32_t j = 0; j < m; j++) which[j] = j * 7 % m;
        for (size_t s = 0; s < sizeof names / sizeof *names; s++) {
            const ew_sift *body = ew_sift_named(names[s]);
            int8_t *packed = NULL;
            if (!body) continue;
            cr_assert_eq(posix_memalign((void **)&packed, 64, (size_t)((n + 15) & ~15u) * a.stride * body->width), 0);
            body->pack(rows, n, a.stride, packed);
            uint32_t found = body->sift(packed, floor, n, b.rows, NULL, m, a.stride, have);
            cr_assert_eq(found, hits, "%s: %u instead of %u", names[s], found, hits);
            qsort(have, found, sizeof *have, by_pair);
            cr_assert_arr_eq(have, want, hits * sizeof *want, "%s", names[s]);
            found = body->sift(packed, floor, n, b.rows, which, m, a.stride, have); /* targets here and there */
            for (uint32_t h = 0; h < found; h++) have[h].target = (uint16_t)which[have[h].target];
            qsort(have, found, sizeof *have, by_pair);
            cr_assert_eq(found, hits, "%s", names[s]);
            cr_assert_arr_eq(have, want, hits * sizeof *want, "%s", names[s]);
            for (uint32_t from = 16; from < n; from += 16) { /* those from a row on */
                const int8_t *rest = packed + (size_t)from * a.stride * body->width;
                found = body->sift(rest, floor + from, n - from, b.rows, NULL, m, a.stride, have);
                qsort(have, found, sizeof *have, by_pair);
                for (uint32_t h = 0; h < found; h++) have[h].row = (uint16_t)(have[h].row + from);
                cr_assert_arr_eq(have, want + hits - found, found * sizeof *want, "%s from %u", names[s], from);
                cr_assert(found == hits || want[hits - found - 1].row < from);
            }
            free(packed);
        }
        free(rows);
        free(floor);
        free(want);
        free(have);
        free(which);
        ew_vectors_free(&a);
        ew_vectors_free(&b);
    }
    assert_no_leaks();
}

/* ---- tiles ---- */

static void assert_tiles(const ew_vectors *v, const ew_tiles *t) {
    char *seen = calloc(v->n + 1, 1);
    cr_assert_eq(t->tile[0], 0);
    cr_assert_eq(t->tile[t->n_tiles], v->n);
    cr_assert_eq(t->group[0], 0);
    cr_assert_eq(t->group[t->n_groups], t->n_tiles);
    for (uint32_t g = 0; g < t->n_groups; g++) cr_assert(t->group[g] < t->group[g + 1]);
    for (uint32_t c = 0; c < t->n_tiles; c++) {
        cr_assert(t->tile[c] < t->tile[c + 1] && t->tile[c + 1] - t->tile[c] <= EW_TILE_MOST);
        for (uint32_t i = t->tile[c]; i < t->tile[c + 1]; i++) {
            cr_assert(t->rows[i] < v->n && !seen[t->rows[i]]++);
            if (i > t->tile[c]) cr_assert(t->rows[i] > t->rows[i - 1]);
        }
    }
    free(seen);
}

/* Rows with a tenth, or all of them, alike. */
static ew_vectors skewed(uint32_t n, uint32_t alike) {
    ew_vectors v = make_blobs(n, 40, 12, .6, n);
    for (uint32_t i = 0; i < alike; i++) memcpy(v.rows + (size_t)(i * 7 % n) * v.stride, v.rows, v.stride);
    return v;
}

Test(tiles, cover_all_rows_once_and_stay_small) {
    static const struct { uint32_t n, alike; } cases[] = {{1, 0}, {160, 0}, {161, 0}, {5000, 0}, {9000, 900}, {3000, 3000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        ew_vectors v = skewed(cases[c].n, cases[c].alike);
        ew_pool *one = make_pool(1), *three = make_pool(3);
        ew_tiles a, b;
        cr_assert_eq(ew_tiles_build(&v, 1, one, &a, &err), EW_OK, "%s", err.message);
        cr_assert_eq(ew_tiles_build(&v, 1, three, &b, &err), EW_OK, "%s", err.message);
        assert_tiles(&v, &a);
        cr_assert(a.n_tiles <= cases[c].n / 24 + 1, "%u tiles of %u rows", a.n_tiles, cases[c].n);
        cr_assert_eq(a.n_tiles, b.n_tiles);
        cr_assert_arr_eq(a.rows, b.rows, v.n * sizeof *a.rows);
        ew_tiles_free(&a);
        ew_tiles_free(&b);
        ew_pool_free(one);
        ew_pool_free(three);
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}

Test(tiles, rows_in_their_order_are_the_same_rows) {
    ew_vectors v = skewed(5000, 700), before = make_zeros(5000, 40);
    ew_pool *pool = make_pool(2);
    ew_tiles t;
    uint32_t *order = calloc(v.n, sizeof *order), *was = calloc(v.n, sizeof *was);
    memcpy(before.rows, v.rows, (size_t)v.n * v.stride);
    cr_assert_eq(ew_tiles_build(&v, 1, pool, &t, &err), EW_OK);
    memcpy(was, t.rows, v.n * sizeof *was);
    cr_assert_eq(ew_tiles_sort(&t, &v, order, &err), EW_OK);
    cr_assert_arr_eq(order, was, v.n * sizeof *was);
    for (uint32_t i = 0; i < v.n; i++) {
        cr_assert_eq(t.rows[i], i);
        cr_assert_arr_eq(v.rows + (size_t)i * v.stride, before.rows + (size_t)order[i] * v.stride, v.stride);
    }
    free(order);
    free(was);
    ew_tiles_free(&t);
    ew_pool_free(pool);
    ew_vectors_free(&v);
    ew_vectors_free(&before);
    assert_no_leaks();
}

/* ---- lists ---- */

/* Puts the rows into the order of their tiles. */
static ew_tiles tiles_of(ew_vectors *v, ew_pool *pool) {
    ew_tiles t;
    uint32_t *order = calloc(v->n, sizeof *order);
    cr_assert_eq(ew_tiles_build(v, 1, pool, &t, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_tiles_sort(&t, v, order, &err), EW_OK, "%s", err.message);
    free(order);
    return t;
}

static ew_lists lists_of(const ew_vectors *v, const ew_tiles *t, uint32_t k, uint32_t probes, int far, int threads) {
    ew_pool *pool = make_pool(threads);
    ew_lists l = {.n = v->n, .k = k, .ids = ew_alloc((size_t)v->n * k, 4), .dots = ew_alloc((size_t)v->n * k, 4),
                  .far = far ? ew_alloc(v->n, 8) : NULL, .unit = 1};
    cr_assert_eq(ew_search_lists(v, t, probes, pool, &l, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
    return l;
}

/* Share of the exact lists' similarities that are reached. */
static double recall_of(const ew_lists *have, const ew_lists *want) {
    size_t held = 0;
    for (uint32_t i = 0; i < have->n; i++)
        for (uint32_t h = 0; h < 15; h++)
            held += have->dots[(size_t)i * have->k + h] >= want->dots[(size_t)i * want->k + 14];
    return (double)held / (15.0 * have->n);
}

Test(index, asking_all_tiles_is_exact) {
    for (uint32_t alike = 0; alike <= 3000; alike += 1500) {
        ew_vectors v = skewed(3000, alike);
        ew_pool *pool = make_pool(2);
        ew_tiles t = tiles_of(&v, pool);
        ew_lists want, have = lists_of(&v, &t, 80, 1000000, 0, 2), few = lists_of(&v, &t, 20, 1000000, 1, 1);
        cr_assert_eq(ew_neighbours_exact(&v, 80, pool, &want, &err), EW_OK);
        cr_assert_arr_eq(have.ids, want.ids, (size_t)v.n * 80 * 4);
        cr_assert_arr_eq(have.dots, want.dots, (size_t)v.n * 80 * 4);
        for (uint32_t i = 0; i < v.n; i++) {
            int64_t far = 0;
            for (uint32_t h = EW_FAR_FROM; h < EW_FAR_TO; h++) far += want.dots[(size_t)i * 80 + h];
            cr_assert_eq(few.far[i], far);
            cr_assert_arr_eq(few.ids + (size_t)i * 20, want.ids + (size_t)i * 80, 20 * 4);
        }
        ew_lists_free(&want);
        ew_lists_free(&have);
        ew_lists_free(&few);
        ew_tiles_free(&t);
        ew_pool_free(pool);
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}

Test(index, finds_what_it_promises_at_any_number_of_threads) {
    ew_vectors v = make_blobs(12000, 64, 60, 1.2, 5);
    ew_pool *pool = make_pool(2);
    ew_tiles t = tiles_of(&v, pool);
    double held[EW_MOST_PROBES];
    uint32_t rough = 0, fine = 0;
    cr_assert_eq(ew_search_sound(&v, &t, 1, pool, held, &err), EW_OK, "%s", err.message);
    while (held[rough] < .5) rough++;
    while (held[fine] < .93 && fine + 1 < EW_MOST_PROBES) fine++;
    cr_assert(rough < fine && held[fine] >= .93, "%u and %u tiles: %g", rough + 1, fine + 1, held[fine]);
    ew_lists want, a = lists_of(&v, &t, 30, fine + 1, 1, 1), b = lists_of(&v, &t, 30, fine + 1, 1, 3),
                   c = lists_of(&v, &t, 15, rough + 1, 0, 8);
    cr_assert_eq(ew_neighbours_exact(&v, 30, pool, &want, &err), EW_OK);
    cr_assert(fabs(recall_of(&a, &want) - held[fine]) < .04, "%g", recall_of(&a, &want));
    cr_assert(fabs(recall_of(&c, &want) - held[rough]) < .06, "%g", recall_of(&c, &want));
    cr_assert_arr_eq(a.ids, b.ids, (size_t)v.n * 30 * 4);
    cr_assert_arr_eq(a.far, b.far, (size_t)v.n * 8);
    cr_assert_eq(ew_lists_refine(&v, EW_MOST_ROUNDS, pool, &a, &err), EW_OK);
    cr_assert(recall_of(&a, &want) > .95, "%g", recall_of(&a, &want)); /* what a corpus' lists go through as well */
    ew_lists_free(&want);
    ew_lists_free(&a);
    ew_lists_free(&b);
    ew_lists_free(&c);
    ew_tiles_free(&t);
    ew_pool_free(pool);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* Rows in no groups at all, few tiles asked: the neighbours of neighbours bring back a good part of what is missing, lists stay
 * in order, and threads change nothing. Refined again and again, nothing gets lost. */
Test(index, neighbours_of_neighbours_are_found) {
    ew_vectors v = make_blobs(6000, 24, 0, 0, 11);
    ew_pool *one = make_pool(1), *three = make_pool(3);
    ew_tiles t = tiles_of(&v, one);
    ew_lists want, a = lists_of(&v, &t, 20, 1, 0, 1), b = lists_of(&v, &t, 20, 1, 0, 3);
    cr_assert_eq(ew_neighbours_exact(&v, 20, three, &want, &err), EW_OK);
    double before = recall_of(&a, &want), after = before;
    for (int round = 0; round < 3; round++) {
        cr_assert_eq(ew_lists_refine(&v, 1, one, &a, &err), EW_OK, "%s", err.message);
        cr_assert_eq(ew_lists_refine(&v, 1, three, &b, &err), EW_OK, "%s", err.message);
        cr_assert(recall_of(&a, &want) >= after);
        after = recall_of(&a, &want);
        if (!round) cr_assert(1 - after < .6 * (1 - before), "%g, then %g", before, after);
    }
    cr_assert_arr_eq(a.ids, b.ids, (size_t)v.n * 20 * 4);
    for (uint32_t i = 0; i < v.n; i++)
        for (uint32_t h = 0; h < 20; h++) {
            uint32_t id = a.ids[i * 20 + h];
            cr_assert(id < v.n && id != i && a.dots[i * 20 + h] == dot_rows(&v, i, id));
            if (h) cr_assert(ew_near_key(a.dots[i * 20 + h], id) < ew_near_key(a.dots[i * 20 + h - 1], a.ids[i * 20 + h - 1]));
        }
    ew_lists_free(&want);
    ew_lists_free(&a);
    ew_lists_free(&b);
    ew_tiles_free(&t);
    ew_pool_free(one);
    ew_pool_free(three);
    ew_vectors_free(&v);
    assert_no_leaks();
}

Test(index, failing_allocations, .timeout = 60) {
    ew_vectors v = make_blobs(2000, 10, 5, .5, 1);
    ew_pool *pool = make_pool(2);
    uint32_t order[2000];
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        ew_tiles t = {0};
        double held[EW_MOST_PROBES];
        ew_lists l = {.n = v.n, .k = 10, .ids = ew_alloc((size_t)v.n * 10, 4), .dots = ew_alloc((size_t)v.n * 10, 4)};
        ew_alloc_fail_after(nth);
        status = ew_tiles_build(&v, 1, pool, &t, &err);
        if (status == EW_OK) status = ew_tiles_sort(&t, &v, order, &err);
        if (status == EW_OK) status = ew_search_sound(&v, &t, 1, pool, held, &err);
        if (status == EW_OK) status = ew_search_lists(&v, &t, 3, pool, &l, &err);
        if (status == EW_OK) status = ew_lists_refine(&v, EW_MOST_ROUNDS, pool, &l, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
        ew_lists_free(&l);
        ew_tiles_free(&t);
    }
    ew_pool_free(pool);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* A sample of the test asks the index before a corpus does, and never where all is wanted. */
Test(index, borders_of_a_corpus_and_of_a_sample) {
    static const struct { uint32_t rows; int sample, index; uint32_t keep; } cases[] = {
        {EW_EXACT_SAMPLE, 1, 0, EW_LIST_LENGTH}, {EW_EXACT_SAMPLE + 1, 1, 1, EW_SHORT_LIST},
        {EW_EXACT_SAMPLE + 1, 0, 0, EW_LIST_LENGTH}, {EW_EXACT_ROWS, 0, 0, EW_LIST_LENGTH},
        {EW_EXACT_ROWS + 1, 0, 1, EW_SHORT_LIST}, {EW_EXACT_ROWS + 1, 1, 1, EW_SHORT_LIST}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        ew_want want = ew_needs_want(cases[c].rows, cases[c].sample, .95, 1);
        cr_assert(ew_wants_index(want, cases[c].rows) == cases[c].index && want.keep == cases[c].keep, "case %zu", c);
        cr_assert_eq(want.far, !cases[c].sample, "case %zu", c);
        want.recall = 1;
        cr_assert(!ew_wants_index(want, cases[c].rows));
    }
}

/* Above the border, through the front door: measured, and met; rows stand where they stood, equal ones of a list by row. */
Test(index, large_corpora_go_through_it, .timeout = 120) {
    ew_vectors v = make_blobs(EW_EXACT_ROWS + 1, 32, 500, .8, 9), was = make_zeros(v.n, 32);
    ew_pool *pool = make_pool(2);
    ew_lists l, few;
    double measured = 0;
    for (size_t i = 0; i < 3000; i++) memcpy(v.rows + 7 * i * v.stride, v.rows + i % 40 * v.stride, v.stride);
    memcpy(was.rows, v.rows, (size_t)v.n * v.stride);
    ew_want want = {.keep = 20, .recall = .9, .seed = 1, .far = 1};
    cr_assert_eq(ew_neighbours_find(&v, want, pool, &l, &measured, &err), EW_OK, "%s", err.message);
    cr_assert(measured >= .9 && measured < 1, "%g", measured);
    cr_assert(l.k == 20 && l.far);
    cr_assert_arr_eq(v.rows, was.rows, (size_t)v.n * v.stride);
    for (uint32_t i = 0; i < v.n; i++)
        for (uint32_t h = 0; h < 20; h++) {
            uint32_t id = l.ids[i * 20 + h];
            cr_assert(id < v.n && id != i && l.dots[i * 20 + h] == dot_rows(&v, i, id));
            if (h) cr_assert(ew_near_key(l.dots[i * 20 + h], id) < ew_near_key(l.dots[i * 20 + h - 1], l.ids[i * 20 + h - 1]));
        }
    uint32_t probes = 0, told; /* as found, and as told */
    want.probes = &probes;
    cr_assert_eq(ew_neighbours_find(&v, want, pool, &few, NULL, &err), EW_OK, "%s", err.message);
    cr_assert(probes && few.k == 20);
    cr_assert_arr_eq(few.ids, l.ids, (size_t)v.n * 20 * sizeof *l.ids);
    ew_lists_free(&few);
    told = probes = 1;
    cr_assert_eq(ew_neighbours_find(&v, want, pool, &few, NULL, &err), EW_OK, "%s", err.message);
    cr_assert_eq(probes, told);
    ew_lists_free(&few);
    want.probes = NULL;
    want.keep = 3; /* fewer than the neighbours of neighbours need */
    want.far = 0;
    cr_assert_eq(ew_neighbours_find(&v, want, pool, &few, &measured, &err), EW_OK, "%s", err.message);
    cr_assert(few.k == 3 && measured >= .9, "%g", measured);
    for (const int32_t *d = few.dots; d < few.dots + (size_t)v.n * 3; d += 3) cr_assert(d[0] >= d[1] && d[1] >= d[2]);
    ew_lists_free(&few);
    ew_lists_free(&l);
    ew_pool_free(pool);
    ew_vectors_free(&v);
    ew_vectors_free(&was);
    assert_no_leaks();
}

static int descending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The k largest stay, and nothing that beats one of them is below the floor. */
Test(near, thin_keeps_the_largest) {
    for (uint32_t t = 0; t < 4000; t++) {
        uint32_t n = 25 + (uint32_t)ew_random_below(180, 5, 1, t, 0), k = 1 + (uint32_t)ew_random_below(n, 5, 1, t, 1);
        uint32_t few = t % 3 ? 1000 : 4; /* different dots */
        uint64_t keys[256], sorted[256];
        for (uint32_t i = 0; i < n; i++)
            sorted[i] = keys[i] = ew_near_key((int32_t)ew_random_below(few, 5, 1, t, 2 + i) - 500, (i * 7919 + t) % 1009);
        qsort(sorted, n, sizeof *sorted, descending);
        int32_t floor;
        uint32_t left = ew_near_thin(keys, n, k, &floor);
        cr_assert(left >= k && left <= n && (left == k || left <= n - n / 4), "%u of %u for %u", left, n, k);
        cr_assert(floor <= ew_near_dot(sorted[k - 1]));
        qsort(keys, left, sizeof *keys, descending);
        cr_assert_arr_eq(keys, sorted, left * sizeof *keys);
    }
}

Test(near, as_many_reach_what_is_said_to_be_reached) {
    for (uint32_t t = 0; t < 2000; t++) {
        uint32_t n = 1 + (uint32_t)ew_random_below(70, 5, 3, t, 0), reach = 0;
        uint32_t rank = 1 + (uint32_t)ew_random_below(n, 5, 3, t, 1);
        uint32_t wide = t % 3 ? 200 : t % 2 ? 1 : 4; /* few are different; all the same; */
        int32_t dots[70];
        for (uint32_t i = 0; i < n; i++) dots[i] = (int32_t)ew_random_below(wide, 5, 3, t, 2 + i) - 100;
        if (t % 5 == 0) dots[n / 2] = INT32_MAX; /* and the whole range */
        if (t % 7 == 0) dots[n / 3] = INT32_MIN;
        int32_t dot = ew_near_reached(dots, n, rank);
        for (uint32_t i = 0; i < n; i++) reach += dots[i] >= dot;
        cr_assert(reach >= rank, "%u of %u reach %d, not %u", reach, n, dot, rank);
        if (t % 5 == 0 || t % 7 == 0) continue;
        uint32_t above = 0; /* the range is small: it is exactly that */
        for (uint32_t i = 0; i < n; i++) above += dots[i] > dot;
        cr_assert(above < rank, "%u of %u are above %d, not %u", above, n, dot, rank);
    }
}

/* Whatever a body does: pivots are keys, what is above one stands first, nothing is lost, and few are sorted. */
Test(order, every_body_parts_and_sorts) {
    static const char *const names[] = {"serial", "avx512"};
    for (size_t s = 0; s < sizeof names / sizeof *names; s++) {
        const ew_order *body = ew_order_named(names[s]);
        if (!body) continue;
        for (uint32_t n = 1; n < 1200; n = n < 80 ? n + 1 : n * 5 / 4) {
            uint64_t keys[1200] = {0}, sorted[1200];
            for (uint32_t i = 0; i < n; i++) /* some with the highest bit, one that is zero, one that is all ones */
                keys[i] = ew_random_below(UINT64_MAX / 2048, 5, 2, n, i) * 2048 + i + 1;
            keys[n / 3] = 0;
            if (n > 1) keys[n - 1] = UINT64_MAX;
            memcpy(sorted, keys, n * sizeof *keys);
            qsort(sorted, n, sizeof *sorted, descending);
            for (uint32_t wanted = 0; wanted <= n; wanted += 1 + n / 8) {
                uint64_t pivot = body->pivot(keys, n, wanted);
                uint32_t want = 0;
                while (want < n && sorted[want] != pivot) want++;
                cr_assert_lt(want, n, "%s: the pivot of %u is none of them", names[s], n);
                cr_assert_eq(body->part(keys, n, pivot), want, "%s: %u", names[s], n);
                uint64_t sides[1200];
                memcpy(sides, keys, n * sizeof *keys);
                qsort(sides, want, sizeof *sides, descending);
                qsort(sides + want, n - want, sizeof *sides, descending);
                cr_assert_arr_eq(sides, sorted, n * sizeof *keys, "%s: %u", names[s], n);
            }
            if (n > EW_ORDER_FEW) continue;
            uint64_t behind = keys[n];
            body->sort(keys, n);
            cr_assert_arr_eq(keys, sorted, n * sizeof *keys, "%s: %u", names[s], n);
            cr_assert_eq(keys[n], behind);
        }
    }
}
