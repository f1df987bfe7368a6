/* Conversations: #tags and @handles that hold a need together. A contest, a song, somebody's birthday: who takes part answers the
 * others, and tells the company nothing. */
#ifndef EW_ASSEMBLE_TAGS_H
#define EW_ASSEMBLE_TAGS_H

#include "assemble.h"
#include "base/census.h"

typedef struct ew_tags {
    const ew_mining *m;
    ew_census has, first; /* comments with it; that begin with it */
    ew_census words;      /* of needs' best words and these tags, rows with both */
} ew_tags;
/* Tags of all needs' comments, and how many comments of the corpus have them. */
EW_MUST_CHECK ew_status ew_tags_begin(const ew_mining *m, ew_tags *out, ew_error *err);
void ew_tags_end(ew_tags *tags);

/* The conversation that most of the need's rows take part in, if it is a third of them and two at least; tag 0: there is none.
 * They have its tag, or one of the need's three best words that is a word of the conversation: a quarter of the rows that have
 * it, three at least, have the tag as well. Not a tag that one in fifty of all comments has, or that more begin with than have it
 * elsewhere: that is whom they talk to. */
enum { EW_TALK_WORDS = 3 };
typedef struct ew_talk { uint64_t tag; uint32_t words[EW_TALK_WORDS], n; } ew_talk;
ew_talk ew_tags_talk(const ew_tags *tags, const ew_found *found, const ew_need *need);
int ew_tags_joins(const ew_tags *tags, const ew_talk *talk, uint32_t row);

#endif
