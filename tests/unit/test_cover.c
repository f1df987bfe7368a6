#include <math.h>

#include "../../core/themes/themes.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

/* ---- what stands for a group ---- */

enum { N = 12, MOST = 4 };

/* Sum over rows[0 .. n) of the largest similarity to a chosen one. */
static int64_t covered(const ew_vectors *v, const uint32_t *rows, uint32_t n, const uint32_t *chosen, uint32_t k) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        int32_t best = 0;
        for (uint32_t c = 0; c < k; c++) {
            int32_t dot = dot_rows(v, rows[i], rows[chosen[c]]);
            best = dot > best ? dot : best;
        }
        sum += best;
    }
    return sum;
}

static int may(const ew_voice *voices, uint32_t c, const uint32_t *chosen, uint32_t k) {
    for (uint32_t i = 0; i < k; i++) {
        ew_voice a = voices[c], b = voices[chosen[i]];
        if (c == chosen[i] || (a.customer != EW_NONE && a.customer == b.customer) ||
            (a.family != EW_NONE && a.family == b.family))
            return 0;
    }
    return 1;
}

Test(cover, is_greedy_and_near_the_best_there_is) {
    const ew_voice nobody = {EW_NONE, EW_NONE};
    uint32_t rows[N], n_out, out[MOST];
    ew_voice all_differ[N];
    for (uint32_t i = 0; i < N; i++) {
        rows[i] = 3 * i + 1;
        all_differ[i] = nobody;
    }
    for (uint32_t seed = 0; seed < 40; seed++) {
        ew_vectors v = make_blobs(3 * N, 24, seed % 3 * 3, .8, seed);
        int64_t best = 0;
        for (uint32_t set = 0; set < 1u << N; set++) {
            uint32_t chosen[N], k = 0;
            for (uint32_t i = 0; i < N; i++)
                if (set >> i & 1) chosen[k++] = i;
            if (k != MOST) continue;
            int64_t sum = covered(&v, rows, N, chosen, k);
            best = sum > best ? sum : best;
        }
        for (int given = 0; given < 2; given++) { /* NULL: all differ */
            cr_assert_eq(ew_cover_rows(&v, rows, given ? all_differ : NULL, N, MOST, seed, out, &n_out, &err), EW_OK);
            cr_assert_eq(n_out, MOST);
            int64_t sum = covered(&v, rows, N, out, n_out);
            cr_expect(sum <= best && (double)sum >= (1 - exp(-1)) * (double)best, "%ld of %ld", (long)sum, (long)best);
        }
        ew_voice voices[N];
        for (uint32_t i = 0; i < N; i++)
            voices[i] = (ew_voice){i % 4 == 3 ? EW_NONE : i % 5, i % 3 ? EW_NONE : i / 6U};
        cr_assert_eq(ew_cover_rows(&v, rows, voices, N, MOST, seed, out, &n_out, &err), EW_OK);
        cr_assert(n_out > 1);
        for (uint32_t step = 0; step < n_out; step++) { /* each is the first of those that add most */
            uint32_t trial[MOST], want = EW_NONE;
            int64_t most = -1;
            for (uint32_t i = 0; i < step; i++) trial[i] = out[i];
            for (uint32_t c = 0; c < N; c++) {
                if (!may(voices, c, out, step)) continue;
                trial[step] = c;
                int64_t sum = covered(&v, rows, N, trial, step + 1);
                if (sum > most) {
                    most = sum;
                    want = c;
                }
            }
            cr_expect_eq(out[step], want);
        }
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}

Test(cover, stops_where_nothing_new_is_said) {
    ew_vectors v = make_zeros(7, 64);
    for (uint32_t i = 0; i < 6; i++) v.rows[i * v.stride + i % 2] = 127; /* two things, three times each; row 6 is nothing */
    uint32_t rows[] = {6, 5, 4, 3, 2, 1, 0}, out[9], n;
    cr_assert_eq(ew_cover_rows(&v, rows, NULL, 7, 9, 1, out, &n, &err), EW_OK);
    cr_assert(n == 2 && out[0] == 1 && out[1] == 2, "%u", n);
    const ew_voice voices[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {2, 1}};
    cr_assert_eq(ew_cover_rows(&v, rows, voices, 7, 9, 1, out, &n, &err), EW_OK);
    cr_assert(n == 2 && out[0] == 1 && out[1] == 6, "the other thing is said by one other customer only");
    cr_assert_eq(ew_cover_rows(&v, rows, NULL, 1, 9, 1, out, &n, &err), EW_OK);
    cr_assert(n == 1 && out[0] == 0, "one at least, even a row of nothing");
    cr_assert_eq(ew_cover_rows(&v, rows, NULL, 0, 9, 1, out, &n, &err), EW_OK);
    cr_assert_eq(n, 0);
    cr_assert_eq(ew_cover_rows(&v, rows, NULL, 7, 0, 1, out, &n, &err), EW_OK);
    cr_assert_eq(n, 0);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* Of many rows a sample: it costs no more, every group is stood for, and the same seed gives the same. */
Test(cover, of_many_rows_a_sample) {
    enum { MANY = 20000, GROUPS = 5 };
    ew_vectors v = make_blobs(MANY, 40, GROUPS, .3, 4);
    uint32_t *rows = malloc(MANY * sizeof *rows), out[3][GROUPS], n;
    for (uint32_t i = 0; i < MANY; i++) rows[i] = i;
    for (uint64_t t = 0; t < 3; t++) {
        cr_assert_eq(ew_cover_rows(&v, rows, NULL, MANY, GROUPS, t / 2, out[t], &n, &err), EW_OK);
        cr_assert_eq(n, GROUPS);
        uint32_t seen = 0;
        for (uint32_t i = 0; i < n; i++) seen |= 1u << out[t][i] % GROUPS;
        cr_expect_eq(seen, (1u << GROUPS) - 1);
    }
    cr_expect_arr_eq(out[0], out[1], sizeof out[0]);
    cr_expect(memcmp(out[0], out[2], sizeof out[0]) != 0, "another seed, another sample");
    free(rows);
    ew_vectors_free(&v);
    assert_no_leaks();
}

Test(cover, failing_allocations) {
    ew_vectors v = make_blobs(50, 40, 3, .3, 4);
    uint32_t rows[50], out[3], n;
    for (uint32_t i = 0; i < 50; i++) rows[i] = i;
    ew_status status = EW_RESOURCE;
    for (uint64_t after = 1; status != EW_OK; after++) {
        ew_alloc_fail_after(after);
        status = ew_cover_rows(&v, rows, NULL, 50, 3, 1, out, &n, &err);
        ew_alloc_fail_after(0);
        cr_assert(after < 10 && (status == EW_OK || status == EW_RESOURCE));
    }
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* ---- levels ---- */

static ew_partition cut(const ew_vectors *v, uint32_t k) {
    ew_pool *pool = make_pool(1);
    ew_lists lists;
    ew_partition p;
    cr_assert_eq(ew_neighbours_exact(v, 30, pool, &lists, &err), EW_OK);
    cr_assert_eq(ew_themes_cut(v, &lists, k, pool, &p, &err), EW_OK, "%s", err.message);
    ew_lists_free(&lists);
    ew_pool_free(pool);
    return p;
}

static void assert_levels(const ew_levels *levels, uint32_t themes) {
    cr_assert_eq(levels->k[levels->n - 1], themes);
    for (uint32_t l = 0; l + 1 < levels->n; l++) {
        cr_assert_eq(levels->k[l], levels->k[l + 1] / 3);
        cr_assert_geq(levels->k[l], 4);
        uint32_t *below = calloc(levels->k[l], sizeof *below);
        for (uint32_t t = 0; t < levels->k[l + 1]; t++) {
            cr_assert_lt(levels->above[l][t], levels->k[l]);
            below[levels->above[l][t]]++;
        }
        for (uint32_t t = 0; t < levels->k[l]; t++) cr_assert_gt(below[t], 0);
        free(below);
    }
}

Test(levels, themes_that_are_near_are_joined_and_larger_ones_come_first) {
    enum { BLOBS = 60, ROWS = 3000, D = 48 };
    float *rows = malloc(ROWS * D * sizeof *rows); /* blob b of subject b % 6; later subjects are larger */
    uint32_t *subject = malloc(ROWS * sizeof *subject);
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t blob = (uint32_t)(pow(i / (double)ROWS, .7) * BLOBS);
        subject[i] = blob / 10;
        for (uint32_t k = 0; k < D; k++)
            rows[i * D + k] = (float)(ew_random_unit(1, 7, subject[i], k) - .5 + .5 * (ew_random_unit(1, 8, blob, k) - .5) +
                                      .15 * (ew_random_unit(1, 9, i, k) - .5));
    }
    ew_pool *pool = make_pool(2);
    ew_vectors v;
    cr_assert_eq(ew_vectors_from_float(rows, ROWS, D, pool, &v, &err), EW_OK);
    ew_partition p = cut(&v, BLOBS);
    ew_levels levels;
    cr_assert_eq(ew_levels_make(&v, &p, pool, &levels, &err), EW_OK, "%s", err.message);
    cr_assert_eq(levels.n, 3);
    assert_levels(&levels, p.k);
    for (uint32_t l = 0; l < 2; l++) {
        uint32_t size[BLOBS] = {0}, of[BLOBS];
        for (uint32_t c = 0; c < BLOBS; c++) of[c] = EW_NONE;
        for (uint32_t i = 0; i < ROWS; i++) {
            uint32_t at = levels.above[1][p.theme[i]];
            if (l == 0) at = levels.above[0][at];
            size[at]++;
            cr_expect(l == 0 || of[at] == EW_NONE || of[at] == subject[i], "a part of one third of the themes has one subject");
            of[at] = subject[i];
        }
        for (uint32_t c = 1; c < levels.k[l]; c++) cr_expect_geq(size[c - 1], size[c]);
    }
    ew_levels_free(&levels);
    ew_levels_free(&levels);
    ew_partition_free(&p);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    free(rows);
    free(subject);
    assert_no_leaks();
}

Test(levels, few_themes_are_a_level_alone_and_dropped_rows_count_for_nothing) {
    ew_pool *pool = make_pool(1);
    for (uint32_t groups = 1; groups <= 36; groups += 7) {
        ew_vectors v = make_blobs(groups * 20, 40, groups, .1, groups);
        ew_partition p = cut(&v, groups);
        ew_levels levels;
        cr_assert_eq(ew_levels_make(&v, &p, pool, &levels, &err), EW_OK);
        assert_levels(&levels, p.k);
        cr_expect_eq(levels.n, 1 + (p.k >= 12) + (p.k >= 36));
        ew_levels_free(&levels);
        uint32_t last = p.k - 1; /* the last theme goes */
        for (uint32_t i = 0; i < p.n; i++)
            if (p.theme[i] == last) p.theme[i] = EW_NONE;
        p.k = last;
        cr_assert_eq(ew_levels_make(&v, &p, pool, &levels, &err), EW_OK);
        assert_levels(&levels, p.k);
        ew_levels_free(&levels);
        ew_partition_free(&p);
        ew_vectors_free(&v);
    }
    ew_vectors zeros = make_zeros(400, 64); /* nothing tells the themes apart */
    ew_partition same = cut(&zeros, 40);
    ew_levels levels;
    cr_assert_eq(ew_levels_make(&zeros, &same, pool, &levels, &err), EW_OK);
    assert_levels(&levels, same.k);
    ew_levels_free(&levels);
    ew_partition_free(&same);
    ew_vectors_free(&zeros);
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(levels, failing_allocations) {
    ew_pool *pool = make_pool(1);
    ew_vectors v = make_blobs(600, 40, 40, .1, 3);
    ew_partition p = cut(&v, 40);
    ew_status status = EW_RESOURCE;
    for (uint64_t after = 1; status != EW_OK; after++) {
        ew_levels levels;
        ew_alloc_fail_after(after);
        status = ew_levels_make(&v, &p, pool, &levels, &err);
        ew_alloc_fail_after(0);
        cr_assert(after < 500 && (status == EW_OK || status == EW_RESOURCE));
        ew_levels_free(&levels);
    }
    ew_partition_free(&p);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    assert_no_leaks();
}
