/* The sums of a row or column are made by one task in a fixed order, so no product depends on threads. */
#include "sparse.h"

#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../kernels/sums.h"
#include "inside.h"

enum { ROWS_A_TASK = 64 };

float ew_sparse_tf(uint32_t count) {
    static const float known[] = {0, 0x1p+0f, 0x1.b17218p+0f, 0x1.0c9f54p+1f, 0x1.317218p+1f}; /* nearly all that are asked */
    return count < sizeof known / sizeof *known ? known[count] : (float)(1 + ew_log((double)count));
}

typedef struct build_job {
    const ew_token_lists *lists;
    const uint32_t *texts, *term_of; /* term_of [vocab], EW_NONE: in fewer than two texts */
    ew_tally *tallies;
    ew_sparse *out;
} build_job;

/* How many texts each token stands in. */
static void count_texts(ew_tally *tally, const ew_token_lists *lists, const uint32_t *texts, uint32_t n, uint32_t *found) {
    for (uint32_t i = 0; i < n; i++) {
        ew_tally_text(tally, lists, texts[i]);
        for (uint32_t u = 0; u < tally->n; u++) found[tally->distinct[u]]++;
        ew_tally_clear(tally);
    }
}

static ew_status count_row(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const build_job *j = context;
    ew_tally *tally = &j->tallies[worker];
    uint64_t end = ew_chunk_end(task, EW_TEXTS_A_TASK, j->out->texts);
    for (uint64_t i = task * EW_TEXTS_A_TASK; i < end; i++) {
        ew_tally_text(tally, j->lists, j->texts[i]);
        uint64_t kept = 0;
        for (uint32_t u = 0; u < tally->n; u++) kept += j->term_of[tally->distinct[u]] != EW_NONE;
        j->out->row_start[i + 1] = kept;
        ew_tally_clear(tally);
    }
    return EW_OK;
}

static ew_status fill_row(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const build_job *j = context;
    ew_tally *tally = &j->tallies[worker];
    ew_sparse *x = j->out;
    uint64_t end = ew_chunk_end(task, EW_TEXTS_A_TASK, x->texts);
    for (uint64_t i = task * EW_TEXTS_A_TASK; i < end; i++) {
        uint64_t at = x->row_start[i];
        double squares = 0;
        ew_tally_text(tally, j->lists, j->texts[i]);
        for (uint32_t u = 0; u < tally->n; u++) {
            uint32_t term = j->term_of[tally->distinct[u]];
            if (term == EW_NONE) continue;
            float weight = ew_sparse_tf(tally->counts[tally->distinct[u]]) * x->idf[term];
            squares += (double)weight * (double)weight;
            x->row_terms[at] = term;
            x->row_weights[at++] = weight;
        }
        ew_tally_clear(tally);
        for (uint64_t e = x->row_start[i]; e < at; e++) x->row_weights[e] = (float)((double)x->row_weights[e] / sqrt(squares));
    }
    return EW_OK;
}

/* Columns from rows, by counting; column_start is filled so that it is right when all entries are placed. */
static void transpose(ew_sparse *x) {
    uint64_t nnz = x->row_start[x->texts];
    for (uint64_t e = 0; e < nnz; e++) x->column_start[x->row_terms[e] + 1]++;
    for (uint32_t t = 0; t < x->terms; t++) x->column_start[t + 1] += x->column_start[t];
    for (uint32_t i = 0; i < x->texts; i++)
        for (uint64_t e = x->row_start[i]; e < x->row_start[i + 1]; e++) {
            uint64_t at = x->column_start[x->row_terms[e]]++;
            x->column_texts[at] = i;
            x->column_weights[at] = x->row_weights[e];
        }
    memmove(x->column_start + 1, x->column_start, x->terms * sizeof *x->column_start);
    x->column_start[0] = 0;
}

