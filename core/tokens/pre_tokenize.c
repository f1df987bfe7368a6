/* Pre-tokenisers: each reads stretches of one text and writes stretches of another, copying what stays the same. */
#include <string.h>

#include "../base/utf8.h"
#include "classes.h"
#include "inside.h"
#include "pipeline_inside.h"

/* What comes out. A stretch is one of these runs or several joined, by the rule of the cut. */
typedef struct sink {
    ew_buffer *text;
    ew_stretches *to;
    ew_cut cut;
    int bytes;             /* written as byte-level characters */
    int at_zero;           /* the stretch that is cut begins where the original text does */
    size_t start, end;     /* held back: not yet written */
    int held, held_match;
    int last_match;        /* of the run before */
    ew_error *err;
} sink;

static ew_status write(sink *k, const char *text, size_t start, size_t end) {
    size_t from = k->text->length;
    ew_status status = EW_OK;
    if (start == end) return EW_OK;
    if (!k->bytes) {
        EW_TRY(ew_buffer_append(k->text, text + start, end - start, k->err));
    } else {
        EW_TRY(ew_buffer_reserve(k->text, 2 * (end - start), k->err));
        for (size_t i = start; i < end; i++)
            k->text->length += ew_byte_character((unsigned char)text[i], k->text->data + k->text->length);
    }
    ew_stretch item = {from, k->text->length, EW_NONE, (uint8_t)(k->at_zero && start == 0)};
    EW_TRY(ew_stretch_add(k->to, item, k->err));
done:
    return status;
}

static ew_status release(sink *k, const char *text) {
    ew_status status = k->held ? write(k, text, k->start, k->end) : EW_OK;
    k->held = 0;
    return status;
}

/* The next run of the text: a match of the pattern, or what lies between two. */
static ew_status run_of(sink *k, const char *text, size_t start, size_t end, int match) {
    ew_status status = EW_OK;
    if (start == end) return EW_OK;
    int joins = 0;
    switch (k->cut) {
    case EW_CUT_REMOVED: return match ? EW_OK : write(k, text, start, end);
    case EW_CUT_ISOLATED: return write(k, text, start, end);
    case EW_CUT_CONTIGUOUS: joins = k->held && k->held_match == match; break;
    case EW_CUT_PREVIOUS: joins = k->held && match && !k->last_match; break;
    case EW_CUT_NEXT: joins = k->held && k->held_match && !match; break;
    }
    if (!joins) {
        status = release(k, text);
        k->start = start;
    }
    k->end = end;
    k->held = 1;
    k->held_match = k->last_match = match;
    if (joins && k->cut == EW_CUT_NEXT) status = release(k, text); /* it has found what it waited for */
    return status;
}

static int matches(int kind, uint32_t point) {
    switch (kind) {
    case EW_PRE_SPACE: return ew_class_space(point);
    case EW_PRE_PUNCT: return ew_tokens_is_punct(point);
    default: return ew_class_numeric(point);
    }
}

static ew_status by_character(sink *k, int kind, const char *text, size_t n) {
    ew_status status = EW_OK;
    size_t from = 0;
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        if (!matches(kind, point)) continue;
        EW_TRY(run_of(k, text, from, at, 0));
        EW_TRY(run_of(k, text, at, at + length, 1));
        from = at + length;
    }
    EW_TRY(run_of(k, text, from, n, 0));
    EW_TRY(release(k, text));
done:
    return status;
}

/* BERT's words (blanks go, punctuation stands alone), or runs of word characters and runs of the rest. */
static ew_status words(sink *k, int bert, const char *text, size_t n) {
    ew_status status = EW_OK;
    size_t from = 0;
    int before = 0;
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        int kind = ew_class_space(point) ? 0 : bert ? 1 + ew_tokens_is_punct(point) : 1 + !ew_class_word(point);
        if (kind != before || (bert && kind == 2)) {
            if (before) EW_TRY(write(k, text, from, at));
            from = at;
        }
        before = kind;
    }
    if (before) EW_TRY(write(k, text, from, n));
done:
    return status;
}

