/* From a tree to candidate groups and their statistics. */
#include "../base/alloc.h"
#include "../base/sort.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "patch.h"
#include "score.h"

enum { SMALLEST = 4, NODES = 256 /* a task */ };

void ew_groups_free(ew_groups *groups) {
    ew_free(groups->items);
    *groups = (ew_groups){0};
}

/* Sum of the dots at places from .. to - 1 of a row's list, parts of its own comment behind all others. */
static int64_t far_dots(const ew_lists *lists, const uint32_t *owner, uint32_t row, uint32_t from, uint32_t to) {
    const uint32_t *ids = lists->ids + (size_t)row * lists->k;
    const int32_t *dots = lists->dots + (size_t)row * lists->k;
    int64_t sum = 0;
    for (uint32_t own = 0, place = 0; own < 2 && place < to; own++)
        for (uint32_t j = 0; j < lists->k && place < to; j++) {
            if ((owner && owner[ids[j]] == owner[row]) != own) continue;
            sum += place >= from ? dots[j] : 0;
            place++;
        }
    return sum;
}

/* Sorted by sum of dots above the row, for which there is as much room as in a link. */
ew_status ew_fringe(const ew_lists *lists, const uint32_t *owner, float *out, ew_error *err) {
    uint64_t *all = ew_alloc(lists->n, sizeof *all), *spare = ew_alloc(lists->n, sizeof *spare);
    if (!all || !spare) {
        ew_free(all);
        ew_free(spare);
        return ew_fail_memory(err, lists->n * sizeof *all * 2, "the fringe");
    }
    uint32_t to = lists->k < EW_FAR_TO ? lists->k : EW_FAR_TO,
             from = to > EW_FAR_TO - EW_FAR_FROM ? to - (EW_FAR_TO - EW_FAR_FROM) : 0;
    for (uint32_t i = 0; i < lists->n; i++) {
        int64_t sum = lists->far ? lists->far[i] : far_dots(lists, owner, i, from, to);
        all[i] = (uint64_t)(((int64_t)1 << (63 - EW_LINK_BITS)) - sum) << EW_LINK_BITS | i; /* the nearest first */
    }
    ew_sort_u64(all, spare, lists->n);
    for (uint32_t i = 0; i < lists->n;) { /* equal rows share the middle of their ranks */
        uint32_t end = i;
        while (end < lists->n && all[end] >> EW_LINK_BITS == all[i] >> EW_LINK_BITS) end++;
        for (uint32_t j = i; j < end; j++) out[all[j] & ((1u << EW_LINK_BITS) - 1)] = (float)((i + end) / 2.0 / lists->n);
        i = end;
    }
    ew_free(all);
    ew_free(spare);
    return EW_OK;
}

/* Nodes of the tree that are candidates, numbered in their order: number [nodes - n] out, EW_NONE for the others. */
static uint32_t number_candidates(const ew_tree *tree, uint32_t largest, uint32_t *number, double *top) {
    uint32_t many = 0;
    *top = 0;
    for (uint32_t v = tree->n; v < tree->nodes; v++) {
        int is = tree->size[v] >= SMALLEST && tree->size[v] <= largest;
        number[v - tree->n] = is ? many++ : EW_NONE;
        if (v == tree->n || tree->height[v] > *top) *top = tree->height[v];
    }
    return many;
}

/* A group that is much of the corpus, and whose two parts met late, may be two that only lie side by side: by its share of the
 * corpus' rows, in percent, and by the height of the node above its parts, a mean over its rows, it has to stand further apart
 * from what is around it. A large corpus, whose groups are all small parts of it, hardly notices. */
static double clear_of(const ew_tree *tree, const ew_group *g) {
    static const double APART = .4, SHARE = .3, LATE = .2, LEAST = .01;
    double inside = (double)g->inside > .05 ? (double)g->inside : .05, late = 0;
    for (int side = 0; side < 2; side++) {
        uint32_t c = tree->child[2 * (size_t)g->node + (size_t)side];
        if (tree->size[c] > 1) late += tree->size[c] * (tree->height[g->node] - tree->height[c]);
    }
    late /= g->size;
    double bound = APART + SHARE * ew_log(100.0 * g->size / tree->n) + LATE * ew_log(late > LEAST ? late : LEAST);
    return 1 - (double)g->b30 / inside - bound;
}

typedef struct {
    const ew_tree *tree;
    const uint32_t *number;  /* [merges] of a candidate, EW_NONE */
    uint32_t largest;
    double top;              /* the largest height */
    ew_patch *patches;       /* [workers] */
    uint32_t *below;         /* [workers, largest] scratch */
    ew_groups *out;
} measuring;

