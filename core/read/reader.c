#include <inttypes.h>
#include <stdio.h>

#include "../base/alloc.h"
#include "../base/clock.h"
#include "inside.h"

enum { BLOCK = 1 << 19, RECORDS = 4096, TEXT = 4 << 20, KEPT = 1000, INPUTS_MAX = 65535, LINE_DEFAULT = 16 << 20 };

static const char *const form_names[] = {"", "jsonl", "json", "csv", "tsv"};

static ew_status check_options(ew_reader *reader, ew_error *err) {
    const ew_options *options = &reader->options;
    reader->max_line = options->max_line ? options->max_line : LINE_DEFAULT;
    if (reader->max_line > INT32_MAX)
        return ew_fail(err, EW_USAGE, "the limit for one record cannot be above %d bytes", INT32_MAX);
    if (!options->zstd_window_log) reader->options.zstd_window_log = 27;
    if (!options->format) return EW_OK;
    for (int form = EW_FORM_JSONL; form <= EW_FORM_TSV; form++)
        if (strcmp(options->format, form_names[form]) == 0) reader->asked = (ew_form)form;
    return reader->asked ? EW_OK
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
    reader->block = BLOCK;
    reader->compression = "";
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
    ew_free(reader->csv.fields);
    ew_free(reader->records);
    ew_free(reader->data);
    ew_free(reader);
}

/* ---- what the formats call ---- */

void ew_reader_consume(ew_reader *reader, size_t n) {
    const char *p = reader->data + reader->begin, *end = p + n;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        reader->line++;
        p++;
    }
    reader->begin += n;
}

ew_status ew_reader_fail(const ew_reader *reader, const char *why, ew_error *err) {
    return ew_fail_at(err, EW_INPUT, ew_input_label(&reader->inputs[reader->input]), reader->line, ew_reader_byte(reader), "%s",
                      why);
}

/* An input whose first records all lack a text is not a run of bad luck: the column has another name. */
static ew_status fail_no_text(const ew_reader *reader, ew_error *err) {
    char names[300];
    const char *label = ew_input_label(&reader->inputs[reader->input]);
    ew_columns_list(&reader->columns, reader->columns.input, names, sizeof names);
    const char *wanted = reader->options.columns[EW_COL_TEXT];
    if (strcmp(names, "nothing") == 0)
        return ew_fail_at(err, EW_INPUT, label, 0, 0,
                          "none of the first %" PRIu64 " lines is a JSON object; the first is rejected so: %s", reader->tried,
                          reader->rejects.kept ? reader->rejects.messages[0] : "not JSON");
    if (wanted && *wanted)
        return ew_fail_at(err, EW_INPUT, label, 0, 0, "no field '%.80s' in the first %" PRIu64 " records; there is %s", wanted,
                          reader->tried, names);
    return ew_fail_at(err, EW_INPUT, label, 0, 0,
                      "no field of text in the first %" PRIu64 " records; there is %s; name one with --text", reader->tried,
                      names);
}

ew_status ew_reader_reject(ew_reader *reader, uint64_t line, uint64_t byte, const char *why, ew_error *err) {
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
    if (++reader->tried == EW_TRIAL && !reader->texts && !ew_columns_seen(&reader->columns, EW_COL_TEXT))
        return fail_no_text(reader, err);
    return EW_OK;
}

ew_status ew_reader_accept(ew_reader *reader, size_t n, const ew_slot slots[EW_COLUMNS], size_t (*decode)(char *, size_t),
                           ew_record *record, ew_step *step, ew_error *err) {
    record->line = reader->line;
    record->byte = ew_reader_byte(reader);
    record->input = (uint32_t)reader->input;
    ew_reader_consume(reader, n); /* counts lines, so before anything is decoded in its place */
    if (!slots[EW_COL_TEXT].start) return ew_reader_reject(reader, record->line, record->byte, "no text field", err);
    for (int c = 0; c < EW_COLUMNS; c++) {
        const ew_slot *slot = &slots[c];
        record->fields[c] = (ew_view){slot->start, slot->length};
        if (!slot->start || !slot->escaped) continue;
        int same = 0; /* two columns may be read from one name, which must be decoded once */
        while (same < c && slots[same].start != slot->start) same++;
        if (same < c)
            record->fields[c] = record->fields[same];
        else
            record->fields[c].length = (uint32_t)decode(slot->start, slot->length);
    }
    reader->tried++;
    reader->texts++;
    *step = EW_STEP_RECORD;
    return EW_OK;
}

/* ---- the window ---- */

static ew_status tell(ew_reader *reader, ew_error *err) {
    if (!reader->options.progress) return EW_OK;
    double now = ew_wall();
    if (reader->talked && now - reader->told < 0.1) return EW_OK;
    reader->talked = true;
    reader->told = now;
    if (reader->options.progress(reader->options.progress_data, "read", ew_reader_input_bytes(reader), reader->total) == 0)
        return EW_OK;
    return ew_fail(err, EW_CANCELLED, "stopped on request while reading");
}

