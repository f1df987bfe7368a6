/* WordPiece ids. Expected pieces were worked out by hand from the rules; tests/conform compares with the reference itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/tokens/tokens.h"
#include "../../core/vectors/vectors.h"
#include "leaks.h"

static ew_tokenizer *tokenizer;
static ew_token_cache *cache;
static ew_ids ids;

static void begin(void) {
    ew_error err;
    size_t n = (size_t)(ew_builtin_vocab_end - ew_builtin_vocab);
    cr_assert_eq(ew_tokenizer_create(ew_builtin_vocab, n, &tokenizer, &err), EW_OK);
    cr_assert_eq(ew_token_cache_create(tokenizer, &cache, &err), EW_OK);
}

static void end(void) {
    ew_ids_free(&ids);
    ew_token_cache_free(cache);
    ew_tokenizer_free(tokenizer);
    assert_no_leaks();
}

static void tokenize(const char *text, size_t n) {
    char *exact = malloc(n ? n : 1); /* no byte to spare behind the text */
    memcpy(exact, text, n);
    ids.n = 0;
    cr_assert_eq(ew_tokenize(tokenizer, cache, exact, n, &ids, NULL), EW_OK);
    free(exact);
}

/* The pieces, joined by '|'. */
static void check(const char *text, size_t n, const char *want) {
    char got[4096] = "";
    for (int round = 0; round < 2; round++) { /* the second time from the cache */
        tokenize(text, n);
        got[0] = 0;
        for (size_t i = 0; i < ids.n; i++) {
            const char *piece = ew_tokenizer_piece(tokenizer, ids.items[i]);
            cr_assert_lt(strlen(got) + strlen(piece) + 2, sizeof got);
            if (i) strcat(got, "|");
            strcat(got, piece);
        }
        cr_assert_str_eq(got, want, "round %d of '%s': '%s', not '%s'", round, text, got, want);
    }
}
#define CHECK(text, want) check(text, sizeof(text) - 1, want)

Test(tokens, words_and_pieces) {
    begin();
    CHECK("", "");
    CHECK("   \t\r\n ", "");
    CHECK("Hello, World!", "hello|,|world|!");
    CHECK("unaffable", "una|##ffa|##ble");
    CHECK("telecommunications", "telecommunications");
    CHECK("the\tthe\nthe", "the|the|the");
    CHECK("don't stop...", "don|'|t|stop|.|.|.");
    CHECK("A1b2 42nd", "a1|##b|##2|42nd");
    CHECK("$x_y^z`~", "$|x|_|y|^|z|`|~");
    cr_assert_eq(ew_tokenizer_size(tokenizer), 30522);
    cr_assert_eq(ew_tokenizer_unknown(tokenizer), 100);
    cr_assert_str_eq(ew_tokenizer_piece(tokenizer, 0), "[PAD]");
    cr_assert_str_eq(ew_tokenizer_piece(tokenizer, 30522), "");
    end();
}

Test(tokens, accents_case_and_decomposition) {
    begin();
    CHECK("CAF\xc3\x89", "cafe");                          /* composed */
    CHECK("cafe\xcc\x81 ", "cafe");                        /* decomposed */
    CHECK("\xc4\xb0stanbul", "istanbul");                  /* Turkish dotted capital I */
    CHECK("\xce\xa3\xce\x9f\xce\xa3", "\xcf\x83|##\xce\xbf|##\xcf\x83"); /* no final sigma: each letter by itself */
    CHECK("\xe1\xba\x9e", "\xc3\x9f");                     /* capital sharp s */
    CHECK("\xcd\xbe", ";");                                /* Greek question mark decomposes to a semicolon */
    CHECK("a\xe2\x89\xa0" "b", "a|=|b");                   /* not equal: an equals sign and a mark that goes */
    CHECK("\xed\x95\x9c", "\xe1\x84\x92|##\xe1\x85\xa1|##\xe1\x86\xab"); /* Hangul comes apart */
    end();
}

