#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <unistd.h>

#include "../../core/base/random.h"
#include "../../core/context/context_inside.h"
#include "leaks.h"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "make_run.h"

enum { DAY = 86400, WEEK = 7 * DAY, START = 1700000000, MOST = 6000 };

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
    cr_assert_eq(ew_context_add(run, pool, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
}

/* One family of the given rows, in a run that has none. */
static void make_family(ew_run *run, const uint32_t *members, uint32_t n) {
    ew_families_free(&run->families);
    ew_families *f = &run->families;
    *f = (ew_families){
        .n = 1, .of = ew_alloc(run->corpus.n, 4), .start = ew_calloc(2, 8), .rows = ew_alloc(n, 4), .kind = ew_calloc(1, 4)};
    for (uint32_t i = 0; i < run->corpus.n; i++) f->of[i] = EW_NONE;
    for (uint32_t i = 0; i < n; i++) {
        f->rows[i] = members[i];
        f->of[members[i]] = 0;
    }
    f->start[1] = n;
}

Test(context, families_customers_and_concentration) {
    static const char *who[] = {"a", "a", "b", NULL, NULL, "c", "a"};
    for (int i = 0; i < 7; i++)
        add((made){.customer = who[i], .source = i == 5 ? "chat" : "mail", .time = START + (i < 4 ? i : 10 + i) * (int64_t)DAY});
    ew_run *run = make_run(rows, n_rows);
    make_family(run, (uint32_t[]){0, 2, 3}, 3);
    make_need(run, "n", "name", (uint32_t[]){3, 2, 1, 5, 4}, 5); /* rows 2 and 3 are one voice, which row 2 speaks for */
    add_context(run, 1);
    const ew_need *need = &run->needs[0];
    cr_assert_eq(need->families, 4);
    cr_assert_eq(need->customers, 5, "a, b, c and two unknown, not %u", need->customers);
    cr_assert_float_eq(need->why.top_customer, .25, 1e-12);
    cr_assert_float_eq(need->why.top_source, .75, 1e-12);
    cr_assert_float_eq(need->why.top_day, .25, 1e-12);
    cr_assert(isnan(need->impact) && !need->emerging && !need->onset[0] && !need->alarm[0]);
    cr_assert_eq(need->n_segments + need->n_products + need->n_competitors, 0);
    ew_run_free(run);
    assert_no_leaks();
}

/* One customer is known, of all the others nothing: copies by one hand are no less a part of the need for being one voice. */
Test(context, one_hand_among_the_unknown) {
    for (int i = 0; i < 12; i++) add((made){.customer = i < 6 ? "one" : NULL, .source = "mail"});
    ew_run *run = make_run(rows, n_rows);
    make_family(run, (uint32_t[]){0, 1, 2, 3, 4, 5}, 6);
    make_need(run, "n", "name", (uint32_t[]){0, 1, 2, 3, 4, 5, 7, 8, 9}, 9);
    add_context(run, 1);
    const ew_need *need = &run->needs[0];
    cr_assert_eq(need->families, 4);
    cr_assert_float_eq(need->why.top_customer, 6 / 9.0, 1e-12);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, nothing_known_is_no_number) {
    for (int i = 0; i < 6; i++) add((made){.source = "mail"});
    ew_run *run = make_run(rows, n_rows);
    make_need(run, "n", "name", (uint32_t[]){0, 1, 2, 3}, 4);
    run->needs[0].size = 4;
    add_context(run, 1);
    cr_assert(isnan(run->needs[0].why.top_customer));
    cr_assert(isnan(run->needs[0].why.top_day));
    cr_assert(isnan(run->needs[0].why.top_source), "one source for all tells nothing");
    cr_assert_eq(run->needs[0].customers, 4);
    ew_run_free(run);
    run = make_run(rows, 0);
    add_context(run, 2);
    ew_run_free(run);
    assert_no_leaks();
}

/* `weeks` weeks of 30 comments each; need k takes `usual` of each week, and `burst` of each of the last `late`. */
static ew_run *timed_run(int weeks, int usual_every, int burst, int late, int end_before) {
    uint32_t mine[600], n = 0;
    for (int w = 0; w < weeks; w++)
        for (int i = 0; i < 30; i++) {
            int in_burst = w >= weeks - late - end_before && w < weeks - end_before;
            uint32_t row = add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 30)});
            if (in_burst ? i < burst : usual_every && w % usual_every == 0 && i == 0) mine[n++] = row;
        }
    ew_run *run = make_run(rows, n_rows);
    make_need(run, "n", "name", mine, n);
    return run;
}

