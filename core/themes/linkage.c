/* Linkages of mean vectors. Ward: two nodes are near if the squared distances to the mean rise little when they merge. Average:
 * if their rows are similar in the mean, which is the product of their means. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"
#include "../kernels/kernels.h"
#include "chain.h"

enum { PAD = 32 };           /* products take so many at a time */
enum { BETWEEN_PARTS = 15 }; /* neighbours of a part of the graph among the other parts */

/* Means are integers, a row's units times 2^shift; the larger half of a merge lends its place. An edge keeps its nearness, as a
 * float, until one of its ends merges. */
typedef struct {
    const ew_kernels *kernels;
    int16_t *means;  /* [n, stride] padded by zeros */
    uint32_t *place; /* [2n - 1] whose mean is where */
    int64_t *square; /* [2n - 1] squared length of the mean */
    uint32_t stride;
    int shift;
    ew_linkage linkage;
    ew_columns columns;
} means;

static const int16_t *mean_of(const means *w, uint32_t node) { return w->means + (size_t)w->place[node] * w->stride; }

static float nearness_of(const means *w, const ew_live *live, uint32_t a, uint32_t b) {
    int64_t dot = w->kernels->dot_i16(mean_of(w, a), mean_of(w, b), w->stride); /* the shift keeps it below 2^31 */
    if (w->linkage == EW_LINKAGE_AVERAGE) return (float)dot;
    double na = live->near[a].mass, nb = live->near[b].mass;
    int64_t gap = w->square[a] + w->square[b] - 2 * dot;
    return (float)-(na * nb / (na + nb) * (double)gap);
}

static uint64_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(uint64_t link) {
    uint32_t bits = (uint32_t)ew_link_weight(link);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t nearest_of(void *context, ew_live *live, uint32_t node, uint32_t before, double *nearness) {
    const means *w = context;
    uint64_t *links = live->links + live->list[node].first;
    uint32_t count = live->list[node].count, kept = 0, best = EW_NONE;
    float most = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t link = links[i];
        uint32_t to = ew_link_to(link), slot;
        int fresh = live->who[to].now == to;
        if (!fresh) to = ew_live_find(live, to);
        slot = live->who[to].slot;
        if (to == node || (slot < kept && ew_link_to(links[slot]) == to)) continue;
        if (!fresh) link = ew_link(to, bits_of(nearness_of(w, live, node, to)));
        live->who[to].slot = kept;
        links[kept++] = link;
        float near = float_of(link);
        if (near > most || (near == most && best != before && (to == before || to < best))) {
            most = near;
            best = to;
        }
    }
    live->list[node].count = kept;
    *nearness = most;
    return best;
}

/* Fills in what each of a node's edges keeps. */
static void measure(const means *w, ew_live *live, uint32_t node) {
    uint64_t *links = live->links + live->list[node].first;
    for (uint32_t i = 0; i < live->list[node].count; i++) {
        if (i + 2 < live->list[node].count) {
            const int16_t *next = mean_of(w, ew_link_to(links[i + 2]));
            for (uint32_t k = 0; k < w->stride; k += 32) __builtin_prefetch(next + k);
        }
        uint32_t to = ew_link_to(links[i]);
        links[i] = ew_link(to, bits_of(nearness_of(w, live, node, to)));
    }
}

static void merged(void *context, ew_live *live, uint32_t a, uint32_t b, uint32_t node) {
    means *w = context;
    double na = live->near[a].mass, nb = live->near[b].mass, all = na + nb;
    int16_t *into = w->means + (size_t)w->place[a] * w->stride;
    const int16_t *from = mean_of(w, b);
    for (uint32_t k = 0; k < w->stride; k++) {
        double x = (na * into[k] + nb * from[k]) / all;
        into[k] = (int16_t)(x < 0 ? x - .5 : x + .5);
    }
    w->place[node] = w->place[a];
    w->square[node] = w->kernels->dot_i16(into, into, w->stride);
    live->near[node].mass = all;
    measure(w, live, node);
}

static double height_of(const ew_live *live, uint32_t a, uint32_t b, double nearness, uint64_t between) {
    (void)live, (void)a, (void)b, (void)between;
    return -nearness;
}

/* ---- where the graph falls into parts ---- */

/* Parts as rows of their own: directions of their means, 8 bits. */
static ew_status roots_as_vectors(const means *w, const uint32_t *roots, uint32_t n, ew_vectors *out, ew_error *err) {
    uint32_t stride = (w->stride + 63) / 64 * 64;
    *out = (ew_vectors){.n = n, .d = w->stride, .stride = stride, .scale = 127, .memory = ew_calloc((size_t)n * stride + 64, 1)};
    if (!out->memory) return ew_fail_memory(err, (size_t)n * stride, "a tree");
    out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    for (uint32_t i = 0; i < n; i++) {
        const int16_t *mean = mean_of(w, roots[i]);
        int32_t most = 1;
        for (uint32_t k = 0; k < w->stride; k++) most = abs(mean[k]) > most ? abs(mean[k]) : most;
        for (uint32_t k = 0; k < w->stride; k++) out->rows[(size_t)i * stride + k] = (int8_t)(mean[k] * 127 / most);
    }
    return EW_OK;
}

