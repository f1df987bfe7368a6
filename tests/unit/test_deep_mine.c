/* Runs whose vectors a small random deep encoder makes: which encoder is taken and why, and that all of a run goes through it. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/mining.h"
#include "leaks.h"
#include "make_deep.h"

static ew_error err;
static char folder[] = "/tmp/ew-deep-mine-XXXXXX", json_room[1 << 16];

/* A model of one layer that shares the built-in vocabulary, or has one of its own. */
static void make_model(int own_vocabulary) {
    deep_plan plan = {1, 32, 2, 32, 0, 64, 64, 3, NULL};
    size_t n = (size_t)(ew_builtin_vocab_end - ew_builtin_vocab);
    for (size_t i = 0; i < n; i++) plan.vocab += ew_builtin_vocab[i] == '\n';
    plan.vocab += n && ew_builtin_vocab[n - 1] != '\n';
    deep_folder(&plan, folder);
    if (!own_vocabulary) deep_write(folder, "vocab.txt", ew_builtin_vocab, n);
}

static char *comments(uint32_t n, size_t *length) {
    static const char *const subjects[][6] = {{"lid", "leaks", "coffee", "counter", "seal", "drip"},
                                              {"invoice", "late", "bank", "refund", "price", "paid"},
                                              {"courier", "parcel", "door", "neighbour", "box", "street"},
                                              {"app", "login", "password", "screen", "update", "phone"}};
    char *out = malloc(n * 160 + 1);
    *length = 0;
    for (uint32_t i = 0; i < n; i++) {
        *length += (size_t)sprintf(out + *length, "{\"id\":\"c%u\",\"text\":\"my", i);
        for (uint32_t k = 0; k < 8; k++)
            *length += (size_t)sprintf(out + *length, " %s", subjects[i % 4][ew_random_below(6, 1, 9, i, k)]);
        *length += (size_t)sprintf(out + *length, "\"}\n");
    }
    return out;
}

typedef struct asked { ew_options options; ew_input input; char *text; } asked;

static asked ask(uint32_t n, int encoder) {
    asked a;
    size_t length;
    a.text = comments(n, &length);
    a.input = (ew_input){"made-up.jsonl", a.text, length};
    ew_options_init(&a.options);
    a.options.encoder = encoder;
    a.options.deep = folder;
    a.options.decoys = 2;
    a.options.threads = 2;
    return a;
}

/* run.json of a run, in json_room; status otherwise. */
static ew_status mine(const asked *a, uint64_t *digest) {
    ew_run *run;
    char *json;
    ew_status status = ew_mine(&a->input, 1, &a->options, &run, &err);
    if (status != EW_OK) return status;
    cr_assert_eq(ew_run_json(run, &json, &err), EW_OK);
    snprintf(json_room, sizeof json_room, "%s", json);
    uint64_t sum = ew_hash(json, strlen(json), 0);
    size_t n;
    const ew_need *needs = ew_run_needs(run, &n);
    for (size_t i = 0; i < n; i++) {
        double figures[] = {needs[i].score, needs[i].q, needs[i].stability, needs[i].fringe, needs[i].why.significance};
        sum = ew_hash(needs[i].comments, needs[i].size * sizeof *needs[i].comments, sum);
        sum = ew_hash(figures, sizeof figures, sum);
    }
    if (digest) *digest = sum;
    ew_free(json);
    ew_run_free(run);
    return EW_OK;
}

static void assert_why(const asked *a, const char *encoder, const char *why) {
    char want[200];
    cr_assert_eq(mine(a, NULL), EW_OK, "%s", err.message);
    snprintf(want, sizeof want, "\"encoder\":\"%s\",\"encoder_why\":\"%s", encoder, why);
    cr_assert(strstr(json_room, want), "%s in %.300s", want, json_room);
}

static void end(asked *a) {
    free(a->text);
    deep_remove(folder);
    assert_no_leaks();
}

Test(deep_mine, is_the_same_for_any_number_of_threads) {
    static const int threads[] = {1, 2, 3, 8};
    uint64_t first = 0, other, with_static;
    make_model(0);
    asked a = ask(240, EW_ENCODER_DEEP);
    for (size_t i = 0; i < 4; i++) {
        a.options.threads = threads[i];
        cr_assert_eq(mine(&a, i ? &other : &first), EW_OK, "%s", err.message);
        if (i) cr_assert_eq(first, other, "%d threads", threads[i]);
    }
    cr_assert(strstr(json_room, "\"encoder\":\"deep\",\"encoder_why\":\"deep: as asked; about 1 s expected\""), "%.300s",
              json_room);
    char model[40];
    memcpy(model, strstr(json_room, "\"model\":"), 26);
    model[26] = 0;
    a.options.encoder = EW_ENCODER_STATIC;
    cr_assert_eq(mine(&a, &with_static), EW_OK);
    cr_assert(with_static != first && !strstr(json_room, model), "the model is named by its own digest");
    end(&a);
}

