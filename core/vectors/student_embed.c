/* Token lists -> vectors. Texts go in their order, as many together as make a task's worth of tokens; none has a part in
 * another's vector, so it is the same for any number of threads. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/clock.h"
#include "student_inside.h"

enum { TASKS_AT_ONCE = 64 }; /* between two looks at whether the caller has had enough */

typedef struct job {
    const ew_student *student;
    const ew_student_rows *rows;
    const ew_token_lists *lists;
    const uint32_t *starts; /* first text of each task */
    uint64_t first;         /* task of this round */
    ew_student_scratch **scratch; /* [workers] */
    float *out;
} job;

/* The pieces of a text that count, the first EW_STUDENT_LONGEST of them. */
static void put_text(const job *j, ew_student_scratch *s, uint32_t text) {
    uint32_t at = s->starts[s->n_texts], most = at + EW_STUDENT_LONGEST;
    for (uint64_t t = j->lists->start[text]; t < j->lists->start[text + 1] && at < most; t++) {
        uint32_t slot = j->rows->slot[j->lists->ids[t]];
        if (!slot) continue;
        s->ids[at] = j->lists->ids[t];
        s->slots[at++] = slot;
    }
    s->starts[++s->n_texts] = at;
}

static ew_status embed_task(void *context, uint64_t task, int worker, ew_error *err) {
    job *j = context;
    ew_status status = EW_OK;
    float *out[EW_STUDENT_TASK_TOKENS];
    if (!j->scratch[worker]) status = ew_student_scratch_create(j->student, &j->scratch[worker], err);
    if (status != EW_OK) return status;
    ew_student_scratch *s = j->scratch[worker];
    uint32_t from = j->starts[j->first + task], to = j->starts[j->first + task + 1];
    s->n_texts = 0;
    s->starts[0] = 0;
    for (uint32_t i = from; i < to; i++) {
        put_text(j, s, i);
        out[i - from] = j->out + (size_t)i * j->student->model->d;
    }
    ew_student_forward(j->student, j->rows, s, out);
    return EW_OK;
}

/* An empty text counts as one token, so that a task holds at most EW_STUDENT_TASK_TOKENS texts. */
static uint32_t weight_of(const ew_token_lists *lists, uint32_t text) {
    uint64_t n = lists->start[text + 1] - lists->start[text];
    return n > EW_STUDENT_LONGEST ? EW_STUDENT_LONGEST : n ? (uint32_t)n : 1;
}

static uint32_t plan(const ew_token_lists *lists, uint32_t *starts) {
    uint32_t tasks = 0, tokens = 0;
    for (uint32_t i = 0; i < lists->n; i++) {
        uint32_t weight = weight_of(lists, i);
        if (i == 0 || tokens + weight > EW_STUDENT_TASK_TOKENS) {
            starts[tasks++] = i;
            tokens = 0;
        }
        tokens += weight;
    }
    starts[tasks] = lists->n;
    return tasks;
}

ew_status ew_student_embed(const ew_student *student, const ew_token_lists *lists, ew_pool *pool, ew_progress_fn progress,
                           void *progress_data, float *out, ew_error *err) {
    ew_status status = ew_token_lists_check(lists, student->model->vocab, err);
    if (status != EW_OK) return status;
    int workers = ew_pool_threads(pool);
    ew_student_rows rows = {0};
    uint32_t *starts = ew_alloc((size_t)lists->n + 1, sizeof *starts);
    job j = {student, &rows, lists, starts, 0, ew_calloc((size_t)workers, sizeof(ew_student_scratch *)), out};
    if (!starts || !j.scratch) {
        status = ew_fail_memory(err, (size_t)lists->n * sizeof *starts, "the order of texts");
        goto done;
    }
    uint32_t tasks = plan(lists, starts);
    double told = 0;
    EW_TRY(ew_student_rows_build(student, lists, pool, &rows, err));
    for (; j.first < tasks; j.first += TASKS_AT_ONCE) {
        double now = ew_wall();
        if (progress && now - told > 0.1) {
            told = now;
            if (progress(progress_data, "embed", starts[j.first], lists->n)) {
                status = ew_fail(err, EW_CANCELLED, "stopped on request");
                goto done;
            }
        }
        EW_TRY(ew_pool_run(pool, tasks - j.first < TASKS_AT_ONCE ? tasks - j.first : TASKS_AT_ONCE, embed_task, &j, err));
    }
done:
    for (int i = 0; j.scratch && i < workers; i++) ew_student_scratch_free(j.scratch[i]);
    ew_free(j.scratch);
    ew_student_rows_free(&rows);
    ew_free(starts);
    return status;
}
