/* From a tree to candidate groups and their statistics. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "../kernels/kernels.h"
#include "../kernels/sums.h"
#include "score.h"

enum { SMALLEST = 4 };

void ew_groups_free(ew_groups *groups) {
    ew_free(groups->items);
    *groups = (ew_groups){0};
}

typedef struct { int64_t key; uint32_t row; } ranked;

static int by_key(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->row < y->row ? -1 : x->row > y->row;
}

ew_status ew_fringe(const ew_lists *lists, float *out, ew_error *err) {
    ranked *all = ew_alloc(lists->n, sizeof *all);
    if (!all) return ew_fail_memory(err, lists->n * sizeof *all, "the fringe");
    uint32_t to = lists->k < EW_FAR_TO ? lists->k : EW_FAR_TO,
             from = to > EW_FAR_TO - EW_FAR_FROM ? to - (EW_FAR_TO - EW_FAR_FROM) : 0;
    for (uint32_t i = 0; i < lists->n; i++) {
        int64_t sum = lists->far ? lists->far[i] : 0;
        for (uint32_t j = lists->far ? to : from; j < to; j++) sum += lists->dots[(size_t)i * lists->k + j];
        all[i] = (ranked){-sum, i};
    }
    qsort(all, lists->n, sizeof *all, by_key);
    for (uint32_t i = 0; i < lists->n;) { /* equal rows share the middle of their ranks */
        uint32_t end = i;
        while (end < lists->n && all[end].key == all[i].key) end++;
        for (uint32_t j = i; j < end; j++) out[all[j].row] = (float)((i + end) / 2.0 / lists->n);
        i = end;
    }
    ew_free(all);
    return EW_OK;
}

typedef struct {
    const ew_tree *tree;
    const ew_vectors *vectors;
    const ew_lists *lists;
    const float *fringe;
    const ew_token_lists *tokens;
    const uint32_t *place;  /* [n] position of a row in tree->order */
    const float *share;     /* [vocab] share of rows that hold a token */
    uint32_t *count, *touched, *stamp, round; /* [vocab] scratch */
    int32_t *sum;           /* [stride] scratch */
    const int32_t *square;  /* [n] of each row's length */
} work;

/* Mean similarity of pairs within, by the length of the sum: exact in integers. */
static double cohesion(const work *w, const uint32_t *rows, uint32_t n) {
    const ew_vectors *v = w->vectors;
    int64_t own = 0, all = 0;
    ew_sums_get()->bytes(v->rows, v->stride, rows, n, w->sum);
    for (uint32_t i = 0; i < n; i++) own += w->square[rows[i]];
    for (uint32_t k = 0; k < v->stride; k++) all += (int64_t)w->sum[k] * w->sum[k];
    return (double)(all - own) * w->lists->unit / ((double)n * (n - 1));
}

/* Mean over members of the mean similarity to their nearest 10 and 30 outsiders. */
static void outside(const work *w, ew_group *g, const uint32_t *rows) {
    double sum10 = 0, sum30 = 0;
    for (uint32_t i = 0; i < g->size; i++) {
        uint32_t seen = 0, ten = 0;
        int64_t dots10 = 0, dots30 = 0;
        for (uint32_t j = 0; j < w->lists->k && seen < 30; j++) {
            uint32_t other = w->lists->ids[(size_t)rows[i] * w->lists->k + j];
            if (w->place[other] - g->first < g->size) continue; /* unsigned: inside */
            int32_t dot = w->lists->dots[(size_t)rows[i] * w->lists->k + j];
            dots30 += dot;
            if (++seen <= 10) {
                dots10 += dot;
                ten = seen;
            }
        }
        if (!seen && w->lists->k) { /* the list knows members only: no outsider is nearer than its last */
            dots10 = dots30 = w->lists->dots[(size_t)rows[i] * w->lists->k + w->lists->k - 1];
            seen = ten = 1;
        }
        if (seen) {
            sum10 += (double)dots10 * w->lists->unit / ten;
            sum30 += (double)dots30 * w->lists->unit / seen;
        }
    }
    g->b10 = (float)(sum10 / g->size);
    g->b30 = (float)(sum30 / g->size);
}