Test(deep_mine, is_chosen_by_budget_and_weights) {
    make_model(0);
    asked a = ask(60, EW_ENCODER_AUTO);
    a.options.decoys = 1;
    assert_why(&a, "deep", "deep: about 1 of 180 s expected");
    a.options.budget = 0;
    assert_why(&a, "static", "static: deep would take about 1 s, budget 0");
    a.options.budget = 180;
    a.options.memory = 27200000; /* enough without the weights */
    assert_why(&a, "static", "static: deep would need about ");
    a.options.encoder = EW_ENCODER_DEEP;
    cr_assert_eq(mine(&a, NULL), EW_RESOURCE);
    a.options.memory = 0;
    a.options.budget = 0; /* guides auto alone */
    assert_why(&a, "deep", "deep: as asked");
    a.options.encoder = EW_ENCODER_STATIC;
    assert_why(&a, "static", "static: as asked");
    a.options.encoder = EW_ENCODER_AUTO;
    a.options.deep = NULL;
    assert_why(&a, "static", "static: no weights of a deep encoder were found");
    end(&a);
}

Test(deep_mine, stands_back_for_a_model_or_vectors) {
    char path[64];
    float rows[60 * 3];
    make_model(0);
    snprintf(path, sizeof path, "%s/packed", folder);
    deep_write(folder, "packed", ew_builtin_model, (size_t)(ew_builtin_model_end - ew_builtin_model));
    asked a = ask(60, EW_ENCODER_AUTO);
    a.options.model = path;
    assert_why(&a, "static", "static: a static model was given");
    a.options.encoder = EW_ENCODER_DEEP;
    cr_assert_eq(mine(&a, NULL), EW_USAGE);
    a.options.model = NULL;
    for (int i = 0; i < 180; i++) rows[i] = (float)ew_random_unit(1, 1, (uint64_t)i, 0);
    cr_assert_eq(ew_npy_write_f32(path, rows, 60, 3, &err), EW_OK);
    a.options.vectors = path;
    cr_assert_eq(mine(&a, NULL), EW_USAGE);
    a.options.encoder = EW_ENCODER_AUTO;
    assert_why(&a, "vectors", "vectors: they were given");
    a.options.vectors = NULL;
    a.options.encoder = EW_ENCODER_DEEP;
    a.options.deep = NULL;
    cr_assert_eq(mine(&a, NULL), EW_USAGE);
    a.options.encoder = EW_ENCODER_STUDENT + 1;
    cr_assert_eq(mine(&a, NULL), EW_USAGE);
    end(&a);
}

Test(deep_mine, refuses_another_vocabulary) {
    char *json;
    make_model(1);
    asked a = ask(60, EW_ENCODER_AUTO);
    for (; a.options.encoder <= EW_ENCODER_DEEP; a.options.encoder += EW_ENCODER_DEEP) {
        cr_assert_eq(mine(&a, NULL), EW_INPUT);
        cr_assert(strstr(err.message, "vocabulary"), "%s", err.message);
        cr_assert_eq(ew_plan(&a.input, 1, &a.options, &json, &err), EW_INPUT);
        cr_assert_eq(ew_nulls(&a.input, 1, &a.options, 1, &json, &err), EW_INPUT);
    }
    a.options.encoder = EW_ENCODER_STATIC; /* does not look */
    assert_why(&a, "static", "static: as asked");
    a.options.encoder = EW_ENCODER_AUTO;
    a.options.deep = "/no/such/place";
    cr_assert_eq(mine(&a, NULL), EW_INPUT);
    end(&a);
}

Test(deep_mine, plan_tells_of_both) {
    char *json;
    make_model(0);
    asked a = ask(60, EW_ENCODER_AUTO);
    cr_assert_eq(ew_plan(&a.input, 1, &a.options, &json, &err), EW_OK);
    cr_assert(strstr(json, "\"encoder_why\":\"deep: about 1 of 180 s expected\",\"with_static_seconds\":0.0"), "%s", json);
    ew_free(json);
    a.options.deep = NULL; /* what the common one would take */
    cr_assert_eq(ew_plan(&a.input, 1, &a.options, &json, &err), EW_OK);
    cr_assert(strstr(json, "\"encoder\":\"static\"") && !strstr(json, "\"with_deep_seconds\":0.0"), "%s", json);
    ew_free(json);
    end(&a);
}

Test(deep_mine, nulls_go_through_it) {
    char *one, *three;
    make_model(0);
    asked a = ask(120, EW_ENCODER_DEEP);
    a.options.threads = 1;
    cr_assert_eq(ew_nulls(&a.input, 1, &a.options, 1, &one, &err), EW_OK, "%s", err.message);
    a.options.threads = 3;
    cr_assert_eq(ew_nulls(&a.input, 1, &a.options, 1, &three, &err), EW_OK, "%s", err.message);
    cr_assert(strstr(one, "\"encoder\":\"deep\""), "%s", one);
    cr_assert_str_eq(one, three);
    ew_free(one);
    ew_free(three);
    end(&a);
}

