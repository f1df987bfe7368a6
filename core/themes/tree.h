/* Binary trees over rows, grown by nearest-neighbour chains (Benzecri 1982; Murtagh 1983): deterministic, ties to the
 * chain's predecessor, then to the smallest id. */
#ifndef EW_THEMES_TREE_H
#define EW_THEMES_TREE_H

#include "../neighbours/neighbours.h"

/* Nodes 0 .. n-1 are rows; n .. nodes-1 are merges in the order they were made (children come before parents). A graph in several
 * parts gives several roots. */
typedef struct ew_tree {
    uint32_t n, nodes;
    uint32_t *parent;  /* [nodes] EW_NONE at a root */
    uint32_t *child;   /* [nodes, 2] EW_NONE below a row */
    uint32_t *size;    /* [nodes] rows below */
    double *height;    /* [nodes] grows towards the root; rows: -inf */
    uint32_t *order;   /* [n] rows, so that every node's rows lie together */
    uint32_t *first;   /* [nodes] where a node's rows begin in order */
} ew_tree;             /* a bare one has parent and size alone, the others NULL */
void ew_tree_free(ew_tree *tree);
/* A large one, which nobody changes any more, leaves memory for a file (base/spill.h). */
void ew_tree_put_by(ew_tree *tree);

/* Paris (Bonald, Charpentier, Galland, Hollocou 2018): merges by W_ab / (m_a m_b), height -ln of it. No row may name
 * another twice. The graph's links become the tree's scratch: it is empty afterwards. pool: for the graph and what is known of
 * rows before the first merge; NULL: the calling thread alone. */
EW_MUST_CHECK ew_status ew_tree_paris(ew_graph *graph, ew_pool *pool, ew_tree *out, ew_error *err);
EW_MUST_CHECK ew_status ew_tree_paris_bare(ew_graph *graph, ew_pool *pool, ew_tree *out, ew_error *err); /* parents and sizes */
/* Paris' tree of the graph of each row's 15 nearest by local scaling: what candidates are nodes of. */
EW_MUST_CHECK ew_status ew_tree_of_lists(const ew_lists *lists, ew_pool *pool, ew_tree *out, ew_error *err);
/* Linkages of mean vectors, along the graph's edges alone, heights made monotone. Ward (1963) likes parts of one size; average
 * linkage (Sokal, Michener 1958), which looks at the mean product of two parts' rows, lets them differ. */
typedef enum ew_linkage { EW_LINKAGE_WARD, EW_LINKAGE_AVERAGE } ew_linkage;
typedef struct ew_columns { uint32_t first, step; } ew_columns; /* first, first + step, ...: those that are looked at */
#define EW_ALL_COLUMNS ((ew_columns){0, 1})
/* Parts of the graph are joined last, by the same measure: one root. cell [vectors->n]: which of the graph's n nodes a row
 * belongs to (each has one), EW_NONE: none; NULL: the nodes are the rows. The graph is empty afterwards. Means take 2 bytes a
 * column and node. */
EW_MUST_CHECK ew_status ew_tree_means(ew_graph *graph, const ew_vectors *vectors, const uint32_t *cell, ew_linkage linkage,
                                      ew_columns columns, ew_tree *out, ew_error *err);

/* For the two above: allocates for n rows; fills order and first once parents and children stand. */
EW_MUST_CHECK ew_status ew_tree_init(ew_tree *tree, uint32_t n, int bare, ew_error *err);
void ew_tree_finish(ew_tree *tree); /* nothing for a bare one */
/* Joins live nodes a and b at `height`; returns the new node. */
uint32_t ew_tree_join(ew_tree *tree, uint32_t a, uint32_t b, double height);

#endif
