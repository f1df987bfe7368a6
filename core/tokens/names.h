/* names: the words by which the columns (product, segment) call what comments are about, and their short forms (SLS, BofA, Citi);
 * companies, and places.
 *
 * Whoever complains about a company names it, so comments of one company lie together by its name alone, and groups were found
 * that shared nothing else. What a column says need not be said again by the text, nor what it says of others: a word of a value
 * that is mostly written as a name, and mostly in comments of that value, is its name in all; so is what stands before the form
 * of a company (LLC, GmbH), in whatever column it is or in none. Places, too: where something happened is not what happened. They
 * are told by English prepositions. What most comments have in common holds no small group
 * together, so values of more than a quarter of the corpus are left alone. */
#ifndef EW_TOKENS_NAMES_H
#define EW_TOKENS_NAMES_H

#include "../read/read.h"
#include "../text/text.h"

enum { EW_NAMES_MOST = 16 };

/* Of a corpus: comments with each value (NULL: there is no such column), and names that are names in every comment. Owned. */
typedef struct ew_name_counts {
    uint32_t *product, *segment;
    ew_dict names;       /* words of values and short forms of them, in lower case */
    uint8_t *everywhere; /* [names.size] whether it is one with a capital, in any letters, in any letters in its own comments */
    uint64_t small[64];  /* a bit for what words look like that are names in small letters, too; all 0: none is */
    int any_small;
} ew_name_counts;
EW_MUST_CHECK ew_status ew_name_counts_take(const ew_corpus *corpus, ew_name_counts *out, ew_error *err);
void ew_name_counts_free(ew_name_counts *counts);

/* Of a comment. All is borrowed. */
typedef struct ew_names {
    ew_view words[EW_NAMES_MOST]; /* of its values, of three bytes and more, the first sixteen */
    uint32_t n, of_product; /* the first of them are the product's */
    const char *values[2]; /* NULL: none, or too common */
    const ew_name_counts *all;
} ew_names;
void ew_names_of(const ew_corpus *corpus, const ew_name_counts *counts, uint32_t comment, ew_names *out);
/* The next of them that begins at or behind *at and is written as a name, with a capital, or in scripts without them, and with an
 * 's that may follow; *at moves behind it. 0 at the end. */
int ew_names_next(const ew_names *names, const char *text, size_t n, size_t *at, ew_range *out);
/* Whether it is put together from the beginnings of the value's first words, two at least (SLS, AmEx, JPMC), or is the beginning
 * of its first (Citi), four letters at least. */
int ew_names_is_short(const char *value, const char *word, size_t n);

#endif
