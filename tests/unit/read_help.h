/* Reading from memory, for the tests of read. */
#ifndef EW_TEST_READ_HELP_H
#define EW_TEST_READ_HELP_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/read/inside.h"
#include "leaks.h"

typedef struct kept { char *fields[EW_COLUMNS]; uint32_t lengths[EW_COLUMNS]; uint64_t line, byte; uint32_t input; } kept;

/* Everything a reader gave, copied. */
typedef struct got {
    kept records[64];
    size_t n;
    uint64_t rejected;
    char rejects[16][480];
    char format[8], compression[8], columns[EW_COLUMNS][64];
    ew_status status;
    ew_error err;
} got;

static inline got *got_all(const ew_input *inputs, size_t n, const ew_options *options, size_t block) {
    got *out = calloc(1, sizeof *out);
    ew_reader *reader = NULL;
    ew_batch batch;
    out->status = ew_reader_open(inputs, n, options, &reader, &out->err);
    if (out->status != EW_OK) return out;
    if (block) ew_reader_set_block(reader, block);
    while ((out->status = ew_reader_next(reader, &batch, &out->err)) == EW_OK && batch.n)
        for (uint32_t i = 0; i < batch.n && out->n < 64; i++) {
            kept *record = &out->records[out->n++];
            *record = (kept){.line = batch.records[i].line, .byte = batch.records[i].byte, .input = batch.records[i].input};
            for (int c = 0; c < EW_COLUMNS; c++) {
                ew_view view = batch.records[i].fields[c];
                if (!view.data) continue;
                record->fields[c] = calloc(1, (size_t)view.length + 1);
                if (view.length) memcpy(record->fields[c], view.data, view.length);
                record->lengths[c] = view.length;
            }
        }
    const ew_rejects *rejects = ew_reader_rejects(reader);
    out->rejected = rejects->n;
    for (uint32_t i = 0; i < rejects->kept && i < 16; i++) strcpy(out->rejects[i], rejects->messages[i]);
    snprintf(out->format, sizeof out->format, "%s", ew_reader_format(reader));
    snprintf(out->compression, sizeof out->compression, "%s", ew_reader_compression(reader));
    for (int c = 0; c < EW_COLUMNS; c++) {
        const char *name = ew_reader_column(reader, (ew_column)c);
        snprintf(out->columns[c], sizeof out->columns[c], "%s", name ? name : "");
    }
    ew_reader_close(reader);
    return out;
}

static inline void got_free(got *out) {
    for (size_t i = 0; i < out->n; i++)
        for (int c = 0; c < EW_COLUMNS; c++) free(out->records[i].fields[c]);
    free(out);
}

/* From bytes, in blocks of 7 and at once, which must agree. */
static inline got *got_bytes(const void *bytes, size_t n, const ew_options *options) {
    ew_input input = {"in", bytes, n};
    got *pieces = got_all(&input, 1, options, 7), *whole = got_all(&input, 1, options, 0);
    cr_assert_eq(pieces->status, whole->status);
    cr_assert_eq(pieces->n, whole->n);
    cr_assert_eq(pieces->rejected, whole->rejected);
    cr_assert_str_eq(pieces->err.message, whole->err.message);
    for (size_t i = 0; i < whole->n; i++) {
        cr_assert_eq(pieces->records[i].line, whole->records[i].line);
        cr_assert_eq(pieces->records[i].byte, whole->records[i].byte);
        cr_assert_arr_eq(pieces->records[i].lengths, whole->records[i].lengths, sizeof whole->records[i].lengths);
    }
    got_free(pieces);
    return whole;
}

static inline got *got_text(const char *text, const ew_options *options) { return got_bytes(text, strlen(text), options); }

static inline const char *field(const got *out, size_t i, ew_column c) {
    return i < out->n && out->records[i].fields[c] ? out->records[i].fields[c] : "(none)";
}

#define FIELD(out, i, column, want) cr_assert_str_eq(field(out, i, EW_COL_##column), want)
#define HAS(text, part) cr_assert(strstr(text, part), "'%s' lacks '%s'", text, part)

#endif
