/* Families: distinct texts -> candidates band by band -> verified pairs -> joined in chains. */
#include "families.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "families_inside.h"

/* A member of a bucket is compared with the WINDOW before it and with the first: work is linear in the bucket, and chains
 * of neighbours still join what belongs together. Equal keys of other bands say, before a text is opened, whether the pair
 * can reach J = .8: at that level 6 of the 12 word keys agree on average, and fewer than 2 in one case of 400.
 * Two or three honest comments of one week may be half alike; from CROWD rows on it is a campaign, and to a CORE of more its
 * stragglers are added. */
enum {
    WINDOW = 8, WORD_KEYS_EQUAL = 2, CROWD = 6, CORE = 8,
    LETTERS_EQUAL = 10, /* of 48: at J = .4, the least that counts, fewer in three cases of a thousand */
    IN_VAIN = 60, /* comparisons that showed no likeness: two texts that both had as many are in a crowd of no family */
    AHEAD = 12, /* pairs */
    BLOCK = 512, /* members of buckets that are laid side by side */
    STRETCH = 16384, /* members that are looked at by one thread at a time */
    AT_ONCE = 4 /* bands that are read at once, by several threads */
};

/* ---- pairs already looked at ---- */

typedef struct pair_set { uint64_t *slots; size_t n, mask; } pair_set; /* slots hold a << 32 | b; 0: empty (a < b) */

static int pair_set_insert(pair_set *set, uint64_t pair) {
    size_t at = (size_t)ew_mix(pair) & set->mask;
    for (; set->slots[at]; at = (at + 1) & set->mask)
        if (set->slots[at] == pair) return 0;
    set->slots[at] = pair;
    set->n++;
    return 1;
}

/* Room for so many more. */
static ew_status pair_set_reserve(pair_set *set, size_t more, ew_error *err) {
    while (!set->slots || 2 * (set->n + more) > set->mask) {
        pair_set larger = {NULL, 0, set->slots ? set->mask * 2 + 1 : 1023};
        larger.slots = ew_calloc(larger.mask + 1, sizeof *larger.slots);
        if (!larger.slots) return ew_fail_memory(err, (larger.mask + 1) * sizeof *larger.slots, "pairs of texts");
        for (size_t i = 0; set->slots && i <= set->mask; i++)
            if (set->slots[i]) pair_set_insert(&larger, set->slots[i]);
        ew_free(set->slots);
        *set = larger;
    }
    return EW_OK;
}

/* ---- joining ---- */

static uint32_t root_of(uint32_t *parent, uint32_t v) {
    while (parent[v] != v) v = parent[v] = parent[parent[v]];
    return v;
}

/* Afterwards each one's parent is its root: a parent's number is never larger. */
static void flatten(uint32_t *parent, uint32_t n) {
    for (uint32_t v = 0; v < n; v++) parent[v] = parent[parent[v]];
}

static void join(uint32_t *parent, uint32_t a, uint32_t b) {
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b) parent[b] = a;
    if (b < a) parent[a] = b;
}

/* ---- candidates ---- */

typedef struct member { ew_glance glance; uint32_t voice; } member; /* of a bucket */

typedef struct search {
    const ew_family_rows *rows;
    const ew_voices *voices;
    uint32_t *place;            /* [voices] in order of time, then of content: a burst stands together in its bucket */
    uint32_t *at_place;         /* the inverse */
    uint32_t *parent;           /* [voices] joined for sure */
    uint32_t *crowd;            /* [voices] joined with those that are alike in time */
    uint32_t *crowd_rows;       /* [voices] of a root: how many rows its crowd has */
    uint8_t *in_vain;           /* [voices] comparisons without likeness, up to IN_VAIN */
    ew_band bands[AT_ONCE];
    size_t first_band;
    size_t band;                /* the one whose members are looked at */
    ew_buffer *parts; size_t n_parts; /* pairs of each stretch of its members */
    pair_set tried;
    ew_buffer pairs, verdicts, near;
} search;

/* Both in a crowd that is large enough already to be joined in the end. */
static int in_one_crowd(const search *s, uint32_t a, uint32_t b) {
    return s->crowd[a] == s->crowd[b] && s->crowd_rows[s->crowd[a]] >= CROWD;
}

