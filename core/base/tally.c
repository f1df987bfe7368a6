#include "tally.h"

#include "alloc.h"
#include "random.h"

enum { BITS = 8 }; /* a slot */

ew_status ew_tally_init(ew_tally *tally, uint64_t most, const char *what, ew_error *err) {
    uint64_t slots = 64;
    while (slots < 2 * most) slots *= 2;
    *tally = (ew_tally){ew_calloc(slots, sizeof *tally->slots), slots - 1, ew_calloc(slots * BITS / 64, sizeof *tally->entered)};
    if (tally->slots && tally->entered) return EW_OK;
    ew_tally_free(tally);
    return ew_fail_memory(err, slots * sizeof *tally->slots, what);
}

/* A key's bit: hardly one in ten is set, and they lie nearer than the slots. */
static uint64_t *bit_of(const ew_tally *tally, uint64_t key, uint64_t *bit) {
    uint64_t at = (ew_mix(key) >> 16) & (tally->mask * BITS | (BITS - 1));
    *bit = (uint64_t)1 << at % 64;
    return &tally->entered[at / 64];
}

/* Where the key is, or where it would be. */
static ew_tally_slot *slot_of(const ew_tally *tally, uint64_t key) {
    uint64_t at = ew_mix(key) & tally->mask;
    while (tally->slots[at].key && tally->slots[at].key != key) at = (at + 1) & tally->mask;
    return &tally->slots[at];
}

static uint64_t named(uint64_t key) { return key ? key : 1; }

void ew_tally_enter(ew_tally *tally, uint64_t key) {
    uint64_t bit, *bits = bit_of(tally, named(key), &bit);
    *bits |= bit;
    slot_of(tally, named(key))->key = named(key);
}

void ew_tally_count(ew_tally *tally, uint64_t key, uint32_t text, uint32_t n) {
    uint64_t bit;
    if (!(*bit_of(tally, named(key), &bit) & bit)) return;
    ew_tally_slot *slot = slot_of(tally, named(key));
    if (!slot->key || slot->last == text + 1) return;
    slot->last = text + 1;
    slot->n += n;
}

uint32_t ew_tally_of(const ew_tally *tally, uint64_t key) { return tally->slots ? slot_of(tally, named(key))->n : 0; }

void ew_tally_free(ew_tally *tally) {
    ew_free(tally->slots);
    ew_free(tally->entered);
    *tally = (ew_tally){0};
}
