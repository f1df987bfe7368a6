/* Any bytes as a table to import beside a fixed tokenizer: refused with a message, or the file made of it can be opened, is
 * sound, and made of the same bytes again. The first byte says whether to put a right length before the rest. */
#include <stdlib.h>
#include <string.h>

#include "../../core/vectors/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char words[] = "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"b\":1,\"c\":2}}}";
    if (size < 2) return 0;
    size_t n = size - 2, header = data[1] < n ? n - data[1] : n; /* the last data[1] bytes are the tensors */
    ew_bytes table = {malloc(8 + n), 8 + n}, tokenizer = {words, sizeof words - 1}, once, twice;
    ew_model_source from;
    ew_error err = {0};
    for (int i = 0; i < 8; i++) table.data[i] = (char)(header >> (8 * i));
    memcpy(table.data + 8, data + 2, n);
    ew_status status = ew_model_convert("fuzz", &table, &tokenizer, NULL, &once, &from, &err);
    must(ew_model_convert("fuzz", &table, &tokenizer, NULL, &twice, &from, NULL) == status);
    if (status == EW_OK) {
        ew_model model;
        ew_tokenizer *t;
        must(once.n == twice.n && memcmp(once.data, twice.data, once.n) == 0);
        must(ew_model_parse("fuzz", once.data, once.n, &model, &err) == EW_OK && model.vocab == 3);
        must(ew_model_tokenizer(&model, &t, &err) == EW_OK);
        ew_tokenizer_free(t);
    } else {
        must(status == EW_INPUT && err.message[0] && !once.data);
    }
    ew_bytes_free(&once);
    ew_bytes_free(&twice);
    free(table.data);
    return 0;
}
