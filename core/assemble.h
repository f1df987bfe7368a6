/* Small helpers of the assemble files. */
#ifndef EW_ASSEMBLE_H
#define EW_ASSEMBLE_H

#include "mining.h"

/* Units of a comment: first .. first + n in m->units (none for copies and noise). */
typedef struct ew_unit_span { uint32_t first, n; } ew_unit_span;
ew_unit_span ew_units_of(const ew_mining *m, uint32_t comment); /* by bisection */

/* tongue [comments]: whether a comment's language was told, and is one of the main ones (one told comment in a hundred, or more);
 * *others: one's is not. */
enum { EW_TONGUE_UNTOLD, EW_TONGUE_MAIN, EW_TONGUE_OTHER };
EW_MUST_CHECK ew_status ew_main_languages(const ew_run *run, uint8_t *tongue, int *others, ew_error *err);

/* Why an analysed comment is in no theme (assemble_noise.c). Yardsticks are the corpus' own: `far` is the similarity that the
 * seventieth neighbour of three quarters of the rows reaches, `close` the same of the nearest; tongue, others: see above. */
typedef struct ew_aside { double far, close; uint8_t *tongue; int others; } ew_aside;
EW_MUST_CHECK ew_status ew_aside_measure(const ew_mining *m, ew_aside *out, ew_error *err);
void ew_aside_free(ew_aside *aside);
/* other language: none of the main ones, and its vectors do not mix with theirs; off topic, lone voice: its nearest neighbour is
 * further away than `far`, and more than half of its words with a subject stand in no other row, or not. */
ew_noise ew_aside_of(const ew_mining *m, const ew_aside *aside, uint32_t comment, ew_unit_span span);

/* "t_" or "n_" and twelve hex digits of what the rows say: independent of order, ids and thread count. height: of a theme, levels
 * below it, as one that is the only part of the theme above has the same rows; 0 otherwise. */
EW_MUST_CHECK ew_status ew_content_id(ew_mining *m, char letter, uint32_t height, const uint32_t *rows, uint32_t n,
                                      const char **out, ew_error *err);

/* Words that tell the rows from the rest, as an owned array of kept strings. */
EW_MUST_CHECK ew_status ew_keep_words(ew_mining *m, const uint32_t *rows, uint32_t n, const char *const **words,
                                      uint32_t *n_words, ew_error *err);
/* A name of the first words that no other bears: `names` holds those given so far. */
EW_MUST_CHECK ew_status ew_name_of_words(ew_mining *m, const char *const *words, uint32_t n, ew_dict *names, const char **out,
                                         ew_error *err);
/* A unit, or of a long one the sentence that holds most of the words. */
EW_MUST_CHECK ew_status ew_best_sentence(ew_mining *m, uint32_t unit, const char *const *words, uint32_t n_words, ew_span *out,
                                         ew_error *err);
/* The best sentences of up to `most` rows in their order, one a customer. */
EW_MUST_CHECK ew_status ew_exemplars(ew_mining *m, const uint32_t *rows, uint32_t n, const char *const *words, uint32_t n_words,
                                     uint32_t most, const ew_span **out, uint32_t *n_out, ew_error *err);

double ew_usual_words(const ew_token_lists *rows); /* the median of the rows' tokens (assemble_cues.c) */

/* run->theme_start and theme_of, once run->themes are laid out (assemble_several.c). */
EW_MUST_CHECK ew_status ew_assemble_several(ew_mining *m, ew_error *err);

#endif