Test(context, a_steady_need_raises_no_alarm) {
    ew_run *run = timed_run(60, 2, 0, 0, 0);
    add_context(run, 1);
    cr_assert(!run->needs[0].emerging);
    cr_assert_str_eq(run->needs[0].alarm, "");
    cr_assert_str_eq(run->needs[0].onset, "");
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, a_new_need_is_emerging_within_weeks) {
    ew_run *run = timed_run(60, 0, 5, 3, 0);
    char first[11], last[11];
    add_context(run, 1);
    ew_time_date(START + 57 * (int64_t)WEEK, first);
    ew_time_date(START + 60 * (int64_t)WEEK - 1, last);
    cr_assert(run->needs[0].emerging);
    cr_assert_str_eq(run->needs[0].onset, first);
    cr_assert(strcmp(run->needs[0].alarm, first) >= 0 && strcmp(run->needs[0].alarm, last) <= 0, "%s", run->needs[0].alarm);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, an_old_burst_has_an_alarm_but_is_not_emerging) {
    ew_run *run = timed_run(80, 4, 8, 4, 50);
    add_context(run, 1);
    cr_assert(!run->needs[0].emerging);
    cr_assert(run->needs[0].alarm[0] && run->needs[0].onset[0]);
    cr_assert(strcmp(run->needs[0].onset, run->needs[0].alarm) <= 0);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, too_short_or_too_few_for_an_alarm) {
    ew_run *run = timed_run(5, 0, 8, 1, 0);
    add_context(run, 1);
    cr_assert(!run->needs[0].emerging && !run->needs[0].alarm[0]);
    ew_run_free(run);
    n_rows = 0;
    run = timed_run(60, 0, 4, 1, 0);
    add_context(run, 1);
    cr_assert(!run->needs[0].emerging && !run->needs[0].alarm[0], "four voices are no alarm");
    ew_run_free(run);
    n_rows = 0;
    run = timed_run(60, 0, 5, 1, 0);
    add_context(run, 1);
    cr_assert(run->needs[0].emerging);
    ew_run_free(run);
    assert_no_leaks();
}

/* A rise is one of customers: who speaks often is one of them, and whoever is not known another. */
Test(context, few_customers_are_no_rise) {
    static const char *who[] = {"a", "b", "c", "d", "a", "d", "b", "c"};
    uint32_t mine[8];
    for (int known = 0; known < 2; known++) {
        n_rows = 0;
        for (int w = 0; w < 60; w++)
            for (int i = 0; i < 30; i++) {
                int in = w == 59 && i < 8;
                uint32_t row = add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 30), .theme = in ? 0 : 1});
                rows[row].customer = !in ? NULL : i == 7 && !known ? NULL : who[i];
                if (in) mine[i] = row;
            }
        ew_run *run = make_run(rows, n_rows);
        make_theme(run, "t", "theme");
        make_theme(run, "u", "rest");
        make_need(run, "n", "name", mine, 8);
        add_context(run, 1);
        cr_assert(run->needs[0].alarm[0] && run->themes[0].alarm[0]);
        cr_assert_eq(run->needs[0].emerging, !known, "%d", known);
        cr_assert_eq(run->themes[0].emerging, !known, "%d", known);
        ew_run_free(run);
    }
    assert_no_leaks();
}