static ew_status by_pattern(sink *k, const ew_step *step, ew_scratch *s, const char *text, size_t n) {
    ew_status status = EW_OK;
    size_t at = 0, start, end;
    if (step->regex) EW_TRY(ew_regex_begin(step->regex, &s->room, n, k->err));
    for (;;) {
        int found = 0;
        if (step->regex) {
            EW_TRY(ew_regex_next(step->regex, &s->room, text, n, at, &found, &start, &end, k->err));
        } else if (step->pattern.n) {
            const char *first = text + at, *stop = text + n;
            for (; (size_t)(stop - first) >= step->pattern.n; first++) {
                first = memchr(first, step->pattern.data[0], (size_t)(stop - first) - step->pattern.n + 1);
                if (!first) break;
                found = memcmp(first, step->pattern.data, step->pattern.n) == 0;
                if (found) break;
            }
            if (found) start = (size_t)(first - text), end = start + step->pattern.n;
        }
        if (!found) break;
        EW_TRY(run_of(k, text, at, start, step->invert));
        EW_TRY(run_of(k, text, start, end, !step->invert));
        at = end;
    }
    EW_TRY(run_of(k, text, at, n, step->invert));
    EW_TRY(release(k, text));
done:
    return status;
}

/* Blanks become the mark, the text gets one in front, and each word takes the mark before it. */
static ew_status metaspace(sink *k, const ew_step *step, ew_scratch *s, const char *text, size_t n) {
    const ew_text *mark = &step->pattern;
    ew_buffer *whole = &s->norm[0];
    ew_status status;
    ew_buffer_clear(whole);
    int blank = text[0] == ' ' || (n >= mark->n && memcmp(text, mark->data, mark->n) == 0);
    if (!blank && (step->prefix == 2 || (step->prefix == 1 && k->at_zero)))
        EW_TRY(ew_buffer_append(whole, mark->data, mark->n, k->err));
    for (size_t at = 0; at < n;) {
        const char *next = memchr(text + at, ' ', n - at);
        size_t end = next ? (size_t)(next - text) : n;
        EW_TRY(ew_buffer_append(whole, text + at, end - at, k->err));
        if (next) EW_TRY(ew_buffer_append(whole, mark->data, mark->n, k->err));
        at = end + 1;
    }
    if (!step->split) {
        EW_TRY(write(k, whole->data, 0, whole->length));
    } else {
        k->cut = EW_CUT_NEXT;
        EW_TRY(by_pattern(k, step, s, whole->data, whole->length));
    }
done:
    return status;
}

static ew_status byte_level(sink *k, const ew_step *step, ew_scratch *s, const char *text, size_t n) {
    ew_buffer *whole = &s->norm[0];
    ew_status status = EW_OK;
    if (step->prefix && text[0] != ' ') {
        ew_buffer_clear(whole);
        EW_TRY(ew_buffer_append(whole, " ", 1, k->err));
        EW_TRY(ew_buffer_append(whole, text, n, k->err));
        text = whole->data;
        n = whole->length;
    }
    k->bytes = 1;
    k->cut = EW_CUT_ISOLATED;
    if (step->regex)
        EW_TRY(by_pattern(k, step, s, text, n));
    else
        EW_TRY(write(k, text, 0, n));
done:
    return status;
}

ew_status ew_pre_tokenize(const ew_step *step, ew_scratch *s, int from, ew_error *err) {
    const ew_stretches *in = &s->stretches[from];
    const char *text = s->text[from].data;
    ew_stretches *to = &s->stretches[!from];
    ew_status status = EW_OK;
    ew_buffer_clear(&s->text[!from]);
    to->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        const ew_stretch *item = &in->items[i];
        size_t n = item->end - item->start;
        if (item->id != EW_NONE) {
            EW_TRY(ew_stretch_add(to, *item, err));
            continue;
        }
        if (!n) continue;
        sink k = {.text = &s->text[!from], .to = to, .cut = step->cut, .at_zero = item->at_zero, .err = err};
        switch (step->kind) {
        case EW_PRE_BERT: EW_TRY(words(&k, 1, text + item->start, n)); break;
        case EW_PRE_WORDS: EW_TRY(words(&k, 0, text + item->start, n)); break;
        case EW_PRE_METASPACE: EW_TRY(metaspace(&k, step, s, text + item->start, n)); break;
        case EW_PRE_BYTES: EW_TRY(byte_level(&k, step, s, text + item->start, n)); break;
        case EW_PRE_PATTERN: EW_TRY(by_pattern(&k, step, s, text + item->start, n)); break;
        default: EW_TRY(by_character(&k, step->kind, text + item->start, n));
        }
    }
done:
    return status;
}
