#include <math.h>

#include "../../core/base/spill.h"
#include "../../core/needs/needs.h"
#include "leaks.h"
#include "make_tokens.h"
#include "make_vectors.h"

static ew_error err;

/* ---- fringe ---- */

/* Rows in threes are parts of one comment; NULL: none is. */
static uint32_t *in_threes(uint32_t n, int wanted) {
    uint32_t *owner = wanted ? malloc((n + 1) * sizeof *owner) : NULL;
    for (uint32_t i = 0; owner && i < n; i++) owner[i] = i / 3;
    return owner;
}

static int is_own(const uint32_t *owner, uint32_t a, uint32_t b) { return owner && owner[a] == owner[b]; }

static double mean_51_to_70(const ew_lists *l, const uint32_t *owner, uint32_t i) {
    uint32_t to = l->k < 70 ? l->k : 70, from = to > 20 ? to - 20 : 0, n = 0;
    double sorted[EW_LIST_LENGTH], sum = 0;
    for (int own = 0; own < 2; own++)
        for (uint32_t j = 0; j < l->k; j++)
            if (is_own(owner, i, l->ids[(size_t)i * l->k + j]) == own) sorted[n++] = l->dots[(size_t)i * l->k + j];
    for (uint32_t j = from; j < to; j++) sum += sorted[j];
    return sum;
}

Test(fringe, ranks_of_the_far_neighbours) {
    static const uint32_t sizes[] = {0, 1, 2, 8, 30, 60, 75, 300};
    for (int s = 0; s < 16; s++)
        for (int alike = 0; alike < 2; alike++) {
            uint32_t n = sizes[s % 8], *owner = in_threes(n, s >= 8);
            ew_vectors v = alike ? make_zeros(n, 8) : make_blobs(n, 20, 3, .8, 1);
            for (uint32_t i = 0; alike && i < n; i++) v.rows[(size_t)i * v.stride + i % 2] = 127;
            ew_lists l;
            float *f = calloc(n + 1, sizeof *f);
            cr_assert_eq(ew_neighbours_exact(&v, EW_LIST_LENGTH, NULL, &l, &err), EW_OK);
            cr_assert_eq(ew_fringe(&l, owner, f, &err), EW_OK);
            for (uint32_t i = 0; i < n; i++) {
                double below = 0, equal = 0;
                for (uint32_t j = 0; j < n; j++) {
                    below += mean_51_to_70(&l, owner, j) > mean_51_to_70(&l, owner, i);
                    equal += mean_51_to_70(&l, owner, j) == mean_51_to_70(&l, owner, i);
                }
                cr_assert(fabs((double)f[i] - (below + equal / 2) / n) < 1e-6);
            }
            ew_lists cut = {.n = n, .k = EW_SHORT_LIST, .ids = l.ids, .dots = l.dots, .far = calloc(n + 1, sizeof *cut.far)};
            float *g = calloc(n + 1, sizeof *g); /* short lists, and the sums beyond their ends: the same fringe */
            for (uint32_t i = 0; i < n; i++) cut.far[i] = (int64_t)mean_51_to_70(&l, owner, i);
            cr_assert_eq(ew_fringe(&cut, owner, g, &err), EW_OK);
            cr_assert_arr_eq(f, g, n * sizeof *f);
            free(g);
            free(owner);
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

static double outsiders(const ew_lists *l, const uint32_t *owner, const uint32_t *rows, uint32_t n, uint32_t most) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double own = 0;
        uint32_t seen = 0;
        for (uint32_t j = 0; j < l->k && seen < most; j++)
            if (!in(rows, n, l->ids[(size_t)rows[i] * l->k + j]) && !is_own(owner, rows[i], l->ids[(size_t)rows[i] * l->k + j])) {
                own += ew_similarity(l, rows[i], j);
                seen++;
            }
        sum += seen ? own / seen : ew_similarity(l, rows[i], l->k - 1);
    }
    return sum / n;
}

/* Whether row i is the first of its comment among the rows. */
static int is_first(const uint32_t *owner, const uint32_t *rows, uint32_t i) {
    for (uint32_t j = 0; j < i; j++)
        if (is_own(owner, rows[j], rows[i])) return 0;
    return 1;
}

/* Whether a part of row i's comment among the rows has the token. */
static int comment_holds(const corpus *c, const uint32_t *owner, const uint32_t *rows, uint32_t n, uint32_t i, uint32_t token) {
    if (!owner) return holds(c, rows[i], token);
    for (uint32_t j = 0; j < n; j++)
        if (is_own(owner, rows[i], rows[j]) && holds(c, rows[j], token)) return 1;
    return 0;
}

