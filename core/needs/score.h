/* score: what a need's place in the ranking is made of. Factors, so that no term makes up for another that is nought. */
#ifndef EW_NEEDS_SCORE_H
#define EW_NEEDS_SCORE_H

#include "needs.h"

/* What becomes known of a group after it was chosen. */
typedef struct ew_score_later {
    double significance; /* s against the decoys; NaN: the run has none, EW_UNTESTED: nothing can be said */
    double usual_words;  /* median tokens of a row of the corpus */
    double quiet;   /* share of its comments with a cue of those who do not ask: workaround, effort, resignation, worry */
    double cost;    /* rating points that it costs at least; 0: none, or unknown */
    double open;    /* 1 less what its share of comments that leave something open is short of what is asked (ranking) */
    double own;     /* share of its comments that speak for themselves: copied wordings, and one customer's, count once */
    double held;     /* how much the words tell that its comments share, over the median need's; more where they live with it */
    double language; /* share of its comments that are told to be in a main language, over the corpus' */
    double displeased; /* 1 less the share of its comments that praise and leave nothing open */
    double comments; /* how many it has: parts of one are not more */
} ew_score_later;

/* Every term of a group's score; their product. later NULL: not known yet, and its terms are 1. EW_SCORE_NEW and
 * EW_SCORE_UNLIKE are 1. */
double ew_score_of(const ew_group *group, const ew_score_later *later, ew_score_part parts[EW_SCORE_TERMS]);

/* The product with one term's value as it has become known since, which no window ends. */
double ew_score_again(ew_score_part parts[EW_SCORE_TERMS], ew_score_term term, double value);

#endif
