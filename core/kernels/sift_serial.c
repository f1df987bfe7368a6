/* The oracle. */
#include <string.h>

#include "sift.h"

void ew_sift_pack_rows(const int8_t *const *targets, uint32_t n, uint32_t stride, int8_t *packed) {
    for (uint32_t j = 0; j < n; j++) memcpy(packed + (size_t)j * stride, targets[j], stride);
}

static uint32_t sift(const int8_t *packed, uint32_t n, const ew_sift_row *rows, uint32_t m, uint32_t stride, ew_sift_hit *hits) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++) {
            const int8_t *x = rows[i].row, *y = packed + (size_t)j * stride;
            int32_t dot = 0;
            for (uint32_t k = 0; k < stride; k++) dot += x[k] * y[k];
            if (dot >= rows[i].floor) hits[found++] = (ew_sift_hit){i, j, dot};
        }
    return found;
}

const ew_sift ew_sift_serial = {"serial", ew_sift_pack_rows, sift};
