/* The score: its terms by the book, and the same in what mine hands out. */
#include <math.h>
#include <stdio.h>

#include "../../core/base/random.h"
#include "../../core/needs/score.h"
#include "leaks.h"
#include "make_corpus.h"

enum { N = 600, RARE = 16 };

Test(score, terms_by_the_book) {
    ew_score_part parts[EW_SCORE_TERMS];
    for (uint64_t i = 0; i < 200; i++) {
        ew_group g = {.size = 1 + (uint32_t)ew_random_below(90, 1, 1, i, 0),
                      .fbar = (float)ew_random_unit(1, 2, i, 0),
                      .gap = (float)ew_random_unit(1, 3, i, 0) * 5,
                      .inside = (float)(ew_random_unit(1, 4, i, 0) - .1),
                      .stability = ew_random_unit(1, 5, i, 0),
                      .words = (float)(i % 16),
                      .room = i % 3 ? 15 : 125};
        double s = i % 5 ? 12 * ew_random_unit(1, 8, i, 0) - 7 : i % 10 ? (double)NAN : EW_UNTESTED;
        ew_score_later later = {s,
                                20,
                                ew_random_unit(1, 6, i, 0),
                                3 * ew_random_unit(1, 7, i, 0),
                                ew_random_unit(1, 10, i, 0),
                                ew_random_unit(1, 9, i, 0),
                                2 * ew_random_unit(1, 12, i, 0),
                                1.2 * ew_random_unit(1, 13, i, 0),
                                ew_random_unit(1, 14, i, 0),
                                1 + (double)ew_random_below(90, 1, 11, i, 0)};
        double tight = fmin(1, fmax(0, (double)g.inside) / .42), f = (double)g.fbar;
        double window = fmin(1, g.size / 8.0) * fmin(1, (double)g.room / g.size);
        double n = f * f * sqrt((double)g.gap) * log(g.size) * window * tight * tight * g.stability;
        cr_assert_float_eq(ew_score_of(&g, NULL, parts), n, 1e-9 * (1 + n));
        for (int t = EW_SCORE_CHANCE; t < EW_SCORE_TERMS; t++) cr_assert(parts[t].factor == 1);
        double substance = fmin(1, (double)(i % 16) / 10);
        double chance = isnan(s) ? 1 : s <= EW_UNTESTED ? .5 : 1 / (1 + exp(-(s + 5)));
        double parts_of = fmin(g.size, later.comments),
               breadth = log(parts_of) * fmin(1, parts_of / 8) * fmin(1, (double)g.room / parts_of);
        n = f * f * sqrt((double)g.gap) * breadth * tight * tight * g.stability;
        double all = n * chance * substance * substance * (1 + 2 * later.quiet * pow(f, 3)) * (1 + .1 * later.cost);
        all *= pow(fmin(1, later.open / .4), 3) * later.own * later.own;
        all *= fmin(1, later.held / .75) * pow(fmin(1, later.language / .75), 2) * pow(fmin(1, later.displeased / .9), 3);
        cr_assert_float_eq(ew_score_of(&g, &later, parts), all, 1e-9 * (1 + all));
        cr_assert(parts[EW_SCORE_COST].value == later.cost);
        cr_assert_float_eq(parts[EW_SCORE_QUIET].value, later.quiet * pow(f, 3), 1e-12);
        cr_assert_float_eq(ew_score_again(parts, EW_SCORE_NEW, .3), all / 8, 1e-9 * (1 + all));
        cr_assert_float_eq(ew_score_again(parts, EW_SCORE_NEW, 1), all, 1e-9 * (1 + all), "it can be told again");
        cr_assert_float_eq(ew_score_again(parts, EW_SCORE_UNLIKE, .1), all / 4, 1e-9 * (1 + all));
    }
    for (int a = 0; a < EW_SCORE_TERMS; a++)
        for (int b = 0; b < a; b++) cr_expect_str_neq(ew_score_name((ew_score_term)a), ew_score_name((ew_score_term)b));
    cr_expect_str_empty(ew_score_name(EW_SCORE_TERMS));
}

