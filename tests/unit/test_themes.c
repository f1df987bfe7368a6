#include <math.h>
#include <stdio.h>

#include "../../core/themes/cells.h"
#include "../../core/themes/forest.h"
#include "../../core/themes/themes.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

static ew_partition cut(const ew_vectors *v, uint32_t k, int threads) {
    ew_pool *pool = make_pool(threads);
    ew_lists lists;
    ew_partition p;
    cr_assert_eq(ew_neighbours_exact(v, 80, pool, &lists, &err), EW_OK);
    cr_assert_eq(ew_themes_cut(v, &lists, k, pool, &p, &err), EW_OK, "%s", err.message);
    ew_lists_free(&lists);
    ew_pool_free(pool);
    return p;
}

/* Every row in one theme, no theme empty, larger ones first. */
static void assert_partition(const ew_partition *p, uint32_t n) {
    cr_assert_eq(p->n, n);
    cr_assert_eq(p->k > 0, n > 0);
    uint32_t *size = calloc(p->k + 1, sizeof *size);
    for (uint32_t i = 0; i < n; i++) {
        cr_assert_lt(p->theme[i], p->k);
        size[p->theme[i]]++;
    }
    for (uint32_t t = 0; t < p->k; t++) cr_assert(size[t] > 0 && (!t || size[t - 1] >= size[t]));
    free(size);
}

/* How many pairs of rows are together in both or apart in both: adjusted Rand index with i % groups. */
static double agreement(const ew_partition *p, uint32_t groups) {
    double both = 0, in_p = 0, in_g = 0, all = 0;
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t j = 0; j < i; j++) {
            int a = p->theme[i] == p->theme[j], b = i % groups == j % groups;
            both += a && b;
            in_p += a;
            in_g += b;
            all++;
        }
    double chance = in_p * in_g / all;
    return (both - chance) / ((in_p + in_g) / 2 - chance);
}

Test(cut, finds_the_groups) {
    static const uint32_t groups[] = {2, 6, 11};
    for (int g = 0; g < 3; g++)
        for (int spread = 0; spread < 2; spread++) { /* joined by edges, and far apart */
            ew_vectors v = make_blobs(groups[g] * 70, 60, groups[g], spread ? .9 : .05, 7);
            ew_partition asked = cut(&v, groups[g], 2), found = cut(&v, 0, 2);
            assert_partition(&asked, v.n);
            assert_partition(&found, v.n);
            cr_assert_eq(asked.k, groups[g]);
            cr_assert_gt(agreement(&asked, groups[g]), .98);
            /* both on the grid; the lean to more themes may give one more */
            if (groups[g] >= 4)
                cr_assert(found.k >= groups[g] && found.k <= groups[g] + 1, "%u themes instead of %u", found.k, groups[g]);
            ew_partition_free(&asked);
            ew_partition_free(&found);
            ew_vectors_free(&v);
        }
    assert_no_leaks();
}

/* Half of all rows in one group, the rest in thirty: five draws. As many themes as groups cut some of these elsewhere. */
Test(cut, groups_of_unequal_size) {
    enum { LARGE = 600, SMALL = 20, GROUPS = 31, DRAWS = 5 };
    uint32_t together = 0;
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
        ew_vectors parts[2] = {make_blobs(LARGE, 60, 1, 1.2, seed), make_blobs((GROUPS - 1) * SMALL, 60, GROUPS - 1, .9, seed)};
        ew_vectors v = make_zeros(parts[0].n + parts[1].n, 60);
        memcpy(v.rows, parts[0].rows, (size_t)LARGE * v.stride);
        memcpy(v.rows + (size_t)LARGE * v.stride, parts[1].rows, (size_t)parts[1].n * v.stride);
        for (uint32_t k = 0; k <= GROUPS; k += GROUPS) {
            ew_partition p = cut(&v, k, 2);
            uint32_t inside = 0;
            assert_partition(&p, v.n);
            for (uint32_t i = 0; i < LARGE; i++) inside += p.theme[i] == 0;
            if (k)
                together += inside;
            else
                cr_assert_eq(inside, LARGE, "%u of the large group are together", inside);
            cr_assert_geq(p.k, k ? k : GROUPS / 3, "%u themes", p.k);
            ew_partition_free(&p);
        }
        for (int i = 0; i < 2; i++) ew_vectors_free(&parts[i]);
        ew_vectors_free(&v);
    }
    cr_assert_geq(together, DRAWS * LARGE * 97 / 100, "%u of the large groups are together", together);
    assert_no_leaks();
}

