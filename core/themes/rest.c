/* The rest: comments near to no theme. Steps by angle spread them over all themes, however far they are from each, and the theme
 * that a tree made of them loses them. */
#include <stdlib.h>

#include "../base/alloc.h"
#include "../base/spill.h"
#include "../kernels/kernels.h"
#include "themes.h"

enum { NEAREST = 15, STEPS = 2, ROWS = 1024, LEAST = 4, ONE_IN = 20, STAYS = 2 * NEAREST / 3, NOT = 255 };
static const double LOOSE = .5; /* of the median share of neighbours who are of the same theme */

typedef struct {
    const ew_vectors *vectors;
    const ew_lists *lists;
    uint32_t k;
    ew_centres centres; /* [k] of the rows as they are */
    uint32_t *theme;    /* [n] */
    uint32_t *own;      /* [n] the nearest that is not the rest, which is the last */
    int32_t *dots;      /* [n] with the centre of theme */
    uint8_t *level;     /* [n] how many neighbours are of own; who stays there: NOT */
    double *mean;       /* [k] of dots: how long the mean of a theme's rows is, times EW_CENTRE */
    double *share;      /* [2, k] of neighbours; scratch */
    uint32_t *rows;     /* [k] */
} work;

static int32_t dot_with(const work *w, size_t row, uint32_t centre) {
    int32_t dot;
    uint32_t stride = w->vectors->stride;
    ew_kernels_get()->dot_i8(w->vectors->rows + row * stride, 1, w->centres.rows + (size_t)centre * stride, 1, stride, &dot);
    return dot;
}

static uint8_t neighbours_in(const work *w, size_t row, uint32_t theme) {
    uint32_t k = w->lists->k, n = k < NEAREST ? k : NEAREST, in = 0;
    for (uint32_t h = 0; h < n; h++) in += w->theme[w->lists->ids[row * k + h]] == theme;
    return (uint8_t)in;
}

/* ---- passes over all rows: one of the large arrays each, as all of them together need not fit into memory ---- */

/* rows of the themes, and the mean over them of what stands in dots: sums of whole numbers, in any order the same. */
static void average(work *w, double *out) {
    for (uint32_t c = 0; c < w->k; c++) out[c] = w->rows[c] = 0;
    for (uint32_t i = 0; i < w->vectors->n; i++) {
        out[w->theme[i]] += w->dots[i];
        w->rows[w->theme[i]]++;
    }
    for (uint32_t c = 0; c < w->k; c++) out[c] /= w->rows[c] ? w->rows[c] : 1;
}

static ew_status neighbours_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker, (void)err;
    const work *w = context;
    for (size_t i = task * ROWS, end = ew_chunk_end(task, ROWS, w->vectors->n); i < end; i++)
        w->dots[i] = neighbours_in(w, i, w->theme[i]);
    return EW_OK;
}

/* rows and share of the themes; dots are scratch. */
static ew_status measure_shares(work *w, ew_pool *pool, ew_error *err) {
    ew_status status = ew_pool_run(pool, ew_chunks(w->vectors->n, ROWS), neighbours_task, w, err);
    if (status == EW_OK) average(w, w->share);
    return status;
}

static ew_status dots_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker, (void)err;
    const work *w = context;
    for (size_t i = task * ROWS, end = ew_chunk_end(task, ROWS, w->vectors->n); i < end; i++)
        w->dots[i] = dot_with(w, i, w->theme[i]);
    return EW_OK;
}

/* dots, rows and mean of the themes as they are. */
static ew_status measure_means(work *w, ew_pool *pool, ew_error *err) {
    ew_status status;
    ew_spill_rest();
    EW_TRY(ew_centres_update(w->vectors, w->theme, NULL, &w->centres, err));
    EW_TRY(ew_pool_run(pool, ew_chunks(w->vectors->n, ROWS), dots_task, w, err));
    average(w, w->mean);
done:
    return status;
}

/* ---- the rest, and who belongs there ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The loosest of the themes that hold less than half as many of their rows' neighbours as is usual; EW_NONE: there is none. */
static ew_status find_rest(work *w, ew_pool *pool, uint32_t *rest, ew_error *err) {
    uint32_t k = 0, loose = 0;
    double *sorted = w->share + w->k;
    ew_status status;
    *rest = EW_NONE;
    EW_TRY(measure_shares(w, pool, err));
    for (uint32_t c = 0; c < w->k; c++)
        if (w->rows[c]) sorted[k++] = w->share[c];
    qsort(sorted, k, sizeof *sorted, ascending);
    double least = LOOSE * sorted[k / 2];
    for (uint32_t c = 0; c < w->k; c++) loose += w->rows[c] && w->share[c] < least;
    if (!loose) return EW_OK;
    EW_TRY(measure_means(w, pool, err));
    for (uint32_t c = 0; c < w->k; c++)
        if (w->rows[c] && w->share[c] < least && (*rest == EW_NONE || w->mean[c] < w->mean[*rest])) *rest = c;
done:
    return status;
}

