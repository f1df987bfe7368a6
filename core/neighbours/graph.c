/* Lists -> an undirected graph with integer weights, so that sums over edges have no order. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "neighbours.h"

enum { LOOK_EVERY = 256 }; /* rows between two looks whether to stop */

static const double ONE = 1048576; /* 2^20 */

void ew_graph_free(ew_graph *graph) {
    ew_free(graph->start);
    ew_free(graph->to);
    ew_free(graph->weight);
    *graph = (ew_graph){0};
}

static ew_status look(uint32_t row, ew_error *err) { return row % LOOK_EVERY ? EW_OK : ew_stop_check(err); }

static double distance(const ew_lists *lists, uint32_t row, uint32_t place) {
    double d = 1 - ew_similarity(lists, row, place);
    return d > 0 ? d : 0;
}

/* The row's own scale: sum over its list of exp(-(d - rho) / sigma) = log2 k, by geometric bisection. */
static double scale_of(const ew_lists *lists, uint32_t row, uint32_t k) {
    double rho = distance(lists, row, 0), low = 1e-4, high = 10, target = ew_log((double)(k > 1 ? k : 2)) / ew_log(2);
    for (int step = 0; step < 24; step++) { /* to 1e-6: finer than the weights' 2^-20 */
        double middle = __builtin_sqrt(low * high), sum = 0;
        for (uint32_t j = 0; j < k; j++) sum += ew_exp(-(distance(lists, row, j) - rho) / middle);
        if (sum > target)
            high = middle;
        else
            low = middle;
    }
    return __builtin_sqrt(low * high);
}

static uint32_t common(const uint32_t *a, const uint32_t *b, uint32_t k) { /* both ascending */
    uint32_t i = 0, j = 0, same = 0;
    while (i < k && j < k) {
        if (a[i] == b[j]) {
            same++;
            i++;
            j++;
        } else if (a[i] < b[j])
            i++;
        else
            j++;
    }
    return same;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* affinity[i * k + j]: how near the j-th of the list is, seen from row i, 0..1. */
static ew_status affinities(const ew_lists *lists, uint32_t k, ew_weighting weighting, double *affinity, ew_error *err) {
    uint32_t *sorted = NULL;
    ew_status status = EW_OK;
    if (weighting != EW_WEIGHT_SHARED) {
        for (uint32_t i = 0; i < lists->n; i++) {
            EW_TRY(look(i, err));
            double rho = weighting == EW_WEIGHT_LOCAL ? distance(lists, i, 0) : 0;
            double sigma = weighting == EW_WEIGHT_LOCAL ? scale_of(lists, i, k) : 1;
            for (uint32_t j = 0; j < k; j++) {
                double s = ew_similarity(lists, i, j);
                s = s > 0 ? s < 1 ? s : 1 : 0;
                affinity[(size_t)i * k + j] =
                    weighting == EW_WEIGHT_LOCAL ? ew_exp(-(distance(lists, i, j) - rho) / sigma) : s * s * s * s;
            }
        }
        return EW_OK;
    }
    sorted = ew_alloc((size_t)lists->n * k, sizeof *sorted);
    if (!sorted) return ew_fail_memory(err, (size_t)lists->n * k * 4, "shared neighbours");
    for (uint32_t i = 0; i < lists->n; i++) {
        EW_TRY(look(i, err));
        memcpy(sorted + (size_t)i * k, lists->ids + (size_t)i * lists->k, k * sizeof *sorted);
        qsort(sorted + (size_t)i * k, k, sizeof *sorted, ascending);
    }
    for (uint32_t i = 0; i < lists->n; i++) {
        EW_TRY(look(i, err));
        for (uint32_t j = 0; j < k; j++) {
            uint32_t other = lists->ids[(size_t)i * lists->k + j];
            affinity[(size_t)i * k + j] = (double)(1 + common(sorted + (size_t)i * k, sorted + (size_t)other * k, k)) / (k + 1);
        }
    }
done:
    ew_free(sorted);
    return status;
}

/* The affinity of `to` seen from `from`; -1: not in its list. */
static double seen_from(const ew_lists *lists, const double *affinity, uint32_t k, uint32_t from, uint32_t to) {
    const uint32_t *ids = lists->ids + (size_t)from * lists->k;
    for (uint32_t j = 0; j < k; j++)
        if (ids[j] == to) return affinity[(size_t)from * k + j];
    return -1;
}

typedef struct { uint32_t to; int64_t weight; } edge;

static int by_end(const void *a, const void *b) { return ascending(&((const edge *)a)->to, &((const edge *)b)->to); }

ew_status ew_graph_build(const ew_lists *lists, uint32_t k, ew_weighting weighting, ew_graph *out, ew_error *err) {
    uint32_t n = lists->n;
    ew_status status = EW_OK;
    if (k > lists->k) k = lists->k;
    *out = (ew_graph){.n = n, .start = ew_calloc((size_t)n + 1, sizeof *out->start)};
    double *affinity = ew_alloc((size_t)n * k, sizeof *affinity);
    uint64_t *fill = ew_alloc((size_t)n + 1, sizeof *fill);
    edge *edges = NULL;
    if (!out->start || !affinity || !fill) {
        status = ew_fail_memory(err, (size_t)n * k * 8, "the neighbour graph");
        goto done;
    }
    if (k) EW_TRY(affinities(lists, k, weighting, affinity, err));
    /* An edge stands in the list of one end or of both; it is counted by the smaller row if that one lists it. */
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n; i++) {
            EW_TRY(look(i, err));
            for (uint32_t j = 0; j < k; j++) {
                uint32_t other = lists->ids[(size_t)i * lists->k + j];
                double mine = affinity[(size_t)i * k + j], back = seen_from(lists, affinity, k, other, i);
                if (back >= 0 && other < i) continue; /* already counted from the other end */
                if (back < 0) back = 0;
                double both = weighting == EW_WEIGHT_LOCAL ? mine + back - mine * back : mine > back ? mine : back;
                int64_t weight = (int64_t)(ONE * both + 0.5);
                if (weight <= 0) weight = 1;
                if (pass == 0) {
                    out->start[i + 1]++;
                    out->start[other + 1]++;
                } else {
                    edges[fill[i]++] = (edge){other, weight};
                    edges[fill[other]++] = (edge){i, weight};
                }
            }
        }
        if (pass == 1) break;
        for (uint32_t i = 0; i < n; i++) out->start[i + 1] += out->start[i];
        memcpy(fill, out->start, ((size_t)n + 1) * sizeof *fill);
        edges = ew_alloc(out->start[n], sizeof *edges);
        out->to = ew_alloc(out->start[n], sizeof *out->to);
        out->weight = ew_alloc(out->start[n], sizeof *out->weight);
        if (!edges || !out->to || !out->weight) {
            status = ew_fail_memory(err, out->start[n] * 28, "the neighbour graph");
            goto done;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        EW_TRY(look(i, err));
        qsort(edges + out->start[i], out->start[i + 1] - out->start[i], sizeof *edges, by_end);
    }
    for (uint64_t e = 0; e < out->start[n]; e++) {
        out->to[e] = edges[e].to;
        out->weight[e] = edges[e].weight;
    }
done:
    ew_free(edges);
    ew_free(affinity);
    ew_free(fill);
    if (status != EW_OK) ew_graph_free(out);
    return status;
}