/* Six cells of 1, 2, 3, 4, 5 and 6 rows. */
Test(parts, agreement_is_that_of_their_rows) {
    uint32_t rows[] = {1, 2, 3, 4, 5, 6}, of[21], at = 0;
    for (uint32_t c = 0; c < 6; c++)
        for (uint32_t i = 0; i < rows[c]; i++) of[at++] = c;
    ew_cells cells = {.n = 21, .m = 6, .of = of, .rows = rows};
    uint32_t a[] = {0, 0, 1, 1, 2, 2}, b[] = {1, 1, 2, 2, 0, 0}, c[] = {0, 0, 0, 1, 1, 1}, one[6] = {0};
    double got, both = 0, in_a = 0, in_c = 0, all = 210;
    for (uint32_t i = 0; i < 21; i++)
        for (uint32_t j = 0; j < i; j++) {
            int x = a[of[i]] == a[of[j]], y = c[of[i]] == c[of[j]];
            both += x && y;
            in_a += x;
            in_c += y;
        }
    cr_assert_eq(ew_parts_agreement(&cells, a, 3, b, 3, &got, &err), EW_OK);
    cr_assert_eq(got, 1); /* other names, the same parts */
    cr_assert_eq(ew_parts_agreement(&cells, a, 3, c, 2, &got, &err), EW_OK);
    cr_assert(fabs(got - (both - in_a * in_c / all) / ((in_a + in_c) / 2 - in_a * in_c / all)) < 1e-12);
    cr_assert_eq(ew_parts_agreement(&cells, a, 3, one, 1, &got, &err), EW_OK);
    cr_assert_eq(got, 0);
    cr_assert_eq(ew_parts_agreement(&cells, one, 1, one, 1, &got, &err), EW_OK); /* all in one: says nothing */
    cr_assert_eq(got, 0);
    assert_no_leaks();
}

/* Two rings of three that point at each other once each: ten of twelve links stay within. */
Test(parts, modularity_by_hand) {
    uint32_t ids[] = {1, 2, 0, 2, 0, 3, 2, 4, 3, 5, 4, 3}, halves[] = {0, 0, 0, 1, 1, 1}, one[6] = {0};
    ew_lists lists = {.n = 6, .k = 2, .ids = ids};
    ew_cells cells = {.n = 6, .m = 6};
    double got;
    cr_assert_eq(ew_parts_modularity(&cells, &lists, halves, 2, &got, &err), EW_OK);
    cr_assert(fabs(got - (10.0 / 12 - (12.0 * 12 + 12 * 12) / (4 * 144))) < 1e-12);
    cr_assert_eq(ew_parts_modularity(&cells, &lists, one, 1, &got, &err), EW_OK);
    cr_assert(fabs(got) < 1e-12); /* as much within as chance would have */
    assert_no_leaks();
}

Test(cut, as_many_as_were_asked_for) {
    ew_vectors v = make_blobs(800, 40, 16, .1, 3); /* sixteen parts without an edge between them */
    for (uint32_t k = 1; k <= 20; k++) {
        ew_partition p = cut(&v, k, 2);
        assert_partition(&p, v.n);
        cr_assert_leq(p.k, k);
        if (k <= 16) cr_assert_eq(p.k, k, "%u instead of %u", p.k, k);
        ew_partition_free(&p);
    }
    ew_partition p = cut(&v, 4000000000u, 2); /* more than there are rows: what has four rows or more */
    assert_partition(&p, v.n);
    ew_partition_free(&p);
    ew_vectors_free(&v);
    assert_no_leaks();
}

