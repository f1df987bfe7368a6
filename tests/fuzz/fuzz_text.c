/* text: every function on any bytes. Ranges ascend, lie inside and, where the text is valid UTF-8, on borders of characters;
 * normalising and masking twice is the same as once; masking keeps the length. */
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/text/points.h"

static void demand(int holds) {
    if (!holds) abort();
}

static void check_ranges(const char *text, size_t n, const ew_ranges *ranges, int valid) {
    uint32_t before = 0;
    for (uint32_t i = 0; i < ranges->n; i++) {
        ew_range r = ranges->items[i];
        demand(r.start >= before && r.start < r.end && r.end <= n);
        if (valid)
            demand(((unsigned char)text[r.start] & 0xc0) != 0x80 && (r.end == n || ((unsigned char)text[r.end] & 0xc0) != 0x80));
        before = r.end;
    }
}

/* With `masked`: is there content outside, and does each sentence keep out of the masks? */
static void check_sentences(const char *text, size_t n, const ew_ranges *masked, int valid) {
    ew_ranges out = {NULL, 0, 0};
    demand(ew_text_sentences(text, n, masked, &out, NULL) == EW_OK);
    check_ranges(text, n, &out, valid);
    int content = 0;
    size_t at = 0;
    uint32_t k = 0;
    for (uint32_t i = 0; i <= (masked ? masked->n : 0); i++) {
        size_t end = masked && i < masked->n ? masked->items[i].start : n;
        content |= ew_text_has_content(text, at, end);
        for (; k < out.n && out.items[k].start < end; k++) demand(out.items[k].start >= at && out.items[k].end <= end);
        if (masked && i < masked->n) at = masked->items[i].end;
    }
    demand(k == out.n);
    demand((out.n > 0) == content);
    for (uint32_t i = 0; i < out.n; i++) demand(ew_text_has_content(text, out.items[i].start, out.items[i].end));
    ew_ranges_free(&out);
}

static void check_normal(const char *text, size_t n) {
    ew_buffer once = EW_BUFFER_INIT(EW_BUFFER_ANY), twice = EW_BUFFER_INIT(EW_BUFFER_ANY),
              repaired = EW_BUFFER_INIT(EW_BUFFER_ANY);
    demand(ew_text_normalise(text, n, &once, NULL) == EW_OK);
    demand(ew_utf8_valid_prefix(once.data ? once.data : "", once.length) == once.length);
    demand(ew_text_normalise(once.data ? once.data : "", once.length, &twice, NULL) == EW_OK);
    demand(once.length == twice.length && (!once.length || memcmp(once.data, twice.data, once.length) == 0));
    demand(ew_text_repair(text, n, &repaired, NULL) == EW_OK);
    demand(ew_utf8_valid_prefix(repaired.data ? repaired.data : "", repaired.length) == repaired.length);
    ew_buffer_clear(&twice);
    demand(ew_text_normalise(repaired.data ? repaired.data : "", repaired.length, &twice, NULL) == EW_OK);
    demand(once.length == twice.length && (!once.length || memcmp(once.data, twice.data, once.length) == 0));
    ew_buffer_free(&once);
    ew_buffer_free(&twice);
    ew_buffer_free(&repaired);
}

static void check_words(const char *text, size_t n) {
    size_t at = 0, before = 0;
    ew_range word;
    while (ew_text_next_word(text, n, &at, &word)) {
        demand(word.start >= before && word.start < word.end && word.end <= n && at >= word.end);
        demand(ew_text_has_content(text, word.start, word.end));
        (void)ew_text_is_filler(text + word.start, word.end - word.start);
        before = word.end;
    }
    (void)ew_text_has_substance(text, n);
}

static void check_pii(const char *text, size_t n, int valid) {
    char *copy = malloc(n + 1), *again = malloc(n + 1);
    demand(copy && again);
    memcpy(copy, text, n);
    uint32_t count = ew_text_mask_pii(copy, n);
    size_t changed = 0;
    for (size_t i = 0; i < n; i++) {
        demand(copy[i] == text[i] || copy[i] == '*');
        changed += copy[i] != text[i];
    }
    demand((count > 0) == (changed > 0));
    if (valid) demand(ew_utf8_valid_prefix(copy, n) == n);
    memcpy(again, copy, n);
    demand(ew_text_mask_pii(again, n) == 0 && memcmp(again, copy, n) == 0);
    free(copy);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1); /* exactly as long as it is: a read behind it shows */
    demand(text != NULL);
    if (size) memcpy(text, data, size);
    int valid = ew_utf8_valid_prefix(text, size) == size;
    check_normal(text, size);
    check_words(text, size);
    check_pii(text, size, valid);
    demand(ew_text_language(text, size) == ew_text_language(text, size));

    ew_ranges masks = {NULL, 0, 0};
    demand(ew_text_masks(text, size, NULL, &masks, NULL) == EW_OK);
    check_ranges(text, size, &masks, valid);
    check_sentences(text, size, NULL, valid);
    check_sentences(text, size, &masks, valid);

    ew_boilerplate *all;
    demand(ew_boilerplate_create(&all, NULL) == EW_OK);
    for (uint32_t i = 0; i < 22; i++) demand(ew_boilerplate_add(all, text, i % 2 ? size : size / 2, 0, i, NULL) == EW_OK);
    ew_boilerplate_close(all, 22);
    demand(ew_text_masks(text, size, all, &masks, NULL) == EW_OK);
    check_ranges(text, size, &masks, valid);
    check_sentences(text, size, &masks, valid);
    ew_boilerplate_free(all);
    ew_ranges_free(&masks);
    free(text);
    return 0;
}
