/* Vectors straight from texts: the same as from lists of their ids, for texts of any length; and files of rows. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/vectors/vectors.h"
#include "leaks.h"

static ew_model model;
static ew_tokenizer *tokenizer;

static void begin(void) {
    cr_assert_eq(ew_model_open(NULL, &model, NULL), EW_OK);
    size_t n = (size_t)(ew_builtin_vocab_end - ew_builtin_vocab);
    cr_assert_eq(ew_tokenizer_create(ew_builtin_vocab, n, &tokenizer, NULL), EW_OK);
}

static void end(void) {
    ew_tokenizer_free(tokenizer);
    ew_model_close(&model);
    assert_no_leaks();
}

static ew_record record_of(const char *title, const char *text, size_t n) {
    ew_record record = {0};
    if (title) record.fields[EW_COL_TITLE] = (ew_view){title, (uint32_t)strlen(title)};
    record.fields[EW_COL_TEXT] = (ew_view){text, (uint32_t)n};
    return record;
}

/* By the long way: the joined text, a list of its ids without [UNK], the sum. */
static void long_way(const ew_record *record, float *row) {
    ew_view parts[EW_TEXT_PARTS];
    uint32_t n = ew_record_text(record, parts);
    char *joined = malloc(1 << 20);
    size_t length = 0, kept = 0;
    for (uint32_t p = 0; p < n; p++) {
        memcpy(joined + length, parts[p].data, parts[p].length);
        length += parts[p].length;
    }
    ew_token_cache *cache;
    ew_ids ids = {0};
    ew_pool *pool;
    cr_assert_eq(ew_token_cache_create(tokenizer, &cache, NULL), EW_OK);
    cr_assert_eq(ew_tokenize(tokenizer, cache, joined, length, &ids, NULL), EW_OK);
    for (size_t i = 0; i < ids.n; i++)
        if (ids.items[i] != ew_tokenizer_unknown(tokenizer)) ids.items[kept++] = ids.items[i];
    uint64_t start[2] = {0, kept};
    cr_assert_eq(ew_pool_create(1, &pool, NULL), EW_OK);
    cr_assert_eq(ew_static_embed(&model, &(ew_token_lists){1, start, ids.items}, pool, row, NULL), EW_OK);
    ew_pool_free(pool);
    ew_token_cache_free(cache);
    ew_ids_free(&ids);
    free(joined);
}

Test(embed, equals_the_long_way, .timeout = 60) {
    begin();
    enum { N = 210, LONG = 300000 };
    char *text = malloc(LONG), *one_word = malloc(LONG);
    for (size_t i = 0; i < LONG; i++) text[i] = "the lid leaks, caf\xc3\xa9 \xe6\x97\xa5!\n"[i * 7 / 5 % 24];
    memset(one_word, 'a', LONG);
    ew_record records[N];
    for (uint32_t i = 0; i < N; i++) {
        size_t n = i == 70 ? LONG : i == 100 ? 65537 : i == 101 ? 65536 : i == 130 ? 30000 : i % 9 == 0 ? 0 : 5 + i * 13 % 400;
        if (i == 150) n = LONG - i;
        records[i] = record_of(i % 4 ? NULL : "the lid", (i == 150 ? one_word : text) + (i == 70 ? 0 : i), n);
    }
    ew_embedder *e;
    cr_assert_eq(ew_embedder_create(&model, tokenizer, &e, NULL), EW_OK);
    float *out = malloc(N * model.d * sizeof *out), *want = malloc(model.d * sizeof *want);
    cr_assert_eq(ew_embed(e, records, N, out, NULL), EW_OK);
    for (uint32_t i = 0; i < N; i++) {
        long_way(&records[i], want);
        cr_assert_eq(memcmp(out + i * model.d, want, model.d * sizeof *want), 0, "text %u", i);
        double square = 0;
        for (uint32_t k = 0; k < model.d; k++) square += (double)want[k] * (double)want[k];
        cr_assert(square == 0 || fabs(square - 1) < 1e-5);
    }
    double tokens, sums;
    ew_embedder_seconds(e, &tokens, &sums);
    cr_assert(tokens > 0 && sums > 0);
    ew_embedder_free(e);
    free(out);
    free(want);
    free(text);
    free(one_word);
    end();
}

