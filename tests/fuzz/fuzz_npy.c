/* Any bytes as a .npy file: refused with a message, or n x d floats, the same twice; those that are finite become unit rows.
 * The first byte says whether to put the magic before the rest, so that the header's parser is reached. */
#include <stdlib.h>
#include <string.h>

#include "../../core/vectors/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

static void make_vectors(const float *rows, uint32_t n, uint32_t d) {
    static ew_pool *pool;
    ew_vectors v;
    ew_error err = {0};
    if (!pool) must(ew_pool_create(1, &pool, NULL) == EW_OK);
    ew_status status = ew_vectors_from_float(rows, n, d, pool, &v, &err);
    must(status == EW_OK || (status == EW_INPUT && err.message[0]));
    if (status != EW_OK) return;
    must(v.n == n && v.d == d && v.stride >= d && v.stride % 64 == 0 && v.scale >= 127);
    ew_vectors_free(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    size_t head = data[0] % 8 ? 10 : 0, n = size - 2;
    size_t header = data[1] < n ? n - data[1] : n; /* the last data[1] bytes are values */
    unsigned char *file = malloc(head + n ? head + n : 1);
    if (head) {
        memcpy(file, "\x93NUMPY\x01", 8);
        file[8] = (unsigned char)header;
        file[9] = (unsigned char)(header >> 8);
    }
    memcpy(file + head, data + 2, n);
    float *rows, *again;
    uint32_t n_rows, d, n_again, d_again;
    ew_error err = {0};
    ew_status status = ew_npy_parse("fuzz", file, head + n, &rows, &n_rows, &d, &err);
    must(ew_npy_parse("fuzz", file, head + n, &again, &n_again, &d_again, NULL) == status);
    if (status == EW_OK) {
        size_t bytes = (size_t)n_rows * d * sizeof *rows;
        must(n_rows == n_again && d == d_again && d > 0 && bytes <= 4 * (head + n) && memcmp(rows, again, bytes) == 0);
        make_vectors(rows, n_rows, d);
    } else {
        must(status == EW_INPUT && err.message[0] && !rows);
    }
    ew_free(rows);
    ew_free(again);
    free(file);
    return 0;
}
