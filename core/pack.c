/* pack: a corpus in frames that are read in parallel. */
#include "read/pack.h"

#include "mining.h"

ew_status ew_pack_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                       ew_error *err) {
    ew_reader *reader = NULL;
    ew_pool *pool = NULL;
    ew_output output = {.file = -1};
    ew_stopwatch timings;
    ew_stopwatch_start(&timings);
    uint64_t records = 0;
    ew_status status = ew_options_check(options, err);
    if (status != EW_OK) return status;
    EW_TRY(ew_pool_create(options->threads, &pool, err));
    EW_TRY(ew_reader_open(inputs, n, options, &reader, err));
    EW_TRY(ew_output_open(&output, path, err));
    double begun = ew_wall();
    EW_TRY(ew_pack(reader, pool, options->pack_level, &output, &records, err));
    EW_TRY(ew_output_commit(&output, err));
    ew_stopwatch_add(&timings, "pack", begun);
    ew_remember_rejects(ew_reader_rejects(reader));
    ew_remember_timings(&timings);
done:
    if (n_out) *n_out = records;
    ew_output_abandon(&output);
    ew_reader_close(reader);
    ew_pool_free(pool);
    return status;
}
