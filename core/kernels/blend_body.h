/* The one body of blend.h; a file an instruction set includes it after defining BLEND and BLEND_NAME and what sixteen.h asks for.
 */
#include "blend_bodies.h"
#include "sixteen.h"

/* Those below zero are no more; a zero of either sign is +0. */
INLINE void cut(vf *x) { *x = (vf)((vi)*x & (*x > (vf){0})); }

static void three(const ew_blend_part parts[3], const float *bias, uint32_t n, float *out, float *sum) {
    const int8_t *a = parts[0].row, *b = parts[1].row, *c = parts[2].row;
    float zero = parts[0].zero + parts[1].zero + parts[2].zero, sa = parts[0].scale, sb = parts[1].scale, sc = parts[2].scale;
    for (uint32_t i = 0; i < n; i += 16) {
        vf x = {0}, y = {0}, z = {0};
        GET_BYTES(a + i, x);
        GET_BYTES(b + i, y);
        GET_BYTES(c + i, z);
        x = x * sa + y * sb + z * sc;
        x += LOAD(bias + i) + zero;
        cut(&x);
        STORE(out + i, x);
        STORE(sum + i, LOAD(sum + i) + x);
    }
}

static void pool(const float *x, const float *whole, const float scores[EW_BLEND_POOLS], float most, uint32_t n, float *sums,
                 float total[EW_BLEND_POOLS]) {
    vf high = ALL(most), low = ALL(-most), s = LOAD(scores);
    float weight[EW_BLEND_POOLS] = {0};
    s = HIGHER(s, low);
    s = LOWER(s, high);
    s -= high;
    exp_down(&s);
    STORE(weight, s);
    STORE(total, LOAD(total) + s);
    uint32_t wide = n / EW_BLEND_POOLS;
    for (uint32_t p = 0; p < EW_BLEND_POOLS; p++)
        for (uint32_t i = p * wide; i < (p + 1) * wide; i += 16) {
            vf v = LOAD(x + i) + LOAD(whole + i);
            cut(&v);
            STORE(sums + i, LOAD(sums + i) + v * weight[p]);
        }
}

static void positive(float *x, uint32_t n) {
    for (uint32_t i = 0; i < n; i += 16) {
        vf v = LOAD(x + i);
        cut(&v);
        STORE(x + i, v);
    }
}

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
const ew_blend BLEND = {NAME_OF(BLEND_NAME), three, pool, positive};
