#include "score.h"

#include <math.h>

#include "../base/scalar.h"

/* Mean similarity within, from which on a group is tight enough: lone comments that only have nobody else would outrank
 * everything. */
static const double TIGHT = .42;

/* Exclamations and praise make tight groups: shorter than this share of the usual comment, and there is not much said. */
static const double SHORT = .5;

/* Who lives with something often denies nothing: only where nearly all of what is usual is short, it is praise or play. */
static const double OPEN = .4;

/* Distinct comments from which on breadth counts in full: of three or four one never knows. From ew_group.room on, a group is on
 * its way to being a theme, and what is larger says less of the fringe. */
static const double FEW = 8;

/* ln of the groups as strong in a decoy at which a need counts half. */
static const double CROWD = 5;

/* The one table of weights; docs/method.md says where they come from. */
static const struct { const char *name; enum { POWER, WINDOW, MORE, LOGISTIC } form; double weight; } TERMS[EW_SCORE_TERMS] = {
    [EW_SCORE_FRINGE] = {"fringe", POWER, 2},      /* mean F of its rows */
    [EW_SCORE_APART] = {"apart", POWER, .5},       /* height of the parent in the tree above its own */
    [EW_SCORE_BREADTH] = {"breadth", WINDOW, 1},    /* ln rows, less outside FEW .. room */
    [EW_SCORE_TIGHT] = {"tight", POWER, 2},        /* mean similarity within over TIGHT; 1 at most */
    [EW_SCORE_STABLE] = {"stable", POWER, 1},      /* how much of it comes back in other trees */
    [EW_SCORE_CHANCE] = {"chance", LOGISTIC, 1},  /* half where a decoy holds e^CROWD, some 150, groups as strong */
    [EW_SCORE_SUBSTANCE] = {"substance", POWER, 2}, /* tokens of its rows over SHORT of the corpus' median; 1 at most */
    [EW_SCORE_QUIET] = {"quiet", MORE, 2},         /* ew_score_later */
    [EW_SCORE_COST] = {"cost", MORE, .1},
    [EW_SCORE_OPEN] = {"open", POWER, 3},
    [EW_SCORE_OWN] = {"own", POWER, 2},
};

const char *ew_score_name(ew_score_term term) { return (unsigned)term < EW_SCORE_TERMS ? TERMS[term].name : ""; }

/* room: where a window ends. */
static double factor_of(int form, double weight, double value, double room) {
    if (form == WINDOW)
        return value > 1 ? weight * ew_log(value) * fmin(1, value / FEW) * fmin(1, room / value) : 0;
    if (form == MORE) return 1 + weight * value;
    if (form == LOGISTIC) return isnan(value) ? 1 : value <= EW_UNTESTED ? .5 : 1 / (1 + ew_exp(-weight * (value + CROWD)));
    double factor = weight == (int)weight ? 1 : __builtin_sqrt(value > 0 ? value : 0); /* powers are halves or whole numbers */
    for (int i = 0; i < (int)weight; i++) factor *= value;
    return factor;
}

double ew_score_of(const ew_group *group, const ew_score_later *later, ew_score_part parts[EW_SCORE_TERMS]) {
    double inside = (double)group->inside, tight = inside < TIGHT ? (inside > 0 ? inside / TIGHT : 0) : 1, product = 1;
    double words = later ? (double)group->words / fmax(1, SHORT * later->usual_words) : 1;
    const double values[EW_SCORE_TERMS] = {[EW_SCORE_FRINGE] = (double)group->fbar,
                                           [EW_SCORE_APART] = (double)group->gap,
                                           [EW_SCORE_BREADTH] = group->size,
                                           [EW_SCORE_TIGHT] = tight,
                                           [EW_SCORE_STABLE] = group->stability,
                                           [EW_SCORE_QUIET] = later ? later->quiet : 0,
                                           [EW_SCORE_SUBSTANCE] = words < 1 ? words : 1,
                                           [EW_SCORE_CHANCE] = later ? later->significance : (double)NAN,
                                           [EW_SCORE_COST] = later ? later->cost : 0,
                                           [EW_SCORE_OPEN] = later ? fmin(1, later->open / OPEN) : 1,
                                           [EW_SCORE_OWN] = later ? later->own : 1};
    for (int t = 0; t < EW_SCORE_TERMS; t++) {
        parts[t] = (ew_score_part){values[t], TERMS[t].weight, factor_of(TERMS[t].form, TERMS[t].weight, values[t], group->room)};
        product *= parts[t].factor;
    }
    return product;
}
