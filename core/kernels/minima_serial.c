#include <string.h>

#include "minima.h"

static void minima(const uint64_t *hashes, size_t n, uint32_t out[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS]) {
    memset(out, 0xff, sizeof(uint32_t) * EW_MINIMA_GROUPS * EW_MINIMA_SLOTS);
    for (size_t i = 0; i < n; i++)
        for (int g = 0; g < EW_MINIMA_GROUPS; g++) {
            uint32_t x = (uint32_t)(hashes[i] >> (16 * g));
            for (int j = 0; j < EW_MINIMA_SLOTS; j++) {
                uint32_t y = x ^ ew_minima_constants[j];
                out[g][j] = y < out[g][j] ? y : out[g][j];
            }
        }
}

const ew_minima ew_minima_serial = {"serial", minima};
