/* Families: comments that are copies, template fills or a campaign of each other count once as evidence.
 * MinHash over word 3-grams and letter 5-grams (Broder 1997), verified by exact Jaccard over the texts.
 * Always: J >= .8 of word 3-grams. Inside a burst, J >= .5 of letter 5-grams, for texts of 8 words and 40 letters or more:
 * the same customer, or the same skeleton (digits, names and rare words masked), or, from six rows on, within 3 days; a
 * campaign of eight or more also takes J >= .4 within 3 days. So honest comments of one subject stay apart. Texts below 4
 * words or 20 letters join only with the same words in the same order; without any word, with the same normalised text;
 * empty texts never. Words are cut at apostrophes and hyphens, and marks, case and blanks do not count.
 * Joined in chains (union-find): the same for any number of threads and any order of the rows. Memory: about 330 bytes a row.
 * Kinds: copy, all members J >= .95 to the earliest; campaign, several customers (or none known) within days; template, the
 * rest. */
#ifndef EW_FAMILIES_H
#define EW_FAMILIES_H

#include "text.h"

typedef struct ew_family_rows {
    uint32_t n;
    const char *const *texts; const uint32_t *lengths; /* [n] original text; or texts NULL and base + at below */
    const char *base; const uint64_t *at;              /* [n] */
    const uint32_t *customer;                          /* [n], 0 unknown; NULL: none */
    const int64_t *time;                               /* [n], INT64_MIN unknown; NULL: none */
} ew_family_rows;

typedef struct ew_families {
    uint32_t n;               /* families, each of two rows or more */
    uint32_t *of;             /* [rows] family of each row; EW_NONE: alone. Families are numbered by their first row */
    uint64_t *start;          /* [n + 1] into rows */
    uint32_t *rows;           /* members, ascending within a family */
    ew_family_kind *kind;     /* [n] */
} ew_families;

EW_MUST_CHECK ew_status ew_families_find(const ew_family_rows *rows, ew_pool *pool, ew_families *out, ew_error *err);
void ew_families_free(ew_families *families);

#endif
