#include "search.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/stop.h"
#include "../kernels/sift.h"
#include "sight.h"

typedef struct { uint32_t row, slot; } probe; /* row of the run; place of a tile in sight */

typedef struct scratch {
    ew_sight sight;
    void *memory;
    int8_t *packed;       /* [EW_TILE_MOST, stride] */
    uint64_t *keys;       /* [EW_SIGHT_MOST, room] */
    uint32_t *held;       /* [EW_SIGHT_MOST] */
    int32_t *floor, *sum; /* [EW_SIGHT_MOST] */
    ew_sift_row *asking;  /* [EW_SIGHT_MOST] */
    uint32_t *who;        /* [EW_SIGHT_MOST] */
    ew_sift_hit *hits;    /* [EW_SIGHT_MOST * EW_TILE_MOST] */
    /* what grows with the sight */
    uint32_t *count;      /* [tiles in sight + 1] */
    uint64_t *order;      /* [tiles in sight] */
    uint32_t room;
    probe *probes; uint32_t n_probes; size_t probe_room;
    uint32_t *by_tile;    /* [n_probes] rows, tile by tile */
} scratch;

typedef struct {
    const ew_vectors *vectors;
    const ew_tiles *tiles;
    uint32_t *begin;       /* [runs + 1] tile with which each begins */
    uint32_t probes, look, room;
    ew_lists *out;
    scratch **scratch;     /* [workers] */
} job;

static void scratch_free(scratch *s) {
    if (!s) return;
    ew_sight_free(&s->sight);
    ew_free(s->memory);
    ew_free(s->count);
    ew_free(s->order);
    ew_free(s->probes);
    ew_free(s->by_tile);
    ew_free(s);
}

static scratch *scratch_create(const job *j, ew_error *err) {
    size_t stride = j->vectors->stride, most = EW_SIGHT_MOST;
    const size_t sizes[] = {((EW_TILE_MOST + 15) & ~15) * stride, most * j->room * sizeof(uint64_t), most * sizeof(uint32_t),
                            most * sizeof(int32_t), most * sizeof(int32_t), most * sizeof(ew_sift_row), most * sizeof(uint32_t),
                            most * EW_TILE_MOST * sizeof(ew_sift_hit)};
    enum { PARTS = sizeof sizes / sizeof *sizes };
    char *part[PARTS];
    size_t bytes = 64;
    for (int i = 0; i < PARTS; i++) bytes += (sizes[i] + 63) & ~(size_t)63;
    scratch *s = ew_calloc(1, sizeof *s);
    if (!s || !(s->memory = ew_alloc(bytes, 1))) {
        ew_free(s);
        (void)!ew_fail_memory(err, bytes, "neighbour lists");
        return NULL;
    }
    if (ew_sight_init(j->vectors, j->tiles, &s->sight, err) != EW_OK) {
        scratch_free(s);
        return NULL;
    }
    char *at = (char *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    for (int i = 0; i < PARTS; i++, at += (sizes[i - 1] + 63) & ~(size_t)63) part[i] = at;
    s->packed = (int8_t *)part[0];
    s->keys = (uint64_t *)(void *)part[1];
    s->held = (uint32_t *)(void *)part[2];
    s->floor = (int32_t *)(void *)part[3];
    s->sum = (int32_t *)(void *)part[4];
    s->asking = (ew_sift_row *)(void *)part[5];
    s->who = (uint32_t *)(void *)part[6];
    s->hits = (ew_sift_hit *)(void *)part[7];
    return s;
}

/* ---- which tiles ---- */

static ew_status make_room(scratch *s, ew_error *err) {
    if (s->sight.n <= s->room) return EW_OK;
    ew_free(s->count);
    ew_free(s->order);
    s->room = 0;
    s->count = ew_alloc((size_t)s->sight.n + 1, sizeof *s->count);
    s->order = ew_alloc(s->sight.n, sizeof *s->order);
    if (!s->count || !s->order) return ew_fail_memory(err, (size_t)s->sight.n * 12, "neighbour lists");
    s->room = s->sight.n;
    return EW_OK;
}

static ew_status add_probe(scratch *s, probe p, ew_error *err) {
    if (s->n_probes == s->probe_room) {
        size_t room = 2 * s->probe_room + EW_SIGHT_MOST * 16;
        probe *probes = ew_realloc(s->probes, room, sizeof *probes);
        if (!probes) return ew_fail_memory(err, room * sizeof *probes, "neighbour lists");
        s->probes = probes;
        ew_free(s->by_tile);
        s->by_tile = ew_alloc(room, sizeof *s->by_tile);
        s->probe_room = s->by_tile ? room : 0;
        if (!s->by_tile) return ew_fail_memory(err, room * sizeof *s->by_tile, "neighbour lists");
    }
    s->probes[s->n_probes++] = p;
    return EW_OK;
}

/* The nearest tiles of each row, `probes` of them or as many as it takes to fill its list. */
static ew_status choose(const job *j, scratch *s, ew_error *err) {
    const ew_tiles *t = j->tiles;
    ew_sight *v = &s->sight;
    ew_status status = EW_OK;
    s->n_probes = 0;
    for (uint32_t at = 0; at < v->n_rows; at += EW_SIGHT_BLOCK) {
        uint32_t n = v->n_rows - at < EW_SIGHT_BLOCK ? v->n_rows - at : EW_SIGHT_BLOCK;
        ew_sight_look(v, at, n);
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t most = j->probes, reached = 0; reached <= j->look; most *= 2) {
                most = most < v->n ? most : v->n;
                ew_sight_nearest(v, i, most);
                reached = 0;
                for (uint32_t p = 0; p < most; p++) {
                    uint32_t c = v->tile[ew_near_row(v->nearest[p])];
                    reached += t->tile[c + 1] - t->tile[c];
                }
                if (reached <= j->look && most < v->n) continue;
                for (uint32_t p = 0; p < most; p++) EW_TRY(add_probe(s, (probe){at + i, ew_near_row(v->nearest[p])}, err));
                break;
            }
        }
    }
