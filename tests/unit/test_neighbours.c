#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/base/hash.h"
#include "../../core/base/scalar.h"
#include "../../core/kernels/kernels.h"
#include "../../core/neighbours/neighbours.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

/* ---- lists ---- */

typedef struct { int32_t dot; uint32_t row; } near;

static int nearer(const void *a, const void *b) {
    const near *x = a, *y = b;
    return x->dot != y->dot ? (x->dot < y->dot ? 1 : -1) : x->row < y->row ? -1 : 1;
}

/* The lists against all pairs, sorted. */
static void assert_exact(const ew_vectors *v, uint32_t k, int threads) {
    ew_lists lists;
    ew_pool *pool = threads ? make_pool(threads) : NULL;
    cr_assert_eq(ew_neighbours_exact(v, k, pool, &lists, &err), EW_OK, "%s", err.message);
    uint32_t want = v->n ? (k < v->n - 1 ? k : v->n - 1) : 0;
    cr_assert_eq(lists.n, v->n);
    cr_assert_eq(lists.k, want);
    near *all = calloc(v->n + 1, sizeof *all);
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t n = 0;
        for (uint32_t j = 0; j < v->n; j++)
            if (j != i) all[n++] = (near){dot_rows(v, i, j), j};
        qsort(all, n, sizeof *all, nearer);
        for (uint32_t j = 0; j < want; j++)
            if (lists.ids[(size_t)i * want + j] != all[j].row || lists.dots[(size_t)i * want + j] != all[j].dot)
                cr_assert_fail("n %u, k %u, row %u, place %u: row %u instead of %u", v->n, k, i, j,
                               lists.ids[(size_t)i * want + j], all[j].row);
        if (want) cr_assert(fabs(ew_similarity(&lists, i, 0) - all[0].dot / ((double)v->scale * (double)v->scale)) < 1e-12);
    }
    free(all);
    ew_lists_free(&lists);
    ew_lists_free(&lists);
    ew_pool_free(pool);
}

Test(lists, against_all_pairs) {
    static const uint32_t sizes[] = {0, 1, 2, 3, 63, 64, 65, 130, 511, 512, 513, 700}, ks[] = {1, 2, 15, 80, 600};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        ew_vectors v = make_blobs(sizes[s], 70, 0, 0, s);
        for (size_t k = 0; k < sizeof ks / sizeof *ks; k++) assert_exact(&v, ks[k], (int)(k % 4));
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}

