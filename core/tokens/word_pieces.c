/* The four models: one word -> ids. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../base/utf8.h"
#include "pipeline_inside.h"

enum { HASHED = 5 }; /* seed of the cache */

static ew_status append(ew_ids *out, uint32_t id, ew_error *err) { return id == EW_NONE ? EW_OK : ew_ids_append(out, id, err); }

/* ---- WordPiece: the longest piece at each place, or [UNK] for the whole ---- */

static ew_status word_piece(const ew_pipeline *p, const char *word, size_t n, ew_ids *out, ew_error *err) {
    size_t before = out->n, chars = 0;
    ew_status status = EW_OK;
    for (size_t i = 0; i < n && chars <= p->longest_word; i++) chars += ((unsigned char)word[i] & 0xc0) != 0x80;
    for (size_t at = 0; chars <= p->longest_word && at < n;) {
        const ew_trie *trie = at ? &p->inside : &p->pieces;
        uint32_t node = 0, best = EW_NONE;
        size_t best_end = at;
        for (size_t i = at; i < n && (node = ew_trie_step(trie, node, word[i]));) {
            i++;
            if (trie->values[node] == EW_NONE) continue;
            best = trie->values[node];
            best_end = i;
        }
        if (best == EW_NONE) break;
        EW_TRY(ew_ids_append(out, best, err));
        at = best_end;
        if (at == n) return EW_OK;
    }
    out->n = before;
    EW_TRY(append(out, p->unknown, err));
done:
    return status;
}

/* ---- Unigram: the most probable sequence of pieces (Viterbi), forwards over places ---- */

static ew_status fallback(const ew_pipeline *p, const char *text, size_t n, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    int all = p->byte_fallback;
    for (size_t i = 0; all && i < n; i++) all = p->bytes[(unsigned char)text[i]] != EW_NONE;
    if (!all) return append(out, p->unknown, err);
    for (size_t i = 0; i < n; i++) EW_TRY(ew_ids_append(out, p->bytes[(unsigned char)text[i]], err));
done:
    return status;
}

static ew_status unigram(const ew_pipeline *p, ew_scratch *s, const char *word, size_t n, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    if (n >= UINT32_MAX - 1) return ew_fail(err, EW_RESOURCE, "a text of 4 GiB cannot be cut into pieces");
    EW_TRY(ew_room_for((void **)&s->paths, &s->paths_capacity, n + 1, sizeof *s->paths, err));
    ew_path *paths = s->paths;
    memset(paths, 0, (n + 1) * sizeof *paths);
    for (size_t at = 0, length; at < n; at += length) {
        ew_utf8_decode(word + at, n - at, &length);
        double here = paths[at].score;
        int single = 0;
        uint32_t node = 0;
        for (size_t i = at; i < n && (node = ew_trie_step(&p->pieces, node, word[i]));) {
            uint32_t id = p->pieces.values[node];
            i++;
            if (id == EW_NONE) continue;
            double score = p->scores[id] + here;
            if (!paths[i].length || score > paths[i].score) paths[i] = (ew_path){score, id, (uint32_t)(i - at), 0};
            single |= i - at == length;
        }
        if (!single) {
            double score = p->unknown_score + here;
            ew_path *to = &paths[at + length];
            if (!to->length || score > to->score) *to = (ew_path){score, p->unknown, (uint32_t)length, 0};
        }
    }
    for (uint32_t at = (uint32_t)n, before; at; at = before) { /* back from the end, leaving the way forwards */
        before = at - paths[at].length;
        paths[before].next = at;
    }
    for (uint32_t at = 0, end; at < n; at = end) {
        end = paths[at].next;
        uint32_t id = paths[end].id;
        if (id != p->unknown) {
            EW_TRY(ew_ids_append(out, id, err));
            continue;
        }
        while (end < n && paths[paths[end].next].id == p->unknown) end = paths[end].next; /* unknown ones in a row are one */
        uint32_t known = ew_trie_find(&p->pieces, word + at, end - at);
        if (known == EW_NONE)
            EW_TRY(fallback(p, word + at, end - at, out, err));
        else
            EW_TRY(ew_ids_append(out, known, err));
    }
done:
    return status;
}

