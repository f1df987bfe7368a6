#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/store/store.h"
#include "leaks.h"
#include "make_run.h"

static char folder[] = "/tmp/ew-store-XXXXXX";
static char path[64];

static void begin(void) {
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/edgewise.db", folder);
}

static void end(void) {
    unlink(path);
    cr_expect(rmdir(folder) == 0, "something else was left in the folder");
}

TestSuite(store, .init = begin, .fini = end, .timeout = 30);

#define JUL_1 1782864000

static ew_run *sample(void) {
    static const made rows[] = {
        {.id = "a", .text = "I clear the steam wand with a pin, write to me@example.org", .customer = "K1",
            .segment = "Office", .source = "ticket",
         .time = JUL_1, .rating = 2, .theme = EW_NONE, .fringe = .97},
        {.id = "b", .text = "Steam hole clogged again, a needle clears it", .customer = "jo@example.org", .theme = EW_NONE,
            .fringe = .93},
        {.id = "c", .text = "Where is my parcel?", .theme = 0, .fringe = .1, .lang = "en"},
        {.id = "d", .text = "Parcel late", .theme = 0, .fringe = .2},
        {.id = "e", .text = "", .theme = EW_NONE, .noise = EW_NOISE_EMPTY, .fringe = -1},
        {.id = "f'\"", .text = "nobody else says this", .theme = EW_NONE, .noise = EW_NOISE_LONE_VOICE, .fringe = .99},
    };
    ew_run *run = make_run(rows, 6);
    ew_theme *theme = make_theme(run, "t_parcel", "late parcel");
    theme->words = make_words(run, "parcel", "late");
    theme->n_words = 2;
    theme->rest = 1;
    const uint32_t members[] = {0, 1};
    ew_need *need = make_need(run, "n_pin", "clearing the steam wand", members, 2);
    ew_cue *cue = ew_alloc(1, sizeof *cue);
    *cue = (ew_cue){0, 23, 33, EW_CUE_WORKAROUND};
    need->cues = cue;
    need->n_cues = 1;
    need->words = make_words(run, "steam", "pin");
    need->n_words = 2;
    need->theme = 0;
    need->lift[EW_CUE_WORKAROUND] = (ew_cue_lift){1, .5, .25, .75, .5, .08};
    ew_segment *segment = ew_alloc(1, sizeof *segment);
    *segment = (ew_segment){make_keep(run, "Office"), 2.5, .01};
    need->segments = segment;
    need->n_segments = 1;
    run->near[0] = (ew_near){1, .75f};
    run->near[1] = (ew_near){2, .25f};
    run->n_fdr = 1;
    run->fdr = ew_alloc(1, sizeof *run->fdr);
    run->fdr[0] = (ew_fdr_row){2.5, 7, .4, .08};
    make_members(run);
    return run;
}

static void write_it(const ew_run *run) {
    ew_error err;
    cr_assert_eq(ew_store_write(run, path, &err), EW_OK, "%s", err.message);
}

/* The first column of the first row. */
static const char *ask(const char *sql) {
    static char answer[4096];
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    int code = sqlite3_step(statement);
    const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : "(nothing)";
    snprintf(answer, sizeof answer, "%s", text ? text : "(null)");
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static char *slurp(const char *name, size_t *n) {
    FILE *file = fopen(name, "rb");
    cr_assert(file, "%s", name);
    fseek(file, 0, SEEK_END);
    *n = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*n + 1);
    cr_assert_eq(fread(bytes, 1, *n, file), *n);
    bytes[*n] = 0;
    fclose(file);
    return bytes;
}

