#include "part.h"

#include "../base/alloc.h"

enum { KEPT = 1000 };

/* ---- memory ---- */

ew_status ew_part_reserve(ew_part *part, size_t capacity, ew_error *err) {
    if (capacity <= part->capacity) return EW_OK;
    ew_free(part->memory); /* nothing in it is wanted any more */
    ew_free(part->marks);
    part->capacity = 0;
    part->memory = ew_alloc(capacity + EW_PAD, 1);
    part->marks = ew_alloc(capacity / 64 + 4, sizeof *part->marks);
    if (!part->memory || !part->marks) return ew_fail_memory(err, capacity + EW_PAD, "a part of an input");
    part->capacity = capacity;
    return EW_OK;
}

void ew_part_clear(ew_part *part) {
    ew_buffer_clear(&part->packed);
    ew_buffer_clear(&part->notes.text);
    ew_buffer_clear(&part->notes.list);
    ew_buffer_clear(&part->rejects);
    ew_buffer_clear(&part->packing);
    part->packed.max = part->notes.text.max = part->notes.list.max = part->rejects.max = part->packing.max = EW_BUFFER_ANY;
    part->at = part->got = part->content = part->stop = 0;
    part->eof = part->placed = part->refused = false;
    part->failed = EW_OK;
    part->lines_before = part->n_rejected = 0;
    part->n = 0;
    part->window = (ew_window){0};
}

void ew_part_free(ew_part *part) {
    ew_buffer *buffers[] = {&part->packed, &part->notes.text, &part->notes.list, &part->rejects, &part->packing};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) ew_buffer_free(buffers[i]);
    ew_free(part->memory);
    ew_free(part->marks);
    ew_free(part->fields);
    ew_free(part->records);
}

ew_status ew_part_grow(ew_part *part, ew_error *err) {
    if (part->n < part->room) return EW_OK;
    uint32_t room = part->room ? part->room * 2 : 1024;
    ew_record *records = ew_realloc(part->records, room, sizeof *records);
    if (!records) return ew_fail_memory(err, room * sizeof *records, "records");
    part->records = records;
    part->room = room;
    return EW_OK;
}

/* ---- decoding ---- */

static void feed(ew_part *part, ew_source *source, size_t chunk) {
    part->failed = ew_source_frames(source, &part->packed, &part->content, &part->error);
    if (part->failed != EW_OK) return;
    size_t room = part->packed.length ? part->content : chunk, head = chunk / 16;
    part->failed = ew_part_reserve(part, head + (room < chunk ? chunk : room), &part->error);
    part->at = head;
    while (part->failed == EW_OK && !part->packed.length && part->got < room) {
        size_t got;
        part->failed = ew_source_read(source, part->memory + part->at + part->got, room - part->got, &got, &part->error);
        part->got += got;
        part->eof = part->failed == EW_OK && got == 0;
        if (part->eof) break;
    }
}

void ew_part_feed(ew_part *part, ew_source *source, size_t chunk) {
    part->before = ew_source_bytes(source);
    feed(part, source, chunk);
}

void ew_part_decode(ew_part *part, const char *label, ew_unpacker *unpacker) {
    if (!part->packed.length || part->failed != EW_OK) return;
    part->failed = ew_frames_decode(unpacker, &part->packed, label, part->before, part->memory + part->at,
                                    part->capacity - part->at, &part->got, &part->error);
}

/* ---- parsing ---- */

static ew_status reject(void *owner, uint64_t line, uint64_t byte, const char *why, ew_error *err) {
    ew_part *part = owner;
    ew_part_reject it = {line, byte, part->window.tried++, why};
    return part->n_rejected++ < KEPT ? ew_buffer_append(&part->rejects, &it, sizeof it, err) : EW_OK;
}

static ew_status parse(ew_part *part, ew_error *err) {
    ew_window *window = &part->window;
    while (window->begin < part->stop) {
        ew_step step;
        ew_status status = ew_part_grow(part, err);
        if (status == EW_OK) status = ew_window_step(window, &part->records[part->n], &step, err);
        if (status != EW_OK) return status;
        if (step == EW_STEP_MORE) return ew_fail(err, EW_INTERNAL, "a record was cut in two");
        part->n += step == EW_STEP_RECORD;
    }
    return EW_OK;
}

void ew_part_parse(ew_part *part, ew_columns *columns) {
    if (part->placed || part->window.begin >= part->stop) return;
    ew_error err;
    part->window.columns = columns;
    part->window.reject = reject;
    part->window.owner = part;
    columns->notes = &part->notes;
    columns->tried = &part->window.tried;
    ew_status status = parse(part, &err);
    columns->notes = NULL;
    if (status == EW_OK) return;
    part->failed = status;
    part->error = err;
    part->refused = true;
}

/* ---- merging ---- */

/* The names a part had shown before its record `tried` was tried. */
static ew_status merge_names(const ew_part *part, ew_reader *reader, size_t *at, uint64_t tried, ew_error *err) {
    const ew_note *notes = (const ew_note *)(const void *)part->notes.list.data;
    size_t n = part->notes.list.length / sizeof *notes;
    for (; *at < n && notes[*at].tried <= tried; ++*at) {
        const ew_note *note = &notes[*at];
        const char *text = note->length ? part->notes.text.data + note->at : "";
        if (!ew_columns_name(&reader->columns, text, note->length)) return ew_fail_memory(err, note->length, "a column name");
    }
    return EW_OK;
}

ew_status ew_part_merge(ew_part *part, ew_reader *reader, uint64_t *line, ew_error *err) {
    ew_status status = EW_OK;
    if (part->placed) return EW_OK;
    const ew_part_reject *rejects = (const ew_part_reject *)(const void *)part->rejects.data;
    size_t kept = part->rejects.length / sizeof *rejects, name = 0;
    ew_window *window = &reader->window;
    uint64_t tried = window->tried, texts = window->texts;
    *line += part->lines_before;
    for (size_t i = 0; i < kept; i++) {
        EW_TRY(merge_names(part, reader, &name, rejects[i].tried, err));
        window->tried = tried + rejects[i].tried;
        window->texts = texts + rejects[i].tried - i;
        EW_TRY(ew_reader_reject(reader, *line + rejects[i].line, rejects[i].byte, rejects[i].why, err));
    }
    EW_TRY(merge_names(part, reader, &name, UINT64_MAX, err));
    reader->rejects.n += part->n_rejected - kept;
    if (part->window.tried) {
        window->tried = tried + part->window.tried;
        window->texts = texts + part->window.texts;
    }
    for (uint32_t i = 0; i < part->n; i++) part->records[i].line += *line;
    *line += part->window.line;
done:
    return status;
}
