/* Vectors of comments with the part that is learned from this very corpus: what mine compares, for every comment as it stands
 * (no masks, no families, one vector a comment however long). */
#include <string.h>

#include "alone_corpus.h"
#include "base/alloc.h"
#include "mining.h"
#include "text/points.h"

enum { CHUNK = 512 };

typedef struct {
    const ew_corpus *corpus;
    const ew_tokenizer *tokenizer;
    ew_token_cache **caches; /* [workers] */
    char *keep;              /* [pieces] of the vocabulary: known, and with a letter or a digit in it */
    ew_ids *ids;             /* [chunks] */
    uint64_t *ends;          /* [comments + 1] */
} job;

static ew_status tokens_task(void *context, uint64_t task, int worker, ew_error *err) {
    job *work = context;
    ew_ids *ids = &work->ids[task];
    ew_status status = EW_OK;
    if (!work->caches[worker]) EW_TRY(ew_token_cache_create(work->tokenizer, &work->caches[worker], err));
    for (uint64_t i = task * CHUNK; i < ew_chunk_end(task, CHUNK, work->corpus->n); i++) {
        ew_view text = ew_corpus_text(work->corpus, (uint32_t)i);
        size_t kept = ids->n, to;
        EW_TRY(ew_tokenize(work->tokenizer, work->caches[worker], text.data, text.length, ids, err));
        to = ids->n;
        ids->n = kept;
        for (size_t t = kept; t < to; t++)
            if (work->keep[ids->items[t]]) ids->items[ids->n++] = ids->items[t];
        work->ends[i + 1] = ids->n;
    }
done:
    return status;
}

static char *pieces_to_keep(const ew_tokenizer *tokenizer) {
    char *keep = ew_calloc(ew_tokenizer_size(tokenizer), 1);
    for (uint32_t t = 0; keep && t < ew_tokenizer_size(tokenizer); t++) {
        const char *piece = ew_tokenizer_piece(tokenizer, t);
        keep[t] = (char)(t != ew_tokenizer_unknown(tokenizer) && ew_text_has_content(piece, 0, strlen(piece)));
    }
    return keep;
}

/* Token lists of all comments, one after the other: *all is the caller's, as is *starts [comments + 1]. */
static ew_status tokens_of(ew_mining *m, uint32_t **all, uint64_t **starts, ew_error *err) {
    const ew_corpus *corpus = &m->run->corpus;
    uint64_t chunks = ew_chunks(corpus->n, CHUNK), total = 0;
    int workers = ew_pool_threads(m->pool);
    job work = {corpus, m->tokenizer, ew_calloc((size_t)workers, sizeof *work.caches), pieces_to_keep(m->tokenizer),
                ew_calloc(chunks, sizeof *work.ids), ew_calloc((size_t)corpus->n + 1, sizeof *work.ends)};
    ew_status status = EW_OK;
    if (!work.caches || !work.keep || !work.ids || !work.ends) {
        status = ew_fail_memory(err, (size_t)corpus->n * sizeof *work.ends, "tokens");
        goto done;
    }
    EW_TRY(ew_pool_run(m->pool, chunks, tokens_task, &work, err));
    for (uint64_t c = 0; c < chunks; c++) total += work.ids[c].n;
    if (!(*all = ew_alloc(total, sizeof **all))) {
        status = ew_fail_memory(err, total * sizeof **all, "tokens");
        goto done;
    }
    uint64_t before = 0;
    for (uint64_t c = 0; c < chunks; c++) {
        if (work.ids[c].n) memcpy(*all + before, work.ids[c].items, work.ids[c].n * sizeof **all);
        for (uint64_t i = c * CHUNK; i < ew_chunk_end(c, CHUNK, corpus->n); i++) work.ends[i + 1] += before;
        before += work.ids[c].n;
    }
    *starts = work.ends;
    work.ends = NULL;
done:
    for (int i = 0; work.caches && i < workers; i++) ew_token_cache_free(work.caches[i]);
    for (uint64_t c = 0; work.ids && c < chunks; c++) ew_ids_free(&work.ids[c]);
    ew_free(work.caches);
    ew_free(work.keep);
    ew_free(work.ids);
    ew_free(work.ends);
    return status;
}

ew_status ew_embed_corpus_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                               ew_error *err) {
    ew_mining m;
    uint32_t *ids = NULL, d;
    uint64_t *starts = NULL;
    float *rows = NULL;
    ew_status status;
    EW_TRY(ew_mining_begin(&m, inputs, n, options, err));
    double begun = ew_wall();
    EW_TRY(ew_stage_read(&m, err));
    ew_stopwatch_add(&m.run->timings, "read", begun);
    begun = ew_wall();
    EW_TRY(tokens_of(&m, &ids, &starts, err));
    ew_stopwatch_add(&m.run->timings, "tokens", begun);
    begun = ew_wall();
    ew_token_lists lists = {m.run->corpus.n, starts, ids};
    EW_TRY(ew_vectors_build_float(&m.model, &lists, EW_CORPUS_WEIGHT, options->seed, m.pool, &rows, &d, err));
    ew_stopwatch_add(&m.run->timings, "embed", begun);
    EW_TRY(ew_npy_write_f32(path, rows, lists.n, d, err));
    if (n_out) *n_out = lists.n;
done:
    ew_free(ids);
    ew_free(starts);
    ew_free(rows);
    if (m.run) ew_remember_timings(&m.run->timings);
    ew_mining_end(&m);
    return status;
}
