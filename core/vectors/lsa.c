/* The corpus part: TF-IDF of a sample of the corpus, its leading right singular vectors by subspace iteration.
 *
 * The iteration lives on the side of the terms (at most 65,536 rows) and not on that of the texts: Z <- X'(X Q), Q <- Z made
 * orthonormal by the eigenvectors of Z'Z. At the end those of (XQ)'(XQ) turn Q into singular vectors. */
#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../kernels/sums.h"
#include "inside.h"
#include "sparse.h"

enum { OVERSAMPLING = 16, ITERATIONS = 7, ITERATIONS_LIKE = 3 };
static const double SMALLEST = 1e-10; /* of the largest eigenvalue: below is rounding, a direction that is not there */

typedef struct workspace { double *gram, *vectors, *values; uint32_t *order; float *z, *b; } workspace;

/* Z made orthonormal, directions that are only rounding made zero. */
static ew_status orthonormal(workspace *w, uint32_t terms, uint32_t l, ew_pool *pool, ew_error *err) {
    ew_status status = ew_dense_gram(w->z, terms, l, w->gram, pool, err);
    if (status != EW_OK) return status;
    ew_symmetric_eigen(w->gram, l, w->values, w->vectors, w->order);
    for (uint32_t b = 0; b < l; b++) {
        double factor = w->values[b] > SMALLEST * w->values[0] ? 1 / sqrt(w->values[b]) : 0;
        for (uint32_t a = 0; a < l; a++) w->vectors[(size_t)a * l + b] *= factor;
    }
    return ew_dense_turn(w->z, terms, l, w->vectors, pool, err);
}

/* Directions to begin with: the first `known` of `like`, then random ones. */
static void begin(const ew_sparse *x, uint32_t l, uint64_t seed, const ew_lsa *like, uint32_t known, float *z) {
    for (uint32_t t = 0; t < x->terms; t++, z += l) {
        if (known) memcpy(z, like->table + (size_t)x->tokens[t] * like->d, known * sizeof *z);
        for (uint32_t k = known; k < l; k++) /* near enough to Gaussian: 64 coins; keyed by the token, not by its place */
            z[k] = (float)(__builtin_popcountll(ew_random(seed, EW_RANDOM_LSA, x->tokens[t], k)) - 32) * 0.25f;
    }
}

/* w->z [terms, l] becomes the leading right singular vectors of x; w->values the squares of its singular values. */
static ew_status iterate(const ew_sparse *x, uint32_t l, uint64_t seed, const ew_lsa *like, workspace *w, ew_pool *pool,
                         ew_error *err) {
    ew_status status = EW_OK;
    uint32_t known = !like ? 0 : like->d < l ? like->d : l;
    begin(x, l, seed, like, known, w->z);
    for (int i = 0; i < (known ? ITERATIONS_LIKE : ITERATIONS); i++) {
        EW_TRY(ew_sparse_times(x, w->z, l, w->b, pool, err));
        EW_TRY(ew_sparse_transposed_times(x, w->b, l, w->z, pool, err));
        EW_TRY(orthonormal(w, x->terms, l, pool, err));
    }
    EW_TRY(ew_sparse_times(x, w->z, l, w->b, pool, err));
    EW_TRY(ew_dense_gram(w->b, x->texts, l, w->gram, pool, err));
    ew_symmetric_eigen(w->gram, l, w->values, w->vectors, w->order);
    EW_TRY(ew_dense_turn(w->z, x->terms, l, w->vectors, pool, err));
done:
    return status;
}

/* The table: idf times singular vector, each column with its largest entry positive. */
static void fill_table(const ew_sparse *x, const workspace *w, uint32_t l, ew_lsa *out) {
    for (uint32_t k = 0; k < out->d; k++) {
        if (!(w->values[k] > SMALLEST * w->values[0])) break; /* descending: the rest of the columns stay zero */
        float most = 0, sign = 1;
        for (uint32_t t = 0; t < x->terms; t++) {
            float v = w->z[(size_t)t * l + k];
            if (fabsf(v) > most) {
                most = fabsf(v);
                sign = v < 0 ? -1.0f : 1.0f;
            }
        }
        for (uint32_t t = 0; t < x->terms; t++)
            out->table[(size_t)x->tokens[t] * out->d + k] = sign * w->z[(size_t)t * l + k] * x->idf[t];
    }
}

/* Texts of the sample, one from each of m equal strata. */
static uint32_t sampled(uint32_t n, uint32_t m, uint64_t seed, uint32_t j) {
    if (n == m) return j;
    uint64_t from = (uint64_t)n * j / m, to = (uint64_t)n * (j + 1) / m;
    return (uint32_t)(from + ew_random_below(to - from, seed, EW_RANDOM_LSA, UINT64_MAX, j));
}

