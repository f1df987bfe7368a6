#define _GNU_SOURCE /* mkdtemp, usleep */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/base/stop.h"
#include "../../core/edgewise.h"
#include "../../core/neighbours/neighbours.h"
#include "../../core/themes/tree.h"
#include "leaks.h"
#include "make_corpus.h"
#include "make_vectors.h"

static ew_error err;

/* ---- the question ---- */

typedef struct { int calls, stop_at; pthread_t by; } asking;

static int ask(void *data) {
    asking *a = data;
    cr_assert(pthread_equal(a->by, pthread_self())); /* the entering thread alone is asked */
    return ++a->calls >= a->stop_at;
}

Test(stop, asks_now_and_then_and_remembers_the_answer) {
    asking a = {0, 2, pthread_self()};
    ew_stop stop = {.asked = ask, .data = &a};
    cr_assert_eq(ew_stop_check(&err), EW_OK); /* nothing to stop */
    ew_stop_scope before = ew_stop_enter(&stop, 1);
    cr_assert_eq(ew_stop_current(), &stop);
    for (int i = 0; i < 100000; i++)
        if (ew_stop_check(&err) != EW_OK) break;
    cr_assert_leq(a.calls, 2); /* not a hundred thousand times */
    usleep(120000);
    cr_assert_eq(ew_stop_check(&err), EW_CANCELLED);
    cr_assert_eq(err.code, EW_CANCELLED);
    usleep(120000);
    cr_assert_eq(ew_stop_check(NULL), EW_CANCELLED);
    cr_assert_eq(a.calls, 2); /* who has said so is not asked again */
    ew_stop_leave(before);
    cr_assert_eq(ew_stop_check(&err), EW_OK);
}

/* ---- in the pool ---- */

typedef struct { atomic_int ran, waited; int long_from; } tasks;

/* Tasks before long_from sleep a little; the others would go on for ever. */
static ew_status task(void *context, uint64_t number, int worker, ew_error *error) {
    tasks *t = context;
    (void)worker;
    atomic_fetch_add(&t->ran, 1);
    if (number < (uint64_t)t->long_from) return usleep(1000), EW_OK;
    ew_status status;
    while ((status = ew_stop_check(error)) == EW_OK) usleep(1000);
    atomic_fetch_add(&t->waited, 1);
    return status;
}

Test(stop, between_tasks_and_within_long_ones, .timeout = 60) {
    static const int threads[] = {1, 2, 3, 8};
    for (int t = 0; t < 4; t++) {
        ew_pool *pool = make_pool(threads[t]);
        for (int endless = 0; endless < 3; endless++) {
            asking a = {0, 2, pthread_self()};
            ew_stop stop = {.asked = ask, .data = &a};
            /* 0: too many short ones; 1: endless ones on every worker; 2: one endless, all the others wait for it */
            tasks work = {.long_from = endless ? (endless == 1 ? 0 : 1) : 1000000};
            uint64_t n = endless == 2 ? 2 : 1000000;
            ew_stop_scope before = ew_stop_enter(&stop, 1);
            cr_assert_eq(ew_pool_run(pool, n, task, &work, &err), EW_CANCELLED);
            cr_assert_lt(atomic_load(&work.ran), 3000 * threads[t]);
            if (endless) cr_assert_geq(atomic_load(&work.waited), 1);
            ew_stop_leave(before);
            work = (tasks){.long_from = 100}; /* the pool is as good as new */
            cr_assert_eq(ew_pool_run(pool, 20, task, &work, &err), EW_OK);
            cr_assert_eq(atomic_load(&work.ran), 20);
        }
        ew_pool_free(pool);
    }
    assert_no_leaks();
}

/* ---- in the stages ---- */

Test(stop, a_tree_and_lists_are_not_finished) {
    ew_vectors v = make_blobs(700, 20, 7, .5, 1);
    ew_pool *pool = make_pool(2);
    ew_lists lists;
    ew_graph graph, same, unmade;
    ew_tree tree = {0};
    cr_assert_eq(ew_neighbours_exact(&v, 20, pool, &lists, &err), EW_OK);
    cr_assert_eq(ew_graph_build(&lists, 15, EW_WEIGHT_LOCAL, NULL, &graph, &err), EW_OK);
    cr_assert_eq(ew_graph_build(&lists, 15, EW_WEIGHT_LOCAL, NULL, &same, &err), EW_OK);
    asking a = {0, 1, pthread_self()};
    ew_stop stop = {.asked = ask, .data = &a};
    ew_stop_scope before = ew_stop_enter(&stop, 1);
    ew_lists none;
    cr_assert_eq(ew_tree_paris(&graph, NULL, &tree, &err), EW_CANCELLED);
    cr_assert_eq(ew_tree_means(&same, &v, NULL, EW_LINKAGE_WARD, EW_ALL_COLUMNS, &tree, &err), EW_CANCELLED);
    cr_assert_eq(ew_graph_build(&lists, 15, EW_WEIGHT_LOCAL, NULL, &unmade, &err), EW_CANCELLED);
    cr_assert_eq(ew_neighbours_exact(&v, 20, pool, &none, &err), EW_CANCELLED);
    ew_stop_leave(before);
    ew_graph_free(&graph);
    ew_graph_free(&same);
    ew_lists_free(&lists);
    ew_pool_free(pool);
    ew_vectors_free(&v);
    assert_no_leaks();
}

