#include <stdlib.h>

#include "inside.h"

/* quickselect, median of three */
void ew_near_select(uint64_t *keys, uint32_t n, uint32_t k) {
    uint32_t low = 0, high = n;
    while (high - low > 1 && low < k && k < high) {
        uint64_t a = keys[low], b = keys[low + (high - low) / 2], c = keys[high - 1];
        uint64_t pivot = a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
        uint32_t i = low, j = high - 1;
        for (;;) {
            while (keys[i] > pivot) i++;
            while (keys[j] < pivot) j--;
            if (i >= j) break;
            uint64_t t = keys[i];
            keys[i++] = keys[j];
            keys[j--] = t;
        }
        uint32_t border = keys[i] >= pivot ? i + 1 : i; /* keys are distinct: i == j at the pivot, or crossed */
        if (k < border)
            high = border == high ? high - 1 : border;
        else
            low = border;
    }
}

static int descending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

void ew_near_sort(uint64_t *keys, uint32_t n) { qsort(keys, n, sizeof *keys, descending); }

int32_t ew_near_floor(uint64_t *keys, uint32_t n, uint32_t k) {
    ew_near_select(keys, n, k);
    uint64_t least = keys[0];
    for (uint32_t h = 1; h < k; h++) least = keys[h] < least ? keys[h] : least;
    int32_t dot = ew_near_dot(least);
    return dot < INT32_MAX ? dot + 1 : dot;
}
