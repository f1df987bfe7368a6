#include "point_table.h"

#include <utf8proc.h>

_Atomic uint32_t ew_point_entries[EW_POINT_ENTRIES];

int ew_point_begins_anew(int32_t point) {
    if (point < 0x300) return point < 0x80 || !utf8proc_get_property(point)->ignorable;
    const utf8proc_property_t *property = utf8proc_get_property(point);
    if (property->combining_class || property->ignorable || (point >= 0x1160 && point <= 0x11ff)) return 0;
    switch (property->category) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF: return 0;
    default: return 1;
    }
}

/* The steps of normal.c for one character by itself; 0: not simple. */
static uint32_t form_of(uint32_t point) {
    enum { MOST = 32 };
    const utf8proc_option_t plain = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    int32_t parts[MOST], folded[MOST];
    if (utf8proc_get_property((utf8proc_int32_t)point)->ignorable) { /* dropped, unless it is more than one */
        int one = utf8proc_decompose_char((utf8proc_int32_t)point, parts, MOST, plain, NULL) == 1 && parts[0] == (int32_t)point;
        return one ? EW_FORM_NONE << 21 : 0;
    }
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)point, parts, MOST, plain, NULL), m = 0;
    if (n < 1 || n > MOST) return 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        if (parts[i] >= 0x80 && utf8proc_get_property(parts[i])->ignorable) return 0;
        utf8proc_ssize_t got = utf8proc_decompose_char(parts[i], folded + m, MOST - m, plain | UTF8PROC_CASEFOLD, NULL);
        if (got < 1 || got > MOST - m) return 0;
        m += got;
    }
    if (!ew_point_begins_anew(parts[0]) || !ew_point_begins_anew(folded[0])) return 0;
    for (utf8proc_ssize_t i = 0; i < m; i++)
        if (folded[i] >= 0x80 && utf8proc_get_property(folded[i])->ignorable) return 0;
    m = utf8proc_normalize_utf32(folded, m, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (m == 1) {
        uint32_t to = (uint32_t)folded[0];
        ew_point_kind kind = to < 0x80 ? (ew_point_kind)ew_point_ascii[to] : ew_point_kind_of_utf8proc(to);
        if (kind == EW_POINT_CONTROL && to < 0xa0) return 0;
        return (uint32_t)EW_FORM_ONE << 21 | (kind == EW_POINT_SPACE ? ' ' : to);
    }
    if (m != 2 && m != 3) return 0;
    uint32_t all = 0;
    for (utf8proc_ssize_t i = 0; i < m; i++) {
        if (folded[i] <= ' ' || folded[i] >= 0x7f) return 0;
        all |= (uint32_t)folded[i] << (7 * i);
    }
    return (uint32_t)EW_FORM_ASCII << 21 | all;
}

uint32_t ew_point_entry_make(uint32_t point) {
    return 1u << 31 | (uint32_t)ew_point_kind_of_utf8proc(point) << 24 | form_of(point);
}
