#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/json_read.h"
#include "../../core/tokens/regex.h"
#include "../../core/vectors/import.h"
#include "leaks.h"

static ew_error err;

/* ---- JSON ---- */

static ew_status json(const char *text, ew_json *out) { return ew_json_read("j", text, strlen(text), out, &err); }

Test(json_read, a_tree) {
    ew_json j;
    cr_assert_eq(json(" {\"a\":[1,{\"b\":\"x\\u00e9\\ud83d\\ude00\\n\"},-2.5e1,[]],\"n\":null,\"t\":true,\"a\\u0000\":{}} ", &j),
                 EW_OK, "%s", err.message);
    const ew_json_node *list = ew_json_member(&j, j.nodes, "a"), *one = ew_json_next(&j, list, NULL);
    uint64_t count;
    cr_assert(list->count == 4 && ew_json_count(&j, one, 1, &count) && count == 1);
    cr_assert_not(ew_json_count(&j, one, 0, &count));
    one = ew_json_next(&j, list, one);
    cr_assert(ew_json_is(&j, ew_json_member(&j, one, "b"), "x\xc3\xa9\xf0\x9f\x98\x80\n"));
    one = ew_json_next(&j, list, one);
    cr_assert_eq(ew_json_value(&j, one), -25);
    cr_assert_not(ew_json_count(&j, one, 100, &count));
    one = ew_json_next(&j, list, one);
    cr_assert(one->count == 0 && !ew_json_next(&j, one, NULL) && !ew_json_next(&j, list, one));
    cr_assert(ew_json_member(&j, j.nodes, "t")->kind == EW_JSON_TRUE && !ew_json_member(&j, j.nodes, "b"));
    ew_json_free(&j);
    assert_no_leaks();
}

Test(json_read, what_is_no_json) {
    static const char *const bad[] = {"",
                                      " ",
                                      "{",
                                      "[",
                                      "[1",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "[1 2]",
                                      "01",
                                      "-",
                                      "1.",
                                      "1e",
                                      "+1",
                                      "tru",
                                      "\"a",
                                      "\"\\x\"",
                                      "\"\\u12g4\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\x01\"",
                                      "\"\xff\"",
                                      "[]]",
                                      "1 1",
                                      "\"\\ud800\\u0041\"",
                                      "[1}"};
    ew_json j;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert(json(bad[i], &j) == EW_INPUT && !j.nodes && !j.text, "%s", bad[i]);
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    cr_assert_eq(ew_json_read("j", deep, 200, &j, &err), EW_INPUT);
    cr_assert_eq(ew_json_read("j", deep + 50, 100, &j, &err), EW_OK);
    ew_json_free(&j);
    assert_no_leaks();
}

Test(json_read, numbers) {
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"0", 0},
                 {"-0.5", -.5},
                 {"12.25", 12.25},
                 {"1e22", 1e22},
                 {"1E-3", .001},
                 {"0.1", .1},
                 {"18446744073709551615", 18446744073709551615.},
                 {"184467440737095516150", 184467440737095516150.},
                 {"0.0001", 1e-4},
                 {"5e-324", 0x1p-1074}};
    ew_json j;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(json(cases[i].text, &j), EW_OK);
        cr_assert_eq(ew_json_value(&j, j.nodes), cases[i].value, "%s", cases[i].text);
        ew_json_free(&j);
    }
    cr_assert_eq(json("1e999", &j), EW_OK);
    cr_assert(ew_json_value(&j, j.nodes) > 1e308);
    ew_json_free(&j);
}

/* ---- expressions ---- */

/* Every match in brackets. */
static const char *matches(const char *pattern, const char *text) {
    static char out[400];
    ew_regex *regex;
    ew_regex_room room = {0};
    size_t n = strlen(text), at = 0, start, end;
    int found;
    if (ew_regex_compile(pattern, strlen(pattern), &regex, &err) != EW_OK) return "?";
    *out = 0;
    cr_assert_eq(ew_regex_begin(regex, &room, n, &err), EW_OK);
    for (; ew_regex_next(regex, &room, text, n, at, &found, &start, &end, &err) == EW_OK && found; at = end)
        sprintf(out + strlen(out), "[%.*s]", (int)(end - start), text + start);
    ew_regex_room_free(&room);
    ew_regex_free(regex);
    return out;
}