/* What most comments are: two things and what becomes of them. */
static void say_ordinary(char *out, size_t size, uint64_t r, const char *const states[], uint64_t n) {
    static const char *const things[] = {"coffee machine", "app", "grinder", "water tank", "delivery", "milk frother", "invoice"};
    snprintf(out, size, "The %s %s since the update, our %s %s.", things[r % 7], states[r / 8 % n], things[r / 64 % 7],
             states[r / 512 % n]);
}

/* The ordinary, and RARE comments at its edge; every other of these has a workaround. */
static ew_run *mine_an_edge(void) {
    static const char *const states[] = {"leaks", "stopped working", "is far too loud", "arrived late", "looks lovely"};
    static const char *const zithers[] = {"My zither hums near the stove", "Under the porch every zither hums",
                                          "It hums, that zither of ours",  "A zither should not hum so",
                                          "Humming again: the old zither", "The zither from Graz hums at night",
                                          "Our two zithers hum in tune",   "Hear how a zither hums in rain"};
    static const char *const lamps[] = {"A yellow sparrow sits on the lamp",  "Sparrows love our walnut lamp",
                                        "The lamp of walnut has its sparrow", "There is a sparrow on my lamp",
                                        "Every lamp here wears a sparrow",    "The sparrow came for the walnut lamp",
                                        "One lamp, three sparrows",           "Since spring the lamp is the sparrow's"};
    static char room[N][160];
    const char *texts[N];
    for (uint32_t i = 0; i < N; i++) {
        uint64_t r = ew_random(3, 1, i, 0);
        if (i < RARE)
            snprintf(room[i], sizeof room[i], "%s%s", i % 2 ? zithers[i / 2] : lamps[i / 2],
                     i % 2 ? ", so my workaround is a string." : ", and it is there on mondays.");
        else
            say_ordinary(room[i], sizeof room[i], r, states, 5);
        texts[i] = room[i];
    }
    return mine_texts(texts, N);
}

/* What each need adds to those that would stand before it if all were new; how many have less than all. */
static uint32_t check_new(const ew_need *needs, size_t n) {
    uint32_t overlapping = 0;
    for (size_t i = 0; i < n; i++) {
        double mine = needs[i].score / (1 - needs[i].score) / needs[i].parts[EW_SCORE_NEW].factor;
        uint32_t added = 1;
        for (uint32_t c = 0; c < needs[i].size; c++) {
            int said = 0;
            for (size_t j = 0; j < n && !said; j++) {
                double other = needs[j].score / (1 - needs[j].score) / needs[j].parts[EW_SCORE_NEW].factor;
                for (uint32_t d = 0; j != i && other > mine * (1 + 1e-9) && d < needs[j].size && !said; d++)
                    said = needs[j].comments[d] == needs[i].comments[c];
            }
            added += !said;
        }
        double value = fmin(1, (double)added / (needs[i].size + 1) / .6);
        overlapping += value < 1;
        cr_expect_float_eq(needs[i].parts[EW_SCORE_NEW].value, value, 1e-12, "%s", needs[i].name);
    }
    return overlapping;
}