/* ---- BPE: the pair that was learned first is merged first; a heap of pairs, so n log n in the word ---- */

static const ew_merge *merge_of(const ew_pipeline *p, uint32_t a, uint32_t b) {
    uint64_t pair = (uint64_t)a << 32 | b;
    for (uint64_t at = ew_trie_hash(pair * 0x2545f4914f6cdd1du);; at++) {
        const ew_merge *merge = &p->merges[at & p->merge_mask];
        if (merge->pair == pair) return merge;
        if (merge->pair == UINT64_MAX) return NULL;
    }
}

static int sooner(const ew_pair *a, const ew_pair *b) { return a->rank != b->rank ? a->rank < b->rank : a->at < b->at; }

static void push(ew_scratch *s, ew_pair pair) {
    size_t i = s->heap_n++;
    for (; i && sooner(&pair, &s->heap[(i - 1) / 2]); i = (i - 1) / 2) s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = pair;
}

static ew_pair pop(ew_scratch *s) {
    ew_pair top = s->heap[0], last = s->heap[--s->heap_n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->heap_n; i = child) {
        if (child + 1 < s->heap_n && sooner(&s->heap[child + 1], &s->heap[child])) child++;
        if (!sooner(&s->heap[child], &last)) break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = last;
    return top;
}

static void offer(const ew_pipeline *p, ew_scratch *s, uint32_t at) {
    uint32_t after = s->symbols[at].after;
    const ew_merge *merge = after == EW_NONE ? NULL : merge_of(p, s->symbols[at].id, s->symbols[after].id);
    if (merge) push(s, (ew_pair){merge->rank, at, merge->id});
}

static void symbol(ew_scratch *s, uint32_t *n, uint32_t id) {
    if (id == EW_NONE) return;
    s->symbols[*n] = (ew_symbol){id, 1, *n ? *n - 1 : EW_NONE, EW_NONE};
    if (*n) s->symbols[*n - 1].after = *n;
    ++*n;
}

/* The id of a character with the marks of its place. */
static uint32_t character(const ew_pipeline *p, const char *text, size_t n, int first, int last) {
    char spelled[4 + 2 * 64];
    size_t length = 0;
    if (!first) {
        memcpy(spelled, p->mark.data, p->mark.n);
        length = p->mark.n;
    }
    memcpy(spelled + length, text, n);
    length += n;
    if (last) {
        memcpy(spelled + length, p->suffix.data, p->suffix.n);
        length += p->suffix.n;
    }
    return ew_trie_find(&p->pieces, spelled, length);
}

static uint32_t symbols_of(const ew_pipeline *p, ew_scratch *s, const char *word, size_t n) {
    uint32_t many = 0, pending = 0; /* unknown ones not yet written */
    for (size_t at = 0, length; at < n; at += length) {
        ew_utf8_decode(word + at, n - at, &length);
        int first = at == 0, last = at + length == n;
        uint32_t id = character(p, word + at, length, first, last);
        if (id != EW_NONE) {
            for (; pending; pending--) symbol(s, &many, p->unknown);
            symbol(s, &many, id);
            continue;
        }
        int all = p->byte_fallback;
        const char *mark = first ? "" : p->mark.data, *suffix = last ? p->suffix.data : "";
        size_t m = first ? 0 : p->mark.n, x = last ? p->suffix.n : 0;
        for (size_t i = 0; all && i < m; i++) all = p->bytes[(unsigned char)mark[i]] != EW_NONE;
        for (size_t i = 0; all && i < length; i++) all = p->bytes[(unsigned char)word[at + i]] != EW_NONE;
        for (size_t i = 0; all && i < x; i++) all = p->bytes[(unsigned char)suffix[i]] != EW_NONE;
        if (all) { /* the reference leaves pending ones pending here */
            for (size_t i = 0; i < m; i++) symbol(s, &many, p->bytes[(unsigned char)mark[i]]);
            for (size_t i = 0; i < length; i++) symbol(s, &many, p->bytes[(unsigned char)word[at + i]]);
            for (size_t i = 0; i < x; i++) symbol(s, &many, p->bytes[(unsigned char)suffix[i]]);
        } else if (p->unknown != EW_NONE) {
            if (pending && !p->fuse) symbol(s, &many, p->unknown);
            pending = 1;
        }
    }
    for (; pending; pending--) symbol(s, &many, p->unknown);
    return many;
}

static ew_status bpe(const ew_pipeline *p, ew_scratch *s, const char *word, size_t n, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t whole = p->ignore_merges ? ew_trie_find(&p->pieces, word, n) : EW_NONE;
    if (whole != EW_NONE) return ew_ids_append(out, whole, err);
    size_t most = n + p->suffix.n + n * p->mark.n;
    if (most >= UINT32_MAX / 4) return ew_fail(err, EW_RESOURCE, "a word of more than 1 GiB cannot be cut into pieces");
    EW_TRY(ew_room_for((void **)&s->symbols, &s->symbols_capacity, most, sizeof *s->symbols, err));
    EW_TRY(ew_room_for((void **)&s->heap, &s->heap_capacity, 3 * most, sizeof *s->heap, err)); /* each merge offers two more */
    uint32_t many = symbols_of(p, s, word, n);
    s->heap_n = 0;
    for (uint32_t i = 0; i + 1 < many; i++) offer(p, s, i);
    while (s->heap_n) {
        ew_pair top = pop(s);
        ew_symbol *a = &s->symbols[top.at];
        if (!a->length || a->after == EW_NONE) continue;
        ew_symbol *b = &s->symbols[a->after];
        const ew_merge *merge = merge_of(p, a->id, b->id);
        if (!merge || merge->id != top.id) continue; /* one of the two is no longer what it was */
        a->id = top.id;
        a->after = b->after;
        b->length = 0;
        if (a->after != EW_NONE) s->symbols[a->after].before = top.at;
        if (a->before != EW_NONE) offer(p, s, a->before);
        offer(p, s, top.at);
    }
    for (uint32_t i = many ? 0 : EW_NONE; i != EW_NONE; i = s->symbols[i].after)
        EW_TRY(ew_ids_append(out, s->symbols[i].id, err));
done:
    return status;
}

static ew_status cut(const ew_pipeline *p, ew_scratch *s, const char *word, size_t n, ew_ids *out, ew_error *err) {
    switch (p->kind) {
    case EW_WORDPIECE:
        return word_piece(p, word, n, out, err);
    case EW_UNIGRAM:
        return unigram(p, s, word, n, out, err);
    case EW_BPE:
        return bpe(p, s, word, n, out, err);
    default:
        break;
    }
    uint32_t id = ew_trie_find(&p->pieces, word, n);
    return append(out, id == EW_NONE ? p->unknown : id, err);
}

ew_status ew_word_ids(const ew_pipeline *p, ew_scratch *s, const char *word, size_t n, ew_ids *out, ew_error *err) {
    if (!n) return EW_OK;
    if (n > EW_CACHE_KEY || p->kind == EW_WORDLEVEL) return cut(p, s, word, n, out, err);
    ew_word_entry *entry = &s->cache[ew_hash(word, n, HASHED) % EW_CACHE_ENTRIES];
    ew_status status = EW_OK;
    if (entry->length == n && memcmp(entry->key, word, n) == 0) {
        for (uint32_t i = 0; i < entry->n; i++) EW_TRY(ew_ids_append(out, entry->ids[i], err));
        return EW_OK;
    }
    size_t before = out->n;
    EW_TRY(cut(p, s, word, n, out, err));
    if (out->n - before > EW_CACHE_IDS) return EW_OK;
    entry->length = (uint8_t)n;
    entry->n = (uint8_t)(out->n - before);
    memcpy(entry->key, word, n);
    for (uint32_t i = 0; i < entry->n; i++) entry->ids[i] = out->items[before + i];
done:
    return status;
}
