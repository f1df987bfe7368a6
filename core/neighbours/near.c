/* Selecting and sorting keys. */
#include "../kernels/order.h"
#include "inside.h"

enum { FEW = 24 };

/* Moves the keys above a pivot to the front, and the pivot behind them: each side is smaller than n. */
static uint32_t part_around(const ew_order *order, uint64_t *keys, uint32_t n, uint32_t wanted) {
    uint64_t pivot = order->pivot(keys, n, wanted);
    uint32_t above = order->part(keys, n, pivot), at = above;
    while (keys[at] != pivot) at++;
    keys[at] = keys[above];
    keys[above] = pivot;
    return above;
}

void ew_near_select(uint64_t *keys, uint32_t n, uint32_t k) {
    const ew_order *order = ew_order_get();
    while (k && k < n) {
        if (n <= FEW) {
            order->sort(keys, n);
            return;
        }
        uint32_t above = part_around(order, keys, n, k);
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
    const ew_order *order = ew_order_get();
    struct { uint64_t *keys; uint32_t n; } wait[32]; /* the larger side waits: each is at most half of the one before */
    uint32_t waiting = 0;
    for (;;) {
        while (n > FEW) {
            uint32_t above = part_around(order, keys, n, n / 2), below = n - above - 1;
            uint64_t *right = keys + above + 1;
            wait[waiting].keys = above > below ? keys : right;
            wait[waiting++].n = above > below ? above : below;
            keys = above > below ? right : keys;
            n = above > below ? below : above;
        }
        order->sort(keys, n);
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
    const ew_order *order = ew_order_get();
    uint64_t pivot = order->pivot(keys, n, k + n / 10);
    uint32_t above = order->part(keys, n, pivot);
    if (above >= k && above <= n - n / 4) {
        *floor = ew_near_dot(pivot);
        return above;
    }
    *floor = ew_near_floor(keys, n, k) - 1;
    return k;
}

int32_t ew_near_reached(const int32_t *dots, uint32_t n, uint32_t rank) {
    enum { STEPS = 10 }; /* to a thousandth of the way from the least to the largest */
    int32_t low = dots[0], high = dots[0];
    for (uint32_t i = 1; i < n; i++) {
        low = dots[i] < low ? dots[i] : low;
        high = dots[i] > high ? dots[i] : high;
    }
    for (int step = 0; step < STEPS && low < high; step++) { /* enough of them reach low */
        int32_t middle = (int32_t)(high - ((int64_t)high - low) / 2);
        uint32_t reach = 0;
        for (uint32_t i = 0; i < n; i++) reach += dots[i] >= middle;
        if (reach >= rank) low = middle;
        else high = middle - 1;
    }
    return low;
}
