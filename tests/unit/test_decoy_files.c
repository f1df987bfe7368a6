/* --keep-decoys: the decoys as files. */
#define _GNU_SOURCE /* mkdtemp */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/dict.h"
#include "../../core/base/random.h"
#include "../../core/text/text.h"
#include "leaks.h"
#include "make_corpus.h"

enum { N = 300, DECOYS = 3 };
static ew_error err;
static char folder[] = "/tmp/ew-decoys-XXXXXX", path[96];

static void begin(void) { cr_assert(mkdtemp(folder)); }

static const char *file(const char *sub, int number) {
    snprintf(path, sizeof path, "%s/%s/decoy-%02d.jsonl.zst", folder, sub, number);
    return path;
}

static int there(const char *name) {
    struct stat info;
    return stat(name, &info) == 0;
}

static void end(void) {
    static const char *const subs[] = {"a", "b"};
    for (int s = 0; s < 2; s++) {
        for (int i = 1; i <= 12; i++) unlink(file(subs[s], i));
        snprintf(path, sizeof path, "%s/%s", folder, subs[s]);
        rmdir(path);
    }
    cr_expect(rmdir(folder) == 0, "something else was left in the folder");
}

TestSuite(decoy_files, .init = begin, .fini = end, .timeout = 60);

/* Words of one piece each, so that a row's words are its tokens; of two subjects that share none. */
static const char *const WORDS[2][10] = {
    {"machine", "water", "kitchen", "coffee", "milk", "table", "floor", "glass", "night", "morning"},
    {"order", "card", "address", "account", "payment", "contract", "letter", "bank", "money", "price"}};

static char texts[N][200];

static ew_buffer make_texts(void) {
    const char *rows[N];
    for (uint32_t i = 0; i < N; i++) {
        size_t n = 0;
        for (uint64_t w = 0; w < 4 + i % 7; w++)
            n += (size_t)snprintf(texts[i] + n, sizeof texts[i] - n, "%s%s", w ? " " : "",
                                  WORDS[i % 2][ew_random_below(10, 5, 1, i, w)]);
        rows[i] = texts[i];
    }
    return make_lines(rows, NULL, N);
}

static ew_status mine(const ew_buffer *lines, const char *sub, int decoys, int threads, ew_run **run) {
    static char where[64];
    ew_input input = {"made-up.jsonl", lines->data, lines->length};
    ew_options options;
    ew_options_init(&options);
    snprintf(where, sizeof where, "%s/%s", folder, sub);
    options.decoys = decoys;
    options.threads = threads;
    options.keep_decoys = where;
    return ew_mine(&input, 1, &options, run, &err);
}

static ew_corpus read_back(const char *name) {
    ew_corpus corpus;
    ew_options options;
    ew_options_init(&options);
    cr_assert_eq(ew_corpus_read(&(ew_input){.name = name}, 1, &options, &corpus, &err), EW_OK, "%s", err.message);
    return corpus;
}

static uint32_t words_of(const char *text, size_t n) {
    uint32_t words = 0;
    ew_range word;
    for (size_t at = 0; ew_text_next_word(text, n, &at, &word);) words++;
    return words;
}

/* Which of the two subjects the words are of; both: 2. */
static uint32_t subject_of(ew_view text) {
    uint32_t seen = 3;
    ew_range word;
    for (size_t at = 0; ew_text_next_word(text.data, text.length, &at, &word);) {
        uint32_t mine = 3;
        for (uint32_t s = 0; s < 2; s++)
            for (int w = 0; w < 10; w++)
                if (strlen(WORDS[s][w]) == word.end - word.start &&
                    !memcmp(WORDS[s][w], text.data + word.start, word.end - word.start))
                    mine = s;
        cr_assert_neq(mine, 3, "a word of nobody's: %.*s", (int)text.length, text.data);
        seen = seen == 3 || seen == mine ? mine : 2;
    }
    return seen;
}

