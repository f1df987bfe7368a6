/* A tokenizer.json and a text, parted by a NUL: refused with a message, or every id is in range, the same with a warm and a fresh
 * cache. Without a NUL all is an expression, and a text that it runs on. */
#include <stdlib.h>
#include <string.h>

#include "../../core/base/utf8.h"
#include "../../core/tokens/regex.h"
#include "../../core/tokens/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

static void tokenizer(const char *json, size_t n, const char *text, size_t length) {
    ew_tokenizer *t;
    ew_token_cache *cache;
    ew_ids once = {0}, twice = {0};
    ew_error err = {0};
    ew_status status = ew_tokenizer_import("fuzz", json, n, &t, &err);
    if (status != EW_OK) {
        must((status == EW_INPUT || status == EW_RESOURCE) && err.message[0] && !t);
        return;
    }
    must(ew_token_cache_create(t, &cache, NULL) == EW_OK);
    must(ew_tokenize(t, cache, text, length, &once, NULL) == EW_OK);
    must(ew_tokenize(t, cache, text, length, &twice, NULL) == EW_OK);
    must(once.n == twice.n && (!once.n || memcmp(once.items, twice.items, once.n * sizeof *once.items) == 0));
    for (size_t i = 0; i < once.n; i++) must(once.items[i] < ew_tokenizer_size(t));
    for (uint32_t id = 0; id < ew_tokenizer_size(t); id++)
        must(strlen(ew_tokenizer_part(t, id)) <= 4 * strlen(ew_tokenizer_piece(t, id)) + 4 && ew_tokenizer_continues(t, id) <= 1);
    ew_ids_free(&once);
    ew_ids_free(&twice);
    ew_token_cache_free(cache);
    ew_tokenizer_free(t);
}

static void expression(const char *pattern, size_t n) {
    ew_regex *regex;
    ew_regex_room room = {0};
    size_t at = 0, start, end;
    int found;
    ew_error err = {0};
    if (ew_regex_compile(pattern, n, &regex, &err) != EW_OK) {
        must(err.message[0] != 0);
        return;
    }
    must(ew_utf8_valid_prefix(pattern, n) == n); /* a pattern holds no bytes that are not UTF-8 */
    must(ew_regex_begin(regex, &room, n, NULL) == EW_OK);
    for (; ew_regex_next(regex, &room, pattern, n, at, &found, &start, &end, NULL) == EW_OK && found; at = end)
        must(start >= at && end > start && end <= n);
    ew_regex_room_free(&room);
    ew_regex_free(regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *bytes = (const char *)data, *nul = size ? memchr(bytes, 0, size) : NULL;
    if (nul)
        tokenizer(bytes, (size_t)(nul - bytes), nul + 1, size - 1 - (size_t)(nul - bytes));
    else
        expression(bytes, size);
    return 0;
}
