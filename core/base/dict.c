#include "dict.h"

#include <string.h>

#include "alloc.h"
#include "hash.h"

ew_status ew_dict_init(ew_dict *dict, ew_error *err) {
    *dict = (ew_dict){.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY), .capacity = 64, .slot_mask = 127};
    dict->starts = ew_alloc(dict->capacity, sizeof *dict->starts);
    dict->slots = ew_calloc((size_t)dict->slot_mask + 1, sizeof *dict->slots);
    if (!dict->starts || !dict->slots) {
        ew_dict_free(dict);
        return ew_fail_memory(err, 1024, "a dictionary");
    }
    ew_status status = ew_buffer_append(&dict->bytes, "", 1, err);
    if (status != EW_OK) {
        ew_dict_free(dict);
        return status;
    }
    dict->starts[0] = 0;
    dict->size = 1;
    return EW_OK;
}

const char *ew_dict_text(const ew_dict *dict, uint32_t number) { return dict->bytes.data + dict->starts[number]; }

static uint32_t *slot_of(const ew_dict *dict, uint32_t *slots, uint32_t mask, const char *text, size_t n) {
    uint32_t at = (uint32_t)ew_hash_keyed(text, n, 0x64696374) & mask;
    while (slots[at]) {
        const char *have = ew_dict_text(dict, slots[at]);
        if (strncmp(have, text, n) == 0 && have[n] == 0) break;
        at = (at + 1) & mask;
    }
    return &slots[at];
}

/* Bytes up to the first NUL: a stored string ends there. */
static size_t clipped(const char *text, size_t n) {
    const char *nul = n ? memchr(text, 0, n) : NULL;
    return nul ? (size_t)(nul - text) : n;
}

uint32_t ew_dict_find(const ew_dict *dict, const char *text, size_t n) {
    n = clipped(text, n);
    if (!n) return 0;
    uint32_t at = (uint32_t)ew_hash_keyed(text, n, 0x64696374) & dict->slot_mask;
    for (; dict->slots[at]; at = (at + 1) & dict->slot_mask) {
        const char *have = ew_dict_text(dict, dict->slots[at]);
        if (strncmp(have, text, n) == 0 && have[n] == 0) return dict->slots[at];
    }
    return EW_NONE;
}

static ew_status grow(ew_dict *dict, ew_error *err) {
    if (dict->capacity >= (1u << 30))
        return ew_fail(err, EW_RESOURCE, "more than %u different values in one column", dict->capacity);
    uint32_t capacity = dict->capacity * 2, mask = dict->slot_mask * 2 + 1;
    uint64_t *starts = ew_realloc(dict->starts, capacity, sizeof *starts);
    if (!starts) return ew_fail_memory(err, capacity * sizeof *starts, "a dictionary");
    dict->starts = starts;
    uint32_t *slots = ew_calloc((size_t)mask + 1, sizeof *slots);
    if (!slots) return ew_fail_memory(err, ((size_t)mask + 1) * sizeof *slots, "a dictionary");
    for (uint32_t i = 1; i < dict->size; i++) {
        const char *text = ew_dict_text(dict, i);
        *slot_of(dict, slots, mask, text, strlen(text)) = i;
    }
    ew_free(dict->slots);
    dict->slots = slots;
    dict->slot_mask = mask;
    dict->capacity = capacity;
    return EW_OK;
}

ew_status ew_dict_add(ew_dict *dict, const char *text, size_t n, uint32_t *out, ew_error *err) {
    n = clipped(text, n);
    *out = ew_dict_find(dict, text, n);
    if (*out != EW_NONE) return EW_OK;
    ew_status status = dict->size == dict->capacity ? grow(dict, err) : EW_OK;
    if (status == EW_OK) status = ew_buffer_reserve(&dict->bytes, n + 1, err);
    if (status != EW_OK) return status;
    uint64_t start = dict->bytes.length;
    memcpy(dict->bytes.data + start, text, n);
    dict->bytes.data[start + n] = 0;
    dict->bytes.length += n + 1;
    dict->starts[dict->size] = start;
    uint32_t at = (uint32_t)ew_hash_keyed(text, n, 0x64696374) & dict->slot_mask;
    while (dict->slots[at]) at = (at + 1) & dict->slot_mask;
    dict->slots[at] = dict->size;
    *out = dict->size++;
    return EW_OK;
}

void ew_dict_free(ew_dict *dict) {
    ew_buffer_free(&dict->bytes);
    ew_free(dict->starts);
    ew_free(dict->slots);
    *dict = (ew_dict){.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)};
}
