/* By which linkage, and into how many? Modularity says which cuts are good. Among the good ones, that on which four views, each a
 * quarter of the columns and a tree of its own, agree best: what only one of them can see is no theme (after Ben-Hur, Elisseeff,
 * Guyon 2002, who draw rows). Finer cuts have to agree better, as copies agree at any number. */
#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "forest.h"

enum { FEWEST = 4, COARSEST = 12, MOST = 400, MOST_STEPS = 64, EDGES = 15, MOST_ROWS = 200000, LINKAGES = 2, VIEWS = 4 };
/* Shares of the best modularity: good enough; so much less that nothing finer will be. And of Ward's best: what average linkage
 * has to reach somewhere to be taken at a k that was given. */
static const double GOOD = .98, POOR = .95, FITS = .99;
static const double FINER = .07; /* agreement that e times as many parts have to bring, or .05 for twice as many */

ew_status ew_parts_modularity(const ew_cells *cells, const ew_lists *lists, const uint32_t *label, uint32_t parts,
                              double *modularity, ew_error *err) {
    const uint32_t *of = cells->of;
    uint32_t edges = lists->k < EDGES ? lists->k : EDGES, step = lists->n / MOST_ROWS + 1;
    uint64_t within = 0, all = 0, *volume = ew_calloc(parts, sizeof *volume);
    *modularity = 0;
    if (!volume) return ew_fail_memory(err, (size_t)parts * 8, "themes");
    for (uint32_t i = 0; i < lists->n; i += step) {
        uint32_t a = label[of ? of[i] : i];
        for (uint32_t j = 0; j < edges; j++) {
            uint32_t other = lists->ids[(size_t)i * lists->k + j], b = label[of ? of[other] : other];
            within += a == b;
            volume[b]++;
        }
        volume[a] += edges;
        all += edges;
    }
    double expected = 0;
    for (uint32_t c = 0; c < parts; c++) expected += (double)volume[c] * (double)volume[c];
    if (all) *modularity = (double)within / (double)all - expected / (4 * (double)all * (double)all);
    ew_free(volume);
    return EW_OK;
}

static uint64_t pairs(uint64_t n) { return n * (n - (n > 0)) / 2; }

ew_status ew_parts_agreement(const ew_cells *cells, const uint32_t *a, uint32_t ka, const uint32_t *b, uint32_t kb,
                             double *agreement, ew_error *err) {
    uint64_t *both = ew_calloc((size_t)ka * kb + ka + kb, sizeof *both);
    if (!both) return ew_fail_memory(err, (size_t)ka * kb * 8, "themes");
    uint64_t *of_a = both + (size_t)ka * kb, *of_b = of_a + ka;
    for (uint32_t i = 0; i < cells->m; i++) {
        uint32_t rows = ew_cells_rows(cells, i);
        both[(size_t)a[i] * kb + b[i]] += rows;
        of_a[a[i]] += rows;
        of_b[b[i]] += rows;
    }
    uint64_t together = 0, in_a = 0, in_b = 0;
    for (size_t i = 0; i < (size_t)ka * kb; i++) together += pairs(both[i]);
    for (uint32_t i = 0; i < ka; i++) in_a += pairs(of_a[i]);
    for (uint32_t i = 0; i < kb; i++) in_b += pairs(of_b[i]);
    double expected = cells->n > 1 ? (double)in_a * (double)in_b / (double)pairs(cells->n) : 0;
    double most = ((double)in_a + (double)in_b) / 2;
    *agreement = most > expected ? ((double)together - expected) / (most - expected) : 0;
    ew_free(both);
    return EW_OK;
}

/* ---- forests ---- */

/* One after the other: a graph of rows is the fullest thing here, and a tree takes a copy of its own. */
static ew_status grow(const ew_cells *cells, const ew_graph *graph, const ew_vectors *leaned, ew_linkage linkage,
                      ew_columns columns, ew_forest *out, ew_error *err) {
    size_t starts = (size_t)graph->n + 1, links = graph->start[graph->n];
    ew_graph own = {graph->n, ew_alloc(starts, sizeof *own.start), ew_alloc(links, sizeof *own.links)};
    ew_status status;
    if (!own.start || (links && !own.links)) {
        status = ew_fail_memory(err, (starts + links) * 8, "themes");
    } else {
        memcpy(own.start, graph->start, starts * sizeof *own.start);
        if (links) memcpy(own.links, graph->links, links * sizeof *own.links);
        status = ew_forest_grow(cells, &own, leaned, linkage, columns, out, err);
    }
    ew_graph_free(&own);
    return status;
}

