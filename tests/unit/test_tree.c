#include <math.h>
#include <stdio.h>

#include "../../core/themes/tree.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

/* ---- graphs by hand ---- */

typedef struct { uint32_t a, b; uint64_t weight; } edge;

static ew_graph make_graph(uint32_t n, const edge *edges, uint32_t n_edges) {
    ew_graph g = {n, ew_calloc(n + 1u, 8), ew_alloc(2 * n_edges, 8)};
    for (uint32_t i = 0; i < n; i++) {
        g.start[i + 1] = g.start[i];
        for (uint32_t j = 0; j < n; j++) /* neighbours ascending */
            for (uint32_t l = 0; l < n_edges; l++) {
                if (!((edges[l].a == i && edges[l].b == j) || (edges[l].b == i && edges[l].a == j))) continue;
                g.links[g.start[i + 1]++] = ew_link(j, edges[l].weight);
            }
    }
    return g;
}

/* Each pair with probability `density`; weights up to `most` (1: all alike). */
static ew_graph random_graph(uint32_t n, double density, uint64_t most, uint64_t seed) {
    edge *edges = calloc((size_t)n * n + 1, sizeof *edges);
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i + 1; j < n; j++)
            if (ew_random_unit(seed, 1, i, j) < density) edges[count++] = (edge){i, j, 1 + ew_random_below(most, seed, 2, i, j)};
    ew_graph g = make_graph(n, edges, count);
    free(edges);
    return g;
}

/* Trees use a graph up. */
static ew_graph copy_of(const ew_graph *g) {
    ew_graph copy = {g->n, ew_alloc(g->n + 1u, 8), ew_alloc(g->start[g->n], 8)};
    memcpy(copy.start, g->start, (g->n + 1u) * sizeof *copy.start);
    memcpy(copy.links, g->links, g->start[g->n] * sizeof *copy.links);
    return copy;
}

static ew_tree paris_of(const ew_graph *g) {
    ew_graph copy = copy_of(g);
    ew_tree t;
    cr_assert_eq(ew_tree_paris(&copy, NULL, &t, &err), EW_OK, "%s", err.message);
    cr_assert(!copy.n && !copy.start && !copy.links);
    return t;
}

static ew_tree ward_of(const ew_graph *g, const ew_vectors *v, const uint32_t *cell) {
    ew_graph copy = copy_of(g);
    ew_tree t;
    cr_assert_eq(ew_tree_means(&copy, v, cell, EW_LINKAGE_WARD, EW_ALL_COLUMNS, &t, &err), EW_OK, "%s", err.message);
    cr_assert(!copy.n && !copy.start && !copy.links);
    return t;
}

static uint64_t of_row(uint32_t row) { return ew_mix(row + 1000003u); }

static uint32_t leader(uint32_t *of, uint32_t i) {
    while (of[i] != i) i = of[i];
    return i;
}

/* What holds for every tree: see tree.h. `parts`: of the graph. */
static void assert_tree(const ew_tree *t, const ew_graph *g, int one_root) {
    uint32_t parts = g->n, roots = 0, *of = calloc(g->n + 1, sizeof *of);
    for (uint32_t i = 0; i < g->n; i++) of[i] = i;
    for (uint32_t i = 0; i < g->n; i++)
        for (uint64_t e = g->start[i]; e < g->start[i + 1]; e++) {
            uint32_t a = leader(of, i), b = leader(of, ew_link_to(g->links[e]));
            parts -= a != b;
            of[a] = b;
        }
    if (one_root && g->n) parts = 1;
    free(of);
    cr_assert_eq(t->n, g->n);
    cr_assert_eq(t->nodes, g->n ? 2 * g->n - parts : 0);
    char *seen = calloc(t->nodes + 1, 1);
    for (uint32_t i = 0; i < t->n; i++) {
        cr_assert(t->order[i] < t->n && !seen[t->order[i]]);
        seen[t->order[i]] = 1;
        cr_assert_eq(t->order[t->first[i]], i);
        cr_assert(t->size[i] == 1 && t->height[i] == -INFINITY && t->child[2 * i] == EW_NONE && t->child[2 * i + 1] == EW_NONE);
    }
    for (uint32_t v = 0; v < t->nodes; v++) {
        if (t->parent[v] == EW_NONE) {
            roots++;
        } else {
            cr_assert(t->parent[v] > v && t->parent[v] < t->nodes);
            cr_assert(t->height[t->parent[v]] >= t->height[v]);
        }
        if (v < t->n) continue;
        uint32_t a = t->child[2 * v], b = t->child[2 * v + 1];
        cr_assert(a < v && b < v && a != b && t->parent[a] == v && t->parent[b] == v);
        cr_assert_eq(t->size[v], t->size[a] + t->size[b]);
        cr_assert_eq(t->first[v], t->first[a]);
        cr_assert_eq(t->first[b], t->first[a] + t->size[a]);
        cr_assert(isfinite(t->height[v]));
    }
    cr_assert_eq(roots, parts);
    free(seen);
}

