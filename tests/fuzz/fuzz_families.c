/* Any bytes, a row a line, the first byte of a line its customer and day: the families hold together, and two threads find
 * what one does; a list of names is read or refused. */
#include <stdlib.h>
#include <string.h>

#include "../../core/context/context_inside.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)

enum { ROWS = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ew_families find(const ew_family_rows *rows, int threads) {
    ew_pool *pool;
    ew_families out;
    CHECK(ew_pool_create(threads, &pool, NULL) == EW_OK);
    CHECK(ew_families_find(rows, pool, &out, NULL) == EW_OK);
    ew_pool_free(pool);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *texts[ROWS];
    static uint32_t lengths[ROWS], customer[ROWS];
    static int64_t time[ROWS];
    const char *text = (const char *)data;
    uint32_t n = 0;
    for (size_t i = 0, start = 0; i <= size && n < ROWS; i++) {
        if (i < size && text[i] != '\n') continue;
        if (i > start) {
            texts[n] = text + start + 1;
            lengths[n] = (uint32_t)(i - start - 1);
            customer[n] = data[start] % 16;
            time[n++] = data[start] == 255 ? INT64_MIN : (int64_t)(data[start] / 16) * 86400;
        }
        start = i + 1;
    }
    ew_family_rows rows = {.n = n, .texts = texts, .lengths = lengths, .customer = customer, .time = time};
    ew_families one = find(&rows, 1), two = find(&rows, 2);
    CHECK(one.n == two.n && memcmp(one.of, two.of, n * sizeof *one.of) == 0);
    for (uint32_t f = 0; f < one.n; f++) {
        CHECK(one.start[f + 1] >= one.start[f] + 2 && one.kind[f] == two.kind[f]);
        for (uint64_t i = one.start[f]; i < one.start[f + 1]; i++) {
            CHECK(one.rows[i] < n && one.of[one.rows[i]] == f);
            CHECK(i == one.start[f] || one.rows[i] > one.rows[i - 1]);
        }
    }
    ew_families_free(&one);
    ew_families_free(&two);

    ew_names names;
    ew_error err;
    ew_names_init(&names);
    ew_status status = ew_names_parse(&names, "list.csv", text, size, 1, &err);
    CHECK(status == EW_OK || (status == EW_INPUT && strstr(err.message, "list.csv")));
    CHECK(status != EW_OK || names.n);
    ew_names_free(&names);
    return 0;
}
