/* names: the words by which a comment's own columns (product, segment) call what it is about.
 *
 * Whoever complains about a company names it, so comments of one company lie together by its name alone, and groups were found
 * that shared nothing else. What a column says need not be said again by the text. What most comments have in common holds no
 * small group together, so values of more than a quarter of the corpus are left alone. */
#ifndef EW_TOKENS_NAMES_H
#define EW_TOKENS_NAMES_H

#include "../read/read.h"
#include "../text/text.h"

enum { EW_NAMES_MOST = 16 };
typedef struct ew_names {
    ew_view words[EW_NAMES_MOST]; /* borrowed from the corpus */
    uint32_t n;
} ew_names;

/* Comments with each value; NULL: there is no such column. Owned. */
typedef struct ew_name_counts { uint32_t *product, *segment; } ew_name_counts;
EW_MUST_CHECK ew_status ew_name_counts_take(const ew_corpus *corpus, ew_name_counts *out, ew_error *err);
void ew_name_counts_free(ew_name_counts *counts);

/* Words of three bytes and more, the first sixteen of them. */
void ew_names_of(const ew_corpus *corpus, const ew_name_counts *counts, uint32_t comment, ew_names *out);
/* The next of them that begins at or behind *at and is written as a name, with a capital, or in scripts without them, and with an
 * 's that may follow; *at moves behind it. 0 at the end. */
int ew_names_next(const ew_names *names, const char *text, size_t n, size_t *at, ew_range *out);

#endif
