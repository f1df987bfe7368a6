/* Lines that recur: a table of 64-bit hashes of lines and sentences (normalised, runs of digits folded), with counts.
 *
 * Memory is bounded: at MOST_LINES different lines those seen least often are dropped, first the ones seen once, then, where that
 * does not free half of the table, twice, and so on. A line that matters (count >= n / 1000) comes back after a drop and can lose
 * no more than the dropped counts, so only lines near the threshold of a corpus of many millions of lines can be missed. */
#include "boilerplate.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "points.h"

enum {
    MOST_LINES = 3 << 19,  /* 1.5 M lines of 40 bytes in a table of 2 M slots: 80 MiB; twice that during rebuild() */
    FIRST_SLOTS = 1 << 10,
    LEAST_WORDS = 4,
    LEAST_CONTENT = 2,     /* of them that are no fillers: "I love this app" is everybody's own */
    LEAST_COUNT = 20,
    VOICES = 3,            /* different customers a line needs */
    WHOLE_MOST = (1 << 24) - 1
};

typedef struct line {
    uint64_t hash;         /* keyed; 0: a free slot */
    uint64_t name;         /* not keyed: what other processes know the line by */
    uint32_t count;        /* comments it stands in */
    uint32_t whole : 24, first : 8; /* and is all of, as far as that is counted; its first byte */
    uint32_t voices[VOICES], last; /* customers, or comments where those are unknown; the comment that came last, plus one */
} line;

/* A line as it was read. */
typedef struct heard { uint64_t hash, name; uint32_t comment, voice; uint16_t whole, first; } heard;

struct ew_boilerplate {
    line *slots;
    uint64_t mask, used;
    ew_line_scratch scratch; /* of the thread that adds, */
    ew_buffer lines_read;    /* and what it has read */
    size_t lines;
    int closed;
    int by_name;           /* `hash` is made of the name: lines of another process */
    uint8_t begins[256];   /* of a closed one: whether a line may begin with this byte */
};

void ew_line_scratch_free(ew_line_scratch *scratch) {
    ew_buffer_free(&scratch->normal);
    ew_ranges_free(&scratch->sentences);
}

ew_status ew_boilerplate_create(ew_boilerplate **out, ew_error *err) {
    ew_boilerplate *all = ew_calloc(1, sizeof *all);
    *out = all;
    if (!all) return ew_fail_memory(err, sizeof *all, "the table of recurring lines");
    all->scratch = (ew_line_scratch)EW_LINE_SCRATCH_INIT;
    all->lines_read = (ew_buffer)EW_BUFFER_INIT(EW_BUFFER_ANY);
    all->mask = FIRST_SLOTS - 1;
    all->slots = ew_calloc(FIRST_SLOTS, sizeof *all->slots);
    if (all->slots) return EW_OK;
    ew_boilerplate_free(all);
    *out = NULL;
    return ew_fail_memory(err, FIRST_SLOTS * sizeof *all->slots, "the table of recurring lines");
}

void ew_boilerplate_free(ew_boilerplate *all) {
    if (!all) return;
    ew_line_scratch_free(&all->scratch);
    ew_buffer_free(&all->lines_read);
    ew_free(all->slots);
    ew_free(all);
}

/* The slot of `hash`, or the free one where it would go. */
static line *slot_of(line *slots, uint64_t mask, uint64_t hash) {
    uint64_t at = hash & mask;
    while (slots[at].hash && slots[at].hash != hash) at = (at + 1) & mask;
    return &slots[at];
}

/* Moves the lines with count > floor to a table of `slots` slots. */
static ew_status rebuild(ew_boilerplate *all, uint64_t slots, uint32_t floor, ew_error *err) {
    line *fresh = ew_calloc(slots, sizeof *fresh);
    if (!fresh) return ew_fail_memory(err, slots * sizeof *fresh, "the table of recurring lines");
    uint64_t used = 0;
    for (uint64_t i = 0; i <= all->mask; i++) {
        if (!all->slots[i].hash || all->slots[i].count <= floor) continue;
        *slot_of(fresh, slots - 1, all->slots[i].hash) = all->slots[i];
        used++;
    }
    ew_free(all->slots);
    all->slots = fresh;
    all->mask = slots - 1;
    all->used = used;
    return EW_OK;
}

