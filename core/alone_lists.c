/* All comments of a corpus as they stand -> token lists. */
#include <string.h>

#include "alone_corpus.h"
#include "base/alloc.h"

enum { CHUNK = 512 };

typedef struct {
    const ew_corpus *corpus;
    const ew_tokenizer *tokenizer;
    ew_token_cache **caches; /* [workers] */
    const char *keep;        /* [pieces] of the vocabulary; NULL: all */
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
            if (!work->keep || work->keep[ids->items[t]]) ids->items[ids->n++] = ids->items[t];
        work->ends[i + 1] = ids->n;
    }
done:
    return status;
}

ew_status ew_corpus_tokens(ew_mining *m, const char *keep, uint32_t **all, uint64_t **starts, ew_error *err) {
    const ew_corpus *corpus = &m->run->corpus;
    uint64_t chunks = ew_chunks(corpus->n, CHUNK), total = 0;
    int workers = ew_pool_threads(m->pool);
    job work = {corpus, m->tokenizer, ew_calloc((size_t)workers, sizeof *work.caches), keep,
                ew_calloc(chunks, sizeof *work.ids), ew_calloc((size_t)corpus->n + 1, sizeof *work.ends)};
    ew_status status = EW_OK;
    if (!work.caches || !work.ids || !work.ends) {
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
    ew_free(work.ids);
    ew_free(work.ends);
    return status;
}
