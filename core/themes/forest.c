#include "forest.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"

enum { LLOYD_STEPS = 2 };

static int highest_first(const void *a, const void *b) {
    const ew_merge *x = a, *y = b;
    if (x->height != y->height) return x->height < y->height ? 1 : -1;
    return x->node < y->node ? 1 : x->node > y->node ? -1 : 0; /* parents have larger numbers */
}

ew_status ew_forest_grow(const ew_cells *cells, ew_graph *graph, const ew_vectors *vectors, ew_linkage linkage,
                         ew_columns columns, ew_forest *out, ew_error *err) {
    ew_status status;
    *out = (ew_forest){.cells = cells};
    EW_TRY(ew_tree_means(graph, vectors, cells->of, linkage, columns, &out->tree, err));
    uint32_t n = out->tree.n, nodes = out->tree.nodes;
    out->merges = ew_alloc(nodes - n, sizeof *out->merges);
    out->rows = ew_alloc(nodes, sizeof *out->rows);
    out->undone = ew_alloc(nodes, 1);
    if (!out->merges || !out->rows || !out->undone) {
        status = ew_fail_memory(err, nodes * sizeof *out->merges, "themes");
        goto done;
    }
    for (uint32_t v = 0; v < nodes; v++) {
        const uint32_t *child = out->tree.child + 2 * (size_t)v;
        out->rows[v] = v < n ? ew_cells_rows(cells, v) : out->rows[child[0]] + out->rows[child[1]];
        if (v >= n) out->merges[v - n] = (ew_merge){out->tree.height[v], v};
    }
    qsort(out->merges, nodes - n, sizeof *out->merges, highest_first);
done:
    if (status != EW_OK) ew_forest_free(out);
    return status;
}

void ew_forest_free(ew_forest *forest) {
    ew_tree_free(&forest->tree);
    ew_free(forest->merges);
    ew_free(forest->rows);
    ew_free(forest->undone);
    *forest = (ew_forest){0};
}

uint32_t ew_forest_cut(ew_forest *f, uint32_t k, uint32_t smallest, uint32_t *label) {
    const ew_tree *tree = &f->tree;
    memset(f->undone, 0, tree->nodes);
    uint32_t roots = 0, given = 0, at = 0, merges = tree->nodes - tree->n;
    for (uint32_t v = 0; v < tree->nodes; v++) roots += tree->parent[v] == EW_NONE && f->rows[v] >= smallest;
    while (roots < k && at < merges) {
        uint32_t v = f->merges[at++].node, large = 0;
        f->undone[v] = 1;
        for (int side = 0; side < 2; side++) large += f->rows[tree->child[2 * (size_t)v + (size_t)side]] >= smallest;
        if (f->rows[v] >= smallest) roots = roots + large - 1;
    }
    for (uint32_t v = 0; v < tree->nodes; v++) {
        if (f->undone[v] || (tree->parent[v] != EW_NONE && !f->undone[tree->parent[v]])) continue;
        uint32_t name = f->rows[v] >= smallest ? given++ : EW_NONE;
        for (uint32_t i = 0; i < tree->size[v]; i++) label[tree->order[tree->first[v] + i]] = name;
    }
    return given;
}

typedef struct { uint64_t rows; uint32_t name; } sized;

static int larger_first(const void *a, const void *b) {
    const sized *x = a, *y = b;
    return x->rows != y->rows ? (x->rows < y->rows ? 1 : -1) : x->name < y->name ? -1 : x->name > y->name;
}

ew_status ew_labels_by_size(uint32_t *label, const uint32_t *rows, uint32_t n, uint32_t *k, ew_error *err) {
    sized *parts = ew_alloc(*k, sizeof *parts);
    uint32_t *to = ew_alloc(*k, sizeof *to), kept = 0;
    ew_status status = parts && to ? EW_OK : ew_fail_memory(err, *k * sizeof *parts, "themes");
    if (status == EW_OK) {
        for (uint32_t c = 0; c < *k; c++) parts[c] = (sized){0, c};
        for (uint32_t i = 0; i < n; i++) parts[label[i]].rows += rows ? rows[i] : 1;
        qsort(parts, *k, sizeof *parts, larger_first);
        for (uint32_t c = 0; c < *k; c++) {
            to[parts[c].name] = c;
            kept += parts[c].rows > 0;
        }
        for (uint32_t i = 0; i < n; i++) label[i] = to[label[i]];
        *k = kept;
    }
    ew_free(parts);
    ew_free(to);
    return status;
}

ew_status ew_forest_refine(const ew_vectors *vectors, const uint32_t *weight, uint32_t given, ew_pool *pool, uint32_t *label,
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
