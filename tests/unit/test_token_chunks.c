/* Chunks, caches and runs must not show: any text has the ids of its runs, worked out one by one. And whatever is worst stays
 * linear. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../core/base/random.h"
#include "../../core/tokens/inside.h"
#include "../../core/vectors/vectors.h"
#include "leaks.h"

static ew_tokenizer *tokenizer;
static ew_token_cache *cache;
static ew_ids got, want;

static void begin(void) {
    size_t n = (size_t)(ew_builtin_vocab_end - ew_builtin_vocab);
    cr_assert_eq(ew_tokenizer_create(ew_builtin_vocab, n, &tokenizer, NULL), EW_OK);
    cr_assert_eq(ew_token_cache_create(tokenizer, &cache, NULL), EW_OK);
}

static void end(void) {
    ew_ids_free(&got);
    ew_ids_free(&want);
    ew_token_cache_free(cache);
    ew_tokenizer_free(tokenizer);
    assert_no_leaks();
}

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static int is_mark(char c) { return strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) && c; }

/* A marker of the reference at text, or NULL. */
static const char *marker(const char *text, size_t n) {
    for (int i = 0; i < 5; i++)
        if (n >= strlen(ew_tokens_special[i]) && memcmp(text, ew_tokens_special[i], strlen(ew_tokens_special[i])) == 0)
            return ew_tokens_special[i];
    return NULL;
}

/* The rule itself: markers, then marks, then what lies between blanks and marks. */
static void by_the_rule(const char *text, size_t n, ew_ids *out) {
    char word[EW_WORD_BYTES];
    for (size_t i = 0, stop; i < n; i = stop) {
        stop = i + 1;
        const char *found = marker(text + i, n - i);
        if (found) {
            uint32_t id = 0;
            while (strcmp(ew_tokenizer_piece(tokenizer, id), found) != 0) id++;
            cr_assert_eq(ew_ids_append(out, id, NULL), EW_OK);
            stop = i + strlen(found);
        } else if (!is_blank(text[i])) {
            while (!is_mark(text[i]) && stop < n && !is_blank(text[stop]) && !is_mark(text[stop])) stop++;
            cr_assert_eq(ew_tokens_run(tokenizer, word, text + i, stop - i, out, NULL), EW_OK);
        }
    }
}

static void compare(const char *text, size_t n, const char *what, uint32_t round) {
    char *exact = malloc(n ? n : 1); /* no byte to spare behind the text */
    memcpy(exact, text, n);
    want.n = 0;
    by_the_rule(exact, n, &want);
    for (int again = 0; again < 2; again++) {
        got.n = 0;
        cr_assert_eq(ew_tokenize(tokenizer, cache, exact, n, &got, NULL), EW_OK);
        cr_assert_eq(got.n, want.n, "%s %u: %zu ids, not %zu", what, round, got.n, want.n);
        cr_assert(want.n == 0 || memcmp(got.items, want.items, want.n * sizeof *want.items) == 0, "%s %u", what, round);
    }
    free(exact);
}

static const char *const UNITS[] = {
    "the ", "unaffable", " ", ", ", "[SEP]", "[MASK]", "[UNK", "[", "]", "caf\xc3\xa9", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2 ",
    "\xe6\x97\xa5\xe6\x9c\xac", "\xe0\xb8\x81\xe0\xb8\xb2\xe0\xb8\xa3", "\xed\x95\x9c", "\xcc\x81", "\xff", "\xe6\x97",
    "\xf0\x9f\x98\x80", "\xc2\xa0", "\xe3\x80\x82", "a", "Z9", "\t\n", "\0\1", "\xef\xbc\x8c", "internationalisation ", "x.y.z",
    "\xf0\xa0\x80\x80",
    "\xef\xa4\x80", "\xce\xa3"};
enum { N_UNITS = sizeof UNITS / sizeof *UNITS };

static size_t unit_length(size_t u) { return strcmp(UNITS[u], "") == 0 ? 2 : strlen(UNITS[u]); }

Test(token_chunks, any_mixture_is_as_by_the_rule, .timeout = 120) {
    begin();
    enum { MOST = 20000 };
    char *text = malloc(MOST + 64);
    for (uint32_t round = 0; round < 300; round++) {
        size_t n = 0, stop = (size_t)ew_random_below(round % 10 ? 600 : MOST, 1, 1, round, 0);
        uint64_t few = 1 + ew_random_below(N_UNITS, 1, 2, round, 0); /* of few kinds, runs get long */
        while (n < stop) {
            size_t u = (size_t)((ew_random_below(few, 1, 3, n, round) + round) % N_UNITS);
            memcpy(text + n, UNITS[u], unit_length(u));
            n += unit_length(u);
        }
        compare(text, n, "mixture", round);
    }
    free(text);
    end();
}

