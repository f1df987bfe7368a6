/* The command line's own parts: safe text, tables, sizes, near words, the small JSON reader. What it does as a whole is told by
 * tests/golden. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "../../cli/json.h"
#include "../../cli/options.h"
#include "../../cli/terminal.h"
#include "leaks.h"

/* What cli_put_safe writes, in memory; *used gets the columns it says it took. */
static char *safe(const char *text, size_t n, int columns, int *used) {
    char *out = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&out, &size);
    cr_assert(file);
    *used = cli_put_safe(file, text, n, columns);
    fclose(file);
    return out;
}

static void expect(const char *text, int columns, const char *want, int width) {
    int used = 0;
    char *got = safe(text, strlen(text), columns, &used);
    cr_assert_str_eq(got, want);
    cr_assert_eq(used, width, "'%s': %d columns, not %d", want, used, width);
    free(got);
}

Test(cli, safe_text) {
    expect("plain", 0, "plain", 5);
    expect("", 10, "", 0);
    expect("two \t\r\n lines\v", 0, "two lines ", 10);
    expect("red \x1b[31malarm\x1b]0;title\x07", 0, "red [31malarm]0;title", 21);
    expect("c1 \xc2\x9b"
           "31m",
           0, "c1 31m", 6);
    expect("turn \xe2\x80\xae"
           "around\xe2\x81\xa6",
           0, "turn around", 11);
    expect("bad \xff\xfe byte", 0, "bad \xef\xbf\xbd\xef\xbf\xbd byte", 11);
    expect("\xe6\xbc\xa2\xe5\xad\x97", 0, "\xe6\xbc\xa2\xe5\xad\x97", 4);
    assert_no_leaks();
}

Test(cli, safe_text_is_cut_to_width) {
    expect("eight col", 9, "eight col", 9);
    expect("eight col", 8, "eight c…", 8);
    expect("\xe6\xbc\xa2\xe5\xad\x97", 3, "\xe6\xbc\xa2…", 3);
    expect("\xe6\xbc\xa2\xe5\xad\x97", 2, "…", 1);
    expect("abc", 1, "…", 1);
    expect("e\xcc\x81t\xc3\xa9", 3, "e\xcc\x81t\xc3\xa9", 3);
    assert_no_leaks();
}

Test(cli, safe_text_of_any_bytes) {
    uint32_t state = 1;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        for (size_t i = 0; i < sizeof text; i++) {
            state = state * 1664525 + 1013904223;
            text[i] = (char)(state >> 24);
            if (state >> 23 & 1) text[i] = "\x1b\xe2\x80\xae\xc2\x9b\r\n"[state >> 20 & 7];
        }
        int columns = (int)(state % 20), used = 0;
        char *got = safe(text, sizeof text, columns, &used);
        const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)got;
        int width = 0;
        while (*at) {
            utf8proc_int32_t point;
            utf8proc_ssize_t n = utf8proc_iterate(at, -1, &point);
            cr_assert(n > 0, "not UTF-8");
            cr_assert(point >= 0x20 && (point < 0x7f || point >= 0xa0), "control character %x", (unsigned)point);
            cr_assert(!(point >= 0x202a && point <= 0x202e) && !(point >= 0x2066 && point <= 0x2069));
            width += utf8proc_charwidth(point);
            at += n;
        }
        cr_assert_eq(width, used);
        cr_assert(!columns || width <= columns);
        free(got);
    }
    assert_no_leaks();
}

Test(cli, sizes) {
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"0", 0},
                {"4096", 4096},
                {"1k", 1024},
                {"700M", 700u << 20},
                {"1.5G", 3u << 29},
                {"2GiB", UINT64_C(2) << 30},
                {"1TB", UINT64_C(1) << 40}};
    static const char *const bad[] = {"", "-1", "M", "3Q", "1 G", "2GG", "nan", "inf", "1e30", "99999999999T", "1Gx"};
    uint64_t bytes;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_assert(cli_size(good[i].text, &bytes), "%s", good[i].text);
        cr_assert_eq(bytes, good[i].bytes, "%s", good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) cr_assert_not(cli_size(bad[i], &bytes), "%s", bad[i]);
}

Test(cli, near_words) {
    static const char *const verbs[] = {"mine", "plan", "tokens", "neighbours", "families"};
    cr_assert_str_eq(cli_nearest("mnie", verbs, 5), "mine");
    cr_assert_str_eq(cli_nearest("neighbors", verbs, 5), "neighbours");
    cr_assert_str_eq(cli_nearest("famlies", verbs, 5), "families");
    cr_assert_str_eq(cli_nearest("neigh", verbs, 5), "neighbours");
    cr_assert_null(cli_nearest("x", verbs, 5));
    cr_assert_null(cli_nearest("frobnicate", verbs, 5));
    char longest[500];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    cr_assert_null(cli_nearest(longest, verbs, 5));
}