/* ---- the slow way: the best pair of all, again and again ---- */

typedef struct { uint64_t set; double height; } merge;

static int by_set(const void *a, const void *b) {
    const merge *x = a, *y = b;
    return x->set < y->set ? -1 : x->set > y->set;
}

/* Heights differ by no more than `tolerance` of what they are, and of `unit`. */
static void assert_merges(const ew_tree *t, merge *want, uint32_t n, double tolerance, double unit) {
    merge *have = calloc(t->nodes + 1, sizeof *have);
    cr_assert_eq(t->nodes - t->n, n);
    for (uint32_t v = t->n; v < t->nodes; v++) {
        for (uint32_t i = 0; i < t->size[v]; i++) have[v - t->n].set += of_row(t->order[t->first[v] + i]);
        have[v - t->n].height = t->height[v];
    }
    qsort(have, n, sizeof *have, by_set);
    qsort(want, n, sizeof *want, by_set);
    for (uint32_t i = 0; i < n; i++) {
        cr_assert_eq(have[i].set, want[i].set, "the partitions differ");
        cr_assert(fabs(have[i].height - want[i].height) <= tolerance * (unit + fabs(want[i].height)), "%g instead of %g",
                  have[i].height, want[i].height);
    }
    free(have);
}

static void assert_paris(const ew_graph *g) {
    uint32_t n = g->n, merges = 0;
    double *w = calloc((size_t)n * n + 1, sizeof *w), *mass = calloc(n + 1, sizeof *mass);
    uint64_t *set = calloc(n + 1, sizeof *set);
    char *dead = calloc(n + 1, 1);
    merge *want = calloc(n + 1, sizeof *want);
    for (uint32_t i = 0; i < n; i++) {
        set[i] = of_row(i);
        for (uint64_t e = g->start[i]; e < g->start[i + 1]; e++) {
            w[(size_t)i * n + ew_link_to(g->links[e])] = (double)ew_link_weight(g->links[e]);
            mass[i] += (double)ew_link_weight(g->links[e]);
        }
    }
    for (;;) {
        double best = 0;
        uint32_t a = 0, b = 0;
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = 0; j < i; j++)
                if (!dead[i] && !dead[j] && w[(size_t)i * n + j] / (mass[i] * mass[j]) > best) {
                    best = w[(size_t)i * n + j] / (mass[i] * mass[j]);
                    a = i;
                    b = j;
                }
        if (best == 0) break;
        set[a] += set[b];
        want[merges++] = (merge){set[a], -log(best)};
        mass[a] += mass[b];
        dead[b] = 1;
        for (uint32_t j = 0; j < n; j++)
            if (j != a) w[(size_t)a * n + j] = w[(size_t)j * n + a] = w[(size_t)a * n + j] + w[(size_t)b * n + j];
    }
    ew_tree t = paris_of(g);
    assert_tree(&t, g, 0);
    assert_merges(&t, want, merges, 1e-12, 1);
    ew_tree_free(&t);
    free(w);
    free(mass);
    free(set);
    free(dead);
    free(want);
}

Test(paris, against_the_slow_way) {
    for (uint64_t seed = 0; seed < 60; seed++) {
        ew_graph g = random_graph((uint32_t)(2 + seed), seed % 3 == 0 ? .9 : seed % 3 == 1 ? .3 : .06, 1u << 20, seed);
        assert_paris(&g);
        ew_graph_free(&g);
    }
    assert_no_leaks();
}

