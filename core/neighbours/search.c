#include "search.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../base/stop.h"
#include "../kernels/kernels.h"
#include "../kernels/sift.h"

enum {
    TASK_ROWS = 1024, MOST_ROWS = TASK_ROWS + EW_TILE_MOST, /* of a task */
    BLOCK = 64,          /* rows whose tiles are ranked at a time */
    NEAR_GROUPS = 8,     /* that each row brings into its task's view */
    GROUPS_AT_ONCE = 512
};

/* ---- tasks ---- */

/* *first [n + 1]: tile with which each task begins. */
static ew_status cut_tasks(const ew_tiles *t, uint32_t **first, uint32_t *n, ew_error *err) {
    *first = ew_alloc((size_t)t->n_tiles + 1, sizeof **first);
    if (!*first) return ew_fail_memory(err, ((size_t)t->n_tiles + 1) * sizeof **first, "neighbour lists");
    *n = 0;
    for (uint32_t c = 0; c < t->n_tiles;) {
        (*first)[(*n)++] = c;
        uint32_t begin = t->tile[c];
        while (c < t->n_tiles && t->tile[c] - begin < TASK_ROWS) c++;
    }
    (*first)[*n] = t->n_tiles;
    return EW_OK;
}

typedef struct { uint32_t row, slot; } probe; /* row of the task; place of a tile in view */

typedef struct scratch {
    void *memory;
    int8_t *rows;         /* [MOST_ROWS, stride] the task's rows, side by side */
    int8_t *packed;       /* [EW_TILE_MOST, stride] */
    int32_t *dots;        /* [BLOCK, GROUPS_AT_ONCE] */
    uint64_t *keys;       /* [MOST_ROWS, room] */
    uint32_t *held;       /* [MOST_ROWS] */
    int32_t *floor, *sum; /* [MOST_ROWS] */
    ew_sift_row *asking;  /* [MOST_ROWS] */
    uint32_t *who;        /* [MOST_ROWS] */
    ew_sift_hit *hits;    /* [MOST_ROWS * EW_TILE_MOST] */
    char *in_view;        /* [groups] */
    /* what grows with the view */
    uint32_t *view;       /* [tiles in view] tile; ascending */
    uint32_t n_view, view_room;
    uint64_t *rank;       /* [BLOCK, n_view] */
    uint32_t *count;      /* [n_view + 1] */
    uint64_t *order;      /* [n_view] */
    probe *probes; uint32_t n_probes; size_t probe_room;
    uint32_t *by_tile;    /* [n_probes] rows, tile by tile */
} scratch;

typedef struct {
    const ew_vectors *vectors;
    const ew_tiles *tiles;
    uint32_t *first;       /* [tasks + 1] tile with which each begins */
    uint32_t probes, look, room;
    ew_lists *out;
    scratch **scratch;     /* [workers] */
} job;

static void scratch_free(scratch *s) {
    if (!s) return;
    ew_free(s->memory);
    ew_free(s->view);
    ew_free(s->rank);
    ew_free(s->count);
    ew_free(s->order);
    ew_free(s->probes);
    ew_free(s->by_tile);
    ew_free(s);
}

