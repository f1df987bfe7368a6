/* What the files of read/ share with each other and with nobody else (tests excepted).
 *
 * source.c    a file, pipe or memory -> decompressed bytes; frames.c whole small zstd frames, which others decode
 * window.c    a run of bytes on its way to records: what the step functions of all formats share
 * jsonl.c     steps of JSON lines and JSON arrays, on json.c, which scans one object
 * csv.c       steps of CSV and TSV (csv_pack.c: rows as JSON); border.c where a block of any format may end
 * input.c     one input after the other: what each is, and whether it ended well
 * reader.c    bytes -> a window -> batches, on one thread
 * stream.c    blocks of records on a pool, fed by feed.c; block.c one of them; pack.c blocks -> frames
 * columns.c   names of the input -> columns
 * ids.c       unique ids; corpus.c the columns of a run; time.c dates; value.c ratings */
#ifndef EW_READ_INSIDE_H
#define EW_READ_INSIDE_H

#include <stdbool.h>
#include <string.h>

#include "../base/buffer.h"
#include "read.h"

/* ---- source ---- */

typedef struct ew_source ew_source;

/* `chunk`: bytes at most that go through at a time. An input without a byte is EW_INPUT "is empty". */
EW_MUST_CHECK ew_status ew_source_open(const ew_input *input, int window_log, size_t chunk, ew_source **out, ew_error *err);
/* Between 1 and `room` bytes; 0: the end. What was decoded before an error is handed out before the error is. */
EW_MUST_CHECK ew_status ew_source_read(ew_source *source, char *out, size_t room, size_t *got, ew_error *err);
const char *ew_source_compression(const ew_source *source); /* "zstd", "gzip", "plain" */
uint64_t ew_source_input_bytes(const ew_source *source);
uint64_t ew_source_bytes(const ew_source *source); /* decompressed so far; 0 where nothing is compressed */
void ew_source_close(ew_source *source);
/* Where the input stands at the beginning of small whole zstd frames: appends some of them, undecoded, to `packed` and gives
 * the bytes they say they hold, at most EW_FRAMES_ROOM; 0: there is none, read on by ew_source_read. */
enum { EW_FRAMES_ROOM = 2 << 20 };
EW_MUST_CHECK ew_status ew_source_frames(ew_source *source, ew_buffer *packed, size_t *content, ew_error *err);
typedef struct ew_unpacker { struct ZSTD_DCtx_s *zstd; } ew_unpacker; /* one a worker; zeroed, made at first use */
/* Decodes such frames. `before`: bytes decoded before them. As with ew_source_read, *got bytes stand even if it fails. */
EW_MUST_CHECK ew_status ew_frames_decode(ew_unpacker *unpacker, const ew_buffer *packed, const char *label, uint64_t before,
                                         char *out, size_t room, size_t *got, ew_error *err);
void ew_unpacker_close(ew_unpacker *unpacker);
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
    uint32_t input;     /* last input (for a worker of a stream: last block) it was seen in, from 1; 0: never */
    uint64_t head[2], mask[2]; /* the first 16 bytes of `name"` and which of their bits count; mask[0] 0: it is longer */
} ew_name;

/* Names in the order a block has shown them: a worker's columns are its own, so the reader's learn of them afterwards. */
typedef struct ew_note { uint32_t at, length; uint64_t tried; } ew_note; /* into text; records tried before it was seen */
typedef struct ew_notes { ew_buffer text, list; } ew_notes;            /* list: of ew_note */

typedef struct ew_columns {
    const char *const *wanted;         /* options.columns */
    ew_name *names; uint32_t n;        /* [EW_NAMES_MAX], never moved */
    uint16_t *slots;                   /* open addressing: index + 1 */
    ew_name *expected[EW_EXPECTED];    /* the names of the last JSON record in order */
    ew_name passing;                   /* a name that found no room, until the next call */
    uint32_t input;                    /* the current input, from 1; a worker's: its block */
    ew_notes *notes; const uint64_t *tried; /* a worker's; NULL: the reader's */
} ew_columns;