Test(tokens, what_vanishes_and_what_separates) {
    begin();
    CHECK("un\0able", "unable");
    CHECK("un\x7f\x01\x1f" "able", "unable");
    CHECK("un\xc2\xad" "able un\xe2\x80\x8d" "able", "unable|unable"); /* soft hyphen, joiner */
    CHECK("un\xef\xbf\xbd" "able", "unable");              /* U+FFFD */
    CHECK("un\xff\xfe\xc0" "able", "unable");              /* no UTF-8 at all: as U+FFFD */
    CHECK("un\xee\x80\x80" "able", "unable");              /* private use */
    CHECK("un\xc2\xa0" "able", "un|able");                 /* no-break space */
    CHECK("un\xe3\x80\x80" "able", "un|able");
    CHECK("un\xe2\x80\xa8" "able", "un|able");             /* line separator */
    CHECK("un\x0b" "able", "unable");                      /* a control character, no blank */
    CHECK("\xe2\x80\x9cso\xe2\x80\x9d", "\xe2\x80\x9c|so|\xe2\x80\x9d");
    CHECK("ab\xe6\x97\xa5" "cd", "ab|\xe6\x97\xa5|cd");
    CHECK("ok\xf0\x9f\x98\x80", "[UNK]");                  /* an emoji is part of its word */
    CHECK("ok \xf0\x9f\x98\x80 ok", "ok|[UNK]|ok");
    CHECK("\xcd\xb8", "[UNK]");                            /* unassigned */
    CHECK("a\xc3", "a");                                   /* cut off in the middle of a character */
    end();
}

Test(tokens, markers_of_the_reference) {
    begin();
    CHECK("x[SEP]y [cls] [CLS", "x|[SEP]|y|[|cl|##s|]|[|cl|##s");
    CHECK("[UNK][MASK][PAD][", "[UNK]|[MASK]|[PAD]|[");
    end();
}

Test(tokens, long_words) {
    begin();
    char text[1000];
    memset(text, 'a', sizeof text);
    tokenize(text, 100);
    cr_assert_gt(ids.n, 1);
    for (size_t i = 0; i < ids.n; i++) cr_assert_neq(ids.items[i], 100);
    tokenize(text, 101);
    cr_assert(ids.n == 1 && ids.items[0] == 100);
    for (size_t i = 0; i < 200; i += 2) memcpy(text + i, "\xc3\xa9", 2); /* characters count, not bytes */
    tokenize(text, 200);
    cr_assert_gt(ids.n, 1);
    memcpy(text + 200, "x", 1);
    tokenize(text, 201);
    cr_assert(ids.n == 1 && ids.items[0] == 100);
    memset(text, 'b', 40); /* longer than a key of the cache */
    text[40] = ' ';
    tokenize(text, 41);
    size_t first = ids.n;
    tokenize(text, 41);
    cr_assert_eq(ids.n, first);
    end();
}

/* What the cache holds must not show: word by word with a fresh cache gives the same. */
Test(tokens, the_cache_does_not_show) {
    begin();
    enum { WORDS = 60000 };
    ew_ids all = {0};
    char *text = malloc(WORDS * 24), *at = text;
    for (uint32_t i = 0; i < WORDS; i++) { /* far more words than the cache has room for, with returns */
        unsigned word = (unsigned)ew_random_below(40000, 1, 1, i % 3 ? i : i / 2, 0);
        at += sprintf(at, "%s%u%s ", word % 3 == 0 ? "samestart" : "w", word, word % 3 == 1 ? "end" : "");
    }
    cr_assert_eq(ew_tokenize(tokenizer, cache, text, (size_t)(at - text), &all, NULL), EW_OK);
    size_t seen = 0;
    ew_token_cache *fresh;
    cr_assert_eq(ew_token_cache_create(tokenizer, &fresh, NULL), EW_OK);
    for (char *p = text; p < at;) {
        char *stop = p + 1;
        while (stop < at && *stop != ' ') stop++;
        if ((size_t)(p - text) % 997 == 0) {
            ew_token_cache_free(fresh);
            cr_assert_eq(ew_token_cache_create(tokenizer, &fresh, NULL), EW_OK);
        }
        ids.n = 0;
        cr_assert_eq(ew_tokenize(tokenizer, fresh, p, (size_t)(stop - p), &ids, NULL), EW_OK);
        cr_assert_leq(seen + ids.n, all.n);
        cr_assert_eq(memcmp(all.items + seen, ids.items, ids.n * sizeof *ids.items), 0);
        seen += ids.n;
        p = stop;
    }
    cr_assert_eq(seen, all.n);
    ew_token_cache_free(fresh);
    ew_ids_free(&all);
    free(text);
    end();
}

/* Words of one piece, of two, ... of more than an entry of the cache holds, and longer than its key: first and again. */
Test(tokens, words_of_many_pieces) {
    begin();
    static const char text[] = "qxzvkjwqzxvkqjwzqxvkzjwqxvzkqjwxzqvkjxqz";
    int counts = 0;
    for (size_t n = 1; n < sizeof text; n++) {
        uint32_t first[64];
        tokenize(text, n);
        size_t found = ids.n;
        cr_assert_leq(found, 64);
        memcpy(first, ids.items, found * sizeof *first);
        counts |= found < 16 ? 1 << found : 0;
        memset(ids.items, 0xff, found * sizeof *first);
        tokenize(text, n);
        cr_assert(ids.n == found && memcmp(first, ids.items, found * sizeof *first) == 0, "%zu letters", n);
    }
    cr_assert_eq(counts & 0x3fe, 0x3fe, "not every number of pieces from 1 to 9 came up");
    end();
}

