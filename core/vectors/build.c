/* Float rows -> unit int8 rows; and the whole way from token lists. */
#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/spill.h"
#include "../kernels/smooth.h"
#include "inside.h"

enum { LSA_COLUMNS = 64 };
static const float NOISE = 1e-4f; /* what is shorter after the mean is off is rounding: a text that is the mean itself */

typedef struct job {
    uint32_t n;
    float *left;          /* [n, d_left] the encoder's; NULL: made task by task, again in each pass */
    float *right;         /* [n, d_right] the corpus part; NULL: none, or made like left */
    uint32_t d_left, d_right;
    float weight;
    const ew_lsa *like;   /* see ew_lsa_fit */
    uint64_t learned;     /* tasks that the mean and the scale are learned from, evenly spread */
    double *sums;         /* [learned, d_left + 1] the last column counts the rows that are not zero */
    const float *mean;
    float *most;          /* [tasks] largest magnitude */
    ew_vectors *out;
    /* for what is made task by task */
    const ew_model *model;
    const ew_token_lists *lists;
    const ew_lsa *lsa;
    int workers;
    float *scratch;       /* [workers, EW_TEXTS_A_TASK, d_left + d_right] */
    ew_tally *tallies;    /* [workers] */
} job;

static uint64_t learned_task(const job *j, uint64_t i) { return i * ew_chunks(j->n, EW_TEXTS_A_TASK) / j->learned; }

/* The rows of one task: *left, *right (NULL: none) and how many. */
static uint32_t rows_of(const job *j, uint64_t task, int worker, float **left, float **right) {
    uint64_t first = task * EW_TEXTS_A_TASK;
    if (j->left) {
        *left = j->left + first * j->d_left;
        *right = j->right ? j->right + first * j->d_right : NULL;
    } else {
        *left = j->scratch + (size_t)worker * EW_TEXTS_A_TASK * (j->d_left + j->d_right);
        *right = j->d_right ? *left + (size_t)EW_TEXTS_A_TASK * j->d_left : NULL;
        ew_static_chunk(j->model, j->lists, task, *left);
        if (*right) ew_lsa_chunk(j->lsa, j->lists, task, &j->tallies[worker], *right);
    }
    return (uint32_t)(ew_chunk_end(task, EW_TEXTS_A_TASK, j->n) - first);
}

static int is_zero(const float *x, uint32_t d) {
    for (uint32_t k = 0; k < d; k++)
        if (x[k] != 0) return 0;
    return 1;
}

static ew_status sum_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const job *j = context;
    double *sums = j->sums + task * (j->d_left + 1);
    float *left, *right;
    uint32_t n = rows_of(j, learned_task(j, task), worker, &left, &right);
    for (uint32_t i = 0; i < n; i++) {
        const float *row = left + (size_t)i * j->d_left;
        if (is_zero(row, j->d_left)) continue;
        for (uint32_t k = 0; k < j->d_left; k++) sums[k] += (double)row[k];
        sums[j->d_left] += 1;
    }
    return EW_OK;
}

/* x = x * factor / whole */
static void scale_row(float *x, uint32_t d, float factor, float whole) {
    uint32_t k = d / 16 * 16;
    ew_smooth_get()->part(x, k, factor, whole);
    for (; k < d; k++) x[k] = x[k] * factor / whole;
}

/* Takes the mean off, weighs the two parts against each other. */
static void join_rows(const job *j, float *left, float *right, uint32_t n) {
    for (uint32_t i = 0; i < n; i++, left += j->d_left, right = right ? right + j->d_right : NULL) {
        if (!is_zero(left, j->d_left)) {
            uint32_t k = j->d_left / 16 * 16;
            ew_smooth_get()->less(left, j->mean, k);
            for (; k < j->d_left; k++) left[k] -= j->mean[k];
            ew_unit_row(left, j->d_left, NOISE);
        }
        float length = sqrtf((is_zero(left, j->d_left) ? 0.0f : 1.0f) +
                             (!right || is_zero(right, j->d_right) ? 0.0f : j->weight * j->weight));
        if (length == 0) continue;
        scale_row(left, j->d_left, 1, length);
        if (right) scale_row(right, j->d_right, j->weight, length);
    }
}

