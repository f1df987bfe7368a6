#include "search.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"
#include "sight.h"

enum { PARTIES = (EW_SIGHT_MOST + EW_SIGHT_PARTY - 1) / EW_SIGHT_PARTY };
_Static_assert(PARTIES <= 32, "a bit each");

typedef struct scratch {
    ew_sight sight;
    uint64_t *keys;   /* [EW_SIGHT_MOST, room] */
    uint32_t *wanted, room; /* [room] of each tile in sight: the parties that ask it, a bit each */
    uint32_t *order;  /* [room] they, as they are asked */
    uint32_t held[EW_SIGHT_MOST];
    int32_t floor[EW_SIGHT_MOST];
    ew_sift_hit hits[EW_SIGHT_MOST * EW_TILE_MOST + EW_SIFT_SPARE];
} scratch;

typedef struct {
    const ew_vectors *vectors;
    const ew_tiles *tiles;
    uint32_t *begin; /* [runs + 1] tile with which each begins */
    uint32_t probes, look, room;
    ew_lists *out;
    scratch **scratch; /* [workers] */
} job;

static void scratch_free(scratch *s) {
    if (!s) return;
    ew_sight_free(&s->sight);
    ew_free(s->keys);
    ew_free(s->wanted);
    ew_free(s);
}

static scratch *scratch_create(const job *j, ew_error *err) {
    size_t keys = (size_t)EW_SIGHT_MOST * j->room;
    scratch *s = ew_calloc(1, sizeof *s);
    if (s) s->keys = ew_alloc(keys, sizeof *s->keys);
    if (!s || !s->keys) {
        scratch_free(s);
        (void)!ew_fail_memory(err, keys * sizeof *s->keys, "neighbour lists");
        return NULL;
    }
    if (ew_sight_init(j->vectors, j->tiles, &s->sight, err) == EW_OK) return s;
    scratch_free(s);
    return NULL;
}

/* wanted: the nearest tiles of each row, `probes` of them; where those do not fill a list, all that are in sight. */
static ew_status choose(const job *j, scratch *s, ew_error *err) {
    const uint32_t *tile = j->tiles->tile;
    ew_sight *v = &s->sight;
    if (v->n > s->room) {
        ew_free(s->wanted);
        s->room = 0;
        if (!(s->wanted = ew_alloc(2 * (size_t)v->n, sizeof *s->wanted)))
            return ew_fail_memory(err, 2 * v->n * sizeof *s->wanted, "neighbour lists");
        s->room = v->n;
        s->order = s->wanted + v->n;
    }
    memset(s->wanted, 0, v->n * sizeof *s->wanted);
    ew_status status = ew_sight_look(v, j->probes, err);
    if (status != EW_OK) return status;
    for (uint32_t at = 0; at < v->n_rows; at += EW_SIGHT_PARTY) {
        uint32_t party = 1u << at / EW_SIGHT_PARTY, reached = 0;
        ew_sight_party(v, at);
        for (uint32_t p = 0; p < v->n_asked; p++) {
            s->wanted[v->asked[p]] |= party;
            reached += tile[v->tile[v->asked[p]] + 1] - tile[v->tile[v->asked[p]]];
        }
        for (uint32_t c = 0; reached <= j->look && c < v->n; c++) s->wanted[c] |= party;
    }
    return EW_OK;
}

/* n rows of the run, from `at` on, meet a tile. */
static void meet(const job *j, scratch *s, uint32_t at, uint32_t n, uint32_t tile) {
    uint32_t target = j->tiles->tile[tile], stride = j->vectors->stride;
    const ew_sift *sift = ew_sift_get();
    uint32_t hits = sift->sift(s->sight.packed + (size_t)at * stride * sift->width, s->floor + at, n,
                               j->vectors->rows + (size_t)target * stride, NULL, j->tiles->tile[tile + 1] - target, stride,
                               s->hits);
    for (uint32_t h = 0; h < hits; h++) {
        uint32_t row = at + s->hits[h].row, other = target + s->hits[h].target;
        if (other == s->sight.first + row) continue;
        uint64_t *keys = s->keys + (size_t)row * j->room;
        keys[s->held[row]++] = ew_near_key(s->hits[h].dot, other);
        if (s->held[row] < j->room) continue;
        s->held[row] = ew_near_thin(keys, j->room, j->look, &s->floor[row]);
    }
}