/* ---- the grid ---- */

typedef struct { uint32_t n, k[MOST_STEPS]; } grid;

static grid make_grid(uint32_t rows) {
    uint32_t most = rows / 15 < MOST ? rows / 15 : MOST, fewest = FEWEST;
    uint32_t least = rows / 100 < COARSEST ? rows / 100 : COARSEST; /* a large corpus has at least a dozen */
    grid g = {0};
    while (fewest < least) fewest += fewest / 4 + 1;
    for (uint32_t k = fewest; g.n < MOST_STEPS && (k == fewest || k <= most); k += k / 4 + 1) g.k[g.n++] = k;
    return g;
}

/* What cuts of a forest are worth, after Lloyd steps over the cells. */
typedef struct { uint32_t n; double modularity[MOST_STEPS], best; } ratings;

/* The steps of the grid until they are poor; where `others` has been rated, those that are good there alone. */
static ew_status rate(ew_forest *f, const ew_lists *lists, const grid *g, const ratings *others, ew_pool *pool, uint32_t *label,
                      ratings *out, ew_error *err) {
    ew_status status = EW_OK;
    *out = (ratings){.best = -INFINITY};
    for (uint32_t step = 0; step < g->n; step++) {
        double *modularity = &out->modularity[out->n++];
        if (others && (step >= others->n || others->modularity[step] < GOOD * others->best)) continue;
        uint32_t given = ew_forest_cut(f, g->k[step], EW_SMALLEST_THEME, label);
        if (given) {
            EW_TRY(ew_forest_refine(&f->cells->vectors, f->cells->rows, given, pool, label, err));
            EW_TRY(ew_parts_modularity(f->cells, lists, label, given, modularity, err));
        }
        if (*modularity > out->best) out->best = *modularity;
        if (*modularity < POOR * out->best) break;
    }
done:
    return status;
}

static ew_status view_of(const ew_vectors *v, ew_columns columns, ew_vectors *out, ew_error *err) {
    uint32_t d = v->stride / columns.step, stride = (d + 63) / 64 * 64;
    *out = (ew_vectors){.n = v->n, .d = d, .stride = stride, .scale = v->scale};
    out->memory = ew_calloc((size_t)v->n * stride + 64, 1);
    if (!out->memory) return ew_fail_memory(err, (size_t)v->n * stride, "themes");
    out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    for (uint32_t i = 0; i < v->n; i++) {
        const int8_t *from = v->rows + (size_t)i * v->stride + columns.first;
        for (uint32_t c = 0; c < d; c++) out->rows[(size_t)i * stride + c] = from[(size_t)c * columns.step];
    }
    return EW_OK;
}

/* Mean agreement of all pairs of views when each is cut at k, after Lloyd steps. label [VIEWS, m] */
static ew_status agree(ew_forest *views, const ew_vectors *vectors, uint32_t k, ew_pool *pool, uint32_t *label, double *out,
                       ew_error *err) {
    const ew_cells *cells = views->cells;
    size_t m = cells->m;
    uint32_t given[VIEWS];
    ew_status status = EW_OK;
    *out = 0;
    for (uint32_t v = 0; v < VIEWS; v++) {
        given[v] = ew_forest_cut(&views[v], k, EW_SMALLEST_THEME, label + v * m);
        if (!given[v]) return EW_OK; /* fewer than four rows */
        EW_TRY(ew_forest_refine(&vectors[v], cells->rows, given[v], pool, label + v * m, err));
        for (uint32_t u = 0; u < v; u++) {
            double one;
            EW_TRY(ew_parts_agreement(cells, label + u * m, given[u], label + v * m, given[v], &one, err));
            *out += one / (VIEWS * (VIEWS - 1) / 2);
        }
    }
done:
    return status;
}