Test(store, tables_hold_the_run) {
    ew_run *run = sample();
    write_it(run);
    cr_expect_str_eq(ask("PRAGMA integrity_check"), "ok");
    cr_expect_str_eq(ask("PRAGMA foreign_key_check"), "(nothing)");
    cr_expect_str_eq(ask("PRAGMA user_version"), "4");
    cr_expect_str_eq(ask("SELECT count(*) FROM comments"), "6");
    cr_expect_str_eq(ask("SELECT count(*) FROM need_cues WHERE need = 1"), "8");
    cr_expect_str_eq(ask("SELECT n || ' ' || share || ' ' || rest || ' ' || log_odds || ' ' || z || ' ' || q FROM need_cues"
                         " WHERE kind = 'workaround'"), "1 0.5 0.25 0.75 0.5 0.08");
    cr_expect_str_eq(ask("SELECT count(*) || ' ' || sum(value * weight * factor) FROM need_scores WHERE need = 1"), "16 4.0");
    cr_expect_str_eq(ask("SELECT group_concat(comment) FROM need_verbatims"), "a,b");
    cr_expect_str_eq(ask("SELECT t.name FROM comments c JOIN themes t USING (theme) WHERE c.id = 'd'"), "late parcel");
    cr_expect_str_eq(ask("SELECT rest FROM themes"), "1");
    cr_expect_str_eq(ask("SELECT noise FROM comments WHERE id = 'f''\"'"), "lone voice");
    cr_expect_str_eq(ask("SELECT fringe FROM comments WHERE id = 'e'"), "(null)");
    cr_expect_str_eq(ask("SELECT near FROM comments WHERE id = 'a'"),
                     "[{\"id\":\"b\",\"similarity\":0.75},{\"id\":\"c\",\"similarity\":0.25}]");
    cr_expect_str_eq(ask("SELECT text FROM evidence WHERE kind = 'workaround'"), "with a pin");
    cr_expect_str_eq(ask("SELECT segment || ratio FROM segments"), "Office2.5");
    cr_expect_str_eq(ask("SELECT real || ' ' || fdr FROM fdr"), "7 0.08");
    cr_expect_str_eq(ask("SELECT json_extract(description, '$.counts.read') FROM runs"), "6");
    cr_expect_str_eq(ask("SELECT date(time, 'unixepoch') FROM comments WHERE id = 'a'"), "2026-07-01");
    cr_expect_str_eq(
        ask("SELECT count(*) || ' ' || max(p.\"end\" = length(c.text)) FROM parts p JOIN comments c ON c.row = p.comment"),
        "5 1");
    cr_expect_str_eq(ask("SELECT threshold FROM runs"), "(null)");
    cr_expect_str_eq(ask("SELECT far FROM runs"), "0.3");
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, full_text_search) {
    ew_run *run = sample();
    write_it(run);
    cr_expect_str_eq(ask("SELECT count(*) FROM comments_fts WHERE comments_fts MATCH 'steam'"), "2");
    cr_expect_str_eq(ask("SELECT c.id FROM comments_fts JOIN comments c ON c.row = comments_fts.rowid"
                         " WHERE comments_fts MATCH 'needle'"), "b");
    cr_expect_str_eq(ask("SELECT count(*) FROM comments_fts WHERE comments_fts MATCH 'example'"), "0");
    ew_run_free(run);
}

Test(store, people_are_masked_unless_asked_for) {
    ew_run *run = sample();
    write_it(run);
    cr_expect_str_eq(ask("SELECT count(*) FROM comments WHERE text LIKE '%example.org%' OR customer LIKE '%example%'"), "0");
    cr_expect_str_eq(ask("SELECT customer FROM comments WHERE id = 'b'"), "customer-2");
    run->options.keep_pii = 1;
    write_it(run);
    cr_expect_str_eq(ask("SELECT count(*) FROM comments WHERE text LIKE '%me@example.org%'"), "1");
    cr_expect_str_eq(ask("SELECT customer FROM comments WHERE id = 'b'"), "jo@example.org");
    ew_run_free(run);
}

Test(store, two_writes_are_the_same_bytes) {
    ew_run *run = sample();
    size_t n, m;
    write_it(run);
    char *first = slurp(path, &n);
    void *holes[64]; /* another heap, the same file */
    for (int i = 0; i < 64; i++) holes[i] = memset(malloc(5000), 0xa5, 5000);
    for (int i = 0; i < 64; i += 2) free(holes[i]);
    ew_run *again = sample();
    write_it(again);
    for (int i = 1; i < 64; i += 2) free(holes[i]);
    char *second = slurp(path, &m);
    cr_expect(n == m && memcmp(first, second, n) == 0);
    free(first);
    free(second);
    ew_run_free(run);
    ew_run_free(again);
}

