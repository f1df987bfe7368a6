/* Pairs of texts that one band leads to and that are worth a comparison. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "families_search.h"

/* A member of a bucket is compared with the WINDOW before it and with the first: work is linear in the bucket, and chains
 * of neighbours still join what belongs together. Equal keys of other bands say, before a text is opened, whether the pair
 * can reach J = .8: at that level 6 of the 12 word keys agree on average, and fewer than 2 in one case of 400. */
enum {
    WINDOW = 8, WORD_KEYS_EQUAL = 2,
    LETTERS_EQUAL = 10, /* of 48: at J = .4, the least that counts, fewer in three cases of a thousand */
    AHEAD = 12, /* pairs */
    BLOCK = 512, /* members of buckets that are laid side by side */
    STRETCH = 16384 /* members that are looked at by one thread at a time */
};

/* ---- pairs already looked at ---- */

static int pair_set_insert(ew_pair_set *set, uint64_t pair) {
    size_t at = (size_t)ew_mix(pair) & set->mask;
    for (; set->slots[at]; at = (at + 1) & set->mask)
        if (set->slots[at] == pair) return 0;
    set->slots[at] = pair;
    set->n++;
    return 1;
}

/* Room for so many more. */
static ew_status pair_set_reserve(ew_pair_set *set, size_t more, ew_error *err) {
    while (!set->slots || 2 * (set->n + more) > set->mask) {
        ew_pair_set larger = {NULL, 0, set->slots ? set->mask * 2 + 1 : 1023};
        larger.slots = ew_calloc(larger.mask + 1, sizeof *larger.slots);
        if (!larger.slots) return ew_fail_memory(err, (larger.mask + 1) * sizeof *larger.slots, "pairs of texts");
        for (size_t i = 0; set->slots && i <= set->mask; i++)
            if (set->slots[i]) pair_set_insert(&larger, set->slots[i]);
        ew_free(set->slots);
        *set = larger;
    }
    return EW_OK;
}

/* ---- worth a comparison? ---- */

typedef struct member { ew_glance glance; uint32_t voice; } member; /* of a bucket */

/* Both in a crowd that is large enough already to be joined in the end. */
static int in_one_crowd(const ew_family_search *s, uint32_t a, uint32_t b) {
    return s->crowd[a] == s->crowd[b] && s->crowd_rows[s->crowd[a]] >= EW_SEARCH_CROWD;
}

/* How many of n bytes (a multiple of 4, up to 255) are the same. */
static inline unsigned bytes_equal(const uint8_t *a, const uint8_t *b, size_t n) {
    const uint32_t low = 0x7f7f7f7f, one = 0x01010101;
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t x, y;
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        x ^= y;
        sum += ~(((x & low) + low) | x | low) >> 7; /* 1 for each byte that is 0 */
    }
    return sum * one >> 24;
}

static int words_seem_equal(const ew_glance *a, const ew_glance *b) {
    return bytes_equal(a->words, b->words, EW_SKETCH_WORD_BANDS) >= WORD_KEYS_EQUAL;
}

static int in_burst(const ew_family_search *s, const member *a, const member *b) {
    if (a->glance.size != EW_SIZE_LONG || b->glance.size != EW_SIZE_LONG) return 0;
    ew_burst burst = ew_glance_burst(&a->glance, &b->glance);
    return (burst == EW_BURST_ASK ? ew_voices_burst(s->voices, s->rows, a->voice, b->voice) : burst) != EW_BURST_NONE;
}

static member member_of(const ew_family_search *s, uint32_t voice) { return (member){s->voices->glance[voice], voice}; }

/* Adds the pair if glances leave it open that it is worth a look: most end here. */
static ew_status consider(const ew_family_search *s, const member *a, const member *b, ew_buffer *pairs, ew_error *err) {
    ew_pair pair = a->voice < b->voice ? (ew_pair){a->voice, b->voice} : (ew_pair){b->voice, a->voice};
    if (s->band != EW_SKETCH_SKELETON && !words_seem_equal(&a->glance, &b->glance) && !in_burst(s, a, b)) return EW_OK;
    return ew_buffer_append(pairs, &pair, sizeof pair, err);
}

static int worth_a_look(const ew_family_search *s, uint32_t a, uint32_t b) {
    const uint32_t *keys = s->voices->keys;
    size_t n = s->voices->n;
    member x = member_of(s, a), y = member_of(s, b);
    if (s->band == EW_SKETCH_SKELETON) return 1;
    if (words_seem_equal(&x.glance, &y.glance) && keys[a]) {
        int words = s->band < EW_SKETCH_WORD_BANDS; /* that key is the same */
        for (size_t k = 0; k < EW_SKETCH_WORD_BANDS && words < WORD_KEYS_EQUAL; k++)
            words += k != s->band && x.glance.words[k] == y.glance.words[k] && keys[k * n + a] == keys[k * n + b];
        if (words == WORD_KEYS_EQUAL) return 1;
    }
    return in_burst(s, &x, &y) &&
           bytes_equal(s->voices->outline[a].sketch, s->voices->outline[b].sketch, EW_SKETCH_BYTES) >= LETTERS_EQUAL;
}