Test(context, copies_are_one_voice_in_time) {
    ew_run *run = timed_run(60, 0, 12, 1, 0);
    make_family(run, run->needs[0].comments, 12);
    add_context(run, 1);
    cr_assert_eq(run->needs[0].families, 1);
    cr_assert(!run->needs[0].emerging);
    ew_run_free(run);
    assert_no_leaks();
}

/* Needs spread by chance like the volume: the rule allows one alarm in four years over all of them. */
Test(context, false_alarms_are_rare) {
    enum { NEEDS = 60, WEEKS = 104, SIZE = 24 };
    for (int w = 0; w < WEEKS; w++)
        for (int i = 0; i < 50; i++) add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 50)});
    ew_run *run = make_run(rows, n_rows);
    for (uint64_t k = 0; k < NEEDS; k++) {
        uint32_t mine[SIZE];
        for (uint64_t i = 0; i < SIZE; i++) /* one of each stretch, so that none comes twice */
            mine[i] = (uint32_t)ew_random_below(n_rows, 77, 99, k, i);
        make_need(run, "n", "name", mine, SIZE);
    }
    add_context(run, 2);
    int alarms = 0, emerging = 0;
    for (uint32_t k = 0; k < NEEDS; k++) {
        alarms += run->needs[k].alarm[0] != 0;
        emerging += run->needs[k].emerging;
    }
    cr_assert_leq(alarms, 3, "%d alarms in two years", alarms);
    cr_assert_leq(emerging, 1);
    ew_run_free(run);
    assert_no_leaks();
}

/* A count of the negative binomial by inversion; `none` is the probability of 0. */
static uint32_t uneven(double mean, double dispersion, double none, double unit) {
    double p = none, sum = p, ratio = dispersion * mean / (1 + dispersion * mean);
    uint32_t y = 0;
    for (; unit >= sum && y < 5000; y++) {
        p *= (y + 1 / dispersion) / (y + 1) * ratio;
        sum += p;
    }
    return y;
}

/* What the thresholds promise: of corpora of forty groups without a rise no more than one in 52 (four weeks of 208) shows one
 * that emerges, as far as 1,000 of them can tell, whether the groups are as uneven as the themes or one in four more so. */
Test(context, one_false_alarm_in_four_years) {
    enum { WEEKS = 52, NEEDS = 40, CORPORA = 1000 };
    for (int w = 0; w < WEEKS; w++)
        for (int i = 0; i < 30 + 2 * (w % 7); i++) add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 50)});
    ew_run *run = make_run(rows, n_rows);
    for (int k = 0; k < NEEDS; k++) make_need(run, "n", "name", (uint32_t[]){0, 1, 2, 3}, 4);
    ew_pool *pool;
    ew_error err = {0};
    ew_weeks weeks;
    cr_assert_eq(ew_pool_create(2, &pool, &err), EW_OK);
    cr_assert_eq(ew_weeks_make(run, pool, &weeks, &err), EW_OK);
    cr_assert_eq(weeks.n, WEEKS);
    cr_assert_eq(weeks.before, WEEKS - 4);
    for (int bursts = 0; bursts < 2; bursts++) {
        static double means[NEEDS][WEEKS], none[NEEDS][WEEKS];
        double phi[NEEDS];
        uint32_t shown = 0;
        for (int k = 0; k < NEEDS; k++) {
            phi[k] = (bursts && k % 4 == 0 ? 4 : 1) * weeks.dispersion;
            for (uint32_t w = 0; w < WEEKS; w++) {
                means[k][w] = .05 * pow(1.15, k) * weeks.volume[w] * WEEKS / weeks.total;
                none[k][w] = exp(-log(1 + phi[k] * means[k][w]) / phi[k]);
            }
        }
        for (uint64_t c = 0; c < CORPORA; c++) {
            int emerging = 0;
            for (uint64_t k = 0; k < NEEDS; k++) {
                uint32_t counts[WEEKS];
                for (uint64_t w = 0; w < WEEKS; w++)
                    counts[w] = uneven(means[k][w], phi[k], none[k][w],
                                       ew_random_unit(5, 98, c * NEEDS + k, w + 1000 * (uint64_t)bursts));
                emerging |= ew_rise_find(&weeks, counts).emerging;
            }
            shown += (uint32_t)emerging;
        }
        cr_expect_leq(shown, CORPORA / 52 + 9, "%u of %d corpora", shown, CORPORA); /* 9: two standard errors */
        cr_expect_geq(shown, 2, "%u: a test that never rings", shown);
    }
    ew_weeks_free(&weeks);
    ew_pool_free(pool);
    ew_run_free(run);
    assert_no_leaks();
}

