#include <math.h>
#include <stdio.h>

#include "../../core/needs/needs.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

/* ---- corpora of tokens: subjects with words of their own, and small groups of rows that share more ---- */

typedef struct { ew_token_lists lists; uint64_t *start; uint32_t *ids; } corpus;

enum { FIRST_WORD = 2000, SUBJECTS = 6, WORDS_A_SUBJECT = 150, GROUP_ROWS = 8 };

/* n rows of 6 to 14 tokens; the first `planted` * `large` rows are groups: half of their words are four of the group's own. */
static corpus make_corpus_of(uint32_t n, uint32_t planted, uint32_t large, uint64_t seed) {
    corpus c = {.start = calloc(n + 1u, sizeof *c.start), .ids = calloc(n * 14u + 1, sizeof *c.ids)};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t length = 6 + ew_random_below(9, seed, 1, i, 0), subject = ew_random_below(SUBJECTS, seed, 2, i, 0);
        for (uint64_t k = 0; k < length; k++) {
            double u = ew_random_unit(seed, 3, i, k);
            uint64_t word = FIRST_WORD + subject * WORDS_A_SUBJECT + (uint64_t)(u * u * WORDS_A_SUBJECT);
            if (i < planted * large && k % 2) word = 12000 + i / large * 7 + ew_random_below(4, seed, 4, i, k);
            c.ids[c.start[i] + k] = (uint32_t)word;
        }
        c.start[i + 1] = c.start[i] + length;
    }
    c.lists = (ew_token_lists){n, c.start, c.ids};
    return c;
}

static corpus make_corpus(uint32_t n, uint32_t planted, uint64_t seed) { return make_corpus_of(n, planted, GROUP_ROWS, seed); }

static void drop_corpus(corpus *c) {
    free(c->start);
    free(c->ids);
}

/* ---- fringe ---- */

static double mean_51_to_70(const ew_lists *l, uint32_t i) {
    uint32_t to = l->k < 70 ? l->k : 70, from = to > 20 ? to - 20 : 0;
    double sum = 0;
    for (uint32_t j = from; j < to; j++) sum += l->dots[(size_t)i * l->k + j];
    return sum;
}

Test(fringe, ranks_of_the_far_neighbours) {
    static const uint32_t sizes[] = {0, 1, 2, 8, 30, 60, 75, 300};
    for (int s = 0; s < 8; s++)
        for (int alike = 0; alike < 2; alike++) {
            uint32_t n = sizes[s];
            ew_vectors v = alike ? make_zeros(n, 8) : make_blobs(n, 20, 3, .8, 1);
            for (uint32_t i = 0; alike && i < n; i++) v.rows[(size_t)i * v.stride + i % 2] = 127;
            ew_lists l;
            float *f = calloc(n + 1, sizeof *f);
            cr_assert_eq(ew_neighbours_exact(&v, EW_LIST_LENGTH, NULL, &l, &err), EW_OK);
            cr_assert_eq(ew_fringe(&l, f, &err), EW_OK);
            for (uint32_t i = 0; i < n; i++) {
                double below = 0, equal = 0;
                for (uint32_t j = 0; j < n; j++) {
                    below += mean_51_to_70(&l, j) > mean_51_to_70(&l, i);
                    equal += mean_51_to_70(&l, j) == mean_51_to_70(&l, i);
                }
                cr_assert(fabs((double)f[i] - (below + equal / 2) / n) < 1e-6);
            }
            ew_lists cut = {.n = n, .k = EW_SHORT_LIST, .ids = l.ids, .dots = l.dots, .far = calloc(n + 1, sizeof *cut.far)};
            float *g = calloc(n + 1, sizeof *g); /* short lists, and the sums beyond their ends: the same fringe */
            for (uint32_t i = 0; i < n; i++) cut.far[i] = (int64_t)mean_51_to_70(&l, i);
            cr_assert_eq(ew_fringe(&cut, g, &err), EW_OK);
            cr_assert_arr_eq(f, g, n * sizeof *f);
            free(g);
            free(cut.far);
            free(f);
            ew_lists_free(&l);
            ew_vectors_free(&v);
        }
    assert_no_leaks();
}

