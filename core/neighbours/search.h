/* search: lists from tiles, where rows stand in the order of their tiles (ew_tiles_sort). Few rows side by side ask together
 * (sight.h): the tiles whose middle is nearest to one of them. */
#ifndef EW_NEIGHBOURS_SEARCH_H
#define EW_NEIGHBOURS_SEARCH_H

#include "inside.h"
#include "tiles.h"

enum { EW_MOST_PROBES = 16 }; /* what a row asks at most: its work has a bound, whatever is found then */

/* held[p]: the share of their 15 nearest that rows find which ask p + 1 tiles each, by the exact lists of some in some runs. */
EW_MUST_CHECK ew_status ew_search_sound(const ew_vectors *vectors, const ew_tiles *tiles, uint64_t seed, ew_pool *pool,
                                        double held[EW_MOST_PROBES], ew_error *err);

/* Fills out (n, k, ids, dots, far are allocated; k < n; far may be NULL). Rows look as far as place max(k, EW_FAR_TO if far). */
EW_MUST_CHECK ew_status ew_search_lists(const ew_vectors *vectors, const ew_tiles *tiles, uint32_t probes, ew_pool *pool,
                                        ew_lists *out, ew_error *err);

#endif