static scratch *scratch_create(const job *j, ew_error *err) {
    size_t stride = j->vectors->stride;
    const size_t sizes[] = {MOST_ROWS * stride, ((EW_TILE_MOST + 15) & ~15) * stride, BLOCK * GROUPS_AT_ONCE * sizeof(int32_t),
                            (size_t)MOST_ROWS * j->room * sizeof(uint64_t), MOST_ROWS * sizeof(uint32_t),
                            MOST_ROWS * sizeof(int32_t), MOST_ROWS * sizeof(int32_t), MOST_ROWS * sizeof(ew_sift_row),
                            MOST_ROWS * sizeof(uint32_t), (size_t)MOST_ROWS * EW_TILE_MOST * sizeof(ew_sift_hit),
                            j->tiles->n_groups};
    enum { PARTS = sizeof sizes / sizeof *sizes };
    char *part[PARTS];
    size_t bytes = 64;
    for (int i = 0; i < PARTS; i++) bytes += (sizes[i] + 63) & ~(size_t)63;
    scratch *s = ew_calloc(1, sizeof *s);
    if (!s || !(s->memory = ew_calloc(bytes, 1))) {
        ew_free(s);
        (void)!ew_fail_memory(err, bytes, "neighbour lists");
        return NULL;
    }
    char *at = (char *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    for (int i = 0; i < PARTS; i++, at += (sizes[i - 1] + 63) & ~(size_t)63) part[i] = at;
    s->rows = (int8_t *)part[0];
    s->packed = (int8_t *)part[1];
    s->dots = (int32_t *)(void *)part[2];
    s->keys = (uint64_t *)(void *)part[3];
    s->held = (uint32_t *)(void *)part[4];
    s->floor = (int32_t *)(void *)part[5];
    s->sum = (int32_t *)(void *)part[6];
    s->asking = (ew_sift_row *)(void *)part[7];
    s->who = (uint32_t *)(void *)part[8];
    s->hits = (ew_sift_hit *)(void *)part[9];
    s->in_view = part[10];
    return s;
}

static ew_status scratch_of(const job *j, int worker, scratch **out, ew_error *err) {
    if (!j->scratch[worker] && !(j->scratch[worker] = scratch_create(j, err))) return EW_RESOURCE;
    *out = j->scratch[worker];
    return EW_OK;
}

/* ---- which tiles ---- */

/* The groups nearest to any of the task's rows: in_view. */
static void near_groups(const job *j, scratch *s, uint32_t rows) {
    const ew_centres *groups = &j->tiles->groups;
    uint32_t stride = j->vectors->stride, most = groups->k < NEAR_GROUPS ? groups->k : NEAR_GROUPS;
    uint64_t best[BLOCK][NEAR_GROUPS];
    if (!most) return;
    memset(s->in_view, 0, groups->k);
    for (uint32_t at = 0; at < rows; at += BLOCK) {
        uint32_t n = rows - at < BLOCK ? rows - at : BLOCK;
        memset(best, 0, sizeof best);
        for (uint32_t g = 0; g < groups->k; g += GROUPS_AT_ONCE) {
            uint32_t wide = groups->k - g < GROUPS_AT_ONCE ? groups->k - g : GROUPS_AT_ONCE;
            ew_kernels_get()->dot_i8(s->rows + (size_t)at * stride, n, groups->rows + (size_t)g * stride, wide, stride, s->dots);
            for (uint32_t i = 0; i < n; i++)
                for (uint32_t c = 0; c < wide; c++) {
                    uint64_t key = ew_near_key(s->dots[(size_t)i * wide + c], g + c);
                    if (key <= best[i][most - 1]) continue;
                    uint32_t place = most - 1;
                    for (; place && best[i][place - 1] < key; place--) best[i][place] = best[i][place - 1];
                    best[i][place] = key;
                }
        }
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t g = 0; g < most; g++) s->in_view[ew_near_row(best[i][g])] = 1;
    }
}

/* The tiles of the groups in view; all there are, if those would not fill a list. */
static ew_status set_view(const job *j, scratch *s, ew_error *err) {
    const ew_tiles *t = j->tiles;
    uint32_t tiles = 0, rows = 0;
    for (uint32_t g = 0; g < t->n_groups; g++) {
        if (!s->in_view[g]) continue;
        tiles += t->group[g + 1] - t->group[g];
        rows += t->tile[t->group[g + 1]] - t->tile[t->group[g]];
    }
    if (rows <= 4 * j->look) {
        tiles = t->n_tiles;
        memset(s->in_view, 1, t->n_groups);
    }
    if (tiles > s->view_room) {
        uint32_t room = tiles + tiles / 2;
        ew_free(s->view);
        ew_free(s->rank);
        ew_free(s->count);
        ew_free(s->order);
        s->view_room = 0;
        s->view = ew_alloc(room, sizeof *s->view);
        s->rank = ew_alloc((size_t)room * BLOCK, sizeof *s->rank);
        s->count = ew_alloc((size_t)room + 1, sizeof *s->count);
        s->order = ew_alloc(room, sizeof *s->order);
        if (!s->view || !s->rank || !s->count || !s->order)
            return ew_fail_memory(err, (size_t)room * (BLOCK + 3) * 8, "neighbour lists");
        s->view_room = room;
    }
    s->n_view = 0;
    for (uint32_t g = 0; g < t->n_groups; g++)
        for (uint32_t c = t->group[g]; s->in_view[g] && c < t->group[g + 1]; c++) s->view[s->n_view++] = c;
    return EW_OK;
}

