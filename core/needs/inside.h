/* What the files of needs share. */
#ifndef EW_NEEDS_INSIDE_H
#define EW_NEEDS_INSIDE_H

#include "needs.h"

/* The test (trial.c): x, s and p of the corpus' groups, and the verdict, from decoys; on all rows, or on a seeded sample of
 * input->test_rows of them, which with its decoys is a corpus of its own. *tested: rows in the test. */
EW_MUST_CHECK ew_status ew_trial(const ew_needs_input *input, ew_pool *pool, const ew_tree *tree, ew_groups *groups,
                                 ew_verdict *verdict, uint32_t *tested, ew_error *err);

/* Does a sample stand for all rows in it? */
static inline int ew_trial_sampled(const ew_needs_input *input) {
    return input->test_rows && input->test_rows < input->tokens->n;
}

#endif