/* ---- candidates ---- */

static int in(const uint32_t *rows, uint32_t n, uint32_t row) {
    for (uint32_t i = 0; i < n; i++)
        if (rows[i] == row) return 1;
    return 0;
}

static int holds(const corpus *c, uint32_t row, uint32_t token) {
    for (uint64_t t = c->start[row]; t < c->start[row + 1]; t++)
        if (c->ids[t] == token) return 1;
    return 0;
}

static double outsiders(const ew_lists *l, const uint32_t *rows, uint32_t n, uint32_t most) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double own = 0;
        uint32_t seen = 0;
        for (uint32_t j = 0; j < l->k && seen < most; j++)
            if (!in(rows, n, l->ids[(size_t)rows[i] * l->k + j])) {
                own += ew_similarity(l, rows[i], j);
                seen++;
            }
        sum += seen ? own / seen : ew_similarity(l, rows[i], l->k - 1);
    }
    return sum / n;
}

static double lexical_gain(const corpus *c, const uint32_t *rows, uint32_t n, uint32_t all) {
    double total = 0, best = 0;
    for (uint32_t token = 0; token < 16000; token++) {
        double with = 0, everywhere = 0, gain = 0;
        for (uint32_t i = 0; i < n; i++) with += holds(c, rows[i], (uint32_t)token);
        if (with == 0) continue;
        for (uint32_t i = 0; i < all; i++) everywhere += holds(c, i, (uint32_t)token);
        for (uint32_t i = 0; i < n; i++)
            if (holds(c, rows[i], (uint32_t)token)) gain += log((with - 1 + everywhere / all) / (n * everywhere / all));
        total += gain;
        if (gain > best) best = gain;
    }
    return sqrt(n) / n * (total - best);
}

typedef struct { ew_vectors vectors; ew_lists lists; ew_tree tree; ew_groups groups; float *fringe; } analysed;

static analysed analyse(const corpus *c, uint32_t vocab) {
    analysed a;
    ew_model model;
    ew_pool *pool = make_pool(2);
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    cr_assert_eq(ew_vectors_build(&(ew_encoder){.model = &model}, &c->lists, .5f, 1, pool, &a.vectors, &err), EW_OK);
    cr_assert_eq(ew_neighbours_exact(&a.vectors, EW_LIST_LENGTH, pool, &a.lists, &err), EW_OK);
    a.fringe = calloc(c->lists.n + 1, sizeof *a.fringe);
    cr_assert_eq(ew_fringe(&a.lists, a.fringe, &err), EW_OK);
    cr_assert_eq(ew_tree_of_lists(&a.lists, NULL, &a.tree, &err), EW_OK);
    cr_assert_eq(ew_candidates(&a.tree, &a.vectors, &a.lists, a.fringe, &c->lists, vocab, &a.groups, &err), EW_OK);
    ew_model_close(&model);
    ew_pool_free(pool);
    return a;
}

static void drop_analysed(analysed *a) {
    ew_groups_free(&a->groups);
    ew_tree_free(&a->tree);
    ew_lists_free(&a->lists);
    ew_vectors_free(&a->vectors);
    free(a->fringe);
}

