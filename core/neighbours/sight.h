/* sight: what a run of tiles whose rows ask together may ask: the tiles of the groups nearest to it. How many is bounded, so that
 * a row's work does not grow with the corpus. */
#ifndef EW_NEIGHBOURS_SIGHT_H
#define EW_NEIGHBOURS_SIGHT_H

#include "inside.h"
#include "tiles.h"

enum {
    EW_SIGHT_ROWS = 2048, EW_SIGHT_MOST = EW_SIGHT_ROWS + EW_TILE_MOST, /* rows that ask together */
    EW_SIGHT_BLOCK = 128 /* of them, that look at the tiles at a time */
};

typedef struct ew_sight {
    const ew_vectors *vectors;
    const ew_tiles *index;
    uint32_t first, n_rows; /* the rows that ask: index->rows[first .. first + n_rows) */
    int8_t *rows;           /* [EW_SIGHT_MOST, stride] they, side by side */
    uint32_t *tile, n;      /* [n] tiles in sight, ascending */
    uint64_t *nearest;      /* [n] see ew_sight_nearest */
    int32_t floor;          /* what the last row's nearest reached, and a little less */
    void *memory, *memory_of_tiles;
    int8_t *middles;        /* [n, stride] of the tiles in sight */
    int32_t *dots;          /* [EW_SIGHT_BLOCK, n] of a block's rows with them */
    uint32_t *hits;         /* [n] scratch */
    uint32_t room;
    uint64_t *group;        /* [groups] scratch */
    uint32_t *place;        /* [groups] scratch */
} ew_sight;

EW_MUST_CHECK ew_status ew_sight_init(const ew_vectors *vectors, const ew_tiles *index, ew_sight *out, ew_error *err);
void ew_sight_free(ew_sight *sight);

/* Which tiles ask together: *begin [n + 1], the tile with which each run begins; the caller's. */
EW_MUST_CHECK ew_status ew_sight_runs(const ew_tiles *index, uint32_t **begin, uint32_t *n, ew_error *err);

/* Tiles [begin, end) ask: each in turn brings the group that is next nearest to its middle, until some thousands of tiles are in
 * sight and more than `least` rows, or all there are. */
EW_MUST_CHECK ew_status ew_sight_turn(ew_sight *sight, uint32_t begin, uint32_t end, uint64_t least, ew_error *err);
/* n <= EW_SIGHT_BLOCK rows from `at` on look at the tiles. */
void ew_sight_look(ew_sight *sight, uint32_t at, uint32_t n);
/* nearest [most]: the `most` <= sight->n tiles nearest to the i-th of them, as keys of their places in sight, in any order. */
void ew_sight_nearest(ew_sight *sight, uint32_t i, uint32_t most);

#endif