/* Megabytes of whatever is worst stay linear: within a few times what ordinary text takes. */
Test(tokens, hostile_text_is_linear, .timeout = 20) {
    begin();
    enum { N = 2 << 20 };
    char *text = malloc(N + 4);
    static const char *const units[] = {
        "a", "\xcc\x81", "\xed\x95\x9c", "a\xcc\x81\xcc\xa3", "[", "[SEP", "\xf0\x9d\x85\xa5\xea\xa5\x93", "\xff",
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz ", "\xe6\x97\xa5", "\xf4\x8f\xbf\xbf"};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t length = strlen(units[u]), n = 0;
        for (; n + length <= N; n += length) memcpy(text + n, units[u], length);
        clock_t begun = clock();
        tokenize(text, n);
        cr_assert_lt((double)(clock() - begun) / CLOCKS_PER_SEC, 3.0, "unit %zu", u);
    }
    free(text);
    end();
}

Test(tokens, vocabularies) {
    ew_error err;
    ew_tokenizer *t;
    cr_assert_eq(ew_tokenizer_create("", 0, &t, &err), EW_INPUT);
    cr_assert_null(t);
    cr_assert_eq(ew_tokenizer_create("a\nb\n", 4, &t, &err), EW_INPUT);
    cr_assert_not_null(strstr(err.message, "[UNK]"));
    char *line = malloc(70000);
    memset(line, 'x', 70000);
    cr_assert_eq(ew_tokenizer_create(line, 70000, &t, &err), EW_INPUT);
    free(line);
    static const char vocab[] = "[UNK]\r\nab \n##c\n\n##\nab\nabc"; /* the later of two equal lines counts */
    cr_assert_eq(ew_tokenizer_create(vocab, sizeof vocab - 1, &t, &err), EW_OK);
    cr_assert_eq(ew_tokenizer_size(t), 7);
    cr_assert_eq(ew_tokenizer_unknown(t), 0);
    cr_assert_eq(ew_token_cache_create(t, &cache, &err), EW_OK);
    tokenizer = t;
    tokenize("AB abcc abd ##", 14);
    static const uint32_t want[] = {5, 6, 2, 0, 0, 0};
    cr_assert_eq(ids.n, 6);
    cr_assert_eq(memcmp(ids.items, want, sizeof want), 0);
    end();
}

Test(tokens, every_failing_allocation_is_told) {
    static const char text[] = "some words of a text that go to the ids, caf\xc3\xa9 unaffableness";
    int done = 0;
    for (uint64_t after = 1; !done && after < 100; after++) {
        ew_error err = {0};
        ew_tokenizer *t = NULL;
        ew_token_cache *c = NULL;
        ew_ids out = {0};
        ew_alloc_fail_after(after);
        ew_status status = ew_tokenizer_create(ew_builtin_vocab, (size_t)(ew_builtin_vocab_end - ew_builtin_vocab), &t, &err);
        if (status == EW_OK) status = ew_token_cache_create(t, &c, &err);
        if (status == EW_OK) status = ew_tokenize(t, c, text, sizeof text - 1, &out, &err);
        if (status == EW_OK) status = ew_ids_append(&out, 7, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && err.message[0]));
        done = status == EW_OK;
        if (status != EW_OK && t && c) { /* what failed half-way can be used again */
            out.n = 0;
            cr_assert_eq(ew_tokenize(t, c, "again", 5, &out, &err), EW_OK);
            cr_assert(out.n == 1 && strcmp(ew_tokenizer_piece(t, out.items[0]), "again") == 0);
        }
        ew_ids_free(&out);
        ew_token_cache_free(c);
        ew_tokenizer_free(t);
    }
    cr_assert(done);
    assert_no_leaks();
}

Test(tokens, ids_grow) {
    ew_ids list = {0};
    for (uint32_t i = 0; i < 5000; i++) cr_assert_eq(ew_ids_append(&list, i * 3, NULL), EW_OK);
    cr_assert_eq(list.n, 5000);
    for (uint32_t i = 0; i < 5000; i++) cr_assert_eq(list.items[i], i * 3);
    ew_ids_free(&list);
    cr_assert(list.n == 0 && !list.items);
    assert_no_leaks();
}