/* The step of the grid, among the good ones, on which views agree best for its fineness. */
static ew_status settle(ew_forest *views, const ew_vectors *leaned, const grid *g, const ratings *rated, ew_pool *pool,
                        uint32_t *label, uint32_t *k, ew_error *err) {
    const ew_cells *cells = views->cells;
    ew_vectors vectors[VIEWS] = {{0}}, whole = *leaned;
    ew_centres centres = {0};
    double top = -INFINITY;
    ew_status status = EW_OK;
    if (cells->of) {
        EW_TRY(ew_centres_create(cells->m, whole.stride, &centres, err));
        EW_TRY(ew_centres_update(&whole, cells->of, NULL, &centres, err));
        whole = ew_centres_as_vectors(&centres);
    }
    for (uint32_t v = 0; v < VIEWS; v++) EW_TRY(view_of(&whole, (ew_columns){v, VIEWS}, &vectors[v], err));
    for (uint32_t step = 0; step < rated->n; step++) {
        if (rated->modularity[step] < GOOD * rated->best) continue;
        double agreement;
        EW_TRY(agree(views, vectors, g->k[step], pool, label, &agreement, err));
        agreement -= FINER * ew_log(g->k[step]);
        if (agreement > top) {
            top = agreement;
            *k = g->k[step];
        }
    }
done:
    for (uint32_t v = 0; v < VIEWS; v++) ew_vectors_free(&vectors[v]);
    ew_centres_free(&centres);
    return status;
}

ew_status ew_forest_choose(const ew_cells *cells, const ew_vectors *leaned, const ew_lists *lists, ew_pool *pool, ew_forest *out,
                           uint32_t *k, ew_error *err) {
    ew_forest forest[LINKAGES] = {{0}}, view[VIEWS] = {{0}};
    ew_graph graph = {0};
    grid g = make_grid(cells->n), told = {1, {*k}};
    uint32_t *label = ew_alloc(VIEWS * (size_t)cells->m, sizeof *label);
    ew_status status;
    *out = (ew_forest){0};
    if (!label) return ew_fail_memory(err, VIEWS * (size_t)cells->m * 4, "themes");
    EW_TRY(ew_cells_graph(cells, lists, pool, &graph, err));
    for (int l = 0; l < LINKAGES; l++)
        EW_TRY(grow(cells, &graph, leaned, (ew_linkage)l, EW_ALL_COLUMNS, &forest[l], err));
    ew_forest *ward = &forest[EW_LINKAGE_WARD], *average = &forest[EW_LINKAGE_AVERAGE];
    ratings by_ward, by_average;
    EW_TRY(rate(ward, lists, &g, NULL, pool, label, &by_ward, err));
    EW_TRY(rate(average, lists, &g, &by_ward, pool, label, &by_average, err));
    int uneven = by_average.best > by_ward.best;
    if (*k) { /* beyond the best k average linkage loses more slowly, fitting or not */
        ratings ward_there, average_there;
        EW_TRY(rate(ward, lists, &told, NULL, pool, label, &ward_there, err));
        EW_TRY(rate(average, lists, &told, NULL, pool, label, &average_there, err));
        uneven = average_there.best > ward_there.best && by_average.best >= FITS * by_ward.best;
    }
    ew_linkage chosen = uneven ? EW_LINKAGE_AVERAGE : EW_LINKAGE_WARD;
    if (uneven && !*k) EW_TRY(rate(average, lists, &g, NULL, pool, label, &by_average, err));
    if (!*k) {
        for (uint32_t v = 0; v < VIEWS; v++)
            EW_TRY(grow(cells, &graph, leaned, chosen, (ew_columns){v, VIEWS}, &view[v], err));
        ew_graph_free(&graph);
        *k = g.k[0];
        EW_TRY(settle(view, leaned, &g, uneven ? &by_average : &by_ward, pool, label, k, err));
    }
    *out = forest[chosen];
    forest[chosen] = (ew_forest){0};
done:
    for (uint32_t l = 0; l < LINKAGES; l++) ew_forest_free(&forest[l]);
    for (uint32_t v = 0; v < VIEWS; v++) ew_forest_free(&view[v]);
    ew_graph_free(&graph);
    ew_free(label);
    return status;
}
