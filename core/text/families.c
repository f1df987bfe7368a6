/* Families: distinct texts -> candidates band by band -> verified pairs -> joined in chains. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "families_search.h"

/* Two or three honest comments of one week may be half alike; from EW_SEARCH_CROWD rows on it is a campaign, and to a CORE of
 * more its stragglers are added. */
enum { CORE = 8 };

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

static void join_crowd(ew_family_search *s, ew_pair pair) {
    uint32_t a = root_of(s->crowd, pair.a), b = root_of(s->crowd, pair.b);
    if (a == b) return;
    join(s->crowd, a, b);
    s->crowd_rows[a < b ? a : b] += s->crowd_rows[a < b ? b : a];
}

/* ---- band by band ---- */

static ew_status fill_band(void *context, uint64_t task, int worker, ew_error *err) {
    ew_family_search *s = context;
    uint32_t n = s->voices->n;
    (void)worker;
    return ew_band_fill(&s->bands[task], s->voices->keys + (s->first_band + task) * n, s->place, n, err);
}

/* Joins all that one band leads to. Pairs joined by an earlier band are not looked at again, so a large family costs little
 * more than its number of members. */
static ew_status run_band(ew_family_search *s, size_t band, const ew_band *members, ew_pool *pool, ew_shingler *shinglers,
                          ew_error *err) {
    ew_status status = EW_OK;
    s->band = band;
    flatten(s->parent, s->voices->n);
    flatten(s->crowd, s->voices->n);
    EW_TRY(ew_family_pairs(s, members, pool, err));
    size_t n = s->pairs.length / sizeof(ew_pair);
    if (!n) goto done;
    ew_pair *pairs = (ew_pair *)(void *)s->pairs.data;
    ew_buffer_clear(&s->verdicts);
    EW_TRY(ew_buffer_reserve(&s->verdicts, n, err));
    EW_TRY(ew_pairs_verify(s->voices, s->rows, pairs, n, pool, shinglers, (uint8_t *)s->verdicts.data, err));
    for (size_t i = 0; i < n; i++) {
        if (s->verdicts.data[i] == EW_APART) {
            s->in_vain[pairs[i].a] = (uint8_t)(s->in_vain[pairs[i].a] + (s->in_vain[pairs[i].a] < EW_SEARCH_IN_VAIN));
            s->in_vain[pairs[i].b] = (uint8_t)(s->in_vain[pairs[i].b] + (s->in_vain[pairs[i].b] < EW_SEARCH_IN_VAIN));
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

static ew_status search_begin(ew_family_search *s, ew_error *err) {
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

static void search_end(ew_family_search *s) {
    ew_free(s->place);
    ew_free(s->at_place);
    ew_free(s->parent);
    ew_free(s->crowd);
    ew_free(s->crowd_rows);
    ew_free(s->in_vain);
    for (size_t i = 0; i < EW_SEARCH_BANDS; i++) ew_band_free(&s->bands[i]);
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
static void settle_crowds(ew_family_search *s) {
    const uint32_t *sizes = s->crowd_rows;
    uint32_t *core = s->at_place, n = s->voices->n;
    for (uint32_t v = 0; v < n; v++) core[v] = root_of(s->crowd, v);
    for (uint32_t v = 0; v < n; v++)
        if (sizes[core[v]] >= EW_SEARCH_CROWD) join(s->parent, v, core[v]);
    const ew_pair *near = (const ew_pair *)(void *)s->near.data;
    for (size_t i = 0; i < s->near.length / sizeof *near; i++)
        if (sizes[core[near[i].a]] >= CORE || sizes[core[near[i].b]] >= CORE) join(s->parent, near[i].a, near[i].b);
}

static ew_status write_families(ew_family_search *s, ew_families *out, ew_error *err) {
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
    ew_family_search s = {.rows = rows, .voices = &voices, .pairs = EW_BUFFER_INIT(EW_BUFFER_ANY),
                          .verdicts = EW_BUFFER_INIT(EW_BUFFER_ANY), .near = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    *out = (ew_families){0};
    ew_shingler *shinglers = ew_alloc(n_shinglers, sizeof *shinglers);
    if (!shinglers) return ew_fail_memory(err, n_shinglers * sizeof *shinglers, "the search for families");
    for (size_t i = 0; i < n_shinglers; i++) ew_shingler_init(&shinglers[i]);
    EW_TRY(ew_voices_find(rows, pool, shinglers, &voices, err));
    EW_TRY(search_begin(&s, err));
    while (s.first_band < EW_SKETCH_KEYS) {
        size_t n = EW_SKETCH_KEYS - s.first_band < EW_SEARCH_BANDS ? EW_SKETCH_KEYS - s.first_band : EW_SEARCH_BANDS;
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
