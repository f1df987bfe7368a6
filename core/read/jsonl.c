#include "inside.h"
#include "scan.h"

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* One line, one object. A raw line break cannot be inside a JSON value, so lines are found before they are looked into. */
ew_status ew_jsonl_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err) {
    char *begin = reader->data + reader->begin;
    size_t left = reader->end - reader->begin;
    char *end = memchr(begin + reader->searched, '\n', left - reader->searched);
    size_t length = end ? (size_t)(end - begin) : left;
    *step = EW_STEP_AGAIN;
    if (length > reader->max_line) {
        reader->skipping = true;
        reader->searched = 0;
        return ew_reader_reject(reader, reader->line, ew_reader_byte(reader), "longer than the limit for one record", err);
    }
    if (!end && !reader->eof) {
        reader->searched = left;
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    ew_slot slots[EW_COLUMNS];
    const char *stop, *why;
    char *p = begin;
    while (p < begin + length && blank(*p)) p++;
    size_t whole = length + (end != NULL);
    reader->searched = 0;
    if (p < begin + length) {
        ew_scan result = ew_json_object(&reader->columns, p, begin + length, slots, &stop, &why);
        while (result == EW_SCAN_OK && stop < begin + length && blank(*stop)) stop++;
        if (result == EW_SCAN_OK && stop < begin + length) {
            result = EW_SCAN_BAD;
            why = "more behind the object";
        }
        if (result == EW_SCAN_OK) return ew_reader_accept(reader, whole, slots, ew_json_unescape, record, step, err);
        if (result == EW_SCAN_BAD && !why) return ew_fail_memory(err, EW_NAME_LENGTH, "a column name");
        if (result == EW_SCAN_MORE) why = "the line ends before its JSON object does";
        ew_status status = ew_reader_reject(reader, reader->line, ew_reader_byte(reader), why, err);
        if (status != EW_OK) return status;
    }
    ew_reader_consume(reader, whole);
    return EW_OK;
}

static void skip_blanks(ew_reader *reader) {
    size_t n = reader->begin;
    while (n < reader->end && blank(reader->data[n])) n++;
    ew_reader_consume(reader, n - reader->begin);
}

/* Moves on to the ',' or ']' behind a bad element: brackets and strings are followed, nothing else is looked at. Holds
 * nothing back, so an element may be of any length. True: it is there. */
static bool skip_element(ew_reader *reader) {
    ew_array *array = &reader->array;
    const char *begin = reader->data + reader->begin, *end = reader->data + reader->end, *p = begin;
    bool found = false;
    while (p < end && !found) {
        if (array->backslash) {
            array->backslash = false;
            p++;
        } else if (array->in_string) {
            uint64_t word = ew_scan_load(p); /* may reach into the padding, which is no part of the input */
            uint64_t hits = ew_scan_equal(word, '"') | ew_scan_equal(word, '\\');
            p += hits ? ew_scan_first(hits) : 8;
            if (p >= end) {
                p = end;
            } else if (hits) {
                array->in_string = *p != '"';
                array->backslash = *p == '\\';
                p++;
            }
        } else {
            char c = *p;
            if (array->depth == 0 && (c == ',' || c == ']')) {
                found = true;
            } else {
                if (c == '"') array->in_string = true;
                if (c == '{' || c == '[') array->depth++;
                if ((c == '}' || c == ']') && array->depth) array->depth--;
                p++;
            }
        }
    }
    ew_reader_consume(reader, (size_t)(p - begin));
    return found;
}

static ew_status bad_element(ew_reader *reader, const char *why, ew_error *err) {
    reader->array.at = EW_ARRAY_SKIP;
    reader->array.depth = 0;
    reader->array.in_string = reader->array.backslash = false;
    return ew_reader_reject(reader, reader->line, ew_reader_byte(reader), why, err);
}

static ew_status element(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err) {
    ew_slot slots[EW_COLUMNS];
    const char *stop, *why;
    char *begin = reader->data + reader->begin;
    size_t left = reader->end - reader->begin;
    bool clipped = left > reader->max_line;
    ew_scan result = ew_json_object(&reader->columns, begin, begin + (clipped ? reader->max_line : left), slots, &stop, &why);
    if (result == EW_SCAN_MORE) {
        if (clipped) return bad_element(reader, "longer than the limit for one record", err);
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (result == EW_SCAN_BAD) {
        if (!why) return ew_fail_memory(err, EW_NAME_LENGTH, "a column name");
        return bad_element(reader, why, err);
    }
    reader->array.at = EW_ARRAY_BEHIND;
    return ew_reader_accept(reader, (size_t)(stop - begin), slots, ew_json_unescape, record, step, err);
}

/* [object, object, ...], over any number of lines; several arrays may follow each other. Only called with bytes left. */
ew_status ew_array_step(ew_reader *reader, ew_record *record, ew_step *step, ew_error *err) {
    ew_array *array = &reader->array;
    *step = EW_STEP_AGAIN;
    if (array->at == EW_ARRAY_SKIP) {
        if (skip_element(reader)) array->at = EW_ARRAY_BEHIND;
        return EW_OK;
    }
    skip_blanks(reader);
    if (reader->begin == reader->end) return EW_OK;
    char c = reader->data[reader->begin];
    switch (array->at) {
    case EW_ARRAY_BEFORE:
    case EW_ARRAY_CLOSED:
        if (c != '[') return ew_reader_fail(reader, "something else where a JSON array should begin", err);
        array->at = EW_ARRAY_FIRST;
        break;
    case EW_ARRAY_FIRST:
        if (c == ']') {
            array->at = EW_ARRAY_CLOSED;
            break;
        }
        return element(reader, record, step, err);
    case EW_ARRAY_BEHIND:
        if (c != ',' && c != ']') return ew_reader_fail(reader, "neither ',' nor ']' behind an element of a JSON array", err);
        array->at = c == ',' ? EW_ARRAY_ELEMENT : EW_ARRAY_CLOSED;
        break;
    default: return element(reader, record, step, err);
    }
    ew_reader_consume(reader, 1);
    return EW_OK;
}
