/* themes: the belly of the curve. Rows -> a partition into themes, with a coarser level above it, words and central rows. */
#ifndef EW_THEMES_H
#define EW_THEMES_H

#include "../base/dict.h"
#include "../neighbours/centres.h"
#include "../tokens/tokens.h"
#include "tree.h"

/* ---- the partition (cut.c) ---- */

typedef struct ew_partition {
    uint32_t n, k;       /* rows, themes */
    uint32_t *theme;     /* [n], larger themes first */
    uint32_t coarse_k;   /* themes of the level above; 0: there is none */
    uint32_t *coarse;    /* [k] theme of the level above */
    ew_centres centres;  /* [k] a row's theme is that of the nearest: for rows to come */
} ew_partition;

/* Ward on the graph of 30 neighbours, cut at k (0: the fewest of a geometric grid whose silhouette is within a tenth of the
 * best, a default and no estimate), groups under 4 rows to the nearest centre, two spherical Lloyd steps. */
EW_MUST_CHECK ew_status ew_themes_cut(const ew_vectors *vectors, const ew_lists *lists, uint32_t k, ew_pool *pool,
                                      ew_partition *out, ew_error *err);
void ew_partition_free(ew_partition *partition);

/* Rows of a group, the one nearest to their mean first (ties: the smaller); out [n] may be rows itself. */
EW_MUST_CHECK ew_status ew_central_rows(const ew_vectors *vectors, const uint32_t *rows, uint32_t n, uint32_t *out,
                                        ew_error *err);

/* ---- words (words.c) ---- */

/* Content words of each row (WordPiece pieces joined; fillers, numbers and single letters left out), once a row. */
typedef struct ew_row_words {
    ew_dict words;       /* number 1 .. */
    uint64_t *start;     /* [n + 1] */
    uint32_t *ids;       /* distinct within a row */
    uint32_t *rows_with; /* [words.size] in how many rows a word stands */
    uint32_t n;
} ew_row_words;
EW_MUST_CHECK ew_status ew_row_words_build(const ew_token_lists *tokens, const ew_tokenizer *tokenizer, ew_row_words *out,
                                           ew_error *err);
void ew_row_words_free(ew_row_words *words);
/* Words of a group of rows, ascending by number, with the rows that have them and their score: class TF-IDF (Grootendorst 2022),
 * share within times ln(1 + 1 / share over all), 0 for a word that stands in one row only (where there are two or more). *out is
 * the caller's, whatever came back. */
typedef struct ew_telling { uint32_t word, count; double score; } ew_telling;
EW_MUST_CHECK ew_status ew_telling_scores(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, ew_telling **out,
                                          uint32_t *n, ew_error *err);
/* Next word of ids[*at .. end): pieces joined, as ew_row_words has them; word [64]. 0: too long, or none is left. */
size_t ew_pieces_word(const ew_tokenizer *tokenizer, const uint32_t *ids, uint64_t *at, uint64_t end, char *word);
/* Numbers of up to `most` words that tell `rows` from all rows: those of the highest score, best first. *n gets how many. */
EW_MUST_CHECK ew_status ew_telling_words(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, uint32_t most,
                                         uint32_t *out, uint32_t *n, ew_error *err);

#endif