Test(regex, what_matches) {
    static const struct {
        const char *pattern, *text, *want;
    } cases[] = {{"a+", "aab a", "[aa][a]"},
                 {"a{2,3}", "aaaaaa a", "[aaa][aaa]"},
                 {"a{2}", "aaaaa", "[aa][aa]"},
                 {"a|ab", "ab", "[a]"},
                 {"ab|a", "ab a", "[ab][a]"},
                 {"(?:a|b)+c", "abac", "[abac]"},
                 {"a+?", "aaa", "[a][a][a]"},
                 {"[^\\s\\d]+", "ab 12 c", "[ab][c]"},
                 {"\\p{L}+|\\p{N}{1,3}", "ab1234", "[ab][123][4]"},
                 {"\\s+(?!\\S)|\\s+", "a   b", "[  ][ ]"},
                 {"(?i:'S|ll)x", "'sX 'sx LLx", "['sx][LLx]"},
                 {"^a|b$", "a\nab\nb", "[a][a][b][b]"},
                 {"\\Aa", "aa", "[a]"},
                 {"a\\z", "aa", "[a]"},
                 {"[a-c\\]-]+", "ab]-d", "[ab]-]"},
                 {"[[a-b]c]+", "abcd", "[abc]"},
                 {"\\x{e9}|\\u0061",
                  "\xc3\xa9"
                  "a",
                  "[\xc3\xa9][a]"},
                 {"a++b", "aab", "[aab]"},
                 {"a*+a", "aaa", ""},
                 {"(?:a*)*b", "aab", "[aab]"},
                 {"x*", "ab", ""},
                 {"(?=b).", "ab", "[b]"},
                 {"\\P{L}", "a1", "[1]"},
                 {"a(?:b(?:c|d)?)?", "abd ab a", "[abd][ab][a]"},
                 {"(?:x+x+)+y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = matches(cases[i].pattern, cases[i].text);
        cr_assert_str_eq(got, cases[i].want, "%s: %s", cases[i].pattern, got);
    }
    assert_no_leaks();
}

Test(regex, what_is_refused) {
    static const char *const bad[] = {"(",
                                      ")",
                                      "[a",
                                      "a**",
                                      "*a",
                                      "(?<x>a)",
                                      "(a)\\1",
                                      "\\p{Greek}",
                                      "[z-a]",
                                      "(?=ab)",
                                      "a{1001}",
                                      "\\",
                                      "(?:a|b)++",
                                      "^*",
                                      "((((((((((((((((((((((((((a))))))))))))))))))))))))))",
                                      "(?:(?:a{900}){900}){900}",
                                      "[a&&b]",
                                      "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) cr_assert_str_eq(matches(bad[i], "a"), "?", "%s", bad[i]);
    assert_no_leaks();
}

/* ---- tokenizers ---- */

#define ADDED "\"added_tokens\":[{\"id\":0,\"content\":\"<unk>\",\"special\":true,\"normalized\":false}]"
#define UNIGRAM_VOCAB                                                                                                            \
    "[[\"<unk>\",0],[\"\xe2\x96\x81\",-3],[\"\xe2\x96\x81re\",-2],[\"fund\",-2.5],[\"\xe2\x96\x81refund\",-4],[\"s\",-3],[\"<"   \
    "0xC3>\",-9],"                                                                                                               \
    "[\"<0xA9>\",-9],[\",\",-3]]"
#define METASPACE "{\"type\":\"Metaspace\",\"replacement\":\"\xe2\x96\x81\",\"prepend_scheme\":\"always\",\"split\":true}"
static const char UNIGRAM[] =
    "{" ADDED ",\"normalizer\":{\"type\":\"Lowercase\"},\"pre_tokenizer\":" METASPACE
    ",\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"byte_fallback\":true,\"vocab\":" UNIGRAM_VOCAB "}}";

static ew_tokenizer *load(const char *text) {
    ew_tokenizer *t = NULL;
    cr_assert_eq(ew_tokenizer_import("t", text, strlen(text), &t, &err), EW_OK, "%s", err.message);
    return t;
}

static const char *ids_of(const ew_tokenizer *t, const char *text, size_t n) {
    static char out[4000];
    ew_token_cache *cache;
    ew_ids ids = {0};
    cr_assert_eq(ew_token_cache_create(t, &cache, &err), EW_OK);
    for (int again = 0; again < 2; again++) { /* the second time from the cache */
        ids.n = 0;
        cr_assert_eq(ew_tokenize(t, cache, text, n, &ids, &err), EW_OK, "%s", err.message);
    }
    *out = 0;
    for (size_t i = 0; i < ids.n && i < 500; i++) sprintf(out + strlen(out), "%s%u", i ? " " : "", ids.items[i]);
    ew_ids_free(&ids);
    ew_token_cache_free(cache);
    return out;
}

static void expect(const ew_tokenizer *t, const char *text, const char *want) {
    const char *got = ids_of(t, text, strlen(text));
    cr_assert_str_eq(got, want, "'%s': %s", text, got);
}

Test(tokenizer, unigram) {
    ew_tokenizer *t = load(UNIGRAM);
    expect(t, "Refunds, re", "4 5 8 2"); /* the most probable way, not the longest pieces only */
    expect(t, "\xc3\xa9 zz<unk>s", "1 6 7 1 0 0 1 5");
    expect(t, "", "");
    cr_assert_str_eq(ids_of(t, "re\xff", 3), "2 0");
    cr_assert_str_eq(ew_tokenizer_kind(t), "Unigram");
    cr_assert_str_eq(ew_tokenizer_piece(t, 4), "\xe2\x96\x81refund");
    cr_assert_str_eq(ew_tokenizer_part(t, 4), "refund");
    cr_assert(!ew_tokenizer_continues(t, 4) && ew_tokenizer_continues(t, 5) && !ew_tokenizer_continues(t, 1) &&
              !ew_tokenizer_continues(t, 8));
    cr_assert_str_eq(ew_tokenizer_part(t, 8), "");
    cr_assert_str_eq(ew_tokenizer_part(t, 0), "");
    cr_assert_str_eq(ew_tokenizer_part(t, 6), "\xc3");
    cr_assert(ew_tokenizer_unknown(t) == 0 && ew_tokenizer_size(t) == 9);
    ew_tokenizer_free(t);
    assert_no_leaks();
}

Test(tokenizer, bpe_merges_by_rank) {
    ew_tokenizer *t = load("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"c\":2,\"ab\":3,\"bc\":4,\"abc\":5},"
                           "\"merges\":[\"b c\",[\"a\",\"bc\"],\"a b\"]},\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"}}");
    expect(t, "abc ab aabcb", "5 3 0 5 1");
    expect(t, "abxc", "5"); /* there is no unknown token */
    cr_assert_eq(ew_tokenizer_unknown(t), EW_NONE);
    ew_tokenizer_free(t);
    t = load("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"\xc4\xa0"
             "a\":0,\"\xc4\xa0\":1,\"a\":2,\"\xc3\x83\":3,\"\xc2\xa9\":4},\"merges\":[[\"\xc4\xa0\",\"a\"]]},"
             "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true}}");
    expect(t, "a a\xc3\xa9", "0 0 3 4");
    cr_assert_str_eq(ew_tokenizer_part(t, 0), "a");
    cr_assert(ew_tokenizer_continues(t, 2) && !ew_tokenizer_continues(t, 0));
    ew_tokenizer_free(t);
    assert_no_leaks();
}

Test(tokenizer, word_level_and_cased_word_pieces) {
    ew_tokenizer *t =
        load("{\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"a\":1,\"b.\":2,\"...\":3}},"
             "\"pre_tokenizer\":{\"type\":\"Whitespace\"}}");
    expect(t, "a b...", "1 0 3");
    ew_tokenizer_free(t);
    t = load("{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"max_input_chars_per_word\":5,"
             "\"vocab\":{\"[UNK]\":0,\"A\":1,\"##b\":2,\"Ab\":3,\"##cd\":4}},\"normalizer\":null,\"pre_tokenizer\":{\"type\":"
             "\"BertPreTokenizer\"}}");
    expect(t, "Abb Abcd Abc ab Abbbbb", "3 2 3 4 0 0 0");
    cr_assert(ew_tokenizer_continues(t, 2) && !ew_tokenizer_continues(t, 3));
    cr_assert_str_eq(ew_tokenizer_part(t, 2), "b");
    ew_tokenizer_free(t);
    assert_no_leaks();
}

Test(tokenizer, added_tokens) {
    ew_tokenizer *t =
        load("{\"added_tokens\":[{\"id\":2,\"content\":\"<m>\",\"lstrip\":true,\"rstrip\":true,\"special\":true},"
             "{\"id\":3,\"content\":\"Hi\",\"single_word\":true,\"normalized\":true}],\"normalizer\":{\"type\":\"Lowercase\"},"
             "\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"a\":1}},"
             "\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"}}");
    expect(t, "a <m> a<m>A HI ahi", "1 2 1 2 1 3 0");
    cr_assert_eq(ew_tokenizer_size(t), 4);
    ew_tokenizer_free(t);
    assert_no_leaks();
}