Test(candidates, statistics_against_plain_sums) {
    static const uint32_t sizes[] = {20, 90, 260}; /* in the smallest every row's list is inside the largest group */
    for (int s = 0; s < 3; s++) {
        uint32_t n = sizes[s], expected = 0;
        corpus c = make_corpus(n, 2, 5);
        analysed a = analyse(&c, 30522);
        for (uint32_t v = n; v < a.tree.nodes; v++) expected += a.tree.size[v] >= 4 && a.tree.size[v] <= 60;
        cr_assert_eq(a.groups.n, expected);
        cr_assert_gt(expected, 3);
        for (uint32_t i = 0; i < a.groups.n; i++) {
            const ew_group *g = &a.groups.items[i];
            const uint32_t *rows = a.tree.order + g->first;
            cr_assert(g->first == a.tree.first[g->node] && g->size == a.tree.size[g->node]);
            double inside = 0, fbar = 0, words = 0, top = -INFINITY;
            for (uint32_t x = 0; x < g->size; x++) {
                fbar += (double)a.fringe[rows[x]] / g->size;
                words += (double)(c.start[rows[x] + 1] - c.start[rows[x]]) / g->size;
                for (uint32_t y = 0; y < g->size; y++)
                    if (x != y)
                        inside += dot_rows(&a.vectors, rows[x], rows[y]) * a.lists.unit / ((double)g->size * (g->size - 1));
            }
            for (uint32_t v = n; v < a.tree.nodes; v++) top = fmax(top, a.tree.height[v]);
            double above = a.tree.parent[g->node] == EW_NONE ? top + 1 : a.tree.height[a.tree.parent[g->node]];
            double b10 = outsiders(&a.lists, rows, g->size, 10), b30 = outsiders(&a.lists, rows, g->size, 30),
                   tight = inside < .42 ? fmax(0, inside / .42) : 1;
            cr_assert(fabs((double)g->inside - inside) < 1e-5);
            cr_assert(fabs((double)g->b10 - b10) < 1e-5 && fabs((double)g->b30 - b30) < 1e-5);
            cr_assert(fabs((double)g->fbar - fbar) < 1e-5 && fabs((double)g->words - words) < 1e-4);
            cr_assert(fabs((double)g->gap - (above - a.tree.height[g->node])) < 1e-5 && g->gap >= 0);
            cr_assert(fabs(g->t1 - (inside - b10) * sqrt(g->size)) < 1e-5);
            double t2 = lexical_gain(&c, rows, g->size, n), list = fbar * fbar * (double)g->gap * log(g->size) * tight * tight;
            cr_assert(fabs(g->t2 - t2) < 1e-4 * (1 + fabs(t2)), "T2 %g instead of %g", g->t2, t2);
            cr_assert(fabs(g->list - list) < 1e-5 * (1 + list));
        }
        drop_analysed(&a);
        drop_corpus(&c);
    }
    assert_no_leaks();
}

/* ---- decoys ---- */

Test(decoys, the_topics_own_words_in_rows_of_the_same_length) {
    enum { N = 400, TOPICS = 5 };
    corpus c = make_corpus(N, 0, 3);
    uint64_t total = c.start[N];
    uint32_t topic[N];
    uint32_t *a = calloc(total, sizeof *a), *b = calloc(total, sizeof *b);
    for (uint32_t i = 0; i < N; i++) topic[i] = i % 4; /* topic 4 stays empty */
    static char known[TOPICS][65536];
    memset(known, 0, sizeof known);
    for (uint32_t i = 0; i < N; i++)
        for (uint64_t t = c.start[i]; t < c.start[i + 1]; t++) known[topic[i]][c.ids[t]] = 1;
    cr_assert_eq(ew_decoy_draw(&c.lists, topic, TOPICS, 1, 0, a, &err), EW_OK);
    double same_place = 0;
    for (uint32_t i = 0; i < N; i++)
        for (uint64_t t = c.start[i]; t < c.start[i + 1]; t++) {
            cr_assert(known[topic[i]][a[t]]);
            same_place += a[t] == c.ids[t];
        }
    cr_assert_lt(same_place / (double)total, .1);
    cr_assert_eq(ew_decoy_draw(&c.lists, topic, TOPICS, 1, 0, b, &err), EW_OK);
    cr_assert_arr_eq(a, b, total * sizeof *a);
    cr_assert_eq(ew_decoy_draw(&c.lists, topic, TOPICS, 1, 1, b, &err), EW_OK);
    cr_assert_neq(memcmp(a, b, total * sizeof *a), 0);
    cr_assert_eq(ew_decoy_draw(&c.lists, topic, TOPICS, 2, 0, b, &err), EW_OK);
    cr_assert_neq(memcmp(a, b, total * sizeof *a), 0);
    /* frequencies are kept: 40 decoys hold a common token about 40 times as often as the corpus */
    double common = 0, drawn = 0;
    for (uint64_t t = 0; t < total; t++) common += c.ids[t] == c.ids[0];
    for (uint32_t d = 0; d < 40; d++) {
        cr_assert_eq(ew_decoy_draw(&c.lists, topic, TOPICS, 1, d, b, &err), EW_OK);
        for (uint64_t t = 0; t < total; t++) drawn += b[t] == c.ids[0];
    }
    cr_assert(fabs(drawn / 40 - common) < 5 * sqrt(common / 40) + .1);
    ew_token_lists none = {0, c.start, c.ids};
    cr_assert_eq(ew_decoy_draw(&none, topic, 1, 1, 0, b, &err), EW_OK);
    for (uint64_t nth = 1; nth < 4; nth++) {
        ew_alloc_fail_after(nth);
        ew_status status = ew_decoy_draw(&c.lists, topic, TOPICS, 1, 0, b, &err);
        ew_alloc_fail_after(0);
        cr_assert_eq(status, EW_RESOURCE);
    }
    free(a);
    free(b);
    drop_corpus(&c);
    assert_no_leaks();
}