EW_MUST_CHECK ew_status ew_columns_open(ew_columns *columns, const char *const *wanted, ew_error *err);
void ew_columns_close(ew_columns *columns);
/* The entry of a name, made at first sight; NULL without memory. */
ew_name *ew_columns_name(ew_columns *columns, const char *text, size_t n);
bool ew_columns_note(ew_columns *columns, const ew_name *name); /* false without memory */
/* Marks an entry as seen, and notes it where notes are taken. */
static inline bool ew_columns_mark(ew_columns *columns, ew_name *name) {
    if (name->input == columns->input) return true;
    name->input = columns->input;
    return !columns->notes || ew_columns_note(columns, name);
}
/* The best name seen for a column, NULL: none. */
const ew_name *ew_columns_best(const ew_columns *columns, ew_column column);
/* Whether the current input has shown a name for a column. */
bool ew_columns_seen(const ew_columns *columns, ew_column column);
/* "'a', 'b' and 3 more": the names of input `input`, 0: of all. */
void ew_columns_list(const ew_columns *columns, uint32_t input, char *out, size_t size);
const char *ew_column_option(ew_column column); /* "text": its option on the command line */

/* ---- a window ---- */

enum { EW_PAD = 128, EW_TRIAL = 1000 }; /* readable bytes behind a window; records before an input without text is refused */

typedef enum ew_scan { EW_SCAN_OK, EW_SCAN_MORE, EW_SCAN_BAD } ew_scan;

typedef struct ew_slot {
    char *start;        /* NULL: not there */
    uint32_t length;
    uint16_t rank;
    bool escaped;       /* has escapes (JSON) or doubled quotes (CSV) */
} ew_slot;

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
    ew_buffer keys; size_t *key_ends;    /* for packing: each name as `"name":` */
} ew_csv;

typedef struct ew_array {
    enum { EW_ARRAY_BEFORE, EW_ARRAY_FIRST, EW_ARRAY_ELEMENT, EW_ARRAY_SKIP, EW_ARRAY_BEHIND, EW_ARRAY_CLOSED } at;
    uint64_t depth;                      /* while skipping an element */
    bool in_string, backslash;
} ew_array;

typedef struct ew_window ew_window;
struct ew_window {
    char *data;                  /* EW_PAD readable bytes follow data[end), zeros; NULL: nothing yet */
    size_t begin, end;           /* what has not been consumed is data[begin .. end) */
    uint64_t *marks;             /* a bit a byte of data: what ends a run of ordinary bytes in this form, and `end` */
    bool marked;                 /* for what the window holds now */
    size_t last_break;           /* behind the last line break; 0: not looked for, or none */
    size_t searched;             /* bytes behind begin known to hold no line break */
    uint64_t base;               /* byte of the input at data[0] */
    uint64_t line;               /* line at data[begin] */
    bool eof;                    /* the input has nothing behind data[end) */
    bool skipping;               /* up to the next line break */
    uint64_t max_line;
    ew_form form, asked;
    const char *label; uint32_t input; /* of the input */
    const char *const *wanted;   /* options.columns */
    ew_columns *columns;
    ew_csv csv;
    ew_array array;
    uint64_t tried, texts;       /* records of this input (of a block: of this block); those with text */
    bool looking;                /* for borders only: records are passed, not made */
    ew_buffer *packing;          /* not NULL: every record is appended here as a line of JSON, and nothing is decoded */
    ew_status (*reject)(void *owner, uint64_t line, uint64_t byte, const char *why, ew_error *err); /* counts and words it */
    void *owner;
};

static inline uint64_t ew_window_byte(const ew_window *window) { return window->base + window->begin; }
/* Sets the marks, where they are not: [words of data + 1] are there. */
void ew_window_mark(ew_window *window);
/* Moves past n bytes and counts their lines. */
void ew_window_consume(ew_window *window, size_t n);
/* Throws away up to and with the next line break. */
void ew_window_skip_line(ew_window *window);
/* Moves past the n bytes of a record, which hold `lines` line breaks, and makes it of its slots (decoded in their place), or
 * rejects it: no text. raw[0 .. raw_n): a JSON object as it is; NULL: CSV. */
