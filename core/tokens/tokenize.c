/* Text -> runs of word bytes and single punctuation marks -> ids.
 *
 * A chunk of the text is scanned for borders and put in lower case 64 bytes at a time (kernels/words.h). What lies between two
 * borders is looked up as it stands, accents and all, since its ids depend on its bytes alone: first among short words of few
 * pieces, half a cache line each, without a branch that is hard to foresee; then among longer ones; else it is worked out. */
#include <string.h>

#include "../base/alloc.h"
#include "../kernels/words.h"
#include "inside.h"
#include "pipeline.h"

enum {
    CHUNK = 4096, /* bytes scanned at a time */
    PAD = 64,     /* bytes behind them that may be loaded */
    BATCH = 64,   /* runs whose sets are fetched at once */
    SHORT_BYTES = 16, SHORT_IDS = 3, SHORT_BITS = 15, /* 2^15 sets of two: 2 MiB */
    MARKER_BYTES = 6,                                 /* of the longest marker */
    LONG_BYTES = 48, LONG_IDS = 19, LONG_BITS = 11    /* 2^11 sets of two: 512 KiB */
};

/* A run is kept padded with zeros. A NUL in a text vanishes, so that a run and the same with NULs behind it have the same ids;
 * and an entry of zeros, as all are at first, rightly says that nothing gives no ids. */
typedef struct short_run { uint64_t key[SHORT_BYTES / 8]; uint32_t ids[SHORT_IDS], n; } short_run;
typedef struct long_run { uint64_t key[LONG_BYTES / 8]; uint32_t ids[LONG_IDS], n; } long_run;

struct ew_token_cache {
    ew_scratch *scratch; /* of an imported tokenizer, which uses nothing else here */
    bool (*scan)(const char *text, size_t n, char *lower, uint64_t *word, uint64_t *mark);
    short_run *shorts; /* [2 << SHORT_BITS], a set on a cache line */
    long_run *longs;   /* [2 << LONG_BITS], an entry on two */
    void *memory;
    uint64_t word[CHUNK / 64], mark[CHUNK / 64];
    uint16_t starts[CHUNK + 1], ends[CHUNK + 1]; /* of the runs and marks in the chunk */
    char lower[CHUNK + PAD];
    char gathered[EW_WORD_BYTES];
};

ew_status ew_token_cache_create(const ew_tokenizer *tokenizer, ew_token_cache **out, ew_error *err) {
    *out = NULL;
    size_t shorts = sizeof(short_run) * (2u << SHORT_BITS), longs = sizeof(long_run) * (2u << LONG_BITS);
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
    cache->memory = ew_calloc(1, shorts + longs + 64);
    if (!cache->memory) {
        ew_free(cache);
        return ew_fail_memory(err, shorts + longs, "the word cache");
    }
    char *aligned = (char *)(((uintptr_t)cache->memory + 63) & ~(uintptr_t)63);
    cache->shorts = (short_run *)(void *)aligned;
    cache->longs = (long_run *)(void *)(aligned + shorts);
    cache->scan = ew_word_kernels_get()->scan;
    *out = cache;
    return EW_OK;
}

void ew_token_cache_free(ew_token_cache *cache) {
    if (!cache) return;
    ew_scratch_free(cache->scratch);
    ew_free(cache->memory);
    ew_free(cache);
}

/* The positions of a mask's bits, beyond `from`. */
static inline uint16_t *positions(uint64_t bits, uint32_t from, uint16_t *out) {
    for (; bits; bits &= bits - 1) *out++ = (uint16_t)(from + (uint32_t)__builtin_ctzll(bits));
    return out;
}

/* Where runs and marks begin and end in the n bytes that were scanned; how many they are. */
static uint32_t borders(ew_token_cache *cache, uint32_t n) {
    uint16_t *start = cache->starts, *end = cache->ends;
    uint64_t word_before = 0, mark_before = 0;
    for (uint32_t i = 0; i * 64 < n; i++) {
        uint64_t word = cache->word[i], mark = cache->mark[i];
        uint64_t word_shifted = word << 1 | word_before, mark_shifted = mark << 1 | mark_before;
        start = positions((word & ~word_shifted) | mark, i * 64, start);
        end = positions((word_shifted & ~word) | mark_shifted, i * 64, end);
        word_before = word >> 63;
        mark_before = mark >> 63;
    }
    uint32_t found = (uint32_t)(start - cache->starts);
    if (end - cache->ends < (ptrdiff_t)found) *end = (uint16_t)n; /* the last one ends with the bytes */
    return found;
}

