/* search: lists from tiles. Rows of a run of tiles ask together (sight.h), each the tiles whose middle is nearest to it. */
#ifndef EW_NEIGHBOURS_SEARCH_H
#define EW_NEIGHBOURS_SEARCH_H

#include "inside.h"
#include "tiles.h"

enum { EW_MOST_PROBES = 96 }; /* what a row asks at most: its work has a bound, whatever is found then */

/* How many tiles a row has to ask so that `recall` of its 15 nearest are found in the mean, by the exact lists of some rows in
 * some runs; EW_MOST_PROBES at most. *expected: the recall with so many. */
EW_MUST_CHECK ew_status ew_search_probes(const ew_vectors *vectors, const ew_tiles *tiles, double recall, uint64_t seed,
                                         ew_pool *pool, uint32_t *probes, double *expected, ew_error *err);

/* Fills out (n, k, ids, dots, far are allocated; k < n; far may be NULL). Rows look as far as place max(k, EW_FAR_TO if far). */
EW_MUST_CHECK ew_status ew_search_lists(const ew_vectors *vectors, const ew_tiles *tiles, uint32_t probes, ew_pool *pool,
                                        ew_lists *out, ew_error *err);

#endif
