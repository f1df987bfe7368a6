/* blend: what the student encoder does between its products, on rows of floats; see vectors/student.h. One body, written in
 * vectors of sixteen and compiled once an instruction set; no fused multiply-add and one order of every sum, so the same bits
 * from all of them. No state, any thread.
 *
 * Rows are of any alignment; n is a multiple of 16. Values are finite: callers see to that by bounds on their weights. */
#ifndef EW_KERNELS_BLEND_H
#define EW_KERNELS_BLEND_H

#include <stdint.h>

enum { EW_BLEND_POOLS = 16 };

typedef struct ew_blend_part { const int8_t *row; float scale, zero; } ew_blend_part; /* row * scale + zero */

typedef struct ew_blend {
    const char *name;
    /* out = max(0, the three parts and bias added up); sum += out */
    void (*three)(const ew_blend_part parts[3], const float *bias, uint32_t n, float *out, float *sum);
    /* Sixteen pools, each of its n / 16 columns: weights e^(score - most), scores kept within +-most, are added to total, and
     * max(0, x + whole) times the weight of its column's pool to sums. n a multiple of 256. */
    void (*pool)(const float *x, const float *whole, const float scores[EW_BLEND_POOLS], float most, uint32_t n, float *sums,
                 float total[EW_BLEND_POOLS]);
    void (*positive)(float *x, uint32_t n); /* x = max(0, x) */
} ew_blend;

const ew_blend *ew_blend_get(void);
const ew_blend *ew_blend_named(const char *name); /* NULL if this build or processor lacks it */

#endif
