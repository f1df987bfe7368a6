/* Decoys: corpora without structure beyond topics, made of this corpus' own words. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "needs.h"

enum { ROWS_A_TOPIC = 120, FEWEST_TOPICS = 8, ROUNDS = 10 };

ew_status ew_decoy_topics(const ew_vectors *vectors, uint64_t seed, ew_pool *pool, uint32_t *topic, uint32_t *topics,
                          ew_error *err) {
    uint32_t k = (vectors->n + ROWS_A_TOPIC / 2) / ROWS_A_TOPIC;
    *topics = k < FEWEST_TOPICS ? FEWEST_TOPICS : k;
    return ew_kmeans(vectors, *topics, ROUNDS, seed, pool, topic, err);
}

ew_status ew_decoy_draw(const ew_token_lists *lists, const uint32_t *topic, uint32_t topics, uint64_t seed, uint32_t number,
                        uint32_t *ids, ew_error *err) {
    uint64_t *start = ew_calloc((size_t)topics + 1, sizeof *start);
    uint64_t *fill = ew_calloc((size_t)topics + 1, sizeof *fill);
    uint32_t *bags = ew_alloc(lists->start[lists->n], sizeof *bags);
    ew_status status = EW_OK;
    if (!start || !fill || !bags) {
        status = ew_fail_memory(err, lists->start[lists->n] * 2, "a decoy");
        goto done;
    }
    for (uint32_t i = 0; i < lists->n; i++) start[topic[i] + 1] += lists->start[i + 1] - lists->start[i];
    for (uint32_t t = 0; t < topics; t++) start[t + 1] += start[t];
    memcpy(fill, start, ((size_t)topics + 1) * sizeof *fill);
    for (uint32_t i = 0; i < lists->n; i++)
        for (uint64_t t = lists->start[i]; t < lists->start[i + 1]; t++) bags[fill[topic[i]]++] = lists->ids[t];
    for (uint32_t i = 0; i < lists->n; i++) {
        const uint32_t *bag = bags + start[topic[i]];
        uint64_t size = start[topic[i] + 1] - start[topic[i]];
        for (uint64_t t = lists->start[i]; t < lists->start[i + 1]; t++)
            ids[t] = bag[ew_random_below(size, seed, EW_RANDOM_DECOY, ((uint64_t)number << 32) | i, t - lists->start[i])];
    }
done:
    ew_free(start);
    ew_free(fill);
    ew_free(bags);
    return status;
}