/* Tasks of more rows than ask at a time, the last of them of one more. */
Test(lists, long_tasks) {
    ew_vectors v = make_blobs(32 * 128 + 65, 8, 0, 0, 3);
    assert_exact(&v, 15, 2);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* Few directions: nearly everything ties, within tiles and across them. */
Test(lists, ties_go_to_the_smaller_row) {
    ew_vectors v = make_zeros(1400, 8);
    for (uint32_t i = 0; i < v.n; i++) v.rows[(size_t)i * v.stride + ew_random_below(3, 1, 1, i, 0)] = 127;
    assert_exact(&v, 15, 3);
    assert_exact(&v, 600, 2);
    memset(v.rows, 0, (size_t)v.n * v.stride); /* no known word at all */
    assert_exact(&v, 80, 2);
    for (uint32_t i = 0; i < v.n; i++) v.rows[(size_t)i * v.stride] = 127;
    assert_exact(&v, 80, 2);
    for (uint32_t i = 0; i < v.n; i++) v.rows[(size_t)i * v.stride] = i % 2 ? 127 : -127;
    assert_exact(&v, 1399, 2);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* What is nearer by one alone, and comes late. */
Test(lists, the_smallest_step_counts) {
    ew_vectors v = make_zeros(1400, 4);
    for (uint32_t i = 0; i < v.n; i++) v.rows[(size_t)i * v.stride] = (int8_t)(i % 100 == 5 ? 1 : i < 1100 ? 50 : 51);
    assert_exact(&v, 7, 2);
    assert_exact(&v, 80, 2);
    ew_vectors_free(&v);
}

/* Rows that come nearer and nearer, or wander off: each tile beats all before it, or nothing of it counts. */
Test(lists, orders_that_are_hard_for_a_selection) {
    for (int order = 0; order < 4; order++) {
        ew_vectors v = make_zeros(1100, 4);
        for (uint32_t i = 0; i < v.n; i++) {
            uint32_t step = order == 0 ? i : order == 1 ? v.n - i : order == 2 ? (i % 2 ? i : v.n - i) : i * 7919 % 64;
            v.rows[(size_t)i * v.stride] = (int8_t)(step * 127 / (v.n + 1));
            v.rows[(size_t)i * v.stride + 1] = (int8_t)(127 - step % 128);
        }
        assert_exact(&v, 7, 2);
        assert_exact(&v, 80, 1);
        ew_vectors_free(&v);
    }
}

static uint64_t digest(const ew_lists *l) {
    return ew_hash(l->ids, (size_t)l->n * l->k * sizeof *l->ids, ew_hash(l->dots, (size_t)l->n * l->k * sizeof *l->dots, 1));
}

Test(lists, the_same_for_any_number_of_threads) {
    static const int threads[] = {0, 1, 2, 3, 8};
    ew_vectors v = make_blobs(900, 64, 5, .4, 3);
    uint64_t first = 0;
    for (int t = 0; t < 5; t++) {
        ew_pool *pool = threads[t] ? make_pool(threads[t]) : NULL;
        ew_lists lists;
        cr_assert_eq(ew_neighbours_exact(&v, 40, pool, &lists, &err), EW_OK);
        if (t)
            cr_assert_eq(digest(&lists), first);
        else
            first = digest(&lists);
        ew_lists_free(&lists);
        ew_pool_free(pool);
    }
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* The table of kernels is chosen once a process: each instruction set gets a process of its own (env -i: Criterion knows its own
 * children by their environment). */
Test(lists, the_same_for_any_instruction_set) {
    static const char *const sets[] = {"serial", "avx2", "avx512", "amx", "neon"};
    const char *child = getenv("EW_TEST_DIGEST");
    ew_vectors v = make_blobs(300, 100, 5, .4, 3);
    ew_lists lists;
    cr_assert_eq(ew_neighbours_exact(&v, 40, NULL, &lists, &err), EW_OK);
    uint64_t own = digest(&lists);
    ew_lists_free(&lists);
    ew_vectors_free(&v);
    if (child) {
        cr_assert_str_eq(ew_kernels_get()->name, getenv("EDGEWISE_ISA"));
        FILE *f = fopen(child, "w");
        fprintf(f, "%llx", (unsigned long long)own);
        fclose(f);
        return;
    }
    char program[512], command[1024], path[] = "/tmp/edgewise-digest-XXXXXX";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    cr_assert(length > 0);
    program[length] = 0;
    int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (!ew_kernels_named(sets[i])) continue;
        unsigned long long theirs = 0;
        snprintf(
            command, sizeof command,
            "env -i EDGEWISE_ISA=%s EW_TEST_DIGEST=%s '%s' --filter 'lists/the_same_for_any_instruction_set' >/dev/null 2>&1",
            sets[i], path, program);
        cr_assert_eq(system(command), 0, "%s", command);
        FILE *f = fopen(path, "r");
        cr_assert_eq(fscanf(f, "%llx", &theirs), 1);
        fclose(f);
        cr_assert_eq(theirs, own, "%s", sets[i]);
    }
    unlink(path);
}

Test(lists, failing_allocations) {
    ew_vectors v = make_blobs(100, 8, 0, 0, 1);
    ew_pool *pool = make_pool(3);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        ew_lists lists;
        ew_alloc_fail_after(nth);
        status = ew_neighbours_exact(&v, 5, pool, &lists, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && !lists.ids && !lists.dots));
        ew_lists_free(&lists);
    }
    ew_pool_free(pool);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* ---- graph ---- */

static int listed(const ew_lists *l, uint32_t k, uint32_t from, uint32_t to) {
    for (uint32_t j = 0; j < k; j++)
        if (l->ids[(size_t)from * l->k + j] == to) return (int)j;
    return -1;
}

/* The affinities of the method's text, one pair at a time. */
static double reference(const ew_lists *l, uint32_t k, ew_weighting weighting, uint32_t from, uint32_t to) {
    int place = listed(l, k, from, to);
    if (place < 0) return 0;
    double s = ew_similarity(l, from, (uint32_t)place);
    if (weighting == EW_WEIGHT_COS4) return s > 0 ? pow(s < 1 ? s : 1, 4) : 0;
    if (weighting == EW_WEIGHT_SHARED) {
        int common = 0;
        for (uint32_t j = 0; j < k; j++) common += listed(l, k, to, l->ids[(size_t)from * l->k + j]) >= 0;
        return (1.0 + common) / (k + 1);
    }
    double rho = fmax(0, 1 - ew_similarity(l, from, 0)), low = 1e-4, high = 10;
    for (int step = 0; step < 60; step++) {
        double sigma = sqrt(low * high), sum = 0;
        for (uint32_t j = 0; j < k; j++) sum += exp(-(fmax(0, 1 - ew_similarity(l, from, j)) - rho) / sigma);
        if (sum > log2(k > 1 ? k : 2)) high = sigma;
        else low = sigma;
    }
    return exp(-(fmax(0, 1 - s) - rho) / sqrt(low * high));
}

static void assert_graph(const ew_vectors *v, uint32_t K, uint32_t k, ew_weighting weighting, ew_pool *pool) {
    ew_lists lists;
    ew_graph g;
    cr_assert_eq(ew_neighbours_exact(v, K, NULL, &lists, &err), EW_OK);
    cr_assert_eq(ew_graph_build(&lists, k, weighting, pool, &g, &err), EW_OK, "%s", err.message);
    uint32_t most = k < lists.k ? k : lists.k;
    cr_assert_eq(g.n, v->n);
    cr_assert_eq(g.start[0], 0);
    uint64_t edges = 0;
    for (uint32_t i = 0; i < g.n; i++) {
        for (uint64_t e = g.start[i]; e < g.start[i + 1]; e++) {
            uint32_t j = ew_link_to(g.links[e]), own = (uint32_t)(e - g.start[i]);
            cr_assert(j < g.n && j != i);
            if (own < most) cr_assert_eq(j, lists.ids[(size_t)i * lists.k + own], "row %u: its own list first", i);
            if (own > most) cr_assert_lt(ew_link_to(g.links[e - 1]), j, "row %u: ascending, each once", i);
            double a = reference(&lists, most, weighting, i, j), b = reference(&lists, most, weighting, j, i);
            cr_assert(listed(&lists, most, i, j) >= 0 || listed(&lists, most, j, i) >= 0);
            double want = weighting == EW_WEIGHT_LOCAL ? a + b - a * b : fmax(a, b);
            int64_t scaled = (int64_t)(1048576 * want + .5);
            int64_t off = (int64_t)ew_link_weight(g.links[e]) - (scaled > 0 ? scaled : 1);
            cr_assert(off >= -30 && off <= 30, "%u-%u: %lld off %lld", i, j, (long long)off, (long long)scaled);
            int back = 0;
            for (uint64_t f = g.start[j]; f < g.start[j + 1]; f++) back += g.links[f] == ew_link(i, ew_link_weight(g.links[e]));
            cr_assert_eq(back, 1);
            edges++;
        }
        for (uint32_t j = 0; j < most; j++) { /* nothing of the lists is missing */
            uint32_t to = lists.ids[(size_t)i * lists.k + j];
            int there = 0;
            for (uint64_t e = g.start[i]; e < g.start[i + 1]; e++) there += ew_link_to(g.links[e]) == to;
            cr_assert_eq(there, 1);
        }
    }
    cr_assert_eq(edges, g.start[g.n]);
    ew_graph_free(&g);
    ew_graph_free(&g);
    ew_lists_free(&lists);
}

Test(graph, three_weightings_against_the_text) {
    static const ew_weighting all[] = {EW_WEIGHT_LOCAL, EW_WEIGHT_SHARED, EW_WEIGHT_COS4};
    ew_pool *pool = make_pool(3);
    for (int w = 0; w < 3; w++) {
        static const uint32_t sizes[] = {0, 1, 2, 3, 9, 150, 600}; /* the last in several tasks */
        for (int s = 0; s < 7; s++) {
            ew_vectors v = make_blobs(sizes[s], 24, 4, .8, (uint64_t)s);
            assert_graph(&v, 40, 15, all[w], w ? pool : NULL);
            assert_graph(&v, 15, 30, all[w], w ? pool : NULL); /* more asked for than the lists hold */
            assert_graph(&v, 20, 1, all[w], w ? pool : NULL);
            ew_vectors_free(&v);
        }
        ew_vectors same = make_zeros(60, 4); /* all alike, and opposite ones */
        assert_graph(&same, 20, 15, all[w], w ? pool : NULL);
        for (uint32_t i = 0; i < same.n; i++) same.rows[(size_t)i * same.stride] = i % 3 ? 127 : -127;
        assert_graph(&same, 50, 45, all[w], w ? pool : NULL);
        ew_vectors_free(&same);
    }
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(graph, failing_allocations) {
    ew_vectors v = make_blobs(50, 8, 3, .5, 1);
    ew_pool *pool = make_pool(2);
    ew_lists lists;
    cr_assert_eq(ew_neighbours_exact(&v, 20, NULL, &lists, &err), EW_OK);
    for (int w = 0; w < 3; w++) {
        ew_status status = EW_RESOURCE;
        for (uint64_t nth = 1; status != EW_OK; nth++) {
            ew_graph g;
            ew_alloc_fail_after(nth);
            status = ew_graph_build(&lists, 15, (ew_weighting)w, pool, &g, &err);
            ew_alloc_fail_after(0);
            cr_assert(status == EW_OK || (status == EW_RESOURCE && !g.start && !g.links));
            ew_graph_free(&g);
        }
    }
    ew_pool_free(pool);
    ew_lists_free(&lists);
    ew_vectors_free(&v);
    assert_no_leaks();
}
