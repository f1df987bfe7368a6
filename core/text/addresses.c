/* Links, e-mail addresses, @handles, #hashtags, tags and entities of HTML: they name a place, a person or a conversation or lay
 * out a page, and what they hold is no word of a comment. */
#include <string.h>

#include "text.h"

enum {
    LOCAL_MAX = 64,     /* of the part of an e-mail address before its '@' (RFC 5321) */
    NAME_MAX_BYTES = 10, TAG_MAX = 512, ENTITY_MAX = 8
};

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

/* Bytes of the #hashtag whose '#' is at `at`: a letter first, or it is a number ("#4") or a sign ("C#"). */
static size_t hashtag_at(const char *text, size_t n, size_t at) {
    size_t end = at + 1;
    if (at && (is_alnum(text[at - 1]) || text[at - 1] == '&' || text[at - 1] == '/')) return 0;
    if (end == n || (text[end] >= '0' && text[end] <= '9')) return 0;
    if (!((unsigned char)text[end] >= 0x80 || is_alnum(text[end]))) return 0;
    while (end < n && (is_alnum(text[end]) || text[end] == '_' || (unsigned char)text[end] >= 0x80)) end++;
    return end - at;
}

/* Bytes of the HTML tag or entity that begins at text[at]; 0: none. Only HTML's own names count: people put much else in
 * angles. */
static size_t markup_at(const char *text, size_t n, size_t at) {
    static const char *const tags[] = {
        "a",  "b",  "big", "blockquote", "body", "br", "center", "code",  "div",  "em",     "font",  "h1",  "h2",
        "h3", "h4", "h5",  "hr",         "html", "i",  "img",    "li",    "ol",   "p",      "pre",   "s",   "small",
        "span", "strong", "style", "sub", "sup", "table", "tbody", "td", "th", "tr", "u", "ul"};
    size_t end = at + 1, length;
    if (text[at] == '&') {
        end += end < n && text[end] == '#';
        for (length = 0; end < n && is_alnum(text[end]) && length < ENTITY_MAX; end++) length++;
        return length > 1 && end < n && text[end] == ';' ? end + 1 - at : 0;
    }
    end += end < n && text[end] == '/';
    char name[NAME_MAX_BYTES + 1] = "";
    for (length = 0; end < n && is_alnum(text[end]) && length < NAME_MAX_BYTES; end++) name[length++] = (char)(text[end] | 0x20);
    int known = 0;
    for (size_t i = 0; i < sizeof tags / sizeof *tags && length; i++) known |= strcmp(name, tags[i]) == 0;
    if (!known || end == n || (text[end] != '>' && text[end] != '/' && text[end] != ' ')) return 0;
    size_t most = n - at < TAG_MAX ? n : at + TAG_MAX;
    while (end < most && text[end] != '>' && text[end] != '<') end++;
    return end < most && text[end] == '>' ? end + 1 - at : 0;
}

static const unsigned char MAY_BEGIN[256] = {['@'] = 1, ['h'] = 1, ['w'] = 1, ['W'] = 1, ['#'] = 1, ['<'] = 1, ['&'] = 1};

int ew_text_next_address(const char *text, size_t n, size_t *at, ew_range *out) {
    for (size_t i = *at; i < n; i++) {
        char c = text[i];
        if (!MAY_BEGIN[(unsigned char)c]) continue;
        ew_range found = {0, 0};
        if (c == '@') {
            found = around(text, n, *at, i);
        } else if ((c == 'h' || c == 'w' || c == 'W') && (i == 0 || !is_alnum(text[i - 1]))) {
            size_t length = ew_text_link_at(text, n, i);
            found = (ew_range){(uint32_t)i, (uint32_t)(i + length)};
        } else if (c == '#') {
            found = (ew_range){(uint32_t)i, (uint32_t)(i + hashtag_at(text, n, i))};
        } else if (c == '<' || c == '&') {
            found = (ew_range){(uint32_t)i, (uint32_t)(i + markup_at(text, n, i))};
        }
        if (found.end <= found.start) continue;
        *out = found;
        *at = found.end;
        return 1;
    }
    *at = n;
    return 0;
}
