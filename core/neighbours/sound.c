/* What comes of asking so many tiles. */
#include <stdlib.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "search.h"
#include "sight.h"

enum { SAMPLE_RUNS = 24, SAMPLE_ROWS = 24, TOGETHER = 4 /* of one party */, NEAREST = 15 };

typedef struct {
    const ew_vectors *vectors;
    const ew_tiles *index;
    const uint32_t *begin;      /* [runs + 1] tile with which each run begins */
    const uint64_t *run;        /* [SAMPLE_RUNS] */
    const uint32_t *place;      /* [SAMPLE_RUNS, SAMPLE_ROWS] in the run's rows */
    const ew_lists *exact;      /* of the sampled rows, run by run */
    const uint32_t *tile_of;    /* [n] */
    uint32_t *asked;            /* [SAMPLE_RUNS, SAMPLE_ROWS, NEAREST] rank of the tile that holds a neighbour: sight.h */
} sounding;

static ew_status sound_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    sounding *w = context;
    const uint32_t *begin = w->begin + w->run[task];
    ew_sight sight;
    uint32_t asking = EW_NONE;
    ew_status status;
    EW_TRY(ew_sight_init(w->vectors, w->index, &sight, err));
    EW_TRY(ew_sight_turn(&sight, begin[0], begin[1], NEAREST, err));
    EW_TRY(ew_sight_look(&sight, EW_MOST_PROBES, err));
    for (uint32_t i = 0; i < SAMPLE_ROWS; i++) {
        size_t sample = task * SAMPLE_ROWS + i;
        uint32_t at = w->place[sample] / EW_SIGHT_PARTY * EW_SIGHT_PARTY;
        if (at != asking) ew_sight_party(&sight, asking = at);
        for (uint32_t h = 0; h < NEAREST; h++) {
            uint32_t tile = w->tile_of[w->exact->ids[sample * w->exact->k + h]], p = 0;
            while (p < sight.n_asked && sight.tile[sight.asked[p]] != tile) p++;
            w->asked[sample * NEAREST + h] = p < sight.n_asked ? sight.rank[p] : EW_MOST_PROBES; /* this: out of reach */
        }
    }
done:
    ew_sight_free(&sight);
    return status;
}

static void shares(const uint32_t *asked, size_t n, double held[EW_MOST_PROBES]) {
    size_t count[EW_MOST_PROBES + 1] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++) count[asked[i]]++;
    for (uint32_t p = 0; p < EW_MOST_PROBES; p++) held[p] = (double)(sum += count[p]) / (double)n;
}

/* One of n, from the stratum-th of so many equal parts of them; where there are fewer than that, some come more than once. */
static uint32_t one_of(uint32_t stratum, uint32_t strata, uint32_t n, uint64_t seed, uint64_t i, uint64_t j) {
    uint64_t from = (uint64_t)n * stratum / strata, to = (uint64_t)n * (stratum + 1) / strata;
    return (uint32_t)(to > from ? from + ew_random_below(to - from, seed, EW_RANDOM_TILES, i, j) : from);
}

ew_status ew_search_sound(const ew_vectors *vectors, const ew_tiles *tiles, uint64_t seed, ew_pool *pool,
                          double held[EW_MOST_PROBES], ew_error *err) {
    enum { ALL = SAMPLE_RUNS * SAMPLE_ROWS };
    uint64_t run[SAMPLE_RUNS];
    uint32_t place[ALL], row[ALL], runs, *begin = NULL;
    ew_lists exact = {0};
    uint32_t *tile_of = ew_alloc(tiles->n, sizeof *tile_of), *asked = ew_alloc((size_t)ALL * NEAREST, sizeof *asked);
    ew_status status;
    if (!tile_of || !asked) {
        status = ew_fail_memory(err, (size_t)tiles->n * sizeof *tile_of, "neighbour lists");
        goto done;
    }
    EW_TRY(ew_sight_runs(tiles, &begin, &runs, err));
    for (uint32_t c = 0; c < tiles->n_tiles; c++)
        for (uint32_t i = tiles->tile[c]; i < tiles->tile[c + 1]; i++) tile_of[i] = c;
    for (uint32_t i = 0; i < SAMPLE_RUNS; i++) {
        run[i] = one_of(i, SAMPLE_RUNS, runs, seed, i, 1);
        uint32_t first = tiles->tile[begin[run[i]]], n = tiles->tile[begin[run[i] + 1]] - first;
        for (uint32_t s = 0; s < SAMPLE_ROWS; s++) {
            uint32_t some = s / TOGETHER, party = one_of(some, SAMPLE_ROWS / TOGETHER, n, seed, i, 2 + some);
            party = party / EW_SIGHT_PARTY * EW_SIGHT_PARTY;
            uint32_t rows = n - party < EW_SIGHT_PARTY ? n - party : EW_SIGHT_PARTY;
            place[i * SAMPLE_ROWS + s] = party + one_of(s % TOGETHER, TOGETHER, rows, seed, i, 2 + SAMPLE_ROWS + s);
            row[i * SAMPLE_ROWS + s] = first + place[i * SAMPLE_ROWS + s];
        }
    }
    EW_TRY(ew_neighbours_of(vectors, row, ALL, NEAREST, pool, &exact, err));
    sounding w = {vectors, tiles, begin, run, place, &exact, tile_of, asked};
    EW_TRY(ew_pool_run(pool, SAMPLE_RUNS, sound_task, &w, err));
    shares(asked, (size_t)ALL * NEAREST, held);
done:
    ew_lists_free(&exact);
    ew_free(begin);
    ew_free(tile_of);
    ew_free(asked);
    return status;
}