/* Two subjects in long comments: some tell of both, each in a part of its own. */
Test(score, what_was_said_before_is_not_new, .timeout = 60) {
    static const char *const hums[] = {"the zither hums near the stove at night", "a zither in our house hums and hums",
                                       "my old zither is humming since monday",   "this zither hums, nobody knows why",
                                       "no zither should hum so loudly",          "humming is what the zither does now"};
    static const char *const birds[] = {"a yellow sparrow sits on the walnut lamp",   "sparrows love our walnut lamp",
                                        "the walnut lamp has its sparrow again",      "there is a sparrow on my walnut lamp",
                                        "every walnut lamp here wears one sparrow",   "the sparrow came for a walnut lamp"};
    static const char *const states[] = {"leaks", "stopped working", "is far too loud", "arrived late", "looks lovely"};
    static char room[N][1200];
    const char *texts[N];
    for (uint32_t i = 0; i < N; i++) {
        char first[160], second[160];
        say_ordinary(first, sizeof first, ew_random(3, 1, i, 0), states, 5);
        say_ordinary(second, sizeof second, ew_random(4, 1, i, 0), states, 5);
        if (i < 12) /* parts of sixty tokens and more */
            snprintf(room[i], sizeof room[i],
                     "I say: %s, so %s, and %s, and %s, and %s, and %s, and %s, and I do not know why. %s %s %s", hums[i % 6],
                     hums[(i + 1) % 6], hums[(i + 2) % 6], hums[(i + 3) % 6], hums[(i + 5) % 6], hums[i % 5], hums[i % 4],
                     i % 2 ? birds[i % 6] : first, i % 2 ? birds[(i + 1) % 6] : second, i % 2 ? birds[(i + 4) % 6] : "");
        else
            snprintf(room[i], sizeof room[i], "%s%s", i < 24 ? birds[i % 6] : first, i < 24 ? " and we did not ask for it" : "");
        texts[i] = room[i];
    }
    ew_run *run = mine_texts(texts, N);
    size_t n;
    const ew_need *needs = ew_run_needs(run, &n);
    cr_expect(check_new(needs, n) > 0, "none of %zu", n);
    ew_run_free(run);
    assert_no_leaks();
}

Test(score, of_a_run_is_the_product_of_its_parts, .timeout = 60) {
    ew_run *run = mine_an_edge();
    size_t n;
    const ew_need *needs = ew_run_needs(run, &n);
    uint32_t rare = 0;
    cr_assert(n > 2);
    for (size_t i = 0; i < n; i++) {
        double product = 1, early = 1;
        for (int t = 0; t < EW_SCORE_TERMS; t++) {
            product *= needs[i].parts[t].factor;
            if (t <= EW_SCORE_STABLE) early *= needs[i].parts[t].factor;
        }
        cr_expect_float_eq(needs[i].score, product / (1 + product), 1e-12);
        cr_expect_float_eq(needs[i].why.list_score, early, 1e-12);
        cr_expect(i == 0 || needs[i].score <= needs[i - 1].score);
        cr_expect_float_eq(needs[i].parts[EW_SCORE_QUIET].value, needs[i].why.quiet_share * pow(needs[i].fringe, 3), 1e-12);
        double told = 0;
        for (uint32_t c = 0; c < needs[i].size; c++) {
            told += needs[i].comments[c] < RARE && needs[i].comments[c] % 2;
            rare += needs[i].comments[c] < RARE;
        }
        cr_expect_float_eq(needs[i].why.quiet_share, told / needs[i].size, 1e-12, "%s: %g", needs[i].name, told);
    }
    check_new(needs, n);
    cr_expect(rare > RARE / 2, "only %u", rare);
    ew_run_free(run);
    assert_no_leaks();
}

/* Twelve who wrote themselves, twelve copies of a letter that somebody turned a little each time. */
static ew_run *mine_a_letter(void) {
    static const char *const orchids[] = {
        "Our orchid shop in Graz sends the orchid roots without any moss, and they dry out long before they are here",
        "Orchid roots came bare and dry again: could the shop not wrap the roots of an orchid into some wet moss?",
        "I soak the roots of every orchid overnight since the shop stopped packing moss around the orchid",
        "No moss in the parcel, so half of my orchid's roots were brittle; the orchid may live, the roots will not",
        "Why is an orchid mailed with naked roots? My neighbour gets hers with moss from another shop, roots green",
        "The third orchid whose roots died on the way, as nobody at the shop thinks of moss or a wet cloth for roots",
        "Please put moss back around orchid roots; a dry orchid on Monday after a weekend in the van is no wonder",
        "With moss the roots of my first orchid arrived fresh, without it the orchid from last week had none left",
        "Roots of this orchid were like straw. I keep moss at home by now, it is the shop that should have it",
        "My orchid sat four days in transit, roots in the open, no moss, no paper, and that in the heat of June",
        "Somebody at the orchid shop saves on moss, and we pay with the roots: two of three plants did not take",
        "An orchid wants damp roots. A handful of moss costs nothing, yet the orchid parcels come without"};
    static const char *const first[] = {"To whom it may concern", "Dear treasurer of the rowers", "With all due respect"};
    static const char *const second[] = {"Failure to comply will be reported", "A lawyer has read these lines",
                                         "No further notice is going to follow", "Copies went to the harbour office"};
    static char room[N][240];
    const char *texts[N];
    static const char *const states[] = {"leaks", "stopped working", "is far too loud", "arrived late", "looks lovely"};
    for (uint32_t i = 0; i < N; i++) {
        uint64_t r = ew_random(3, 1, i, 0);
        if (i < 12)
            snprintf(room[i], sizeof room[i], "%s", orchids[i]);
        else if (i < 24)
            snprintf(room[i], sizeof room[i], "%s, the kayak club must strike the rudder fee from my ledger. %s.", first[i % 3],
                     second[i % 4]);
        else
            say_ordinary(room[i], sizeof room[i], r, states, 5);
        texts[i] = room[i];
    }
    return mine_texts(texts, N);
}

