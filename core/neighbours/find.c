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

/* How many tiles a row asks, and how often lists are refined then: once, where little is asked for, which leaves three tenths of
 * what is missing, or until they settle, which leaves less than a fifth. What is expected of them says how, not what was
 * measured, so that lists that are not measured are made alike. */
static int rounds_for(double recall) {
    static const double little = .9;
    return recall < little ? 1 : EW_MOST_ROUNDS;
}
static uint32_t probes_for(const double held[EW_MOST_PROBES], double recall) {
    static const double left_once = .3, left = .16;
    double most = (1 - recall) / (rounds_for(recall) == 1 ? left_once : left);
    uint32_t probes = 1;
    while (probes < EW_MOST_PROBES && 1 - held[probes - 1] > most) probes++;
    return probes;
}

static ew_status make_lists(ew_want want, ew_lists *out, ew_error *err) {
    size_t cells = (size_t)out->n * out->k;
    out->ids = ew_alloc_spilled(cells, sizeof *out->ids);
    out->dots = ew_alloc_spilled(cells, sizeof *out->dots);
    if (want.far && want.keep < EW_FAR_TO) out->far = ew_alloc_spilled(out->n, sizeof *out->far);
    if (!out->ids || !out->dots || (want.far && want.keep < EW_FAR_TO && !out->far))
        return ew_fail_memory(err, cells * 8, "neighbour lists");
    return EW_OK;
}

/* What belongs to a row, one behind the other. */
typedef struct { int8_t *at; size_t bytes; } column;

static void move(const column *columns, int n, size_t to, size_t from) {
    for (int c = 0; c < n; c++)
        memcpy(columns[c].at + to * columns[c].bytes, columns[c].at + from * columns[c].bytes, columns[c].bytes);
}

/* Rows in the order of the index, and lists by their places in it -> as they were. order: which row each was; from [n]: scratch;
 * kept: as much as belongs to a row, and room for its keys. */
static void put_back(const uint32_t *order, uint32_t *from, int8_t *kept, ew_vectors *vectors, ew_lists *lists) {
    uint32_t n = vectors->n, k = lists->k;
    uint64_t *keys = (uint64_t *)(void *)kept;
    column columns[] = {{vectors->rows, vectors->stride},
                        {(int8_t *)lists->ids, k * sizeof *lists->ids},
                        {(int8_t *)lists->dots, k * sizeof *lists->dots},
                        {(int8_t *)lists->far, sizeof *lists->far}};
    int many = !lists->ids ? 1 : lists->far ? 4 : 3;
    for (uint32_t i = 0; lists->ids && i < n; i++) {
        uint32_t *ids = lists->ids + (size_t)i * k;
        int32_t *dots = lists->dots + (size_t)i * k;
        for (uint32_t h = 0; h < k; h++) keys[h] = ew_near_key(dots[h], order[ids[h]]);
        ew_near_sort(keys, k); /* equal ones by row */
        for (uint32_t h = 0; h < k; h++) ids[h] = ew_near_row(keys[h]);
    }
    for (uint32_t i = 0; i < n; i++) from[order[i]] = i;
    for (uint32_t i = 0; i < n; i++) { /* cycle by cycle */
        uint32_t at = i;
        int8_t *end = kept;
        if (from[i] == i) continue;
        for (int c = 0; c < many; c++, end += columns[c - 1].bytes)
            memcpy(end, columns[c].at + i * columns[c].bytes, columns[c].bytes);
        while (from[at] != i) {
            uint32_t next = from[at];
            move(columns, many, at, next);
            from[at] = at;
            at = next;
        }
        end = kept;
        for (int c = 0; c < many; c++, end += columns[c - 1].bytes)
            memcpy(columns[c].at + at * columns[c].bytes, end, columns[c].bytes);
        from[at] = at;
    }
}

