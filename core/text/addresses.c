/* Links, e-mail addresses and @handles: they name a place or a person, and what they hold is no word of a comment. */
#include <string.h>

#include "text.h"

enum { LOCAL_MAX = 64 }; /* of the part of an e-mail address before its '@' (RFC 5321) */

static int is_alnum(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }
static int is_local(char c) { return is_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-'; }

size_t ew_text_link_at(const char *text, size_t n, size_t at) {
    size_t left = n - at;
    if (!((left > 8 && (memcmp(text + at, "http://", 7) == 0 || memcmp(text + at, "https://", 8) == 0)) ||
          (left > 4 && (memcmp(text + at, "www.", 4) == 0 || memcmp(text + at, "WWW.", 4) == 0))))
        return 0;
    size_t end = at;
    while (end < n && (unsigned char)text[end] > ' ' && (unsigned char)text[end] < 0x7f && !memchr("<>\"", text[end], 3)) end++;
    while (end > at && memchr(".,!?;:)'", text[end - 1], 8)) end--;
    return end - at;
}

/* The address or handle whose '@' is at `at`, nothing of it before `from`; an empty range: there is none. */
static ew_range around(const char *text, size_t n, size_t from, size_t at) {
    size_t start = at, end = at + 1;
    if (at > from && is_alnum(text[at - 1])) /* not ".@handle" */
        while (start > from && at - start < LOCAL_MAX && is_local(text[start - 1])) start--;
    if (start < at) { /* somebody@some.where */
        while (end < n && (is_alnum(text[end]) || text[end] == '.' || text[end] == '-')) end++;
        while (end > at + 1 && !is_alnum(text[end - 1])) end--;
    } else if (at == 0 || (unsigned char)text[at - 1] < 0x80) {
        while (end < n && (is_alnum(text[end]) || text[end] == '_')) end++;
    }
    return end > at + 1 ? (ew_range){(uint32_t)start, (uint32_t)end} : (ew_range){0, 0};
}

int ew_text_next_address(const char *text, size_t n, size_t *at, ew_range *out) {
    for (size_t i = *at; i < n; i++) {
        char c = text[i];
        ew_range found = {0, 0};
        if (c == '@') {
            found = around(text, n, *at, i);
        } else if ((c == 'h' || c == 'w' || c == 'W') && (i == 0 || !is_alnum(text[i - 1]))) {
            size_t length = ew_text_link_at(text, n, i);
            found = (ew_range){(uint32_t)i, (uint32_t)(i + length)};
        }
        if (found.end <= found.start) continue;
        *out = found;
        *at = found.end;
        return 1;
    }
    *at = n;
    return 0;
}
