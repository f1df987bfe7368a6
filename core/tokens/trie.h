/* A set of byte strings, walked byte by byte: the longest or every piece at the head of a text in one pass. */
#ifndef EW_TOKENS_TRIE_H
#define EW_TOKENS_TRIE_H

#include "../base/status.h"

typedef struct ew_trie {
    uint64_t *slots;  /* parent << 36 | byte << 28 | child; 0 empty (the root, node 0, is nobody's child) */
    uint32_t *values; /* [nodes] of the string that ends there, EW_NONE: none */
    uint32_t nodes, capacity, slot_mask;
    uint32_t longest; /* bytes of the longest string */
} ew_trie;

EW_MUST_CHECK ew_status ew_trie_init(ew_trie *trie, ew_error *err);
/* A string that is there already gets the new value. EW_RESOURCE beyond 2^28 nodes. */
EW_MUST_CHECK ew_status ew_trie_add(ew_trie *trie, const char *text, size_t n, uint32_t value, ew_error *err);
void ew_trie_free(ew_trie *trie);
uint32_t ew_trie_find(const ew_trie *trie, const char *text, size_t n); /* the value; EW_NONE */

static inline uint64_t ew_trie_hash(uint64_t key) { return (key * 0x9e3779b97f4a7c15u) >> 32; }

/* The node behind `node` by that byte; 0: there is none. */
static inline uint32_t ew_trie_step(const ew_trie *trie, uint32_t node, char byte) {
    uint64_t key = (uint64_t)node << 8 | (unsigned char)byte;
    for (uint64_t at = ew_trie_hash(key);; at++) {
        uint64_t slot = trie->slots[at & trie->slot_mask];
        if (!slot) return 0;
        if (slot >> 28 == key) return (uint32_t)slot & 0xfffffff;
    }
}

#endif
