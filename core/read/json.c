#include "../base/utf8.h"
#include "inside.h"

/* One JSON object, checked against RFC 8259. Where the bytes run out (at == end) the answer is "more", never "bad", so that
 * the size of the blocks an input comes in cannot show. */

enum { DEPTH_MAX = 1024 };

typedef struct scanner {
    char *at, *end;
    const ew_window *window; /* for its marks */
    bool one_line;
    const char *why;
} scanner;

static ew_scan bad(scanner *s, const char *why) {
    s->why = why;
    return EW_SCAN_BAD;
}

static inline void skip_blanks(scanner *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || (*s->at == '\n' && !s->one_line))) s->at++;
}

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* at: a backslash; moves behind the escape. */
static ew_scan escape(scanner *s) {
    if (s->end - s->at < 2) return EW_SCAN_MORE;
    char c = s->at[1];
    if (c != 'u') {
        if (!c || !strchr("\"\\/bfnrt", c)) return bad(s, "an escape that JSON does not know");
        s->at += 2;
        return EW_SCAN_OK;
    }
    for (int i = 2; i < 6; i++) {
        if (s->at + i >= s->end) return EW_SCAN_MORE;
        if (!is_hex(s->at[i])) return bad(s, "a \\u without four hexadecimal digits");
    }
    s->at += 6;
    return EW_SCAN_OK;
}

/* at: behind the opening quote; stays on the closing one. The mark at the window's end stops the search. */
static inline ew_scan string(scanner *s, bool *escaped) {
    *escaped = false;
    for (;;) {
        size_t i = (size_t)(s->at - s->window->data);
        uint64_t word = s->window->marks[i / 64] >> (i % 64);
        if (!word) {
            for (i /= 64; !word;) word = s->window->marks[++i];
            i *= 64;
        }
        s->at = s->window->data + i + (size_t)__builtin_ctzll(word);
        if (s->at >= s->end) return EW_SCAN_MORE;
        if (*s->at == '"') return EW_SCAN_OK;
        if (*s->at != '\\') return bad(s, "a control character inside a string");
        *escaped = true;
        ew_scan result = escape(s);
        if (result != EW_SCAN_OK) return result;
    }
}

static ew_scan digits(scanner *s) {
    if (s->at < s->end && !is_digit(*s->at)) return bad(s, "a number that JSON does not know");
    while (s->at < s->end && is_digit(*s->at)) s->at++;
    return s->at < s->end ? EW_SCAN_OK : EW_SCAN_MORE;
}

static ew_scan number(scanner *s) {
    ew_scan result;
    if (*s->at == '-') s->at++;
    if (s->at < s->end && *s->at == '0') {
        s->at++;
        if (s->at < s->end && is_digit(*s->at)) return bad(s, "a number that begins with 0");
        result = s->at < s->end ? EW_SCAN_OK : EW_SCAN_MORE;
    } else {
        result = digits(s);
    }
    if (result == EW_SCAN_OK && *s->at == '.') {
        s->at++;
        result = digits(s);
    }
    if (result == EW_SCAN_OK && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-')) s->at++;
        result = digits(s);
    }
    return result;
}

static ew_scan literal(scanner *s, const char *word) {
    for (; *word; word++, s->at++) {
        if (s->at >= s->end) return EW_SCAN_MORE;
        if (*s->at != *word) return bad(s, "a word that JSON does not know");
    }
    return EW_SCAN_OK;
}

/* Any value that is neither a string nor nested. */
static ew_scan bare(scanner *s) {
    switch (*s->at) {
    case 't': return literal(s, "true");
    case 'f': return literal(s, "false");
    case 'n': return literal(s, "null");
    default: return *s->at == '-' || is_digit(*s->at) ? number(s) : bad(s, "no value where one is due");
    }
}

/* A string from its opening to behind its closing quote. */
static ew_scan whole_string(scanner *s) {
    bool escaped;
    s->at++;
    ew_scan result = string(s, &escaped);
    if (result == EW_SCAN_OK) s->at++;
    return result;
}

