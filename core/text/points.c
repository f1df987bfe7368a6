#include "points.h"

#include <string.h>
#include <utf8proc.h>

#include "../base/alloc.h"
#include "point_table.h"

/* 0 other, 1 space, 2 control, 3 letter, 5 digit: the order of ew_point_kind */
const unsigned char ew_point_ascii[128] = {
    2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0,
    0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0,
    0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 2,
};

static int stands_alone(uint32_t p) {
    if (p < 0x0e00) return 0;
    return (p <= 0x0eff)                       /* Thai, Lao */
        || (p >= 0x1000 && p <= 0x109f)        /* Burmese */
        || (p >= 0x1780 && p <= 0x17ff)        /* Khmer */
        || (p >= 0x2e80 && p <= 0x2fdf)        /* radicals */
        || (p >= 0x3005 && p <= 0x3007) || (p >= 0x3021 && p <= 0x3029)
        || (p >= 0x3041 && p <= 0x30ff)        /* kana */
        || (p >= 0x3105 && p <= 0x312f) || (p >= 0x31a0 && p <= 0x31bf) || (p >= 0x31f0 && p <= 0x31ff)
        || (p >= 0x3400 && p <= 0x4dbf) || (p >= 0x4e00 && p <= 0x9fff) || (p >= 0xf900 && p <= 0xfaff)
        || (p >= 0xff66 && p <= 0xff9f)        /* half-width kana */
        || (p >= 0x1b000 && p <= 0x1b16f) || (p >= 0x20000 && p <= 0x3ffff);
}

static int is_emoji(uint32_t p) {
    return (p >= 0x1f000 && p <= 0x1faff) || (p >= 0x2600 && p <= 0x27bf) || (p >= 0x2b05 && p <= 0x2b55) || p == 0x203c
        || p == 0x2049 || (p >= 0x23e9 && p <= 0x23fa) || p == 0x231a || p == 0x231b;
}

ew_point_kind ew_point_kind_wide(uint32_t point) {
    return ew_point_in_table(point) ? ew_entry_kind(ew_point_entry(point)) : ew_point_kind_of_utf8proc(point);
}

ew_point_kind ew_point_kind_of_utf8proc(uint32_t point) {
    if (is_emoji(point)) return EW_POINT_EMOJI;
    switch (utf8proc_category((utf8proc_int32_t)point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return stands_alone(point) ? EW_POINT_ALONE : EW_POINT_LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return stands_alone(point) ? EW_POINT_ALONE : EW_POINT_DIGIT;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return EW_POINT_MARK;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return EW_POINT_SPACE;
    case UTF8PROC_CATEGORY_CC: return point == 0x85 ? EW_POINT_SPACE : EW_POINT_CONTROL;
    case UTF8PROC_CATEGORY_CF: return point == 0x200c || point == 0x200d ? EW_POINT_MARK : EW_POINT_CONTROL;
    default: return EW_POINT_OTHER;
    }
}

int ew_point_is_upper(uint32_t point) {
    if (point < 128) return point >= 'A' && point <= 'Z';
    return point != EW_UTF8_BAD && utf8proc_category((utf8proc_int32_t)point) == UTF8PROC_CATEGORY_LU;
}

int ew_point_is_lower(uint32_t point) {
    if (point < 128) return point >= 'a' && point <= 'z';
    return point != EW_UTF8_BAD && utf8proc_category((utf8proc_int32_t)point) == UTF8PROC_CATEGORY_LL;
}

uint32_t ew_point_lower(uint32_t point) {
    if (point < 128) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return point == EW_UTF8_BAD ? point : (uint32_t)utf8proc_tolower((utf8proc_int32_t)point);
}

int ew_text_has_content(const char *text, size_t start, size_t end) {
    while (start < end) {
        uint32_t point;
        if (ew_kind_is_content(ew_point_at(text, end, start, &point, &start))) return 1;
    }
    return 0;
}

void ew_text_trim(const char *text, size_t *start, size_t *end) {
    uint32_t point;
    size_t next;
    while (*start < *end) {
        ew_point_kind kind = ew_point_at(text, *end, *start, &point, &next);
        if (kind != EW_POINT_SPACE && kind != EW_POINT_CONTROL) break;
        *start = next;
    }
    while (*end > *start) {
        size_t last = *end - 1; /* back to the head of the last character, at most three bytes */
        while (last > *start && *end - last < 4 && ((unsigned char)text[last] & 0xc0) == 0x80) last--;
        ew_point_kind kind = ew_point_at(text, *end, last, &point, &next);
        if (next != *end || (kind != EW_POINT_SPACE && kind != EW_POINT_CONTROL)) break;
        *end = last;
    }
}

size_t ew_text_line_end(const char *text, size_t n, size_t at, size_t *next) {
    static const uint64_t ONES = UINT64_C(0x0101010101010101), HIGH = UINT64_C(0x8080808080808080);
    size_t end = at;
    for (uint64_t eight; end + 8 <= n; end += 8) { /* a zero byte where a break is; none is ever missed */
        memcpy(&eight, text + end, 8);
        uint64_t feed = eight ^ ONES * '\n', back = eight ^ ONES * '\r';
        if ((((feed - ONES) & ~feed) | ((back - ONES) & ~back)) & HIGH) break;
    }
    while (end < n && text[end] != '\n' && text[end] != '\r') end++;
    *next = end;
    if (end < n) *next = end + 1 + (text[end] == '\r' && end + 1 < n && text[end + 1] == '\n');
    return end;
}

uint32_t ew_text_count_words(const char *text, size_t start, size_t end, uint32_t most) {
    uint32_t words = 0;
    ew_range word;
    while (words < most && ew_text_next_word(text, end, &start, &word)) words++;
    return words;
}

ew_status ew_ranges_push(ew_ranges *ranges, size_t start, size_t end, ew_error *err) {
    if (start >= end) return EW_OK;
    if (ranges->n == ranges->capacity) {
        uint32_t capacity = ranges->capacity ? ranges->capacity * 2 : 8;
        ew_range *items = ew_realloc(ranges->items, capacity, sizeof *items);
        if (!items) return ew_fail_memory(err, capacity * sizeof *items, "ranges of a text");
        ranges->items = items;
        ranges->capacity = capacity;
    }
    ranges->items[ranges->n++] = (ew_range){(uint32_t)start, (uint32_t)end};
    return EW_OK;
}

ew_status ew_ranges_add(ew_ranges *ranges, size_t start, size_t end, ew_error *err) {
    if (start >= end) return EW_OK;
    if (ranges->n && start <= ranges->items[ranges->n - 1].end) {
        if (end > ranges->items[ranges->n - 1].end) ranges->items[ranges->n - 1].end = (uint32_t)end;
        return EW_OK;
    }
    return ew_ranges_push(ranges, start, end, err);
}

void ew_ranges_free(ew_ranges *ranges) {
    ew_free(ranges->items);
    *ranges = (ew_ranges){NULL, 0, 0};
}
