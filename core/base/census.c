#include "census.h"

#include "alloc.h"
#include "random.h"

enum { BITS = 8 }; /* a slot */

ew_status ew_census_init(ew_census *census, uint64_t most, const char *what, ew_error *err) {
    uint64_t slots = 64;
    while (slots < 2 * most) slots *= 2;
    *census = (ew_census){.slots = ew_calloc(slots, sizeof *census->slots),
                          .mask = slots - 1,
                          .entered = ew_calloc(slots * BITS / 64, sizeof *census->entered)};
    if (census->slots && census->entered) return EW_OK;
    ew_census_free(census);
    return ew_fail_memory(err, slots * sizeof *census->slots, what);
}

/* A key's bit: hardly one in ten is set, and they lie nearer than the slots. */
static uint64_t *bit_of(const ew_census *census, uint64_t key, uint64_t *bit) {
    uint64_t at = (ew_mix(key) >> 16) & (census->mask * BITS | (BITS - 1));
    *bit = (uint64_t)1 << at % 64;
    return &census->entered[at / 64];
}

/* Where the key is, or where it would be. */
static ew_census_slot *slot_of(const ew_census *census, uint64_t key) {
    uint64_t at = ew_mix(key) & census->mask;
    while (census->slots[at].key && census->slots[at].key != key) at = (at + 1) & census->mask;
    return &census->slots[at];
}

static uint64_t named(uint64_t key) { return key ? key : 1; }

void ew_census_enter(ew_census *census, uint64_t key) {
    uint64_t bit, *bits = bit_of(census, named(key), &bit);
    *bits |= bit;
    slot_of(census, named(key))->key = named(key);
}

void ew_census_count(ew_census *census, uint64_t key, uint32_t text, uint32_t n) {
    uint64_t bit;
    if (!(*bit_of(census, named(key), &bit) & bit)) return;
    ew_census_slot *slot = slot_of(census, named(key));
    if (!slot->key || slot->last == text + 1) return;
    slot->last = text + 1;
    slot->n += n;
}

uint32_t ew_census_of(const ew_census *census, uint64_t key) { return census->slots ? slot_of(census, named(key))->n : 0; }

void ew_census_free(ew_census *census) {
    ew_free(census->slots);
    ew_free(census->entered);
    *census = (ew_census){0};
}
