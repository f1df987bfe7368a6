/* From Ward's tree to themes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "cells.h"
#include "themes.h"

enum { SMALLEST = 4, LLOYD_STEPS = 2, FEWEST = 4, COARSEST = 12 };
enum { EDGES = 15, MOST_ROWS = 200000, MOST_STEPS = 64 }; /* that modularity is counted on */
static const double NEAR_BEST = .995; /* share of the best modularity that is near enough */

void ew_partition_free(ew_partition *partition) {
    ew_free(partition->theme);
    ew_centres_free(&partition->centres);
    *partition = (ew_partition){0};
}

typedef struct { double height; uint32_t node; } split;

static int highest_first(const void *a, const void *b) {
    const split *x = a, *y = b;
    if (x->height != y->height) return x->height < y->height ? 1 : -1;
    return x->node < y->node ? 1 : x->node > y->node ? -1 : 0; /* parents have larger numbers */
}

/* What a cut is made of: a tree over cells, its merges from the highest down, how many rows lie below each node. */
typedef struct {
    const ew_cells *cells;
    ew_tree tree;
    split *splits;     /* [merges] */
    uint32_t *rows;    /* [nodes] */
    char *undone;      /* [nodes] scratch */
} forest;

static ew_status grow(forest *f, const ew_vectors *vectors, const ew_lists *lists, ew_pool *pool, ew_error *err) {
    ew_graph graph = {0};
    ew_status status;
    EW_TRY(ew_cells_graph(f->cells, lists, pool, &graph, err));
    EW_TRY(ew_tree_ward(&graph, vectors, f->cells->of, &f->tree, err));
    uint32_t n = f->tree.n, nodes = f->tree.nodes;
    f->splits = ew_alloc(nodes - n, sizeof *f->splits);
    f->rows = ew_alloc(nodes, sizeof *f->rows);
    f->undone = ew_alloc(nodes, 1);
    if (!f->splits || !f->rows || !f->undone) {
        status = ew_fail_memory(err, nodes * sizeof *f->splits, "themes");
        goto done;
    }
    for (uint32_t v = 0; v < nodes; v++) {
        const uint32_t *child = f->tree.child + 2 * (size_t)v;
        f->rows[v] = v < n ? ew_cells_rows(f->cells, v) : f->rows[child[0]] + f->rows[child[1]];
        if (v >= n) f->splits[v - n] = (split){f->tree.height[v], v};
    }
    qsort(f->splits, nodes - n, sizeof *f->splits, highest_first);
done:
    ew_graph_free(&graph);
    return status;
}

static void fell(forest *f) {
    ew_tree_free(&f->tree);
    ew_free(f->splits);
    ew_free(f->rows);
    ew_free(f->undone);
}

/* Labels cells by the subtrees that are left when the highest merges are undone until there are k of SMALLEST rows or more
 * (smaller ones get EW_NONE). Returns how many labels were given. */
static uint32_t cut(forest *f, uint32_t k, uint32_t *label) {
    const ew_tree *tree = &f->tree;
    memset(f->undone, 0, tree->nodes);
    uint32_t roots = 0, given = 0, at = 0, merges = tree->nodes - tree->n;
    for (uint32_t v = 0; v < tree->nodes; v++) roots += tree->parent[v] == EW_NONE && f->rows[v] >= SMALLEST;
    while (roots < k && at < merges) {
        uint32_t v = f->splits[at++].node, large = 0;
        f->undone[v] = 1;
        for (int side = 0; side < 2; side++) large += f->rows[tree->child[2 * (size_t)v + (size_t)side]] >= SMALLEST;
        if (f->rows[v] >= SMALLEST) roots = roots + large - 1;
    }
    for (uint32_t v = 0; v < tree->nodes; v++) {
        if (f->undone[v] || (tree->parent[v] != EW_NONE && !f->undone[tree->parent[v]])) continue;
        uint32_t name = f->rows[v] >= SMALLEST ? given++ : EW_NONE;
        for (uint32_t i = 0; i < tree->size[v]; i++) label[tree->order[tree->first[v] + i]] = name;
    }
    return given;
}

/* Lloyd steps from labels (of `given` parts) on, over rows or over cells that stand for `weight` rows each. */
static ew_status refine(const ew_vectors *vectors, const uint32_t *weight, uint32_t given, ew_pool *pool, uint32_t *label,
                        ew_error *err) {
    ew_centres centres = {0};
    ew_status status;
    EW_TRY(ew_centres_create(given, vectors->stride, &centres, err));
    for (int step = 0; step <= LLOYD_STEPS; step++) {
        EW_TRY(ew_centres_update(vectors, label, weight, &centres, err));
        EW_TRY(ew_centres_assign(vectors, &centres, pool, label, NULL, NULL, err));
    }
done:
    ew_centres_free(&centres);
    return status;
}

/* How good a cut at k is, after Lloyd steps over the cells: modularity (Newman, Girvan 2004) of its parts on the edges from
 * rows to their nearest. All edges, or those of every so many rows; counted in whole numbers. volume [cells] scratch. */
static ew_status quality_at(forest *f, const ew_lists *lists, uint32_t k, ew_pool *pool, uint32_t *label, uint64_t *volume,
                            double *quality, ew_error *err) {
    const uint32_t *of = f->cells->of;
    uint32_t given = cut(f, k, label), edges = lists->k < EDGES ? lists->k : EDGES, step = lists->n / MOST_ROWS + 1;
    *quality = 0;
    if (!given) return EW_OK;
    ew_status status = refine(&f->cells->vectors, f->cells->rows, given, pool, label, err);
    if (status != EW_OK) return status;
    uint64_t within = 0, all = 0;
    memset(volume, 0, given * sizeof *volume);
    for (uint32_t i = 0; i < lists->n; i += step)
        for (uint32_t j = 0; j < edges; j++) {
            uint32_t other = lists->ids[(size_t)i * lists->k + j];
            uint32_t a = label[of ? of[i] : i], b = label[of ? of[other] : other];
            within += a == b;
            volume[a]++;
            volume[b]++;
            all++;
        }
    double expected = 0;
    for (uint32_t c = 0; c < given; c++) expected += (double)volume[c] * (double)volume[c];
    if (all) *quality = (double)within / (double)all - expected / (4 * (double)all * (double)all);
    return EW_OK;
}

