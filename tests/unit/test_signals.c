/* signals: which words are a cue of what, and what asks for something. All sentences were written for this test. */
#define _GNU_SOURCE /* mkstemp */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/clock.h"
#include "../../core/base/pool.h"
#include "../../core/base/utf8.h"
#include "../../core/needs/cue_files.h"
#include "../../core/needs/signals.h"
#include "leaks.h"

static ew_signals *all(void) {
    ew_signals *signals = NULL;
    ew_error err = {0};
    cr_assert_eq(ew_signals_create(NULL, &signals, &err), EW_OK, "%s", err.message);
    return signals;
}

static ew_sentence_signals of(const ew_signals *signals, const char *text, const char *lang) {
    ew_sentence_signals out;
    ew_error err = {0};
    size_t n = strlen(text);
    cr_assert_eq(ew_signals_of(signals, text, n, 0, (uint32_t)n, lang, &out, &err), EW_OK, "%s", err.message);
    return out;
}

static int shows(const ew_sentence_signals *signals, ew_cue_kind kind) {
    for (uint32_t i = 0; i < signals->n_cues; i++)
        if (signals->cues[i].kind == kind) return 1;
    return 0;
}

typedef struct example { const char *lang, *text; int kind, yes; } example;

static void check(const example *examples, size_t n) {
    ew_signals *signals = all();
    for (size_t i = 0; i < n; i++) {
        ew_sentence_signals got = of(signals, examples[i].text, examples[i].lang);
        cr_expect_eq(shows(&got, (ew_cue_kind)examples[i].kind), examples[i].yes, "kind %d %s in '%s'", examples[i].kind,
                     examples[i].yes ? "not seen" : "seen", examples[i].text);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}

Test(signals, kinds_in_english) {
    static const example examples[] = {
        {"en", "I wish the hose were longer.", EW_CUE_DESIRE, 1},
        {"en", "It would be lovely if it folded.", EW_CUE_DESIRE, 1},
        {"en", "The hose is long and it folds.", EW_CUE_DESIRE, 0},
        {"en", "I wish you all the best.", EW_CUE_DESIRE, 0},
        {"en", "There is no button for that.", EW_CUE_ABSENCE, 1},
        {"en", "It lacks a handle.", EW_CUE_ABSENCE, 1},
        {"en", "There is no doubt about it.", EW_CUE_ABSENCE, 0},
        {"en", "There were no problems.", EW_CUE_ABSENCE, 0},
        {"en", "I ended up making a cover out of felt.", EW_CUE_WORKAROUND, 1},
        {"en", "As a workaround we send a photo.", EW_CUE_WORKAROUND, 1},
        {"en", "I keep a separate list on paper.", EW_CUE_WORKAROUND, 1},
        {"en", "The cover is made of felt.", EW_CUE_WORKAROUND, 0},
        {"en", "I have to restart it every time.", EW_CUE_EFFORT, 1},
        {"en", "It takes forever to warm up.", EW_CUE_EFFORT, 1},
        {"en", "You do not have to restart it.", EW_CUE_EFFORT, 0},
        {"en", "Set up without any hassle.", EW_CUE_EFFORT, 0},
        {"en", "Oh well, it is only a lamp.", EW_CUE_RESIGNATION, 1},
        {"en", "I've gotten used to it.", EW_CUE_RESIGNATION, 1},
        {"en", "We gave up on the timer.", EW_CUE_RESIGNATION, 1},
        {"en", "The well behind the house is deep.", EW_CUE_RESIGNATION, 0},
        {"en", "It used to have two speeds.", EW_CUE_COMPARISON, 1},
        {"en", "Other brands offer a spare filter.", EW_CUE_COMPARISON, 1},
        {"en", "It is used in the kitchen.", EW_CUE_COMPARISON, 0},
        {"en", "I am worried that it will tip over.", EW_CUE_WORRY, 1},
        {"en", "No worries, it stands firm.", EW_CUE_WORRY, 0},
        {"en", "Don't worry about the cable.", EW_CUE_WORRY, 0},
        {"en", "The colours are amazing.", EW_CUE_DELIGHT, 1},
        {"en", "The colours are not amazing.", EW_CUE_DELIGHT, 0},
    };
    check(examples, sizeof examples / sizeof *examples);
}

Test(signals, kinds_in_other_languages) {
    static const example examples[] = {
        {"fr", "J\u2019aimerais une poignée plus longue.", EW_CUE_DESIRE, 1},
        {"fr", "La poignée est longue.", EW_CUE_DESIRE, 0},
        {"fr", "Il n'y a pas de bouton.", EW_CUE_ABSENCE, 1},
        {"fr", "Je me débrouille avec un carnet.", EW_CUE_WORKAROUND, 1},
        {"fr", "Tant pis.", EW_CUE_RESIGNATION, 1},
        {"es", "Me gustaría un mango más largo.", EW_CUE_DESIRE, 1},
        {"es", "ME GUSTARIA UN MANGO MAS LARGO", EW_CUE_DESIRE, 1},
        {"es", "El mango es largo.", EW_CUE_DESIRE, 0},
        {"es", "No hay botón para eso.", EW_CUE_ABSENCE, 1},
        {"es", "Lo apunto a mano en una libreta.", EW_CUE_WORKAROUND, 1},
        {"de", "Ich wünsche mir einen längeren Griff.", EW_CUE_DESIRE, 1},
        {"de", "Es waere schoen, wenn man das aendern koennte.", EW_CUE_DESIRE, 1},
        {"de", "Der Griff ist lang.", EW_CUE_DESIRE, 0},
        {"de", "Es gibt keinen Knopf dafür.", EW_CUE_ABSENCE, 1},
        {"de", "Ich schreibe alles von Hand auf einen Zettel.", EW_CUE_WORKAROUND, 1},
        {"ja", "取っ手をもっと長くしてほしいです。", EW_CUE_DESIRE, 1},
        {"ja", "取っ手は長いです。", EW_CUE_DESIRE, 0},
        {"ja", "ボタンがありません。", EW_CUE_ABSENCE, 1},
        {"ja", "代わりに紙に書いています。", EW_CUE_WORKAROUND, 1},
        {"", "Ojalá fuera más largo.", EW_CUE_DESIRE, 1}, /* language unknown: all are tried */
        {"", "もっと長くしてほしい", EW_CUE_DESIRE, 1},
        {"nl", "please make the handle longer", EW_CUE_DESIRE, 1}, /* no file of its own: English */
    };
    check(examples, sizeof examples / sizeof *examples);
}

Test(signals, spelling_changes_nothing) {
    static const char *const same[][2] = {
        {"I'd like a longer hose.", "I would like a longer hose."},
        {"I\u2019d like a longer hose.", "i would LIKE a longer hose."},
        {"Pls don't remove it", "Please do not remove it"},
        {"dont remove it", "do not remove it"},
        {"It'd be nice if it folded", "it would be nice if it folded"},
        {"Why can't I fold it?", "Why can not I fold it?"},
        {"work-around: tape", "work around: tape"},
    };
    ew_signals *signals = all();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        ew_sentence_signals a = of(signals, same[i][0], "en"), b = of(signals, same[i][1], "en");
        cr_expect_float_eq(a.need, b.need, 1e-6, "'%s' and '%s'", same[i][0], same[i][1]);
        cr_expect_eq(a.n_cues, b.n_cues, "'%s'", same[i][0]);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}

Test(signals, order_of_asking) {
    static const char *const more_less[][2] = {
        {"Please add a lid.", "Thank you for adding a lid."},
        {"I wish it had a lid.", "I hope to return soon."},
        {"Could you make a lid?", "He made a lid."},
        {"We need a lid.", "There is no need for a lid."},
        {"You should sell lids.", "He said you should sell lids."},
        {"It would be better with a lid.", "It could not be better."},
        {"Ask for a quiet table.", "We asked for a quiet table."},
    };
    ew_signals *signals = all();
    for (size_t i = 0; i < sizeof more_less / sizeof *more_less; i++) {
        ew_sentence_signals a = of(signals, more_less[i][0], "en"), b = of(signals, more_less[i][1], "en");
        cr_expect_gt(a.need, b.need, "'%s' %.2f, '%s' %.2f", more_less[i][0], (double)a.need, more_less[i][1], (double)b.need);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}

/* Forms a reader would not hesitate over, beside others that share their words. */
Test(signals, asks_and_what_only_looks_like_one) {
    static const struct { const char *text; int asks; } examples[] = {
        {"Add a new shelf above the sink.", 1},
        {"Create a new project and press the key.", 0},
        {"It would be nicer if the lid stayed open.", 1},
        {"It would be nice if I did not have to refill it twice.", 1},
        {"Let me be able to skip the intro.", 1},
        {"Let me be honest, the intro is long.", 0},
        {"There has to be a quicker way to change my address.", 1},
        {"The curtains could do with a wash.", 1},
        {"Have a second timer.", 1},
        {"I want to see the price before tax.", 1},
        {"Address and telephone number are on the box.", 0},
        {"Sync failed twice this morning.", 0},
        {"Separate bills for the two rooms.", 0},
        {"Sort of disappointing for the price.", 0},
        {"Read the small print on the box.", 0},
        {"Run the tap for a minute first.", 0},
        {"We need to add water by hand every morning.", 0},
        {"The lid must have broken in the box.", 0},
        {"The lid must have a handle.", 1},
        {"Do visit the cathedral while you are there.", 1},
        {"We recommend this hotel for couples with a car.", 1},
        {"We recommend this kettle.", 0},
        {"The castle is well worth a visit.", 1},
        {"Ask for one at the front desk.", 1},
    };
    ew_signals *signals = all();
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        ew_sentence_signals got = of(signals, examples[i].text, "en");
        cr_expect_eq(got.need >= .5f, examples[i].asks, "%s %.2f", examples[i].text, (double)got.need);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}

Test(signals, calibration) {
    ew_signals *signals = all();
    FILE *file = fopen("core/needs/cues/calibration_en.txt", "r");
    if (!file) cr_skip_test("core/needs/cues/calibration_en.txt is read from the root of the repository");
    char line[512];
    double n[2] = {0, 0}, right[2] = {0, 0};
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        int asks = strncmp(line, "asks ", 5) == 0;
        if (!asks && strncmp(line, "not ", 4) != 0) continue;
        ew_sentence_signals got = of(signals, strchr(line, ' ') + 1, "en");
        n[asks]++;
        right[asks] += (got.need >= 0.5f) == asks;
    }
    fclose(file);
    cr_assert(n[0] >= 100 && n[1] >= 100);
    cr_expect_geq(right[1] / n[1], 0.95, "asks: %.3f", right[1] / n[1]);
    cr_expect_geq(right[0] / n[0], 0.97, "not: %.3f", right[0] / n[0]);
    ew_signals_free(signals);
    assert_no_leaks();
}

static void borders(const char *text, uint32_t start, uint32_t end, const ew_sentence_signals *got) {
    cr_assert(got->need >= 0 && got->need <= 1 && got->n_cues <= 16);
    for (uint32_t i = 0; i < got->n_cues; i++) {
        ew_cue_span cue = got->cues[i];
        cr_assert(cue.start >= start && cue.start < cue.end && cue.end <= end);
        cr_assert((text[cue.start] & 0xc0) != 0x80 && (cue.end == end || (text[cue.end] & 0xc0) != 0x80));
        cr_assert(!i || got->cues[i - 1].start <= cue.start);
    }
}

Test(signals, the_terms_make_the_need) {
    static const char *const texts[] = {"I wish it had a lid, please add one", "It works, and it is easy to clean", "Lid",
                                        "We gave up and wedge a spoon under it; could you not just fix it?"};
    ew_signals *signals = all();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ew_sentence_signals got = of(signals, texts[i], "en");
        const ew_need_terms *t = &got.terms;
        double sum = (double)t->bias + (double)t->leaning + (double)t->hints + (double)t->strongest + (double)t->others +
                     (double)t->place + (double)t->against + (double)t->also_against;
        cr_expect(fabs((double)got.need - 1 / (1 + exp(-sum))) < 1e-5, "%s: %f, %f", texts[i], (double)got.need, sum);
        for (uint32_t c = 0; c < got.n_cues; c++)
            cr_expect(got.cues[c].weight <= t->strongest && got.cues[c].weight >= t->against, "%s", texts[i]);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}

static double place(const ew_signals *signals, const char *text) { return (double)of(signals, text, "xx").terms.place; }

Test(signals, the_place_of_an_ask) {
    ew_signals *signals = NULL;
    ew_error err = {0};
    char name[] = "/tmp/ew-placesXXXXXX";
    int fd = mkstemp(name);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    cr_assert(file);
    fputs("language en alone\ndesire 3 before\nlate 0.8\nbare 1\ndesire 3 lamp\ndesire 0.5 torch\nlate 0\ndesire 3 oak\n", file);
    fclose(file);
    cr_assert_eq(ew_signals_create(name, &signals, &err), EW_OK, "%s", err.message);
    remove(name);
    cr_expect_eq(place(signals, "a b c d e f g h before"), 0.0, "a pattern above these lines");
    cr_expect_eq(place(signals, "Lamp a b c d e"), 0.0);
    cr_expect_eq(place(signals, "a lamp b c d e. f"), 0.0, "one word may come first, and the sentence is what was given");
    cr_expect_float_eq(place(signals, "a b c lamp, b c d e f"), -.2, 1e-6, "two more: 2 / 8 of 0.8");
    cr_expect_float_eq(place(signals, "1 2 3 4 5 6 7 8 9 10 11 lamp b c d e f"), -.8, 1e-6);
    cr_expect_float_eq(place(signals, "lamp b don't"), -.6, 1e-6, "three of five words are missing");
    cr_expect_float_eq(place(signals, "a b c d e f g h i lamp"), -1.8, 1e-6);
    cr_expect_float_eq(place(signals, "a b c d e f g h i torch"), -.5, 1e-6, "never more than the weight");
    cr_expect_float_eq(place(signals, "a b c d e f g h i oak"), -1, 1e-6);
    cr_expect_eq(place(signals, "a b c d"), 0.0, "no ask, nothing to lose");
    ew_signals_free(signals);
    signals = all();
    static const char *const more_less[][2] = {
        {"Please add a lid that closes by itself.", "Please add it."},
        {"The lid should close by itself at night.", "As far as I have read in the papers they gave us, it should."},
    };
    for (size_t i = 0; i < sizeof more_less / sizeof *more_less; i++)
        cr_expect_gt(of(signals, more_less[i][0], "en").need, of(signals, more_less[i][1], "en").need, "%s", more_less[i][1]);
    cr_expect_eq(of(signals, "Bitte einen Deckel", "de").terms.place, 0.0f, "German asks at the end");
    ew_signals_free(signals);
    assert_no_leaks();
}

Test(signals, offsets_are_of_the_comment) {
    ew_signals *signals = all();
    const char *text = "Très bien 😀 – I wish it “had” a lid’s edge. Ça va.";
    const char *from = strstr(text, "I wish"), *to = strstr(text, " Ça");
    ew_sentence_signals got;
    uint32_t start = (uint32_t)(from - text), end = (uint32_t)(to - text);
    cr_assert_eq(ew_signals_of(signals, text, strlen(text), start, end, "en", &got, NULL), EW_OK);
    borders(text, start, end, &got);
    cr_assert(shows(&got, EW_CUE_DESIRE));
    cr_assert_eq(memcmp(text + got.cues[0].start, "I wish", 6), 0);
    const char *kana = "電池が切れます。もっと長くしてほしい！";
    got = of(signals, kana, "ja");
    borders(kana, 0, (uint32_t)strlen(kana), &got);
    cr_assert_gt(got.n_cues, 0);
    cr_assert_eq(ew_signals_of(signals, text, 10, 5, 11, "en", &got, NULL), EW_USAGE);
    cr_assert_eq(ew_signals_of(signals, text, 10, 6, 5, "en", &got, NULL), EW_USAGE);
    cr_assert_eq(ew_signals_of(signals, text, 10, 4, 4, NULL, &got, NULL), EW_OK);
    cr_assert_eq(got.n_cues, 0);
    ew_signals_free(signals);
    assert_no_leaks();
}

/* A megabyte of cue words, of near misses, of bad bytes: cues stay bounded, and ten times the length takes ten times as long. */
Test(signals, hostile_sentences_are_linear, .timeout = 60) {
    static const char *const pieces[] = {"please add i wish i would really love to be able to have ",
                                         "would would really really be ",
                                         "\xff\xc3(", "a", "'", "てほしい",
                                         "I've to do do do not not never every single time over and "};
    ew_signals *signals = all();
    size_t n = 1 << 20;
    char *text = malloc(n);
    cr_assert(text);
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
        size_t length = strlen(pieces[p]);
        for (size_t i = 0; i < n; i++) text[i] = pieces[p][i % length];
        ew_sentence_signals got;
        double begun = ew_wall();
        for (int i = 0; i < 10; i++)
            cr_assert_eq(ew_signals_of(signals, text, n, 0, (uint32_t)(n / 10), "en", &got, NULL), EW_OK);
        double tenth = ew_wall() - begun;
        begun = ew_wall();
        cr_assert_eq(ew_signals_of(signals, text, n, 0, (uint32_t)n, "en", &got, NULL), EW_OK);
        double whole = ew_wall() - begun;
        cr_assert_leq(got.n_cues, 16);
        cr_expect_lt(whole, 4 * tenth + 0.5, "'%s': %.3f s, ten tenths %.3f s", pieces[p], whole, tenth);
    }
    free(text);
    ew_signals_free(signals);
    assert_no_leaks();
}

