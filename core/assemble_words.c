/* What themes and needs have in common: id, words, name, exemplars. */
#include "assemble_clause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "text/points.h"

enum { WORDS = 8, IN_NAME = 3, CONTRAST = 2, LONG_UNIT = 240, STEM = 5 /* letters, at least */, LONGEST_WORD = 64 };
static const double TELLS = .15; /* of what the best word tells: from there on a word may stand behind the clause */

ew_status ew_content_id(ew_mining *m, char letter, uint32_t height, const uint32_t *rows, uint32_t n, const char **out,
                        ew_error *err) {
    uint64_t sum = n;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *ids = m->rows.ids + m->rows.start[rows[i]];
        sum += ew_hash(ids, (m->rows.start[rows[i] + 1] - m->rows.start[rows[i]]) * sizeof *ids, 2 + height);
    }
    char id[20];
    int length = snprintf(id, sizeof id, "%c_%012llx", letter, (unsigned long long)(sum & 0xffffffffffffu));
    return ew_run_keep(m->run, id, (size_t)length, out, err);
}

/* Keeps the name, with a number behind it if another bears it. */
static ew_status keep_name(ew_mining *m, ew_buffer *name, ew_dict *names, const char **out, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t number;
    size_t kept = name->length;
    for (uint32_t again = 2; ew_dict_find(names, name->data, name->length) != EW_NONE; again++) {
        name->length = kept;
        EW_TRY(ew_buffer_printf(name, err, " (%u)", again));
    }
    EW_TRY(ew_dict_add(names, name->data, name->length, &number, err));
    EW_TRY(ew_run_keep(m->run, name->data, name->length, out, err));
done:
    return status;
}

ew_status ew_name_of_words(ew_mining *m, const char *const *words, uint32_t n, ew_dict *names, const char **out, ew_error *err) {
    ew_buffer name = EW_BUFFER_INIT(4096);
    ew_status status = EW_OK;
    for (uint32_t i = 0; status == EW_OK && i < n; i++) {
        if (i) EW_TRY(ew_buffer_append(&name, " \xc2\xb7 ", 4, err));
        EW_TRY(ew_buffer_append(&name, words[i], strlen(words[i]), err));
        if (i + 1 >= IN_NAME && ew_dict_find(names, name.data, name.length) == EW_NONE) break;
    }
    if (!name.length) EW_TRY(ew_buffer_append(&name, "unnamed", 7, err));
    EW_TRY(keep_name(m, &name, names, out, err));
done:
    ew_buffer_free(&name);
    return status;
}

ew_status ew_keep_words(ew_mining *m, const uint32_t *rows, uint32_t n, const char *const **words, uint32_t *n_words,
                     ew_error *err) {
    uint32_t numbers[WORDS];
    const char **kept = ew_calloc(WORDS, sizeof *kept);
    if (!kept) return ew_fail_memory(err, WORDS * sizeof *kept, "words");
    *words = kept; /* owned by the run from here on */
    ew_status status;
    EW_TRY(ew_telling_words(&m->words, rows, n, WORDS, numbers, n_words, err));
    for (uint32_t i = 0; i < *n_words; i++) {
        const char *text = ew_dict_text(&m->words.words, numbers[i]);
        EW_TRY(ew_run_keep(m->run, text, strlen(text), &kept[i], err));
    }
done:
    return status;
}

static int stands_among(const char *word, const char *const *words, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0) return 1;
    return 0;
}

/* Another form of the same word, to a reader: all but the last letter of the shorter one is the same, or an "s" is behind it. */
static int has_form_of(const char *word, const char *const *words, uint32_t n_words) {
    size_t n = strlen(word);
    for (uint32_t i = 0; i < n_words; i++) {
        size_t m = strlen(words[i]), less = n < m ? n : m, more = n < m ? m : n, same = 0;
        while (same < less && word[same] == words[i][same]) same++;
        if (same == less && more == less + 1 && (n < m ? words[i] : word)[less] == 's') return 1;
        if (less >= STEM && same + 1 >= less) return 1;
    }
    return 0;
}

/* How much the word tells of the group whose clause was asked for last. */
static double tells(const ew_clauses *clauses, const char *word) {
    uint32_t number = ew_dict_find(&clauses->m->words.words, word, strlen(word));
    for (uint32_t i = 0; i < clauses->n_telling; i++)
        if (clauses->telling[i].word == number) return clauses->telling[i].score;
    return 0;
}