/* ---- significance, on groups made by hand: they lie side by side, so each is its own antichain ---- */

enum { GROUPS = 50, DECOYS = 10, APART = 19, SMALL = GROUPS * APART, ROWS = 9000 }; /* a small corpus, a large one */

static double normal(uint64_t seed, uint64_t a, uint64_t b) {
    double sum = -6;
    for (uint64_t i = 0; i < 12; i++) sum += ew_random_unit(seed, 77, a, b * 12 + i);
    return sum;
}

static ew_groups make_groups(uint32_t n, uint64_t seed, uint64_t which) {
    ew_groups g = {ew_calloc(n, sizeof(ew_group)), n};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = 4 + (uint32_t)ew_random_below(APART - 3, seed, 78, which, i);
        double l = log(size), b30 = .3 + .1 * ew_random_unit(seed, 79, which, i),
               words = 8 + 4 * ew_random_unit(seed, 80, which, i);
        g.items[i] = (ew_group){.node = ROWS + i, .first = i * APART, .size = size, .b30 = (float)b30, .words = (float)words};
        g.items[i].t1 = .2 * l + b30 + (.5 + .1 * l) * normal(seed, which, 2 * i);
        g.items[i].t2 = 2 + l + log(words) + 3 * normal(seed, which, 2 * i + 1);
    }
    return g;
}

typedef struct { ew_groups real, decoys[DECOYS]; ew_verdict verdict; } trial;

static void run_trial(trial *t, uint32_t n_decoys, uint32_t planted, double strength, uint64_t seed, uint32_t rows) {
    t->real = make_groups(GROUPS, seed, 0);
    for (uint32_t d = 0; d < n_decoys; d++) t->decoys[d] = make_groups(GROUPS, seed, 1 + d);
    for (uint32_t i = 0; i < planted; i++) {
        t->real.items[i].t1 += strength;
        t->real.items[i].t2 += 8 * strength;
    }
    cr_assert_eq(ew_significance(&t->real, t->decoys, n_decoys, rows, &t->verdict, &err), EW_OK);
}

static void drop_trial(trial *t, uint32_t n_decoys) {
    ew_groups_free(&t->real);
    for (uint32_t d = 0; d < n_decoys; d++) ew_groups_free(&t->decoys[d]);
    ew_free(t->verdict.steps);
}

Test(significance, chance_alone_gives_nothing) {
    uint32_t fired = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        trial t;
        run_trial(&t, DECOYS, 0, 0, seed, seed % 2 ? ROWS : SMALL);
        fired += t.verdict.significant > 0;
        cr_assert_eq(t.verdict.significant > 0, t.verdict.threshold < INFINITY);
        double square[2] = {0}, mean = 0;
        for (uint32_t d = 0; d < DECOYS; d++)
            for (uint32_t i = 0; i < GROUPS; i++) {
                mean += t.decoys[d].items[i].x / (DECOYS * GROUPS);
                square[0] += t.decoys[d].items[i].x * t.decoys[d].items[i].x / (DECOYS * GROUPS);
                cr_assert(t.decoys[d].items[i].p >= 0 && t.decoys[d].items[i].p <= 1);
            }
        double want = seed % 2 ? 1 : 5; /* x = z1, or 2 z1 + z2 of a small corpus */
        cr_assert(fabs(mean) < .1 && fabs(square[0] / want - 1) < .1, "mean %g, square %g", mean, square[0]);
        drop_trial(&t, DECOYS);
    }
    cr_assert_leq(fired, 3, "%u of 60", fired);
    assert_no_leaks();
}

