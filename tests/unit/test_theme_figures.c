#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <unistd.h>

#include "../../core/context/context_inside.h"
#include "leaks.h"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "make_run.h"

enum { DAY = 86400, WEEK = 7 * DAY, START = 1699920000 /* midnight */, MOST = 4000 };

static made rows[MOST];
static char ids[MOST][12];
static uint32_t n_rows;

static uint32_t add(made row) {
    snprintf(ids[n_rows], sizeof ids[n_rows], "c%u", n_rows);
    row.id = ids[n_rows];
    if (!row.text) row.text = "text";
    rows[n_rows] = row;
    return n_rows++;
}

static void add_context(ew_run *run, int threads) {
    ew_pool *pool;
    ew_error err = {0};
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
    for (int again = 0; again < 2; again++) cr_assert_eq(ew_context_add(run, pool, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
}

static void expect_shares(ew_shares got, uint32_t n, const ew_share *want) {
    cr_assert_eq(got.n, n);
    for (uint32_t i = 0; i < n; i++) {
        cr_expect_str_eq(got.of[i].name, want[i].name);
        cr_expect_eq(got.of[i].comments, want[i].comments);
        cr_expect_float_eq(got.of[i].ratio, want[i].ratio, 1e-12, "%s: %g", got.of[i].name, got.of[i].ratio);
    }
}

/* Themes 1 and 2 below 0, and a comment in none. */
static ew_run *nested(void) {
    add((made){.text = "f\xc3\xbcnf!", .theme = 1, .lang = "de", .customer = "a", .rating = 1, .segment = "x", .time = START});
    add((made){.text = "eight...", .theme = 1, .lang = "en", .customer = "a", .rating = 4, .segment = "y"});
    add((made){.text = "one", .theme = 2, .lang = "en", .product = "p", .segment = "x", .time = START - DAY});
    add((made){.text = "twentytwentytwentytw", .theme = 1, .segment = "x"});
    add((made){.text = "no theme", .theme = EW_NONE, .lang = "fr", .product = "p", .rating = 5});
    ew_run *run = make_run(rows, n_rows);
    make_theme(run, "t_above", "above");
    make_theme(run, "t_left", "left")->parent = 0;
    make_theme(run, "t_right", "right")->parent = 0;
    run->themes[0].size = 4;
    return run;
}

Test(theme_figures, are_those_of_its_comments) {
    ew_run *run = nested();
    add_context(run, 1);
    const ew_theme *above = &run->themes[0], *left = &run->themes[1], *right = &run->themes[2];
    cr_expect(left->families == 3 && left->customers == 2, "a, and one unknown: %u", left->customers);
    cr_expect(above->families == 4 && above->customers == 3);
    cr_expect(left->rated == 2 && left->rating == 2.5);
    cr_expect_float_eq(left->rating_high, 2.5 + 1.959963984540054 * sqrt(4.5 / 2), 1e-12);
    cr_expect(right->rated == 0 && isnan(right->rating) && isnan(right->rating_low));
    cr_expect(left->length[0] == 5 && left->length[1] == 8 && left->length[2] == 20, "characters, not bytes");
    cr_expect(above->length[0] == 3 && above->length[1] == 5 && above->length[2] == 8);
    cr_expect(left->timed == 1 && above->timed == 2);
    cr_expect(strcmp(above->first, "2023-11-13") == 0 && strcmp(above->last, "2023-11-14") == 0, "%s", above->first);
    cr_expect_float_eq(left->share, .6, 1e-12);
    cr_expect_float_eq(left->share_low, .23072, 1e-4); /* Wilson, 3 of 5 */
    cr_expect_float_eq(left->share_high, .88238, 1e-4);
    expect_shares(left->languages, 2, (ew_share[]){{"de", 1, .5 / .25}, {"en", 1, .5 / .5}});
    expect_shares(above->languages, 2, (ew_share[]){{"en", 2, (2. / 3) / .5}, {"de", 1, (1. / 3) / .25}});
    expect_shares(left->segments, 2, (ew_share[]){{"x", 2, (2. / 3) / .75}, {"y", 1, (1. / 3) / .25}});
    expect_shares(right->products, 1, (ew_share[]){{"p", 1, 1}});
    cr_expect_eq(left->products.n + left->sources.n, 0);
    cr_expect(left->n_weeks == 0 && isnan(left->trend) && run->n_weeks == 0 && !run->weeks_from[0], "a day is no trend");
    ew_run_free(run);
    assert_no_leaks();
}

Test(theme_figures, no_more_than_twenty_of_a_column) {
    static char names[50][8];
    for (uint32_t i = 0; i < 50; i++) {
        snprintf(names[i], sizeof names[i], "s%02u", 49 - i);
        for (uint32_t k = 0; k < 1 + (i == 30); k++) add((made){.theme = 0, .source = names[i]});
    }
    ew_run *run = make_run(rows, n_rows);
    make_theme(run, "t", "all");
    add_context(run, 2);
    cr_assert_eq(run->themes[0].sources.n, 20);
    cr_expect_str_eq(run->themes[0].sources.of[0].name, names[30], "the commonest first");
    cr_expect_str_eq(run->themes[0].sources.of[1].name, "s00", "then by name, as the order of records is no matter");
    ew_run_free(run);
    assert_no_leaks();
}

/* 20 weeks of 30; theme 0 says it twice a week at first and six times later, theme 1 always four times. */
Test(theme_figures, a_theme_that_grows) {
    for (int w = 0; w < 20; w++)
        for (int i = 0; i < 30; i++)
            add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 30), .theme = i < (w < 10 ? 2 : 6) ? 0 : i >= 26 ? 1 : 2});
    ew_run *run = make_run(rows, n_rows);
    for (int t = 0; t < 3; t++) make_theme(run, "t", "theme");
    add_context(run, 3);
    const ew_theme *grows = &run->themes[0], *stays = &run->themes[1];
    cr_assert(run->n_weeks == 20 && grows->n_weeks == 20);
    for (uint32_t w = 0; w < 20; w++)
        cr_expect_eq(run->themes[0].weeks[w] + run->themes[1].weeks[w] + run->themes[2].weeks[w], run->weeks[w]);
    cr_expect(grows->weeks[0] == 2 && grows->weeks[19] == 6 && stays->weeks[7] == 4);
    cr_expect_float_eq(grows->trend, 60.5 / 20.5, 1e-9, "%g", grows->trend);
    cr_expect(grows->trend_low > 1.3 && grows->trend_high < 7, "%g %g", grows->trend_low, grows->trend_high);
    cr_expect_float_eq(stays->trend, 1, 1e-9);
    cr_expect(stays->trend_low < 1 && stays->trend_high > 1);
    cr_expect_float_eq(stays->trend_low * stays->trend_high, 1, 1e-9, "the interval is one of the logarithm");
    char first[11];
    ew_time_date(START, first);
    cr_expect_str_eq(run->weeks_from, first);
    ew_run_free(run);
    assert_no_leaks();
}

