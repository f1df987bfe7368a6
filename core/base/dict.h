/* A dictionary of strings: each gets a number, 1, 2, 3, ... in the order of first sight; 0 is the empty string. */
#ifndef EW_BASE_DICT_H
#define EW_BASE_DICT_H

#include <stdint.h>

#include "buffer.h"

typedef struct ew_dict {
    ew_buffer bytes;         /* the strings, each followed by NUL */
    uint64_t *starts;        /* [size] */
    uint32_t *slots;         /* open addressing over numbers; 0 empty */
    uint32_t size, capacity; /* size counts the empty string */
    uint32_t slot_mask;
} ew_dict;

EW_MUST_CHECK ew_status ew_dict_init(ew_dict *dict, ew_error *err);
/* The number of text[0 .. n): found or added. EW_RESOURCE beyond 2^31 strings. A NUL inside ends the string. */
EW_MUST_CHECK ew_status ew_dict_add(ew_dict *dict, const char *text, size_t n, uint32_t *out, ew_error *err);
uint32_t ew_dict_find(const ew_dict *dict, const char *text, size_t n); /* EW_NONE: not there */
const char *ew_dict_text(const ew_dict *dict, uint32_t number);         /* NUL-terminated; valid until the next add */
void ew_dict_free(ew_dict *dict);

#endif
