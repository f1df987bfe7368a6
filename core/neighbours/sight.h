/* sight: what the rows of a run of tiles may ask: the tiles of the groups nearest to it. How many is bounded, so that a row's
 * work does not grow with the corpus. Rows stand in the order of their tiles. */
#ifndef EW_NEIGHBOURS_SIGHT_H
#define EW_NEIGHBOURS_SIGHT_H

#include "../kernels/sift.h"
#include "inside.h"
#include "tiles.h"

enum {
    EW_SIGHT_ROWS = 512, EW_SIGHT_MOST = EW_SIGHT_ROWS + EW_TILE_MOST, /* of a run */
    EW_SIGHT_PARTY = 32, /* rows of it that ask the same tiles: one block of the widest kernel */
    EW_SIGHT_TILES = 256 /* what a party asks at most, or as many as one of its rows wants */
};

typedef struct ew_sight {
    const ew_vectors *vectors;
    const ew_tiles *index;
    uint32_t first, n_rows; /* the run's */
    int8_t *packed;         /* [EW_SIGHT_MOST, stride * width] they, as sift.h wants those that ask */
    uint32_t *tile, n;      /* [n] tiles in sight, ascending */
    uint32_t *asked, *rank, n_asked; /* [n_asked] see ew_sight_party */
    void *memory, *memory_of_tiles;
    const int8_t *middles;  /* [n, stride] of the tiles in sight */
    uint8_t *taken;         /* [n] scratch */
    uint32_t room;
    uint64_t *nearest;      /* [EW_SIGHT_MOST, room_of_row] scratch, at last each row's nearest tiles, sorted */
    uint32_t most, room_of_row;
    ew_sift_hit *hits;      /* scratch */
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

/* Finds the `most` nearest tiles of each row of the run, or all in sight. */
EW_MUST_CHECK ew_status ew_sight_look(ew_sight *sight, uint32_t most, ew_error *err);
/* What the rows from `at` on, a party, ask: the nearest tile of each row, then the second of each, and so on, as far as
 * ew_sight_look has looked, or until they are too many. asked: places in sight, each once; rank: how many tiles before it the row
 * had that wanted it first, ascending. */
void ew_sight_party(ew_sight *sight, uint32_t at);

#endif
