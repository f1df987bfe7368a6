#include <inttypes.h>
#include <stdio.h>

#include "../base/alloc.h"
#include "../base/clock.h"
#include "inside.h"

enum { RECORDS = 4096, TEXT = 4 << 20, KEPT = 1000, INPUTS_MAX = 65535, LINE_DEFAULT = 16 << 20 };

static const char *const form_names[] = {"", "jsonl", "json", "csv", "tsv"};

static ew_status check_options(ew_reader *reader, ew_error *err) {
    const ew_options *options = &reader->options;
    reader->window.max_line = options->max_line ? options->max_line : LINE_DEFAULT;
    if (reader->window.max_line > INT32_MAX)
        return ew_fail(err, EW_USAGE, "the limit for one record cannot be above %d bytes", INT32_MAX);
    if (!options->zstd_window_log) reader->options.zstd_window_log = 27;
    if (!options->format) return EW_OK;
    for (int form = EW_FORM_JSONL; form <= EW_FORM_TSV; form++)
        if (strcmp(options->format, form_names[form]) == 0) reader->window.asked = (ew_form)form;
    return reader->window.asked ? EW_OK
                         : ew_fail(err, EW_USAGE, "no format '%.40s'; there is jsonl, json, csv and tsv", options->format);
}

static ew_status check_inputs(ew_reader *reader, ew_error *err) {
    if (!reader->n_inputs) return ew_fail(err, EW_USAGE, "no input; name a file, or '-' for standard input");
    if (reader->n_inputs > INPUTS_MAX) return ew_fail(err, EW_USAGE, "more than %d inputs; join some of them", INPUTS_MAX);
    bool pipe = false, unknown = false;
    for (size_t i = 0; i < reader->n_inputs; i++) {
        const ew_input *input = &reader->inputs[i];
        uint64_t size;
        ew_status status = ew_source_check(input, &size, err);
        if (status != EW_OK) return status;
        bool is_pipe = !input->data && strcmp(input->name, "-") == 0;
        if (is_pipe && pipe) return ew_fail(err, EW_USAGE, "standard input is named twice");
        pipe |= is_pipe;
        unknown |= size == 0;
        reader->total += size;
    }
    if (unknown) reader->total = 0;
    return EW_OK;
}

ew_status ew_reader_open(const ew_input *inputs, size_t n, const ew_options *options, ew_reader **out, ew_error *err) {
    ew_status status = EW_OK;
    ew_reader *reader = ew_calloc(1, sizeof *reader);
    *out = NULL;
    if (!reader) return ew_fail_memory(err, sizeof *reader, "a reader");
    reader->inputs = inputs;
    reader->n_inputs = n;
    if (options) reader->options = *options;
    reader->block = EW_BLOCK;
    reader->compression = "";
    reader->window.wanted = reader->options.columns;
    reader->window.columns = &reader->columns;
    reader->window.reject = ew_reader_reject;
    reader->window.owner = reader;
    EW_TRY(check_options(reader, err));
    EW_TRY(check_inputs(reader, err));
    EW_TRY(ew_columns_open(&reader->columns, reader->options.columns, err));
    reader->records = ew_alloc(RECORDS, sizeof *reader->records);
    if (!reader->records) EW_TRY(ew_fail_memory(err, RECORDS * sizeof *reader->records, "records"));
    *out = reader;
    return EW_OK;
done:
    ew_reader_close(reader);
    return status;
}

void ew_reader_set_block(ew_reader *reader, size_t block) { reader->block = block; }

void ew_reader_close(ew_reader *reader) {
    if (!reader) return;
    ew_source_close(reader->source);
    ew_columns_close(&reader->columns);
    for (uint32_t i = 0; i < reader->rejects.kept; i++) ew_free(reader->rejects.messages[i]);
    ew_free(reader->rejects.messages);
    ew_free(reader->window.csv.fields);
    ew_free(reader->window.csv.key_ends);
    ew_buffer_free(&reader->window.csv.keys);
    ew_free(reader->window.data);
    ew_free(reader->window.marks);
    ew_free(reader->records);
    ew_free(reader);
}

/* ---- what the formats call ---- */

ew_status ew_reader_reject(void *owner, uint64_t line, uint64_t byte, const char *why, ew_error *err) {
    ew_reader *reader = owner;
    ew_rejects *rejects = &reader->rejects;
    if (!rejects->messages && !(rejects->messages = ew_calloc(KEPT, sizeof *rejects->messages)))
        return ew_fail_memory(err, KEPT * sizeof *rejects->messages, "messages");
    if (rejects->kept < KEPT) {
        ew_error told;
        (void)ew_fail_at(&told, EW_INPUT, ew_input_label(&reader->inputs[reader->input]), line, byte, "%s", why);
        char *message = ew_strndup(told.message, strlen(told.message));
        if (!message) return ew_fail_memory(err, sizeof told.message, "a message");
        rejects->messages[rejects->kept++] = message;
    }
    rejects->n++;
    if (++reader->window.tried == EW_TRIAL && !reader->window.texts && !ew_columns_seen(&reader->columns, EW_COL_TEXT))
        return ew_input_no_text(reader, err);
    return EW_OK;
}

/* ---- the window ---- */

ew_status ew_reader_tell(ew_reader *reader, uint64_t input_bytes, ew_error *err) {
    if (!reader->options.progress) return EW_OK;
    double now = ew_wall();
    if (reader->talked && now - reader->told < 0.1) return EW_OK;
    reader->talked = true;
    reader->told = now;
    if (reader->options.progress(reader->options.progress_data, "read", input_bytes, reader->total) == 0) return EW_OK;
    return ew_fail(err, EW_CANCELLED, "stopped on request while reading");
}

