/* Neighbours of neighbours: who is near to somebody near is often near himself (Dong, Moses, Li 2011). What a tile's border cut
 * off is found again, whatever the size of the corpus, for a few hundred comparisons a row. */
#include "refine.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/spill.h"
#include "../base/stop.h"
#include "../kernels/kernels.h"

enum { NEAR = 15, ROWS = 256, MOST = NEAR * NEAR, AHEAD = 16 };

typedef struct {
    void *memory;
    int8_t *rows;      /* [MOST, stride] */
    int32_t *dots;     /* [MOST] */
    uint32_t *others;  /* [MOST] */
    uint32_t *seen;    /* [mask + 1] rows, EW_NONE: an empty slot */
    uint64_t *keys;    /* [k + MOST] */
} scratch;

typedef struct {
    const ew_vectors *vectors;
    const uint32_t *order; /* [n] rows that are near to each other side by side */
    const uint32_t *near;  /* [n, width] the first of each list, as they were */
    uint32_t width, mask;
    ew_lists *lists;
    scratch *scratch;      /* [workers] */
} job;

static ew_status scratch_init(const job *j, scratch *s, ew_error *err) {
    size_t rows = (size_t)MOST * j->vectors->stride, keys = ((size_t)j->lists->k + MOST) * sizeof *s->keys,
           bytes = 64 + rows + keys + 2 * MOST * 4 + ((size_t)j->mask + 1) * 4;
    if (!(s->memory = ew_alloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
    s->rows = (int8_t *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    s->keys = (uint64_t *)(void *)(s->rows + rows);
    s->dots = (int32_t *)(void *)(s->rows + rows + keys);
    s->others = (uint32_t *)(s->dots + MOST);
    s->seen = s->others + MOST;
    return EW_OK;
}

static int first_sight(const job *j, scratch *s, uint32_t row) {
    uint32_t slot = row * 2654435761u >> 7 & j->mask;
    while (s->seen[slot] != row && s->seen[slot] != EW_NONE) slot = (slot + 1) & j->mask;
    if (s->seen[slot] == row) return 0;
    s->seen[slot] = row;
    return 1;
}

static void refine_row(const job *j, scratch *s, uint32_t row) {
    const ew_vectors *v = j->vectors;
    uint32_t k = j->lists->k, stride = v->stride, n = 0, better = 0;
    uint32_t *ids = j->lists->ids + (size_t)row * k;
    int32_t *dots = j->lists->dots + (size_t)row * k, floor = dots[k - 1];
    memset(s->seen, 0xff, ((size_t)j->mask + 1) * sizeof *s->seen);
    (void)first_sight(j, s, row);
    for (uint32_t h = 0; h < k; h++) (void)first_sight(j, s, ids[h]);
    for (uint32_t h = 0; h < j->width; h++) {
        const uint32_t *theirs = j->near + (size_t)j->near[(size_t)row * j->width + h] * j->width;
        for (uint32_t i = 0; i < j->width; i++)
            if (first_sight(j, s, theirs[i])) s->others[n++] = theirs[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            for (uint32_t b = 0; b < stride; b += 64) __builtin_prefetch(v->rows + (size_t)s->others[i + AHEAD] * stride + b);
        memcpy(s->rows + (size_t)i * stride, v->rows + (size_t)s->others[i] * stride, stride);
    }
    ew_kernels_get()->dot_i8(v->rows + (size_t)row * stride, 1, s->rows, n, stride, s->dots);
    for (uint32_t i = 0; i < n; i++)
        if (s->dots[i] >= floor) s->keys[k + better++] = ew_near_key(s->dots[i], s->others[i]);
    if (!better) return;
    for (uint32_t h = 0; h < k; h++) s->keys[h] = ew_near_key(dots[h], ids[h]);
    ew_near_select(s->keys, k + better, k);
    ew_near_sort(s->keys, k);
    for (uint32_t h = 0; h < k; h++) {
        ids[h] = ew_near_row(s->keys[h]);
        dots[h] = ew_near_dot(s->keys[h]);
    }
}

static ew_status refine_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    scratch *s = &j->scratch[worker];
    ew_status status = s->memory ? EW_OK : scratch_init(j, s, err);
    uint64_t end = ew_chunk_end(task, ROWS, j->lists->n);
    for (uint64_t i = task * ROWS; status == EW_OK && i < end; i++) refine_row(j, s, j->order[i]);
    return status == EW_OK ? ew_stop_check(err) : status;
}

ew_status ew_lists_refine(const ew_vectors *vectors, const uint32_t *order, ew_pool *pool, ew_lists *lists, ew_error *err) {
    uint32_t n = lists->n, width = lists->k < NEAR ? lists->k : NEAR, *near = ew_alloc_spilled((size_t)n * width, sizeof *near);
    int workers = ew_pool_threads(pool);
    job j = {.vectors = vectors, .order = order, .near = near, .width = width, .mask = 511, .lists = lists,
             .scratch = ew_calloc((size_t)workers, sizeof *j.scratch)};
    ew_status status = EW_OK;
    while (j.mask < 2 * (lists->k + MOST + 1)) j.mask = 2 * j.mask + 1;
    if (!near || !j.scratch) {
        status = ew_fail_memory(err, (size_t)n * width * sizeof *near, "neighbour lists");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (i % ROWS == 0) ew_spill_look();
        memcpy(near + i * width, lists->ids + i * lists->k, width * sizeof *near);
    }
    EW_TRY(ew_pool_run(pool, ew_chunks(n, ROWS), refine_task, &j, err));
done:
    for (int i = 0; j.scratch && i < workers; i++) ew_free(j.scratch[i].memory);
    ew_free(j.scratch);
    ew_free(near);
    return status;
}
