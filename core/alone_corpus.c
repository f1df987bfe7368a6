/* Vectors of comments with the part that is learned from this very corpus: what mine compares, for every comment as it stands
 * (no masks, no families, one vector a comment however long). */
#include <string.h>

#include "alone_corpus.h"
#include "base/alloc.h"
#include "text/points.h"

/* Pieces of the vocabulary that are known and hold a letter or a digit. */
static char *pieces_to_keep(const ew_tokenizer *tokenizer) {
    char *keep = ew_calloc(ew_tokenizer_size(tokenizer), 1);
    for (uint32_t t = 0; keep && t < ew_tokenizer_size(tokenizer); t++) {
        const char *piece = ew_tokenizer_piece(tokenizer, t);
        keep[t] = (char)(t != ew_tokenizer_unknown(tokenizer) && ew_text_has_content(piece, 0, strlen(piece)));
    }
    return keep;
}

ew_status ew_embed_corpus_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                               ew_error *err) {
    ew_mining m;
    uint32_t *ids = NULL, d;
    uint64_t *starts = NULL;
    char *keep = NULL;
    const char *digest;
    float *rows = NULL;
    ew_status status;
    EW_TRY(ew_mining_begin(&m, inputs, n, options, err));
    EW_TRY(ew_encoder_start(&m, ew_embed_encoder(options), &digest, err));
    double begun = ew_wall();
    EW_TRY(ew_stage_read(&m, err));
    ew_stopwatch_add(&m.run->timings, "read", begun);
    begun = ew_wall();
    if (!(keep = pieces_to_keep(m.tokenizer))) {
        status = ew_fail_memory(err, ew_tokenizer_size(m.tokenizer), "tokens");
        goto done;
    }
    EW_TRY(ew_corpus_tokens(&m, keep, &ids, &starts, err));
    ew_stopwatch_add(&m.run->timings, "tokens", begun);
    begun = ew_wall();
    ew_token_lists lists = {m.run->corpus.n, starts, ids};
    m.encoder.progress = options->progress;
    m.encoder.progress_data = options->progress_data;
    EW_TRY(
        ew_vectors_build_float(&m.encoder, &lists, ew_encoder_corpus_weight(&m.encoder), options->seed, m.pool, &rows, &d, err));
    ew_stopwatch_add(&m.run->timings, "embed", begun);
    EW_TRY(ew_npy_write_f32(path, rows, lists.n, d, err));
    if (n_out) *n_out = lists.n;
done:
    ew_free(keep);
    ew_free(ids);
    ew_free(starts);
    ew_free(rows);
    if (m.run) ew_remember_timings(&m.run->timings);
    ew_mining_end(&m);
    return status;
}