static ew_status grow(ew_reader *reader, size_t capacity, ew_error *err) {
    char *data = ew_realloc(reader->window.data, capacity + EW_PAD, 1);
    if (!data) return ew_fail_memory(err, capacity + EW_PAD, "the window on an input");
    reader->window.data = data;
    uint64_t *marks = ew_realloc(reader->window.marks, capacity / 64 + 2, sizeof *marks);
    if (!marks) return ew_fail_memory(err, capacity / 8, "the window on an input");
    reader->window.marks = marks;
    reader->capacity = capacity;
    return EW_OK;
}

/* Drops what was consumed and adds a block, or as much again as is held: so a long record is looked at only a few times. */
static ew_status refill(ew_reader *reader, ew_error *err) {
    ew_window *window = &reader->window;
    size_t left = window->end - window->begin, want = left > reader->block ? left : reader->block;
    if (window->begin) memmove(window->data, window->data + window->begin, left);
    window->base += window->begin;
    window->begin = 0;
    window->end = left;
    window->marked = false;
    ew_status status = left + want > reader->capacity ? grow(reader, left + want + reader->block, err) : EW_OK;
    while (status == EW_OK && window->end < left + want && !window->eof) {
        size_t got = 0;
        status = ew_reader_tell(reader, ew_reader_input_bytes(reader), err);
        if (status != EW_OK) return status;
        status = ew_source_read(reader->source, window->data + window->end, left + want - window->end, &got, err);
        if (status == EW_OK) window->eof = got == 0;
        window->end += got;
    }
    if (status != EW_OK && window->end == left) {
        ew_input_place(err, window->line);
        return status; /* otherwise what came before is read first, and the error comes again */
    }
    memset(window->data + window->end, 0, EW_PAD);
    return EW_OK;
}

static ew_status take_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err) {
    ew_window *window = &reader->window;
    *step = EW_STEP_AGAIN;
    if (!reader->source) return ew_input_open(reader, err);
    if (window->begin == window->end && window->eof && window->form) return ew_input_finish(reader, err);
    if (window->form == EW_FORM_NONE) {
        ew_status status = ew_input_recognise(reader, err);
        if (status == EW_OK && !window->form) *step = EW_STEP_MORE;
        return status;
    }
    if (window->begin < window->end) return ew_window_step(window, record, step, err);
    *step = EW_STEP_MORE;
    return EW_OK;
}

static ew_status next(ew_reader *reader, ew_batch *out, ew_error *err) {
    size_t text = 0;
    while (out->n < RECORDS && text < TEXT && !reader->over) {
        ew_step step;
        ew_record *record = &reader->records[out->n];
        bool had_source = reader->source != NULL;
        ew_status status = take_step(reader, record, &step, err);
        if (status != EW_OK) return status;
        if (had_source && !reader->source && out->n) break; /* an input has ended; the views into the window still stand */
        if (step == EW_STEP_RECORD) {
            text += record->fields[EW_COL_TEXT].length;
            out->n++;
        } else if (step == EW_STEP_MORE) {
            if (out->n) break;
            if (reader->window.eof)
                return ew_window_fail(&reader->window, "breaks off inside a record; get a whole copy of it", err);
            status = refill(reader, err);
            if (status != EW_OK) return status;
        }
    }
    return out->n || !reader->over ? EW_OK : ew_inputs_check(reader, err);
}

ew_status ew_reader_next(ew_reader *reader, ew_batch *out, ew_error *err) {
    *out = (ew_batch){reader->records, 0};
    double begun = ew_wall();
    if (reader->failed == EW_OK) reader->failed = next(reader, out, &reader->error);
    reader->seconds += ew_wall() - begun;
    /* records before an error are handed out first, so that they do not depend on where batches end */
    if (reader->failed == EW_OK || out->n) return EW_OK;
    if (err) *err = reader->error;
    return reader->failed;
}

/* ---- what has been seen ---- */

const ew_rejects *ew_reader_rejects(const ew_reader *reader) { return &reader->rejects; }
uint64_t ew_reader_bytes(const ew_reader *reader) {
    return reader->bytes + (reader->source ? ew_window_byte(&reader->window) : 0);
}

uint64_t ew_reader_input_bytes(const ew_reader *reader) {
    return reader->input_bytes + (reader->source ? ew_source_input_bytes(reader->source) : 0);
}

const char *ew_reader_column(const ew_reader *reader, ew_column column) {
    const ew_name *best = ew_columns_best(&reader->columns, column);
    return best ? best->text : NULL;
}

const char *ew_reader_format(const ew_reader *reader) { return form_names[reader->window.form]; }
const char *ew_reader_compression(const ew_reader *reader) { return reader->compression; }

size_t ew_reader_others(const ew_reader *constant, const char *const **names) {
    ew_reader *reader = (ew_reader *)(uintptr_t)constant; /* the list is a cache */
    size_t n = 0;
    for (uint32_t i = 0; i < reader->columns.n && n < sizeof reader->others / sizeof *reader->others; i++) {
        const ew_name *name = &reader->columns.names[i];
        bool taken = !name->input;
        for (int c = 0; c < EW_COLUMNS && !taken; c++) taken = ew_columns_best(&reader->columns, (ew_column)c) == name;
        if (!taken) reader->others[n++] = name->text;
    }
    *names = reader->others;
    return n;
}
