#include <math.h>
#include <stdio.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "leaks.h"
#include "make_comments.h"
#include "make_corpus.h"

static ew_error err;

static char folded(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Whether text has name[0 .. n) somewhere, whatever the case. */
static int says(const char *text, size_t length, const char *name, size_t n) {
    for (size_t i = 0; i + n <= length; i++) {
        size_t same = 0;
        while (same < n && folded(text[i + same]) == folded(name[same])) same++;
        if (same == n) return 1;
    }
    return 0;
}

/* Names are all different, and most are a clause that one of the need's own comments says; words behind it are in brackets. */
static void assert_names(const ew_run *run) {
    size_t n, said = 0;
    const ew_need *needs = ew_run_needs(run, &n);
    for (size_t k = 0; k < n; k++) {
        const char *name = needs[k].name, *bracket = strstr(name, " (");
        size_t length = bracket ? (size_t)(bracket - name) : strlen(name);
        int found = 0;
        for (size_t j = 0; j < k; j++) cr_assert_str_neq(name, needs[j].name);
        for (uint32_t c = 0; c < needs[k].size && !found; c++) {
            char *text;
            size_t bytes;
            cr_assert_eq(ew_run_text(run, needs[k].comments[c], 0, 0, &text, &bytes, &err), EW_OK);
            found = says(text, bytes, name, length);
            ew_free(text);
        }
        said += (size_t)found;
    }
    cr_assert(said * 10 >= n * 9, "%zu of %zu names are said", said, n);
}

/* All that a run says, as one number. */
static uint64_t digest(const ew_run *run) {
    char *json;
    size_t n_needs, n_themes;
    const ew_need *needs = ew_run_needs(run, &n_needs);
    const ew_theme *themes = ew_run_themes(run, &n_themes);
    cr_assert_eq(ew_run_json(run, &json, &err), EW_OK);
    uint64_t h = ew_hash(json, strlen(json), 1);
    ew_free(json);
    for (size_t k = 0; k < n_needs; k++) {
        const ew_need *x = &needs[k];
        double figures[] = {x->score,      x->q,           x->stability, x->fringe, x->why.list_score,
                            x->why.inside, x->why.outside, x->tier,      x->kind,   x->n_cues};
        h = ew_hash(figures, sizeof figures, h);
        h = ew_hash(x->comments, x->size * sizeof *x->comments, h);
        h = ew_hash(x->exemplars, x->n_exemplars * sizeof *x->exemplars, h);
        h = ew_hash(x->name, strlen(x->name), ew_hash(x->id, strlen(x->id), h));
        h = ew_hash(x->onset, strlen(x->onset), ew_hash(x->alarm, strlen(x->alarm), h));
    }
    for (size_t t = 0; t < n_themes; t++)
        h = ew_hash(themes[t].name, strlen(themes[t].name), ew_hash(themes[t].id, strlen(themes[t].id), h));
    for (size_t i = 0; i < ew_run_size(run); i++) {
        ew_comment c;
        ew_run_comment(run, i, &c);
        double figures[] = {c.theme, c.need, isnan(c.fringe) ? -1 : c.fringe, c.noise};
        h = ew_hash(figures, sizeof figures, h);
    }
    return h;
}

Test(mine, corpora_of_every_small_size) {
    static const uint32_t sizes[] = {1, 2, 3, 5, 9, 20, 300};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        ew_buffer lines = make_comments(sizes[s], 1);
        ew_run *run;
        cr_assert_eq(mine(lines.data, lines.length, 2, 2, &run, &err), EW_OK, "%u comments: %s", sizes[s], err.message);
        cr_assert_eq(ew_run_size(run), sizes[s]);
        assert_run(run, 0);
        assert_names(run);
        ew_run_free(run);
        ew_buffer_free(&lines);
    }
    ew_run_free(NULL);
    assert_no_leaks();
}

Test(mine, corpora_that_say_nothing) {
    enum { N = 40 };
    static const char *const same[] = {"",
                                       " ",
                                       "\xf0\x9f\x98\x80\xf0\x9f\x91\x8d",
                                       "ok",
                                       "The lid leaks every morning and I wipe the counter.",
                                       "12345",
                                       "\xff\xfe",
                                       "> a\n> b",
                                       "\xe8\x93\x8b\xe5\xad\x90\xe6\xbc\x8f\xe6\xb0\xb4"};
    for (size_t s = 0; s < sizeof same / sizeof *same; s++) {
        const char *texts[N];
        for (int i = 0; i < N; i++) texts[i] = same[s];
        ew_buffer lines = make_lines(texts, NULL, N);
        ew_run *run;
        cr_assert_eq(mine(lines.data, lines.length, 2, 2, &run, &err), EW_OK, "'%s': %s", same[s], err.message);
        assert_run(run, 0);
        size_t n;
        ew_run_needs(run, &n);
        cr_assert_eq(n, 0);
        ew_run_free(run);
        ew_buffer_free(&lines);
    }
    assert_no_leaks();
}