Test(store, hostile_text_survives) {
    static char big[1 << 20];
    memset(big, 'x', sizeof big);
    static const char nul[] = "before\0after";
    const made rows[] = {
        {.id = "\xff\xfe", .text = "\xff\xc0\xaf bad \xed\xa0\x80", .theme = EW_NONE, .fringe = .5},
        {.id = "nul", .text = nul, .length = sizeof nul - 1, .theme = EW_NONE, .fringe = .5},
        {.id = "'; DROP TABLE comments; --", .text = "\xe2\x80\xae rtl", .theme = EW_NONE, .fringe = .5},
        {.id = "big", .text = big, .length = sizeof big, .theme = EW_NONE, .fringe = .5},
    };
    ew_run *run = make_run(rows, 4);
    write_it(run);
    cr_expect_str_eq(ask("PRAGMA integrity_check"), "ok");
    cr_expect_str_eq(ask("SELECT text FROM comments WHERE id = 'nul'"), "before\xef\xbf\xbd" "after");
    cr_expect_str_eq(ask("SELECT count(*) FROM comments WHERE id = '''; DROP TABLE comments; --'"), "1");
    cr_expect_str_eq(ask("SELECT length(text) FROM comments WHERE id = 'big'"), "1048576");
    cr_expect_str_eq(ask("SELECT instr(text, 'bad') > 1 FROM comments WHERE row = 0"), "1");
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, an_empty_run) {
    ew_run *run = make_run(NULL, 0);
    write_it(run);
    cr_expect_str_eq(ask("SELECT count(*) FROM comments"), "0");
    ew_run_free(run);
}

Test(store, a_failure_leaves_the_earlier_file) {
    ew_run *run = sample();
    ew_error err;
    cr_expect_eq(ew_store_write(run, "/tmp/no such folder/edgewise.db", &err), EW_RESOURCE);
    cr_expect(strstr(err.message, "no such folder"), "%s", err.message);
    cr_expect_eq(ew_store_write(run, "/dev/full", &err), EW_USAGE);
    write_it(run);
    size_t n, m;
    char *first = slurp(path, &n);
    uint64_t k = 1;
    for (; k < 5000; k++) {
        ew_alloc_fail_after(k);
        ew_status status = ew_store_write(run, path, &err);
        ew_alloc_fail_after(0);
        if (status == EW_OK) break;
        cr_assert_eq(status, EW_RESOURCE, "allocation %d: %s", (int)k, err.message);
        char *now = slurp(path, &m);
        cr_assert(n == m && memcmp(first, now, n) == 0);
        free(now);
    }
    cr_expect(k > 5 && k < 5000);
    free(first);
    ew_run_free(run);
    assert_no_leaks();
}

static char *explain(const char *id, int json) {
    char *text = NULL;
    ew_error err;
    cr_assert_eq(ew_explain(folder, id, json, &text, &err), EW_OK, "%s", err.message);
    return text;
}

static void holds(const char *id, int json, const char *const *parts) {
    char *text = explain(id, json);
    for (; *parts; parts++) cr_expect(strstr(text, *parts), "'%s' not in:\n%s", *parts, text);
    ew_free(text);
}

