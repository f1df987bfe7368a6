/* needs: all of it, from tokens to findings. */
#include "../../core/needs/needs.h"
#include "leaks.h"
#include "make_tokens.h"
#include "make_vectors.h"

static ew_error err;

static uint32_t test_rows; /* of the next calls of find */
static ew_decoy_fn keep;
static void *keep_data;

static ew_status find(const corpus *c, uint32_t decoys, int threads, uint64_t seed, int (*tick)(void *, uint32_t, uint32_t),
                      void *data, ew_findings *out) {
    ew_model model;
    ew_vectors vectors = {0};
    ew_lists lists = {0};
    ew_pool *pool = NULL;
    *out = (ew_findings){0};
    ew_status status;
    if ((status = ew_model_open(NULL, &model, &err)) != EW_OK) return status;
    status = ew_pool_create(threads, &pool, &err);
    if (status == EW_OK) status = ew_vectors_build(&(ew_encoder){.model = &model}, &c->lists, .5f, seed, pool, &vectors, &err);
    if (status == EW_OK) status = ew_neighbours_exact(&vectors, EW_LIST_LENGTH, pool, &lists, &err);
    ew_encoder encoder = {.model = &model};
    ew_needs_input input = {.encoder = &encoder,
                            .vectors = &vectors,
                            .lists = &lists,
                            .tokens = &c->lists,
                            .vocab = model.vocab,
                            .corpus_weight = .5f,
                            .decoys = decoys,
                            .test_rows = test_rows,
                            .seed = seed,
                            .keep = keep,
                            .keep_data = keep_data,
                            .tick = tick,
                            .tick_data = data};
    if (status == EW_OK) status = ew_needs_find(&input, pool, out, &err);
    ew_lists_free(&lists);
    ew_vectors_free(&vectors);
    ew_pool_free(pool);
    ew_model_close(&model);
    return status;
}

/* A row is in two groups only where one lies in the other, which is a good deal larger, and one alone may be confirmed; the
 * listed ones by score; figures where they belong. */
static void assert_findings(const ew_findings *f, uint32_t n) {
    char *mine = calloc(n + 1, 1);
    uint32_t listed = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        const ew_found *x = &f->items[i];
        memset(mine, 0, n + 1);
        for (uint32_t r = 0; r < x->group.size; r++) {
            cr_assert(x->rows[r] < n && !mine[x->rows[r]]);
            mine[x->rows[r]] = 1;
        }
        for (uint32_t j = 0; j < i; j++) {
            const ew_found *y = &f->items[j];
            uint32_t both = 0, less = x->group.size < y->group.size ? x->group.size : y->group.size;
            for (uint32_t r = 0; r < y->group.size; r++) both += mine[y->rows[r]] != 0;
            cr_assert(both == 0 || both == less);
            if (!both) continue;
            cr_assert(ew_may_be_confirmed(&x->group, f->threshold) != ew_may_be_confirmed(&y->group, f->threshold));
            cr_assert_leq(10 * less, 7 * (x->group.size + y->group.size - less));
        }
        cr_assert(x->group.q >= 0 && x->group.q <= 1 && (x->significant != 0) == (x->group.q <= .10));
        cr_assert(x->group.stability >= 0 && x->group.stability <= 1);
        cr_assert(x->group.size >= 4 && x->group.size <= 60);
        listed += !x->significant;
        if (i) cr_assert(x->group.list <= f->items[i - 1].group.list);
    }
    cr_assert_leq(listed, EW_LARGEST_LIST);
    for (uint32_t i = 0; i < n; i++) cr_assert(f->fringe[i] >= 0 && f->fringe[i] <= 1);
    free(mine);
}

Test(find, what_keeps_a_group_from_being_confirmed) {
    const ew_group good = {.size = 5, .stability = .75, .s = 2, .clear = 0};
    ew_group few = good, shaky = good, weak = good, wide = good;
    few.size = 4;
    shaky.stability = .74;
    weak.s = 1.99;
    wide.clear = -.001;
    cr_assert(ew_may_be_confirmed(&good, 2));
    cr_assert(!ew_may_be_confirmed(&few, 2) && !ew_may_be_confirmed(&shaky, 2));
    cr_assert(!ew_may_be_confirmed(&weak, 2) && !ew_may_be_confirmed(&wide, 2));
}

