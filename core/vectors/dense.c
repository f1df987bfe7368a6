/* Products of tall and narrow tables on OpenBLAS. A chunk of rows is one call on one thread: which rows are added up together,
 * and so every bit, does not depend on the number of threads. In double, since what follows takes square roots of small
 * differences. */
#include <cblas.h>
#include <pthread.h>
#include <string.h>

#include "../base/alloc.h"
#include "inside.h"

enum { ROWS = 256, MOST_PARTS = 64 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void one_thread(void) { openblas_set_num_threads(1); } /* the pool's threads are the only ones */

typedef struct { const float *rows; float *turned; const double *by; uint64_t n, chunk; uint32_t l; double *parts; } job;

static double *as_double(const job *j, uint64_t from, uint64_t rows, uint64_t more, ew_error *err) {
    double *out = ew_alloc(rows * j->l + more, sizeof *out);
    if (!out) (void)!ew_fail_memory(err, (rows * j->l + more) * sizeof *out, "the corpus part");
    for (uint64_t i = 0; out && i < rows * j->l; i++) out[i] = (double)j->rows[from * j->l + i];
    return out;
}

static ew_status gram_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    const job *j = context;
    uint64_t from = task * j->chunk, rows = ew_chunk_end(task, j->chunk, j->n) - from;
    int l = (int)j->l;
    double *x = as_double(j, from, rows, 0, err);
    if (!x) return EW_RESOURCE;
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, l, (int)rows, 1, x, l, 0, j->parts + task * j->l * j->l, l);
    ew_free(x);
    return EW_OK;
}

ew_status ew_dense_gram(const float *rows, uint64_t n, uint32_t l, double *out, ew_pool *pool, ew_error *err) {
    pthread_once(&once, one_thread);
    uint64_t chunk = (n + MOST_PARTS - 1) / MOST_PARTS; /* few, so that their l * l sums stay small beside the rows */
    if (chunk < ROWS) chunk = ROWS;
    uint64_t tasks = ew_chunks(n, chunk);
    job j = {.rows = rows, .n = n, .chunk = chunk, .l = l, .parts = ew_calloc((tasks ? tasks : 1) * l, l * sizeof(double))};
    if (!j.parts) return ew_fail_memory(err, tasks * l * l * sizeof(double), "the corpus part");
    ew_status status = ew_pool_run(pool, tasks, gram_task, &j, err);
    for (uint32_t a = 0; a < l; a++)
        for (uint32_t b = a; b < l; b++) {
            double sum = 0;
            for (uint64_t t = 0; t < tasks; t++) sum += j.parts[(t * l + a) * l + b];
            out[(size_t)a * l + b] = out[(size_t)b * l + a] = sum;
        }
    ew_free(j.parts);
    return status;
}

static ew_status turn_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    const job *j = context;
    uint64_t from = task * ROWS, rows = ew_chunk_end(task, ROWS, j->n) - from;
    int l = (int)j->l;
    double *x = as_double(j, from, rows, rows * j->l, err);
    if (!x) return EW_RESOURCE;
    double *y = x + rows * j->l;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, l, l, 1, x, l, j->by, l, 0, y, l);
    for (uint64_t i = 0; i < rows * j->l; i++) j->turned[from * j->l + i] = (float)y[i];
    ew_free(x);
    return EW_OK;
}

ew_status ew_dense_turn(float *rows, uint64_t n, uint32_t l, const double *by, ew_pool *pool, ew_error *err) {
    pthread_once(&once, one_thread);
    job j = {.rows = rows, .turned = rows, .by = by, .n = n, .l = l};
    return ew_pool_run(pool, ew_chunks(n, ROWS), turn_task, &j, err);
}
