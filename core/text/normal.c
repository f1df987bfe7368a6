/* NFKC_Casefold of NFD(text) (Unicode 15, section 3.13, D147): decompose, order marks, fold and drop what is ignorable,
 * order again, compose. Idempotent. Plain ASCII goes past all that; other text is cut into pieces that cannot compose with
 * each other, so that the working memory stays small unless the text is one endless run of marks. */
#include <string.h>
#include <utf8proc.h>

#include "../base/alloc.h"
#include "point_table.h"

#define PIECE 4096  /* code points after which a piece ends at the next place where it may */
#define WIDEST 32   /* code points one code point may decompose to (18 in Unicode 15) */

typedef struct points { int32_t *items; size_t n, capacity; } points;

typedef struct normaliser {
    ew_buffer *out;
    points decomposed, folded, scratch;
    size_t begun; /* out->length at the beginning: no blank stands there */
    int blank;    /* white space was seen since the last character */
    ew_error *err;
} normaliser;

static ew_status points_reserve(points *list, size_t more, ew_error *err) {
    if (list->capacity - list->n >= more) return EW_OK;
    size_t capacity = (list->n + more) * 2;
    int32_t *items = ew_realloc(list->items, capacity, sizeof *items);
    if (!items) return ew_fail_memory(err, capacity * sizeof *items, "normalising a text");
    list->items = items;
    list->capacity = capacity;
    return EW_OK;
}

static unsigned order_class(int32_t point) {
    return point < 0x300 ? 0 : (unsigned)utf8proc_get_property(point)->combining_class & 0xffu;
}

/* Stable by class, in linear time however long the run of marks is. */
static ew_status order_run(normaliser *it, int32_t *run, size_t n) {
    if (n <= 16) {
        for (size_t i = 1; i < n; i++) {
            int32_t point = run[i];
            unsigned class = order_class(point);
            size_t k = i;
            for (; k > 0 && order_class(run[k - 1]) > class; k--) run[k] = run[k - 1];
            run[k] = point;
        }
        return EW_OK;
    }
    it->scratch.n = 0;
    ew_status status = points_reserve(&it->scratch, n, it->err);
    if (status != EW_OK) return status;
    size_t start[257] = {0};
    for (size_t i = 0; i < n; i++) start[order_class(run[i]) + 1]++;
    for (size_t c = 1; c < 257; c++) start[c] += start[c - 1];
    for (size_t i = 0; i < n; i++) it->scratch.items[start[order_class(run[i])]++] = run[i];
    memcpy(run, it->scratch.items, n * sizeof *run);
    return EW_OK;
}

static ew_status order_marks(normaliser *it, points *list) {
    for (size_t i = 0; i < list->n;) {
        if (!order_class(list->items[i])) {
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < list->n && order_class(list->items[end])) end++;
        ew_status status = order_run(it, list->items + i, end - i);
        if (status != EW_OK) return status;
        i = end;
    }
    return EW_OK;
}

static ew_status decompose(normaliser *it, points *list, int32_t point, utf8proc_option_t options) {
    ew_status status = points_reserve(list, WIDEST, it->err);
    if (status != EW_OK) return status;
    utf8proc_ssize_t got = utf8proc_decompose_char(point, list->items + list->n, WIDEST, options, NULL);
    if (got < 0 || got > WIDEST) return ew_fail(it->err, EW_INTERNAL, "utf8proc could not decompose U+%04X", (unsigned)point);
    list->n += (size_t)got;
    return EW_OK;
}

/* A blank before the next character, if one is due. Room for `more` bytes behind it. */
static ew_status put_blank(normaliser *it, size_t more) {
    ew_status status = ew_buffer_reserve(it->out, more + 1, it->err);
    if (status == EW_OK && it->blank && it->out->length > it->begun) it->out->data[it->out->length++] = ' ';
    it->blank = 0;
    return status;
}

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

/* Eight ASCII bytes at a time, while none is a control and no two blanks stand together: they only become small. text[0] is
 * no blank, none is due, there is room for all. Returns how many bytes are done. */
static size_t put_words(normaliser *it, const char *text, size_t n) {
    char *to = it->out->data + it->out->length;
    size_t i = 0;
    for (uint64_t x; i + 8 <= n && !it->blank; i += 8, to += 8) {
        memcpy(&x, text + i, 8);
        uint64_t word = (x + EACH(0x80 - '!')) & ~(x + EACH(1)) & EACH(0x80); /* from '!' to '~' */
        uint64_t blank = ~((x ^ EACH(' ')) + EACH(0x7f)) & EACH(0x80);
        if ((word | blank) != EACH(0x80) || (blank & blank >> 8)) break;
        uint64_t upper = (x + EACH(0x80 - 'A')) & ~(x + EACH(0x80 - 'Z' - 1)) & EACH(0x80);
        x |= upper >> 2;
        memcpy(to, &x, 8);
        it->blank = text[i + 7] == ' '; /* is due: the next may be one too */
    }
    it->out->length += i - (size_t)it->blank;
    return i;
}

