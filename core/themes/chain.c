#include "chain.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"

enum { LOOK_EVERY = 1 << 14 }; /* links followed between two looks whether to stop */
enum { FETCHED = 128 };        /* links of a list that are asked for before they are needed */

void ew_live_free(ew_live *live) {
    ew_free(live->links);
    ew_free(live->who);
    ew_free(live->list);
    ew_free(live->near);
    *live = (ew_live){0};
}

static ew_status resize(ew_live *live, uint64_t room, ew_error *err) {
    if (room > UINT32_MAX)
        return ew_fail(err, EW_RESOURCE, "%llu edges are more than a tree can hold; take a sample", (unsigned long long)room / 2);
    uint64_t *links = ew_realloc(live->links, room, sizeof *links);
    if (!links) return ew_fail_memory(err, room * sizeof *links, "a tree");
    live->links = links;
    live->room = room;
    return EW_OK;
}

ew_status ew_live_init(ew_live *live, ew_graph *graph, ew_error *err) {
    uint32_t n = graph->n;
    size_t most = n ? 2 * (size_t)n - 1 : 0;
    uint64_t used = n ? graph->start[n] : 0, gap = used / 8 + n; /* a word more for each row that is moved */
    *live = (ew_live){.links = graph->links, .hand = gap, .end = gap + used, .bare_end = gap + used, .rows = n, .most = most};
    graph->links = NULL;
    ew_status status = resize(live, gap + used, err);
    if (status != EW_OK) return status;
    memmove(live->links + gap, live->links, used * sizeof *live->links);
    live->who = ew_alloc(most, sizeof *live->who);
    live->list = ew_calloc(most, sizeof *live->list);
    live->near = ew_calloc(most, sizeof *live->near);
    if (!live->who || !live->list || !live->near) return ew_fail_memory(err, most * 32, "a tree");
    for (uint32_t i = 0; i < most; i++) live->who[i] = (ew_live_who){i, 0};
    for (uint32_t i = 0; i < n; i++)
        live->list[i] = (ew_live_list){(uint32_t)(gap + graph->start[i]), (uint32_t)(graph->start[i + 1] - graph->start[i])};
    ew_graph_free(graph);
    return EW_OK;
}

/* A list's place at the head, behind the word that tells whose it is. */
static uint64_t *begin_list(ew_live *live, uint32_t node, uint32_t count) {
    live->links[live->head++] = (uint64_t)count << 32 | node;
    live->list[node] = (ew_live_list){(uint32_t)live->head, count};
    return live->links + live->head;
}

ew_status ew_live_relink(ew_live *live, const uint32_t *nodes, const ew_graph *graph, ew_error *err) {
    uint64_t words = graph->start[graph->n] + graph->n;
    if (words > live->room) {
        ew_status status = resize(live, words, err);
        if (status != EW_OK) return status;
    }
    live->head = 0;
    live->row = live->rows;
    for (uint32_t i = 0; i < graph->n; i++) {
        const uint64_t *from = graph->links + graph->start[i];
        uint32_t count = (uint32_t)(graph->start[i + 1] - graph->start[i]);
        uint64_t *into = begin_list(live, nodes[i], count);
        for (uint32_t e = 0; e < count; e++) into[e] = ew_link(nodes[ew_link_to(from[e])], 0);
        live->head += count;
    }
    live->hand = live->end = live->head;
    return EW_OK;
}

/* Past the list at the hand: if it lives, it goes to the head. */
static void pass_list(ew_live *live) {
    uint32_t node;
    uint64_t first = live->hand, count;
    if (live->row < live->rows) { /* dead rows still tell where they were */
        node = live->row++;
        count = (live->row < live->rows ? live->list[live->row].first : live->bare_end) - first;
    } else {
        node = (uint32_t)live->links[first];
        count = live->links[first++] >> 32;
    }
    live->hand = first + count;
    if (live->list[node].first != first || !live->list[node].count) return;
    count = live->list[node].count;
    memmove(begin_list(live, node, (uint32_t)count), live->links + first, count * sizeof *live->links);
    live->head += count;
}

static uint64_t gap_of(const ew_live *live) {
    return (live->hand < live->end ? live->hand : live->room) - live->head - (live->rows - live->row);
}

/* Room for a list of up to `want` at the head. */
static ew_status make_room(ew_live *live, uint64_t want, ew_error *err) {
    for (int rounds = 0; gap_of(live) < want;) {
        if (live->hand < live->end) {
            pass_list(live);
        } else if (rounds++ < 1) { /* to the beginning: what was newest is the oldest now, or soon */
            live->end = live->head;
            live->head = live->hand = 0;
            live->row = live->rows; /* those that are left have no links */
        } else { /* once around, and all that died is gone */
            ew_status status = resize(live, live->head + want + live->head / 4, err);
            if (status != EW_OK) return status;
        }
    }
    return EW_OK;
}

/* Lists come from far: all of their beginnings at once. */
static void fetch_list(const ew_live *live, uint32_t node) {
    const ew_live_list *list = &live->list[node];
    for (uint32_t i = 0; i < list->count && i < FETCHED; i += 8) __builtin_prefetch(live->links + list->first + i);
}

/* The two lists as one. */
static ew_status join_lists(ew_live *live, uint32_t a, uint32_t b, uint32_t node, uint64_t *between, ew_error *err) {
    ew_status status = make_room(live, (uint64_t)live->list[a].count + live->list[b].count + 1, err);
    if (status != EW_OK) return status;
    const ew_live_list *x = &live->list[a], *y = &live->list[b];
    fetch_list(live, a);
    fetch_list(live, b);
    uint64_t *into = live->links + live->head + 1, again = 0; /* an edge is in both */
    live->who[a].now = live->who[b].now = node;
    *between = 0;
    uint32_t kept = ew_live_gather(live, node, live->links + x->first, x->count, into, 0, between);
    kept = ew_live_gather(live, node, live->links + y->first, y->count, into, kept, &again);
    live->list[a].count = live->list[b].count = 0;
    (void)begin_list(live, node, kept);
    live->head += kept;
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
            uint64_t between;
            uint32_t node = tree->nodes;
            work += live->list[tip].count + live->list[best].count;
            status = join_lists(live, tip, best, node, &between, err);
            if (status != EW_OK) break;
            (void)ew_tree_join(tree, tip, best, height(live, tip, best, nearness, between));
            merged(context, live, tip, best, node);
            length -= 2;
        }
    }
    ew_free(chain);
    return status;
}
