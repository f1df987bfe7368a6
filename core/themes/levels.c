/* Coarser and coarser levels above a partition: Ward over its themes, so that each level is made of whole themes of the next. */
#include "../base/alloc.h"
#include "forest.h"

enum { COARSER = 3, FEWEST = 4, NEIGHBOURS = 30 };

void ew_levels_free(ew_levels *levels) {
    for (uint32_t l = 0; l < EW_LEVELS_MOST; l++) ew_free(levels->above[l]);
    *levels = (ew_levels){0};
}

/* Ward over the themes' mean vectors, each as heavy as its rows, along the edges to the 30 nearest centres: all of them where
 * there are no more. */
static ew_status grow(const ew_vectors *vectors, const ew_partition *p, const ew_cells *themes, ew_pool *pool, ew_forest *out,
                      ew_error *err) {
    ew_vectors centres = {.n = p->k, .d = vectors->stride, .stride = vectors->stride,
                          .rows = p->centres.rows, .scale = EW_CENTRE};
    ew_lists lists = {0};
    ew_graph graph = {0};
    ew_status status;
    EW_TRY(ew_neighbours_find(&centres, (ew_want){.keep = NEIGHBOURS, .recall = .95}, pool, &lists, NULL, err));
    EW_TRY(ew_graph_build(&lists, NEIGHBOURS, EW_WEIGHT_COS4, pool, &graph, err));
    EW_TRY(ew_forest_grow(themes, &graph, vectors, EW_LINKAGE_WARD, EW_ALL_COLUMNS, out, err));
done:
    ew_graph_free(&graph);
    ew_lists_free(&lists);
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
    ew_forest forest = {0};
    ew_status status = EW_OK;
    *out = (ew_levels){0};
    for (uint32_t k = p->k / COARSER; k >= FEWEST && coarser + 1 < EW_LEVELS_MOST; k /= COARSER) coarser++;
    out->n = coarser + 1;
    out->k[coarser] = p->k;
    for (uint32_t l = coarser; l-- > 0;) out->k[l] = out->k[l + 1] / COARSER;
    if (!coarser) goto done;
    rows = ew_calloc(p->k, sizeof *rows);
    ew_cells themes = {.n = p->n, .m = p->k, .of = p->theme, .rows = rows};
    for (uint32_t l = 0; l < coarser; l++) part[l] = ew_alloc(p->k, sizeof **part);
    if (!rows || !part[0] || !part[coarser - 1]) {
        status = ew_fail_memory(err, p->k * sizeof *rows, "themes");
        goto done;
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (p->theme[i] != EW_NONE) rows[p->theme[i]]++;
    EW_TRY(grow(vectors, p, &themes, pool, &forest, err));
    for (uint32_t l = 0; l < coarser; l++) {
        uint32_t k = ew_forest_cut(&forest, out->k[l], 1, part[l]);
        EW_TRY(ew_labels_by_size(part[l], rows, p->k, &k, err));
    }
    EW_TRY(stack(part, p->k, out, err));
done:
    for (uint32_t l = 0; l < coarser; l++) ew_free(part[l]);
    ew_forest_free(&forest);
    ew_free(rows);
    if (status != EW_OK) ew_levels_free(out);
    return status;
}
