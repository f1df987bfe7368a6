#include "names.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"

enum { SHORTEST = 3, RARE = 4, BEGINNING = 4, WORD_MAX_BYTES = 32, SAMPLE = 50000 }; /* RARE: one in so many comments, or fewer */
enum { COMPANY = 2, AS_COMPANY = 50, TWICE = 2, HARDLY_SMALL = 4, LONGEST_NAME = 4, JOINT = 3 };
enum { BOTH = 2, SHORTEST_PLACE = 2, PLACE = 4, OTHERS = 8, PLACES = 7, LONGEST_PLACE = 3 };
enum { WITH_CAPITAL = 1, IN_ANY_LETTERS = 2, OWN_IN_ANY_LETTERS = 4 }; /* bits of ew_name_counts.everywhere */

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_word(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80; }
/* A name is written with a capital, or in scripts without them. */
static int is_small(char c) { return c >= 'a' && c <= 'z'; }
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

static int is_same(ew_view name, const char *word) {
    for (size_t i = 0; i < name.length; i++)
        if (lower(name.data[i]) != lower(word[i])) return 0;
    return 1;
}

int ew_names_is_short(const char *value, const char *word, size_t n) {
    uint32_t reached = 1, words = 0; /* bit k: the first k letters are beginnings of the words so far */
    if (n < SHORTEST || n >= WORD_MAX_BYTES) return 0;
    for (size_t at = 0, end; value[at] && reached; at = end) {
        uint32_t next = 0;
        for (end = at; is_word(value[end]); end++) {
        }
        if (end == at) {
            end++;
            continue;
        }
        for (size_t from = 0; from < n; from++)
            for (size_t l = 0;
                 reached >> from & 1 && from + l < n && at + l < end && lower(value[at + l]) == lower(word[from + l]); l++)
                next |= 1U << (from + l + 1);
        words++;
        if (next >> n & 1 && (words > 1 || (n >= BEGINNING && end - at > n))) return 1;
        reached = next;
    }
    return 0;
}

static int next_word(const char *text, size_t n, size_t *at, int small, ew_range *out) {
    for (size_t i = *at, end; i < n; i = end) {
        for (end = i + 1; is_word(text[i]) && end < n && is_word(text[end]);) end++;
        if (!is_word(text[i]) || (!small && is_small(text[i]))) continue;
        *out = (ew_range){(uint32_t)i, (uint32_t)end};
        *at = end;
        return 1;
    }
    *at = n;
    return 0;
}

static size_t lower_word(const char *text, ew_range word, char out[WORD_MAX_BYTES]) {
    size_t n = word.end - word.start;
    if (n < SHORTEST_PLACE || n > WORD_MAX_BYTES) return 0;
    for (size_t i = 0; i < n; i++) out[i] = lower(text[word.start + i]);
    return n;
}

/* Whether the comment's value of a column is called so; of any. */
static int is_of(const ew_names *names, int column, const char *word, size_t n) {
    for (uint32_t w = column ? names->of_product : 0; w < (column ? names->n : names->of_product); w++)
        if (names->words[w].length == n && is_same(names->words[w], word)) return 1;
    return names->values[column] && ew_names_is_short(names->values[column], word, n);
}

static int is_own(const ew_names *names, const char *word, size_t n) {
    return is_of(names, 0, word, n) || is_of(names, 1, word, n);
}

/* ---- names that are names in every comment ---- */

/* What stands before one of these is the name of a company. */
static const char *const FORMS[] = {"inc", "incorporated", "llc",  "llp", "ltd", "limited", "corp", "corporation",
                                    "plc", "gmbh",         "sarl", "srl", "bv",  "pty",     "pvt",  "oyj"};

typedef struct name_before {
    ew_range words[LONGEST_NAME];
    uint32_t n;
} name_before;

static int is_joint(const char *text, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (text[i] != ' ' && text[i] != ',' && text[i] != '&' && text[i] != '-') return 0;
    return to - from <= JOINT;
}

static int is_form(const char *text, ew_range word) {
    ew_view view = {text + word.start, word.end - word.start};
    for (size_t f = 0; f < sizeof FORMS / sizeof *FORMS; f++)
        if (strlen(FORMS[f]) == view.length && is_same(view, FORMS[f])) return 1;
    return 0;
}

