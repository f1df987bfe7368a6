/* The clause that speaks for a group: some of its own words in their own order, short enough for a name. */
#ifndef EW_ASSEMBLE_CLAUSE_H
#define EW_ASSEMBLE_CLAUSE_H

#include "assemble.h"

/* What is needed for each; made once. */
typedef struct ew_clauses {
    ew_mining *m;
    ew_token_cache *cache;
    ew_ids ids;
    ew_telling *telling; uint32_t n_telling;
    struct ew_clause_word *words; uint32_t n_words, capacity;
} ew_clauses;
EW_MUST_CHECK ew_status ew_clauses_begin(ew_mining *m, ew_clauses *out, ew_error *err);
void ew_clauses_end(ew_clauses *clauses);

/* Of all runs of three to nine words within a clause of the rows' verbatims (rows: most central first) the one that holds most of
 * the words that tell the group from the rest: sum of their scores / (4 + words), less where it begins or ends within a clause,
 * holds words that the others do not, or stands in a less central row, and more where it denies, as half of the rows do. Cut at
 * punctuation, line breaks, emoji, addresses and masked data; no greeting or conjunction at its beginning, no word at its end
 * that leads to another. Appended to out; nothing if there is none. numbers [9] gets the telling words in it (of ew_row_words),
 * *n how many. */
EW_MUST_CHECK ew_status ew_central_clause(ew_clauses *clauses, const uint32_t *rows, uint32_t n_rows, ew_buffer *out,
                                          uint32_t numbers[9], uint32_t *n, ew_error *err);

/* The group's most central clause, and behind it up to two of its words that stand neither in the clause nor among those of its
 * theme: "the lid will not close (spoon, gap)". As ew_name_of_words where there is no clause. */
EW_MUST_CHECK ew_status ew_name_of_clause(ew_clauses *clauses, const uint32_t *rows, uint32_t n, const char *const *words,
                                          uint32_t n_words, const ew_theme *theme, ew_dict *names, const char **out,
                                          ew_error *err);

#endif
