#include "part.h"

#include "../base/alloc.h"

/* Where one part ends and the next begins. The bytes behind the last border of a part are carried over to the next. */

void ew_cutter_begin(ew_cutter *cutter) {
    cutter->carry.length = 0;
    cutter->carry.max = EW_BUFFER_ANY;
    cutter->ready = cutter->skipping = cutter->failed = false;
    cutter->base = cutter->lines = cutter->scanned = 0;
}

/* Puts the carry before the chunk; *begin: where it lies then. */
static ew_status join(ew_part *part, ew_cutter *cutter, size_t *begin, ew_error *err) {
    ew_buffer *carry = &cutter->carry;
    *begin = part->at - (carry->length < part->at ? carry->length : part->at);
    if (carry->length <= part->at) {
        if (carry->length) memcpy(part->memory + *begin, carry->data, carry->length);
        return EW_OK;
    }
    ew_status status;
    EW_TRY(ew_buffer_append(carry, part->memory + part->at, part->got, err));
    EW_TRY(ew_buffer_reserve(carry, EW_PAD, err));
    uint64_t *marks = ew_realloc(part->marks, carry->capacity / 64 + 4, sizeof *marks);
    if (!marks) return ew_fail_memory(err, carry->capacity / 8, "a part of an input");
    ew_buffer mine = {part->memory, 0, part->capacity + EW_PAD, carry->max};
    part->marks = marks;
    part->memory = carry->data;
    part->capacity = carry->capacity - EW_PAD;
    part->got = carry->length;
    part->at = *begin = 0;
    *carry = mine;
done:
    return status;
}

/* The reader's own window, on the part: for what is done in order. */
static void lend(ew_part *part, ew_cutter *cutter, size_t begin, size_t end) {
    ew_window *window = &cutter->reader->window;
    window->data = part->memory;
    window->marks = part->marks;
    window->begin = begin;
    window->end = end;
    window->base = cutter->base - begin;
    window->eof = part->eof;
    window->marked = false;
    window->searched = 0;
    window->packing = cutter->reader->packing ? &part->packing : NULL;
}

/* Steps of the reader's own window until `ready` (NULL: to the end). */
static ew_status step_on(ew_part *part, ew_window *window, const bool *ready, ew_error *err) {
    while (window->begin < window->end && !(ready && *ready)) {
        ew_step step;
        ew_status status = ew_part_grow(part, err);
        if (status == EW_OK) status = ew_window_step(window, &part->records[part->n], &step, err);
        if (status != EW_OK) return status;
        if (step == EW_STEP_MORE && part->eof)
            return ew_window_fail(window, "breaks off inside a record; get a whole copy of it", err);
        if (step == EW_STEP_MORE) break;
        part->n += step == EW_STEP_RECORD;
    }
    return EW_OK;
}

/* What the input is, and its header; a JSON array is read here and now. */
static ew_status begin_form(ew_part *part, ew_cutter *cutter, ew_error *err) {
    ew_reader *reader = cutter->reader;
    ew_window *window = &reader->window;
    ew_status status = EW_OK;
    if (window->form == EW_FORM_NONE) EW_TRY(ew_input_recognise(reader, err));
    if (window->form == EW_FORM_NONE) return EW_OK;
    if (window->form == EW_FORM_JSON) {
        part->placed = true;
        return step_on(part, window, NULL, err);
    }
    if (window->form != EW_FORM_JSONL && !window->csv.ready) EW_TRY(step_on(part, window, &window->csv.ready, err));
    cutter->ready = window->form == EW_FORM_JSONL || window->csv.ready;
    if (!cutter->ready) return EW_OK;
    cutter->lines = window->line - 1;
    cutter->pattern = *window;
done:
    return status;
}

/* A window of the part's own on what lies behind `begin`. */
static ew_status own_window(ew_part *part, ew_cutter *cutter, size_t begin, size_t end, ew_error *err) {
    ew_window *window = &part->window;
    *window = cutter->pattern;
    window->data = part->memory;
    window->marks = part->marks;
    window->begin = begin;
    window->end = end;
    window->base = cutter->base - begin;
    window->line = window->tried = window->texts = 0;
    window->eof = part->eof;
    window->marked = window->skipping = false;
    window->searched = 0;
    window->packing = cutter->reader->packing ? &part->packing : NULL;
    if (window->form == EW_FORM_JSONL) return EW_OK;
    if (part->n_fields < window->csv.n) {
        ew_slot *fields = ew_realloc(part->fields, window->csv.n, sizeof *fields);
        if (!fields) return ew_fail_memory(err, window->csv.n * sizeof *fields, "the columns of a CSV");
        part->fields = fields;
        part->n_fields = window->csv.n;
    }
    window->csv.fields = part->fields;
    return EW_OK;
}

/* The rest of a line that is not wanted; nothing is carried meanwhile. */
static size_t skip(ew_part *part, ew_cutter *cutter) {
    const char *p = part->memory + part->at, *found = part->got ? memchr(p, '\n', part->got) : NULL;
    size_t n = found ? (size_t)(found - p) + 1 : part->got;
    cutter->skipping = !found;
    cutter->lines += found != NULL;
    cutter->base += n;
    return n;
}

static ew_status cut(ew_part *part, ew_cutter *cutter, ew_error *err) {
    ew_status status;
    ew_buffer *carry = &cutter->carry;
    size_t begin, end, old = cutter->scanned; /* the carry is longer where a part was only added to it */
    if (cutter->skipping) {
        size_t n = skip(part, cutter);
        part->at += n;
        part->got -= n;
        if (cutter->skipping) return EW_OK;
    }
    /* a record that goes on and on is looked at again only when there is twice as much of it */
    if (carry->length > part->at && !part->eof && part->failed == EW_OK && carry->length + part->got < 2 * old)
        return ew_buffer_append(carry, part->memory + part->at, part->got, err);
    EW_TRY(join(part, cutter, &begin, err));
    end = part->at + part->got;
    memset(part->memory + end, 0, EW_PAD);
    if (!cutter->ready) {
        lend(part, cutter, begin, end);
        status = begin_form(part, cutter, err);
        size_t now = cutter->reader->window.begin;
        cutter->base += now - begin;
        old = now == begin && !cutter->ready ? old : 0; /* what was looked at for the form was not looked at for borders */
        begin = part->stop = part->window.begin = now; /* nothing is left to parse, so far */
    }
    if (cutter->ready) {
        EW_TRY(own_window(part, cutter, begin, end, err));
        part->stop = part->eof ? end : ew_border_find(&part->window, old);
        cutter->skipping = part->window.skipping;
        part->window.skipping = false;
        part->lines_before = cutter->lines;
        cutter->lines = 0;
        cutter->base += part->stop - begin;
    }
    ew_buffer_clear(carry);
    if (status == EW_OK && part->failed == EW_OK)
        EW_TRY(ew_buffer_append(carry, part->memory + part->stop, end - part->stop, err));
    cutter->scanned = carry->length;
done:
    return status;
}

void ew_part_cut(ew_part *part, ew_cutter *cutter) {
    ew_error err;
    if (cutter->failed) return; /* the stream ends before this part; other workers may have fed it already */
    /* nothing new, and nothing that waits to be looked at; or no memory even for that */
    if (part->failed != EW_OK && part->got == 0 && (cutter->carry.length <= cutter->scanned || !part->capacity)) return;
    ew_status status = cut(part, cutter, &err);
    if (status == EW_OK) return;
    cutter->failed = true;
    part->failed = status;
    part->error = err;
}