static double lexical_gain(const corpus *c, const uint32_t *owner, const uint32_t *rows, uint32_t n, uint32_t all) {
    double total = 0, best = 0, voices = 0;
    for (uint32_t i = 0; i < n; i++) voices += is_first(owner, rows, i);
    for (uint32_t token = 0; token < 16000; token++) {
        double with = 0, everywhere = 0, gain;
        for (uint32_t i = 0; i < n; i++)
            with += is_first(owner, rows, i) && comment_holds(c, owner, rows, n, i, (uint32_t)token);
        if (with == 0) continue;
        for (uint32_t i = 0; i < all; i++) everywhere += holds(c, i, (uint32_t)token);
        gain = with * log((with - 1 + everywhere / all) / (voices * everywhere / all));
        total += gain;
        if (gain > best) best = gain;
    }
    return sqrt(voices) / voices * (total - best);
}

typedef struct { ew_vectors vectors; ew_lists lists; ew_tree tree; ew_groups groups; float *fringe; } analysed;

static analysed analyse(const corpus *c, const uint32_t *owner, uint32_t vocab) {
    analysed a;
    ew_model model;
    ew_pool *pool = make_pool(2);
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    cr_assert_eq(ew_vectors_build(&(ew_encoder){.model = &model}, &c->lists, .5f, 1, pool, &a.vectors, &err), EW_OK);
    cr_assert_eq(ew_neighbours_exact(&a.vectors, EW_LIST_LENGTH, pool, &a.lists, &err), EW_OK);
    a.fringe = calloc(c->lists.n + 1, sizeof *a.fringe);
    cr_assert_eq(ew_fringe(&a.lists, owner, a.fringe, &err), EW_OK);
    cr_assert_eq(ew_tree_of_lists(&a.lists, NULL, &a.tree, &err), EW_OK);
    cr_assert_eq(ew_candidates(&a.tree, &a.vectors, &a.lists, a.fringe, &c->lists, owner, vocab, NULL, &a.groups, &err), EW_OK);
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
    for (int s = 0; s < 6; s++) {
        uint32_t n = sizes[s % 3], expected = 0, *owner = in_threes(n, s >= 3);
        corpus c = make_corpus(n, 2, 5);
        analysed a = analyse(&c, owner, 30522);
        for (uint32_t v = n; v < a.tree.nodes; v++) expected += a.tree.size[v] >= 4 && a.tree.size[v] <= 60;
        cr_assert_eq(a.groups.n, expected);
        cr_assert_gt(expected, 3);
        for (uint32_t i = 0; i < a.groups.n; i++) {
            const ew_group *g = &a.groups.items[i];
            const uint32_t *rows = a.tree.order + g->first;
            cr_assert(g->first == a.tree.first[g->node] && g->size == a.tree.size[g->node]);
            double inside = 0, pairs = 0, fbar = 0, words = 0, top = -INFINITY, voices = 0;
            for (uint32_t x = 0; x < g->size; x++) {
                fbar += (double)a.fringe[rows[x]] / g->size;
                words += (double)(c.start[rows[x] + 1] - c.start[rows[x]]) / g->size;
                voices += is_first(owner, rows, x);
                for (uint32_t y = 0; y < g->size; y++) {
                    if (x == y || is_own(owner, rows[x], rows[y])) continue;
                    inside += dot_rows(&a.vectors, rows[x], rows[y]) * a.lists.unit;
                    pairs++;
                }
            }
            inside = pairs > 0 ? inside / pairs : 0;
            for (uint32_t v = n; v < a.tree.nodes; v++) top = fmax(top, a.tree.height[v]);
            double above = a.tree.parent[g->node] == EW_NONE ? top + 1 : a.tree.height[a.tree.parent[g->node]];
            double b10 = outsiders(&a.lists, owner, rows, g->size, 10), b30 = outsiders(&a.lists, owner, rows, g->size, 30),
                   tight = inside < .42 ? fmax(0, inside / .42) : 1;
            cr_assert(fabs((double)g->inside - inside) < 1e-5);
            cr_assert(fabs((double)g->b10 - b10) < 1e-5 && fabs((double)g->b30 - b30) < 1e-5);
            cr_assert(fabs((double)g->fbar - fbar) < 1e-5 && fabs((double)g->words - words) < 1e-4);
            cr_assert(fabs((double)g->gap - (above - a.tree.height[g->node])) < 1e-5 && g->gap >= 0);
            cr_assert(fabs(g->t1 - (inside - b10) * sqrt(voices)) < 1e-5);
            double late = 0; /* how far above its two parts; a lone row is none */
            for (int side = 0; side < 2; side++) {
                uint32_t part = a.tree.child[2 * g->node + (uint32_t)side];
                if (part >= n) late += a.tree.size[part] * (a.tree.height[g->node] - a.tree.height[part]) / g->size;
            }
            double clear = 1 - b30 / fmax(inside, .05) - .4 - .3 * log(100.0 * g->size / n) - .2 * log(fmax(late, .01));
            cr_assert(fabs(g->clear - clear) < 1e-4 * (1 + fabs(clear)), "clear by %g instead of %g", g->clear, clear);
            double window =
                       fmin(1, g->size / 8.0) * fmin(1, 15.0 / g->size), /* 15: a quarter of 60, the largest in so few rows */
                list = fbar * fbar * sqrt((double)g->gap) * log(g->size) * window * tight * tight,
                   t2 = lexical_gain(&c, owner, rows, g->size, n);
            cr_assert(fabs(g->t2 - t2) < 1e-4 * (1 + fabs(t2)), "T2 %g instead of %g", g->t2, t2);
            cr_assert(fabs(g->list - list) < 1e-5 * (1 + list));
        }
        drop_analysed(&a);
        drop_corpus(&c);
        free(owner);
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
    ew_bags *bags, *nothing;
    cr_assert_eq(ew_bags_create(&c.lists, topic, TOPICS, &bags, &err), EW_OK);
    ew_bags_draw(bags, 0, 1, 0, a);
    double same_place = 0;
    for (uint32_t i = 0; i < N; i++)
        for (uint64_t t = c.start[i]; t < c.start[i + 1]; t++) {
            cr_assert(known[topic[i]][a[t]]);
            same_place += a[t] == c.ids[t];
        }
    cr_assert_lt(same_place / (double)total, .1);
    ew_bags_draw(bags, 0, 1, 0, b);
    cr_assert_arr_eq(a, b, total * sizeof *a);
    ew_bags_draw(bags, 0, 1, 1, b);
    cr_assert_neq(memcmp(a, b, total * sizeof *a), 0);
    ew_bags_draw(bags, 0, 2, 0, b);
    cr_assert_neq(memcmp(a, b, total * sizeof *a), 0);
    /* frequencies are kept: 40 decoys hold a common token about 40 times as often as the corpus */
    double common = 0, drawn = 0;
    for (uint64_t t = 0; t < total; t++) common += c.ids[t] == c.ids[0];
    for (uint32_t d = 0; d < 40; d++) {
        ew_bags_draw(bags, 0, 1, d, b);
        for (uint64_t t = 0; t < total; t++) drawn += b[t] == c.ids[0];
    }
    cr_assert(fabs(drawn / 40 - common) < 5 * sqrt(common / 40) + .1);
    ew_token_lists none = {0, c.start, c.ids};
    cr_assert_eq(ew_bags_create(&none, topic, 1, &nothing, &err), EW_OK);
    ew_bags_draw(nothing, .4, 1, 0, b);
    ew_bags_free(nothing);
    ew_bags_free(bags);
    free(a);
    free(b);
    drop_corpus(&c);
    assert_no_leaks();
}

Test(candidates, are_the_same_with_a_pool) {
    corpus c = make_corpus(700, 6, 5);
    analysed a = analyse(&c, NULL, 30522);
    for (int threads = 1; threads < 5; threads++) {
        ew_pool *pool = make_pool(threads);
        ew_groups groups;
        cr_assert_eq(ew_candidates(&a.tree, &a.vectors, &a.lists, a.fringe, &c.lists, NULL, 30522, pool, &groups, &err), EW_OK);
        cr_assert_eq(groups.n, a.groups.n);
        cr_assert_arr_eq(groups.items, a.groups.items, groups.n * sizeof *groups.items);
        ew_groups_free(&groups);
        for (uint64_t nth = 1; nth < 30; nth += 4) {
            ew_alloc_fail_after(nth);
            ew_status status = ew_candidates(&a.tree, &a.vectors, &a.lists, a.fringe, &c.lists, NULL, 30522, pool, &groups, &err);
            ew_alloc_fail_after(0);
            cr_assert(status == EW_RESOURCE || status == EW_OK);
            ew_groups_free(&groups);
        }
        ew_pool_free(pool);
    }
    drop_analysed(&a);
    drop_corpus(&c);
    assert_no_leaks();
}

/* ---- stability ---- */

Test(stability, is_high_for_islands_and_low_for_cuts_of_noise) {
    corpus c = make_corpus(260, 6, 2);
    analysed a = analyse(&c, NULL, 30522);
    ew_pool *pool = make_pool(3);
    double *list = calloc(2 * (size_t)a.groups.n, sizeof *list);
    for (uint32_t i = 0; i < a.groups.n; i++) list[i] = a.groups.items[i].list;
    cr_assert_eq(ew_stability(&a.lists, &a.tree, &a.groups, pool, &err), EW_OK);
    for (uint32_t i = 0; i < a.groups.n; i++) list[a.groups.n + i] = a.groups.items[i].stability;
    ew_spill_from(4096); /* as of so large a corpus that all threads work on one view */
    cr_assert_eq(ew_stability(&a.lists, &a.tree, &a.groups, pool, &err), EW_OK);
    ew_spill_from(0);
    for (uint32_t i = 0; i < a.groups.n; i++) cr_assert_eq(list[a.groups.n + i], a.groups.items[i].stability);
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