Test(store, explain_a_need) {
    ew_run *run = sample();
    run->needs[0].tier = EW_WATCH;
    run->needs[0].why.condition = "fewer than 5 families";
    write_it(run);
    holds("n_pin", 0, (const char *const[]){"need n_pin: clearing the steam wand", "rank 1 of 1",
        "kept from the next tier by: fewer than 5 families",
                                            "stability", "0.91", "[a] 2026-07-01 K1", "with a pin", "words: steam, pin",
                                            "segment 'Office' says it 2.5 times", "theme t_parcel: late parcel",
                                            "workaround in 50 % of its comments, in 25 % of the rest of its theme (q 0.080)",
                                            NULL});
    holds("n_pin", 1, (const char *const[]){"\"tier\":\"watch\"", "\"condition\":\"fewer than 5 families\"",
        "\"figure\":\"stability\",\"value\":0.91",
                                            "\"words\":[\"steam\",\"pin\"]", "\"segment\":\"Office\"",
                                                "\"impact\",\"value\":null",
                                            "\"cue_lift\":{\"workaround\":{\"n\":1,\"share\":0.5,", NULL});
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, explain_names_the_need_that_is_close) {
    ew_run *run = sample();
    const uint32_t again[] = {1, 0};
    ew_need *second = make_need(run, "n_needle", "a needle clears it", again, 2);
    second->alike = "n_pin";
    make_members(run);
    write_it(run);
    holds("n_needle", 0, (const char *const[]){"rank 2 of 2", "  close to need n_pin, rank 1: clearing the steam wand\n",
                                               NULL});
    holds("n_needle", 1, (const char *const[]){"\"alike\":\"n_pin\"", NULL});
    holds("n_pin", 1, (const char *const[]){"\"alike\":null", NULL});
    cr_expect_str_eq(ask("SELECT alike FROM needs WHERE rank = 1"), "(null)");
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, explain_comments) {
    ew_run *run = sample();
    write_it(run);
    holds("a", 0,
          (const char *const[]){"comment a", "fringe 0.970: further from the others than 97 %", "in need n_pin",
                                "0.750 [b] need: clearing", "0.250 [c] theme: late parcel", "1 of its 2 nearest",
                                "families of 2 customers; q 0.020, stability 0.91)", NULL});
    holds("c", 0, (const char *const[]){"theme t_parcel: late parcel", "no small group around it", NULL});
    holds("e", 0, (const char *const[]){"left out as 'empty'", "not analysed", "compared: nothing", NULL});
    holds("f'\"", 1, (const char *const[]){"\"noise\":\"lone voice\"", "\"needs\":[]", "\"near\":[]", "one voice is kept", NULL});
    ew_run_free(run);
    assert_no_leaks();
}

