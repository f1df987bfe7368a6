/* The model of a tokenizer.json (vocabulary, scores, merges) and its added tokens. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "pipeline_inside.h"

enum { MARK_MAX = 64 };

ew_status ew_put_piece(ew_loading *l, uint64_t id, ew_spelling piece) {
    if (id >= EW_PIECES_MAX) return ew_fail(l->err, EW_INPUT, "%s: a piece's id is not below %d", l->name, EW_PIECES_MAX);
    if (id >= l->capacity) {
        uint32_t capacity = l->capacity ? l->capacity : 1024;
        while (capacity <= id) capacity *= 2;
        ew_spelling *pieces = ew_realloc(l->pieces, capacity, sizeof *pieces);
        if (!pieces) return ew_fail_memory(l->err, capacity * sizeof *pieces, "a vocabulary");
        memset(pieces + l->capacity, 0, (capacity - l->capacity) * sizeof *pieces);
        l->pieces = pieces;
        l->capacity = capacity;
    }
    piece.there = 1;
    l->pieces[id] = piece;
    if (id >= l->n) l->n = (uint32_t)id + 1;
    return EW_OK;
}

static ew_status add(const ew_loading *l, ew_pipeline *p, uint32_t at, uint32_t length, uint32_t id) {
    int walks = p->kind == EW_WORDPIECE || p->kind == EW_UNIGRAM;
    if (walks && length > EW_PIECE_MAX)
        return ew_fail(l->err, EW_INPUT, "%s: piece %u of the vocabulary is longer than %d bytes", l->name, id, EW_PIECE_MAX);
    return length ? ew_trie_add(&p->pieces, l->json->text + at, length, id, l->err) : EW_OK;
}

/* {"piece": id, ...} */
static ew_status vocabulary(ew_loading *l, const ew_json_node *vocab, ew_pipeline *p) {
    ew_status status = EW_OK;
    if (!vocab || vocab->kind != EW_JSON_OBJECT) return ew_refuse(l, "model", "vocab", "is missing");
    for (const ew_json_node *one = NULL; (one = ew_json_next(l->json, vocab, one));) {
        uint64_t id;
        if (!ew_json_count(l->json, one, EW_PIECES_MAX - 1, &id))
            return ew_refuse(l, "vocabulary: the id of", l->json->text + one->key, "is no whole number below 4194304");
        EW_TRY(ew_put_piece(l, id, (ew_spelling){.at = one->key, .length = one->key_length}));
        EW_TRY(add(l, p, one->key, one->key_length, (uint32_t)id));
        if (p->kind == EW_WORDPIECE && one->key_length > p->mark.n &&
            memcmp(l->json->text + one->key, p->mark.data, p->mark.n) == 0)
            EW_TRY(
                ew_trie_add(&p->inside, l->json->text + one->key + p->mark.n, one->key_length - p->mark.n, (uint32_t)id, l->err));
    }
done:
    return status;
}

/* [["piece", score], ...], ids in order */
static ew_status scored(ew_loading *l, const ew_json_node *vocab, ew_pipeline *p) {
    ew_status status = EW_OK;
    uint32_t id = 0;
    double least = INFINITY;
    if (!vocab || vocab->kind != EW_JSON_ARRAY || !vocab->count) return ew_refuse(l, "model", "vocab", "is missing or empty");
    p->scores = ew_alloc(vocab->count, sizeof *p->scores);
    if (!p->scores) return ew_fail_memory(l->err, vocab->count * sizeof *p->scores, "a vocabulary");
    for (const ew_json_node *one = NULL; (one = ew_json_next(l->json, vocab, one)); id++) {
        const ew_json_node *text = ew_json_next(l->json, one, NULL), *score = text ? ew_json_next(l->json, one, text) : NULL;
        if (one->kind != EW_JSON_ARRAY || one->count != 2 || text->kind != EW_JSON_STRING || score->kind != EW_JSON_NUMBER)
            return ew_refuse(l, "vocabulary: an entry", "", "is not a piece with a score");
        p->scores[id] = ew_json_value(l->json, score);
        if (!isfinite(p->scores[id])) return ew_refuse(l, "score of", ew_json_text(l->json, text), "is not finite");
        if (p->scores[id] < least) least = p->scores[id];
        EW_TRY(ew_put_piece(l, id, (ew_spelling){.at = text->text, .length = text->length}));
        EW_TRY(add(l, p, text->text, text->length, id));
    }
    p->unknown_score = least - 10; /* what sentencepiece takes off for an unknown character */
done:
    return status;
}

