#include "chain.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"

enum { LOOK_EVERY = 1 << 14 }; /* links followed between two looks whether to stop */

void ew_live_free(ew_live *live) {
    ew_free(live->links);
    ew_free(live->who);
    ew_free(live->list);
    ew_free(live->mass);
    *live = (ew_live){0};
}

ew_status ew_live_init(ew_live *live, ew_graph *graph, ew_error *err) {
    uint32_t n = graph->n;
    size_t most = n ? 2 * (size_t)n - 1 : 0;
    *live = (ew_live){.most = most, .used = n ? graph->start[n] : 0};
    live->room = live->used + live->used / 8;
    uint64_t *links = ew_realloc(graph->links, live->room, sizeof *links);
    if (links) {
        live->links = links;
        graph->links = NULL;
    }
    live->who = ew_alloc(most, sizeof *live->who);
    live->list = ew_calloc(most, sizeof *live->list);
    live->mass = ew_calloc(most, sizeof *live->mass);
    if (!links || !live->who || !live->list || !live->mass)
        return ew_fail_memory(err, live->room * sizeof *links + most * 32, "a tree");
    for (uint32_t i = 0; i < most; i++) live->who[i] = (ew_live_who){i, 0};
    for (uint32_t i = 0; i < n; i++) {
        live->list[i].first = graph->start[i];
        live->list[i].count = (uint32_t)(graph->start[i + 1] - graph->start[i]);
    }
    ew_graph_free(graph);
    return EW_OK;
}

ew_status ew_live_relink(ew_live *live, const uint32_t *nodes, const ew_graph *graph, ew_error *err) {
    live->used = graph->start[graph->n];
    if (live->used > live->room) {
        uint64_t *links = ew_realloc(live->links, live->used, sizeof *links);
        if (!links) return ew_fail_memory(err, live->used * sizeof *links, "a tree");
        live->links = links;
        live->room = live->used;
    }
    for (uint32_t i = 0; i < graph->n; i++) {
        live->list[nodes[i]].first = graph->start[i];
        live->list[nodes[i]].count = (uint32_t)(graph->start[i + 1] - graph->start[i]);
    }
    for (uint64_t e = 0; e < live->used; e++) live->links[e] = ew_link(nodes[ew_link_to(graph->links[e])], 0);
    return EW_OK;
}

/* Room for `want` more links at the end of the pool. Lists lie in the order of their nodes, so those alive only move down. */
static ew_status make_room(ew_live *live, uint32_t nodes, uint64_t want, ew_error *err) {
    if (live->used + want <= live->room) return EW_OK;
    live->used = 0;
    for (uint32_t v = 0; v < nodes; v++) {
        if (!live->list[v].count) continue;
        memmove(live->links + live->used, live->links + live->list[v].first, live->list[v].count * sizeof *live->links);
        live->list[v].first = live->used;
        live->used += live->list[v].count;
    }
    if (live->used + want <= live->room) return EW_OK;
    uint64_t room = live->used + want + live->used / 4;
    uint64_t *links = ew_realloc(live->links, room, sizeof *links);
    if (!links) return ew_fail_memory(err, room * sizeof *links, "a tree");
    live->links = links;
    live->room = room;
    return EW_OK;
}

/* The two lists as one: renamed, what became one added up. The order of first sight decides nothing, as ties go by id. */
static ew_status join_lists(ew_live *live, uint32_t a, uint32_t b, uint32_t node, ew_error *err) {
    ew_status status = make_room(live, node, (uint64_t)live->list[a].count + live->list[b].count, err);
    if (status != EW_OK) return status;
    uint64_t *into = live->links + live->used;
    uint32_t kept = 0;
    live->who[a].now = live->who[b].now = node;
    for (int side = 0; side < 2; side++) {
        uint32_t from = side ? b : a, count = live->list[from].count;
        const uint64_t *links = live->links + live->list[from].first;
        for (uint32_t i = 0; i < count; i++) {
            ew_live_fetch(live, links, i, count);
            uint32_t to = ew_live_find(live, ew_link_to(links[i])), slot = live->who[to].slot;
            if (to == node) continue;
            if (slot < kept && ew_link_to(into[slot]) == to) {
                uint64_t sum = ew_link_weight(into[slot]) + ew_link_weight(links[i]);
                into[slot] = ew_link(to, sum < EW_LINK_MOST ? sum : EW_LINK_MOST);
                continue;
            }
            live->who[to].slot = kept;
            into[kept++] = ew_link(to, ew_link_weight(links[i]));
        }
    }
    live->list[a].count = live->list[b].count = 0;
    live->list[node].first = live->used;
    live->list[node].count = kept;
    live->used += kept;
    return EW_OK;
}

ew_status ew_chain_run(ew_live *live, ew_tree *tree, ew_nearest_fn nearest, ew_merged_fn merged, ew_height_fn height,
                       void *context, ew_error *err) {
    uint32_t *chain = ew_alloc(live->most, sizeof *chain);
    ew_status status = chain ? EW_OK : ew_fail_memory(err, live->most * sizeof *chain, "a tree");
    uint32_t length = 0, start = 0;
    uint64_t work = LOOK_EVERY; /* since the last look: a step may follow one link or a hundred thousand */
    while (status == EW_OK) {
        if (work >= LOOK_EVERY) {
            work = 0;
            if ((status = ew_stop_check(err)) != EW_OK) break;
        }
        /* Where a linkage is not reducible (Ward along edges), a node may come back into the chain and merge from there. */
        while (length && live->who[chain[length - 1]].now != chain[length - 1]) length--;
        if (length == live->most) length = 0;
        if (!length) {
            while (start < tree->nodes && (live->who[start].now != start || !live->list[start].count)) start++;
            if (start == tree->nodes) break; /* all that is left has no edge: the roots */
            chain[length++] = start;
        }
        uint32_t tip = chain[length - 1], before = length > 1 ? chain[length - 2] : EW_NONE;
        double nearness;
        work += 16 + live->list[tip].count;
        uint32_t best = nearest(context, live, tip, before, &nearness);
        if (best == EW_NONE) { /* all its edges were inside: a root */
            length--;
        } else if (best != before) {
            chain[length++] = best;
        } else {
            uint32_t node = ew_tree_join(tree, tip, best, height(nearness));
            work += live->list[tip].count + live->list[best].count;
            status = join_lists(live, tip, best, node, err);
            if (status == EW_OK) merged(context, live, tip, best, node);
            length -= 2;
        }
    }
    ew_free(chain);
    return status;
}
