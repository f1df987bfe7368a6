/* Two callers with inputs and files of their own at once, on pools of 1 to 8 threads; and pools that are made, worked hard with
 * tiny tasks, failed, stopped and thrown away while others are. No races (thread sanitizer), and the same results every time.
 * mine.c beside it shares one input and cancels. */
#define _GNU_SOURCE /* mkdtemp */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/base/pool.h"
#include "../../core/base/stop.h"
#include "../../core/edgewise.h"

enum { COMMENTS = 160, CALLERS = 2, MOST_THREADS = 8, TASKS = 300, POOL_ROUNDS = 40 };

static atomic_int bad;

static char *make_corpus(int caller, size_t *size) {
    static const char *const things[2][4] = {{"lid", "spout", "grinder", "tank"}, {"app", "invoice", "login", "courier"}};
    static const char *const states[] = {"leaks again", "is far too loud", "stopped working", "arrived late", "looks lovely"};
    size_t room = COMMENTS * 200;
    char *out = malloc(room);
    if (!out) exit(2);
    uint64_t state = (uint64_t)caller + 1;
    for (int i = 0; i < COMMENTS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        unsigned r = (unsigned)(state >> 33);
        const char *const *names = things[caller];
        *size += (size_t)snprintf(out + *size, room - *size,
                                  i % 11 == 3 ? "{\"id\":\"%d\",\"text\":\"I hold the %s down with a spoon each time, the %s\"}\n"
                                              : "{\"id\":\"%d\",\"text\":\"The %s %s. The %s was fine.\"}\n",
                                  i, names[r % 4], i % 11 == 3 ? names[r / 4 % 4] : states[r / 4 % 5], names[r / 32 % 4]);
    }
    return out;
}

static char *mine(int caller, int threads, const char *corpus, size_t size, const char *folder) {
    ew_input input = {caller ? "one.jsonl" : "other.jsonl", corpus, size};
    ew_options options;
    ew_error err = {0};
    ew_run *run = NULL;
    char *json = NULL, *timings = NULL;
    ew_options_init(&options);
    options.threads = threads;
    options.decoys = 1;
    ew_status status = ew_mine(&input, 1, &options, &run, &err);
    if (status == EW_OK) status = ew_run_json(run, &json, &err);
    if (status == EW_OK && threads % 4 == 1) status = ew_run_write(run, folder, &err);
    if (status == EW_OK) status = ew_timings(&timings, &err);
    ew_free(timings);
    ew_run_free(run);
    if (status != EW_OK) {
        fprintf(stderr, "caller %d, %d threads: %s\n", caller, threads, err.message);
        bad++;
    }
    return json;
}

static void *mine_all(void *argument) {
    int caller = *(int *)argument;
    size_t size = 0;
    char *corpus = make_corpus(caller, &size), *first = NULL, folder[] = "/tmp/edgewise-stress-XXXXXX", command[64];
    if (!mkdtemp(folder)) exit(2);
    for (int turn = 0; turn < MOST_THREADS; turn++) { /* one from 1 upwards, the other from 8 downwards */
        char *json = mine(caller, caller ? MOST_THREADS - turn : turn + 1, corpus, size, folder);
        if (first && json && strcmp(first, json) != 0) {
            fprintf(stderr, "caller %d, turn %d: another result\n", caller, turn);
            bad++;
        }
        if (first)
            ew_free(json);
        else
            first = json;
    }
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) bad++;
    ew_free(first);
    free(corpus);
    return NULL;
}

typedef struct {
    uint64_t slots[TASKS], fail_at;
} slots; /* plain memory: the pool has to order it */

static ew_status fill(void *context, uint64_t task, int worker, ew_error *err) {
    slots *s = context;
    (void)worker;
    s->slots[task] += task + 1;
    return task < s->fail_at ? EW_OK : ew_fail(err, EW_INPUT, "task %d", (int)task);
}

static int stop_at_last(void *data) { return ++*(int *)data > 1; }

static ew_status until_stopped(void *context, uint64_t task, int worker, ew_error *err) {
    (void)context, (void)task, (void)worker;
    ew_status status;
    while ((status = ew_stop_check(err)) == EW_OK) usleep(500);
    return status;
}

static void *work_pools(void *argument) {
    (void)argument;
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        ew_error err;
        ew_pool *pool;
        slots s = {.fail_at = UINT64_MAX};
        if (ew_pool_create(threads, &pool, &err) != EW_OK) exit(2);
        for (int round = 0; round < POOL_ROUNDS; round++)
            if (ew_pool_run(pool, TASKS, fill, &s, &err) != EW_OK) bad++;
        for (uint64_t i = 0; i < TASKS; i++) bad += s.slots[i] != POOL_ROUNDS * (i + 1);
        s.fail_at = (uint64_t)threads * 10;
        char want[24];
        snprintf(want, sizeof want, "task %d", threads * 10);
        if (ew_pool_run(pool, TASKS, fill, &s, &err) != EW_INPUT || strcmp(err.message, want) != 0) bad++;
        int calls = 0;
        ew_stop stop = {.asked = stop_at_last, .data = &calls};
        ew_stop_scope before = ew_stop_enter(&stop, 1);
        if (ew_pool_run(pool, (uint64_t)threads, until_stopped, NULL, &err) != EW_CANCELLED) bad++;
        ew_stop_leave(before);
        ew_pool_free(pool);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[CALLERS + 2];
    int numbers[CALLERS];
    for (int i = 0; i < CALLERS + 2; i++) {
        if (i < CALLERS) numbers[i] = i;
        if (pthread_create(&threads[i], NULL, i < CALLERS ? mine_all : work_pools, i < CALLERS ? &numbers[i] : NULL) != 0)
            return 2;
    }
    for (int i = 0; i < CALLERS + 2; i++) pthread_join(threads[i], NULL);
    if (bad) fprintf(stderr, "%d results failed or differed\n", (int)bad);
    return bad != 0;
}
