#include "../base/alloc.h"
#include "inside.h"
#include "scan.h"

enum { FIELDS_MAX = 65535 };

/* One record at p. Fields beyond the header's number are counted and not kept. `quotes`: whether they mean anything. */
static ew_scan scan_record(ew_csv *csv, char *p, char *end, bool at_end, bool quotes, uint32_t *n_fields, char **stop,
                           const char **why) {
    uint32_t n = 0;
    for (;;) {
        ew_slot slot = {.start = p};
        char *last; /* behind the field */
        if (quotes && p < end && *p == '"') {
            slot.start = ++p;
            while ((p = memchr(p, '"', (size_t)(end - p))) && p + 1 < end && p[1] == '"') {
                slot.escaped = true;
                p += 2;
            }
            if (!p) {
                if (!at_end) return EW_SCAN_MORE;
                *why = "a quote that is never closed";
                return EW_SCAN_BAD;
            }
            if (p + 1 == end && !at_end) return EW_SCAN_MORE;
            last = p++;
            if (p < end && *p == '\r') {
                if (p + 1 == end && !at_end) return EW_SCAN_MORE;
                if (p + 1 == end || p[1] == '\n') p++;
            }
            if (p < end && *p != csv->delimiter && *p != '\n') {
                *why = "text behind a closing quote";
                return EW_SCAN_BAD;
            }
        } else {
            while (p < end) {
                uint64_t word = ew_scan_load(p);
                uint64_t hits = ew_scan_equal(word, '\n') | ew_scan_equal(word, (unsigned char)csv->delimiter);
                if (!csv->loose) hits |= ew_scan_equal(word, '"');
                if (hits) {
                    p += ew_scan_first(hits);
                    break;
                }
                p += 8;
            }
            if (p >= end) {
                if (!at_end) return EW_SCAN_MORE;
                p = end;
            } else if (*p == '"' && !csv->loose) {
                *why = "a quote inside a field that is not quoted";
                return EW_SCAN_BAD;
            }
            last = p;
            if (last > slot.start && last[-1] == '\r' && (p == end || *p == '\n')) last--;
        }
        slot.length = (uint32_t)(last - slot.start);
        if (n < csv->n) csv->fields[n] = slot;
        n++;
        if (p == end || *p == '\n') break;
        p++;
    }
    *stop = p < end ? p + 1 : p;
    *n_fields = n;
    return EW_SCAN_OK;
}

static size_t undouble(char *text, size_t n) {
    size_t from = 0, to = 0;
    while (from < n) {
        const char *next = memchr(text + from, '"', n - from);
        size_t run = next ? (size_t)(next - text) - from + 1 : n - from;
        if (to != from) memmove(text + to, text + from, run);
        to += run;
        from += run + (next != NULL);
    }
    return to;
}

/* The most frequent of , ; and tab in the header, outside quotes. False: the header does not end before `end`. */
static bool find_delimiter(const char *p, const char *end, char *delimiter) {
    static const char candidates[] = ",;\t";
    size_t counts[3] = {0}, best = 0;
    bool quoted = false;
    for (; p < end && (quoted || *p != '\n'); p++) {
        if (*p == '"') quoted = !quoted;
        for (size_t i = 0; i < 3 && !quoted; i++) counts[i] += *p == candidates[i];
    }
    for (size_t i = 1; i < 3; i++)
        if (counts[i] > counts[best]) best = i;
    *delimiter = candidates[best];
    return p < end;
}

static ew_status read_names(ew_reader *reader, uint64_t line, uint64_t byte, ew_error *err) {
    ew_csv *csv = &reader->csv;
    uint16_t ranks[EW_COLUMNS];
    for (int c = 0; c < EW_COLUMNS; c++) {
        csv->field_of[c] = EW_NONE;
        ranks[c] = EW_RANK_NONE;
    }
    for (uint32_t i = 0; i < csv->n; i++) {
        ew_slot *field = &csv->fields[i];
        char *text = field->start;
        size_t length = field->escaped ? undouble(text, field->length) : field->length;
        while (length && (*text == ' ' || *text == '\t')) text++, length--;
        while (length && (text[length - 1] == ' ' || text[length - 1] == '\t')) length--;
        const ew_name *name = ew_columns_name(&reader->columns, text, length);
        if (!name) return ew_fail_memory(err, length + 1, "a column name");
        for (int c = 0; c < EW_COLUMNS; c++) {
            if (!(name->columns >> c & 1) || name->rank >= ranks[c]) continue;
            ranks[c] = name->rank;
            csv->field_of[c] = i;
        }
    }
    char names[300];
    ew_columns_list(&reader->columns, reader->columns.input, names, sizeof names);
    const char *label = ew_input_label(&reader->inputs[reader->input]);
    for (int c = 0; c < EW_COLUMNS; c++) {
        const char *wanted = reader->options.columns[c];
        if (wanted && *wanted && csv->field_of[c] == EW_NONE)
            return ew_fail_at(err, EW_INPUT, label, line, byte, "no column '%.80s'; there is %s", wanted, names);
    }
    if (csv->field_of[EW_COL_TEXT] == EW_NONE)
        return ew_fail_at(err, EW_INPUT, label, line, byte,
                          "no column of text; there is %s; name one with --text", names);
    return EW_OK;
}

