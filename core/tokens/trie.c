#include "trie.h"

#include "../base/alloc.h"

enum { NODES_FIRST = 256, NODES_MAX = 1 << 28 };

ew_status ew_trie_init(ew_trie *trie, ew_error *err) {
    *trie = (ew_trie){.capacity = NODES_FIRST, .slot_mask = 2 * NODES_FIRST - 1, .nodes = 1};
    trie->slots = ew_calloc(2 * NODES_FIRST, sizeof *trie->slots);
    trie->values = ew_alloc(NODES_FIRST, sizeof *trie->values);
    if (!trie->slots || !trie->values) {
        ew_trie_free(trie);
        return ew_fail_memory(err, NODES_FIRST * 20, "a vocabulary");
    }
    trie->values[0] = EW_NONE;
    return EW_OK;
}

void ew_trie_free(ew_trie *trie) {
    ew_free(trie->slots);
    ew_free(trie->values);
    *trie = (ew_trie){0};
}

static void put(uint64_t *slots, uint32_t mask, uint64_t slot) {
    uint64_t at = ew_trie_hash(slot >> 28);
    while (slots[at & mask]) at++;
    slots[at & mask] = slot;
}

static ew_status grow(ew_trie *trie, ew_error *err) {
    if (trie->capacity == NODES_MAX) return ew_fail(err, EW_RESOURCE, "the vocabulary is too large: its pieces take 2^28 nodes");
    uint32_t capacity = trie->capacity * 2;
    uint32_t *values = ew_realloc(trie->values, capacity, sizeof *values);
    if (values) trie->values = values;
    uint64_t *slots = values ? ew_calloc((size_t)capacity * 2, sizeof *slots) : NULL;
    if (!slots) return ew_fail_memory(err, (size_t)capacity * 20, "a vocabulary");
    for (size_t i = 0; i <= trie->slot_mask; i++)
        if (trie->slots[i]) put(slots, capacity * 2 - 1, trie->slots[i]);
    ew_free(trie->slots);
    trie->slots = slots;
    trie->slot_mask = capacity * 2 - 1;
    trie->capacity = capacity;
    return EW_OK;
}

ew_status ew_trie_add(ew_trie *trie, const char *text, size_t n, uint32_t value, ew_error *err) {
    uint32_t node = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t next = ew_trie_step(trie, node, text[i]);
        if (!next) {
            if (trie->nodes == trie->capacity) {
                ew_status status = grow(trie, err);
                if (status != EW_OK) return status;
            }
            next = trie->nodes++;
            trie->values[next] = EW_NONE;
            put(trie->slots, trie->slot_mask, ((uint64_t)node << 8 | (unsigned char)text[i]) << 28 | next);
        }
        node = next;
    }
    trie->values[node] = value;
    if (n > trie->longest) trie->longest = (uint32_t)n;
    return EW_OK;
}

uint32_t ew_trie_find(const ew_trie *trie, const char *text, size_t n) {
    uint32_t node = 0;
    for (size_t i = 0; i < n; i++)
        if (!(node = ew_trie_step(trie, node, text[i]))) return EW_NONE;
    return trie->values[node];
}
