#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/report/report.h"
#include "../../core/report/sha256.h"
#include "leaks.h"
#include "make_run.h"

static char folder[] = "/tmp/ew-report-XXXXXX";
static char path[64];

static void begin(void) { cr_assert(mkdtemp(folder)); }

static void end(void) {
    static const char *const names[] = {"needs.jsonl", "themes.jsonl", "comments.jsonl", "run.json", "edgewise.db",
        "report.html", "model.bin", "other/model.bin", "other/run.json",
                                        "other/needs.jsonl", "other/themes.jsonl", "other/comments.jsonl", "other/edgewise.db",
                                        "other/report.html", "other"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    cr_expect(rmdir(folder) == 0, "something else was left in the folder");
}

TestSuite(report, .init = begin, .fini = end, .timeout = 30);

static char *slurp(const char *name, size_t *n) {
    char where[96];
    snprintf(where, sizeof where, "%s/%s", folder, name);
    FILE *file = fopen(where, "rb");
    cr_assert(file, "%s", where);
    fseek(file, 0, SEEK_END);
    *n = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*n + 1);
    cr_assert_eq(fread(bytes, 1, *n, file), *n);
    bytes[*n] = 0;
    fclose(file);
    return bytes;
}

static char *text_of(const ew_run *run, const char *name, ew_status (*write)(const ew_run *, const char *, ew_error *)) {
    ew_error err;
    size_t n;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert_eq(write(run, path, &err), EW_OK, "%s", err.message);
    return slurp(name, &n);
}

static size_t times(const char *text, const char *part) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) n++;
    return n;
}

static ew_run *sample(void) {
    static const made rows[] = {
        {.id = "a", .text = "I clear it with a pin. Mail me@example.org", .customer = "K1", .segment = "Office",
            .source = "ticket", .time = 1782864000,
         .rating = 2, .theme = EW_NONE, .fringe = .97},
        {.id = "b", .text = "A needle clears it", .customer = "jo@example.org", .theme = EW_NONE, .fringe = .93},
        {.id = "c", .text = "Where is my parcel?", .theme = 0, .fringe = .1, .lang = "en"},
        {.id = "d", .text = "ok", .theme = EW_NONE, .noise = EW_NOISE_TOO_SHORT, .fringe = -1},
    };
    ew_run *run = make_run(rows, 4);
    make_theme(run, "t_1", "late parcel")->rest = 1;
    const uint32_t members[] = {0, 1};
    ew_need *need = make_need(run, "n_1", "clearing the wand", members, 2);
    ((ew_span *)(uintptr_t)need->exemplars)[0].end = 22; /* the first sentence */
    ew_cue *cues = ew_alloc(3, sizeof *cues);
    cues[0] = (ew_cue){1, 2, 8, EW_CUE_WORKAROUND};
    cues[1] = (ew_cue){0, 11, 21, EW_CUE_WORKAROUND};
    cues[2] = (ew_cue){0, 13, 17, EW_CUE_EFFORT}; /* inside the one before */
    need->cues = cues;
    need->n_cues = 3;
    need->lift[EW_CUE_WORKAROUND] = (ew_cue_lift){2, 1, .125, 3.5, 2.25, .015};
    need->lift[EW_CUE_EFFORT] = (ew_cue_lift){1, .5, .25, .75, .5, .8};
    snprintf(need->onset, sizeof need->onset, "2026-07-01");
    need->alike = "n_0";
    make_members(run);
    run->counts = (ew_counts){.read = 5, .in_themes = 1, .in_needs_only = 2, .rejected = 1};
    run->counts.noise[EW_NOISE_TOO_SHORT] = 1;
    run->corpus.rejects.messages = ew_alloc(1, sizeof(char *));
    const char *message = "/home/me/data/quarter.csv:7: byte 99: no text field";
    run->corpus.rejects.messages[0] = ew_strndup(message, strlen(message));
    run->corpus.rejects.n = run->corpus.rejects.kept = 1;
    run->options.model = make_keep(run, "/home/me/models/own.safetensors");
    return run;
}

#define PART(term) "\"" term "\":{\"value\":0.5,\"weight\":2,\"factor\":0.25}"

