/* One pool of worker threads for the whole run. Work is cut into fixed tasks whose borders do not depend on the number of
 * threads; a task writes only to its own slots; whoever reduces does it in the order of tasks. So every result is the
 * same for any number of threads. */
#ifndef EW_BASE_POOL_H
#define EW_BASE_POOL_H

#include <stdint.h>

#include "status.h"

typedef struct ew_pool ew_pool;

/* Runs task `task` on worker `worker` (0 .. threads-1; 0 is the caller's thread). A status other than EW_OK stops the
 * hand-out of further tasks. `err` is the worker's own. */
typedef ew_status (*ew_task_fn)(void *context, uint64_t task, int worker, ew_error *err);

/* threads 0: the cores this process may use. */
EW_MUST_CHECK ew_status ew_pool_create(int threads, ew_pool **out, ew_error *err);
void ew_pool_free(ew_pool *pool);
int ew_pool_threads(const ew_pool *pool); /* NULL: 1, the calling one */

/* Runs tasks 0 .. n-1, each once, in any order, and waits. Returns the failure of the lowest failing task, so that errors
 * too are the same for any number of threads. A pool serves one ew_pool_run at a time; tasks must not call it again.
 * Between two tasks, and while it waits, it looks whether the caller's work is to stop (stop.h): EW_CANCELLED then; a task that
 * takes longer than a tenth of a second calls ew_stop_check itself. */
EW_MUST_CHECK ew_status ew_pool_run(ew_pool *pool, uint64_t n, ew_task_fn run, void *context, ew_error *err);

/* The same on the calling thread alone, in order, where `pool` is NULL: for work that may itself be a task. */
EW_MUST_CHECK ew_status ew_pool_each(ew_pool *pool, uint64_t n, ew_task_fn run, void *context, ew_error *err);

/* How many tasks of `chunk` items cover n items, and the borders of one of them. */
static inline uint64_t ew_chunks(uint64_t n, uint64_t chunk) { return (n + chunk - 1) / chunk; }
static inline uint64_t ew_chunk_end(uint64_t task, uint64_t chunk, uint64_t n) {
    uint64_t end = (task + 1) * chunk;
    return end < n ? end : n;
}

#endif
