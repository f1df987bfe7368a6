/* Reading a JSON text whole, as a tree: for documents that are small beside a corpus (headers, tokenizers, configurations).
 * Checked against RFC 8259; strings are decoded and valid UTF-8. */
#ifndef EW_BASE_JSON_READ_H
#define EW_BASE_JSON_READ_H

#include "status.h"

typedef enum ew_json_kind {
    EW_JSON_NULL,
    EW_JSON_FALSE,
    EW_JSON_TRUE,
    EW_JSON_NUMBER,
    EW_JSON_STRING,
    EW_JSON_ARRAY,
    EW_JSON_OBJECT
} ew_json_kind;

/* In the order of the text: the parts of an array or object follow it, `next` leads past all of a value to what follows it. */
typedef struct ew_json_node {
    uint32_t key, key_length; /* where the name of an object's member begins in `text` */
    uint32_t text, length;    /* a string's bytes in `text`, followed by NUL; a number as it was written */
    uint32_t count, next;     /* parts of an array or object; number of the node after this value */
    ew_json_kind kind;
} ew_json_node;

typedef struct ew_json {
    ew_json_node *nodes; /* owned; nodes[0] is the root */
    char *text;          /* owned */
    uint32_t n;
} ew_json;

/* bytes[0 .. n): 1 GiB and 64 levels at most. EW_INPUT names the file, the byte and what is wrong there. */
EW_MUST_CHECK ew_status ew_json_read(const char *name, const char *bytes, size_t n, ew_json *out, ew_error *err);
void ew_json_free(ew_json *json);

/* The member of an object with that name (the last, where there are several); NULL: none, or no object. */
const ew_json_node *ew_json_member(const ew_json *json, const ew_json_node *object, const char *name);
/* The parts of an array or object one after the other: NULL starts, NULL ends. */
const ew_json_node *ew_json_next(const ew_json *json, const ew_json_node *parent, const ew_json_node *part);
const char *ew_json_text(const ew_json *json, const ew_json_node *node);         /* of a string or number; "" else */
int ew_json_is(const ew_json *json, const ew_json_node *node, const char *text); /* a string, and this one */
/* A number as the usual reader of such files gets it: digits as an integer, one division or multiplication by a power of ten (so
 * that scores have the same bits there and here; up to one unit in the last place from the nearest). 0 for what is no number. */
double ew_json_value(const ew_json *json, const ew_json_node *node);
/* A whole number from 0 to most: 1, and *out; else 0. */
int ew_json_count(const ew_json *json, const ew_json_node *node, uint64_t most, uint64_t *out);

#endif