Test(cut, tiny_and_uniform) {
    for (uint32_t n = 0; n < 70; n += n < 12 ? 1 : 19)
        for (uint32_t k = 0; k < 6; k += 5)
            for (int kind = 0; kind < 3; kind++) {
                ew_vectors v = kind ? make_zeros(n, 16) : make_blobs(n, 16, 0, 0, n);
                for (uint32_t i = 0; kind == 2 && i < n; i++) v.rows[(size_t)i * v.stride] = 127;
                ew_partition p = cut(&v, k, 1);
                assert_partition(&p, n);
                ew_partition_free(&p);
                ew_vectors_free(&v);
            }
    assert_no_leaks();
}

Test(cut, the_same_for_any_number_of_threads) {
    static const int threads[] = {1, 2, 3, 8};
    ew_vectors v = make_blobs(900, 60, 30, .9, 5);
    ew_partition first = cut(&v, 0, 1);
    for (int t = 1; t < 4; t++) {
        ew_partition p = cut(&v, 0, threads[t]);
        cr_assert_eq(p.k, first.k);
        cr_assert_arr_eq(p.theme, first.theme, v.n * sizeof *p.theme);
        ew_partition_free(&p);
    }
    ew_partition_free(&first);
    ew_vectors_free(&v);
}

Test(cut, failing_allocations) {
    ew_vectors v = make_blobs(900, 16, 30, .2, 5);
    ew_pool *pool = make_pool(2);
    ew_lists lists;
    cr_assert_eq(ew_neighbours_exact(&v, 30, pool, &lists, &err), EW_OK);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 8) {
        ew_partition p;
        ew_alloc_fail_after(nth);
        status = ew_themes_cut(&v, &lists, 0, pool, &p, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && !p.theme));
        ew_partition_free(&p);
    }
    ew_lists_free(&lists);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    assert_no_leaks();
}

/* ---- leaned rows ---- */