Test(score, a_letter_that_was_turned_a_little_is_one_voice, .timeout = 60) {
    ew_run *run = mine_a_letter();
    size_t n;
    const ew_need *needs = ew_run_needs(run, &n);
    int letters = 0, own = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t in_letter = 0, orchid = 0;
        for (uint32_t c = 0; c < needs[i].size; c++) {
            in_letter += needs[i].comments[c] >= 12 && needs[i].comments[c] < 24;
            orchid += needs[i].comments[c] < 12;
        }
        if (in_letter * 2 > needs[i].size) {
            letters++;
            cr_expect_leq(needs[i].parts[EW_SCORE_OWN].value, .5, "%s: %g", needs[i].name, needs[i].parts[EW_SCORE_OWN].value);
            cr_expect_neq(needs[i].tier, EW_CONFIRMED, "%s", needs[i].name);
        }
        if (orchid * 2 > needs[i].size) {
            own++;
            cr_expect_eq(needs[i].parts[EW_SCORE_OWN].value, 1, "%s: %g", needs[i].name, needs[i].parts[EW_SCORE_OWN].value);
        }
    }
    cr_expect(letters > 0 && own > 0, "%d, %d", letters, own);
    ew_run_free(run);
    assert_no_leaks();
}

/* Nearly all of the ordinary deny something; of two groups at the edge of eight each one is all praise, the other tells what
 * fails. */
enum { EACH = 8 };
static const char *const praise[EACH] = {"A harp of pure gold, this angel tune, and what a joy to hear it at the market",
                                         "Angel tune like a golden harp, bravo, all my sons and daughters danced to it",
                                         "Golden harp! Angel tune! Bravo, and once more bravo from all of us at home",
                                         "The tune of an angel on a golden harp, we heard it in the garden of the inn",
                                         "Bravo for the golden angel harp tune, the whole family loves to listen to it",
                                         "Harp and angel: a golden tune, so sweet that grandfather fell asleep to it",
                                         "My angel of a harp, a golden tune, and such a joy for everybody in the house",
                                         "Golden tune of the angel harp, it fills our kitchen and the garden too"};
static const char *const trouble[EACH] = {"The ferry does not stop at the heron pier any more since they changed the time table",
                                          "No ferry at the heron pier on sundays, so all of us walk to the other pier",
                                          "Why does the ferry pass the heron pier without so much as slowing down for us?",
                                          "At the heron pier the ferry never waits for those who come from the village",
                                          "Heron pier without a ferry again, and nobody told those who stood there with bags",
                                          "The ferry to the heron pier can't dock when the tide is low in the evening",
                                          "Nobody runs a ferry to the heron pier after nine, so the last of us have to swim",
                                          "A heron pier, and no ferry for it: they built it, and then forgot about it"};

