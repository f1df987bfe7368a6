/* Exact lists: 64 rows at a time against all others in tiles; of each tile only what beats a row's K-th best so far is kept. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../kernels/kernels.h"
#include "inside.h"

enum { ROWS = 64, TILE = 512 };

typedef struct {
    const ew_vectors *vectors;
    const uint32_t *which; /* [out->n] whose lists; NULL: of all */
    ew_lists *out;
    void **scratch; /* [workers] */
} job;

typedef struct {
    int32_t dots[ROWS * TILE];
    uint32_t hits[TILE];
    uint32_t held[ROWS];
    int32_t floor[ROWS];
    int8_t *rows;    /* [ROWS, stride] copies of the rows asked for, behind the keys */
    uint64_t keys[]; /* [ROWS, room] */
} scratch;

static ew_status rows_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *work = context;
    const ew_vectors *v = work->vectors;
    const ew_kernels *kernels = ew_kernels_get();
    uint32_t k = work->out->k, room = 2 * k + TILE;
    scratch *s = work->scratch[worker];
    if (!s) {
        size_t keys = sizeof *s + (size_t)ROWS * room * sizeof s->keys[0],
               bytes = keys + 64 + (work->which ? (size_t)ROWS * v->stride : 0);
        if (!(s = work->scratch[worker] = ew_alloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
        s->rows = (int8_t *)(((uintptr_t)s + keys + 63) & ~(uintptr_t)63);
    }
    uint32_t first = (uint32_t)task * ROWS, rows = (uint32_t)ew_chunk_end(task, ROWS, work->out->n) - first;
    const int8_t *asking = v->rows + (size_t)first * v->stride;
    if (work->which) {
        asking = s->rows;
        for (uint32_t i = 0; i < rows; i++)
            memcpy(s->rows + (size_t)i * v->stride, v->rows + (size_t)work->which[first + i] * v->stride, v->stride);
    }
    for (uint32_t i = 0; i < rows; i++) {
        s->held[i] = 0;
        s->floor[i] = INT32_MIN;
    }
    for (uint32_t column = 0; column < v->n; column += TILE) {
        uint32_t width = v->n - column < TILE ? v->n - column : TILE;
        kernels->dot_i8(asking, rows, v->rows + (size_t)column * v->stride, width, v->stride,
                        s->dots);
        for (uint32_t i = 0; i < rows; i++) {
            const int32_t *dots = s->dots + (size_t)i * width;
            uint64_t *keys = s->keys + (size_t)i * room;
            uint32_t self = work->which ? work->which[first + i] : first + i;
            uint32_t hits = kernels->at_least(dots, width, s->floor[i], s->hits), held = s->held[i];
            for (uint32_t h = 0; h < hits; h++) {
                uint32_t j = column + s->hits[h];
                if (j != self) keys[held++] = ew_near_key(dots[s->hits[h]], j);
            }
            if (held >= 2 * k) {
                s->floor[i] = ew_near_floor(keys, held, k);
                held = k;
            }
            s->held[i] = held;
        }
    }
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t *keys = s->keys + (size_t)i * room;
        ew_near_select(keys, s->held[i], k);
        ew_near_sort(keys, k);
        for (uint32_t h = 0; h < k; h++) {
            work->out->ids[(size_t)(first + i) * k + h] = ew_near_row(keys[h]);
            work->out->dots[(size_t)(first + i) * k + h] = ew_near_dot(keys[h]);
        }
    }
    return EW_OK;
}

static ew_status search(const ew_vectors *vectors, const uint32_t *which, uint32_t m, uint32_t k, ew_pool *pool, ew_lists *out,
                        ew_error *err) {
    *out = (ew_lists){.n = m, .k = vectors->n ? (k < vectors->n - 1 ? k : vectors->n - 1) : 0};
    out->unit = 1.0 / ((double)vectors->scale * (double)vectors->scale);
    size_t cells = (size_t)out->n * out->k;
    out->ids = ew_alloc(cells, sizeof *out->ids);
    out->dots = ew_alloc(cells, sizeof *out->dots);
    int workers = pool ? ew_pool_threads(pool) : 1;
    job work = {vectors, which, out, ew_calloc((size_t)workers, sizeof(void *))};
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

ew_status ew_neighbours_exact(const ew_vectors *vectors, uint32_t k, ew_pool *pool, ew_lists *out, ew_error *err) {
    return search(vectors, NULL, vectors->n, k, pool, out, err);
}

ew_status ew_neighbours_of(const ew_vectors *vectors, const uint32_t *rows, uint32_t m, uint32_t k, ew_pool *pool, ew_lists *out,
                           ew_error *err) {
    return search(vectors, rows, m, k, pool, out, err);
}

void ew_lists_free(ew_lists *lists) {
    ew_free(lists->ids);
    ew_free(lists->dots);
    ew_free(lists->far);
    *lists = (ew_lists){0};
}
