/* Mean directions and who is nearest to them, all in integers. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../kernels/kernels.h"
#include "../kernels/sums.h"
#include "centres.h"

enum { ROWS = 256, TILE = 256, MOST_SUMMED = 1 << 24 };

ew_status ew_centres_create(uint32_t k, uint32_t stride, ew_centres *out, ew_error *err) {
    *out = (ew_centres){.k = k, .stride = stride, .memory = ew_calloc((size_t)k * stride + 64, 1)};
    if (!out->memory) return ew_fail_memory(err, (size_t)k * stride, "centres");
    out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    return EW_OK;
}

void ew_centres_free(ew_centres *centres) {
    ew_free(centres->memory);
    *centres = (ew_centres){0};
}

static int8_t entry(double sum, double scale) {
    double x = __builtin_floor(sum * scale + .5);
    return (int8_t)(x > 127 ? 127 : x < -127 ? -127 : x);
}

void ew_centre_direction(const int64_t *sum, uint32_t stride, int8_t *out) {
    double square = 0;
    for (uint32_t k = 0; k < stride; k++) square += (double)sum[k] * (double)sum[k];
    double scale = square > 0 ? EW_CENTRE / __builtin_sqrt(square) : 0;
    for (uint32_t k = 0; k < stride; k++) out[k] = entry((double)sum[k], scale);
}

void ew_centre_of_few(const int32_t *sum, uint32_t stride, int8_t *out) {
    if (stride <= EW_DIRECTION_STRIDE) {
        ew_sums_get()->direction(sum, stride, EW_CENTRE, out);
        return;
    }
    double square = 0;
    for (uint32_t k = 0; k < stride; k++) square += (double)sum[k] * (double)sum[k];
    double scale = square > 0 ? EW_CENTRE / __builtin_sqrt(square) : 0;
    for (uint32_t k = 0; k < stride; k++) out[k] = entry((double)sum[k], scale);
}

void ew_centre_of_rows(const ew_vectors *vectors, const uint32_t *rows, uint32_t n, int32_t *sum, int8_t *out) {
    ew_sums_get()->bytes(vectors->rows, vectors->stride, rows, NULL, n, sum);
    ew_centre_of_few(sum, vectors->stride, out);
}

typedef struct {
    const ew_vectors *vectors;
    uint32_t *start;  /* [k + 1] where each part's rows begin in: */
    uint32_t *rows;   /* [n] */
    uint32_t *weight; /* [n] of those; NULL */
    int32_t *some;    /* [stride] */
    int64_t *all;     /* [stride] */
} parts;

/* Sums of one part, as many rows at a time as 32 bits hold. */
static void direct(const parts *p, uint32_t part, int8_t *out) {
    uint32_t stride = p->vectors->stride, at = p->start[part], end = p->start[part + 1];
    uint64_t sum = 0;
    for (uint32_t i = at; p->weight && i < end; i++) sum += p->weight[i];
    if (!p->weight) sum = end - at;
    if (sum <= EW_FEW_ROWS) {
        ew_sums_get()->bytes(p->vectors->rows, stride, p->rows + at, p->weight ? p->weight + at : NULL, end - at, p->some);
        ew_centre_of_few(p->some, stride, out);
        return;
    }
    memset(p->all, 0, stride * sizeof *p->all);
    while (at < end) {
        uint32_t n = 0;
        for (sum = 0; at + n < end && n < MOST_SUMMED && sum + (p->weight ? p->weight[at + n] : 1) < MOST_SUMMED; n++)
            sum += p->weight ? p->weight[at + n] : 1;
        ew_sums_get()->bytes(p->vectors->rows, stride, p->rows + at, p->weight ? p->weight + at : NULL, n, p->some);
        for (uint32_t k = 0; k < stride; k++) p->all[k] += p->some[k];
        at += n;
    }
    ew_centre_direction(p->all, stride, out);
}

ew_status ew_centres_update(const ew_vectors *vectors, const uint32_t *label, const uint32_t *weight, ew_centres *centres,
                            ew_error *err) {
    uint32_t n = vectors->n, k = centres->k, stride = centres->stride;
    parts p = {.vectors = vectors,
               .start = ew_calloc((size_t)k + 2, sizeof *p.start),
               .rows = ew_alloc(n, sizeof *p.rows),
               .some = ew_alloc(stride, sizeof *p.some),
               .all = ew_alloc(stride, sizeof *p.all)};
    ew_status status = EW_OK;
    if (weight) p.weight = ew_alloc(n, sizeof *p.weight);
    if (!p.start || !p.rows || !p.some || !p.all || (weight && !p.weight)) {
        status = ew_fail_memory(err, (size_t)n * 8 + (size_t)k * 4, "centres");
        goto done;
    }
    for (uint32_t i = 0; i < n; i++)
        if (label[i] != EW_NONE) p.start[label[i] + 2]++;
    for (uint32_t c = 0; c < k; c++) p.start[c + 2] += p.start[c + 1]; /* [c + 1]: where the next row of c goes */
    for (uint32_t i = 0; i < n; i++) {
        if (label[i] == EW_NONE) continue;
        uint32_t at = p.start[label[i] + 1]++;
        p.rows[at] = i;
        if (weight) p.weight[at] = weight[i];
    }
    for (uint32_t c = 0; c < k; c++) direct(&p, c, centres->rows + (size_t)c * stride);
done:
    ew_free(p.start);
    ew_free(p.rows);
    ew_free(p.weight);
    ew_free(p.some);
    ew_free(p.all);
    return status;
}