Test(tokenizer, what_is_not_understood_is_refused_by_name) {
#define MODEL "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}}"
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"{}", "model"},
        {"[]", "model"},
        {"{\"model\":{\"type\":\"Tiktoken\"}}", "Tiktoken"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}", "merges"},
        {"{" MODEL ",\"normalizer\":{\"type\":\"Rot13\"}}", "Rot13"},
        {"{" MODEL ",\"pre_tokenizer\":{\"type\":\"UnicodeScripts\"}}", "UnicodeScripts"},
        {"{" MODEL ",\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a)\\\\1\"},\"content\":\"\"}}", "(a)"},
        {"{" MODEL ",\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}}", "charsmap"},
        {"{\"model\":{\"type\":\"WordLevel\",\"vocab\":{}}}", "empty"},
        {"{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":1}}}", "piece 0"},
        {"{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":-1}}}", "whole number"},
        {"{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":4194304}}}", "4194304"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}}", "not in the vocabulary"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a\"]}}", "pair"},
        {"{\"model\":{\"type\":\"Unigram\",\"unk_id\":7,\"vocab\":[[\"a\",0]]}}", "unk_id"},
        {"{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",1e999]]}}", "finite"},
        {"{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\"]]}}", "score"},
        {"{" MODEL ",\"added_tokens\":[{\"id\":1,\"content\":\"a\"}]}", "another id"},
        {"{" MODEL ",\"added_tokens\":[{\"id\":0,\"content\":\"b\"}]}", "another id"},
        {"{" MODEL ",\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"Sideways\"}}",
         "Sideways"},
        {"{" MODEL ",\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"__\"}}", "__"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_tokenizer *t = NULL;
        cr_assert_eq(ew_tokenizer_import("t", cases[i].text, strlen(cases[i].text), &t, &err), EW_INPUT, "%s", cases[i].text);
        cr_assert(!t && strstr(err.message, cases[i].word), "%s: %s", cases[i].text, err.message);
    }
    assert_no_leaks();
}

