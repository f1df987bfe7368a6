/* Neighbours of neighbours: who is near to somebody near is often near himself (Dong, Moses, Li 2011), and so is who has the
 * same neighbour. Rows that lie side by side know much the same others, so a block of them asks all that any of them has heard
 * of: each row then meets some thousands for the price of some hundred. What a tile's border cut off is found again, whatever the
 * size of the corpus. From the second round on only what is new since the last is passed on. */
#include "refine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/spill.h"
#include "../base/stop.h"
#include "../kernels/sift.h"

enum { NEAR = 15, BACK = 8, BLOCK = 64, CHUNK = 256, AHEAD = 16, ROOM = 64, LOCKS = 1024, SETTLED = 100 };

typedef struct {
    void *memory;
    int8_t *packed;       /* the rows of a block */
    uint64_t *keys;       /* [BLOCK, ROOM] of others who may get in */
    uint64_t *merged;     /* [k] */
    uint64_t *heard;      /* [n / 64 + 1] a bit a row */
    ew_sift_hit *hits;    /* [BLOCK * CHUNK + EW_SIFT_SPARE] */
    int32_t *floor;       /* [BLOCK] */
    uint32_t *held;       /* [BLOCK] */
    uint32_t *others;     /* [BLOCK * width * (1 + width + BACK) + 1] */
} scratch;

typedef struct {
    const ew_vectors *vectors;
    ew_lists *lists;
    uint32_t width;
    uint32_t *near;        /* [n, width] the first of each list, as they were before the round */
    uint16_t *fresh;       /* [n] a bit for each of these: it was not there before the round before */
    uint64_t *back;        /* [n, BACK] the nearest who have a row among their first and are not in its list: descending; 0 */
    int news;              /* fresh says what it says: not in the first round, when all is new */
    _Atomic uint64_t n_fresh;
    pthread_mutex_t *locks; /* [LOCKS] of back; NULL: one thread needs none */
    scratch *scratch;      /* [workers] */
} job;

static ew_status scratch_init(const job *j, scratch *s, ew_error *err) {
    size_t packed = (size_t)BLOCK * j->vectors->stride * ew_sift_get()->width,
           keys = (size_t)BLOCK * ROOM + j->lists->k,
           heard = ((size_t)j->lists->n / 64 + 1) * sizeof *s->heard,
           others = (size_t)BLOCK * j->width * (1 + j->width + BACK) * sizeof *s->others + sizeof *s->others,
           bytes = 64 + packed + keys * sizeof *s->keys + heard + others +
                   BLOCK * (CHUNK * sizeof *s->hits + sizeof *s->floor + sizeof *s->held) + EW_SIFT_SPARE * sizeof *s->hits;
    if (!(s->memory = ew_calloc(bytes, 1))) return ew_fail_memory(err, bytes, "neighbour lists");
    s->packed = (int8_t *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    s->keys = (uint64_t *)(void *)(s->packed + packed);
    s->merged = s->keys + (size_t)BLOCK * ROOM;
    s->heard = s->keys + keys;
    s->hits = (ew_sift_hit *)(void *)(s->heard + j->lists->n / 64 + 1);
    s->floor = (int32_t *)(void *)(s->hits + (size_t)BLOCK * CHUNK + EW_SIFT_SPARE);
    s->held = (uint32_t *)(s->floor + BLOCK);
    s->others = s->held + BLOCK;
    return EW_OK;
}

/* ---- what is passed on ---- */

static inline int listed(const ew_lists *l, size_t row, uint32_t other) {
    uint32_t found = 0;
    for (uint32_t h = 0; h < l->k; h++) found |= l->ids[row * l->k + h] == other;
    return found != 0;
}

/* fresh: which of a row's first are not among those it had; returns how many. */
static uint32_t mark_fresh(const job *j, size_t row) {
    const uint32_t *ids = j->lists->ids + row * j->lists->k, *were = j->near + row * j->width;
    uint32_t bits = 0, n = 0;
    for (uint32_t h = 0; h < j->width; h++) {
        uint32_t found = 0;
        for (uint32_t t = 0; t < j->width; t++) found |= were[t] == ids[h];
        bits |= (uint32_t)!found << h;
        n += !found;
    }
    j->fresh[row] = (uint16_t)bits;
    return n;
}

static ew_status fresh_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    job *j = context;
    uint32_t end = (uint32_t)ew_chunk_end(task, BLOCK, j->lists->n), n = 0;
    for (uint32_t row = (uint32_t)(task * BLOCK); row < end; row++) n += mark_fresh(j, row);
    atomic_fetch_add(&j->n_fresh, n);
    return ew_stop_check(err);
}

