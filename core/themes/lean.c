/* Rows leaned towards their neighbours. */
#include "../base/alloc.h"
#include "../kernels/sums.h"
#include "themes.h"

enum { NEAREST = 5, ROWS = 256 };

typedef struct {
    const ew_vectors *vectors;
    const ew_lists *lists;
    int8_t *out;
    int32_t *sums; /* [workers, stride] */
} job;

static ew_status lean_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const job *a = context;
    static const uint32_t weights[1 + NEAREST] = {NEAREST, 1, 1, 1, 1, 1};
    uint32_t stride = a->vectors->stride, nearest = a->lists->k < NEAREST ? a->lists->k : NEAREST, where[1 + NEAREST];
    uint32_t end = (uint32_t)ew_chunk_end(task, ROWS, a->vectors->n);
    int32_t *sum = a->sums + (size_t)worker * stride;
    for (uint32_t i = (uint32_t)task * ROWS; i < end; i++) {
        size_t list = (size_t)i * a->lists->k;
        uint32_t n = 1;
        where[0] = i;
        while (n <= nearest && a->lists->dots[list + n - 1] > 0) {
            where[n] = a->lists->ids[list + n - 1];
            n++;
        }
        ew_sums_get()->bytes(a->vectors->rows, stride, where, weights, n, sum);
        ew_centre_of_few(sum, stride, a->out + (size_t)i * stride);
    }
    return EW_OK;
}

ew_status ew_themes_lean(const ew_vectors *vectors, const ew_lists *lists, ew_pool *pool, ew_vectors *out, ew_error *err) {
    size_t bytes = (size_t)vectors->n * vectors->stride;
    *out = (ew_vectors){.n = vectors->n, .d = vectors->d, .stride = vectors->stride, .scale = EW_CENTRE};
    out->memory = ew_alloc_spilled(bytes + 64, 1);
    int32_t *sums = ew_alloc((size_t)ew_pool_threads(pool) * vectors->stride, sizeof *sums);
    ew_status status = out->memory && sums ? EW_OK : ew_fail_memory(err, bytes, "themes");
    if (status == EW_OK) {
        out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
        job work = {vectors, lists, out->rows, sums};
        status = ew_pool_run(pool, ew_chunks(vectors->n, ROWS), lean_task, &work, err);
    }
    ew_free(sums);
    if (status != EW_OK) ew_vectors_free(out);
    return status;
}
