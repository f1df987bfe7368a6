/* Corpora without structure: walks over pairs of words, and the claim tried on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/edgewise.h"
#include "../../core/needs/needs.h"
#include "leaks.h"

static ew_error err;

enum { ROWS = 400, TOPICS = 4, WORDS = 30, LONGEST = 12 };

typedef struct { uint64_t start[ROWS + 1]; uint32_t ids[ROWS * LONGEST], topic[ROWS]; ew_token_lists lists; } corpus;

static void fill(corpus *c) {
    c->start[0] = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t length = (uint32_t)ew_random_below(LONGEST + 1, 1, 2, i, 0); /* empty ones too */
        c->topic[i] = i % TOPICS;
        for (uint32_t k = 0; k < length; k++) /* two topics share all their words: pairs must still be of one topic */
            c->ids[c->start[i] + k] = (uint32_t)(c->topic[i] / 2 * WORDS + ew_random_below(WORDS, 1, 3, i, k));
        c->start[i + 1] = c->start[i] + length;
    }
    c->lists = (ew_token_lists){ROWS, c->start, c->ids};
}

/* seen[topic][a][b]: b follows a somewhere in a row of the topic. */
static unsigned char seen[TOPICS][2 * WORDS][2 * WORDS];

Test(pairs, every_step_is_a_pair_of_the_topic_or_free) {
    static corpus c;
    static uint32_t ids[ROWS * LONGEST], again[ROWS * LONGEST];
    fill(&c);
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint64_t t = c.start[i] + 1; t < c.start[i + 1]; t++) seen[c.topic[i]][c.ids[t - 1]][c.ids[t]] = 1;
    ew_bags *pairs;
    cr_assert_eq(ew_bags_create(&c.lists, c.topic, TOPICS, &pairs, &err), EW_OK);
    ew_bags_draw(pairs, .85, 7, 0, ids);
    ew_bags_draw(pairs, .85, 7, 0, again);
    cr_assert_arr_eq(ids, again, c.start[ROWS] * sizeof *ids);
    ew_bags_draw(pairs, .85, 7, 1, again);
    cr_assert_arr_neq(ids, again, c.start[ROWS] * sizeof *ids);
    uint32_t steps = 0, real = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint64_t t = c.start[i]; t < c.start[i + 1]; t++) {
            cr_assert_eq(ids[t] / WORDS, c.topic[i] / 2, "a word of another topic");
            if (t == c.start[i]) continue;
            steps++;
            real += seen[c.topic[i]][ids[t - 1]][ids[t]];
        }
    /* 15 % are free and a sixth of all places end a row; many of the free ones are pairs by chance */
    cr_assert(real > steps * 3 / 4 && real < steps, "%u of %u", real, steps);
    ew_bags_free(pairs);
    assert_no_leaks();
}

Test(pairs, without_memory) {
    static corpus c;
    fill(&c);
    ew_status status = EW_RESOURCE; /* until nothing fails */
    for (uint64_t n = 1; status != EW_OK; n++) {
        ew_bags *pairs;
        ew_alloc_fail_after(n);
        status = ew_bags_create(&c.lists, c.topic, TOPICS, &pairs, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && !pairs));
        ew_bags_free(pairs);
        cr_assert(n < 20);
    }
    assert_no_leaks();
}

/* 300 made-up comments of four subjects. */
static char *comments(size_t *n) {
    static const char *const subjects[][6] = {{"lid", "leaks", "coffee", "counter", "seal", "drip"},
                                              {"invoice", "late", "bank", "refund", "price", "paid"},
                                              {"courier", "parcel", "door", "neighbour", "box", "street"},
                                              {"app", "login", "password", "screen", "update", "phone"}};
    char *out = malloc(300 * 200);
    *n = 0;
    for (uint32_t i = 0; i < 300; i++) {
        *n += (size_t)sprintf(out + *n, "{\"text\":\"my");
        for (uint32_t k = 0; k < 8; k++)
            *n += (size_t)sprintf(out + *n, " %s", subjects[i % 4][ew_random_below(6, 1, 9, i, k)]);
        *n += (size_t)sprintf(out + *n, "\"}\n");
    }
    return out;
}

Test(nulls, counts_and_bounds) {
    size_t n;
    char *text = comments(&n), *json = NULL, *other = NULL;
    ew_input input = {"made-up.jsonl", text, n};
    ew_options options;
    ew_options_init(&options);
    options.decoys = 3;
    options.threads = 1;
    cr_assert_eq(ew_nulls(&input, 1, &options, 2, &json, &err), EW_OK, "%s", err.message);
    cr_assert(strstr(json, "\"words\":{\"corpora\":2,\"with_confirmed\":"));
    cr_assert(strstr(json, "\"pairs\":{\"corpora\":2,\"with_confirmed\":"));
    /* none of two: 1 - .05^(1/2) */
    cr_assert(!strstr(json, "\"with_confirmed\":0") || strstr(json, "\"share_at_most\":0.7764"), "%s", json);
    options.threads = 3;
    cr_assert_eq(ew_nulls(&input, 1, &options, 2, &other, &err), EW_OK);
    cr_assert_str_eq(json, other);
    ew_free(json);
    ew_free(other);
    free(text);
    assert_no_leaks();
}

Test(nulls, refuses_what_makes_no_sense) {
    size_t n;
    char *text = comments(&n), *json;
    ew_input input = {"made-up.jsonl", text, n};
    ew_options options;
    ew_options_init(&options);
    cr_assert_eq(ew_nulls(&input, 1, &options, 0, &json, &err), EW_USAGE);
    cr_assert_eq(ew_nulls(&input, 1, &options, 1001, &json, &err), EW_USAGE);
    options.decoys = 0;
    cr_assert_eq(ew_nulls(&input, 1, &options, 1, &json, &err), EW_USAGE);
    options.decoys = 1;
    options.vectors = "some.npy";
    cr_assert_eq(ew_nulls(&input, 1, &options, 1, &json, &err), EW_USAGE);
    cr_assert_null(json);
    free(text);
    assert_no_leaks();
}
