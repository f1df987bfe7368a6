/* A tree over cells, and its cuts: what the number of themes is chosen among, and themes are made of. */
#ifndef EW_THEMES_FOREST_H
#define EW_THEMES_FOREST_H

#include "cells.h"

typedef struct ew_merge { double height; uint32_t node; } ew_merge;
typedef struct ew_forest {
    const ew_cells *cells;
    ew_tree tree;
    ew_merge *merges; /* [tree.nodes - tree.n] from the highest down */
    uint32_t *rows;   /* [tree.nodes] how many rows lie below */
    char *undone;     /* [tree.nodes] scratch */
} ew_forest;

/* graph: that of the cells, which is empty afterwards; vectors: of the rows. */
EW_MUST_CHECK ew_status ew_forest_grow(const ew_cells *cells, ew_graph *graph, const ew_vectors *vectors, ew_linkage linkage,
                                       ew_columns columns, ew_forest *out, ew_error *err);
void ew_forest_free(ew_forest *forest);

/* Labels cells [m] by the subtrees that are left when the highest merges are undone until there are k of `smallest` rows or more
 * (smaller ones get EW_NONE). Returns how many labels were given. */
enum { EW_SMALLEST_THEME = 4 };
uint32_t ew_forest_cut(ew_forest *forest, uint32_t k, uint32_t smallest, uint32_t *label);
/* Renames labels [n] below *k so that parts of more rows have smaller numbers and empty ones are gone; *k gets how many are left.
 * rows [n]: how many each stands for; NULL: one. */
EW_MUST_CHECK ew_status ew_labels_by_size(uint32_t *label, const uint32_t *rows, uint32_t n, uint32_t *k, ew_error *err);

/* Two Lloyd steps from labels (of `given` parts; EW_NONE: to the nearest) on, over rows or over cells that stand for `weight`
 * rows each (NULL: one). */
EW_MUST_CHECK ew_status ew_forest_refine(const ew_vectors *vectors, const uint32_t *weight, uint32_t given, ew_pool *pool,
                                         uint32_t *label, ew_error *err);

/* ---- which of them (choose.c) ---- */

/* Modularity (Newman, Girvan 2004) of parts of cells on the edges from rows to their 15 nearest; above 200,000 rows those of
 * every so many. Counted in whole numbers. */
EW_MUST_CHECK ew_status ew_parts_modularity(const ew_cells *cells, const ew_lists *lists, const uint32_t *label, uint32_t parts,
                                            double *modularity, ew_error *err);
/* Adjusted Rand index (Hubert, Arabie 1985) over the cells' rows of two partitions into ka and kb parts; 0 where it says
 * nothing. */
EW_MUST_CHECK ew_status ew_parts_agreement(const ew_cells *cells, const uint32_t *a, uint32_t ka, const uint32_t *b, uint32_t kb,
                                           double *agreement, ew_error *err);
/* The forest to cut, and where: *k 0 becomes the number of themes. leaned: the rows. */
EW_MUST_CHECK ew_status ew_forest_choose(const ew_cells *cells, const ew_vectors *leaned, const ew_lists *lists, ew_pool *pool,
                                         ew_forest *out, uint32_t *k, ew_error *err);

#endif
