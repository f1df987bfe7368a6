/* Corpora without structure beyond topics and some of the pairs of words, made of this corpus' own words. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../base/sort.h"
#include "needs.h"

enum { ROWS_A_TOPIC = 120, FEWEST_TOPICS = 8, ROUNDS = 10 };

ew_status ew_decoy_topics(const ew_vectors *vectors, uint64_t seed, ew_pool *pool, uint32_t *topic, uint32_t *topics,
                          ew_error *err) {
    uint32_t k = (vectors->n + ROWS_A_TOPIC / 2) / ROWS_A_TOPIC;
    *topics = k < FEWEST_TOPICS ? FEWEST_TOPICS : k;
    return ew_kmeans(vectors, *topics, ROUNDS, seed, pool, topic, err);
}

/* The places of one token in one topic are a run; a place knows its run and the run of the token that follows it there. */
struct ew_bags {
    const ew_token_lists *lists;
    const uint32_t *topic;
    uint64_t *bag;     /* [topics + 1] into places: a topic's places stand together, by token and by what follows */
    uint64_t *places;  /* [tokens] run << 32 | run of what follows, EW_NONE: the row ends */
    uint64_t *runs;    /* [runs + 1] into places */
    uint32_t *token;   /* [runs] */
    uint32_t *order;   /* [rows] topic by topic: what a topic's rows are drawn from stays in the nearest cache meanwhile */
};

void ew_bags_free(ew_bags *bags) {
    if (!bags) return;
    ew_free(bags->bag);
    ew_free(bags->places);
    ew_free(bags->runs);
    ew_free(bags->token);
    ew_free(bags->order);
    ew_free(bags);
}

/* Places of a topic by topic, as token << 32 | token that follows; *widest: places of the largest. */
static ew_status fill(ew_bags *b, uint32_t topics, uint64_t *widest, ew_error *err) {
    const ew_token_lists *lists = b->lists;
    uint64_t *at = ew_alloc(topics, sizeof *at);
    if (!at) return ew_fail_memory(err, topics * sizeof *at, "a decoy");
    for (uint32_t i = 0; i < lists->n; i++) b->bag[b->topic[i] + 1] += lists->start[i + 1] - lists->start[i];
    *widest = 0;
    for (uint32_t t = 0; t < topics; t++) {
        if (b->bag[t + 1] > *widest) *widest = b->bag[t + 1];
        b->bag[t + 1] += b->bag[t];
        at[t] = b->bag[t];
    }
    for (uint32_t i = 0; i < lists->n; i++)
        for (uint64_t t = lists->start[i]; t < lists->start[i + 1]; t++)
            b->places[at[b->topic[i]]++] =
                (uint64_t)lists->ids[t] << 32 | (t + 1 < lists->start[i + 1] ? lists->ids[t + 1] : EW_NONE);
    ew_free(at);
    return EW_OK;
}

static ew_status put_in_order(ew_bags *b, uint32_t topics, ew_error *err) {
    uint32_t n = b->lists->n, *at = ew_calloc((size_t)topics + 1, sizeof *at);
    b->order = ew_alloc(n, sizeof *b->order);
    if (!at || !b->order) {
        ew_free(at);
        return ew_fail_memory(err, n * sizeof *b->order, "a decoy");
    }
    for (uint32_t i = 0; i < n; i++) at[b->topic[i] + 1]++;
    for (uint32_t t = 0; t < topics; t++) at[t + 1] += at[t];
    for (uint32_t i = 0; i < n; i++) b->order[at[b->topic[i]]++] = i;
    ew_free(at);
    return EW_OK;
}

static int begins_run(const ew_bags *b, uint64_t place, uint64_t bag) {
    return place == bag || b->places[place] >> 32 != b->places[place - 1] >> 32;
}

/* From the tokens of a topic's places to their runs, which begin with number `first` and end before `end`. */
static void name_runs(ew_bags *b, uint32_t t, uint32_t first, uint32_t end) {
    uint32_t run = first;
    for (uint64_t p = b->bag[t]; p < b->bag[t + 1]; p++) {
        run += p == b->runs[run + 1];
        uint32_t next = (uint32_t)b->places[p], low = first, high = end;
        while (next != EW_NONE && low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (b->token[middle] < next) low = middle + 1;
            else high = middle;
        }
        b->places[p] = (uint64_t)run << 32 | (next == EW_NONE ? EW_NONE : low);
    }
}

