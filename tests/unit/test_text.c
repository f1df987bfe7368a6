/* text: repair, normalisation, words, sentences, fillers. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/text/points.h"
#include "leaks.h"

static void normal_is(const char *in, size_t n, const char *want) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    cr_assert_eq(ew_text_normalise(in, n, &out, NULL), EW_OK);
    cr_assert(out.length == strlen(want) && memcmp(out.data ? out.data : "", want, out.length) == 0, "\"%.*s\" instead of \"%s\"",
              (int)out.length, out.data, want);
    ew_buffer_free(&out);
}

Test(repair, ill_formed_runs_become_one_sign_each) {
    static const struct { const char *in; size_t n; const char *want; } cases[] = {
        {"plain", 5, "plain"}, {"", 0, ""}, {"\xff", 1, "\xef\xbf\xbd"}, {"a\xe2\x82z", 4, "a\xef\xbf\xbdz"},
        {"\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd"}, {"\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"gr\xc3\xbc\xc3", 5, "gr\xc3\xbc\xef\xbf\xbd"}, {"a\0b", 3, "a\0b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
        cr_assert_eq(ew_text_repair(cases[i].in, cases[i].n, &out, NULL), EW_OK);
        size_t want = i == 7 ? 3 : strlen(cases[i].want);
        cr_assert(out.length == want && (want == 0 || memcmp(out.data, cases[i].want, want) == 0), "case %zu", i);
        ew_buffer_free(&out);
    }
    assert_no_leaks();
}

Test(normalise, folds_composes_and_trims) {
    static const char *const cases[][2] = {
        {"", ""}, {"   ", ""}, {"  Hello \t\r\n World  ", "hello world"}, {"a\x01""b\x7f", "ab"},
        {"\xef\xac\x81 Stra\xc3\x9f""e \xe2\x91\xa0", "fi strasse 1"},
        {"e\xcc\x81", "\xc3\xa9"}, {"E\xcc\x81t\xc3\x89", "\xc3\xa9t\xc3\xa9"},
        {"a\xc2\xa0\xe3\x80\x80""b", "a b"}, {"zero\xe2\x80\x8bwidth", "zerowidth"}, {"\xef\xbb\xbfmark", "mark"},
        {"a\xcc\xa3\xcc\x81", "\xe1\xba\xa1\xcc\x81"}, {"a\xcc\x81\xcc\xa3", "\xe1\xba\xa1\xcc\x81"}, /* marks in either order */
        {"\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "\xea\xb0\x81"}, {"\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac"},
        {"e\x01\xcc\x81\xc2\x80\xcc\xa3", "\xe1\xba\xb9\xcc\x81"}, {"\xe0\x01\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"bad\xff""byte", "bad\xef\xbf\xbd""byte"}, {"\xce\x91\xcd\x85\xcc\x80", "\xe1\xbd\xb0\xce\xb9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) normal_is(cases[i][0], strlen(cases[i][0]), cases[i][1]);
    assert_no_leaks();
}

Test(normalise, appends_behind_what_is_there) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    cr_assert_eq(ew_text_normalise(" One ", 5, &out, NULL), EW_OK);
    cr_assert_eq(ew_text_normalise(" Two", 4, &out, NULL), EW_OK);
    cr_assert(out.length == 6 && memcmp(out.data, "onetwo", 6) == 0);
    ew_buffer_free(&out);
}

/* A quadratic step over a megabyte would pass the time limit by far. */
Test(normalise, endless_marks_take_linear_time, .timeout = 20) {
    size_t n = 2u << 20;
    char *text = malloc(n);
    for (size_t i = 0; i < n; i += 4) memcpy(text + i, (i / 4) % 2 ? "\xcc\x81\xcc\xa3" : "\xcc\xa3\xcc\x80", 4);
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    cr_assert_eq(ew_text_normalise(text, n, &out, NULL), EW_OK);
    cr_assert_eq(out.length, n);
    ew_buffer_free(&out);
    free(text);
}

