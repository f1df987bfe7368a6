#include <stdio.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/tokens/names.h"
#include "../../core/tokens/units.h"
#include "../../core/vectors/vectors.h"
#include "leaks.h"
#include "make_corpus.h"

static ew_error err;
static ew_tokenizer *tokenizer;

static void begin(void) {
    cr_assert_eq(ew_tokenizer_create(ew_builtin_vocab, (size_t)(ew_builtin_vocab_end - ew_builtin_vocab), &tokenizer, &err),
                 EW_OK);
}

static void end(void) {
    ew_tokenizer_free(tokenizer);
    assert_no_leaks();
}

static ew_units units_of(const ew_corpus *corpus, const ew_boilerplate *boilerplate, const uint8_t *skip, int threads) {
    ew_pool *pool;
    ew_units units;
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
    cr_assert_eq(ew_units_build(corpus, boilerplate, skip, tokenizer, pool, &units, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
    return units;
}

/* No word in the piece: it is left out of a unit. */
static int is_symbol(uint32_t id) {
    const char *piece = ew_tokenizer_piece(tokenizer, id);
    if (strncmp(piece, "##", 2) == 0 && piece[2]) piece += 2;
    size_t at = 0;
    ew_range word;
    return !ew_text_next_word(piece, strlen(piece), &at, &word);
}

/* What holds for any corpus. */
static void assert_units(const ew_corpus *corpus, const ew_boilerplate *boilerplate, const uint8_t *skip, const ew_units *u) {
    uint32_t unknown = ew_tokenizer_unknown(tokenizer), at = 0;
    ew_token_cache *cache;
    ew_ranges sentences = {0};
    ew_ids ids = {0};
    cr_assert_eq(ew_token_cache_create(tokenizer, &cache, &err), EW_OK);
    cr_assert_eq(u->token_start[0], 0);
    for (uint32_t c = 0; c < corpus->n; c++) {
        uint32_t length = corpus->text_length[c], first = at, before = 0;
        cr_assert_not_null(u->lang[c]);
        cr_assert_lt(u->noise[c], EW_NOISE_KINDS);
        cr_assert_eq(ew_sentences_of(corpus, boilerplate, c, &sentences, &err), EW_OK);
        for (; at < u->n && u->comment[at] == c; at++) {
            uint32_t inside = 0;
            cr_assert(u->start[at] < u->end[at] && u->end[at] <= length && u->start[at] >= before);
            before = u->end[at];
            ids.n = 0;
            for (uint32_t s = 0; s < sentences.n; s++) { /* whole sentences, and their tokens alone */
                ew_range r = sentences.items[s];
                if (r.start < u->start[at] || r.end > u->end[at]) {
                    cr_assert(r.end <= u->start[at] || r.start >= u->end[at]);
                    continue;
                }
                inside++;
                const char *text = ew_corpus_text(corpus, c).data + r.start;
                ew_range address;
                size_t from = 0, seen = 0;
                while (ew_text_next_address(text, r.end - r.start, &seen, &address)) {
                    cr_assert_eq(ew_tokenize(tokenizer, cache, text + from, address.start - from, &ids, &err), EW_OK);
                    from = address.end;
                }
                cr_assert_eq(ew_tokenize(tokenizer, cache, text + from, r.end - r.start - from, &ids, &err), EW_OK);
            }
            cr_assert_gt(inside, 0);
            cr_assert(ids.n <= 60 || inside == 1, "a unit of %u sentences has %zu tokens", inside, ids.n);
            uint64_t t = u->token_start[at];
            for (size_t k = 0; k < ids.n; k++)
                if (ids.items[k] != unknown && !is_symbol(ids.items[k])) cr_assert_eq(u->tokens[t++], ids.items[k]);
            cr_assert_eq(t, u->token_start[at + 1]);
            cr_assert_gt(t, u->token_start[at]);
        }
        if (skip && skip[c])
            cr_assert(at == first && u->noise[c] == EW_NOISE_NONE);
        else
            cr_assert_eq(at > first, u->noise[c] == EW_NOISE_NONE, "comment %u: %u units, noise %u", c, at - first, u->noise[c]);
    }
    cr_assert_eq(at, u->n);
    ew_ranges_free(&sentences);
    ew_ids_free(&ids);
    ew_token_cache_free(cache);
}

Test(units, why_a_comment_has_none, .init = begin) {
    static const struct { const char *text; ew_noise noise;
    } cases[] = {{"", EW_NOISE_EMPTY},
                 {" \n\t ", EW_NOISE_EMPTY},
                 {"!!! ...", EW_NOISE_NO_CONTENT},
                 {"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", EW_NOISE_NO_CONTENT},
                 {"wow", EW_NOISE_NO_CONTENT},
                 {"ok thanks", EW_NOISE_NO_CONTENT},
                 {"ok. who made you?", EW_NOISE_NONE},
                 {"5/5", EW_NOISE_NO_CONTENT},
                 {"The lid leaks.", EW_NOISE_NONE},
                 {"> The lid leaks.\n> It always did.", EW_NOISE_BOILERPLATE},
                 {"great!!! love it", EW_NOISE_NO_CONTENT},
                 {"lid", EW_NOISE_NONE},
                 {"\xe8\x93\x8b\xe5\xad\x90\xe6\xbc\x8f\xe6\xb0\xb4", EW_NOISE_NONE}};
    enum { N = sizeof cases / sizeof *cases };
    const char *texts[N];
    for (int i = 0; i < N; i++) texts[i] = cases[i].text;
    ew_corpus corpus = make_corpus(texts, NULL, N);
    ew_units u = units_of(&corpus, NULL, NULL, 1);
    assert_units(&corpus, NULL, NULL, &u);
    for (int i = 0; i < N; i++) cr_assert_eq(u.noise[i], cases[i].noise, "'%s': %u", texts[i], u.noise[i]);
    ew_units_free(&u);
    ew_units_free(&u);
    ew_corpus_free(&corpus);
    end();
}

Test(units, addresses_and_handles_are_no_words, .init = begin) {
    const char *texts[] = {"@acme_air the lid leaks, see https://x.example/lid?leak=1 or write to jane.doe@mail.example now",
                           "the lid leaks, see or write to now", "@acme_air @john http://t.example/abc"};
    ew_corpus corpus = make_corpus(texts, NULL, 3);
    ew_units u = units_of(&corpus, NULL, NULL, 1);
    cr_assert_eq(u.n, 2);
    uint64_t n = u.token_start[1];
    cr_assert_eq(u.token_start[2] - n, n);
    cr_assert_arr_eq(u.tokens, u.tokens + n, n * sizeof *u.tokens);
    cr_assert_neq(u.noise[2], EW_NOISE_NONE);
    ew_units_free(&u);
    ew_corpus_free(&corpus);
    end();
}

static ew_corpus read_lines(const char *lines, size_t n) {
    ew_input input = {"made-up.jsonl", lines, n};
    ew_options options;
    ew_corpus corpus;
    ew_options_init(&options);
    cr_assert_eq(ew_corpus_read(&input, 1, &options, &corpus, &err), EW_OK, "%s", err.message);
    return corpus;
}

Test(units, names_of_the_own_columns_are_no_words, .init = begin) {
    static const char lines[] =
        "{\"text\":\"Acme's fee at ACME BANK is wrong, no bank does it. Ask @Acme or Zed\",\"product\":\"Acme Bank, N.A.\"}\n"
        "{\"text\":\"fee at is wrong, no bank does it. Ask or Zed\",\"product\":\"Zedbank\"}\n"
        "{\"text\":\"Zed Zedd \xc3\x96k\xc3\xb6 towel\",\"product\":\"2024 or \xc3\x96k\xc3\xb6\",\"segment\":\"zed\"}\n"
        "{\"text\":\"Zedd towel\"}\n{\"text\":\"Towel is a Towel\",\"product\":\"towel\"}\n"
        "{\"text\":\"Towel is a Towel\",\"product\":\"towel\"}\n{\"text\":\"is a\",\"product\":\"towel\"}\n"
        "{\"text\":\"Towel is a Towel\",\"segment\":\"towel\"}\n";
    ew_corpus corpus = read_lines(lines, sizeof lines - 1);
    ew_units u = units_of(&corpus, NULL, NULL, 1);
    cr_assert_eq(u.n, 6); /* of what is said of more than a quarter, nothing is left out; of what is left alone nothing remains */
    cr_assert_eq(u.token_start[5] - u.token_start[4], 4);
    for (uint32_t i = 0; i < 4; i += 2) { /* the same without them */
        uint64_t n = u.token_start[i + 1] - u.token_start[i];
        cr_assert_eq(u.token_start[i + 2] - u.token_start[i + 1], n);
        cr_assert_arr_eq(u.tokens + u.token_start[i], u.tokens + u.token_start[i + 1], n * sizeof *u.tokens);
    }
    ew_units_free(&u);
    ew_corpus_free(&corpus);
    end();
}

Test(units, short_forms_of_names) {
    static const struct {
        const char *value, *word;
        int is;
    } cases[] = {{"Specialized Loan Servicing LLC", "SLS", 1},
                 {"BANK OF AMERICA, NATIONAL ASSOCIATION", "BofA", 1},
                 {"Bank of America", "BOA", 1},
                 {"American Express Company", "AmEx", 1},
                 {"JPMORGAN CHASE & CO.", "JPMC", 1},
                 {"CITIBANK, N.A.", "Citi", 1},
                 {"U.S. Bancorp", "USB", 1},
                 {"CITIBANK, N.A.", "Cit", 0},
                 {"Citi", "Citi", 0},
                 {"American Express", "Express", 0},
                 {"Zed Bank", "ZB", 0},
                 {"Zed", "Zedd", 0},
                 {"", "SLS", 0},
                 {"- , -", "SLS", 0},
                 {"Loan Servicing", "SLS", 0},
                 {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(ew_names_is_short(cases[i].value, cases[i].word, strlen(cases[i].word)), cases[i].is, "%s of %s",
                     cases[i].word, cases[i].value);
}

/* Which words of a text are names in a comment of a corpus; EW_NONE: in every one. */
static void expect_names_in(const char *lines, size_t n, uint32_t comment, const char *text, const char *wanted) {
    ew_corpus corpus = read_lines(lines, n);
    ew_name_counts counts;
    char found[64] = "";
    ew_names names = {.all = &counts};
    ew_range name;
    cr_assert_eq(ew_name_counts_take(&corpus, &counts, &err), EW_OK);
    if (comment != EW_NONE) ew_names_of(&corpus, &counts, comment, &names);
    for (size_t at = 0; ew_names_next(&names, text, strlen(text), &at, &name);)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%.*s ", (int)(name.end - name.start), text + name.start);
    cr_expect_str_eq(found, wanted, "of %s: %s", text, found);
    ew_name_counts_free(&counts);
    ew_corpus_free(&corpus);
}

static void expect_names(const char *lines, size_t n, const char *text, const char *wanted) {
    expect_names_in(lines, n, EW_NONE, text, wanted);
}

/* Comments without a value name the company of others; what is written small, or stands everywhere, is no name. */
Test(units, names_of_a_company_are_names_everywhere, .init = begin) {
    static const char lines[] =
        "{\"text\":\"ZLS towel\",\"product\":\"Zeta Lamp Store, Inc.\"}\n{\"text\":\"Zeta was damp, our ZLS lamp\"}\n"
        "{\"text\":\"was damp, our lamp\"}\n{\"text\":\"Lamp towel\",\"product\":\"Zeta Lamp Store, Inc.\"}\n"
        "{\"text\":\"lamp oil lamp oil\"}\n{\"text\":\"Store oil\",\"product\":\"Zeta Lamp Store, Inc.\"}\n"
        "{\"text\":\"Zeta oil\",\"product\":\"Zeta Lamp Store, Inc.\"}\n{\"text\":\"towel rack\"}\n{\"text\":\"rack oil\"}\n"
        "{\"text\":\"Lamp wick\"}\n{\"text\":\"wick lamp\"}\n{\"text\":\"wick oil\"}\n{\"text\":\"wick rack\"}\n"
        "{\"text\":\"rack wick oil\"}\n{\"text\":\"damp wick\"}\n{\"text\":\"damp rack\"}\n";
    ew_corpus corpus = read_lines(lines, sizeof lines - 1);
    ew_units u = units_of(&corpus, NULL, NULL, 1);
    cr_assert_eq(u.n, 16);
    uint64_t n = u.token_start[3] - u.token_start[2];
    cr_assert_eq(u.token_start[2] - u.token_start[1], n, "Zeta and ZLS are left out of the second");
    cr_assert_arr_eq(u.tokens + u.token_start[1], u.tokens + u.token_start[2], n * sizeof *u.tokens);
    cr_expect_eq(u.token_start[10] - u.token_start[9], u.token_start[11] - u.token_start[10], "a lamp is a lamp");
    ew_units_free(&u);
    ew_corpus_free(&corpus);
    end();
}

/* Of those that have a value in its column most have its own; that the others have a product says nothing of it. */
Test(units, a_name_is_judged_by_its_column, .init = begin) {
    static const char lines[] =
        "{\"text\":\"Vorrin towel\",\"product\":\"Loan\",\"segment\":\"Vorrin Bank\"}\n"
        "{\"text\":\"oil of Vorrin\",\"product\":\"Card\",\"segment\":\"Vorrin Bank\"}\n"
        "{\"text\":\"Vorrin rack\",\"product\":\"Loan\"}\n{\"text\":\"Vorrin wick\",\"product\":\"Card\"}\n"
        "{\"text\":\"Vorrin damp\",\"product\":\"Loan\"}\n{\"text\":\"Card Vorrin oil\",\"product\":\"Trip\"}\n"
        "{\"text\":\"rack\",\"product\":\"Trip\"}\n{\"text\":\"Card oil\",\"product\":\"Fuel\"}\n{\"text\":\"wick\"}\n"
        "{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n"
        "{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n"
        "{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n";
    expect_names(lines, sizeof lines - 1, "wick Vorrin, Card and Bank", "Vorrin ");
    end();
}

/* Twice as often with a capital as without: its customers mean it without one, too, and others another word. */
Test(units, a_name_in_small_letters_is_one_where_it_is_meant, .init = begin) {
    static const char lines[] =
        "{\"text\":\"Vorrin towel. Lamp\",\"product\":\"Vorrin Lamp\"}\n"
        "{\"text\":\"oil of vorrin\",\"product\":\"Vorrin Lamp\"}\n"
        "{\"text\":\"Vorrin rack\",\"product\":\"Card\"}\n{\"text\":\"Vorrin wick\",\"product\":\"Fuel\"}\n"
        "{\"text\":\"a lamp, my lamp\",\"product\":\"Trip\"}\n{\"text\":\"rack\",\"product\":\"Trip\"}\n"
        "{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n";
    expect_names_in(lines, sizeof lines - 1, 1, "my vorrin, a Vorrin or lamp or Lamp", "vorrin Vorrin Lamp ");
    expect_names_in(lines, sizeof lines - 1, 2, "my vorrin, a Vorrin or lamp or Lamp", "");
    end();
}

/* Behind "in" alone stand months and much else; behind several of its kind, places. A product that is said in other ways as well
 * is none, and a place may be said in two letters. */
Test(units, where_it_happened_is_no_word, .init = begin) {
    static const char lines[] =
        "{\"text\":\"damp from Aldmoor, in Zephyra and from QB to Aldmoor in June\"}\n{\"text\":\"Aldmoor at last\"}\n"
        "{\"text\":\"a towel in June, to Zephyra, Zephyra and Zephyra and to QB\"}\n{\"text\":\"via  QB. Aldmoor!\"}\n"
        "{\"text\":\"In June, from Zephyra, Zephyra oil, Zephyra wick, in Zephyra. Zephyra\"}\n{\"text\":\"in June at QB\"}\n"
        "{\"text\":\"rack into Aldmoor, near ALDMOOR; at Lamp, in Lamp, to Lamp, from Lamp\"}\n{\"text\":\"lamp lamp\"}\n"
        "{\"text\":\"to Quorn Vale from Quorn Vale, via Quorn Vale, at Quorn Vale\"}\n"
        "{\"text\":\"rack\"}\n{\"text\":\"Zephyra. Zephyra\"}\n{\"text\":\"rack\"}\n"
        "{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n"
        "{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"wick\"}\n";
    expect_names(lines, sizeof lines - 1, "June Aldmoor's QB qb aldmoor Zephyra Vale Lamp", "Aldmoor's QB aldmoor Vale ");
    end();
}

/* No column knows them: their form does. One that hardly ever has a small letter is the same with one, others are words then. */
Test(units, what_stands_before_the_form_of_a_company_is_its_name, .init = begin) {
    static const char lines[] =
        "{\"text\":\"damp since Vorrin Lamp & Oil, LLC came, vorrin wick\"}\n{\"text\":\"Vorrin damp since came, wick\"}\n"
        "{\"text\":\"damp since came, wick\"}\n{\"text\":\"Lamp Oil damp since came, wick\"}\n"
        "{\"text\":\"damp since Vorrin Lamp - Oil Inc. came, wick\"}\n{\"text\":\"lamp damp since came, wick\"}\n"
        "{\"text\":\"rack. Towel GmbH\"}\n{\"text\":\"rack. Towel: GmbH\"}\n{\"text\":\"no oil here, towel rack\"}\n"
        "{\"text\":\"VORRIN towel\"}\n{\"text\":\"Vorrin towel\"}\n{\"text\":\"towel of Vorrin\"}\n{\"text\":\"towel of a "
        "rack\"}\n"
        "{\"text\":\"rack\"}\n{\"text\":\"rack wick\"}\n{\"text\":\"wick\"}\n{\"text\":\"rack rack\"}\n{\"text\":\"wick wick\"}\n"
        "{\"text\":\"damp\"}\n{\"text\":\"damp wick\"}\n{\"text\":\"damp rack\"}\n{\"text\":\"wick rack\"}\n"
        "{\"text\":\"wick damp\"}\n{\"text\":\"towel damp\"}\n{\"text\":\"towel wick\"}\n";
    ew_corpus corpus = read_lines(lines, sizeof lines - 1);
    ew_name_counts counts;
    cr_assert_eq(ew_name_counts_take(&corpus, &counts, &err), EW_OK);
    static const struct {
        const char *text, *names;
    } cases[] = {
        {"Vorrin's lamp, Lamp vorrin", "Vorrin's Lamp vorrin "}, {"oil Oil OIL", "Oil OIL "}, {"Towel rack Damp Since", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[64] = "";
        ew_names names;
        ew_range name;
        ew_names_of(&corpus, &counts, 2, &names);
        for (size_t at = 0; ew_names_next(&names, cases[i].text, strlen(cases[i].text), &at, &name);)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%.*s ", (int)(name.end - name.start),
                     cases[i].text + name.start);
        cr_expect_str_eq(found, cases[i].names, "of %s: %s", cases[i].text, found);
    }
    ew_name_counts_free(&counts);
    ew_corpus_free(&corpus);
    end();
}

/* Text of `n` sentences of 3 to 20 words. */
static char *long_text(uint32_t n, uint64_t seed) {
    static const char *const words[] = {"lid",   "leaks",   "the",   "water",  "machine",
                                        "every", "morning", "noisy", "filter", "broken"};
    char *text = malloc(n * 200u + 1), *at = text;
    *at = 0;
    for (uint32_t s = 0; s < n; s++) {
        uint64_t length = 3 + ew_random_below(18, seed, 1, s, 0);
        for (uint64_t w = 0; w < length; w++)
            at += sprintf(at, "%s%s", w ? " " : s ? " The " : "The ", words[ew_random_below(10, seed, 2, s, w)]);
        at += sprintf(at, ".");
    }
    return text;
}

Test(units, long_comments_in_parts_of_sixty_tokens, .init = begin) {
    enum { N = 60 };
    char *texts[N];
    for (uint32_t i = 0; i < N; i++) texts[i] = long_text(i * 2, i);
    ew_corpus corpus = make_corpus((const char *const *)texts, NULL, N);
    ew_units u = units_of(&corpus, NULL, NULL, 2);
    assert_units(&corpus, NULL, NULL, &u);
    cr_assert_gt(u.n, N * 5);
    double full = 0;
    for (uint32_t i = 0; i + 1 < u.n; i++) /* none is cut short for no reason: two neighbours together are above sixty */
        if (u.comment[i] == u.comment[i + 1]) {
            uint64_t tokens = u.token_start[i + 2] - u.token_start[i]; /* without the full stops that counted */
            for (uint32_t b = u.start[i]; b < u.end[i + 1]; b++) tokens += texts[u.comment[i]][b] == '.';
            cr_assert_gt(tokens, 60);
            full++;
        }
    cr_assert_gt(full, 100);
    ew_units_free(&u);
    ew_corpus_free(&corpus);
    for (int i = 0; i < N; i++) free(texts[i]);
    end();
}

Test(units, masked_words_and_copies_are_left_out, .init = begin) {
    static const char *const texts[] = {"The lid leaks.\n> hello there friend\nI put a towel under it.", "The lid leaks too.",
                                        "The same lid.",
                                        "The filter clogs.\nThis message was sent from our support portal today."};
    static const char *const things[] = {"filter", "tank", "grinder", "display", "pump", "cable", "hose", "tray"};
    enum { N = 60 };
    const char *all[N];
    char rows[N][120];
    for (int i = 0; i < N; i++) {
        snprintf(rows[i], sizeof rows[i],
                 "My %s and the %s stopped working.\nThis message was sent from our support portal today.", things[i % 8],
                 things[i / 8]);
        all[i] = i < 4 ? texts[i] : rows[i];
    }
    ew_corpus corpus = make_corpus(all, NULL, N);
    ew_boilerplate *boilerplate;
    cr_assert_eq(ew_boilerplate_create(&boilerplate, &err), EW_OK);
    for (uint32_t i = 0; i < N; i++) {
        ew_view text = ew_corpus_text(&corpus, i);
        cr_assert_eq(ew_boilerplate_add(boilerplate, text.data, text.length, corpus.customer[i], i, &err), EW_OK);
    }
    ew_boilerplate_close(boilerplate, N);
    cr_assert_eq(ew_boilerplate_lines(boilerplate), 1);
    uint8_t skip[N] = {0, 0, 1};
    ew_units u = units_of(&corpus, boilerplate, skip, 2);
    assert_units(&corpus, boilerplate, skip, &u);
    for (uint32_t i = 0; i < u.n; i++)
        for (uint64_t t = u.token_start[i]; t < u.token_start[i + 1]; t++) {
            const char *piece = ew_tokenizer_piece(tokenizer, u.tokens[t]);
            cr_assert(strcmp(piece, "portal") != 0 && strcmp(piece, "hello") != 0, "'%s'", piece);
        }
    cr_assert(u.comment[0] == 0 && u.start[0] == 0 && u.end[0] == corpus.text_length[0]); /* the quote lies inside the span */
    cr_assert_str_eq(u.lang[2], "en");
    ew_units_free(&u);
    ew_boilerplate_free(boilerplate);
    ew_corpus_free(&corpus);
    end();
}

Test(units, any_bytes_and_any_number_of_threads, .init = begin) {
    enum { N = 900 };
    static const int threads[] = {1, 2, 3, 8};
    static char bytes[N][300];
    const char *texts[N];
    size_t lengths[N];
    for (uint32_t i = 0; i < N; i++) {
        lengths[i] = ew_random_below(sizeof bytes[i], 1, 1, i, 0);
        for (uint32_t k = 0; k < lengths[i]; k++) {
            static const char often[] = "ab. >\n-!?\xc3\xa9 The";
            uint64_t r = ew_random(1, 2, i, k);
            bytes[i][k] = i % 3 ? often[r % (sizeof often - 1)] : (char)(r >> 8);
        }
        texts[i] = bytes[i];
    }
    ew_corpus corpus = make_corpus(texts, lengths, N);
    ew_units first = units_of(&corpus, NULL, NULL, 1);
    assert_units(&corpus, NULL, NULL, &first);
    for (int t = 1; t < 4; t++) {
        ew_units u = units_of(&corpus, NULL, NULL, threads[t]);
        cr_assert_eq(u.n, first.n);
        cr_assert_arr_eq(u.comment, first.comment, u.n * sizeof *u.comment);
        cr_assert_arr_eq(u.start, first.start, u.n * sizeof *u.start);
        cr_assert_arr_eq(u.end, first.end, u.n * sizeof *u.end);
        cr_assert_arr_eq(u.token_start, first.token_start, (u.n + 1) * sizeof *u.token_start);
        cr_assert_arr_eq(u.tokens, first.tokens, u.token_start[u.n] * sizeof *u.tokens);
        cr_assert_arr_eq(u.noise, first.noise, N);
        for (uint32_t i = 0; i < N; i++) cr_assert_str_eq(u.lang[i], first.lang[i]);
        ew_units_free(&u);
    }
    ew_units_free(&first);
    ew_corpus_free(&corpus);
    end();
}

/* A comment of megabytes, with sentences and without an end to the first: time grows with the text, no faster. */
Test(units, one_huge_comment, .init = begin, .timeout = 60) {
    enum { BYTES = 3 << 20 };
    char *texts[3];
    size_t lengths[3];
    for (int i = 0; i < 3; i++) {
        static const char *const parts[] = {"The lid leaks. ", "lid leaks ", "a"};
        size_t n = strlen(parts[i]);
        texts[i] = malloc(BYTES);
        for (size_t k = 0; k < BYTES; k++) texts[i][k] = parts[i][k % n];
        lengths[i] = BYTES;
    }
    ew_corpus corpus = make_corpus((const char *const *)texts, lengths, 3);
    ew_units u = units_of(&corpus, NULL, NULL, 2);
    uint32_t of[3] = {0};
    for (uint32_t i = 0; i < u.n; i++) of[u.comment[i]]++;
    cr_assert_gt(of[0], BYTES / 15 * 4 / 60 / 2);
    cr_assert_geq(of[1], 1);
    cr_assert_eq(of[2], 0); /* one word beyond all words */
    cr_assert_neq(u.noise[2], EW_NOISE_NONE);
    ew_units_free(&u);
    ew_corpus_free(&corpus);
    for (int i = 0; i < 3; i++) free(texts[i]);
    end();
}

Test(units, failing_allocations, .init = begin) {
    char *texts[] = {long_text(20, 1), long_text(0, 1), long_text(3, 2)};
    ew_corpus corpus = make_corpus((const char *const *)texts, NULL, 3);
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(2, &pool, &err), EW_OK);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        ew_units u;
        ew_alloc_fail_after(nth);
        status = ew_units_build(&corpus, NULL, NULL, tokenizer, pool, &u, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && !u.comment && !u.lang && !u.noise));
        ew_units_free(&u);
    }
    ew_pool_free(pool);
    ew_corpus_free(&corpus);
    for (int i = 0; i < 3; i++) free(texts[i]);
    end();
}
