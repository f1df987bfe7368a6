/* AMX: int8 products by tiles of 16 x 16 sums over 64 bytes (tdpbssd, exact in int32); int16 as in AVX-512. Packed weights are
 * tiles as they lie: 16 lines of 64 bytes for every 64 of a row. Whoever picks this body has the tile registers (isa.c). */
#if defined(__x86_64__)
#include <immintrin.h>

#include "gemm_bodies.h"

enum { SIDE = 16, TILE = 1024 };

/* Tile shapes: eight of 16 rows of 64 bytes. The order of fields is the processor's. */
typedef struct { uint8_t palette, start_row, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } shapes;

static void i8(const int8_t *a, uint32_t m, uint32_t k, const int8_t *packed, uint32_t n, int32_t *out, uint32_t apart) {
    shapes config = {.palette = 1};
    for (int t = 0; t < 8; t++) {
        config.bytes[t] = 64;
        config.rows[t] = SIDE;
    }
    _tile_loadconfig(&config);
    size_t line = apart * sizeof *out;
    m = ew_gemm_up(m, SIDE);
    for (uint32_t j = 0; j < n; j += 2 * SIDE) {
        const int8_t *left = packed + (size_t)j * k, *right = left + (size_t)SIDE * k;
        uint32_t i = 0;
        for (; i + 2 * SIDE <= m; i += 2 * SIDE) { /* 32 x 32 sums: four tiles, each operand used twice */
            const int8_t *high = a + (size_t)i * k, *low = high + (size_t)SIDE * k;
            _tile_zero(0);
            _tile_zero(1);
            _tile_zero(2);
            _tile_zero(3);
            for (uint32_t c = 0; c < k; c += 64) {
                _tile_loadd(6, left + (size_t)c * SIDE, 64);
                _tile_loadd(4, high + c, k);
                _tile_dpbssd(0, 4, 6);
                _tile_loadd(7, right + (size_t)c * SIDE, 64);
                _tile_dpbssd(1, 4, 7);
                _tile_loadd(5, low + c, k);
                _tile_dpbssd(2, 5, 6);
                _tile_dpbssd(3, 5, 7);
            }
            int32_t *at = out + (size_t)i * apart + j, *below = at + (size_t)SIDE * apart;
            _tile_stored(0, at, line);
            _tile_stored(1, at + SIDE, line);
            _tile_stored(2, below, line);
            _tile_stored(3, below + SIDE, line);
        }
        if (i < m) {
            _tile_zero(0);
            _tile_zero(1);
            for (uint32_t c = 0; c < k; c += 64) {
                _tile_loadd(4, a + (size_t)i * k + c, k);
                _tile_loadd(6, left + (size_t)c * SIDE, 64);
                _tile_loadd(7, right + (size_t)c * SIDE, 64);
                _tile_dpbssd(0, 4, 6);
                _tile_dpbssd(1, 4, 7);
            }
            _tile_stored(0, out + (size_t)i * apart + j, line);
            _tile_stored(1, out + (size_t)i * apart + j + SIDE, line);
        }
    }
    _tile_release();
}

static void i16(const int16_t *a, uint32_t lead, uint32_t m, uint32_t k, const int16_t *pairs, uint32_t n, int32_t *out,
                uint32_t apart) {
    ew_gemm_avx512.i16(a, lead, m, k, pairs, n, out, apart);
}

const ew_gemm ew_gemm_amx = {"amx", i8, i16};
#else
typedef int ew_gemm_amx_is_for_x86; /* a translation unit may not be empty */
#endif
