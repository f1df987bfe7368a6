/* sift: of all pairs of some rows and some targets, those whose dot product reaches the row's floor. What is below stays in
 * registers, or nearly: nothing of it is kept. Bodies find the same pairs, each in an order of its own. No state, any thread. */
#ifndef EW_KERNELS_SIFT_H
#define EW_KERNELS_SIFT_H

#include <stddef.h>
#include <stdint.h>

enum { EW_SIFT_LANES = 16, EW_SIFT_SPARE = 16 };

typedef struct ew_sift_hit { uint16_t row, target; int32_t dot; } ew_sift_hit; /* positions in what was given: below 2^16 */

typedef struct ew_sift {
    const char *name;
    uint32_t width; /* bytes a packed value takes */
    /* `n` rows that ask, each `stride` values (a multiple of 64), 64-byte aligned -> packed, 64-byte aligned, room for n rounded
     * up to EW_SIFT_LANES rows; the form is the body's own, but every EW_SIFT_LANES-th row begins at its number * stride * width.
     */
    void (*pack)(const int8_t *const *rows, uint32_t n, uint32_t stride, int8_t *packed);
    /* Hits of n packed rows, each with its floor, and of m targets, 64-byte aligned: the first of `targets`, or those that
     * `which` names, if it is not NULL; room for n * m and EW_SIFT_SPARE. |dot| < 2^31 for stride <= 2^16. */
    uint32_t (*sift)(const int8_t *packed, const int32_t *floor, uint32_t n, const int8_t *targets, const uint32_t *which,
                     uint32_t m, uint32_t stride, ew_sift_hit *hits);
} ew_sift;

const ew_sift *ew_sift_get(void);
const ew_sift *ew_sift_named(const char *name); /* NULL: this build or processor lacks it */

/* The bodies: only sift.c and each other look here. Those without a form of their own take the rows as they are. */
void ew_sift_pack_rows(const int8_t *const *rows, uint32_t n, uint32_t stride, int8_t *packed);
extern const ew_sift ew_sift_serial;
#if defined(__x86_64__)
extern const ew_sift ew_sift_avx2, ew_sift_avx512, ew_sift_amx;
#elif defined(__aarch64__)
extern const ew_sift ew_sift_neon;
#endif

#endif
