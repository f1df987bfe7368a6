#include <stdio.h>

#include "../../core/base/random.h"
#include "../../core/edgewise.h"
#include "leaks.h"
#include "make_corpus.h"

static const char *const STRANGERS[] = {
    /* of these not one word is said by anybody else */
    "Cardinals at Avignon elected a rival pope, and the schism split every bishopric",
    /* each of these words is said by two others, about something else; nobody says this */
    "Zebra quilt under a walnut umbrella, saxophone glacier",
};
static const char *const FOREIGN[] = {
    "Kurier znowu przyszedł za późno i nikt nie odbiera telefonu",
    "Nie mogę się zalogować, bo aplikacja ciągle mnie wyrzuca",
    "Proszę o zwrot pieniędzy, ponieważ paczka jeszcze nie przyszła",
    "Dlaczego nie ma polskiej wersji instrukcji? Bardzo by się przydała",
    "Зачем мне новый чайник, если старый ещё работает",
};
/* English on the whole, with a unit of its own that stands among the foreign. */
static const char *const BOTH =
    "The coffee machine leaks on the counter since the update, and the app is far too loud in our kitchen. The water tank "
    "arrived late after two weeks and nobody answers, the grinder needs cleaning again and the invoice shows the wrong date. "
    "The milk frother stopped working, and our delivery crashes every morning, as the coffee machine does. "
    "The app shows the wrong date in our kitchen, the invoice arrived late and the grinder is far too loud after two weeks. "
    "The water tank leaks on the counter since the update, and nobody answers. The delivery needs cleaning again, and our milk "
    "frother stopped working every morning, as the machine did after two weeks in our kitchen. "
    "Kurier znowu przyszedł za późno i nikt nie odbiera telefonu.";
enum { ENGLISH = 900, N_STRANGERS = sizeof STRANGERS / sizeof *STRANGERS, N_FOREIGN = sizeof FOREIGN / sizeof *FOREIGN,
       N = ENGLISH + N_STRANGERS + N_FOREIGN };

/* Ordinary English, with the strangers and the foreign behind; stories: the first of each kind is a long comment, of units enough
 * for a theme of its own, and of both languages. */
static ew_run *mine_mixture(uint32_t english, uint32_t foreign, uint32_t turn, bool stories) {
    static const char *const things[] = {"coffee machine", "app", "grinder", "water tank", "delivery", "milk frother", "invoice"};
    static const char *const states[] = {"leaks on the counter", "stopped working", "is far too loud", "arrived late",
                                         "crashes every morning", "needs cleaning again", "shows the wrong date"};
    static const char *const ends[] = {"since the update", "after two weeks", "and nobody answers", "in our kitchen"};
    static const char *const rare[] = {"zebra", "quilt", "walnut", "umbrella", "saxophone", "glacier"};
    static char room[ENGLISH][160], story[16000];
    size_t told = 0;
    for (uint32_t i = 0; i < 100; i++)
        if (i % 10 % N_FOREIGN != i / 10 % N_FOREIGN)
            told += (size_t)snprintf(story + told, sizeof story - told, "%s. %s! ", FOREIGN[i % 10 % N_FOREIGN],
                                     FOREIGN[i / 10 % N_FOREIGN]);
    const char *texts[2 * N];
    uint32_t n = english + N_STRANGERS + foreign;
    for (uint32_t i = 0; i < english; i++) {
        uint64_t r = ew_random(7, 1, i, 0);
        snprintf(room[i], sizeof room[i], "The %s %s %s, and our %s %s%s%s.", things[r % 7], states[r / 8 % 7], ends[r / 64 % 4],
                 things[r / 512 % 7], states[r / 4096 % 7], i < 12 ? " like a " : "", i < 12 ? rare[i / 2] : "");
        texts[(i + turn) % n] = stories && !i ? BOTH : room[i];
    }
    for (uint32_t i = 0; i < N_STRANGERS; i++) texts[(english + i + turn) % n] = STRANGERS[i];
    for (uint32_t i = 0; i < foreign; i++)
        texts[(english + N_STRANGERS + i + turn) % n] = stories && !i ? story : FOREIGN[i % N_FOREIGN];
    return mine_texts(texts, n);
}

static ew_noise noise_of(const ew_run *run, uint32_t i) {
    ew_comment comment;
    ew_run_comment(run, i, &comment);
    cr_expect_eq(comment.noise == EW_NOISE_NONE, comment.theme != EW_NONE || comment.n_needs);
    return comment.noise;
}

static void assert_themes_are_lived_in(const ew_run *run) {
    size_t n;
    const ew_theme *themes = ew_run_themes(run, &n);
    cr_assert(n > 0);
    for (size_t t = 0; t < n; t++) {
        cr_expect(themes[t].size > 0 && themes[t].name[0]);
        cr_expect(themes[t].parent == EW_NONE || themes[t].parent < t);
    }
}

TestSuite(noise, .timeout = 60);

Test(noise, strangers_and_a_few_foreigners_are_told_apart) {
    for (uint32_t turn = 0; turn < N; turn += 311) { /* whatever the order */
        ew_run *run = mine_mixture(ENGLISH, N_FOREIGN, turn, false);
        cr_expect_eq(noise_of(run, (ENGLISH + turn) % N), EW_NOISE_OFF_TOPIC);
        cr_expect_eq(noise_of(run, (ENGLISH + 1 + turn) % N), EW_NOISE_LONE_VOICE);
        for (uint32_t i = 0; i < N_FOREIGN; i++)
            cr_expect_eq(noise_of(run, (ENGLISH + N_STRANGERS + i + turn) % N), EW_NOISE_OTHER_LANGUAGE, "%s", FOREIGN[i]);
        ew_counts counts;
        ew_run_counts(run, &counts);
        cr_expect_eq(counts.noise[EW_NOISE_OTHER_LANGUAGE], N_FOREIGN);
        cr_expect(counts.noise[EW_NOISE_OFF_TOPIC] < 5);
        cr_expect_eq(counts.in_themes + counts.in_needs_only + counts.noise[EW_NOISE_OTHER_LANGUAGE] +
                         counts.noise[EW_NOISE_OFF_TOPIC] + counts.noise[EW_NOISE_LONE_VOICE] + counts.noise[EW_NOISE_COPY],
                     counts.read);
        assert_themes_are_lived_in(run);
        ew_run_free(run);
    }
    assert_no_leaks();
}

Test(noise, a_language_of_many_is_a_main_one) {
    ew_run *run = mine_mixture(100, 2 * N_FOREIGN, 0, false);
    for (uint32_t i = 0; i < N_FOREIGN; i++) cr_expect_neq(noise_of(run, 102 + i), EW_NOISE_OTHER_LANGUAGE, "%s", FOREIGN[i]);
    assert_themes_are_lived_in(run);
    ew_run_free(run);
}

Test(noise, a_theme_may_go_while_a_row_of_it_belongs_to_a_comment_that_stays) {
    ew_run *run = mine_mixture(ENGLISH, N_FOREIGN, 0, true);
    cr_expect_eq(noise_of(run, 0), EW_NOISE_NONE);
    assert_themes_are_lived_in(run);
    ew_run_free(run);
    assert_no_leaks();
}
