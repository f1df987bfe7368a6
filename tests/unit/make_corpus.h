/* A corpus read from records in memory, for the tests of what works on comments. */
#ifndef EW_TEST_MAKE_CORPUS_H
#define EW_TEST_MAKE_CORPUS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/json.h"
#include "../../core/read/read.h"

/* n texts of lengths[] bytes (NULL: up to their NUL) as JSON lines; customer cN, id iN. Freed by ew_buffer_free. */
static inline ew_buffer make_lines(const char *const *texts, const size_t *lengths, uint32_t n) {
    ew_error err;
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (uint32_t i = 0; i < n; i++) {
        cr_assert_eq(ew_buffer_printf(&out, &err, "{\"id\":\"i%u\",\"customer\":\"c%u\",\"text\":", i, i), EW_OK);
        cr_assert_eq(ew_json_string(&out, texts[i], lengths ? lengths[i] : strlen(texts[i]), &err), EW_OK);
        cr_assert_eq(ew_buffer_append(&out, "}\n", 2, &err), EW_OK);
    }
    return out;
}

static inline ew_corpus make_corpus(const char *const *texts, const size_t *lengths, uint32_t n) {
    ew_error err;
    ew_buffer lines = make_lines(texts, lengths, n);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_corpus corpus;
    ew_options_init(&options);
    cr_assert_eq(ew_corpus_read(&input, 1, &options, &corpus, &err), EW_OK, "%s", err.message);
    cr_assert_eq(corpus.n, n);
    ew_buffer_free(&lines);
    return corpus;
}

/* What mine makes of n texts. ratings NULL: none has one. */
static inline ew_run *mine_tested(const char *const *texts, const int *ratings, uint32_t n, int decoys) {
    ew_error err;
    ew_buffer lines = make_lines(texts, NULL, n);
    if (ratings) {
        ew_buffer rated = EW_BUFFER_INIT(EW_BUFFER_ANY);
        const char *from = lines.data;
        for (uint32_t i = 0; i < n; i++) {
            const char *end = memchr(from, '\n', (size_t)(lines.data + lines.length - from));
            cr_assert_eq(ew_buffer_printf(&rated, &err, "{\"rating\":%d,%.*s\n", ratings[i], (int)(end - from - 1), from + 1),
                         EW_OK);
            from = end + 1;
        }
        ew_buffer_free(&lines);
        lines = rated;
    }
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_run *run = NULL;
    ew_options_init(&options);
    options.decoys = decoys;
    options.threads = 2;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    ew_buffer_free(&lines);
    return run;
}

static inline ew_run *mine_rated(const char *const *texts, const int *ratings, uint32_t n) {
    return mine_tested(texts, ratings, n, 0);
}

static inline ew_run *mine_texts(const char *const *texts, uint32_t n) { return mine_rated(texts, NULL, n); }

#endif