/* Seconds for text of n bytes made of `unit`. */
static double seconds(const ew_tokenizer *t, const char *unit, size_t n) {
    char *text = malloc(n);
    ew_token_cache *cache;
    ew_ids ids = {0};
    for (size_t i = 0; i < n; i++) text[i] = unit[i % strlen(unit)];
    cr_assert_eq(ew_token_cache_create(t, &cache, &err), EW_OK);
    clock_t begun = clock();
    cr_assert_eq(ew_tokenize(t, cache, text, n, &ids, &err), EW_OK);
    double took = (double)(clock() - begun) / CLOCKS_PER_SEC;
    ew_ids_free(&ids);
    ew_token_cache_free(cache);
    free(text);
    return took;
}

Test(tokenizer, long_words_take_linear_time, .timeout = 60) {
    static const char *const units[] = {"a", "ab", "\xcc\x81\xcc\xa3", " ", "abc "};
    ew_tokenizer *bpe =
        load("{\"normalizer\":{\"type\":\"NFC\"},\"model\":{\"type\":\"BPE\",\"unk_token\":\"a\",\"vocab\":{\"a\":0,\"b\":1,"
             "\"aa\":2,\"aaaa\":3,\"ab\":4},"
             "\"merges\":[\"a a\",\"aa aa\",\"a b\"]},\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":"
             "\"\\\\s*[\\\\r\\\\n]+|(?:a+b+)+c|\\\\s+(?!\\\\S)\"},\"behavior\":\"Isolated\"}}");
    ew_tokenizer *unigram = load(UNIGRAM);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        cr_assert_lt(seconds(bpe, units[i], 1 << 20), 8, "%s", units[i]);
        cr_assert_lt(seconds(unigram, units[i], 1 << 20), 8, "%s", units[i]);
    }
    ew_tokenizer_free(bpe);
    ew_tokenizer_free(unigram);
}

