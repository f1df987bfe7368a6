#include "sort.h"

#include <string.h>

static void sift_down(uint64_t *items, size_t at, size_t n) {
    for (uint64_t moved = items[at];;) {
        size_t child = 2 * at + 1;
        if (child >= n) child = n;
        if (child + 1 < n && items[child + 1] > items[child]) child++;
        if (child == n || items[child] <= moved) {
            items[at] = moved;
            return;
        }
        items[at] = items[child];
        at = child;
    }
}

static void sort_part(uint64_t *items, size_t n) {
    if (n <= 32) {
        for (size_t i = 1; i < n; i++) {
            uint64_t moved = items[i];
            size_t j = i;
            for (; j && items[j - 1] > moved; j--) items[j] = items[j - 1];
            items[j] = moved;
        }
        return;
    }
    for (size_t i = n / 2; i-- > 0;) sift_down(items, i, n);
    for (size_t i = n; i-- > 1;) {
        uint64_t last = items[i];
        items[i] = items[0];
        items[0] = last;
        sift_down(items, 0, i);
    }
}

/* By bytes from the lowest, those that are the same everywhere left out. Stable. */
static void sort_bytes(uint64_t *items, uint64_t *spare, size_t n) {
    uint32_t counts[8][256] = {{0}};
    uint64_t *from = items, *to = spare;
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < 8; b++) counts[b][items[i] >> (8 * b) & 255]++;
    for (int b = 0; b < 8; b++) {
        if (counts[b][items[0] >> (8 * b) & 255] == n) continue;
        size_t starts[256], sum = 0;
        for (int k = 0; k < 256; sum += counts[b][k++]) starts[k] = sum;
        for (size_t i = 0; i < n; i++) to[starts[from[i] >> (8 * b) & 255]++] = from[i];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != items) memcpy(items, from, n * sizeof *items);
}

/* Lists of some length by bytes; others by the highest bits, which are even for hashes, then the small parts by themselves. */
void ew_sort_u64(uint64_t *items, uint64_t *spare, size_t n) {
    enum { SMALL = 8, LONG = 1500 };
    uint32_t ends[(1 << SMALL) + 1] = {0};
    if (n <= 32) {
        sort_part(items, n);
        return;
    }
    if (n >= LONG) {
        sort_bytes(items, spare, n);
        return;
    }
    for (size_t i = 0; i < n; i++) ends[(items[i] >> (64 - SMALL)) + 1]++;
    for (int k = 0; k < 1 << SMALL; k++) ends[k + 1] += ends[k];
    memcpy(spare, items, n * sizeof *items);
    for (size_t i = 0; i < n; i++) items[ends[spare[i] >> (64 - SMALL)]++] = spare[i];
    for (size_t k = 0, start = 0; k < 1 << SMALL; start = ends[k++]) sort_part(items + start, ends[k] - start);
}
