/* Exact lists: some hundred rows against all others, tile by tile; only what reaches a row's K-th best so far is looked at. */
#include <stdlib.h>

#include "../base/alloc.h"
#include "../base/stop.h"
#include "../kernels/sift.h"
#include "inside.h"

enum {
    ROWS = 1024, /* a task at most: they are put into the form of the kernel once */
    TASKS = 32,  /* wanted: there may be many threads */
    TILE = 256,  /* targets: they stay in the second cache */
    ASKING = 64  /* rows at a time: so that there is room for all their hits */
};

typedef struct {
    const ew_vectors *vectors;
    const uint32_t *which; /* [out->n] whose lists; NULL: of all */
    ew_lists *out;
    uint32_t rows;   /* of a task */
    void **scratch;  /* [workers] */
} job;

typedef struct {
    int32_t floor[ROWS];
    uint32_t held[ROWS];
    ew_sift_hit hits[ASKING * TILE + EW_SIFT_SPARE];
    int8_t *packed;  /* the rows, behind the keys */
    uint64_t keys[]; /* [ROWS, room] */
} scratch;

static scratch *scratch_create(uint32_t rows, uint32_t room, uint32_t stride, ew_error *err) {
    size_t keys = sizeof(scratch) + (size_t)rows * room * sizeof(uint64_t),
           bytes = keys + 64 + (size_t)rows * stride * ew_sift_get()->width;
    scratch *s = ew_alloc(bytes, 1);
    if (s) s->packed = (int8_t *)(((uintptr_t)s + keys + 63) & ~(uintptr_t)63);
    else (void)!ew_fail_memory(err, bytes, "neighbour lists");
    return s;
}

static uint32_t row_of(const job *work, uint32_t i) { return work->which ? work->which[i] : i; }

/* A tile's hits go to the lists of `m` rows, the first of which is the task's `from`-th. */
static void meet(const job *work, scratch *s, uint32_t first, uint32_t from, uint32_t m, uint32_t column, uint32_t width) {
    uint32_t k = work->out->k, room = 2 * k + TILE;
    const ew_vectors *v = work->vectors;
    const ew_sift *sift = ew_sift_get();
    uint32_t hits = sift->sift(s->packed + (size_t)from * v->stride * sift->width, s->floor + from, m,
                               v->rows + (size_t)column * v->stride, NULL, width, v->stride, s->hits);
    for (uint32_t h = 0; h < hits; h++) {
        uint32_t i = from + s->hits[h].row, other = column + s->hits[h].target;
        if (other != row_of(work, first + i)) s->keys[(size_t)i * room + s->held[i]++] = ew_near_key(s->hits[h].dot, other);
    }
    for (uint32_t i = from; i < from + m; i++) {
        if (s->held[i] < 2 * k) continue;
        s->floor[i] = ew_near_floor(s->keys + (size_t)i * room, s->held[i], k);
        s->held[i] = k;
    }
}

static ew_status rows_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *work = context;
    const ew_vectors *v = work->vectors;
    uint32_t k = work->out->k, room = 2 * k + TILE;
    scratch *s = work->scratch[worker];
    if (!s && !(s = work->scratch[worker] = scratch_create(work->rows, room, v->stride, err))) return EW_RESOURCE;
    uint32_t first = (uint32_t)task * work->rows, rows = (uint32_t)ew_chunk_end(task, work->rows, work->out->n) - first;
    const int8_t *asking[ROWS];
    for (uint32_t i = 0; i < rows; i++) {
        asking[i] = v->rows + (size_t)row_of(work, first + i) * v->stride;
        s->floor[i] = INT32_MIN;
        s->held[i] = 0;
    }
    ew_sift_get()->pack(asking, rows, v->stride, s->packed);
    for (uint32_t column = 0; column < v->n; column += TILE) {
        uint32_t width = v->n - column < TILE ? v->n - column : TILE;
        for (uint32_t i = 0; i < rows; i += ASKING) meet(work, s, first, i, rows - i < ASKING ? rows - i : ASKING, column, width);
        if (column / TILE % 64 == 0) {
            ew_status status = ew_stop_check(err);
            if (status != EW_OK) return status;
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
    int workers = ew_pool_threads(pool);
    uint32_t rows = m / TASKS / ASKING * ASKING; /* whatever the number of threads */
    job work = {vectors, which, out, rows < ASKING ? ASKING : rows < ROWS ? rows : ROWS,
                ew_calloc((size_t)workers, sizeof(void *))};
    ew_status status = EW_OK;
    if (!out->ids || !out->dots || !work.scratch)
        status = ew_fail_memory(err, cells * 8, "neighbour lists");
    else if (out->k)
        status = ew_pool_each(pool, ew_chunks(out->n, work.rows), rows_task, &work, err);
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
