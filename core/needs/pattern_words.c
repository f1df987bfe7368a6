#include "pattern_words.h"

#include <string.h>
#include <utf8proc.h>

#include "../base/utf8.h"

typedef enum shape { SHAPE_BLANK, SHAPE_WEAK, SHAPE_STRONG, SHAPE_QUESTION, SHAPE_APOSTROPHE, SHAPE_LETTER, SHAPE_ALONE } shape;

/* Scripts written without blanks: Thai to Myanmar, Khmer, kana, Han. */
static int stands_alone(uint32_t point) {
    return (point >= 0x0e00 && point <= 0x109f) || (point >= 0x1780 && point <= 0x17ff) || (point >= 0x3040 && point <= 0x30ff) ||
           (point >= 0x31f0 && point <= 0x31ff) || (point >= 0x3400 && point <= 0x9fff) || (point >= 0xf900 && point <= 0xfaff) ||
           (point >= 0xff66 && point <= 0xff9f) || (point >= 0x20000 && point <= 0x3ffff) || point == 0x3005;
}

static shape ascii_shape(unsigned char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return SHAPE_LETTER;
    switch (c) {
    case ' ': case '\t': case '_': return SHAPE_BLANK;
    case '\'': return SHAPE_APOSTROPHE;
    case '.': case '!': case ';': case ':': case '\n': case '\r': return SHAPE_STRONG;
    case '?': return SHAPE_QUESTION;
    default: return SHAPE_WEAK;
    }
}

static shape shape_of(uint32_t point) {
    if (point < 0x80) return ascii_shape((unsigned char)point);
    switch (point) {
    case EW_UTF8_BAD: return SHAPE_WEAK;
    case 0x2018: case 0x2019: case 0x02bc: case 0xff07: return SHAPE_APOSTROPHE;
    case 0x3002: case 0xff01: case 0xff0e: case 0xff1b: case 0xff1a: case 0x2026: case 0x2022: case 0xa1: case 0xbf: case 0x2028:
    case 0x2029: return SHAPE_STRONG;
    case 0xff1f: case 0x061f: return SHAPE_QUESTION;
    case 0x30fb: case 0x3000: case 0xa0: case 0x202f: case 0x200b: case 0xad: return SHAPE_BLANK;
    default: break;
    }
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)point);
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO)
        return stands_alone(point) ? SHAPE_ALONE : SHAPE_LETTER;
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_CF ? SHAPE_BLANK : SHAPE_WEAK;
}

/* Lower case, and of a Latin letter with accents the bare letter: people leave accents out. */
static uint32_t fold(const ew_kept *kept, uint32_t point) {
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    utf8proc_int32_t lower = utf8proc_tolower((utf8proc_int32_t)point);
    if (lower < 0xc0 || lower >= 0x250) return (uint32_t)lower;
    for (uint32_t i = 0; kept && i < kept->n; i++)
        if (kept->letters[i] == (uint32_t)lower) return kept->letters[i];
    utf8proc_int32_t parts[8];
    int bound = UTF8PROC_BOUNDCLASS_START;
    utf8proc_ssize_t n = utf8proc_decompose_char(lower, parts, 8, UTF8PROC_DECOMPOSE, &bound);
    return n > 1 && n <= 8 ? (uint32_t)parts[0] : (uint32_t)lower;
}

static void put(ew_word *word, size_t *n, uint32_t point) {
    char bytes[4];
    size_t length = ew_utf8_encode(point, bytes);
    if (*n + length > EW_WORD_MAX) {
        *n = EW_WORD_MAX + 1;
    } else {
        memcpy(word->text + *n, bytes, length);
        *n += length;
    }
}

static shape peek(const char *text, uint32_t end, uint32_t at, uint32_t *point, uint32_t *next) {
    size_t length = 1;
    unsigned char c = (unsigned char)text[at];
    *point = c < 0x80 ? c : ew_utf8_decode(text + at, end - at, &length);
    *next = at + (uint32_t)length;
    return c < 0x80 ? ascii_shape(c) : shape_of(*point);
}

int ew_words_next(const ew_kept *kept, const char *text, uint32_t end, uint32_t *at, ew_word *out) {
    uint32_t i = *at, point, next = i;
    shape now = SHAPE_BLANK;
    out->before = EW_BREAK_NONE;
    for (; i < end; i = next) {
        now = peek(text, end, i, &point, &next);
        if (now >= SHAPE_LETTER) break;
        ew_break here = now == SHAPE_QUESTION ? EW_BREAK_QUESTION : now == SHAPE_STRONG ? EW_BREAK_STRONG
                      : now == SHAPE_BLANK ? EW_BREAK_NONE : EW_BREAK_WEAK;
        /* a hyphen inside a word only parts its words */
        if (point == '-' && i == *at && i > 0 && i + 1 < end && ascii_shape((unsigned char)text[i - 1]) == SHAPE_LETTER &&
            ascii_shape((unsigned char)text[i + 1]) == SHAPE_LETTER)
            here = EW_BREAK_NONE;
        if (here > out->before) out->before = here;
    }
    size_t n = 0;
    out->n = 0;
    out->start = i;
    while (i < end) {
        if (now == SHAPE_APOSTROPHE) { /* belongs to the word if a letter follows */
            uint32_t after, behind;
            if (next >= end || peek(text, end, next, &after, &behind) != SHAPE_LETTER) break;
            point = '\'';
        } else if (now != SHAPE_LETTER && now != SHAPE_ALONE) {
            break;
        } else if (now == SHAPE_ALONE && n) {
            break;
        }
        if (n <= EW_WORD_MAX && !(point >= 0x300 && point < 0x370)) /* nor an accent that stands alone behind its letter */
            put(out, &n, fold(kept, point));
        i = next;
        if (now == SHAPE_ALONE || i >= end) break;
        now = peek(text, end, i, &point, &next);
    }
    out->end = *at = i;
    out->n = n <= EW_WORD_MAX ? n : 0;
    return i > out->start;
}