/* Usual is what was before: a rise within a quarter is not hidden in the mean of its own weeks. And what came in bursts before is
 * not new for coming once more. */
Test(context, usual_is_what_was_before) {
    static const uint32_t grows[13] = {1, 0, 1, 1, 0, 2, 1, 0, 1, 4, 5, 4, 5};
    uint32_t calm[60], bursts[60];
    for (int w = 0; w < 60; w++)
        for (int i = 0; i < 30; i++) add((made){.time = START + w * (int64_t)WEEK + i * (WEEK / 50)});
    ew_run *run = make_run(rows, n_rows);
    for (int k = 0; k < 100; k++) make_need(run, "n", "name", (uint32_t[]){0, 1, 2, 3}, 4);
    for (uint32_t w = 0; w < 60; w++) {
        calm[w] = w == 59 ? 16 : 2;
        bursts[w] = w % 10 == 9 ? 16 : w % 10 < 8;
    }
    ew_pool *pool;
    ew_error err = {0};
    ew_weeks weeks;
    cr_assert_eq(ew_pool_create(1, &pool, &err), EW_OK);
    cr_assert_eq(ew_weeks_make(run, pool, &weeks, &err), EW_OK);
    cr_assert_eq(weeks.n, 60);
    cr_expect(ew_rise_find(&weeks, calm).emerging);
    cr_expect(!ew_rise_find(&weeks, bursts).emerging);
    cr_expect(ew_weeks_dispersion(&weeks, bursts) > 1 && ew_weeks_dispersion(&weeks, calm) == weeks.dispersion);
    ew_weeks_free(&weeks);
    for (uint32_t i = 13 * 30; i < n_rows; i++) run->corpus.time[i] = INT64_MIN;
    cr_assert_eq(ew_weeks_make(run, pool, &weeks, &err), EW_OK);
    cr_assert_eq(weeks.n, 13);
    ew_rise rise = ew_rise_find(&weeks, grows);
    cr_expect(rise.emerging && rise.onset == 9, "%u", rise.onset);
    ew_weeks_free(&weeks);
    ew_pool_free(pool);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, hostile_times_do_no_harm) {
    int64_t times[] = {INT64_MAX, INT64_MIN + 1, -1, 1, START, START + WEEK, INT64_MAX - 1, 12};
    for (int i = 0; i < 8; i++) add((made){.time = times[i], .rating = 1 + i % 5, .product = "p"});
    ew_run *run = make_run(rows, n_rows);
    make_need(run, "n", "name", (uint32_t[]){0, 1, 2, 3, 4}, 5);
    add_context(run, 1);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, a_segment_that_says_it_more) {
    uint32_t mine[12];
    for (uint32_t i = 0; i < 400; i++) add((made){.segment = i % 10 == 0 ? "enterprise" : i % 2 ? "free" : "pro"});
    for (uint32_t i = 0; i < 12; i++) mine[i] = i < 9 ? i * 10 : 382 + i; /* nine of twelve are enterprise, a tenth of all */
    ew_run *run = make_run(rows, n_rows);
    make_need(run, "n", "name", mine, 12);
    make_need(run, "m", "name", (uint32_t[]){1, 2, 3, 4, 5, 6}, 6);
    add_context(run, 1);
    cr_assert_eq(run->needs[0].n_segments, 1);
    cr_assert_str_eq(run->needs[0].segments[0].name, "enterprise");
    cr_assert_float_eq(run->needs[0].segments[0].ratio, 7.5, 1e-9);
    /* P(X >= 9), X hypergeometric (400, 40, 12), by direct sums: 7.299e-08; times 2 needs and 3 segments */
    cr_assert_float_eq(run->needs[0].segments[0].q / 6, 7.299e-08, 1e-11, "%g", run->needs[0].segments[0].q / 6);
    cr_assert_eq(run->needs[1].n_segments, 0);
    add_context(run, 1); /* a second call replaces the first's answer */
    cr_assert_eq(run->needs[0].n_segments, 1);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, a_family_whose_first_row_is_elsewhere_counts_there) {
    for (uint32_t i = 0; i < 20; i++) add((made){.segment = i < 10 ? "a" : "b"});
    ew_run *run = make_run(rows, n_rows);
    make_family(run, (uint32_t[]){0, 15, 16, 17}, 4);
    make_need(run, "n", "name", (uint32_t[]){15, 16, 11, 12, 13, 14, 17, 18, 19, 10}, 10);
    add_context(run, 1);
    cr_assert_eq(run->needs[0].families, 8);
    for (uint32_t i = 0; i < run->needs[0].n_segments; i++) cr_assert(run->needs[0].segments[i].q > 0);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, impact_is_against_the_same_product_and_month) {
    uint32_t mine[8];
    for (uint32_t i = 0; i < 120; i++) /* one product is liked, the other is not; the need costs a point in either */
        add((made){.product = i % 2 ? "good" : "bad", .rating = i % 2 ? 5 : 2, .time = START + (int64_t)(i % 7) * 1000});
    for (uint32_t i = 0; i < 8; i++)
        mine[i] =
            add((made){.product = i % 2 ? "good" : "bad", .rating = i % 2 ? 4 : 1, .time = START, .customer = i < 4 ? "x" : "y"});
    add((made){.product = "bad", .time = START});
    ew_run *run = make_run(rows, n_rows);
    make_need(run, "n", "name", mine, 8);
    make_need(run, "m", "name", (uint32_t[]){0, 1, 128}, 3); /* two ratings only */
    add_context(run, 1);
    cr_assert_float_eq(run->needs[0].impact, -1, 1e-9);
    cr_assert_float_eq(run->needs[0].impact_low, -1, 1e-9);
    cr_assert_float_eq(run->needs[0].impact_high, -1, 1e-9);
    cr_assert(isnan(run->needs[1].impact) && isnan(run->needs[1].impact_low) && isnan(run->needs[1].impact_high));
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, the_interval_of_impact_is_by_customers) {
    uint32_t mine[40];
    for (uint32_t i = 0; i < 50; i++) add((made){.rating = 3});
    for (uint32_t i = 0; i < 40; i++) /* two customers, twenty comments each, of two minds */
        mine[i] = add((made){.rating = i % 2 ? 5 : 1, .customer = i % 2 ? "glad" : "cross"});
    ew_run *run = make_run(rows, n_rows);
    make_need(run, "n", "name", mine, 40);
    add_context(run, 1);
    cr_assert_float_eq(run->needs[0].impact, 0, 1e-9);
    cr_assert_float_eq(run->needs[0].impact_low, -2, 1e-9);
    cr_assert_float_eq(run->needs[0].impact_high, 2, 1e-9);
    ew_run_free(run);
    assert_no_leaks();
}

