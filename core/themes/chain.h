/* The nearest-neighbour chain over a shrinking graph, shared by all linkages: who is adjacent to whom while nodes merge.
 *
 * All links lie in one pool, which begins as the graph's own array. A list may name nodes that have merged since; whoever looks
 * at it brings it up to date. A merge writes its list behind all others; when the pool is full, what died is squeezed out. */
#ifndef EW_THEMES_CHAIN_H
#define EW_THEMES_CHAIN_H

#include "tree.h"

/* Apart, as each is looked at alone: eight nodes a cache line where lists are brought up to date, which is most of the work. */
typedef struct ew_live_who {
    uint32_t now;    /* union-find: the live node that this one is part of, or on the way to it */
    uint32_t slot;   /* where it stands in the list looked at, if it does: links[slot] says so itself */
} ew_live_who;
typedef struct ew_live_list {
    uint64_t first;  /* where its list begins */
    uint32_t count;  /* 0: merged, or alone */
} ew_live_list;

typedef struct ew_live {
    uint64_t *links, used, room; /* ew_link(node, what the linkage keeps of an edge) */
    ew_live_who *who;            /* [most] */
    ew_live_list *list;          /* [most] */
    double *mass;                /* [most] the linkage's: of edges, of rows */
    size_t most;                 /* 2n - 1: rows and merges */
} ew_live;

/* The live nearest of `node`, whose list it brings up to date, larger *nearness is nearer; ties: `before`, then the smallest.
 * EW_NONE: no edge is left. */
typedef uint32_t (*ew_nearest_fn)(void *context, ew_live *live, uint32_t node, uint32_t before, double *nearness);
/* Told after each merge, when the new node's list stands. */
typedef void (*ew_merged_fn)(void *context, ew_live *live, uint32_t a, uint32_t b, uint32_t node);
/* The tree's height for a merge at this nearness. */
typedef double (*ew_height_fn)(double nearness);

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
static inline void ew_live_fetch(const ew_live *live, const uint64_t *links, uint32_t i, uint32_t count) {
    if (i + EW_AHEAD < count) __builtin_prefetch(&live->who[ew_link_to(links[i + EW_AHEAD])], 1);
}

#endif
