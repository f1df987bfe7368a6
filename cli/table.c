/* JSON as a table for people: names on the left, values on the right, sections indented. Units follow from the names:
 * ..._bytes and memory are sizes, ..._seconds are times, whole numbers get their thousands marked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "terminal.h"

enum { NAMES = 22 }; /* columns of the names */

static int ends(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static void number(const char *key, const char *text, char room[64]) {
    double value = strtod(text, NULL);
    char part[32];
    if ((ends(key, "bytes") || ends(key, "memory") || ends(key, "rss")) && value >= 0)
        snprintf(room, 64, "%s", cli_bytes(value, part));
    else if (ends(key, "seconds"))
        snprintf(room, 64, value < 10 ? "%.1f s" : "%.0f s", value);
    else if (value >= 10000 && floor(value) == value && value < 1e15 && !ends(key, "seed"))
        snprintf(room, 64, "%s", cli_grouped((uint64_t)value, part));
    else
        snprintf(room, 64, "%.60s", text);
}

static void scalar(FILE *out, const json_node *node, const char *key, int columns) {
    static const char *const words[] = {"-", "no", "yes"};
    char room[64] = "";
    const char *text = node->text;
    if (node->kind <= JSON_TRUE) text = words[node->kind];
    if (node->kind == JSON_NUMBER) {
        number(key, node->text, room);
        text = room;
    }
    cli_put_safe(out, *text ? text : "-", strlen(*text ? text : "-"), columns);
}

static void name(FILE *out, const char *key, int indent, int gap) {
    char words[NAMES + 1];
    size_t n = strlen(key);
    if (ends(key, "_bytes")) n -= 6;
    if (ends(key, "_seconds")) n -= 8;
    if (n > NAMES) n = NAMES;
    for (size_t i = 0; i < n; i++) words[i] = key[i] == '_' ? ' ' : key[i];
    fprintf(out, "%*s", indent, "");
    int used = cli_put_safe(out, words, n, NAMES - indent);
    if (gap) fprintf(out, "%*s", NAMES - indent - used + 2, "");
}

static void section(FILE *out, const json_tree *tree, size_t node, int indent, int columns);

/* An array: scalars on one line, parted by commas; objects one line each, "name value" pairs. */
static void array(FILE *out, const json_tree *tree, size_t node, const char *key, int columns) {
    size_t part = tree->nodes[node].first;
    if (!part) fputs("-", out);
    for (int n = 0; part; part = tree->nodes[part].next, n++) {
        const json_node *item = &tree->nodes[part];
        if (item->kind == JSON_OBJECT || item->kind == JSON_ARRAY) {
            if (n) fprintf(out, "\n%*s", NAMES + 2, "");
            for (size_t i = item->first; i; i = tree->nodes[i].next) {
                const json_node *field = &tree->nodes[i];
                if (i != item->first) fputs("  ", out);
                if (*field->key) fprintf(out, "%s ", field->key);
                scalar(out, field, field->key, columns);
            }
        } else {
            if (n) fputs(", ", out);
            scalar(out, item, key, columns);
        }
    }
}

static void section(FILE *out, const json_tree *tree, size_t node, int indent, int columns) {
    for (size_t part = tree->nodes[node].first; part; part = tree->nodes[part].next) {
        const json_node *item = &tree->nodes[part];
        int deeper = item->kind == JSON_OBJECT && item->first;
        name(out, item->key, indent, !deeper);
        if (deeper) {
            fputc('\n', out);
            if (indent < NAMES / 2) section(out, tree, part, indent + 2, columns);
            continue;
        }
        if (item->kind == JSON_ARRAY || item->kind == JSON_OBJECT)
            array(out, tree, part, item->key, columns);
        else
            scalar(out, item, item->key, columns);
        fputc('\n', out);
    }
}

void cli_json_table(FILE *out, const char *json) {
    json_tree tree;
    int columns = cli_columns(STDOUT_FILENO) - NAMES - 2;
    if (json_parse(json, &tree) && tree.nodes[0].kind == JSON_OBJECT) {
        section(out, &tree, 0, 0, columns > 20 ? columns : 20);
    } else {
        cli_put_safe(out, json, strlen(json), 0);
        fputc('\n', out);
    }
    json_free(&tree);
}