/* rank [n, n_view]: nearness of each tile in view to n rows from `at` on, as keys of its place in view. */
static void rank_tiles(const job *j, scratch *s, uint32_t at, uint32_t n) {
    const ew_tiles *t = j->tiles;
    uint32_t stride = j->vectors->stride;
    for (uint32_t slot = 0; slot < s->n_view;) {
        uint32_t wide = 1; /* tiles that lie side by side */
        while (slot + wide < s->n_view && wide < GROUPS_AT_ONCE && s->view[slot + wide] == s->view[slot] + wide) wide++;
        ew_kernels_get()->dot_i8(s->rows + (size_t)at * stride, n, t->tiles.rows + (size_t)s->view[slot] * stride, wide, stride,
                                 s->dots);
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t c = 0; c < wide; c++)
                s->rank[(size_t)i * s->n_view + slot + c] = ew_near_key(s->dots[(size_t)i * wide + c], slot + c);
        slot += wide;
    }
}

/* Copies the task's rows; what they see. */
static ew_status look_around(const job *j, uint64_t task, scratch *s, uint32_t *rows, ew_error *err) {
    const ew_tiles *t = j->tiles;
    uint32_t begin = t->tile[j->first[task]], stride = j->vectors->stride;
    *rows = t->tile[j->first[task + 1]] - begin;
    for (uint32_t i = 0; i < *rows; i++)
        memcpy(s->rows + (size_t)i * stride, j->vectors->rows + (size_t)t->rows[begin + i] * stride, stride);
    near_groups(j, s, *rows);
    return set_view(j, s, err);
}

