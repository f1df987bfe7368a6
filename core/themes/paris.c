/* Paris: two nodes are near by the probability of an edge between them over that of their independent picks. */
#include <math.h>

#include "../base/scalar.h"
#include "../base/spill.h"
#include "../base/stop.h"
#include "chain.h"

/* Nearness never grows by a merge of others: that to the two as one is a mean of those to either. So who is nearest by a margin
 * stays so until it merges itself, and then a look at what it became is enough where that passes a bound on all others. The
 * margin is wider than all rounding, so that what is decided is what a look at the whole list would decide; where two are as near
 * as that, nothing is kept, and each look is at the whole list. */
static const double MARGIN = 1 + 1e-6;

typedef struct { double most, next; uint32_t best; } nearest_two;

static void look(nearest_two *two, double near, uint32_t to) {
    if (near > two->most) {
        two->next = two->most;
        two->most = near;
        two->best = to;
    } else if (near > two->next) {
        two->next = near;
    }
}

static void keep(ew_live_near *at, const nearest_two *two) {
    at->bound = (float)(two->next * MARGIN);
    at->best = two->most > (double)at->bound ? two->best : EW_NONE;
}

/* Renames what merged, adds up what became one, and looks for the nearest. */
static uint32_t nearest_of(void *context, ew_live *live, uint32_t node, uint32_t before, double *nearness) {
    (void)context;
    *nearness = 0; /* the height follows from the links between */
    uint32_t best = live->near[node].best;
    if (best != EW_NONE && live->who[best].now == best) {
        __builtin_prefetch(&live->near[best]);
        return best;
    }
    uint64_t *links = live->links + live->list[node].first, within = 0;
    uint32_t kept = live->list[node].count = ew_live_gather(live, node, links, live->list[node].count, links, 0, &within);
    nearest_two two = {-INFINITY, -INFINITY, EW_NONE};
    double mass = live->near[node].mass;
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t to = ew_link_to(links[i]);
        double near = (double)ew_link_weight(links[i]) / (mass * live->near[to].mass);
        if (near == two.most && two.best != before && (to == before || to < two.best)) two.best = to;
        look(&two, near, to);
    }
    keep(&live->near[node], &two);
    return two.best;
}

/* The new node's nearest, and what its neighbours know of theirs. */
static void merged(void *context, ew_live *live, uint32_t a, uint32_t b, uint32_t node) {
    (void)context;
    const uint64_t *links = live->links + live->list[node].first;
    double mass = live->near[node].mass = live->near[a].mass + live->near[b].mass; /* integers below 2^53: exact */
    nearest_two two = {-INFINITY, -INFINITY, EW_NONE};
    for (uint32_t i = 0; i < live->list[node].count; i++) {
        uint32_t to = ew_link_to(links[i]);
        ew_live_near *other = &live->near[to];
        double near = (double)ew_link_weight(links[i]) / (mass * other->mass);
        look(&two, near, to);
        if (other->best == a || other->best == b) other->best = near > (double)other->bound ? node : EW_NONE;
    }
    keep(&live->near[node], &two);
}

static double height_of(const ew_live *live, uint32_t a, uint32_t b, double nearness, uint64_t between) {
    (void)nearness;
    double weight = (double)(between < EW_LINK_MOST ? between : EW_LINK_MOST);
    return -ew_log(weight / (live->near[a].mass * live->near[b].mass));
}

/* ---- the rows as they stand ---- */

enum { ROWS = 1024 };

static ew_status each_row(ew_live *live, uint64_t task, void (*what)(ew_live *live, uint32_t row), ew_error *err) {
    uint32_t end = (uint32_t)ew_chunk_end(task, ROWS, live->rows);
    for (uint32_t i = (uint32_t)task * ROWS; i < end; i++) what(live, i);
    return ew_stop_check(err);
}

static void weigh(ew_live *live, uint32_t row) {
    const uint64_t *links = live->links + live->list[row].first;
    uint64_t sum = 0;
    for (uint32_t e = 0; e < live->list[row].count; e++) sum += ew_link_weight(links[e]);
    live->near[row].mass = (double)sum;
}

/* Once all are weighed. */
static void look_first(ew_live *live, uint32_t row) {
    const uint64_t *links = live->links + live->list[row].first;
    nearest_two two = {-INFINITY, -INFINITY, EW_NONE};
    for (uint32_t e = 0; e < live->list[row].count; e++) {
        uint32_t to = ew_link_to(links[e]);
        look(&two, (double)ew_link_weight(links[e]) / (live->near[row].mass * live->near[to].mass), to);
    }
    keep(&live->near[row], &two);
}

static ew_status mass_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    return each_row(context, task, weigh, err);
}

static ew_status nearest_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    return each_row(context, task, look_first, err);
}

static ew_status grow(ew_graph *graph, int bare, ew_pool *pool, ew_tree *out, ew_error *err) {
    ew_live live = {0};
    ew_status status = ew_tree_init(out, graph->n, bare, err);
    if (status == EW_OK) status = ew_live_init(&live, graph, err);
    uint64_t tasks = ew_chunks(out->n, ROWS);
    if (status == EW_OK) status = ew_pool_each(pool, tasks, mass_task, &live, err);
    if (status == EW_OK) status = ew_pool_each(pool, tasks, nearest_task, &live, err);
    if (status == EW_OK) status = ew_chain_run(&live, out, nearest_of, merged, height_of, NULL, err);
    if (status == EW_OK) ew_tree_finish(out);
    ew_live_free(&live);
    if (status != EW_OK) ew_tree_free(out);
    return status;
}

ew_status ew_tree_paris(ew_graph *graph, ew_pool *pool, ew_tree *out, ew_error *err) { return grow(graph, 0, pool, out, err); }

ew_status ew_tree_paris_bare(ew_graph *graph, ew_pool *pool, ew_tree *out, ew_error *err) {
    return grow(graph, 1, pool, out, err);
}

enum { TREE_NEIGHBOURS = 15 };

ew_status ew_tree_of_lists(const ew_lists *lists, ew_pool *pool, ew_tree *out, ew_error *err) {
    ew_graph graph;
    *out = (ew_tree){0};
    ew_status status = ew_graph_build(lists, TREE_NEIGHBOURS, EW_WEIGHT_LOCAL, pool, &graph, err);
    ew_spill_rest(); /* lists are not looked at while the tree grows */
    if (status == EW_OK) status = ew_tree_paris(&graph, pool, out, err);
    if (status == EW_OK) ew_tree_put_by(out);
    ew_graph_free(&graph);
    return status;
}
