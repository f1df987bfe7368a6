#include "../base/alloc.h"
#include "tokens.h"

ew_status ew_ids_append(ew_ids *ids, uint32_t id, ew_error *err) {
    if (ids->n == ids->capacity) {
        size_t capacity = ids->capacity + ids->capacity / 2 + 256;
        uint32_t *items = ew_realloc(ids->items, capacity, sizeof *items);
        if (!items) return ew_fail_memory(err, capacity * sizeof *items, "token ids");
        ids->items = items;
        ids->capacity = capacity;
    }
    ids->items[ids->n++] = id;
    return EW_OK;
}

void ew_ids_free(ew_ids *ids) {
    ew_free(ids->items);
    *ids = (ew_ids){0};
}