static ew_status add_probe(scratch *s, probe p, ew_error *err) {
    if (s->n_probes == s->probe_room) {
        size_t room = 2 * s->probe_room + MOST_ROWS * 16;
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
static ew_status choose(const job *j, scratch *s, uint32_t rows, ew_error *err) {
    const ew_tiles *t = j->tiles;
    ew_status status = EW_OK;
    s->n_probes = 0;
    for (uint32_t at = 0; at < rows; at += BLOCK) {
        uint32_t n = rows - at < BLOCK ? rows - at : BLOCK;
        rank_tiles(j, s, at, n);
        for (uint32_t i = 0; i < n; i++) {
            uint64_t *rank = s->rank + (size_t)i * s->n_view;
            for (uint32_t most = j->probes, reached = 0; reached <= j->look; most *= 2) {
                most = most < s->n_view ? most : s->n_view;
                ew_near_select(rank, s->n_view, most);
                reached = 0;
                for (uint32_t p = 0; p < most; p++) {
                    uint32_t c = s->view[ew_near_row(rank[p])];
                    reached += t->tile[c + 1] - t->tile[c];
                }
                if (reached <= j->look && most < s->n_view) continue;
                for (uint32_t p = 0; p < most; p++) EW_TRY(add_probe(s, (probe){at + i, ew_near_row(rank[p])}, err));
                break;
            }
        }
    }
done:
    return status;
}

/* ---- what is in them ---- */

/* by_tile, count: rows that ask each tile in view; order: the most wanted first, so that floors rise early. */
static void turn_round(scratch *s) {
    memset(s->count, 0, ((size_t)s->n_view + 1) * sizeof *s->count);
    for (uint32_t p = 0; p < s->n_probes; p++) s->count[s->probes[p].slot + 1]++;
    for (uint32_t v = 0; v < s->n_view; v++) s->order[v] = ew_near_key((int32_t)s->count[v + 1], v);
    for (uint32_t v = 0; v < s->n_view; v++) s->count[v + 1] += s->count[v];
    for (uint32_t p = 0; p < s->n_probes; p++) s->by_tile[s->count[s->probes[p].slot]++] = s->probes[p].row;
    for (uint32_t v = s->n_view; v; v--) s->count[v] = s->count[v - 1];
    s->count[0] = 0;
    ew_near_sort(s->order, s->n_view);
}

static void ask(const job *j, scratch *s, uint32_t begin, uint32_t slot) {
    const ew_tiles *t = j->tiles;
    const ew_sift *sift = ew_sift_get();
    uint32_t c = s->view[slot], stride = j->vectors->stride, n = t->tile[c + 1] - t->tile[c];
    uint32_t m = s->count[slot + 1] - s->count[slot];
    const int8_t *targets[EW_TILE_MOST];
    if (!m) return;
    for (uint32_t i = 0; i < n; i++) targets[i] = j->vectors->rows + (size_t)t->rows[t->tile[c] + i] * stride;
    sift->pack(targets, n, stride, s->packed);
    for (uint32_t i = 0; i < m; i++) {
        uint32_t row = s->who[i] = s->by_tile[s->count[slot] + i];
        s->asking[i] = (ew_sift_row){s->rows + (size_t)row * stride, s->sum[row], s->floor[row]};
    }
    uint32_t hits = sift->sift(s->packed, n, s->asking, m, stride, s->hits);
    for (uint32_t h = 0; h < hits; h++) {
        uint32_t row = s->who[s->hits[h].row], other = t->rows[t->tile[c] + s->hits[h].target];
        if (other == t->rows[begin + row]) continue;
        uint64_t *keys = s->keys + (size_t)row * j->room;
        keys[s->held[row]++] = ew_near_key(s->hits[h].dot, other);
        if (s->held[row] == j->room) {
            s->floor[row] = ew_near_floor(keys, j->room, j->look) - 1; /* equal ones may have smaller rows */
            s->held[row] = j->look;
        }
    }
}

static void write_lists(const job *j, scratch *s, uint32_t begin, uint32_t rows) {
    ew_lists *out = j->out;
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t *keys = s->keys + (size_t)i * j->room;
        size_t row = j->tiles->rows[begin + i];
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
    scratch *s;
    uint32_t rows, begin = j->tiles->tile[j->first[task]];
    ew_status status;
    EW_TRY(scratch_of(j, worker, &s, err));
    EW_TRY(look_around(j, task, s, &rows, err));
    EW_TRY(choose(j, s, rows, err));
    turn_round(s);
    for (uint32_t i = 0; i < rows; i++) {
        const int8_t *row = s->rows + (size_t)i * j->vectors->stride;
        s->held[i] = 0;
        s->floor[i] = INT32_MIN;
        s->sum[i] = 0;
        for (uint32_t k = 0; k < j->vectors->stride; k++) s->sum[i] += row[k];
    }
    for (uint32_t v = 0; v < s->n_view; v++) {
        if (v % 64 == 0) EW_TRY(ew_stop_check(err));
        ask(j, s, begin, ew_near_row(s->order[v]));
    }
    write_lists(j, s, begin, rows);
done:
    return status;
}

static ew_status job_begin(job *j, const ew_vectors *vectors, const ew_tiles *tiles, ew_pool *pool, uint32_t *tasks,
                           ew_error *err) {
    j->vectors = vectors;
    j->tiles = tiles;
    j->room = 2 * j->look + 64;
    ew_status status = cut_tasks(tiles, &j->first, tasks, err);
    if (status != EW_OK) return status;
    j->scratch = ew_calloc((size_t)ew_pool_threads(pool), sizeof *j->scratch);
    return j->scratch ? EW_OK : ew_fail_memory(err, sizeof *j->scratch, "neighbour lists");
}

static void job_end(job *j, ew_pool *pool) {
    for (int i = 0; j->scratch && i < ew_pool_threads(pool); i++) scratch_free(j->scratch[i]);
    ew_free(j->scratch);
    ew_free(j->first);
}

ew_status ew_search_lists(const ew_vectors *vectors, const ew_tiles *tiles, uint32_t probes, ew_pool *pool, ew_lists *out,
                          ew_error *err) {
    uint32_t tasks;
    job j = {.probes = probes, .look = out->far && out->k < EW_FAR_TO ? EW_FAR_TO : out->k, .out = out};
    ew_status status = job_begin(&j, vectors, tiles, pool, &tasks, err);
    if (status == EW_OK) status = ew_pool_run(pool, tasks, lists_task, &j, err);
    job_end(&j, pool);
    return status;
}

/* ---- how many ---- */

enum { SAMPLE_TASKS = 24, SAMPLE_ROWS = 24, NEAREST = 15, MOST_PROBES = 512 };

typedef struct {
    job base;
    const uint64_t *task;       /* [SAMPLE_TASKS] */
    const uint32_t *place;      /* [SAMPLE_TASKS, SAMPLE_ROWS] in the task's rows */
    const ew_lists *exact;      /* of the sampled rows, task by task */
    const uint32_t *tile_of;    /* [n] */
    uint32_t *asked;            /* [SAMPLE_TASKS, SAMPLE_ROWS, NEAREST] how many tiles a row asks until it meets its neighbour */
} sounding;

static ew_status sound_task(void *context, uint64_t task, int worker, ew_error *err) {
    sounding *w = context;
    const job *j = &w->base;
    scratch *s;
    uint32_t rows;
    ew_status status;
    EW_TRY(scratch_of(j, worker, &s, err));
    EW_TRY(look_around(j, w->task[task], s, &rows, err));
    for (uint32_t i = 0; i < SAMPLE_ROWS; i++) {
        size_t sample = task * SAMPLE_ROWS + i;
        rank_tiles(j, s, w->place[sample], 1);
        ew_near_sort(s->rank, s->n_view);
        for (uint32_t h = 0; h < NEAREST; h++) {
            uint32_t tile = w->tile_of[w->exact->ids[sample * w->exact->k + h]], at = 0;
            while (at < s->n_view && at < MOST_PROBES && s->view[ew_near_row(s->rank[at])] != tile) at++;
            w->asked[sample * NEAREST + h] = at + 1; /* MOST_PROBES + 1: out of reach */
        }
    }
done:
    return status;
}

/* The smallest number of tiles within which `recall` of all neighbours lie. */
static uint32_t enough(const uint32_t *asked, size_t n, double recall) {
    size_t count[MOST_PROBES + 2] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++) count[asked[i] < MOST_PROBES + 1 ? asked[i] : MOST_PROBES + 1]++;
    for (uint32_t p = 1; p <= MOST_PROBES; p++)
        if ((double)(sum += count[p]) >= recall * (double)n) return p;
    return MOST_PROBES;
}

ew_status ew_search_probes(const ew_vectors *vectors, const ew_tiles *tiles, double recall, uint64_t seed, ew_pool *pool,
                           uint32_t *probes, ew_error *err) {
    enum { ALL = SAMPLE_TASKS * SAMPLE_ROWS };
    uint64_t task[SAMPLE_TASKS];
    uint32_t place[ALL], row[ALL], tasks;
    ew_lists exact = {0};
    sounding w = {.base = {.look = NEAREST}, .task = task, .place = place, .exact = &exact};
    uint32_t *tile_of = ew_alloc(tiles->n, sizeof *tile_of);
    ew_status status;
    w.asked = ew_calloc((size_t)ALL * NEAREST, sizeof *w.asked);
    EW_TRY(job_begin(&w.base, vectors, tiles, pool, &tasks, err));
    if (!tile_of || !w.asked) {
        status = ew_fail_memory(err, (size_t)tiles->n * sizeof *tile_of, "neighbour lists");
        goto done;
    }
    for (uint32_t c = 0; c < tiles->n_tiles; c++)
        for (uint32_t i = tiles->tile[c]; i < tiles->tile[c + 1]; i++) tile_of[tiles->rows[i]] = c;
    w.tile_of = tile_of;
    for (uint32_t i = 0; i < SAMPLE_TASKS; i++) {
        task[i] = ew_random_below(tasks, seed, EW_RANDOM_TILES, i, 1);
        uint32_t begin = tiles->tile[w.base.first[task[i]]], n = tiles->tile[w.base.first[task[i] + 1]] - begin;
        for (uint32_t s = 0; s < SAMPLE_ROWS; s++) {
            place[i * SAMPLE_ROWS + s] = (uint32_t)ew_random_below(n, seed, EW_RANDOM_TILES, i, 2 + s);
            row[i * SAMPLE_ROWS + s] = tiles->rows[begin + place[i * SAMPLE_ROWS + s]];
        }
    }
    EW_TRY(ew_neighbours_of(vectors, row, ALL, NEAREST, pool, &exact, err));
    EW_TRY(ew_pool_run(pool, SAMPLE_TASKS, sound_task, &w, err));
    *probes = enough(w.asked, (size_t)ALL * NEAREST, recall);
done:
    job_end(&w.base, pool);
    ew_lists_free(&exact);
    ew_free(tile_of);
    ew_free(w.asked);
    return status;
}
