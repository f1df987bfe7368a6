/* Does a group come back when the graph is built another way? */
#include "../base/alloc.h"
#include "../base/spill.h"
#include "../base/stop.h"
#include "score.h"

static const struct { uint32_t k; ew_weighting weighting; } VIEWS[EW_STABILITY_VIEWS] = {
    {8, EW_WEIGHT_LOCAL}, {15, EW_WEIGHT_SHARED}};

typedef struct {
    const ew_lists *lists;
    const ew_tree *tree;
    const ew_groups *groups;
    double *best;        /* [views, groups] */
} job;

/* One view's tree and what its groups get. */
typedef struct { const job *work; const ew_tree *tree; double *best; } meeting;

/* Best Jaccard of rows with any node of the tree; nodes over four times as large cannot win against a node within. */
static double best_jaccard(const ew_tree *tree, const uint32_t *rows, uint32_t n, uint32_t *hits, uint32_t *touched) {
    uint32_t kinds = 0;
    uint64_t common = 1, all = n; /* with a row alone */
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t v = tree->parent[rows[i]]; v != EW_NONE && tree->size[v] <= 4 * (uint64_t)n; v = tree->parent[v])
            if (!hits[v]++) touched[kinds++] = v;
    for (uint32_t i = 0; i < kinds; i++) {
        uint64_t both = hits[touched[i]], either = n + tree->size[touched[i]] - both;
        if (both * all > common * either) {
            common = both;
            all = either;
        }
        hits[touched[i]] = 0;
    }
    return (double)common / (double)all;
}

enum { PARTS = 8 }; /* of the groups, each with its own scratch: no more than so many of these at a time */

static ew_status part_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    const meeting *m = context;
    const ew_groups *groups = m->work->groups;
    size_t nodes = m->tree->nodes;
    uint32_t *hits = ew_calloc(nodes, sizeof *hits), *touched = ew_alloc(nodes, sizeof *touched);
    ew_status status = hits && touched ? EW_OK : ew_fail_memory(err, nodes * 8, "stability");
    uint32_t end = (uint32_t)((task + 1) * groups->n / PARTS);
    for (uint32_t i = (uint32_t)(task * groups->n / PARTS); status == EW_OK && i < end; i++) {
        const ew_group *g = &groups->items[i];
        m->best[i] = best_jaccard(m->tree, m->work->tree->order + g->first, g->size, hits, touched);
        status = ew_stop_check(err);
    }
    ew_free(hits);
    ew_free(touched);
    return status;
}

/* `pool` NULL: on the calling thread alone. */
static ew_status one_view(const job *work, uint64_t task, ew_pool *pool, ew_error *err) {
    ew_graph graph = {0};
    ew_tree tree = {0};
    meeting m = {work, &tree, work->best + task * work->groups->n};
    ew_status status;
    EW_TRY(ew_graph_build(work->lists, VIEWS[task].k, VIEWS[task].weighting, pool, &graph, err));
    ew_spill_rest(); /* lists are not looked at while the tree grows */
    EW_TRY(ew_tree_paris_bare(&graph, pool, &tree, err));
    EW_TRY(ew_pool_each(pool, PARTS, part_task, &m, err));
done:
    ew_tree_free(&tree);
    ew_graph_free(&graph);
    return status;
}

/* The ones that take longest first, so that the last to begin are soon done. */
static ew_status view_task(void *context, uint64_t task, int worker, ew_error *err) {
    static const uint8_t LONGEST_FIRST[EW_STABILITY_VIEWS] = {1, 0};
    (void)worker;
    return one_view(context, LONGEST_FIRST[task], NULL, err);
}

ew_status ew_stability(const ew_lists *lists, const ew_tree *tree, ew_groups *groups, ew_pool *pool, ew_error *err) {
    double *best = ew_calloc_spilled((size_t)EW_STABILITY_VIEWS * groups->n, sizeof *best);
    if (!best) return ew_fail_memory(err, (size_t)EW_STABILITY_VIEWS * groups->n * 8, "stability");
    job work = {lists, tree, groups, best};
    ew_score_part parts[EW_SCORE_TERMS];
    ew_status status = EW_OK;
    size_t links = 0;
    for (uint32_t v = 0; v < EW_STABILITY_VIEWS; v++) links += 2 * (size_t)lists->n * VIEWS[v].k;
    if (!ew_spill_large(links * sizeof(uint64_t)))
        status = ew_pool_run(pool, EW_STABILITY_VIEWS, view_task, &work, err);
    else /* graphs take most of what a run takes: one after the other, each by all threads */
        for (uint64_t v = 0; status == EW_OK && v < EW_STABILITY_VIEWS; v++) status = one_view(&work, v, pool, err);
    for (uint32_t i = 0; status == EW_OK && i < groups->n; i++) {
        double sum = 0;
        for (uint32_t v = 0; v < EW_STABILITY_VIEWS; v++) sum += best[(size_t)v * groups->n + i];
        groups->items[i].stability = sum / EW_STABILITY_VIEWS;
        groups->items[i].list = ew_score_of(&groups->items[i], NULL, parts);
    }
    ew_free(best);
    return status;
}
