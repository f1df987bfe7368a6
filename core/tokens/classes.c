#include "classes.h"

#include <stddef.h>
#include <string.h>
#include <utf8proc.h>

#include "class_table.h"

static int within(const point_range *ranges, size_t n, uint32_t point) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && ranges[low].first <= point;
}
#define WITHIN(table, point) within(table, sizeof table / sizeof *table, point)

int ew_class_control(uint32_t point) { return point == 0 || WITHIN(controls, point); }
int ew_class_nonspacing(uint32_t point) { return point >= 0x300 && WITHIN(nonspacing, point); }
int ew_class_combining(uint32_t point) { return point >= 0x300 && WITHIN(combining, point); }
int ew_class_late(uint32_t point) { return point >= 0x7fd && WITHIN(late, point); }

int ew_class_space(uint32_t p) {
    return (p >= 9 && p <= 13) || p == ' ' || p == 0x85 || p == 0xa0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200a) ||
           p == 0x2028 || p == 0x2029 || p == 0x202f || p == 0x205f || p == 0x3000;
}

int ew_class_chinese(uint32_t p) {
    return (p >= 0x4e00 && p <= 0x9fff) || (p >= 0x3400 && p <= 0x4dbf) || (p >= 0x20000 && p <= 0x2a6df) ||
           (p >= 0x2a700 && p <= 0x2b73f) || (p >= 0x2b740 && p <= 0x2b81f) || (p >= 0x2b920 && p <= 0x2ceaf) ||
           (p >= 0xf900 && p <= 0xfaff) || (p >= 0x2f800 && p <= 0x2fa1f);
}

uint32_t ew_class_category(uint32_t point) { return 1u << utf8proc_category((utf8proc_int32_t)point); }

uint32_t ew_class_named(const char *name, size_t n) {
    static const char names[][3] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps",
                                    "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"};
    uint32_t mask = 0; /* in the order of utf8proc's numbers */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n <= 2 && memcmp(names[i], name, n) == 0) mask |= 1u << i;
    return mask;
}

int ew_class_word(uint32_t p) {
    enum {
        WORD = 1 << UTF8PROC_CATEGORY_LU | 1 << UTF8PROC_CATEGORY_LL | 1 << UTF8PROC_CATEGORY_LT | 1 << UTF8PROC_CATEGORY_LM |
               1 << UTF8PROC_CATEGORY_LO | 1 << UTF8PROC_CATEGORY_MN | 1 << UTF8PROC_CATEGORY_MC | 1 << UTF8PROC_CATEGORY_ME |
               1 << UTF8PROC_CATEGORY_ND | 1 << UTF8PROC_CATEGORY_NL | 1 << UTF8PROC_CATEGORY_PC
    };
    return ((ew_class_category(p) & WORD) != 0) != (p >= 0x80 && WITHIN(words, p));
}

int ew_class_numeric(uint32_t p) {
    enum { NUMERIC = 1 << UTF8PROC_CATEGORY_ND | 1 << UTF8PROC_CATEGORY_NL | 1 << UTF8PROC_CATEGORY_NO };
    return (ew_class_category(p) & NUMERIC) != 0 || (p >= 0x10000 && WITHIN(numbers, p));
}

int ew_class_lower(uint32_t point, uint32_t out[2]) {
    if (point < 0x80) {
        out[0] = point >= 'A' && point <= 'Z' ? point + 32 : point;
        return 1;
    }
    if (point == 0x130) { /* the one character with a longer lower case */
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    size_t low = 0, high = sizeof lowers / sizeof *lowers;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (lowers[middle].first < point)
            low = middle + 1;
        else
            high = middle;
    }
    int here = low < sizeof lowers / sizeof *lowers && lowers[low].first == point;
    out[0] = here ? lowers[low].last : (uint32_t)utf8proc_tolower((utf8proc_int32_t)point);
    return 1;
}
