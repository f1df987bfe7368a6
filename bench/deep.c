/* The deep encoder alone, on token ids, in one thread; and what this core could do at best. For deep.py, which makes the ids.
 *
 *     build/release/bench/deep WEIGHTS int8|float IDS.bin VECTORS.f32 > cost.json
 *
 * IDS.bin, little-endian: uint64 n, uint64 starts [n + 1], uint32 ids [starts[n]], without [CLS] and [SEP]. cpu: seconds of the
 * vectors alone; peak: multiply-adds of bytes a second in a loop of nothing else (0: no such instruction here). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/base/pool.h"
#include "../core/vectors/deep.h"

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Sixteen sums, none waiting for another. */
static double peak(void) {
#if defined(__AVX512VNNI__)
    enum { STEPS = 20000000 };
    double best = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        double begun = cpu();
        long n = STEPS;
#define SUM(i) "vpdpbusd %%zmm30, %%zmm31, %%zmm" #i "\n\t"
        __asm__ volatile("1:\n\t" SUM(0) SUM(1) SUM(2) SUM(3) SUM(4) SUM(5) SUM(6) SUM(7) SUM(8) SUM(9) SUM(10) SUM(11) SUM(12)
                             SUM(13) SUM(14) SUM(15) "dec %0\n\tjnz 1b"
                         : "+r"(n)
                         :
                         : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                           "xmm12", "xmm13", "xmm14", "xmm15");
        double rate = STEPS * 16.0 * 64 / (cpu() - begun);
        best = rate > best ? rate : best;
    }
    return best;
#else
    return 0;
#endif
}

static void *all_of(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) return perror(path), exit(3), NULL;
    long size = ftell(file);
    char *out = size > 8 ? malloc((size_t)size) : NULL;
    rewind(file);
    if (!out || fread(out, 1, (size_t)size, file) != (size_t)size) return fprintf(stderr, "%s: can't be read\n", path), exit(3), NULL;
    fclose(file);
    return out;
}

int main(int argc, char **argv) {
    if (argc != 5) return fputs("usage: deep WEIGHTS int8|float IDS.bin VECTORS.f32\n", stderr), 2;
    const uint64_t *file = all_of(argv[3]);
    ew_token_lists lists = {(uint32_t)file[0], file + 1, (const uint32_t *)(file + 2 + file[0])};
    ew_deep *deep = NULL;
    ew_pool *pool = NULL;
    ew_error err = {0};
    if (ew_pool_create(1, &pool, &err) != EW_OK ||
        ew_deep_open(argv[1], strcmp(argv[2], "float") == 0 ? EW_DEEP_FLOAT : EW_DEEP_INT8, &deep, &err) != EW_OK)
        return fprintf(stderr, "%s\n", err.message), 1;
    size_t width = ew_deep_shape_of(deep)->width;
    float *out = malloc((lists.n + 1) * width * sizeof *out);
    if (!out) return fputs("out of memory\n", stderr), 4;
    double begun = cpu();
    if (ew_deep_embed(deep, &lists, pool, NULL, NULL, out, &err) != EW_OK) return fprintf(stderr, "%s\n", err.message), 1;
    double spent = cpu() - begun;
    FILE *to = fopen(argv[4], "wb");
    if (!to || fwrite(out, width * sizeof *out, lists.n, to) != lists.n || fclose(to) != 0) return perror(argv[4]), 3;
    printf("{\"cpu\": %.4f, \"peak\": %.4g}\n", spent, peak());
    free(out);
    ew_deep_close(deep);
    ew_pool_free(pool);
    free((void *)file);
    return 0;
}
