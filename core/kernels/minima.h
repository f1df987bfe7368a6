/* minima: the sketch of a set of hashes (MinHash): the least of them under 48 orders at once, without a multiplication.
 *
 * Order j of group g compares 32 bits of a hash, those from bit 16 g on, after an exclusive or with a constant of j. The
 * highest 16 of the three groups share nothing, so the groups are as good as independent; within one the constants' highest
 * four bits differ, so that sixteen slots look at sixteen parts of the set, and at their neighbours where a part is empty. In
 * every slot two sets agree with the probability of their Jaccard likeness. Bodies give the same bits. No state, any thread. */
#ifndef EW_KERNELS_MINIMA_H
#define EW_KERNELS_MINIMA_H

#include <stddef.h>
#include <stdint.h>

enum { EW_MINIMA_GROUPS = 3, EW_MINIMA_SLOTS = 16 };

typedef struct ew_minima {
    const char *name;
    /* hashes: well mixed, in any order, repeats do no harm; n 0 gives UINT32_MAX everywhere */
    void (*minima)(const uint64_t *hashes, size_t n, uint32_t out[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS]);
} ew_minima;

const ew_minima *ew_minima_get(void);
const ew_minima *ew_minima_named(const char *name); /* NULL: this build or processor lacks it */

/* The bodies: only minima.c and each other look here. */
extern const uint32_t ew_minima_constants[EW_MINIMA_SLOTS];
extern const ew_minima ew_minima_serial;
#if defined(__x86_64__)
extern const ew_minima ew_minima_avx2, ew_minima_avx512;
#elif defined(__aarch64__)
extern const ew_minima ew_minima_neon;
#endif

#endif
