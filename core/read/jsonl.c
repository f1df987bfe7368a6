#include "inside.h"
#include "scan.h"

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static size_t blanks(const char *p, const char *end) {
    const char *begin = p;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) p++;
    return (size_t)(p - begin);
}

/* A good line shows its end by itself, so no look at where it ends comes first. It may be taken so only where a longer look
 * would see the same: the line's end is in the window, and no line in it is longer than the limit. */
static bool good_line(ew_window *window, ew_slot slots[EW_COLUMNS], char **object, size_t *object_n, size_t *n) {
    const char *stop, *why;
    char *begin = window->data + window->begin, *end = window->data + window->end;
    if ((uint64_t)(end - begin) > window->max_line || (!window->eof && window->begin >= window->last_break)) return false;
    *object = begin + blanks(begin, end);
    if (*object == end || **object != '{') return false;
    if (ew_json_object(window, *object, end, true, slots, &stop, &why) != EW_SCAN_OK) return false;
    *object_n = (size_t)(stop - *object);
    stop += blanks(stop, end);
    if (stop < end && *stop != '\n') return false;
    *n = (size_t)(stop - begin) + (stop < end);
    return true;
}

/* One line, one object. A raw line break cannot be inside a JSON value of it. */
ew_status ew_jsonl_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err) {
    ew_slot slots[EW_COLUMNS];
    char *begin = window->data + window->begin, *p;
    size_t whole, object_n, left = window->end - window->begin;
    *step = EW_STEP_AGAIN;
    ew_window_mark(window);
    if (good_line(window, slots, &p, &object_n, &whole))
        return ew_window_accept(window, whole, begin[whole - 1] == '\n', slots, p, object_n, record, step, err);
    char *end = memchr(begin + window->searched, '\n', left - window->searched);
    size_t length = end ? (size_t)(end - begin) : left;
    if (length > window->max_line) {
        window->skipping = true;
        window->searched = 0;
        return ew_window_reject(window, "longer than the limit for one record", err);
    }
    if (!end && !window->eof) {
        window->searched = left;
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    const char *stop, *why;
    p = begin + blanks(begin, begin + length);
    whole = length + (end != NULL);
    window->searched = 0;
    if (p < begin + length) {
        ew_scan result = ew_json_object(window, p, begin + length, true, slots, &stop, &why);
        object_n = (size_t)(stop - p);
        if (result == EW_SCAN_OK && stop + blanks(stop, begin + length) < begin + length) {
            result = EW_SCAN_BAD;
            why = "more behind the object";
        }
        if (result == EW_SCAN_OK)
            return ew_window_accept(window, whole, end != NULL, slots, p, object_n, record, step, err);
        if (result == EW_SCAN_BAD && !why) return ew_fail_memory(err, EW_NAME_LENGTH, "a column name");
        if (result == EW_SCAN_MORE) why = "the line ends before its JSON object does";
        ew_status status = ew_window_reject(window, why, err);
        if (status != EW_OK) return status;
    }
    window->begin += whole;
    window->line += end != NULL;
    return EW_OK;
}

static void skip_blanks(ew_window *window) {
    size_t n = window->begin;
    while (n < window->end && blank(window->data[n])) n++;
    ew_window_consume(window, n - window->begin);
}

/* Moves on to the ',' or ']' behind a bad element: brackets and strings are followed, nothing else is looked at. Holds
 * nothing back, so an element may be of any length. True: it is there. */
static bool skip_element(ew_window *window) {
    ew_array *array = &window->array;
    const char *begin = window->data + window->begin, *end = window->data + window->end, *p = begin;
    bool found = false;
    while (p < end && !found) {
        if (array->backslash) {
            array->backslash = false;
            p++;
        } else if (array->in_string) {
            uint64_t word = ew_load64(p); /* may reach into the padding, which is no part of the input */
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
    ew_window_consume(window, (size_t)(p - begin));
    return found;
}

static ew_status bad_element(ew_window *window, const char *why, ew_error *err) {
    window->array.at = EW_ARRAY_SKIP;
    window->array.depth = 0;
    window->array.in_string = window->array.backslash = false;
    return ew_window_reject(window, why, err);
}

static ew_status element(ew_window *window, ew_record *record, ew_step *step, ew_error *err) {
    ew_slot slots[EW_COLUMNS];
    const char *stop, *why;
    char *begin = window->data + window->begin;
    size_t left = window->end - window->begin;
    bool clipped = left > window->max_line;
    ew_window_mark(window);
    ew_scan result = ew_json_object(window, begin, begin + (clipped ? window->max_line : left), false, slots, &stop, &why);
    if (result == EW_SCAN_MORE) {
        if (clipped) return bad_element(window, "longer than the limit for one record", err);
        *step = EW_STEP_MORE;
        return EW_OK;
    }
    if (result == EW_SCAN_BAD) {
        if (!why) return ew_fail_memory(err, EW_NAME_LENGTH, "a column name");
        return bad_element(window, why, err);
    }
    window->array.at = EW_ARRAY_BEHIND;
    size_t n = (size_t)(stop - begin);
    uint64_t lines = 0;
    for (const char *p = begin; (p = memchr(p, '\n', (size_t)(stop - p))); p++) lines++;
    return ew_window_accept(window, n, lines, slots, begin, n, record, step, err);
}

/* [object, object, ...], over any number of lines; several arrays may follow each other. Only called with bytes left. */
ew_status ew_array_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err) {
    ew_array *array = &window->array;
    *step = EW_STEP_AGAIN;
    if (array->at == EW_ARRAY_SKIP) {
        if (skip_element(window)) array->at = EW_ARRAY_BEHIND;
        return EW_OK;
    }
    skip_blanks(window);
    if (window->begin == window->end) return EW_OK;
    char c = window->data[window->begin];
    switch (array->at) {
    case EW_ARRAY_BEFORE:
    case EW_ARRAY_CLOSED:
        if (c != '[') return ew_window_fail(window, "something else where a JSON array should begin", err);
        array->at = EW_ARRAY_FIRST;
        break;
    case EW_ARRAY_FIRST:
        if (c == ']') {
            array->at = EW_ARRAY_CLOSED;
            break;
        }
        return element(window, record, step, err);
    case EW_ARRAY_BEHIND:
        if (c != ',' && c != ']') return ew_window_fail(window, "neither ',' nor ']' behind an element of a JSON array", err);
        array->at = c == ',' ? EW_ARRAY_ELEMENT : EW_ARRAY_CLOSED;
        break;
    default: return element(window, record, step, err);
    }
    ew_window_consume(window, 1);
    return EW_OK;
}
