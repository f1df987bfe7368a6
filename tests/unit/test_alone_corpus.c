#define _GNU_SOURCE /* mkdtemp */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/alone_corpus.h"
#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/vectors/vectors.h"
#include "leaks.h"
#include "make_corpus.h"

static ew_error err;
static char folder[64], path[128];
enum { MANY = 60 };
static const char *texts[MANY];
static char words[MANY][120];

/* Comments of three subjects, an empty one, one of symbols alone, one that is not UTF-8. */
static void begin(void) {
    static const char *const subject[3][5] = {{"lid", "leaks", "kitchen", "coffee", "mug"},
                                              {"parcel", "late", "courier", "door", "neighbour"},
                                              {"invoice", "wrong", "refund", "bank", "account"}};
    for (uint32_t i = 0; i < MANY; i++) {
        words[i][0] = 0;
        for (uint32_t k = 0; k < 6; k++) {
            strcat(words[i], subject[i % 3][ew_random_below(5, 1, 1, i, k)]);
            strcat(words[i], k == 5 ? " ?!" : " ");
        }
        texts[i] = words[i];
    }
    texts[7] = "";
    texts[8] = "... !!";
    texts[9] = "\xff\xfe bytes";
    strcpy(folder, "/tmp/edgewise-corpus-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/v.npy", folder);
}

static void end(void) {
    remove(path);
    cr_assert_eq(rmdir(folder), 0, "something was left behind");
}

static ew_status embed(uint32_t n, int threads, int part, uint64_t fail, uint64_t *n_out) {
    ew_alloc_fail_after(0);
    ew_buffer lines = make_lines(texts, NULL, n);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_options_init(&options);
    options.threads = threads;
    options.corpus_part = part;
    ew_alloc_fail_after(fail);
    ew_status status = ew_embed_file(&input, 1, &options, path, n_out, &err);
    ew_alloc_fail_after(0);
    ew_buffer_free(&lines);
    return status;
}

static float *rows(uint32_t *n, uint32_t *d) {
    float *out;
    cr_assert_eq(ew_npy_read(path, &out, n, d, &err), EW_OK, "%s", err.message);
    return out;
}

static double dot(const float *x, uint32_t d, uint32_t a, uint32_t b) {
    double sum = 0;
    for (uint32_t k = 0; k < d; k++) sum += (double)x[(size_t)a * d + k] * (double)x[(size_t)b * d + k];
    return sum;
}

Test(alone_corpus, unit_rows_with_columns_of_the_corpus, .init = begin, .fini = end) {
    uint64_t n_out;
    uint32_t n, d, model_d;
    cr_assert_eq(embed(MANY, 1, 0, 0, &n_out), EW_OK, "%s", err.message);
    ew_free(rows(&n, &model_d));
    cr_assert_eq(embed(MANY, 1, 1, 0, &n_out), EW_OK, "%s", err.message);
    cr_assert_eq(n_out, MANY);
    float *x = rows(&n, &d);
    cr_assert(n == MANY && d > model_d, "%u columns beside the model's %u", d, model_d);
    double same = 0, other = 0;
    int n_same = 0, n_other = 0;
    for (uint32_t i = 0; i < n; i++) {
        double length = dot(x, d, i, i);
        if (i == 7 || i == 8)
            cr_assert_eq(length, 0, "nothing to go by in comment %u", i);
        else
            cr_assert(fabs(length - 1) < 1e-4, "comment %u: %g", i, length);
        for (uint32_t j = 10; j < i; j++) {
            *(i % 3 == j % 3 ? &same : &other) += dot(x, d, i, j);
            *(i % 3 == j % 3 ? &n_same : &n_other) += 1;
        }
    }
    cr_assert_gt(same / n_same, other / n_other + 0.3);
    for (int threads = 2; threads <= 8; threads += 1 + threads / 3 * 4) {
        uint32_t again_n, again_d;
        cr_assert_eq(embed(MANY, threads, 1, 0, NULL), EW_OK);
        float *again = rows(&again_n, &again_d);
        cr_assert(again_n == n && again_d == d && memcmp(x, again, (size_t)n * d * sizeof *x) == 0, "%d threads", threads);
        ew_free(again);
    }
    ew_free(x);
    assert_no_leaks();
}

Test(alone_corpus, corpora_that_are_too_small, .init = begin, .fini = end) {
    for (uint32_t few = 1; few <= 3; few++) {
        uint64_t n_out = 99;
        uint32_t n, d;
        cr_assert_eq(embed(few, 2, 1, 0, &n_out), EW_OK, "%u: %s", few, err.message);
        float *x = rows(&n, &d);
        cr_assert(n == few && n_out == few && d >= 1);
        for (size_t i = 0; i < (size_t)n * d; i++) cr_assert(isfinite(x[i]));
        ew_free(x);
    }
    assert_no_leaks();
}

Test(alone_corpus, memory_that_fails_leaves_nothing, .init = begin, .fini = end) {
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 8) {
        status = embed(MANY, 2, 1, nth, NULL);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "%d: %s", (int)status, err.message);
        if (status != EW_OK) cr_assert_neq(access(path, F_OK), 0, "a file in spite of the failure");
    }
    assert_no_leaks();
}