/* "key" : up to the value. */
static ew_scan nested_key(scanner *s) {
    skip_blanks(s);
    if (s->at >= s->end) return EW_SCAN_MORE;
    if (*s->at != '"') return bad(s, "no name where one is due");
    ew_scan result = whole_string(s);
    if (result != EW_SCAN_OK) return result;
    skip_blanks(s);
    if (s->at >= s->end) return EW_SCAN_MORE;
    if (*s->at != ':') return bad(s, "no ':' behind a name");
    s->at++;
    return EW_SCAN_OK;
}

/* at: '{' or '['; moves behind its end. A bit for each open level says which of the two it is. */
static ew_scan nested(scanner *s) {
    uint64_t objects[DEPTH_MAX / 64] = {0};
    size_t depth = 0;
    bool value = true; /* a value is due */
    do {
        skip_blanks(s);
        if (s->at >= s->end) return EW_SCAN_MORE;
        ew_scan result = EW_SCAN_OK;
        size_t top = depth - 1;
        bool object = depth && (objects[top / 64] >> (top % 64) & 1);
        if (!value) {
            char c = *s->at++;
            if (c == ',') {
                value = true;
                if (object) result = nested_key(s);
            } else if (c == (object ? '}' : ']')) {
                depth--;
            } else {
                s->at--;
                result = bad(s, "neither ',' nor an end behind a nested value");
            }
        } else if (*s->at == '{' || *s->at == '[') {
            if (depth == DEPTH_MAX) return bad(s, "nested deeper than 1024 levels");
            object = *s->at++ == '{';
            uint64_t bit = (uint64_t)1 << (depth % 64);
            objects[depth / 64] = object ? objects[depth / 64] | bit : objects[depth / 64] & ~bit;
            depth++;
            skip_blanks(s);
            if (s->at >= s->end) return EW_SCAN_MORE;
            if (*s->at == (object ? '}' : ']'))
                value = false; /* empty: its end comes next */
            else if (object)
                result = nested_key(s);
        } else {
            result = *s->at == '"' ? whole_string(s) : bare(s);
            value = false;
        }
        if (result != EW_SCAN_OK) return result;
    } while (depth);
    return EW_SCAN_OK;
}

/* Puts a value where its name is wanted. Of several names for a column the lowest rank wins, of equals the last. */
static void keep(ew_slot slots[EW_COLUMNS], const ew_name *name, char *start, size_t length, bool escaped) {
    for (unsigned mask = name->columns; mask; mask &= mask - 1) {
        ew_slot *slot = &slots[__builtin_ctz(mask)];
        if (name->rank > slot->rank) continue;
        if (start)
            *slot = (ew_slot){start, (uint32_t)length, name->rank, escaped};
        else if (name->rank == slot->rank)
            *slot = (ew_slot){.rank = EW_RANK_NONE}; /* null, or nested: the same as not there */
    }
}

/* Whether p holds a name and its closing quote; 16 bytes may be looked at. */
static inline bool is_key(const char *p, const ew_name *name) {
    if (!name->mask[0]) return p[name->length] == '"' && memcmp(p, name->text, name->length) == 0;
    uint64_t have[2];
    memcpy(have, p, sizeof have);
    return (((have[0] ^ name->head[0]) & name->mask[0]) | ((have[1] ^ name->head[1]) & name->mask[1])) == 0;
}

/* at: behind the opening quote of a name; moves to behind its closing quote. Records mostly repeat each other's names. */
static ew_scan key(scanner *s, ew_columns *columns, size_t order, const ew_name **out) {
    ew_name *guess = order < EW_EXPECTED ? columns->expected[order] : NULL;
    if (guess && (size_t)(s->end - s->at) > guess->length && is_key(s->at, guess)) {
        if (!ew_columns_mark(columns, guess)) return bad(s, NULL);
        s->at += guess->length + 1;
        *out = guess;
        return EW_SCAN_OK;
    }
    char *start = s->at, plain[EW_NAME_LENGTH + 1];
    bool escaped;
    ew_scan result = string(s, &escaped);
    if (result != EW_SCAN_OK) return result;
    size_t n = (size_t)(s->at - start);
    s->at++;
    if (escaped && n <= sizeof plain) {
        memcpy(plain, start, n);
        n = ew_json_unescape(plain, n);
        start = plain;
    }
    ew_name *name = ew_columns_name(columns, start, n);
    if (!name) return bad(s, NULL);
    bool kept = name != &columns->passing && !escaped && n <= EW_NAME_LENGTH;
    if (order < EW_EXPECTED) columns->expected[order] = kept ? name : NULL;
    *out = name;
    return EW_SCAN_OK;
}