/* Writes a list beside the test; the name is freed by nobody. */
static const char *list(const char *name, const char *text, size_t n) {
    static char path[3][64];
    static int used;
    char *out = path[used++ % 3];
    snprintf(out, 64, "/tmp/ew-context-%d-%s", (int)getpid(), name);
    FILE *file = fopen(out, "wb");
    cr_assert(file && fwrite(text, 1, n, file) == n);
    fclose(file);
    return out;
}

Test(context, products_and_competitors) {
    static const char catalogue[] = "Product,price\r\n\"Roster, Pro\",3\r\nRoster,1\nTimeclock,2\n";
    static const char rivals[] = "\xef\xbb\xbf" "name,aliases\nShiftly,shift-ly; Shiftly App |SHFT\nPlanner \"9\",\n\n";
    static const char *texts[] = {"we moved from SHIFTLY, sadly", "Shift-ly does this and shftless is no match",
                                  "the roster pro is fine",       "Roster Pro and the ROSTER",
                                  "shiftly again, Shiftly again", "planner 9 had it"};
    for (int i = 0; i < 6; i++) add((made){.text = texts[i], .product = i < 1 ? "rare" : i < 4 ? "TIMECLOCK" : "Other thing"});
    ew_run *run = make_run(rows, n_rows);
    const char *products = list("products.csv", catalogue, sizeof catalogue - 1);
    const char *competitors = list("competitors.csv", rivals, sizeof rivals - 1);
    run->options.catalogue = products;
    run->options.competitors = competitors;
    make_need(run, "n", "name", (uint32_t[]){5, 4, 3, 2, 1, 0}, 6);
    add_context(run, 2);
    remove(products);
    remove(competitors);
    const ew_need *need = &run->needs[0];
    cr_assert_eq(need->n_competitors, 2);
    cr_assert_str_eq(need->competitors[0], "Shiftly");
    cr_assert_str_eq(need->competitors[1], "Planner \"9\"");
    cr_assert_eq(need->n_products, 4, "%u", need->n_products);
    cr_assert_str_eq(need->products[0], "Timeclock", "the column's spelling is the catalogue's name");
    cr_assert_str_eq(need->products[1], "Roster, Pro");
    cr_assert_str_eq(need->products[2], "Other thing");
    cr_assert_str_eq(need->products[3], "Roster");
    ew_run_free(run);
    assert_no_leaks();
}

