/* Of a need's comments (copies of a family once) those that speak for themselves: of copied wordings one, of a customer's one,
 * of a conversation one. */
#ifndef EW_ASSEMBLE_VOICES_H
#define EW_ASSEMBLE_VOICES_H

#include "assemble_tags.h"

/* What is needed for each need; made once. */
typedef struct ew_voices_of_corpus {
    const ew_mining *m;
    ew_tags tags;
    ew_census known; /* runs of tokens that needs have: rows with them; of those of six, comments in parts */
    uint32_t *comment, *customer, mark; /* [comments], [customers + 1]: the need that heard them last */
} ew_voices_of_corpus;
EW_MUST_CHECK ew_status ew_voices_begin(const ew_mining *m, ew_voices_of_corpus *out, ew_error *err);
void ew_voices_end(ew_voices_of_corpus *v);

typedef struct ew_own { uint32_t voices, comments; } ew_own;
EW_MUST_CHECK ew_status ew_voices_of(ew_voices_of_corpus *v, const ew_found *found, const ew_need *need, ew_own *out,
                                     ew_error *err);

#endif
