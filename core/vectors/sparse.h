/* TF-IDF of some texts as a sparse matrix, by rows and by columns, and its products with dense tables. */
#ifndef EW_VECTORS_SPARSE_H
#define EW_VECTORS_SPARSE_H

#include "vectors.h"

typedef struct ew_sparse {
    uint32_t texts, terms;
    uint32_t *tokens;      /* [terms] token of each term, ascending: those in two texts or more */
    float *idf;            /* [terms] */
    uint64_t *row_start;   /* [texts + 1] */
    uint32_t *row_terms;   /* [nnz] in order of first sight in the text */
    float *row_weights;    /* [nnz] rows of length 1 */
    uint64_t *column_start;/* [terms + 1] */
    uint32_t *column_texts;/* [nnz] ascending in a column */
    float *column_weights; /* [nnz] */
} ew_sparse;

float ew_sparse_tf(uint32_t count); /* 1 + ln count */

/* From texts[0 .. n) of the lists, whose ids are below vocab. */
EW_MUST_CHECK ew_status ew_sparse_build(const ew_token_lists *lists, const uint32_t *texts, uint32_t n, uint32_t vocab,
                                        ew_pool *pool, ew_sparse *out, ew_error *err);
void ew_sparse_free(ew_sparse *sparse);

/* out [texts, l] = X q [terms, l];  out [terms, l] = X' b [texts, l]. */
EW_MUST_CHECK ew_status ew_sparse_times(const ew_sparse *x, const float *q, uint32_t l, float *out, ew_pool *pool, ew_error *err);
EW_MUST_CHECK ew_status ew_sparse_transposed_times(const ew_sparse *x, const float *b, uint32_t l, float *out, ew_pool *pool,
                                                   ew_error *err);

#endif
