/* Texts -> vectors. Texts go longest first, and as many together as make a task's worth of tokens: no text is padded to the
 * length of another. Which texts go together follows from their lengths and order alone, and none has a part in another's
 * vector; so it is the same for any number of threads. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../kernels/gemm.h"
#include "../kernels/smooth.h"
#include "deep_inside.h"

enum { AHEAD = 4 };          /* tokens whose rows are asked for before their turn */
enum { TASKS_AT_ONCE = 64 }; /* between two looks at whether the caller has had enough */

/* ---- a worker's memory ---- */

typedef struct cut { char *at; size_t used; } cut;

static void *piece(cut *c, size_t bytes) {
    char *here = c->at ? c->at + c->used : NULL;
    c->used += (bytes + 127) / 64 * 64; /* a line between any two */
    return here;
}

static size_t lay_out(const ew_deep *deep, ew_deep_scratch *s, char *at) {
    const ew_deep_shape *p = &deep->shape;
    int whole = deep->kind == EW_DEEP_FLOAT;
    size_t rows = p->most_tokens > EW_DEEP_TASK_TOKENS ? p->most_tokens : EW_DEEP_TASK_TOKENS, w = p->width, wide = w / p->heads;
    size_t longest = p->inner > w ? p->inner : w, deepest = ew_gemm_up((uint32_t)longest, EW_GEMM_DEPTH);
    size_t most = ew_gemm_up(p->most_tokens, 16);
    rows = ew_gemm_up((uint32_t)rows, EW_GEMM_ROWS);
    cut c = {at, 0};
    s->x = piece(&c, rows * w * sizeof *s->x);
    s->qkv = piece(&c, rows * 3 * w * sizeof *s->qkv);
    s->mixed = piece(&c, rows * w * sizeof *s->mixed);
    s->inner = piece(&c, (whole ? rows : EW_PANEL) * p->inner * sizeof *s->inner);
    s->room = piece(&c, (whole ? most : EW_SOFTMAX_ROWS) * most * sizeof *s->room);
    s->spans = piece(&c, rows * sizeof *s->spans);
    if (whole) return c.used;
    s->quantised.bytes = piece(&c, EW_PANEL * deepest);
    s->quantised.scales = piece(&c, EW_PANEL * sizeof(float));
    s->quantised.zeros = piece(&c, EW_PANEL * sizeof(int32_t));
    s->sums = piece(&c, EW_PANEL * EW_PANEL * sizeof *s->sums);
    s->query = piece(&c, most * wide * sizeof *s->query);
    s->keys = piece(&c, most * wide * sizeof *s->keys);
    s->values = piece(&c, most * wide * sizeof *s->values);
    s->shares = piece(&c, 32 * most * sizeof *s->shares);
    s->scores = piece(&c, 32 * (most > wide ? most : wide) * sizeof *s->scores);
    return c.used;
}

ew_status ew_deep_scratch_create(const ew_deep *deep, ew_deep_scratch **out, ew_error *err) {
    ew_deep_scratch *s = *out = ew_calloc(1, sizeof *s);
    if (!s) return ew_fail_memory(err, sizeof *s, "the encoder's scratch");
    size_t bytes = lay_out(deep, s, NULL) + 64;
    if (!(s->memory = ew_calloc(bytes, 1))) {
        ew_free(s);
        *out = NULL;
        return ew_fail_memory(err, bytes, "the encoder's scratch");
    }
    (void)lay_out(deep, s, (char *)s->memory + (64 - (uintptr_t)s->memory % 64) % 64);
    return EW_OK;
}

void ew_deep_scratch_free(ew_deep_scratch *scratch) {
    if (scratch) ew_free(scratch->memory);
    ew_free(scratch);
}

/* ---- one task ---- */

typedef struct job {
    const ew_deep *deep;
    const ew_token_lists *lists;
    const uint32_t *order;   /* texts that are not empty, longest first */
    const uint32_t *starts;  /* of tasks in order */
    uint64_t first;          /* task of this round */
    ew_deep_scratch **scratch; /* [workers] */
    float *out;
} job;

static uint32_t tokens_of(const ew_deep *deep, const ew_token_lists *lists, uint32_t text) { /* with [CLS] and [SEP] */
    uint64_t n = lists->start[text + 1] - lists->start[text], most = deep->shape.most_tokens - 2;
    return (uint32_t)(n < most ? n : most) + 2;
}

static void put_token(const ew_deep *deep, uint32_t id, uint32_t position, float *x) {
    uint32_t w = deep->shape.width;
    if (deep->kind == EW_DEEP_INT8) {
        const float *place = deep->positions + (size_t)position * w, scale = deep->word_scales[id];
        const int16_t *word = deep->words + (size_t)id * w;
        for (uint32_t k = 0; k < w; k++) x[k] = (float)word[k] * scale + place[k];
        ew_smooth_get()->norm(x, w, deep->gain, deep->shift, deep->shape.epsilon);
    } else {
        const ew_deep_weights *f = &deep->weights;
        const float *place = f->positions + (size_t)position * w, *word = f->words + (size_t)id * w;
        for (uint32_t k = 0; k < w; k++) x[k] = word[k] + (place[k] + f->types[k]);
        ew_smooth_get()->norm(x, w, f->gain, f->shift, deep->shape.epsilon);
    }
}