/* The same corpus and vectors, the decoys of either encoder: the verdict depends on whose they are. */
Test(deep_mine, decoys_go_through_it) {
    enum { N = 400 };
    ew_encoder encoder = {0};
    ew_model model;
    ew_deep *deep;
    ew_pool *pool;
    ew_vectors vectors;
    ew_lists near;
    ew_findings with_deep, with_static;
    static uint64_t start[N + 1];
    static uint32_t ids[N * 10];
    make_model(0);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t k = 0; k < 10; k++) ids[i * 10 + k] = (uint32_t)(2000 + i % 10 * 40 + ew_random_below(40, 1, 2, i, k));
        start[i + 1] = start[i] + 10;
    }
    ew_token_lists lists = {N, start, ids};
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    cr_assert_eq(ew_encoder_open(folder, &deep, &err), EW_OK);
    cr_assert_eq(ew_pool_create(2, &pool, &err), EW_OK);
    encoder = (ew_encoder){.model = &model, .deep = deep};
    cr_assert_eq(ew_encoder_width(&encoder), 32);
    cr_assert_eq(ew_vectors_build(&encoder, &lists, .5f, 1, pool, &vectors, &err), EW_OK);
    cr_assert_eq(vectors.d, 32 + vectors.lsa.d);
    cr_assert_eq(ew_neighbours_exact(&vectors, EW_LIST_LENGTH, pool, &near, &err), EW_OK);
    ew_needs_input input = {.encoder = &encoder, .vectors = &vectors, .lists = &near, .tokens = &lists, .vocab = model.vocab,
                            .corpus_weight = .5f, .decoys = 4, .seed = 1};
    cr_assert_eq(ew_needs_find(&input, pool, &with_deep, &err), EW_OK);
    encoder.deep = NULL;
    cr_assert_eq(ew_encoder_width(&encoder), model.d);
    cr_assert_eq(ew_needs_find(&input, pool, &with_static, &err), EW_OK);
    cr_assert(with_deep.candidates == with_static.candidates && with_deep.n && with_static.n);
    int differ = 0;
    for (uint32_t i = 0; i < with_deep.n && i < with_static.n; i++)
        differ |= memcmp(&with_deep.items[i].group.x, &with_static.items[i].group.x, sizeof(double)) != 0;
    cr_assert(differ);
    ew_findings_free(&with_deep);
    ew_findings_free(&with_static);
    ew_lists_free(&near);
    ew_vectors_free(&vectors);
    ew_pool_free(pool);
    ew_deep_close(deep);
    ew_model_close(&model);
    deep_remove(folder);
    assert_no_leaks();
}

/* Within the stage, not at its door: it is told how many there are. Whoever takes his time is asked again at once. */
static int stop_at(void *data, const char *stage, uint64_t done, uint64_t total) {
    (void)done;
    if (strcmp(stage, data) != 0) return 0;
    if (!total) usleep(150000);
    return total > 0;
}

Test(deep_mine, a_caller_may_stop_it) {
    static char embed[] = "embed", decoys[] = "decoys";
    make_model(0);
    asked a = ask(300, EW_ENCODER_DEEP);
    a.options.progress = stop_at;
    char *const at[] = {embed, decoys};
    for (int i = 0; i < 2; i++) {
        a.options.progress_data = at[i];
        cr_assert_eq(mine(&a, NULL), EW_CANCELLED, "%s", at[i]);
    }
    end(&a);
}

Test(deep_mine, embeds_with_the_part_of_the_corpus) {
    char path[64];
    uint64_t n;
    float *rows;
    uint32_t n_rows, d;
    make_model(0);
    snprintf(path, sizeof path, "%s/packed", folder);
    asked a = ask(120, EW_ENCODER_DEEP);
    a.options.corpus_part = 1;
    cr_assert_eq(ew_embed_file(&a.input, 1, &a.options, path, &n, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_npy_read(path, &rows, &n_rows, &d, &err), EW_OK);
    cr_assert(n_rows == 120 && d > 32, "%u columns", d);
    double length = 0;
    for (uint32_t k = 0; k < d; k++) length += (double)rows[k] * (double)rows[k];
    cr_assert_float_eq(length, 1, 1e-4);
    ew_free(rows);
    end(&a);
}

Test(deep_mine, no_memory_is_an_error_and_nothing_else) {
    make_model(0);
    asked a = ask(40, EW_ENCODER_DEEP);
    a.options.decoys = 1;
    a.options.threads = 1;
    ew_status status = EW_RESOURCE;
    for (uint64_t n = 1; status != EW_OK; n += 1 + n / 12) {
        ew_alloc_fail_after(n);
        status = mine(&a, NULL);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "allocation %llu: %s", (unsigned long long)n, err.message);
    }
    end(&a);
}
