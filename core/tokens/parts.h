/* tokens of texts in parts (ew_record_text). */
#ifndef EW_TOKENS_PARTS_H
#define EW_TOKENS_PARTS_H

#include "../read/read.h"
#include "tokens.h"

/* Whether a text may be cut at any blank without changing its ids: so for the built-in tokenizer, to which every blank and line
 * break ends a word; an imported one may mark a word's beginning by what stands before it. */
int ew_tokenizer_parts_at_blanks(const ew_tokenizer *tokenizer);
/* Appends the ids of the parts one after the other as of one text. They must end at blanks or line breaks, as a record's do. */
EW_MUST_CHECK ew_status ew_tokenize_parts(const ew_tokenizer *tokenizer, ew_token_cache *cache, const ew_view *parts, uint32_t n,
                                          ew_ids *out, ew_error *err);

#endif
