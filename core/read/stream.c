#include "../base/clock.h"
#include "inside.h"

ew_status ew_stream(ew_reader *reader, ew_pool *pool, const ew_stream_calls *calls, ew_error *err) {
    (void)pool;
    ew_status status = EW_OK;
    ew_block block = {0};
    for (;;) {
        ew_batch batch;
        double begun = ew_wall();
        status = ew_reader_next(reader, &batch, err);
        reader->seconds += ew_wall() - begun;
        if (status != EW_OK || batch.n == 0) return status;
        block.records = batch.records;
        block.n = batch.n;
        if (calls->work) EW_TRY(calls->work(calls->context, &block, 0, err));
        if (calls->done) EW_TRY(calls->done(calls->context, &block, err));
        block.first += batch.n;
        block.index++;
    }
done:
    return status;
}

double ew_reader_seconds(const ew_reader *reader) { return reader->seconds; }