static float largest(const float *x, uint32_t n, uint32_t d) {
    float most = ew_smooth_get()->most(x, d, n, d / 16 * 16);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = d / 16 * 16; k < d; k++)
            if (fabsf(x[(size_t)i * d + k]) > most) most = fabsf(x[(size_t)i * d + k]);
    return most;
}

static void join_task(const job *j, uint64_t task, int worker) {
    float *left, *right;
    uint32_t n = rows_of(j, task, worker, &left, &right);
    join_rows(j, left, right, n);
    float most = largest(left, n, j->d_left), other = right ? largest(right, n, j->d_right) : 0;
    j->most[task] = other > most ? other : most;
}

static ew_status join_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    join_task(context, task, worker);
    return EW_OK;
}

static ew_status join_learned(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    join_task(context, learned_task(context, task), worker);
    return EW_OK;
}

void ew_round_row(const float *x, uint32_t d, float scale, int8_t *out) {
    static const float ROUND = 0x1.8p23f; /* what is added to it loses all that is not whole, to the nearest, even at halves */
    uint32_t k = d / 16 * 16;
    ew_smooth_get()->to_i8(x, k, scale, out);
    for (; k < d; k++) {
        float y = x[k] * scale;
        y = y > 127 ? 127 : y < -127 ? -127 : y;
        out[k] = (int8_t)(int32_t)((y + ROUND) - ROUND);
    }
}

static ew_status round_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const job *j = context;
    int8_t *row = j->out->rows + task * EW_TEXTS_A_TASK * j->out->stride;
    float *left, *right;
    uint32_t n = rows_of(j, task, worker, &left, &right);
    if (!j->left) join_rows(j, left, right, n);
    for (uint32_t i = 0; i < n; i++, row += j->out->stride) {
        ew_round_row(left + (size_t)i * j->d_left, j->d_left, j->out->scale, row);
        if (right) ew_round_row(right + (size_t)i * j->d_right, j->d_right, j->out->scale, row + j->d_left);
        memset(row + j->out->d, 0, j->out->stride - j->out->d);
    }
    return EW_OK;
}

/* Parts that are finished (unit or weighed) -> int8 with one scale for all. */
static ew_status quantise(job *j, ew_pool *pool, ew_error *err) {
    ew_vectors *out = j->out;
    uint64_t tasks = ew_chunks(j->n, EW_TEXTS_A_TASK);
    out->n = j->n;
    out->d = j->d_left + j->d_right;
    out->stride = (out->d + 63) / 64 * 64;
    float most = 0;
    for (uint64_t i = 0; i < j->learned; i++) {
        uint64_t t = learned_task(j, i);
        if (j->most[t] > most) most = j->most[t];
    }
    if (!out->scale) out->scale = most > 0 ? 127 / most : 127;
    size_t bytes = (size_t)j->n * out->stride;
    out->memory = ew_alloc_spilled(bytes + 64, 1);
    if (!out->memory) return ew_fail_memory(err, bytes, "vectors");
    out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    return ew_pool_run(pool, tasks, round_chunk, j, err);
}

static ew_status find_mean(job *j, ew_pool *pool, float *mean, ew_error *err) {
    size_t width = j->d_left + 1u;
    j->sums = ew_calloc(j->learned ? j->learned : 1, width * sizeof *j->sums); /* the first row gathers them all */
    if (!j->sums) return ew_fail_memory(err, j->learned * width * sizeof *j->sums, "the mean vector");
    ew_status status = ew_pool_run(pool, j->learned, sum_chunk, j, err);
    for (uint64_t t = 1; t < j->learned; t++)
        for (size_t k = 0; k < width; k++) j->sums[k] += j->sums[t * width + k];
    double rows = j->sums[j->d_left] > 0 ? j->sums[j->d_left] : 1;
    for (uint32_t k = 0; k < j->d_left; k++) mean[k] = (float)(j->sums[k] / rows);
    ew_free(j->sums);
    return status;
}