static void offer(const job *j, uint32_t to, uint64_t key) {
    uint64_t *back = j->back + (size_t)to * BACK;
    if (__atomic_load_n(&back[BACK - 1], __ATOMIC_RELAXED) > key) return;
    pthread_mutex_t *lock = j->locks ? &j->locks[to / 16 % LOCKS] : NULL;
    if (lock) pthread_mutex_lock(lock);
    uint32_t at = BACK - 1;
    if (back[at] < key) {
        for (; at && back[at - 1] < key; at--) __atomic_store_n(&back[at], back[at - 1], __ATOMIC_RELAXED);
        __atomic_store_n(&back[at], key, __ATOMIC_RELAXED);
    }
    if (lock) pthread_mutex_unlock(lock);
}

/* back: rows tell those whom they have in their lists. */
static ew_status tell_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    const job *j = context;
    const ew_lists *l = j->lists;
    uint32_t k = l->k, end = (uint32_t)ew_chunk_end(task, BLOCK, l->n);
    for (uint32_t row = (uint32_t)(task * BLOCK); row < end; row++) {
        for (uint32_t h = 0; row + 1 < end && h < j->width; h++) { /* they lie anywhere */
            size_t next = l->ids[((size_t)row + 1) * k + h];
            __builtin_prefetch(l->dots + next * k + k - 1);
            __builtin_prefetch(j->back + next * BACK + BACK - 1);
        }
        for (uint32_t h = 0; h < j->width; h++) {
            uint32_t to = l->ids[(size_t)row * k + h];
            int32_t dot = l->dots[(size_t)row * k + h];
            if (!(j->fresh[row] >> h & 1)) continue;
            if (dot >= l->dots[(size_t)to * k + k - 1] && listed(l, to, row)) continue;
            offer(j, to, ew_near_key(dot, row));
        }
    }
    return ew_stop_check(err);
}

/* Who told a row and is nearer than the end of its list gets in. */
static ew_status take_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    const job *j = context;
    const ew_lists *l = j->lists;
    uint32_t k = l->k, end = (uint32_t)ew_chunk_end(task, BLOCK, l->n);
    for (size_t row = task * BLOCK; row < end; row++) {
        const uint64_t *back = j->back + row * BACK;
        uint32_t *ids = l->ids + row * k;
        int32_t *dots = l->dots + row * k, was = dots[k - 1];
        for (uint32_t b = 0; b < BACK && back[b] > ew_near_key(dots[k - 1], ids[k - 1]); b++) {
            uint32_t at = k - 1;
            for (; at && ew_near_key(dots[at - 1], ids[at - 1]) < back[b]; at--) {
                ids[at] = ids[at - 1];
                dots[at] = dots[at - 1];
            }
            ids[at] = ew_near_row(back[b]);
            dots[at] = ew_near_dot(back[b]);
        }
        if (l->far) l->far[row] += (EW_FAR_TO - EW_FAR_FROM) * ((int64_t)dots[k - 1] - was);
        if (j->news) (void)mark_fresh(j, row);
        memcpy(j->near + row * j->width, ids, j->width * sizeof *ids);
    }
    return ew_stop_check(err);
}

/* ---- a block ---- */

