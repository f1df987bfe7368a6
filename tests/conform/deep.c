/* The deep encoder with its weights as floats, which no verb has, on token ids; for deep.py.
 *
 *     build/release/tests/conform/deep WEIGHTS IDS.bin VECTORS.f32
 *
 * IDS.bin, little-endian: uint64 n, uint64 starts [n + 1], uint32 ids [starts[n]], without [CLS] and [SEP]. */
#include <stdio.h>
#include <stdlib.h>

#include "../../core/base/pool.h"
#include "../../core/vectors/deep.h"

static void *all_of(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) return perror(path), exit(3), NULL;
    long size = ftell(file);
    char *out = size > 8 ? malloc((size_t)size) : NULL;
    rewind(file);
    if (!out || fread(out, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s: can't be read\n", path);
        exit(3);
    }
    fclose(file);
    return out;
}

int main(int argc, char **argv) {
    if (argc != 4) return fputs("usage: deep WEIGHTS IDS.bin VECTORS.f32\n", stderr), 2;
    uint64_t *file = all_of(argv[2]);
    ew_token_lists lists = {(uint32_t)file[0], file + 1, (const uint32_t *)(file + 2 + file[0])};
    ew_deep *deep = NULL;
    ew_pool *pool = NULL;
    ew_error err = {0};
    if (ew_pool_create(1, &pool, &err) != EW_OK || ew_deep_open(argv[1], EW_DEEP_FLOAT, &deep, &err) != EW_OK)
        return fprintf(stderr, "%s\n", err.message), 1;
    size_t width = ew_deep_shape_of(deep)->width;
    float *out = malloc((lists.n + 1) * width * sizeof *out);
    if (!out) return fputs("out of memory\n", stderr), 4;
    if (ew_deep_embed(deep, &lists, pool, NULL, NULL, out, &err) != EW_OK) return fprintf(stderr, "%s\n", err.message), 1;
    FILE *to = fopen(argv[3], "wb");
    if (!to || fwrite(out, width * sizeof *out, lists.n, to) != lists.n || fclose(to) != 0) return perror(argv[3]), 3;
    free(out);
    ew_deep_close(deep);
    ew_pool_free(pool);
    free(file);
    return 0;
}
