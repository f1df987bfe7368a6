/* Any bytes as a model: refused with a message, or every row and scale it points to lies inside them. The first byte says
 * whether to put a right length before the rest, so that the header's parser is reached. */
#include <stdlib.h>
#include <string.h>

#include "../../core/vectors/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    size_t n = size - 2, header = data[1] < n ? n - data[1] : n; /* the last data[1] bytes are the tensors */
    unsigned char *file = malloc(8 + n);
    size_t length = 0;
    if (data[0] % 8) {
        for (int i = 0; i < 8; i++) file[i] = (unsigned char)((uint64_t)header >> (8 * i));
        length = 8;
    }
    memcpy(file + length, data + 2, n);
    unsigned char *exact = malloc(length + n ? length + n : 1);
    memcpy(exact, file, length + n);
    ew_model model, again;
    ew_error err = {0};
    ew_status status = ew_model_parse("fuzz", exact, length + n, &model, &err);
    must(ew_model_parse("fuzz", exact, length + n, &again, NULL) == status);
    if (status == EW_OK) {
        const char *rows = (const char *)model.rows, *scales = (const char *)model.scales, *begin = (const char *)exact;
        must(rows >= begin && rows + (size_t)model.vocab * model.d <= begin + length + n);
        must(scales >= begin && scales + 4 * (size_t)model.vocab <= begin + length + n);
        for (uint32_t i = 0; i < model.vocab; i++) must(model.scales[i] > 0 && model.scales[i] <= 1e6f);
        must(memcmp(&model, &again, sizeof model) == 0 && strlen(model.digest) == 16);
    } else {
        must(status == EW_INPUT && err.message[0] && !model.rows);
    }
    free(exact);
    free(file);
    return 0;
}
