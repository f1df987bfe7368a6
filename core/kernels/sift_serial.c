/* The oracle. */
#include <string.h>

#include "sift.h"

void ew_sift_pack_rows(const int8_t *const *rows, uint32_t n, uint32_t stride, int8_t *packed) {
    for (uint32_t i = 0; i < n; i++) memcpy(packed + (size_t)i * stride, rows[i], stride);
}

static uint32_t sift(const int8_t *packed, const int32_t *floor, uint32_t n, const int8_t *targets, const uint32_t *which,
                     uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < m; j++) {
            const int8_t *x = packed + (size_t)i * stride, *y = targets + (size_t)(which ? which[j] : j) * stride;
            int32_t dot = 0;
            for (uint32_t k = 0; k < stride; k++) dot += x[k] * y[k];
            if (dot >= floor[i]) hits[found++] = (ew_sift_hit){(uint16_t)i, (uint16_t)j, dot};
        }
    return found;
}

const ew_sift ew_sift_serial = {"serial", 1, ew_sift_pack_rows, sift};
