/* Corpora without groups that still hold real phrases: a walk over the pairs of neighbouring words within each topic. Harder
 * than a decoy: what a test makes of repeated phrases alone shows here. */
#include <stdlib.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "needs.h"

static const double FREE = .15; /* share of words that do not follow from the word before */

typedef struct { uint64_t word, at; } place; /* topic << 32 | token, and where it stands */

static int by_word(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->word != y->word) return x->word < y->word ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

struct ew_pairs {
    const ew_token_lists *lists;
    const uint32_t *topic;
    uint32_t *row_of;   /* [tokens] */
    place *places;      /* [tokens] ascending */
    uint64_t *bags;     /* [topics + 1] into places: a topic's words stand together */
};

void ew_pairs_free(ew_pairs *pairs) {
    if (!pairs) return;
    ew_free(pairs->row_of);
    ew_free(pairs->places);
    ew_free(pairs->bags);
    ew_free(pairs);
}

ew_status ew_pairs_create(const ew_token_lists *lists, const uint32_t *topic, uint32_t topics, ew_pairs **out, ew_error *err) {
    uint64_t all = lists->start[lists->n];
    *out = NULL;
    ew_pairs *pairs = ew_calloc(1, sizeof *pairs);
    if (!pairs) return ew_fail_memory(err, sizeof *pairs, "pairs of words");
    *pairs = (ew_pairs){lists, topic, ew_alloc(all, sizeof *pairs->row_of), ew_alloc(all, sizeof *pairs->places),
                        ew_calloc((size_t)topics + 1, sizeof *pairs->bags)};
    if (!pairs->row_of || !pairs->places || !pairs->bags) {
        ew_pairs_free(pairs);
        return ew_fail_memory(err, all * sizeof *pairs->places, "pairs of words");
    }
    for (uint32_t i = 0; i < lists->n; i++)
        for (uint64_t t = lists->start[i]; t < lists->start[i + 1]; t++) {
            pairs->row_of[t] = i;
            pairs->places[t] = (place){(uint64_t)topic[i] << 32 | lists->ids[t], t};
            pairs->bags[topic[i] + 1]++;
        }
    for (uint32_t k = 0; k < topics; k++) pairs->bags[k + 1] += pairs->bags[k];
    qsort(pairs->places, all, sizeof *pairs->places, by_word);
    *out = pairs;
    return EW_OK;
}

/* The first place not before `word`. */
static uint64_t first_of(const ew_pairs *pairs, uint64_t word, uint64_t from, uint64_t to) {
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        if (pairs->places[middle].word < word) from = middle + 1;
        else to = middle;
    }
    return from;
}

void ew_pairs_draw(const ew_pairs *pairs, uint64_t seed, uint32_t number, uint32_t *ids) {
    const ew_token_lists *lists = pairs->lists;
    for (uint32_t i = 0; i < lists->n; i++) {
        uint64_t bag = pairs->bags[pairs->topic[i]], end = pairs->bags[pairs->topic[i] + 1], key = (uint64_t)number << 32 | i;
        for (uint64_t t = lists->start[i]; t < lists->start[i + 1]; t++) {
            uint64_t step = 2 * (t - lists->start[i]), at = lists->start[lists->n];
            if (step && ew_random_unit(seed, EW_RANDOM_PAIRS, key, step) >= FREE) {
                uint64_t word = (uint64_t)pairs->topic[i] << 32 | ids[t - 1];
                uint64_t from = first_of(pairs, word, bag, end), to = first_of(pairs, word + 1, from, end);
                at = pairs->places[from + ew_random_below(to - from, seed, EW_RANDOM_PAIRS, key, step + 1)].at;
                /* lists->start[lists->n]: no word follows it there */
                at = at + 1 < lists->start[pairs->row_of[at] + 1] ? at + 1 : lists->start[lists->n];
            }
            if (at == lists->start[lists->n])
                at = pairs->places[bag + ew_random_below(end - bag, seed, EW_RANDOM_PAIRS, ~key, step)].at;
            ids[t] = lists->ids[at];
        }
    }
}
