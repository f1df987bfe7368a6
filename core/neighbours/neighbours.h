/* neighbours: int8 unit rows -> for each row its K nearest others -> a weighted, undirected graph.
 *
 * Order of a list: dot product descending, then row ascending. Everything is in integers, so it is the same for any number of
 * threads and any instruction set. Memory: 8 bytes a neighbour. Up to EW_EXACT_ROWS rows all pairs are compared; beyond, an
 * index is asked, and how much of the exact lists it finds is measured. */
#ifndef EW_NEIGHBOURS_H
#define EW_NEIGHBOURS_H

#include "../base/pool.h"
#include "../vectors/vectors.h"

typedef struct ew_lists {
    uint32_t n, k;     /* k <= n - 1: shorter corpora have shorter lists */
    uint32_t *ids;     /* [n, k] */
    int32_t *dots;     /* [n, k] */
    int64_t *far; /* [n] sum of the dots of places EW_FAR_FROM .. EW_FAR_TO - 1, where the lists are shorter than that; NULL */
    double unit;       /* dot * unit = cosine similarity */
} ew_lists;
enum { EW_EXACT_ROWS = 50000, EW_FAR_FROM = 50, EW_FAR_TO = 70 };

/* `pool` NULL: on the calling thread alone (for work that is itself a task of the pool). */
EW_MUST_CHECK ew_status ew_neighbours_exact(const ew_vectors *vectors, uint32_t k, ew_pool *pool, ew_lists *out, ew_error *err);
void ew_lists_free(ew_lists *lists);

/* What is wanted of a search. recall: the share of the 15 nearest, by distance, that lists should hold in the mean, 0..1; 1:
 * exact whatever it costs. keep: neighbours kept of each row. far: make `far` where the lists are too short to tell. An index is
 * asked where ew_wants_index says so. */
typedef struct ew_want {
    uint32_t keep;
    double recall;
    uint64_t seed;
    int far;
    uint32_t exact; /* rows up to which all pairs are compared; 0: EW_EXACT_ROWS */
    const struct ew_tiles *tiles; /* of rows that stand in their order; NULL: made here, rows stand elsewhere meanwhile */
    uint32_t *probes; /* tiles that a row asks; 0: as many as a sample says, and here is told how many. NULL: the same, untold */
} ew_want;
static inline int ew_wants_index(ew_want want, uint32_t rows) {
    return rows > (want.exact ? want.exact : EW_EXACT_ROWS) && want.recall < 1;
}
/* *measured (NULL: not wanted, nor measured): recall of the 15 nearest on a seeded sample of rows against exact lists; 1 where
 * the search was exact. The index (tiles.h) asks as many tiles as a sample of another kind says. Every row has a
 * full list, however strange the rows. */
EW_MUST_CHECK ew_status ew_neighbours_find(ew_vectors *vectors, ew_want want, ew_pool *pool, ew_lists *out,
                                           double *measured, ew_error *err);

static inline double ew_similarity(const ew_lists *lists, uint32_t row, uint32_t place) {
    return lists->dots[(size_t)row * lists->k + place] * lists->unit;
}

/* An undirected graph, each edge at both of its ends. A link is a row and a weight in 2^-20ths in one number; weights grow when
 * trees add them up and stop at the largest that fits, a quarter of a million whole ones. */
enum { EW_LINK_BITS = 26 }; /* of the row: up to 2^25 rows, as trees name their merges too */
static const uint64_t EW_LINK_MOST = UINT64_MAX >> EW_LINK_BITS;
static inline uint64_t ew_link(uint32_t to, uint64_t weight) { return weight << EW_LINK_BITS | to; }
static inline uint32_t ew_link_to(uint64_t link) { return (uint32_t)link & ((1u << EW_LINK_BITS) - 1); }
static inline uint64_t ew_link_weight(uint64_t link) { return link >> EW_LINK_BITS; }

typedef struct ew_graph {
    uint32_t n;
    uint64_t *start; /* [n + 1] */
    uint64_t *links; /* [start[n]] each row's own list first, then who else lists it, ascending */
} ew_graph;
void ew_graph_free(ew_graph *graph);

typedef enum ew_weighting {
    EW_WEIGHT_LOCAL,  /* local scaling as in UMAP (McInnes, Healy 2018): distance beyond the nearest over a row's own scale, fuzzy
                         union */
    EW_WEIGHT_SHARED, /* share of common entries among the two lists (Jarvis, Patrick 1973) */
    EW_WEIGHT_COS4    /* similarity to the fourth power */
} ew_weighting;

/* Edges between each row and the first k of its list. `pool` NULL: on the calling thread alone. EW_RESOURCE also for more than
 * 2^25 rows. Memory while it works: 16 bytes for each of n * k, and what is left of it is the graph. */
EW_MUST_CHECK ew_status ew_graph_build(const ew_lists *lists, uint32_t k, ew_weighting weighting, ew_pool *pool, ew_graph *out,
                                       ew_error *err);

#endif