static ew_graph shape(int kind, uint32_t n) {
    edge *edges = calloc(2 * n + 2, sizeof *edges);
    uint32_t count = 0;
    for (uint32_t i = 1; i < n; i++)
        edges[count++] = kind == 0 ? (edge){0, i, 5} : kind == 1 ? (edge){n - 1, i - 1, 5} : (edge){i - 1, i, 5};
    if (kind == 3) edges[count++] = (edge){n - 1, 0, 5}; /* a ring */
    ew_graph g = make_graph(n, edges, count);
    free(edges);
    return g;
}

Test(paris, shapes_full_of_ties) {
    for (int kind = 0; kind < 4; kind++)
        for (uint32_t n = 3; n < 90; n += 7) {
            ew_graph g = shape(kind, n);
            ew_tree a = paris_of(&g), b = paris_of(&g);
            assert_tree(&a, &g, 0);
            cr_assert_arr_eq(a.parent, b.parent, a.nodes * sizeof *a.parent);
            cr_assert_arr_eq(a.height, b.height, a.nodes * sizeof *a.height);
            ew_tree_free(&a);
            ew_tree_free(&b);
            ew_graph_free(&g);
        }
    for (uint64_t seed = 0; seed < 20; seed++) { /* all weights alike */
        ew_graph g = random_graph(60, .1, 1, seed);
        ew_tree t = paris_of(&g);
        assert_tree(&t, &g, 0);
        ew_tree_free(&t);
        ew_graph_free(&g);
    }
    assert_no_leaks();
}

Test(paris, tiny_ones) {
    for (uint32_t n = 0; n < 4; n++) {
        ew_graph g = make_graph(n, NULL, 0); /* no edges: all are roots */
        ew_tree t = paris_of(&g);
        assert_tree(&t, &g, 0);
        ew_tree_free(&t);
        ew_tree_free(&t);
        ew_graph_free(&g);
    }
    ew_graph g = make_graph(3, (edge[]){{0, 2, 7}}, 1);
    ew_tree t = paris_of(&g);
    assert_tree(&t, &g, 0);
    cr_assert(fabs(t.height[3] - log(7)) < 1e-12); /* 7 / (7 * 7) */
    ew_tree_free(&t);
    ew_graph_free(&g);
    assert_no_leaks();
}

/* One row that is everybody's neighbour: the worst a graph of neighbours can be. */
Test(paris, a_large_star_ends) {
    enum { N = 4000 };
    ew_graph g = {N, ew_calloc(N + 1, 8), ew_alloc(2 * N, 8)};
    g.start[1] = N - 1;
    for (uint32_t i = 1; i < N; i++) {
        g.links[i - 1] = ew_link(i, 1 + i % 5);
        g.start[i + 1] = g.start[i] + 1;
        g.links[g.start[i]] = ew_link(0, 1 + i % 5);
    }
    ew_tree t = paris_of(&g);
    assert_tree(&t, &g, 0);
    ew_tree_free(&t);
    ew_graph_free(&g);
}

/* ---- linkages of means ---- */

static ew_graph neighbour_graph(const ew_vectors *v, uint32_t k) {
    ew_lists lists;
    ew_graph g;
    cr_assert_eq(ew_neighbours_exact(v, k, NULL, &lists, &err), EW_OK);
    cr_assert_eq(ew_graph_build(&lists, k, EW_WEIGHT_COS4, NULL, &g, &err), EW_OK);
    ew_lists_free(&lists);
    return g;
}

/* What merging two parts costs, by their sums over some columns. */
static double cost_of(const double *a, double na, const double *b, double nb, ew_linkage linkage, ew_columns columns,
                      uint32_t stride) {
    double gap = 0, dot = 0;
    for (uint32_t k = columns.first; k < stride; k += columns.step) {
        gap += pow(a[k] / na - b[k] / nb, 2);
        dot += a[k] / na * (b[k] / nb);
    }
    return linkage == EW_LINKAGE_WARD ? gap * na * nb / (na + nb) : -dot;
}

