/* The static encoder: a text is the sum of its tokens' rows. */
#include <string.h>

#include "../kernels/gather.h"
#include "inside.h"

_Static_assert(EW_STATIC_PART % EW_GATHER_GROUP == 0, "parts of a list are whole groups");

void ew_static_add(const ew_model *model, const uint32_t *ids, size_t n, size_t more, float *sum) {
    ew_gather_kernels_get()->add(model->rows, model->scales, model->d, ids, n, more, sum);
}

void ew_static_row(const ew_model *model, const uint32_t *ids, size_t n, size_t more, float *out) {
    memset(out, 0, model->d * sizeof *out);
    ew_static_add(model, ids, n, more, out);
    ew_unit_row(out, model->d, EW_STATIC_LEAST);
}

void ew_static_chunk(const ew_model *model, const ew_token_lists *lists, uint64_t task, float *out) {
    uint64_t first = task * EW_TEXTS_A_TASK, end = ew_chunk_end(task, EW_TEXTS_A_TASK, lists->n), last = lists->start[end];
    for (uint64_t i = first; i < end; i++) {
        uint64_t start = lists->start[i], next = lists->start[i + 1];
        ew_static_row(model, lists->ids + start, next - start, last - next, out + (i - first) * model->d);
    }
}

typedef struct job { const ew_model *model; const ew_token_lists *lists; float *out; } job;

static ew_status embed_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker, (void)err;
    const job *j = context;
    ew_static_chunk(j->model, j->lists, task, j->out + task * EW_TEXTS_A_TASK * j->model->d);
    return EW_OK;
}

ew_status ew_static_embed(const ew_model *model, const ew_token_lists *lists, ew_pool *pool, float *out, ew_error *err) {
    ew_status status = ew_token_lists_check(lists, model->vocab, err);
    if (status != EW_OK) return status;
    job j = {model, lists, out};
    return ew_pool_run(pool, ew_chunks(lists->n, EW_TEXTS_A_TASK), embed_chunk, &j, err);
}