/* Takes in the next word of a text that is not in small letters. If it is a form: how many words of b are the name before it. */
static uint32_t name_ends(name_before *b, const char *text, ew_range word) {
    uint32_t n = b->n && is_joint(text, b->words[b->n - 1].end, word.start) ? b->n : 0;
    b->n = 0;
    if (is_form(text, word)) return n;
    if (n == LONGEST_NAME) memmove(b->words, b->words + 1, --n * sizeof *b->words);
    b->words[n] = word;
    b->n = n + 1;
    return 0;
}

/* What stands before a place, and before hardly anything else that has a capital, if more than one of them do. */
static const char *const BEFORE_PLACES[PLACES] = {"to", "from", "in", "at", "near", "via", "into"};

static int is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/* Which of these the word stands behind, other words with a capital between them ("to New York"); PLACES: none. */
static uint32_t place_of(const char *text, ew_range word) {
    size_t at = word.start, end;
    if (!is_capital(text[at]) || word.end - word.start < SHORTEST_PLACE) return PLACES;
    for (int n = 0; n < LONGEST_PLACE && at && text[at - 1] == ' '; n++) {
        for (end = at - 1; end && text[end - 1] == ' ';) end--;
        for (at = end; at && is_word(text[at - 1]);) at--;
        ew_view before = {text + at, (uint32_t)(end - at)};
        for (uint32_t k = 0; k < PLACES; k++)
            if (strlen(BEFORE_PLACES[k]) == before.length && is_same(before, BEFORE_PLACES[k])) return k;
        if (!before.length || !is_capital(text[at])) break;
    }
    return PLACES;
}

/* By column, and by both, comments of its value that name it so, and of any value; comments with or without one, and that name it
 * as a company's before its form; how often it has a small letter, and a capital, and stands behind what stands before places. */
typedef struct tally {
    uint32_t own[3], told[3], all, company, small, large, last, last_company, place[PLACES];
} tally;

/* All comments; of a large corpus some, which follow from what they say. */
static int is_asked(const ew_corpus *corpus, uint32_t comment) {
    ew_view text = ew_corpus_text(corpus, comment);
    if (corpus->n <= SAMPLE) return 1;
    return ew_hash(text.data, text.length < 64 ? text.length : 64, 0) % (corpus->n / SAMPLE + 1) == 0;
}

static ew_status enter_names(const ew_corpus *corpus, ew_name_counts *counts, ew_error *err) {
    ew_names names;
    ew_range word;
    char plain[WORD_MAX_BYTES];
    uint32_t number;
    ew_status status = EW_OK;
    for (uint32_t c = 0; c < corpus->n && status == EW_OK; c++) {
        if (!is_asked(corpus, c)) continue;
        ew_names_of(corpus, counts, c, &names);
        ew_view text = ew_corpus_text(corpus, c);
        name_before before = {.n = 0};
        for (size_t at = 0; status == EW_OK && next_word(text.data, text.length, &at, 0, &word);) {
            size_t n = lower_word(text.data, word, plain);
            if (n && (is_own(&names, plain, n) || place_of(text.data, word) < PLACES))
                status = ew_dict_add(&counts->names, plain, n, &number, err);
            for (uint32_t k = name_ends(&before, text.data, word); status == EW_OK && k--;)
                if ((n = lower_word(text.data, before.words[k], plain)) >= SHORTEST)
                    status = ew_dict_add(&counts->names, plain, n, &number, err);
        }
    }
    return status;
}

static void count_company(const ew_name_counts *counts, const char *text, ew_range word, uint32_t comment, tally *tallies) {
    char plain[WORD_MAX_BYTES];
    size_t n = lower_word(text, word, plain);
    uint32_t number = n ? ew_dict_find(&counts->names, plain, n) : EW_NONE;
    if (number == EW_NONE || tallies[number].last_company == comment + 1) return;
    tallies[number].last_company = comment + 1;
    tallies[number].company++;
}