/* Pieces are cut within long runs without ASCII: a Hangul syllable, a mark and its base stay together at any place. */
Test(normalise, long_pieces_are_cut_where_nothing_composes) {
    static const char unit[] = "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8\xc3\xa9\xe0\xb9\x89";
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY), out = EW_BUFFER_INIT(EW_BUFFER_ANY), want = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (int i = 0; i < 5000; i++) {
        cr_assert_eq(ew_buffer_append(&text, unit, sizeof unit - 1, NULL), EW_OK);
        cr_assert_eq(ew_buffer_append(&want, "\xea\xb0\x81\xc3\xa9\xe0\xb9\x89", 8, NULL), EW_OK);
    }
    cr_assert_eq(ew_text_normalise(text.data, text.length, &out, NULL), EW_OK);
    cr_assert(out.length == want.length && memcmp(out.data, want.data, want.length) == 0);
    ew_buffer_free(&text);
    ew_buffer_free(&out);
    ew_buffer_free(&want);
}

static void words_are(const char *text, const char *want) {
    char got[512] = "";
    size_t at = 0, used = 0, n = strlen(text);
    ew_range word;
    while (ew_text_next_word(text, n, &at, &word))
        used += (size_t)snprintf(got + used, sizeof got - used, "%.*s|", (int)(word.end - word.start), text + word.start);
    cr_assert_str_eq(got, want);
}

Test(words, letters_digits_and_what_joins_them) {
    words_are("", "");
    words_are("  ...!", "");
    words_are("Don't e-mail me, O'Brien's 4G!", "Don't|e-mail|me|O'Brien's|4G|");
    words_are("don\xe2\x80\x99t -x- 'quoted' a--b 3-4 end-", "don\xe2\x80\x99t|x|quoted|a|b|3|4|end|");
    words_are("\xe4\xbd\xa0\xe5\xa5\xbdok", "\xe4\xbd\xa0|\xe5\xa5\xbd|ok|");
    words_are("\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb2",
              "\xe0\xb8\x99\xe0\xb9\x89|\xe0\xb8\xb2|"); /* the tone mark stays with its letter */
    words_are("caf\x65\xcc\x81s \xf0\x9f\x98\x80 \xff x", "caf\x65\xcc\x81s|x|");
}

static void sentences_are(const char *text, const ew_ranges *masked, const char *want) {
    char got[1024] = "";
    size_t used = 0;
    ew_ranges out = {NULL, 0, 0};
    cr_assert_eq(ew_text_sentences(text, strlen(text), masked, &out, NULL), EW_OK);
    for (uint32_t i = 0; i < out.n; i++)
        used += (size_t)snprintf(got + used, sizeof got - used, "[%.*s]", (int)(out.items[i].end - out.items[i].start),
                                 text + out.items[i].start);
    ew_ranges_free(&out);
    cr_assert_str_eq(got, want);
}

/* Eight bytes at a time, whatever stands around a break. */
Test(lines, end_at_any_break) {
    static const char around[] = {'a', ' ', '\t', '\v', '\f', 0, 1, 14, (char)0x80, (char)0x8a, (char)0x8d, (char)0xff};
    char text[40];
    for (size_t kind = 0; kind < sizeof around; kind++)
        for (size_t n = 0; n < sizeof text; n++)
            for (size_t at = 0; at <= n; at++)
                for (int sign = 0; sign < 3; sign++) {
                    size_t next, end = sign == 2 ? n : at;
                    memset(text, around[kind], sizeof text);
                    if (sign < 2) text[at] = "\n\r"[sign];
                    cr_assert_eq(ew_text_line_end(text, n, 0, &next), end);
                    cr_assert_eq(next, end < n ? end + 1 : n);
                }
}