/* Floats of many rows are never there at once: the static encoder is asked a task at a time, three times where something is
 * learned from it, else once. */
static ew_status by_task(job *j, const ew_encoder *encoder, const ew_token_lists *lists, const ew_lsa *lsa, ew_pool *pool,
                         ew_error *err) {
    j->model = encoder->model;
    j->lists = lists;
    j->lsa = lsa;
    j->workers = ew_pool_threads(pool);
    ew_status status = ew_token_lists_check(lists, encoder->model->vocab, err);
    if (status == EW_OK) status = ew_tallies_create(j->workers, encoder->model->vocab, &j->tallies, err);
    if (status != EW_OK) return status;
    size_t bytes = (size_t)j->workers * EW_TEXTS_A_TASK * (j->d_left + LSA_COLUMNS) * sizeof *j->scratch;
    return (j->scratch = ew_alloc(bytes, 1)) ? EW_OK : ew_fail_memory(err, bytes, "vectors");
}

/* The two parts of every row, weighed and of length 1 together: j->left and j->right, unless `whole` is 0 and there are too many
 * rows for that; j->most. */
static ew_status make_parts(job *j, const ew_encoder *encoder, const ew_token_lists *lists, uint64_t seed, int whole,
                            ew_pool *pool, float *mean, ew_lsa *lsa, ew_error *err) {
    ew_status status = EW_OK;
    uint64_t tasks = ew_chunks(lists->n, EW_TEXTS_A_TASK);
    int some = lists->n > EW_LEARN_WHOLE;
    j->learned = some ? EW_LEARN_TEXTS / EW_TEXTS_A_TASK : tasks;
    int held = whole || encoder->deep || encoder->student || !some;
    j->most = ew_calloc(tasks, sizeof *j->most);
    if (held) j->left = ew_alloc_spilled((size_t)lists->n * j->d_left, sizeof *j->left);
    if ((held && !j->left) || !j->most) return ew_fail_memory(err, (size_t)lists->n * j->d_left * sizeof *j->left, "vectors");
    if (held) EW_TRY(ew_encode(encoder, lists, pool, j->left, err));
    else EW_TRY(by_task(j, encoder, lists, lsa, pool, err));
    EW_TRY(find_mean(j, pool, mean, err));
    j->mean = mean;
    if (j->weight > 0) {
        EW_TRY(ew_lsa_fit(lists, encoder->model->vocab, LSA_COLUMNS, seed, j->like, pool, lsa, err));
        j->d_right = lsa->d;
    }
    if (j->d_right && held) {
        j->right = ew_alloc_spilled((size_t)lists->n * j->d_right, sizeof *j->right);
        if (!j->right) return ew_fail_memory(err, (size_t)lists->n * j->d_right * sizeof *j->right, "vectors");
        EW_TRY(ew_lsa_embed(lsa, lists, pool, j->right, err));
    }
    EW_TRY(held ? ew_pool_run(pool, tasks, join_chunk, j, err) : ew_pool_run(pool, j->learned, join_learned, j, err));
done:
    return status;
}

static void free_parts(job *j) {
    ew_free(j->left);
    ew_free(j->right);
    ew_free(j->most);
    ew_free(j->scratch);
    ew_tallies_free(j->tallies, j->workers);
}

