#include "points.h"

static int joins_letters(uint32_t point) {
    return point == '\'' || point == '-' || point == 0x2019 || point == 0x02bc || point == 0x2010 || point == 0x2011;
}

int ew_text_next_word(const char *text, size_t n, size_t *at, ew_range *out) {
    size_t i = *at, next;
    uint32_t point;
    ew_point_kind kind = EW_POINT_OTHER;
    for (; i < n; i = next) {
        kind = ew_point_at(text, n, i, &point, &next);
        if (ew_kind_is_content(kind)) break;
    }
    if (i >= n) {
        *at = n;
        return 0;
    }
    size_t start = i, end = next;
    int alone = kind == EW_POINT_ALONE, letter = kind == EW_POINT_LETTER; /* is the last base a letter? */
    while (end < n) {
        for (unsigned char c; !alone && end < n && (c = (unsigned char)text[end]) < 0x80; end++) {
            if (!ew_kind_is_content((ew_point_kind)ew_point_ascii[c])) break;
            letter = c >= 'A'; /* digits stand before all letters */
        }
        if (end == n) break;
        kind = ew_point_at(text, n, end, &point, &next);
        if (kind == EW_POINT_MARK) {
            end = next;
            continue;
        }
        if (alone) break;
        if (kind == EW_POINT_LETTER || kind == EW_POINT_DIGIT) {
            letter = kind == EW_POINT_LETTER;
            end = next;
            continue;
        }
        if (!letter || !joins_letters(point) || next >= n) break;
        if (ew_point_at(text, n, next, &point, &next) != EW_POINT_LETTER) break;
        end = next;
    }
    *out = (ew_range){(uint32_t)start, (uint32_t)end};
    *at = end;
    return 1;
}

size_t ew_word_plain(const char *word, size_t n, char *out, size_t most) {
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)word[i], next = i + 1 < n ? (unsigned char)word[i + 1] : 0;
        if (length == most) return 0;
        if (c == 0xe2 && next == 0x80) { /* the curly apostrophe */
            c = '\'';
            i += 2;
        } else if (c == 0xc3 && next) { /* a-circumflex and its kin */
            c = (unsigned char)"aaaaaaaceeeeiiiidnooooo/ouuuuyps"[next & 0x1f];
            i++;
        }
        out[length++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : (char)c;
    }
    return length;
}
