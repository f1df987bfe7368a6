/* Neighbours and clusters of anybody's vectors. */
#include <string.h>

#include "base/alloc.h"
#include "mining.h"

typedef struct {
    ew_pool *pool;
    ew_vectors vectors;
    ew_lists lists;
    ew_stopwatch timings;
    double recall;
    const ew_options *options;
    const char *stage; /* what the caller is told */
    ew_stop stop;
    ew_stop_scope before;
} work;

/* What is needed beside a byte a value (two where rows are also leaned: themes.h) and 8 bytes a neighbour: tiles, graphs, trees;
 * measured at 100,000 rows of 256 columns. */
static const double BASE_BYTES = 15e6, OVERHEAD = 4.0 / 3;

static int asked_to_stop(void *data) {
    const work *w = data;
    return w->options->progress(w->options->progress_data, w->stage, 0, 0);
}

/* k: neighbours of each row; 0: as many as themes are cut by. */
static ew_status begin(work *w, const char *path, uint32_t k, const ew_options *options, ew_error *err) {
    ew_npy npy = {.file = -1};
    *w = (work){.options = options, .stage = "read"};
    w->stop = (ew_stop){.asked = asked_to_stop, .data = w};
    w->before = ew_stop_enter(NULL, 0);
    ew_stopwatch_start(&w->timings);
    ew_status status;
    EW_TRY(ew_options_check(options, err));
    if (options->progress) ew_stop_enter(&w->stop, 1);
    EW_TRY(ew_pool_create(options->threads, &w->pool, err));
    double begun = ew_wall();
    EW_TRY(ew_npy_open(path, &npy, err));
    if (npy.n > options->max_units) {
        status = ew_fail(err, EW_RESOURCE, "'%s' has %u rows, the most is %llu; raise --max-units", path, npy.n,
                         (unsigned long long)options->max_units);
        goto done;
    }
    double leaned = k ? 1 : 2; /* rows twice: themes lean them */
    if (!k) k = ew_themes_neighbours(npy.n);
    double bytes = BASE_BYTES + OVERHEAD * npy.n * ((npy.d + 63) / 64 * 64 * leaned + 8.0 * k);
    if (options->memory && bytes > (double)options->memory) {
        status = ew_fail(err, EW_RESOURCE, "'%s' would need about %.0f MB, --memory allows %.0f MB; give it more", path,
                         bytes / 1e6, (double)options->memory / 1e6);
        goto done;
    }
    w->stage = "neighbours";
    if (options->progress && asked_to_stop(w)) { /* a small job may be over before its tasks are asked */
        status = ew_fail(err, EW_CANCELLED, "stopped while at '%s'", w->stage);
        goto done;
    }
    EW_TRY(ew_vectors_from_npy(&npy, (ew_metric)options->metric, w->pool, &w->vectors, err));
    ew_stopwatch_add(&w->timings, "read", begun);
    begun = ew_wall();
    ew_want want = {.keep = k, .recall = options->recall / 100.0, .seed = options->seed};
    EW_TRY(ew_neighbours_find(&w->vectors, want, w->pool, &w->lists, &w->recall, err));
    ew_remember_recall(w->recall);
    ew_stopwatch_add(&w->timings, "neighbours", begun);
done:
    ew_npy_close(&npy);
    return status;
}

static void end(work *w) {
    ew_stop_leave(w->before);
    ew_remember_timings(&w->timings);
    ew_vectors_free(&w->vectors);
    ew_lists_free(&w->lists);
    ew_pool_free(w->pool);
}

ew_status ew_neighbours_file(const char *vectors, uint32_t k, const ew_options *options, const char *path, uint64_t *n_out,
                             ew_error *err) {
    if (!k || k > 10000) return ew_fail(err, EW_USAGE, "k must be 1 to 10000, not %u", k);
    work w;
    int32_t *out = NULL;
    ew_status status;
    EW_TRY(begin(&w, vectors, k, options, err));
    if (w.lists.k < k) {
        status = ew_fail(err, EW_INPUT, "'%s' has %u rows: too few for %u neighbours each", vectors, w.lists.n, k);
        goto done;
    }
    size_t cells = (size_t)w.lists.n * k;
    if (!(out = ew_alloc(cells, sizeof *out))) {
        status = ew_fail_memory(err, cells * sizeof *out, "neighbours");
        goto done;
    }
    for (size_t i = 0; i < cells; i++) out[i] = (int32_t)w.lists.ids[i];
    EW_TRY(ew_npy_write_i32(path, out, w.lists.n, k, err));
    if (n_out) *n_out = w.lists.n;
done:
    ew_free(out);
    end(&w);
    return status;
}

ew_status ew_cluster_file(const char *vectors, const ew_options *options, const char *path, uint64_t *n_out, ew_error *err) {
    work w;
    ew_partition partition = {0};
    ew_status status;
    EW_TRY(begin(&w, vectors, 0, options, err));
    double begun = ew_wall();
    w.stage = "cluster";
    EW_TRY(ew_themes_cut(&w.vectors, &w.lists, (uint32_t)options->themes, w.pool, &partition, err));
    ew_stopwatch_add(&w.timings, "cluster", begun);
    EW_TRY(ew_npy_write_i32(path, (const int32_t *)partition.theme, partition.n, 0, err));
    if (n_out) *n_out = partition.n;
done:
    ew_partition_free(&partition);
    end(&w);
    return status;
}
