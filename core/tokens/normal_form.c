/* Unicode normal forms on utf8proc's tables, with two differences from its own function: long runs of marks are put in order in
 * n log n, and characters newer than the reference's tables stay as they are. And sentencepiece's maps of characters. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "classes.h"
#include "pipeline_inside.h"

enum { WIDEST = 32, SHORT_RUN = 16 }; /* code points that one may decompose to (18 today); marks that are sorted by insertion */

static int rank(int32_t point) { return utf8proc_get_property(point)->combining_class; }

/* Marks with their places in front, so that the sort is stable. */
typedef struct placed {
    int rank;
    int32_t place, point;
} placed;

static int by_rank(const void *a, const void *b) {
    const placed *x = a, *y = b;
    return x->rank != y->rank ? x->rank - y->rank : x->place < y->place ? -1 : 1;
}

static ew_status order_marks(ew_scratch *s, int32_t *points, size_t n, ew_error *err) {
    if (n <= SHORT_RUN) {
        for (size_t i = 1; i < n; i++)
            for (size_t j = i; j && rank(points[j - 1]) > rank(points[j]); j--) {
                int32_t swap = points[j];
                points[j] = points[j - 1];
                points[j - 1] = swap;
            }
        return EW_OK;
    }
    ew_buffer_clear(&s->marks);
    ew_status status = ew_buffer_reserve(&s->marks, n * sizeof(placed), err);
    if (status != EW_OK) return status;
    placed *all = (placed *)(void *)s->marks.data;
    for (size_t i = 0; i < n; i++) all[i] = (placed){rank(points[i]), (int32_t)i, points[i]};
    qsort(all, n, sizeof *all, by_rank);
    for (size_t i = 0; i < n; i++) points[i] = all[i].point;
    return EW_OK;
}

/* A stretch without newer characters. */
static ew_status known(ew_scratch *s, int compose, int compatible, const char *text, size_t n, ew_buffer *out, ew_error *err) {
    const utf8proc_option_t options =
        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0));
    ew_status status = EW_OK;
    size_t have = 0;
    for (size_t at = 0, length; at < n; at += length) {
        if (have + WIDEST > s->points_capacity) { /* grows and keeps */
            size_t capacity = (have + WIDEST) * 2;
            int32_t *more = ew_realloc(s->points, capacity, sizeof *more);
            if (!more) return ew_fail_memory(err, capacity * sizeof *more, "a normal form");
            s->points = more;
            s->points_capacity = capacity;
        }
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        int boundary = 0;
        utf8proc_ssize_t many = utf8proc_decompose_char((utf8proc_int32_t)point, s->points + have, WIDEST, options, &boundary);
        if (many < 0 || many > WIDEST) {
            s->points[have] = (int32_t)point;
            many = 1;
        }
        have += (size_t)many;
    }
    for (size_t i = 0, run; i < have; i = run + 1) {
        for (run = i; run < have && rank(s->points[run]); run++) {
        }
        if (run - i > 1) EW_TRY(order_marks(s, s->points + i, run - i, err));
    }
    if (compose) {
        utf8proc_ssize_t left =
            utf8proc_normalize_utf32(s->points, (utf8proc_ssize_t)have, (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
        if (left >= 0) have = (size_t)left;
    }
    EW_TRY(ew_buffer_reserve(out, 4 * have, err));
    for (size_t i = 0; i < have; i++) out->length += ew_utf8_encode((uint32_t)s->points[i], out->data + out->length);
done:
    return status;
}

ew_status ew_normal_form(ew_scratch *s, int compose, int compatible, const char *text, size_t n, ew_buffer *out, ew_error *err) {
    ew_status status = EW_OK;
    for (size_t at = 0; at < n;) {
        size_t end = at, length = 0;
        while (end < n && (unsigned char)text[end] < 0x80) end++;
        size_t plain = end == n ? end : end > at ? end - 1 : at; /* the last one may take a mark */
        EW_TRY(ew_buffer_append(out, text + at, plain - at, err));
        at = plain;
        uint32_t late = 0;
        size_t ascii = 0; /* in a row: two end the stretch */
        for (end = at; end < n; end += length) {
            uint32_t point = ew_utf8_decode(text + end, n - end, &length);
            ascii = point < 0x80 ? ascii + 1 : 0;
            if (ascii == 2) break;
            if ((late = ew_class_late(point) ? point : 0)) break;
        }
        EW_TRY(known(s, compose, compatible, text + at, end - at, out, err));
        at = end;
        if (late) {
            EW_TRY(ew_buffer_append(out, text + at, length, err));
            at += length;
        }
    }
done:
    return status;
}

/* ---- sentencepiece's map: a double-array trie (Aoe 1989) whose leaves say where a replacement begins ---- */

/* The replacement of the shortest string of the map that text[0 .. n) begins with; NULL: none. */
static const char *replacement(const ew_step *step, const char *text, size_t n) {
    uint64_t at = 0;
    uint32_t unit = step->units[0];
    at ^= (uint64_t)(unit >> 10) << ((unit & 512) >> 6);
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == 0) return NULL;
        at ^= byte;
        if (at >= step->n_units) return NULL;
        unit = step->units[at];
        if ((unit & 0x800000ff) != byte) return NULL;
        at ^= (uint64_t)(unit >> 10) << ((unit & 512) >> 6);
        if (unit >> 8 & 1) {
            if (at >= step->n_units) return NULL;
            uint32_t start = step->units[at] & 0x7fffffff;
            return start < step->content.n ? step->content.data + start : NULL;
        }
    }
    return NULL;
}

ew_status ew_charsmap(const ew_step *step, const char *text, size_t n, ew_buffer *out, int *head_gone, ew_error *err) {
    ew_status status = EW_OK;
    for (size_t at = 0, end, length; at < n; at = end) {
        utf8proc_int32_t state = 0;
        uint32_t last = ew_utf8_decode(text + at, n - at, &length), next;
        for (end = at + length; end < n; end += length, last = next) { /* what a reader takes for one character */
            next = ew_utf8_decode(text + end, n - end, &length);
            if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)next, &state)) break;
        }
        const char *whole = end - at < 6 ? replacement(step, text + at, end - at) : NULL;
        if (whole) {
            if (at == 0 && !*whole) *head_gone = 1;
            EW_TRY(ew_buffer_append(out, whole, strlen(whole), err));
            continue;
        }
        for (size_t i = at; i < end; i += length) {
            ew_utf8_decode(text + i, end - i, &length);
            const char *one = replacement(step, text + i, length);
            if (i == 0 && one && !*one) *head_gone = 1;
            EW_TRY(ew_buffer_append(out, one ? one : text + i, one ? strlen(one) : length, err));
        }
    }
done:
    return status;
}
