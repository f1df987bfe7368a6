/* From a tree to candidate groups and their statistics. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/spill.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "patch.h"
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
        if (i % 1024 == 0) ew_spill_look();
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

ew_status ew_candidates(const ew_tree *tree, const ew_vectors *vectors, const ew_lists *lists, const float *fringe,
                        const ew_token_lists *tokens, uint32_t vocab, ew_groups *out, ew_error *err) {
    uint32_t n = tree->n;
    double half = .005 * n, top = 0;
    uint32_t largest = half > 500 ? 500 : half > 60 ? (uint32_t)half : 60;
    ew_patch patch = {0};
    ew_score_part parts[EW_SCORE_TERMS];
    ew_status status = EW_OK;
    *out = (ew_groups){0};
    uint32_t *number = ew_alloc(tree->nodes - n, sizeof *number), *below = ew_alloc(largest, sizeof *below);
    if (number) out->n = number_candidates(tree, largest, number, &top);
    out->items = ew_calloc_spilled(out->n, sizeof *out->items);
    if (!number || !below || !out->items) {
        status = ew_fail_memory(err, out->n * sizeof *out->items, "candidate groups");
        goto done;
    }
    EW_TRY(ew_patch_init(&patch, tree, vectors, lists, fringe, tokens, vocab, largest, err));
    for (uint32_t v = n; v < tree->nodes; v++) { /* the largest candidates, each with all those within it */
        uint32_t parent = tree->parent[v], deep = 0;
        if (number[v - n] == EW_NONE || (parent != EW_NONE && number[parent - n] != EW_NONE)) continue;
        EW_TRY(ew_stop_check(err));
        ew_patch_fill(&patch, tree->first[v], tree->size[v]);
        below[deep++] = v;
        while (deep) {
            uint32_t node = below[--deep];
            for (int side = 0; side < 2; side++) { /* what waits is disjoint, and has SMALLEST rows: no more than `largest` */
                uint32_t c = tree->child[2 * (size_t)node + (size_t)side];
                if (tree->size[c] >= SMALLEST) below[deep++] = c;
            }
            ew_group *g = &out->items[number[node - n]];
            *g = (ew_group){.node = node, .first = tree->first[node], .size = tree->size[node], .room = largest / 4};
            /* A part of the graph of its own has no parent: it lies as far out as the tree is high. */
            double above = tree->parent[node] == EW_NONE ? top + 1 : tree->height[tree->parent[node]];
            g->gap = (float)(above - tree->height[node]);
            ew_patch_measure(&patch, g);
            g->stability = 1; /* not known yet */
            g->list = ew_score_of(g, NULL, parts);
        }
    }
done:
    ew_patch_free(&patch);
    ew_free(number);
    ew_free(below);
    if (status != EW_OK) ew_groups_free(out);
    return status;
}
