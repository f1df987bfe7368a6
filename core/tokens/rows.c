#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"

typedef struct { uint64_t hash; const ew_units *units; uint32_t unit; } keyed;

static int same_order(const keyed *x, const keyed *y) {
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    const uint64_t *start = x->units->token_start;
    uint64_t a = start[x->unit + 1] - start[x->unit], b = start[y->unit + 1] - start[y->unit];
    if (a != b) return a < b ? -1 : 1;
    return memcmp(x->units->tokens + start[x->unit], x->units->tokens + start[y->unit], a * sizeof *x->units->tokens);
}

static int by_tokens(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    int order = same_order(x, y);
    return order ? order : x->unit < y->unit ? -1 : x->unit > y->unit;
}

ew_status ew_rows_build(const ew_units *units, ew_rows *out, ew_error *err) {
    uint32_t n = units->n;
    *out = (ew_rows){0};
    ew_status status = EW_OK;
    keyed *keys = ew_alloc(n, sizeof *keys);
    out->start = ew_calloc_spilled((size_t)n + 1, sizeof *out->start);
    out->ids = ew_alloc_spilled(units->token_start[n], sizeof *out->ids);
    out->unit_start = ew_calloc_spilled((size_t)n + 1, sizeof *out->unit_start);
    out->unit = ew_alloc_spilled(n, sizeof *out->unit);
    out->row_of = ew_alloc(n, sizeof *out->row_of);
    if (!keys || !out->start || !out->ids || !out->unit_start || !out->unit || !out->row_of) {
        status = ew_fail_memory(err, n * sizeof *keys, "rows");
        goto done;
    }
    for (uint32_t u = 0; u < n; u++) {
        uint64_t from = units->token_start[u], to = units->token_start[u + 1];
        keys[u] = (keyed){ew_hash(units->tokens + from, (to - from) * sizeof *units->tokens, 0), units, u};
    }
    qsort(keys, n, sizeof *keys, by_tokens);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t u = keys[i].unit;
        if (i == 0 || same_order(&keys[i - 1], &keys[i]) != 0) {
            uint64_t count = units->token_start[u + 1] - units->token_start[u];
            memcpy(out->ids + out->start[out->n], units->tokens + units->token_start[u], count * sizeof *out->ids);
            out->start[out->n + 1] = out->start[out->n] + count;
            out->unit_start[out->n++] = i;
        }
        out->unit[i] = u;
        out->row_of[u] = out->n - 1;
    }
    out->unit_start[out->n] = n;
done:
    ew_free(keys);
    if (status != EW_OK) ew_rows_free(out);
    return status;
}

ew_status ew_rows_reorder(ew_rows *rows, const uint32_t *order, ew_error *err) {
    uint32_t n = rows->n, units = rows->unit_start[n];
    ew_rows out = {.n = n, .row_of = rows->row_of};
    out.start = ew_calloc_spilled((size_t)n + 1, sizeof *out.start);
    out.ids = ew_alloc_spilled(rows->start[n], sizeof *out.ids);
    out.unit_start = ew_calloc_spilled((size_t)n + 1, sizeof *out.unit_start);
    out.unit = ew_alloc_spilled(units, sizeof *out.unit);
    if (!out.start || !out.ids || !out.unit_start || !out.unit) {
        out.row_of = NULL;
        ew_rows_free(&out);
        return ew_fail_memory(err, (size_t)units * sizeof *out.unit, "rows");
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t old = order[i], many = rows->unit_start[old + 1] - rows->unit_start[old];
        uint64_t tokens = rows->start[old + 1] - rows->start[old];
        memcpy(out.ids + out.start[i], rows->ids + rows->start[old], tokens * sizeof *out.ids);
        memcpy(out.unit + out.unit_start[i], rows->unit + rows->unit_start[old], many * sizeof *out.unit);
        out.start[i + 1] = out.start[i] + tokens;
        out.unit_start[i + 1] = out.unit_start[i] + many;
        for (uint32_t u = 0; u < many; u++) out.row_of[out.unit[out.unit_start[i] + u]] = i;
    }
    rows->row_of = NULL;
    ew_rows_free(rows);
    *rows = out;
    return EW_OK;
}

void ew_rows_free(ew_rows *rows) {
    ew_free(rows->start);
    ew_free(rows->ids);
    ew_free(rows->unit_start);
    ew_free(rows->unit);
    ew_free(rows->row_of);
    *rows = (ew_rows){0};
}
