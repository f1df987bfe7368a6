/* Text for terminals: safe, cut to width; numbers for people. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include "terminal.h"

typedef struct glyph {
    char bytes[4];
    int length, width;
} glyph;

/* The next thing to show of text[*at .. n): 0 at the end. White space of any length is one blank. */
static int next(const char *text, size_t n, size_t *at, glyph *out) {
    int blank = 0;
    while (*at < n) {
        utf8proc_int32_t point = -1;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text + *at, (utf8proc_ssize_t)(n - *at), &point);
        utf8proc_category_t category = length > 0 ? utf8proc_category(point) : UTF8PROC_CATEGORY_CN;
        int space = length > 0 && (category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
                                   category == UTF8PROC_CATEGORY_ZP || (point >= 9 && point <= 13));
        int hidden = length > 0 && !space &&
                     (category == UTF8PROC_CATEGORY_CC ||
                      (category == UTF8PROC_CATEGORY_CF && point != 0x200c && point != 0x200d)); /* joiners shape words */
        if (!space && !hidden && blank) break;
        if (length <= 0) length = 1;
        *at += (size_t)length;
        blank |= space;
        if (space || hidden) continue;
        if (category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CS)
            point = 0xfffd;
        out->length = (int)utf8proc_encode_char(point, (utf8proc_uint8_t *)out->bytes);
        out->width = utf8proc_charwidth(point);
        return 1;
    }
    if (!blank) return 0;
    *out = (glyph){" ", 1, 1};
    return 1;
}

int cli_put_safe(FILE *out, const char *text, size_t n, int columns) {
    glyph one;
    int whole = 0, used = 0;
    size_t at = 0;
    while (next(text, n, &at, &one) && (!columns || whole <= columns)) whole += one.width;
    int room = columns && whole > columns ? columns - 1 : whole; /* the last column is the ellipsis' */
    for (at = 0; next(text, n, &at, &one) && used + one.width <= room; used += one.width)
        fwrite(one.bytes, 1, (size_t)one.length, out);
    if (room == whole || columns < 1) return used;
    fputs("…", out);
    return used + 1;
}

int cli_columns(int file) {
    struct winsize size = {0};
    if (isatty(file) && ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    const char *told = getenv("COLUMNS");
    long columns = told ? strtol(told, NULL, 10) : 0;
    return columns >= 20 && columns <= 10000 ? (int)columns : 80;
}

int cli_colour(int file) {
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(file) && !(no && *no) && terminal && strcmp(terminal, "dumb") != 0;
}

const char *cli_grouped(uint64_t value, char room[32]) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, value);
    char *to = room;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0) *to++ = ',';
        *to++ = digits[i];
    }
    *to = 0;
    return room;
}

const char *cli_bytes(double value, char room[32]) {
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    int whole = value >= 100 || value == (double)(int64_t)value;
    snprintf(room, 32, "%.*f %s", whole ? 0 : 1, value, units[unit]);
    return room;
}
