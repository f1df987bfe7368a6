/* The oracle: plain C over the packed layouts. */
#include "gemm_bodies.h"

static void i8(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart) {
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j += 16) {
            const int8_t *block = packed + (size_t)j * k, *row = a + (size_t)i * k;
            int32_t sum[16] = {0};
            for (uint32_t c = 0; c < k; c += 4, block += 64)
                for (uint32_t l = 0; l < 16; l++)
                    for (uint32_t b = 0; b < 4; b++) sum[l] += row[c + b] * block[l * 4 + b];
            for (uint32_t l = 0; l < 16; l++) out[(size_t)i * apart + j + l] = sum[l];
        }
}

static void i16(const int16_t *a, uint32_t lead, uint32_t m, uint32_t k, const int16_t *pairs, uint32_t n, int32_t *out,
                uint32_t apart) {
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j += 16) {
            int32_t sum[16] = {0};
            for (uint32_t c = 0; c < k; c += 2) {
                const int16_t *row = a + (size_t)i * lead + c, *b = pairs + ((size_t)c / 2 * n + j) * 2;
                for (uint32_t l = 0; l < 16; l++) sum[l] += row[0] * b[l * 2] + row[1] * b[l * 2 + 1];
            }
            for (uint32_t l = 0; l < 16; l++) out[(size_t)i * apart + j + l] = sum[l];
        }
}

const ew_gemm ew_gemm_serial = {"serial", i8, i16};
