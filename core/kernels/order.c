/* The oracle, and the choice of a body. */
#include "order.h"

#include "isa.h"

enum { PIVOTS = 9 };

static uint64_t pivot(const uint64_t *keys, uint32_t n, uint32_t above) {
    uint64_t some[PIVOTS], share = (uint64_t)above * (PIVOTS + 1) / n, found = 0;
    uint32_t chance = ew_order_chance(keys, n);
    for (uint32_t i = 0; i < PIVOTS; i++) some[i] = keys[((uint64_t)i * n + chance) / PIVOTS];
    if (share >= PIVOTS) share = PIVOTS - 1;
    for (uint32_t i = 0; i < PIVOTS; i++) {
        uint32_t before = 0;
        for (uint32_t j = 0; j < PIVOTS; j++) before += some[j] > some[i];
        found = before == share ? some[i] : found;
    }
    return found;
}

static uint32_t part(uint64_t *keys, uint32_t n, uint64_t pivot) {
    uint32_t above = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t key = keys[i];
        keys[i] = keys[above];
        keys[above] = key;
        above += key > pivot;
    }
    return above;
}

static void sort(uint64_t *keys, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        uint32_t j = i;
        for (; j && keys[j - 1] < key; j--) keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

const ew_order ew_order_serial = {"serial", pivot, part, sort};

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_order_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX512] = &ew_order_avx512,
#endif
};

const ew_order *ew_order_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_order *ew_order_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
