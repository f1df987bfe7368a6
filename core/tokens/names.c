#include "names.h"

#include "../base/alloc.h"

enum { SHORTEST = 3, RARE = 4 }; /* RARE: one in so many comments, or fewer */

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_word(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80; }
static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

static void add_words(const char *text, ew_names *out) {
    for (size_t at = 0; text[at] && out->n < EW_NAMES_MOST;) {
        size_t start = at;
        int letters = 0;
        for (; is_word(text[at]); at++) letters |= !is_digit(text[at]);
        if (letters && at - start >= SHORTEST) out->words[out->n++] = (ew_view){text + start, (uint32_t)(at - start)};
        at += !is_word(text[at]) && text[at];
    }
}

static ew_status count_values(const uint32_t *values, uint32_t n, const ew_dict *dict, uint32_t **out, ew_error *err) {
    if (!values) return EW_OK;
    if (!(*out = ew_calloc(dict->size, sizeof **out))) return ew_fail_memory(err, dict->size * sizeof **out, "names");
    for (uint32_t i = 0; i < n; i++) (*out)[values[i]]++;
    return EW_OK;
}

ew_status ew_name_counts_take(const ew_corpus *corpus, ew_name_counts *out, ew_error *err) {
    *out = (ew_name_counts){0};
    ew_status status = count_values(corpus->product, corpus->n, &corpus->products, &out->product, err);
    if (status == EW_OK) status = count_values(corpus->segment, corpus->n, &corpus->segments, &out->segment, err);
    if (status != EW_OK) ew_name_counts_free(out);
    return status;
}

void ew_name_counts_free(ew_name_counts *counts) {
    ew_free(counts->product);
    ew_free(counts->segment);
    *counts = (ew_name_counts){0};
}

void ew_names_of(const ew_corpus *corpus, const ew_name_counts *counts, uint32_t comment, ew_names *out) {
    out->n = 0;
    uint32_t product = counts->product ? corpus->product[comment] : 0, segment = counts->segment ? corpus->segment[comment] : 0;
    if (product && counts->product[product] <= corpus->n / RARE) add_words(ew_dict_text(&corpus->products, product), out);
    if (segment && counts->segment[segment] <= corpus->n / RARE) add_words(ew_dict_text(&corpus->segments, segment), out);
}

static int is_same(ew_view name, const char *word) {
    for (size_t i = 0; i < name.length; i++)
        if (lower(name.data[i]) != lower(word[i])) return 0;
    return 1;
}

/* Bytes of the 's at text[at]. */
static size_t possessive(const char *text, size_t n, size_t at) {
    if (n - at < 2 || text[at] != '\'' || (text[at + 1] | 0x20) != 's') return 0;
    return n - at == 2 || !is_word(text[at + 2]) ? 2 : 0;
}

int ew_names_next(const ew_names *names, const char *text, size_t n, size_t *at, ew_range *out) {
    for (size_t i = *at, end; names->n && i < n; i = end) {
        for (end = i + 1; is_word(text[i]) && end < n && is_word(text[end]);) end++;
        if (!is_word(text[i]) || (text[i] >= 'a' && text[i] <= 'z')) continue;
        for (uint32_t w = 0; w < names->n; w++) {
            if (names->words[w].length != end - i || !is_same(names->words[w], text + i)) continue;
            *at = end + possessive(text, n, end);
            *out = (ew_range){(uint32_t)i, (uint32_t)*at};
            return 1;
        }
    }
    *at = n;
    return 0;
}
