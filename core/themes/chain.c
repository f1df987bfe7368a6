#include "chain.h"

#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"

enum { LOOK_EVERY = 1 << 14 }; /* links followed between two looks whether to stop */

static void live_free(ew_live *live, size_t most) {
    for (size_t i = 0; live->links && i < most; i++) ew_free(live->links[i]);
    ew_free(live->links);
    ew_free(live->count);
    ew_free(live->room);
    ew_free(live->now);
    ew_free(live->sum);
    ew_free(live->seen);
}

static ew_status live_init(ew_live *live, const ew_graph *graph, size_t most, ew_error *err) {
    *live = (ew_live){0};
    live->links = ew_calloc(most, sizeof *live->links);
    live->count = ew_calloc(most, sizeof *live->count);
    live->room = ew_calloc(most, sizeof *live->room);
    live->now = ew_alloc(most, sizeof *live->now);
    live->sum = ew_alloc(most, sizeof *live->sum);
    live->seen = ew_calloc(most, sizeof *live->seen);
    if (!live->links || !live->count || !live->room || !live->now || !live->sum || !live->seen)
        return ew_fail_memory(err, most * 40, "a tree");
    for (uint32_t i = 0; i < most; i++) live->now[i] = i;
    for (uint32_t i = 0; i < graph->n; i++) {
        uint32_t n = (uint32_t)(graph->start[i + 1] - graph->start[i]);
        if (!(live->links[i] = ew_alloc(n, sizeof **live->links))) return ew_fail_memory(err, n * sizeof(ew_link), "a tree");
        live->count[i] = live->room[i] = n;
        for (uint32_t j = 0; j < n; j++)
            live->links[i][j] = (ew_link){graph->to[graph->start[i] + j], graph->weight[graph->start[i] + j]};
    }
    return EW_OK;
}

static uint32_t find(ew_live *live, uint32_t node) {
    while (live->now[node] != node) {
        live->now[node] = live->now[live->now[node]];
        node = live->now[node];
    }
    return node;
}

/* Renames what merged and adds up what became one. The order of first sight stays: it decides nothing, as ties go by id. */
static void refresh(ew_live *live, uint32_t node) {
    ew_link *links = live->links[node];
    uint32_t kept = 0;
    if (++live->stamp == 0) live->stamp = 1;
    for (uint32_t i = 0; i < live->count[node]; i++) {
        uint32_t to = find(live, links[i].to);
        if (to == node) continue;
        if (live->seen[to] == live->stamp) {
            live->sum[to] += links[i].weight;
            continue;
        }
        live->seen[to] = live->stamp;
        live->sum[to] = links[i].weight;
        links[kept++].to = to;
    }
    for (uint32_t i = 0; i < kept; i++) links[i].weight = live->sum[links[i].to];
    live->count[node] = kept;
}

static ew_status join_lists(ew_live *live, uint32_t a, uint32_t b, uint32_t node, ew_error *err) {
    if (live->count[a] < live->count[b]) {
        uint32_t t = a;
        a = b;
        b = t;
    }
    size_t want = (size_t)live->count[a] + live->count[b];
    ew_link *links = live->links[a];
    if (want > live->room[a]) {
        size_t room = want + want / 4;
        links = ew_realloc(links, room, sizeof *links);
        if (!links) return ew_fail_memory(err, room * sizeof *links, "a tree");
        live->room[a] = (uint32_t)room;
    }
    memcpy(links + live->count[a], live->links[b], live->count[b] * sizeof *links);
    ew_free(live->links[b]);
    live->links[a] = live->links[b] = NULL;
    live->links[node] = links;
    live->count[node] = (uint32_t)want;
    live->room[node] = live->room[a];
    live->now[a] = live->now[b] = node;
    return EW_OK;
}

ew_status ew_chain_run(const ew_graph *graph, ew_tree *tree, ew_nearness_fn nearness, ew_merged_fn merged, ew_height_fn height,
                       void *context, ew_error *err) {
    uint32_t n = graph->n;
    size_t most = n ? 2 * (size_t)n - 1 : 0;
    ew_live live = {0};
    uint32_t *chain = ew_alloc(most, sizeof *chain);
    ew_status status = chain ? EW_OK : ew_fail_memory(err, most * sizeof *chain, "a tree");
    if (status == EW_OK) status = live_init(&live, graph, most, err);
    uint32_t length = 0, start = 0;
    uint64_t work = LOOK_EVERY; /* since the last look: a step may follow one link or a hundred thousand */
    while (status == EW_OK) {
        if (work >= LOOK_EVERY) {
            work = 0;
            if ((status = ew_stop_check(err)) != EW_OK) break;
        }
        /* Where a linkage is not reducible (Ward along edges), a node may come back into the chain and merge from there. */
        while (length && live.now[chain[length - 1]] != chain[length - 1]) length--;
        if (length == most) length = 0;
        if (!length) {
            while (start < tree->nodes && (live.now[start] != start || !live.count[start])) start++;
            if (start == tree->nodes) break; /* all that is left has no edge: the roots */
            chain[length++] = start;
        }
        uint32_t tip = chain[length - 1], before = length > 1 ? chain[length - 2] : EW_NONE, best = EW_NONE;
        work += 16 + live.count[tip];
        refresh(&live, tip);
        double most_near = -INFINITY;
        for (uint32_t i = 0; i < live.count[tip]; i++) {
            uint32_t to = live.links[tip][i].to;
            double near = nearness(context, tip, to, live.links[tip][i].weight);
            if (near > most_near || (near == most_near && best != before && (to == before || to < best))) {
                most_near = near;
                best = to;
            }
        }
        if (best == EW_NONE) { /* all its edges were inside: a root */
            length--;
        } else if (best != before) {
            chain[length++] = best;
        } else {
            uint32_t node = ew_tree_join(tree, tip, best, height(most_near));
            status = join_lists(&live, tip, best, node, err);
            if (status == EW_OK) status = merged(context, tip, best, node, err);
            length -= 2;
        }
    }
    live_free(&live, most);
    ew_free(chain);
    return status;
}