/* Joined already, or not worth a look. parent and crowd are flat. */
static int idle(const ew_family_search *s, ew_pair pair) {
    uint32_t a = pair.a, b = pair.b;
    int in_vain = s->in_vain[a] >= EW_SEARCH_IN_VAIN && s->in_vain[b] >= EW_SEARCH_IN_VAIN;
    return s->parent[a] == s->parent[b] || in_one_crowd(s, a, b) || in_vain || !worth_a_look(s, a, b);
}

/* ---- band by band ---- */

static void fetch(const ew_family_search *s, uint32_t v) {
    __builtin_prefetch(&s->parent[v]);
    __builtin_prefetch(&s->crowd[v]);
    __builtin_prefetch(&s->in_vain[v]);
    __builtin_prefetch(&s->voices->glance[v]);
    if (s->band >= EW_SKETCH_WORD_BANDS) __builtin_prefetch(s->voices->outline[v].sketch);
}

/* Leaves only what is to be compared. */
static void sift(const ew_family_search *s, ew_buffer *part) {
    ew_pair *pairs = (ew_pair *)(void *)part->data;
    size_t n = part->length / sizeof *pairs, kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            fetch(s, pairs[i + AHEAD].a);
            fetch(s, pairs[i + AHEAD].b);
        }
        if (!idle(s, pairs[i])) pairs[kept++] = pairs[i];
    }
    part->length = kept * sizeof *pairs;
}

/* Where the bucket of the i-th member begins. */
static size_t bucket_of(const ew_band *members, size_t i) {
    uint64_t key = members->items[i] >> 32 << 32;
    size_t low = 0, high = i;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (members->items[middle] < key) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Pairs of a stretch of members with those before them. Nothing is joined meanwhile, so stretches do not depend on each other.
 * Members lie all over the memory: they are laid side by side first, block by block. */
static ew_status collect_part(void *context, uint64_t task, int worker, ew_error *err) {
    const ew_family_search *s = context;
    const ew_band *members = &s->bands[s->band - s->first_band];
    const uint64_t *items = members->items;
    ew_buffer *pairs = &s->parts[task];
    ew_status status = EW_OK;
    size_t i = task * STRETCH, end = ew_chunk_end(task, STRETCH, members->n), first = bucket_of(members, i);
    member near[WINDOW + BLOCK], head = member_of(s, s->at_place[(uint32_t)items[first]]);
    (void)worker;
    ew_buffer_clear(pairs);
    while (i < end) {
        size_t start = i < WINDOW ? 0 : i - WINDOW, stop = i + BLOCK < end ? i + BLOCK : end;
        for (size_t k = start; k < stop; k++) near[k - start].voice = s->at_place[(uint32_t)items[k]];
        for (size_t k = start; k < stop; k++) near[k - start].glance = s->voices->glance[near[k - start].voice];
        for (; i < stop; i++) {
            const member *mine = &near[i - start];
            if (items[i] >> 32 != items[first] >> 32) first = i;
            if (first == i) head = *mine;
            size_t before = i - first < WINDOW ? i - first : WINDOW;
            for (size_t k = before; k; k--) EW_TRY(consider(s, mine - k, mine, pairs, err));
            if (before < i - first) EW_TRY(consider(s, &head, mine, pairs, err));
        }
    }
    sift(s, pairs);
done:
    return status;
}

/* pairs: those of the parts that no band led to before, each once. */
static ew_status keep_fresh(ew_family_search *s, const ew_buffer *part, ew_error *err) {
    const ew_pair *pairs = (const ew_pair *)(const void *)part->data;
    size_t n = part->length / sizeof *pairs;
    ew_status status = pair_set_reserve(&s->tried, n, err);
    for (size_t i = 0; status == EW_OK && i < n; i++) {
        if (i + AHEAD < n) { /* the set lies all over the memory too */
            uint64_t ahead = (uint64_t)pairs[i + AHEAD].a << 32 | pairs[i + AHEAD].b;
            __builtin_prefetch(&s->tried.slots[(size_t)ew_mix(ahead) & s->tried.mask], 1);
        }
        if (pair_set_insert(&s->tried, (uint64_t)pairs[i].a << 32 | pairs[i].b))
            status = ew_buffer_append(&s->pairs, &pairs[i], sizeof *pairs, err);
    }
    return status;
}

ew_status ew_family_pairs(ew_family_search *s, const ew_band *members, ew_pool *pool, ew_error *err) {
    size_t n = (size_t)ew_chunks(members->n, STRETCH);
    ew_status status = EW_OK;
    ew_buffer_clear(&s->pairs);
    if (n > s->n_parts) {
        ew_buffer *parts = ew_realloc(s->parts, n, sizeof *parts);
        if (!parts) return ew_fail_memory(err, n * sizeof *parts, "texts that may be alike");
        for (s->parts = parts; s->n_parts < n; s->n_parts++) parts[s->n_parts] = (ew_buffer)EW_BUFFER_INIT(EW_BUFFER_ANY);
    }
    EW_TRY(ew_pool_run(pool, n, collect_part, s, err));
    for (size_t i = 0; i < n; i++) EW_TRY(keep_fresh(s, &s->parts[i], err));
done:
    return status;
}