Test(embed, a_title_is_joined_unless_the_text_repeats_it) {
    ew_view parts[EW_TEXT_PARTS];
    ew_record record = record_of("The lid", "leaks", 5);
    cr_assert_eq(ew_record_text(&record, parts), 3);
    cr_assert(parts[1].length == 1 && *parts[1].data == '\n' && parts[2].length == 5);
    record = record_of("The lid", "The lid leaks", 13);
    cr_assert_eq(ew_record_text(&record, parts), 1);
    cr_assert_eq(parts[0].length, 13);
    record = record_of("The lid", "", 0);
    cr_assert_eq(ew_record_text(&record, parts), 1);
    cr_assert_eq(parts[0].length, 7);
    record = record_of(NULL, "", 0);
    cr_assert_eq(ew_record_text(&record, parts), 0);
}

Test(embed, model_and_vocabulary_must_fit) {
    begin();
    ew_model small = model;
    ew_embedder *e;
    ew_error err;
    small.vocab = 10;
    cr_assert_eq(ew_embedder_create(&small, tokenizer, &e, &err), EW_USAGE);
    cr_assert_null(e);
    end();
}

Test(embed, every_failing_allocation_is_told) {
    begin();
    ew_record record = record_of("The lid", "leaks and leaks", 15);
    float *out = malloc(model.d * sizeof *out);
    ew_status status = EW_RESOURCE;
    for (uint64_t after = 1; status != EW_OK && after < 50; after++) {
        ew_embedder *e = NULL;
        ew_error err = {0};
        ew_alloc_fail_after(after);
        status = ew_embedder_create(&model, tokenizer, &e, &err);
        if (status == EW_OK) status = ew_embed(e, &record, 1, out, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && err.message[0]));
        ew_embedder_free(e);
    }
    cr_assert_eq(status, EW_OK);
    free(out);
    end();
}

/* ---- files of rows ---- */

static ew_status write_rows(const char *path, uint64_t n) {
    float row[3];
    ew_npy_rows rows;
    ew_error err = {0};
    ew_status status = ew_npy_rows_open(&rows, path, 3, &err);
    for (uint64_t i = 0; status == EW_OK && i < n; i++) {
        for (int k = 0; k < 3; k++) row[k] = (float)(i * 3 + (uint64_t)k);
        status = ew_npy_rows_append(&rows, row, 1, &err);
    }
    if (status == EW_OK) status = ew_npy_rows_commit(&rows, &err);
    if (status != EW_OK) ew_npy_rows_abandon(&rows);
    ew_npy_rows_abandon(&rows); /* harmless */
    cr_assert(status == EW_OK || err.message[0]);
    return status;
}

static void check_rows(const char *path, uint32_t want) {
    float *rows;
    uint32_t n, d;
    ew_error err;
    cr_assert_eq(ew_npy_read(path, &rows, &n, &d, &err), EW_OK, "%s", err.message);
    cr_assert(n == want && d == 3);
    for (uint32_t i = 0; i < n * d; i++) cr_assert_eq(rows[i], (float)i);
    ew_free(rows);
}

Test(embed, rows_to_a_file_and_to_a_pipe) {
    char folder[] = "/tmp/edgewise-rows-XXXXXX", path[64], pipe_path[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r.npy", folder);
    for (uint64_t n = 0; n <= 1000; n = n * 10 + 1) {
        cr_assert_eq(write_rows(path, n), EW_OK);
        check_rows(path, (uint32_t)n);
        int ends[2];
        char bytes[1 << 14];
        cr_assert_eq(pipe(ends), 0);
        cr_assert_geq(fcntl(ends[1], F_SETPIPE_SZ, 1 << 14), 1 << 14);
        snprintf(pipe_path, sizeof pipe_path, "/proc/self/fd/%d", ends[1]);
        cr_assert_eq(write_rows(pipe_path, n), EW_OK);
        close(ends[1]);
        size_t length = 0;
        for (ssize_t now; (now = read(ends[0], bytes + length, sizeof bytes - length)) > 0;) length += (size_t)now;
        close(ends[0]);
        FILE *f = fopen(path, "wb");
        fwrite(bytes, 1, length, f);
        fclose(f);
        check_rows(path, (uint32_t)n);
    }
    ew_npy_rows zeroed = {0};
    ew_npy_rows_abandon(&zeroed);
    cr_assert_neq(fcntl(0, F_GETFD), -1, "standard input is still open");
    cr_assert_eq(write_rows("/none/such", 1), EW_RESOURCE);
    ew_status status = EW_RESOURCE;
    for (uint64_t after = 1; status != EW_OK && after < 30; after++) {
        ew_alloc_fail_after(after);
        status = write_rows(path, 100);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
    }
    cr_assert_eq(status, EW_OK);
    unlink(path);
    rmdir(folder);
    assert_no_leaks();
}