static ew_status mark_of(const ew_loading *l, const ew_json_node *model, const char *name, const char *otherwise, ew_text *out) {
    const ew_json_node *node = ew_json_member(l->json, model, name);
    if (!node || node->kind == EW_JSON_NULL) return ew_text_copy(out, otherwise, strlen(otherwise), l->err);
    if (node->kind != EW_JSON_STRING || node->length > MARK_MAX) return ew_refuse(l, "model:", name, "is not a short text");
    return ew_text_copy(out, l->json->text + node->text, node->length, l->err);
}

static void find_bytes(ew_pipeline *p) {
    for (int i = 0; i < 256; i++) {
        char spelled[8];
        int n = snprintf(spelled, sizeof spelled, "<0x%02X>", i);
        p->bytes[i] = ew_trie_find(&p->pieces, spelled, (size_t)n);
    }
}

static int kind_of(const ew_loading *l, const ew_json_node *model, ew_word_kind *out) {
    static const char *const names[] = {"WordPiece", "Unigram", "BPE", "WordLevel"};
    const ew_json_node *type = ew_json_member(l->json, model, "type");
    for (int i = 0; i < 4; i++)
        if (ew_json_is(l->json, type, names[i])) return *out = (ew_word_kind)i, 1;
    if (type) return 0;
    const ew_json_node *vocab = ew_json_member(l->json, model, "vocab"); /* files from before the type was written */
    *out = vocab && vocab->kind == EW_JSON_ARRAY                        ? EW_UNIGRAM
           : ew_json_member(l->json, model, "merges")                   ? EW_BPE
           : ew_json_member(l->json, model, "max_input_chars_per_word") ? EW_WORDPIECE
                                                                        : EW_WORDLEVEL;
    return 1;
}

ew_status ew_load_words(ew_loading *l, const ew_json_node *model, ew_pipeline *p) {
    ew_status status;
    if (!model || model->kind != EW_JSON_OBJECT) return ew_refuse(l, "tokenizer", "model", "is missing");
    if (!kind_of(l, model, &p->kind))
        return ew_refuse(l, "model", ew_json_text(l->json, ew_json_member(l->json, model, "type")), "is not understood");
    const ew_json_node *vocab = ew_json_member(l->json, model, "vocab"), *unknown = ew_json_member(l->json, model, "unk_token");
    EW_TRY(mark_of(l, model, "continuing_subword_prefix", p->kind == EW_WORDPIECE ? "##" : "", &p->mark));
    EW_TRY(mark_of(l, model, "end_of_word_suffix", "", &p->suffix));
    if (p->kind == EW_UNIGRAM)
        EW_TRY(scored(l, vocab, p));
    else
        EW_TRY(vocabulary(l, vocab, p));
    if (p->kind == EW_BPE) EW_TRY(ew_load_merges(l, ew_json_member(l->json, model, "merges"), p));
    find_bytes(p);
    p->byte_fallback = ew_is_true(ew_json_member(l->json, model, "byte_fallback"), 0);
    p->fuse = ew_is_true(ew_json_member(l->json, model, "fuse_unk"), 0);
    p->ignore_merges = ew_is_true(ew_json_member(l->json, model, "ignore_merges"), 0);
    p->unknown = EW_NONE;
    uint64_t n;
    if (unknown && unknown->kind == EW_JSON_STRING)
        p->unknown = ew_trie_find(&p->pieces, l->json->text + unknown->text, unknown->length);
    const ew_json_node *number = ew_json_member(l->json, model, "unk_id");
    if (p->kind == EW_UNIGRAM && number && number->kind != EW_JSON_NULL) {
        if (!ew_json_count(l->json, number, (uint64_t)vocab->count - 1, &n)) {
            status = ew_refuse(l, "unk_id", ew_json_text(l->json, number), "is not in the vocabulary");
            goto done;
        }
        p->unknown = (uint32_t)n;
    }
    number = ew_json_member(l->json, model, "max_input_chars_per_word");
    p->longest_word = 100;
    if (number) {
        if (!ew_json_count(l->json, number, UINT64_MAX, &n))
            status = ew_refuse(l, "max_input_chars_per_word", "", "is no number");
        p->longest_word = n > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)n;
    }