EW_MUST_CHECK ew_status ew_window_accept(ew_window *window, size_t n, uint64_t lines, const ew_slot slots[EW_COLUMNS],
                                         const char *raw, size_t raw_n, ew_record *record, ew_step *step, ew_error *err);
EW_MUST_CHECK ew_status ew_window_reject(ew_window *window, const char *why, ew_error *err); /* the record that begins here */
ew_status ew_window_fail(const ew_window *window, const char *why, ew_error *err); /* EW_INPUT at the beginning of the window */
/* One step of whatever form it has; the form is known and something is left to consume. */
EW_MUST_CHECK ew_status ew_window_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err);

EW_MUST_CHECK ew_status ew_jsonl_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err);
EW_MUST_CHECK ew_status ew_array_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err);
EW_MUST_CHECK ew_status ew_csv_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err);
size_t ew_csv_undouble(char *text, size_t n); /* "" -> ", in its place */
/* The name of a column, from 0 on in order, as it begins a field of the object; seen: the names before it. */
EW_MUST_CHECK ew_status ew_csv_key(ew_csv *csv, ew_dict *seen, uint32_t column, const char *name, size_t n, ew_error *err);
/* Appends the record that was just split as a JSON object and a line break. */
EW_MUST_CHECK ew_status ew_csv_pack(const ew_csv *csv, ew_buffer *out, ew_error *err);

/* Checks the object at p (RFC 8259) and notes where the wanted values lie; nothing is changed. The bytes up to `end`, in the
 * marked window, may end inside it (EW_SCAN_MORE). one_line: a line break is no blank. *stop: behind the object, or where it is
 * bad; *why: a reason, NULL: out of memory. */
ew_scan ew_json_object(const ew_window *window, char *p, char *end, bool one_line, ew_slot slots[EW_COLUMNS], const char **stop,
                       const char **why);
/* Undoes the escapes of a checked string in its place; returns the new length. */
size_t ew_json_unescape(char *text, size_t n);

/* The last border between records in the window (behind it a record begins, or the rest of a line to be skipped): data + begin
 * if there is none. JSONL and CSV only. `old`: bytes at begin known to hold none. */
size_t ew_border_find(ew_window *window, size_t old);

/* ---- reader ---- */

enum { EW_BLOCK = 1 << 19 }; /* bytes read at a time */

struct ew_reader {
    const ew_input *inputs; size_t n_inputs;
    ew_options options;
    size_t block;
    size_t input;                /* index of the current input */
    ew_source *source;           /* NULL: none is open */
    const char *compression;
    ew_window window;
    size_t capacity;             /* of the window: capacity + EW_PAD bytes */
    ew_columns columns;

    ew_record *records;
    ew_rejects rejects;
    uint64_t bytes, input_bytes, total; /* of the inputs finished so far; all of them on disk */
    double told;                 /* when progress was last called */
    double seconds;              /* spent decoding and parsing, all threads together */
    bool talked, over;
    bool packing;                /* ew_stream gives its parts a buffer to pack into */
    ew_status failed; ew_error error; /* the end of the road: every further call says the same */
    const char *others[64];
};

/* Counts and words a record that cannot be read; the reject of its window. */
ew_status ew_reader_reject(void *reader, uint64_t line, uint64_t byte, const char *why, ew_error *err);
EW_MUST_CHECK ew_status ew_reader_tell(ew_reader *reader, uint64_t input_bytes, ew_error *err); /* progress */
/* input.c: the next input; what it is (form stays NONE where more of it must be seen); its end; the end of them all. */
EW_MUST_CHECK ew_status ew_input_open(ew_reader *reader, ew_error *err);
EW_MUST_CHECK ew_status ew_input_recognise(ew_reader *reader, ew_error *err);
EW_MUST_CHECK ew_status ew_input_finish(ew_reader *reader, ew_error *err);
EW_MUST_CHECK ew_status ew_inputs_check(const ew_reader *reader, ew_error *err);
ew_status ew_input_no_text(const ew_reader *reader, ew_error *err);
/* What an input that breaks off gets: the line it breaks off in. */
void ew_input_place(ew_error *err, uint64_t line);

/* For tests: bytes read at a time, before anything is read. */
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
