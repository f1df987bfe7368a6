/* Time grows with the length of a text and no faster, whatever the text: every stage before the units, over texts made to lead
 * each of them into its longest loops. Twice the bytes may take 2.8 times the processor time (a quadratic step takes four);
 * EDGEWISE_HOSTILE_KB sets the first of the two sizes, and with it the times are shown. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/text/families_inside.h"

#include "leaks.h"

/* One period of each; the whole text repeats it. */
static const struct { const char *name, *bytes; size_t n; } patterns[] = {
#define P(name, bytes) {name, bytes, sizeof(bytes) - 1}
    P("a", "a"), P("A", "A"), P("digit", "7"), P("blank", " "), P("tab", "\t"), P("zero", "\0"), P("control", "\x01"),
    P("full stop", "."), P("exclamation", "!"), P("quote", ">"), P("quoted lines", "> a\n"), P("empty quotes", ">\n"),
    P("fences", "```\n"), P("open fences", "```a\n"), P("comments", "<!-- a\n"), P("ends of comments", "--->"),
    P("code", "a_b={c} "),
    P("line break", "\n"), P("return", "\r"), P("breaks", "\r\n"), P("underscore", "_"), P("snake", "a_"),
    P("apostrophe", "a'"), P("hyphen", "a-"), P("dashes", "--\n"), P("dashes and gaps", "a\n-- \n\n\n\n"), P("at", "@"),
    P("a at", "a@"), P("mails", "a.b@c.de "), P("mail domain", "a@b.cc."), P("links", "http://a.b/"),
    P("links of signs", "http://.,!?"), P("www", "www. "), P("groups of digits", "12 "), P("phones", "+49 171 1234567 "),
    P("brackets", "(1) "), P("iban", "DE89 3704 "), P("iban letters", "ab12"), P("dates", "2026-11-22 "),
    P("stops and blanks", ". "), P("abbreviations", "e.g. "), P("initials", "U.S."), P("glued", "abc.Def"),
    P("smileys", " :)"), P("emoji", "\xf0\x9f\x98\x80"), P("hearts", "\xe2\x9d\xa4\xef\xb8\x8f"),
    P("joiner", "\xe2\x80\x8d"), P("selector", "\xef\xb8\x8f"), P("acute", "\xcc\x81"),
    P("cedilla and acute", "\xcc\xa7\xcc\x81"), P("e acute", "e\xcc\x81"), P("ring and e", "\xc3\xa9"),
    P("Han", "\xe6\xbc\xa2"), P("Thai", "\xe0\xb8\x81\xe0\xb8\xb3\xe0\xb9\x89"), P("Thai and blank", "\xe0\xb8\x81 "),
    P("kana and mark", "\xe3\x81\x8b\xe3\x82\x99"), P("jamo", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"),
    P("Hangul", "\xea\xb0\x80"), P("filler", "\xef\xbe\xa0"), P("ligature", "\xef\xb7\xba"),
    P("plane 2", "\xf0\xa0\x80\x80"), P("Hebrew points", "\xd7\x90\xd6\xbc"), P("no-break blank", "\xc2\xa0"),
    P("C1", "\xc2\x85"), P("C1 control", "\xc2\x81"), P("bad head", "\xff"), P("bad tail", "\x80"),
    P("cut short", "\xe2\x82"), P("overlong", "\xc0\xaf"), P("surrogate", "\xed\xa0\x80"), P("On wrote", "on 1 wrote\n"),
    P("On", "on "), P("From", "from: a\n"), P("header", "from: a@b.c\nto: b\n\nsubject: c\n"),
    P("separator", "--- original message ---\n"), P("Sent from", "sent from my "), P("bullets", "- a\n"),
    P("list", "1) a\n"), P("colon", "a:\n> b\n"), P("words", "the app is slow "),
    P("lines", "the app is very slow today\n"), P("capitals", "The App Is Slow "),
#undef P
};

static ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY), copy = EW_BUFFER_INIT(EW_BUFFER_ANY);
static ew_ranges masks, sentences;
static ew_shingler shingler;
static ew_boilerplate *lines;
static uint32_t comment;

