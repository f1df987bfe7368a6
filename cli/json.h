/* A small reader of JSON, for what the library itself wrote. */
#ifndef EW_CLI_JSON_H
#define EW_CLI_JSON_H

#include <stddef.h>

typedef enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

/* A node of the tree, in the order of the text: the parts of an array or object follow it, `next` leads to the sibling. */
typedef struct json_node {
    json_kind kind;
    const char *key, *text; /* decoded, NUL-terminated; key "" where there is none; text of numbers as written */
    size_t first, next;     /* first part and next sibling; 0: none */
} json_node;

typedef struct json_tree {
    json_node *nodes;
    size_t n, capacity;
    char *room, *free_room;
} json_tree;

/* nodes[0] is the root. Returns 0 for what is no JSON, is nested deeper than 32, or without memory. */
int json_parse(const char *text, json_tree *out);
void json_free(json_tree *tree);

#endif
