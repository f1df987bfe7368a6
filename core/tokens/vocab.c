/* The vocabulary: pieces in a hash table, walked from the longest to the shortest. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "inside.h"
#include "pipeline.h"

const char *const ew_tokens_special[5] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

enum {
    PROBES_MAX = 128, /* a table in which a piece lies farther from its place is made anew with another seed */
    SEEDS_MAX = 16
};

/* A prefix hash: one multiplication a byte, so that all prefixes of a word cost no more than the longest. */
static const uint64_t START[2] = {0x243f6a8885a308d3u, 0x13198a2e03707345u}; /* digits of pi: at a word's start, inside it */
static inline uint64_t step(uint64_t h, char c) {
    h = (h ^ (unsigned char)c) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 32);
}

static inline uint16_t *reach_of(const ew_tokenizer *t, int inside, const char *text) {
    uint32_t head = (uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[1] << 8 |
                    (uint32_t)(unsigned char)text[2] << 16;
    return (uint16_t *)&t->reach[inside][head * 0x9e3779b1u >> 19];
}

static inline uint16_t tag_of(uint64_t h) { return (uint16_t)(h >> 48 | 1); }

static uint32_t find(const ew_tokenizer *t, int inside, uint64_t h, const char *text, size_t n) {
    uint32_t at = (uint32_t)(h >> 16) & t->slot_mask;
    uint16_t tag = tag_of(h);
    for (uint32_t left = t->probes; left && t->tags[at]; left--, at = (at + 1) & t->slot_mask) {
        if (t->tags[at] != tag) continue;
        ew_piece piece = t->pieces[t->ids[at]];
        if (piece.inside == 2 * inside && piece.length == n + piece.inside &&
            memcmp(t->text + piece.start + piece.inside, text, n) == 0)
            return t->ids[at];
    }
    return EW_NONE;
}

static uint64_t hash_of(const ew_tokenizer *t, int inside, const char *text, size_t n) {
    uint64_t h = START[inside] ^ t->seed;
    for (size_t i = 0; i < n; i++) h = step(h, text[i]);
    return h;
}

uint32_t ew_tokens_longest(const ew_tokenizer *t, int inside, const char *text, size_t n, size_t *length) {
    uint64_t hashes[EW_WORD_BYTES];
    size_t most = n;
    if (n >= EW_REACH_HEAD && most > *reach_of(t, inside, text)) most = *reach_of(t, inside, text);
    if (most < EW_REACH_HEAD && n >= EW_REACH_HEAD) most = EW_REACH_HEAD - 1;
    uint64_t h = START[inside] ^ t->seed;
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
    return find(t, 0, hash_of(t, 0, text, n), text, n);
}

/* Cuts the copy of the vocabulary into lines; white space at their ends goes, as in the reference. */
static ew_status split(ew_tokenizer *t, size_t n, ew_error *err) {
    size_t at = 0;
    for (uint32_t id = 0; id < t->size; id++) {
        char *end = memchr(t->text + at, '\n', n - at);
        size_t stop = end ? (size_t)(end - t->text) : n, last = stop;
        while (last > at && strchr(" \t\r\v\f", t->text[last - 1]) && t->text[last - 1]) last--;
        if (last - at > UINT16_MAX) return ew_fail(err, EW_INPUT, "line %u of the vocabulary is longer than 65535 bytes", id + 1);
        int inside = last - at > 2 && memcmp(t->text + at, "##", 2) == 0;
        t->pieces[id] = (ew_piece){(uint32_t)at, (uint16_t)(last - at), inside ? 2 : 0};
        memset(t->text + last, 0, stop + 1 - last);
        at = stop + 1;
    }
    return EW_OK;
}

/* Puts every piece into the table; 0 if one would lie too far from its place. */
static int fill_slots(ew_tokenizer *t) {
    t->probes = 1;
    memset(t->tags, 0, (t->slot_mask + (size_t)1) * sizeof *t->tags);
    for (uint32_t id = 0; id < t->size; id++) {
        ew_piece piece = t->pieces[id];
        int inside = piece.inside != 0;
        const char *text = t->text + piece.start + piece.inside;
        size_t n = (size_t)piece.length - piece.inside;
        if (n == 0 || n > EW_WORD_BYTES) continue;
        if (n >= EW_REACH_HEAD && *reach_of(t, inside, text) < n) *reach_of(t, inside, text) = (uint16_t)n;
        uint64_t h = hash_of(t, inside, text, n);
        uint32_t at = (uint32_t)(h >> 16) & t->slot_mask, probes = 1;
        for (; t->tags[at]; probes++) { /* of two equal lines the later one counts */
            const ew_piece *have = &t->pieces[t->ids[at]];
            if (have->length == piece.length && memcmp(t->text + have->start, t->text + piece.start, piece.length) == 0) break;
            if (probes == PROBES_MAX) return 0;
            at = (at + 1) & t->slot_mask;
        }
        t->tags[at] = tag_of(h);
        t->ids[at] = id;
        if (probes > t->probes) t->probes = probes;
    }
    return 1;
}

static ew_status index_pieces(ew_tokenizer *t, ew_error *err) {
    for (uint64_t i = 0; i < SEEDS_MAX; i++) {
        t->seed = i * 0xd1342543de82ef95u;
        if (fill_slots(t)) return EW_OK;
    }
    return ew_fail(err, EW_INPUT, "the vocabulary's pieces cannot be told apart fast: it was made to collide");
}

/* The class of a code point below EW_FOLD_POINTS and, in *value, what stands beside it in the table. */
static ew_char fold_of(const ew_tokenizer *t, uint32_t point, uint32_t *value) {
    uint32_t folded[EW_FOLD_MAX] = {0};
    char bytes[4];
    *value = 0;
    if (point >= 0xac00 && point < 0xd7a4) return EW_CHAR_MANY; /* Hangul syllables */
    ew_char class = ew_tokens_class(point);
    if (class == EW_CHAR_ALONE) {
        int itself = point >= 0x3400 && point < 0xa000; /* two blocks that are without decompositions */
        if (!itself && (ew_tokens_fold(point, folded) != 1 || ew_tokens_class(folded[0]) != EW_CHAR_ALONE)) return EW_CHAR_ALONE;
        size_t n = ew_utf8_encode(itself ? point : folded[0], bytes);
        uint32_t id = find(t, 0, hash_of(t, 0, bytes, n), bytes, n);
        *value = id == EW_NONE ? t->unknown : id;
        return *value >> EW_FOLD_BITS ? EW_CHAR_ALONE : EW_CHAR_KNOWN;
    }
    if (class != EW_CHAR_WORD && class != EW_CHAR_PUNCT) return class;
    int n = ew_tokens_fold(point, folded);
    if (n == 0) return EW_CHAR_DROP;
    if (n > 1) return EW_CHAR_MANY;
    *value = folded[0];
    return ew_tokens_is_punct(folded[0]) ? EW_CHAR_PUNCT : EW_CHAR_WORD;
}

static void fill_folds(ew_tokenizer *t) {
    for (uint32_t p = 0; p < EW_FOLD_POINTS; p++) {
        uint32_t value;
        ew_char class = fold_of(t, p, &value);
        t->folds[p] = (uint32_t)class << EW_FOLD_BITS | value;
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
    t->pieces = ew_alloc(t->size, sizeof *t->pieces);
    t->tags = ew_alloc(slots, sizeof *t->tags);
    t->ids = ew_alloc(slots, sizeof *t->ids);
    if (!t->text || !t->pieces || !t->tags || !t->ids) {
        status = ew_fail_memory(err, n + slots * sizeof *t->ids, "the tokenizer");
        goto done;
    }
    memcpy(t->text, vocab, n);
    t->text[n] = 0;
    EW_TRY(split(t, n, err));
    EW_TRY(index_pieces(t, err));
    for (int i = 0; i < 5; i++) t->special[i] = whole(t, ew_tokens_special[i]);
    t->unknown = t->special[1];
    if (t->unknown == EW_NONE) {
        status = ew_fail(err, EW_INPUT, "the vocabulary has no line '[UNK]'; give a WordPiece vocabulary, one piece a line");
        goto done;
    }
    fill_folds(t);
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
    ew_free(tokenizer->pieces);
    ew_free(tokenizer->tags);
    ew_free(tokenizer->ids);
    ew_free(tokenizer);
}

uint32_t ew_tokenizer_size(const ew_tokenizer *tokenizer) { return tokenizer->size; }
uint32_t ew_tokenizer_unknown(const ew_tokenizer *tokenizer) { return tokenizer->unknown; }
const char *ew_tokenizer_piece(const ew_tokenizer *tokenizer, uint32_t id) {
    const ew_pipeline *pipeline = tokenizer->pipeline;
    if (id >= tokenizer->size) return "";
    return pipeline ? pipeline->text + pipeline->starts[2 * (size_t)id] : tokenizer->text + tokenizer->pieces[id].start;
}
