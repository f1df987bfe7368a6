#include "score.h"

#include <math.h>

#include "../base/scalar.h"

/* The one table of weights and borders; docs/method.md says where they come from. */
enum form { POWER, UP_TO, WINDOW, MORE, LOGISTIC }; /* UP_TO: a power of the share of the border, 1 from there on */
static const struct { const char *name; enum form form; double weight, border; } TERMS[EW_SCORE_TERMS] = {
    [EW_SCORE_FRINGE] = {"fringe", POWER, 2, 0}, /* mean F of its rows */
    [EW_SCORE_APART] = {"apart", POWER, .5, 0},  /* height of the parent in the tree above its own */
    /* Of three or four rows one never knows; from ew_group.room on a group is on its way to being a theme. */
    [EW_SCORE_BREADTH] = {"breadth", WINDOW, 1, 8},
    /* Mean similarity within: lone comments that only have nobody else would outrank everything. */
    [EW_SCORE_TIGHT] = {"tight", UP_TO, 2, .42},
    [EW_SCORE_STABLE] = {"stable", POWER, 1, 0},    /* how much of it comes back in other trees */
    [EW_SCORE_CHANCE] = {"chance", LOGISTIC, 1, 5}, /* half where a decoy holds e^5, some 150, groups as strong */
    /* Exclamations and praise make tight groups: shorter than half of the usual comment, and there is not much said. */
    [EW_SCORE_SUBSTANCE] = {"substance", UP_TO, 2, .5},
    /* ew_score_later, times F^3: what many live with in the middle is no news. */
    [EW_SCORE_QUIET] = {"quiet", MORE, 2, 0},
    [EW_SCORE_COST] = {"cost", MORE, .1, 0},
    /* Who lives with something often denies nothing: only where nearly all of what is usual is short, it is praise or play. */
    [EW_SCORE_OPEN] = {"open", UP_TO, 3, .4},
    [EW_SCORE_OWN] = {"own", POWER, 2, 0},
    /* One word in common, and each says something else of it. */
    [EW_SCORE_HELD] = {"held", UP_TO, 1, .75},
    /* Of a language that few others speak, or of no sentences: interjections, code, lists. */
    [EW_SCORE_LANGUAGE] = {"language", UP_TO, 2, .75},
    [EW_SCORE_DISPLEASED] = {"displeased", UP_TO, 3, .9},
    [EW_SCORE_NEW] = {"new", UP_TO, 3, .6}, /* said once is enough, */
    [EW_SCORE_UNLIKE] = {"unlike", UP_TO, 1, .4}, /* in other words as well */
};

const char *ew_score_name(ew_score_term term) { return (unsigned)term < EW_SCORE_TERMS ? TERMS[term].name : ""; }

/* room: where a window ends. */
static double factor_of(int t, double value, double room) {
    double weight = TERMS[t].weight, border = TERMS[t].border;
    if (TERMS[t].form == WINDOW)
        return value > 1 ? weight * ew_log(value) * fmin(1, value / border) * fmin(1, room / value) : 0;
    if (TERMS[t].form == MORE) return 1 + weight * value;
    if (TERMS[t].form == LOGISTIC)
        return isnan(value) ? 1 : value <= EW_UNTESTED ? .5 : 1 / (1 + ew_exp(-weight * (value + border)));
    double factor = weight == (int)weight ? 1 : __builtin_sqrt(value > 0 ? value : 0); /* powers are halves or whole numbers */
    for (int i = 0; i < (int)weight; i++) factor *= value;
    return factor;
}

static ew_score_part part_of(ew_score_term t, double measured, double room) {
    double value = TERMS[t].form == UP_TO ? fmax(0, fmin(1, measured / TERMS[t].border)) : measured;
    return (ew_score_part){value, TERMS[t].weight, factor_of(t, value, room)};
}

double ew_score_again(ew_score_part parts[EW_SCORE_TERMS], ew_score_term term, double value) {
    double product = 1;
    parts[term] = part_of(term, value, 0);
    for (int t = 0; t < EW_SCORE_TERMS; t++) product *= parts[t].factor;
    return product;
}

double ew_score_of(const ew_group *group, const ew_score_later *later, ew_score_part parts[EW_SCORE_TERMS]) {
    double product = 1, fringe = (double)group->fbar;
    double words = later ? (double)group->words / fmax(2, later->usual_words) : 1;
    const double measured[EW_SCORE_TERMS] = {[EW_SCORE_FRINGE] = (double)group->fbar,
                                             [EW_SCORE_APART] = (double)group->gap,
                                             [EW_SCORE_BREADTH] = later ? fmin(group->size, later->comments) : group->size,
                                             [EW_SCORE_TIGHT] = (double)group->inside,
                                             [EW_SCORE_STABLE] = group->stability,
                                             [EW_SCORE_QUIET] = later ? later->quiet * fringe * fringe * fringe : 0,
                                             [EW_SCORE_SUBSTANCE] = words,
                                             [EW_SCORE_CHANCE] = later ? later->significance : (double)NAN,
                                             [EW_SCORE_COST] = later ? later->cost : 0,
                                             [EW_SCORE_OPEN] = later ? later->open : 1,
                                             [EW_SCORE_OWN] = later ? later->own : 1,
                                             [EW_SCORE_HELD] = later ? later->held : 1,
                                             [EW_SCORE_LANGUAGE] = later ? later->language : 1,
                                             [EW_SCORE_DISPLEASED] = later ? later->displeased : 1,
                                             [EW_SCORE_NEW] = 1,
                                             [EW_SCORE_UNLIKE] = 1};
    for (int t = 0; t < EW_SCORE_TERMS; t++) {
        parts[t] = part_of((ew_score_term)t, measured[t], group->room);
        product *= parts[t].factor;
    }
    return product;
}
