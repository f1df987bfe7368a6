#define _GNU_SOURCE /* sched_getaffinity */
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "stop.h"

enum { LOOK_EVERY = 20000000 }; /* nanoseconds between two looks of a caller who waits for the others */

struct ew_pool {
    int threads;      /* workers, the caller's thread included */
    int started;      /* pthreads running */
    pthread_t *handles;
    pthread_mutex_t mutex;
    pthread_cond_t begin, end;
    uint64_t round;   /* number of the current job */
    int busy;         /* workers still in it */
    int quit;
    ew_task_fn run;
    void *context;
    ew_stop *stop;    /* what the caller works for; NULL: nothing that can be stopped */
    uint64_t n;
    atomic_uint_fast64_t next;
    atomic_uint_fast64_t limit; /* tasks at or beyond it are not begun: the lowest failing one so far */
    uint64_t failed;            /* lowest failing task; guarded by mutex */
    ew_status status;
    ew_error error;
};

typedef struct { ew_pool *pool; int worker; } start;

static void work(ew_pool *pool, int worker) {
    ew_error err;
    for (;;) {
        uint64_t task = atomic_fetch_add(&pool->next, 1);
        if (task >= atomic_load(&pool->limit)) return;
        memset(&err, 0, sizeof err);
        ew_status status = ew_stop_check(&err);
        if (status == EW_OK) status = pool->run(pool->context, task, worker, &err);
        if (status == EW_OK) continue;
        pthread_mutex_lock(&pool->mutex);
        if (task < pool->failed) {
            pool->failed = task;
            pool->status = status;
            pool->error = err;
            atomic_store(&pool->limit, task);
        }
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void *worker_main(void *argument) {
    start *begin = argument;
    ew_pool *pool = begin->pool;
    int worker = begin->worker;
    ew_free(begin);
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->round == seen && !pool->quit) pthread_cond_wait(&pool->begin, &pool->mutex);
        if (pool->quit) break;
        seen = pool->round;
        ew_stop *stop = pool->stop;
        pthread_mutex_unlock(&pool->mutex);
        ew_stop_scope before = ew_stop_enter(stop, 0);
        work(pool, worker);
        ew_stop_leave(before);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->busy == 0) pthread_cond_signal(&pool->end);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static int available_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > 256 ? 256 : n;
}

ew_status ew_pool_create(int threads, ew_pool **out, ew_error *err) {
    *out = NULL;
    if (threads < 0 || threads > 1024) return ew_fail(err, EW_USAGE, "threads must be 0 (all cores) to 1024, not %d", threads);
    ew_pool *pool = ew_calloc(1, sizeof *pool);
    if (!pool) return ew_fail_memory(err, sizeof *pool, "the thread pool");
    pool->threads = threads ? threads : available_cores();
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_condattr_t monotonic; /* a clock that is set does not make the caller wait */
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->end, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pool->handles = ew_calloc((size_t)pool->threads, sizeof *pool->handles);
    ew_status status =
        pool->handles ? EW_OK : ew_fail_memory(err, sizeof *pool->handles * (size_t)pool->threads, "the thread pool");
    for (int i = 1; status == EW_OK && i < pool->threads; i++) {
        start *begin = ew_alloc(1, sizeof *begin);
        if (!begin) {
            status = ew_fail_memory(err, sizeof *begin, "the thread pool");
            break;
        }
        *begin = (start){pool, i};
        if (pthread_create(&pool->handles[i - 1], NULL, worker_main, begin) != 0) {
            ew_free(begin);
            status =
                ew_fail(err, EW_RESOURCE, "cannot start thread %d of %d; ask for fewer with --threads", i + 1, pool->threads);
            break;
        }
        pool->started++;
    }
    if (status != EW_OK) {
        ew_pool_free(pool);
        return status;
    }
    *out = pool;
    return EW_OK;
}

void ew_pool_free(ew_pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    pool->quit = 1;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->started; i++) pthread_join(pool->handles[i], NULL);
    pthread_cond_destroy(&pool->begin);
    pthread_cond_destroy(&pool->end);
    pthread_mutex_destroy(&pool->mutex);
    ew_free(pool->handles);
    ew_free(pool);
}

int ew_pool_threads(const ew_pool *pool) { return pool ? pool->threads : 1; }

/* Waits for the workers; who may be asked to stop is asked meanwhile, so that they see the answer in their long tasks. */
static void wait_for_workers(ew_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    while (pool->busy) {
        if (!pool->stop) {
            pthread_cond_wait(&pool->end, &pool->mutex);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_EVERY;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&pool->end, &pool->mutex, &until);
        if (!pool->busy) break;
        pthread_mutex_unlock(&pool->mutex); /* the caller's function takes as long as it likes */
        (void)!ew_stop_check(NULL);         /* whoever is left in a task fails it */
        pthread_mutex_lock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
}

ew_status ew_pool_run(ew_pool *pool, uint64_t n, ew_task_fn run, void *context, ew_error *err) {
    pthread_mutex_lock(&pool->mutex);
    pool->run = run;
    pool->context = context;
    pool->stop = ew_stop_current();
    pool->n = n;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->limit, n);
    pool->failed = UINT64_MAX;
    pool->status = EW_OK;
    pool->busy = pool->started;
    pool->round++;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    work(pool, 0);
    wait_for_workers(pool);
    if (pool->status != EW_OK && err) *err = pool->error;
    return pool->status;
}

ew_status ew_pool_each(ew_pool *pool, uint64_t n, ew_task_fn run, void *context, ew_error *err) {
    if (pool) return ew_pool_run(pool, n, run, context, err);
    ew_status status = EW_OK;
    for (uint64_t task = 0; status == EW_OK && task < n; task++) status = run(context, task, 0, err);
    return status;
}
