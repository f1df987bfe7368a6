/* Vectors of comments by the deep encoder, which takes [UNK] too. */
#include "alone_corpus.h"
#include "base/alloc.h"

ew_status ew_embed_deep_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                             ew_error *err) {
    ew_mining m;
    ew_deep *deep = NULL;
    uint32_t *ids = NULL;
    uint64_t *starts = NULL;
    float *rows = NULL;
    ew_status status;
    EW_TRY(ew_mining_begin(&m, inputs, n, options, err));
    EW_TRY(ew_encoder_open(options->deep, &deep, err));
    double begun = ew_wall();
    EW_TRY(ew_stage_read(&m, err));
    ew_stopwatch_add(&m.run->timings, "read", begun);
    begun = ew_wall();
    EW_TRY(ew_corpus_tokens(&m, NULL, &ids, &starts, err));
    ew_stopwatch_add(&m.run->timings, "tokens", begun);
    uint32_t rows_n = m.run->corpus.n, d = ew_deep_shape_of(deep)->width;
    if (!(rows = ew_alloc((size_t)rows_n * d, sizeof *rows))) {
        status = ew_fail_memory(err, (size_t)rows_n * d * sizeof *rows, "vectors");
        goto done;
    }
    begun = ew_wall();
    ew_token_lists lists = {rows_n, starts, ids};
    EW_TRY(ew_deep_embed(deep, &lists, m.pool, options->progress, options->progress_data, rows, err));
    ew_stopwatch_add(&m.run->timings, "embed", begun);
    EW_TRY(ew_npy_write_f32(path, rows, rows_n, d, err));
    if (n_out) *n_out = rows_n;
done:
    ew_deep_close(deep);
    ew_free(ids);
    ew_free(starts);
    ew_free(rows);
    if (m.run) ew_remember_timings(&m.run->timings);
    ew_mining_end(&m);
    return status;
}