/* A need as a run would have it, with one figure after the other out of bounds. */
Test(store, explain_says_what_would_change_the_verdict) {
    ew_run *run = sample();
    ew_need *need = &run->needs[0];
    run->threshold = 2.7;
    need->families = 12;
    need->why = (ew_why){1.5, 3.2, .7, .4, .1, 0, .25, .25, .25, ""};
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"  met: s = 3.20; confirmed from 2.70\n", "  met: stability 0.910; 0.75 needed\n",
                                "  met: 12 independent comments (families); 5 needed\n",
                                "  met: 3 of 12 voices are from one day; at most 50 %\n",
                                "so: it stays confirmed as long as all of this holds", NULL});
    run->threshold = 2.5; /* of which the table tells */
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"  met: s = 3.20; confirmed from 2.50, which 7 groups of this corpus reach and 0.4 by chance\n",
                                NULL});
    run->threshold = 2.7;
    need->tier = EW_WATCH;
    need->families = 4;
    need->stability = .7499;
    need->why.top_day = .75;
    need->why.top_customer = .5; /* both comments are from somebody: one of two */
    need->why.top_source = .75;
    need->why.condition = "not stable: ...";
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"  not met: stability 0.750; 0.75 needed\n", "  not met: 4 independent comments",
                                "  not met: 3 of 4 voices are from one day; at most 50 %: 2 more from others would do\n",
                                "  met: 1 of 2 comments are from one customer; at most 50 %\n",
                                "  not met: 3 of 4 voices are from one source; at most 50 %: 2 more", "if what is not met were",
                                NULL});
    holds("n_pin", 1, (const char *const[]){"{\"figure\":\"families\",\"value\":4,\"needed\":5,\"met\":false,", NULL});
    need->why.condition = "wide: it may be several things";
    write_it(run);
    holds("n_pin", 0, (const char *const[]){"  not met: wide: it may be several things\n", "if what is not met were", NULL});
    need->why.significance = 2.5; /* beyond a tenth of a decoy, with seven groups as strong */
    need->q = .3;
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"  not met: s = 2.50; confirmed from 2.70: too few groups as strong (7 in this corpus, 0.4 "
                                "by chance; there would have to be 4)\n",
                                "watch for its score alone", NULL});
    run->threshold = INFINITY;
    need->why.significance = 0;
    need->q = .18;
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"s = 0.00; no score is enough in this run: a decoy holds about 1.0 groups as strong\n",
                                "watch for its q of 0.180", NULL});
    need->q = .5;
    need->emerging = 1;
    write_it(run);
    holds("n_pin", 0, (const char *const[]){"so: watch as it rises: a whisper if it did not\n", NULL});
    need->tier = EW_WHISPER;
    need->q = .4;
    write_it(run);
    holds("n_pin", 0, (const char *const[]){"watch from s = 2.30 or q = 0.20; it has q = 0.400\n", NULL});
    need->why.significance = -9;
    write_it(run);
    holds("n_pin", 0, (const char *const[]){"not met: not tested: the decoys hold too few groups of its size", NULL});
    need->why.significance = need->q = NAN;
    need->parts[EW_SCORE_CHANCE].value = NAN;
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"not met: not tested: the run had no decoys", "a whisper, as nothing was tested",
                                "  chance not known: x 0.250  strength", NULL});
    holds("a", 0, (const char *const[]){"families of 2 customers; not tested, stability 0.75)", NULL});
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, explain_sets_a_need_against_its_theme_and_its_neighbours) {
    static const made rows[] = {
        {.id = "a", .text = "The pin clears the wand", .theme = EW_NONE, .fringe = .9},
        {.id = "b", .text = "A pin again, for the wand", .theme = 0, .fringe = .9},
        {.id = "c", .text = "pin pin pin", .theme = 0, .fringe = .9},
        {.id = "d", .text = "The parcel is late", .theme = 0, .fringe = .2},
        {.id = "e", .text = "Parcel late, wand fine", .theme = 0, .fringe = .2},
        {.id = "f", .text = "late parcel > quoted pin", .theme = 0, .fringe = .2},
        {.id = "g", .text = "parcel parcel", .theme = 0, .fringe = .2},
    };
    ew_run *run = make_run(rows, 7);
    make_theme(run, "t_parcel", "late parcel");
    run->parts.end[5] = 11; /* the rest of f was quoted */
    const uint32_t members[] = {0, 1, 2}, others[] = {4};
    make_need(run, "n_pin", "the pin", members, 3)->theme = 0;
    make_need(run, "n_late", "late", others, 1);
    make_members(run);
    run->near[0] = (ew_near){1, .75f};
    run->near[1] = (ew_near){3, .5f};
    run->near[5] = (ew_near){4, .25f};
    run->near[10] = (ew_near){3, .625f};
    write_it(run);
    holds("n_pin", 0,
          (const char *const[]){"against theme t_parcel: late parcel\n  comments that have the word, of 3 here : of 4 there\n",
                                "more often here: pin 3:0\n", "less often here: parcel 0:4\n",
                                "  2 times, up to 0.625: theme t_parcel: late parcel\n",
                                "  1 times, up to 0.250: confirmed need n_late: late\n",
                                "  0.625 [d] t_parcel\n    The parcel is late\n  0.250 [e] n_late\n", NULL});
    holds("n_pin", 1,
          (const char *const[]){"\"contrast\":{\"theme\":\"t_parcel\",\"theme_name\":\"late parcel\",\"here\":3,\"there\":4,"
                                "\"more\":[{\"word\":\"pin\",\"here\":3,\"there\":0}],\"less\":[{\"word\":\"parcel\",",
                                "\"nearest_groups\":[{\"theme\":\"t_parcel\"", "\"nearest_comments\":[{\"id\":\"d\"", NULL});
    holds("n_late", 0, (const char *const[]){"n_late", NULL}); /* no theme, and no neighbours to guess one from */
    holds("n_late", 1, (const char *const[]){"\"contrast\":null,\"nearest_groups\":[],\"nearest_comments\":[]", NULL});
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, explain_says_what_a_comment_was_heard_to_ask) {
    static const made rows[] = {
        {.id = "w", .text = "Nice cup. I wish it had a lid.\nSent from my phone", .theme = 0, .fringe = .5, .lang = "en"},
        {.id = "n", .text = "Nobody else says this.", .theme = EW_NONE, .noise = EW_NOISE_LONE_VOICE, .fringe = .9},
    };
    ew_run *run = make_run(rows, 2);
    make_theme(run, "t_cups", "cups");
    run->parts.end[0] = 30;
    run->near[5] = (ew_near){0, .125f};
    write_it(run);
    holds("w", 0,
          (const char *const[]){"  compared: bytes 0 to 30, by themselves in theme t_cups: cups\n", ": Nice cup.\n",
                                ": I wish it had a lid.\n    log-odds: bias -2.50", "    desire (", "): I wish\n", NULL});
    holds("w", 1,
          (const char *const[]){
              "\"parts\":[{\"start\":0,\"end\":30,\"theme\":\"t_cups\"}],\"own_cues\":null,\"sentences\":[{\"start\":0,",
              "\"terms\":{\"bias\":-2.5,", "\"text\":\"I wish\"", NULL});
    char *text = explain("w", 0);
    cr_expect_null(strstr(text, ": Sent from my phone"), "%s", text);
    ew_free(text);
    holds("n", 0, (const char *const[]){"its nearest comment is at 0.125; from 0.300 on it would lie in a theme\n", NULL});
    run->options.cues = "/some/folder/ours.txt";
    write_it(run);
    holds("w", 0, (const char *const[]){"the run had cues of its own, ours.txt;", NULL});
    run->options.cues = NULL;
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, explain_refuses) {
    char *text = (char *)1;
    ew_error err;
    cr_expect_eq(ew_explain(folder, "a", 0, &text, &err), EW_INPUT);
    cr_expect_null(text);
    cr_expect(strstr(err.message, "holds no edgewise.db"));
    FILE *file = fopen(path, "w");
    fputs("this is no database, though it is long enough to be looked at as one, and some more", file);
    fclose(file);
    cr_expect_eq(ew_explain(folder, "a", 0, &text, &err), EW_INPUT);
    cr_expect(strstr(err.message, "not a database"), "%s", err.message);
    ew_run *run = sample();
    write_it(run);
    cr_expect_eq(ew_explain(folder, "n_none", 0, &text, &err), EW_USAGE);
    cr_expect(strstr(err.message, "needs.jsonl"), "%s", err.message);
    sqlite3 *db;
    sqlite3_open(path, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    cr_expect_eq(ew_explain(folder, "a", 0, &text, &err), EW_INPUT);
    cr_expect(strstr(err.message, "version 99"), "%s", err.message);
    ew_run_free(run);
    assert_no_leaks();
}

Test(store, explain_sends_no_control_characters_to_a_terminal) {
    const made rows[] = {{.id = "x", .text = "\x1b[31mred\x07 \xc2\x9b" "2J \xe2\x80\xae flip", .theme = EW_NONE, .fringe = .5}};
    ew_run *run = make_run(rows, 1);
    write_it(run);
    char *text = explain("x", 0);
    for (const char *p = text; *p; p++) cr_assert((unsigned char)*p >= 0x20 || *p == '\n');
    cr_expect_null(strstr(text, "\xc2\x9b"));
    cr_expect_null(strstr(text, "\xe2\x80\xae"));
    cr_expect(strstr(text, "red"));
    ew_free(text);
    ew_run_free(run);
}

Test(store, explain_without_memory) {
    ew_run *run = sample();
    write_it(run);
    uint64_t k = 1;
    for (; k < 2000; k++) {
        char *text = NULL;
        ew_error err;
        ew_alloc_fail_after(k);
        ew_status status = ew_explain(folder, k % 2 ? "n_pin" : "a", (k / 2) % 2, &text, &err);
        ew_alloc_fail_after(0);
        ew_free(text);
        if (status == EW_OK) break;
        cr_assert_eq(status, EW_RESOURCE, "%s", err.message);
    }
    cr_expect(k > 2 && k < 2000);
    ew_run_free(run);
    assert_no_leaks();
}