/* Parties that stand side by side ask together. */
static void ask(const job *j, scratch *s, uint32_t slot) {
    for (uint32_t left = s->wanted[slot]; left;) {
        uint32_t first = (uint32_t)__builtin_ctz(left), rest = ~(left >> first);
        uint32_t many = rest ? (uint32_t)__builtin_ctz(rest) : 32 - first, at = first * EW_SIGHT_PARTY;
        uint32_t n = many * EW_SIGHT_PARTY;
        meet(j, s, at, s->sight.n_rows - at < n ? s->sight.n_rows - at : n, s->sight.tile[slot]);
        left = first + many < 32 ? left >> (first + many) << (first + many) : 0;
    }
}

/* What most want first, so that floors rise early. */
static void ask_all(const job *j, scratch *s) {
    uint32_t to[PARTIES + 2] = {0}, n = s->sight.n;
    for (uint32_t c = 0; c < n; c++) to[PARTIES + 1 - __builtin_popcount(s->wanted[c])]++; /* [1 + how many do not want it] */
    uint32_t last = PARTIES + 1;
    for (uint32_t i = 0; i < last; i++) to[i + 1] += to[i];
    for (uint32_t c = 0; c < n; c++) s->order[to[PARTIES - __builtin_popcount(s->wanted[c])]++] = c;
    for (uint32_t i = 0; i < to[PARTIES - 1]; i++) ask(j, s, s->order[i]);
}

static void write_list(const job *j, uint64_t *keys, uint32_t held, size_t row) {
    ew_lists *out = j->out;
    ew_near_select(keys, held, j->look);
    ew_near_sort(keys, j->look);
    for (uint32_t h = 0; h < out->k; h++) {
        out->ids[row * out->k + h] = ew_near_row(keys[h]);
        out->dots[row * out->k + h] = ew_near_dot(keys[h]);
    }
    int64_t far = 0;
    for (uint32_t h = EW_FAR_FROM; out->far && h < EW_FAR_TO; h++) far += ew_near_dot(keys[h]);
    if (out->far) out->far[row] = far;
}

static ew_status lists_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    scratch *s = j->scratch[worker];
    if (!s && !(s = j->scratch[worker] = scratch_create(j, err))) return EW_RESOURCE;
    ew_sight *v = &s->sight;
    ew_status status;
    EW_TRY(ew_sight_turn(v, j->begin[task], j->begin[task + 1], 4 * (uint64_t)j->look, err));
    EW_TRY(choose(j, s, err));
    for (uint32_t i = 0; i < v->n_rows; i++) {
        s->held[i] = 0;
        s->floor[i] = INT32_MIN;
    }
    ask_all(j, s);
    for (uint32_t i = 0; i < v->n_rows; i++) write_list(j, s->keys + (size_t)i * j->room, s->held[i], v->first + i);
    status = ew_stop_check(err);
done:
    return status;
}

ew_status ew_search_lists(const ew_vectors *vectors, const ew_tiles *tiles, uint32_t probes, ew_pool *pool, ew_lists *out,
                          ew_error *err) {
    uint32_t runs;
    job j = {.vectors = vectors, .tiles = tiles, .probes = probes, .out = out,
             .look = out->far && out->k < EW_FAR_TO ? EW_FAR_TO : out->k};
    int workers = ew_pool_threads(pool);
    j.room = 2 * j.look + 32;
    ew_status status = ew_sight_runs(tiles, &j.begin, &runs, err);
    if (status == EW_OK && !(j.scratch = ew_calloc((size_t)workers, sizeof *j.scratch)))
        status = ew_fail_memory(err, (size_t)workers * sizeof *j.scratch, "neighbour lists");
    if (status == EW_OK) status = ew_pool_run(pool, runs, lists_task, &j, err);
    for (int i = 0; j.scratch && i < workers; i++) scratch_free(j.scratch[i]);
    ew_free(j.scratch);
    ew_free(j.begin);
    return status;
}
