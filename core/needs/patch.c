#include "patch.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../kernels/kernels.h"

enum { NEAR = 10, FURTHER = 30 }; /* outsiders looked at */

/* ---- words: for the second statistic ---- */

static ew_status words_init(ew_patch *b, uint32_t vocab, ew_error *err) {
    b->share = ew_calloc(vocab, sizeof *b->share);
    b->count = ew_calloc(vocab, sizeof *b->count);
    b->touched = ew_alloc(vocab, sizeof *b->touched);
    b->stamp = ew_calloc(vocab, sizeof *b->stamp);
    if (!b->share || !b->count || !b->touched || !b->stamp)
        return ew_fail_memory(err, vocab * sizeof *b->share, "candidate groups");
    const ew_token_lists *tokens = b->tokens;
    for (uint32_t i = 0; i < tokens->n; i++) {
        b->round++;
        for (uint64_t t = tokens->start[i]; t < tokens->start[i + 1]; t++) {
            uint32_t id = tokens->ids[t];
            if (b->stamp[id] != b->round) b->share[id] += 1;
            b->stamp[id] = b->round;
        }
    }
    for (uint32_t t = 0; t < vocab; t++) b->share[t] /= (float)tokens->n;
    return EW_OK;
}

/* Of the rows from `from` on that have its owner, is it the first? */
static int is_first(const ew_patch *b, uint32_t row, uint32_t from) { return b->before[row] == EW_NONE || b->before[row] < from; }

/* Leave-one-out gain of the words that members share, without the single best word. */
static double lexical(ew_patch *b, uint32_t from, uint32_t n, uint32_t voices) {
    const ew_token_lists *tokens = b->tokens;
    uint32_t kinds = 0;
    for (uint32_t i = from; i < from + n; i++) {
        if (!is_first(b, i, from)) continue;
        b->round++;
        for (uint32_t j = i; j < from + n; j = b->after[j]) { /* EW_NONE is the largest */
            uint32_t row = b->tree->order[b->first + j];
            for (uint64_t t = tokens->start[row]; t < tokens->start[row + 1]; t++) {
                uint32_t id = tokens->ids[t];
                if (b->stamp[id] == b->round) continue; /* once a comment */
                b->stamp[id] = b->round;
                if (!b->count[id]++) b->touched[kinds++] = id;
            }
        }
    }
    double k = voices, total = 0, best = 0, once = ew_log(1 / k); /* most occur in one row: p / (k p) is that to the last bit */
    for (uint32_t i = 0; i < kinds; i++) {
        uint32_t id = b->touched[i], c = b->count[id];
        double p = b->share[id], gain = c == 1 ? once : c * ew_log((c - 1 + p) / (k * p));
        total += gain;
        if (gain > best) best = gain;
        b->count[id] = 0;
    }
    return (total - best) / __builtin_sqrt(k);
}

/* ---- rows ---- */

ew_status ew_patch_init(ew_patch *patch, const ew_tree *tree, const uint32_t *place, const ew_vectors *vectors,
                        const ew_lists *lists, const float *fringe, const ew_token_lists *tokens, const uint32_t *owner,
                        uint32_t vocab, uint32_t most, ew_error *err) {
    *patch = (ew_patch){.tree = tree, .place = place, .vectors = vectors, .lists = lists, .fringe = fringe, .tokens = tokens,
                        .owner = owner};
    if (most > tree->n) most = tree->n;
    size_t rows = (size_t)most + 1, k = lists->k;
    patch->sums = ew_calloc(rows * vectors->stride, sizeof *patch->sums);
    patch->squares = ew_calloc(rows, sizeof *patch->squares);
    patch->dots = ew_calloc(rows * (k + 1), sizeof *patch->dots);
    patch->within = ew_alloc(rows * k, sizeof *patch->within);
    patch->many = ew_alloc(rows, sizeof *patch->many);
    patch->before = ew_alloc(rows, sizeof *patch->before);
    patch->after = ew_alloc(rows, sizeof *patch->after);
    if (!patch->sums || !patch->squares || !patch->dots || !patch->within || !patch->many || !patch->before || !patch->after)
        return ew_fail_memory(err, rows * vectors->stride * sizeof *patch->sums, "candidate groups");
    return vocab ? words_init(patch, vocab, err) : EW_OK;
}

void ew_patch_free(ew_patch *patch) {
    ew_free(patch->sums);
    ew_free(patch->squares);
    ew_free(patch->dots);
    ew_free(patch->within);
    ew_free(patch->many);
    ew_free(patch->before);
    ew_free(patch->after);
    ew_free(patch->share);
    ew_free(patch->count);
    ew_free(patch->touched);
    ew_free(patch->stamp);
    *patch = (ew_patch){0};
}

static int is_own(const ew_patch *b, uint32_t row, uint32_t other) { return b->owner && b->owner[row] == b->owner[other]; }

static void find_before(ew_patch *b, uint32_t i) {
    const uint32_t *rows = b->tree->order + b->first;
    b->before[i] = b->after[i] = EW_NONE;
    for (uint32_t j = b->owner ? i : 0; j--;) {
        if (!is_own(b, rows[i], rows[j])) continue;
        b->before[i] = j;
        b->after[j] = i;
        return;
    }
}