static ew_status put_ascii(normaliser *it, const char *text, size_t n) {
    for (size_t i = 0; i < n;) {
        ew_point_kind kind = (ew_point_kind)ew_point_ascii[(unsigned char)text[i]];
        if (kind == EW_POINT_SPACE || kind == EW_POINT_CONTROL) {
            it->blank |= kind == EW_POINT_SPACE;
            i++;
            continue;
        }
        ew_status status = put_blank(it, n - i);
        if (status != EW_OK) return status;
        size_t done = put_words(it, text + i, n - i);
        i += done;
        if (done) continue;
        char *to = it->out->data + it->out->length, *begun = to;
        for (; i < n; i++) {
            unsigned char c = (unsigned char)text[i];
            if (ew_point_ascii[c] == EW_POINT_SPACE || ew_point_ascii[c] == EW_POINT_CONTROL) break;
            *to++ = (char)(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
        }
        it->out->length += (size_t)(to - begun);
    }
    return EW_OK;
}

static ew_status put_piece(normaliser *it) {
    const utf8proc_option_t fold = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;
    ew_status status = order_marks(it, &it->decomposed);
    it->folded.n = 0;
    for (size_t i = 0; status == EW_OK && i < it->decomposed.n; i++) {
        int32_t point = it->decomposed.items[i];
        if (point < 0x80) {
            status = points_reserve(&it->folded, 1, it->err);
            if (status == EW_OK) it->folded.items[it->folded.n++] = point >= 'A' && point <= 'Z' ? point + 32 : point;
            continue;
        }
        if (!utf8proc_get_property(point)->ignorable) status = decompose(it, &it->folded, point, fold);
    }
    if (status == EW_OK) status = order_marks(it, &it->folded);
    if (status != EW_OK) return status;
    /* a fold may lead to what is ignorable (half-width Hangul filler) */
    size_t kept = 0;
    for (size_t i = 0; i < it->folded.n; i++) {
        int32_t point = it->folded.items[i];
        if (point < 0x80 || !utf8proc_get_property(point)->ignorable) it->folded.items[kept++] = point;
    }
    utf8proc_ssize_t n = utf8proc_normalize_utf32(it->folded.items, (utf8proc_ssize_t)kept, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0) return ew_fail(it->err, EW_INTERNAL, "utf8proc could not compose a text");
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        uint32_t point = (uint32_t)it->folded.items[i];
        ew_point_kind kind = point < 128 ? (ew_point_kind)ew_point_ascii[point] : EW_POINT_OTHER;
        if (point >= 128 && utf8proc_category((utf8proc_int32_t)point) >= UTF8PROC_CATEGORY_ZS) kind = ew_point_kind_wide(point);
        if (kind == EW_POINT_SPACE) it->blank = 1;
        if (kind == EW_POINT_SPACE || (kind == EW_POINT_CONTROL && point < 0xa0)) continue;
        status = put_blank(it, 4);
        if (status != EW_OK) return status;
        it->out->length += ew_utf8_encode(point, it->out->data + it->out->length);
    }
    it->decomposed.n = 0;
    return EW_OK;
}

/* text[0 .. n): one ASCII character at most, then none. */
static ew_status put_wide(normaliser *it, const char *text, size_t n) {
    const utf8proc_option_t plain = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    for (size_t at = 0; at < n;) {
        size_t length;
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        at += length;
        size_t before = it->decomposed.n;
        ew_status status = decompose(it, &it->decomposed, point == EW_UTF8_BAD ? 0xfffd : (int32_t)point, plain);
        if (status != EW_OK) return status;
        size_t got = it->decomposed.n - before;
        if (before < PIECE || !got || !ew_point_begins_anew(it->decomposed.items[before])) continue;
        int32_t held[WIDEST];
        memcpy(held, it->decomposed.items + before, got * sizeof *held);
        it->decomposed.n = before;
        status = put_piece(it);
        if (status != EW_OK) return status;
        memcpy(it->decomposed.items, held, got * sizeof *held);
        it->decomposed.n = got;
    }
    return put_piece(it);
}

static int is_control(uint32_t point) {
    return point < 0xa0 && point != 0x85 && (point >= 0x80 || ew_point_ascii[point] == EW_POINT_CONTROL);
}

