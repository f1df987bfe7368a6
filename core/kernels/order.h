/* order: parting and sorting numbers of 64 bits that are all different. Where a comparison is as likely to go one way as the
 * other, a branch on it costs more than the work: bodies have none. Pivots, and what stands where beside a pivot, are a body's
 * own affair; sets and sorted keys are the same. No state, any thread. */
#ifndef EW_KERNELS_ORDER_H
#define EW_KERNELS_ORDER_H

#include <stdint.h>

enum { EW_ORDER_FEW = 48 };

typedef struct ew_order {
    const char *name;
    /* One of n > 0 keys that about `above` <= n of them are above. Which are asked hangs on a hash, so that no order of the keys
     * is always a bad one. */
    uint64_t (*pivot)(const uint64_t *keys, uint32_t n, uint32_t above);
    /* Moves the keys above the pivot to the front, in any order; returns how many. */
    uint32_t (*part)(uint64_t *keys, uint32_t n, uint64_t pivot);
    void (*sort)(uint64_t *keys, uint32_t n); /* descending; n <= EW_ORDER_FEW */
} ew_order;

const ew_order *ew_order_get(void);
const ew_order *ew_order_named(const char *name); /* NULL: this build or processor lacks it */

/* The bodies: only order.c and each other look here. */
extern const ew_order ew_order_serial;
#if defined(__x86_64__)
extern const ew_order ew_order_avx512;
#endif
static inline uint32_t ew_order_chance(const uint64_t *keys, uint32_t n) { /* below n */
    return (uint32_t)((keys[n / 2] * UINT64_C(0x9e3779b97f4a7c15) >> 32) * n >> 32);
}

#endif
