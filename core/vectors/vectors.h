/* vectors: token ids -> unit vectors -> int8 rows whose dot products are exact.
 *
 * Model: an int8 table [vocab, d] with one float scale a row (safetensors "embeddings" I8, "scales" F32), and its tokenizer.
 * A text = L2(sum of rows) minus the corpus mean, L2 again. Beside it, the corpus part: 64 columns of latent semantic
 * analysis (Deerwester et al. 1990) of this very corpus, weight .4, as one more token table. */
#ifndef EW_VECTORS_H
#define EW_VECTORS_H

#include "../base/output.h"
#include "../read/read.h"
#include "../tokens/tokens.h"

/* Token lists of n texts: ids[start[i] .. start[i + 1]). [UNK] is left out already. */
typedef struct ew_token_lists { uint32_t n; const uint64_t *start; const uint32_t *ids; } ew_token_lists;

typedef struct ew_model {
    uint32_t vocab, d;    /* d: columns of the table, a multiple of 16 */
    uint32_t columns;     /* that mean something; zeros pad */
    const int8_t *rows;   /* [vocab, d] */
    const float *scales;  /* [vocab] */
    char digest[17];      /* hash of the file's bytes, hex: names the model in run.json */
    const char *tokenizer; size_t tokenizer_bytes; /* its tokenizer.json; NULL: the built-in vocabulary */
    void *owned;          /* the file's bytes; NULL for the built-in one */
} ew_model;

/* Bytes of the built-in model and its vocabulary. */
extern const char ew_builtin_model[], ew_builtin_model_end[], ew_builtin_vocab[], ew_builtin_vocab_end[];

/* path NULL: the built-in model; a model file of our own, which is read (not mapped: so it may change or shrink afterwards); or
 * a folder of another library, which is converted. Everything is validated: sizes, offsets, finite values. EW_INPUT with the
 * reason. */
EW_MUST_CHECK ew_status ew_model_open(const char *path, ew_model *out, ew_error *err);
EW_MUST_CHECK ew_status ew_model_parse(const char *name, const void *bytes, size_t n, ew_model *out, ew_error *err);
void ew_model_close(ew_model *model);

/* out float [n, d]: L2(sum of rows) of each list; zeros where it has no id. The same bits for every instruction set. */
EW_MUST_CHECK ew_status ew_static_embed(const ew_model *model, const ew_token_lists *lists, ew_pool *pool, float *out,
                                        ew_error *err);


/* The same from texts: tokenized and summed while the ids are warm, without a list of them. One embedder a thread; model and
 * tokenizer must outlive it, and the tokenizer's ids be below the model's vocab (EW_USAGE). */
typedef struct ew_embedder ew_embedder;
EW_MUST_CHECK ew_status ew_embedder_create(const ew_model *model, const ew_tokenizer *tokenizer, ew_embedder **out,
                                           ew_error *err);
void ew_embedder_free(ew_embedder *embedder);
/* out float [n, d], from the records' texts (ew_record_text). */
EW_MUST_CHECK ew_status ew_embed(ew_embedder *embedder, const ew_record *records, uint32_t n, float *out, ew_error *err);
/* Wall seconds spent so far on tokens, and on their sums. */
void ew_embedder_seconds(const ew_embedder *embedder, double *tokens, double *sums);

/* The corpus part: a token table float [vocab, d] such that a text is L2(sum over its distinct tokens t of (1 + ln tf) table[t]).
 * TF-IDF with df >= 2 and smoothed idf = ln((1 + n) / (1 + df)) + 1; randomized SVD (Halko, Martinsson, Tropp 2011; power
 * iterations, oversampling), of more than 32,768 texts from a seeded sample of 16,384; the dense part on BLAS in fixed chunks,
 * so the same bits for any number of threads on one kind of processor; signs fixed (largest entry of each column positive). d is
 * smaller where the corpus is, 0 where it is too small. like (NULL or empty: none), of the same vocab: what was found of texts
 * that are much alike; the iteration begins there, and ends sooner. */
typedef struct ew_lsa { uint32_t vocab, d; float *table; /* [vocab, d], idf and singular directions folded in */ } ew_lsa;
EW_MUST_CHECK ew_status ew_lsa_fit(const ew_token_lists *lists, uint32_t vocab, uint32_t d, uint64_t seed,
                                   const ew_lsa *like, ew_pool *pool, ew_lsa *out, ew_error *err);
/* out float [n, d], L2. */
EW_MUST_CHECK ew_status ew_lsa_embed(const ew_lsa *lsa, const ew_token_lists *lists, ew_pool *pool, float *out, ew_error *err);
void ew_lsa_free(ew_lsa *lsa);

/* Unit rows as int8: value = round(x * scale), so cos(i, j) = dot(i, j) / scale^2 exactly in integers. stride is d rounded up
 * to 64, the rest zeros; rows are 64-byte aligned. */
typedef struct ew_vectors {
    uint32_t n, d, stride;
    int8_t *rows;     /* [n, stride] */
    void *memory;     /* what rows lies in */
    float scale;
    float *mean;      /* [encoder's width] the mean of the rows that are not zero, which was taken off; for assigning later
                       * texts. NULL for vectors given in */
    ew_lsa lsa;       /* table NULL: no corpus part */
} ew_vectors;

/* What makes the model's part of vectors out of token lists: the deep encoder where there is one, else the static table. The ids
 * are the model's either way; whoever gives both has checked that they share a vocabulary. */
