/* A part of an input on its way through ew_stream: fed (feed.c), cut (cut.c), parsed (part.c), in that order. */
#ifndef EW_READ_PART_H
#define EW_READ_PART_H

#include "inside.h"

enum { EW_PART_CHUNK = 1 << 20 }; /* bytes fed at a time; before them is room for what the part before left over, 1/16 */

typedef struct ew_part {
    char *memory; size_t capacity;  /* capacity + EW_PAD bytes */
    uint64_t *marks;                /* [capacity / 64 + 4] */
    size_t at, got;                 /* the chunk: memory[at .. at + got) */
    ew_buffer packed; size_t content; /* what is still to be decoded into it */
    uint64_t before;                /* bytes of the input decoded before it */
    bool eof;                       /* the input ends with it */
    ew_status failed; ew_error error; /* comes behind its records */
    bool refused;                   /* ... and they are not handed out */

    ew_window window; size_t stop;  /* records begin at window.begin and before stop */
    bool placed;                    /* parsed by the reader itself while it was cut: nothing is to be merged */
    uint64_t lines_before;          /* that lie between it and the part before */
    ew_slot *fields; uint32_t n_fields; /* of CSV */
    ew_record *records; uint32_t n, room;
    ew_notes notes;
    ew_buffer rejects; uint64_t n_rejected; /* the first thousand, ew_part_reject each */
    ew_buffer packing;              /* when packing: the records as lines */
} ew_part;

typedef struct ew_part_reject { uint64_t line, byte, tried; const char *why; } ew_part_reject;

/* What goes from one part to the next of an input. */
typedef struct ew_cutter {
    ew_reader *reader;
    ew_buffer carry;                /* what the last part left over */
    size_t scanned;                 /* bytes of it that have been looked at without finding a border */
    ew_window pattern;              /* a window for the parts, once the form is known */
    bool ready, skipping, failed;
    uint64_t base, lines;           /* byte of the input at carry[0]; line breaks passed since the last part */
} ew_cutter;

EW_MUST_CHECK ew_status ew_part_reserve(ew_part *part, size_t capacity, ew_error *err);
void ew_part_clear(ew_part *part); /* for the next use; memory is kept */
void ew_part_free(ew_part *part);
EW_MUST_CHECK ew_status ew_part_grow(ew_part *part, ew_error *err); /* room for one more record */
/* Reads the next chunk, or frames to be decoded by ew_part_decode. Failures go to the part. */
void ew_part_feed(ew_part *part, ew_source *source, size_t chunk);
void ew_part_decode(ew_part *part, const char *label, ew_unpacker *unpacker);
/* Sets what of the part and the carry is to be parsed. */
void ew_cutter_begin(ew_cutter *cutter); /* before the first part of an input */
void ew_part_cut(ew_part *part, ew_cutter *cutter);
void ew_part_parse(ew_part *part, ew_columns *columns);
/* Tells the reader what the part has seen, in the order of parts. `line`: that of the part's first byte; moved on. */
EW_MUST_CHECK ew_status ew_part_merge(ew_part *part, ew_reader *reader, uint64_t *line, ew_error *err);

#endif