/* Leave-one-out gain of the words that members share, without the single best word. */
static double lexical(work *w, ew_group *g, const uint32_t *rows) {
    uint32_t kinds = 0;
    double tokens = 0;
    for (uint32_t i = 0; i < g->size; i++) {
        uint64_t from = w->tokens->start[rows[i]], to = w->tokens->start[rows[i] + 1];
        tokens += (double)(to - from);
        w->round++;
        for (uint64_t t = from; t < to; t++) {
            uint32_t id = w->tokens->ids[t];
            if (w->stamp[id] == w->round) continue; /* once a row */
            w->stamp[id] = w->round;
            if (!w->count[id]++) w->touched[kinds++] = id;
        }
    }
    g->words = (float)(tokens / g->size);
    double k = g->size, total = 0, best = 0;
    for (uint32_t i = 0; i < kinds; i++) {
        uint32_t id = w->touched[i], c = w->count[id];
        double p = w->share[id], gain = c * ew_log((c - 1 + p) / (k * p));
        total += gain;
        if (gain > best) best = gain;
        w->count[id] = 0;
    }
    return (total - best) / __builtin_sqrt(k);
}

ew_status ew_candidates(const ew_tree *tree, const ew_vectors *vectors, const ew_lists *lists, const float *fringe,
                        const ew_token_lists *tokens, uint32_t vocab, ew_groups *out, ew_error *err) {
    uint32_t n = tree->n;
    double half = .005 * n;
    uint32_t largest = half > 500 ? 500 : half > 60 ? (uint32_t)half : 60;
    *out = (ew_groups){0};
    float *share = ew_calloc(vocab, sizeof *share);
    uint32_t *place = ew_alloc(n, sizeof *place), *stamp = ew_calloc(vocab, sizeof *stamp);
    uint32_t *count = ew_calloc(vocab, sizeof *count), *touched = ew_alloc(vocab, sizeof *touched);
    int32_t *sum = ew_alloc(vectors->stride, sizeof *sum), *square = ew_alloc(n, sizeof *square);
    ew_score_part parts[EW_SCORE_TERMS];
    uint32_t many = 0;
    double top = 0;
    int any = 0;
    for (uint32_t v = n; v < tree->nodes; v++) {
        many += tree->size[v] >= SMALLEST && tree->size[v] <= largest;
        if (!any || tree->height[v] > top) top = tree->height[v];
        any = 1;
    }
    out->items = ew_alloc(many, sizeof *out->items);
    ew_status status = EW_OK;
    if (!share || !place || !stamp || !count || !touched || !sum || !square || !out->items) {
        status = ew_fail_memory(err, many * sizeof *out->items, "candidate groups");
        goto done;
    }
    work w = {tree, vectors, lists, fringe, tokens, place, share, count, touched, stamp, 0, sum, square};
    for (uint32_t i = 0; i < n; i++) {
        const int8_t *row = vectors->rows + (size_t)i * vectors->stride;
        ew_kernels_get()->dot_i8(row, 1, row, 1, vectors->stride, &square[i]);
        place[tree->order[i]] = i;
        w.round++;
        for (uint64_t t = tokens->start[i]; t < tokens->start[i + 1]; t++) {
            uint32_t id = tokens->ids[t];
            if (stamp[id] != w.round) share[id] += 1;
            stamp[id] = w.round;
        }
    }
    for (uint32_t t = 0; t < vocab; t++) share[t] /= (float)n;
    for (uint32_t v = n; v < tree->nodes; v++) {
        if (tree->size[v] < SMALLEST || tree->size[v] > largest) continue;
        EW_TRY(ew_stop_check(err));
        ew_group *g = &out->items[out->n++];
        *g = (ew_group){.node = v, .first = tree->first[v], .size = tree->size[v]};
        const uint32_t *rows = tree->order + g->first;
        double f = 0;
        for (uint32_t i = 0; i < g->size; i++) f += fringe[rows[i]];
        g->fbar = (float)(f / g->size);
        /* A part of the graph of its own has no parent: it lies as far out as the tree is high. */
        double above = tree->parent[v] == EW_NONE ? top + 1 : tree->height[tree->parent[v]];
        g->gap = (float)(above - tree->height[v]);
        double w_in = cohesion(&w, rows, g->size);
        outside(&w, g, rows);
        g->inside = (float)w_in;
        g->t1 = (w_in - (double)g->b10) * __builtin_sqrt((double)g->size);
        g->t2 = lexical(&w, g, rows);
        g->stability = 1; /* not known yet */
        g->list = ew_score_of(g, NULL, parts);
    }
done:
    ew_free(share);
    ew_free(place);
    ew_free(stamp);
    ew_free(count);
    ew_free(touched);
    ew_free(sum);
    ew_free(square);
    if (status != EW_OK) ew_groups_free(out);
    return status;
}
