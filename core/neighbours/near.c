/* Selecting and sorting keys. Where a comparison is as likely to go one way as the other, a branch on it costs more than the
 * work: keys are parted without one. */
#include "inside.h"

enum { FEW = 24, PIVOTS = 9 };

static void sort_few(uint64_t *keys, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        uint32_t j = i;
        for (; j && keys[j - 1] < key; j--) keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

/* A key that about share / (PIVOTS + 1) of them are above. Which are asked hangs on a hash, so that no order of the keys is
 * always a bad one. */
static uint64_t pivot_of(const uint64_t *keys, uint32_t n, uint32_t share) {
    uint64_t some[PIVOTS], chance = keys[n / 2] * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    for (uint32_t i = 0; i < PIVOTS; i++) some[i] = keys[((uint64_t)i * n + (chance * n >> 32)) / PIVOTS];
    if (share >= PIVOTS) share = PIVOTS - 1;
    uint64_t found = 0;
    for (uint32_t i = 0; i < PIVOTS; i++) {
        uint32_t above = 0;
        for (uint32_t j = 0; j < PIVOTS; j++) above += some[j] > some[i];
        found = above == share ? some[i] : found;
    }
    return found;
}

/* Moves the keys above the pivot to the front; returns how many. */
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

/* The same, and the pivot behind them: each side is smaller than n. */
static uint32_t part_around(uint64_t *keys, uint32_t n, uint64_t pivot) {
    uint32_t above = part(keys, n, pivot), at = above;
    while (keys[at] != pivot) at++;
    keys[at] = keys[above];
    keys[above] = pivot;
    return above;
}

void ew_near_select(uint64_t *keys, uint32_t n, uint32_t k) {
    while (k && k < n) {
        if (n <= FEW) {
            sort_few(keys, n);
            return;
        }
        uint32_t above = part_around(keys, n, pivot_of(keys, n, (uint32_t)((uint64_t)k * (PIVOTS + 1) / n)));
        if (k <= above) {
            n = above;
        } else {
            keys += above + 1;
            n -= above + 1;
            k -= above + 1;
        }
    }
}

void ew_near_sort(uint64_t *keys, uint32_t n) {
    struct { uint64_t *keys; uint32_t n; } wait[32]; /* the larger side waits: each is at most half of the one before */
    uint32_t waiting = 0;
    for (;;) {
        while (n > FEW) {
            uint32_t above = part_around(keys, n, pivot_of(keys, n, PIVOTS / 2)), below = n - above - 1;
            uint64_t *right = keys + above + 1;
            wait[waiting].keys = above > below ? keys : right;
            wait[waiting++].n = above > below ? above : below;
            keys = above > below ? right : keys;
            n = above > below ? below : above;
        }
        sort_few(keys, n);
        if (!waiting) return;
        keys = wait[--waiting].keys;
        n = wait[waiting].n;
    }
}

int32_t ew_near_floor(uint64_t *keys, uint32_t n, uint32_t k) {
    ew_near_select(keys, n, k);
    uint64_t least = keys[0];
    for (uint32_t h = 1; h < k; h++) least = keys[h] < least ? keys[h] : least;
    int32_t dot = ew_near_dot(least);
    return dot < INT32_MAX ? dot + 1 : dot;
}

uint32_t ew_near_thin(uint64_t *keys, uint32_t n, uint32_t k, int32_t *floor) {
    uint64_t pivot = pivot_of(keys, n, (uint32_t)((uint64_t)k * (PIVOTS + 1) / n) + 1);
    uint32_t above = part(keys, n, pivot);
    if (above >= k && above <= n - n / 4) {
        *floor = ew_near_dot(pivot);
        return above;
    }
    *floor = ew_near_floor(keys, n, k) - 1;
    return k;
}
