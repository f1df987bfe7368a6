/* What the searches share: neighbours as sortable numbers. */
#ifndef EW_NEIGHBOURS_INSIDE_H
#define EW_NEIGHBOURS_INSIDE_H

#include "neighbours.h"

/* A neighbour as one number: larger is nearer, then the smaller row. */
static inline uint64_t ew_near_key(int32_t dot, uint32_t row) {
    return ((uint64_t)((uint32_t)dot ^ 0x80000000u) << 32) | (uint32_t)~row;
}
static inline int32_t ew_near_dot(uint64_t key) { return (int32_t)((uint32_t)(key >> 32) ^ 0x80000000u); }
static inline uint32_t ew_near_row(uint64_t key) { return ~(uint32_t)key; }

/* Moves the k largest of n different keys to the front, in any order. */
void ew_near_select(uint64_t *keys, uint32_t n, uint32_t k);
/* Keeps the k largest of n >= k keys; returns the least dot product that still beats one of them: equal ones come later, so lose
 * the tie (rows must come in ascending order for that; where they do not, take one less). */
int32_t ew_near_floor(uint64_t *keys, uint32_t n, uint32_t k);
/* Drops most of n > 24 keys that k others beat, in any order of rows; returns how many are left, at least k and at most three
 * quarters or k. floor: the least dot product that may beat one of the k largest. */
uint32_t ew_near_thin(uint64_t *keys, uint32_t n, uint32_t k, int32_t *floor);
/* A dot product that at least `rank` of n >= rank > 0 reach, and hardly more. */
int32_t ew_near_reached(const int32_t *dots, uint32_t n, uint32_t rank);
void ew_near_sort(uint64_t *keys, uint32_t n); /* descending */

/* Exact lists of some rows: out->n = m. */
EW_MUST_CHECK ew_status ew_neighbours_of(const ew_vectors *vectors, const uint32_t *rows, uint32_t m, uint32_t k, ew_pool *pool,
                                         ew_lists *out, ew_error *err);

#endif