/* Strangers are nearer to the mean of the rest than to that of the nearest theme, of which fewer than two thirds of their
 * neighbours are. Means have their own length: that of the rest is short, so near to whatever is far from all. */
static ew_status strangers_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker, (void)err;
    const work *w = context;
    uint32_t rest = w->k - 1;
    double short_one = w->mean[rest];
    for (size_t i = task * ROWS, end = ew_chunk_end(task, ROWS, w->vectors->n); i < end; i++) {
        uint32_t own = w->own[i];
        double mean = w->mean[own], dot = own == w->theme[i] ? w->dots[i] : dot_with(w, i, own);
        double nearness = mean * (dot - mean / 2), to_rest = short_one * (dot_with(w, i, rest) - short_one / 2);
        uint8_t in = to_rest > nearness ? neighbours_in(w, i, own) : NOT;
        w->level[i] = in < STAYS ? in : NOT;
    }
    return EW_OK;
}

/* Those with the fewest neighbours in a theme, a twentieth of all at most: what is more is no stranger. 0: there are too few. */
static uint32_t border(const work *w) {
    uint32_t n = w->vectors->n, with[STAYS] = {0}, level = 0, all = 0;
    for (uint32_t i = 0; i < n; i++)
        if (w->level[i] != NOT) with[w->level[i]]++;
    for (; level < STAYS && all + with[level] <= n / ONE_IN; level++) all += with[level];
    return all < LEAST ? 0 : level;
}

static ew_status step(work *w, const ew_vectors *leaned, ew_centres *centres, ew_pool *pool, int *moved, ew_error *err) {
    ew_status status;
    EW_TRY(measure_means(w, pool, err));
    ew_spill_rest();
    EW_TRY(ew_centres_update(leaned, w->theme, NULL, centres, err));
    ew_centres others = *centres;
    others.k--;
    EW_TRY(ew_centres_assign(leaned, &others, pool, w->own, NULL, NULL, err));
    ew_spill_rest();
    EW_TRY(ew_pool_run(pool, ew_chunks(leaned->n, ROWS), strangers_task, w, err));
    uint32_t end = border(w);
    *moved = end > 0;
    for (uint32_t i = 0; *moved && i < leaned->n; i++) w->theme[i] = w->level[i] < end ? w->k - 1 : w->own[i];
done:
    return status;
}

ew_status ew_themes_rest(const ew_vectors *vectors, const ew_vectors *leaned, const ew_lists *lists, uint32_t k, ew_pool *pool,
                         uint32_t *theme, uint32_t *rest, ew_error *err) {
    size_t n = vectors->n;
    work w = {.vectors = vectors, .lists = lists, .k = k, .theme = theme, .own = ew_alloc(n, sizeof *w.own),
              .dots = ew_alloc(n, sizeof *w.dots), .level = ew_alloc(n, 1), .mean = ew_alloc(k, sizeof *w.mean),
              .share = ew_alloc(2 * (size_t)k, sizeof *w.share), .rows = ew_alloc(k, sizeof *w.rows)};
    ew_centres centres = {0};
    ew_status status = EW_OK;
    *rest = EW_NONE;
    if (!w.own || !w.dots || !w.level || !w.mean || !w.share || !w.rows) {
        status = ew_fail_memory(err, n * 9, "themes");
        goto done;
    }
    EW_TRY(ew_centres_create(k, vectors->stride, &w.centres, err));
    EW_TRY(ew_centres_create(k, leaned->stride, &centres, err));
    uint32_t found;
    EW_TRY(find_rest(&w, pool, &found, err));
    if (found == EW_NONE) goto done;
    for (size_t i = 0; i < n; i++) theme[i] = theme[i] == found ? k - 1 : theme[i] == k - 1 ? found : theme[i];
    for (int i = 0, moved = 1; i < STEPS && moved; i++) {
        EW_TRY(step(&w, leaned, &centres, pool, &moved, err));
        if (moved) *rest = k - 1;
    }
done:
    ew_centres_free(&w.centres);
    ew_centres_free(&centres);
    ew_free(w.own);
    ew_free(w.dots);
    ew_free(w.level);
    ew_free(w.mean);
    ew_free(w.share);
    ew_free(w.rows);
    return status;
}
