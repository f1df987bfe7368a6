/* AMX: dot products by tiles of 16 x 16 sums over 64 bytes (tdpbssd, exact in int32); everything else as in AVX-512.
 * The kernel must grant a process its tile registers first: ew_kernels_amx_ready asks, once. */
#if defined(__x86_64__)
#define _GNU_SOURCE
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bodies.h"
#include "pack512.h"

enum { SIDE = 16, SLAB = 1024, ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };

int ew_kernels_amx_ready(void) { return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0; }

/* Tile shapes: eight of 16 rows of 64 bytes. The order of fields is the processor's. */
typedef struct { uint8_t palette, start_row, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } shapes;

static void dot_i8(const int8_t *a, uint32_t n_a, const int8_t *b, uint32_t n_b, uint32_t stride, int32_t *out) {
    if (n_a < SIDE || n_b < 2 * SIDE || stride > SLAB) { /* too little to fill tiles */
        ew_kernels_avx512.dot_i8(a, n_a, b, n_b, stride, out);
        return;
    }
    shapes config = {.palette = 1};
    for (int t = 0; t < 8; t++) {
        config.bytes[t] = 64;
        config.rows[t] = SIDE;
    }
    _tile_loadconfig(&config);
    __m512i packed[2][SLAB / 4];
    uint32_t whole_a = n_a / SIDE * SIDE, whole_b = n_b / (2 * SIDE) * (2 * SIDE);
    for (uint32_t j = 0; j < whole_b; j += 2 * SIDE) {
        for (uint32_t half = 0; half < 2; half++)
            for (uint32_t k = 0; k < stride; k += 64)
                ew_pack64(b + (size_t)(j + half * SIDE) * stride + k, SIDE, stride, _mm512_setzero_si512(), packed[half] + k / 4);
        uint32_t i = 0;
        for (; i + 2 * SIDE <= whole_a; i += 2 * SIDE) { /* 32 x 32 sums: four tiles, each operand used twice */
            const int8_t *low = a + (size_t)i * stride, *high = low + (size_t)SIDE * stride;
            _tile_zero(0);
            _tile_zero(1);
            _tile_zero(2);
            _tile_zero(3);
            for (uint32_t k = 0; k < stride; k += 64) {
                _tile_loadd(4, low + k, stride);
                _tile_loadd(5, high + k, stride);
                _tile_loadd(6, packed[0] + k / 4, 64);
                _tile_loadd(7, packed[1] + k / 4, 64);
                _tile_dpbssd(0, 4, 6);
                _tile_dpbssd(1, 4, 7);
                _tile_dpbssd(2, 5, 6);
                _tile_dpbssd(3, 5, 7);
            }
            int32_t *at = out + (size_t)i * n_b + j, *below = at + (size_t)SIDE * n_b;
            _tile_stored(0, at, n_b * sizeof *out);
            _tile_stored(1, at + SIDE, n_b * sizeof *out);
            _tile_stored(2, below, n_b * sizeof *out);
            _tile_stored(3, below + SIDE, n_b * sizeof *out);
        }
        for (; i < whole_a; i += SIDE) {
            _tile_zero(0);
            _tile_zero(1);
            for (uint32_t k = 0; k < stride; k += 64) {
                _tile_loadd(4, a + (size_t)i * stride + k, stride);
                _tile_loadd(6, packed[0] + k / 4, 64);
                _tile_loadd(7, packed[1] + k / 4, 64);
                _tile_dpbssd(0, 4, 6);
                _tile_dpbssd(1, 4, 7);
            }
            _tile_stored(0, out + (size_t)i * n_b + j, n_b * sizeof *out);
            _tile_stored(1, out + (size_t)i * n_b + j + SIDE, n_b * sizeof *out);
        }
    }
    _tile_release();
    /* what the tiles leave: columns of b to the right, then rows of a below */
    if (whole_b < n_b)
        ew_dot_i8_avx512(a, whole_a, b + (size_t)whole_b * stride, n_b - whole_b, stride, out + whole_b, n_b);
    if (whole_a < n_a)
        ew_dot_i8_avx512(a + (size_t)whole_a * stride, n_a - whole_a, b, n_b, stride, out + (size_t)whole_a * n_b, n_b);
}

static int32_t dot_i16(const int16_t *a, const int16_t *b, uint32_t n) { return ew_kernels_avx512.dot_i16(a, b, n); }
static float norm2(const float *x, uint32_t d) { return ew_kernels_avx512.norm2(x, d); }
static uint32_t at_least(const int32_t *values, uint32_t n, int32_t floor, uint32_t *out) {
    return ew_kernels_avx512.at_least(values, n, floor, out);
}
static size_t ascii_run(const char *text, size_t n) { return ew_kernels_avx512.ascii_run(text, n); }

const ew_kernels ew_kernels_amx = {"amx", dot_i8, dot_i16, norm2, at_least, ascii_run};
#else
typedef int ew_kernels_amx_is_for_x86; /* a translation unit may not be empty */
#endif