void ew_patch_fill(ew_patch *patch, uint32_t first, uint32_t size) {
    uint32_t stride = patch->vectors->stride, k = patch->lists->k;
    patch->first = first;
    for (uint32_t i = 0; i < size; i++) {
        uint32_t row = patch->tree->order[first + i];
        const int8_t *bytes = patch->vectors->rows + (size_t)row * stride;
        const int32_t *before = patch->sums + (size_t)i * stride;
        int32_t *sum = patch->sums + ((size_t)i + 1) * stride, square;
        for (uint32_t d = 0; d < stride; d++) sum[d] = before[d] + bytes[d];
        ew_kernels_get()->dot_i8(bytes, 1, bytes, 1, stride, &square);
        patch->squares[i + 1] = patch->squares[i] + square;
        const uint32_t *ids = patch->lists->ids + (size_t)row * k;
        const int32_t *near = patch->lists->dots + (size_t)row * k;
        int64_t *dots = patch->dots + (size_t)i * (k + 1);
        ew_within *within = patch->within + (size_t)i * k;
        uint32_t many = 0;
        for (uint32_t j = 0; j < k; j++) {
            dots[j + 1] = dots[j] + near[j];
            int own = is_own(patch, row, ids[j]);
            within[many] = (ew_within){j, own ? EW_PATCH_OWN : patch->place[ids[j]] - first, near[j]};
            many += own || within[many].row < size;
        }
        patch->many[i] = many;
        find_before(patch, i);
    }
}

/* ---- groups ---- */

static const int8_t *bytes_of(const ew_patch *b, uint32_t row) {
    return b->vectors->rows + (size_t)b->tree->order[b->first + row] * b->vectors->stride;
}

/* Mean similarity of pairs within, by the length of the sum, less those of one owner; 0: there are no others. */
static double cohesion(const ew_patch *b, uint32_t from, uint32_t n) {
    uint32_t stride = b->vectors->stride;
    const int32_t *begin = b->sums + (size_t)from * stride, *end = begin + (size_t)n * stride;
    int64_t own = b->squares[from + n] - b->squares[from], all = 0;
    for (uint32_t d = 0; d < stride; d++) {
        int32_t sum = end[d] - begin[d];
        all += (int64_t)sum * sum;
    }
    uint64_t pairs = (uint64_t)n * (n - 1);
    for (uint32_t i = from; i < from + n; i++)
        for (uint32_t j = b->before[i]; j != EW_NONE && j >= from; j = b->before[j]) {
            int32_t dot;
            ew_kernels_get()->dot_i8(bytes_of(b, i), 1, bytes_of(b, j), 1, stride, &dot);
            own += 2 * (int64_t)dot;
            pairs -= 2;
        }
    return pairs ? (double)(all - own) * b->lists->unit / (double)pairs : 0;
}

/* Sum of the dots of the first `most` of a row's list that are not in the group, nor of its comment; *seen: how many there are.
 * All of the list's beginning, less its members and its own: those are few. */
static int64_t outsiders(const ew_patch *b, uint32_t row, uint32_t from, uint32_t n, uint32_t most, uint32_t *seen) {
    uint32_t k = b->lists->k, inside = 0;
    const ew_within *within = b->within + (size_t)row * k;
    int64_t less = 0;
    for (uint32_t i = 0; i < b->many[row] && within[i].place < most + inside; i++) {
        int member = within[i].row == EW_PATCH_OWN || within[i].row - from < n; /* unsigned */
        less += member ? within[i].dot : 0;
        inside += (uint32_t)member;
    }
    uint32_t end = most + inside < k ? most + inside : k;
    *seen = end - inside;
    return b->dots[(size_t)row * (k + 1) + end] - less;
}

/* Mean over members of the mean similarity to their nearest 10 and 30 outsiders. */
static void outside(const ew_patch *b, ew_group *g, uint32_t from) {
    double sum10 = 0, sum30 = 0;
    for (uint32_t row = from; row < from + g->size; row++) {
        uint32_t ten, seen;
        int64_t dots10 = outsiders(b, row, from, g->size, NEAR, &ten);
        int64_t dots30 = outsiders(b, row, from, g->size, FURTHER, &seen);
        if (!seen && b->lists->k) { /* the list knows members only: no outsider is nearer than its last */
            dots10 = dots30 = b->within[(size_t)row * b->lists->k + b->lists->k - 1].dot;
            seen = ten = 1;
        }
        if (seen) {
            sum10 += (double)dots10 * b->lists->unit / ten;
            sum30 += (double)dots30 * b->lists->unit / seen;
        }
    }
    g->b10 = (float)(sum10 / g->size);
    g->b30 = (float)(sum30 / g->size);
}

void ew_patch_measure(ew_patch *patch, ew_group *g) {
    const uint32_t *rows = patch->tree->order + g->first;
    uint32_t from = g->first - patch->first;
    double f = 0;
    uint64_t tokens = 0;
    for (uint32_t i = 0; i < g->size; i++) {
        f += patch->fringe[rows[i]];
        tokens += patch->tokens->start[rows[i] + 1] - patch->tokens->start[rows[i]];
    }
    g->fbar = (float)(f / g->size);
    g->words = (float)((double)tokens / g->size);
    double inside = cohesion(patch, from, g->size);
    outside(patch, g, from);
    g->inside = (float)inside;
    uint32_t voices = 0;
    for (uint32_t i = from; i < from + g->size; i++) voices += is_first(patch, i, from) != 0;
    g->t1 = (inside - (double)g->b10) * __builtin_sqrt((double)voices);
    if (patch->share) g->t2 = lexical(patch, from, g->size, voices);
}
