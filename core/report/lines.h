/* What the lines and the page say in the same words: a need's figures and context as JSON fields. */
#ifndef EW_REPORT_LINES_H
#define EW_REPORT_LINES_H

#include "../context/put.h"
#include "report.h"

/* id, name, tier, kind, score, q, stability, fringe, size, families, customers. */
void ew_report_put_figures(ew_put *put, const ew_need *need);
/* cue_lift: kinds with q of at most most_q. */
void ew_report_put_score(ew_put *put, const ew_need *need); /* every term of the score */
void ew_report_put_lift(ew_put *put, const ew_need *need, double most_q);
/* id, parent, level, name, size and everything else that is counted of a theme; all but words and exemplars. */
void ew_report_put_theme(ew_put *put, const ew_run *run, const ew_theme *theme);
/* words, onset, alarm, emerging, segments, competitors, products, impact, why. */
void ew_report_put_context(ew_put *put, const ew_need *need);

#endif
