/* Rows leaned towards their neighbours. */
#include "../base/alloc.h"
#include "themes.h"

enum { NEAREST = 5, ROWS = 256 };

typedef struct {
    const ew_vectors *vectors;
    const ew_lists *lists;
    int8_t *out;
    int64_t *sums; /* [workers, 2, stride]: a sum, and the place of a quicker one in 16 bits */
} job;

static ew_status lean_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const job *a = context;
    uint32_t stride = a->vectors->stride, nearest = a->lists->k < NEAREST ? a->lists->k : NEAREST;
    uint32_t end = (uint32_t)ew_chunk_end(task, ROWS, a->vectors->n);
    int64_t *sum = a->sums + (size_t)worker * 2 * stride;
    int16_t *quick = (int16_t *)(sum + stride); /* ten bytes' worth at most */
    for (uint32_t i = (uint32_t)task * ROWS; i < end; i++) {
        const int8_t *row = a->vectors->rows + (size_t)i * stride;
        for (uint32_t d = 0; d < stride; d++) quick[d] = (int16_t)(row[d] * NEAREST);
        for (uint32_t j = 0; j < nearest && a->lists->dots[(size_t)i * a->lists->k + j] > 0; j++) {
            const int8_t *other = a->vectors->rows + (size_t)a->lists->ids[(size_t)i * a->lists->k + j] * stride;
            for (uint32_t d = 0; d < stride; d++) quick[d] = (int16_t)(quick[d] + other[d]);
        }
        for (uint32_t d = 0; d < stride; d++) sum[d] = quick[d];
        ew_centre_direction(sum, stride, a->out + (size_t)i * stride);
    }
    return EW_OK;
}

ew_status ew_themes_lean(const ew_vectors *vectors, const ew_lists *lists, ew_pool *pool, ew_vectors *out, ew_error *err) {
    size_t bytes = (size_t)vectors->n * vectors->stride;
    *out = (ew_vectors){.n = vectors->n, .d = vectors->d, .stride = vectors->stride, .scale = EW_CENTRE};
    out->memory = ew_alloc_spilled(bytes + 64, 1);
    int64_t *sums = ew_alloc((size_t)ew_pool_threads(pool) * 2 * vectors->stride, sizeof *sums);
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