/* One more of others, unless it is there. */
static inline uint32_t hear(scratch *s, uint32_t n, uint32_t row) {
    uint64_t *word = &s->heard[row / 64], bit = (uint64_t)1 << row % 64;
    s->others[n] = row;
    n += !(*word & bit); /* as likely as not: no branch */
    *word |= bit;
    return n;
}

/* others: the first of the block's rows, and who these know. Rows of a block have much the same first, so each of these is
 * listened to once. Those up to `met` some row of the block knew before: all rows have met them, and what they know that is not
 * new. */
static uint32_t listen(const job *j, scratch *s, uint32_t first, uint32_t m, uint32_t *met) {
    uint32_t n = 0, width = j->width;
    for (size_t row = first; row < first + m; row++)
        for (uint32_t h = 0; h < width; h++)
            if (!(j->fresh[row] >> h & 1)) n = hear(s, n, j->near[row * width + h]);
    uint32_t known = *met = n;
    for (size_t row = first; row < first + m; row++)
        for (uint32_t h = 0; h < width; h++)
            if (j->fresh[row] >> h & 1) n = hear(s, n, j->near[row * width + h]);
    uint32_t firsts = n;
    for (uint32_t o = 0; o < firsts; o++) {
        size_t other = s->others[o];
        const uint32_t *theirs = j->near + other * width;
        const uint64_t *back = j->back + other * BACK;
        if (o + AHEAD < firsts) {
            __builtin_prefetch(j->near + (size_t)s->others[o + AHEAD] * width);
            __builtin_prefetch(j->back + (size_t)s->others[o + AHEAD] * BACK);
        }
        if (o >= known) {
            for (uint32_t t = 0; t < width; t++) n = hear(s, n, theirs[t]);
        } else {
            for (uint32_t bits = j->fresh[other] & ((1u << width) - 1); bits; bits &= bits - 1)
                n = hear(s, n, theirs[__builtin_ctz(bits)]);
        }
        for (uint32_t b = 0; b < BACK && back[b]; b++) n = hear(s, n, ew_near_row(back[b]));
    }
    for (uint32_t o = 0; o < n; o++) s->heard[s->others[o] / 64] = 0;
    return n;
}

/* Those who wait get into the list of the i-th row of a block, as far as they are near enough. */
static void get_in(const job *j, scratch *s, uint32_t first, uint32_t i) {
    size_t row = first + i;
    uint32_t k = j->lists->k, a = 0, b = 0, *ids = j->lists->ids + row * k;
    int32_t *dots = j->lists->dots + row * k, end = dots[k - 1];
    uint64_t *keys = s->keys + (size_t)i * ROOM;
    if (!s->held[i]) return;
    ew_near_sort(keys, s->held[i]);
    keys[s->held[i]] = 0;
    s->held[i] = 0;
    for (uint32_t h = 0; h < k; h++) { /* as likely the one as the other: no branch */
        uint64_t own = ew_near_key(dots[a], ids[a]), other = keys[b];
        uint32_t wins = other > own;
        s->merged[h] = wins ? other : own;
        b += wins;
        a += !wins;
    }
    for (uint32_t h = 0; h < k; h++) {
        ids[h] = ew_near_row(s->merged[h]);
        dots[h] = ew_near_dot(s->merged[h]);
    }
    if (j->lists->far) j->lists->far[row] += (EW_FAR_TO - EW_FAR_FROM) * ((int64_t)dots[k - 1] - end);
    s->floor[i] = dots[k - 1];
}

static void meet(const job *j, scratch *s, uint32_t first, uint32_t m, const uint32_t *others, uint32_t n) {
    const ew_vectors *v = j->vectors;
    uint32_t hits = ew_sift_get()->sift(s->packed, s->floor, m, v->rows, others, n, v->stride, s->hits);
    for (uint32_t h = 0; h < hits; h++) {
        uint32_t i = s->hits[h].row, other = others[s->hits[h].target];
        if (other == first + i || listed(j->lists, first + i, other)) continue;
        s->keys[(size_t)i * ROOM + s->held[i]++] = ew_near_key(s->hits[h].dot, other);
        if (s->held[i] == ROOM - 1) get_in(j, s, first, i);
    }
}

