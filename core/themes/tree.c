#include "tree.h"

#include <math.h>

#include "../base/alloc.h"

void ew_tree_free(ew_tree *tree) {
    ew_free(tree->parent);
    ew_free(tree->child);
    ew_free(tree->size);
    ew_free(tree->height);
    ew_free(tree->order);
    ew_free(tree->first);
    *tree = (ew_tree){0};
}

static void put_by(void *array, size_t n, size_t size) {
    void **at = array, *moved = ew_realloc_spilled(*at, n * size, n, size);
    if (moved) *at = moved; /* where it did not work, it stays where it is */
}

void ew_tree_put_by(ew_tree *tree) {
    size_t nodes = tree->nodes;
    put_by(&tree->parent, nodes, sizeof *tree->parent);
    put_by(&tree->child, 2 * nodes, sizeof *tree->child);
    put_by(&tree->size, nodes, sizeof *tree->size);
    put_by(&tree->height, nodes, sizeof *tree->height);
    put_by(&tree->order, tree->n, sizeof *tree->order);
    put_by(&tree->first, nodes, sizeof *tree->first);
}

ew_status ew_tree_init(ew_tree *tree, uint32_t n, int bare, ew_error *err) {
    size_t most = n ? 2 * (size_t)n - 1 : 0;
    *tree = (ew_tree){.n = n, .nodes = n};
    tree->parent = ew_alloc(most, sizeof *tree->parent);
    tree->size = ew_alloc(most, sizeof *tree->size);
    if (!bare) {
        tree->child = ew_alloc(2 * most, sizeof *tree->child);
        tree->height = ew_alloc(most, sizeof *tree->height);
        tree->order = ew_alloc(n, sizeof *tree->order);
        tree->first = ew_alloc(most, sizeof *tree->first);
    }
    if (!tree->parent || !tree->size || (!bare && (!tree->child || !tree->height || !tree->order || !tree->first))) {
        ew_tree_free(tree);
        return ew_fail_memory(err, most * 32, "a tree");
    }
    for (uint32_t i = 0; i < n; i++) {
        tree->parent[i] = EW_NONE;
        tree->size[i] = 1;
        if (bare) continue;
        tree->child[2 * (size_t)i] = tree->child[2 * (size_t)i + 1] = EW_NONE;
        tree->height[i] = -INFINITY;
    }
    return EW_OK;
}

uint32_t ew_tree_join(ew_tree *tree, uint32_t a, uint32_t b, double height) {
    uint32_t node = tree->nodes++;
    for (int side = 0; side < 2; side++) {
        uint32_t c = side ? b : a;
        tree->parent[c] = node;
        if (!tree->child) continue;
        tree->child[2 * (size_t)node + (size_t)side] = c;
        if (height < tree->height[c]) height = tree->height[c]; /* monotone, whatever the linkage does */
    }
    tree->parent[node] = EW_NONE;
    tree->size[node] = tree->size[a] + tree->size[b];
    if (tree->height) tree->height[node] = height;
    return node;
}

void ew_tree_finish(ew_tree *tree) {
    if (!tree->order) return;
    /* From the roots down: a node's rows begin where its parent's do, the second child's behind the first's. Children have
     * smaller numbers. */
    uint32_t at = 0;
    for (uint32_t node = tree->nodes; node-- > 0;) {
        uint32_t parent = tree->parent[node];
        if (parent == EW_NONE) {
            tree->first[node] = at;
            at += tree->size[node];
        } else {
            uint32_t first = tree->child[2 * (size_t)parent];
            tree->first[node] = tree->first[parent] + (node == first ? 0 : tree->size[first]);
        }
        if (node < tree->n) tree->order[tree->first[node]] = node;
    }
}
