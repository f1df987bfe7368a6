#define _GNU_SOURCE /* memrchr */
#include "../base/alloc.h"
#include "../kernels/scan.h"
#include "inside.h"

void ew_window_mark(ew_window *window) {
    if (window->marked) return;
    bool json = window->form == EW_FORM_JSONL || window->form == EW_FORM_JSON;
    ew_scan_set set = {'"', '\\', '\\', ' '};
    if (!json) set = (ew_scan_set){'"', '\n', (unsigned char)window->csv.delimiter, 0};
    size_t first = window->begin / 64, last = window->end / 64;
    ew_scan_get()(window->data + 64 * first, last - first + 1, set, window->marks + first);
    window->marks[last] |= (uint64_t)1 << (window->end % 64);
    const char *found = window->form == EW_FORM_JSONL && window->end > window->begin
                            ? memrchr(window->data + window->begin, '\n', window->end - window->begin) : NULL;
    window->last_break = found ? (size_t)(found - window->data) + 1 : 0;
    window->marked = true;
}

void ew_window_consume(ew_window *window, size_t n) {
    const char *p = window->data + window->begin, *end = p + n;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        window->line++;
        p++;
    }
    window->begin += n;
}

void ew_window_skip_line(ew_window *window) {
    const char *begin = window->data + window->begin;
    size_t left = window->end - window->begin;
    const char *found = memchr(begin, '\n', left);
    window->begin += found ? (size_t)(found - begin) + 1 : left;
    window->line += found != NULL;
    window->skipping = !found;
}

ew_status ew_window_fail(const ew_window *window, const char *why, ew_error *err) {
    return ew_fail_at(err, EW_INPUT, window->label, window->line, ew_window_byte(window), "%s", why);
}

ew_status ew_window_reject(ew_window *window, const char *why, ew_error *err) {
    return window->reject(window->owner, window->line, ew_window_byte(window), why, err);
}

/* A line break inside an object lies between its parts, where a blank does as well. */
static ew_status pack(ew_window *window, const char *raw, size_t n, ew_error *err) {
    ew_buffer *out = window->packing;
    if (!raw) return ew_csv_pack(&window->csv, out, err);
    ew_status status = ew_buffer_reserve(out, n + 1, err);
    if (status != EW_OK) return status;
    char *to = out->data + out->length;
    memcpy(to, raw, n);
    for (size_t i = 0; window->form == EW_FORM_JSON && i < n; i++)
        if (to[i] == '\n' || to[i] == '\r') to[i] = ' ';
    to[n] = '\n';
    out->length += n + 1;
    return EW_OK;
}

ew_status ew_window_accept(ew_window *window, size_t n, uint64_t lines, const ew_slot slots[EW_COLUMNS], const char *raw,
                           size_t raw_n, ew_record *record, ew_step *step, ew_error *err) {
    record->line = window->line;
    record->byte = ew_window_byte(window);
    record->input = window->input;
    window->begin += n;
    window->line += lines;
    window->searched = 0;
    *step = EW_STEP_RECORD;
    if (window->looking) return EW_OK;
    if (window->packing) {
        ew_status status = pack(window, raw, raw_n, err);
        if (status != EW_OK) return status;
        memset(record->fields, 0, sizeof record->fields);
    } else if (!slots[EW_COL_TEXT].start) {
        *step = EW_STEP_AGAIN;
        return window->reject(window->owner, record->line, record->byte, "no text field", err);
    }
    for (int c = 0; c < EW_COLUMNS && !window->packing; c++) {
        const ew_slot *slot = &slots[c];
        record->fields[c] = (ew_view){slot->start, slot->length};
        if (!slot->escaped || !slot->start) continue;
        int same = 0; /* two columns may be read from one name, which must be decoded once */
        while (same < c && slots[same].start != slot->start) same++;
        if (same < c)
            record->fields[c] = record->fields[same];
        else
            record->fields[c].length =
                (uint32_t)(raw ? ew_json_unescape(slot->start, slot->length) : ew_csv_undouble(slot->start, slot->length));
    }
    window->tried++;
    window->texts++;
    return EW_OK;
}

ew_status ew_window_step(ew_window *window, ew_record *record, ew_step *step, ew_error *err) {
    if (window->skipping) {
        *step = EW_STEP_AGAIN;
        ew_window_skip_line(window);
        return EW_OK;
    }
    switch (window->form) {
    case EW_FORM_JSONL: return ew_jsonl_step(window, record, step, err);
    case EW_FORM_JSON: return ew_array_step(window, record, step, err);
    default: return ew_csv_step(window, record, step, err);
    }
}
