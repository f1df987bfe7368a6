/* Integer products: every body this processor can run gives what a plain sum gives, on all sizes around its tiles and on the
 * extremes of its types. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/kernels/gemm.h"

static const char *const names[] = {"serial", "neon", "avx2", "avx512", "amx"};
typedef enum pattern { RANDOM, LOWEST, HIGHEST, OPPOSED, PATTERNS } pattern;

static void *aligned(size_t bytes) { /* no spare byte behind, so that a sanitizer sees what reads too far */
    void *memory = NULL;
    cr_assert_eq(posix_memalign(&memory, 64, bytes), 0);
    return memory;
}

static int value(pattern p, uint64_t seed, size_t i, int second, int most) {
    if (p == RANDOM) return (int)ew_random_below(2 * (uint64_t)most + 2, seed, 1, i, 0) - most - 1;
    if (p == OPPOSED) return second ? most : -most - 1;
    return p == LOWEST ? -most - 1 : most;
}

static void check_i8(uint32_t m, uint32_t n, uint32_t k, pattern p) {
    uint32_t deep = ew_gemm_up(k, EW_GEMM_DEPTH), wide = ew_gemm_up(n, EW_GEMM_COLUMNS), apart = wide + 3;
    uint32_t there = ew_gemm_up(m, EW_GEMM_ROWS);
    int8_t *a = aligned((size_t)there * deep), *w = malloc((size_t)n * k), *packed = aligned((size_t)wide * deep);
    int32_t *out = malloc((size_t)there * apart * sizeof *out);
    for (size_t i = 0; i < (size_t)there * deep; i++) a[i] = (int8_t)value(p, 1, i, 0, 127); /* beyond k: zeros of w meet it */
    for (size_t i = 0; i < (size_t)n * k; i++) w[i] = (int8_t)value(p, 2, i, 1, 127);
    ew_gemm_pack(w, n, k, packed);
    for (size_t b = 0; b < sizeof names / sizeof *names; b++) {
        const ew_gemm *gemm = ew_gemm_named(names[b]);
        if (!gemm) continue;
        for (size_t i = 0; i < (size_t)there * apart; i++) out[i] = 12345;
        gemm->i8(a, m, deep, packed, wide, out, apart);
        for (uint32_t i = 0; i < m; i++)
            for (uint32_t j = 0; j < apart; j++) {
                int32_t sum = j < wide ? 0 : 12345;
                for (uint32_t c = 0; j < n && c < k; c++) sum += a[(size_t)i * deep + c] * w[(size_t)j * k + c];
                cr_assert_eq(out[(size_t)i * apart + j], sum, "%s: %u x %u x %u, row %u column %u", names[b], m, n, k, i, j);
            }
    }
    free(a), free(w), free(packed), free(out);
}

Test(gemm, int8_is_exact) {
    static const uint32_t rows[] = {1, 16, 20, 32, 41, 80, 136, 261}, columns[] = {1, 16, 31, 32, 33, 80};
    static const uint32_t depths[] = {1, 4, 63, 64, 65, 192, 200};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
            for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) check_i8(rows[i], columns[j], depths[d], RANDOM);
    for (int p = LOWEST; p < PATTERNS; p++) check_i8(32, 32, 4096, (pattern)p);
    check_i8(16, 32, 16384, LOWEST);
}

static void check_i16(uint32_t m, uint32_t n, uint32_t k, pattern p, int most) {
    uint32_t lead = k + 2, apart = n + 5;
    int16_t *a = malloc((size_t)m * lead * sizeof *a), *pairs = malloc((size_t)k * n * sizeof *pairs);
    int32_t *out = malloc((size_t)m * apart * sizeof *out);
    for (size_t i = 0; i < (size_t)m * lead; i++) a[i] = (int16_t)value(p, 3, i, 0, most);
    for (size_t i = 0; i < (size_t)k * n; i++) pairs[i] = (int16_t)value(p, 4, i, 1, most);
    for (size_t b = 0; b < sizeof names / sizeof *names; b++) {
        const ew_gemm *gemm = ew_gemm_named(names[b]);
        if (!gemm) continue;
        for (size_t i = 0; i < (size_t)m * apart; i++) out[i] = 12345;
        gemm->i16(a, lead, m, k, pairs, n, out, apart);
        for (uint32_t i = 0; i < m; i++)
            for (uint32_t j = 0; j < apart; j++) {
                int32_t sum = j < n ? 0 : 12345;
                for (uint32_t c = 0; j < n && c < k; c++)
                    sum += a[(size_t)i * lead + c] * pairs[((size_t)c / 2 * n + j) * 2 + c % 2];
                cr_assert_eq(out[(size_t)i * apart + j], sum, "%s: %u x %u x %u, row %u column %u", names[b], m, n, k, i, j);
            }
    }
    free(a), free(pairs), free(out);
}

Test(gemm, int16_is_exact) {
    static const uint32_t rows[] = {1, 3, 4, 5, 6, 7, 13, 24}, columns[] = {16, 32, 48, 80}, depths[] = {2, 16, 32, 34, 64};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
            for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) check_i16(rows[i], columns[j], depths[d], RANDOM, 4000);
    for (int p = LOWEST; p < PATTERNS; p++) {
        check_i16(7, 48, 32, (pattern)p, 5791);
        check_i16(6, 32, 512, (pattern)p, 2040);
        check_i16(2, 16, 2, (pattern)p, 32000);
    }
}

Test(gemm, packing_is_as_said) {
    int8_t w[18 * 70], *packed = aligned(32 * 128);
    for (int i = 0; i < 18 * 70; i++) w[i] = (int8_t)(i % 251 - 125);
    ew_gemm_pack(w, 18, 70, packed);
    for (uint32_t j = 0; j < 32; j++)
        for (uint32_t c = 0; c < 128; c++) {
            int8_t want = j < 18 && c < 70 ? w[j * 70 + c] : 0;
            cr_assert_eq(packed[j / 16 * 16 * 128 + c / 4 * 64 + j % 16 * 4 + c % 4], want);
        }
    free(packed);
    cr_assert(!ew_gemm_named("none") && ew_gemm_get());
}
