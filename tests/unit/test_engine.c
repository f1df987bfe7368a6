#define _GNU_SOURCE /* mkdtemp */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/base/random.h"
#include "../../core/edgewise.h"
#include "leaks.h"
#include "make_corpus.h"

static ew_error err;

/* ---- comments: ordinary ones of a few subjects, and every ninth one of a few small groups ---- */

static ew_buffer make_comments(uint32_t n, uint64_t seed) {
    static const char *const things[] = {"machine",  "app",          "grinder", "water tank",
                                         "delivery", "milk frother", "invoice", "display"};
    static const char *const states[] = {
        "leaks",        "stopped working",      "is far too loud",     "arrived late", "crashes every morning",
        "looks lovely", "needs cleaning again", "shows the wrong date"};
    static const char *const ends[] = {"since the update", "after two weeks", "and nobody answers",
                                       "which is a pity",  "in our kitchen",  "on mondays"};
    static const char *const edges[] = {"I keep a folded towel under the spout because it drips on the counter",
                                        "My mother cannot read the tiny letters so I turn the knob for her",
                                        "We unplug it every night, the red light frightens the children"};
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t r = ew_random(seed, 1, i, 0);
        const char *thing = things[r % 8], *state = states[r / 8 % 8], *end = ends[r / 64 % 6], *other = things[r / 512 % 8];
        ew_status status = ew_buffer_printf(
            &out, &err, "{\"id\":\"c%u\",\"customer\":\"u%u\",\"created_at\":\"2026-0%u-%02u\",\"rating\":%u,\"text\":\"", i,
            (unsigned)(r / 4096 % (n + 1)), (unsigned)(1 + i * 6 / (n + 1)), (unsigned)(1 + r / 7 % 28),
            (unsigned)(1 + r / 3 % 5));
        if (status == EW_OK)
            status = i % 9 == 4 ? ew_buffer_printf(&out, &err, "%s, %s %s.\"}\n", edges[i / 9 % 3], thing, end)
                                : ew_buffer_printf(&out, &err, "The %s %s %s. Our %s was fine.\"}\n", thing, state, end, other);
        cr_assert_eq(status, EW_OK);
    }
    return out;
}

static ew_status mine(const void *data, size_t n, int threads, int decoys, ew_run **run) {
    ew_input input = {"made-up.jsonl", data, n};
    ew_options options;
    ew_options_init(&options);
    options.threads = threads;
    options.decoys = decoys;
    return ew_mine(&input, 1, &options, run, &err);
}

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