static ew_status read_header(ew_reader *reader, char *begin, char *end, bool at_end, bool clipped, ew_step *step, ew_error *err) {
    ew_csv *csv = &reader->csv;
    char *stop;
    const char *why;
    if (!find_delimiter(begin, end, &csv->delimiter) && !at_end && !clipped) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (reader->asked == EW_FORM_TSV) csv->delimiter = '\t';
    csv->loose = csv->delimiter == '\t';
    csv->n = 0;
    uint32_t n;
    ew_scan result = scan_record(csv, begin, end, at_end, true, &n, &stop, &why);
    if (result == EW_SCAN_MORE && clipped)
        return ew_reader_fail(reader, "the header is longer than the limit for one record", err);
    if (result == EW_SCAN_MORE) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (result == EW_SCAN_BAD) return ew_reader_fail(reader, why, err);
    if (n > FIELDS_MAX) return ew_reader_fail(reader, "the header has more than 65535 columns", err);
    ew_free(csv->fields);
    csv->fields = ew_alloc(n, sizeof *csv->fields);
    if (!csv->fields) return ew_fail_memory(err, n * sizeof *csv->fields, "the columns of a CSV");
    csv->n = n;
    result = scan_record(csv, begin, end, at_end, true, &n, &stop, &why);
    if (result != EW_SCAN_OK) return ew_fail(err, EW_INTERNAL, "a header was read in two ways");
    csv->ready = true;
    reader->form = csv->loose ? EW_FORM_TSV : EW_FORM_CSV;
    uint64_t line = reader->line, byte = ew_reader_byte(reader);
    ew_reader_consume(reader, (size_t)(stop - begin)); /* counts lines, so before names are decoded in their place */
    return read_names(reader, line, byte, err);
}

/* A bad record ends with its first line: so an open quote costs one record and not the rest of the file. */
static ew_status bad_record(ew_reader *reader, const char *why, ew_error *err) {
    reader->skipping = true;
    return ew_reader_reject(reader, reader->line, ew_reader_byte(reader), why, err);
}

ew_status ew_csv_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err) {
    ew_csv *csv = &reader->csv;
    char *begin = reader->data + reader->begin, *end = reader->data + reader->end, *stop;
    const char *why;
    *step = EW_STEP_AGAIN;
    if (*begin == '\n' || (*begin == '\r' && begin + 1 < end && begin[1] == '\n')) { /* a line without anything */
        ew_reader_consume(reader, *begin == '\n' ? 1 : 2);
        return EW_OK;
    }
    /* what may be looked at: the longest record, its line break, and the byte that shows it is too long */
    bool clipped = (size_t)(end - begin) > reader->max_line + 2;
    if (clipped) end = begin + reader->max_line + 2;
    bool at_end = reader->eof && !clipped;
    if (!csv->ready) return read_header(reader, begin, end, at_end, clipped, step, err);
    uint32_t n;
    ew_scan result = scan_record(csv, begin, end, at_end, true, &n, &stop, &why);
    if (csv->loose && (result == EW_SCAN_BAD || (result == EW_SCAN_MORE && clipped))) /* much TSV is written without quoting */
        result = scan_record(csv, begin, end, at_end, false, &n, &stop, &why);
    if (result == EW_SCAN_MORE && !clipped) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (result == EW_SCAN_MORE) return bad_record(reader, "longer than the limit for one record", err);
    if (result == EW_SCAN_BAD) return bad_record(reader, why, err);
    size_t raw = (size_t)(stop - begin);
    if (raw > reader->max_line) { /* line breaks do not count */
        size_t length = raw - (stop[-1] == '\n');
        if (length && length < raw && begin[length - 1] == '\r') length--;
        if (length > reader->max_line) return bad_record(reader, "longer than the limit for one record", err);
    }
    if (n != csv->n) {
        why = n < csv->n ? "fewer fields than the header has" : "more fields than the header has";
        ew_status status = ew_reader_reject(reader, reader->line, ew_reader_byte(reader), why, err);
        ew_reader_consume(reader, raw);
        return status;
    }
    ew_slot slots[EW_COLUMNS];
    for (int c = 0; c < EW_COLUMNS; c++)
        slots[c] = csv->field_of[c] == EW_NONE ? (ew_slot){0} : csv->fields[csv->field_of[c]];
    return ew_reader_accept(reader, raw, slots, undouble, record, step, err);
}
