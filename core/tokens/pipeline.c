/* Text -> ids through a loaded pipeline; and the scratch that it needs. */
#include "pipeline.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "classes.h"
#include "pipeline_inside.h"

ew_status ew_stretch_add(ew_stretches *to, ew_stretch item, ew_error *err) {
    if (to->n == to->capacity) {
        size_t capacity = to->capacity + to->capacity / 2 + 64;
        ew_stretch *items = ew_realloc(to->items, capacity, sizeof *items);
        if (!items) return ew_fail_memory(err, capacity * sizeof *items, "words");
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->n++] = item;
    return EW_OK;
}

ew_status ew_room_for(void **memory, size_t *capacity, size_t n, size_t size, ew_error *err) {
    if (n <= *capacity) return EW_OK;
    void *more = ew_alloc(n + n / 2, size);
    if (!more) return ew_fail_memory(err, (n + n / 2) * size, "words");
    ew_free(*memory);
    *memory = more;
    *capacity = n + n / 2;
    return EW_OK;
}

ew_status ew_scratch_create(ew_scratch **out, ew_error *err) {
    *out = NULL;
    ew_scratch *s = ew_calloc(1, sizeof *s);
    if (!s) return ew_fail_memory(err, sizeof *s, "the word cache");
    s->raw.max = s->marks.max = EW_BUFFER_ANY;
    for (int i = 0; i < 2; i++) s->norm[i].max = s->text[i].max = EW_BUFFER_ANY;
    s->cache = ew_calloc(EW_CACHE_ENTRIES, sizeof *s->cache);
    if (!s->cache) {
        ew_free(s);
        return ew_fail_memory(err, EW_CACHE_ENTRIES * sizeof *s->cache, "the word cache");
    }
    *out = s;
    return EW_OK;
}

void ew_scratch_free(ew_scratch *s) {
    if (!s) return;
    ew_buffer_free(&s->raw);
    ew_buffer_free(&s->marks);
    for (int i = 0; i < 2; i++) {
        ew_buffer_free(&s->norm[i]);
        ew_buffer_free(&s->text[i]);
        ew_free(s->stretches[i].items);
    }
    ew_free(s->cuts.items);
    ew_free(s->points);
    ew_regex_room_free(&s->room);
    ew_free(s->paths);
    ew_free(s->symbols);
    ew_free(s->heap);
    ew_free(s->cache);
    ew_free(s);
}

static int word_before(const char *text, size_t at) {
    size_t length, start = at;
    if (!at) return 0;
    for (start--; start && ((unsigned char)text[start] & 0xc0) == 0x80;) start--;
    return ew_class_word(ew_utf8_decode(text + start, at - start, &length));
}

static size_t blanks_before(const char *text, size_t at, size_t least) {
    while (at > least) {
        size_t length, start = at - 1;
        while (start > least && ((unsigned char)text[start] & 0xc0) == 0x80) start--;
        if (!ew_class_space(ew_utf8_decode(text + start, at - start, &length))) break;
        at = start;
    }
    return at;
}

static size_t blanks_behind(const char *text, size_t n, size_t at) {
    size_t length;
    while (at < n && ew_class_space(ew_utf8_decode(text + at, n - at, &length))) at += length;
    return at;
}

/* Cuts text[0 .. n) at the added tokens of one of the two tries: the leftmost, the longest there. */
static ew_status find_added(const ew_pipeline *p, const ew_trie *trie, const uint8_t *firsts, const char *text, size_t n,
                            uint8_t at_zero, ew_stretches *out, ew_error *err) {
    ew_status status = EW_OK;
    size_t from = 0, length;
    for (size_t at = 0; at < n; at += length) {
        uint32_t node = 0, found = EW_NONE;
        length = 1;
        if (!firsts[(unsigned char)text[at]]) continue;
        for (size_t i = at; i < n && (node = ew_trie_step(trie, node, text[i])); i++)
            if (trie->values[node] != EW_NONE) {
                found = trie->values[node];
                length = i + 1 - at;
            }
        if (found == EW_NONE) continue;
        const ew_added *token = &p->added[found];
        size_t start = at, end = at + length, unused;
        if (token->alone &&
            (word_before(text, start) || (end < n && ew_class_word(ew_utf8_decode(text + end, n - end, &unused)))))
            continue;
        if (token->left) start = blanks_before(text, start, from < start ? from : start);
        if (start < from) start = from; /* blanks that the token before has taken */
        if (token->right) end = blanks_behind(text, n, end);
        if (start > from) EW_TRY(ew_stretch_add(out, (ew_stretch){from, start, EW_NONE, at_zero && from == 0}, err));
        EW_TRY(ew_stretch_add(out, (ew_stretch){start, end, token->id, 0}, err));
        from = end;
    }
    if (from < n) EW_TRY(ew_stretch_add(out, (ew_stretch){from, n, EW_NONE, at_zero && from == 0}, err));
done:
    return status;
}

/* Ill-formed bytes become U+FFFD. */
static ew_status repair(ew_scratch *s, const char **text, size_t *n, ew_error *err) {
    ew_status status = EW_OK;
    size_t good = ew_utf8_valid_prefix(*text, *n), length;
    if (good == *n) return EW_OK;
    ew_buffer_clear(&s->raw);
    EW_TRY(ew_buffer_append(&s->raw, *text, good, err));
    for (size_t at = good; at < *n; at += length) {
        int bad = ew_utf8_decode(*text + at, *n - at, &length) == EW_UTF8_BAD;
        EW_TRY(ew_buffer_append(&s->raw, bad ? "\xef\xbf\xbd" : *text + at, bad ? 3 : length, err));
    }
    *text = s->raw.data;
    *n = s->raw.length;
done:
    return status;
}

ew_status ew_pipeline_run(const ew_pipeline *p, ew_scratch *s, const char *text, size_t n, ew_ids *out, ew_error *err) {
    ew_status status;
    ew_stretches *first = &s->stretches[0];
    int from = 0;
    EW_TRY(repair(s, &text, &n, err));
    s->cuts.n = first->n = 0;
    ew_buffer_clear(&s->text[0]);
    EW_TRY(find_added(p, &p->raw_added, p->raw_first, text, n, 1, &s->cuts, err));
    for (size_t i = 0; i < s->cuts.n; i++) {
        ew_stretch cut = s->cuts.items[i];
        if (cut.id != EW_NONE) {
            EW_TRY(ew_stretch_add(first, (ew_stretch){0, 0, cut.id, 0}, err));
            continue;
        }
        const char *normal;
        size_t length, base = s->text[0].length, added = first->n;
        EW_TRY(ew_normalize(p->norms, p->n_norms, s, text + cut.start, cut.end - cut.start, &normal, &length, &cut.at_zero, err));
        EW_TRY(ew_buffer_append(&s->text[0], normal, length, err));
        EW_TRY(find_added(p, &p->normal_added, p->normal_first, normal, length, cut.at_zero, first, err));
        for (size_t k = added; k < first->n; k++) {
            first->items[k].start += base;
            first->items[k].end += base;
        }
    }
    for (uint32_t i = 0; i < p->n_pres; i++, from = !from) EW_TRY(ew_pre_tokenize(&p->pres[i], s, from, err));
    for (size_t i = 0; i < s->stretches[from].n; i++) {
        const ew_stretch *item = &s->stretches[from].items[i];
        if (item->id != EW_NONE)
            EW_TRY(ew_ids_append(out, item->id, err));
        else
            EW_TRY(ew_word_ids(p, s, s->text[from].data + item->start, item->end - item->start, out, err));
    }
done:
    return status;
}
