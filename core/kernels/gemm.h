/* gemm: products of integer matrices, exact in int32 and so the same bits from every instruction set. They carry the deep
 * encoder: int8 for its linear layers, int16 for its attention. No state, any thread. */
#ifndef EW_KERNELS_GEMM_H
#define EW_KERNELS_GEMM_H

#include <stddef.h>
#include <stdint.h>

enum { EW_GEMM_ROWS = 16, EW_GEMM_COLUMNS = 32, EW_GEMM_DEPTH = 64 }; /* what rows, n and k of gemm_i8 are multiples of */

typedef struct ew_gemm {
    const char *name;
    /* out[i * apart + j] = sum over k of a[i * k + .] w[j][.], for m rows of a and n rows of w, which come packed (below).
     * n and k as the constants say, m of any size: up(m, 16) rows of a and of out are there, and what is behind m is read and
     * written as suits the body. a and w 64-byte aligned. |out| < 2^31 for k <= 2^16. */
    void (*i8)(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart);
    /* out[i * apart + j] = sum over k of a[i * lead + k] b[k][j]; k even, n a multiple of 16; b packed as pairs
     * [k / 2][n][2]. The caller sees to it that no partial sum leaves int32. Any alignment. */
    void (*i16)(const int16_t *a, uint32_t lead, uint32_t m, uint32_t k, const int16_t *pairs, uint32_t n, int32_t *out,
                uint32_t apart);
} ew_gemm;

const ew_gemm *ew_gemm_get(void);
const ew_gemm *ew_gemm_named(const char *name); /* NULL if this build or processor lacks it */

/* Rows w [n, k] -> packed [up(n, 32), up(k, 64)], zeros behind: blocks of 16 rows, in each of which four bytes of every row lie
 * side by side, as VNNI and AMX want them. Byte (j, c) of w goes to block j / 16, at (c / 4) * 64 + (j % 16) * 4 + c % 4. */
void ew_gemm_pack(const int8_t *w, uint32_t n, uint32_t k, int8_t *packed);
static inline uint32_t ew_gemm_up(uint32_t n, uint32_t to) { return (n + to - 1) / to * to; }

#endif