/* The reference finds its own markers in the raw text before anything else. Returns the bytes of the one at text, or 0. */
static size_t marker_at(const ew_tokenizer *t, const char *text, size_t n, uint32_t *id) {
    for (int i = 0; i < 5; i++) {
        size_t length = strlen(ew_tokens_special[i]);
        if (t->special[i] != EW_NONE && n >= length && memcmp(text, ew_tokens_special[i], length) == 0) {
            *id = t->special[i];
            return length;
        }
    }
    return 0;
}

/* Makes one of each marker's '[', letters and ']' among the runs and marks; how many there are then. */
static uint32_t join_markers(const ew_tokenizer *t, ew_token_cache *cache, const char *chunk, size_t n, uint32_t found) {
    uint32_t kept = 0, id;
    for (uint32_t i = 0; i < found; i++, kept++) {
        uint16_t start = cache->starts[i], end = cache->ends[i];
        size_t length = chunk[start] == '[' ? marker_at(t, chunk + start, n - start, &id) : 0;
        cache->starts[kept] = start;
        cache->ends[kept] = length ? (uint16_t)(start + length) : end;
        if (length) i += 2;
    }
    return kept;
}

static inline uint64_t load64(const char *text) {
    uint64_t word;
    memcpy(&word, text, 8);
    return word;
}

/* The bytes of a word that are among the first n of a run: of its first eight, MASKS[n], of the next, MASKS[n - 8]. */
static const uint64_t MASKS[SHORT_BYTES + 1][2] = {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define M(n) (~(UINT64_MAX >> (8 * (n))))
#else
#define M(n) ((UINT64_C(1) << (8 * (n))) - 1)
#endif
    {0, 0}, {M(1), 0}, {M(2), 0}, {M(3), 0}, {M(4), 0}, {M(5), 0}, {M(6), 0}, {M(7), 0}, {UINT64_MAX, 0},
    {UINT64_MAX, M(1)}, {UINT64_MAX, M(2)}, {UINT64_MAX, M(3)}, {UINT64_MAX, M(4)}, {UINT64_MAX, M(5)}, {UINT64_MAX, M(6)},
    {UINT64_MAX, M(7)}, {UINT64_MAX, UINT64_MAX}
#undef M
};

static inline short_run *short_set(ew_token_cache *cache, uint64_t a, uint64_t b) {
    return cache->shorts + 2 * (((a ^ b * 0xbf58476d1ce4e5b9u) * 0x9e3779b97f4a7c15u) >> (64 - SHORT_BITS));
}

static long_run *long_set(ew_token_cache *cache, const uint64_t key[LONG_BYTES / 8]) {
    uint64_t h = 0;
    for (int i = 0; i < LONG_BYTES / 8; i++) h = (h ^ (h >> 32) ^ key[i]) * 0x9e3779b97f4a7c15u;
    return cache->longs + 2 * (h >> (64 - LONG_BITS));
}

/* A run that is not among the short ones: `set` is where it would be; `raw` is the run in the text. In either set the newest
 * comes first, and the older of the two goes. */
static ew_status look_further(const ew_tokenizer *t, ew_token_cache *cache, short_run *set, const char *run, const char *raw,
                              size_t n, ew_ids *out, ew_error *err) {
    uint64_t key[LONG_BYTES / 8] = {0};
    long_run *longs = NULL;
    size_t before = out->n;
    ew_status status;
    if (n <= LONG_BYTES) {
        memcpy(key, run, n);
        longs = long_set(cache, key);
        for (int way = 0; way < 2; way++)
            if (memcmp(longs[way].key, key, sizeof key) == 0) {
                EW_TRY(ew_tokens_room(out, LONG_IDS, err));
                memcpy(out->items + out->n, longs[way].ids, sizeof longs->ids);
                out->n += longs[way].n;
                return EW_OK;
            }
    }
    if (*raw == '[' && n > 1) { /* join_markers has seen that it is one */
        EW_TRY(ew_tokens_room(out, 1, err));
        marker_at(t, raw, n, &out->items[out->n++]);
    } else {
        EW_TRY(ew_tokens_run(t, cache->gathered, run, n, out, err));
    }
    size_t found = out->n - before;
    if (n <= SHORT_BYTES && found <= SHORT_IDS) {
        set[1] = set[0];
        set[0] = (short_run){.key = {key[0], key[1]}, .n = (uint32_t)found};
        memcpy(set[0].ids, out->items + before, found * sizeof *set[0].ids);
    } else if (longs && found <= LONG_IDS) {
        longs[1] = longs[0];
        memcpy(longs[0].key, key, sizeof key);
        memcpy(longs[0].ids, out->items + before, found * sizeof *longs[0].ids);
        longs[0].n = (uint32_t)found;
    }
done:
    return status;
}

