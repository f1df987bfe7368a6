/* units: comments -> units of analysis with their tokens.
 *
 * A unit is a comment of at most about 60 tokens, or, of a longer one, sentences merged up to that many. What the masks cover is
 * left out. Each comment also gets its language and, where nothing of it can be analysed, the reason.
 * Threads: comments in fixed chunks over the pool; the result does not depend on their number. */
#ifndef EW_TOKENS_UNITS_H
#define EW_TOKENS_UNITS_H

#include "../read/read.h"
#include "../text/text.h"
#include "tokens.h"

typedef struct ew_units {
    uint32_t n;             /* units, in order of comments */
    uint32_t *comment;      /* [n] */
    uint32_t *start, *end;  /* [n] bytes of the comment's text */
    uint64_t *token_start;  /* [n + 1] */
    uint32_t *tokens;       /* without [UNK], symbols, links, e-mail addresses, @handles, its columns' names: all say nothing */
    const char **lang;      /* [comments] ISO 639-1 literal or the corpus' own word; "" unknown */
    uint8_t *noise;         /* [comments] ew_noise: EMPTY, TOO_SHORT, NO_CONTENT, BOILERPLATE or NONE */
} ew_units;

/* skip [comments]: comments that are not analysed (copies in a family), NULL: none; they get lang only. boilerplate NULL: none.
 */
EW_MUST_CHECK ew_status ew_units_build(const ew_corpus *corpus, const ew_boilerplate *boilerplate, const uint8_t *skip,
                                       const ew_tokenizer *tokenizer, ew_pool *pool, ew_units *out, ew_error *err);
void ew_units_free(ew_units *units);

/* Sentences of one comment outside its masks: what cues and exemplars are taken from. */
EW_MUST_CHECK ew_status ew_sentences_of(const ew_corpus *corpus, const ew_boilerplate *boilerplate, uint32_t comment,
                                        ew_ranges *out, ew_error *err);

#endif