/* With an edge between all pairs the restriction to edges means nothing: the linkage's own tree. */
static void assert_linkage(ew_linkage linkage, ew_columns columns) {
    for (uint64_t seed = 0; seed < 12; seed++) {
        uint32_t n = (uint32_t)(5 + 5 * seed), d = 20;
        ew_vectors v = make_blobs(n, d, 3, 1, seed);
        ew_graph g = neighbour_graph(&v, n), used = copy_of(&g);
        double *sum = calloc((size_t)n * v.stride, sizeof *sum), *size = calloc(n, sizeof *size);
        uint64_t *set = calloc(n, sizeof *set);
        merge *want = calloc(n, sizeof *want);
        for (uint32_t i = 0; i < n; i++) {
            size[i] = 1;
            set[i] = of_row(i);
            for (uint32_t k = 0; k < v.stride; k++) sum[(size_t)i * v.stride + k] = v.rows[(size_t)i * v.stride + k];
        }
        double above = -INFINITY;
        for (uint32_t m = 0; m + 1 < n; m++) {
            double best = INFINITY;
            uint32_t a = 0, b = 0;
            for (uint32_t i = 0; i < n; i++)
                for (uint32_t j = 0; j < i; j++) {
                    if (size[i] == 0 || size[j] == 0) continue;
                    double cost = cost_of(sum + (size_t)i * v.stride, size[i], sum + (size_t)j * v.stride, size[j], linkage,
                                          columns, v.stride);
                    if (cost < best) {
                        best = cost;
                        a = i;
                        b = j;
                    }
                }
            above = best > above ? best : above; /* heights are made monotone */
            for (uint32_t k = 0; k < v.stride; k++) sum[(size_t)a * v.stride + k] += sum[(size_t)b * v.stride + k];
            size[a] += size[b];
            size[b] = 0;
            set[a] += set[b];
            want[m] = (merge){set[a], above};
        }
        ew_tree t;
        cr_assert_eq(ew_tree_means(&used, &v, NULL, linkage, columns, &t, &err), EW_OK, "%s", err.message);
        assert_tree(&t, &g, 1);
        assert_merges(&t, want, n - 1, 2e-4, 127 * 127); /* means of 16 bits */
        ew_tree_free(&t);
        ew_graph_free(&g);
        ew_vectors_free(&v);
        free(sum);
        free(size);
        free(set);
        free(want);
    }
}

Test(linkage, against_the_slow_way) {
    assert_linkage(EW_LINKAGE_WARD, EW_ALL_COLUMNS);
    assert_linkage(EW_LINKAGE_AVERAGE, EW_ALL_COLUMNS);
    assert_linkage(EW_LINKAGE_AVERAGE, (ew_columns){0, 2});
    assert_linkage(EW_LINKAGE_WARD, (ew_columns){1, 3});
    assert_no_leaks();
}

Test(ward, along_edges_and_over_gaps) {
    for (uint32_t n = 0; n < 400; n = n * 2 + 1)
        for (uint32_t groups = 0; groups < 9; groups += 4) {
            ew_vectors v = make_blobs(n, 30, groups, .05, n + groups); /* far apart: the graph falls into its groups */
            ew_graph g = neighbour_graph(&v, 10);
            ew_tree t = ward_of(&g, &v, NULL);
            assert_tree(&t, &g, 1);
            if (groups && n >= 11 * groups) { /* undoing the highest merges gives the groups back */
                uint32_t v_of = t.nodes - groups + 1;
                for (uint32_t node = 0; node < v_of; node++) {
                    if (t.parent[node] < v_of) continue;
                    uint32_t group = t.order[t.first[node]] % groups;
                    for (uint32_t i = 0; i < t.size[node]; i++) cr_assert_eq(t.order[t.first[node] + i] % groups, group);
                }
            }
            ew_tree_free(&t);
            ew_graph_free(&g);
            ew_vectors_free(&v);
        }
    ew_vectors same = make_zeros(200, 8);
    ew_graph g = neighbour_graph(&same, 10);
    ew_tree t = ward_of(&g, &same, NULL);
    assert_tree(&t, &g, 1);
    for (uint32_t node = t.n; node < t.nodes; node++) cr_assert_eq(t.height[node], 0);
    ew_tree_free(&t);
    ew_graph_free(&g);
    ew_vectors_free(&same);
    assert_no_leaks();
}