static ew_status build(ew_bags *b, uint32_t topics, ew_error *err) {
    uint64_t all = b->lists->start[b->lists->n], runs = 0, widest = 0;
    uint64_t *spare = NULL;
    ew_status status;
    EW_TRY(fill(b, topics, &widest, err));
    EW_TRY(put_in_order(b, topics, err));
    if (!(spare = ew_alloc(widest, sizeof *spare))) {
        status = ew_fail_memory(err, widest * sizeof *spare, "a decoy");
        goto done;
    }
    for (uint32_t t = 0; t < topics; t++) {
        ew_sort_u64(b->places + b->bag[t], spare, b->bag[t + 1] - b->bag[t]);
        for (uint64_t p = b->bag[t]; p < b->bag[t + 1]; p++) runs += (uint64_t)begins_run(b, p, b->bag[t]);
    }
    if (runs >= EW_NONE) {
        status = ew_fail(err, EW_RESOURCE, "more than %u words of topics; split the corpus", EW_NONE - 1);
        goto done;
    }
    b->runs = ew_alloc(runs + 1, sizeof *b->runs);
    b->token = ew_alloc(runs, sizeof *b->token);
    if (!b->runs || !b->token) {
        status = ew_fail_memory(err, runs * 12, "a decoy");
        goto done;
    }
    uint32_t run = 0;
    for (uint32_t t = 0; t < topics; t++)
        for (uint64_t p = b->bag[t]; p < b->bag[t + 1]; p++)
            if (begins_run(b, p, b->bag[t])) {
                b->runs[run] = p;
                b->token[run++] = (uint32_t)(b->places[p] >> 32);
            }
    b->runs[run] = all;
    for (uint32_t t = 0, first = 0; t < topics; t++) {
        uint32_t end = first;
        while (end < run && b->runs[end] < b->bag[t + 1]) end++;
        name_runs(b, t, first, end);
        first = end;
    }
done:
    ew_free(spare);
    return status;
}

ew_status ew_bags_create(const ew_token_lists *lists, const uint32_t *topic, uint32_t topics, ew_bags **out, ew_error *err) {
    uint64_t all = lists->start[lists->n];
    ew_bags *b = ew_calloc(1, sizeof *b);
    *out = NULL;
    if (!b) return ew_fail_memory(err, sizeof *b, "a decoy");
    *b = (ew_bags){.lists = lists, .topic = topic, .bag = ew_calloc((size_t)topics + 1, sizeof *b->bag),
                   .places = ew_alloc(all, sizeof *b->places)};
    ew_status status = b->bag && b->places ? build(b, topics, err) : ew_fail_memory(err, all * sizeof *b->places, "a decoy");
    if (status == EW_OK) *out = b;
    else ew_bags_free(b);
    return status;
}

/* A row's tokens. Whether one follows the one before is a coin: hardly a branch, as none could be foretold. */
static void draw_row(const ew_bags *b, double follow, uint64_t seed, uint64_t key, uint32_t row, uint32_t *ids) {
    uint64_t bag = b->bag[b->topic[row]], size = b->bag[b->topic[row] + 1] - bag;
    uint32_t run = EW_NONE, n = (uint32_t)(b->lists->start[row + 1] - b->lists->start[row]);
    for (uint64_t step = 0; step < n; step++) {
        uint64_t free = ew_random(seed, EW_RANDOM_DECOY, key, step), tied = ew_random(seed, EW_RANDOM_PAIRS, key, 2 * step + 1);
        int follows = (run != EW_NONE) & (ew_random_unit(seed, EW_RANDOM_PAIRS, key, 2 * step) < follow);
        uint32_t before = follows ? run : 0;
        uint64_t from = follows ? b->runs[before] : bag, many = follows ? b->runs[before + 1] - from : size;
        uint64_t place = b->places[from + ew_random_part(follows ? tied : free, many)];
        run = (uint32_t)(follows ? place : place >> 32);
        if (run == EW_NONE) run = (uint32_t)(b->places[bag + ew_random_part(free, size)] >> 32); /* nothing follows there */
        ids[step] = b->token[run];
    }
}

void ew_bags_draw(const ew_bags *b, double follow, uint64_t seed, uint32_t number, uint32_t *ids) {
    for (uint32_t i = 0; i < b->lists->n; i++) {
        uint32_t row = b->order[i];
        draw_row(b, follow, seed, (uint64_t)number << 32 | row, row, ids + b->lists->start[row]);
    }
}
