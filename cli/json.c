/* Recursive descent with a fixed depth; strings are decoded into one block as long as the text. */
#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { DEEPEST = 32 };

static void blanks(const char **at) { *at += strspn(*at, " \t\r\n"); }

static int hex4(const char *at, int32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdefABCDEF", *found = at[i] ? strchr(digits, at[i]) : NULL;
        if (!found) return 0;
        int32_t value = (int32_t)(found - digits);
        *out = *out * 16 + (value > 15 ? value - 6 : value);
    }
    return 1;
}

static int escape(json_tree *tree, const char **at) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *(*at)++;
    const char *plain = c ? strchr(from, c) : NULL;
    if (plain) return *tree->free_room++ = to[plain - from], 1;
    int32_t point, low;
    if (c != 'u' || !hex4(*at, &point)) return 0;
    *at += 4;
    if (point >= 0xd800 && point < 0xdc00 && (*at)[0] == '\\' && (*at)[1] == 'u' && hex4(*at + 2, &low) && low >= 0xdc00 &&
        low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        *at += 6;
    }
    if (!point || (point >= 0xd800 && point < 0xe000)) point = 0xfffd;
    tree->free_room += utf8proc_encode_char(point, (utf8proc_uint8_t *)tree->free_room);
    return 1;
}

static const char *string(json_tree *tree, const char **at) {
    const char *begin = tree->free_room;
    if (*(*at)++ != '"') return NULL;
    while (**at && **at != '"') {
        char c = *(*at)++;
        if (c != '\\')
            *tree->free_room++ = c;
        else if (!escape(tree, at))
            return NULL;
    }
    if (*(*at)++ != '"') return NULL;
    *tree->free_room++ = 0;
    return begin;
}

static size_t add(json_tree *tree) {
    if (tree->n == tree->capacity) {
        size_t wanted = tree->capacity ? 2 * tree->capacity : 64;
        json_node *more = realloc(tree->nodes, wanted * sizeof *more);
        if (!more) return SIZE_MAX;
        tree->nodes = more;
        tree->capacity = wanted;
    }
    tree->nodes[tree->n] = (json_node){.key = "", .text = ""};
    return tree->n++;
}

static size_t value(json_tree *tree, const char **at, int depth);

/* The parts of an array or object up to its closing bracket. */
static int parts(json_tree *tree, const char **at, size_t parent, char close, int depth) {
    size_t last = 0;
    blanks(at);
    if (**at == close) return (*at)++, 1;
    for (;;) {
        const char *key = "";
        blanks(at);
        if (close == '}') {
            key = string(tree, at);
            if (!key) return 0; /* *at may be beyond the end */
            blanks(at);
            if (*(*at)++ != ':') return 0;
        }
        size_t part = value(tree, at, depth + 1);
        if (part == SIZE_MAX) return 0;
        tree->nodes[part].key = key;
        if (last)
            tree->nodes[last].next = part;
        else
            tree->nodes[parent].first = part;
        last = part;
        blanks(at);
        char c = *(*at)++;
        if (c == close) return 1;
        if (c != ',') return 0;
    }
}

static size_t value(json_tree *tree, const char **at, int depth) {
    static const struct {
        const char *word;
        json_kind kind;
    } words[] = {{"null", JSON_NULL}, {"false", JSON_FALSE}, {"true", JSON_TRUE}};
    blanks(at);
    size_t node = depth < DEEPEST ? add(tree) : SIZE_MAX;
    if (node == SIZE_MAX) return node;
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(words[i].word);
        if (strncmp(*at, words[i].word, n) != 0) continue;
        *at += n;
        tree->nodes[node].kind = words[i].kind;
        return node;
    }
    if (**at == '{' || **at == '[') {
        char close = **at == '{' ? '}' : ']';
        tree->nodes[node].kind = **at == '{' ? JSON_OBJECT : JSON_ARRAY;
        (*at)++;
        return parts(tree, at, node, close, depth) ? node : SIZE_MAX;
    }
    if (**at == '"') {
        const char *text = string(tree, at);
        tree->nodes[node].kind = JSON_STRING;
        tree->nodes[node].text = text;
        return text ? node : SIZE_MAX;
    }
    size_t n = strspn(*at, "+-0123456789.eE");
    if (!n) return SIZE_MAX;
    tree->nodes[node].kind = JSON_NUMBER;
    tree->nodes[node].text = tree->free_room;
    memcpy(tree->free_room, *at, n);
    tree->free_room[n] = 0;
    tree->free_room += n + 1;
    *at += n;
    return node;
}

int json_parse(const char *text, json_tree *out) {
    *out = (json_tree){0};
    out->room = out->free_room = malloc(2 * strlen(text) + 16); /* a number gains its NUL: at most twice the text */
    size_t root = out->room ? value(out, &text, 0) : SIZE_MAX;
    if (root != SIZE_MAX) blanks(&text);
    if (root != SIZE_MAX && !*text) return 1;
    json_free(out);
    return 0;
}

void json_free(json_tree *tree) {
    free(tree->nodes);
    free(tree->room);
    *tree = (json_tree){0};
}