/* Drops what was consumed and adds a block, or as much again as is held: so a long record is looked at only a few times. */
static ew_status refill(ew_reader *reader, ew_error *err) {
    size_t left = reader->end - reader->begin, want = left > reader->block ? left : reader->block;
    if (reader->begin) memmove(reader->data, reader->data + reader->begin, left);
    reader->base += reader->begin;
    reader->begin = 0;
    reader->end = left;
    if (left + want > reader->capacity) {
        size_t capacity = left + want + reader->block;
        char *data = ew_realloc(reader->data, capacity + EW_PAD, 1);
        if (!data) return ew_fail_memory(err, capacity + EW_PAD, "the window on an input");
        reader->data = data;
        reader->capacity = capacity;
    }
    while (reader->end < left + want && !reader->eof) {
        size_t got = 0;
        ew_status status = tell(reader, err);
        if (status != EW_OK) return status;
        status = ew_source_read(reader->source, reader->data + reader->end, left + want - reader->end, &got, err);
        if (status != EW_OK && reader->end == left) return status;
        if (status != EW_OK) break; /* what came before is read first; the error comes again */
        reader->eof = got == 0;
        reader->end += got;
    }
    memset(reader->data + reader->end, 0, EW_PAD);
    return EW_OK;
}

/* ---- one input after the other ---- */

static ew_status open_input(ew_reader *reader, ew_error *err) {
    size_t chunk = reader->block < BLOCK ? reader->block : (size_t)1 << 30;
    ew_status status =
        ew_source_open(&reader->inputs[reader->input], reader->options.zstd_window_log, chunk, &reader->source, err);
    if (status != EW_OK) return status;
    reader->compression = ew_source_compression(reader->source);
    reader->form = EW_FORM_NONE;
    reader->begin = reader->end = reader->searched = 0;
    reader->base = reader->tried = reader->texts = 0;
    reader->line = 1;
    reader->eof = reader->skipping = false;
    reader->array = (ew_array){.at = EW_ARRAY_BEFORE};
    reader->csv.ready = false;
    reader->columns.input = (uint32_t)reader->input + 1;
    return EW_OK;
}