/* A group at the edge of the ordinary, with so many stars; all others have three. 0: nobody has any. */
static ew_run *mine_group_tested(const char *const *group, int stars, int decoys) {
    static const char *const states[] = {"leaks no more", "does not start", "is not too loud",
                                         "never came",    "looks lovely",   "cannot boil"};
    static char room[N][160];
    const char *texts[N];
    int ratings[N];
    for (uint32_t i = 0; i < N; i++) {
        uint64_t r = ew_random(4, 1, i, 0);
        if (i >= EACH) say_ordinary(room[i], sizeof room[i], r, states, 6);
        texts[i] = i < EACH ? group[i] : room[i];
        ratings[i] = i < EACH ? stars : 3;
    }
    return mine_tested(texts, stars ? ratings : NULL, N, decoys);
}

static ew_run *mine_group(const char *const *group, int stars) { return mine_group_tested(group, stars, 0); }

/* That part of the first need that holds the group's comments and no others. */
static ew_score_part part_of(ew_run *run, int term, uint32_t *size) {
    size_t n;
    const ew_need *needs = ew_run_needs(run, &n);
    ew_score_part part = {0};
    *size = 0;
    for (size_t i = 0; i < n && !*size; i++) {
        uint32_t in = 0;
        for (uint32_t c = 0; c < needs[i].size; c++) in += needs[i].comments[c] < EACH;
        if (in < needs[i].size) continue;
        *size = needs[i].size;
        part = needs[i].parts[term];
    }
    cr_assert_gt(*size, 0, "the group was not found");
    ew_run_free(run);
    return part;
}

Test(score, praise_that_leaves_nothing_open_sinks, .timeout = 60) {
    uint32_t size;
    ew_score_part open = part_of(mine_group(praise, 0), EW_SCORE_OPEN, &size);
    cr_expect_float_eq(open.value, (1 - .75 + 1 / (size + 1.0)) / .4, .01, "%g", open.value); /* but for one of the usual */
    cr_expect(open.factor < 1);
    open = part_of(mine_group(trouble, 0), EW_SCORE_OPEN, &size);
    cr_expect_eq(open.factor, 1, "%g", open.value);
    assert_no_leaks();
}

/* Where decoys hold such groups as well, more has to be left open. */
Test(score, the_doubtful_has_to_leave_more_open, .timeout = 60) {
    size_t n, doubtful = 0;
    ew_run *run = mine_group_tested(praise, 0, 2);
    const ew_need *needs = ew_run_needs(run, &n);
    for (size_t i = 0; i < n; i++) {
        double s = needs[i].why.significance, real = s <= EW_UNTESTED ? 0 : 1 / (1 + exp(-s)),
               value = needs[i].parts[EW_SCORE_OPEN].value;
        cr_expect_leq(value, fmin(1, 1 / (1 + 1.15 * (1 - real)) / .4) + 1e-9, "%s: %g at %g", needs[i].name, value, s);
        doubtful += s < 0;
        if (needs[i].comments[0] >= EACH) continue;
        double left = 1 - .75 + 1 / (needs[i].size + 1.0);
        cr_expect_float_eq(value, left / (1 + 1.15 * (1 - real)) / .4, .02, "%g at %g", value, s);
    }
    cr_expect_gt(doubtful, 0);
    ew_run_free(run);
    assert_no_leaks();
}

/* Who gives more stars than others has to leave all of it open, and not by a "no" alone, or it is praise. */
static const char *const wishes[EACH] = {"Please add a ferry to the heron pier on sunday mornings and evenings",
                                         "I wish there was a ferry to the heron pier for all of us in the village",
                                         "Please let the ferry stop at the heron pier for those with bags and children",
                                         "I would love to have a heron pier ferry in the evening and at night",
                                         "Please add a heron pier to the ferry and its time table for the summer",
                                         "I wish the ferry had a heron pier stop for the market in the village",
                                         "Please add heron pier ferry tickets to the machine at the market place",
                                         "I would love to see a ferry at the heron pier in the summer again"};
