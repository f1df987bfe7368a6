/* Paris: two nodes are near by the probability of an edge between them over that of their independent picks. */
#include <math.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "chain.h"

/* Renames what merged, adds up what became one, and looks for the nearest. */
static uint32_t nearest_of(void *context, ew_live *live, uint32_t node, uint32_t before, double *nearness) {
    (void)context;
    uint64_t *links = live->links + live->list[node].first;
    uint32_t count = live->list[node].count, kept = 0, best = EW_NONE;
    while (kept < count && live->who[ew_link_to(links[kept])].now == ew_link_to(links[kept])) { /* no node is named twice */
        ew_live_fetch(live, links, kept, count);
        kept++;
    }
    for (uint32_t i = 0; kept < count && i < kept; i++) live->who[ew_link_to(links[i])].slot = i;
    for (uint32_t i = kept; i < count; i++) {
        ew_live_fetch(live, links, i, count);
        uint32_t to = ew_link_to(links[i]);
        ew_live_who *other = &live->who[to];
        if (other->now != to) {
            to = ew_live_find(live, to);
            if (to == node) continue;
            other = &live->who[to];
        }
        uint32_t slot = other->slot;
        if (slot < kept && ew_link_to(links[slot]) == to) {
            uint64_t sum = ew_link_weight(links[slot]) + ew_link_weight(links[i]);
            links[slot] = ew_link(to, sum < EW_LINK_MOST ? sum : EW_LINK_MOST);
            continue;
        }
        other->slot = kept;
        links[kept++] = ew_link(to, ew_link_weight(links[i]));
    }
    live->list[node].count = kept;
    double mass = live->mass[node], most = -INFINITY;
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t to = ew_link_to(links[i]);
        double near = (double)ew_link_weight(links[i]) / (mass * live->mass[to]);
        if (near > most || (near == most && best != before && (to == before || to < best))) {
            most = near;
            best = to;
        }
    }
    if (best != EW_NONE) __builtin_prefetch(live->links + live->list[best].first);
    *nearness = most;
    return best;
}

static void merged(void *context, ew_live *live, uint32_t a, uint32_t b, uint32_t node) {
    (void)context;
    live->mass[node] = live->mass[a] + live->mass[b]; /* integers below 2^53: exact */
}

static double height_of(double nearness) { return -ew_log(nearness); }

static ew_status grow(ew_graph *graph, int bare, ew_tree *out, ew_error *err) {
    ew_live live = {0};
    ew_status status = ew_tree_init(out, graph->n, bare, err);
    if (status == EW_OK) status = ew_live_init(&live, graph, err);
    for (uint32_t i = 0; status == EW_OK && i < out->n; i++) {
        uint64_t sum = 0;
        for (uint32_t e = 0; e < live.list[i].count; e++) sum += ew_link_weight(live.links[live.list[i].first + e]);
        live.mass[i] = (double)sum;
    }
    if (status == EW_OK) status = ew_chain_run(&live, out, nearest_of, merged, height_of, NULL, err);
    if (status == EW_OK) ew_tree_finish(out);
    ew_live_free(&live);
    if (status != EW_OK) ew_tree_free(out);
    return status;
}

ew_status ew_tree_paris(ew_graph *graph, ew_tree *out, ew_error *err) { return grow(graph, 0, out, err); }

ew_status ew_tree_paris_bare(ew_graph *graph, ew_tree *out, ew_error *err) { return grow(graph, 1, out, err); }

enum { TREE_NEIGHBOURS = 15 };

ew_status ew_tree_of_lists(const ew_lists *lists, ew_pool *pool, ew_tree *out, ew_error *err) {
    ew_graph graph;
    *out = (ew_tree){0};
    ew_status status = ew_graph_build(lists, TREE_NEIGHBOURS, EW_WEIGHT_LOCAL, pool, &graph, err);
    if (status == EW_OK) status = ew_tree_paris(&graph, out, err);
    if (status == EW_OK) ew_tree_put_by(out);
    ew_graph_free(&graph);
    return status;
}
