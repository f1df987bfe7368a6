/* Neighbours of neighbours: who is near to somebody near is often near himself (Dong, Moses, Li 2011). Rows that lie side by side
 * know much the same others, so a block of them asks all that any of them has heard of: each row then meets some thousands for
 * the price of some hundred. What a tile's border cut off is found again, whatever the size of the corpus. */
#include "refine.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/spill.h"
#include "../base/stop.h"
#include "../kernels/sift.h"

enum { NEAR = 15, BLOCK = 128, CHUNK = 256, AHEAD = 16 };

typedef struct {
    void *memory;
    int8_t *packed;       /* the rows of a block */
    int8_t *targets;      /* [CHUNK, stride] */
    uint64_t *keys;       /* [BLOCK, room] */
    uint64_t *heard;      /* [n / 64 + 1] a bit a row */
    ew_sift_hit *hits;    /* [BLOCK * CHUNK] */
    int32_t *floor;       /* [BLOCK] */
    uint32_t *held;       /* [BLOCK] */
    uint32_t *others;     /* [BLOCK * (k + width * width)] */
} scratch;

typedef struct {
    const ew_vectors *vectors;
    const uint32_t *near;  /* [n, width] the first of each list, as they were */
    uint32_t width, room;
    ew_lists *lists;
    scratch *scratch;      /* [workers] */
} job;