Test(significance, strong_groups_stand_out) {
    uint32_t found = 0, wrong = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        trial t;
        run_trial(&t, DECOYS, 30, 8, seed, ROWS);
        for (uint32_t i = 0; i < GROUPS; i++) {
            int significant = t.real.items[i].s >= t.verdict.threshold;
            found += significant && i < 30;
            wrong += significant && i >= 30;
        }
        for (uint32_t i = 0; i < t.verdict.n_steps; i++) {
            const struct ew_fdr_step *step = &t.verdict.steps[i];
            cr_assert(step->fdr <= 1 && step->decoys >= 1 && fabs(step->fdr - step->decoys / step->real) < 1e-12);
            if (i)
                cr_assert(step->threshold < step[-1].threshold && step->real > step[-1].real && step->decoys >= step[-1].decoys);
        }
        drop_trial(&t, DECOYS);
    }
    cr_assert_geq(found, 20 * 30 * .98);
    cr_assert_leq(wrong, (found + wrong) * .1);
    assert_no_leaks();
}

Test(significance, nine_are_too_few_and_ten_are_enough) {
    int plain = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        trial nine, ten;
        run_trial(&nine, DECOYS, 9, 40, seed, ROWS);
        run_trial(&ten, DECOYS, 10, 40, seed, ROWS);
        double best = -INFINITY, best_decoy = -INFINITY;
        for (uint32_t i = 0; i < GROUPS; i++) {
            if (i >= 9) best = fmax(best, nine.real.items[i].s);
            for (uint32_t d = 0; d < DECOYS; d++) best_decoy = fmax(best_decoy, nine.decoys[d].items[i].s);
            if (i < 10) cr_assert_geq(ten.real.items[i].s, ten.verdict.threshold);
        }
        if (best < best_decoy) { /* no lucky tenth; one false at least is expected: 1 / 9 > .10 */
            cr_assert_eq(nine.verdict.significant, 0);
            cr_assert_eq(nine.verdict.threshold, INFINITY);
            plain++;
        }
        drop_trial(&nine, DECOYS);
        drop_trial(&ten, DECOYS);
    }
    cr_assert_geq(plain, 6);
    assert_no_leaks();
}

Test(significance, without_enough_decoys_nothing_is_claimed) {
    trial t;
    run_trial(&t, 0, 30, 40, 1, ROWS);
    cr_assert(t.verdict.significant == 0 && t.verdict.n_steps == 0);
    for (uint32_t i = 0; i < GROUPS; i++) cr_assert(t.real.items[i].p == 1 && t.real.items[i].s == -9);
    drop_trial(&t, 0);
    /* many strong groups of the corpus, hardly a group in the decoys: no size has a tail to be judged by */
    t.real = make_groups(GROUPS, 1, 0);
    for (uint32_t d = 0; d < DECOYS; d++) t.decoys[d] = make_groups(2, 1, 1 + d);
    for (uint32_t i = 0; i < GROUPS; i++) t.real.items[i].t1 += 40;
    cr_assert_eq(ew_significance(&t.real, t.decoys, DECOYS, ROWS, &t.verdict, &err), EW_OK);
    cr_assert_eq(t.verdict.significant, 0);
    drop_trial(&t, DECOYS);
    ew_groups none = {0}, empty[2] = {{0}};
    cr_assert_eq(ew_significance(&none, empty, 2, 0, &t.verdict, &err), EW_OK);
    cr_assert_eq(t.verdict.significant, 0);
    assert_no_leaks();
}

