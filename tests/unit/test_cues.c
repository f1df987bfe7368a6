#include <criterion/criterion.h>
#include <math.h>

#include "../../core/base/chance.h"
#include "../../core/mining.h"
#include "leaks.h"
#include "make_run.h"

static ew_error err;

Test(chance, tails_of_the_hypergeometric) {
    double ln[51];
    ew_ln_factorials(ln, 50);
    cr_expect_float_eq(ln[10], log(3628800), 1e-12);
    /* 5 drawn of 10, 4 of them marked: C(4,k) C(6,5-k) / C(10,5) */
    cr_expect_float_eq(ew_hypergeometric(ln, 10, 4, 5, 4, 5), 6 / 252., 1e-12);
    cr_expect_float_eq(ew_hypergeometric(ln, 10, 4, 5, 0, 1), (6 + 60) / 252., 1e-12);
    cr_expect_float_eq(ew_hypergeometric(ln, 10, 4, 5, 2, 2), 120 / 252., 1e-12);
    cr_expect_eq(ew_hypergeometric(ln, 10, 4, 5, 0, 5), 1);
    cr_expect_eq(ew_hypergeometric(ln, 10, 8, 5, 0, 2), 0, "three at least are marked");
    cr_expect_eq(ew_hypergeometric(ln, 10, 4, 5, 5, 5), 0, "there are but four");
    cr_expect_eq(ew_hypergeometric(ln, 50, 0, 7, 0, 0), 1);
}

Test(chance, false_discovery_rates_are_those_of_benjamini_and_hochberg) {
    ew_test tests[] = {{.03, 0, 0, 0}, {.001, 0, 1, 0}, {.5, 0, 2, 0}, {.029, 0, 3, 1}};
    ew_false_discovery(tests, 4, 5);
    cr_expect_eq(tests[0].need, 1);
    cr_expect_float_eq(tests[0].p, .005, 1e-12);
    cr_expect_eq(tests[1].need, 3);
    cr_expect_float_eq(tests[1].p, .05, 1e-12, "no better than the one behind it: %g", tests[1].p);
    cr_expect_float_eq(tests[2].p, .05, 1e-12);
    cr_expect_float_eq(tests[3].p, .625, 1e-12);
    ew_false_discovery(NULL, 0, 0);
}

/* A theme of 60 comments, 6 of them with a cue of effort, and a need of 8 that all tell of a workaround; another theme without
 * any. Each comment is a unit, each unit a row. */
enum { HEAD = 60, NEED = 8, OTHER = 30, N = HEAD + NEED + OTHER, WISH = 23 }; /* bytes before the second sentence */

static ew_mining hand_made(ew_pool *pool) {
    static made rows[N];
    static char ids[N][8];
    for (uint32_t i = 0; i < N; i++) {
        snprintf(ids[i], sizeof ids[i], "c%u", i);
        rows[i] = (made){.id = ids[i], .lang = "en", .theme = i < HEAD + NEED ? 0 : 1};
        rows[i].text = i >= HEAD + NEED ? "The invoice came on Monday."
                       : i >= HEAD      ? "I wish it stayed shut. I tie the lid down with a rubber band as a workaround."
                       : i % 10 == 0    ? "I have to do it again every single morning."
                                        : "The lid is grey.";
    }
    ew_mining m = {.run = make_run(rows, N), .pool = pool};
    make_theme(m.run, "t_1", "lid");
    make_theme(m.run, "t_2", "invoice");
    uint32_t members[NEED];
    for (uint32_t i = 0; i < NEED; i++) members[i] = HEAD + i;
    make_need(m.run, "n_1", "held down", members, NEED)->theme = 0;
    m.units.n = m.rows.n = N;
    m.units.comment = ew_alloc(N, 4);
    m.units.start = ew_calloc(N, 4);
    m.units.end = ew_alloc(N, 4);
    m.rows.unit_start = ew_alloc(N + 1, 4);
    m.rows.unit = ew_alloc(N, 4);
    for (uint32_t i = 0; i < N; i++) {
        m.units.comment[i] = m.rows.unit[i] = m.rows.unit_start[i] = i;
        m.units.end[i] = (uint32_t)strlen(rows[i].text);
    }
    m.rows.unit_start[N] = N;
    static uint64_t starts[N + 1];
    for (uint32_t i = 0; i < N; i++) starts[i + 1] = starts[i] + 6;
    m.lists = (ew_token_lists){N, starts, NULL};
    m.findings.n = 1;
    m.findings.items = ew_calloc(1, sizeof *m.findings.items);
    m.findings.items[0].group.size = NEED;
    m.findings.items[0].rows = ew_alloc(NEED, 4);
    memcpy(m.findings.items[0].rows, members, sizeof members);
    must(ew_signals_create(NULL, &m.signals, &err), &err);
    return m;
}

static void put_away(ew_mining *m) {
    ew_run_free(m->run);
    ew_units_free(&m->units);
    ew_rows_free(&m->rows);
    ew_free(m->findings.items[0].rows);
    ew_free(m->findings.items);
    ew_signals_free(m->signals);
}

