#include "json_read.h"

#include <string.h>

#include "alloc.h"
#include "utf8.h"

enum { DEPTH_MAX = 64, NODES_FIRST = 256 };
static const size_t BYTES_MAX = (size_t)1 << 30;

typedef struct reader {
    const char *name, *begin, *at, *end;
    ew_json *out;
    uint32_t capacity, used; /* nodes; bytes of text */
    ew_error *err;
} reader;

static ew_status bad(const reader *r, const char *why) {
    return ew_fail(r->err, EW_INPUT, "%s: byte %zu: not JSON that can be used: %s", r->name, (size_t)(r->at - r->begin), why);
}

static void skip_blanks(reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')) r->at++;
}

static int hex(const char *at, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c >= '0' && c <= '9'                 ? (uint32_t)(c - '0')
                         : (c | 32) >= 'a' && (c | 32) <= 'f' ? (uint32_t)((c | 32) - 'a' + 10)
                                                              : 16;
        if (digit == 16) return 0;
        *out = *out << 4 | digit;
    }
    return 1;
}

/* at: behind a backslash. The decoded form is never longer than the escape, so it always fits. */
static ew_status escape(reader *r) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *known = r->at < r->end && *r->at ? strchr(names, *r->at) : NULL;
    if (known) {
        r->out->text[r->used++] = values[known - names];
        r->at++;
        return EW_OK;
    }
    uint32_t point, low;
    if (r->end - r->at < 5 || *r->at != 'u' || !hex(r->at + 1, &point)) return bad(r, "an escape that JSON does not know");
    r->at += 5;
    if (point >= 0xdc00 && point < 0xe000) return bad(r, "half of a surrogate pair");
    if (point >= 0xd800 && point < 0xdc00) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u' || !hex(r->at + 2, &low) || low < 0xdc00 || low >= 0xe000)
            return bad(r, "half of a surrogate pair");
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    }
    r->used += (uint32_t)ew_utf8_encode(point, r->out->text + r->used);
    return EW_OK;
}

/* at: the opening quote. Decoded into the text, with NUL behind. */
static ew_status string(reader *r, uint32_t *start, uint32_t *length) {
    *start = r->used;
    for (r->at++;;) {
        const char *first = r->at;
        while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20) r->at++;
        size_t n = (size_t)(r->at - first), valid = ew_utf8_valid_prefix(first, n);
        if (valid < n) {
            r->at = first + valid;
            return bad(r, "a string that is not UTF-8");
        }
        memcpy(r->out->text + r->used, first, n);
        r->used += (uint32_t)n;
        if (r->at == r->end) return bad(r, "a string does not end");
        if (*r->at == '"') break;
        if (*r->at != '\\') return bad(r, "a control character inside a string");
        r->at++;
        ew_status status = escape(r);
        if (status != EW_OK) return status;
    }
    r->at++;
    *length = r->used - *start;
    r->out->text[r->used++] = 0;
    return EW_OK;
}

static int digits(reader *r) {
    const char *first = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
    return r->at > first;
}

static ew_status number(reader *r, ew_json_node *node) {
    const char *first = r->at;
    if (*r->at == '-') r->at++;
    const char *whole = r->at;
    int good = digits(r) && (*whole != '0' || r->at - whole == 1);
    if (good && r->at < r->end && *r->at == '.') {
        r->at++;
        good = digits(r);
    }
    if (good && r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
        good = digits(r);
    }
    if (!good) return bad(r, "a number that JSON does not know");
    node->kind = EW_JSON_NUMBER;
    node->text = r->used;
    node->length = (uint32_t)(r->at - first);
    memcpy(r->out->text + r->used, first, node->length);
    r->used += node->length;
    r->out->text[r->used++] = 0;
    return EW_OK;
}

static ew_status word(reader *r, const char *text, ew_json_kind kind, ew_json_node *node) {
    size_t n = strlen(text);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0) return bad(r, "a value is missing");
    r->at += n;
    node->kind = kind;
    return EW_OK;
}

