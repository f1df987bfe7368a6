/* The nearest-neighbour chain over a shrinking graph, shared by all linkages: who is adjacent to whom while nodes merge. */
#ifndef EW_THEMES_CHAIN_H
#define EW_THEMES_CHAIN_H

#include "tree.h"

typedef struct ew_link { uint32_t to; int64_t weight; } ew_link;

/* Adjacency of live nodes. A list may name nodes that have merged since; it is brought up to date when it is looked at. */
typedef struct ew_live {
    ew_link **links;      /* [2n - 1] owned */
    uint32_t *count, *room;
    uint32_t *now;        /* [2n - 1] union-find: the live node that a node is part of */
    int64_t *sum;         /* [2n - 1] scratch of one update */
    uint32_t *seen;       /* [2n - 1] scratch: which update touched it */
    uint32_t stamp;
} ew_live;

/* How near b is to a, larger is nearer; `weight` is the sum of edge weights between them. */
typedef double (*ew_nearness_fn)(void *context, uint32_t a, uint32_t b, int64_t weight);
/* Told after each merge; makes `node` ready for the next calls of nearness. */
typedef ew_status (*ew_merged_fn)(void *context, uint32_t a, uint32_t b, uint32_t node, ew_error *err);
/* The tree's height for a merge at this nearness. */
typedef double (*ew_height_fn)(double nearness);

EW_MUST_CHECK ew_status ew_chain_run(const ew_graph *graph, ew_tree *tree, ew_nearness_fn nearness, ew_merged_fn merged,
                                     ew_height_fn height, void *context, ew_error *err);

#endif