/* Every unit across the border of a chunk, at every place, after words, after blanks and after one run that fills the chunk. */
Test(token_chunks, borders_of_chunks_do_not_show, .timeout = 120) {
    begin();
    enum { CHUNK = 4096 };
    char *text = malloc(CHUNK + 200);
    for (int before = 0; before < 3; before++)
        for (uint32_t u = 0; u < N_UNITS; u++)
            for (size_t back = 0; back <= 22; back++) {
                size_t n = CHUNK - back;
                memset(text, before == 2 ? 'b' : ' ', n);
                for (size_t i = 0; before == 0 && i + 4 <= n; i += 4) memcpy(text + i, "abc ", 4);
                memcpy(text + n, UNITS[u], unit_length(u));
                n += unit_length(u);
                memcpy(text + n, "SEP] tail", 9);
                compare(text, n, "ending", u * 100 + (uint32_t)back);
                compare(text, n + 9, "border", u * 100 + (uint32_t)back);
            }
    free(text);
    end();
}

/* Nothing that a text may hold takes more than a few times what ordinary text takes. */
static double seconds(const char *text, size_t n) {
    clock_t begun = clock();
    got.n = 0;
    cr_assert_eq(ew_tokenize(tokenizer, cache, text, n, &got, NULL), EW_OK);
    return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

Test(token_chunks, hostile_text_is_linear, .timeout = 120) {
    begin();
    enum { N = 10 << 20 };
    char *text = malloc(N + 64);
    memset(text, 'w', N);
    double word = seconds(text, N); /* ten megabytes of one word */
    cr_assert(got.n == 1 && got.items[0] == ew_tokenizer_unknown(tokenizer));
    cr_assert_lt(word, 5.0);
    for (size_t i = 0; i < N; i += 2) memcpy(text + i, "\xcc\x81", 2); /* nothing but marks */
    cr_assert_lt(seconds(text, N), 5.0);
    cr_assert_eq(got.n, 0);
    for (size_t i = 0; i < N; i++) text[i] = (char)(0x80 | (i * 37 & 0x7f)); /* no UTF-8 anywhere */
    cr_assert_lt(seconds(text, N), 5.0);
    size_t n = 0;
    for (uint32_t i = 0; n + 24 < N && i < 1000000; i++) /* a million words, no two alike */
        n += (size_t)sprintf(text + n, "%xq%x ", i * 2654435761u, i & 15);
    double half = seconds(text, n / 2), whole = seconds(text, n);
    cr_assert_lt(whole, 5.0 + 4 * half);
    for (uint32_t i = 0; i < 256; i++) { /* each byte, repeated */
        memset(text, (int)i, 1 << 16);
        cr_assert_lt(seconds(text, 1 << 16), 1.0, "byte %02x", i);
    }
    free(text);
    end();
}

/* A vocabulary ten times the usual finds all its pieces, and equal lines count as the last of them. */
Test(token_chunks, a_large_vocabulary, .timeout = 120) {
    enum { PIECES = 300000 };
    char *vocab = malloc(PIECES * 16), piece[32];
    size_t n = (size_t)sprintf(vocab, "[UNK]\n");
    for (uint32_t i = 1; i < PIECES; i++) n += (size_t)sprintf(vocab + n, "%sk%xz\n", i % 3 ? "" : "##", i);
    ew_error err;
    cr_assert_eq(ew_tokenizer_create(vocab, n, &tokenizer, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_token_cache_create(tokenizer, &cache, NULL), EW_OK);
    for (uint32_t i = 1; i < PIECES; i += 7) {
        int length = i % 3 ? sprintf(piece, "k%xz", i) : sprintf(piece, "k1zk%xz", i);
        got.n = 0;
        cr_assert_eq(ew_tokenize(tokenizer, cache, piece, (size_t)length, &got, NULL), EW_OK);
        cr_assert_eq(got.n, i % 3 ? 1 : 2);
        cr_assert_eq(got.items[got.n - 1], i);
    }
    free(vocab);
    end();
}
