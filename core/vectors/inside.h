/* What the files of vectors share. */
#ifndef EW_VECTORS_INSIDE_H
#define EW_VECTORS_INSIDE_H

#include "vectors.h"

enum {
    EW_TEXTS_A_TASK = 256,
    EW_LEARN_WHOLE = 32768, /* texts up to which the mean, the scale and the corpus part are learned from all, */
    EW_LEARN_TEXTS = 16384, /* and from how many otherwise; whole tasks, both */
    EW_COLUMNS_MAX = 8192, /* of any table of vectors */
    EW_VOCAB_MAX = 1 << 22  /* rows of a model */
};

/* A whole file, mapped read-only; its bytes until ew_mapping_close. EW_INPUT if it is no regular file or empty. */
typedef struct ew_mapping { void *bytes; size_t n; } ew_mapping;
EW_MUST_CHECK ew_status ew_mapping_open(const char *path, const char *what, ew_mapping *out, ew_error *err);
void ew_mapping_close(ew_mapping *mapping);

/* The bytes of a .npy file; see ew_npy_read. */
EW_MUST_CHECK ew_status ew_npy_parse(const char *name, const void *bytes, size_t n, float **rows, uint32_t *n_rows, uint32_t *d,
                                     ew_error *err);

/* The head of a .npy file of values of four bytes; of one length for any shape, so that it can be completed later. */
enum { EW_NPY_HEAD = 128 };
void ew_npy_head(char head[EW_NPY_HEAD], const char *descr, uint64_t n, uint64_t k, int flat);

/* EW_USAGE if an id is not below vocab or the starts do not ascend. */
EW_MUST_CHECK ew_status ew_token_lists_check(const ew_token_lists *lists, uint32_t vocab, ew_error *err);

/* x[0 .. d) to length 1; all zeros where its length is below `least`. */
void ew_unit_row(float *x, uint32_t d, float least);

/* One text: out [d] from ids that are all below the model's vocab. Also in steps: zeros, ew_static_add of parts of the list whose
 * lengths are multiples of EW_STATIC_PART (but for the last), ew_unit_row; the same bits. ids[n .. n + more) are what comes
 * next. */
#define EW_STATIC_LEAST 1e-12f
enum { EW_STATIC_PART = 1024 }; /* EW_GATHER_GROUP, asserted in static.c */
void ew_static_row(const ew_model *model, const uint32_t *ids, size_t n, size_t more, float *out);
void ew_static_add(const ew_model *model, const uint32_t *ids, size_t n, size_t more, float *sum);

/* Times scale, to the nearest whole number within -127 .. 127. */
void ew_round_row(const float *x, uint32_t d, float scale, int8_t *out);

/* How often each token stands in one text: scratch for one worker, all zero between texts. weights: whoever wants some. */
typedef struct ew_tally { uint32_t *counts; uint32_t *distinct; float *weights; uint32_t n; } ew_tally;
EW_MUST_CHECK ew_status ew_tallies_create(int workers, uint32_t vocab, ew_tally **out, ew_error *err);
void ew_tallies_free(ew_tally *tallies, int workers);
/* distinct[0 .. n) in order of first sight, counts[] of them; ew_tally_clear afterwards. */
void ew_tally_text(ew_tally *tally, const ew_token_lists *lists, uint32_t text);
void ew_tally_clear(ew_tally *tally);

/* The texts of one task, EW_TEXTS_A_TASK of them but for the last: what ew_static_embed and ew_lsa_embed are made of. */
void ew_static_chunk(const ew_model *model, const ew_token_lists *lists, uint64_t task, float *out);
void ew_lsa_chunk(const ew_lsa *lsa, const ew_token_lists *lists, uint64_t task, ew_tally *tally, float *out);

/* out [l, l] = rows' rows, of rows [n, l]; BLAS on fixed chunks, their sums added in order. */
EW_MUST_CHECK ew_status ew_dense_gram(const float *rows, uint64_t n, uint32_t l, double *out, ew_pool *pool, ew_error *err);
/* rows [n, l] <- rows * by [l, l], in place; BLAS on fixed chunks. */
EW_MUST_CHECK ew_status ew_dense_turn(float *rows, uint64_t n, uint32_t l, const double *by, ew_pool *pool, ew_error *err);

/* Eigenvalues of the symmetric a [n, n], descending, and their vectors as the columns of v [n, n]; a is destroyed; order [n] is
 * scratch. */
void ew_symmetric_eigen(double *a, uint32_t n, double *values, double *v, uint32_t *order);

#endif
