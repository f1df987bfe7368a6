/* Text -> words -> ids. A run of ASCII letters and digits that ends at a blank or a punctuation mark, nearly every word of
 * nearly every text, is looked up in the cache straight from the text; everything else is gathered character by character. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "inside.h"
#include "pipeline.h"

enum {
    CACHE_SETS = 1 << 13, /* of two entries of 64 bytes: 1 MiB */
    ENTRY_IDS = 7,
    TOO_LONG = EW_WORD_CHARS + 1
};

typedef struct entry {
    uint64_t key[4]; /* the word, zero-padded: words hold no NUL */
    uint32_t n;
    uint32_t ids[ENTRY_IDS];
} entry;

struct ew_token_cache {
    ew_scratch *scratch; /* of an imported tokenizer, which uses nothing else here */
    entry *entries;    /* [2 * CACHE_SETS], on a cache line each */
    void *memory;
    uint32_t chars;    /* of the word being gathered; TOO_LONG: and more, no longer gathered */
    uint32_t length;   /* its bytes */
    char word[EW_WORD_BYTES + EW_KEY_BYTES];
};

/* Bytes: 0 gathered with care (control characters, beyond ASCII), else as named. */
enum { OTHER, LETTER, BLANK, MARK };
static const uint8_t kinds[256] = {
    ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK, [' '] = BLANK,
    ['!'] = MARK, ['"'] = MARK, ['#'] = MARK, ['$'] = MARK, ['%'] = MARK, ['&'] = MARK, ['\''] = MARK, ['('] = MARK,
    [')'] = MARK, ['*'] = MARK, ['+'] = MARK, [','] = MARK, ['-'] = MARK, ['.'] = MARK, ['/'] = MARK, [':'] = MARK,
    [';'] = MARK, ['<'] = MARK, ['='] = MARK, ['>'] = MARK, ['?'] = MARK, ['@'] = MARK, ['['] = MARK, ['\\'] = MARK,
    [']'] = MARK, ['^'] = MARK, ['_'] = MARK, ['`'] = MARK, ['{'] = MARK, ['|'] = MARK, ['}'] = MARK, ['~'] = MARK,
    ['0'] = LETTER, ['1'] = LETTER, ['2'] = LETTER, ['3'] = LETTER, ['4'] = LETTER, ['5'] = LETTER, ['6'] = LETTER,
    ['7'] = LETTER, ['8'] = LETTER, ['9'] = LETTER, ['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER,
    ['E'] = LETTER, ['F'] = LETTER, ['G'] = LETTER, ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER, ['K'] = LETTER,
    ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER, ['O'] = LETTER, ['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER,
    ['S'] = LETTER, ['T'] = LETTER, ['U'] = LETTER, ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER,
    ['Z'] = LETTER, ['a'] = LETTER, ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER, ['e'] = LETTER, ['f'] = LETTER,
    ['g'] = LETTER, ['h'] = LETTER, ['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER, ['m'] = LETTER,
    ['n'] = LETTER, ['o'] = LETTER, ['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER,
    ['u'] = LETTER, ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER, ['y'] = LETTER, ['z'] = LETTER,
};

ew_status ew_token_cache_create(const ew_tokenizer *tokenizer, ew_token_cache **out, ew_error *err) {
    *out = NULL;
    ew_token_cache *cache = ew_calloc(1, sizeof *cache);
    if (!cache) return ew_fail_memory(err, sizeof *cache, "the word cache");
    if (tokenizer->pipeline) {
        ew_status status = ew_scratch_create(&cache->scratch, err);
        if (status == EW_OK)
            *out = cache;
        else
            ew_free(cache);
        return status;
    }
    cache->memory = ew_calloc(2 * CACHE_SETS + 1, sizeof(entry));
    if (!cache->memory) {
        ew_free(cache);
        return ew_fail_memory(err, 2 * CACHE_SETS * sizeof(entry), "the word cache");
    }
    cache->entries = (entry *)(((uintptr_t)cache->memory + 63) & ~(uintptr_t)63);
    *out = cache;
    return EW_OK;
}

void ew_token_cache_free(ew_token_cache *cache) {
    if (!cache) return;
    ew_scratch_free(cache->scratch);
    ew_free(cache->memory);
    ew_free(cache);
}

/* Room for one word's ids, and for the copy of a whole entry. */
static inline ew_status make_room(ew_ids *out, ew_error *err) {
    if (out->capacity - out->n >= EW_WORD_CHARS + ENTRY_IDS) return EW_OK;
    size_t capacity = out->capacity + out->capacity / 2 + 2 * (EW_WORD_CHARS + ENTRY_IDS);
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
        uint32_t id = found == EW_WORD_CHARS ? EW_NONE : ew_tokens_longest(t, at > 0, word + at, n - at, &length);
        if (id == EW_NONE) {
            out[0] = t->unknown;
            return 1;
        }
        out[found++] = id;
        at += length;
    }
    return found;
}

static inline uint64_t mixed(const uint64_t key[4]) {
    uint64_t a = (key[0] ^ 0x452821e638d01377u) * 0x9e3779b97f4a7c15u, b = (key[1] ^ 0xbe5466cf34e90c6cu) * 0xbf58476d1ce4e5b9u;
    uint64_t c = (key[2] ^ key[3] * 0x2545f4914f6cdd1du) * 0x94d049bb133111ebu;
    uint64_t h = a ^ (b >> 29) ^ (b << 35) ^ c ^ (c >> 31);
    return h ^ (h >> 32);
}

static inline int same(const uint64_t a[4], const uint64_t b[4]) {
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

/* Appends the ids of the word that `key` holds; room is there. */
static inline void look_up(const ew_tokenizer *t, ew_token_cache *cache, const uint64_t key[4], ew_ids *out) {
    entry *set = cache->entries + 2 * (mixed(key) & (CACHE_SETS - 1));
    const entry *hit = same(set[0].key, key) ? &set[0] : same(set[1].key, key) ? &set[1] : NULL;
    if (hit) {
        memcpy(out->items + out->n, hit->ids, sizeof hit->ids);
        out->n += hit->n;
        return;
    }
    char word[EW_KEY_BYTES + 1] = {0};
    memcpy(word, key, EW_KEY_BYTES);
    uint32_t n = pieces(t, word, strlen(word), out->items + out->n);
    if (n <= ENTRY_IDS) { /* the newest comes first, the older of the two goes */
        set[1] = set[0];
        memcpy(set[0].key, key, sizeof set[0].key);
        memcpy(set[0].ids, out->items + out->n, n * sizeof *out->items);
        set[0].n = n;
    }
    out->n += n;
}

/* Ends the word that was gathered. */
static ew_status end_word(const ew_tokenizer *t, ew_token_cache *cache, ew_ids *out, ew_error *err) {
    if (cache->chars == 0) return EW_OK;
    ew_status status = make_room(out, err);
    if (status != EW_OK) return status;
    if (cache->chars == TOO_LONG) {
        out->items[out->n++] = t->unknown;
    } else if (cache->length <= EW_KEY_BYTES) {
        uint64_t key[4];
        memset(cache->word + cache->length, 0, EW_KEY_BYTES);
        memcpy(key, cache->word, sizeof key);
        look_up(t, cache, key, out);
    } else {
        out->n += pieces(t, cache->word, cache->length, out->items + out->n);
    }
    cache->chars = cache->length = 0;
    return EW_OK;
}

static inline void gather(ew_token_cache *cache, uint32_t point) {
    if (cache->chars < EW_WORD_CHARS) {
        cache->length += (uint32_t)ew_utf8_encode(point, cache->word + cache->length);
        cache->chars++;
    } else {
        cache->chars = TOO_LONG;
    }
}

/* A run of ASCII letters and digits into the word being gathered. */
static void gather_run(ew_token_cache *cache, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (cache->chars >= EW_WORD_CHARS) {
            cache->chars = TOO_LONG;
            return;
        }
        cache->word[cache->length++] = (char)(text[i] | 0x20);
        cache->chars++;
    }
}

static ew_status alone(const ew_tokenizer *t, ew_token_cache *cache, uint32_t point, ew_ids *out, ew_error *err) {
    ew_status status = end_word(t, cache, out, err);
    gather(cache, point);
    return status == EW_OK ? end_word(t, cache, out, err) : status;
}

/* One character beyond ASCII. */
static ew_status wide(const ew_tokenizer *t, ew_token_cache *cache, uint32_t point, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    ew_char class;
    uint32_t folded[EW_FOLD_MAX];
    if (point < EW_FOLD_POINTS) {
        class = (ew_char)(t->folds[point] >> 24);
        folded[0] = t->folds[point] & 0xffffff;
    } else {
        class = ew_tokens_class(point);
        if (class == EW_CHAR_WORD || class == EW_CHAR_PUNCT) class = EW_CHAR_MANY;
    }
    switch (class) {
    case EW_CHAR_DROP: return EW_OK;
    case EW_CHAR_SPACE: return end_word(t, cache, out, err);
    case EW_CHAR_WORD: gather(cache, folded[0]); return EW_OK;
    case EW_CHAR_PUNCT: return alone(t, cache, folded[0], out, err);
    case EW_CHAR_ALONE:
    case EW_CHAR_MANY: break;
    }
    int n = ew_tokens_fold(point, folded);
    if (class == EW_CHAR_ALONE) EW_TRY(end_word(t, cache, out, err));
    for (int i = 0; i < n; i++)
        if (ew_tokens_is_punct(folded[i]))
            EW_TRY(alone(t, cache, folded[i], out, err));
        else
            gather(cache, folded[i]);
    if (class == EW_CHAR_ALONE) EW_TRY(end_word(t, cache, out, err));
done:
    return status;
}

/* The reference finds its own markers in the raw text before anything else. Returns the bytes of the one at text, or 0. */
static size_t special_at(const ew_tokenizer *t, const char *text, size_t n, uint32_t *id) {
    for (int i = 0; i < 5; i++) {
        size_t length = strlen(ew_tokens_special[i]);
        if (t->special[i] != EW_NONE && n >= length && memcmp(text, ew_tokens_special[i], length) == 0) {
            *id = t->special[i];
            return length;
        }
    }
    return 0;
}

/* The first `n` <= 32 bytes of ASCII letters and digits, in lower case, padded: for both, setting bit 5 is lower-casing. */
static inline void load_key(const char *text, size_t n, uint64_t key[4]) {
    for (size_t i = 0; i < 4; i++) {
        uint64_t word;
        memcpy(&word, text + 8 * i, 8);
        size_t have = n > 8 * i ? n - 8 * i : 0;
        word |= 0x2020202020202020u;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        key[i] = have >= 8 ? word : have ? word & ~(UINT64_MAX >> (8 * have)) : 0;
#else
        key[i] = have >= 8 ? word : word & ((UINT64_C(1) << (8 * have)) - 1);
#endif
    }
}

ew_status ew_tokenize(const ew_tokenizer *t, ew_token_cache *cache, const char *text, size_t n, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    if (t->pipeline) return ew_pipeline_run(t->pipeline, cache->scratch, text, n, out, err);
    cache->chars = cache->length = 0; /* a call that failed may have left some */
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)text[i];
        if (kinds[c] == LETTER) {
            size_t end = i + 1;
            while (end < n && kinds[(unsigned char)text[end]] == LETTER) end++;
            if (cache->chars == 0 && end - i <= EW_KEY_BYTES && (end == n || kinds[(unsigned char)text[end]] != OTHER)) {
                uint64_t key[4];
                if (n - i >= EW_KEY_BYTES) {
                    load_key(text + i, end - i, key);
                } else {
                    char padded[EW_KEY_BYTES] = {0};
                    memcpy(padded, text + i, end - i);
                    load_key(padded, end - i, key);
                }
                EW_TRY(make_room(out, err));
                look_up(t, cache, key, out);
            } else {
                gather_run(cache, text + i, end - i);
            }
            i = end;
        } else if (kinds[c] == BLANK) {
            EW_TRY(end_word(t, cache, out, err));
            i++;
        } else if (kinds[c] == MARK) {
            EW_TRY(end_word(t, cache, out, err));
            EW_TRY(make_room(out, err));
            uint32_t id = t->ascii_punct[c];
            size_t length = c == '[' ? special_at(t, text + i, n - i, &id) : 1;
            out->items[out->n++] = id;
            i += length ? length : 1;
        } else if (c < 0x80) {
            i++; /* a control character vanishes: the word goes on */
        } else {
            size_t length;
            uint32_t point = ew_utf8_decode(text + i, n - i, &length);
            if (point != EW_UTF8_BAD) EW_TRY(wide(t, cache, point, out, err));
            i += length;
        }
    }
    EW_TRY(end_word(t, cache, out, err));
done:
    return status;
}
