/* What holds a need's comments together: words that they share, and a language that is the corpus' own. */
#ifndef EW_ASSEMBLE_HELD_H
#define EW_ASSEMBLE_HELD_H

#include "mining.h"

/* found->held: sum of what the six words tell that tell most of the need, over the median need's. found->language: the share of
 * its comments that are told to be in a main language of the corpus, over the share of all comments (one comment more is
 * counted, as needs are small). While findings and needs go together. */
EW_MUST_CHECK ew_status ew_held(ew_mining *m, ew_error *err);

#endif