/* Every record is somewhere, every index within bounds, every span within its text. */
static void assert_run(const ew_run *run, uint64_t rejected) {
    ew_counts counts;
    ew_comment comment;
    size_t n_needs, n_themes, n = ew_run_size(run);
    const ew_need *needs = ew_run_needs(run, &n_needs);
    const ew_theme *themes = ew_run_themes(run, &n_themes);
    ew_run_counts(run, &counts);
    uint64_t sum = counts.in_themes + counts.in_needs_only + counts.rejected, in_themes = 0, only = 0,
             noise[EW_NOISE_KINDS] = {0};
    for (int k = 0; k < EW_NOISE_KINDS; k++) sum += counts.noise[k];
    cr_assert_eq(sum, counts.read);
    cr_assert_eq(counts.read, n + rejected);
    cr_assert_eq(counts.rejected, rejected);
    cr_assert_eq(counts.noise[EW_NOISE_NONE], 0);
    for (size_t i = 0; i < n; i++) {
        ew_run_comment(run, i, &comment);
        cr_assert(comment.theme == EW_NONE || comment.theme < n_themes);
        cr_assert_eq(comment.theme, comment.n_themes ? comment.themes[0] : EW_NONE);
        for (uint32_t k = 0; k < comment.n_themes; k++) {
            cr_assert(comment.themes[k] < n_themes && themes[comment.themes[k]].level == themes[comment.theme].level);
            for (uint32_t j = 0; j < k; j++) cr_assert_neq(comment.themes[j], comment.themes[k]);
        }
        cr_assert_eq(comment.need, comment.n_needs ? comment.needs[0] : EW_NONE);
        for (uint32_t k = 0; k < comment.n_needs; k++)
            cr_assert(comment.needs[k] < n_needs && (!k || comment.needs[k] > comment.needs[k - 1]));
        cr_assert(isnan(comment.fringe) || (comment.fringe >= 0 && comment.fringe <= 1));
        cr_assert(comment.id && comment.family && comment.lang);
        if (comment.theme != EW_NONE)
            in_themes++;
        else if (comment.n_needs)
            only++;
        else
            noise[comment.noise]++;
        cr_assert_eq(comment.noise == EW_NOISE_NONE, comment.theme != EW_NONE || comment.n_needs > 0);
    }
    cr_assert(in_themes == counts.in_themes && only == counts.in_needs_only);
    cr_assert_arr_eq(noise, counts.noise, sizeof noise);
    uint64_t in_needs = 0;
    for (size_t k = 0; k < n_needs; k++) {
        const ew_need *x = &needs[k];
        cr_assert(x->id[0] == 'n' && x->name[0] && x->size >= 1 && x->families <= x->size && x->customers <= x->size);
        cr_assert(x->score >= 0 && x->score <= 1 && x->q >= 0 && x->q <= 1 && x->stability >= 0 && x->stability <= 1 &&
                  x->fringe >= 0 && x->fringe <= 1);
        cr_assert(x->theme == EW_NONE || x->theme < n_themes);
        cr_assert(x->n_exemplars >= 1 && x->n_words >= 1 && x->why.condition);
        cr_assert(k == 0 || x->score <= needs[k - 1].score);
        for (uint32_t c = 0; c < x->size; c++) {
            cr_assert_lt(x->comments[c], n);
            ew_run_comment(run, x->comments[c], &comment);
            int found = 0;
            for (uint32_t j = 0; j < comment.n_needs; j++) found += comment.needs[j] == k;
            cr_assert_eq(found, 1);
        }
        in_needs += x->size;
        for (uint32_t e = 0; e < x->n_exemplars + x->n_cues; e++) {
            ew_span span = e < x->n_exemplars ? x->exemplars[e]
                                              : (ew_span){x->cues[e - x->n_exemplars].comment, x->cues[e - x->n_exemplars].start,
                                                          x->cues[e - x->n_exemplars].end};
            char *text;
            size_t length;
            cr_assert(span.comment < n && span.start < span.end);
            cr_assert_eq(ew_run_text(run, span.comment, span.start, span.end, &text, &length, &err), EW_OK, "%s", err.message);
            cr_assert_eq(length, span.end - span.start);
            ew_free(text);
        }
    }
    for (size_t i = 0; i < n; i++) {
        ew_run_comment(run, i, &comment);
        in_needs -= comment.n_needs;
    }
    cr_assert_eq(in_needs, 0);
    uint64_t by_level[3] = {0};
    for (size_t t = 0; t < n_themes; t++) {
        cr_assert(themes[t].parent == EW_NONE ? themes[t].level == 0 : themes[t].parent < t);
        by_level[themes[t].level] += themes[t].size;
        for (size_t other = 0; other < t; other++) cr_assert_str_neq(themes[t].id, themes[other].id);
        cr_assert(themes[t].n_exemplars >= 1 && themes[t].n_exemplars <= 5);
        for (uint32_t e = 0; e < themes[t].n_exemplars; e++) { /* of the theme's own comments, each in another voice */
            uint32_t which = themes[t].exemplars[e].comment;
            ew_run_comment(run, which, &comment);
            while (comment.theme != EW_NONE && comment.theme > t) comment.theme = themes[comment.theme].parent;
            cr_assert_eq(comment.theme, t);
            for (uint32_t d = 0; d < e; d++) {
                ew_comment other;
                ew_run_comment(run, themes[t].exemplars[d].comment, &other);
                cr_assert(themes[t].exemplars[d].comment != which &&
                          (!*comment.customer || strcmp(comment.customer, other.customer) != 0));
            }
        }
        cr_assert(themes[t].id[0] == 't' && themes[t].name[0]);
        cr_assert(themes[t].share >= 0 && themes[t].share_low <= themes[t].share + 1e-12 &&
                  themes[t].share_high >= themes[t].share - 1e-12);
    }
    for (size_t t = 0; t < n_themes; t++) cr_assert_eq(by_level[themes[t].level], counts.in_themes);
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
        cr_assert_eq(mine(lines.data, lines.length, 2, 2, &run), EW_OK, "%u comments: %s", sizes[s], err.message);
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
        cr_assert_eq(mine(lines.data, lines.length, 2, 2, &run), EW_OK, "'%s': %s", same[s], err.message);
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
    cr_assert_eq(mine(lines.data, lines.length, 2, 1, &run), EW_OK, "%s", err.message);
    assert_run(run, 0);
    ew_run_free(run);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(mine, rejected_records_are_counted_and_broken_inputs_are_errors) {
    static const char mixed[] =
        "{\"id\":\"a\",\"text\":\"The lid leaks.\"}\n{\"id\":\"b\"}\n{\"text\":\n{\"id\":\"c\",\"text\":\"The tank too.\"}\n";
    ew_run *run;
    cr_assert_eq(mine(mixed, sizeof mixed - 1, 1, 1, &run), EW_OK, "%s", err.message);
    cr_assert_eq(ew_run_size(run), 2);
    assert_run(run, 2);
    cr_assert_not_null(ew_run_rejected(run, 1));
    cr_assert_null(ew_run_rejected(run, 2));
    ew_run_free(run);
    static const char *const bad[] = {"", "\n\n", "\x28\xb5\x2f\xfd\x04", "\x1f\x8b\x08\x00"};
    static const size_t lengths[] = {0, 2, 5, 4};
    for (int i = 0; i < 4; i++) {
        run = (ew_run *)&err;
        cr_assert_eq(mine(bad[i], lengths[i], 1, 1, &run), EW_INPUT, "input %d", i);
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

Test(mine, options_that_make_no_sense) {
    static const char text[] = "{\"id\":\"a\",\"text\":\"The lid leaks.\"}\n";
    ew_input input = {"made-up.jsonl", text, sizeof text - 1};
    for (int which = 0; which < 14; which++) {
        ew_options o;
        ew_options_init(&o);
        switch (which) {
        case 0:
            o.struct_size--;
            break;
        case 1:
            o.threads = -1;
            break;
        case 2:
            o.threads = 100000;
            break;
        case 3:
            o.decoys = -1;
            break;
        case 4:
            o.decoys = 101;
            break;
        case 5:
            o.themes = -1;
            break;
        case 6:
            o.zstd_window_log = 9;
            break;
        case 7:
            o.zstd_window_log = 32;
            break;
        case 8:
            o.max_line = 0;
            break;
        case 9:
            o.max_line = UINT64_MAX;
            break;
        case 10:
            o.max_units = 0;
            break;
        case 11:
            o.max_units = UINT64_MAX;
            break;
        case 12:
            o.corpus_part = 2;
            break;
        default:
            o.format = "xml";
            break;
        }
        ew_run *run;
        char *json = NULL;
        cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_USAGE, "option %d: %s", which, err.message);
        cr_assert_null(run);
        if (which != 1 && which != 2) cr_assert_eq(ew_plan(&input, 1, &o, &json, &err), EW_USAGE, "plan, option %d", which);
        cr_assert_null(json);
    }
    ew_options o;
    ew_run *run;
    ew_options_init(&o);
    o.memory = 1000;
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_RESOURCE);
    o.memory = 0;
    o.vectors = "/none.npy";
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_INPUT);
    o.vectors = NULL;
    o.model = "/none.safetensors";
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_INPUT);
    o.model = NULL;
    o.columns[EW_COL_TEXT] = "nothing";
    cr_assert_neq(ew_mine(&input, 1, &o, &run, &err), EW_OK);
    ew_buffer many = make_comments(60, 1);
    input = (ew_input){"made-up.jsonl", many.data, many.length};
    ew_options_init(&o);
    o.max_units = 10;
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "max-units"));
    ew_buffer_free(&many);
    assert_no_leaks();
}

