/* Any text: ids are in range, the same with a warm and a fresh cache, additive over white space, and bounded by the text. Any
 * vocabulary: refused or usable. */
#include <stdlib.h>
#include <string.h>

#include "../../core/tokens/tokens.h"
#include "../../core/vectors/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

static void tokenize(const ew_tokenizer *t, ew_token_cache *cache, const char *text, size_t n, ew_ids *out) {
    size_t before = out->n;
    must(ew_tokenize(t, cache, text, n, out, NULL) == EW_OK);
    must(out->n - before <= 4 * n); /* a character folds to at most four */
    for (size_t i = before; i < out->n; i++) must(out->items[i] < ew_tokenizer_size(t));
}

static void any_vocabulary(const char *data, size_t size) {
    ew_tokenizer *t;
    ew_token_cache *cache;
    ew_ids ids = {0};
    size_t half = size / 2;
    if (ew_tokenizer_create(data, half, &t, NULL) != EW_OK) return;
    must(ew_token_cache_create(t, &cache, NULL) == EW_OK);
    tokenize(t, cache, data + half, size - half, &ids);
    ew_ids_free(&ids);
    ew_token_cache_free(cache);
    ew_tokenizer_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static ew_tokenizer *t;
    static ew_token_cache *warm;
    ew_token_cache *fresh;
    const char *text = (const char *)data;
    if (!t) {
        must(ew_tokenizer_create(ew_builtin_vocab, (size_t)(ew_builtin_vocab_end - ew_builtin_vocab), &t, NULL) == EW_OK);
        must(ew_token_cache_create(t, &warm, NULL) == EW_OK);
    }
    if (size && data[0] == 'V') any_vocabulary(text + 1, size - 1);
    ew_ids whole = {0}, again = {0}, parts = {0};
    tokenize(t, warm, text, size, &whole);
    must(ew_token_cache_create(t, &fresh, NULL) == EW_OK);
    tokenize(t, fresh, text, size, &again);
    for (size_t i = 0; i < size;) { /* a blank ends every word, whatever stands around it */
        const char *blank = memchr(text + i, ' ', size - i);
        size_t end = blank ? (size_t)(blank - text) : size;
        tokenize(t, fresh, text + i, end - i, &parts);
        i = end + 1;
    }
    must(whole.n == again.n && whole.n == parts.n);
    if (whole.n) {
        must(memcmp(whole.items, again.items, whole.n * sizeof *whole.items) == 0);
        must(memcmp(whole.items, parts.items, whole.n * sizeof *whole.items) == 0);
    }
    ew_token_cache_free(fresh);
    ew_ids_free(&whole);
    ew_ids_free(&again);
    ew_ids_free(&parts);
    return 0;
}
