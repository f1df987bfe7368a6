/* Cells: a large corpus as some ten thousand small groups of near rows, so that what is done with all pairs or all cuts costs the
 * same for a hundred thousand rows and ten million. */
#ifndef EW_THEMES_CELLS_H
#define EW_THEMES_CELLS_H

#include "themes.h"

typedef struct ew_cells {
    uint32_t n, m;       /* rows, cells */
    uint32_t *of;        /* [n] the cell of a row; NULL: every row is its own (m = n) */
    uint32_t *rows;      /* [m] how many rows; NULL: one each */
    ew_centres centres;  /* [m] mean directions; k = 0 where every row is its own */
    ew_vectors vectors;  /* views of the centres, or of the rows */
} ew_cells;

/* Up to 32,768 rows each is its own cell. Beyond, rows join their nearest, then their second nearest, .., their fifth, as long as
 * a cell has no more than three rows of each 16,384 (twice as many, where one of the two has hardly any). Numbered by their
 * first row. */
EW_MUST_CHECK ew_status ew_cells_make(const ew_vectors *vectors, const ew_lists *lists, ew_cells *out, ew_error *err);
void ew_cells_free(ew_cells *cells);
/* Who is among the first 30 of whose list; over cells an unweighted graph, of the first 15, or 8 where cells are large. */
EW_MUST_CHECK ew_status ew_cells_graph(const ew_cells *cells, const ew_lists *lists, ew_pool *pool, ew_graph *out, ew_error *err);

static inline uint32_t ew_cells_rows(const ew_cells *cells, uint32_t cell) { return cells->rows ? cells->rows[cell] : 1; }

#endif
