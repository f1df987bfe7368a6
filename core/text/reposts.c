/* Posts passed on with a word of one's own: RT @name: ..., and "@name: ..." in quotation marks. Agents' answers above all come
 * back so, and groups were held together by what nobody but the agent had said. */
#include <string.h>

#include "points.h"

static int is_name(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_'; }

/* Bytes of the quotation mark at text[at], if it can open one; *closing: the mark that ends it. */
static size_t opening_at(const char *text, size_t end, size_t at, const char **closing) {
    *closing = "\"";
    if (text[at] == '"') return 1;
    *closing = "\xe2\x80\x9d";
    return end - at >= 3 && memcmp(text + at, "\xe2\x80\x9c", 3) == 0 ? 3 : 0;
}

/* Behind "@name" at text[at]; at itself: there is none. */
static size_t behind_name(const char *text, size_t end, size_t at) {
    size_t to = at + 1;
    if (at >= end || text[at] != '@') return at;
    while (to < end && is_name(text[to])) to++;
    return to > at + 1 ? to : at;
}

/* The end of the quoted post that begins with a mark at text[at]; at: none does. One without its end was cut off. */
static size_t quoted_end(const char *text, size_t end, size_t at) {
    const char *closing;
    size_t mark = opening_at(text, end, at, &closing), length, colon = behind_name(text, end, at + mark);
    if (!mark || colon == at + mark || colon >= end || text[colon] != ':') return at;
    for (length = strlen(closing); colon < end; colon++)
        if ((end - colon >= length && memcmp(text + colon, closing, length) == 0) || text[colon] == '"')
            return colon + (text[colon] == '"' ? 1 : length);
    return end;
}

int ew_text_next_repost(const char *text, size_t end, size_t *at, ew_range *out) {
    for (size_t i = *at, to; i < end; i++) {
        if (text[i] == '"' || text[i] == '\xe2') {
            to = quoted_end(text, end, i);
        } else if (text[i] == 'R' && end - i > 4 && memcmp(text + i, "RT ", 3) == 0 && (i == 0 || !is_name(text[i - 1]))) {
            to = behind_name(text, end, i + 3) > i + 3 ? end : i; /* the rest of the line is the other's */
        } else {
            continue;
        }
        if (to == i) continue;
        *out = (ew_range){(uint32_t)i, (uint32_t)to};
        *at = to;
        return 1;
    }
    *at = end;
    return 0;
}