done:
    return status;
}

/* The two sides of a merge: ["a", "b"] or "a b". */
static int sides(const ew_loading *l, const ew_json_node *one, ew_text *a, ew_text *b) {
    if (one->kind == EW_JSON_ARRAY && one->count == 2) {
        const ew_json_node *x = ew_json_next(l->json, one, NULL), *y = ew_json_next(l->json, one, x);
        if (x->kind != EW_JSON_STRING || y->kind != EW_JSON_STRING) return 0;
        *a = (ew_text){l->json->text + x->text, x->length};
        *b = (ew_text){l->json->text + y->text, y->length};
        return 1;
    }
    if (one->kind != EW_JSON_STRING) return 0;
    char *text = l->json->text + one->text, *blank = memchr(text, ' ', one->length);
    if (!blank || memchr(blank + 1, ' ', one->length - (size_t)(blank + 1 - text))) return 0;
    *a = (ew_text){text, (size_t)(blank - text)};
    *b = (ew_text){blank + 1, one->length - a->n - 1};
    return 1;
}

ew_status ew_load_merges(const ew_loading *l, const ew_json_node *merges, ew_pipeline *p) {
    ew_buffer joined = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status = EW_OK;
    uint32_t rank = 0, slots = 16;
    if (!merges || merges->kind != EW_JSON_ARRAY) return ew_refuse(l, "model", "merges", "are missing");
    while (slots < 2 * merges->count) slots *= 2;
    p->merge_mask = slots - 1;
    p->merges = ew_alloc(slots, sizeof *p->merges);
    if (!p->merges) return ew_fail_memory(l->err, slots * sizeof *p->merges, "merges");
    for (uint32_t i = 0; i < slots; i++) p->merges[i].pair = UINT64_MAX;
    for (const ew_json_node *one = NULL; (one = ew_json_next(l->json, merges, one));) {
        ew_text a, b;
        if (one->kind == EW_JSON_STRING && strncmp(l->json->text + one->text, "#version", 8) == 0) continue;
        if (!sides(l, one, &a, &b)) {
            status = ew_refuse(l, "merge", ew_json_text(l->json, one), "is not a pair of pieces");
            goto done;
        }
        size_t cut = b.n < p->mark.n ? b.n : p->mark.n; /* the right side's mark goes */
        ew_buffer_clear(&joined);
        EW_TRY(ew_buffer_append(&joined, a.data, a.n, l->err));
        EW_TRY(ew_buffer_append(&joined, b.data + cut, b.n - cut, l->err));
        uint32_t x = ew_trie_find(&p->pieces, a.data, a.n), y = ew_trie_find(&p->pieces, b.data, b.n);
        uint32_t id = ew_trie_find(&p->pieces, joined.data ? joined.data : "", joined.length);
        if (x == EW_NONE || y == EW_NONE || id == EW_NONE) {
            status =
                ew_fail(l->err, EW_INPUT, "%s: merge %u joins '%.40s' and '%.40s', and a piece of it is not in the vocabulary",
                        l->name, rank, a.data, b.data);
            goto done;
        }
        ew_merge merge = {(uint64_t)x << 32 | y, rank++, id};
        uint64_t at = ew_trie_hash(merge.pair * 0x2545f4914f6cdd1du);
        while (p->merges[at & p->merge_mask].pair != UINT64_MAX && p->merges[at & p->merge_mask].pair != merge.pair) at++;
        p->merges[at & p->merge_mask] = merge; /* of two equal pairs the later counts */
    }
done:
    ew_buffer_free(&joined);
    return status;
}

