/* Any bytes, as any format: a stream of one thread and one of three say what the reader says. The first byte chooses format and
 * limits, the second how often the rest is repeated, how large the parts are and how it is compressed. */
#include <zstd.h>

#include "stream_help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(what)                                                                                                    \
    do {                                                                                                               \
        if (!(what)) {                                                                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static void show(const char *who, const told *it) {
    fprintf(stderr, "%s: %lu records, %lu rejected, %lu bytes, %d line %lu byte %lu %s\n", who, (unsigned long)it->records,
            (unsigned long)it->rejected, (unsigned long)it->bytes, it->status, (unsigned long)it->err.line,
            (unsigned long)it->err.byte, it->status == EW_OK ? "" : it->err.message);
}

static void compare(const ew_input *inputs, size_t n, const ew_options *options, size_t block) {
    told serial = told_all(inputs, n, options, 0, 0), one = told_all(inputs, n, options, 1, block);
    told three = told_all(inputs, n, options, 3, block);
    if (strstr(serial.err.message, "damaged") || strstr(one.err.message, "damaged")) {
        /* how much a decoder gives of a damaged frame, and what it calls the damage, is its own affair */
        CHECK(serial.status != EW_OK && one.status != EW_OK && three.status != EW_OK);
        CHECK(told_same(&one, &three));
        return;
    }
    if (!told_same(&serial, &one) || !told_same(&one, &three)) {
        show("reader", &serial);
        show("stream of 1", &one);
        show("stream of 3", &three);
    }
    CHECK(told_same(&serial, &one));
    CHECK(told_same(&one, &three));
    CHECK(one.blocks == three.blocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const formats[] = {NULL, "jsonl", "json", "csv", "tsv"};
    static const uint64_t limits[] = {16 << 20, 8, 40, 200};
    static const size_t blocks[] = {32, 100, 300, 5000};
    if (size < 3 || size > 512) return 0;
    ew_options options = {.format = formats[data[0] % 5], .max_line = limits[data[0] / 5 % 4], .zstd_window_log = 27};
    if (data[0] & 128) options.columns[EW_COL_TEXT] = options.columns[EW_COL_TITLE] = "t";
    size_t n = size - 2, times = data[1] % 8 == 7 ? 20 : data[1] % 8 + 1, block = blocks[data[1] / 8 % 4];
    size_t head = data[1] & 128 ? n / 4 : 0;
    char *bytes = malloc(n * times + 1), *packed = NULL;
    memcpy(bytes, data + 2, head); /* a header is not repeated */
    size_t length = head;
    for (size_t i = 0; i < times; i++, length += n - head) memcpy(bytes + length, data + 2 + head, n - head);
    ew_input inputs[2] = {{"fuzz", bytes, length ? length : 1}, {"more", "{\"text\":\"x\"}", 12}};
    size_t n_inputs = data[0] & 64 ? 2 : 1;
    compare(inputs, n_inputs, &options, block);
    if (length && data[1] & 32) { /* the same in frames, whose borders are anywhere */
        size_t step = data[1] & 64 ? 100 : length / 3 + 1, used = 0;
        packed = malloc(ZSTD_compressBound(step) * (length / step + 2));
        for (size_t i = 0; i < length; i += step)
            used += ZSTD_compress(packed + used, ZSTD_compressBound(step), bytes + i, length - i < step ? length - i : step, 1);
        inputs[0].data = packed;
        inputs[0].size = data[0] & 32 ? used - 1 : used;
        compare(inputs, n_inputs, &options, block);
    }
    free(packed);
    free(bytes);
    return 0;
}