Test(find, planted_groups_and_no_others) {
    corpus c = make_corpus(500, 14, 2);
    ew_findings f;
    cr_assert_eq(find(&c, 10, 2, 1, NULL, NULL, &f), EW_OK, "%s", err.message);
    assert_findings(&f, 500);
    uint32_t right = 0, significant = 0;
    for (uint32_t i = 0; i < f.n; i++) {
        const ew_found *x = &f.items[i];
        uint32_t group = x->rows[0] / GROUP_ROWS, same = 0;
        for (uint32_t r = 0; r < x->group.size; r++) same += x->rows[r] / GROUP_ROWS == group;
        significant += x->significant != 0;
        right += x->significant && group < 14 && same >= 5 && same * 4 >= x->group.size * 3;
    }
    cr_assert_geq(right, 10, "%u of %u", right, significant);
    cr_assert_leq((significant - right) * 5, significant);
    cr_assert(f.decoys == 10 && f.candidates > 50 && f.significant >= significant);
    ew_findings_free(&f);
    ew_findings_free(&f);
    drop_corpus(&c);
    assert_no_leaks();
}

/* Groups of 30 rows, two fifths of all rows in the test: the corpus' own groups get the verdict on their share of the sample. */
Test(find, a_sample_speaks_for_all) {
    enum { PLANTED = 20, LARGE = 30, N = 1200 };
    corpus c = make_corpus_of(N, PLANTED, LARGE, 2);
    ew_findings f;
    test_rows = N * 2 / 5;
    cr_assert_eq(find(&c, 10, 2, 1, NULL, NULL, &f), EW_OK, "%s", err.message);
    cr_assert_eq(f.tested, test_rows);
    assert_findings(&f, N);
    uint32_t right = 0, significant = 0, untested = 0;
    for (uint32_t i = 0; i < f.n; i++) {
        const ew_found *x = &f.items[i];
        uint32_t group = x->rows[0] / LARGE, same = 0;
        for (uint32_t r = 0; r < x->group.size; r++) same += x->rows[r] / LARGE == group;
        significant += x->significant != 0;
        untested += x->group.s == EW_UNTESTED && x->group.q == 1;
        right += x->significant && group < PLANTED && same * 4 >= x->group.size * 3;
        cr_assert(!x->significant || x->group.size > 4); /* whose share of the sample is a candidate: four rows or more */
    }
    cr_assert_geq(right, 10, "%u of %u", right, significant);
    cr_assert_leq((significant - right) * 5, significant);
    cr_assert_gt(untested, 0); /* small ones, of which the sample has too little */
    ew_findings_free(&f);
    test_rows = N; /* all: as without a sample */
    ew_findings whole;
    cr_assert_eq(find(&c, 2, 2, 1, NULL, NULL, &f), EW_OK);
    test_rows = 0;
    cr_assert_eq(find(&c, 2, 2, 1, NULL, NULL, &whole), EW_OK);
    cr_assert(f.tested == N && whole.tested == N && f.n == whole.n);
    for (uint32_t i = 0; i < f.n; i++) cr_assert(f.items[i].group.s == whole.items[i].group.s);
    ew_findings_free(&f);
    ew_findings_free(&whole);
    drop_corpus(&c);
    assert_no_leaks();
}

enum { WORDS_MOST = 40000 }; /* token ids */
typedef struct { const corpus *c; uint32_t n, rows; } kept;

/* As many rows and tokens as were tested, of the rows it says, each token from the bag of its row's topic. */
static ew_status look_at(void *data, const ew_decoy *decoy, ew_error *error) {
    kept *k = data;
    const ew_token_lists *all = &k->c->lists, *drawn = &decoy->tokens;
    uint32_t topics = 0;
    (void)error;
    cr_assert_eq(decoy->number, k->n++);
    cr_assert_eq(drawn->n, k->rows);
    cr_assert_eq(decoy->row != NULL, k->rows < all->n);
    for (uint32_t i = 0; i < drawn->n; i++) topics = decoy->topic[i] >= topics ? decoy->topic[i] + 1 : topics;
    char *bag = calloc((size_t)topics * WORDS_MOST, 1);
    for (uint32_t i = 0; i < drawn->n; i++) {
        uint32_t row = decoy->row ? decoy->row[i] : i;
        cr_assert_eq(drawn->start[i + 1] - drawn->start[i], all->start[row + 1] - all->start[row]);
        char *own = bag + (size_t)decoy->topic[i] * WORDS_MOST;
        for (uint64_t t = all->start[row]; t < all->start[row + 1]; t++) own[all->ids[t]] = 1;
    }
    for (uint32_t i = 0; i < drawn->n; i++)
        for (uint64_t t = drawn->start[i]; t < drawn->start[i + 1]; t++)
            cr_assert(bag[(size_t)decoy->topic[i] * WORDS_MOST + drawn->ids[t]]);
    free(bag);
    return EW_OK;
}

Test(find, whoever_keeps_the_decoys_gets_what_was_tested) {
    corpus c = make_corpus(500, 14, 2);
    ew_findings f;
    kept whole = {&c, 0, 500}, sample = {&c, 0, 200};
    keep = look_at;
    keep_data = &whole;
    cr_assert_eq(find(&c, 5, 3, 1, NULL, NULL, &f), EW_OK, "%s", err.message);
    ew_findings_free(&f);
    test_rows = 200;
    keep_data = &sample;
    cr_assert_eq(find(&c, 3, 1, 1, NULL, NULL, &f), EW_OK, "%s", err.message);
    ew_findings_free(&f);
    keep = NULL;
    test_rows = 0;
    cr_assert(whole.n == 5 && sample.n == 3);
    drop_corpus(&c);
    assert_no_leaks();
}

