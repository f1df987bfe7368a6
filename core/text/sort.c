#include <string.h>

#include "families_inside.h"

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

/* One pass by the highest bits, which are even for hashes, then the small parts by themselves. */
void ew_sort_u64(uint64_t *items, uint64_t *spare, size_t n) {
    enum { SMALL = 8, LARGE = 16 };
    uint32_t ends[(1 << SMALL) + 1] = {0};
    if (n <= 32) {
        sort_part(items, n);
        return;
    }
    if (n >= (1u << LARGE)) { /* long lists: every byte from the lowest, stable */
        for (int shift = 0; shift < 64; shift += SMALL) {
            size_t starts[1 << SMALL] = {0}, sum = 0;
            for (size_t i = 0; i < n; i++) starts[items[i] >> shift & 255]++;
            for (int k = 0; k < 1 << SMALL; k++) {
                size_t count = starts[k];
                starts[k] = sum;
                sum += count;
            }
            for (size_t i = 0; i < n; i++) spare[starts[items[i] >> shift & 255]++] = items[i];
            memcpy(items, spare, n * sizeof *items);
        }
        return;
    }
    for (size_t i = 0; i < n; i++) ends[(items[i] >> (64 - SMALL)) + 1]++;
    for (int k = 0; k < 1 << SMALL; k++) ends[k + 1] += ends[k];
    memcpy(spare, items, n * sizeof *items);
    for (size_t i = 0; i < n; i++) items[ends[spare[i] >> (64 - SMALL)]++] = spare[i];
    for (size_t k = 0, start = 0; k < 1 << SMALL; start = ends[k++]) sort_part(items + start, ends[k] - start);
}