static int holds_controls(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80 ? ew_point_ascii[c] == EW_POINT_CONTROL : c == 0xc2 && i + 1 < n && (unsigned char)text[i + 1] < 0xa0)
            return 1;
    }
    return 0;
}

/* Repaired, without controls: a letter and a mark that only a control kept apart meet before they are composed. */
static ew_status drop_controls(const char *text, size_t n, ew_buffer *out, ew_error *err) {
    for (size_t at = 0; at < n;) {
        size_t length;
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        at += length;
        if (point != EW_UTF8_BAD && is_control(point)) continue;
        ew_status status = ew_buffer_reserve(out, 4, err);
        if (status != EW_OK) return status;
        out->length += ew_utf8_encode(point == EW_UTF8_BAD ? 0xfffd : point, out->data + out->length);
    }
    return EW_OK;
}

static size_t ascii_prefix(const char *text, size_t n) {
    size_t i = 0;
    uint64_t word;
    while (n - i >= 8 && (memcpy(&word, text + i, 8), (word & 0x8080808080808080u) == 0)) i += 8;
    while (i < n && (unsigned char)text[i] < 0x80) i++;
    return i;
}

/* Characters from *at on that need no neighbours, to the first that is not simple or to the end: *at. What stands before that
 * one may join it: its start is *last, and it is taken back. */
static ew_status put_simple(normaliser *it, const char *text, size_t n, size_t *at, size_t *last) {
    size_t length_before = it->out->length, i = *at;
    int blank_before = it->blank;
    ew_status status = ew_buffer_reserve(it->out, 1, it->err);
    while (status == EW_OK && i < n) {
        size_t length = ascii_prefix(text + i, n - i);
        if (length) {
            if (length > 1) status = put_ascii(it, text + i, length - 1);
            *last = i += length - 1;
            length_before = it->out->length;
            blank_before = it->blank;
            if (status == EW_OK) status = put_ascii(it, text + i, 1);
            i++;
            continue;
        }
        uint32_t point = ew_utf8_decode(text + i, n - i, &length);
        uint32_t entry = ew_point_entry(point == EW_UTF8_BAD ? 0xfffd : point), to = ew_entry_point(entry);
        ew_point_form form = ew_entry_form(entry);
        if (form == EW_FORM_OTHER) break;
        if (form != EW_FORM_NONE) {
            *last = i;
            length_before = it->out->length;
            blank_before = it->blank;
            if (form == EW_FORM_ONE && to == ' ') {
                it->blank = 1;
            } else {
                status = put_blank(it, 4);
                if (status != EW_OK) break;
                if (form == EW_FORM_ONE) it->out->length += ew_utf8_encode(to, it->out->data + it->out->length);
                for (; form == EW_FORM_ASCII && to; to >>= 7) it->out->data[it->out->length++] = (char)(to & 127);
            }
        }
        i += length;
    }
    *at = i;
    if (i < n && status == EW_OK) {
        it->out->length = length_before;
        it->blank = blank_before;
    }
    return status;
}

/* Where the characters that are not simple end: at ASCII, or at the first of two simple ones. text[at] is not simple. */
static size_t complex_end(const char *text, size_t n, size_t at) {
    size_t simple = n, length;
    for (; at < n && (unsigned char)text[at] >= 0x80; at += length) {
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        ew_point_form form = ew_entry_form(ew_point_entry(point == EW_UTF8_BAD ? 0xfffd : point));
        if (form == EW_FORM_OTHER || form == EW_FORM_NONE) simple = n;
        else if (simple < at) return simple;
        else simple = at;
    }
    return at;
}

ew_status ew_text_normalise(const char *text, size_t n, ew_buffer *out, ew_error *err) {
    normaliser it = {.out = out, .begun = out->length, .err = err};
    ew_buffer plain = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status = ew_buffer_reserve(out, n, err);
    if (status != EW_OK) return status;
    if (ascii_prefix(text, n) == n) return put_ascii(&it, text, n);
    if (holds_controls(text, n)) {
        EW_TRY(drop_controls(text, n, &plain, err));
        text = plain.data;
        n = plain.length;
    }
    for (size_t at = 0; at < n;) {
        size_t last = at, wide;
        EW_TRY(put_simple(&it, text, n, &at, &last));
        if (at == n) break;
        wide = complex_end(text, n, at);
        EW_TRY(put_wide(&it, text + last, wide - last));
        at = wide;
    }
done:
    ew_buffer_free(&plain);
    ew_free(it.decomposed.items);
    ew_free(it.folded.items);
    ew_free(it.scratch.items);
    return status;
}