/* The ids of the chunk's first `found` runs and marks: in batches, whose sets are all fetched before the first is looked at. */
static ew_status look_up(const ew_tokenizer *t, ew_token_cache *cache, const char *chunk, uint32_t found, ew_ids *out,
                         ew_error *err) {
    ew_status status = EW_OK;
    struct { short_run *set; uint64_t a, b; } batch[BATCH];
    for (uint32_t from = 0; from < found; from += BATCH) {
        uint32_t count = found - from < BATCH ? found - from : BATCH;
        const uint16_t *starts = cache->starts + from, *ends = cache->ends + from;
        for (uint32_t i = 0; i < count; i++) {
            const char *run = cache->lower + starts[i];
            uint32_t n = (uint32_t)ends[i] - starts[i], within = n < SHORT_BYTES ? n : SHORT_BYTES;
            batch[i].a = load64(run) & MASKS[within][0];
            batch[i].b = load64(run + 8) & MASKS[within][1];
            batch[i].set = short_set(cache, batch[i].a, batch[i].b);
            __builtin_prefetch(batch[i].set);
        }
        EW_TRY(ew_tokens_room(out, (size_t)(SHORT_IDS + 1) * BATCH, err));
        for (uint32_t i = 0; i < count; i++) {
            short_run *set = batch[i].set;
            uint64_t a = batch[i].a, b = batch[i].b;
            uint32_t n = (uint32_t)ends[i] - starts[i];
            bool first = ((set[0].key[0] ^ a) | (set[0].key[1] ^ b)) == 0;
            bool second = ((set[1].key[0] ^ a) | (set[1].key[1] ^ b)) == 0;
            if (__builtin_expect((n <= SHORT_BYTES) & (first | second), 1)) {
                const short_run *hit = set + second;
                memcpy(out->items + out->n, hit->ids, sizeof hit->ids + sizeof hit->n); /* in one go: there is room */
                out->n += hit->n;
            } else {
                EW_TRY(look_further(t, cache, set, cache->lower + starts[i], chunk + starts[i], n, out, err));
                EW_TRY(ew_tokens_room(out, (size_t)(SHORT_IDS + 1) * BATCH, err));
            }
        }
    }
done:
    return status;
}

static inline bool is_border(char c) { /* an ASCII blank or punctuation mark */
    unsigned char l = (unsigned char)(c | 0x20), u = (unsigned char)c;
    return u == ' ' || u == '\t' || u == '\n' || u == '\r' ||
           (u > ' ' && u < 0x7f && !(l >= 'a' && l <= 'z') && !(u >= '0' && u <= '9'));
}

ew_status ew_tokenize(const ew_tokenizer *t, ew_token_cache *cache, const char *text, size_t n, ew_ids *out, ew_error *err) {
    ew_status status = EW_OK;
    if (t->pipeline) return ew_pipeline_run(t->pipeline, cache->scratch, text, n, out, err);
    for (size_t at = 0; at < n;) {
        const char *chunk = text + at;
        uint32_t length = n - at < CHUNK ? (uint32_t)(n - at) : CHUNK, done = length;
        bool brackets = cache->scan(chunk, length, cache->lower, cache->word, cache->mark);
        uint32_t found = borders(cache, length);
        if (n - at > CHUNK) { /* what the text goes on with may belong to what ends the chunk: leave that to the next */
            if (found && (cache->word[CHUNK / 64 - 1] >> 63)) done = cache->starts[--found];
            for (uint32_t i = found; brackets && i && cache->starts[i - 1] > CHUNK - MARKER_BYTES; i--)
                if (chunk[cache->starts[i - 1]] == '[') done = cache->starts[found = i - 1];
        }
        if (done == 0) { /* a run longer than a chunk */
            size_t end = CHUNK;
            while (end < n - at && !is_border(chunk[end])) end++;
            EW_TRY(ew_tokens_run(t, cache->gathered, chunk, end, out, err));
            at += end;
            continue;
        }
        if (brackets) found = join_markers(t, cache, chunk, done, found);
        EW_TRY(look_up(t, cache, chunk, found, out, err));
        at += done;
    }
done:
    return status;
}
