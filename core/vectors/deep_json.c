/* As much JSON as the files of a model need. */
#include <string.h>

#include "deep_inside.h"

enum { DEEPEST = 64 };

int ew_deep_json_bad(ew_deep_json *j, const char *why) {
    if (!j->bad) j->bad = why;
    return 0;
}

static int blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static int look(ew_deep_json *j) { /* the next byte that is not blank; 0 at the end */
    while (j->at < j->end && blank(*j->at)) j->at++;
    return j->at < j->end ? (unsigned char)*j->at : 0;
}

int ew_deep_json_take(ew_deep_json *j, char want) {
    if (j->bad || look(j) != want) return 0;
    j->at++;
    return 1;
}

int ew_deep_json_string(ew_deep_json *j, char *out, size_t room) {
    size_t n = 0;
    if (!ew_deep_json_take(j, '"')) return ew_deep_json_bad(j, "a string is missing");
    while (j->at < j->end && *j->at != '"') {
        if ((unsigned char)*j->at < 0x20) return ew_deep_json_bad(j, "a string holds a control character");
        size_t unit = *j->at == '\\' && j->end - j->at > 1 ? 2 : 1;
        for (; unit; unit--, j->at++)
            if (n + 1 < room) out[n++] = *j->at;
    }
    out[n] = 0;
    return ew_deep_json_take(j, '"') ? 1 : ew_deep_json_bad(j, "a string does not end");
}

static int digits(ew_deep_json *j, double *value, int *count) {
    int n = 0;
    for (; j->at < j->end && *j->at >= '0' && *j->at <= '9'; j->at++, n++)
        if (n < 40) *value = *value * 10 + (*j->at - '0');
    *count = n;
    return n > 0 && n <= 40;
}

int ew_deep_json_number(ew_deep_json *j, double *out) {
    static const char *const why = "a number is missing or not one";
    double value = 0, exponent = 0;
    int n, places = 0, minus = ew_deep_json_take(j, '-');
    if (j->bad || (!minus && !look(j)) || !digits(j, &value, &n)) return ew_deep_json_bad(j, why);
    if (j->at < j->end && *j->at == '.') {
        j->at++;
        if (!digits(j, &value, &places)) return ew_deep_json_bad(j, why);
    }
    if (j->at < j->end && (*j->at == 'e' || *j->at == 'E')) {
        int down = ++j->at < j->end && *j->at == '-';
        if (j->at < j->end && (*j->at == '-' || *j->at == '+')) j->at++;
        if (!digits(j, &exponent, &n) || n > 3) return ew_deep_json_bad(j, why);
        if (down) exponent = -exponent;
    }
    for (int e = (int)exponent - places; e; e += e < 0 ? 1 : -1) value = e < 0 ? value / 10 : value * 10;
    *out = minus ? -value : value;
    return 1;
}

static int of_a_scalar(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

/* What is skipped is held to matching brackets and whole strings, not to commas. */
int ew_deep_json_skip(ew_deep_json *j) {
    char open[DEEPEST], text[8];
    int depth = 0;
    do {
        int c = look(j);
        if (!c) return ew_deep_json_bad(j, "something does not end");
        if (c == '"') {
            if (!ew_deep_json_string(j, text, sizeof text)) return 0;
        } else if (c == '{' || c == '[') {
            if (depth == DEEPEST) return ew_deep_json_bad(j, "it is nested more than 64 deep");
            open[depth++] = c == '{' ? '}' : ']';
            j->at++;
        } else if (c == '}' || c == ']') {
            if (!depth || open[--depth] != c) return ew_deep_json_bad(j, "brackets do not match");
            j->at++;
        } else if ((c == ',' || c == ':') && depth) {
            j->at++;
        } else {
            const char *from = j->at;
            while (j->at < j->end && of_a_scalar(*j->at)) j->at++;
            if (j->at == from) return ew_deep_json_bad(j, "a value is missing");
        }
    } while (depth);
    return 1;
}

int ew_deep_json_next(ew_deep_json *j, int *step, char *key, size_t room) {
    if (j->bad) return 0;
    if (!*step) {
        if (!ew_deep_json_take(j, '{')) return ew_deep_json_bad(j, "an object is missing");
        *step = 1;
        if (ew_deep_json_take(j, '}')) return 0;
    } else if (!ew_deep_json_take(j, ',')) {
        return ew_deep_json_take(j, '}') ? 0 : ew_deep_json_bad(j, "an object does not end");
    }
    if (!ew_deep_json_string(j, key, room)) return 0;
    return ew_deep_json_take(j, ':') ? 1 : ew_deep_json_bad(j, "a ':' is missing");
}

int ew_deep_json_end(ew_deep_json *j) {
    if (!j->bad && look(j)) ew_deep_json_bad(j, "something stands behind its end");
    return !j->bad;
}
