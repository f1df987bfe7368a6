/* Which rows of a group stand for it. */
#include <stdlib.h>

#include "../base/alloc.h"
#include "themes.h"

typedef struct { int64_t near; uint32_t row; } member;

static int by_nearness(const void *a, const void *b) {
    const member *x = a, *y = b;
    if (x->near != y->near) return x->near < y->near ? 1 : -1;
    return x->row < y->row ? -1 : x->row > y->row;
}

ew_status ew_central_rows(const ew_vectors *v, const uint32_t *rows, uint32_t n, uint32_t *out, ew_error *err) {
    int64_t *sum = ew_calloc(v->stride, sizeof *sum);
    member *members = ew_alloc(n, sizeof *members);
    if (!sum || !members) {
        ew_free(sum);
        ew_free(members);
        return ew_fail_memory(err, n * sizeof *members, "a need");
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < v->stride; k++) sum[k] += v->rows[(size_t)rows[i] * v->stride + k];
    for (uint32_t i = 0; i < n; i++) {
        members[i] = (member){0, rows[i]};
        for (uint32_t k = 0; k < v->stride; k++) members[i].near += sum[k] * v->rows[(size_t)rows[i] * v->stride + k];
    }
    qsort(members, n, sizeof *members, by_nearness);
    for (uint32_t i = 0; i < n; i++) out[i] = members[i].row;
    ew_free(sum);
    ew_free(members);
    return EW_OK;
}