static ew_status parse(const char *csv, size_t n, ew_error *err) {
    ew_names names;
    ew_names_init(&names);
    ew_status status = ew_names_parse(&names, "list.csv", csv, n, 1, err);
    ew_names_free(&names);
    return status;
}

Test(context, bad_lists_name_file_and_line) {
    ew_error err = {0};
    static const char open_quote[] = "name\nfine\n\"never closed\n", after[] = "a\nb\n\"c\" d,e\n", nul[] = "a\nb\0c\n",
                      none[] = "name,x\n\n ,\n";
    cr_assert_eq(parse(open_quote, sizeof open_quote - 1, &err), EW_INPUT);
    cr_assert(strstr(err.message, "list.csv:3: byte 10: "), "%s", err.message);
    cr_assert_eq(parse(after, sizeof after - 1, &err), EW_INPUT);
    cr_assert(strstr(err.message, "list.csv:3: byte 4: "), "%s", err.message);
    cr_assert_eq(parse(nul, sizeof nul - 1, &err), EW_INPUT);
    cr_assert(strstr(err.message, "list.csv:2: "), "%s", err.message);
    cr_assert_eq(parse(none, sizeof none - 1, &err), EW_INPUT);
    cr_assert(strstr(err.message, "holds no names"), "%s", err.message);
    cr_assert_eq(parse("", 0, &err), EW_INPUT);
    cr_assert_eq(parse("One\xff name without end", 21, &err), EW_OK, "bytes that are not text are repaired");
    ew_run *run = make_run(rows, 0);
    ew_pool *pool;
    run->options.competitors = "/nowhere/list.csv";
    cr_assert_eq(ew_pool_create(1, &pool, NULL), EW_OK);
    cr_assert_eq(ew_context_add(run, pool, &err), EW_INPUT);
    cr_assert(strstr(err.message, "/nowhere/list.csv: cannot be opened"), "%s", err.message);
    ew_pool_free(pool);
    ew_run_free(run);
    assert_no_leaks();
}