/* Parts that no edge connects get edges to those that lie in a similar direction, until there is one root. */
static ew_status join_parts(means *w, ew_live *live, ew_tree *tree, ew_error *err) {
    uint32_t *roots = NULL;
    ew_vectors vectors = {0};
    ew_lists lists = {0};
    ew_graph graph = {0};
    ew_status status = EW_OK;
    for (uint32_t left; (left = 2 * tree->n - tree->nodes) > 1;) { /* each merge took one away */
        roots = ew_alloc(left, sizeof *roots);
        if (!roots) {
            status = ew_fail_memory(err, left * sizeof *roots, "a tree");
            goto done;
        }
        uint32_t n = 0;
        for (uint32_t v = 0; v < tree->nodes; v++)
            if (tree->parent[v] == EW_NONE) roots[n++] = v;
        EW_TRY(roots_as_vectors(w, roots, n, &vectors, err));
        EW_TRY(ew_neighbours_exact(&vectors, BETWEEN_PARTS, NULL, &lists, err));
        EW_TRY(ew_graph_build(&lists, BETWEEN_PARTS, EW_WEIGHT_COS4, NULL, &graph, err));
        EW_TRY(ew_live_relink(live, roots, &graph, err));
        for (uint32_t i = 0; i < n; i++) measure(w, live, roots[i]);
        EW_TRY(ew_chain_run(live, tree, nearest_of, merged, height_of, w, err));
        ew_graph_free(&graph);
        ew_lists_free(&lists);
        ew_vectors_free(&vectors);
        ew_free(roots);
        roots = NULL;
    }
done:
    ew_graph_free(&graph);
    ew_lists_free(&lists);
    ew_vectors_free(&vectors);
    ew_free(roots);
    return status;
}

/* ---- means ---- */

/* The mean of each cell's rows, in units that use the range of 16 bits and keep products below 2^31. */
static ew_status means_init(means *w, ew_live *live, const ew_vectors *v, const uint32_t *cell, ew_error *err) {
    uint32_t n = (uint32_t)((live->most + 1) / 2), first = w->columns.first, step = w->columns.step;
    uint32_t d = (v->stride - first + step - 1) / step, stride = (d + PAD - 1) / PAD * PAD;
    int32_t *sums = cell ? ew_calloc((size_t)n * stride, sizeof *sums) : NULL;
    w->stride = stride;
    w->means = ew_calloc((size_t)n * stride, sizeof *w->means);
    w->place = ew_alloc(live->most, sizeof *w->place);
    w->square = ew_alloc(live->most, sizeof *w->square);
    if ((cell && !sums) || !w->means || !w->place || !w->square) {
        ew_free(sums);
        return ew_fail_memory(err, (size_t)n * stride * 6, "a tree");
    }
    int64_t longest = 1;
    for (uint32_t i = 0; i < v->n; i++) {
        const int8_t *row = v->rows + (size_t)i * v->stride + first;
        int32_t square = 0;
        if (cell && cell[i] == EW_NONE) continue;
        for (uint32_t k = 0; k < d; k++) square += row[k * step] * row[k * step];
        longest = square > longest ? square : longest;
        live->near[cell ? cell[i] : i].mass++;
        for (uint32_t k = 0; cell && k < d; k++) sums[(size_t)cell[i] * stride + k] += row[k * step];
    }
    while (w->shift < 7 && longest << 2 * (w->shift + 1) <= INT32_MAX) w->shift++;
    for (uint32_t i = 0; i < n; i++) {
        int16_t *mean = w->means + (size_t)i * stride;
        double by = live->near[i].mass > 0 ? (double)(1 << w->shift) / live->near[i].mass : 0;
        for (uint32_t k = 0; k < d; k++) {
            double x = (cell ? sums[(size_t)i * stride + k] : v->rows[(size_t)i * v->stride + first + k * step]) * by;
            mean[k] = (int16_t)(x < 0 ? x - .5 : x + .5);
        }
        w->place[i] = i;
        w->square[i] = w->kernels->dot_i16(mean, mean, stride);
    }
    ew_free(sums);
    return EW_OK;
}

ew_status ew_tree_means(ew_graph *graph, const ew_vectors *vectors, const uint32_t *cell, ew_linkage linkage, ew_columns columns,
                        ew_tree *out, ew_error *err) {
    ew_live live = {0};
    means w = {.kernels = ew_kernels_get(), .linkage = linkage, .columns = columns};
    ew_status status;
    EW_TRY(ew_tree_init(out, graph->n, 0, err));
    EW_TRY(ew_live_init(&live, graph, err));
    EW_TRY(means_init(&w, &live, vectors, cell, err));
    for (uint32_t i = 0; i < out->n; i++) {
        if (i % 256 == 0) EW_TRY(ew_stop_check(err));
        measure(&w, &live, i);
    }
    EW_TRY(ew_chain_run(&live, out, nearest_of, merged, height_of, &w, err));
    EW_TRY(join_parts(&w, &live, out, err));
    double unit = 1.0 / (double)(1 << 2 * w.shift); /* heights in squares of the vectors' units */
    for (uint32_t v = out->n; v < out->nodes; v++) out->height[v] *= unit;
    ew_tree_finish(out);
done:
    ew_live_free(&live);
    ew_free(w.means);
    ew_free(w.place);
    ew_free(w.square);
    if (status != EW_OK) ew_tree_free(out);
    return status;
}
