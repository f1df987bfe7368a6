/* The buckets of a band: voices whose key another voice has too. Most keys are nobody else's, and two passes over a table of
 * two bits a key (seen, seen again) leave them out before anything is sorted. */
#include <string.h>

#include "../base/alloc.h"
#include "families_inside.h"

enum { CELLS_PER_KEY = 16, LEAST_LOG = 12, MOST_LOG = 26 /* 16 MiB */ };

void ew_band_free(ew_band *band) {
    ew_free(band->cells);
    ew_free(band->items);
    ew_free(band->spare);
    *band = (ew_band){0};
}

static inline unsigned cell_of(const uint64_t *cells, size_t at) { return (unsigned)(cells[at / 32] >> (at % 32 * 2)) & 3; }

static ew_status make_room(ew_band *band, size_t n, ew_error *err) {
    band->n = 0;
    if (n <= band->capacity) return EW_OK;
    ew_free(band->items);
    ew_free(band->spare);
    band->capacity = 0;
    band->items = ew_alloc(n, sizeof *band->items);
    band->spare = ew_alloc(n, sizeof *band->spare);
    if (!band->items || !band->spare) return ew_fail_memory(err, 2 * n * sizeof *band->items, "texts that may be alike");
    band->capacity = n;
    return EW_OK;
}

ew_status ew_band_fill(ew_band *band, const uint32_t *keys, const uint32_t *place, uint32_t n, ew_error *err) {
    unsigned log = LEAST_LOG;
    while (log < MOST_LOG && (uint64_t)1 << log < (uint64_t)n * CELLS_PER_KEY) log++;
    size_t bytes = ((size_t)1 << log) / 4, mask = ((size_t)1 << log) - 1, shared = 0;
    if (!band->cells && !(band->cells = ew_alloc(bytes, 1))) return ew_fail_memory(err, bytes, "texts that may be alike");
    memset(band->cells, 0, bytes);
    for (uint32_t v = 0; v < n; v++) {
        size_t at = keys[v] & mask;
        unsigned seen = cell_of(band->cells, at);
        shared += seen != 0; /* an upper bound of what comes below, less those seen first */
        if (keys[v]) band->cells[at / 32] |= (uint64_t)(seen ? 3 : 1) << (at % 32 * 2);
    }
    ew_status status = make_room(band, 2 * shared, err);
    if (status != EW_OK) return status;
    for (uint32_t v = 0; v < n; v++)
        if (keys[v] && cell_of(band->cells, keys[v] & mask) == 3) band->items[band->n++] = (uint64_t)keys[v] << 32 | place[v];
    ew_sort_u64(band->items, band->spare, band->n);
    return EW_OK;
}
