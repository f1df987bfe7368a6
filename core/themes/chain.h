/* The nearest-neighbour chain over a shrinking graph, shared by all linkages: who is adjacent to whom while nodes merge.
 *
 * All links lie in one pool, which begins as the graph's own array. A list may name nodes that have merged since; whoever looks
 * at it brings it up to date. A merge writes its list into the gap between the newest list and the oldest; where the gap is too
 * small, the oldest lists that still live are moved to its near side, one by one, and those that died make it wider. Chains begin
 * at the oldest nodes, so most of what is old is dead. */
#ifndef EW_THEMES_CHAIN_H
#define EW_THEMES_CHAIN_H

#include "tree.h"

/* Apart, as each is looked at alone: eight nodes a cache line where lists are brought up to date, which is most of the work. */
typedef struct ew_live_who {
    uint32_t now;    /* union-find: the live node that this one is part of, or on the way to it */
    uint32_t slot;   /* where it stands in the list looked at, if it does: links[slot] says so itself */
} ew_live_who;
typedef struct ew_live_list {
    uint32_t first;  /* where its list begins */
    uint32_t count;  /* 0: merged, or alone */
} ew_live_list;
typedef struct ew_live_near {
    double mass;     /* the linkage's: of edges, of rows */
    uint32_t best;   /* the linkage's: its nearest as far as that is known; EW_NONE */
    float bound;     /* no other is nearer than this */
} ew_live_near;

typedef struct ew_live {
    uint64_t *links;             /* [room] ew_link(node, what the linkage keeps of an edge) */
    uint64_t room, head;         /* the newest list ends at head; */
    uint64_t hand, end;          /* from hand to end lie the older ones, each behind a word that tells whose it is and how long */
    uint64_t bare_end;           /* but up to here, those of rows from `row` on are where they were, without such words */
    uint32_t rows, row;
    ew_live_who *who;            /* [most] */
    ew_live_list *list;          /* [most] */
    ew_live_near *near;          /* [most] */
    size_t most;                 /* 2n - 1: rows and merges */
} ew_live;

/* The live nearest of `node`, larger *nearness is nearer; ties: `before`, then the smallest. EW_NONE: no edge is left. It may
 * bring the node's list up to date. */
typedef uint32_t (*ew_nearest_fn)(void *context, ew_live *live, uint32_t node, uint32_t before, double *nearness);
/* Told after each merge, when the new node's list stands. */
typedef void (*ew_merged_fn)(void *context, ew_live *live, uint32_t a, uint32_t b, uint32_t node);
/* The tree's height for a merge of a and b at this nearness; between: what the links between the two keep, added up. */
typedef double (*ew_height_fn)(const ew_live *live, uint32_t a, uint32_t b, double nearness, uint64_t between);

/* Takes the graph's links over: it is empty afterwards. Free in any case. */
EW_MUST_CHECK ew_status ew_live_init(ew_live *live, ew_graph *graph, ew_error *err);
void ew_live_free(ew_live *live);
/* Gives nodes[0 .. graph->n), live and without links, those of a graph among them. */
EW_MUST_CHECK ew_status ew_live_relink(ew_live *live, const uint32_t *nodes, const ew_graph *graph, ew_error *err);
/* Merges until no edge is left. */
EW_MUST_CHECK ew_status ew_chain_run(ew_live *live, ew_tree *tree, ew_nearest_fn nearest, ew_merged_fn merged,
                                     ew_height_fn height, void *context, ew_error *err);

static inline uint32_t ew_live_find(ew_live *live, uint32_t node) {
    while (live->who[node].now != node) {
        live->who[node].now = live->who[live->who[node].now].now;
        node = live->who[node].now;
    }
    return node;
}

enum { EW_AHEAD = 12 }; /* links whose nodes are fetched before they are needed */
/* Links of one of `node`'s lists to what lives, behind the `kept` that `into` has of them already, which may be the same list
 * from its beginning: renamed, what became one added up. Returns how many there are then; *within: what the links to itself
 * keep. The order of first sight decides nothing, as ties go by id. Hardly a branch: none of them could be foretold. */
static inline uint32_t ew_live_gather(ew_live *live, uint32_t node, const uint64_t *links, uint32_t count, uint64_t *into,
                                      uint32_t kept, uint64_t *within) {
    ew_live_who *who = live->who;
    uint32_t most = kept + count;
    for (uint32_t i = 0; i < count; i++) {
        if (i + EW_AHEAD < count) __builtin_prefetch(&who[ew_link_to(links[i + EW_AHEAD])], 1);
        uint64_t weight = ew_link_weight(links[i]);
        uint32_t named = ew_link_to(links[i]), to = who[who[named].now].now;
        if (who[to].now != to) to = ew_live_find(live, to);
        who[named].now = to;
        if (to == node) {
            *within += weight;
            continue;
        }
        uint32_t slot = who[to].slot;
        uint64_t there = into[slot < most ? slot : 0];
        int seen = (ew_link_to(there) == to) & (slot < kept);
        slot = seen ? slot : kept;
        weight += seen ? ew_link_weight(there) : 0;
        into[slot] = ew_link(to, weight < EW_LINK_MOST ? weight : EW_LINK_MOST);
        who[to].slot = slot;
        kept += !seen;
    }
    return kept;
}

#endif
