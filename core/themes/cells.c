#include "cells.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"

enum { FROM = 32768, ROWS_EACH = 16384, MOST_OF_CELL = 3, LOOK_EVERY = 4096 };
enum { CELL_NEIGHBOURS = 15, ROW_NEIGHBOURS = 30, FEW_NEIGHBOURS = 8 };
enum { JOINED = 5 /* of each list */, LEVELS = 2048 /* of similarity */, SMALL = 2 };

uint32_t ew_themes_neighbours(uint32_t rows) { return rows <= FROM ? ROW_NEIGHBOURS : CELL_NEIGHBOURS; }

void ew_cells_free(ew_cells *cells) {
    ew_free(cells->of);
    ew_free(cells->rows);
    ew_centres_free(&cells->centres);
    *cells = (ew_cells){0};
}

/* ---- whoever is nearest joins first ---- */

typedef struct {
    const ew_lists *lists;
    uint32_t width, *up, *rows; /* [n] a row on the way to the first of its cell; of such a one, how many rows */
} joining;

static uint32_t first_of(const joining *j, uint32_t row) {
    while (j->up[row] != row) row = j->up[row] = j->up[j->up[row]];
    return row;
}

/* Along edges in this order: cells of `small` rows or fewer join another while both have no more than `most`. */
static void join(const joining *j, const uint32_t *edges, uint64_t n, uint32_t small, uint32_t most) {
    for (uint64_t e = 0; e < n; e++) {
        uint32_t row = edges[e] / j->width, other = j->lists->ids[(size_t)row * j->lists->k + edges[e] % j->width];
        uint32_t a = first_of(j, row), b = first_of(j, other), first = a < b ? a : b, second = a < b ? b : a;
        if (a == b || (j->rows[a] > small && j->rows[b] > small) || j->rows[a] + j->rows[b] > most) continue;
        j->up[second] = first;
        j->rows[first] += j->rows[second];
    }
}

/* Edges from each row to its nearest first, then those to its second, and so on; among these by similarity, to a thousandth, then
 * by row. edges: row * width + place. at [width * LEVELS + 1] zeros. */
static void sort_edges(const ew_lists *lists, uint32_t width, uint64_t *at, uint32_t *edges) {
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t i = 0; i < lists->n; i++)
            for (uint32_t h = 0; h < width; h++) {
                double far = (1 - ew_similarity(lists, i, h)) / 2;
                uint32_t level = h * LEVELS + (uint32_t)((far > 0 ? far < 1 ? far : 1 : 0) * (LEVELS - 1));
                if (fill)
                    edges[at[level]++] = i * width + h;
                else
                    at[level + 1]++;
            }
        for (uint32_t l = 0; !fill && l < width * LEVELS; l++) at[l + 1] += at[l];
    }
}

static ew_status join_nearest(const ew_lists *lists, uint32_t most, ew_cells *out, ew_error *err) {
    uint32_t n = lists->n, width = lists->k < JOINED ? lists->k : JOINED, *edges = ew_alloc((size_t)n * width, sizeof *edges);
    joining j = {lists, width, out->of, ew_alloc(n, sizeof *j.rows)};
    uint64_t *at = ew_calloc((size_t)width * LEVELS + 1, sizeof *at), all = (uint64_t)n * width;
    ew_status status = EW_OK;
    if (!edges || !j.rows || !at) {
        status = ew_fail_memory(err, (size_t)n * width * sizeof *edges, "themes");
        goto done;
    }
    sort_edges(lists, width, at, edges);
    EW_TRY(ew_stop_check(err));
    for (uint32_t i = 0; i < n; i++) {
        j.up[i] = i;
        j.rows[i] = 1;
    }
    join(&j, edges, all, UINT32_MAX, most);
    join(&j, edges, all, SMALL, 2 * most); /* who found all around him full */
    for (uint32_t i = 0; i < n; i++) j.up[i] = first_of(&j, i);
    for (uint32_t i = 0; i < n; i++) { /* the first of a cell comes before its others */
        if (j.up[i] == i) j.rows[i] = out->m++;
        j.up[i] = j.rows[j.up[i]];
    }
done:
    ew_free(edges);
    ew_free(j.rows);
    ew_free(at);
    return status;
}

ew_status ew_cells_make(const ew_vectors *vectors, const ew_lists *lists, ew_cells *out, ew_error *err) {
    uint32_t n = vectors->n;
    *out = (ew_cells){.n = n, .m = n, .vectors = *vectors};
    if (n <= FROM) return EW_OK;
    ew_status status;
    out->m = 0;
    out->of = ew_alloc(n, sizeof *out->of);
    if (!out->of) return ew_fail_memory(err, (size_t)n * 4, "themes");
    EW_TRY(join_nearest(lists, MOST_OF_CELL * (n / ROWS_EACH), out, err));
    out->rows = ew_calloc(out->m, sizeof *out->rows);
    if (!out->rows) {
        status = ew_fail_memory(err, (size_t)out->m * 4, "themes");
        goto done;
    }
    for (uint32_t i = 0; i < n; i++) out->rows[out->of[i]]++;
    EW_TRY(ew_centres_create(out->m, vectors->stride, &out->centres, err));
    EW_TRY(ew_centres_update(vectors, out->of, NULL, &out->centres, err));
    out->vectors = ew_centres_as_vectors(&out->centres);
done:
    if (status != EW_OK) ew_cells_free(out);
    return status;
}