Test(report, a_need_is_one_line_with_every_field) {
    ew_run *run = sample();
    char *text = text_of(run, "needs.jsonl", ew_report_needs);
    cr_expect_str_eq(text,
        "{\"rank\":1,\"id\":\"n_1\",\"name\":\"clearing the wand\",\"tier\":\"confirmed\",\"kind\":\"latent\",\"score\":0.9,"
        "\"q\":0.02,"
        "\"stability\":0.91,\"fringe\":0.95,\"size\":2,\"families\":2,\"customers\":2,\"comments\":[\"a\",\"b\"],\"exemplars\":["
        "{\"id\":\"a\",\"start\":0,\"end\":22,\"text\":\"I clear it with a pin.\"},{\"id\":\"b\",\"start\":0,\"end\":18,"
        "\"text\":\"A needle clears it\"}],"
        "\"cues\":[{\"kind\":\"workaround\",\"id\":\"b\",\"start\":2,\"end\":8},{\"kind\":\"workaround\",\"id\":\"a\","
        "\"start\":11,\"end\":21},"
        "{\"kind\":\"effort\",\"id\":\"a\",\"start\":13,\"end\":17}],"
        "\"cue_lift\":{\"workaround\":{\"n\":2,\"share\":1,\"rest\":0.125,\"log_odds\":3.5,\"z\":2.25,\"q\":0.015},"
        "\"effort\":{\"n\":1,\"share\":0.5,\"rest\":0.25,\"log_odds\":0.75,\"z\":0.5,\"q\":0.8}},"
        "\"score_parts\":{" PART("fringe") "," PART("apart") "," PART("breadth") "," PART("tight") "," PART("stable") ","
        PART("chance") "," PART("substance") "," PART("quiet") "," PART("cost") "," PART("open") "," PART("own") ","
        PART("held") "," PART("language") "," PART("displeased") "," PART("new") "," PART("unlike") "},"
        "\"theme\":null,\"words\":[],\"onset\":\"2026-07-01\","
        "\"alarm\":null,"
        "\"emerging\":false,\"segments\":[],\"competitors\":[],\"products\":[],\"impact\":null,\"alike\":\"n_0\","
        "\"why\":{\"list_score\":1.5,"
        "\"significance\":3.2,"
        "\"inside\":0.7,\"outside\":0.4,\"expressed_share\":0.1,\"quiet_share\":0.5,\"top_customer\":0.2,"
        "\"top_day\":0.1,\"top_source\":0.3,\"condition\":\"\"}}\n");
    free(text);
    ew_run_free(run);
    assert_no_leaks();
}

Test(report, comments_and_themes) {
    ew_run *run = sample();
    char *text = text_of(run, "comments.jsonl", ew_report_comments);
    cr_expect_str_eq(text,
        "{\"id\":\"a\",\"theme\":null,\"fringe\":0.97,\"need\":\"n_1\",\"noise\":null,\"family\":null,\"lang\":null}\n"
                           "{\"id\":\"b\",\"theme\":null,\"fringe\":0.93,\"need\":\"n_1\",\"noise\":null,\"family\":null,"
                           "\"lang\":null}\n"
                           "{\"id\":\"c\",\"theme\":\"t_1\",\"fringe\":0.1,\"need\":null,\"noise\":null,\"family\":null,"
                           "\"lang\":\"en\"}\n"
                           "{\"id\":\"d\",\"theme\":null,\"fringe\":null,\"need\":null,\"noise\":\"too short\","
                           "\"family\":null,\"lang\":null}\n");
    free(text);
    text = text_of(run, "themes.jsonl", ew_report_themes);
    cr_expect(strstr(text, "{\"id\":\"t_1\",\"parent\":null,\"level\":0,\"name\":\"late parcel\",\"rest\":true,\"size\":1,"),
              "%s", text);
    cr_expect(strstr(text, "\"exemplars\":[{\"id\":\"c\",\"start\":0,\"end\":19,\"text\":\"Where is my parcel?\"}]}\n"), "%s",
        text);
    free(text);
    const uint32_t again[] = {1};
    make_need(run, "n_2", "needles", again, 1);
    make_members(run);
    text = text_of(run, "comments.jsonl", ew_report_comments);
    cr_expect(strstr(text, "\"need\":\"n_1\",\"needs\":[\"n_1\",\"n_2\"],"), "%s", text);
    free(text);
    ew_run_free(run);
}