typedef struct ew_deep ew_deep;       /* deep.h */
typedef struct ew_student ew_student; /* student.h */
typedef struct ew_encoder {
    const ew_model *model;
    const ew_deep *deep; const ew_student *student; /* at most one of them; both NULL: static */
    ew_progress_fn progress; void *progress_data; /* the deep one's: hears of "embed" and of texts; NULL: none */
} ew_encoder;
uint32_t ew_encoder_width(const ew_encoder *encoder);
float ew_encoder_corpus_weight(const ew_encoder *encoder); /* of the corpus part beside its own */
/* out float [n, width], unit length; zeros where a list is empty. */
EW_MUST_CHECK ew_status ew_encode(const ew_encoder *encoder, const ew_token_lists *lists, ew_pool *pool, float *out,
                                  ew_error *err);

/* The whole of it: the encoder's part, mean, corpus part (weight 0: none), L2, int8. */
EW_MUST_CHECK ew_status ew_vectors_build(const ew_encoder *encoder, const ew_token_lists *lists, float corpus_weight,
                                         uint64_t seed, ew_pool *pool, ew_vectors *out, ew_error *err);
/* The same of texts that are like others, whose corpus part is `like` (NULL or empty: none): see ew_lsa_fit. */
EW_MUST_CHECK ew_status ew_vectors_build_like(const ew_encoder *encoder, const ew_token_lists *lists, float corpus_weight,
                                              uint64_t seed, const ew_lsa *like, ew_pool *pool, ew_vectors *out, ew_error *err);
/* Later texts by what an earlier build has found: its mean [width], corpus part, weight and scale. The same texts give the same
 * bytes as there. out->mean and out->lsa stay empty. */
EW_MUST_CHECK ew_status ew_vectors_place(const ew_encoder *encoder, const ew_token_lists *lists, const float *mean,
                                         const ew_lsa *lsa, float corpus_weight, float scale, ew_pool *pool, ew_vectors *out,
                                         ew_error *err);
/* The same rows as floats, before they are rounded: *out [n, d] is the caller's. */
EW_MUST_CHECK ew_status ew_vectors_build_float(const ew_encoder *encoder, const ew_token_lists *lists, float corpus_weight,
                                               uint64_t seed, ew_pool *pool, float **out, uint32_t *d, ew_error *err);
/* From rows of anybody's, which `take` gives as floats [n, d] (called two or three times for each row, from any thread): rotated
 * (given.c) and rounded to int8 of one scale. Dots are those of the rows given, entries are not. EW_COSINE: at length 1, zeros
 * stay zeros. EW_INNER_PRODUCT: as long as they are, the longest at length 1; shorter than a three-hundredth or so is zero.
 * EW_INPUT names the row of a NaN or infinity. */
typedef struct ew_row_source {
    uint32_t n, d;
    ew_status (*take)(const void *context, uint32_t first, uint32_t n, float *out, ew_error *err);
    const void *context;
} ew_row_source;
EW_MUST_CHECK ew_status ew_vectors_from_rows(const ew_row_source *source, ew_metric metric, ew_pool *pool, ew_vectors *out,
                                             ew_error *err);
/* From float rows [n, d] in memory, by their cosines. */
EW_MUST_CHECK ew_status ew_vectors_from_float(const float *rows, uint32_t n, uint32_t d, ew_pool *pool, ew_vectors *out,
                                              ew_error *err);
void ew_vectors_free(ew_vectors *vectors);

/* .npy files (NEP 1): [n, d] float32, float16, float64 or int8, C or Fortran order, as float rows; and int32 / float32 out. */
typedef struct ew_npy { const char *name; int file, fortran; uint32_t n, d, type; uint64_t at; } ew_npy;
EW_MUST_CHECK ew_status ew_npy_open(const char *path, ew_npy *out, ew_error *err); /* borrows path; EW_INPUT with the reason */
void ew_npy_close(ew_npy *npy);
/* Rows first .. first + n, read now: nothing of the file is kept, nor mapped, so that it may shrink. Any thread; in Fortran order
 * one system call a column. */
EW_MUST_CHECK ew_status ew_npy_take(const ew_npy *npy, uint32_t first, uint32_t n, float *out, ew_error *err);
/* Vectors of all its rows, a few at a time. */
EW_MUST_CHECK ew_status ew_vectors_from_npy(const ew_npy *npy, ew_metric metric, ew_pool *pool, ew_vectors *out, ew_error *err);
EW_MUST_CHECK ew_status ew_npy_read(const char *path, float **rows, uint32_t *n, uint32_t *d, ew_error *err);
EW_MUST_CHECK ew_status ew_npy_write_f32(const char *path, const float *rows, uint64_t n, uint64_t d, ew_error *err);
/* A float32 [n, d] file written a few rows at a time, n not known before the end. Where the file is a pipe or device, the rows
 * wait in a spool for the head that must come first. */
typedef struct ew_npy_rows { ew_output output; ew_spool spool; uint64_t n, d; } ew_npy_rows;
EW_MUST_CHECK ew_status ew_npy_rows_open(ew_npy_rows *rows, const char *path, uint64_t d, ew_error *err);
EW_MUST_CHECK ew_status ew_npy_rows_append(ew_npy_rows *rows, const float *values, uint64_t n, ew_error *err);
EW_MUST_CHECK ew_status ew_npy_rows_commit(ew_npy_rows *rows, ew_error *err);
void ew_npy_rows_abandon(ew_npy_rows *rows); /* harmless after a commit or on a zeroed struct */
/* k 0: [n] */
EW_MUST_CHECK ew_status ew_npy_write_i32(const char *path, const int32_t *rows, uint64_t n, uint64_t k, ew_error *err);

#endif
