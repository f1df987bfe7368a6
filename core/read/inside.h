/* What the files of read/ share with each other and with nobody else (tests excepted).
 *
 * source.c    a file, pipe or memory -> decompressed bytes
 * reader.c    bytes -> a window -> batches, through the step function of the format
 * jsonl.c     steps of JSON lines and JSON arrays, on json.c, which scans one object
 * csv.c       steps of CSV and TSV
 * stream.c    blocks of records on a pool
 * columns.c   names of the input -> columns
 * ids.c       unique ids; corpus.c the columns of a run; time.c dates; value.c ratings */
#ifndef EW_READ_INSIDE_H
#define EW_READ_INSIDE_H

#include <stdbool.h>
#include <string.h>

#include "read.h"

/* ---- source ---- */

typedef struct ew_source ew_source;

/* `chunk`: bytes at most that go through at a time. An input without a byte is EW_INPUT "is empty". */
EW_MUST_CHECK ew_status ew_source_open(const ew_input *input, int window_log, size_t chunk, ew_source **out, ew_error *err);
/* Between 1 and `room` bytes; 0: the end. What was decoded before an error is handed out before the error is. */
EW_MUST_CHECK ew_status ew_source_read(ew_source *source, char *out, size_t room, size_t *got, ew_error *err);
const char *ew_source_compression(const ew_source *source); /* "zstd", "gzip", "plain" */
uint64_t ew_source_input_bytes(const ew_source *source);
void ew_source_close(ew_source *source);
/* How messages call an input. */
const char *ew_input_label(const ew_input *input);
/* Says at once whether a named input cannot be opened; *size gets its bytes on disk, 0: unknown. */
EW_MUST_CHECK ew_status ew_source_check(const ew_input *input, uint64_t *size, ew_error *err);

/* ---- columns ---- */

enum { EW_NAMES_MAX = 1024, EW_NAME_LENGTH = 255, EW_EXPECTED = 64, EW_RANK_NONE = UINT16_MAX };

/* A name met in the inputs. */
typedef struct ew_name {
    char *text;         /* owned, NUL-terminated */
    uint32_t length;
    uint16_t columns;   /* bit c: column c may be read from it */
    uint16_t rank;      /* the lowest wins; 0: asked for by name */
    uint32_t input;     /* last input it was seen in, from 1; 0: never */
} ew_name;

typedef struct ew_columns {
    const char *const *wanted;         /* options.columns */
    ew_name *names; uint32_t n;        /* [EW_NAMES_MAX], never moved */
    uint16_t *slots;                   /* open addressing: index + 1 */
    ew_name *expected[EW_EXPECTED];    /* the names of the last JSON record in order */
    ew_name passing;                   /* a name that found no room, until the next call */
    uint32_t input;                    /* the current input, from 1 */
} ew_columns;

EW_MUST_CHECK ew_status ew_columns_open(ew_columns *columns, const char *const *wanted, ew_error *err);
void ew_columns_close(ew_columns *columns);
/* The entry of a name, made at first sight; NULL without memory. */
ew_name *ew_columns_name(ew_columns *columns, const char *text, size_t n);
/* The best name seen for a column, NULL: none. */
const ew_name *ew_columns_best(const ew_columns *columns, ew_column column);
/* Whether the current input has shown a name for a column. */
bool ew_columns_seen(const ew_columns *columns, ew_column column);
/* "'a', 'b' and 3 more": the names of input `input`, 0: of all. */
void ew_columns_list(const ew_columns *columns, uint32_t input, char *out, size_t size);
const char *ew_column_option(ew_column column); /* "text": its option on the command line */

/* ---- one JSON object ---- */

typedef enum ew_scan { EW_SCAN_OK, EW_SCAN_MORE, EW_SCAN_BAD } ew_scan;

typedef struct ew_slot {
    char *start;        /* NULL: not there */
    uint32_t length;
    uint16_t rank;
    bool escaped;       /* has escapes (JSON) or doubled quotes (CSV) */
} ew_slot;

/* Checks the object at p (RFC 8259) and notes where the wanted values lie; nothing is changed. The bytes up to `end` may
 * end inside it (EW_SCAN_MORE); 64 readable bytes follow the window, the first of them 0. *stop: behind the object, or
 * where it is bad; *why: a reason, NULL: out of memory. */
ew_scan ew_json_object(ew_columns *columns, char *p, char *end, ew_slot slots[EW_COLUMNS], const char **stop, const char **why);
/* Undoes the escapes of a checked string in its place; returns the new length. */
size_t ew_json_unescape(char *text, size_t n);

/* ---- reader ---- */

enum { EW_PAD = 64, EW_TRIAL = 1000 }; /* readable bytes behind the window; records before an input without text is refused */