/* Returns how many comments were asked. */
static uint32_t count_names(const ew_corpus *corpus, const ew_name_counts *counts, tally *tallies) {
    uint32_t asked = 0;
    ew_names names;
    ew_range word;
    char plain[WORD_MAX_BYTES];
    for (uint32_t c = 0; c < corpus->n; c++) {
        if (!is_asked(corpus, c)) continue;
        asked++;
        ew_names_of(corpus, counts, c, &names);
        ew_view text = ew_corpus_text(corpus, c);
        name_before before = {.n = 0};
        for (size_t at = 0; next_word(text.data, text.length, &at, 1, &word);) {
            for (uint32_t k = is_small(text.data[word.start]) ? 0 : name_ends(&before, text.data, word); k--;)
                count_company(counts, text.data, before.words[k], c, tallies);
            size_t n = lower_word(text.data, word, plain);
            uint32_t number = n ? ew_dict_find(&counts->names, plain, n) : EW_NONE;
            if (number == EW_NONE) continue;
            tally *t = &tallies[number];
            if (is_small(text.data[word.start])) {
                t->small++;
                continue;
            }
            t->large++;
            uint32_t place = place_of(text.data, word);
            if (place < PLACES) t->place[place]++;
            if (t->last == c + 1) continue;
            t->last = c + 1;
            t->all++;
            int own = 0;
            for (int v = 0; v < 2; v++) {
                int is = is_of(&names, v, plain, n) != 0;
                t->told[v] += names.values[v] != NULL;
                t->own[v] += (uint32_t)is;
                own |= is;
            }
            t->told[BOTH] += names.n != 0;
            t->own[BOTH] += (uint32_t)own;
        }
    }
    return asked;
}

/* Two in five times behind what stands before places, and not always behind the same (months stand behind "in"). */
static int is_place(const tally *t) {
    uint64_t all = 0, most = 0;
    for (uint32_t k = 0; k < PLACES; k++) {
        all += t->place[k];
        if (t->place[k] > most) most = t->place[k];
    }
    return all >= PLACE && 5 * all >= 2 * (uint64_t)t->large && (all - most) * OTHERS >= all &&
           t->large > TWICE * (uint64_t)t->small;
}

/* Written with a capital, mostly in comments of its value (those without a value in its column say nothing of that), or before a
 * company's form in COMPANY comments and one in AS_COMPANY of those that have it, or as places are; and not in more than one of
 * RARE: that would hold nothing together. What hardly ever has a small letter is the same with one; and what seldom has, in
 * comments of its value. */
static uint8_t name_of(const tally *t, uint32_t asked) {
    int told = 2 * (uint64_t)t->own[BOTH] > t->told[BOTH];
    for (int v = 0; v < BOTH; v++) told |= t->own[v] > 1 && 2 * (uint64_t)t->own[v] > t->told[v];
    told &= t->large > t->small;
    int capital = t->large > TWICE * (uint64_t)t->small, own = t->own[BOTH] && capital ? OWN_IN_ANY_LETTERS : 0;
    int company = t->company >= COMPANY && (uint64_t)t->company * AS_COMPANY >= t->all && capital;
    if ((!told && !company && !is_place(t)) || (uint64_t)t->all * RARE > asked) return (uint8_t)own;
    return (uint8_t)(own | WITH_CAPITAL | (t->large > HARDLY_SMALL * (uint64_t)t->small ? IN_ANY_LETTERS : 0));
}

/* Which bit of `small` stands for words like this one. */
static uint32_t looks_of(const char *word, size_t n) {
    uint32_t first = (unsigned char)lower(word[0]), second = (unsigned char)lower(word[1]);
    return (first * 31 + second * 173 + (uint32_t)n * 911) & 4095;
}