done:
    return status;
}

/* ---- what is in them ---- */

/* by_tile, count: rows that ask each tile in sight; order: the most wanted first, so that floors rise early. */
static void turn_round(scratch *s) {
    memset(s->count, 0, ((size_t)s->sight.n + 1) * sizeof *s->count);
    for (uint32_t p = 0; p < s->n_probes; p++) s->count[s->probes[p].slot + 1]++;
    for (uint32_t v = 0; v < s->sight.n; v++) s->order[v] = ew_near_key((int32_t)s->count[v + 1], v);
    for (uint32_t v = 0; v < s->sight.n; v++) s->count[v + 1] += s->count[v];
    for (uint32_t p = 0; p < s->n_probes; p++) s->by_tile[s->count[s->probes[p].slot]++] = s->probes[p].row;
    for (uint32_t v = s->sight.n; v; v--) s->count[v] = s->count[v - 1];
    s->count[0] = 0;
    ew_near_sort(s->order, s->sight.n);
}

static void ask(const job *j, scratch *s, uint32_t slot) {
    const ew_tiles *t = j->tiles;
    const ew_sift *sift = ew_sift_get();
    uint32_t c = s->sight.tile[slot], stride = j->vectors->stride, n = t->tile[c + 1] - t->tile[c];
    uint32_t m = s->count[slot + 1] - s->count[slot];
    const int8_t *targets[EW_TILE_MOST];
    if (!m) return;
    for (uint32_t i = 0; i < n; i++) targets[i] = j->vectors->rows + (size_t)t->rows[t->tile[c] + i] * stride;
    sift->pack(targets, n, stride, s->packed);
    for (uint32_t i = 0; i < m; i++) {
        uint32_t row = s->who[i] = s->by_tile[s->count[slot] + i];
        s->asking[i] = (ew_sift_row){s->sight.rows + (size_t)row * stride, s->sum[row], s->floor[row]};
    }
    uint32_t hits = sift->sift(s->packed, n, s->asking, m, stride, s->hits);
    for (uint32_t h = 0; h < hits; h++) {
        uint32_t row = s->who[s->hits[h].row], other = t->rows[t->tile[c] + s->hits[h].target];
        if (other == t->rows[s->sight.first + row]) continue;
        uint64_t *keys = s->keys + (size_t)row * j->room;
        keys[s->held[row]++] = ew_near_key(s->hits[h].dot, other);
        if (s->held[row] == j->room) {
            s->floor[row] = ew_near_floor(keys, j->room, j->look) - 1; /* equal ones may have smaller rows */
            s->held[row] = j->look;
        }
    }
}