/* The first `keep` of each. */
static void shorten(ew_lists *lists, uint32_t keep) {
    for (size_t i = 0; keep < lists->k && i < lists->n; i++) {
        memmove(lists->ids + i * keep, lists->ids + i * lists->k, keep * sizeof *lists->ids);
        memmove(lists->dots + i * keep, lists->dots + i * lists->k, keep * sizeof *lists->dots);
    }
    if (keep < lists->k) lists->k = keep;
}

static ew_status measure_some(const ew_vectors *vectors, const ew_lists *lists, uint64_t seed, ew_pool *pool, double *measured,
                              ew_error *err) {
    uint32_t rows[MEASURED_ROWS];
    ew_lists exact;
    for (uint32_t s = 0; s < MEASURED_ROWS; s++) {
        uint64_t from = (uint64_t)s * vectors->n / MEASURED_ROWS, to = (uint64_t)(s + 1) * vectors->n / MEASURED_ROWS;
        rows[s] = (uint32_t)(from + ew_random_below(to - from, seed, EW_RANDOM_TILES, s, UINT32_MAX));
    }
    ew_status status = ew_neighbours_of(vectors, rows, MEASURED_ROWS, NEAREST, pool, &exact, err);
    if (status == EW_OK) *measured = measure(lists, rows, &exact);
    ew_lists_free(&exact);
    return status;
}

static ew_status lists_by(const ew_vectors *vectors, const ew_tiles *tiles, ew_want want, ew_pool *pool, ew_lists *out,
                          double *measured, ew_error *err) {
    double held[EW_MOST_PROBES];
    uint32_t probes = want.probes ? *want.probes : 0;
    ew_status status;
    if (!probes) {
        EW_TRY(ew_search_sound(vectors, tiles, want.seed, pool, held, err));
        probes = probes_for(held, want.recall);
        if (want.probes) *want.probes = probes;
    }
    EW_TRY(make_lists(want, out, err));
    EW_TRY(ew_search_lists(vectors, tiles, probes, pool, out, err));
    EW_TRY(ew_lists_refine(vectors, rounds_for(want.recall), pool, out, err));
    shorten(out, want.keep);
    if (measured) EW_TRY(measure_some(vectors, out, want.seed, pool, measured, err));
done:
    return status;
}

static ew_status by_index(ew_vectors *vectors, ew_want want, ew_pool *pool, ew_lists *out, double *measured, ew_error *err) {
    uint32_t n = vectors->n, k = want.keep < NEAREST ? NEAREST : want.keep, *order = NULL;
    int8_t *kept = NULL;
    ew_tiles own = {0};
    ew_status status;
    *out = (ew_lists){.n = n, .k = k < n - 1 ? k : n - 1, .unit = 1.0 / ((double)vectors->scale * (double)vectors->scale)};
    if (want.tiles) {
        status = lists_by(vectors, want.tiles, want, pool, out, measured, err);
        goto done;
    }
    size_t bytes = vectors->stride + out->k * (sizeof *out->ids + sizeof *out->dots) + sizeof *out->far;
    EW_TRY(ew_tiles_build(vectors, want.seed, pool, &own, err));
    order = ew_alloc(n, sizeof *order);
    kept = ew_alloc(bytes, 1);
    if (!order || !kept) {
        status = ew_fail_memory(err, n * sizeof *order, "neighbour lists");
        goto done;
    }
    EW_TRY(ew_tiles_sort(&own, vectors, order, err));
    status = lists_by(vectors, &own, want, pool, out, measured, err);
    if (status != EW_OK) ew_lists_free(out);
    put_back(order, own.rows, kept, vectors, out);
done:
    ew_free(order);
    ew_free(kept);
    ew_tiles_free(&own);
    if (status != EW_OK) ew_lists_free(out);
    return status;
}

ew_status ew_neighbours_find(ew_vectors *vectors, ew_want want, ew_pool *pool, ew_lists *out, double *measured,
                             ew_error *err) {
    if (ew_wants_index(want, vectors->n)) return by_index(vectors, want, pool, out, measured, err);
    if (measured) *measured = 1;
    return ew_neighbours_exact(vectors, want.far && want.keep < EW_FAR_TO ? EW_FAR_TO : want.keep, pool, out, err);
}