/* ---- in the whole ---- */

typedef struct { int calls, stop_at; char stage[40]; } telling;

static int tell(void *data, const char *stage, uint64_t done, uint64_t total) {
    telling *t = data;
    cr_assert(!total || done <= total);
    snprintf(t->stage, sizeof t->stage, "%s", stage);
    return ++t->calls == t->stop_at;
}

static int tell_and_run_another(void *data, const char *stage, uint64_t done, uint64_t total) {
    static const char line[] = "{\"id\":\"a\",\"text\":\"The lid leaks.\"}\n";
    ew_input input = {"other.jsonl", line, sizeof line - 1};
    ew_options options;
    telling own = {0};
    ew_run *run;
    ew_options_init(&options);
    options.threads = 1;
    options.decoys = 0;
    options.progress = tell;
    options.progress_data = &own;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, NULL), EW_OK);
    cr_assert_gt(own.calls, 3);
    ew_run_free(run);
    return tell(data, stage, done, total);
}

enum { N = 90 };

static ew_buffer make_texts(void) {
    static char rows[N][120];
    const char *texts[N];
    for (int i = 0; i < N; i++) {
        snprintf(rows[i], sizeof rows[i], "The %s leaks %s and number %d is %s.", i % 3 ? "lid" : "tank",
                 i % 2 ? "daily" : "again", i * 7919 % 97, i % 5 ? "fine" : "broken");
        texts[i] = rows[i];
    }
    return make_lines(texts, NULL, N);
}

Test(stop, a_run_ends_at_any_call, .timeout = 60) {
    ew_buffer lines = make_texts();
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_options_init(&options);
    options.threads = 2;
    options.decoys = 2;
    options.progress = tell;
    telling all = {0};
    options.progress_data = &all;
    ew_run *run;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    ew_run_free(run);
    cr_assert_gt(all.calls, 10);
    for (int at = 1; at <= all.calls; at++) {
        telling one = {.stop_at = at};
        options.progress_data = &one;
        ew_status status = ew_mine(&input, 1, &options, &run, &err);
        if (status == EW_OK) { /* a machine that was faster this time asked less often */
            cr_assert_lt(one.calls, at);
            ew_run_free(run);
            continue;
        }
        cr_assert_eq(status, EW_CANCELLED, "%s", err.message);
        cr_assert_null(run);
        cr_assert(strstr(err.message, "stop"), "%s", err.message);
        cr_assert_eq(one.calls, at); /* not asked again after the answer */
    }
    telling outer = {0};
    options.progress = tell_and_run_another;
    options.progress_data = &outer;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    cr_assert_gt(outer.calls, 10);
    ew_run_free(run);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(stop, neighbours_and_clusters_of_vectors) {
    char folder[] = "/tmp/edgewise-stop-XXXXXX", from[64], to[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(from, sizeof from, "%s/v.npy", folder);
    snprintf(to, sizeof to, "%s/out.npy", folder);
    enum { ROWS = 400, D = 16 };
    static float rows[ROWS * D];
    for (uint32_t i = 0; i < ROWS * D; i++) rows[i] = (float)ew_random_unit(1, 1, i, 0) - .5f;
    cr_assert_eq(ew_npy_write_f32(from, rows, ROWS, D, &err), EW_OK);
    for (int stage = 0; stage < 2; stage++) {
        ew_options options;
        ew_options_init(&options);
        telling one = {.stop_at = 1};
        options.progress = tell;
        options.progress_data = &one;
        options.threads = 2;
        ew_status status = stage ? ew_cluster_file(from, &options, to, NULL, &err)
                                 : ew_neighbours_file(from, 5, &options, to, NULL, &err);
        cr_assert_eq(status, EW_CANCELLED, "%s", err.message);
        cr_assert_str_eq(one.stage, "neighbours");
        cr_assert_neq(access(to, F_OK), 0);
    }
    unlink(from);
    rmdir(folder);
    assert_no_leaks();
}

Test(stop, a_stage_alone_leaves_the_earlier_file) {
    char folder[] = "/tmp/edgewise-stop-XXXXXX", path[64], kept[8] = {0};
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out", folder);
    ew_buffer lines = make_texts();
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    for (int stage = 0; stage < 2; stage++) {
        ew_status status = EW_CANCELLED;
        int at = 1;
        for (; status == EW_CANCELLED && at < 20; at++) {
            FILE *f = fopen(path, "w");
            fputs("kept", f);
            fclose(f);
            ew_options options;
            ew_options_init(&options);
            telling one = {.stop_at = at};
            options.progress = tell;
            options.progress_data = &one;
            options.threads = 2;
            status = (stage ? ew_signals_file : ew_families_file)(&input, 1, &options, path, NULL, &err);
            cr_assert(status == EW_OK || status == EW_CANCELLED, "%s", err.message);
            f = fopen(path, "r");
            kept[fread(kept, 1, 4, f)] = 0;
            fclose(f);
            cr_assert(status == EW_OK || strcmp(kept, "kept") == 0);
        }
        cr_assert(status == EW_OK && at > 3); /* once while reading, once after */
    }
    ew_buffer_free(&lines);
    unlink(path);
    rmdir(folder);
    assert_no_leaks();
}