static void write_lists(const job *j, scratch *s) {
    ew_lists *out = j->out;
    for (uint32_t i = 0; i < s->sight.n_rows; i++) {
        uint64_t *keys = s->keys + (size_t)i * j->room;
        size_t row = j->tiles->rows[s->sight.first + i];
        ew_near_select(keys, s->held[i], j->look);
        ew_near_sort(keys, j->look);
        for (uint32_t h = 0; h < out->k; h++) {
            out->ids[row * out->k + h] = ew_near_row(keys[h]);
            out->dots[row * out->k + h] = ew_near_dot(keys[h]);
        }
        int64_t far = 0;
        for (uint32_t h = EW_FAR_FROM; out->far && h < EW_FAR_TO; h++) far += ew_near_dot(keys[h]);
        if (out->far) out->far[row] = far;
    }
}

static ew_status lists_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    scratch *s = j->scratch[worker];
    if (!s && !(s = j->scratch[worker] = scratch_create(j, err))) return EW_RESOURCE;
    ew_status status;
    EW_TRY(ew_sight_turn(&s->sight, j->begin[task], j->begin[task + 1], 4 * (uint64_t)j->look, err));
    EW_TRY(make_room(s, err));
    EW_TRY(choose(j, s, err));
    turn_round(s);
    for (uint32_t i = 0; i < s->sight.n_rows; i++) {
        const int8_t *row = s->sight.rows + (size_t)i * j->vectors->stride;
        s->held[i] = 0;
        s->floor[i] = INT32_MIN;
        s->sum[i] = 0;
        for (uint32_t k = 0; k < j->vectors->stride; k++) s->sum[i] += row[k];
    }
    for (uint32_t v = 0; v < s->sight.n; v++) {
        if (v % 64 == 0) EW_TRY(ew_stop_check(err));
        ask(j, s, ew_near_row(s->order[v]));
    }
    write_lists(j, s);
done:
    return status;
}

ew_status ew_search_lists(const ew_vectors *vectors, const ew_tiles *tiles, uint32_t probes, ew_pool *pool, ew_lists *out,
                          ew_error *err) {
    uint32_t runs;
    job j = {.vectors = vectors, .tiles = tiles, .probes = probes, .out = out,
             .look = out->far && out->k < EW_FAR_TO ? EW_FAR_TO : out->k};
    int workers = ew_pool_threads(pool);
    j.room = 2 * j.look + 64;
    ew_status status = ew_sight_runs(tiles, &j.begin, &runs, err);
    if (status == EW_OK && !(j.scratch = ew_calloc((size_t)workers, sizeof *j.scratch)))
        status = ew_fail_memory(err, (size_t)workers * sizeof *j.scratch, "neighbour lists");
    if (status == EW_OK) status = ew_pool_run(pool, runs, lists_task, &j, err);
    for (int i = 0; j.scratch && i < workers; i++) scratch_free(j.scratch[i]);
    ew_free(j.scratch);
    ew_free(j.begin);
    return status;
}