/* What is looked for: the content, or what the normalisers make of it. */
static ew_status listed(const ew_loading *l, ew_pipeline *p, ew_scratch *s, const ew_json_node *content, int normalized,
                        uint32_t place) {
    const char *text = l->json->text + content->text;
    size_t n = content->length;
    uint8_t ignored = 0;
    ew_status status = EW_OK;
    if (normalized) EW_TRY(ew_normalize(p->norms, p->n_norms, s, text, n, &text, &n, &ignored, l->err));
    if (n > EW_PIECE_MAX) {
        status = ew_fail(l->err, EW_INPUT, "%s: added token %u is longer than %d bytes", l->name, place, EW_PIECE_MAX);
        goto done;
    }
    if (!n) return EW_OK;
    EW_TRY(ew_trie_add(normalized ? &p->normal_added : &p->raw_added, text, n, place, l->err));
    (normalized ? p->normal_first : p->raw_first)[(unsigned char)*text] = 1;
done:
    return status;
}

ew_status ew_load_added(ew_loading *l, const ew_json_node *added, ew_pipeline *p) {
    ew_scratch *s = NULL;
    ew_status status = EW_OK;
    if (!added || added->kind == EW_JSON_NULL || !added->count) return EW_OK;
    if (added->kind != EW_JSON_ARRAY) return ew_refuse(l, "tokenizer", "added_tokens", "are no list");
    EW_TRY(ew_scratch_create(&s, l->err));
    p->added = ew_calloc(added->count, sizeof *p->added);
    if (!p->added) {
        status = ew_fail_memory(l->err, added->count * sizeof *p->added, "added tokens");
        goto done;
    }
    for (const ew_json_node *one = NULL; (one = ew_json_next(l->json, added, one));) {
        const ew_json_node *content = ew_json_member(l->json, one, "content");
        uint64_t want;
        if (!content || content->kind != EW_JSON_STRING ||
            !ew_json_count(l->json, ew_json_member(l->json, one, "id"), EW_PIECES_MAX - 1, &want)) {
            status = ew_refuse(l, "added token", ew_json_text(l->json, content), "has no content or no id");
            goto done;
        }
        if (!content->length) continue;
        uint32_t id = ew_trie_find(&p->pieces, l->json->text + content->text, content->length);
        int taken = want < l->n && l->pieces[want].there && !l->pieces[want].added;
        if (id == EW_NONE ? taken : id != want) {
            status = ew_refuse(l, "added token", ew_json_text(l->json, content), "has another id than the vocabulary gives it");
            goto done;
        }
        int special = ew_is_true(ew_json_member(l->json, one, "special"), 0);
        EW_TRY(ew_put_piece(
            l, want, (ew_spelling){.at = content->text, .length = content->length, .added = 1, .special = (uint8_t)special}));
        p->added[p->n_added] = (ew_added){.id = (uint32_t)want,
                                          .alone = (uint8_t)ew_is_true(ew_json_member(l->json, one, "single_word"), 0),
                                          .left = (uint8_t)ew_is_true(ew_json_member(l->json, one, "lstrip"), 0),
                                          .right = (uint8_t)ew_is_true(ew_json_member(l->json, one, "rstrip"), 0)};
        EW_TRY(listed(l, p, s, content, ew_is_true(ew_json_member(l->json, one, "normalized"), !special), p->n_added));
        p->n_added++;
    }
done:
    ew_scratch_free(s);
    return status;
}