/* Nested groups count once: the chain under one strong node is one discovery, not ten. */
Test(significance, nested_groups_count_once) {
    trial t;
    t.real = make_groups(GROUPS, 1, 0);
    for (uint32_t d = 0; d < DECOYS; d++) t.decoys[d] = make_groups(GROUPS, 1, 1 + d);
    for (uint32_t i = 0; i < 20; i++) {
        t.real.items[i].first = i / 5 * APART;
        t.real.items[i].size = 4 + i % 5;
        t.real.items[i].t1 += 40;
    }
    cr_assert_eq(ew_significance(&t.real, t.decoys, DECOYS, ROWS, &t.verdict, &err), EW_OK);
    cr_assert_eq(t.verdict.significant, 0); /* twenty nodes, four groups */
    drop_trial(&t, DECOYS);
    assert_no_leaks();
}

/* ---- all of it ---- */

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

/* No row in two groups; the listed ones by score; figures where they belong. */
static void assert_findings(const ew_findings *f, uint32_t n) {
    char *used = calloc(n + 1, 1);
    uint32_t listed = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        const ew_found *x = &f->items[i];
        for (uint32_t r = 0; r < x->group.size; r++) {
            cr_assert(x->rows[r] < n && !used[x->rows[r]]);
            used[x->rows[r]] = 1;
        }
        cr_assert(x->q >= 0 && x->q <= 1 && x->group.stability >= 0 && x->group.stability <= 1);
        cr_assert(x->group.size >= 4 && x->group.size <= 60);
        listed += !x->significant;
        if (i) cr_assert(x->group.list <= f->items[i - 1].group.list);
    }
    cr_assert_leq(listed, EW_LARGEST_LIST);
    for (uint32_t i = 0; i < n; i++) cr_assert(f->fringe[i] >= 0 && f->fringe[i] <= 1);
    free(used);
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
        untested += x->group.s == EW_UNTESTED && x->group.p == 1;
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
                          x->q == y->q && x->group.stability == y->group.stability);
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

/* ---- stability ---- */

Test(stability, is_high_for_islands_and_low_for_cuts_of_noise) {
    corpus c = make_corpus(260, 6, 2);
    analysed a = analyse(&c, 30522);
    ew_pool *pool = make_pool(3);
    double *list = calloc(a.groups.n, sizeof *list);
    for (uint32_t i = 0; i < a.groups.n; i++) list[i] = a.groups.items[i].list;
    cr_assert_eq(ew_stability(&a.lists, &a.tree, &a.groups, pool, &err), EW_OK);
    double islands = 0, n_islands = 0, rest = 0, n_rest = 0;
    for (uint32_t i = 0; i < a.groups.n; i++) {
        const ew_group *g = &a.groups.items[i];
        const uint32_t *rows = a.tree.order + g->first;
        cr_assert(g->stability > 0 && g->stability <= 1);
        cr_assert(fabs(g->list - list[i] * g->stability) < 1e-12);
        uint32_t same = 0;
        for (uint32_t r = 0; r < g->size; r++) same += rows[r] / GROUP_ROWS == rows[0] / GROUP_ROWS && rows[r] < 6 * GROUP_ROWS;
        if (g->size == GROUP_ROWS && same == GROUP_ROWS)
            islands += g->stability, n_islands++;
        else if (!same)
            rest += g->stability, n_rest++;
    }
    cr_assert(n_islands > 0 && n_rest > 10, "%g islands, %g others", n_islands, n_rest);
    cr_assert(islands / n_islands > rest / n_rest + .1, "%g against %g", islands / n_islands, rest / n_rest);
    for (uint64_t nth = 1; nth < 30; nth += 4) {
        ew_alloc_fail_after(nth);
        ew_status status = ew_stability(&a.lists, &a.tree, &a.groups, pool, &err);
        ew_alloc_fail_after(0);
        cr_assert_eq(status, EW_RESOURCE);
    }
    free(list);
    ew_pool_free(pool);
    drop_analysed(&a);
    drop_corpus(&c);
    assert_no_leaks();
}
