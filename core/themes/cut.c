/* From a tree to themes. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "forest.h"
#include "themes.h"

void ew_partition_free(ew_partition *partition) {
    ew_free(partition->theme);
    ew_centres_free(&partition->centres);
    *partition = (ew_partition){0};
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
    EW_TRY(ew_forest_refine(leaned, NULL, out->k, pool, out->theme, err));
    EW_TRY(rename_by_size(out->theme, out->n, &out->k, err));
    EW_TRY(ew_centres_create(out->k, vectors->stride, &out->centres, err));
    EW_TRY(ew_centres_update(vectors, out->theme, NULL, &out->centres, err));
done:
    return status;
}

ew_status ew_themes_cut(const ew_vectors *vectors, const ew_lists *lists, uint32_t k, ew_pool *pool,
                        ew_partition *out, ew_error *err) {
    uint32_t n = vectors->n;
    *out = (ew_partition){.n = n};
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
    out->k = ew_forest_cut(&forest, k, label);
    if (!out->k) {
        memset(label, 0, cells.m * sizeof *label);
        out->k = 1;
    }
    for (uint32_t i = 0; i < n; i++) out->theme[i] = label[cells.of ? cells.of[i] : i];
    EW_TRY(refine_rows(vectors, &leaned, pool, out, err));
done:
    ew_free(label);
    ew_forest_free(&forest);
    ew_cells_free(&cells);
    ew_vectors_free(&leaned);
    if (status != EW_OK) ew_partition_free(out);
    return status;
}