ew_status ew_sparse_build(const ew_token_lists *lists, const uint32_t *texts, uint32_t n, uint32_t vocab, ew_pool *pool,
                          ew_sparse *out, ew_error *err) {
    ew_status status = EW_OK;
    *out = (ew_sparse){.texts = n};
    build_job j = {.lists = lists, .texts = texts, .out = out};
    uint32_t *found = ew_calloc(vocab, sizeof *found);
    out->row_start = ew_calloc((size_t)n + 1, sizeof *out->row_start);
    if (!found || !out->row_start) goto none;
    EW_TRY(ew_tallies_create(ew_pool_threads(pool), vocab, &j.tallies, err));
    count_texts(&j.tallies[0], lists, texts, n, found);
    for (uint32_t v = 0; v < vocab; v++) out->terms += found[v] >= 2;
    out->tokens = ew_alloc(out->terms, sizeof *out->tokens);
    out->idf = ew_alloc(out->terms, sizeof *out->idf);
    out->column_start = ew_calloc((size_t)out->terms + 1, sizeof *out->column_start);
    if (!out->tokens || !out->idf || !out->column_start) goto none;
    uint32_t term = 0;
    for (uint32_t v = 0; v < vocab; v++) { /* counts give way to the terms' numbers */
        if (found[v] < 2) {
            found[v] = EW_NONE;
            continue;
        }
        out->tokens[term] = v;
        out->idf[term] = (float)(ew_log((1.0 + n) / (1.0 + found[v])) + 1);
        found[v] = term++;
    }
    j.term_of = found;
    EW_TRY(ew_pool_run(pool, ew_chunks(n, EW_TEXTS_A_TASK), count_row, &j, err));
    for (uint32_t i = 0; i < n; i++) out->row_start[i + 1] += out->row_start[i];
    uint64_t nnz = out->row_start[n];
    out->row_terms = ew_alloc(nnz, sizeof *out->row_terms);
    out->row_weights = ew_alloc(nnz, sizeof *out->row_weights);
    out->column_texts = ew_alloc(nnz, sizeof *out->column_texts);
    out->column_weights = ew_alloc(nnz, sizeof *out->column_weights);
    if (!out->row_terms || !out->row_weights || !out->column_texts || !out->column_weights) goto none;
    EW_TRY(ew_pool_run(pool, ew_chunks(n, EW_TEXTS_A_TASK), fill_row, &j, err));
    transpose(out);
    goto done;
none:
    status = ew_fail_memory(err, ((size_t)n + vocab) * 16, "the corpus part");
done:
    ew_free(found);
    ew_tallies_free(j.tallies, ew_pool_threads(pool));
    if (status != EW_OK) ew_sparse_free(out);
    return status;
}

void ew_sparse_free(ew_sparse *x) {
    ew_free(x->tokens);
    ew_free(x->idf);
    ew_free(x->row_start);
    ew_free(x->row_terms);
    ew_free(x->row_weights);
    ew_free(x->column_start);
    ew_free(x->column_texts);
    ew_free(x->column_weights);
    *x = (ew_sparse){0};
}

typedef struct times_job {
    const uint64_t *start;
    const uint32_t *where;
    const float *weights, *from;
    float *out;
    uint32_t l;
    uint64_t rows;
} times_job;

static ew_status times_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker, (void)err;
    const times_job *j = context;
    uint64_t end = ew_chunk_end(task, ROWS_A_TASK, j->rows);
    for (uint64_t i = task * ROWS_A_TASK; i < end; i++)
        ew_sums_get()->floats(j->from, j->l, j->where + j->start[i], j->weights + j->start[i], j->start[i + 1] - j->start[i],
                              j->out + i * j->l);
    return EW_OK;
}

ew_status ew_sparse_times(const ew_sparse *x, const float *q, uint32_t l, float *out, ew_pool *pool, ew_error *err) {
    times_job j = {x->row_start, x->row_terms, x->row_weights, q, out, l, x->texts};
    return ew_pool_run(pool, ew_chunks(j.rows, ROWS_A_TASK), times_task, &j, err);
}

ew_status ew_sparse_transposed_times(const ew_sparse *x, const float *b, uint32_t l, float *out, ew_pool *pool, ew_error *err) {
    times_job j = {x->column_start, x->column_texts, x->column_weights, b, out, l, x->terms};
    return ew_pool_run(pool, ew_chunks(j.rows, ROWS_A_TASK), times_task, &j, err);
}
