#include "../base/alloc.h"
#include "inside.h"

enum { FIELDS_MAX = 65535 };

/* The next delimiter, line break or quote, or the end of the window. */
static inline char *next_mark(const ew_window *window, char *p) {
    size_t i = (size_t)(p - window->data);
    uint64_t word = window->marks[i / 64] >> (i % 64);
    if (word) return p + __builtin_ctzll(word);
    for (i /= 64; !word;) word = window->marks[++i];
    return window->data + i * 64 + (size_t)__builtin_ctzll(word);
}

/* One record at p. Fields beyond the header's number are counted and not kept. `quotes`: whether they mean anything. */
static ew_scan scan_record(ew_window *window, char *p, char *end, bool at_end, bool quotes, uint32_t *n_fields, char **stop,
                           const char **why) {
    ew_csv *csv = &window->csv;
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
            p = next_mark(window, p);
            while (csv->loose && p < end && *p == '"') p = next_mark(window, p + 1);
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

size_t ew_csv_undouble(char *text, size_t n) {
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

static ew_status read_names(ew_window *window, ew_dict *seen, uint64_t line, uint64_t byte, ew_error *err) {
    ew_csv *csv = &window->csv;
    uint16_t ranks[EW_COLUMNS];
    for (int c = 0; c < EW_COLUMNS; c++) {
        csv->field_of[c] = EW_NONE;
        ranks[c] = EW_RANK_NONE;
    }
    for (uint32_t i = 0; i < csv->n; i++) {
        ew_slot *field = &csv->fields[i];
        char *text = field->start;
        size_t length = field->escaped ? ew_csv_undouble(text, field->length) : field->length;
        while (length && (*text == ' ' || *text == '\t')) text++, length--;
        while (length && (text[length - 1] == ' ' || text[length - 1] == '\t')) length--;
        const ew_name *name = ew_columns_name(window->columns, text, length);
        if (!name) return ew_fail_memory(err, length + 1, "a column name");
        ew_status status = window->packing ? ew_csv_key(csv, seen, i, text, length, err) : EW_OK;
        if (status != EW_OK) return status;
        for (int c = 0; c < EW_COLUMNS; c++) {
            if (!(name->columns >> c & 1) || name->rank >= ranks[c]) continue;
            ranks[c] = name->rank;
            csv->field_of[c] = i;
        }
    }
    char names[300];
    ew_columns_list(window->columns, window->columns->input, names, sizeof names);
    const char *label = window->label;
    for (int c = 0; c < EW_COLUMNS; c++) {
        const char *wanted = window->wanted[c];
        if (wanted && *wanted && csv->field_of[c] == EW_NONE)
            return ew_fail_at(err, EW_INPUT, label, line, byte, "no column '%.80s'; there is %s", wanted, names);
    }
    if (csv->field_of[EW_COL_TEXT] == EW_NONE && !window->packing)
        return ew_fail_at(err, EW_INPUT, label, line, byte,
                          "no column of text; there is %s; name one with --text", names);
    return EW_OK;
}

static ew_status read_header(ew_window *window, char *begin, char *end, bool at_end, bool clipped, ew_step *step, ew_error *err) {
    ew_csv *csv = &window->csv;
    char *stop;
    const char *why;
    if (!find_delimiter(begin, end, &csv->delimiter) && !at_end && !clipped) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (window->asked == EW_FORM_TSV) csv->delimiter = '\t';
    csv->loose = csv->delimiter == '\t';
    window->marked = false;
    ew_window_mark(window);
    csv->n = 0;
    uint32_t n;
    ew_scan result = scan_record(window, begin, end, at_end, true, &n, &stop, &why);
    if (result == EW_SCAN_MORE && clipped)
        return ew_window_fail(window, "the header is longer than the limit for one record", err);
    if (result == EW_SCAN_MORE) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (result == EW_SCAN_BAD) return ew_window_fail(window, why, err);
    if (n > FIELDS_MAX) return ew_window_fail(window, "the header has more than 65535 columns", err);
    ew_free(csv->fields);
    csv->fields = ew_alloc(n, sizeof *csv->fields);
    if (!csv->fields) return ew_fail_memory(err, n * sizeof *csv->fields, "the columns of a CSV");
    csv->n = n;
    result = scan_record(window, begin, end, at_end, true, &n, &stop, &why);
    if (result != EW_SCAN_OK) return ew_fail(err, EW_INTERNAL, "a header was read in two ways");
    csv->ready = true;
    window->form = csv->loose ? EW_FORM_TSV : EW_FORM_CSV;
    uint64_t line = window->line, byte = ew_window_byte(window);
    ew_window_consume(window, (size_t)(stop - begin)); /* counts lines, so before names are decoded in their place */
    ew_dict seen = {0};
    ew_status status = window->packing ? ew_dict_init(&seen, err) : EW_OK;
    if (status == EW_OK) status = read_names(window, &seen, line, byte, err);
    if (seen.starts) ew_dict_free(&seen);
    return status;
}

static uint64_t count_lines(const char *p, const char *end) {
    uint64_t n = 0;
    for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++) n++;
    return n;
}

/* A bad record ends with its first line: so an open quote costs one record and not the rest of the file. */
static ew_status bad_record(ew_window *window, const char *why, ew_error *err) {
    window->skipping = true;
    return ew_window_reject(window, why, err);
}

ew_status ew_csv_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err) {
    ew_csv *csv = &window->csv;
    char *begin = window->data + window->begin, *end = window->data + window->end, *stop;
    const char *why;
    *step = EW_STEP_AGAIN;
    if (*begin == '\n' || (*begin == '\r' && begin + 1 < end && begin[1] == '\n')) { /* a line without anything */
        ew_window_consume(window, *begin == '\n' ? 1 : 2);
        return EW_OK;
    }
    /* what may be looked at: the longest record, its line break, and the byte that shows it is too long */
    bool clipped = (size_t)(end - begin) > window->max_line + 2;
    if (clipped) end = begin + window->max_line + 2;
    bool at_end = window->eof && !clipped;
    if (csv->ready) ew_window_mark(window);
    if (!csv->ready) return read_header(window, begin, end, at_end, clipped, step, err);
    uint32_t n;
    ew_scan result = scan_record(window, begin, end, at_end, true, &n, &stop, &why);
    if (csv->loose && (result == EW_SCAN_BAD || (result == EW_SCAN_MORE && clipped))) /* much TSV is written without quoting */
        result = scan_record(window, begin, end, at_end, false, &n, &stop, &why);
    if (result == EW_SCAN_MORE && !clipped) {
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (result == EW_SCAN_MORE) return bad_record(window, "longer than the limit for one record", err);
    if (result == EW_SCAN_BAD) return bad_record(window, why, err);
    size_t raw = (size_t)(stop - begin);
    if (raw > window->max_line) { /* line breaks do not count */
        size_t length = raw - (stop[-1] == '\n');
        if (length && length < raw && begin[length - 1] == '\r') length--;
        if (length > window->max_line) return bad_record(window, "longer than the limit for one record", err);
    }
    if (n != csv->n) {
        why = n < csv->n ? "fewer fields than the header has" : "more fields than the header has";
        ew_status status = ew_window_reject(window, why, err);
        ew_window_consume(window, raw);
        return status;
    }
    ew_slot slots[EW_COLUMNS];
    for (int c = 0; c < EW_COLUMNS; c++)
        slots[c] = csv->field_of[c] == EW_NONE ? (ew_slot){0} : csv->fields[csv->field_of[c]];
    return ew_window_accept(window, raw, count_lines(begin, stop), slots, NULL, 0, record, step, err);
}