Test(mine, the_same_for_any_number_of_threads) {
    static const int threads[] = {1, 2, 3, 8};
    ew_buffer lines = make_comments(300, 2);
    uint64_t first = 0;
    for (int t = 0; t < 4; t++) {
        ew_run *run;
        cr_assert_eq(mine(lines.data, lines.length, threads[t], 3, &run), EW_OK);
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
    cr_assert_eq(mine(lines.data, lines.length, 2, 2, &a), EW_OK);
    cr_assert_eq(mine(turned.data, turned.length, 2, 2, &b), EW_OK);
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

typedef struct {
    int left, calls;
} patience;

static int lose_patience(void *data, const char *stage, uint64_t done, uint64_t total) {
    patience *p = data;
    cr_assert(stage && *stage && (!total || done <= total));
    p->calls++;
    return --p->left < 0;
}

Test(mine, a_caller_who_has_had_enough) {
    ew_buffer lines = make_comments(60, 2);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    int cancelled = 0;
    for (int left = 0;; left++) {
        patience p = {left, 0};
        ew_run *run;
        ew_options options;
        ew_options_init(&options);
        options.decoys = 2;
        options.threads = 2;
        options.progress = lose_patience;
        options.progress_data = &p;
        ew_status status = ew_mine(&input, 1, &options, &run, &err);
        cr_assert(status == EW_OK || status == EW_CANCELLED, "%s", err.message);
        cr_assert_eq(status == EW_OK, run != NULL);
        ew_run_free(run);
        if (status == EW_OK) break;
        cr_assert_eq(p.calls, left + 1); /* not asked again */
        cancelled++;
    }
    cr_assert_geq(cancelled, 10);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(mine, vectors_of_the_callers_own) {
    enum { N = 90, D = 12 };
    char path[] = "/tmp/edgewise-vectors-XXXXXX", turned[] = "/tmp/edgewise-vectors-XXXXXX";
    for (int order = 0; order < 2; order++) {
        int file = mkstemp(order ? turned : path);
        cr_assert(file >= 0);
        char header[100], whole[128];
        memset(whole, ' ', sizeof whole);
        memcpy(whole, "\x93NUMPY\x01\0\x76\0", 10);
        int n = snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': %s, 'shape': (%d, %d), }",
                         order ? "True" : "False", N, D);
        memcpy(whole + 10, header, (size_t)n);
        whole[127] = '\n';
        cr_assert_eq(write(file, whole, sizeof whole), sizeof whole);
        for (uint32_t at = 0; at < N * D; at++) {
            uint32_t i = order ? at % N : at / D, k = order ? at / N : at % D;
            float x = (float)(ew_random_unit(1, 1, i % 6, k) + .2 * ew_random_unit(1, 2, i, k));
            cr_assert_eq(write(file, &x, 4), 4);
        }
        close(file);
    }
    ew_buffer lines = make_comments(N, 2), fewer = make_comments(N - 1, 2);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_run *run;
    ew_options_init(&options);
    options.vectors = path;
    options.threads = 2;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    assert_run(run, 0);
    size_t needs;
    const ew_need *need = ew_run_needs(run, &needs);
    for (size_t k = 0; k < needs; k++)
        cr_assert(need[k].tier == EW_WHISPER && isnan(need[k].why.significance)); /* no decoys without a model */
    size_t n_themes;
    char *id = strdup(ew_run_themes(run, &n_themes)[0].id);
    ew_run_free(run);
    options.vectors = turned; /* the same in Fortran order */
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    cr_assert_str_eq(ew_run_themes(run, &n_themes)[0].id, id);
    free(id);
    ew_run_free(run);
    options.vectors = path;
    input = (ew_input){"made-up.jsonl", fewer.data, fewer.length};
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_INPUT);
    cr_assert_not_null(strstr(err.message, "89"));
    unlink(path);
    unlink(turned);
    ew_buffer_free(&lines);
    ew_buffer_free(&fewer);
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
        status = mine(lines.data, lines.length, 2, 1, &run);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "the %d-th: %d, %s", (int)nth, (int)status, err.message);
        cr_assert_eq(status == EW_OK, run != NULL);
        ew_run_free(run);
    }
    cr_assert_gt(tries, 40);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

