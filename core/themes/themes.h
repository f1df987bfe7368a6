/* themes: the belly of the curve. Rows -> a partition into themes, with coarser levels above it, words and rows
 * that stand for it. */
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
    uint32_t rest;       /* the theme of what is near to no theme; EW_NONE: there is none */
    ew_centres centres;  /* [k] the mean direction of its rows: where rows to come are placed */
} ew_partition;

/* Rows leaned towards their neighbours (lean.c): five parts of the row, one of each of its five nearest (those of a positive
 * similarity), at length EW_CENTRE. What a row shares with its neighbours stays, what is its own fades: that is what a theme is
 * about. */
EW_MUST_CHECK ew_status ew_themes_lean(const ew_vectors *vectors, const ew_lists *lists, ew_pool *pool, ew_vectors *out,
                                       ew_error *err);

/* Where one of k themes is loose (half as many of its rows' neighbours are in it as is usual), it takes what is near to
 * none of the others, a twentieth of all rows at most, and gives back what is (rest.c). theme [n], below k. *rest: its number,
 * which is the last then; EW_NONE. */
EW_MUST_CHECK ew_status ew_themes_rest(const ew_vectors *vectors, const ew_vectors *leaned, const ew_lists *lists, uint32_t k,
                                       ew_pool *pool, uint32_t *theme, uint32_t *rest, ew_error *err);

/* Trees along the graph of 30 neighbours (of many rows: of cells, cells.h), the better of two linkages cut at k (0: as choose.c
 * settles, a default and no estimate), groups under 4 rows to the nearest centre, two spherical Lloyd steps, all on leaned
 * rows; then strangers to the rest. */
uint32_t ew_themes_neighbours(uint32_t rows); /* how many of each list it looks at; the rest may be left out */
EW_MUST_CHECK ew_status ew_themes_cut(const ew_vectors *vectors, const ew_lists *lists, uint32_t k, ew_pool *pool,
                                      ew_partition *out, ew_error *err);
void ew_partition_free(ew_partition *partition);

/* ---- levels (levels.c) ---- */

/* Levels of detail: the partition, a third as many themes, a ninth as many; no level has fewer than four, so few themes are a
 * level alone. Ward over the themes' means joins whole themes. */
enum { EW_LEVELS_MOST = 3 };
typedef struct ew_levels {
    uint32_t n, k[EW_LEVELS_MOST];        /* levels, the coarsest first; themes of each, those of more rows first */
    uint32_t *above[EW_LEVELS_MOST];      /* [l][k[l + 1]] theme of level l that one of the next is part of */
} ew_levels;
/* Rows of theme EW_NONE count for nothing; every theme has a row. */
EW_MUST_CHECK ew_status ew_levels_make(const ew_vectors *vectors, const ew_partition *partition, ew_pool *pool, ew_levels *out,
                                       ew_error *err);
void ew_levels_free(ew_levels *levels);

/* ---- what stands for a group (central.c, cover.c) ---- */

/* Rows of a group, the one nearest to their mean first (ties: the smaller); out [n] may be rows itself. */
EW_MUST_CHECK ew_status ew_central_rows(const ew_vectors *vectors, const uint32_t *rows, uint32_t n, uint32_t *out,
                                        ew_error *err);

/* Who speaks in a row; EW_NONE: nobody known. */
typedef struct ew_voice { uint32_t customer, family; } ew_voice;
/* Up to `most` places 0 .. n-1 of a group's rows that together stand for it, no two of one customer or one family (voices [n];
 * NULL: all differ). Greedy facility location: each is the one that adds most to the sum, over the group's rows, of the largest
 * similarity to one chosen, negative ones counting 0 (ties: the smaller place); without voices within 1 - 1/e of the best sum
 * there is (Nemhauser, Wolsey, Fisher 1978). Of more than 512 rows a seeded sample, one of each of as many equal strata, is both
 * what is chosen from and what is stood for. out [most], best first; fewer where the rest adds nothing. */
EW_MUST_CHECK ew_status ew_cover_rows(const ew_vectors *vectors, const uint32_t *rows, const ew_voice *voices, uint32_t n,
                                      uint32_t most, uint64_t seed, uint32_t *out, uint32_t *n_out, ew_error *err);

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
/* Words of a group of rows, ascending by number, with the rows that have them and their score: share within times
 * ln(1 + share within / share over all), after class TF-IDF (Grootendorst 2022), so that a word at its usual share tells little;
 * 0 for a word that stands in one row only (where there are two or more). *out is the caller's, whatever came back. */
typedef struct ew_telling { uint32_t word, count; double score; } ew_telling;
EW_MUST_CHECK ew_status ew_telling_scores(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, ew_telling **out,
                                          uint32_t *n, ew_error *err);
/* Next word of ids[*at .. end): pieces joined, as ew_row_words has them; word [64]. 0: too long, or none is left. */
size_t ew_pieces_word(const ew_tokenizer *tokenizer, const uint32_t *ids, uint64_t *at, uint64_t end, char *word);
/* Numbers of up to `most` words that tell `rows` from all rows: those of the highest score, best first. *n gets how many. */
EW_MUST_CHECK ew_status ew_telling_words(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, uint32_t most,
                                         uint32_t *out, uint32_t *n, ew_error *err);

#endif