Test(tokenizer, every_failing_allocation_is_told) {
    static const char text[] = "Refunds, re \xc3\xa9<unk> e\xcc\x81\xcc\xa3 some more";
    int done = 0;
    for (uint64_t after = 1; !done && after < 400; after++) {
        ew_tokenizer *t = NULL;
        ew_token_cache *cache = NULL;
        ew_ids out = {0};
        err.message[0] = 0;
        ew_alloc_fail_after(after);
        ew_status status = ew_tokenizer_import("t", UNIGRAM, sizeof UNIGRAM - 1, &t, &err);
        if (status == EW_OK) status = ew_token_cache_create(t, &cache, &err);
        if (status == EW_OK) status = ew_tokenize(t, cache, text, sizeof text - 1, &out, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && err.message[0]), "%d %s", status, err.message);
        done = status == EW_OK;
        ew_ids_free(&out);
        ew_token_cache_free(cache);
        ew_tokenizer_free(t);
    }
    cr_assert(done);
    assert_no_leaks();
}

/* ---- tables ---- */

static const char WORDS[] = "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"b\":1,\"c\":2}}}";

/* A safetensors file: header, then the data given. */
static ew_bytes table(const char *header, const void *data, size_t n) {
    size_t length = strlen(header);
    ew_bytes out = {malloc(8 + length + n), 8 + length + n};
    for (int i = 0; i < 8; i++) out.data[i] = (char)(length >> (8 * i));
    memcpy(out.data + 8, header, length);
    if (n) memcpy(out.data + 8 + length, data, n);
    return out;
}

static ew_status convert(const char *header, const void *data, size_t n, ew_bytes *out, ew_model_source *from) {
    ew_bytes rows = table(header, data, n), words = {(char *)(uintptr_t)WORDS, sizeof WORDS - 1};
    ew_status status = ew_model_convert("m", &rows, &words, NULL, out, from, &err);
    free(rows.data);
    return status;
}

#define TABLE "\"embeddings\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]}"