/* A quarter of the columns, whose number fills no register: parts are joined by it all the same. */
Test(linkage, few_columns_over_gaps) {
    for (uint32_t columns = 20; columns <= 340; columns += 80) {
        ew_vectors v = make_blobs(200, columns, 8, .05, columns);
        ew_graph g = neighbour_graph(&v, 10);
        for (uint32_t view = 0; view < 4; view++) {
            ew_graph used = copy_of(&g);
            ew_tree t;
            cr_assert_eq(ew_tree_means(&used, &v, NULL, EW_LINKAGE_AVERAGE, (ew_columns){view, 4}, &t, &err), EW_OK);
            assert_tree(&t, &g, 1);
            ew_tree_free(&t);
        }
        ew_graph_free(&g);
        ew_vectors_free(&v);
    }
    assert_no_leaks();
}

/* Weights stop at the largest that fits, and do not flow over into another's name. */
Test(paris, weights_stop_at_the_largest) {
    ew_graph g = make_graph(4, (edge[]){{0, 1, EW_LINK_MOST}, {0, 2, EW_LINK_MOST - 1}, {1, 2, EW_LINK_MOST - 1}, {2, 3, 1}}, 4);
    ew_tree t = paris_of(&g);
    assert_tree(&t, &g, 0);
    ew_tree_free(&t);
    ew_graph_free(&g);
    assert_no_leaks();
}

/* Cells of one row each are the rows; cells of equal rows give the tree of one of each with that much mass. */
Test(ward, over_cells) {
    enum { N = 150 };
    ew_vectors v = make_blobs(N, 30, 6, .4, 5);
    ew_graph g = neighbour_graph(&v, 12);
    uint32_t cell[N];
    for (uint32_t i = 0; i < N; i++) cell[i] = i;
    ew_tree a = ward_of(&g, &v, NULL), b = ward_of(&g, &v, cell);
    cr_assert_arr_eq(a.parent, b.parent, a.nodes * sizeof *a.parent);
    cr_assert_arr_eq(a.height, b.height, a.nodes * sizeof *a.height);
    ew_tree_free(&b);
    ew_vectors pairs = make_zeros(2 * N, 30);
    uint32_t half[2 * N];
    for (uint32_t i = 0; i < 2 * N; i++) {
        half[i] = i / 2;
        memcpy(pairs.rows + (size_t)i * pairs.stride, v.rows + (size_t)(i / 2) * v.stride, v.stride);
    }
    b = ward_of(&g, &pairs, half); /* all twice: twice the rise, the same order */
    cr_assert_arr_eq(a.parent, b.parent, a.nodes * sizeof *a.parent);
    for (uint32_t node = a.n; node < a.nodes; node++)
        cr_assert(fabs(b.height[node] - 2 * a.height[node]) <= 1e-6 * b.height[node]);
    ew_tree_free(&a);
    ew_tree_free(&b);
    ew_graph_free(&g);
    ew_vectors_free(&v);
    ew_vectors_free(&pairs);
    assert_no_leaks();
}

Test(tree, failing_allocations) {
    ew_vectors v = make_blobs(60, 8, 3, .05, 1); /* the graph falls into parts */
    ew_graph g = neighbour_graph(&v, 4);
    uint32_t cell[60];
    for (uint32_t i = 0; i < 60; i++) cell[i] = i;
    for (int kind = 0; kind < 3; kind++) {
        ew_status status = EW_RESOURCE;
        for (uint64_t nth = 1; status != EW_OK; nth++) {
            ew_graph used = copy_of(&g);
            ew_tree t;
            ew_alloc_fail_after(nth);
            status = kind ? ew_tree_means(&used, &v, kind == 2 ? cell : NULL, EW_LINKAGE_WARD, EW_ALL_COLUMNS, &t, &err)
                          : ew_tree_paris(&used, NULL, &t, &err);
            ew_alloc_fail_after(0);
            cr_assert(status == EW_OK || (status == EW_RESOURCE && !t.parent && !t.order));
            ew_tree_free(&t);
            ew_graph_free(&used);
        }
    }
    ew_graph_free(&g);
    ew_vectors_free(&v);
    assert_no_leaks();
}
