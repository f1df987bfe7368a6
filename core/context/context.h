/* context: a need's members -> since when, from whom, about which product and competitor, at what cost to ratings; a theme's
 * members -> its figures. Input: ew_run with corpus, families, themes (theme of each comment, parents) and, for each need,
 * comments and size set. Output: the need's customers, families, onset, alarm, emerging, segments, competitors, products,
 * impact*, why.top_*; everything counted of themes but `size`; weeks of the run. A second call replaces the first's answers.
 * Read-only on everything else; needs are done in parallel, each in its own slots. why.top_* is a share of the need's
 * families; NaN where the column is unknown or has but one value in the whole corpus. emerging: the sum of evidence for a
 * rise is above its threshold on the corpus' last day, and the rise began in the last four weeks and is one of five customers or
 * more; of themes as well. */
#ifndef EW_CONTEXT_H
#define EW_CONTEXT_H

#include "run.h"

/* catalogue, competitors: the options' CSV files, already in run->options (paths; NULL: none). */
EW_MUST_CHECK ew_status ew_context_add(ew_run *run, ew_pool *pool, ew_error *err);

#endif
