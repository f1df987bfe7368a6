#include <inttypes.h>

#include "../base/alloc.h"
#include "inside.h"

/* One input after the other: what each is, and whether it ended well. */

/* An input whose first records all lack a text is not a run of bad luck: the column has another name. */
ew_status ew_input_no_text(const ew_reader *reader, ew_error *err) {
    char names[300];
    const char *label = ew_input_label(&reader->inputs[reader->input]);
    ew_columns_list(&reader->columns, reader->columns.input, names, sizeof names);
    const char *wanted = reader->options.columns[EW_COL_TEXT];
    if (strcmp(names, "nothing") == 0)
        return ew_fail_at(err, EW_INPUT, label, 0, 0,
                          "none of the first %" PRIu64 " lines is a JSON object; the first is rejected so: %s",
                          reader->window.tried, reader->rejects.kept ? reader->rejects.messages[0] : "not JSON");
    if (wanted && *wanted)
        return ew_fail_at(err, EW_INPUT, label, 0, 0, "no field '%.80s' in the first %" PRIu64 " records; there is %s", wanted,
                          reader->window.tried, names);
    return ew_fail_at(err, EW_INPUT, label, 0, 0,
                      "no field of text in the first %" PRIu64 " records; there is %s; name one with --text",
                      reader->window.tried, names);
}

void ew_input_place(ew_error *err, uint64_t line) {
    if (err && err->byte && !err->line) err->line = line;
}

ew_status ew_input_open(ew_reader *reader, ew_error *err) {
    const ew_input *input = &reader->inputs[reader->input];
    ew_window *window = &reader->window;
    size_t chunk = reader->block < EW_BLOCK ? reader->block : (size_t)1 << 30;
    ew_status status = ew_source_open(input, reader->options.zstd_window_log, chunk, &reader->source, err);
    if (status != EW_OK) return status;
    reader->compression = ew_source_compression(reader->source);
    window->form = EW_FORM_NONE;
    window->begin = window->end = window->searched = 0;
    window->base = window->tried = window->texts = 0;
    window->line = 1;
    window->eof = window->skipping = window->marked = false;
    window->array = (ew_array){.at = EW_ARRAY_BEFORE};
    window->csv.ready = false;
    window->label = ew_input_label(input);
    window->input = (uint32_t)reader->input;
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
ew_status ew_input_recognise(ew_reader *reader, ew_error *err) {
    ew_window *window = &reader->window;
    size_t n = window->end - window->begin, i = 0;
    if (n < 16 && !window->eof) return EW_OK;
    const char *p = window->data + window->begin, *label = window->label;
    if (n == 0) return ew_fail_at(err, EW_INPUT, label, 0, 0, "is empty");
    const char *what = window->asked ? NULL : foreign(p, n);
    if (what) return ew_fail_at(err, EW_INPUT, label, 0, 0, "%s", what);
    bool marked = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0;
    if (marked) i = 3;
    while (i < n && i <= window->max_line && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n')) i++;
    if (i > window->max_line) return ew_fail_at(err, EW_INPUT, label, 0, 0, "begins with endless blanks");
    if (i == n && !window->eof) return EW_OK;
    if (i == n) return ew_fail_at(err, EW_INPUT, label, 0, 0, "holds nothing but blanks");
    window->form = window->asked ? window->asked : p[i] == '{' ? EW_FORM_JSONL : p[i] == '[' ? EW_FORM_JSON : EW_FORM_CSV;
    if (marked) ew_window_consume(window, 3);
    window->marked = false;
    return EW_OK;
}

ew_status ew_input_finish(ew_reader *reader, ew_error *err) {
    const ew_window *window = &reader->window;
    if (window->form == EW_FORM_JSON && window->array.at != EW_ARRAY_CLOSED)
        return ew_window_fail(window, "breaks off inside a JSON array; get a whole copy of it", err);
    if (window->form >= EW_FORM_CSV && !window->csv.ready) return ew_window_fail(window, "no header", err);
    char names[64];
    ew_columns_list(&reader->columns, reader->columns.input, names, sizeof names);
    if (window->tried && !window->texts && strcmp(names, "nothing") != 0 && !ew_columns_seen(&reader->columns, EW_COL_TEXT))
        return ew_input_no_text(reader, err);
    reader->bytes += ew_window_byte(window);
    reader->input_bytes += ew_source_input_bytes(reader->source);
    ew_source_close(reader->source);
    reader->source = NULL;
    reader->window.base = reader->window.begin = reader->window.end = 0;
    reader->over = ++reader->input == reader->n_inputs;
    return EW_OK;
}

/* Columns asked for by name must have shown up somewhere. (A CSV without them was refused at its header.) */
ew_status ew_inputs_check(const ew_reader *reader, ew_error *err) {
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

