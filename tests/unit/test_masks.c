/* text: what is not the writer's own, and lines that recur. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/text/text.h"
#include "leaks.h"

static void masks_are(const char *text, const ew_boilerplate *lines, const char *want) {
    char got[1024] = "";
    size_t used = 0;
    ew_ranges out = {NULL, 0, 0};
    cr_assert_eq(ew_text_masks(text, strlen(text), lines, &out, NULL), EW_OK);
    for (uint32_t i = 0; i < out.n; i++)
        used += (size_t)snprintf(got + used, sizeof got - used, "[%.*s]", (int)(out.items[i].end - out.items[i].start),
                                 text + out.items[i].start);
    ew_ranges_free(&out);
    cr_assert_str_eq(got, want);
}

Test(masks, quotes) {
    static const char *const cases[][2] = {
        {"", ""}, {"just words", ""}, {"Thanks\n> hi\n> there\nmore", "[> hi\n> there]"},
        {"Thanks\n\nOn Mon, Jan 5, 2024 at 3:14 PM Bob <b@x.com>\nwrote:\n> hi\n\nmore",
         "[On Mon, Jan 5, 2024 at 3:14 PM Bob <b@x.com>\nwrote:][> hi]"},
        {"Danke\nAm 12.03.2024 um 10:15 schrieb Max <m@x.de>:\n> alt", "[Am 12.03.2024 um 10:15 schrieb Max <m@x.de>:][> alt]"},
        {"Merci\nLe 5 janv. 2024 \xc3\xa0 15:14, X <x@y.fr> a \xc3\xa9"
         "crit :\n\n> vieux", "[Le 5 janv. 2024 \xc3\xa0 15:14, X <x@y.fr> a \xc3\xa9"
         "crit :][> vieux]"},
        {"Gracias\nEl 5 ene 2024, X <x@y.es> escribi\xc3\xb3:\nviejo y largo",
         "[El 5 ene 2024, X <x@y.es> escribi\xc3\xb3:\nviejo y largo]"},
        {"Mine\n-----Original Message-----\nFrom: a\nold", "[-----Original Message-----\nFrom: a\nold]"},
        {"Mine\n\nFrom: A <a@b.c>\nSent: Monday\nTo: B\nSubject: x\n\nold",
         "[From: A <a@b.c>\nSent: Monday\nTo: B\nSubject: x\n\nold]"},
        {"Meins\nVon: A\nGesendet: Montag\nAn: B\nBetreff: x\nalt", "[Von: A\nGesendet: Montag\nAn: B\nBetreff: x\nalt]"},
        /* a forwarded mail: what stands below is all there is */
        {"From: A <a@b.c>\nSent: Monday\nSubject: x\n\nall of it", "[From: A <a@b.c>\nSent: Monday\nSubject: x]"},
        /* what only looks like one */
        {"On 5 May the agent wrote: it works", ""}, {"From: London\nTo: Paris\nDate: 5 May, late", ""}, {"bad\n>:(\nbad", ""},
        {"Please add:\n> dark mode\n> light mode", ""}, {"I need\n>100 items", ""}, {"> only this", ""},
        {"> a quote\n> and no word more", "[> a quote\n> and no word more]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) masks_are(cases[i][0], NULL, cases[i][1]);
    assert_no_leaks();
}