Test(report, accessors) {
    ew_run *run = sample();
    size_t n;
    ew_comment comment;
    ew_error err;
    char *text;
    cr_expect_str_eq(ew_run_needs(run, &n)[0].id, "n_1");
    cr_expect_eq(n, 1);
    cr_expect_eq(ew_run_size(run), 4);
    ew_run_comment(run, 0, &comment);
    cr_expect(comment.need == 0 && comment.n_needs == 1 && comment.theme == EW_NONE && comment.rating == 2);
    cr_expect_str_eq(comment.segment, "Office");
    ew_run_comment(run, 99, &comment);
    cr_expect(comment.need == EW_NONE && !*comment.id);
    cr_assert_eq(ew_run_text(run, 0, 0, 0, &text, &n, &err), EW_OK);
    cr_expect(n == 42 && strncmp(text, "I clear it with a pin. Mail ", 28) == 0 && !strstr(text, "example"), "%s", text);
    ew_free(text);
    cr_assert_eq(ew_run_text(run, 0, 30, 40, &text, &n, &err), EW_OK); /* inside the address: masked all the same */
    cr_expect(n == 10 && !strstr(text, "example"), "%s", text);
    ew_free(text);
    run->options.keep_pii = 1;
    cr_assert_eq(ew_run_text(run, 0, 28, 1000, &text, &n, &err), EW_OK);
    cr_expect_str_eq(text, "me@example.org");
    ew_free(text);
    cr_expect_eq(ew_run_text(run, 4, 0, 0, &text, &n, &err), EW_USAGE);
    cr_expect(strstr(ew_run_rejected(run, 0), "no text field"));
    cr_expect_null(ew_run_rejected(run, 1));
    cr_expect_null(ew_noise_name(EW_NOISE_NONE));
    cr_expect_str_eq(ew_noise_name(EW_NOISE_LONE_VOICE), "lone voice");
    cr_expect_str_eq(ew_cue_name(EW_CUE_DELIGHT), "delight");
    cr_expect_str_eq(ew_tier_name(EW_WHISPER), "whisper");
    cr_expect_str_eq(ew_kind_name(EW_MIXED), "mixed");
    ew_run_free(run);
    ew_run_free(NULL);
    assert_no_leaks();
}

Test(report, the_description_names_no_folder) {
    ew_run *run = sample();
    ew_error err;
    char *text;
    cr_assert_eq(ew_run_json(run, &text, &err), EW_OK);
    cr_expect_null(strstr(text, "/home"), "%s", text);
    cr_expect(strstr(text, "\"rejected\":[\"quarter.csv:7: byte 99: no text field\"]"), "%s", text);
    cr_expect(strstr(text, "\"model\":\"own.safetensors\""), "%s", text);
    cr_expect(strstr(text,
        "\"counts\":{\"read\":5,\"in_themes\":1,\"in_needs_only\":2,\"noise\":{\"empty\":0,\"too short\":1,"), "%s", text);
    cr_expect(strstr(text, "\"needs\":{\"confirmed\":1,\"watch\":0,\"whisper\":0}"), "%s", text);
    cr_expect_null(strstr(text, "threads"));
    ew_free(text);
    ew_run_free(run);
}

Test(report, every_file_is_the_same_in_another_folder_and_with_other_threads) {
    static const char *const names[] = {"needs.jsonl", "themes.jsonl", "comments.jsonl", "run.json", "edgewise.db",
        "report.html", "model.bin"};
    ew_error err;
    char other[64], name[32];
    snprintf(other, sizeof other, "%s/other", folder);
    ew_run *run = sample(), *again = sample();
    run->options.threads = 1;
    again->options.threads = 8;
    again->options.memory = 1 << 30;
    cr_assert_eq(ew_run_write(run, folder, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_run_write(again, other, &err), EW_OK, "%s", err.message);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n, m;
        snprintf(name, sizeof name, "other/%s", names[i]);
        char *a = slurp(names[i], &n), *b = slurp(name, &m);
        cr_expect(n == m && memcmp(a, b, n) == 0, "%s differs", names[i]);
        free(a);
        free(b);
    }
    ew_run_free(run);
    ew_run_free(again);
    assert_no_leaks();
}

/* The bytes between two marks of the page. */
static const char *between(const char *text, const char *from, const char *to, size_t *n) {
    const char *start = strstr(text, from);
    cr_assert(start, "%s", from);
    start += strlen(from);
    const char *stop = strstr(start, to);
    cr_assert(stop, "%s", to);
    *n = (size_t)(stop - start);
    return start;
}

Test(report, the_policy_allows_this_script_and_style_only) {
    ew_run *run = sample();
    char *page = text_of(run, "report.html", ew_report_html), hash[EW_SHA256_BASE64], want[128];
    size_t n;
    const char *part = between(page, "<style>", "</style>", &n);
    ew_sha256_base64(part, n, hash);
    snprintf(want, sizeof want, "style-src 'sha256-%s'", hash);
    cr_expect(strstr(page, want));
    part = between(page, "<script type=\"module\">", "</script>", &n);
    ew_sha256_base64(part, n, hash);
    snprintf(want, sizeof want, "script-src 'sha256-%s'", hash);
    cr_expect(strstr(page, want));
    cr_expect(strstr(page, "default-src 'none'"));
    cr_expect_null(strstr(page, "unsafe"));
    cr_expect_null(strstr(page, "innerHTML"));
    cr_expect_null(strstr(page, "{{"), "a place was not filled");
    cr_expect_eq(times(page, "<script"), 2);
    cr_expect_null(strstr(page, "example.org"), "an address is shown");
    free(page);
    ew_run_free(run);
}