typedef struct {
    const ew_vectors *vectors;
    const ew_centres *centres;
    uint32_t *label;
    int32_t *best, *second; /* [n] or NULL */
    int32_t *dots;          /* [workers, ROWS * TILE] */
} job;

/* Whether any of a row's dots is above *best: then *label is the first of the largest, c the label of the first of all. Some at a
 * time, without a branch: most of them change nothing. */
static void climb(const int32_t *dots, uint32_t width, uint32_t c, int32_t *best, uint32_t *label) {
    enum { SOME = 16 };
    uint32_t at = width, j = 0;
    for (; j + SOME <= width; j += SOME) {
        int32_t most = dots[j];
        for (uint32_t s = 1; s < SOME; s++) most = dots[j + s] > most ? dots[j + s] : most;
        if (most > *best) {
            *best = most;
            at = j;
        }
    }
    for (; j < width; j++)
        if (dots[j] > *best) {
            *best = dots[j];
            at = j;
        }
    if (at == width) return;
    while (dots[at] != *best) at++;
    *label = c + at;
}

static ew_status assign_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)err;
    const job *a = context;
    const ew_vectors *v = a->vectors;
    uint32_t first = (uint32_t)task * ROWS, rows = (uint32_t)ew_chunk_end(task, ROWS, v->n) - first;
    int32_t *dots = a->dots + (size_t)worker * ROWS * TILE, best[ROWS], second[ROWS];
    for (uint32_t i = 0; i < rows; i++) best[i] = second[i] = INT32_MIN;
    for (uint32_t c = 0; c < a->centres->k; c += TILE) {
        uint32_t width = a->centres->k - c < TILE ? a->centres->k - c : TILE;
        ew_kernels_get()->dot_i8(v->rows + (size_t)first * v->stride, rows, a->centres->rows + (size_t)c * v->stride, width,
                                 v->stride, dots);
        for (uint32_t i = 0; i < rows && !a->second; i++)
            climb(dots + (size_t)i * width, width, c, &best[i], &a->label[first + i]);
        for (uint32_t i = 0; i < rows && a->second; i++)
            for (uint32_t j = 0; j < width; j++) {
                int32_t dot = dots[(size_t)i * width + j];
                if (dot > best[i]) {
                    second[i] = best[i];
                    best[i] = dot;
                    a->label[first + i] = c + j;
                } else if (dot > second[i])
                    second[i] = dot;
            }
    }
    for (uint32_t i = 0; i < rows; i++) {
        if (a->best) a->best[first + i] = best[i];
        if (a->second) a->second[first + i] = second[i];
    }
    return EW_OK;
}

ew_status ew_centres_assign(const ew_vectors *vectors, const ew_centres *centres, ew_pool *pool, uint32_t *label, int32_t *best,
                            int32_t *second, ew_error *err) {
    job work = {vectors, centres, label, best, second, ew_alloc((size_t)ew_pool_threads(pool) * ROWS * TILE, sizeof(int32_t))};
    if (!work.dots) return ew_fail_memory(err, (size_t)ROWS * TILE * 4, "themes");
    ew_status status = ew_pool_run(pool, ew_chunks(vectors->n, ROWS), assign_task, &work, err);
    ew_free(work.dots);
    return status;
}

ew_status ew_kmeans(const ew_vectors *vectors, uint32_t k, uint32_t rounds, uint64_t seed, ew_pool *pool, uint32_t *label,
                    ew_error *err) {
    uint32_t n = vectors->n;
    ew_centres centres;
    if (k > n) k = n;
    ew_status status = ew_centres_create(k, vectors->stride, &centres, err);
    if (status != EW_OK) return status;
    for (uint32_t c = 0; c < k; c++) { /* one seeded row from each k-th part of the rows: all different */
        uint64_t from = (uint64_t)c * n / k, to = (uint64_t)(c + 1) * n / k;
        uint64_t row = from + ew_random_below(to - from, seed, EW_RANDOM_KMEANS, c, 0);
        memcpy(centres.rows + (size_t)c * vectors->stride, vectors->rows + row * vectors->stride, vectors->stride);
    }
    for (uint32_t round = 0; status == EW_OK && round <= rounds; round++) {
        status = ew_centres_assign(vectors, &centres, pool, label, NULL, NULL, err);
        if (status == EW_OK && round < rounds) status = ew_centres_update(vectors, label, NULL, &centres, err);
    }
    ew_centres_free(&centres);
    return status;
}
