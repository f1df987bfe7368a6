/* Any bytes, as any format: no crash; every field lies in the window; the size of the blocks the input comes in does not
 * show in the records, the rejects or the error. The first byte chooses format and limits, the rest is the input. */
#include <stdio.h>
#include <stdlib.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/read/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(what)                                                                                                    \
    do {                                                                                                               \
        if (!(what)) {                                                                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

typedef struct seen {
    uint64_t hash, records, rejected;
    ew_status status;
    char message[480];
} seen;

static seen read_all(const ew_input *inputs, size_t n, const ew_options *options, size_t block) {
    seen out = {.hash = 1};
    ew_error err = {0};
    ew_reader *reader;
    ew_batch batch;
    out.status = ew_reader_open(inputs, n, options, &reader, &err);
    CHECK(out.status == EW_OK);
    if (block) ew_reader_set_block(reader, block);
    while ((out.status = ew_reader_next(reader, &batch, &err)) == EW_OK && batch.n) {
        for (uint32_t i = 0; i < batch.n; i++) {
            const ew_record *record = &batch.records[i];
            CHECK(record->line >= 1 && record->input < n);
            CHECK(record->fields[EW_COL_TEXT].data);
            out.hash = ew_hash(&record->line, 16, out.hash);
            for (int c = 0; c < EW_COLUMNS; c++) {
                ew_view field = record->fields[c];
                if (!field.data) continue;
                CHECK(field.length <= reader->window.max_line);
                CHECK(field.data >= reader->window.data && field.data + field.length <= reader->window.data + reader->capacity);
                out.hash = ew_hash(field.data, field.length, out.hash ^ (uint64_t)c);
            }
            out.records++;
        }
    }
    const ew_rejects *rejects = ew_reader_rejects(reader);
    out.rejected = rejects->n;
    CHECK(rejects->kept == (rejects->n < 1000 ? rejects->n : 1000));
    for (uint32_t i = 0; i < rejects->kept; i++) out.hash = ew_hash(rejects->messages[i], strlen(rejects->messages[i]), out.hash);
    if (out.status != EW_OK) {
        CHECK(err.message[0]);
        memcpy(out.message, err.message, sizeof out.message);
    }
    ew_reader_close(reader);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const formats[] = {NULL, "jsonl", "json", "csv", "tsv"};
    static const uint64_t limits[] = {16 << 20, 8, 40, 200};
    if (size < 1) return 0;
    ew_options options = {.format = formats[data[0] % 5], .max_line = limits[data[0] / 5 % 4], .zstd_window_log = 20};
    if (data[0] & 128) options.columns[EW_COL_TEXT] = options.columns[EW_COL_TITLE] = "t";
    ew_input inputs[2] = {{"fuzz", data + 1, size - 1}, {"more", "{\"text\":\"x\"}", 12}};
    size_t n = data[0] & 64 ? 2 : 1;
    seen whole = read_all(inputs, n, &options, 0), pieces = read_all(inputs, n, &options, 7);
    if (strstr(whole.message, "damaged") || strstr(pieces.message, "damaged")) {
        /* how much a decoder gives of a damaged frame, and what it calls the damage, is its own affair */
        CHECK(whole.status != EW_OK && pieces.status != EW_OK);
        return 0;
    }
    if (whole.hash != pieces.hash || whole.records != pieces.records || whole.status != pieces.status)
        fprintf(stderr, "whole: %lu records, %lu rejected, %d %s\npieces: %lu records, %lu rejected, %d %s\n",
                (unsigned long)whole.records, (unsigned long)whole.rejected, whole.status, whole.message,
                (unsigned long)pieces.records, (unsigned long)pieces.rejected, pieces.status, pieces.message);
    CHECK(whole.status == pieces.status && whole.records == pieces.records && whole.rejected == pieces.rejected);
    CHECK(whole.hash == pieces.hash && strcmp(whole.message, pieces.message) == 0);

    ew_corpus corpus;
    ew_error err;
    if (ew_corpus_read(inputs, n, &options, &corpus, &err) != EW_OK) {
        CHECK(whole.status != EW_OK);
        return 0;
    }
    CHECK(whole.status == EW_OK && corpus.n == whole.records && corpus.rejects.n == whole.rejected);
    for (uint32_t i = 0; i < corpus.n; i++) {
        CHECK(corpus.text_at[i] + corpus.text_length[i] <= corpus.spool.size);
        CHECK(ew_corpus_id(&corpus, i)[0]);
        char day[11];
        ew_time_date(corpus.time[i], day);
    }
    ew_corpus_free(&corpus);
    return 0;
}