static ew_status scalar(reader *r, ew_json_node *node) {
    switch (*r->at) {
    case '"':
        node->kind = EW_JSON_STRING;
        return string(r, &node->text, &node->length);
    case 't':
        return word(r, "true", EW_JSON_TRUE, node);
    case 'f':
        return word(r, "false", EW_JSON_FALSE, node);
    case 'n':
        return word(r, "null", EW_JSON_NULL, node);
    default:
        return *r->at == '-' || (*r->at >= '0' && *r->at <= '9') ? number(r, node) : bad(r, "a value is missing");
    }
}

static ew_status add_node(reader *r) {
    if (r->out->n == r->capacity) {
        uint32_t capacity = r->capacity ? r->capacity + r->capacity / 2 : NODES_FIRST;
        ew_json_node *nodes = ew_realloc(r->out->nodes, capacity, sizeof *nodes);
        if (!nodes) return ew_fail_memory(r->err, capacity * sizeof *nodes, r->name);
        r->out->nodes = nodes;
        r->capacity = capacity;
    }
    r->out->nodes[r->out->n++] = (ew_json_node){0};
    return EW_OK;
}

/* One value: `open` holds the arrays and objects around it. */
static ew_status values(reader *r) {
    uint32_t open[DEPTH_MAX], depth = 0;
    ew_status status;
    for (;;) {
        EW_TRY(add_node(r));
        uint32_t at = r->out->n - 1;
        ew_json_node *node = &r->out->nodes[at];
        skip_blanks(r);
        if (depth) {
            ew_json_node *parent = &r->out->nodes[open[depth - 1]];
            parent->count++;
            if (parent->kind == EW_JSON_OBJECT) {
                if (r->at == r->end || *r->at != '"') return bad(r, "the name of a member is missing");
                EW_TRY(string(r, &node->key, &node->key_length));
                skip_blanks(r);
                if (r->at == r->end || *r->at != ':') return bad(r, "a ':' is missing");
                r->at++;
                skip_blanks(r);
            }
        }
        if (r->at == r->end) return bad(r, "it ends too early");
        if (*r->at == '[' || *r->at == '{') {
            if (depth == DEPTH_MAX) return bad(r, "it is nested deeper than 64 levels");
            node->kind = *r->at == '[' ? EW_JSON_ARRAY : EW_JSON_OBJECT;
            open[depth++] = at;
            char close = *r->at == '[' ? ']' : '}';
            r->at++;
            skip_blanks(r);
            if (r->at == r->end || *r->at != close) continue; /* its first part */
        } else {
            EW_TRY(scalar(r, node));
            node->next = r->out->n;
        }
        for (;;) { /* what ends here */
            if (!depth) return EW_OK;
            ew_json_node *parent = &r->out->nodes[open[depth - 1]];
            char close = parent->kind == EW_JSON_ARRAY ? ']' : '}';
            skip_blanks(r);
            if (r->at == r->end) return bad(r, "it ends too early");
            if (*r->at == close) {
                r->at++;
                parent->next = r->out->n;
                depth--;
                continue;
            }
            if (*r->at != ',' || !parent->count) return bad(r, "a ',' is missing");
            r->at++;
            break;
        }
    }
done:
    return status;
}

ew_status ew_json_read(const char *name, const char *bytes, size_t n, ew_json *out, ew_error *err) {
    *out = (ew_json){0};
    reader r = {.name = name, .begin = bytes, .at = bytes, .end = bytes + n, .out = out, .err = err};
    ew_status status;
    if (n > BYTES_MAX) return ew_fail(err, EW_INPUT, "%s: its JSON is longer than 1 GiB", name);
    /* Every string and number takes its own bytes and a NUL, which a quote, a comma, a bracket or the end stands for. */
    out->text = ew_alloc(n + 2, 1);
    if (!out->text) return ew_fail_memory(err, n + 2, name);
    EW_TRY(values(&r));
    skip_blanks(&r);
    if (r.at < r.end) status = bad(&r, "something follows its end");
done:
    if (status != EW_OK) ew_json_free(out);
    return status;
}