/* Formats that people give by mistake. */
static const char *foreign(const char *p, size_t n) {
    static const struct { const char *magic; size_t n; const char *what; } known[] = {
        {"PK\3\4", 4, "is a zip archive or a spreadsheet; unpack it, or save it as CSV"},
        {"PAR1", 4, "is a Parquet file; the Python package reads it, or convert it to JSONL"},
        {"ARROW1", 6, "is an Arrow file; the Python package reads it, or convert it to JSONL"},
        {"SQLite format 3", 15, "is an SQLite database; export a table as CSV"},
        {"\xd0\xcf\x11\xe0", 4, "is an old spreadsheet or document; save it as CSV"},
        {"BZh", 3, "is packed with bzip2; unpack it"},
        {"\xfd" "7zXZ", 5, "is packed with xz; unpack it"},
        {"\x04\x22\x4d\x18", 4, "is packed with lz4; unpack it"},
        {"%PDF", 4, "is a PDF; get the comments as CSV or JSONL"},
        {"\xff\xfe", 2, "is UTF-16; convert it with iconv -f UTF-16 -t UTF-8"},
        {"\xfe\xff", 2, "is UTF-16; convert it with iconv -f UTF-16 -t UTF-8"},
        {"\x28\xb5\x2f\xfd", 4, "is packed twice; unpack it once"},
        {"\x1f\x8b", 2, "is packed twice; unpack it once"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n >= known[i].n && memcmp(p, known[i].magic, known[i].n) == 0) return known[i].what;
    return NULL;
}

/* Says what the input is, or leaves form at NONE where more of it must be seen. */
static ew_status recognise(ew_reader *reader, ew_error *err) {
    const ew_input *input = &reader->inputs[reader->input];
    size_t n = reader->end - reader->begin, i = 0;
    if (n < 16 && !reader->eof) return EW_OK;
    const char *p = reader->data + reader->begin;
    if (n == 0) return ew_fail_at(err, EW_INPUT, ew_input_label(input), 0, 0, "is empty");
    const char *what = reader->asked ? NULL : foreign(p, n);
    if (what) return ew_fail_at(err, EW_INPUT, ew_input_label(input), 0, 0, "%s", what);
    bool marked = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0;
    if (marked) i = 3;
    while (i < n && i <= reader->max_line && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n')) i++;
    if (i > reader->max_line) return ew_fail_at(err, EW_INPUT, ew_input_label(input), 0, 0, "begins with endless blanks");
    if (i == n && !reader->eof) return EW_OK;
    if (i == n) return ew_fail_at(err, EW_INPUT, ew_input_label(input), 0, 0, "holds nothing but blanks");
    reader->form = reader->asked ? reader->asked : p[i] == '{' ? EW_FORM_JSONL : p[i] == '[' ? EW_FORM_JSON : EW_FORM_CSV;
    if (marked) ew_reader_consume(reader, 3);
    return EW_OK;
}

static ew_status finish_input(ew_reader *reader, ew_error *err) {
    if (reader->form == EW_FORM_JSON && reader->array.at != EW_ARRAY_CLOSED)
        return ew_reader_fail(reader, "breaks off inside a JSON array; get a whole copy of it", err);
    if (reader->form >= EW_FORM_CSV && !reader->csv.ready) return ew_reader_fail(reader, "no header", err);
    char names[64];
    ew_columns_list(&reader->columns, reader->columns.input, names, sizeof names);
    if (reader->tried && !reader->texts && strcmp(names, "nothing") != 0 && !ew_columns_seen(&reader->columns, EW_COL_TEXT))
        return fail_no_text(reader, err);
    reader->bytes += ew_reader_byte(reader);
    reader->input_bytes += ew_source_input_bytes(reader->source);
    ew_source_close(reader->source);
    reader->source = NULL;
    reader->base = reader->begin = reader->end = 0;
    reader->over = ++reader->input == reader->n_inputs;
    return EW_OK;
}

/* Columns asked for by name must have shown up somewhere. (A CSV without them was refused at its header.) */
static ew_status check_wanted(const ew_reader *reader, ew_error *err) {
    char names[300];
    ew_columns_list(&reader->columns, 0, names, sizeof names);
    for (int c = 0; c < EW_COLUMNS && strcmp(names, "nothing") != 0; c++) {
        const char *wanted = reader->options.columns[c];
        if (wanted && *wanted && !ew_columns_best(&reader->columns, (ew_column)c))
            return ew_fail(err, EW_INPUT, "no field '%.80s' in any record, asked for by --%s; there is %s", wanted,
                           ew_column_option((ew_column)c), names);
    }
    return EW_OK;
}

/* Throws away up to and with the next line break. */
static void skip_line(ew_reader *reader) {
    const char *begin = reader->data + reader->begin;
    size_t left = reader->end - reader->begin;
    const char *found = memchr(begin, '\n', left);
    ew_reader_consume(reader, found ? (size_t)(found - begin) + 1 : left);
    reader->skipping = !found;
}

static ew_status take_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err) {
    *step = EW_STEP_AGAIN;
    if (!reader->source) return open_input(reader, err);
    if (reader->begin == reader->end && reader->eof && reader->form) return finish_input(reader, err);
    if (reader->form == EW_FORM_NONE) {
        ew_status status = recognise(reader, err);
        if (status == EW_OK && !reader->form) *step = EW_STEP_MORE;
        return status;
    }
    if (reader->begin == reader->end) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (reader->skipping) {
        skip_line(reader);
        return EW_OK;
    }
    switch (reader->form) {
    case EW_FORM_JSONL: return ew_jsonl_step(reader, record, step, err);
    case EW_FORM_JSON: return ew_array_step(reader, record, step, err);
    default: return ew_csv_step(reader, record, step, err);
    }
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
            if (reader->eof) return ew_reader_fail(reader, "breaks off inside a record; get a whole copy of it", err);
            status = refill(reader, err);
            if (status != EW_OK) return status;
        }
    }
    return out->n || !reader->over ? EW_OK : check_wanted(reader, err);
}

ew_status ew_reader_next(ew_reader *reader, ew_batch *out, ew_error *err) {
    *out = (ew_batch){reader->records, 0};
    if (reader->failed == EW_OK) reader->failed = next(reader, out, &reader->error);
    /* records before an error are handed out first, so that they do not depend on where batches end */
    if (reader->failed == EW_OK || out->n) return EW_OK;
    if (err) *err = reader->error;
    return reader->failed;
}

/* ---- what has been seen ---- */

const ew_rejects *ew_reader_rejects(const ew_reader *reader) { return &reader->rejects; }
uint64_t ew_reader_bytes(const ew_reader *reader) { return reader->bytes + (reader->source ? ew_reader_byte(reader) : 0); }

uint64_t ew_reader_input_bytes(const ew_reader *reader) {
    return reader->input_bytes + (reader->source ? ew_source_input_bytes(reader->source) : 0);
}

const char *ew_reader_column(const ew_reader *reader, ew_column column) {
    const ew_name *best = ew_columns_best(&reader->columns, column);
    return best ? best->text : NULL;
}

const char *ew_reader_format(const ew_reader *reader) { return form_names[reader->form]; }
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
