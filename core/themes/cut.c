/* From Ward's tree to themes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "themes.h"

enum { WARD_NEIGHBOURS = 30, SMALLEST = 4, LLOYD_STEPS = 2, FEWEST = 4, COARSEST = 12 };
static const double NEAR_BEST = .9; /* share of the best silhouette that is near enough */

void ew_partition_free(ew_partition *partition) {
    ew_free(partition->theme);
    ew_free(partition->coarse);
    *partition = (ew_partition){0};
}

typedef struct { double height; uint32_t node; } split;

static int highest_first(const void *a, const void *b) {
    const split *x = a, *y = b;
    if (x->height != y->height) return x->height < y->height ? 1 : -1;
    return x->node < y->node ? 1 : x->node > y->node ? -1 : 0; /* parents have larger numbers */
}

/* Labels rows by the subtrees that are left when the highest merges are undone until there are k of SMALLEST rows or more
 * (smaller ones get EW_NONE). Returns how many labels were given. */
static uint32_t cut(const ew_tree *tree, const split *splits, uint32_t k, uint32_t *label, char *undone) {
    memset(undone, 0, tree->nodes);
    uint32_t roots = 0, given = 0, at = 0, merges = tree->nodes - tree->n;
    for (uint32_t v = 0; v < tree->nodes; v++) roots += tree->parent[v] == EW_NONE && tree->size[v] >= SMALLEST;
    while (roots < k && at < merges) {
        uint32_t v = splits[at++].node, large = 0;
        undone[v] = 1;
        for (int side = 0; side < 2; side++) large += tree->size[tree->child[2 * (size_t)v + (size_t)side]] >= SMALLEST;
        if (tree->size[v] >= SMALLEST) roots = roots + large - 1;
    }
    for (uint32_t v = 0; v < tree->nodes; v++) {
        if (undone[v] || (tree->parent[v] != EW_NONE && !undone[tree->parent[v]])) continue;
        uint32_t name = tree->size[v] >= SMALLEST ? given++ : EW_NONE;
        for (uint32_t i = 0; i < tree->size[v]; i++) label[tree->order[tree->first[v] + i]] = name;
    }
    return given;
}

/* Cut, centres, two Lloyd steps. *quality: simplified silhouette (Vendramin, Campello, Hruschka 2010) of the result. */
static ew_status partition_at(const ew_tree *tree, const split *splits, const ew_vectors *vectors, uint32_t k, ew_pool *pool,
                              uint32_t *label, char *undone, int32_t *best, int32_t *second, uint32_t *parts, double *quality,
                              ew_error *err) {
    ew_centres centres = {0};
    ew_status status;
    uint32_t given = cut(tree, splits, k, label, undone);
    if (!given) {
        memset(label, 0, vectors->n * sizeof *label);
        given = 1;
    }
    EW_TRY(ew_centres_create(given, vectors->stride, &centres, err));
    for (int step = 0; step <= LLOYD_STEPS; step++) {
        EW_TRY(ew_centres_update(vectors, label, &centres, err));
        EW_TRY(ew_centres_assign(vectors, &centres, pool, label, best, second, err));
    }
    double sum = 0, unit = 1 / ((double)vectors->scale * 400.0);
    for (uint32_t i = 0; i < vectors->n; i++) {
        double own = 1 - best[i] * unit, other = given > 1 ? 1 - second[i] * unit : 1;
        own = own > 0 ? own : 0;
        double larger = own > other ? own : other;
        sum += larger > 0 ? (other - own) / larger : 0;
    }
    *quality = sum / vectors->n;
    *parts = given;
done:
    ew_centres_free(&centres);
    return status;
}

typedef struct { uint32_t size, name; } sized;

static int larger_first(const void *a, const void *b) {
    const sized *x = a, *y = b;
    return x->size != y->size ? (x->size < y->size ? 1 : -1) : x->name < y->name ? -1 : x->name > y->name;
}

/* Renames labels so that larger parts have smaller numbers and empty ones are gone; *k gets how many are left. */
static ew_status rename_by_size(uint32_t *label, uint32_t n, uint32_t *k, ew_error *err) {
    sized *parts = ew_alloc(*k, sizeof *parts);
    uint32_t *to = ew_alloc(*k, sizeof *to), kept = 0;
    ew_status status = parts && to ? EW_OK : ew_fail_memory(err, *k * sizeof *parts, "themes");
    if (status == EW_OK) {
        for (uint32_t c = 0; c < *k; c++) parts[c] = (sized){0, c};
        for (uint32_t i = 0; i < n; i++) parts[label[i]].size++;
        qsort(parts, *k, sizeof *parts, larger_first);
        for (uint32_t c = 0; c < *k; c++) {
            to[parts[c].name] = c;
            kept += parts[c].size > 0;
        }
        for (uint32_t i = 0; i < n; i++) label[i] = to[label[i]];
        *k = kept;
    }
    ew_free(parts);
    ew_free(to);
    return status;
}

