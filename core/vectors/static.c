/* The static encoder: a text is the sum of its tokens' rows. */
#include <string.h>

#include "../kernels/kernels.h"
#include "inside.h"

typedef struct job { const ew_model *model; const ew_token_lists *lists; float *out; } job;

static ew_status embed_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker, (void)err;
    const job *j = context;
    const ew_model *model = j->model;
    const ew_kernels *kernels = ew_kernels_get();
    uint64_t end = ew_chunk_end(task, EW_TEXTS_A_TASK, j->lists->n);
    for (uint64_t i = task * EW_TEXTS_A_TASK; i < end; i++) {
        float *row = j->out + i * model->d;
        uint64_t start = j->lists->start[i];
        memset(row, 0, model->d * sizeof *row);
        kernels->gather_add(model->rows, model->scales, model->d, j->lists->ids + start, j->lists->start[i + 1] - start, row);
        ew_unit_row(row, model->d, 1e-12f);
    }
    return EW_OK;
}

ew_status ew_static_embed(const ew_model *model, const ew_token_lists *lists, ew_pool *pool, float *out, ew_error *err) {
    ew_status status = ew_token_lists_check(lists, model->vocab, err);
    if (status != EW_OK) return status;
    job j = {model, lists, out};
    return ew_pool_run(pool, ew_chunks(lists->n, EW_TEXTS_A_TASK), embed_chunk, &j, err);
}