ew_status ew_lsa_fit(const ew_token_lists *lists, uint32_t vocab, uint32_t d, uint64_t seed, const ew_lsa *like, ew_pool *pool,
                     ew_lsa *out, ew_error *err) {
    ew_status status = EW_OK;
    ew_sparse x = {0};
    workspace w = {0};
    uint32_t *sample = NULL, m = lists->n > EW_LEARN_WHOLE ? EW_LEARN_TEXTS : lists->n;
    *out = (ew_lsa){.vocab = vocab};
    if (d > 64) return ew_fail(err, EW_USAGE, "the corpus part has at most 64 columns, not %u", d);
    EW_TRY(ew_token_lists_check(lists, vocab, err));
    sample = ew_alloc(m, sizeof *sample);
    if (!sample) {
        status = ew_fail_memory(err, m * sizeof *sample, "the corpus part");
        goto done;
    }
    for (uint32_t j = 0; j < m; j++) sample[j] = sampled(lists->n, m, seed, j);
    EW_TRY(ew_sparse_build(lists, sample, m, vocab, pool, &x, err));
    uint32_t least = x.texts < x.terms ? x.texts : x.terms;
    if (least < 2) goto done; /* nothing that two texts share: no columns */
    out->d = d < least - 1 ? d : least - 1;
    uint32_t l = out->d + OVERSAMPLING < least ? out->d + OVERSAMPLING : least;
    w.gram = ew_alloc((size_t)l * l, sizeof *w.gram);
    w.vectors = ew_alloc((size_t)l * l, sizeof *w.vectors);
    w.values = ew_alloc(l, sizeof *w.values);
    w.order = ew_alloc(l, sizeof *w.order);
    w.z = ew_alloc((size_t)x.terms * l, sizeof *w.z);
    w.b = ew_alloc((size_t)x.texts * l, sizeof *w.b);
    out->table = ew_calloc((size_t)vocab * out->d, sizeof *out->table);
    if (!w.gram || !w.vectors || !w.values || !w.order || !w.z || !w.b || !out->table) {
        status = ew_fail_memory(err, (size_t)x.texts * l * sizeof *w.b, "the corpus part");
        goto done;
    }
    EW_TRY(iterate(&x, l, seed, like, &w, pool, err));
    fill_table(&x, &w, l, out);
done:
    ew_free(sample);
    ew_free(w.gram);
    ew_free(w.vectors);
    ew_free(w.values);
    ew_free(w.order);
    ew_free(w.z);
    ew_free(w.b);
    ew_sparse_free(&x);
    if (status != EW_OK) ew_lsa_free(out);
    return status;
}

void ew_lsa_chunk(const ew_lsa *lsa, const ew_token_lists *lists, uint64_t task, ew_tally *tally, float *out) {
    uint32_t d = lsa->d;
    uint64_t first = task * EW_TEXTS_A_TASK, end = ew_chunk_end(task, EW_TEXTS_A_TASK, lists->n);
    for (uint64_t i = first; i < end; i++) {
        float *row = out + (i - first) * d;
        ew_tally_text(tally, lists, (uint32_t)i);
        for (uint32_t u = 0; u < tally->n; u++) tally->weights[u] = ew_sparse_tf(tally->counts[tally->distinct[u]]);
        ew_sums_get()->floats(lsa->table, d, tally->distinct, tally->weights, tally->n, row);
        ew_tally_clear(tally);
        ew_unit_row(row, d, 1e-12f);
    }
}

typedef struct embed_job { const ew_lsa *lsa; const ew_token_lists *lists; float *out; ew_tally *tallies; } embed_job;

static ew_status embed_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const embed_job *j = context;
    ew_lsa_chunk(j->lsa, j->lists, task, &j->tallies[worker], j->out + task * EW_TEXTS_A_TASK * j->lsa->d);
    return EW_OK;
}

ew_status ew_lsa_embed(const ew_lsa *lsa, const ew_token_lists *lists, ew_pool *pool, float *out, ew_error *err) {
    if (lsa->d == 0) return EW_OK;
    embed_job j = {lsa, lists, out, NULL};
    ew_status status = ew_token_lists_check(lists, lsa->vocab, err);
    if (status == EW_OK) status = ew_tallies_create(ew_pool_threads(pool), lsa->vocab, &j.tallies, err);
    if (status == EW_OK) status = ew_pool_run(pool, ew_chunks(lists->n, EW_TEXTS_A_TASK), embed_chunk, &j, err);
    ew_tallies_free(j.tallies, ew_pool_threads(pool));
    return status;
}

void ew_lsa_free(ew_lsa *lsa) {
    ew_free(lsa->table);
    *lsa = (ew_lsa){0};
}