typedef struct hits { uint32_t n, number, start, end; } hits;
static void note(void *context, uint32_t number, const ew_pattern *pattern, uint32_t start, uint32_t end) {
    hits *h = context;
    (void)pattern;
    *h = (hits){h->n + 1, number, start, end};
}

static ew_status compiled(const char *file, size_t n, ew_patterns **out, ew_error *err) {
    ew_pattern_lines all = {"t", file, n, 0, 0};
    return ew_patterns_compile(&all, 1, out, err);
}

static uint32_t count(const char *file, const char *text) {
    ew_patterns *patterns = NULL;
    ew_error err = {0};
    hits h = {0, 0, 0, 0};
    cr_assert_eq(compiled(file, strlen(file), &patterns, &err), EW_OK, "%s", err.message);
    ew_patterns_match(patterns, text, 0, (uint32_t)strlen(text), note, &h);
    ew_patterns_free(patterns);
    return h.n;
}

Test(patterns, the_language) {
    static const struct { const char *file, *text; uint32_t n; } cases[] = {
        {"desire 1 red lamp", "a Red lamp", 1},
        {"desire 1 red lamp", "red. lamp", 0},
        {"desire 1 red lamp", "red, lamp", 1},
        {"desire 1 red lamp", "redlamp red lamps", 0},
        {"desire 1 red|dark_blue lamp", "dark blue lamp and red lamp", 2},
        {"desire 1 the red? lamp", "the lamp the red lamp", 2},
        {"desire 1 the * lamp", "the very old red lamp", 1},
        {"desire 1 the * lamp", "the very very old red lamp", 0},
        {"desire 1 the *4 lamp", "the very very old red lamp", 1},
        {"desire 1 lamp*", "Lamps lampshade clamp", 2},
        {"desire 1 ^ lamp", "lamp. Lamp, lamp lamp", 2},
        {"desire 1 , lamp", "lamp. Lamp, lamp lamp", 3},
        {"<lead> = so and\ndesire 1 ^ lamp", "so and lamp", 1},
        {"<join> = but\ndesire 1 , lamp", "red but lamp and lamp", 1},
        {"desire 1 lamp !post", "lamp post", 0},
        {"desire 1 lamp !post", "lamp", 1},
        {"desire 1 lamp !post here", "lamp here", 1},
        {"<no> = not no\ndesire 1 !<no> lamp", "not a red lamp", 0},
        {"<no> = not no\ndesire 1 !<no> lamp", "not a very red lamp", 1},
        {"<no> = not no\ndesire 1 !<no> lamp", "no, lamp", 1},
        {"desire 1 lamp [?]", "lamp? lamp!", 1},
        {"desire 1 lamp $", "lamp? lamp red lamp", 2},
        {"desire 1 lamp please|$", "lamp please", 1},
        {"alias light = red lamp\ndesire 1 red lamp", "light", 1},
        {"alias *'d = * would\ndesire 1 it would", "it'd It\u2019d", 2},
        {"alias l'* = l *\ndesire 1 lampe", "l'lampe", 1},
        {"desire 1 lämpe\xc3\xa9", "LAMPEE lämpéé", 2},
        {"<a> = red\n<a> = dark_blue # both\n<b> = <a> green\ndesire 1 <b> lamp", "dark blue lamp red lamp green lamp", 3},
        {"desire 1 lamp\xc3\xa9", "lampe\xcc\x81 lampe", 2}, /* the accent a letter of its own */
        {"keep ä\ndesire 1 hätte", "hätte HÄTTE hatte h\xc3\xa0tte", 2},
        {"keep äö ü\nalias haette = hätte\ndesire 1 hätte|für|schon", "haette fur für schön sch\xc3\xb3n", 3},
        {"desire 1 ほしい", "てほしい", 1},
        {"lean 1 lamp\ndesire 1 lamp", "lamp", 1},
        {"# nothing\n\n   \r\nbias -1.5", "lamp", 0},
        {"", "lamp", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(count(cases[i].file, cases[i].text), cases[i].n, "'%s' on '%s': %u", cases[i].file, cases[i].text,
                     count(cases[i].file, cases[i].text));
    assert_no_leaks();
}

static double leaning(const char *file, const char *text) {
    ew_patterns *patterns = NULL;
    hits h = {0, 0, 0, 0};
    cr_assert_eq(compiled(file, strlen(file), &patterns, NULL), EW_OK);
    double out = ew_patterns_match(patterns, text, 0, (uint32_t)strlen(text), note, &h);
    ew_patterns_free(patterns);
    return out;
}

Test(patterns, words_lean) {
    static const char file[] = "lean 0.5 red Lämpe\nlean -1.25 old\nalias light = red lampe\ndesire 1 old lamp\nlean 1 oak";
    cr_expect_eq(leaning(file, ""), 0.0);
    cr_expect_eq(leaning(file, "green"), 0.0);
    cr_expect_eq(leaning(file, "Red"), 0.5);
    cr_expect_eq(leaning(file, "a red LAMPE here"), 0.5, "two of four words: 1 / 2");
    cr_expect_float_eq(leaning(file, "light"), 1 / 1.4142135623730951, 1e-12, "an alias is two words");
    cr_expect_eq(leaning(file, "old"), -1.25);
    cr_expect_eq(leaning(file, "oak"), 1.0);
    cr_expect_eq(leaning(file, "old old old old"), -2.0, "never beyond 2");
    assert_no_leaks();
}

Test(patterns, malformed_lines_are_named) {
    static const struct { const char *file, *says; } cases[] = {
        {"wish 1 lamp", "t:1:"}, {"bias -1\ndesire x lamp", "t:2:"}, {"desire 1", "t:1:"}, {"desire 99 lamp", "within -20"},
        {"desire 1 * lamp", "gap"}, {"desire 1 lamp *", "gap"}, {"desire 1 lamp?", "left out"},
        {"desire 1 <x>", "'<x>' is not defined"},
        {"desire 1 a||b", "empty alternative"}, {"<x> a", "needs '='"}, {"<x> = a\ndesire 1 <x>\n<x> = b", "t:3:"},
        {"desire 1 a !b_c", "single words"}, {"desire 1 a !b c?", "left out"}, {"desire 1 a *x b", "gap"}, {"alias a", "alias"},
        {"alias *d = * would", "apostrophe"}, {"alias a b = c", "alias"}, {"bias", "bias"}, {"desire 1 ...", "no letter"},
        {"late -1", "late needs"}, {"late", "0 .. 20"}, {"bare 1 2", "bare needs"}, {"desire 1 lamp\nbare x", "t:2:"},
        {"desire 1 a.b", "part"}, {"desire 1 a? !b c", "left out"}, {"<lead> = a_b", "single words"}, {"desire 1 ", "t:1:"},
        {"desire 1 !lamp", "left out"}, {"lean lamp", "'lean' needs"}, {"lean 1", "'lean' needs"}, {"lean 1 a_b", "single word"},
        {"lean 21 lamp", "within -20"}, {"lean 1 ...", "single word"}, {"keep", "needs letters"}, {"keep a", "small letters"},
        {"keep Ä", "small letters"}, {"keep àáâãäåæçèéêëìíîïð", "up to 16"}, {"desire 1 lamp\nkeep ä", "t:2:"},
        {"<x> = a\nkeep ä", "'keep' comes before"}, {"alias a = b\nkeep ä", "'keep' comes before"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_patterns *patterns = NULL;
        ew_error err = {0};
        ew_status status = compiled(cases[i].file, strlen(cases[i].file), &patterns, &err);
        cr_expect_eq(status, EW_INPUT, "'%s' was taken", cases[i].file);
        cr_expect(strstr(err.message, cases[i].says), "'%s': %s", cases[i].file, err.message);
        cr_expect_null(patterns);
        ew_patterns_free(patterns);
    }
    assert_no_leaks();
}

Test(patterns, limits) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_patterns *patterns = NULL;
    ew_error err = {0};
    for (int i = 0; i < 5000; i++) cr_assert_eq(ew_buffer_printf(&text, NULL, "desire 1 w%d\n", i), EW_OK);
    cr_assert_eq(compiled(text.data, text.length, &patterns, &err), EW_INPUT);
    cr_assert(strstr(err.message, "different items"), "%s", err.message);
    ew_buffer_clear(&text);
    for (int i = 0; i < 3000; i++) cr_assert_eq(ew_buffer_printf(&text, NULL, "desire 1 a * b * c\n"), EW_OK);
    cr_assert_eq(compiled(text.data, text.length, &patterns, &err), EW_INPUT);
    cr_assert(strstr(err.message, "places"), "%s", err.message);
    ew_buffer_free(&text);
    assert_no_leaks();
}

Test(patterns, allocation_failure) {
    static const char file[] = "bias -2\nlate 1\nbare 0.5\nlean 0.5 q r\nalias z = b c\nalias *'d = * would\n"
                               "<x> = a b_c d*\n<lead> = so\n"
                               "desire 1 !k|m e <x>? * f|g_h [?]\n";
    ew_patterns *patterns = NULL;
    ew_error err = {0};
    ew_status status = EW_RESOURCE;
    uint64_t nth = 0;
    while (status != EW_OK && ++nth < 1000) {
        ew_alloc_fail_after(nth);
        status = compiled(file, sizeof file - 1, &patterns, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && !patterns), "%s", err.message);
    }
    cr_assert(status == EW_OK && nth > 20);
    ew_patterns_free(patterns);
    ew_signals *signals = NULL;
    for (nth = 1; nth < 4000; nth += 97) { /* the built-in files: now and then one allocation */
        ew_alloc_fail_after(nth);
        status = ew_signals_create(NULL, &signals, &err);
        ew_alloc_fail_after(0);
        cr_assert((status == EW_OK) == (signals != NULL));
        ew_signals_free(signals);
        signals = NULL;
    }
    assert_no_leaks();
}

static ew_status built(const char *file, ew_cue_languages *languages, ew_error *err) {
    *languages = (ew_cue_languages){0};
    return ew_cue_languages_build(languages, "own.txt", file, strlen(file), err);
}

static const ew_patterns *language(const ew_cue_languages *languages, const char *code) {
    for (uint32_t i = 0; i < languages->n; i++)
        if (strcmp(languages->items[i].code, code) == 0) return languages->items[i].patterns;
    return NULL;
}

Test(cue_files, a_users_file_adds_or_replaces) {
    ew_cue_languages plain = {0}, own;
    ew_error err = {0};
    cr_assert_eq(ew_cue_languages_build(&plain, NULL, NULL, 0, &err), EW_OK, "%s", err.message);
    cr_assert_eq(built("\xef\xbb\xbf# mine\n\n  language en # more\n<lamp> = lamp torch\ndesire 3 <lamp> please\nbias -3\n"
                       "language de alone\r\neffort -1 lampe\r\nlanguage nl\ndesire 2 graag",
                       &own, &err), EW_OK, "%s", err.message);
    cr_assert_eq(plain.n, 5);
    cr_assert_eq(own.n, 6);
    cr_expect_eq(ew_patterns_count(language(&own, "en")), ew_patterns_count(language(&plain, "en")) + 1);
    cr_expect_eq(ew_patterns_count(language(&own, "fr")), ew_patterns_count(language(&plain, "fr")));
    cr_expect_eq(ew_patterns_count(language(&own, "de")), 1);
    cr_expect_eq(ew_patterns_count(language(&own, "nl")), 1);
    cr_expect_eq(ew_patterns_bias(language(&own, "en")), -3.0);
    hits h = {0, 0, 0, 0};
    ew_patterns_match(language(&own, "nl"), "een lamp graag", 0, 14, note, &h);
    cr_expect_eq(h.n, 1);
    ew_cue_languages_free(&plain);
    ew_cue_languages_free(&own);
    assert_no_leaks();
}

Test(cue_files, mistakes_are_named_by_file_and_line) {
    static const struct { const char *file, *says; } cases[] = {
        {"", "holds no cues"}, {"# only this\n", "holds no cues"}, {"desire 3 lamp\nlanguage en\n", "own.txt:1:"},
        {"language\n", "own.txt:1:"}, {"\nlanguage EN\n", "own.txt:2:"}, {"language english\n", "ISO 639"},
        {"language en only\n", "alone"}, {"language en alone now\n", "own.txt:1:"},
        {"language en\nlanguage de\nlanguage en\n", "own.txt:3:"}, {"language en\n\nwish 3 lamp\n", "own.txt:3:"},
        {"language nl\n# a\ndesire 3 <no> lamp\n", "own.txt:3:"}, {"language en\n<i> = thou\n", "another name"},
        {"language de alone\ndesire 99 lampe\n", "own.txt:2:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_cue_languages own;
        ew_error err = {0};
        cr_expect_eq(built(cases[i].file, &own, &err), EW_INPUT, "'%s' was taken", cases[i].file);
        cr_expect(strstr(err.message, cases[i].says), "'%s': %s", cases[i].file, err.message);
        ew_cue_languages_free(&own);
    }
    ew_signals *signals = NULL;
    ew_error err = {0};
    cr_expect_eq(ew_signals_create("/nowhere/own.txt", &signals, &err), EW_INPUT);
    cr_expect(strstr(err.message, "/nowhere/own.txt"));
    cr_expect_eq(ew_signals_create("/", &signals, &err), EW_INPUT, "a folder");
    cr_expect_null(signals);
    assert_no_leaks();
}

Test(cue_files, limits) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_cue_languages own;
    ew_error err = {0};
    for (int i = 0; i < 60; i++)
        cr_assert_eq(ew_buffer_printf(&text, NULL, "language x%c%c\ndesire 1 lamp\n", 'a' + i / 26, 'a' + i % 26), EW_OK);
    own.n = 0;
    cr_expect_eq(ew_cue_languages_build(&own, "own.txt", text.data, text.length, &err), EW_INPUT);
    cr_expect(strstr(err.message, "more than 59 languages"), "%s", err.message);
    ew_cue_languages_free(&own);
    ew_buffer_clear(&text);
    cr_assert_eq(ew_buffer_printf(&text, NULL, "language en alone\n"), EW_OK);
    for (int i = 0; i < 4097; i++) cr_assert_eq(ew_buffer_printf(&text, NULL, "hint 1 lamp\n"), EW_OK);
    cr_expect_eq(ew_cue_languages_build(&own, "own.txt", text.data, text.length, &err), EW_INPUT);
    cr_expect(strstr(err.message, "more than 4096 patterns"), "%s", err.message);
    ew_cue_languages_free(&own);
    ew_buffer_free(&text);
    assert_no_leaks();
}

typedef struct job { const ew_signals *signals; const char *text; ew_sentence_signals *out; } job;
static ew_status one(void *context, uint64_t task, int worker, ew_error *err) {
    const job *j = context;
    (void)worker;
    size_t n = strlen(j->text);
    return ew_signals_of(j->signals, j->text, n, (uint32_t)(task % n), (uint32_t)n, "", &j->out[task], err);
}

Test(signals, shared_by_threads) {
    enum { N = 600 };
    static ew_sentence_signals first[N], again[N];
    static const int threads[] = {1, 2, 3, 8};
    ew_signals *signals = all();
    for (int t = 0; t < 4; t++) {
        job j = {signals, "please add a lid, i wish it had one; ojalá; je voudrais; 長くしてほしい; every single time",
                 t ? again : first};
        ew_pool *pool;
        cr_assert_eq(ew_pool_create(threads[t], &pool, NULL), EW_OK);
        cr_assert_eq(ew_pool_run(pool, N, one, &j, NULL), EW_OK);
        ew_pool_free(pool);
        cr_assert(!t || memcmp(first, again, sizeof first) == 0);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}