Test(import, rows_and_scales) {
    static const float rows[6] = {3, -1.5f, 0, 0, 1, 2};
    ew_bytes out;
    ew_model_source from;
    ew_model m;
    cr_assert_eq(convert("{" TABLE "}", rows, sizeof rows, &out, &from), EW_OK, "%s", err.message);
    cr_assert_eq(ew_model_parse("m", out.data, out.n, &m, &err), EW_OK, "%s", err.message);
    cr_assert(m.vocab == 3 && m.d == 16 && m.columns == 2 && m.tokenizer_bytes == sizeof WORDS - 1);
    cr_assert(m.rows[0] == 127 && m.rows[1] == -64 && m.rows[2] == 0 && m.rows[16] == 0 && m.scales[1] == 1);
    cr_assert_float_eq(m.scales[0] * 127, 3, 1e-6);
    ew_tokenizer *t;
    cr_assert_eq(ew_model_tokenizer(&m, &t, &err), EW_OK);
    ew_tokenizer_free(t);
    cr_assert_str_eq(from.type, "F32");
    ew_bytes_free(&out);
    assert_no_leaks();
}

Test(import, weights_and_mapping) {
    struct {
        float rows[4], weights[3];
        int64_t mapping[3];
    } data = {{1, 2, 4, 4}, {2, -1, 0}, {1, 0, 0}};
    char header[400];
    snprintf(header, sizeof header,
             "{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},\"weights\":{\"dtype\":\"F32\","
             "\"shape\":[3],"
             "\"data_offsets\":[16,28]},\"mapping\":{\"dtype\":\"I64\",\"shape\":[3],\"data_offsets\":[%zu,%zu]}}",
             (size_t)((char *)data.mapping - (char *)&data), sizeof data);
    ew_bytes out;
    ew_model_source from;
    ew_model m;
    cr_assert_eq(convert(header, &data, sizeof data, &out, &from), EW_OK, "%s", err.message);
    cr_assert_eq(ew_model_parse("m", out.data, out.n, &m, &err), EW_OK);
    cr_assert(from.weights && from.mapping && from.rows == 2);
    cr_assert(m.rows[0] == 127 && m.rows[1] == 127 && m.rows[16] == -64 && m.rows[17] == -127 && m.rows[32] == 0);
    cr_assert_float_eq(m.scales[0] * 127, 8, 1e-5);
    ew_bytes_free(&out);
    data.mapping[1] = 2;
    cr_assert(convert(header, &data, sizeof data, &out, &from) == EW_INPUT && strstr(err.message, "mapping") && !out.data);
    data.mapping[1] = -1;
    cr_assert_eq(convert(header, &data, sizeof data, &out, &from), EW_INPUT);
    assert_no_leaks();
}

Test(import, types_of_values) {
    static const uint16_t half[6] = {0x3c00, 0xbc00, 0x0001, 0, 0x7bff, 0x4000},
                          brain[6] = {0x3f80, 0xbf80, 0, 0, 0x3f80, 0x4000};
    static const int8_t bytes[6] = {5, -127, 0, 0, 1, 2};
    static const double wide[6] = {1, -1, 0, 0, 1e3, 2};
    static const struct {
        const char *type;
        const void *data;
        size_t n;
    } cases[] = {
        {"F16", half, sizeof half}, {"BF16", brain, sizeof brain}, {"I8", bytes, sizeof bytes}, {"F64", wide, sizeof wide}};
    for (int i = 0; i < 4; i++) {
        char header[200];
        ew_bytes out;
        ew_model_source from;
        ew_model m;
        snprintf(header, sizeof header, "{\"embeddings\":{\"dtype\":\"%s\",\"shape\":[3,2],\"data_offsets\":[0,%zu]}}",
                 cases[i].type, cases[i].n);
        cr_assert_eq(convert(header, cases[i].data, cases[i].n, &out, &from), EW_OK, "%s: %s", cases[i].type, err.message);
        cr_assert_eq(ew_model_parse("m", out.data, out.n, &m, &err), EW_OK);
        cr_assert(m.rows[1] == -127 && m.rows[0] == (i == 2 ? 5 : 127), "%s", cases[i].type);
        ew_bytes_free(&out);
    }
    assert_no_leaks();
}

