/* Coarser and coarser levels above a partition: Ward over its themes, so that each level is made of whole themes of the next. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "themes.h"

enum { COARSER = 3, FEWEST = 4, NEIGHBOURS = 30 };

void ew_levels_free(ew_levels *levels) {
    for (uint32_t l = 0; l < EW_LEVELS_MOST; l++) ew_free(levels->above[l]);
    *levels = (ew_levels){0};
}

/* Ward over the themes' mean vectors, each as heavy as its rows, along the edges to the 30 nearest centres: all of them where
 * there are no more. */
static ew_status grow(const ew_vectors *vectors, const ew_partition *p, ew_pool *pool, ew_tree *out, ew_error *err) {
    ew_vectors centres = {.n = p->k, .d = vectors->stride, .stride = vectors->stride,
                          .rows = p->centres.rows, .scale = EW_CENTRE};
    ew_lists lists = {0};
    ew_graph graph = {0};
    ew_status status;
    EW_TRY(ew_neighbours_find(&centres, (ew_want){.keep = NEIGHBOURS, .recall = .95}, pool, &lists, NULL, err));
    EW_TRY(ew_graph_build(&lists, NEIGHBOURS, EW_WEIGHT_COS4, pool, &graph, err));
    EW_TRY(ew_tree_means(&graph, vectors, p->theme, EW_LINKAGE_WARD, EW_ALL_COLUMNS, out, err));
done:
    ew_graph_free(&graph);
    ew_lists_free(&lists);
    return status;
}

typedef struct { double height; uint32_t node; } split;

static int highest_first(const void *a, const void *b) {
    const split *x = a, *y = b;
    if (x->height != y->height) return x->height < y->height ? 1 : -1;
    return x->node < y->node ? 1 : x->node > y->node ? -1 : 0; /* parents have larger numbers */
}

/* part [themes]: which of the `k` subtrees that are left when the k - 1 highest merges are undone. */
static void cut(const ew_tree *tree, const split *splits, uint32_t k, char *undone, uint32_t *part) {
    uint32_t given = 0;
    memset(undone, 0, tree->nodes);
    for (uint32_t i = 0; i + 1 < k; i++) undone[splits[i].node] = 1;
    for (uint32_t v = 0; v < tree->nodes; v++) {
        if (undone[v] || (tree->parent[v] != EW_NONE && !undone[tree->parent[v]])) continue;
        for (uint32_t i = 0; i < tree->size[v]; i++) part[tree->order[tree->first[v] + i]] = given;
        given++;
    }
}

typedef struct { uint64_t rows; uint32_t first, name; } sized;

static int larger_first(const void *a, const void *b) {
    const sized *x = a, *y = b;
    if (x->rows != y->rows) return x->rows < y->rows ? 1 : -1;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* Renames parts so that those of more rows have smaller numbers. rows [themes] */
static ew_status rename_by_size(uint32_t *part, const uint32_t *rows, uint32_t n, uint32_t k, ew_error *err) {
    sized *parts = ew_calloc(k, sizeof *parts);
    uint32_t *to = ew_alloc(k, sizeof *to);
    ew_status status = parts && to ? EW_OK : ew_fail_memory(err, k * sizeof *parts, "themes");
    if (status == EW_OK) {
        for (uint32_t c = 0; c < k; c++) parts[c].name = c;
        for (uint32_t t = n; t-- > 0;) {
            parts[part[t]].rows += rows[t];
            parts[part[t]].first = t;
        }
        qsort(parts, k, sizeof *parts, larger_first);
        for (uint32_t c = 0; c < k; c++) to[parts[c].name] = c;
        for (uint32_t t = 0; t < n; t++) part[t] = to[part[t]];
    }
    ew_free(parts);
    ew_free(to);
    return status;
}

/* part [themes] of every level, the coarsest first -> who is above whom. */
static ew_status stack(uint32_t *const *part, uint32_t themes, ew_levels *out, ew_error *err) {
    for (uint32_t l = 0; l + 1 < out->n; l++) {
        out->above[l] = ew_alloc(out->k[l + 1], sizeof *out->above[l]);
        if (!out->above[l]) return ew_fail_memory(err, out->k[l + 1] * sizeof **out->above, "themes");
        for (uint32_t t = 0; t < themes; t++) out->above[l][part[l + 1] ? part[l + 1][t] : t] = part[l][t];
    }
    return EW_OK;
}

ew_status ew_levels_make(const ew_vectors *vectors, const ew_partition *p, ew_pool *pool, ew_levels *out, ew_error *err) {
    uint32_t coarser = 0, *part[EW_LEVELS_MOST] = {0}, *rows = NULL;
    ew_tree tree = {0};
    split *splits = NULL;
    char *undone = NULL;
    ew_status status = EW_OK;
    *out = (ew_levels){0};
    for (uint32_t k = p->k / COARSER; k >= FEWEST && coarser + 1 < EW_LEVELS_MOST; k /= COARSER) coarser++;
    out->n = coarser + 1;
    out->k[coarser] = p->k;
    for (uint32_t l = coarser; l-- > 0;) out->k[l] = out->k[l + 1] / COARSER;
    if (!coarser) goto done;
    EW_TRY(grow(vectors, p, pool, &tree, err));
    splits = ew_alloc(tree.nodes - tree.n, sizeof *splits);
    undone = ew_alloc(tree.nodes, 1);
    rows = ew_calloc(p->k, sizeof *rows);
    for (uint32_t l = 0; l < coarser; l++) part[l] = ew_alloc(p->k, sizeof **part);
    if (!splits || !undone || !rows || !part[0] || !part[coarser - 1]) {
        status = ew_fail_memory(err, tree.nodes * sizeof *splits, "themes");
        goto done;
    }
    for (uint32_t v = tree.n; v < tree.nodes; v++) splits[v - tree.n] = (split){tree.height[v], v};
    qsort(splits, tree.nodes - tree.n, sizeof *splits, highest_first);
    for (uint32_t i = 0; i < p->n; i++)
        if (p->theme[i] != EW_NONE) rows[p->theme[i]]++;
    for (uint32_t l = 0; l < coarser; l++) {
        cut(&tree, splits, out->k[l], undone, part[l]);
        EW_TRY(rename_by_size(part[l], rows, p->k, out->k[l], err));
    }
    EW_TRY(stack(part, p->k, out, err));
done:
    for (uint32_t l = 0; l < coarser; l++) ew_free(part[l]);
    ew_tree_free(&tree);
    ew_free(splits);
    ew_free(undone);
    ew_free(rows);
    if (status != EW_OK) ew_levels_free(out);
    return status;
}