static ew_status scratch_init(const job *j, scratch *s, ew_error *err) {
    size_t packed = (size_t)BLOCK * j->vectors->stride * ew_sift_get()->width, targets = (size_t)CHUNK * j->vectors->stride,
           keys = (size_t)BLOCK * j->room * sizeof *s->keys,
           heard = ((size_t)j->lists->n / 64 + 1) * sizeof *s->heard,
           others = (size_t)BLOCK * (j->lists->k + j->width * j->width) * sizeof *s->others,
           bytes = 64 + packed + targets + keys + heard + others +
                   BLOCK * (CHUNK * sizeof *s->hits + sizeof *s->floor + sizeof *s->held);
    if (!(s->memory = ew_calloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
    s->packed = (int8_t *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    s->targets = s->packed + packed;
    s->keys = (uint64_t *)(void *)(s->targets + targets);
    s->heard = s->keys + (size_t)BLOCK * j->room;
    s->hits = (ew_sift_hit *)(void *)(s->heard + j->lists->n / 64 + 1);
    s->floor = (int32_t *)(void *)(s->hits + (size_t)BLOCK * CHUNK);
    s->held = (uint32_t *)(s->floor + BLOCK);
    s->others = s->held + BLOCK;
    return EW_OK;
}

/* One more of others, unless it is there. */
static inline uint32_t hear(scratch *s, uint32_t n, uint32_t row) {
    uint64_t *word = &s->heard[row / 64], bit = (uint64_t)1 << row % 64;
    s->others[n] = row;
    n += !(*word & bit); /* as likely as not: no branch */
    *word |= bit;
    return n;
}

/* others: the lists of the block's rows, and the first of the lists of their first. Rows of a block have much the same first, so
 * each of these is listened to once. */
static uint32_t listen(const job *j, scratch *s, uint32_t first, uint32_t m) {
    uint32_t n = 0, k = j->lists->k, width = j->width;
    for (size_t row = first; row < first + m; row++)
        for (uint32_t h = 0; h < width; h++) n = hear(s, n, j->near[row * width + h]);
    uint32_t firsts = n;
    for (uint32_t o = 0; o < firsts; o++) {
        const uint32_t *theirs = j->near + (size_t)s->others[o] * width;
        if (o + AHEAD < firsts) __builtin_prefetch(j->near + (size_t)s->others[o + AHEAD] * width);
        for (uint32_t t = 0; t < width; t++) n = hear(s, n, theirs[t]);
    }
    for (size_t row = first; row < first + m; row++) /* its first were heard above */
        for (uint32_t h = width; h < k; h++) n = hear(s, n, j->lists->ids[row * k + h]);
    for (uint32_t o = 0; o < n; o++) s->heard[s->others[o] / 64] = 0;
    return n;
}

static void meet(const job *j, scratch *s, uint32_t first, uint32_t m, const uint32_t *others, uint32_t n) {
    const ew_vectors *v = j->vectors;
    uint32_t k = j->lists->k;
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n) /* they lie anywhere */
            for (uint32_t b = 0; b < v->stride; b += 64) __builtin_prefetch(v->rows + (size_t)others[i + AHEAD] * v->stride + b);
        memcpy(s->targets + (size_t)i * v->stride, v->rows + (size_t)others[i] * v->stride, v->stride);
    }
    uint32_t hits = ew_sift_get()->sift(s->packed, s->floor, m, s->targets, n, v->stride, s->hits);
    for (uint32_t h = 0; h < hits; h++) {
        uint32_t i = s->hits[h].row, other = others[s->hits[h].target];
        uint64_t *keys = s->keys + (size_t)i * j->room;
        if (other == first + i) continue;
        keys[s->held[i]++] = ew_near_key(s->hits[h].dot, other);
        if (s->held[i] < j->room) continue;
        s->held[i] = ew_near_thin(keys, j->room, k, &s->floor[i]);
    }
}

static void refine_block(const job *j, scratch *s, uint32_t first, uint32_t m) {
    const ew_vectors *v = j->vectors;
    const int8_t *rows[BLOCK];
    uint32_t k = j->lists->k, n = listen(j, s, first, m);
    for (uint32_t i = 0; i < m; i++) {
        rows[i] = v->rows + (size_t)(first + i) * v->stride;
        s->floor[i] = j->lists->dots[(size_t)(first + i) * k + k - 1];
        s->held[i] = 0;
    }
    ew_sift_get()->pack(rows, m, v->stride, s->packed);
    for (uint32_t at = 0; at < n; at += CHUNK) meet(j, s, first, m, s->others + at, n - at < CHUNK ? n - at : CHUNK);
    for (uint32_t i = 0; i < m; i++) { /* what was in the list was met again, so it is full */
        uint64_t *keys = s->keys + (size_t)i * j->room;
        size_t to = (size_t)(first + i) * k;
        int64_t end = j->lists->dots[to + k - 1];
        ew_near_select(keys, s->held[i], k);
        ew_near_sort(keys, k);
        if (j->lists->far) j->lists->far[first + i] += (EW_FAR_TO - EW_FAR_FROM) * (ew_near_dot(keys[k - 1]) - end);
        for (uint32_t h = 0; h < k; h++) {
            j->lists->ids[to + h] = ew_near_row(keys[h]);
            j->lists->dots[to + h] = ew_near_dot(keys[h]);
        }
    }
}

static ew_status refine_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    scratch *s = &j->scratch[worker];
    ew_status status = s->memory ? EW_OK : scratch_init(j, s, err);
    if (status != EW_OK) return status;
    uint32_t first = (uint32_t)(task * BLOCK);
    refine_block(j, s, first, (uint32_t)ew_chunk_end(task, BLOCK, j->lists->n) - first);
    return ew_stop_check(err);
}

ew_status ew_lists_refine(const ew_vectors *vectors, ew_pool *pool, ew_lists *lists, ew_error *err) {
    enum { ROWS = 256 };
    uint32_t n = lists->n, width = lists->k < NEAR ? lists->k : NEAR, *near = ew_alloc_spilled((size_t)n * width, sizeof *near);
    int workers = ew_pool_threads(pool);
    job j = {.vectors = vectors, .near = near, .width = width, .room = 2 * lists->k + 64, .lists = lists,
             .scratch = ew_calloc((size_t)workers, sizeof *j.scratch)};
    ew_status status = EW_OK;
    if (!near || !j.scratch) {
        status = ew_fail_memory(err, (size_t)n * width * sizeof *near, "neighbour lists");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (i % ROWS == 0) ew_spill_look();
        memcpy(near + i * width, lists->ids + i * lists->k, width * sizeof *near);
    }
    EW_TRY(ew_pool_run(pool, ew_chunks(n, BLOCK), refine_task, &j, err));
done:
    for (int i = 0; j.scratch && i < workers; i++) ew_free(j.scratch[i].memory);
    ew_free(j.scratch);
    ew_free(near);
    return status;
}
