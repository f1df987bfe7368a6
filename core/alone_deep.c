/* Vectors of comments by an encoder that wants all ids at once: the deep one, which takes [UNK] too, or the student. */

#include "alone_corpus.h"
#include "base/alloc.h"

const char *ew_embed_encoder(const ew_options *options) {
    if (options->encoder == EW_ENCODER_STUDENT) return "student";
    return options->deep && options->encoder != EW_ENCODER_STATIC ? "deep" : "static";
}

ew_status ew_embed_deep_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                             ew_error *err) {
    ew_mining m;
    const char *digest;
    uint32_t *ids = NULL;
    uint64_t *starts = NULL;
    float *rows = NULL;
    ew_status status;
    EW_TRY(ew_mining_begin(&m, inputs, n, options, err));
    EW_TRY(ew_encoder_start(&m, ew_embed_encoder(options), &digest, err));
    m.encoder.progress = options->progress;
    m.encoder.progress_data = options->progress_data;
    double begun = ew_wall();
    EW_TRY(ew_stage_read(&m, err));
    ew_stopwatch_add(&m.run->timings, "read", begun);
    begun = ew_wall();
    EW_TRY(ew_corpus_tokens(&m, NULL, &ids, &starts, err));
    ew_stopwatch_add(&m.run->timings, "tokens", begun);
    uint32_t rows_n = m.run->corpus.n, d = ew_encoder_width(&m.encoder);
    if (!(rows = ew_alloc((size_t)rows_n * d, sizeof *rows))) {
        status = ew_fail_memory(err, (size_t)rows_n * d * sizeof *rows, "vectors");
        goto done;
    }
    begun = ew_wall();
    ew_token_lists lists = {rows_n, starts, ids};
    EW_TRY(ew_encode(&m.encoder, &lists, m.pool, rows, err));
    ew_stopwatch_add(&m.run->timings, "embed", begun);
    EW_TRY(ew_npy_write_f32(path, rows, rows_n, d, err));
    if (n_out) *n_out = rows_n;
done:
    ew_free(ids);
    ew_free(starts);
    ew_free(rows);
    if (m.run) ew_remember_timings(&m.run->timings);
    ew_mining_end(&m);
    return status;
}