typedef enum ew_step {
    EW_STEP_RECORD, /* one record */
    EW_STEP_AGAIN,  /* something was consumed, but no record came of it */
    EW_STEP_MORE    /* the window holds no whole record; never at the end of the input */
} ew_step;

typedef enum ew_form { EW_FORM_NONE, EW_FORM_JSONL, EW_FORM_JSON, EW_FORM_CSV, EW_FORM_TSV } ew_form;

typedef struct ew_csv {
    ew_slot *fields; uint32_t n;         /* as many as the header has */
    uint32_t field_of[EW_COLUMNS];       /* EW_NONE: no such column */
    char delimiter;
    bool loose;                          /* TSV: a quote that does not enclose a field is an ordinary character */
    bool ready;                          /* the header has been read */
} ew_csv;

typedef struct ew_array {
    enum { EW_ARRAY_BEFORE, EW_ARRAY_FIRST, EW_ARRAY_ELEMENT, EW_ARRAY_SKIP, EW_ARRAY_BEHIND, EW_ARRAY_CLOSED } at;
    uint64_t depth;                      /* while skipping an element */
    bool in_string, backslash;
} ew_array;

struct ew_reader {
    const ew_input *inputs; size_t n_inputs;
    ew_options options;
    uint64_t max_line;
    size_t block;
    size_t input;                /* index of the current input */
    ew_source *source;           /* NULL: none is open */
    const char *compression;
    ew_form form, asked;

    char *data;                  /* the window: capacity + EW_PAD bytes */
    size_t begin, end, capacity; /* what has not been consumed is data[begin .. end) */
    size_t searched;             /* bytes behind begin known to hold no line break */
    uint64_t base;               /* byte of the input at data[0] */
    uint64_t line;               /* line at data[begin] */
    bool eof;                    /* the source has nothing behind data[end) */
    bool skipping;               /* up to the next line break */

    ew_columns columns;
    ew_csv csv;
    ew_array array;
    uint64_t tried, texts;       /* records of this input; those with text */

    ew_record *records;
    ew_rejects rejects;
    uint64_t bytes, input_bytes, total; /* of the inputs finished so far; all of them on disk */
    double told;                 /* when progress was last called */
    double seconds;              /* spent decoding and parsing, all threads together */
    bool talked, over;
    ew_status failed; ew_error error; /* the end of the road: every further call says the same */
    const char *others[64];
};

static inline uint64_t ew_reader_byte(const ew_reader *reader) { return reader->base + reader->begin; }
/* Moves past n bytes and counts their lines. */
void ew_reader_consume(ew_reader *reader, size_t n);
/* Counts and words a record that cannot be read. */
EW_MUST_CHECK ew_status ew_reader_reject(ew_reader *reader, uint64_t line, uint64_t byte, const char *why, ew_error *err);
/* Moves past the n bytes of a record and makes it of its slots (decoded in their place), or rejects it: no text. */
EW_MUST_CHECK ew_status ew_reader_accept(ew_reader *reader, size_t n, const ew_slot slots[EW_COLUMNS],
                                         size_t (*decode)(char *, size_t), ew_record *record, ew_step *step, ew_error *err);
/* EW_INPUT at the beginning of the window. */
ew_status ew_reader_fail(const ew_reader *reader, const char *why, ew_error *err);

EW_MUST_CHECK ew_status ew_jsonl_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err);
EW_MUST_CHECK ew_status ew_array_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err);
EW_MUST_CHECK ew_status ew_csv_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err);

/* For tests: bytes read at a time, before the first ew_reader_next. */
void ew_reader_set_block(ew_reader *reader, size_t block);

/* ---- values of a corpus ---- */

/* Ids as they come -> unique ones. Holds 16 bytes a comment; the ids themselves lie in the spool. */
typedef struct ew_ids {
    uint64_t *slots, mask;       /* upper half of the hash << 32 | number + 1; 0: empty */
    ew_dict repeated;            /* ids seen more than once */
    uint32_t *next; uint32_t next_capacity; /* for each of those, the last suffix given */
    ew_buffer name;
} ew_ids;

EW_MUST_CHECK ew_status ew_ids_open(ew_ids *ids, ew_error *err);
void ew_ids_close(ew_ids *ids);
/* Appends the id of comment corpus->n to the spool, made unique, and notes where it lies. */
EW_MUST_CHECK ew_status ew_ids_add(ew_ids *ids, ew_corpus *corpus, ew_view id, ew_error *err);

/* "4", "4.5", "4,5", "4/5", "+4e0": the number; NaN: not understood. */
float ew_rating_parse(const char *text, size_t n);

#endif