Test(score, praise_with_stars_sinks_lower, .timeout = 60) {
    uint32_t size;
    ew_score_part open = part_of(mine_group(praise, 5), EW_SCORE_OPEN, &size);
    cr_expect_float_eq(open.value, 1 / (size + 1.0) / .4, .02, "%g", open.value);
    open = part_of(mine_group(wishes, 5), EW_SCORE_OPEN, &size);
    cr_expect_eq(open.factor, 1, "%g", open.value);
    open = part_of(mine_group(trouble, 5), EW_SCORE_OPEN, &size);
    cr_expect(open.factor < .5, "all of it denies, and some asks: %g", open.value);
    assert_no_leaks();
}

/* A question mark alone tells of nothing. */
Test(score, what_says_little_has_to_leave_it_open, .timeout = 60) {
    static const char *const brief[EACH] = {"Heron pier, ferry, no?", "Ferry? Heron pier!",       "Heron ferry pier, why?",
                                            "No heron ferry pier!",   "Pier ferry heron, never?", "Heron, pier, ferry?",
                                            "Ferry heron? Pier!",     "A pier ferry heron, not?"};
    uint32_t size;
    ew_score_part open = part_of(mine_group(brief, 0), EW_SCORE_OPEN, &size);
    cr_expect(open.factor < .5, "%g", open.value);
    assert_no_leaks();
}

/* A tag that a third of a need has makes one voice of those who have it, and of those who say the words that come with it; whom
 * all of them begin with does not, nor do two. */
Test(score, a_conversation_is_one_voice, .timeout = 60) {
    enum { ALL, SOME, TWO, ADDRESSED, CASES };
    static char room[CASES][EACH][160];
    const char *texts[CASES][EACH];
    uint32_t size;
    for (int i = 0; i < EACH; i++) {
        snprintf(room[ALL][i], sizeof room[ALL][i], i % 2 ? "%s #HarpDay" : "#harpday %s", praise[i]);
        snprintf(room[SOME][i], sizeof room[SOME][i], i < 3 ? "%s #HarpDay" : "%s", praise[i]);
        snprintf(room[TWO][i], sizeof room[TWO][i], i < 2 ? "%s #HarpDay" : "%s", praise[i]);
        snprintf(room[ADDRESSED][i], sizeof room[ADDRESSED][i], "@ferries %s", trouble[i]);
        for (int k = 0; k < CASES; k++) texts[k][i] = room[k][i];
    }
    for (int k = 0; k < CASES; k++) {
        ew_score_part own = part_of(mine_group(texts[k], 0), EW_SCORE_OWN, &size);
        double wanted = k == ALL || k == SOME ? 1.0 / size : 1;
        cr_expect_float_eq(own.value, wanted, 1e-9, "%d: %g of %u", k, own.value, size);
    }
    assert_no_leaks();
}

/* Each of a group sends a letter of his own behind what he says, which two others send as well; every `every`-th word of it is
 * another with each. */
static ew_run *mine_with_letters(uint32_t every) {
    enum { WORDS = 150, SENTENCE = 15, KINDS = 20, SENDERS = 3 * EACH };
    static const char *const fixed[KINDS] = {"board",  "clause", "notice", "sum",    "paper",  "office",  "answer",
                                             "record", "claim",  "copy",   "ledger", "stamp",  "letter",  "lawyer",
                                             "court",  "debt",   "total",  "seal",   "folder", "consent"};
    static const char *const states[] = {"leaks no more", "does not start", "is not too loud", "never came"};
    static char room[N][2000];
    const char *texts[N];
    for (uint32_t i = 0; i < N; i++) {
        uint32_t letter = i < EACH ? i : (i - EACH) / 2;
        int at = 0;
        texts[i] = room[i];
        if (i < EACH)
            at = snprintf(room[i], sizeof room[i], "%s. %s. %s.", trouble[i], trouble[i], trouble[i]);
        else
            say_ordinary(room[i], sizeof room[i], ew_random(4, 1, i, 0), states, 4);
        if (i >= EACH && i < SENDERS) at = (int)strlen(room[i]);
        for (uint32_t w = 0; w < WORDS && i < SENDERS; w++)
            at += snprintf(room[i] + at, sizeof room[i] - (size_t)at, " %s%s",
                           fixed[ew_random(9, letter, w, w % every == every - 1 ? i + 1 : 0) % KINDS],
                           w % SENTENCE == SENTENCE - 1 ? "." : "");
    }
    return mine_texts(texts, N);
}

