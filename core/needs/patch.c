#include "patch.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../kernels/kernels.h"

enum { NEAR = 10, FURTHER = 30 /* outsiders looked at */, AHEAD = 4 };

/* ---- words: for the second statistic ---- */

ew_status ew_patch_shares(const ew_token_lists *tokens, uint32_t vocab, float *share, ew_error *err) {
    uint32_t *last = ew_calloc(vocab, sizeof *last); /* row that a token was seen in, plus one */
    if (!last) return ew_fail_memory(err, vocab * sizeof *last, "candidate groups");
    memset(share, 0, vocab * sizeof *share);
    for (uint32_t i = 0; i < tokens->n; i++)
        for (uint64_t t = tokens->start[i]; t < tokens->start[i + 1]; t++) {
            uint32_t id = tokens->ids[t];
            share[id] += last[id] != i + 1 ? 1.0f : 0.0f;
            last[id] = i + 1;
        }
    for (uint32_t t = 0; t < vocab; t++) share[t] /= (float)tokens->n;
    ew_free(last);
    return EW_OK;
}

static ew_status words_init(ew_patch *b, uint32_t vocab, uint32_t most, ew_error *err) {
    b->known = ew_calloc(vocab, EW_PATCH_KNOWN * sizeof *b->known);
    b->number = ew_alloc(vocab, sizeof *b->number);
    b->stamp = ew_calloc(vocab, sizeof *b->stamp);
    b->word = ew_alloc((size_t)most + 1, sizeof *b->word);
    if (!b->known || !b->number || !b->stamp || !b->word)
        return ew_fail_memory(err, vocab * EW_PATCH_KNOWN * sizeof *b->known, "candidate groups");
    return EW_OK;
}

static ew_status make_room(ew_patch *b, uint64_t tokens, ew_error *err) {
    if (tokens <= b->room) return EW_OK;
    ew_free(b->words);
    b->room = 0;
    if (tokens > UINT32_MAX / 2 || !(b->words = ew_calloc(5 * (size_t)tokens, sizeof *b->words))) {
        b->words = NULL;
        return ew_fail_memory(err, 5 * tokens * sizeof *b->words, "candidate groups");
    }
    b->room = (uint32_t)tokens;
    b->token = b->words + tokens;
    b->count = b->token + tokens;
    b->touched = b->count + tokens;
    b->voice = b->touched + tokens;
    return EW_OK;
}

/* Numbers for the tokens of the patch, so that what groups count in lies together. */
static ew_status words_fill(ew_patch *b, uint32_t size, ew_error *err) {
    const ew_token_lists *tokens = b->tokens;
    const uint32_t *rows = b->tree->order + b->first;
    uint64_t all = 0;
    for (uint32_t i = 0; i < size; i++) all += tokens->start[rows[i] + 1] - tokens->start[rows[i]];
    ew_status status = make_room(b, all, err);
    if (status != EW_OK) return status;
    uint32_t held = 0, kinds = 0;
    b->round++;
    for (uint32_t i = 0; i < size; i++) {
        b->word[i] = held;
        for (uint64_t t = tokens->start[rows[i]]; t < tokens->start[rows[i] + 1]; t++) {
            uint32_t id = tokens->ids[t];
            if (b->stamp[id] != b->round) { /* new to the patch */
                b->stamp[id] = b->round;
                b->voice[kinds] = EW_NONE;
                b->token[kinds] = id;
                b->number[id] = kinds++;
            }
            uint32_t number = b->number[id];
            b->words[held] = number;
            held += b->voice[number] != i; /* once a row */
            b->voice[number] = i;
        }
    }
    b->word[size] = held;
    return EW_OK;
}

/* Of the rows from `from` on that have its owner, is it the first? */
static int is_first(const ew_patch *b, uint32_t row, uint32_t from) { return b->before[row] == EW_NONE || b->before[row] < from; }

/* count: in how many of the group's comments each token stands. Returns how many tokens there are; *all: the sum of it. */
static uint32_t count_words(ew_patch *b, uint32_t from, uint32_t n, uint32_t voices, uint64_t *all) {
    uint32_t kinds = 0, *count = b->count, *touched = b->touched;
    *all = 0;
    if (voices == n) { /* each row is a comment */
        const uint32_t *end = b->words + b->word[from + n];
        for (const uint32_t *w = b->words + b->word[from]; w < end; w++) {
            touched[kinds] = *w;
            kinds += !count[*w]++;
        }
        *all = b->word[from + n] - b->word[from];
        return kinds;
    }
    for (uint32_t w = b->word[from]; w < b->word[from + n]; w++) b->voice[b->words[w]] = EW_NONE;
    for (uint32_t i = from; i < from + n; i++) {
        if (!is_first(b, i, from)) continue;
        for (uint32_t j = i; j < from + n; j = b->after[j]) /* EW_NONE is the largest */
            for (uint32_t w = b->word[j]; w < b->word[j + 1]; w++) {
                uint32_t number = b->words[w];
                if (b->voice[number] == i) continue; /* once a comment */
                b->voice[number] = i;
                if (!count[number]++) touched[kinds++] = number;
                ++*all;
            }
    }
    return kinds;
}

/* ln((c - 1 + p) / p), p the share of rows that hold a token. */
static double told(ew_patch *b, uint32_t id, uint32_t c) {
    double p = (double)b->share[id], *known = b->known + (size_t)id * EW_PATCH_KNOWN + c - 2;
    if (c >= 2 + EW_PATCH_KNOWN) return ew_log((c - 1 + p) / p);
    if (*known == 0) *known = ew_log((c - 1 + p) / p);
    return *known;
}

/* Leave-one-out gain of the words that members share, without the single best word: of a token in c of k comments
 * c ln((c - 1 + p) / (k p)), which of c = 1 is - ln k. */
