/* The vocabulary: pieces in a hash table, walked from the longest to the shortest. */
#include <string.h>

#include "../base/alloc.h"
#include "inside.h"
#include "pipeline.h"

const char *const ew_tokens_special[5] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

/* A prefix hash: one multiplication a byte, so that all prefixes of a word cost no more than the longest. */
static const uint64_t START[2] = {0x243f6a8885a308d3u, 0x13198a2e03707345u}; /* digits of pi: at a word's start, inside it */
static inline uint64_t step(uint64_t h, char c) {
    h = (h ^ (unsigned char)c) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 32);
}

static inline const char *piece_bytes(const ew_tokenizer *t, uint32_t id, int inside) {
    return t->text + t->starts[id] + (inside ? 2 : 0);
}

static inline int is_inside(const ew_tokenizer *t, uint32_t id) {
    return t->lengths[id] > 2 && memcmp(t->text + t->starts[id], "##", 2) == 0;
}

static uint32_t find(const ew_tokenizer *t, int inside, uint64_t h, const char *text, size_t n) {
    for (uint32_t at = (uint32_t)(h >> 16) & t->slot_mask; t->slots[at].id != EW_NONE; at = (at + 1) & t->slot_mask) {
        uint32_t id = t->slots[at].id;
        if (t->slots[at].tag == (uint32_t)h && is_inside(t, id) == inside && t->lengths[id] == n + (inside ? 2u : 0u) &&
            memcmp(piece_bytes(t, id, inside), text, n) == 0)
            return id;
    }
    return EW_NONE;
}

static uint64_t hash_of(int inside, const char *text, size_t n) {
    uint64_t h = START[inside];
    for (size_t i = 0; i < n; i++) h = step(h, text[i]);
    return h;
}

uint32_t ew_tokens_longest(const ew_tokenizer *t, int inside, const char *text, size_t n, size_t *length) {
    uint64_t hashes[EW_WORD_BYTES];
    size_t most = n < t->longest ? n : t->longest;
    uint64_t h = START[inside];
    for (size_t i = 0; i < most; i++) hashes[i] = h = step(h, text[i]);
    for (size_t i = most; i; i--) {
        uint32_t id = find(t, inside, hashes[i - 1], text, i);
        if (id != EW_NONE) {
            *length = i;
            return id;
        }
    }
    return EW_NONE;
}

static uint32_t whole(const ew_tokenizer *t, const char *text) {
    size_t n = strlen(text);
    return find(t, 0, hash_of(0, text, n), text, n);
}

/* Cuts the copy of the vocabulary into lines; white space at their ends goes, as in the reference. */
static ew_status split(ew_tokenizer *t, size_t n, ew_error *err) {
    size_t at = 0;
    for (uint32_t id = 0; id < t->size; id++) {
        char *end = memchr(t->text + at, '\n', n - at);
        size_t stop = end ? (size_t)(end - t->text) : n, last = stop;
        while (last > at && strchr(" \t\r\v\f", t->text[last - 1]) && t->text[last - 1]) last--;
        if (last - at > UINT16_MAX) return ew_fail(err, EW_INPUT, "line %u of the vocabulary is longer than 65535 bytes", id + 1);
        t->starts[id] = (uint32_t)at;
        t->lengths[id] = (uint16_t)(last - at);
        memset(t->text + last, 0, stop + 1 - last);
        at = stop + 1;
    }
    return EW_OK;
}

static void fill_slots(ew_tokenizer *t) {
    for (size_t i = 0; i <= t->slot_mask; i++) t->slots[i].id = EW_NONE;
    for (uint32_t id = 0; id < t->size; id++) {
        int inside = is_inside(t, id);
        const char *text = piece_bytes(t, id, inside);
        size_t n = t->lengths[id] - (inside ? 2u : 0u);
        if (n == 0) continue;
        if (n <= EW_WORD_BYTES && n > t->longest) t->longest = (uint32_t)n;
        uint64_t h = hash_of(inside, text, n);
        uint32_t at = (uint32_t)(h >> 16) & t->slot_mask;
        while (t->slots[at].id != EW_NONE) { /* of two equal lines the later one counts */
            uint32_t have = t->slots[at].id;
            const char *a = t->text + t->starts[have], *b = t->text + t->starts[id];
            if (t->lengths[have] == t->lengths[id] && memcmp(a, b, t->lengths[id]) == 0) break;
            at = (at + 1) & t->slot_mask;
        }
        t->slots[at] = (ew_piece_slot){(uint32_t)h, id};
    }
}