Test(mine, emoji_and_words_of_all_scripts) {
    enum { N = 120 };
    static const char *const words[] = {
        "\xf0\x9f\x98\x80",         "\xf0\x9f\x98\xa1", "\xf0\x9f\x91\x8d", "\xd0\xba\xd0\xbe\xd1\x84\xd0\xb5",
        "\xe0\xb8\x81\xe0\xb8\xb2", "\xe6\xbc\x8f",     "na\xc3\xafve",     "\xd9\x82\xd9\x87\xd9\x88\xd8\xa9"};
    static char rows[N][200];
    const char *texts[N];
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t k = 0; k < 3 + i % 9; k++) {
            strcat(rows[i], words[ew_random_below(i % 2 ? 3 : 8, 1, 1, i, k)]);
            strcat(rows[i], " ");
        }
        texts[i] = rows[i];
    }
    ew_buffer lines = make_lines(texts, NULL, N);
    ew_run *run;
    cr_assert_eq(mine(lines.data, lines.length, 2, 1, &run, &err), EW_OK, "%s", err.message);
    assert_run(run, 0);
    ew_run_free(run);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(mine, rejected_records_are_counted_and_broken_inputs_are_errors) {
    static const char mixed[] =
        "{\"id\":\"a\",\"text\":\"The lid leaks.\"}\n{\"id\":\"b\"}\n{\"text\":\n{\"id\":\"c\",\"text\":\"The tank too.\"}\n";
    ew_run *run;
    cr_assert_eq(mine(mixed, sizeof mixed - 1, 1, 1, &run, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_run_size(run), 2);
    assert_run(run, 2);
    cr_assert_not_null(ew_run_rejected(run, 1));
    cr_assert_null(ew_run_rejected(run, 2));
    ew_run_free(run);
    static const char *const bad[] = {"", "\n\n", "\x28\xb5\x2f\xfd\x04", "\x1f\x8b\x08\x00"};
    static const size_t lengths[] = {0, 2, 5, 4};
    for (int i = 0; i < 4; i++) {
        run = (ew_run *)&err;
        cr_assert_eq(mine(bad[i], lengths[i], 1, 1, &run, &err), EW_INPUT, "input %d", i);
        cr_assert_null(run);
        cr_assert_neq(err.message[0], 0);
    }
    ew_input missing = {"/none/such.jsonl", NULL, 0};
    ew_options options;
    ew_options_init(&options);
    cr_assert_eq(ew_mine(&missing, 1, &options, &run, &err), EW_INPUT);
    cr_assert_eq(ew_mine(&missing, 0, &options, &run, &err), EW_USAGE);
    cr_assert_eq(ew_mine(&missing, 1, &options, &run, NULL), EW_INPUT);
    assert_no_leaks();
}

Test(mine, the_same_for_any_number_of_threads) {
    static const int threads[] = {1, 2, 3, 8};
    ew_buffer lines = make_comments(300, 2);
    uint64_t first = 0;
    for (int t = 0; t < 4; t++) {
        ew_run *run;
        cr_assert_eq(mine(lines.data, lines.length, threads[t], 3, &run, &err), EW_OK);
        size_t n;
        ew_run_needs(run, &n);
        cr_assert_gt(n, 2);
        if (t)
            cr_assert_eq(digest(run), first, "%d threads", threads[t]);
        else
            first = digest(run);
        ew_run_free(run);
    }
    ew_buffer_free(&lines);
    assert_no_leaks();
}

/* Needs and themes are the same groups of words with the same ids when the records come in another order. */
Test(mine, the_order_of_records_changes_no_group) {
    ew_buffer lines = make_comments(200, 3), turned = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (size_t end = lines.length, at = end - 1; end; end = at) { /* last line first */
        at = end - 1;
        while (at && lines.data[at - 1] != '\n') at--;
        cr_assert_eq(ew_buffer_append(&turned, lines.data + at, end - at, &err), EW_OK);
    }
    ew_run *a, *b;
    cr_assert_eq(mine(lines.data, lines.length, 2, 2, &a, &err), EW_OK);
    cr_assert_eq(mine(turned.data, turned.length, 2, 2, &b, &err), EW_OK);
    size_t n, m;
    const ew_need *x = ew_run_needs(a, &n), *y = ew_run_needs(b, &m);
    cr_assert_eq(n, m);
    for (size_t k = 0; k < n; k++) {
        cr_assert_str_eq(x[k].id, y[k].id);
        cr_assert_str_eq(x[k].name, y[k].name);
        cr_assert(x[k].score == y[k].score && x[k].size == y[k].size && x[k].tier == y[k].tier);
    }
    const ew_theme *s = ew_run_themes(a, &n), *t = ew_run_themes(b, &m);
    cr_assert_eq(n, m);
    for (size_t k = 0; k < n; k++)
        cr_assert(strcmp(s[k].id, t[k].id) == 0 && strcmp(s[k].name, t[k].name) == 0 && s[k].size == t[k].size);
    ew_run_free(a);
    ew_run_free(b);
    ew_buffer_free(&lines);
    ew_buffer_free(&turned);
    assert_no_leaks();
}

/* A comment of many thousands of like sentences beside short ones: nothing may take its square. */
Test(mine, one_comment_of_many_sentences, .timeout = 60) {
    enum { N = 60, SENTENCES = 30000 };
    static const char *const say[] = {"I keep a towel under the spout because it drips. ",
                                      "The red light frightens the children at night. ",
                                      "My mother turns the knob with a spoon each day. "};
    const char *texts[N];
    char *huge = malloc(SENTENCES * 64), *at = huge;
    for (uint32_t i = 0; i < SENTENCES; i++) at += sprintf(at, "%s", say[ew_random_below(3, 1, 1, i, 0)]);
    static char rows[N][160];
    for (uint32_t i = 0; i < N; i++) {
        snprintf(rows[i], sizeof rows[i], "%s%s", say[i % 3], say[i / 3 % 3]);
        texts[i] = i == 7 ? huge : rows[i];
    }
    ew_buffer lines = make_lines(texts, NULL, N);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_run *run;
    ew_options_init(&options);
    options.threads = 2;
    options.decoys = 1;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    assert_run(run, 0);
    ew_run_free(run);
    ew_buffer_free(&lines);
    free(huge);
    assert_no_leaks();
}

/* tests/fault/alloc.c tries far more of them; this is the part that is worth a second of every check. */
Test(mine, failing_allocations) {
    ew_buffer lines = make_comments(30, 2);
    ew_status status = EW_RESOURCE;
    int tries = 0;
    for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 12, tries++) {
        ew_run *run;
        ew_alloc_fail_after(nth);
        status = mine(lines.data, lines.length, 2, 1, &run, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "the %d-th: %d, %s", (int)nth, (int)status, err.message);
        cr_assert_eq(status == EW_OK, run != NULL);
        ew_run_free(run);
    }
    cr_assert_gt(tries, 40);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

/* What the need that holds most of the first eight of 400 comments is called, the others being of anything else. */
static void name_of_eight(const char *const eight[8], char *name, size_t size) {
    static const char *const things[] = {"coffee machine", "app", "grinder", "water tank", "delivery", "milk frother", "invoice"};
    static const char *const states[] = {"leaks", "stopped working", "is far too loud", "arrived late", "looks lovely"};
    static char room[400][160];
    const char *texts[400];
    for (uint32_t i = 0; i < 400; i++) {
        uint64_t r = ew_random(3, 1, i, 0);
        if (i < 8)
            snprintf(room[i], sizeof room[i], "%s", eight[i]);
        else
            snprintf(room[i], sizeof room[i], "The %s %s since the update, our %s %s.", things[r % 7], states[r / 8 % 5],
                     things[r / 64 % 7], states[r / 512 % 5]);
        texts[i] = room[i];
    }
    ew_run *run = mine_texts(texts, 400);
    size_t n;
    uint32_t most = 0;
    const ew_need *needs = ew_run_needs(run, &n);
    for (size_t k = 0; k < n; k++) {
        uint32_t here = 0;
        for (uint32_t c = 0; c < needs[k].size; c++) here += needs[k].comments[c] < 8;
        if (here <= most) continue;
        most = here;
        snprintf(name, size, "%s", needs[k].name);
    }
    cr_assert(most > 4, "only %u in one need", most);
    ew_run_free(run);
}

/* Where half of its comments deny, a need is called by what is amiss; where one does, by what it is about. */
Test(engine, a_name_tells_what_is_amiss, .timeout = 60) {
    static const char *const amiss[8] = {"The walnut zither hums at night", "My walnut zither does not hum",
                                         "A walnut zither hums again",      "Our walnut zither does not hum",
                                         "The walnut zither hums by day",   "This walnut zither does not hum",
                                         "One walnut zither hums in rain",  "Her walnut zither does not hum"},
                             *const about[8] = {"The walnut zither hums at night", "My walnut zither hums by day",
                                                "A walnut zither hums again",      "Our walnut zither does not hum",
                                                "The walnut zither hums by noon",  "This walnut zither hums on mondays",
                                                "One walnut zither hums in rain",  "Her walnut zither hums in tune"};
    char name[200] = "";
    name_of_eight(amiss, name, sizeof name);
    cr_expect(strstr(name, "not"), "%s", name);
    name_of_eight(about, name, sizeof name);
    cr_expect(!strstr(name, "not"), "%s", name);
    assert_no_leaks();
}