Test(decoy_files, every_row_is_there_with_as_many_words_of_its_own_topic) {
    ew_buffer lines = make_texts();
    ew_run *run;
    cr_assert_eq(mine(&lines, "a", DECOYS, 2, &run), EW_OK, "%s", err.message);
    char *json;
    cr_assert_eq(ew_run_json(run, &json, &err), EW_OK);
    uint32_t rows = (uint32_t)strtoul(strstr(json, "\"tested_units\":") + 15, NULL, 10);
    cr_assert(rows > N / 2 && rows <= N);
    ew_free(json);
    ew_run_free(run);
    uint32_t changed = 0;
    for (int d = 1; d <= DECOYS; d++) {
        ew_corpus decoy = read_back(file("a", d));
        cr_assert_eq(decoy.n, rows);
        cr_assert_eq(decoy.rejects.n, 0);
        char *seen = calloc(N, 1);
        for (uint32_t i = 0; i < rows; i++) {
            ew_view text = ew_corpus_text(&decoy, i);
            uint32_t which = (uint32_t)strtoul(ew_corpus_id(&decoy, i) + 1, NULL, 10);
            cr_assert(which < N && !seen[which]++);
            cr_assert_eq(words_of(text.data, text.length), words_of(texts[which], strlen(texts[which])));
            cr_assert_eq(subject_of(text), which % 2, "%.*s", (int)text.length, text.data); /* topics do not mix the two */
            changed += strlen(texts[which]) != text.length || memcmp(texts[which], text.data, text.length) != 0;
        }
        free(seen);
        ew_corpus_free(&decoy);
    }
    cr_assert_gt(changed, DECOYS * rows * 9 / 10);
    cr_expect(!there(file("a", DECOYS + 1)));
    ew_buffer_free(&lines);
    assert_no_leaks();
}

static ew_buffer slurp(const char *name) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    FILE *in = fopen(name, "rb");
    cr_assert(in, "%s", name);
    cr_assert_eq(ew_buffer_reserve(&out, 1 << 20, &err), EW_OK);
    out.length = fread(out.data, 1, 1 << 20, in);
    fclose(in);
    return out;
}

Test(decoy_files, the_same_bytes_for_any_threads_and_none_of_an_earlier_run) {
    ew_buffer lines = make_texts();
    ew_run *run;
    cr_assert_eq(mine(&lines, "a", 5, 1, &run), EW_OK, "%s", err.message);
    ew_run_free(run);
    cr_assert_eq(mine(&lines, "b", 12, 3, &run), EW_OK, "%s", err.message);
    ew_run_free(run);
    for (int d = 1; d <= 5; d++) {
        ew_buffer x = slurp(file("a", d)), y = slurp(file("b", d));
        cr_expect(x.length == y.length && memcmp(x.data, y.data, x.length) == 0);
        ew_buffer_free(&x);
        ew_buffer_free(&y);
    }
    cr_assert(there(file("b", 12)));
    cr_assert_eq(mine(&lines, "b", 2, 2, &run), EW_OK, "%s", err.message);
    ew_run_free(run);
    cr_expect(there(file("b", 2)) && !there(file("b", 3)) && !there(file("b", 12)));
    ew_buffer_free(&lines);
    assert_no_leaks();
}

/* The first is written by then, under another name. */
static int stop_at_decoys(void *data, const char *stage, uint64_t done, uint64_t total) {
    (void)data;
    (void)total;
    return strcmp(stage, "decoys") == 0 && done >= 1;
}

Test(decoy_files, nothing_half_written_is_left) {
    ew_buffer lines = make_texts();
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_run *run;
    ew_options options;
    char where[64];
    ew_options_init(&options);
    snprintf(where, sizeof where, "%s/a", folder);
    options.decoys = 4;
    options.threads = 1;
    options.keep_decoys = where;
    options.progress = stop_at_decoys;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_CANCELLED);
    cr_expect_eq(rmdir(where), 0, "files of a run that was stopped");
    options.progress = NULL;
    options.decoys = 0;
    cr_expect_eq(ew_mine(&input, 1, &options, &run, &err), EW_USAGE);
    options.decoys = 2;
    options.vectors = "some.npy";
    cr_expect_eq(ew_mine(&input, 1, &options, &run, &err), EW_USAGE);
    options.vectors = NULL;
    options.keep_decoys = "/dev/null/decoys";
    cr_expect_eq(ew_mine(&input, 1, &options, &run, &err), EW_RESOURCE);
    options.keep_decoys = where;
    for (uint64_t k = 1; k < 100000; k += k / 3 + 1) {
        ew_alloc_fail_after(k);
        ew_status status = ew_mine(&input, 1, &options, &run, &err);
        ew_alloc_fail_after(0);
        if (status == EW_OK) break;
        cr_assert_eq(status, EW_RESOURCE);
        for (int d = 1; d <= 2; d++) unlink(file("a", d)); /* whole ones may be there, if it failed later */
        cr_expect(rmdir(where) == 0 || !there(where), "after %d allocations", (int)k);
    }
    ew_run_free(run);
    ew_buffer_free(&lines);
    assert_no_leaks();
}
