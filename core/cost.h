/* What a run takes: seconds and bytes expected of it, from what is known before the heavy stages. Fixed constants, so that
 * what is decided by them is decided alike on every machine and for any number of threads. */
#ifndef EW_COST_H
#define EW_COST_H

#include "vectors/deep.h"

/* What there is to do; estimates in a plan. */
typedef struct ew_work {
    double units;      /* of analysis */
    double tokens;     /* of all rows, each with the two that the deep encoder adds */
    double text_bytes; /* of all comments */
    int decoys;        /* corpora like the tested rows; 0: no test */
    double tested;     /* units in the test: fewer than `units` where it is on a sample */
} ew_work;

typedef struct ew_cost { double seconds, bytes; } ew_cost;

/* shape: of the deep encoder; NULL: with the static one. The seconds are those of two cores of a server of 2024 with AVX-512. */
ew_cost ew_cost_of(const ew_work *work, const ew_deep_shape *shape);

#endif
