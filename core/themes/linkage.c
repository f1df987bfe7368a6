/* The two linkages: what "near" means. */
#include <math.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "chain.h"

/* ---- Paris: the probability of an edge between two nodes over that of their independent picks ---- */

typedef struct { double *mass; } paris;

static double paris_near(void *context, uint32_t a, uint32_t b, int64_t weight) {
    const double *mass = ((paris *)context)->mass;
    return (double)weight / (mass[a] * mass[b]);
}

static ew_status paris_merged(void *context, uint32_t a, uint32_t b, uint32_t node, ew_error *err) {
    (void)err;
    double *mass = ((paris *)context)->mass;
    mass[node] = mass[a] + mass[b]; /* integers below 2^53: exact */
    return EW_OK;
}

static double paris_height(double nearness) { return -ew_log(nearness); }

ew_status ew_tree_paris(const ew_graph *graph, ew_tree *out, ew_error *err) {
    size_t most = graph->n ? 2 * (size_t)graph->n - 1 : 0;
    paris state = {ew_calloc(most, sizeof(double))};
    ew_status status = ew_tree_init(out, graph->n, err);
    if (status == EW_OK && !state.mass) status = ew_fail_memory(err, most * sizeof(double), "a tree");
    for (uint32_t i = 0; status == EW_OK && i < graph->n; i++) {
        int64_t sum = 0;
        for (uint64_t e = graph->start[i]; e < graph->start[i + 1]; e++) sum += graph->weight[e];
        state.mass[i] = (double)sum;
    }
    if (status == EW_OK) status = ew_chain_run(graph, out, paris_near, paris_merged, paris_height, &state, err);
    if (status == EW_OK) ew_tree_finish(out);
    ew_free(state.mass);
    if (status != EW_OK) ew_tree_free(out);
    return status;
}

/* ---- Ward: the rise in squared distance to the mean ---- */

typedef struct {
    float **sum;          /* [2n - 1] sum of the rows' vectors; owned for merges, NULL for rows */
    double *square;       /* [2n - 1] its squared length */
    const ew_vectors *vectors;
    const uint32_t *size; /* the tree's */
} ward;

static double dot_sums(const ward *state, uint32_t a, uint32_t b) {
    const ew_vectors *v = state->vectors;
    const float *x = state->sum[a], *y = state->sum[b];
    /* eight partial sums: one fixed order that still vectorises */
    float part[8] = {0};
    if (x && y) {
        for (uint32_t k = 0; k < v->stride; k += 8)
            for (uint32_t l = 0; l < 8; l++) part[l] += x[k + l] * y[k + l];
    } else if (x || y) {
        const float *wide = x ? x : y;
        const int8_t *row = v->rows + (size_t)(x ? b : a) * v->stride;
        for (uint32_t k = 0; k < v->stride; k += 8)
            for (uint32_t l = 0; l < 8; l++) part[l] += wide[k + l] * (float)row[k + l];
    } else {
        const int8_t *r = v->rows + (size_t)a * v->stride, *s = v->rows + (size_t)b * v->stride;
        int32_t sum = 0;
        for (uint32_t k = 0; k < v->stride; k++) sum += r[k] * s[k];
        return sum;
    }
    return ((double)part[0] + part[4] + ((double)part[2] + part[6])) + ((double)part[1] + part[5] + ((double)part[3] + part[7]));
}

static double ward_near(void *context, uint32_t a, uint32_t b, int64_t weight) {
    const ward *state = context;
    (void)weight;
    if (a > b) { /* one order of the pair: the same bits from both sides */
        uint32_t t = a;
        a = b;
        b = t;
    }
    double na = state->size[a], nb = state->size[b];
    double gap = state->square[a] / (na * na) + state->square[b] / (nb * nb) - 2 * dot_sums(state, a, b) / (na * nb);
    return -(na * nb / (na + nb)) * (gap > 0 ? gap : 0);
}

