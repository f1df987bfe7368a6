/* One run of word bytes -> ids, character by character: for words that the cache does not hold, and for whatever is beyond
 * ASCII. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "inside.h"

/* The word being gathered. */
typedef struct gathering {
    const ew_tokenizer *t;
    ew_ids *out;
    char *word;
    uint32_t length;   /* its bytes */
    uint32_t chars;    /* EW_WORD_CHARS + 1: and more, no longer gathered */
} gathering;

ew_status ew_tokens_room(ew_ids *out, size_t more, ew_error *err) {
    if (out->capacity - out->n >= more) return EW_OK;
    size_t capacity = out->capacity + out->capacity / 2 + more;
    uint32_t *items = ew_realloc(out->items, capacity, sizeof *items);
    if (!items) return ew_fail_memory(err, capacity * sizeof *items, "token ids");
    out->items = items;
    out->capacity = capacity;
    return EW_OK;
}

/* The ids of a word of at most EW_WORD_CHARS characters to out; how many. A word with a hole is [UNK] as a whole. */
static uint32_t pieces(const ew_tokenizer *t, const char *word, size_t n, uint32_t *out) {
    uint32_t found = 0;
    for (size_t at = 0; at < n;) {
        size_t length;
        uint32_t id = found == EW_WORD_IDS ? EW_NONE : ew_tokens_longest(t, at > 0, word + at, n - at, &length);
        if (id == EW_NONE) {
            out[0] = t->unknown;
            return 1;
        }
        out[found++] = id;
        at += length;
    }
    return found;
}

static ew_status end_word(gathering *g, ew_error *err) {
    if (g->chars == 0) return EW_OK;
    ew_status status = ew_tokens_room(g->out, EW_WORD_IDS, err);
    if (status != EW_OK) return status;
    if (g->chars > EW_WORD_CHARS)
        g->out->items[g->out->n++] = g->t->unknown;
    else
        g->out->n += pieces(g->t, g->word, g->length, g->out->items + g->out->n);
    g->chars = g->length = 0;
    return EW_OK;
}

static inline void gather(gathering *g, uint32_t point) {
    if (g->chars < EW_WORD_CHARS) {
        g->length += (uint32_t)ew_utf8_encode(point, g->word + g->length);
        g->chars++;
    } else {
        g->chars = EW_WORD_CHARS + 1;
    }
}

static ew_status alone(gathering *g, uint32_t point, ew_error *err) {
    ew_status status = end_word(g, err);
    gather(g, point);
    return status == EW_OK ? end_word(g, err) : status;
}

/* A character that folds to several, or that no table holds. */
static ew_status rare(gathering *g, uint32_t point, ew_char class, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t folded[EW_FOLD_MAX];
    int n = ew_tokens_fold(point, folded);
    if (class == EW_CHAR_ALONE) EW_TRY(end_word(g, err));
    for (int i = 0; i < n; i++)
        if (ew_tokens_is_punct(folded[i]))
            EW_TRY(alone(g, folded[i], err));
        else
            gather(g, folded[i]);
    if (class == EW_CHAR_ALONE) EW_TRY(end_word(g, err));
done:
    return status;
}

/* One character beyond ASCII. */
static ew_status wide(gathering *g, uint32_t point, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t folded = 0;
    ew_char class;
    if (point < EW_FOLD_POINTS) {
        class = (ew_char)(g->t->folds[point] >> EW_FOLD_BITS);
        folded = g->t->folds[point] & ((1u << EW_FOLD_BITS) - 1);
    } else {
        class = ew_tokens_class(point);
        if (class == EW_CHAR_WORD || class == EW_CHAR_PUNCT) class = EW_CHAR_MANY;
    }
    switch (class) {
    case EW_CHAR_DROP: return EW_OK;
    case EW_CHAR_SPACE: return end_word(g, err);
    case EW_CHAR_WORD: gather(g, folded); return EW_OK;
    case EW_CHAR_PUNCT: return alone(g, folded, err);
    case EW_CHAR_KNOWN:
        EW_TRY(end_word(g, err));
        EW_TRY(ew_tokens_room(g->out, 1, err));
        g->out->items[g->out->n++] = folded;
        return EW_OK;
    case EW_CHAR_ALONE:
    case EW_CHAR_MANY: break;
    }
    status = rare(g, point, class, err);
done:
    return status;
}

/* ew_utf8_decode, the two commonest forms in line. */
static inline uint32_t decode(const char *text, size_t n, size_t *length) {
    const unsigned char *s = (const unsigned char *)text;
    if (n >= 3 && s[0] >= 0xe1 && s[0] < 0xed && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80) {
        *length = 3;
        return (uint32_t)(s[0] & 0xf) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3fu);
    }
    if (n >= 2 && s[0] >= 0xc2 && s[0] < 0xe0 && (s[1] & 0xc0) == 0x80) {
        *length = 2;
        return (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3fu);
    }
    return ew_utf8_decode(text, n, length);
}

ew_status ew_tokens_run(const ew_tokenizer *t, char *word, const char *run, size_t n, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    gathering g = {t, out, word, 0, 0};
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)run[i];
        size_t length = 1;
        if (c >= 0x80) {
            uint32_t point = decode(run + i, n - i, &length);
            if (point != EW_UTF8_BAD) EW_TRY(wide(&g, point, err));
        } else if (c >= 0x20 && c < 0x7f) { /* a control character vanishes: the word goes on */
            gather(&g, c | (c >= 'A' && c <= 'Z' ? 0x20u : 0u));
        }
        i += length;
    }
    EW_TRY(end_word(&g, err));
done:
    return status;
}