/* ---- their graph ---- */

typedef struct {
    const ew_cells *cells;
    const ew_lists *lists;
    uint32_t k;
    uint64_t *row_start; /* [m + 1] rows of each cell: */
    uint32_t *rows;      /* [n] */
    uint32_t *seen;      /* [m] the last cell that looked at it, from 1 */
} gathering;

static ew_status gather_rows(gathering *g, ew_error *err) {
    const ew_cells *c = g->cells;
    g->row_start = ew_calloc((size_t)c->m + 2, sizeof *g->row_start);
    g->rows = ew_alloc(c->n, sizeof *g->rows);
    g->seen = ew_calloc(c->m, sizeof *g->seen);
    if (!g->row_start || !g->rows || !g->seen) return ew_fail_memory(err, (size_t)c->n * 4 + (size_t)c->m * 12, "themes");
    for (uint32_t i = 0; i < c->n; i++) g->row_start[c->of[i] + 2]++;
    for (uint32_t i = 0; i < c->m; i++) g->row_start[i + 2] += g->row_start[i + 1];
    for (uint32_t i = 0; i < c->n; i++) g->rows[g->row_start[c->of[i] + 1]++] = i;
    return EW_OK;
}

/* Other cells that rows of this one list, each once; out NULL: only counted. */
static uint32_t listed(gathering *g, uint32_t cell, uint64_t *out) {
    const ew_lists *l = g->lists;
    uint32_t n = 0;
    g->seen[cell] = cell + 1;
    for (uint64_t r = g->row_start[cell]; r < g->row_start[cell + 1]; r++)
        for (uint32_t j = 0; j < g->k; j++) {
            uint32_t to = g->cells->of[l->ids[(size_t)g->rows[r] * l->k + j]];
            if (g->seen[to] == cell + 1) continue;
            g->seen[to] = cell + 1;
            if (out) out[n] = ew_link(to, 1);
            n++;
        }
    return n;
}

ew_status ew_cells_graph(const ew_cells *cells, const ew_lists *lists, ew_pool *pool, ew_graph *out, ew_error *err) {
    if (!cells->of) return ew_graph_build(lists, ROW_NEIGHBOURS, EW_WEIGHT_COS4, pool, out, err);
    uint32_t m = cells->m, most = cells->n / m > 8 ? FEW_NEIGHBOURS : CELL_NEIGHBOURS;
    gathering g = {.cells = cells, .lists = lists, .k = lists->k < most ? lists->k : most};
    ew_status status;
    uint64_t *at = ew_calloc((size_t)m + 1, sizeof *at), *own = NULL;
    *out = (ew_graph){.n = m, .start = ew_calloc((size_t)m + 1, sizeof *out->start)};
    if (!at || !out->start) {
        status = ew_fail_memory(err, (size_t)m * 16, "themes");
        goto done;
    }
    EW_TRY(gather_rows(&g, err));
    for (uint32_t c = 0; c < m; c++) { /* at: where a cell's own list begins among all of them */
        if (c % LOOK_EVERY == 0) EW_TRY(ew_stop_check(err));
        at[c + 1] = at[c] + listed(&g, c, NULL);
    }
    if (!(own = ew_alloc(at[m], sizeof *own))) {
        status = ew_fail_memory(err, at[m] * sizeof *own, "themes");
        goto done;
    }
    memset(g.seen, 0, m * sizeof *g.seen);
    for (uint32_t c = 0; c < m; c++) {
        if (c % LOOK_EVERY == 0) EW_TRY(ew_stop_check(err));
        (void)listed(&g, c, own + at[c]);
    }
    for (uint64_t e = 0; e < at[m]; e++) out->start[ew_link_to(own[e]) + 1]++;
    for (uint32_t c = 0; c < m; c++) out->start[c + 1] += out->start[c] + (at[c + 1] - at[c]);
    out->links = ew_alloc(out->start[m], sizeof *out->links);
    if (!out->links) {
        status = ew_fail_memory(err, out->start[m] * sizeof *out->links, "themes");
        goto done;
    }
    /* Both directions, each once. */
    uint64_t *fill = g.row_start, kept = 0;
    memcpy(fill, out->start, ((size_t)m + 1) * sizeof *fill);
    for (uint32_t c = 0; c < m; c++)
        for (uint64_t e = at[c]; e < at[c + 1]; e++) {
            uint32_t to = ew_link_to(own[e]);
            out->links[fill[c]++] = own[e];
            out->links[fill[to]++] = ew_link(c, 1);
        }
    memset(g.seen, 0, m * sizeof *g.seen);
    for (uint32_t c = 0; c < m; c++) {
        uint64_t from = out->start[c];
        out->start[c] = kept;
        for (; from < fill[c]; from++) {
            uint32_t to = ew_link_to(out->links[from]);
            if (g.seen[to] != c + 1) out->links[kept++] = out->links[from];
            g.seen[to] = c + 1;
        }
    }
    out->start[m] = kept;
done:
    ew_free(g.row_start);
    ew_free(g.rows);
    ew_free(g.seen);
    ew_free(own);
    ew_free(at);
    if (status != EW_OK) ew_graph_free(out);
    return status;
}
