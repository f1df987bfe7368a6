/* tiles: rows -> small balanced groups of near rows (an inverted file; Jegou, Douze, Schmid 2011), by k-means again and again
 * (Nister, Stewenius 2006): each node of more than EW_TILE_MOST rows falls into up to 32. A part that would keep most of its
 * node's rows, as copies of one row do, is cut into equal pieces instead: so no tile is large, and depth is logarithmic whatever
 * the rows are. */
#ifndef EW_NEIGHBOURS_TILES_H
#define EW_NEIGHBOURS_TILES_H

#include "centres.h"

enum { EW_TILE_MOST = 160 };

typedef struct ew_tiles {
    uint32_t n, n_tiles, n_groups;
    uint32_t *rows;   /* [n] tile by tile, ascending within each */
    uint32_t *tile;   /* [n_tiles + 1] where a tile's rows begin in rows */
    uint32_t *group;  /* [n_groups + 1] where a group's tiles begin: neighbouring tiles of some 4,000 rows together */
    ew_centres tiles, groups; /* their mean directions */
} ew_tiles;

EW_MUST_CHECK ew_status ew_tiles_build(const ew_vectors *vectors, uint64_t seed, ew_pool *pool, ew_tiles *out, ew_error *err);
void ew_tiles_free(ew_tiles *tiles);
/* Puts the vectors' rows into the order of their tiles, so that what is near lies near in memory too: order [n] gets which row
 * each was, and tiles->rows counts up from 0. */
EW_MUST_CHECK ew_status ew_tiles_sort(ew_tiles *tiles, ew_vectors *vectors, uint32_t *order, ew_error *err);

#endif
