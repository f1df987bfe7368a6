/* Exact lists: 64 rows at a time against all others in tiles; of each tile only what beats a row's K-th best so far is kept. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../kernels/kernels.h"
#include "neighbours.h"

enum { ROWS = 64, TILE = 512 };

/* A neighbour as one number: larger is nearer, then the smaller row. */
static inline uint64_t key_of(int32_t dot, uint32_t row) {
    return ((uint64_t)((uint32_t)dot ^ 0x80000000u) << 32) | (uint32_t)~row;
}
static inline int32_t dot_of(uint64_t key) { return (int32_t)((uint32_t)(key >> 32) ^ 0x80000000u); }
static inline uint32_t row_of(uint64_t key) { return ~(uint32_t)key; }

/* Moves the k largest of keys[0 .. n) to the front, in any order (quickselect, median of three). */
static void select_largest(uint64_t *keys, uint32_t n, uint32_t k) {
    uint32_t low = 0, high = n;
    while (high - low > 1 && low < k && k < high) {
        uint64_t a = keys[low], b = keys[low + (high - low) / 2], c = keys[high - 1];
        uint64_t pivot = a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
        uint32_t i = low, j = high - 1;
        for (;;) {
            while (keys[i] > pivot) i++;
            while (keys[j] < pivot) j--;
            if (i >= j) break;
            uint64_t t = keys[i];
            keys[i++] = keys[j];
            keys[j--] = t;
        }
        uint32_t border = keys[i] >= pivot ? i + 1 : i; /* keys are distinct: i == j at the pivot, or crossed */
        if (k < border)
            high = border == high ? high - 1 : border;
        else
            low = border;
    }
}

static int descending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

typedef struct {
    const ew_vectors *vectors;
    ew_lists *out;
    void **scratch; /* [workers] */
} job;

typedef struct {
    int32_t dots[ROWS * TILE];
    uint32_t hits[TILE];
    uint32_t held[ROWS];
    int32_t floor[ROWS];
    uint64_t keys[]; /* [ROWS, room] */
} scratch;

static ew_status rows_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *work = context;
    const ew_vectors *v = work->vectors;
    const ew_kernels *kernels = ew_kernels_get();
    uint32_t k = work->out->k, room = 2 * k + TILE;
    scratch *s = work->scratch[worker];
    if (!s) {
        size_t bytes = sizeof *s + (size_t)ROWS * room * sizeof s->keys[0];
        if (!(s = work->scratch[worker] = ew_alloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
    }
    uint32_t first = (uint32_t)task * ROWS, rows = (uint32_t)ew_chunk_end(task, ROWS, v->n) - first;
    for (uint32_t i = 0; i < rows; i++) {
        s->held[i] = 0;
        s->floor[i] = INT32_MIN;
    }
    for (uint32_t column = 0; column < v->n; column += TILE) {
        uint32_t width = v->n - column < TILE ? v->n - column : TILE;
        kernels->dot_i8(v->rows + (size_t)first * v->stride, rows, v->rows + (size_t)column * v->stride, width, v->stride,
                        s->dots);
        for (uint32_t i = 0; i < rows; i++) {
            const int32_t *dots = s->dots + (size_t)i * width;
            uint64_t *keys = s->keys + (size_t)i * room;
            uint32_t hits = kernels->at_least(dots, width, s->floor[i], s->hits), held = s->held[i];
            for (uint32_t h = 0; h < hits; h++) {
                uint32_t j = column + s->hits[h];
                if (j != first + i) keys[held++] = key_of(dots[s->hits[h]], j);
            }
            if (held >= 2 * k) {
                select_largest(keys, held, k);
                held = k;
                uint64_t least = keys[0];
                for (uint32_t h = 1; h < k; h++) least = keys[h] < least ? keys[h] : least;
                if (dot_of(least) < INT32_MAX) s->floor[i] = dot_of(least) + 1; /* equal ones come later, so lose the tie */
            }
            s->held[i] = held;
        }
    }
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t *keys = s->keys + (size_t)i * room;
        select_largest(keys, s->held[i], k);
        qsort(keys, k, sizeof *keys, descending);
        for (uint32_t h = 0; h < k; h++) {
            work->out->ids[(size_t)(first + i) * k + h] = row_of(keys[h]);
            work->out->dots[(size_t)(first + i) * k + h] = dot_of(keys[h]);
        }
    }
    return EW_OK;
}

ew_status ew_neighbours_exact(const ew_vectors *vectors, uint32_t k, ew_pool *pool, ew_lists *out, ew_error *err) {
    *out = (ew_lists){.n = vectors->n, .k = vectors->n ? (k < vectors->n - 1 ? k : vectors->n - 1) : 0};
    out->unit = 1.0 / ((double)vectors->scale * (double)vectors->scale);
    size_t cells = (size_t)out->n * out->k;
    out->ids = ew_alloc(cells, sizeof *out->ids);
    out->dots = ew_alloc(cells, sizeof *out->dots);
    int workers = pool ? ew_pool_threads(pool) : 1;
    job work = {vectors, out, ew_calloc((size_t)workers, sizeof(void *))};
    ew_status status = EW_OK;
    if (!out->ids || !out->dots || !work.scratch)
        status = ew_fail_memory(err, cells * 8, "neighbour lists");
    else if (out->k) {
        uint64_t tasks = ew_chunks(out->n, ROWS);
        if (pool)
            status = ew_pool_run(pool, tasks, rows_task, &work, err);
        else
            for (uint64_t task = 0; status == EW_OK && task < tasks; task++) status = rows_task(&work, task, 0, err);
    }
    for (int i = 0; work.scratch && i < workers; i++) ew_free(work.scratch[i]);
    ew_free(work.scratch);
    if (status != EW_OK) ew_lists_free(out);
    return status;
}

void ew_lists_free(ew_lists *lists) {
    ew_free(lists->ids);
    ew_free(lists->dots);
    *lists = (ew_lists){0};
}
