/* Any text: ids are in range, as its runs give them one by one, the same with a warm and a fresh cache, additive over white
 * space, and bounded by the text; every body of the scan for words says the same. Any vocabulary: refused or usable. */
#include <stdlib.h>
#include <string.h>

#include "../../core/kernels/words.h"
#include "../../core/tokens/inside.h"
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

/* Every body of the scan says the same as the oracle. */
static void scans(const char *text, size_t n) {
    static const char *const names[] = {"serial", "avx2", "avx512", "neon"};
    enum { MOST = 4096 };
    static char lower[2][MOST];
    static uint64_t word[2][MOST / 64], mark[2][MOST / 64];
    if (n > MOST) n = MOST;
    size_t blocks = (n + 63) / 64;
    bool bracket = ew_word_kernels_named("serial")->scan(text, n, lower[0], word[0], mark[0]);
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) {
        const ew_word_kernels *k = ew_word_kernels_named(names[i]);
        if (!k) continue;
        must(k->scan(text, n, lower[1], word[1], mark[1]) == bracket);
        must(memcmp(lower[0], lower[1], blocks * 64) == 0);
        must(memcmp(word[0], word[1], blocks * 8) == 0 && memcmp(mark[0], mark[1], blocks * 8) == 0);
    }
}

/* Text without brackets: blanks and marks end a run, and the runs' ids are the text's. */
static void by_runs(const ew_tokenizer *t, const char *text, size_t n, const ew_ids *whole) {
    static const char blanks[] = " \t\r\n", marks[] = "!\"#$%&'()*+,-./:;<=>?@\\]^_`{|}~";
    char word[EW_WORD_BYTES];
    ew_ids ids = {0};
    if (n == 0 || memchr(text, '[', n)) return;
    for (size_t i = 0, stop; i < n; i = stop) {
        stop = i + 1;
        if (memchr(blanks, text[i], 4)) continue;
        while (!memchr(marks, text[i], sizeof marks - 1) && stop < n && !memchr(blanks, text[stop], 4) &&
               !memchr(marks, text[stop], sizeof marks - 1))
            stop++;
        must(ew_tokens_run(t, word, text + i, stop - i, &ids, NULL) == EW_OK);
    }
    must(ids.n == whole->n && (ids.n == 0 || memcmp(ids.items, whole->items, ids.n * sizeof *ids.items) == 0));
    ew_ids_free(&ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static ew_tokenizer *t;
    static ew_token_cache *warm, *fresh;
    static unsigned turn;
    const char *text = (const char *)data;
    if (!t) {
        must(ew_tokenizer_create(ew_builtin_vocab, (size_t)(ew_builtin_vocab_end - ew_builtin_vocab), &t, NULL) == EW_OK);
        must(ew_token_cache_create(t, &warm, NULL) == EW_OK);
    }
    if (size && data[0] == 'V') any_vocabulary(text + 1, size - 1);
    ew_ids whole = {0}, again = {0}, parts = {0};
    tokenize(t, warm, text, size, &whole);
    by_runs(t, text, size, &whole);
    scans(text, size);
    if (turn++ % 16 == 0) { /* fresh, or nearly so: making one takes longer than a text */
        ew_token_cache_free(fresh);
        must(ew_token_cache_create(t, &fresh, NULL) == EW_OK);
    }
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
    ew_ids_free(&whole);
    ew_ids_free(&again);
    ew_ids_free(&parts);
    return 0;
}
