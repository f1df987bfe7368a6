/* From a tree to themes. */
#include <string.h>

#include "../base/alloc.h"
#include "forest.h"
#include "themes.h"

void ew_partition_free(ew_partition *partition) {
    ew_free(partition->theme);
    ew_centres_free(&partition->centres);
    *partition = (ew_partition){0};
}

/* The last steps, over all rows; larger themes get the smaller numbers. */
static ew_status refine_rows(const ew_vectors *vectors, const ew_vectors *leaned, const ew_lists *lists, ew_pool *pool,
                             ew_partition *out, ew_error *err) {
    uint32_t one = 0; /* row of the rest */
    ew_status status;
    EW_TRY(ew_forest_refine(leaned, NULL, out->k, pool, out->theme, err));
    EW_TRY(ew_themes_rest(vectors, leaned, lists, out->k, pool, out->theme, &out->rest, err));
    while (out->rest != EW_NONE && out->theme[one] != out->rest) one++;
    EW_TRY(ew_labels_by_size(out->theme, NULL, out->n, &out->k, err));
    if (out->rest != EW_NONE) out->rest = out->theme[one];
    EW_TRY(ew_centres_create(out->k, vectors->stride, &out->centres, err));
    EW_TRY(ew_centres_update(vectors, out->theme, NULL, &out->centres, err));
done:
    return status;
}

ew_status ew_themes_cut(const ew_vectors *vectors, const ew_lists *lists, uint32_t k, ew_pool *pool,
                        ew_partition *out, ew_error *err) {
    uint32_t n = vectors->n;
    *out = (ew_partition){.n = n, .rest = EW_NONE};
    ew_vectors leaned = {0};
    ew_cells cells = {0};
    ew_forest forest = {0};
    ew_status status = EW_OK;
    uint32_t *label = NULL;
    out->theme = ew_alloc(n, sizeof *out->theme);
    if (!out->theme) {
        status = ew_fail_memory(err, (size_t)n * 4, "themes");
        goto done;
    }
    if (!n) goto done;
    EW_TRY(ew_themes_lean(vectors, lists, pool, &leaned, err));
    EW_TRY(ew_cells_make(vectors, lists, &cells, err));
    EW_TRY(ew_forest_choose(&cells, &leaned, lists, pool, &forest, &k, err));
    if (!(label = ew_alloc(cells.m, sizeof *label))) {
        status = ew_fail_memory(err, (size_t)cells.m * 4, "themes");
        goto done;
    }
    out->k = ew_forest_cut(&forest, k, EW_SMALLEST_THEME, label);
    if (!out->k) {
        memset(label, 0, cells.m * sizeof *label);
        out->k = 1;
    }
    for (uint32_t i = 0; i < n; i++) out->theme[i] = label[cells.of ? cells.of[i] : i];
    EW_TRY(refine_rows(vectors, &leaned, lists, pool, out, err));
done:
    ew_free(label);
    ew_forest_free(&forest);
    ew_cells_free(&cells);
    ew_vectors_free(&leaned);
    if (status != EW_OK) ew_partition_free(out);
    return status;
}
