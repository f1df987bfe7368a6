/* explain: what the knowledge base says about one need or comment, as text for a person or as JSON. */
#ifndef EW_STORE_EXPLAIN_H
#define EW_STORE_EXPLAIN_H

#include "../context/put.h"
#include "db.h"

/* Text goes through `put` as raw lines, JSON as fields; both stop at the first failure. */
typedef struct ew_talk { ew_put put; ew_db *db; int json; } ew_talk;

/* Both return 1 where `id` is one, 0 where it is none (or something failed: look at the statuses). */
int ew_explain_need(ew_talk *talk, const char *id);
int ew_explain_comment(ew_talk *talk, const char *id);

/* Sections of an explanation of a need: text, or a field of the open object. */
void ew_explain_verdict(ew_talk *talk, int64_t rank);  /* what would change its tier */
void ew_explain_around(ew_talk *talk, int64_t rank);   /* what lies next to it */
void ew_explain_contrast(ew_talk *talk, int64_t rank); /* its words against its theme's */
/* Of a comment: the parts that were compared, and sentence by sentence how surely it asks, and from what that follows. */
void ew_explain_heard(ew_talk *talk, int64_t comment);

/* A line of text for a terminal. Text mode only; printf rules. */
void ew_talk_line(ew_talk *talk, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A customer's words within a line, cut behind `most` bytes, without control characters (a terminal obeys some). */
void ew_talk_words(ew_talk *talk, const char *text, size_t most);

#endif