typedef struct { uint32_t size, name; } sized;

static int larger_first(const void *a, const void *b) {
    const sized *x = a, *y = b;
    return x->size != y->size ? (x->size < y->size ? 1 : -1) : x->name < y->name ? -1 : x->name > y->name;
}

/* Renames labels so that larger parts have smaller numbers and empty ones are gone; *k gets how many are left. */
static ew_status rename_by_size(uint32_t *label, uint32_t n, uint32_t *k, ew_error *err) {
    sized *parts = ew_alloc(*k, sizeof *parts);
    uint32_t *to = ew_alloc(*k, sizeof *to), kept = 0;
    ew_status status = parts && to ? EW_OK : ew_fail_memory(err, *k * sizeof *parts, "themes");
    if (status == EW_OK) {
        for (uint32_t c = 0; c < *k; c++) parts[c] = (sized){0, c};
        for (uint32_t i = 0; i < n; i++) parts[label[i]].size++;
        qsort(parts, *k, sizeof *parts, larger_first);
        for (uint32_t c = 0; c < *k; c++) {
            to[parts[c].name] = c;
            kept += parts[c].size > 0;
        }
        for (uint32_t i = 0; i < n; i++) label[i] = to[label[i]];
        *k = kept;
    }
    ew_free(parts);
    ew_free(to);
    return status;
}

/* The last steps, over all rows; larger themes get the smaller numbers. */
static ew_status refine_rows(const ew_vectors *vectors, const ew_vectors *leaned, ew_pool *pool, ew_partition *out,
                             ew_error *err) {
    ew_status status;
    EW_TRY(refine(leaned, NULL, out->k, pool, out->theme, err));
    EW_TRY(rename_by_size(out->theme, out->n, &out->k, err));
    EW_TRY(ew_centres_create(out->k, vectors->stride, &out->centres, err));
    EW_TRY(ew_centres_update(vectors, out->theme, NULL, &out->centres, err));
done:
    return status;
}

/* The best modularity over a geometric grid; then the most themes near it: at its best it still joins small ones (Fortunato,
 * Barthelemy 2007). */
static ew_status choose(forest *f, const ew_lists *lists, ew_pool *pool, uint32_t *label, uint32_t *k, ew_error *err) {
    uint32_t n = f->cells->n, steps = 0, most = n / 15 < 400 ? n / 15 : 400;
    uint32_t least = n / 100 < COARSEST ? n / 100 : COARSEST, fewest = FEWEST; /* a large corpus has at least a dozen */
    uint32_t tried[MOST_STEPS];
    double qualities[MOST_STEPS] = {0}, top = -INFINITY;
    uint64_t *volume = ew_alloc(f->cells->m, sizeof *volume);
    ew_status status = volume ? EW_OK : ew_fail_memory(err, (size_t)f->cells->m * 8, "themes");
    while (fewest < least) fewest += fewest / 4 + 1;
    for (uint32_t try = fewest; status == EW_OK && steps < MOST_STEPS && (try == fewest || try <= most); try += try / 4 + 1) {
        status = quality_at(f, lists, try, pool, label, volume, &qualities[steps], err);
        if (status == EW_OK && qualities[steps] > top) top = qualities[steps];
        tried[steps++] = try;
    }
    *k = fewest;
    for (uint32_t step = 0; status == EW_OK && step < steps; step++)
        if (qualities[step] >= NEAR_BEST * top) *k = tried[step];
    ew_free(volume);
    return status;
}

ew_status ew_themes_cut(const ew_vectors *vectors, const ew_lists *lists, const ew_tree *tree, uint32_t k, ew_pool *pool,
                        ew_partition *out, ew_error *err) {
    uint32_t n = vectors->n;
    *out = (ew_partition){.n = n};
    ew_vectors leaned = {0};
    ew_cells cells = {0};
    forest f = {.cells = &cells};
    ew_status status = EW_OK;
    uint32_t *label = NULL;
    out->theme = ew_alloc(n, sizeof *out->theme);
    if (!out->theme) {
        status = ew_fail_memory(err, (size_t)n * 4, "themes");
        goto done;
    }
    if (!n) goto done;
    EW_TRY(ew_themes_lean(vectors, lists, pool, &leaned, err));
    EW_TRY(ew_cells_make(vectors, lists, tree, &cells, err));
    EW_TRY(grow(&f, &leaned, lists, pool, err));
    if (!(label = ew_alloc(cells.m, sizeof *label))) {
        status = ew_fail_memory(err, (size_t)cells.m * 4, "themes");
        goto done;
    }
    if (!k) EW_TRY(choose(&f, lists, pool, label, &k, err));
    out->k = cut(&f, k, label);
    if (!out->k) {
        memset(label, 0, cells.m * sizeof *label);
        out->k = 1;
    }
    for (uint32_t i = 0; i < n; i++) out->theme[i] = label[cells.of ? cells.of[i] : i];
    EW_TRY(refine_rows(vectors, &leaned, pool, out, err));
done:
    ew_free(label);
    fell(&f);
    ew_cells_free(&cells);
    ew_vectors_free(&leaned);
    if (status != EW_OK) ew_partition_free(out);
    return status;
}