static ew_status make_room(ew_boilerplate *all, ew_error *err) {
    if (all->used < MOST_LINES)
        return (all->used + 1) * 4 > (all->mask + 1) * 3 ? rebuild(all, (all->mask + 1) * 2, 0, err) : EW_OK;
    ew_status status = EW_OK;
    for (uint32_t floor = 1; status == EW_OK && all->used > MOST_LINES / 2; floor++)
        status = rebuild(all, all->mask + 1, floor, err);
    return status;
}

/* Nobody who knows names can fill one chain with them. */
static uint64_t hash_of_name(uint64_t name) { return ew_hash_keyed(&name, sizeof name, 0x6e616d65); }

/* A heading, or a line set off as a whole, as templates have them ("### Steps", "**Steps**", "_None_"; CommonMark). */
static int is_set_off(const char *text, size_t start, size_t end) {
    size_t signs = start;
    while (signs < end && text[signs] == text[start]) signs++;
    if (text[start] == '#') return signs < end && text[signs] == ' ';
    signs -= start;
    return (text[start] == '*' || text[start] == '_') && end - start > 2 * signs && text[end - 1] == text[start] &&
           text[end - signs] == text[start];
}

/* Whether text[start .. end) has the words of a line; `normal`: the same, normalised. */
static int is_line(const char *text, size_t start, size_t end, const ew_buffer *normal) {
    int set_off = start < end && is_set_off(text, start, end);
    if (ew_text_count_words(text, start, end, LEAST_WORDS) < (set_off ? 1 : LEAST_WORDS)) return 0;
    uint32_t content = 0;
    ew_range word;
    for (size_t at = 0; !set_off && content < LEAST_CONTENT && ew_text_next_word(normal->data, normal->length, &at, &word);)
        content += !ew_text_is_filler(normal->data + word.start, word.end - word.start);
    return set_off || content >= LEAST_CONTENT;
}

/* Hash and name of text[start .. end). entered: of what is no line they are 0; who looks for lines only need not ask that, as
 * nothing else is in the table. */
static ew_status line_hash(const ew_boilerplate *all, const char *text, size_t start, size_t end, int entered,
                           ew_line_scratch *scratch, uint64_t *hash, uint64_t *name, ew_error *err) {
    *hash = *name = 0;
    ew_buffer *normal = &scratch->normal;
    ew_buffer_clear(normal);
    ew_status status = ew_text_normalise(text + start, end - start, normal, err);
    if (status != EW_OK || (entered && !is_line(text, start, end, normal))) return status;
    size_t kept = 0;
    for (size_t i = 0; i < normal->length; i++) {
        char c = normal->data[i];
        if (c >= '0' && c <= '9') {
            if (kept && normal->data[kept - 1] == '0') continue;
            c = '0';
        }
        normal->data[kept++] = c;
    }
    *name = ew_hash(normal->data, kept, 0x6c696e65);
    *hash = all->by_name ? hash_of_name(*name) : ew_hash_keyed(normal->data, kept, 0x6c696e65);
    if (!*hash) *hash = 1;
    return EW_OK;
}

static ew_status read_line(const ew_boilerplate *all, const char *text, ew_range at, heard it, ew_line_scratch *scratch,
                           ew_buffer *lines, ew_error *err) {
    ew_status status = line_hash(all, text, at.start, at.end, 1, scratch, &it.hash, &it.name, err);
    if (status == EW_OK && it.hash) it.first = (unsigned char)scratch->normal.data[0];
    return status == EW_OK && it.hash ? ew_buffer_append(lines, &it, sizeof it, err) : status;
}