static void put_text(const job *j, ew_deep_scratch *s, uint32_t text) {
    const ew_deep *deep = j->deep;
    uint32_t n = tokens_of(deep, j->lists, text), w = deep->shape.width;
    const uint32_t *ids = j->lists->ids + j->lists->start[text];
    for (uint32_t t = 0; t < n; t++) {
        uint32_t id = t == 0 ? deep->shape.first : t + 1 == n ? deep->shape.last : ids[t - 1];
        if (deep->words && t + AHEAD < n - 1) /* the table is larger than any cache */
            for (uint32_t k = 0; k < w; k += 32) __builtin_prefetch(deep->words + (size_t)ids[t + AHEAD - 1] * w + k);
        put_token(deep, id, t, s->x + (size_t)(s->n_rows + t) * w);
    }
    s->spans[s->n_spans++] = (ew_deep_span){s->n_rows, n};
    s->n_rows += n;
}

static void pool_text(const ew_deep *deep, const ew_deep_scratch *s, ew_deep_span span, float *out) {
    uint32_t w = deep->shape.width, rows = deep->shape.pooling == EW_DEEP_FIRST ? 1 : span.n;
    memset(out, 0, w * sizeof *out);
    for (uint32_t t = 0; t < rows; t++)
        for (uint32_t k = 0; k < w; k++) out[k] += s->x[(size_t)(span.from + t) * w + k];
    for (uint32_t k = 0; k < w; k++) out[k] /= (float)rows;
    ew_unit_row(out, w, 1e-12f);
}

static ew_status embed_task(void *context, uint64_t task, int worker, ew_error *err) {
    job *j = context;
    const ew_deep *deep = j->deep;
    ew_status status = EW_OK;
    if (!j->scratch[worker]) status = ew_deep_scratch_create(deep, &j->scratch[worker], err);
    if (status != EW_OK) return status;
    ew_deep_scratch *s = j->scratch[worker];
    uint32_t from = j->starts[j->first + task], to = j->starts[j->first + task + 1];
    s->n_rows = s->n_spans = 0;
    for (uint32_t i = from; i < to; i++) put_text(j, s, j->order[i]);
    if (deep->kind == EW_DEEP_INT8)
        ew_deep_layers_int8(deep, s);
    else
        ew_deep_layers_float(deep, s);
    for (uint32_t i = from; i < to; i++)
        pool_text(deep, s, s->spans[i - from], j->out + (size_t)j->order[i] * deep->shape.width);
    return EW_OK;
}

/* ---- all of them ---- */

/* order: by length, descending, then by index (a counting sort); starts of tasks. Returns how many texts are not empty. */
static uint32_t plan(const ew_deep *deep, const ew_token_lists *lists, uint32_t *counts, uint32_t *order, uint32_t *starts,
                     uint32_t *n_tasks) {
    uint32_t n = 0, most = deep->shape.most_tokens, tokens = 0, tasks = 0;
    for (uint32_t i = 0; i < lists->n; i++)
        if (lists->start[i] < lists->start[i + 1]) counts[tokens_of(deep, lists, i)]++;
    for (uint32_t length = most + 1; length--;) {
        uint32_t here = counts[length];
        counts[length] = n;
        n += here;
    }
    for (uint32_t i = 0; i < lists->n; i++)
        if (lists->start[i] < lists->start[i + 1]) order[counts[tokens_of(deep, lists, i)]++] = i;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t length = tokens_of(deep, lists, order[i]);
        if (i == 0 || tokens + length > EW_DEEP_TASK_TOKENS) {
            starts[tasks++] = i;
            tokens = 0;
        }
        tokens += length;
    }
    starts[tasks] = n;
    *n_tasks = tasks;
    return n;
}

ew_status ew_deep_embed(const ew_deep *deep, const ew_token_lists *lists, ew_pool *pool, ew_progress_fn progress,
                        void *progress_data, float *out, ew_error *err) {
    ew_status status = ew_token_lists_check(lists, deep->shape.vocab, err);
    if (status != EW_OK) return status;
    int workers = ew_pool_threads(pool);
    uint32_t *counts = ew_calloc((size_t)deep->shape.most_tokens + 1, sizeof *counts), tasks = 0;
    uint32_t *order = ew_alloc(lists->n, sizeof *order), *starts = ew_alloc((size_t)lists->n + 1, sizeof *starts);
    job j = {deep, lists, order, starts, 0, ew_calloc((size_t)workers, sizeof(ew_deep_scratch *)), out};
    if (!counts || !order || !starts || !j.scratch) {
        status = ew_fail_memory(err, (size_t)lists->n * 2 * sizeof *order, "the order of texts");
        goto done;
    }
    uint32_t n = plan(deep, lists, counts, order, starts, &tasks);
    for (uint32_t i = 0; i < lists->n; i++)
        if (lists->start[i] == lists->start[i + 1])
            memset(out + (size_t)i * deep->shape.width, 0, deep->shape.width * sizeof *out);
    double told = 0;
    for (; j.first < tasks; j.first += TASKS_AT_ONCE) {
        double now = ew_wall();
        if (progress && now - told > 0.1) {
            told = now;
            if (progress(progress_data, "embed", starts[j.first], n)) {
                status = ew_fail(err, EW_CANCELLED, "stopped on request");
                goto done;
            }
        }
        EW_TRY(ew_pool_run(pool, tasks - j.first < TASKS_AT_ONCE ? tasks - j.first : TASKS_AT_ONCE, embed_task, &j, err));
    }
done:
    for (int i = 0; j.scratch && i < workers; i++) ew_deep_scratch_free(j.scratch[i]);
    ew_free(j.scratch);
    ew_free(counts);
    ew_free(order);
    ew_free(starts);
    return status;
}