Test(cli, numbers) {
    char room[32];
    cr_assert_str_eq(cli_grouped(0, room), "0");
    cr_assert_str_eq(cli_grouped(999, room), "999");
    cr_assert_str_eq(cli_grouped(1234567, room), "1,234,567");
    cr_assert_str_eq(cli_grouped(UINT64_MAX, room), "18,446,744,073,709,551,615");
    cr_assert_str_eq(cli_bytes(1, room), "1 bytes");
    cr_assert_str_eq(cli_bytes(1536, room), "1.5 KB");
    cr_assert_str_eq(cli_bytes(0x1p62, room), "4096 PB");
}

Test(cli, json) {
    json_tree tree;
    cr_assert(
        json_parse(" {\"a\": [1, -2.5e3, {}], \"b\": \"x\\u00e9\\ud83d\\ude00\\n\\ud800\", \"c\": null, \"d\": true} ", &tree));
    const json_node *a = &tree.nodes[tree.nodes[0].first], *b = &tree.nodes[a->next], *c = &tree.nodes[b->next],
                    *d = &tree.nodes[c->next];
    cr_assert_str_eq(a->key, "a");
    cr_assert_str_eq(tree.nodes[tree.nodes[a->first].next].text, "-2.5e3");
    cr_assert_str_eq(b->text, "x\xc3\xa9\xf0\x9f\x98\x80\n\xef\xbf\xbd");
    cr_assert_eq(c->kind, JSON_NULL);
    cr_assert_eq(d->kind, JSON_TRUE);
    cr_assert_eq(d->next, 0);
    json_free(&tree);
    assert_no_leaks();
}

Test(cli, json_that_is_none) {
    static const char whole[] = "{\"a\":[1,{\"b\":\"\\u00e9\\ud83d\\ude00\"},[]],\"c\":false}";
    json_tree tree;
    for (size_t n = 0; n < sizeof whole - 1; n++) { /* cut anywhere, in memory of exactly that size */
        char *cut = strndup(whole, n);
        cr_assert_not(json_parse(cut, &tree), "%s", cut);
        free(cut);
    }
    static const char *const bad[] = {"{} x", "{\"a\" 1}", "[1 2]", "\"\\x\"", "{a:1}", "[,]", "nul", "\"\\u12g4\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) cr_assert_not(json_parse(bad[i], &tree), "%s", bad[i]);
    char deep[2001];
    memset(deep, '[', 2000);
    deep[2000] = 0;
    cr_assert_not(json_parse(deep, &tree));
    assert_no_leaks();
}

Test(cli, tables) {
    char *out = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&out, &size);
    cr_assert(file);
    cli_json_table(file, "{\"comments\":12345,\"memory_bytes\":1572864,\"wall_seconds\":2.25,\"seed\":10000,\"columns\":{"
                         "\"text\":\"bo\\u001bdy\"},"
                         "\"others\":[\"a\",2],\"none\":[],\"exact\":false}");
    cli_json_table(file, "not \x1b[31mjson");
    fclose(file);
    cr_assert_str_eq(out, "comments                12,345\nmemory                  1.5 MB\nwall                    2.2 s\nseed   "
                          "                 10000\n"
                          "columns\n  text                  body\nothers                  a, 2\nnone                    -\nexact "
                          "                  no\n"
                          "not [31mjson\n");
    free(out);
    assert_no_leaks();
}

/* The table of options as such: names once a verb, letters once a verb, numbers with a range, text to show. */
Test(cli, options) {
    for (size_t i = 0; i < CLI_N_OPTIONS; i++) {
        const cli_option *a = &CLI_OPTIONS[i];
        char room[64];
        cr_assert(a->verbs && a->help[0] && a->set, "%s", a->name);
        cr_assert(!a->argument || a->preset || cli_preset(a, room, sizeof room)[0], "%s", a->name);
        for (size_t j = 0; j < i; j++) {
            const cli_option *b = &CLI_OPTIONS[j];
            cr_assert(strcmp(a->name, b->name) != 0 || !(a->verbs & b->verbs), "%s twice", a->name);
            cr_assert(!a->letter || a->letter != b->letter || !(a->verbs & b->verbs), "-%c twice", a->letter);
        }
    }
}