/* A candidate that lies in no other, with all those within it. */
static ew_status measure_within(const measuring *m, uint32_t v, int worker, ew_error *err) {
    const ew_tree *tree = m->tree;
    ew_patch *patch = &m->patches[worker];
    uint32_t *below = m->below + (size_t)worker * m->largest, deep = 0;
    ew_score_part parts[EW_SCORE_TERMS];
    ew_status status = ew_patch_fill(patch, tree->first[v], tree->size[v], err);
    if (status != EW_OK) return status;
    below[deep++] = v;
    while (deep) {
        uint32_t node = below[--deep];
        for (int side = 0; side < 2; side++) { /* what waits is disjoint, and has SMALLEST rows: no more than `largest` */
            uint32_t c = tree->child[2 * (size_t)node + (size_t)side];
            if (tree->size[c] >= SMALLEST) below[deep++] = c;
        }
        ew_group *g = &m->out->items[m->number[node - tree->n]];
        *g = (ew_group){.node = node, .first = tree->first[node], .size = tree->size[node], .room = m->largest / 4};
        ew_patch_measure(patch, g);
        if (!patch->fringe) continue;
        /* A part of the graph of its own has no parent: it lies as far out as the tree is high. */
        double above = tree->parent[node] == EW_NONE ? m->top + 1 : tree->height[tree->parent[node]];
        g->gap = (float)(above - tree->height[node]);
        g->clear = clear_of(tree, g);
        g->stability = 1; /* not known yet */
        g->list = ew_score_of(g, NULL, parts);
    }
    return EW_OK;
}

static ew_status measure_task(void *context, uint64_t task, int worker, ew_error *err) {
    const measuring *m = context;
    const ew_tree *tree = m->tree;
    uint32_t end = tree->n + (uint32_t)ew_chunk_end(task, NODES, tree->nodes - tree->n);
    for (uint32_t v = tree->n + (uint32_t)task * NODES; v < end; v++) {
        uint32_t parent = tree->parent[v];
        if (m->number[v - tree->n] == EW_NONE || (parent != EW_NONE && m->number[parent - tree->n] != EW_NONE)) continue;
        ew_status status = ew_stop_check(err);
        if (status == EW_OK) status = measure_within(m, v, worker, err);
        if (status != EW_OK) return status;
    }
    return EW_OK;
}

ew_status ew_candidates(const ew_tree *tree, const ew_vectors *vectors, const ew_lists *lists, const float *fringe,
                        const ew_token_lists *tokens, const uint32_t *owner, uint32_t vocab, ew_pool *pool, ew_groups *out,
                        ew_error *err) {
    uint32_t n = tree->n;
    double half = .005 * n;
    int workers = ew_pool_threads(pool);
    measuring m = {.tree = tree, .largest = half > 500 ? 500 : half > 60 ? (uint32_t)half : 60, .out = out};
    ew_status status = EW_OK;
    *out = (ew_groups){0};
    uint32_t *number = ew_alloc(tree->nodes - n, sizeof *number), *place = ew_alloc(n, sizeof *place);
    float *share = vocab ? ew_alloc(vocab, sizeof *share) : NULL;
    if (number) out->n = number_candidates(tree, m.largest, number, &m.top);
    m.number = number;
    m.below = ew_alloc((size_t)workers * m.largest, sizeof *m.below);
    m.patches = ew_calloc((size_t)workers, sizeof *m.patches);
    out->items = ew_calloc_spilled(out->n, sizeof *out->items);
    if (!number || !place || !m.below || !m.patches || !out->items || (vocab && !share)) {
        status = ew_fail_memory(err, out->n * sizeof *out->items, "candidate groups");
        goto done;
    }
    for (uint32_t i = 0; i < n; i++) place[tree->order[i]] = i;
    if (share) EW_TRY(ew_patch_shares(tokens, vocab, share, err));
    for (int i = 0; i < workers; i++)
        EW_TRY(ew_patch_init(&m.patches[i], tree, place, vectors, lists, fringe, tokens, owner, share, vocab, m.largest, err));
    EW_TRY(ew_pool_each(pool, ew_chunks(tree->nodes - n, NODES), measure_task, &m, err));
done:
    for (int i = 0; m.patches && i < workers; i++) ew_patch_free(&m.patches[i]);
    ew_free(m.patches);
    ew_free(m.below);
    ew_free(number);
    ew_free(place);
    ew_free(share);
    if (status != EW_OK) ew_groups_free(out);
    return status;
}