/* The level above: the same tree cut coarser; a theme goes where most of its rows are. */
static ew_status coarser(const ew_tree *tree, const split *splits, ew_partition *out, uint32_t *above, char *undone,
                         ew_error *err) {
    uint32_t given = out->k >= 2 * COARSEST ? cut(tree, splits, COARSEST, above, undone) : 0;
    if (given < 2) return EW_OK;
    uint32_t *votes = ew_calloc((size_t)out->k * given, sizeof *votes);
    out->coarse = ew_alloc(out->k, sizeof *out->coarse);
    ew_status status = votes && out->coarse ? EW_OK : ew_fail_memory(err, (size_t)out->k * given * 4, "themes");
    if (status == EW_OK) {
        for (uint32_t i = 0; i < out->n; i++)
            if (above[i] != EW_NONE) votes[(size_t)out->theme[i] * given + above[i]]++;
        for (uint32_t t = 0; t < out->k; t++) {
            uint32_t most = 0;
            for (uint32_t c = 1; c < given; c++)
                if (votes[(size_t)t * given + c] > votes[(size_t)t * given + most]) most = c;
            out->coarse[t] = most;
        }
        out->coarse_k = given;
        status = rename_by_size(out->coarse, out->k, &out->coarse_k, err);
        if (out->coarse_k < 2) out->coarse_k = 0; /* one part above all the others says nothing */
    }
    ew_free(votes);
    return status;
}

ew_status ew_themes_cut(const ew_vectors *vectors, const ew_lists *lists, uint32_t k, ew_pool *pool, ew_partition *out,
                        ew_error *err) {
    uint32_t n = vectors->n;
    *out = (ew_partition){.n = n};
    ew_graph graph = {0};
    ew_tree tree = {0};
    ew_status status = EW_OK;
    split *splits = NULL;
    char *undone = NULL;
    uint32_t *trial = ew_alloc(n, sizeof *trial);
    int32_t *best = ew_alloc(n, sizeof *best), *second = ew_alloc(n, sizeof *second);
    out->theme = ew_alloc(n, sizeof *out->theme);
    if (!trial || !best || !second || !out->theme) {
        status = ew_fail_memory(err, n * 16, "themes");
        goto done;
    }
    if (!n) goto done;
    EW_TRY(ew_graph_build(lists, WARD_NEIGHBOURS, EW_WEIGHT_COS4, &graph, err));
    EW_TRY(ew_tree_ward(&graph, vectors, &tree, err));
    splits = ew_alloc(tree.nodes - n, sizeof *splits);
    undone = ew_alloc(tree.nodes, 1);
    if (!splits || !undone) {
        status = ew_fail_memory(err, tree.nodes * sizeof *splits, "themes");
        goto done;
    }
    for (uint32_t v = n; v < tree.nodes; v++) splits[v - n] = (split){tree.height[v], v};
    qsort(splits, tree.nodes - n, sizeof *splits, highest_first);
    double top = -INFINITY, quality;
    uint32_t parts;
    if (k) {
        EW_TRY(partition_at(&tree, splits, vectors, k, pool, out->theme, undone, best, second, &out->k, &quality, err));
    } else {
        /* The best silhouette over the grid; then the fewest themes near it, as it hardly falls with ever finer ones. */
        uint32_t most = n / 15 < 400 ? n / 15 : 400, steps = 0;
        double qualities[64] = {0};
        uint32_t least = n / 100 < COARSEST ? n / 100 : COARSEST, fewest = FEWEST; /* a large corpus has at least a dozen */
        while (fewest < least) fewest += fewest / 4 + 1;
        for (uint32_t try = fewest; steps < 64 && (try == fewest || try <= most); try += try / 4 + 1) {
            EW_TRY(partition_at(&tree, splits, vectors, try, pool, trial, undone, best, second, &parts, &qualities[steps], err));
            if (qualities[steps] > top) top = qualities[steps];
            steps++;
        }
        uint32_t pick = fewest;
        for (uint32_t step = 0; step < steps && qualities[step] < top - (1 - NEAR_BEST) * fabs(top); step++) pick += pick / 4 + 1;
        EW_TRY(partition_at(&tree, splits, vectors, pick, pool, out->theme, undone, best, second, &out->k, &quality, err));
    }
    EW_TRY(rename_by_size(out->theme, n, &out->k, err));
    EW_TRY(coarser(&tree, splits, out, trial, undone, err));
done:
    ew_free(trial);
    ew_free(best);
    ew_free(second);
    ew_free(splits);
    ew_free(undone);
    ew_tree_free(&tree);
    ew_graph_free(&graph);
    if (status != EW_OK) ew_partition_free(out);
    return status;
}
