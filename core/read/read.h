/* read: files, pipes or bytes in memory -> records -> the corpus.
 *
 * Input: JSONL, JSON array, CSV, TSV; plain, .zst (any number of frames) or .gz, recognised by content, not by name.
 * Output: ew_batch (views that live until the next call), or a whole ew_corpus (columns; text in a spool).
 * Errors: a record that cannot be read is rejected (counted, and the first thousand kept in words); an input that cannot
 * be opened, decoded or recognised, or that breaks off, is EW_INPUT with name, line and byte. Limits: options.max_line,
 * options.zstd_window_log. Threads: a reader belongs to one thread. */
#ifndef EW_READ_H
#define EW_READ_H

#include "../base/buffer.h"
#include "../base/dict.h"
#include "../base/pool.h"
#include "../base/spool.h"
#include "../base/status.h"

typedef struct ew_view { const char *data; uint32_t length; } ew_view;

typedef struct ew_record {
    ew_view fields[EW_COLUMNS]; /* data NULL: the record has no such field (or it is null); numbers and booleans as written */
    uint64_t line, byte;        /* where it begins in the decompressed input; line from 1 (in a stream's `work`: not known yet) */
    uint32_t input;             /* index of the input */
} ew_record;

/* A record's text is these parts one after the other: title, line break and body, or the body alone where there is no title or
 * the body begins with it already. Returns how many they are; empty ones are left out. */
enum { EW_TEXT_PARTS = 3 };
uint32_t ew_record_text(const ew_record *record, ew_view parts[EW_TEXT_PARTS]);

typedef struct ew_batch { const ew_record *records; uint32_t n; } ew_batch;

typedef struct ew_rejects {
    uint64_t n;
    char **messages; uint32_t kept; /* the first thousand, "name:line: byte B: reason" */
} ew_rejects;

typedef struct ew_reader ew_reader;

/* Nothing is read yet. The inputs and options must outlive the reader. */
EW_MUST_CHECK ew_status ew_reader_open(const ew_input *inputs, size_t n, const ew_options *options, ew_reader **out,
                                       ew_error *err);
/* The next records (about 4,096, or 4 MiB of text); n 0: the end. Views live until the next call. */
EW_MUST_CHECK ew_status ew_reader_next(ew_reader *reader, ew_batch *out, ew_error *err);
const ew_rejects *ew_reader_rejects(const ew_reader *reader);
uint64_t ew_reader_bytes(const ew_reader *reader);       /* decompressed bytes so far */
uint64_t ew_reader_input_bytes(const ew_reader *reader); /* bytes of the files so far, as they lie on disk */
/* The inputs' best name for a column so far, NULL: none; and what the current input is: "jsonl", "json", "csv", "tsv";
 * "plain", "zstd", "gzip"; "" before anything is read. */
const char *ew_reader_column(const ew_reader *reader, ew_column column);
const char *ew_reader_format(const ew_reader *reader);
const char *ew_reader_compression(const ew_reader *reader);
/* Names that no column took, at most 64, for `plan`. */
size_t ew_reader_others(const ew_reader *reader, const char *const **names);
void ew_reader_close(ew_reader *reader);

/* The same records in blocks, several at once, for what needs no columns.
 *
 * The inputs are cut at record borders into blocks of about 1 MiB of decompressed bytes; the cuts depend on the bytes alone. A
 * block is decoded and parsed on some worker, and `work` runs on it there while its bytes are warm; several blocks are under
 * way at a time. `done` follows, for the blocks in order, one at a time, on any thread. Views live until its `done` returns. */
enum { EW_STREAM_SLOTS = 16 };
typedef struct ew_block {
    const ew_record *records; uint32_t n;
    uint32_t slot;       /* below EW_STREAM_SLOTS: no two blocks under way have the same, so results can lie by slot */
    uint64_t index;      /* ascending with the blocks; a part of the input without records leaves its number out */
    uint64_t first;      /* index of its first record among all; known in `done` only */
    const ew_buffer *packed; /* for pack.c: the records as lines of JSON; NULL otherwise */
} ew_block;
typedef struct ew_stream_calls {
    ew_status (*work)(void *context, const ew_block *block, int worker, ew_error *err); /* NULL: nothing to do */
    ew_status (*done)(void *context, const ew_block *block, ew_error *err);
    void *context;
} ew_stream_calls;
/* Runs the reader, from which nothing has been read, to its end. Memory: at most EW_STREAM_SLOTS blocks and
 * the longest record. */
EW_MUST_CHECK ew_status ew_stream(ew_reader *reader, ew_pool *pool, const ew_stream_calls *calls, ew_error *err);
/* Seconds that threads spent decoding and parsing so far, all of them together. */
double ew_reader_seconds(const ew_reader *reader);

/* All comments of a run, in input order: columns of fixed size, text in the spool. */
typedef struct ew_corpus {
    uint32_t n, capacity;
    ew_spool spool;
    uint64_t *text_at; uint32_t *text_length; /* into spool.map; title and body are joined by a line break, unless
                                                 the body begins with the title already */
    uint64_t *id_at;                          /* NUL-terminated in spool.map; unique: a repeated id gets "~2", "~3", ... ;
                                                 a missing one is "row-N", N the comment's index in the corpus */
    int64_t *time;                            /* seconds since 1970 UTC; INT64_MIN: none or not understood */
    float *rating;                            /* NaN: none */
    uint32_t *product, *customer, *segment, *source, *lang; /* numbers in the dictionaries; 0: none */
    ew_dict products, customers, segments, sources, langs;
    ew_rejects rejects;
    uint64_t bytes;                           /* decompressed bytes read */
    uint64_t repeated_ids, missing_ids;
    uint64_t outside;                         /* comments left out, as they are of no day of options.since to options.until */
    char *columns[EW_COLUMNS];                /* as recognised; NULL: none */
} ew_corpus;

/* Reads everything of the days asked for; EW_INPUT where that leaves nothing. A record without text is rejected ("no text
 * field"); one whose text is empty is kept (noise: empty). */
EW_MUST_CHECK ew_status ew_corpus_read(const ew_input *inputs, size_t n, const ew_options *options, ew_corpus *out,
                                       ew_error *err);
void ew_corpus_free(ew_corpus *corpus);

static inline ew_view ew_corpus_text(const ew_corpus *corpus, uint32_t i) {
    return (ew_view){corpus->spool.map + corpus->text_at[i], corpus->text_length[i]};
}
static inline const char *ew_corpus_id(const ew_corpus *corpus, uint32_t i) { return corpus->spool.map + corpus->id_at[i]; }

/* "2026-07-01", "2026-07-01T12:34:56", with a blank for the T, a fraction, AM or PM, Z or +hh:mm, "07/01/2026" (month first
 * where that can be), "01.07.2026", "1 Jul 2026", "Jul 1, 2026", "Wed, 1 Jul 2026 12:34:56 +0000", "20260701", seconds,
 * milli- or microseconds since 1970 (9 digits or more). INT64_MIN: not understood. */
int64_t ew_time_parse(const char *text, size_t n);
int64_t ew_time_of_day(const char *text); /* where the day "YYYY-MM-DD" begins; INT64_MIN: it is not written like that */
void ew_time_date(int64_t time, char out[11]); /* "YYYY-MM-DD"; "" for INT64_MIN */

#endif
