/* Which words stand in which rows, and which of them tell a group from the rest. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "../text/text.h"
#include "themes.h"

enum { LONGEST = 64, SHORT = 48 /* lists that are sorted by insertion */, DENSE = 8 };

void ew_row_words_free(ew_row_words *words) {
    if (words->words.starts) ew_dict_free(&words->words);
    ew_free(words->start);
    ew_free(words->ids);
    ew_free(words->rows_with);
    *words = (ew_row_words){0};
}

size_t ew_pieces_word(const ew_tokenizer *tokenizer, const uint32_t *ids, uint64_t *at, uint64_t end, char *word) {
    size_t n = 0;
    int first = 1, too_long = 0;
    while (*at < end) {
        const char *text = ew_tokenizer_part(tokenizer, ids[*at]);
        if (!first && !ew_tokenizer_continues(tokenizer, ids[*at])) break;
        size_t length = strlen(text);
        too_long |= n + length >= LONGEST;
        if (!too_long) {
            memcpy(word + n, text, length);
            n += length;
        }
        first = 0;
        ++*at;
    }
    if (too_long) n = 0;
    word[n] = 0;
    return n;
}

/* Letters, at least two of them (one where a letter is a word). */
static int has_letters(const char *word, size_t n) {
    size_t letters = 0;
    int digits = 0, wide = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)word[i];
        letters += (c >= 'a' && c <= 'z') || c >= 0xc0;
        wide |= c >= 0xe0;
        digits |= c >= '0' && c <= '9';
    }
    return letters >= (wide ? 1u : 2u) && !(digits && letters < 2);
}