static void join_crowd(search *s, ew_pair pair) {
    uint32_t a = root_of(s->crowd, pair.a), b = root_of(s->crowd, pair.b);
    if (a == b) return;
    join(s->crowd, a, b);
    s->crowd_rows[a < b ? a : b] += s->crowd_rows[a < b ? b : a];
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

static int in_burst(const search *s, const member *a, const member *b) {
    if (a->glance.size != EW_SIZE_LONG || b->glance.size != EW_SIZE_LONG) return 0;
    ew_burst burst = ew_glance_burst(&a->glance, &b->glance);
    return (burst == EW_BURST_ASK ? ew_voices_burst(s->voices, s->rows, a->voice, b->voice) : burst) != EW_BURST_NONE;
}

static member member_of(const search *s, uint32_t voice) { return (member){s->voices->glance[voice], voice}; }

/* Adds the pair if glances leave it open that it is worth a look: most end here. */
static ew_status consider(const search *s, const member *a, const member *b, ew_buffer *pairs, ew_error *err) {
    ew_pair pair = a->voice < b->voice ? (ew_pair){a->voice, b->voice} : (ew_pair){b->voice, a->voice};
    if (s->band != EW_SKETCH_SKELETON && !words_seem_equal(&a->glance, &b->glance) && !in_burst(s, a, b)) return EW_OK;
    return ew_buffer_append(pairs, &pair, sizeof pair, err);
}

static int worth_a_look(const search *s, uint32_t a, uint32_t b) {
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
static int idle(const search *s, ew_pair pair) {
    uint32_t a = pair.a, b = pair.b;
    return s->parent[a] == s->parent[b] || in_one_crowd(s, a, b) || (s->in_vain[a] >= IN_VAIN && s->in_vain[b] >= IN_VAIN) ||
           !worth_a_look(s, a, b);
}

static ew_status fill_band(void *context, uint64_t task, int worker, ew_error *err) {
    search *s = context;
    uint32_t n = s->voices->n;
    (void)worker;
    return ew_band_fill(&s->bands[task], s->voices->keys + (s->first_band + task) * n, s->place, n, err);
}

static void fetch(const search *s, uint32_t v) {
    __builtin_prefetch(&s->parent[v]);
    __builtin_prefetch(&s->crowd[v]);
    __builtin_prefetch(&s->in_vain[v]);
    __builtin_prefetch(&s->voices->glance[v]);
    if (s->band >= EW_SKETCH_WORD_BANDS) __builtin_prefetch(s->voices->outline[v].sketch);
}

/* Leaves only what is to be compared. */
static void sift(const search *s, ew_buffer *part) {
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
    const search *s = context;
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
static ew_status keep_fresh(search *s, const ew_buffer *part, ew_error *err) {
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

static ew_status collect(search *s, const ew_band *members, ew_pool *pool, ew_error *err) {
    size_t n = (size_t)ew_chunks(members->n, STRETCH);
    ew_status status = EW_OK;
    ew_buffer_clear(&s->pairs);
    if (n > s->n_parts) {
        ew_buffer *parts = ew_realloc(s->parts, n, sizeof *parts);
        if (!parts) return ew_fail_memory(err, n * sizeof *parts, "texts that may be alike");
        for (s->parts = parts; s->n_parts < n; s->n_parts++) parts[s->n_parts] = (ew_buffer)EW_BUFFER_INIT(EW_BUFFER_ANY);
    }
    flatten(s->parent, s->voices->n);
    flatten(s->crowd, s->voices->n);
    EW_TRY(ew_pool_run(pool, n, collect_part, s, err));
    for (size_t i = 0; i < n; i++) EW_TRY(keep_fresh(s, &s->parts[i], err));
done:
    return status;
}

/* Joins all that one band leads to. Pairs joined by an earlier band are not looked at again, so a large family costs little
 * more than its number of members. */
static ew_status run_band(search *s, size_t band, const ew_band *members, ew_pool *pool, ew_shingler *shinglers, ew_error *err) {
    ew_status status = EW_OK;
    s->band = band;
    EW_TRY(collect(s, members, pool, err));
    size_t n = s->pairs.length / sizeof(ew_pair);
    if (!n) goto done;
    ew_pair *pairs = (ew_pair *)(void *)s->pairs.data;
    ew_buffer_clear(&s->verdicts);
    EW_TRY(ew_buffer_reserve(&s->verdicts, n, err));
    EW_TRY(ew_pairs_verify(s->voices, s->rows, pairs, n, pool, shinglers, (uint8_t *)s->verdicts.data, err));
    for (size_t i = 0; i < n; i++) {
        if (s->verdicts.data[i] == EW_APART) {
            s->in_vain[pairs[i].a] = (uint8_t)(s->in_vain[pairs[i].a] + (s->in_vain[pairs[i].a] < IN_VAIN));
            s->in_vain[pairs[i].b] = (uint8_t)(s->in_vain[pairs[i].b] + (s->in_vain[pairs[i].b] < IN_VAIN));
        }
        if (s->verdicts.data[i] == EW_ALIKE) join(s->parent, pairs[i].a, pairs[i].b);
        if (s->verdicts.data[i] == EW_ALIKE || s->verdicts.data[i] == EW_ALIKE_IN_TIME) join_crowd(s, pairs[i]);
        if (s->verdicts.data[i] == EW_NEAR_IN_TIME) EW_TRY(ew_buffer_append(&s->near, &pairs[i], sizeof pairs[i], err));
    }
done:
    return status;
}

typedef struct content { uint64_t hash; uint32_t voice; } content;

static int by_hash(const void *a, const void *b) {
    const content *x = a, *y = b;
    return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : x->voice < y->voice ? -1 : x->voice > y->voice;
}

/* order[0 .. n): voices, in the lower half, by their content. Sorted by half of the hash; the few that share it are put right
 * behind that. */
static ew_status order_by_content(const ew_voices *voices, uint64_t *order, uint64_t *spare, uint32_t n, ew_error *err) {
    for (uint32_t i = 0; i < n; i++) order[i] = (voices->content[(uint32_t)order[i]] >> 32) << 32 | (uint32_t)order[i];
    ew_sort_u64(order, spare, n);
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && order[end] >> 32 == order[i] >> 32; end++) {}
        if (end == i + 1) continue;
        content *run = ew_alloc(end - i, sizeof *run);
        if (!run) return ew_fail_memory(err, (end - i) * sizeof *run, "the order of texts");
        for (uint32_t k = i; k < end; k++) run[k - i] = (content){voices->content[(uint32_t)order[k]], (uint32_t)order[k]};
        qsort(run, end - i, sizeof *run, by_hash);
        for (uint32_t k = i; k < end; k++) order[k] = run[k - i].voice;
        ew_free(run);
    }
    return EW_OK;
}

/* Days since 1970 and long before, in 32 bits; unknown: the first of all. */
static uint64_t day_of(const ew_family_rows *rows, uint32_t row) {
    int64_t time = rows->time ? rows->time[row] : INT64_MIN;
    int64_t day = time == INT64_MIN ? 0 : time / 86400 + (1 << 30);
    return (uint64_t)(day < 0 ? 0 : day > INT32_MAX ? INT32_MAX : day);
}

/* By day, then by content: day by day the hashes are asked in their order. */
static ew_status order_in_time(const ew_voices *voices, const ew_family_rows *rows, uint64_t *order, uint64_t *spare,
                               ew_error *err) {
    ew_status status = EW_OK;
    for (uint32_t v = 0; v < voices->n; v++) order[v] = day_of(rows, voices->rows[voices->start[v]]) << 32 | v;
    ew_sort_u64(order, spare, voices->n);
    for (uint32_t i = 0, end; status == EW_OK && i < voices->n; i = end) {
        for (end = i + 1; end < voices->n && order[end] >> 32 == order[i] >> 32; end++) {}
        status = order_by_content(voices, order + i, spare, end - i, err);
    }
    return status;
}

static ew_status search_begin(search *s, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t n = s->voices->n;
    s->place = ew_alloc(n, sizeof *s->place);
    s->at_place = ew_alloc(n, sizeof *s->at_place);
    s->parent = ew_alloc(n, sizeof *s->parent);
    s->crowd = ew_alloc(n, sizeof *s->crowd);
    s->crowd_rows = ew_alloc(n, sizeof *s->crowd_rows);
    s->in_vain = ew_calloc(n, sizeof *s->in_vain);
    uint64_t *order = ew_alloc(n, sizeof *order), *spare = ew_alloc(n, sizeof *spare);
    if (!s->place || !s->at_place || !s->parent || !s->crowd || !s->crowd_rows || !s->in_vain || !order || !spare) {
        status = ew_fail_memory(err, (size_t)n * 36, "the search for families");
        goto done;
    }
    EW_TRY(order_in_time(s->voices, s->rows, order, spare, err));
    for (uint32_t v = 0; v < n; v++) {
        s->parent[v] = s->crowd[v] = v;
        s->crowd_rows[v] = s->voices->start[v + 1] - s->voices->start[v];
        s->at_place[v] = (uint32_t)order[v];
        s->place[(uint32_t)order[v]] = v;
    }
done:
    ew_free(order);
    ew_free(spare);
    return status;
}

static void search_end(search *s) {
    ew_free(s->place);
    ew_free(s->at_place);
    ew_free(s->parent);
    ew_free(s->crowd);
    ew_free(s->crowd_rows);
    ew_free(s->in_vain);
    for (size_t i = 0; i < AT_ONCE; i++) ew_band_free(&s->bands[i]);
    for (size_t i = 0; i < s->n_parts; i++) ew_buffer_free(&s->parts[i]);
    ew_free(s->parts);
    ew_free(s->tried.slots);
    ew_buffer_free(&s->pairs);
    ew_buffer_free(&s->verdicts);
    ew_buffer_free(&s->near);
}

/* ---- the answer ---- */

/* Joins for sure what is alike in time where the crowd is large enough. Stragglers are judged by the crowds as they stand
 * before any is added, so that none leads to the next. */
static void settle_crowds(search *s) {
    const uint32_t *sizes = s->crowd_rows;
    uint32_t *core = s->at_place, n = s->voices->n;
    for (uint32_t v = 0; v < n; v++) core[v] = root_of(s->crowd, v);
    for (uint32_t v = 0; v < n; v++)
        if (sizes[core[v]] >= CROWD) join(s->parent, v, core[v]);
    const ew_pair *near = (const ew_pair *)(void *)s->near.data;
    for (size_t i = 0; i < s->near.length / sizeof *near; i++)
        if (sizes[core[near[i].a]] >= CORE || sizes[core[near[i].b]] >= CORE) join(s->parent, near[i].a, near[i].b);
}

static ew_status write_families(search *s, ew_families *out, ew_error *err) {
    const ew_voices *voices = s->voices;
    uint32_t n = s->rows->n, *sizes = s->crowd_rows; /* by root voice, from here on */
    memset(sizes, 0, voices->n * sizeof *sizes);
    out->of = ew_alloc_spilled(n, sizeof *out->of);
    if (!out->of) return ew_fail_memory(err, n * sizeof *out->of, "the families");
    uint64_t members = 0;
    for (uint32_t i = 0; i < n; i++)
        if (voices->of[i] != EW_NONE) sizes[root_of(s->parent, voices->of[i])]++;
    uint32_t *number = s->at_place;
    for (uint32_t v = 0; v < voices->n; v++) number[v] = EW_NONE;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t root = voices->of[i] == EW_NONE ? EW_NONE : root_of(s->parent, voices->of[i]);
        out->of[i] = EW_NONE;
        if (root == EW_NONE || sizes[root] < 2) continue;
        if (number[root] == EW_NONE) number[root] = out->n++;
        out->of[i] = number[root];
        members++;
    }
    out->start = ew_calloc((size_t)out->n + 2, sizeof *out->start);
    out->rows = ew_alloc(members, sizeof *out->rows);
    out->kind = ew_calloc(out->n, sizeof *out->kind);
    if (!out->start || !out->rows || !out->kind)
        return ew_fail_memory(err, members * 4 + (size_t)out->n * 12, "the families");
    uint64_t *next = out->start + 1;
    for (uint32_t i = 0; i < n; i++)
        if (out->of[i] != EW_NONE) next[out->of[i] + 1]++;
    for (uint32_t f = 0; f < out->n; f++) next[f + 1] += next[f];
    for (uint32_t i = 0; i < n; i++)
        if (out->of[i] != EW_NONE) out->rows[next[out->of[i]]++] = i;
    return EW_OK;
}

ew_status ew_families_find(const ew_family_rows *rows, ew_pool *pool, ew_families *out, ew_error *err) {
    ew_status status = EW_OK;
    size_t n_shinglers = EW_SHELF * (size_t)ew_pool_threads(pool);
    ew_voices voices = {0};
    search s = {.rows = rows, .voices = &voices, .pairs = EW_BUFFER_INIT(EW_BUFFER_ANY),
                .verdicts = EW_BUFFER_INIT(EW_BUFFER_ANY),
                .near = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    *out = (ew_families){0};
    ew_shingler *shinglers = ew_alloc(n_shinglers, sizeof *shinglers);
    if (!shinglers) return ew_fail_memory(err, n_shinglers * sizeof *shinglers, "the search for families");
    for (size_t i = 0; i < n_shinglers; i++) ew_shingler_init(&shinglers[i]);
    EW_TRY(ew_voices_find(rows, pool, shinglers, &voices, err));
    EW_TRY(search_begin(&s, err));
    while (s.first_band < EW_SKETCH_KEYS) {
        size_t n = EW_SKETCH_KEYS - s.first_band < AT_ONCE ? EW_SKETCH_KEYS - s.first_band : AT_ONCE;
        EW_TRY(ew_pool_run(pool, n, fill_band, &s, err));
        for (size_t i = 0; i < n; i++) EW_TRY(run_band(&s, s.first_band + i, &s.bands[i], pool, shinglers, err));
        s.first_band += n;
    }
    settle_crowds(&s);
    EW_TRY(write_families(&s, out, err));
    EW_TRY(ew_families_kinds(&voices, rows, s.place, pool, shinglers, out, err));
done:
    search_end(&s);
    ew_voices_free(&voices);
    for (size_t i = 0; i < n_shinglers; i++) ew_shingler_free(&shinglers[i]);
    ew_free(shinglers);
    if (status != EW_OK) ew_families_free(out);
    return status;
}

void ew_families_free(ew_families *families) {
    ew_free(families->of);
    ew_free(families->start);
    ew_free(families->rows);
    ew_free(families->kind);
    *families = (ew_families){0};
}