/* Of 30 comments a week theme 0 has one, and eight in the last two weeks; theme 1 two, and eight for three weeks long ago. */
Test(theme_figures, a_theme_that_rises) {
    for (int w = 0; w < 60; w++)
        for (int i = 0; i < 30; i++) {
            int new = w >= 58 ? 8 : 1, old = w >= 20 && w < 23 ? 8 : 2;
            add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 30), .theme = i < new ? 0 : i < new + old ? 1 : 2});
        }
    ew_run *run = make_run(rows, n_rows);
    for (int t = 0; t < 3; t++) make_theme(run, "t", "theme");
    add_context(run, 3);
    char since[11], told[11];
    ew_time_date(START + 58 * (int64_t)WEEK, since);
    cr_expect(run->themes[0].emerging && run->themes[0].alarm[0]);
    cr_expect_str_eq(run->themes[0].onset, since);
    ew_time_date(START + 20 * (int64_t)WEEK, since);
    ew_time_date(START + 23 * (int64_t)WEEK - 1, told);
    cr_expect(!run->themes[1].emerging && strcmp(run->themes[1].alarm, told) <= 0, "%s", run->themes[1].alarm);
    cr_expect_str_eq(run->themes[1].onset, since);
    cr_expect(!run->themes[2].emerging && !run->themes[2].onset[0] && !run->themes[2].alarm[0]);
    ew_run_free(run);
    assert_no_leaks();
}

/* Copies are one voice: a burst of them is no trend. */
Test(theme_figures, copies_are_no_trend) {
    for (int w = 0; w < 10; w++)
        for (int i = 0; i < 20; i++)
            add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 20), .theme = i == 0 ? 0 : w == 9 && i > 1 ? 0 : 1});
    ew_run *run = make_run(rows, n_rows);
    make_theme(run, "t", "theme");
    make_theme(run, "t", "rest");
    ew_families *f = &run->families;
    ew_families_free(f);
    *f = (ew_families){
        .n = 1, .of = ew_alloc(n_rows, 4), .start = ew_calloc(2, 8), .rows = ew_alloc(18, 4), .kind = ew_calloc(1, 4)};
    for (uint32_t i = 0; i < n_rows; i++) f->of[i] = EW_NONE;
    for (uint32_t i = 0; i < 18; i++) { /* all of theme 0 in the last week but its first */
        f->rows[i] = 182 + i;
        f->of[182 + i] = 0;
    }
    f->start[1] = 18;
    add_context(run, 1);
    cr_expect(run->themes[0].size == 28 && run->themes[0].families == 11);
    cr_expect_eq(run->themes[0].weeks[9], 2);
    cr_expect(run->themes[0].trend_low < 1 && run->themes[0].trend < 2, "%g", run->themes[0].trend);
    cr_expect(!run->themes[0].emerging && !run->themes[0].alarm[0]);
    ew_run_free(run);
    assert_no_leaks();
}

Test(theme_figures, nothing_fits) {
    ew_run *run = nested();
    ew_pool *pool;
    ew_error err = {0};
    cr_assert_eq(ew_pool_create(1, &pool, &err), EW_OK);
    ew_status status = EW_RESOURCE;
    for (uint64_t n = 1; status != EW_OK && n < 400; n++) {
        ew_alloc_fail_after(n);
        status = ew_context_add(run, pool, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "%s", err.message);
    }
    cr_assert_eq(status, EW_OK);
    ew_pool_free(pool);
    ew_run_free(run);
    assert_no_leaks();
}