static ew_status count_line(ew_boilerplate *all, const heard *it, ew_error *err) {
    line *at = slot_of(all->slots, all->mask, it->hash);
    if (!at->hash) {
        ew_status status = make_room(all, err);
        if (status != EW_OK) return status;
        at = slot_of(all->slots, all->mask, it->hash);
        *at = (line){.hash = it->hash, .name = it->name, .first = (uint8_t)it->first};
        all->used++;
    }
    if (at->last == it->comment + 1) return EW_OK;
    at->last = it->comment + 1;
    at->count++;
    if (at->whole < WHOLE_MOST) at->whole = (at->whole + it->whole) & WHOLE_MOST;
    for (int i = 0; i < VOICES; i++) {
        if (at->voices[i] == it->voice) break;
        if (!at->voices[i]) {
            at->voices[i] = it->voice;
            break;
        }
    }
    return EW_OK;
}

static ew_status split_line(const char *text, size_t start, size_t end, ew_line_scratch *scratch, ew_error *err) {
    ew_range before = {0, (uint32_t)start};
    ew_ranges masks = {&before, 1, 1};
    return ew_text_sentences(text, end, start ? &masks : NULL, &scratch->sentences, err);
}

ew_status ew_boilerplate_read(const ew_boilerplate *all, const char *text, size_t n, uint32_t customer, uint32_t comment,
                              ew_line_scratch *scratch, ew_buffer *lines, ew_error *err) {
    /* numbers of customers and of comments may be alike: both leave 0, the second in the upper half */
    heard of = {.comment = comment, .voice = customer ? customer & 0x7fffffffu : comment | 0x80000000u};
    size_t from = 0, to = n;
    ew_text_trim(text, &from, &to);
    for (size_t at = from, next; at < to; at = next) {
        size_t start = at, end = ew_text_line_end(text, to, at, &next);
        ew_text_trim(text, &start, &end);
        of.whole = start == from && end == to;
        ew_status status = read_line(all, text, (ew_range){(uint32_t)start, (uint32_t)end}, of, scratch, lines, err);
        if (status == EW_OK) status = split_line(text, start, end, scratch, err);
        if (status != EW_OK) return status;
        of.whole = 0;
        for (uint32_t i = 0; i < scratch->sentences.n; i++) {
            ew_range part = scratch->sentences.items[i];
            if (part.start == start && part.end == end) break; /* the line itself */
            status = read_line(all, text, part, of, scratch, lines, err);
            if (status != EW_OK) return status;
        }
    }
    return EW_OK;
}

ew_status ew_boilerplate_count(ew_boilerplate *all, const ew_buffer *lines, ew_error *err) {
    if (all->closed) return ew_fail(err, EW_INTERNAL, "a line came after the recurring lines had been counted");
    ew_status status = EW_OK;
    heard it;
    for (size_t at = 0; status == EW_OK && at < lines->length; at += sizeof it) {
        memcpy(&it, lines->data + at, sizeof it);
        status = count_line(all, &it, err);
    }
    return status;
}

ew_status ew_boilerplate_add(ew_boilerplate *all, const char *text, size_t n, uint32_t customer, uint32_t comment,
                             ew_error *err) {
    ew_buffer_clear(&all->lines_read);
    ew_status status = ew_boilerplate_read(all, text, n, customer, comment, &all->scratch, &all->lines_read, err);
    return status == EW_OK ? ew_boilerplate_count(all, &all->lines_read, err) : status;
}

/* From first bytes of normalised lines to those of lines as they are written, trimmed: what may become another is let through. */
static void begin_as_written(uint8_t begins[256]) {
    for (int c = 'a'; c <= 'z'; c++) begins[c - 32] = begins[c]; /* case folded */
    for (int c = '1'; c <= '9'; c++) begins[c] = begins['0'];
    for (int c = 0x80; c < 256; c++) begins[c] = 1;
}

