/* The steps of needs.h in order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "inside.h"
#include "tiers.h"

void ew_findings_free(ew_findings *findings) {
    for (uint32_t i = 0; findings->items && i < findings->n; i++) ew_free(findings->items[i].rows);
    ew_free(findings->items);
    ew_free(findings->fringe);
    ew_free(findings->fdr);
    *findings = (ew_findings){0};
}

/* ---- the list ---- */

typedef struct { const ew_group *group; int significant; } entry;

static int by_score(const ew_group *x, const ew_group *y) {
    if (x->list != y->list) return x->list < y->list ? 1 : -1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static int by_list(const void *a, const void *b) { return by_score(((const entry *)a)->group, ((const entry *)b)->group); }

/* As the test counts them; groups with one verdict (trial.c: of one group of the sample) by score. */
static int by_strength(const void *a, const void *b) {
    const ew_group *x = ((const entry *)a)->group, *y = ((const entry *)b)->group;
    return x->s != y->s ? (x->s < y->s ? 1 : -1) : by_score(x, y);
}

static int by_found(const void *a, const void *b) {
    return by_score(&((const ew_found *)a)->group, &((const ew_found *)b)->group);
}

/* Two groups with more than this of their rows in common are the same need to a reader. */
static const double SAME = .7;

static ew_status add(const ew_needs_input *input, const ew_tree *tree, const entry *e, ew_findings *out, ew_error *err) {
    const ew_group *g = e->group;
    ew_found *found = &out->items[out->n];
    *found = (ew_found){.group = *g, .significant = e->significant};
    if (!(found->rows = ew_alloc(g->size, sizeof *found->rows)))
        return ew_fail_memory(err, g->size * sizeof *found->rows, "a need");
    out->n++;
    return ew_central_rows(input->vectors, tree->order + g->first, g->size, found->rows, err);
}

/* Free: no place of g's is taken; then they are. */
static int take(char *used, const ew_group *g) {
    if (memchr(used + g->first, 1, g->size)) return 0;
    memset(used + g->first, 1, g->size);
    return 1;
}

/* A listed group that is the same to a reader gives way to g, and the last of the list takes its place. None that can be
 * confirmed is met here: g has no row in common with these. Two nodes share all rows of the smaller one, or none. */
static void give_way(ew_findings *out, const ew_group *g) {
    for (uint32_t i = 0; i < out->n; i++) {
        const ew_group *x = &out->items[i].group;
        uint32_t less = x->size < g->size ? x->size : g->size, more = x->size < g->size ? g->size : x->size;
        if (x->first < g->first + g->size && g->first < x->first + x->size && less > SAME * more) {
            ew_free(out->items[i].rows);
            out->items[i--] = out->items[--out->n];
        }
    }
}

int ew_may_be_confirmed(const ew_group *group, double threshold) {
    return group->s >= threshold && group->stability >= EW_TIER_STABILITY && group->size >= EW_TIER_FAMILIES && group->clear >= 0;
}

/* Greedy by score, no shared rows, up to the length of the list. It is chosen without a look at significance, so that a verdict
 * on one of its groups is no second dip into the same numbers. Then what can be confirmed, greedy by strength, where nothing that
 * can is listed in it or around it; what cannot, and is the same to a reader, gives way. */
static ew_status make_list(const ew_needs_input *input, const ew_tree *tree, const ew_groups *groups, double threshold,
                           ew_findings *out, ew_error *err) {
    entry *entries = ew_alloc_spilled(groups->n, sizeof *entries);
    char *used = ew_calloc(tree->n, 1);
    ew_status status = EW_OK;
    out->items = ew_calloc(groups->n, sizeof *out->items);
    if (!entries || !used || !out->items) {
        status = ew_fail_memory(err, groups->n * sizeof *out->items, "the list of needs");
        goto done;
    }
    for (uint32_t i = 0; i < groups->n; i++) {
        const ew_group *g = &groups->items[i];
        entries[i] = (entry){g, g->s >= threshold};
    }
    qsort(entries, groups->n, sizeof *entries, by_list);
    for (uint32_t i = 0; i < groups->n && out->n < EW_LARGEST_LIST; i++)
        if (take(used, entries[i].group)) EW_TRY(add(input, tree, &entries[i], out, err));
    memset(used, 0, tree->n);
    for (uint32_t i = 0; i < out->n; i++)
        if (ew_may_be_confirmed(&out->items[i].group, threshold)) (void)take(used, &out->items[i].group);
    qsort(entries, groups->n, sizeof *entries, by_strength);
    for (uint32_t i = 0; i < groups->n && entries[i].significant; i++)
        if (ew_may_be_confirmed(entries[i].group, threshold) && take(used, entries[i].group)) {
            give_way(out, entries[i].group);
            EW_TRY(add(input, tree, &entries[i], out, err));
        }
    qsort(out->items, out->n, sizeof *out->items, by_found);
done:
    ew_free(entries);
    ew_free(used);
    return status;
}

ew_status ew_needs_find(const ew_needs_input *input, ew_pool *pool, ew_findings *out, ew_error *err) {
    *out = (ew_findings){0};
    ew_tree tree = {0};
    ew_groups groups = {0};
    ew_verdict verdict = {.threshold = INFINITY};
    ew_status status = EW_OK;
    out->fringe = ew_alloc_spilled(input->lists->n, sizeof *out->fringe);
    if (!out->fringe) {
        status = ew_fail_memory(err, input->lists->n * sizeof *out->fringe, "needs");
        goto done;
    }
    memset(out->fringe, 0, input->lists->n * sizeof *out->fringe);
    out->tested = input->lists->n;
    out->threshold = INFINITY;
    if (input->lists->n < 8) goto done; /* too few rows for any neighbourhood: no groups, no claim */
    EW_TRY(ew_tree_of_lists(input->lists, pool, &tree, err));
    uint32_t vocab = ew_trial_sampled(input) || !input->encoder || !input->decoys ? 0 : input->vocab;
    EW_TRY(ew_fringe(input->lists, input->owner, out->fringe, err));
    EW_TRY(ew_candidates(&tree, input->vectors, input->lists, out->fringe, input->tokens, input->owner, vocab, pool, &groups,
                         err));
    EW_TRY(ew_stability(input->lists, &tree, &groups, pool, err));
    EW_TRY(ew_trial(input, pool, &tree, &groups, &verdict, &out->tested, err));
    EW_TRY(make_list(input, &tree, &groups, verdict.threshold, out, err));
    out->candidates = groups.n;
    out->significant = verdict.significant;
    out->threshold = verdict.threshold;
    out->decoys = input->encoder ? input->decoys : 0;
    out->fdr = verdict.steps;
    out->n_fdr = verdict.n_steps;
    verdict.steps = NULL;
done:
    ew_free(verdict.steps);
    ew_groups_free(&groups);
    ew_tree_free(&tree);
    if (status != EW_OK) ew_findings_free(out);
    return status;
}