/* ---- plan, doctor, timings ---- */

Test(mine, says_what_it_is_and_what_a_run_takes) {
    ew_buffer lines = make_comments(50, 2);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    char *json;
    ew_run *run;
    ew_options_init(&options);
    cr_assert_eq(ew_plan(&input, 1, &options, &json, &err), EW_OK, "%s", err.message);
    cr_assert(strstr(json, "\"comments\":50,") && strstr(json, "\"text\":\"text\"") && strstr(json, "\"fits\":true"), "%s", json);
    ew_free(json);
    cr_assert_eq(ew_plan(&input, 0, &options, &json, &err), EW_USAGE);
    cr_assert_eq(ew_doctor(&json, &err), EW_OK);
    cr_assert(strstr(json, EW_VERSION) && json[strlen(json) - 1] == '}');
    ew_free(json);
    cr_assert_str_eq(ew_version(), EW_VERSION);
    cr_assert_eq(mine(lines.data, lines.length, 1, 1, &run), EW_OK);
    ew_run_free(run);
    cr_assert_eq(ew_timings(&json, &err), EW_OK);
    cr_assert(strstr(json, "\"neighbours\":") && strstr(json, "\"total\":"), "%s", json);
    ew_free(json);
    for (uint64_t nth = 1; nth < 8; nth++) {
        char *plan = NULL, *doctor = NULL;
        ew_alloc_fail_after(nth);
        ew_status a = ew_plan(&input, 1, &options, &plan, &err);
        ew_alloc_fail_after(nth);
        ew_status b = ew_doctor(&doctor, &err);
        ew_alloc_fail_after(0);
        cr_assert(a == EW_RESOURCE && !plan && (b == EW_OK) == (doctor != NULL));
        ew_free(doctor);
    }
    ew_buffer_free(&lines);
    assert_no_leaks();
}