/* A sample of a corpus without structure is one as well. */
Test(find, a_sample_of_nothing_is_nothing) {
    uint32_t fired = 0;
    test_rows = 200;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        corpus c = make_corpus(500, 0, 20 + seed);
        ew_findings f;
        cr_assert_eq(find(&c, 10, 2, seed, NULL, NULL, &f), EW_OK);
        fired += f.significant > 0;
        ew_findings_free(&f);
        drop_corpus(&c);
    }
    test_rows = 0;
    cr_assert_leq(fired, 1);
    assert_no_leaks();
}

Test(find, words_redrawn_within_subjects_are_no_need) {
    uint32_t fired = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        corpus c = make_corpus(200, 0, 10 + seed);
        ew_findings f;
        cr_assert_eq(find(&c, 10, 2, seed, NULL, NULL, &f), EW_OK);
        assert_findings(&f, 200);
        fired += f.significant > 0;
        ew_findings_free(&f);
        drop_corpus(&c);
    }
    cr_assert_leq(fired, 1);
    assert_no_leaks();
}

Test(find, the_same_for_any_number_of_threads) {
    static const int threads[] = {1, 2, 3, 8};
    corpus c = make_corpus(180, 6, 2);
    ew_findings first, f;
    for (int sampled = 0; sampled < 2; sampled++) {
        test_rows = sampled ? 90 : 0;
        cr_assert_eq(find(&c, 3, 1, 1, NULL, NULL, &first), EW_OK);
        cr_assert_gt(first.n, 5);
        for (int t = 1; t < 4; t++) {
            cr_assert_eq(find(&c, 3, threads[t], 1, NULL, NULL, &f), EW_OK);
            cr_assert(f.n == first.n && f.significant == first.significant && f.n_fdr == first.n_fdr);
            cr_assert_arr_eq(f.fringe, first.fringe, 180 * sizeof *f.fringe);
            for (uint32_t i = 0; i < f.n; i++) {
                const ew_found *x = &f.items[i], *y = &first.items[i];
                cr_assert(x->group.node == y->group.node && x->group.s == y->group.s && x->group.list == y->group.list &&
                          x->group.q == y->group.q && x->group.stability == y->group.stability);
                cr_assert_arr_eq(x->rows, y->rows, x->group.size * sizeof *x->rows);
            }
            ew_findings_free(&f);
        }
        ew_findings_free(&first);
    }
    test_rows = 0;
    drop_corpus(&c);
    assert_no_leaks();
}

static int stop_at(void *data, uint32_t done, uint32_t total) {
    cr_assert(done >= 1 && done <= total);
    return --*(int *)data == 0;
}

Test(find, tiny_ones_and_a_caller_who_has_had_enough) {
    ew_findings f;
    for (uint32_t n = 0; n < 24; n += n < 10 ? 1 : 7) {
        corpus c = make_corpus(n, 0, 2);
        cr_assert_eq(find(&c, 3, 3, 1, NULL, NULL, &f), EW_OK, "%u rows: %s", n, err.message);
        assert_findings(&f, n);
        cr_assert_eq(f.significant, 0);
        if (n < 8) cr_assert_eq(f.n, 0);
        ew_findings_free(&f);
        drop_corpus(&c);
    }
    corpus c = make_corpus(100, 0, 2);
    for (int patience = 1; patience <= 4; patience++) {
        int left = patience;
        cr_assert_eq(find(&c, 4, 2, 1, stop_at, &left, &f), EW_CANCELLED);
        cr_assert(!f.items && !f.fringe);
    }
    int left = 100;
    cr_assert_eq(find(&c, 4, 2, 1, stop_at, &left, &f), EW_OK);
    cr_assert_eq(left, 96); /* told once a decoy */
    ew_findings_free(&f);
    drop_corpus(&c);
    assert_no_leaks();
}

Test(find, failing_allocations) {
    corpus c = make_corpus(40, 1, 2);
    for (test_rows = 0; test_rows <= 20; test_rows += 20) {
        ew_status status = EW_RESOURCE;
        for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 10) {
            ew_findings f;
            ew_alloc_fail_after(nth);
            status = find(&c, 2, 2, 1, NULL, NULL, &f);
            ew_alloc_fail_after(0);
            cr_assert(status == EW_OK || (status == EW_RESOURCE && !f.items && !f.fringe), "the %d-th: %d", (int)nth,
                      (int)status);
            ew_findings_free(&f);
        }
    }
    test_rows = 0;
    drop_corpus(&c);
    assert_no_leaks();
}