static void fill_folds(ew_tokenizer *t) {
    for (uint32_t p = 0; p < EW_FOLD_POINTS; p++) {
        ew_char class = ew_tokens_class(p);
        uint32_t folded[EW_FOLD_MAX] = {0};
        if (class == EW_CHAR_WORD || class == EW_CHAR_PUNCT) {
            int n = ew_tokens_fold(p, folded);
            if (n == 0)
                class = EW_CHAR_DROP;
            else if (n > 1)
                class = EW_CHAR_MANY;
            else
                class = ew_tokens_is_punct(folded[0]) ? EW_CHAR_PUNCT : EW_CHAR_WORD;
        }
        t->folds[p] = (uint32_t)class << 24 | folded[0];
    }
}

ew_status ew_tokenizer_create(const char *vocab, size_t n, ew_tokenizer **out, ew_error *err) {
    ew_status status = EW_OK;
    *out = NULL;
    if (n == 0 || n > (1u << 30)) return ew_fail(err, EW_INPUT, "a vocabulary has 1 byte to 1 GiB, not %zu bytes", n);
    ew_tokenizer *t = ew_calloc(1, sizeof *t);
    if (!t) return ew_fail_memory(err, sizeof *t, "the tokenizer");
    for (size_t i = 0; i < n; i++) t->size += vocab[i] == '\n' || i + 1 == n;
    uint32_t slots = 1024;
    while (slots < 2 * t->size) slots *= 2;
    t->slot_mask = slots - 1;
    t->text = ew_alloc(n + 1, 1);
    t->starts = ew_alloc(t->size, sizeof *t->starts);
    t->lengths = ew_alloc(t->size, sizeof *t->lengths);
    t->slots = ew_alloc(slots, sizeof *t->slots);
    if (!t->text || !t->starts || !t->lengths || !t->slots) {
        status = ew_fail_memory(err, n + slots * sizeof *t->slots, "the tokenizer");
        goto done;
    }
    memcpy(t->text, vocab, n);
    t->text[n] = 0;
    EW_TRY(split(t, n, err));
    fill_slots(t);
    fill_folds(t);
    for (int i = 0; i < 5; i++) t->special[i] = whole(t, ew_tokens_special[i]);
    t->unknown = t->special[1];
    if (t->unknown == EW_NONE) {
        status = ew_fail(err, EW_INPUT, "the vocabulary has no line '[UNK]'; give a WordPiece vocabulary, one piece a line");
        goto done;
    }
    for (uint32_t c = 1; c < 128; c++) {
        uint32_t id = whole(t, (char[2]){(char)c, 0});
        t->ascii_punct[c] = id == EW_NONE ? t->unknown : id;
    }
    *out = t;
    t = NULL;
done:
    ew_tokenizer_free(t);
    return status;
}

void ew_tokenizer_free(ew_tokenizer *tokenizer) {
    if (!tokenizer) return;
    ew_pipeline_free(tokenizer->pipeline);
    ew_free(tokenizer->text);
    ew_free(tokenizer->starts);
    ew_free(tokenizer->lengths);
    ew_free(tokenizer->slots);
    ew_free(tokenizer);
}

uint32_t ew_tokenizer_size(const ew_tokenizer *tokenizer) { return tokenizer->size; }
uint32_t ew_tokenizer_unknown(const ew_tokenizer *tokenizer) { return tokenizer->unknown; }
const char *ew_tokenizer_piece(const ew_tokenizer *tokenizer, uint32_t id) {
    const ew_pipeline *pipeline = tokenizer->pipeline;
    if (id >= tokenizer->size) return "";
    return pipeline ? pipeline->text + pipeline->starts[2 * (size_t)id] : tokenizer->text + tokenizer->starts[id];
}