Test(masks, signatures) {
    static const char *const cases[][2] = {
        {"hello\n-- \nBob\nCEO", "[-- \nBob\nCEO]"}, {"hello\n--\nBob", "[--\nBob]"}, {"-- \nBob says all of this", ""},
        {"hi all\n\nSent from my iPhone", "[Sent from my iPhone]"}, {"hi\nGet Outlook for iOS", "[Get Outlook for iOS]"},
        {"hallo\nVon meinem iPhone gesendet", "[Von meinem iPhone gesendet]"},
        {"bonjour\nEnvoy\xc3\xa9 de mon iPhone", "[Envoy\xc3\xa9 de mon iPhone]"},
        {"hola\nEnviado desde mi iPhone", "[Enviado desde mi iPhone]"}, {"Sent from my office yesterday, arrived broken", ""},
        {"hello\n--\na line that is long enough to be a paragraph of its own, with words and words, and no signature at all", ""},
        {"hi\n-- \nBob\n> old\n> words", "[-- \nBob][> old\n> words]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) masks_are(cases[i][0], NULL, cases[i][1]);
}

Test(masks, reposts) {
    static const char *const cases[][2] = {
        {"Nice RT @Air: our seats\nand mine", "[RT @Air: our seats]"}, {"No. RT @Air our seats", "[RT @Air our seats]"},
        {"RT @Air: nothing of one's own", "[RT @Air: nothing of one's own]"},
        {"\xe2\x80\x9c@Air: we see. ^KN\xe2\x80\x9d then see to it", "[\xe2\x80\x9c@Air: we see. ^KN\xe2\x80\x9d]"},
        {"empty seats \"@Air: understood\" no", "[\"@Air: understood\"]"}, {"so \"@Air: cut off", "[\"@Air: cut off]"},
        {"a \"@A: b\" c \"@D: e\" f", "[\"@A: b\"][\"@D: e\"]"},
        /* what only looks like one */
        {"SMART @Air and \"@Air\" alone", ""}, {"RT if you agree @Air", ""}, {"\"@ home: nothing\" \xe2\x80", ""},
        {"ART @Air", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) masks_are(cases[i][0], NULL, cases[i][1]);
    assert_no_leaks();
}

Test(masks, pasted) {
    static const char *const cases[][2] = {
        {"It fails:\n```text\nnpm ERR! one\n> two\n```\nWhy?", "[```text\nnpm ERR! one\n> two\n```]"},
        {"a ``` b\n``` c ```\nd", ""}, {"my words\n```\nnever closed", ""}, {"~~~~~\nan opinion\n~~~~~\nanother", ""},
        {"Bug\n<!-- Please search\nfirst -->It hangs", "[<!-- Please search\nfirst -->]"}, {"why <!-- here\n<!-- and no end", ""},
        {"It stops here\n  File \"/usr/lib/app/run_all.py\", line 120, in <module>\nalways",
         "[File \"/usr/lib/app/run_all.py\", line 120, in <module>]"},
        {"Crash\n{\"type\":\"kernel\",\"msg\":\"no_such_file\"}\nplease help",
         "[{\"type\":\"kernel\",\"msg\":\"no_such_file\"}]"},
        {"It dies in\nat Frame.next (app-core://abcd/build/main.js:37307:5)",
         "[at Frame.next (app-core://abcd/build/main.js:37307:5)]"},
        /* people's own: names, links, sums, dates, other scripts, and a comment that is nothing else */
        {"Hello\n@one_of_us @another_of_us #no_bags_again #late\nhttps://a.b/c_d?e=f&g=h see", ""},
        {"Paid\n$1,200.50/month since 12/03/2024, and/or 50% more; that's (nearly) all-or-nothing!!!", ""},
        {"Hi\nmail me: some_body@example.com (or **********@****.com)", ""},
        {"\xe0\xb8\x81_\xe0\xb8\x81{}=;_\xe0\xb8\x81 ab\nok", ""},
        {"get_post_meta(), wp_head(), wp_register_script();", ""}, {"```\nall of it\n```", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) masks_are(cases[i][0], NULL, cases[i][1]);
    assert_no_leaks();
}

/* Comments like `pattern`, with the number of the comment for each '#'. */
static ew_boilerplate *corpus(int comments, int customers, const char *pattern) {
    ew_boilerplate *all;
    char text[256];
    cr_assert_eq(ew_boilerplate_create(&all, NULL), EW_OK);
    for (int i = 0; i < comments; i++) {
        size_t n = 0;
        for (const char *c = pattern; *c; c++) {
            if (*c == '#') n += (size_t)snprintf(text + n, sizeof text - n, "%d", i);
            else text[n++] = *c;
        }
        cr_assert_eq(ew_boilerplate_add(all, text, n, customers ? (uint32_t)(i % customers + 1) : 0, (uint32_t)i, NULL),
                     EW_OK);
    }
    ew_boilerplate_close(all, (uint64_t)comments);
    return all;
}

Test(boilerplate, lines_of_many_customers) {
    ew_boilerplate *all = corpus(30, 0, "Word# here.\nYour ticket number # was closed by support");
    cr_assert_eq(ew_boilerplate_lines(all), 1);
    masks_are("Mine.\nYour TICKET number 4711 was closed by support\nMine too", all,
              "[Your TICKET number 4711 was closed by support]");
    masks_are("Your ticket number 5 was closed by support", all, "[Your ticket number 5 was closed by support]");
    masks_are("> a\nx\nYour ticket number 5 was closed by support\n> b\n> c", all,
              "[> a][Your ticket number 5 was closed by support][> b\n> c]");
    ew_boilerplate_free(all);
    all = corpus(30, 0, "Word# here. Kindly rate our support agents today. Number#.");
    cr_assert_eq(ew_boilerplate_lines(all), 1);
    masks_are("Own words. Kindly rate our support agents today. Bye", all, "[Kindly rate our support agents today.]");
    ew_boilerplate_free(all);
    all = corpus(30, 0, "**Steps**\nWord#\n_No response_\nSteps\n*#*"); /* of what is set off one word is enough */
    cr_assert_eq(ew_boilerplate_lines(all), 3);
    masks_are("**Steps**\nMine\n_no response_\nSteps", all, "[**Steps**][_no response_]");
    ew_boilerplate_free(all);
    assert_no_leaks();
}

Test(boilerplate, what_does_not_count) {
    static const struct { int comments, customers; const char *pattern; } cases[] = {
        {19, 0, "Word#\nYour ticket number # was closed by support"},  /* too few */
        {30, 2, "Word#\nYour ticket number # was closed by support"},  /* of two customers */
        {30, 0, "Your ticket number # was closed by support"},      /* all of the comment */
        {30, 0, "Word#\nticket number #"},                            /* too few words */
        {30, 0, "Word# really\nI love this app so much"},          /* nothing but praise */
        {30, 0, "Word#\n*****\n** **\n__"},                        /* no word is set off */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_boilerplate *all = corpus(cases[i].comments, cases[i].customers, cases[i].pattern);
        cr_assert_eq(ew_boilerplate_lines(all), 0, "case %zu", i);
        ew_boilerplate_free(all);
    }
}

/* Two million different lines: the table must stay within its bound and keep the line that recurs. */
Test(boilerplate, memory_is_bounded) {
    ew_boilerplate *all;
    char text[128];
    cr_assert_eq(ew_boilerplate_create(&all, NULL), EW_OK);
    uint32_t comments = 40000;
    for (uint32_t i = 0; i < comments; i++) {
        ew_buffer comment = EW_BUFFER_INIT(EW_BUFFER_ANY);
        for (uint32_t k = 0; k < 45; k++) {
            uint32_t x = i * 45 + k;
            char word[9];
            for (int c = 0; c < 8; c++, x /= 7) word[c] = (char)('a' + x % 7);
            word[8] = 0;
            int n = snprintf(text, sizeof text, "%s alpha beta gamma\n", word);
            cr_assert_eq(ew_buffer_append(&comment, text, (size_t)n, NULL), EW_OK);
        }
        if (i % 100 == 0) cr_assert_eq(ew_buffer_append(&comment, "common footer of every ticket", 29, NULL), EW_OK);
        cr_assert_eq(ew_boilerplate_add(all, comment.data, comment.length, 0, i, NULL), EW_OK);
        ew_buffer_free(&comment);
    }
    ew_boilerplate_close(all, comments);
    cr_assert_eq(ew_boilerplate_lines(all), 1);
    masks_are("me\ncommon footer of every ticket", all, "[common footer of every ticket]");
    ew_boilerplate_free(all);
}

Test(masks, hostile_texts_take_linear_time, .timeout = 5) {
    static const char *const units[] = {">\n",     "On 1 wrote\n", "From: a@\n",          "--\n",
                                        "-- \n\n", "\n",           "From:\nSent:\nTo:\n", ">",
                                        "> a\n\n", "Le 1 ",        "sent from my ",       "-"};
    size_t n = 1u << 20;
    char *text = malloc(n + 32);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t k = strlen(units[u]), length = 1;
        text[0] = 'x';
        for (; length < n; length += k) memcpy(text + length, units[u], k);
        ew_ranges out = {NULL, 0, 0};
        cr_assert_eq(ew_text_masks(text, length, NULL, &out, NULL), EW_OK);
        ew_ranges_free(&out);
    }
    free(text);
}

static ew_status everything(void) {
    static const char text[] =
        "own words\nTic tac toe footer l\xc3\xadne\n> quoted\n> lines\nmore. Tic tac toe footer l\xc3\xadne. End\n-- \nBob";
    ew_boilerplate *all = NULL;
    ew_ranges out = {NULL, 0, 0};
    ew_error err = {0};
    ew_status status;
    EW_TRY(ew_boilerplate_create(&all, &err));
    for (uint32_t i = 0; i < 25; i++) EW_TRY(ew_boilerplate_add(all, text, sizeof text - 1, 0, i, &err));
    ew_boilerplate_close(all, 25);
    EW_TRY(ew_text_masks(text, sizeof text - 1, all, &out, &err));
    cr_assert(out.n >= 3);
done:
    ew_boilerplate_free(all);
    ew_ranges_free(&out);
    cr_assert(status == EW_OK || (status == EW_RESOURCE && err.message[0]));
    return status;
}

Test(masks, any_allocation_may_fail) {
    uint64_t k = 1;
    for (;; k++) {
        ew_alloc_fail_after(k);
        ew_status status = everything();
        ew_alloc_fail_after(0);
        if (status == EW_OK) break;
        cr_assert(k < 1000);
    }
    cr_assert(k > 6);
    assert_no_leaks();
}

Test(boilerplate, lines_read_first_and_counted_later) {
    ew_boilerplate *added = NULL, *counted = NULL;
    ew_line_scratch scratch = EW_LINE_SCRATCH_INIT;
    ew_buffer lines[3] = {EW_BUFFER_INIT(EW_BUFFER_ANY), EW_BUFFER_INIT(EW_BUFFER_ANY), EW_BUFFER_INIT(EW_BUFFER_ANY)};
    char text[200];
    cr_assert_eq(ew_boilerplate_create(&added, NULL), EW_OK);
    cr_assert_eq(ew_boilerplate_create(&counted, NULL), EW_OK);
    for (uint32_t i = 0; i < 90; i++) {
        int length = snprintf(text, sizeof text, "Order %u never arrived. %s\nSent from my %s telephone while abroad", i,
                              i % 3 ? "The courier left nothing but questions." : "So I called twice.", i % 2 ? "old" : "new");
        cr_assert_eq(ew_boilerplate_add(added, text, (size_t)length, i % 40, i, NULL), EW_OK);
        cr_assert_eq(ew_boilerplate_read(counted, text, (size_t)length, i % 40, i, &scratch, &lines[i / 30], NULL), EW_OK);
    }
    for (int i = 0; i < 3; i++) cr_assert_eq(ew_boilerplate_count(counted, &lines[i], NULL), EW_OK);
    ew_boilerplate_close(added, 90);
    ew_boilerplate_close(counted, 90);
    cr_assert_eq(ew_boilerplate_count(counted, &lines[0], NULL), EW_INTERNAL);
    uint64_t names[2][8];
    size_t n = ew_boilerplate_lines(added);
    cr_assert(n >= 3 && n <= 8, "%zu", n);
    cr_assert_eq(ew_boilerplate_lines(counted), n);
    ew_boilerplate_names(added, names[0]);
    ew_boilerplate_names(counted, names[1]);
    cr_assert_arr_eq(names[0], names[1], n * sizeof **names);
    for (int i = 0; i < 3; i++) ew_buffer_free(&lines[i]);
    ew_line_scratch_free(&scratch);
    ew_boilerplate_free(added);
    ew_boilerplate_free(counted);
}