static void normalise(const char *text, size_t n) {
    ew_buffer_clear(&out);
    cr_assert_eq(ew_text_normalise(text, n, &out, NULL), EW_OK);
}
static void repair(const char *text, size_t n) {
    ew_buffer_clear(&out);
    cr_assert_eq(ew_text_repair(text, n, &out, NULL), EW_OK);
}
static void words(const char *text, size_t n) {
    size_t at = 0;
    for (ew_range word; ew_text_next_word(text, n, &at, &word);) {}
}
static void mask(const char *text, size_t n) { cr_assert_eq(ew_text_masks(text, n, NULL, &masks, NULL), EW_OK); }
static void split(const char *text, size_t n) { cr_assert_eq(ew_text_sentences(text, n, &masks, &sentences, NULL), EW_OK); }
static void language(const char *text, size_t n) { (void)ew_text_language(text, n); }
static void pii(const char *text, size_t n) {
    ew_buffer_clear(&copy);
    cr_assert_eq(ew_buffer_append(&copy, text, n, NULL), EW_OK);
    ew_text_mask_pii(copy.data, n);
}
static void boilerplate(const char *text, size_t n) {
    comment++;
    cr_assert_eq(ew_boilerplate_add(lines, text, n, comment, comment, NULL), EW_OK);
}
static void likeness(const char *text, size_t n) {
    uint32_t keys[EW_SKETCH_KEYS];
    ew_outline outline;
    static ew_counter counters[EW_SKETCH_COUNTERS];
    cr_assert_eq(ew_shingler_words(&shingler, text, n, NULL), EW_OK);
    cr_assert_eq(ew_shingler_keys(&shingler, text, n, counters, 1, keys, 1, &outline, NULL), EW_OK);
    cr_assert_eq(ew_shingler_letter_set(&shingler, 1, NULL), EW_OK);
}

static const struct { const char *name; void (*run)(const char *text, size_t n); } stages[] = {
    {"repair", repair}, {"normalise", normalise}, {"words", words}, {"masks", mask}, {"sentences", split}, {"language", language},
    {"pii", pii}, {"boilerplate", boilerplate}, {"likeness", likeness},
};

static double milliseconds(void (*run)(const char *, size_t), const char *text, size_t n) {
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        struct timespec a, b;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        run(text, n);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        double took = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) * 1e-6;
        if (took < best) best = took;
        if (round == 0 && took > 200) break;
    }
    return best;
}

static void grow(const char *name, const char *text, size_t n, int shown) {
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++) {
        double small = milliseconds(stages[s].run, text, n / 2), large = milliseconds(stages[s].run, text, n);
        if (shown) printf("%-12s %-20s %8.2f ms %8.2f ms %5.2f\n", stages[s].name, name, small, large, large / (small + 1e-9));
        cr_assert_lt(large, 2.8 * small + 3, "%s of '%s': %.1f ms, twice as long: %.1f ms", stages[s].name, name, small, large);
    }
}

Test(hostile_text, twice_the_length_takes_twice_the_time, .timeout = 120) {
    const char *asked = getenv("EDGEWISE_HOSTILE_KB");
    size_t n = (asked ? (size_t)atol(asked) : 48) << 11;
    char *text = ew_alloc(n, 1);
    cr_assert_not_null(text);
    cr_assert_eq(ew_boilerplate_create(&lines, NULL), EW_OK);
    ew_shingler_init(&shingler);
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        for (size_t i = 0; i < n; i++) text[i] = patterns[p].bytes[i % patterns[p].n];
        grow(patterns[p].name, text, n, asked != NULL);
    }
    for (uint64_t i = 0; i < n; i++) text[i] = (char)ew_random(1, 2, i, 3); /* any bytes */
    grow("noise", text, n, asked != NULL);
    for (uint64_t i = 0; i < n; i++) text[i] = "abc ABC.,;:!?-_'\n>@12(0)/\xcc\x81"[ew_random(1, 3, i, 3) % 28];
    grow("soup", text, n, asked != NULL);
    for (uint64_t i = 0; i < n; i++) text[i] = ew_random(1, 4, i, 3) % 9 ? (char)('a' + ew_random(1, 5, i, 3) % 26) : ' ';
    grow("distinct words", text, n, asked != NULL);
    ew_free(text);
    ew_buffer_free(&out);
    ew_buffer_free(&copy);
    ew_ranges_free(&masks);
    ew_ranges_free(&sentences);
    ew_shingler_free(&shingler);
    ew_boilerplate_free(lines);
    assert_no_leaks();
}