void ew_json_free(ew_json *json) {
    ew_free(json->nodes);
    ew_free(json->text);
    *json = (ew_json){0};
}

const ew_json_node *ew_json_next(const ew_json *json, const ew_json_node *parent, const ew_json_node *part) {
    if (!parent || parent->count == 0) return NULL;
    uint32_t at = part ? part->next : (uint32_t)(parent - json->nodes) + 1;
    return at < parent->next ? &json->nodes[at] : NULL;
}

const ew_json_node *ew_json_member(const ew_json *json, const ew_json_node *object, const char *name) {
    const ew_json_node *found = NULL;
    size_t n = strlen(name);
    if (!object || object->kind != EW_JSON_OBJECT) return NULL;
    for (const ew_json_node *part = NULL; (part = ew_json_next(json, object, part));)
        if (part->key_length == n && memcmp(json->text + part->key, name, n) == 0) found = part;
    return found;
}

const char *ew_json_text(const ew_json *json, const ew_json_node *node) {
    return node && (node->kind == EW_JSON_STRING || node->kind == EW_JSON_NUMBER) ? json->text + node->text : "";
}

int ew_json_is(const ew_json *json, const ew_json_node *node, const char *text) {
    size_t n = strlen(text);
    return node && node->kind == EW_JSON_STRING && node->length == n && memcmp(json->text + node->text, text, n) == 0;
}

static double power_of_ten(int n) { /* 0 .. 308, correctly rounded: constants of the compiler for the first, products beyond */
    static const double small[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10,
                                   1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
                                   1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32};
    static const double large[] = {1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288};
    return n <= 32 ? small[n] : large[n / 32] * small[n % 32];
}

double ew_json_value(const ew_json *json, const ew_json_node *node) {
    if (!node || node->kind != EW_JSON_NUMBER) return 0;
    const char *at = json->text + node->text;
    int negative = *at == '-', exponent = 0, fraction = 0;
    uint64_t digits_of = 0;
    for (at += negative; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        if (*at == '.') {
            fraction = 1;
            continue;
        }
        uint64_t digit = (uint64_t)(*at - '0');
        int full = digits_of > (UINT64_MAX - digit) / 10;
        if (!full) digits_of = digits_of * 10 + digit;
        if (exponent > -100000 && exponent < 100000) exponent += full && !fraction ? 1 : !full && fraction ? -1 : 0;
        if (full && fraction) break; /* digits beyond what 64 bits hold are not looked at */
    }
    while ((*at >= '0' && *at <= '9') || *at == '.') at++;
    if (*at == 'e' || *at == 'E') {
        int minus = at[1] == '-', more = 0;
        for (at += at[1] == '-' || at[1] == '+' ? 2 : 1; *at >= '0' && *at <= '9'; at++)
            if (more < 100000) more = more * 10 + (*at - '0');
        exponent += minus ? -more : more;
    }
    double value = (double)digits_of;
    for (; exponent < -308 && value != 0; exponent += 308) value /= 1e308;
    if (exponent > 308)
        value = value == 0 ? 0 : value * 1e308 * 1e308; /* infinity, which callers refuse */
    else if (exponent >= 0)
        value *= power_of_ten(exponent);
    else if (value != 0)
        value /= power_of_ten(-exponent);
    return negative ? -value : value;
}

int ew_json_count(const ew_json *json, const ew_json_node *node, uint64_t most, uint64_t *out) {
    *out = 0;
    if (!node || node->kind != EW_JSON_NUMBER) return 0;
    const char *at = json->text + node->text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (*out > (UINT64_MAX - 9) / 10) return 0;
        *out = *out * 10 + (uint64_t)(*at - '0');
    }
    return *at == 0 && *out <= most;
}
