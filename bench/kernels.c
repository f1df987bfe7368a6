/* Dot products of int8 rows: every instruction set that this machine has, against the oracle's speed. The answer is checked before
 * it is timed. Build and run by `make bench`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/base/clock.h"
#include "../core/base/random.h"
#include "../core/kernels/kernels.h"

enum { ROWS = 4096, STRIDE = 320, A = 64, B = 512 };

static double billions(const ew_kernels *kernels, const int8_t *rows, int32_t *out, int repeats) {
    double begun = ew_cpu();
    for (int r = 0; r < repeats; r++)
        for (size_t i = 0; i < ROWS; i += A)
            for (size_t j = 0; j < ROWS; j += B) kernels->dot_i8(rows + i * STRIDE, A, rows + j * STRIDE, B, STRIDE, out);
    return (double)repeats * ROWS * ROWS * STRIDE / (ew_cpu() - begun) / 1e9;
}

int main(void) {
    static const char *const names[] = {"serial", "avx2", "avx512", "amx", "neon"};
    int8_t *rows = aligned_alloc(64, (size_t)ROWS * STRIDE);
    int32_t *want = malloc(sizeof *want * A * B), *out = malloc(sizeof *out * A * B);
    if (!rows || !want || !out) return 1;
    for (size_t i = 0; i < (size_t)ROWS * STRIDE; i++) rows[i] = (int8_t)(ew_random(1, 99, i, 0) % 255 - 127);
    ew_kernels_named("serial")->dot_i8(rows, A, rows, B, STRIDE, want);
    puts("instruction_set,billion_products_a_cpu_second,times_serial");
    double serial = 0;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const ew_kernels *kernels = ew_kernels_named(names[k]);
        if (!kernels) continue;
        kernels->dot_i8(rows, A, rows, B, STRIDE, out);
        if (memcmp(want, out, sizeof *out * A * B) != 0) return fprintf(stderr, "%s: wrong answer\n", names[k]), 1;
        double speed = billions(kernels, rows, out, k ? 10 : 1);
        if (!k) serial = speed;
        printf("%s,%.1f,%.1f\n", names[k], speed, speed / serial);
    }
    free(rows);
    free(want);
    free(out);
    return 0;
}
