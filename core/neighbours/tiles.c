#include "tiles.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/buffer.h"
#include "../base/random.h"
#include "../base/stop.h"
#include "../kernels/kernels.h"
#include "../kernels/sums.h"

enum { WANTED = 96, PARTS = 32, ROUNDS = 6, SAMPLE = 32, BLOCK = 64, GROUP_ROWS = 4096 };

void ew_tiles_free(ew_tiles *tiles) {
    ew_free(tiles->rows);
    ew_free(tiles->tile);
    ew_free(tiles->group);
    ew_centres_free(&tiles->tiles);
    ew_centres_free(&tiles->groups);
    *tiles = (ew_tiles){0};
}

typedef struct { uint32_t first, n; } range; /* of rows */

/* ---- one node into parts ---- */

typedef struct {
    int8_t *sample;  /* [PARTS * SAMPLE, stride] or [BLOCK, stride], 64-byte aligned */
    int8_t *centres; /* [PARTS, stride] */
    int32_t *sum;    /* [stride] */
    int32_t *dots;   /* [PARTS * SAMPLE, PARTS] */
    void *memory;
} scratch;

static scratch *scratch_create(uint32_t stride, ew_error *err) {
    size_t sample = (size_t)PARTS * SAMPLE * stride, centres = (size_t)PARTS * stride;
    size_t bytes = sample + centres + stride * sizeof(int32_t) + (size_t)PARTS * SAMPLE * PARTS * sizeof(int32_t) + 64;
    scratch *s = ew_calloc(1, sizeof *s);
    if (!s || !(s->memory = ew_alloc(bytes, 1))) {
        ew_free(s);
        (void)!ew_fail_memory(err, bytes, "the index of neighbours");
        return NULL;
    }
    s->sample = (int8_t *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    s->centres = s->sample + sample;
    s->sum = (int32_t *)(void *)(s->centres + centres);
    s->dots = s->sum + stride;
    return s;
}

static void nearest(const int32_t *dots, uint32_t parts, uint32_t n, uint8_t *label) {
    for (uint32_t i = 0; i < n; i++) {
        const int32_t *d = dots + (size_t)i * parts;
        uint32_t best = 0;
        for (uint32_t c = 1; c < parts; c++)
            if (d[c] > d[best]) best = c;
        label[i] = (uint8_t)best;
    }
}

/* k-means over a seeded sample of the node's rows. */
static void centres_of(const ew_vectors *v, const uint32_t *rows, uint32_t n, uint32_t parts, uint64_t seed, scratch *s) {
    uint32_t m = n < parts * SAMPLE ? n : parts * SAMPLE, stride = v->stride;
    uint8_t label[PARTS * SAMPLE];
    for (uint32_t i = 0; i < m; i++) { /* one of each stretch: all different */
        uint64_t from = (uint64_t)i * n / m, to = (uint64_t)(i + 1) * n / m;
        uint32_t row = rows[from + ew_random_below(to - from, seed, EW_RANDOM_TILES, rows[0], i)];
        memcpy(s->sample + (size_t)i * stride, v->rows + (size_t)row * stride, stride);
    }
    for (uint32_t c = 0; c < parts; c++) {
        for (uint32_t k = 0; k < stride; k++) s->sum[k] = s->sample[(size_t)((uint64_t)c * m / parts) * stride + k];
        ew_centre_of_few(s->sum, stride, s->centres + (size_t)c * stride);
    }
    for (int round = 0; round < ROUNDS; round++) {
        ew_kernels_get()->dot_i8(s->sample, m, s->centres, parts, stride, s->dots);
        nearest(s->dots, parts, m, label);
        uint32_t to[PARTS + 1] = {0}, by[PARTS * SAMPLE];
        for (uint32_t i = 0; i < m; i++) to[label[i] + 1]++;
        for (uint32_t c = 0; c < parts; c++) to[c + 1] += to[c];
        for (uint32_t i = m; i-- > 0;) by[--to[label[i] + 1]] = i; /* now [c + 1] is where the rows of c begin */
        for (uint32_t c = 0; c < parts; c++) {
            uint32_t end = c + 1 < parts ? to[c + 2] : m;
            ew_sums_get()->bytes(s->sample, stride, by + to[c + 1], NULL, end - to[c + 1], s->sum);
            ew_centre_of_few(s->sum, stride, s->centres + (size_t)c * stride);
        }
    }
}

typedef struct {
    const ew_vectors *vectors;
    const range *nodes;
    uint32_t *rows, *other;  /* [n] each: a node's rows before, and parted */
    uint8_t *label;          /* [n] */
    uint32_t (*counts)[PARTS]; /* [nodes] */
    scratch **scratch;       /* [workers] */
    uint64_t seed;
} splitting;

static uint32_t parts_of(uint32_t n) {
    uint32_t parts = (n + WANTED - 1) / WANTED;
    return parts < PARTS ? parts : PARTS;
}

static ew_status split_task(void *context, uint64_t task, int worker, ew_error *err) {
    splitting *w = context;
    range node = w->nodes[task];
    uint32_t *rows = w->rows + node.first, parts = parts_of(node.n), *counts = w->counts[task], stride = w->vectors->stride;
    scratch *s = w->scratch[worker];
    if (!s && !(s = w->scratch[worker] = scratch_create(stride, err))) return EW_RESOURCE;
    centres_of(w->vectors, rows, node.n, parts, w->seed, s);
    memset(counts, 0, PARTS * sizeof *counts);
    for (uint32_t at = 0; at < node.n; at += BLOCK) {
        uint32_t n = node.n - at < BLOCK ? node.n - at : BLOCK;
        if (at % (BLOCK * 1024) == 0) {
            ew_status status = ew_stop_check(err);
            if (status != EW_OK) return status;
        }
        for (uint32_t i = 0; i < n; i++)
            memcpy(s->sample + (size_t)i * stride, w->vectors->rows + (size_t)rows[at + i] * stride, stride);
        ew_kernels_get()->dot_i8(s->sample, n, s->centres, parts, stride, s->dots);
        nearest(s->dots, parts, n, w->label + node.first + at);
        for (uint32_t i = 0; i < n; i++) counts[w->label[node.first + at + i]]++;
    }
    uint32_t to[PARTS], sum = 0;
    for (uint32_t c = 0; c < parts; c++) {
        to[c] = sum;
        sum += counts[c];
    }
    for (uint32_t i = 0; i < node.n; i++) w->other[node.first + to[w->label[node.first + i]]++] = rows[i];
    memcpy(rows, w->other + node.first, node.n * sizeof *rows);
    return EW_OK;
}

/* ---- all nodes, level by level ---- */

typedef struct { ew_buffer tiles, groups, next; } shelves; /* of range */

static ew_status put(ew_buffer *to, range r, ew_error *err) {
    return ew_buffer_append(to, &r, sizeof r, err);
}

/* Where a range goes: to the tiles, or to the nodes of the next level; `grouped`: a node above is a group already. */
static ew_status shelve(shelves *s, range r, int grouped, ew_error *err) {
    ew_status status = EW_OK;
    if (!r.n) return EW_OK;
    if (!grouped && r.n <= GROUP_ROWS) EW_TRY(put(&s->groups, r, err));
    EW_TRY(put(r.n <= EW_TILE_MOST ? &s->tiles : &s->next, r, err));
done:
    return status;
}

static ew_status shelve_parts(shelves *s, range node, const uint32_t *counts, ew_error *err) {
    int grouped = node.n <= GROUP_ROWS;
    uint32_t first = node.first, parts = parts_of(node.n);
    ew_status status = EW_OK;
    for (uint32_t c = 0; c < parts; c++) {
        uint32_t pieces = counts[c] > node.n / 4 * 3 ? parts : 1; /* a part that is nearly all of it: see tiles.h */
        for (uint32_t p = 0; p < pieces; p++) {
            uint32_t from = (uint32_t)((uint64_t)counts[c] * p / pieces), to = (uint32_t)((uint64_t)counts[c] * (p + 1) / pieces);
            EW_TRY(shelve(s, (range){first + from, to - from}, grouped, err));
        }
        first += counts[c];
    }
done:
    return status;
}

static int by_first(const void *a, const void *b) {
    const range *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static ew_status grow(splitting *w, ew_pool *pool, shelves *s, ew_error *err) {
    ew_buffer level = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status;
    EW_TRY(shelve(s, (range){0, w->vectors->n}, 0, err));
    while (s->next.length) {
        uint32_t n = (uint32_t)(s->next.length / sizeof(range));
        ew_buffer swap = level;
        level = s->next;
        s->next = swap;
        s->next.length = 0;
        w->nodes = (const range *)(const void *)level.data;
        w->counts = ew_alloc(n, sizeof *w->counts);
        if (!w->counts) {
            status = ew_fail_memory(err, n * sizeof *w->counts, "the index of neighbours");
            goto done;
        }
        EW_TRY(ew_pool_run(pool, n, split_task, w, err));
        for (uint32_t i = 0; i < n; i++) EW_TRY(shelve_parts(s, w->nodes[i], w->counts[i], err));
        ew_free(w->counts);
        w->counts = NULL;
    }
    if (s->tiles.length) qsort(s->tiles.data, s->tiles.length / sizeof(range), sizeof(range), by_first);
    if (s->groups.length) qsort(s->groups.data, s->groups.length / sizeof(range), sizeof(range), by_first);
done:
    ew_free(w->counts);
    ew_buffer_free(&level);
    return status;
}

/* ---- what is kept ---- */

typedef struct {
    const ew_vectors *vectors;
    ew_tiles *out;
    int64_t *sums; /* [workers, 2, stride]: one, and two of 32 bits */
} directing;

/* Directions of a group and of its tiles. */
static ew_status direct_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    directing *w = context;
    ew_tiles *t = w->out;
    uint32_t stride = w->vectors->stride;
    int64_t *all = w->sums + (size_t)worker * 2 * stride;
    int32_t *own = (int32_t *)(all + stride);
    memset(all, 0, stride * sizeof *all);
    for (uint32_t c = t->group[task]; c < t->group[task + 1]; c++) {
        ew_sums_get()->bytes(w->vectors->rows, stride, t->rows + t->tile[c], NULL, t->tile[c + 1] - t->tile[c], own);
        for (uint32_t k = 0; k < stride; k++) all[k] += own[k];
        ew_centre_of_few(own, stride, t->tiles.rows + (size_t)c * stride);
    }
    ew_centre_direction(all, stride, t->groups.rows + (size_t)task * stride);
    return EW_OK;
}

static ew_status keep(const ew_vectors *vectors, const shelves *s, ew_pool *pool, ew_tiles *out, ew_error *err) {
    const range *tiles = (const range *)(const void *)s->tiles.data, *groups = (const range *)(const void *)s->groups.data;
    directing w = {vectors, out, NULL};
    ew_status status;
    out->n_tiles = (uint32_t)(s->tiles.length / sizeof *tiles);
    out->n_groups = (uint32_t)(s->groups.length / sizeof *groups);
    out->tile = ew_alloc((size_t)out->n_tiles + 1, sizeof *out->tile);
    out->group = ew_alloc((size_t)out->n_groups + 1, sizeof *out->group);
    w.sums = ew_alloc((size_t)ew_pool_threads(pool) * 2 * vectors->stride, sizeof *w.sums);
    if (!out->tile || !out->group || !w.sums) {
        status = ew_fail_memory(err, out->n_tiles * sizeof *out->tile, "the index of neighbours");
        goto done;
    }
    EW_TRY(ew_centres_create(out->n_tiles, vectors->stride, &out->tiles, err));
    EW_TRY(ew_centres_create(out->n_groups, vectors->stride, &out->groups, err));
    for (uint32_t c = 0; c < out->n_tiles; c++) out->tile[c] = tiles[c].first;
    out->tile[out->n_tiles] = out->n;
    for (uint32_t g = 0, c = 0; g < out->n_groups; g++) {
        while (tiles[c].first < groups[g].first) c++;
        out->group[g] = c;
    }
    out->group[out->n_groups] = out->n_tiles;
    EW_TRY(ew_pool_run(pool, out->n_groups, direct_task, &w, err));
done:
    ew_free(w.sums);
    return status;
}

ew_status ew_tiles_build(const ew_vectors *vectors, uint64_t seed, ew_pool *pool, ew_tiles *out, ew_error *err) {
    uint32_t n = vectors->n;
    shelves s = {EW_BUFFER_INIT(EW_BUFFER_ANY), EW_BUFFER_INIT(EW_BUFFER_ANY), EW_BUFFER_INIT(EW_BUFFER_ANY)};
    splitting w = {.vectors = vectors, .seed = seed};
    ew_status status = EW_OK;
    int workers = ew_pool_threads(pool);
    *out = (ew_tiles){.n = n, .rows = ew_alloc(n, sizeof *out->rows)};
    w.rows = out->rows;
    w.other = ew_alloc(n, sizeof *w.other);
    w.label = ew_alloc(n, sizeof *w.label);
    w.scratch = ew_calloc((size_t)workers, sizeof *w.scratch);
    if (!out->rows || !w.other || !w.label || !w.scratch) {
        status = ew_fail_memory(err, (size_t)n * 9, "the index of neighbours");
        goto done;
    }
    for (uint32_t i = 0; i < n; i++) out->rows[i] = i;
    EW_TRY(grow(&w, pool, &s, err));
    EW_TRY(keep(vectors, &s, pool, out, err));
done:
    for (int i = 0; w.scratch && i < workers; i++) {
        if (w.scratch[i]) ew_free(w.scratch[i]->memory);
        ew_free(w.scratch[i]);
    }
    ew_free(w.scratch);
    ew_free(w.other);
    ew_free(w.label);
    ew_buffer_free(&s.tiles);
    ew_buffer_free(&s.groups);
    ew_buffer_free(&s.next);
    if (status != EW_OK) ew_tiles_free(out);
    return status;
}

/* In place, cycle by cycle: a row that stands in its new place is marked by a count that is right already. */
ew_status ew_tiles_sort(ew_tiles *tiles, ew_vectors *vectors, uint32_t *order, ew_error *err) {
    uint32_t n = tiles->n, stride = vectors->stride, *from = tiles->rows;
    int8_t *kept = ew_alloc(stride, 1);
    if (!kept) return ew_fail_memory(err, stride, "the index of neighbours");
    memcpy(order, from, n * sizeof *order);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;
        if (from[i] == i) continue;
        memcpy(kept, vectors->rows + (size_t)i * stride, stride);
        while (from[at] != i) {
            uint32_t next = from[at];
            memcpy(vectors->rows + (size_t)at * stride, vectors->rows + (size_t)next * stride, stride);
            from[at] = at;
            at = next;
        }
        memcpy(vectors->rows + (size_t)at * stride, kept, stride);
        from[at] = at;
    }
    ew_free(kept);
    return EW_OK;
}
