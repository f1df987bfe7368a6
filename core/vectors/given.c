/* Rows of anybody's -> int8 rows, block by block: read to measure them, as far as need be, and once to round them, and never all
 * in memory. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "inside.h"

/* A rotation that leaves no column heavier than others: signs drawn at random and a Walsh-Hadamard transform, over the first
 * power of two of columns and then the last (Ailon, Chazelle 2009). Cosines stay; what changes is how finely one scale for all
 * entries rounds them: columns of very unequal weight, or a single row that is all in one column, no longer set the scale. */
enum { ROTATED_FROM = 16 }; /* columns: with fewer there is nothing to gain */

/* The first four steps of sixteen values each, in registers: a step of halves h is y = swapped(x) + x or - x, where x[k + h] is
 * swapped with x[k], in the same bits as a + b and a - b. */
typedef float sixteen __attribute__((vector_size(64), aligned(4), may_alias));
#define STEP(y, sign, ...)                                                                                                       \
    (y) = __builtin_shufflevector((y), (y), __VA_ARGS__) + (y) * (sign)
static void begin_transform(float *x, uint32_t n) {
    const sixteen one = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1},
                  two = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1},
                  four = {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1},
                  eight = {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
    for (uint32_t i = 0; i < n; i += 16) {
        sixteen y = *(const sixteen *)(x + i);
        STEP(y, one, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
        STEP(y, two, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
        STEP(y, four, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
        STEP(y, eight, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
        *(sixteen *)(x + i) = y;
    }
}
#undef STEP

/* n: a power of two from 16 on. */
static void transform(float *x, uint32_t n) {
    uint32_t half = 16;
    begin_transform(x, n);
    for (; half < n / 2; half *= 4) /* two steps at a time */
        for (uint32_t i = 0; i < n; i += 4 * half)
            for (uint32_t k = i; k < i + half; k++) {
                float a = x[k] + x[k + half], b = x[k] - x[k + half];
                float c = x[k + 2 * half] + x[k + 3 * half], d = x[k + 2 * half] - x[k + 3 * half];
                x[k] = a + c;
                x[k + half] = b + d;
                x[k + 2 * half] = a - c;
                x[k + 3 * half] = b - d;
            }
    for (; half < n; half *= 2)
        for (uint32_t k = 0; k < half; k++) {
            float a = x[k], b = x[k + half];
            x[k] = a + b;
            x[k + half] = a - b;
        }
    float by = 1 / sqrtf((float)n);
    for (uint32_t k = 0; k < n; k++) x[k] *= by;
}

/* signs [2, d]: 1 or - 1. */
static void draw_signs(float *signs, uint32_t d) {
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t k = 0; k < d; k += 64) {
            uint64_t bits = ew_random(0, EW_RANDOM_ROTATION, round, k);
            for (uint32_t l = k; l < d && l < k + 64; l++, bits >>= 1) signs[(size_t)round * d + l] = bits & 1 ? -1 : 1;
        }
}

static void rotate_row(float *x, uint32_t d, const float *signs) {
    uint32_t n = ROTATED_FROM;
    if (d < ROTATED_FROM) return;
    while (n <= d / 2) n *= 2;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t k = 0; k < d; k++) x[k] *= signs[(size_t)round * d + k];
        transform(round ? x + (d - n) : x, n);
    }
}

typedef struct job {
    const ew_row_source *source;
    ew_metric metric;
    float *signs;         /* [2, d] of the rotation */
    double *longest;      /* [tasks] largest square of a length */
    double by;            /* what every row is multiplied by; cosine: nothing, as each is divided by its own length */
    float *most;          /* [tasks] largest magnitude of an entry, as far as it was looked for */
    float limit;          /* entries have a deviation of 1 / sqrt(d); the few beyond four are cut off */
    atomic_bool reached;  /* some entry is beyond: no more need be known, and most rows are read once */
    ew_vectors *out;
} job;

/* The rows of a task, as they are given; *rows is the caller's. */
static ew_status take(const job *j, uint64_t task, float **rows, uint32_t *first, uint32_t *n, ew_error *err) {
    const ew_row_source *s = j->source;
    *first = (uint32_t)(task * EW_TEXTS_A_TASK);
    *n = (uint32_t)ew_chunk_end(task, EW_TEXTS_A_TASK, s->n) - *first;
    *rows = ew_alloc((size_t)*n * s->d, sizeof **rows);
    if (!*rows) return ew_fail_memory(err, (size_t)*n * s->d * sizeof **rows, "vectors");
    ew_status status = s->take(s->context, *first, *n, *rows, err);
    for (size_t i = 0; status == EW_OK && i < (size_t)*n * s->d; i++)
        if (!isfinite((*rows)[i]))
            status = ew_fail(err, EW_INPUT, "row %zu of the vectors has a value that is not finite", *first + i / s->d);
    return status;
}

static ew_status find_longest(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    uint32_t first, n, d = j->source->d;
    float *rows = NULL;
    (void)worker;
    ew_status status = take(j, task, &rows, &first, &n, err);
    j->longest[task] = 0;
    for (uint32_t i = 0; status == EW_OK && i < n; i++) {
        double square = 0;
        for (uint32_t k = 0; k < d; k++) square += (double)rows[(size_t)i * d + k] * (double)rows[(size_t)i * d + k];
        if (square > j->longest[task]) j->longest[task] = square;
    }
    ew_free(rows);
    return status;
}

/* At length 1, or as a part of the longest row; rotated. The largest entry is divided out first, so that no square overflows. */
static void prepare(const job *j, float *row) {
    uint32_t d = j->source->d;
    float high = 0;
    for (uint32_t k = 0; k < d; k++)
        if (fabsf(row[k]) > high) high = fabsf(row[k]);
    if (high == 0) return;
    if (j->metric == EW_COSINE) {
        for (uint32_t k = 0; k < d; k++) row[k] /= high;
        ew_unit_row(row, d, 0);
    } else {
        for (uint32_t k = 0; k < d; k++) row[k] = (float)((double)row[k] * j->by);
    }
    rotate_row(row, d, j->signs);
}

static ew_status find_most(void *context, uint64_t task, int worker, ew_error *err) {
    job *j = context;
    uint32_t first, n, d = j->source->d;
    float *rows = NULL, most = 0;
    (void)worker;
    if (atomic_load(&j->reached)) return EW_OK;
    ew_status status = take(j, task, &rows, &first, &n, err);
    for (uint32_t i = 0; status == EW_OK && i < n && most < j->limit; i++) {
        float *row = rows + (size_t)i * d;
        prepare(j, row);
        for (uint32_t k = 0; k < d; k++)
            if (fabsf(row[k]) > most) most = fabsf(row[k]);
    }
    if (most >= j->limit) atomic_store(&j->reached, 1);
    j->most[task] = most < j->limit ? most : j->limit;
    ew_free(rows);
    return status;
}

/* The part of a rounding error that lies along the row itself weighs on its dot products with whatever is near (Guo, Sun et al.
 * 2020), the rest only by chance: entries that could as well have been rounded the other way are, until little of it is left. */
static const float AS_WELL = .4f, LITTLE = .02f;
static void balance_row(const float *x, uint32_t d, float scale, int8_t *row) {
    float along = 0;
    for (uint32_t k = 0; k < d; k++) along += ((float)row[k] - x[k] * scale) * x[k];
    for (uint32_t k = 0; k < d && fabsf(along) > LITTLE; k++) {
        float off = (float)row[k] - x[k] * scale, step = off > 0 ? -1 : 1;
        if (fabsf(off) <= AS_WELL || fabsf(off) > .5f || fabsf(along + step * x[k]) >= fabsf(along)) continue;
        row[k] = (int8_t)((float)row[k] + step);
        along += step * x[k];
    }
}

static ew_status round_rows(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    uint32_t first, n, d = j->source->d, stride = j->out->stride;
    float *rows = NULL;
    (void)worker;
    ew_status status = take(j, task, &rows, &first, &n, err);
    for (uint32_t i = 0; status == EW_OK && i < n; i++) {
        int8_t *row = j->out->rows + (size_t)(first + i) * stride;
        prepare(j, rows + (size_t)i * d);
        ew_round_row(rows + (size_t)i * d, d, j->out->scale, row);
        balance_row(rows + (size_t)i * d, d, j->out->scale, row);
        memset(row + d, 0, stride - d);
    }
    ew_free(rows);
    return status;
}

ew_status ew_vectors_from_rows(const ew_row_source *source, ew_metric metric, ew_pool *pool, ew_vectors *out, ew_error *err) {
    uint32_t n = source->n, d = source->d;
    uint64_t tasks = ew_chunks(n, EW_TEXTS_A_TASK);
    ew_status status;
    *out = (ew_vectors){0};
    if (d == 0 || d > EW_COLUMNS_MAX) return ew_fail(err, EW_INPUT, "vectors have 1 to %d columns, not %u", EW_COLUMNS_MAX, d);
    *out = (ew_vectors){.n = n, .d = d, .stride = (d + 63) / 64 * 64};
    job j = {.source = source, .metric = metric, .by = 1, .limit = 4 / sqrtf((float)d), .out = out};
    size_t bytes = (size_t)n * out->stride;
    j.signs = ew_alloc(2 * (size_t)d, sizeof *j.signs);
    j.longest = ew_calloc(tasks, sizeof *j.longest);
    j.most = ew_calloc(tasks, sizeof *j.most);
    out->memory = ew_alloc_spilled(bytes + 64, 1);
    if (!j.signs || !j.longest || !j.most || !out->memory) {
        status = ew_fail_memory(err, bytes, "vectors");
        goto done;
    }
    draw_signs(j.signs, d);
    out->rows = (int8_t *)(((uintptr_t)out->memory + 63) & ~(uintptr_t)63);
    if (metric == EW_INNER_PRODUCT) {
        EW_TRY(ew_pool_run(pool, tasks, find_longest, &j, err));
        double longest = 0;
        for (uint64_t t = 0; t < tasks; t++) longest = j.longest[t] > longest ? j.longest[t] : longest;
        if (longest > 0) j.by = 1 / sqrt(longest);
    }
    EW_TRY(ew_pool_run(pool, tasks, find_most, &j, err));
    float most = 0;
    for (uint64_t t = 0; t < tasks; t++) most = j.most[t] > most ? j.most[t] : most;
    out->scale = most > 0 ? 127 / most : 127;
    EW_TRY(ew_pool_run(pool, tasks, round_rows, &j, err));
done:
    ew_free(j.signs);
    ew_free(j.longest);
    ew_free(j.most);
    if (status != EW_OK) ew_vectors_free(out);
    return status;
}

static ew_status take_npy(const void *context, uint32_t first, uint32_t n, float *out, ew_error *err) {
    return ew_npy_take(context, first, n, out, err);
}

ew_status ew_vectors_from_npy(const ew_npy *npy, ew_metric metric, ew_pool *pool, ew_vectors *out, ew_error *err) {
    return ew_vectors_from_rows(&(ew_row_source){npy->n, npy->d, take_npy, npy}, metric, pool, out, err);
}

typedef struct { const float *rows; uint32_t d; } in_memory;

static ew_status take_memory(const void *context, uint32_t first, uint32_t n, float *out, ew_error *err) {
    const in_memory *m = context;
    (void)err;
    memcpy(out, m->rows + (size_t)first * m->d, (size_t)n * m->d * sizeof *out);
    return EW_OK;
}

ew_status ew_vectors_from_float(const float *rows, uint32_t n, uint32_t d, ew_pool *pool, ew_vectors *out, ew_error *err) {
    in_memory m = {rows, d};
    return ew_vectors_from_rows(&(ew_row_source){n, d, take_memory, &m}, EW_COSINE, pool, out, err);
}
