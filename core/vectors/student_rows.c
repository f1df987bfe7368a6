/* What the first layer says of each piece that occurs: made once, looked up for every token. */
#include <string.h>

#include "../base/alloc.h"
#include "../kernels/smooth.h"
#include "student_inside.h"

void ew_student_rows_free(ew_student_rows *rows) {
    ew_free(rows->slot);
    ew_free(rows->piece);
    ew_free(rows->rows);
    ew_free(rows->scales);
    ew_free(rows->zeros);
    *rows = (ew_student_rows){0};
}

typedef struct {
    const ew_student *student;
    ew_student_rows *out;
    char **memory; /* [workers] */
} job;

/* A panel of pieces through the first layer, each third of a row in int8 with a scale of its own. */
static ew_status panel_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    const ew_student *s = j->student;
    uint32_t from = 1 + (uint32_t)task * EW_PANEL, to = from + EW_PANEL < j->out->n ? from + EW_PANEL : j->out->n;
    uint32_t wide = 3 * s->hidden, deep = ew_gemm_up(s->width, EW_GEMM_DEPTH);
    size_t bytes = (size_t)EW_PANEL * deep, room = (size_t)EW_PANEL * EW_PANEL * sizeof(int32_t);
    size_t floats = (size_t)EW_PANEL * wide * sizeof(float), all = 64 + bytes + room + floats + EW_PANEL * 8;
    if (!j->memory[worker] && !(j->memory[worker] = ew_calloc(all, 1))) return ew_fail_memory(err, all, "the student");
    char *at = (char *)(((uintptr_t)j->memory[worker] + 63) & ~(uintptr_t)63);
    ew_quantised q = {(int8_t *)at, (float *)(void *)(at + bytes + room + floats), NULL};
    q.zeros = (int32_t *)(void *)(q.scales + EW_PANEL);
    float *out = (float *)(void *)(at + bytes + room);
    for (uint32_t i = from; i < to; i++) {
        uint32_t piece = j->out->piece[i];
        memcpy(q.bytes + (size_t)(i - from) * deep, s->own + (size_t)piece * s->width, s->width);
        q.scales[i - from] = s->own_scales[piece];
        q.zeros[i - from] = 0;
    }
    ew_linear_apply(&s->l.first, q, to - from, (int32_t *)(void *)(at + bytes), EW_LINEAR_PLAIN, out, wide);
    for (uint32_t i = from; i < to; i++)
        for (uint32_t part = 0; part < 3; part++) {
            int32_t zero;
            size_t place = (size_t)i * 3 + part;
            ew_smooth_get()->quantise(out + (size_t)(i - from) * wide + part * s->hidden, s->hidden,
                                      j->out->rows + place * s->hidden, &j->out->scales[place], &zero);
            j->out->zeros[place] = -(float)zero * j->out->scales[place];
        }
    return EW_OK;
}

ew_status ew_student_rows_build(const ew_student *student, const ew_token_lists *lists, ew_pool *pool, ew_student_rows *out,
                                ew_error *err) {
    uint32_t vocab = student->model->vocab;
    int workers = ew_pool_threads(pool);
    job j = {student, out, ew_calloc((size_t)workers, sizeof(char *))};
    ew_status status = EW_OK;
    *out = (ew_student_rows){.n = 1, .slot = ew_calloc(vocab, sizeof *out->slot),
                             .piece = ew_calloc((size_t)vocab + 1, sizeof *out->piece)};
    if (!j.memory || !out->slot || !out->piece) {
        status = ew_fail_memory(err, (size_t)vocab * 8, "the student");
        goto done;
    }
    for (uint64_t t = lists->n ? lists->start[0] : 0, end = lists->n ? lists->start[lists->n] : 0; t < end; t++)
        out->slot[lists->ids[t]] = 1;
    for (uint32_t piece = 0; piece < vocab; piece++) {
        if (!out->slot[piece]) continue;
        out->slot[piece] = student->own_scales[piece] > 0 ? out->n : 0;
        if (out->slot[piece]) out->piece[out->n++] = piece;
    }
    out->rows = ew_calloc((size_t)out->n * 3, student->hidden);
    out->scales = ew_calloc((size_t)out->n * 3, sizeof *out->scales);
    out->zeros = ew_calloc((size_t)out->n * 3, sizeof *out->zeros);
    if (!out->rows || !out->scales || !out->zeros) {
        status = ew_fail_memory(err, (size_t)out->n * 3 * (student->hidden + 8), "the student");
        goto done;
    }
    EW_TRY(ew_pool_run(pool, ew_chunks(out->n - 1, EW_PANEL), panel_task, &j, err));
done:
    for (int i = 0; j.memory && i < workers; i++) ew_free(j.memory[i]);
    ew_free(j.memory);
    if (status != EW_OK) ew_student_rows_free(out);
    return status;
}