Test(lift, cues_of_a_need_against_the_rest_of_its_theme) {
    ew_cue_lift first[EW_CUE_KINDS];
    for (int threads = 1; threads <= 3; threads += 2) {
        ew_pool *pool;
        must(ew_pool_create(threads, &pool, &err), &err);
        ew_mining m = hand_made(pool);
        cr_assert_eq(ew_assemble_cues(&m, &err), EW_OK, "%s", err.message);
        const ew_cue_lift *lift = m.run->needs[0].lift;
        cr_expect_eq(lift[EW_CUE_WORKAROUND].n, NEED);
        cr_expect_eq(lift[EW_CUE_WORKAROUND].share, 1);
        cr_expect_eq(lift[EW_CUE_WORKAROUND].rest, 0);
        cr_expect(lift[EW_CUE_WORKAROUND].log_odds > 3 && lift[EW_CUE_WORKAROUND].z > 1, "%g, %g",
                  lift[EW_CUE_WORKAROUND].log_odds, lift[EW_CUE_WORKAROUND].z);
        cr_expect(lift[EW_CUE_WORKAROUND].q < 1e-6, "%g", lift[EW_CUE_WORKAROUND].q);
        cr_expect_float_eq(lift[EW_CUE_EFFORT].rest, .1, 1e-12, "the head of the theme, and of no other: %g",
                           lift[EW_CUE_EFFORT].rest);
        cr_expect_eq(lift[EW_CUE_EFFORT].n, 0);
        cr_expect(lift[EW_CUE_EFFORT].log_odds < 0 && lift[EW_CUE_EFFORT].z < 0 && lift[EW_CUE_EFFORT].q > .5);
        cr_expect_eq(lift[EW_CUE_WORRY].q, 1);
        if (threads == 1) memcpy(first, lift, sizeof first);
        cr_expect_arr_eq(first, lift, sizeof first);
        put_away(&m);
        ew_pool_free(pool);
    }
    assert_no_leaks();
}

/* None, three or all comments of the need ask for something too; the cues are those of its sentences, in their order. */
Test(cues, of_each_sentence_once_for_kind_and_evidence) {
    ew_pool *pool;
    must(ew_pool_create(2, &pool, &err), &err);
    static const int askings[] = {0, 3, NEED};
    for (size_t k = 0; k < sizeof askings / sizeof *askings; k++) {
        int asking = askings[k];
        ew_mining m = hand_made(pool);
        ew_need *need = &m.run->needs[0];
        for (uint32_t i = 0; i < NEED; i++) /* the first of its sentences are wishes: units are parts of comments */
            m.units.comment[HEAD + i] = HEAD + i, m.units.start[HEAD + i] = (int)i < asking ? 0 : WISH;
        cr_assert_eq(ew_assemble_cues(&m, &err), EW_OK, "%s", err.message);
        cr_expect_eq(need->why.quiet_share, 1);
        cr_expect_eq(need->why.expressed_share, (double)asking / NEED);
        cr_expect_eq(need->kind, asking == 0 ? EW_LATENT : asking < NEED ? EW_MIXED : EW_EXPRESSED);
        uint32_t wishes = 0, ways = 0;
        for (uint32_t c = 0; c < need->n_cues; c++) {
            const ew_cue *cue = &need->cues[c], *last = c ? cue - 1 : cue;
            cr_expect(cue->comment > last->comment || (cue->comment == last->comment && cue->start >= last->start));
            wishes += cue->kind == EW_CUE_DESIRE;
            ways += cue->kind == EW_CUE_WORKAROUND;
            cr_expect(cue->start >= m.units.start[cue->comment] && cue->end <= m.units.end[cue->comment]);
        }
        cr_expect_eq(wishes, (uint32_t)asking);
        cr_expect_geq(ways, NEED);
        put_away(&m);
    }
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(lift, a_need_outside_all_themes_is_compared_with_the_corpus) {
    ew_pool *pool;
    must(ew_pool_create(2, &pool, &err), &err);
    ew_mining m = hand_made(pool);
    m.run->needs[0].theme = EW_NONE;
    cr_assert_eq(ew_assemble_cues(&m, &err), EW_OK, "%s", err.message);
    cr_expect_float_eq(m.run->needs[0].lift[EW_CUE_EFFORT].rest, 6. / (HEAD + OTHER), 1e-12);
    m.run->n_needs = 0;
    cr_expect_eq(ew_assemble_cues(&m, &err), EW_OK);
    m.run->n_needs = 1;
    put_away(&m);
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(lift, a_long_comment_is_one_voice) {
    ew_pool *pool;
    must(ew_pool_create(1, &pool, &err), &err);
    ew_mining m = hand_made(pool);
    for (uint32_t i = 0; i < 3; i++) m.units.comment[HEAD + i] = HEAD; /* three of the need's units are one comment's */
    cr_assert_eq(ew_assemble_cues(&m, &err), EW_OK, "%s", err.message);
    cr_expect_eq(m.run->needs[0].lift[EW_CUE_WORKAROUND].n, NEED - 2);
    cr_expect_eq(m.run->needs[0].lift[EW_CUE_WORKAROUND].share, 1);
    put_away(&m);
    ew_pool_free(pool);
}

Test(lift, failing_allocations) {
    ew_pool *pool;
    must(ew_pool_create(2, &pool, &err), &err);
    ew_mining m = hand_made(pool);
    for (uint64_t n = 1, failed = 1; failed; n++) {
        cr_assert_lt(n, 200);
        ew_free((void *)(uintptr_t)m.run->needs[0].cues);
        m.run->needs[0].cues = NULL;
        m.run->needs[0].n_cues = 0;
        ew_alloc_fail_after(n);
        ew_status status = ew_assemble_cues(&m, &err);
        ew_alloc_fail_after(0);
        failed = status != EW_OK;
        if (failed) cr_expect_eq(status, EW_RESOURCE, "%s", err.message);
    }
    put_away(&m);
    ew_pool_free(pool);
    assert_no_leaks();
}
