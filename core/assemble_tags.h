/* Conversations: #tags and @handles that hold a need together. A contest, a song, somebody's birthday: who takes part answers the
 * others, and tells the company nothing. */
#ifndef EW_ASSEMBLE_TAGS_H
#define EW_ASSEMBLE_TAGS_H

#include "assemble.h"

typedef struct ew_tags {
    const ew_corpus *corpus;
    struct ew_tag *slots;
    uint64_t mask;
} ew_tags;
/* Tags of all needs' comments, and how many comments of the corpus have them. */
EW_MUST_CHECK ew_status ew_tags_begin(const ew_run *run, ew_tags *out, ew_error *err);
void ew_tags_end(ew_tags *tags);

/* The tag that most of the need's comments have, if it is a third of them and two at least; 0: none. Not a tag that one in fifty
 * of all comments has, or that more begin with than have it elsewhere: that is whom they talk to. */
uint64_t ew_tags_talk(ew_tags *tags, const ew_need *need);
int ew_tags_has(const ew_tags *tags, uint32_t comment, uint64_t talk);

#endif
