/* centres: mean directions of parts of the rows, and which is nearest to a row; k-means. All in integers: the same for any number
 * of threads. */
#ifndef EW_NEIGHBOURS_CENTRES_H
#define EW_NEIGHBOURS_CENTRES_H

#include "../base/pool.h"
#include "../vectors/vectors.h"

typedef struct ew_centres {
    uint32_t k, stride;
    int8_t *rows;   /* [k, stride] mean directions of length EW_CENTRE, so that dot products compare as cosines */
    void *memory;   /* what to free */
} ew_centres;
#define EW_CENTRE 400 /* entries beyond 127 / 400 are clipped, which unit means hardly have */
EW_MUST_CHECK ew_status ew_centres_create(uint32_t k, uint32_t stride, ew_centres *out, ew_error *err);
void ew_centres_free(ew_centres *centres);
/* Centres as rows of their own: a view, good as long as they are. */
static inline ew_vectors ew_centres_as_vectors(const ew_centres *c) {
    return (ew_vectors){.n = c->k, .d = c->stride, .stride = c->stride, .rows = c->rows, .scale = EW_CENTRE};
}
/* Mean direction of each part; parts without rows become zero. label EW_NONE: left out. weight [n]: how many rows a row stands
 * for, below 2^24 (NULL: one each). */
EW_MUST_CHECK ew_status ew_centres_update(const ew_vectors *vectors, const uint32_t *label, const uint32_t *weight,
                                          ew_centres *centres, ew_error *err);
/* The nearest centre of each row (ties: the smaller), and its dot product and that of the second nearest (NULL: not wanted). */
EW_MUST_CHECK ew_status ew_centres_assign(const ew_vectors *vectors, const ew_centres *centres, ew_pool *pool, uint32_t *label,
                                          int32_t *best, int32_t *second, ew_error *err);
/* Spherical k-means (Dhillon, Modha 2001): seeded rows, `rounds` Lloyd steps. label [n]. */
EW_MUST_CHECK ew_status ew_kmeans(const ew_vectors *vectors, uint32_t k, uint32_t rounds, uint64_t seed, ew_pool *pool,
                                  uint32_t *label, ew_error *err);
/* The direction of a sum of rows, at length EW_CENTRE; zeros for a sum of zero. */
void ew_centre_direction(const int64_t *sum, uint32_t stride, int8_t *out);
/* The same for a sum of up to EW_FEW_ROWS rows, in the same bits, sooner. */
enum { EW_FEW_ROWS = 1 << 15 };
void ew_centre_of_few(const int32_t *sum, uint32_t stride, int8_t *out);
/* The mean direction of that many rows; sum [stride]: scratch. */
void ew_centre_of_rows(const ew_vectors *vectors, const uint32_t *rows, uint32_t n, int32_t *sum, int8_t *out);

#endif