static ew_status ward_merged(void *context, uint32_t a, uint32_t b, uint32_t node, ew_error *err) {
    ward *state = context;
    const ew_vectors *v = state->vectors;
    float *into = state->sum[a] ? state->sum[a] : state->sum[b], *other = into == state->sum[a] ? state->sum[b] : NULL;
    if (!into && !(into = ew_calloc(v->stride, sizeof *into))) return ew_fail_memory(err, v->stride * sizeof *into, "a tree");
    for (int side = 0; side < 2; side++) {
        uint32_t part = side ? b : a;
        if (state->sum[part]) continue;
        const int8_t *row = v->rows + (size_t)part * v->stride;
        for (uint32_t k = 0; k < v->stride; k++) into[k] += (float)row[k];
    }
    if (other)
        for (uint32_t k = 0; k < v->stride; k++) into[k] += other[k];
    ew_free(other);
    state->sum[a] = state->sum[b] = NULL;
    state->sum[node] = into;
    state->square[node] = dot_sums(state, node, node);
    return EW_OK;
}

static double ward_height(double nearness) { return -nearness; }

typedef struct { uint32_t *node, *nearest; double *near; uint32_t n; } roots; /* [n] node EW_NONE: joined to another */

static ew_status find_nearest(ward *state, roots *r, uint32_t i, ew_error *err) {
    r->nearest[i] = EW_NONE;
    for (uint32_t j = 0; j < r->n; j++) {
        if (j == i || r->node[j] == EW_NONE) continue;
        double near = ward_near(state, r->node[i], r->node[j], 0);
        if (r->nearest[i] != EW_NONE && near <= r->near[i]) continue;
        r->nearest[i] = j;
        r->near[i] = near;
    }
    return ew_stop_check(err);
}

/* Parts of the graph that no edge connects, the nearest two at a time: what lies far apart too can be cut into few. */
static ew_status join_parts(ward *state, ew_tree *tree, ew_error *err) {
    uint32_t n = 2 * tree->n - tree->nodes; /* each merge took one away */
    if (n < 2) return EW_OK;
    roots r = {ew_alloc(n, sizeof *r.node), ew_alloc(n, sizeof *r.nearest), ew_alloc(n, sizeof *r.near), 0};
    ew_status status = r.node && r.nearest && r.near ? EW_OK : ew_fail_memory(err, n * 16, "a tree");
    for (uint32_t v = 0; status == EW_OK && v < tree->nodes; v++)
        if (tree->parent[v] == EW_NONE) r.node[r.n++] = v;
    for (uint32_t i = 0; status == EW_OK && i < n; i++) status = find_nearest(state, &r, i, err);
    for (uint32_t left = n; status == EW_OK && left > 1; left--) {
        uint32_t a = EW_NONE;
        for (uint32_t i = 0; i < n; i++)
            if (r.node[i] != EW_NONE && (a == EW_NONE || r.near[i] > r.near[a])) a = i;
        uint32_t b = r.nearest[a], node = ew_tree_join(tree, r.node[a], r.node[b], ward_height(r.near[a]));
        status = ward_merged(state, r.node[a], r.node[b], node, err);
        r.node[a] = node;
        r.node[b] = EW_NONE;
        for (uint32_t i = 0; status == EW_OK && i < n; i++) {
            if (r.node[i] == EW_NONE) continue;
            if (i == a || r.nearest[i] == a || r.nearest[i] == b) status = find_nearest(state, &r, i, err);
        }
    }
    ew_free(r.node);
    ew_free(r.nearest);
    ew_free(r.near);
    return status;
}

ew_status ew_tree_ward(const ew_graph *graph, const ew_vectors *vectors, ew_tree *out, ew_error *err) {
    size_t most = graph->n ? 2 * (size_t)graph->n - 1 : 0;
    ward state = {ew_calloc(most, sizeof(float *)), ew_calloc(most, sizeof(double)), vectors, NULL};
    ew_status status = ew_tree_init(out, graph->n, err);
    if (status == EW_OK && (!state.sum || !state.square)) status = ew_fail_memory(err, most * 16, "a tree");
    if (status == EW_OK) {
        state.size = out->size;
        for (uint32_t i = 0; i < graph->n; i++) state.square[i] = dot_sums(&state, i, i);
        status = ew_chain_run(graph, out, ward_near, ward_merged, ward_height, &state, err);
        if (status == EW_OK) status = join_parts(&state, out, err);
    }
    if (status == EW_OK) ew_tree_finish(out);
    for (size_t i = 0; state.sum && i < most; i++) ew_free(state.sum[i]);
    ew_free(state.sum);
    ew_free(state.square);
    if (status != EW_OK) ew_tree_free(out);
    return status;
}