static double lexical(ew_patch *b, uint32_t from, uint32_t n, uint32_t voices) {
    uint64_t all;
    uint32_t kinds = count_words(b, from, n, voices, &all);
    double k = voices, less = ew_log(k), total = 0, best = 0;
    for (uint32_t i = 0; i < kinds; i++) {
        uint32_t number = b->touched[i], c = b->count[number];
        b->count[number] = 0;
        if (c == 1) continue;
        double gain = c * told(b, b->token[number], c);
        total += gain;
        if (gain - c * less > best) best = gain - c * less;
    }
    return (total - (double)all * less - best) / __builtin_sqrt(k);
}

/* ---- rows ---- */

ew_status ew_patch_init(ew_patch *patch, const ew_tree *tree, const uint32_t *place, const ew_vectors *vectors,
                        const ew_lists *lists, const float *fringe, const ew_token_lists *tokens, const uint32_t *owner,
                        const float *share, uint32_t vocab, uint32_t most, ew_error *err) {
    *patch = (ew_patch){.tree = tree, .place = place, .vectors = vectors, .lists = lists, .fringe = fringe, .tokens = tokens,
                        .owner = owner, .share = share};
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
    return share ? words_init(patch, vocab, most, err) : EW_OK;
}

void ew_patch_free(ew_patch *patch) {
    ew_free(patch->sums);
    ew_free(patch->squares);
    ew_free(patch->dots);
    ew_free(patch->within);
    ew_free(patch->many);
    ew_free(patch->before);
    ew_free(patch->after);
    ew_free(patch->known);
    ew_free(patch->number);
    ew_free(patch->stamp);
    ew_free(patch->word);
    ew_free(patch->words);
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

/* Rows of the tree lie anywhere: they are asked for before their turn. */
static void fetch(const ew_patch *b, uint32_t row) {
    uint32_t stride = b->vectors->stride, k = b->lists->k;
    for (uint32_t d = 0; d < stride; d += 64) __builtin_prefetch(b->vectors->rows + (size_t)row * stride + d);
    for (uint32_t j = 0; j < k; j += 16) {
        __builtin_prefetch(b->lists->ids + (size_t)row * k + j);
        __builtin_prefetch(b->lists->dots + (size_t)row * k + j);
    }
    if (b->share) __builtin_prefetch(b->tokens->ids + b->tokens->start[row]);
}

ew_status ew_patch_fill(ew_patch *patch, uint32_t first, uint32_t size, ew_error *err) {
    uint32_t stride = patch->vectors->stride, k = patch->lists->k;
    patch->first = first;
    for (uint32_t i = 0; i < AHEAD && i < size; i++) fetch(patch, patch->tree->order[first + i]);
    for (uint32_t i = 0; i < size; i++) {
        uint32_t row = patch->tree->order[first + i];
        const int8_t *bytes = patch->vectors->rows + (size_t)row * stride;
        const int32_t *before = patch->sums + (size_t)i * stride;
        int32_t *sum = patch->sums + ((size_t)i + 1) * stride, square;
        if (i + AHEAD < size) fetch(patch, patch->tree->order[first + i + AHEAD]);
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
    return patch->share ? words_fill(patch, size, err) : EW_OK;
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
        uint32_t sum = (uint32_t)abs(end[d] - begin[d]); /* unsigned: every processor has that product */
        all += (int64_t)((uint64_t)sum * sum);
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

typedef struct { int64_t dots; uint32_t seen; } outsiders;

static outsiders without(const ew_patch *b, uint32_t row, uint32_t most, uint32_t inside, int64_t less) {
    uint32_t k = b->lists->k, to = most + inside < k ? most + inside : k;
    return (outsiders){b->dots[(size_t)row * (k + 1) + to] - less, to - inside};
}

/* Sums of the dots of the first NEAR and the first FURTHER of a row's list that are not in the group, nor of its comment, and
 * how many there are. All of the list's beginning, less its members and its own, who are few: where either ends could not be
 * foretold, so no branch looks for it. */
static void look_outside(const ew_patch *b, uint32_t row, uint32_t from, uint32_t n, outsiders *near, outsiders *further) {
    uint32_t many = b->many[row], in_near = 0, in_further = 0;
    const ew_within *within = b->within + (size_t)row * b->lists->k;
    int64_t less_near = 0, less_further = 0;
    for (uint32_t i = 0; i < many; i++) {
        uint32_t place = within[i].place, member = (within[i].row == EW_PATCH_OWN) | (within[i].row - from < n); /* unsigned */
        uint32_t is_near = member & (place < NEAR + in_near), is_further = member & (place < FURTHER + in_further);
        in_near += is_near;
        in_further += is_further;
        less_near += within[i].dot & -(int32_t)is_near;
        less_further += within[i].dot & -(int32_t)is_further;
    }
    *near = without(b, row, NEAR, in_near, less_near);
    *further = without(b, row, FURTHER, in_further, less_further);
}

/* Mean over members of the mean similarity to their nearest 10 and 30 outsiders. */
static void outside(const ew_patch *b, ew_group *g, uint32_t from) {
    double sum10 = 0, sum30 = 0;
    for (uint32_t row = from; row < from + g->size; row++) {
        outsiders ten, all;
        look_outside(b, row, from, g->size, &ten, &all);
        if (!all.seen && b->lists->k) /* the list knows members only: no outsider is nearer than its last */
            ten = all = (outsiders){b->within[(size_t)row * b->lists->k + b->lists->k - 1].dot, 1};
        if (all.seen) {
            sum10 += (double)ten.dots * b->lists->unit / ten.seen;
            sum30 += (double)all.dots * b->lists->unit / all.seen;
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
        f += patch->fringe ? (double)patch->fringe[rows[i]] : 0;
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