/* The number of something to name a group by, with letters and a subject; EW_NONE: it is not. A word is asked once. */
static ew_status number_of(ew_dict *words, ew_dict *fillers, const char *word, size_t n, uint32_t *number, ew_error *err) {
    uint32_t filler;
    *number = EW_NONE;
    if (!has_letters(word, n)) return EW_OK;
    if ((*number = ew_dict_find(words, word, n)) != EW_NONE || ew_dict_find(fillers, word, n) != EW_NONE) return EW_OK;
    return ew_text_is_filler(word, n) ? ew_dict_add(fillers, word, n, &filler, err) : ew_dict_add(words, word, n, number, err);
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sort_words(uint32_t *ids, uint64_t n) {
    if (n > SHORT) {
        qsort(ids, n, sizeof *ids, ascending);
        return;
    }
    for (uint64_t i = 1; i < n; i++) {
        uint32_t id = ids[i];
        uint64_t j = i;
        for (; j && ids[j - 1] > id; j--) ids[j] = ids[j - 1];
        ids[j] = id;
    }
}

/* Most words are one piece, and its number is known once it was seen. known [pieces]: 2 + number, 1: none; 0: not seen yet. */
static ew_status next_number(const ew_token_lists *tokens, const ew_tokenizer *tokenizer, uint32_t *known, uint64_t *at,
                             uint64_t end, ew_row_words *out, ew_dict *fillers, uint32_t *number, ew_error *err) {
    uint32_t piece = tokens->ids[*at], size = ew_tokenizer_size(tokenizer);
    int alone = piece < size && (*at + 1 == end || !ew_tokenizer_continues(tokenizer, tokens->ids[*at + 1]));
    char word[LONGEST];
    if (alone && known[piece]) {
        *number = known[piece] - 2;
        ++*at;
        return EW_OK;
    }
    size_t n = ew_pieces_word(tokenizer, tokens->ids, at, end, word);
    ew_status status = number_of(&out->words, fillers, word, n, number, err);
    if (alone && status == EW_OK) known[piece] = *number + 2;
    return status;
}

ew_status ew_row_words_build(const ew_token_lists *tokens, const ew_tokenizer *tokenizer, ew_row_words *out, ew_error *err) {
    *out = (ew_row_words){.n = tokens->n};
    ew_status status;
    uint64_t held = 0;
    ew_dict fillers = {0};
    uint32_t *known = ew_calloc(ew_tokenizer_size(tokenizer), sizeof *known);
    EW_TRY(ew_dict_init(&out->words, err));
    EW_TRY(ew_dict_init(&fillers, err));
    out->start = ew_calloc_spilled((size_t)tokens->n + 1, sizeof *out->start);
    out->ids = ew_alloc_spilled(tokens->start[tokens->n], sizeof *out->ids); /* a word has at least one piece */
    if (!known || !out->start || !out->ids) {
        status = ew_fail_memory(err, tokens->start[tokens->n] * 4, "words");
        goto done;
    }
    for (uint32_t i = 0; i < tokens->n; i++) {
        uint64_t first = held;
        if (i % 64 == 0) EW_TRY(ew_stop_check(err));
        for (uint64_t at = tokens->start[i]; at < tokens->start[i + 1];) {
            uint32_t number;
            EW_TRY(next_number(tokens, tokenizer, known, &at, tokens->start[i + 1], out, &fillers, &number, err));
            if (number != EW_NONE) out->ids[held++] = number;
        }
        sort_words(out->ids + first, held - first);
        uint64_t kept = first;
        for (uint64_t w = first; w < held; w++)
            if (w == first || out->ids[w] != out->ids[w - 1]) out->ids[kept++] = out->ids[w];
        held = kept;
        out->start[i + 1] = held;
    }
    out->rows_with = ew_calloc(out->words.size, sizeof *out->rows_with);
    if (!out->rows_with) {
        status = ew_fail_memory(err, out->words.size * 4, "words");
        goto done;
    }
    for (uint64_t w = 0; w < held; w++) out->rows_with[out->ids[w]]++;
done:
    ew_free(known);
    if (fillers.starts) ew_dict_free(&fillers);
    if (status != EW_OK) ew_row_words_free(out);
    return status;
}

static int by_word(const void *a, const void *b) {
    return ascending(&((const ew_telling *)a)->word, &((const ew_telling *)b)->word);
}

static int by_score(const void *a, const void *b) {
    const ew_telling *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->word < y->word ? -1 : x->word > y->word;
}

/* The words of some rows in ascending order, each with its count: by sorting what they say. */
static ew_status count_few(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, uint64_t total, ew_telling **out,
                           uint64_t *n, ew_error *err) {
    ew_telling *all = *out = ew_alloc(total, sizeof *all);
    uint64_t held = 0, kinds = 0;
    if (!all) return ew_fail_memory(err, total * sizeof *all, "words");
    for (uint32_t i = 0; i < n_rows; i++)
        for (uint64_t w = words->start[rows[i]]; w < words->start[rows[i] + 1]; w++)
            all[held++] = (ew_telling){words->ids[w], 1, 0};
    qsort(all, total, sizeof *all, by_word);
    for (uint64_t i = 0; i < total; i++) {
        if (kinds && all[kinds - 1].word == all[i].word)
            all[kinds - 1].count++;
        else
            all[kinds++] = all[i];
    }
    *n = kinds;
    return EW_OK;
}

/* The same by a count for each word there is. */
static ew_status count_many(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, ew_telling **out, uint64_t *n,
                            ew_error *err) {
    uint32_t size = words->words.size, *counts = ew_calloc(size, sizeof *counts);
    uint64_t kinds = 0;
    ew_status status = counts ? EW_OK : ew_fail_memory(err, size * sizeof *counts, "words");
    for (uint32_t i = 0; counts && i < n_rows; i++)
        for (uint64_t w = words->start[rows[i]]; w < words->start[rows[i] + 1]; w++) kinds += !counts[words->ids[w]]++;
    if (counts && !(*out = ew_alloc(kinds, sizeof **out))) status = ew_fail_memory(err, kinds * sizeof **out, "words");
    *n = 0;
    for (uint32_t w = 0; status == EW_OK && w < size; w++)
        if (counts[w]) (*out)[(*n)++] = (ew_telling){w, counts[w], 0};
    ew_free(counts);
    return status;
}

ew_status ew_telling_scores(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, ew_telling **out, uint32_t *n,
                            ew_error *err) {
    uint64_t total = 0, kinds = 0;
    *n = 0;
    *out = NULL;
    for (uint32_t i = 0; i < n_rows; i++) total += words->start[rows[i] + 1] - words->start[rows[i]];
    ew_status status = total < words->words.size / DENSE ? count_few(words, rows, n_rows, total, out, &kinds, err)
                                                         : count_many(words, rows, n_rows, out, &kinds, err);
    if (status != EW_OK) return status;
    ew_telling *all = *out;
    for (uint64_t i = 0; i < kinds; i++) {
        double within = (double)all[i].count / n_rows, over = (double)words->rows_with[all[i].word] / words->n;
        all[i].score = all[i].count >= 2 || n_rows < 2 ? within * ew_log(1 + within / over) : 0;
    }
    *n = (uint32_t)kinds; /* distinct words: their numbers have 32 bits */
    return EW_OK;
}

ew_status ew_telling_words(const ew_row_words *words, const uint32_t *rows, uint32_t n_rows, uint32_t most, uint32_t *out,
                           uint32_t *n, ew_error *err) {
    ew_telling *all = NULL;
    uint32_t kinds;
    *n = 0;
    ew_status status = ew_telling_scores(words, rows, n_rows, &all, &kinds, err);
    if (status != EW_OK) return status;
    qsort(all, kinds, sizeof *all, by_score);
    while (*n < most && *n < kinds && all[*n].score > 0) {
        out[*n] = all[*n].word;
        ++*n;
    }
    ew_free(all);
    return EW_OK;
}