Test(report, texts_are_cut_at_cues_and_exemplars) {
    ew_run *run = sample();
    char *page = text_of(run, "report.html", ew_report_html);
    cr_expect(strstr(page, "\"text\":[[\"I clear it \",1],[\"with a pin\",7],[\".\",1],[\" Mail "), "%s", strstr(page,
        "\"verbatims\""));
    cr_expect(strstr(page, "[[\"A \",1],[\"needle\",7],[\" clears it\",1]]"));
    free(page);
    ew_run_free(run);
}

Test(report, hostile_text_stays_text) {
    static char big[1 << 20];
    memset(big, 'x', sizeof big);
    memcpy(big + 500000, "the sentence", 12);
    for (size_t i = 0; i + 4 < 400000; i += 4) memcpy(big + i, "\xf0\x9f\x98\x80", 4);
    static const char nul[] = "before\0after <b>";
    const made rows[] = {
        {.id = "</script><script>alert(1)</script>", .text = "</script><script>alert(2)</script><img src=x onerror=alert(3)>",
            .theme = EW_NONE, .fringe = .9},
        {.id = "<!--<script>", .text = "<!-- <script> ]]> {{data}} \xe2\x80\xae\xe2\x80\xa8", .customer = "<i>",
            .theme = EW_NONE, .fringe = .9},
        {.id = "nul", .text = nul, .length = sizeof nul - 1, .theme = EW_NONE, .fringe = .9},
        {.id = "bad", .text = "\xff\xfe<\xc0\xaf", .theme = EW_NONE, .fringe = .9},
        {.id = "big", .text = big, .length = sizeof big, .theme = EW_NONE, .fringe = .9},
    };
    const uint32_t members[] = {0, 1, 2, 3, 4};
    ew_run *run = make_run(rows, 5);
    ew_need *need = make_need(run, "n_1", "</title><script>alert(4)</script>", members, 5);
    ew_span *spans = (ew_span *)(uintptr_t)need->exemplars;
    spans[4] = (ew_span){4, 500000, 500012};
    spans[3].end = 4000000000u; /* beyond the text */
    ew_cue *cues = ew_calloc(200000, sizeof *cues);
    for (uint32_t i = 0; i < 200000; i++) cues[i] = (ew_cue){4, (i * 7919u) % 499000u, (i * 7919u) % 499000u + i % 50,
        EW_CUE_WORRY};
    need->cues = cues;
    need->n_cues = 200000;
    make_members(run);
    char *page = text_of(run, "report.html", ew_report_html);
    size_t n;
    const char *data = between(page, "id=\"data\">", "</script>", &n);
    cr_expect_null(memchr(data, '<', n), "a bare '<' in the data");
    cr_expect_eq(times(page, "<script"), 2);
    cr_expect(strstr(page, "\"id\":\"\\u003c/script>"));
    cr_expect(strstr(page, "the sentence"));
    cr_expect(strstr(page, "\"bytes\":1048576"));
    cr_expect_lt(strlen(page), 300000, "long comments are shown in part");
    free(page);
    need->n_cues = 1000; /* these go into the lines one by one */
    page = text_of(run, "needs.jsonl", ew_report_needs);
    cr_expect_eq(times(page, "\n"), 1);
    free(page);
    ew_run_free(run);
    assert_no_leaks();
}

Test(report, an_empty_run) {
    ew_run *run = make_run(NULL, 0);
    ew_error err;
    cr_assert_eq(ew_run_write(run, folder, &err), EW_OK, "%s", err.message);
    size_t n;
    free(slurp("needs.jsonl", &n));
    cr_expect_eq(n, 0);
    ew_run_free(run);
}

Test(report, a_file_in_the_way) {
    ew_run *run = sample();
    ew_error err;
    char dir[64];
    snprintf(dir, sizeof dir, "%s/run.json", folder);
    FILE *file = fopen(dir, "w");
    cr_assert(file);
    fclose(file);
    cr_expect_eq(ew_run_write(run, dir, &err), EW_RESOURCE);
    cr_expect(strstr(err.message, "run.json"), "%s", err.message);
    ew_run_free(run);
}

Test(report, without_memory) {
    ew_run *run = sample();
    ew_error err;
    uint64_t k = 1;
    for (; k < 5000; k++) {
        ew_alloc_fail_after(k);
        ew_status status = ew_run_write(run, folder, &err);
        ew_alloc_fail_after(0);
        if (status == EW_OK) break;
        cr_assert_eq(status, EW_RESOURCE, "allocation %d: %s", (int)k, err.message);
    }
    cr_expect(k > 30 && k < 5000);
    ew_run_free(run);
    assert_no_leaks();
}