static void refine_block(const job *j, scratch *s, uint32_t first, uint32_t m) {
    const ew_vectors *v = j->vectors;
    const int8_t *rows[BLOCK];
    uint32_t k = j->lists->k, met, n = listen(j, s, first, m, &met);
    if (met == n) return;
    for (uint32_t i = 0; i < m; i++) {
        rows[i] = v->rows + (size_t)(first + i) * v->stride;
        s->floor[i] = j->lists->dots[(size_t)(first + i) * k + k - 1];
        s->held[i] = 0;
    }
    ew_sift_get()->pack(rows, m, v->stride, s->packed);
    for (uint32_t at = met; at < n; at += CHUNK) meet(j, s, first, m, s->others + at, n - at < CHUNK ? n - at : CHUNK);
    for (uint32_t i = 0; i < m; i++) get_in(j, s, first, i);
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

/* Whether further rounds, each of which changes less than the one before by as much as the last one did, would change less than a
 * hundredth of all. */
static int settled(double before, double last, double all) {
    return last * last * SETTLED <= (before - last) * all;
}

static ew_status refine_again(job *j, int most, ew_pool *pool, ew_error *err) {
    size_t n = j->lists->n;
    uint64_t tasks = ew_chunks(n, BLOCK);
    double all = (double)n * j->width, before = all;
    ew_status status = EW_OK;
    memset(j->fresh, 0xff, n * sizeof *j->fresh);
    for (int round = 0; round < most; round++) {
        j->news = round > 0;
        if (round) {
            atomic_store(&j->n_fresh, 0);
            EW_TRY(ew_pool_run(pool, tasks, fresh_task, j, err));
            double last = (double)atomic_load(&j->n_fresh);
            if (round > 1 && settled(before, last, all)) break; /* of one round nothing follows */
            before = last;
        }
        ew_spill_rest(); /* who tells looks at no vectors, and who meets at few lists */
        memset(j->back, 0, n * BACK * sizeof *j->back);
        EW_TRY(ew_pool_run(pool, tasks, tell_task, j, err));
        EW_TRY(ew_pool_run(pool, tasks, take_task, j, err));
        ew_spill_rest();
        EW_TRY(ew_pool_run(pool, tasks, refine_task, j, err));
    }
done:
    return status;
}

ew_status ew_lists_refine(const ew_vectors *vectors, int most, ew_pool *pool, ew_lists *lists, ew_error *err) {
    uint32_t n = lists->n, width = lists->k < NEAR ? lists->k : NEAR;
    int workers = ew_pool_threads(pool);
    pthread_mutex_t locks[LOCKS];
    job j = {.vectors = vectors, .lists = lists, .width = width, .locks = workers > 1 ? locks : NULL,
             .near = ew_alloc_spilled((size_t)n * width, sizeof *j.near), .fresh = ew_alloc(n, sizeof *j.fresh),
             .back = ew_alloc_spilled((size_t)n * BACK, sizeof *j.back),
             .scratch = ew_calloc((size_t)workers, sizeof *j.scratch)};
    ew_status status;
    for (int i = 0; i < LOCKS; i++) pthread_mutex_init(&locks[i], NULL);
    if (j.near && j.fresh && j.back && j.scratch)
        status = refine_again(&j, most, pool, err);
    else
        status = ew_fail_memory(err, (size_t)n * (width * sizeof *j.near + BACK * sizeof *j.back), "neighbour lists");
    for (int i = 0; j.scratch && i < workers; i++) ew_free(j.scratch[i].memory);
    for (int i = 0; i < LOCKS; i++) pthread_mutex_destroy(&locks[i]);
    ew_free(j.scratch);
    ew_free(j.near);
    ew_free(j.fresh);
    ew_free(j.back);
    return status;
}