static ew_status find_names(const ew_corpus *corpus, ew_name_counts *counts, ew_error *err) {
    ew_status status = enter_names(corpus, counts, err);
    if (status != EW_OK || counts->names.size <= 1) return status;
    tally *tallies = ew_calloc(counts->names.size, sizeof *tallies);
    counts->everywhere = ew_calloc(counts->names.size, 1);
    if (!tallies || !counts->everywhere) {
        ew_free(tallies);
        return ew_fail_memory(err, counts->names.size * sizeof *tallies, "names");
    }
    uint32_t asked = count_names(corpus, counts, tallies);
    for (uint32_t i = 1; i < counts->names.size; i++) {
        const char *name = ew_dict_text(&counts->names, i);
        counts->everywhere[i] = name_of(&tallies[i], asked);
        if (!(counts->everywhere[i] & (IN_ANY_LETTERS | OWN_IN_ANY_LETTERS))) continue;
        uint32_t looks = looks_of(name, strlen(name));
        counts->small[looks / 64] |= (uint64_t)1 << looks % 64;
        counts->any_small = 1;
    }
    ew_free(tallies);
    return EW_OK;
}

/* ---- of a corpus, of a comment ---- */

ew_status ew_name_counts_take(const ew_corpus *corpus, ew_name_counts *out, ew_error *err) {
    *out = (ew_name_counts){.names = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)}};
    ew_status status = count_values(corpus->product, corpus->n, &corpus->products, &out->product, err);
    if (status == EW_OK) status = count_values(corpus->segment, corpus->n, &corpus->segments, &out->segment, err);
    if (status == EW_OK) status = ew_dict_init(&out->names, err);
    if (status == EW_OK) status = find_names(corpus, out, err);
    if (status != EW_OK) ew_name_counts_free(out);
    return status;
}

void ew_name_counts_free(ew_name_counts *counts) {
    ew_free(counts->product);
    ew_free(counts->segment);
    ew_free(counts->everywhere);
    ew_dict_free(&counts->names);
    *counts = (ew_name_counts){0};
}

/* The value's text; NULL: none, or so common that it tells nothing apart. */
static const char *rare_value(const uint32_t *values, const uint32_t *counts, const ew_dict *dict, uint32_t comment, uint32_t n) {
    uint32_t value = counts ? values[comment] : 0;
    return value && counts[value] <= n / RARE ? ew_dict_text(dict, value) : NULL;
}

void ew_names_of(const ew_corpus *corpus, const ew_name_counts *counts, uint32_t comment, ew_names *out) {
    *out = (ew_names){.all = counts};
    out->values[0] = rare_value(corpus->product, counts->product, &corpus->products, comment, corpus->n);
    out->values[1] = rare_value(corpus->segment, counts->segment, &corpus->segments, comment, corpus->n);
    for (int v = 0; v < 2; v++)
        if (out->values[v]) {
            add_words(out->values[v], out);
            if (!v) out->of_product = out->n;
        }
}

/* Bytes of the 's at text[at]. */
static size_t possessive(const char *text, size_t n, size_t at) {
    if (n - at < 2 || text[at] != '\'' || (text[at + 1] | 0x20) != 's') return 0;
    return n - at == 2 || !is_word(text[at + 2]) ? 2 : 0;
}

int ew_names_next(const ew_names *names, const char *text, size_t n, size_t *at, ew_range *out) {
    char plain[WORD_MAX_BYTES];
    ew_range word;
    const uint8_t *everywhere = names->all->everywhere;
    while ((names->n || everywhere) && next_word(text, n, at, names->all->any_small, &word)) {
        if (is_small(text[word.start])) { /* most words: most of them look like no name */
            uint32_t looks = word.end - word.start < SHORTEST ? 0 : looks_of(text + word.start, word.end - word.start);
            if (word.end - word.start < SHORTEST || !(names->all->small[looks / 64] >> looks % 64 & 1)) continue;
        }
        size_t length = everywhere ? lower_word(text, word, plain) : 0;
        uint32_t number = length ? ew_dict_find(&names->all->names, plain, length) : EW_NONE;
        int known = number == EW_NONE ? 0 : everywhere[number], small = is_small(text[word.start]);
        int is = known & (small ? IN_ANY_LETTERS : WITH_CAPITAL);
        if (!is && (!small || known & OWN_IN_ANY_LETTERS)) is = is_own(names, text + word.start, word.end - word.start);
        if (!is) continue;
        *at = word.end + possessive(text, n, word.end);
        *out = (ew_range){word.start, (uint32_t)*at};
        return 1;
    }
    *at = n;
    return 0;
}