Test(sentences, enders_and_what_only_looks_like_one) {
    static const char *const cases[][2] = {
        {"", ""}, {"!!!", ""}, {"Hi", "[Hi]"}, {"One. Two! Three? four", "[One.][Two!][Three?][four]"},
        {"Dr. Smith paid 3.50 for v1.2.3. Fine.", "[Dr. Smith paid 3.50 for v1.2.3.][Fine.]"},
        {"It costs a lot, e.g. 5 dollars etc. but J. R. Smith likes it",
         "[It costs a lot, e.g. 5 dollars etc. but J. R. Smith likes it]"},
        {"See https://a.b/c?d=1. Mail jo@x.com! Now", "[See https://a.b/c?d=1.][Mail jo@x.com!][Now]"},
        {"It crashes.Please fix Node.Js too", "[It crashes.][Please fix Node.Js too]"},
        {"Wait... what? no!!", "[Wait...][what?][no!!]"}, {"No. I don't. No. 5 lives", "[No.][I don't.][No. 5 lives]"},
        {"He said (really.) \"Great.\" So", "[He said (really.)][\"Great.\"][So]"},
        {"- one thing\n- other thing\n2. third. Yes", "[one thing][other thing][third.][Yes]"},
        {"Am 3. Mai kam z.B. nichts an. Gut", "[Am 3. Mai kam z.B. nichts an.][Gut]"},
        {"ok. !!! \xf0\x9f\x98\x80", "[ok. !!! \xf0\x9f\x98\x80]"},
        {"I \xe2\x9d\xa4\xef\xb8\x8f this app so much \xf0\x9f\x98\x8d please add more",
         "[I \xe2\x9d\xa4\xef\xb8\x8f this app so much \xf0\x9f\x98\x8d][please add more]"},
        {"\xe3\x81\x84\xe3\x81\x84\xe3\x80\x82\xe3\x81\xa0\xef\xbc\x81\xe3\x81\xaa",
         "[\xe3\x81\x84\xe3\x81\x84\xe3\x80\x82][\xe3\x81\xa0\xef\xbc\x81][\xe3\x81\xaa]"},
        {"first line\nsecond line", "[first line][second line]"},
        {"a line of many words that a mail program has wrapped for its reader\nand that goes on here.\nNew",
         "[a line of many words that a mail program has wrapped for its reader\nand that goes on here.][New]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) sentences_are(cases[i][0], NULL, cases[i][1]);
    assert_no_leaks();
}

Test(sentences, a_thai_blank_ends_only_what_is_long) {
    char text[600] = "";
    for (int i = 0; i < 10; i++) strcat(text, "\xe0\xb8\x81");
    strcat(text, " ");
    for (int i = 0; i < 45; i++) strcat(text, "\xe0\xb8\x82");
    strcat(text, " \xe0\xb8\x83");
    ew_ranges out = {NULL, 0, 0};
    cr_assert_eq(ew_text_sentences(text, strlen(text), NULL, &out, NULL), EW_OK);
    cr_assert_eq(out.n, 2);
    cr_assert_eq(out.items[0].end, 30 + 1 + 135);
    ew_ranges_free(&out);
}

Test(sentences, masks_are_left_out_and_end_what_stands_before) {
    ew_range hidden[] = {{6, 15}};
    ew_ranges masked = {hidden, 1, 1};
    sentences_are("mine. > theirs. also mine", &masked, "[mine.][also mine]");
    hidden[0] = (ew_range){0, 25};
    sentences_are("mine. > theirs. also mine", &masked, "");
}

Test(sentences, hostile_texts_take_linear_time, .timeout = 20) {
    static const char *const units[] = {". ",  "1. a ", "\n",     ":) ", "http://", "\xf0\x9f\x98\x80 ",
                                        "a.A", " ",     "\"'",    "- ",  "...",     "\xe0\xb8\x81 ",
                                        "?!)", "w",     "\r\n \t"};
    size_t n = 1u << 20;
    char *text = malloc(n + 16);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t k = strlen(units[u]), length = 0;
        while (length < n) {
            memcpy(text + length, units[u], k);
            length += k;
        }
        memcpy(text + length - 1, "x", 1); /* a letter at the far end: one sentence at least */
        ew_ranges out = {NULL, 0, 0};
        cr_assert_eq(ew_text_sentences(text, length, NULL, &out, NULL), EW_OK);
        cr_assert(out.n > 0, "unit %zu", u);
        ew_ranges_free(&out);
    }
    free(text);
}

Test(fillers, words_without_a_subject) {
    static const char *const yes[] = {
        "the", "wow",  "love",  "terrible", "thanks",  "sooooo", "looove", "goood", "don't", "don\xe2\x80\x99t",
        "und", "sehr", "merci", "tres",     "gracias", "muy",    "ok",     "hello",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "looooooooooooooooooooooooooooooooooove"};
    static const char *const no[] = {"", "battery", "refund", "car", "login", "export", "hotel", "sinistre", "rechnung", "xyzzy",
                                     "averyveryverylongwordthatisnotlisted", "work"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) cr_assert(ew_text_is_filler(yes[i], strlen(yes[i])), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) cr_assert_not(ew_text_is_filler(no[i], strlen(no[i])), "%s", no[i]);
    cr_assert_not(ew_text_is_filler("the\0x", 5));
}

Test(fillers, sentences_that_say_something_without_a_subject) {
    static const char *const yes[] = {
        "who made you", "What time is it?", "what is this for",
        "so, where do I have to go", "Why did I only get this", "how do you do it",
        "please tell me where you are from", "What\xe2\x80\x99s this for", "i just got $20 here",
        "\xe2\x82\xac" "5 for this", "warum ist das so", "\xc2\xbf" "d\xc3\xb3nde est\xc3\xa1 esto?",
        "HOW MANY are there"};
    static const char *const no[] = {"", "why", "why not", "what a joke", "what a great one this is",
                                     "how are you doing today", "how nice of you all",
                                     "thank you so much", "20 out of 20", "$20", "that is what it is", "yes i do", "me who",
                                     "What comes out is the best we had.", "which was good for us", "when i use it i like it",
                                     "\xe2\x82", "$", "averyveryverylongword is this so"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) cr_assert(ew_text_has_substance(yes[i], strlen(yes[i])), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) cr_assert_not(ew_text_has_substance(no[i], strlen(no[i])), "%s", no[i]);
}

/* Each once, whatever was added by hand. */
Test(fillers, the_list_is_in_order) {
    FILE *file = fopen("core/text/content.c", "r");
    if (!file) cr_skip("not started in the root of the source tree");
    char text[1 << 16], before[32] = "", *at = text;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    at = strstr(text, "fillers[] = {");
    cr_assert_not_null(at);
    int words = 0;
    char *stop = strstr(at, "};");
    while ((at = strchr(at, '"')) && at < stop) {
        char *end = strchr(at + 1, '"');
        *end = 0;
        cr_assert(strcmp(before, at + 1) < 0, "%s behind %s", at + 1, before);
        snprintf(before, sizeof before, "%s", at + 1);
        at = end + 1;
        words++;
    }
    cr_assert(words > 1000);
}

static ew_status everything(void) {
    static const char text[] = "Gr\xc3\xbc\xc3\x9f""e e\xcc\x81\xcc\xa3. Two a. Three? 4! Five. Six. Seven. Eight. Nine. Ten.";
    ew_buffer a = EW_BUFFER_INIT(EW_BUFFER_ANY), b = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_ranges ranges = {NULL, 0, 0};
    ew_error err = {0};
    ew_status status;
    EW_TRY(ew_text_repair(text, sizeof text - 1, &a, &err));
    EW_TRY(ew_text_normalise(text, sizeof text - 1, &b, &err));
    EW_TRY(ew_text_sentences(text, sizeof text - 1, NULL, &ranges, &err));
done:
    ew_buffer_free(&a);
    ew_buffer_free(&b);
    ew_ranges_free(&ranges);
    cr_assert(status == EW_OK || (status == EW_RESOURCE && err.message[0]));
    return status;
}

Test(text, any_allocation_may_fail) {
    uint64_t k = 1;
    for (;; k++) {
        ew_alloc_fail_after(k);
        ew_status status = everything();
        ew_alloc_fail_after(0);
        if (status == EW_OK) break;
        cr_assert(k < 100);
    }
    cr_assert(k > 4);
    assert_no_leaks();
}

static void expect_addresses(const char *text, const char *want) {
    char got[512] = "";
    size_t n = strlen(text), at = 0, before = 0;
    ew_range range;
    while (ew_text_next_address(text, n, &at, &range)) {
        cr_assert(range.start >= before && range.end > range.start && range.end <= n && at == range.end);
        before = range.end;
        snprintf(got + strlen(got), sizeof got - strlen(got), "[%.*s]", (int)(range.end - range.start), text + range.start);
    }
    cr_assert_eq(at, n);
    cr_assert_str_eq(got, want, "'%s': %s", text, got);
}

Test(addresses, links_mails_and_handles) {
    expect_addresses("", "");
    expect_addresses("nothing here, not even @ this or www", "");
    expect_addresses("@acme thanks", "[@acme]");
    expect_addresses(".@acme_air: late (again)", "[@acme_air]");
    expect_addresses("meet @ 5, cost 3 @ 4.50", "");
    expect_addresses("write to a.b+c@mail.example.", "[a.b+c@mail.example]");
    expect_addresses("see http://x.example/a?b=1, or (www.y.example)!", "[http://x.example/a?b=1][www.y.example]");
    expect_addresses("awww.that is sweet", "");
    expect_addresses("@@@@", "");
    expect_addresses("@one@two", "[@one][@two]");
    expect_addresses("\xe4\xb8\xad@x", "");
    expect_addresses("#late again #B737_x! (#fail)", "[#late][#B737_x][#fail]");
    expect_addresses("# 1, #1, #4b, C#, a#b, x/#y, &#39; ##", "[&#39;]");
    expect_addresses("Hello<br><BR/>a &amp; b&#39;s <a href=\"x\">here</a> <h1>",
                     "[<br>][<BR/>][&amp;][&#39;][<a href=\"x\">][</a>][<h1>]");
    expect_addresses("a < b, x<y>z, <your name>, R&D; & co; <br", "");
}

Test(denial, asks_by_a_sign_or_denies_by_a_word) {
    static const char *const open[] = {"where is it?", "It won't load", "It WON\xe2\x80\x99T load", "cant see it", "Not now",
                                       "nobody asked", "geht nicht", "kein Ton", "\xc3\xa7" "a ne marche pas", "sin sonido",
                                       "jam\xc3\xa1s", "n\xc3\xa3o abre", "\xe5\x8b\x95\xe3\x81\x8b\xe3\x81\xaa\xe3\x81\x84",
                                       "\xe4\xb8\x8d\xe8\xa1\x8c"};
    static const char *const closed[] = {"", "I love it", "now and nose, notably", "a knot", "sinful", "n't", "best!"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) cr_expect(ew_text_denies(open[i], strlen(open[i])), "%s", open[i]);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        cr_expect(!ew_text_denies(closed[i], strlen(closed[i])), "%s", closed[i]);
}

Test(addresses, of_hostile_text_in_linear_time) {
    enum { N = 1 << 21 };
    static const char *const parts[] = {"<a ", "<br>", "&am", "@", "a@", "www.", "http://", "@a", ")", "a.b.c", "www.)"};
    char *text = malloc(N);
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        size_t length = strlen(parts[p]), at = 0, found = 0;
        for (size_t i = 0; i < N; i++) text[i] = parts[p][i % length];
        ew_range range;
        while (ew_text_next_address(text, N, &at, &range)) found++;
        cr_assert_leq(found, N);
    }
    free(text);
}