static double cosine(const int8_t *a, const int8_t *b, uint32_t n) {
    double ab = 0, aa = 0, bb = 0;
    for (uint32_t k = 0; k < n; k++) {
        ab += a[k] * b[k];
        aa += a[k] * a[k];
        bb += b[k] * b[k];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

Test(lean, half_of_a_row_is_that_of_its_five_nearest) {
    static const int threads[] = {1, 3};
    ew_vectors v = make_blobs(700, 40, 10, .4, 3), first = {0};
    for (int t = 0; t < 2; t++) {
        ew_pool *pool = make_pool(threads[t]);
        ew_lists lists;
        ew_vectors leaned;
        cr_assert_eq(ew_neighbours_exact(&v, 20, pool, &lists, &err), EW_OK);
        cr_assert_eq(ew_themes_lean(&v, &lists, pool, &leaned, &err), EW_OK);
        for (uint32_t i = 0; i < v.n; i++) {
            int8_t wanted[64];
            int64_t sum[64] = {0};
            for (uint32_t k = 0; k < v.stride; k++) {
                sum[k] = 5 * v.rows[(size_t)i * v.stride + k];
                for (uint32_t j = 0; j < 5; j++) sum[k] += v.rows[(size_t)lists.ids[(size_t)i * lists.k + j] * v.stride + k];
            }
            ew_centre_direction(sum, v.stride, wanted);
            cr_assert_arr_eq(leaned.rows + (size_t)i * v.stride, wanted, v.stride);
            cr_assert_gt(cosine(leaned.rows + (size_t)i * v.stride, v.rows + (size_t)i * v.stride, v.stride), .5);
        }
        if (t)
            cr_assert_arr_eq(leaned.rows, first.rows, (size_t)v.n * v.stride);
        else
            first = leaned;
        if (t) ew_vectors_free(&leaned);
        ew_lists_free(&lists);
        ew_pool_free(pool);
    }
    ew_vectors_free(&first);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* Who is near to nobody stays as it is; zeros stay zeros. */
Test(lean, not_towards_strangers) {
    ew_vectors v = make_zeros(12, 16);
    for (uint32_t i = 1; i < v.n; i++) v.rows[(size_t)i * v.stride + i] = 127;
    ew_pool *pool = make_pool(1);
    ew_lists lists;
    ew_vectors leaned;
    cr_assert_eq(ew_neighbours_exact(&v, 5, pool, &lists, &err), EW_OK);
    cr_assert_eq(ew_themes_lean(&v, &lists, pool, &leaned, &err), EW_OK);
    for (uint32_t i = 0; i < v.n; i++)
        for (uint32_t k = 0; k < v.stride; k++)
            cr_assert_eq(leaned.rows[(size_t)i * v.stride + k] != 0, v.rows[(size_t)i * v.stride + k] != 0);
    ew_vectors_free(&leaned);
    ew_lists_free(&lists);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    assert_no_leaks();
}

/* ---- cells ---- */

/* Rows join their nearest, no cell grows large, few rows stay alone, and copies of one row fall into several. */
Test(cells, of_lists_alone) {
    enum { N = 33000, COPIES = 200, MOST = 3 * (N / 16384) };
    ew_vectors v = make_blobs(N, 24, 3000, .3, 4);
    for (uint32_t i = 1; i < COPIES; i++) memcpy(v.rows + (size_t)i * v.stride, v.rows, v.stride);
    ew_pool *pool = make_pool(2);
    ew_lists lists;
    ew_cells c;
    cr_assert_eq(ew_neighbours_exact(&v, 15, pool, &lists, &err), EW_OK);
    cr_assert_eq(ew_cells_make(&v, &lists, &c, &err), EW_OK);
    cr_assert(c.n == N && c.m > N / (2 * MOST) && c.m < N / 2, "%u", c.m);
    uint32_t *rows = calloc(c.m, sizeof *rows), seen = 0, alone = 0, apart = 0;
    for (uint32_t i = 0; i < N; i++) {
        cr_assert_lt(c.of[i], c.m);
        cr_assert_leq(c.of[i], seen, "cells are numbered by their first row");
        seen += c.of[i] == seen;
        rows[c.of[i]]++;
        apart += i > COPIES && c.of[i] == c.of[i - 1];
    }
    for (uint32_t i = 0; i < c.m; i++) {
        cr_assert(rows[i] == c.rows[i] && rows[i] <= 2 * MOST);
        alone += rows[i] == 1;
    }
    cr_assert_lt(alone, N / 50);
    cr_assert_lt(apart, N / 50, "neighbours in the file are of different groups");
    free(rows);
    ew_cells_free(&c);
    ew_lists_free(&lists);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    assert_no_leaks();
}

/* A few rows, in any order and wherever they lie, as the sum that is added up here. */
Test(centres, of_rows_wherever_they_lie) {
    ew_vectors v = make_blobs(90, 40, 7, .5, 3);
    static const uint32_t rows[] = {88, 3, 41, 3, 0};
    int64_t sum[64] = {0};
    int32_t scratch[64];
    int8_t want[64], got[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t k = 0; k < v.stride; k++) sum[k] += v.rows[(size_t)rows[i] * v.stride + k];
    ew_centre_direction(sum, v.stride, want);
    ew_centre_of_rows(&v, rows, sizeof rows / sizeof *rows, scratch, got);
    cr_assert_arr_eq(got, want, v.stride);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* As many rows as a row stands for, also where sums need more than 32 bits. */
Test(centres, weights_are_rows) {
    static const uint32_t heaviest[] = {5, 300000, (1 << 24) - 1};
    enum { N = 90, K = 4 };
    ew_vectors v = make_blobs(N, 40, 7, .5, 3);
    ew_centres c;
    uint32_t label[N], weight[N];
    cr_assert_eq(ew_centres_create(K, v.stride, &c, &err), EW_OK);
    for (size_t h = 0; h < sizeof heaviest / sizeof *heaviest; h++) {
        for (uint32_t i = 0; i < N; i++) {
            label[i] = i % K;
            weight[i] = 1 + (uint32_t)ew_random_below(heaviest[h], 1, 1003, i, h);
        }
        cr_assert_eq(ew_centres_update(&v, label, weight, &c, &err), EW_OK);
        for (uint32_t p = 0; p < K; p++) {
            int64_t sum[64] = {0};
            int8_t want[64];
            for (uint32_t i = p; i < N; i += K)
                for (uint32_t k = 0; k < v.stride; k++) sum[k] += (int64_t)weight[i] * v.rows[(size_t)i * v.stride + k];
            ew_centre_direction(sum, v.stride, want);
            cr_assert_arr_eq(c.rows + (size_t)p * v.stride, want, v.stride);
        }
    }
    ew_centres_free(&c);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* ---- centres ---- */

Test(centres, mean_directions_and_who_is_near) {
    enum { N = 600, K = 300 };
    ew_vectors v = make_blobs(N, 40, 20, .5, 2);
    ew_pool *pool = make_pool(3);
    ew_centres c;
    uint32_t given[N], label[N];
    int32_t best[N], second[N];
    cr_assert_eq(ew_centres_create(K, v.stride, &c, &err), EW_OK);
    for (uint32_t i = 0; i < N; i++) given[i] = i % 7 ? i % 290 : EW_NONE; /* the last parts stay empty */
    cr_assert_eq(ew_centres_update(&v, given, NULL, &c, &err), EW_OK);
    for (uint32_t p = 0; p < K; p++) {
        double sum[64] = {0}, square = 0;
        for (uint32_t i = 0; i < N; i++)
            for (uint32_t k = 0; given[i] == p && k < v.stride; k++) sum[k] += v.rows[(size_t)i * v.stride + k];
        for (uint32_t k = 0; k < v.stride; k++) square += sum[k] * sum[k];
        for (uint32_t k = 0; k < v.stride; k++) {
            double want = square > 0 ? floor(sum[k] * 400 / sqrt(square) + .5) : 0;
            cr_assert_eq(c.rows[(size_t)p * v.stride + k], want > 127 ? 127 : want < -127 ? -127 : want);
        }
    }
    cr_assert_eq(ew_centres_assign(&v, &c, pool, label, best, second, &err), EW_OK);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t at = EW_NONE;
        int32_t first = INT32_MIN, next = INT32_MIN;
        for (uint32_t p = 0; p < K; p++) {
            int32_t dot = 0;
            for (uint32_t k = 0; k < v.stride; k++) dot += v.rows[(size_t)i * v.stride + k] * c.rows[(size_t)p * v.stride + k];
            if (dot > first) {
                next = first;
                first = dot;
                at = p;
            } else if (dot > next)
                next = dot;
        }
        cr_assert(label[i] == at && best[i] == first && second[i] == next);
    }
    cr_assert_eq(ew_centres_assign(&v, &c, pool, given, NULL, NULL, &err), EW_OK);
    cr_assert_arr_eq(given, label, sizeof label);
    ew_centres_free(&c);
    ew_centres_free(&c);
    ew_pool_free(pool);
    ew_vectors_free(&v);
    assert_no_leaks();
}

Test(kmeans, finds_groups_by_its_seed_alone) {
    static const int threads[] = {1, 2, 3, 8};
    ew_vectors v = make_blobs(500, 40, 5, .3, 2);
    uint32_t first[500], label[500];
    for (int t = 0; t < 4; t++) {
        ew_pool *pool = make_pool(threads[t]);
        cr_assert_eq(ew_kmeans(&v, 25, 10, 1, pool, label, &err), EW_OK);
        if (!t) memcpy(first, label, sizeof label);
        cr_assert_arr_eq(label, first, sizeof label);
        ew_pool_free(pool);
    }
    uint32_t group_of[25];
    memset(group_of, 0xff, sizeof group_of);
    for (uint32_t i = 0; i < 500; i++) { /* five times as many parts as groups: each within one group */
        cr_assert_lt(label[i], 25);
        if (group_of[label[i]] == EW_NONE) group_of[label[i]] = i % 5;
        cr_assert_eq(group_of[label[i]], i % 5);
    }
    ew_pool *pool = make_pool(2);
    ew_vectors small = make_blobs(3, 40, 0, 0, 1), none = make_zeros(0, 8);
    cr_assert_eq(ew_kmeans(&small, 8, 10, 1, pool, label, &err), EW_OK); /* more parts than rows */
    for (int i = 0; i < 3; i++) cr_assert_lt(label[i], 3);
    cr_assert_eq(ew_kmeans(&none, 8, 10, 1, pool, label, &err), EW_OK);
    for (uint64_t nth = 1; nth < 5; nth++) {
        ew_alloc_fail_after(nth);
        ew_status status = ew_kmeans(&v, 5, 2, 1, pool, label, &err);
        ew_alloc_fail_after(0);
        cr_assert_eq(status, EW_RESOURCE);
    }
    ew_pool_free(pool);
    ew_vectors_free(&v);
    ew_vectors_free(&small);
    ew_vectors_free(&none);
    assert_no_leaks();
}

Test(central, the_nearest_to_the_mean_first) {
    ew_vectors v = make_blobs(40, 20, 1, .6, 2);
    uint32_t rows[40], out[40];
    for (uint32_t i = 0; i < 40; i++) rows[i] = 39 - i;
    cr_assert_eq(ew_central_rows(&v, rows, 40, out, &err), EW_OK);
    int64_t before = INT64_MAX;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < 40; i++) {
        int64_t near = 0;
        for (uint32_t j = 0; j < 40; j++) near += dot_rows(&v, out[i], j);
        cr_assert_leq(near, before);
        before = near;
        seen |= (uint64_t)1 << out[i];
    }
    cr_assert_eq(seen, ((uint64_t)1 << 40) - 1);
    cr_assert_eq(ew_central_rows(&v, rows, 40, rows, &err), EW_OK); /* in place */
    cr_assert_arr_eq(rows, out, sizeof out);
    cr_assert_eq(ew_central_rows(&v, rows, 0, rows, &err), EW_OK);
    ew_vectors zero = make_zeros(5, 8);
    cr_assert_eq(ew_central_rows(&zero, (uint32_t[]){4, 2, 3}, 3, out, &err), EW_OK); /* all alike: by number */
    cr_assert(out[0] == 2 && out[1] == 3 && out[2] == 4);
    ew_vectors_free(&zero);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* ---- words ---- */

static const char VOCAB[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nlid\nleak\n##s\n##ing\nthe\n!\n42\nx\ncoffee\n##"
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\naaaa\n\xe8\x93\x8b\n##bb\n";
enum { LID = 5, LEAK, S, ING, THE, BANG, N42, X, COFFEE, LONG, AAAA, GAI, BB };

typedef struct { ew_tokenizer *tokenizer; ew_row_words words; } worded;

static worded make_words(const uint32_t *ids, const uint64_t *start, uint32_t n) {
    worded w;
    ew_token_lists lists = {n, start, ids};
    cr_assert_eq(ew_tokenizer_create(VOCAB, sizeof VOCAB - 1, &w.tokenizer, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_row_words_build(&lists, w.tokenizer, &w.words, &err), EW_OK, "%s", err.message);
    return w;
}

static void drop_words(worded *w) {
    ew_row_words_free(&w->words);
    ew_row_words_free(&w->words);
    ew_tokenizer_free(w->tokenizer);
}

Test(words, pieces_joined_once_a_row_and_with_a_subject) {
    static const uint32_t ids[] = {THE, LID,        LEAK, S,    BANG, LID, N42, X,        /* */ LEAK, S,
                                   GAI, /* */ AAAA, LONG, LONG, LONG, BB,  LID, /* */ BB, LEAK,       ING};
    static const uint64_t start[] = {0, 8, 11, 17, 17, 20};
    worded w = make_words(ids, start, 5);
    const ew_dict *d = &w.words.words;
    cr_assert_eq(w.words.start[1] - w.words.start[0], 2); /* lid, leaks */
    cr_assert_eq(w.words.start[2] - w.words.start[1], 2); /* leaks, a Han character */
    cr_assert_eq(w.words.start[3] - w.words.start[2], 1); /* lid; a word beyond 63 bytes is none, not a part of itself */
    cr_assert_eq(w.words.start[4] - w.words.start[3], 0);
    cr_assert_eq(w.words.start[5] - w.words.start[4], 2); /* bb, leaking */
    uint32_t lid = ew_dict_find(d, "lid", 3), leaks = ew_dict_find(d, "leaks", 5), leaking = ew_dict_find(d, "leaking", 7);
    cr_assert(lid != EW_NONE && leaks != EW_NONE && leaking != EW_NONE);
    cr_assert_eq(ew_dict_find(d, "leak", 4), EW_NONE);
    cr_assert_eq(ew_dict_find(d, "the", 3), EW_NONE);
    cr_assert_eq(ew_dict_find(d, "42", 2), EW_NONE);
    cr_assert_eq(w.words.rows_with[lid], 2);
    cr_assert_eq(w.words.rows_with[leaks], 2);
    cr_assert_eq(w.words.rows_with[leaking], 1);
    uint32_t out[4], n;
    cr_assert_eq(ew_telling_words(&w.words, (uint32_t[]){0, 1}, 2, 4, out, &n, &err), EW_OK);
    cr_assert(n == 1 && out[0] == leaks); /* the only one in both */
    cr_assert_eq(ew_telling_words(&w.words, (uint32_t[]){4}, 1, 1, out, &n, &err), EW_OK);
    cr_assert_eq(n, 1);
    cr_assert_eq(ew_telling_words(&w.words, (uint32_t[]){3}, 1, 4, out, &n, &err), EW_OK);
    cr_assert_eq(n, 0);
    cr_assert_eq(ew_telling_words(&w.words, NULL, 0, 4, out, &n, &err), EW_OK);
    cr_assert_eq(n, 0);
    drop_words(&w);
    assert_no_leaks();
}

Test(words, by_share_within_against_share_over_all) {
    uint32_t ids[60];
    uint64_t start[31];
    for (uint32_t i = 0; i < 30; i++) { /* "lid" everywhere, "coffee" in the first ten alone */
        start[i] = 2 * i;
        ids[2 * i] = LID;
        ids[2 * i + 1] = i < 10 ? COFFEE : LEAK;
    }
    start[30] = 60;
    worded w = make_words(ids, start, 30);
    uint32_t rows[10], out[4], n;
    for (uint32_t i = 0; i < 10; i++) rows[i] = i;
    cr_assert_eq(ew_telling_words(&w.words, rows, 10, 4, out, &n, &err), EW_OK);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(ew_dict_text(&w.words.words, out[0]), "coffee");
    cr_assert_str_eq(ew_dict_text(&w.words.words, out[1]), "lid");
    cr_assert_eq(ew_telling_words(&w.words, rows, 10, 1, out, &n, &err), EW_OK);
    cr_assert_eq(n, 1);
    ew_telling *all; /* by the number of the word: "lid" was there first, and tells what chance does */
    cr_assert_eq(ew_telling_scores(&w.words, rows, 10, &all, &n, &err), EW_OK);
    cr_assert_eq(n, 2);
    cr_expect_float_eq(all[0].score, log(2), 1e-12);
    cr_expect_float_eq(all[1].score, log(4), 1e-12);
    ew_free(all);
    drop_words(&w);
    worded none = make_words(ids, (uint64_t[]){0}, 0);
    drop_words(&none);
    assert_no_leaks();
}

Test(words, failing_allocations) {
    static const uint32_t ids[] = {LID, LEAK, S, COFFEE};
    static const uint64_t start[] = {0, 3, 4};
    ew_token_lists lists = {2, start, ids};
    ew_tokenizer *tokenizer;
    cr_assert_eq(ew_tokenizer_create(VOCAB, sizeof VOCAB - 1, &tokenizer, &err), EW_OK);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        ew_row_words words;
        uint32_t out[2], n;
        ew_alloc_fail_after(nth);
        status = ew_row_words_build(&lists, tokenizer, &words, &err);
        if (status == EW_OK) status = ew_telling_words(&words, (uint32_t[]){0}, 1, 2, out, &n, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
        ew_row_words_free(&words);
    }
    ew_tokenizer_free(tokenizer);
    assert_no_leaks();
}