Test(import, what_is_broken_is_refused) {
    static const float rows[6] = {3, -1.5f, 0, 0, 1, 2};
    static const struct {
        const char *header, *word;
        size_t n;
    } cases[] = {{"{}", "embeddings", 24},
                 {"{" TABLE, "JSON", 24},
                 {"{" TABLE "}", "outside", 20},
                 {"{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,20]}}", "shape", 24},
                 {"{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", "3 pieces", 24},
                 {"{\"embeddings\":{\"dtype\":\"I32\",\"shape\":[3,2],\"data_offsets\":[0,24]}}", "F32", 24},
                 {"{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24]}}", "table", 24},
                 {"{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[3,9007199254740992],\"data_offsets\":[0,24]}}", "large", 24},
                 {"{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[0,0]}}", "table", 24},
                 {"{" TABLE ",\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]}}", "overlap", 24},
                 {"{" TABLE ",\"weights\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[24,24]}}", "weights", 24},
                 {"{" TABLE ",\"mapping\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[24,36]}}", "mapping", 36}};
    ew_bytes out;
    ew_model_source from;
    char data[64] = {0};
    memcpy(data, rows, sizeof rows);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(convert(cases[i].header, data, cases[i].n, &out, &from), EW_INPUT, "%s", cases[i].header);
        cr_assert(strstr(err.message, cases[i].word), "%s: %s", cases[i].header, err.message);
    }
    static const uint32_t odd[3] = {0x7fc00000, 0x7f800000, 0x7e967699}; /* NaN, infinity, 1e38 */
    for (int i = 0; i < 3; i++) {
        memcpy(data + 4, &odd[i], 4);
        cr_assert_eq(convert("{" TABLE "}", data, 24, &out, &from), EW_INPUT);
    }
    assert_no_leaks();
}

Test(import, a_folder_and_its_file_are_the_same_model) {
    static const float rows[6] = {3, -1.5f, 0, 0, 1, 2};
    char folder[] = "/tmp/ew-import-XXXXXX", path[64], file[64];
    cr_assert(mkdtemp(folder));
    ew_bytes bytes = table("{" TABLE "}", rows, sizeof rows);
    char *json;
    cr_assert(ew_model_describe(folder, &json, &err) == EW_INPUT && strstr(err.message, "tokenizer.json"));
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    FILE *out = fopen(path, "wb");
    fwrite(bytes.data, 1, bytes.n, out);
    fclose(out);
    cr_assert(ew_model_describe(path, &json, &err) == EW_INPUT && strstr(err.message, "folder"), "%s", err.message);
    snprintf(path, sizeof path, "%s/tokenizer.json", folder);
    out = fopen(path, "wb");
    fputs(WORDS, out);
    fclose(out);
    snprintf(file, sizeof file, "%s/m.edgewise", folder);
    cr_assert_eq(ew_model_import(folder, file, &err), EW_OK, "%s", err.message);
    ew_model a, b;
    cr_assert_eq(ew_model_open(folder, &a, &err), EW_OK);
    cr_assert_eq(ew_model_open(file, &b, &err), EW_OK);
    cr_assert_str_eq(a.digest, b.digest);
    cr_assert_eq(truncate(file, 100), 0); /* it was read: nothing happens to b */
    cr_assert_eq(memcmp(a.rows, b.rows, 48), 0);
    ew_model_close(&a);
    ew_model_close(&b);
    cr_assert_eq(ew_model_open(file, &b, &err), EW_INPUT);
    cr_assert_eq(ew_model_describe(folder, &json, &err), EW_OK);
    cr_assert(strstr(json, "\"tokenizer\":\"WordLevel\",\"vocabulary\":3,\"columns\":2,\"values\":\"F32\""), "%s", json);
    ew_free(json);
    cr_assert_eq(ew_model_describe(NULL, &json, &err), EW_OK);
    ew_free(json);
    int done = 0;
    for (uint64_t after = 1; !done && after < 200; after++) {
        ew_alloc_fail_after(after);
        ew_status status = ew_model_describe(folder, &json, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "%s", err.message);
        done = status == EW_OK;
    }
    cr_assert(done);
    ew_free(json);
    unlink(path);
    unlink(file);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    unlink(path);
    rmdir(folder);
    free(bytes.data);
    assert_no_leaks();
}