Test(context, any_bytes_make_a_list_or_an_error) {
    for (uint64_t round = 0; round < 2000; round++) {
        static const char pool[] = "\"\",,\n\r;|ab \xc3\xa9\xff";
        char csv[40];
        size_t n = (size_t)ew_random_below(sizeof csv, 1, 99, round, 1000);
        for (size_t i = 0; i < n; i++) csv[i] = pool[ew_random_below(sizeof pool, 1, 99, round, i)];
        ew_error err = {0};
        ew_status status = parse(csv, n, &err);
        cr_assert(status == EW_OK || (status == EW_INPUT && strstr(err.message, "list.csv")), "%s", err.message);
    }
    assert_no_leaks();
}

static ew_run *mixed_run(void) {
    n_rows = 0;
    for (uint32_t i = 0; i < 1200; i++)
        add((made){.text = i % 3 ? "shiftly was better than this roster" : "the roster is slow",
                   .time = START + (int64_t)i * (WEEK / 20),
                   .rating = 1 + i % 5,
                   .product = i % 4 ? "Roster" : "Clock",
                   .customer = i % 2 ? ids[i / 9] : NULL,
                   .segment = i % 7 == 0 ? "a" : "b",
                   .source = i % 5 ? "mail" : "chat",
                   .theme = i % 4});
    ew_run *run = make_run(rows, n_rows);
    for (int t = 0; t < 4; t++) make_theme(run, "t", "theme");
    for (uint32_t k = 0; k < 20; k++) {
        uint32_t mine[30];
        for (uint32_t i = 0; i < 30; i++) mine[i] = k % 2 ? (k * 31 + i * 7) % 1200 : 1199 - i * 3 - k;
        make_need(run, "n", "name", mine, 30);
    }
    return run;
}

static int same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

Test(context, same_answer_for_any_number_of_threads) {
    int counts[] = {1, 2, 3, 8};
    ew_run *first = NULL;
    for (int c = 0; c < 4; c++) {
        ew_run *run = mixed_run();
        add_context(run, counts[c]);
        if (!first) {
            first = run;
            continue;
        }
        for (uint32_t k = 0; k < run->n_needs; k++) {
            const ew_need *a = &first->needs[k], *b = &run->needs[k];
            cr_assert(a->customers == b->customers && a->families == b->families && a->emerging == b->emerging);
            cr_assert(!strcmp(a->onset, b->onset) && !strcmp(a->alarm, b->alarm) && a->n_segments == b->n_segments);
            cr_assert(same(a->impact, b->impact) && same(a->impact_low, b->impact_low) && same(a->impact_high, b->impact_high));
            cr_assert_eq(a->n_products, b->n_products);
            for (uint32_t i = 0; i < a->n_products; i++) cr_assert_str_eq(a->products[i], b->products[i]);
        }
        ew_run_free(run);
    }
    ew_run_free(first);
    assert_no_leaks();
}

Test(context, every_failing_allocation_is_an_error_and_nothing_leaks) {
    static const char names[] = "Roster;Timeclock\nShiftly,shft\n";
    const char *path = list("fail.csv", names, sizeof names - 1);
    ew_run *run = mixed_run();
    ew_pool *pool;
    int failures = 0;
    run->options.competitors = run->options.catalogue = path;
    cr_assert_eq(ew_pool_create(2, &pool, NULL), EW_OK);
    for (uint64_t after = 1;; after += 1 + after / 40) {
        ew_error err = {0};
        ew_alloc_fail_after(after);
        ew_status status = ew_context_add(run, pool, &err);
        ew_alloc_fail_after(0);
        if (status == EW_OK) break;
        cr_assert_eq(status, EW_RESOURCE, "%s", err.message);
        failures++;
    }
    remove(path);
    cr_assert_gt(failures, 40);
    cr_assert_gt(run->needs[0].n_products, 0);
    ew_pool_free(pool);
    ew_run_free(run);
    assert_no_leaks();
}