/* at: '{'; moves behind its '}'. */
static ew_scan object(scanner *s, ew_columns *columns, ew_slot slots[EW_COLUMNS]) {
    s->at++;
    for (size_t order = 0;; order++) {
        ew_scan result;
        const ew_name *name;
        skip_blanks(s);
        if (s->at >= s->end) return EW_SCAN_MORE;
        if (order == 0 && *s->at == '}') break;
        if (*s->at != '"') return bad(s, "no name where one is due");
        s->at++;
        if ((result = key(s, columns, order, &name)) != EW_SCAN_OK) return result;
        skip_blanks(s);
        if (s->at >= s->end) return EW_SCAN_MORE;
        if (*s->at != ':') return bad(s, "no ':' behind a name");
        s->at++;
        skip_blanks(s);
        if (s->at >= s->end) return EW_SCAN_MORE;
        char *start = s->at;
        if (*start == '"') {
            bool escaped;
            s->at++;
            if ((result = string(s, &escaped)) != EW_SCAN_OK) return result;
            if (name->columns) keep(slots, name, start + 1, (size_t)(s->at - start - 1), escaped);
            s->at++;
        } else {
            bool none = *start == '{' || *start == '[' || *start == 'n';
            result = *start == '{' || *start == '[' ? nested(s) : bare(s);
            if (result != EW_SCAN_OK) return result;
            if (name->columns) keep(slots, name, none ? NULL : start, (size_t)(s->at - start), false);
        }
        skip_blanks(s);
        if (s->at >= s->end) return EW_SCAN_MORE;
        if (*s->at == '}') break;
        if (*s->at != ',') return bad(s, "neither ',' nor '}' behind a value");
        s->at++;
    }
    s->at++;
    return EW_SCAN_OK;
}

ew_scan ew_json_object(const ew_window *window, char *p, char *end, bool one_line, ew_slot slots[EW_COLUMNS], const char **stop,
                       const char **why) {
    scanner s = {p, end, window, one_line, ""};
    for (int c = 0; c < EW_COLUMNS; c++) slots[c] = (ew_slot){.rank = EW_RANK_NONE};
    ew_scan result = p >= end ? EW_SCAN_MORE : *p != '{' ? bad(&s, "not a JSON object") : object(&s, window->columns, slots);
    *stop = s.at;
    *why = s.why;
    return result;
}

static uint32_t hex4(const char *p) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value = value * 16 + (uint32_t)(is_digit(p[i]) ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return value;
}

/* The code point of a \u at p[0 .. n), *used its bytes; half a surrogate pair is U+FFFD. */
static uint32_t code_point(const char *p, size_t n, size_t *used) {
    uint32_t point = hex4(p + 2);
    *used = 6;
    if (point < 0xd800 || point > 0xdfff) return point;
    if (point < 0xdc00 && n >= 12 && p[6] == '\\' && p[7] == 'u') {
        uint32_t low = hex4(p + 8);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *used = 12;
            return 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return 0xfffd;
}

size_t ew_json_unescape(char *text, size_t n) {
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    size_t from = 0, to = 0;
    while (from < n) {
        const char *next = memchr(text + from, '\\', n - from);
        size_t run = next ? (size_t)(next - text) - from : n - from;
        if (run && to != from) memmove(text + to, text + from, run);
        from += run;
        to += run;
        if (from == n) break;
        if (text[from + 1] == 'u') {
            size_t used;
            uint32_t point = code_point(text + from, n - from, &used);
            from += used;
            to += ew_utf8_encode(point, text + to); /* never longer than the escape */
        } else {
            const char *name = strchr(names, text[from + 1]);
            text[to++] = name ? values[name - names] : text[from + 1];
            from += 2;
        }
    }
    return to;
}
