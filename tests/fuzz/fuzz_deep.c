/* Any bytes as a model of the deep encoder. First byte, modulo 3: 0 a container of float weights, with a right length of its
 * header; 1 a converted file as it is; 2 a converted file of a right head and digest whose weights are the input. Refused with a
 * message, or every vector it makes is a unit vector of numbers, the same twice. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/vectors/deep_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 128 };
static const ew_deep_shape shape = {1, 16, 1, 16, 8, 8, 8, 1, 2, EW_DEEP_MEAN, 1e-12f, 0, 1};

static void must(int holds) {
    if (!holds) abort();
}

static void embed(const ew_deep *deep) {
    static ew_pool *pool;
    static const uint64_t start[] = {0, 3, 3, 4, 16};
    static const uint32_t ids[16] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
    const ew_deep_shape *s = ew_deep_shape_of(deep);
    if (s->width > 64 || s->layers > 4 || s->inner > 256 || s->vocab < 8) return; /* enough of large ones */
    ew_token_lists lists = {4, start, ids};
    float once[4 * 64], twice[4 * 64];
    if (!pool) must(ew_pool_create(1, &pool, NULL) == EW_OK);
    must(ew_deep_embed(deep, &lists, pool, NULL, NULL, once, NULL) == EW_OK);
    must(ew_deep_embed(deep, &lists, pool, NULL, NULL, twice, NULL) == EW_OK);
    must(memcmp(once, twice, 4 * s->width * sizeof *once) == 0);
    for (uint32_t i = 0; i < 4; i++) {
        double norm = 0;
        for (uint32_t k = 0; k < s->width; k++) norm += (double)once[i * s->width + k] * (double)once[i * s->width + k];
        must(norm == 0 || fabs(norm - 1) < 1e-4);
        must(i != 1 || norm == 0);
    }
}

static void container(const uint8_t *data, size_t size) {
    size_t behind = size > 1 ? data[0] * 8u : 0, header = size > behind ? size - behind : size;
    uint8_t *file = malloc(8 + size); /* no byte more, so that a sanitizer sees what reads too far */
    for (int i = 0; i < 8; i++) file[i] = (uint8_t)((uint64_t)header >> (8 * i));
    memcpy(file + 8, data, size);
    ew_deep_weights weights;
    ew_error err = {0};
    ew_status status = ew_deep_weights_parse("fuzz", file, 8 + size, &shape, &weights, &err);
    must(status == EW_OK || (status == EW_INPUT && err.message[0] && !weights.layers));
    ew_deep_weights_close(&weights);
    free(file);
}

static void *aligned(size_t n) { return aligned_alloc(64, (n + 63) / 64 * 64); }

static void converted(const uint8_t *data, size_t size, int make) {
    size_t n = size;
    uint8_t *file;
    if (make) { /* zeros of the right shape, overlaid with the input */
        static const float zeros[16 * 16];
        ew_deep_float_layer layer = {zeros, zeros, zeros, zeros, zeros, zeros, zeros, zeros,
                                     zeros, zeros, zeros, zeros, zeros, zeros, zeros, zeros};
        ew_deep_weights weights = {zeros, zeros, zeros, zeros, zeros, &layer, {0}};
        char *packed;
        void *memory;
        must(ew_deep_pack(&weights, &shape, &packed, &n, &memory, NULL) == EW_OK);
        file = aligned(n);
        memcpy(file, packed, n);
        ew_free(memory);
        for (size_t i = 2; i < size && HEAD + i - 2 + data[1] * 32u < n; i++) file[HEAD + i - 2 + data[1] * 32u] = data[i];
        uint64_t digest = ew_hash(file + HEAD, n - HEAD, 0);
        memcpy(file + 16, &digest, sizeof digest);
    } else {
        file = aligned(n);
        memcpy(file, data, n);
    }
    ew_deep deep = {.kind = EW_DEEP_INT8};
    ew_error err = {0};
    ew_status status = ew_deep_parse("fuzz", file, n, &deep, &err);
    must(status == EW_OK || (status == EW_INPUT && err.message[0]));
    if (status == EW_OK) embed(&deep);
    ew_free(deep.layers);
    ew_free(deep.sums);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) return 0;
    ew_deep_json j = {(const char *)data + 1, (const char *)data + size, NULL};
    must(ew_deep_json_skip(&j) == !j.bad && j.at <= j.end);
    if (data[0] % 3 == 0) container(data + 1, size - 1);
    else converted(data + (data[0] % 3 == 1), size - (data[0] % 3 == 1), data[0] % 3 == 2);
    return 0;
}