ew_status ew_vectors_build_like(const ew_encoder *encoder, const ew_token_lists *lists, float corpus_weight, uint64_t seed,
                                const ew_lsa *like, ew_pool *pool, ew_vectors *out, ew_error *err) {
    ew_status status = EW_OK;
    *out = (ew_vectors){0};
    job j = {.n = lists->n, .d_left = ew_encoder_width(encoder), .weight = corpus_weight, .like = like, .out = out};
    out->mean = ew_calloc(j.d_left, sizeof *out->mean);
    if (!out->mean) return ew_fail_memory(err, j.d_left * sizeof *out->mean, "vectors");
    EW_TRY(make_parts(&j, encoder, lists, seed, 0, pool, out->mean, &out->lsa, err));
    EW_TRY(quantise(&j, pool, err));
done:
    free_parts(&j);
    if (status != EW_OK) ew_vectors_free(out);
    return status;
}

ew_status ew_vectors_build(const ew_encoder *encoder, const ew_token_lists *lists, float corpus_weight, uint64_t seed,
                           ew_pool *pool, ew_vectors *out, ew_error *err) {
    return ew_vectors_build_like(encoder, lists, corpus_weight, seed, NULL, pool, out, err);
}

ew_status ew_vectors_place(const ew_encoder *encoder, const ew_token_lists *lists, const float *mean, const ew_lsa *lsa,
                           float corpus_weight, float scale, ew_pool *pool, ew_vectors *out, ew_error *err) {
    ew_status status = EW_OK;
    *out = (ew_vectors){.scale = scale};
    job j = {.n = lists->n, .d_left = ew_encoder_width(encoder), .d_right = lsa->d, .weight = corpus_weight,
             .mean = mean, .out = out};
    uint64_t tasks = ew_chunks(lists->n, EW_TEXTS_A_TASK);
    j.left = ew_alloc((size_t)lists->n * j.d_left, sizeof *j.left);
    j.right = ew_alloc((size_t)lists->n * j.d_right, sizeof *j.right);
    j.most = ew_calloc(tasks, sizeof *j.most);
    if (!j.left || !j.right || !j.most) {
        status = ew_fail_memory(err, (size_t)lists->n * (j.d_left + j.d_right) * sizeof *j.left, "vectors");
        goto done;
    }
    EW_TRY(ew_encode(encoder, lists, pool, j.left, err));
    EW_TRY(ew_lsa_embed(lsa, lists, pool, j.right, err));
    EW_TRY(ew_pool_run(pool, tasks, join_chunk, &j, err));
    EW_TRY(quantise(&j, pool, err));
done:
    free_parts(&j);
    if (status != EW_OK) ew_vectors_free(out);
    return status;
}

ew_status ew_vectors_build_float(const ew_encoder *encoder, const ew_token_lists *lists, float corpus_weight, uint64_t seed,
                                 ew_pool *pool, float **out, uint32_t *d, ew_error *err) {
    ew_status status = EW_OK;
    ew_lsa lsa = {0};
    job j = {.n = lists->n, .d_left = ew_encoder_width(encoder), .weight = corpus_weight};
    float *mean = ew_calloc(j.d_left, sizeof *mean);
    *out = NULL;
    if (!mean) return ew_fail_memory(err, j.d_left * sizeof *mean, "vectors");
    EW_TRY(make_parts(&j, encoder, lists, seed, 1, pool, mean, &lsa, err));
    *d = j.d_left + j.d_right;
    if (!(*out = ew_alloc((size_t)j.n * *d, sizeof **out))) {
        status = ew_fail_memory(err, (size_t)j.n * *d * sizeof **out, "vectors");
        goto done;
    }
    for (size_t i = 0; i < j.n; i++) {
        memcpy(*out + i * *d, j.left + i * j.d_left, j.d_left * sizeof **out);
        if (j.d_right) memcpy(*out + i * *d + j.d_left, j.right + i * j.d_right, j.d_right * sizeof **out);
    }
done:
    free_parts(&j);
    ew_free(mean);
    ew_lsa_free(&lsa);
    return status;
}

void ew_vectors_free(ew_vectors *vectors) {
    ew_free(vectors->memory);
    ew_free(vectors->mean);
    ew_lsa_free(&vectors->lsa);
    *vectors = (ew_vectors){0};
}
