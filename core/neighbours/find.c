/* Exact or by the index, and how well the index did. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "refine.h"
#include "search.h"

enum { MEASURED_ROWS = 512, NEAREST = 15 };

/* Share of the sampled rows' 15 nearest, by distance, that the lists hold. */
static double measure(const ew_lists *lists, const uint32_t *rows, const ew_lists *exact) {
    uint64_t held = 0, all = 0;
    uint32_t k = exact->k < lists->k ? exact->k : lists->k;
    for (uint32_t s = 0; s < exact->n; s++) {
        int32_t floor = exact->dots[(size_t)s * exact->k + k - 1];
        const int32_t *dots = lists->dots + (size_t)rows[s] * lists->k;
        for (uint32_t h = 0; h < k; h++) held += dots[h] >= floor;
        all += k;
    }
    return all ? (double)held / (double)all : 1;
}

/* How often lists are refined: each time some two in five of what is missing are found. Set by what is expected of the search,
 * not by what was measured, so that lists that are not measured are made alike. */
static int rounds_for(double expected, double wanted) {
    if (expected >= wanted) return 0;
    return (1 - expected) * .6 <= 1 - wanted ? 1 : 2;
}

static ew_status make_lists(ew_want want, ew_lists *out, ew_error *err) {
    size_t cells = (size_t)out->n * out->k;
    out->ids = ew_alloc_spilled(cells, sizeof *out->ids);
    out->dots = ew_alloc_spilled(cells, sizeof *out->dots);
    if (want.far && out->k < EW_FAR_TO) out->far = ew_alloc_spilled(out->n, sizeof *out->far);
    if (!out->ids || !out->dots || (want.far && out->k < EW_FAR_TO && !out->far))
        return ew_fail_memory(err, cells * 8, "neighbour lists");
    return EW_OK;
}

static ew_status by_index(const ew_vectors *vectors, ew_want want, ew_pool *pool, ew_lists *out, double *measured,
                          ew_error *err) {
    uint32_t n = vectors->n, probes, rows[MEASURED_ROWS];
    double expected;
    ew_tiles own = {0};
    const ew_tiles *tiles = want.tiles ? want.tiles : &own;
    ew_lists exact = {0};
    ew_status status;
    *out = (ew_lists){.n = n, .k = want.keep < n - 1 ? want.keep : n - 1,
                      .unit = 1.0 / ((double)vectors->scale * (double)vectors->scale)};
    if (!want.tiles) EW_TRY(ew_tiles_build(vectors, want.seed, pool, &own, err));
    EW_TRY(ew_search_probes(vectors, tiles, want.recall, want.seed, pool, &probes, &expected, err));
    EW_TRY(make_lists(want, out, err));
    EW_TRY(ew_search_lists(vectors, tiles, probes, pool, out, err));
    for (int round = rounds_for(expected, want.recall); round; round--)
        EW_TRY(ew_lists_refine(vectors, tiles->rows, pool, out, err));
    if (!measured) goto done;
    for (uint32_t s = 0; s < MEASURED_ROWS; s++) {
        uint64_t from = (uint64_t)s * n / MEASURED_ROWS, to = (uint64_t)(s + 1) * n / MEASURED_ROWS;
        rows[s] = (uint32_t)(from + ew_random_below(to - from, want.seed, EW_RANDOM_TILES, s, UINT32_MAX));
    }
    EW_TRY(ew_neighbours_of(vectors, rows, MEASURED_ROWS, NEAREST, pool, &exact, err));
    *measured = measure(out, rows, &exact);
done:
    ew_tiles_free(&own);
    ew_lists_free(&exact);
    if (status != EW_OK) ew_lists_free(out);
    return status;
}

ew_status ew_neighbours_find(const ew_vectors *vectors, ew_want want, ew_pool *pool, ew_lists *out, double *measured,
                             ew_error *err) {
    if (ew_wants_index(want, vectors->n)) return by_index(vectors, want, pool, out, measured, err);
    if (measured) *measured = 1;
    return ew_neighbours_exact(vectors, want.far && want.keep < EW_FAR_TO ? EW_FAR_TO : want.keep, pool, out, err);
}