void ew_boilerplate_close(ew_boilerplate *all, uint64_t comments) {
    uint64_t least = comments / 1000 > LEAST_COUNT ? comments / 1000 : LEAST_COUNT;
    all->closed = 1;
    all->lines = 0;
    for (uint64_t i = 0; i <= all->mask; i++) {
        line *it = &all->slots[i];
        if (!it->hash) continue;
        if (it->count < least || !it->voices[VOICES - 1] || (uint64_t)it->whole * 2 > it->count)
            it->count = 0; /* kept, as probes pass here */
        else {
            all->lines++;
            all->begins[it->first] = 1;
        }
    }
    begin_as_written(all->begins);
    ew_line_scratch_free(&all->scratch);
    ew_buffer_free(&all->lines_read);
    /* a smaller table serves as well; where there is no memory for it the large one stays */
    uint64_t slots = 64;
    while (slots < all->lines * 2) slots *= 2;
    if (slots <= all->mask) (void)!rebuild(all, slots, 0, NULL);
}

size_t ew_boilerplate_lines(const ew_boilerplate *all) { return all->lines; }

static int is_known(const ew_boilerplate *all, uint64_t hash) { return hash && slot_of(all->slots, all->mask, hash)->count > 0; }

ew_status ew_boilerplate_mask_line(const ew_boilerplate *all, const char *text, size_t start, size_t end,
                                   ew_line_scratch *scratch, ew_ranges *out, ew_error *err) {
    uint64_t hash, name;
    ew_status status = EW_OK;
    if (!all->closed || !all->lines || start >= end) return EW_OK;
    if (all->begins[(unsigned char)text[start]]) status = line_hash(all, text, start, end, 0, scratch, &hash, &name, err);
    else hash = 0;
    if (status != EW_OK) return status;
    if (is_known(all, hash)) return ew_ranges_add(out, start, end, err);
    size_t at = start + 1;
    while (at < end && !all->begins[(unsigned char)text[at]]) at++;
    if (at == end) return EW_OK; /* no sentence begins as a line does */
    status = split_line(text, start, end, scratch, err);
    for (uint32_t i = 0; status == EW_OK && i < scratch->sentences.n; i++) {
        ew_range part = scratch->sentences.items[i];
        if (part.start == start && part.end == end) break;
        if (!all->begins[(unsigned char)text[part.start]]) continue;
        status = line_hash(all, text, part.start, part.end, 0, scratch, &hash, &name, err);
        if (status == EW_OK && is_known(all, hash)) status = ew_ranges_add(out, part.start, part.end, err);
    }
    return status;
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void ew_boilerplate_names(const ew_boilerplate *all, uint64_t *out) {
    size_t n = 0;
    for (uint64_t i = 0; i <= all->mask; i++)
        if (all->slots[i].hash && all->slots[i].count && n < all->lines) out[n++] = all->slots[i].name;
    qsort(out, n, sizeof *out, ascending);
}

ew_status ew_boilerplate_of_names(const uint64_t *names, size_t n, ew_boilerplate **out, ew_error *err) {
    ew_status status = ew_boilerplate_create(out, err);
    uint64_t slots = FIRST_SLOTS;
    while (slots < n * 2) slots *= 2;
    if (status == EW_OK && slots > FIRST_SLOTS) status = rebuild(*out, slots, 0, err);
    if (status != EW_OK) {
        ew_boilerplate_free(*out);
        *out = NULL;
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = hash_of_name(names[i]);
        line *at = slot_of((*out)->slots, (*out)->mask, hash ? hash : 1);
        *at = (line){.hash = hash ? hash : 1, .name = names[i], .count = 1};
    }
    (*out)->lines = n;
    memset((*out)->begins, 1, sizeof (*out)->begins);
    (*out)->by_name = (*out)->closed = 1;
    return EW_OK;
}