ew_status ew_name_of_clause(ew_clauses *clauses, const uint32_t *rows, uint32_t n, const char *const *words,
                            uint32_t n_words, const ew_theme *theme, ew_dict *names, const char **out, ew_error *err) {
    ew_mining *m = clauses->m;
    ew_buffer name = EW_BUFFER_INIT(4096);
    uint32_t numbers[9], n_numbers, behind = 0;
    const char *said[9 + CONTRAST];
    ew_status status = ew_central_clause(clauses, rows, n, &name, numbers, &n_numbers, err);
    if (status == EW_OK && !name.length) return ew_name_of_words(m, words, n_words, names, out, err);
    if (status != EW_OK) goto done;
    for (uint32_t i = 0; i < n_numbers; i++) said[i] = ew_dict_text(&m->words.words, numbers[i]);
    for (uint32_t i = 0; i < n_words && behind < CONTRAST; i++) {
        if (tells(clauses, words[i]) < TELLS * tells(clauses, words[0])) break; /* the best come first */
        if (stands_among(words[i], said, n_numbers) || has_form_of(words[i], said, n_numbers + behind)) continue;
        if (theme && stands_among(words[i], theme->words, theme->n_words)) continue;
        EW_TRY(ew_buffer_printf(&name, err, "%s%s", behind ? ", " : " (", words[i]));
        said[n_numbers + behind++] = words[i];
    }
    if (behind) EW_TRY(ew_buffer_append(&name, ")", 1, err));
    EW_TRY(keep_name(m, &name, names, out, err));
done:
    ew_buffer_free(&name);
    return status;
}

/* Which of the words this one is, or has at a hyphen or an apostrophe, as bits; words are plain. */
static uint32_t which_of(const char *word, size_t n, const char *const *words, uint32_t n_words) {
    uint32_t bits = 0;
    for (size_t from = 0, to; from < n; from = to + 1) {
        for (to = from; to < n && word[to] != '-' && word[to] != '\'';) to++;
        for (uint32_t w = 0; w < n_words; w++)
            if (strncmp(word + from, words[w], to - from) == 0 && !words[w][to - from]) bits |= 1u << w;
    }
    return bits;
}

/* How many of the words stand in text, the first weighing most. */
static double holds(const char *text, size_t n, const char *const *words, uint32_t n_words) {
    char plain[LONGEST_WORD];
    uint32_t bits = 0;
    double sum = 0;
    ew_range word;
    for (size_t at = 0; ew_text_next_word(text, n, &at, &word);) {
        size_t length = ew_word_plain(text + word.start, word.end - word.start, plain, sizeof plain);
        bits |= which_of(plain, length, words, n_words);
    }
    for (uint32_t w = 0; w < n_words; w++)
        if (bits >> w & 1) sum += 1.0 / (1 + w);
    return sum;
}

/* Sentences of a unit: *out [*n], ascending. A comment is cut into sentences once, however many of its units are asked for. */
static ew_status sentences_within(ew_mining *m, uint32_t unit, const ew_range **out, uint32_t *n, ew_error *err) {
    uint32_t comment = m->units.comment[unit], start = m->units.start[unit], end = m->units.end[unit];
    *n = 0;
    if (!m->sentences) {
        m->n_sentences = m->run->corpus.n;
        if (!(m->sentences = ew_calloc_spilled(m->n_sentences, sizeof *m->sentences)))
            return ew_fail_memory(err, m->n_sentences * sizeof *m->sentences, "sentences");
    }
    ew_ranges *all = &m->sentences[comment];
    if (!all->n) {
        ew_status status = ew_sentences_of(&m->run->corpus, m->boilerplate, comment, all, err);
        if (status != EW_OK) return status;
    }
    uint32_t low = 0, high = all->n; /* the first that begins in the unit */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (all->items[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + *n < all->n && all->items[low + *n].end <= end) ++*n;
    *out = all->items + low;
    return EW_OK;
}

ew_status ew_best_sentence(ew_mining *m, uint32_t unit, const char *const *words, uint32_t n_words, ew_span *out,
                           ew_error *err) {
    uint32_t comment = m->units.comment[unit], start = m->units.start[unit], end = m->units.end[unit], n;
    *out = (ew_span){comment, start, end};
    if (end - start <= LONG_UNIT) return EW_OK;
    const ew_range *sentences;
    ew_status status = sentences_within(m, unit, &sentences, &n, err);
    double best = -1;
    const char *text = ew_corpus_text(&m->run->corpus, comment).data;
    for (uint32_t s = 0; status == EW_OK && s < n; s++) {
        ew_range r = sentences[s];
        double score = holds(text + r.start, r.end - r.start, words, n_words);
        if (score > best) {
            best = score;
            *out = (ew_span){comment, r.start, r.end};
        }
    }
    return status;
}

ew_status ew_exemplars(ew_mining *m, const uint32_t *rows, uint32_t n, const char *const *words, uint32_t n_words, uint32_t most,
                       const ew_span **out, uint32_t *n_out, ew_error *err) {
    ew_span *spans = ew_calloc(most, sizeof *spans);
    *n_out = 0;
    if (!spans) return ew_fail_memory(err, most * sizeof *spans, "exemplars");
    *out = spans;
    const uint32_t *customer = m->run->corpus.customer;
    for (uint32_t i = 0; i < n && *n_out < most; i++) {
        uint32_t unit = m->rows.unit[m->rows.unit_start[rows[i]]], comment = m->units.comment[unit];
        int known = 0;
        for (uint32_t j = 0; j < *n_out && !known; j++)
            known = spans[j].comment == comment || (customer[comment] && customer[spans[j].comment] == customer[comment]);
        if (known) continue;
        ew_status status = ew_best_sentence(m, unit, words, n_words, &spans[*n_out], err);
        if (status != EW_OK) return status;
        ++*n_out;
    }
    return EW_OK;
}