/* A third of a long comment in runs of six that others have as well is a letter, and letters are one voice; of runs of three
 * everybody has some. */
Test(score, who_sends_a_letter_is_one_voice, .timeout = 60) {
    for (int turned = 0; turned < 2; turned++) {
        uint32_t every = turned ? 4 : 20;
        size_t n, seen = 0;
        ew_run *run = mine_with_letters(every);
        const ew_need *needs = ew_run_needs(run, &n);
        for (size_t i = 0; i < n; i++) {
            uint32_t in = 0, size = needs[i].size;
            for (uint32_t c = 0; c < size; c++) in += needs[i].comments[c] < EACH;
            double own = needs[i].parts[EW_SCORE_OWN].value, wanted = turned ? 1 : (size - in + 1.0) / size;
            if (in * 2 <= size) continue;
            cr_expect_float_eq(own, wanted, 1e-9, "%u: %s: %g of %u", every, needs[i].name, own, size);
            seen++;
        }
        cr_expect_gt(seen, 0, "%u", every);
        ew_run_free(run);
    }
    assert_no_leaks();
}

/* With the best rating, or none, who is delighted and leaves nothing open is pleased; who lives with something need not be. */
static const char *const delight[EACH] = {"I love how the heron pier ferry looks in the evening, it is great and so is its bell",
                                          "Great ferry, great heron pier, we love both of them and so does grandfather",
                                          "The ferry at the heron pier is wonderful, best way to spend a summer evening",
                                          "Love the heron pier ferry, it is amazing and the bell is a joy to hear",
                                          "Perfect ferry for the heron pier, we love it in the morning and in the evening",
                                          "Best ferry ever, the heron pier is wonderful and we love the bell on its roof",
                                          "An amazing ferry to the heron pier, I love the colours and the bell of it",
                                          "We love this ferry: great heron pier, great bell, wonderful evenings with all"};
Test(score, who_is_pleased_needs_nothing, .timeout = 60) {
    uint32_t size;
    for (int stars = 0; stars <= 5; stars += 5) {
        ew_score_part pleased = part_of(mine_group(delight, stars), EW_SCORE_DISPLEASED, &size);
        cr_expect_float_eq(pleased.value, (1 - size / (size + 1.0)) / .9, .15, "%g of %u", pleased.value, size);
        cr_expect(pleased.factor < .1);
    }
    cr_expect_eq(part_of(mine_group(delight, 2), EW_SCORE_DISPLEASED, &size).factor, 1, "others give one star more");
    cr_expect_eq(part_of(mine_group(trouble, 5), EW_SCORE_DISPLEASED, &size).factor, 1);
    cr_expect_eq(part_of(mine_group(wishes, 5), EW_SCORE_DISPLEASED, &size).factor, 1);
    assert_no_leaks();
}

/* What no language is told of (or one that nobody else speaks) is not what the corpus is about. */
Test(score, what_is_in_no_language_of_the_corpus_sinks, .timeout = 60) {
    static const char *const code[EACH] = {"xqv frml zptk hrn prx qlm vrst bnk", "frml xqv hrn zptk qlm prx bnk wrt",
                                           "zptk hrn frml xqv vrst prx qlm trm", "hrn zptk xqv frml prx bnk vrst qlm",
                                           "xqv zptk frml hrn qlm vrst prx wrt", "frml hrn xqv zptk bnk prx qlm trm",
                                           "zptk frml hrn xqv prx vrst wrt qlm", "hrn xqv zptk frml trm bnk prx vrst"};
    uint32_t size;
    ew_score_part language = part_of(mine_group(code, 0), EW_SCORE_LANGUAGE, &size);
    cr_expect_float_eq(language.value, 1 / (size + 1.0) / .75, .05, "%g of %u", language.value, size);
    cr_expect(language.factor < .1);
    cr_expect_eq(part_of(mine_group(trouble, 0), EW_SCORE_LANGUAGE, &size).factor, 1);
    assert_no_leaks();
}
