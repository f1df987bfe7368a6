/* One text -> its words, and the sets of word 3-grams and letter 5-grams that likeness is measured on. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../base/random.h"
#include "../base/utf8.h"
#include "families_inside.h"

enum { WORDS_MIN = 4, LETTERS_MIN = 20, LONG_WORDS = 8, LONG_LETTERS = 40, NORMAL_MAX = 256 << 10 };

void ew_shingler_init(ew_shingler *shingler) {
    *shingler = (ew_shingler){.normal = EW_BUFFER_INIT(EW_BUFFER_ANY)};
}

static void hashes_free(ew_hashes *hashes) {
    ew_free(hashes->items);
    ew_free(hashes->spare);
}

void ew_shingler_free(ew_shingler *shingler) {
    ew_buffer_free(&shingler->normal);
    hashes_free(&shingler->words);
    hashes_free(&shingler->word_set);
    hashes_free(&shingler->letter_set);
    ew_free(shingler->points);
    ew_shingler_init(shingler);
}

/* Room for n hashes; what was there is lost. */
static ew_status make_room(ew_hashes *hashes, size_t n, ew_error *err) {
    hashes->n = 0;
    if (n <= hashes->capacity) return EW_OK;
    hashes_free(hashes);
    size_t capacity = n + n / 2 + 64;
    *hashes = (ew_hashes){.items = ew_alloc(capacity, sizeof(uint64_t)), .spare = ew_alloc(capacity, sizeof(uint64_t))};
    if (!hashes->items || !hashes->spare) {
        hashes_free(hashes);
        *hashes = (ew_hashes){0};
        return ew_fail_memory(err, 2 * capacity * sizeof(uint64_t), "the shingles of a text");
    }
    hashes->capacity = capacity;
    return EW_OK;
}

static ew_status make_points(ew_shingler *shingler, size_t n, ew_error *err) {
    shingler->n_points = 0;
    if (n <= shingler->points_capacity) return EW_OK;
    ew_free(shingler->points);
    shingler->points_capacity = 0;
    shingler->points = ew_alloc(n + n / 2, sizeof *shingler->points);
    if (!shingler->points) return ew_fail_memory(err, (n + n / 2) * sizeof *shingler->points, "the letters of a text");
    shingler->points_capacity = n + n / 2;
    return EW_OK;
}

static void add_points(ew_shingler *shingler, const char *word, size_t n) {
    uint32_t *out = shingler->points;
    size_t at = shingler->n_points;
    if (at) out[at++] = ' ';
    for (size_t i = 0; i < n;) {
        if ((unsigned char)word[i] < 0x80) {
            out[at++] = (unsigned char)word[i++];
            continue;
        }
        size_t length;
        out[at++] = ew_utf8_decode(word + i, n - i, &length) & 0x1fffff;
        i += length;
    }
    shingler->n_points = at;
}

/* The bytes of an apostrophe or hyphen at text[0 .. n); 0: there is none. */
static size_t joint_bytes(const char *text, size_t n) {
    if (n && (*text == '\'' || *text == '-')) return 1;
    if (n < 3 || memcmp(text, "\xe2\x80", 2) != 0) return 0;
    return text[2] == '\x99' || text[2] == '\x90' || text[2] == '\x91' ? 3 : 0;
}

int ew_next_piece(ew_pieces *pieces, ew_range *out) {
    for (;;) {
        ew_range *word = &pieces->word;
        if (word->start >= word->end && !ew_text_next_word(pieces->text, pieces->n, &pieces->at, word)) return 0;
        uint32_t end = word->start;
        size_t joint = 0;
        while (end < word->end && !(joint = joint_bytes(pieces->text + end, word->end - end))) end++;
        *out = (ew_range){word->start, end};
        word->start = end + (uint32_t)joint;
        while (!joint && end < pieces->n && pieces->text[end] == '_' &&
               ew_text_next_word(pieces->text, pieces->n, &pieces->at, word)) {
            if (word->start != end + 1) break;
            out->end = end = word->end; /* snake_case is one word */
            word->start = end;
        }
        if (out->start < out->end) return 1;
    }
}

/* The lowest bit tells that the word holds a digit. */
static uint64_t word_hash(const char *word, size_t n) {
    uint64_t digit = 0;
    for (size_t i = 0; i < n; i++) digit |= word[i] >= '0' && word[i] <= '9';
    return (ew_hash(word, n, 0x776f7264) & ~(uint64_t)1) | digit;
}

ew_status ew_shingler_words(ew_shingler *shingler, const char *text, size_t n, ew_error *err) {
    ew_status status = EW_OK;
    ew_buffer_clear(&shingler->normal);
    EW_TRY(ew_text_normalise(text, n, &shingler->normal, err));
    const char *normal = shingler->normal.data;
    size_t length = shingler->normal.length, kept = length < NORMAL_MAX ? length : NORMAL_MAX;
    EW_TRY(make_room(&shingler->words, kept, err));
    EW_TRY(make_points(shingler, 2 * kept + 1, err));
    size_t n_words = 0, letters = 0;
    ew_pieces pieces = {.text = normal, .n = length};
    ew_range word;
    uint64_t identity = 1;
    while (length && ew_next_piece(&pieces, &word)) {
        size_t size = word.end - word.start;
        uint64_t hash = word_hash(normal + word.start, size);
        identity = ew_mix(identity ^ hash);
        n_words++;
        for (size_t i = word.start; i < word.end; i++) letters += ((unsigned char)normal[i] & 0xc0) != 0x80;
        if (word.end > kept) continue;
        shingler->words.items[shingler->words.n++] = hash;
        add_points(shingler, normal + word.start, size);
    }
    shingler->identity = n_words ? identity : ew_hash(normal, length, 0x62617265);
    shingler->size = !length                                                ? EW_SIZE_EMPTY
                     : n_words < WORDS_MIN || letters < LETTERS_MIN         ? EW_SIZE_SHORT
                     : n_words < LONG_WORDS || letters < LONG_LETTERS       ? EW_SIZE_PLAIN
                                                                            : EW_SIZE_LONG;
done:
    return status;
}

static void sort_unique(ew_hashes *set) {
    ew_sort_u64(set->items, set->spare, set->n);
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (!n || set->items[i] != set->items[n - 1]) set->items[n++] = set->items[i];
    set->n = n;
}

ew_status ew_shingler_sets(ew_shingler *shingler, int sorted, ew_error *err) {
    ew_status status = EW_OK;
    const uint64_t *w = shingler->words.items;
    const uint32_t *p = shingler->points;
    size_t n_words = shingler->words.n, n_points = shingler->n_points;
    EW_TRY(make_room(&shingler->word_set, n_words + 1, err));
    EW_TRY(make_room(&shingler->letter_set, n_points + 1, err));
    uint64_t *out = shingler->word_set.items;
    for (size_t i = 0; i + 3 <= n_words; i++) out[i] = ew_mix(ew_mix(ew_mix(w[i]) ^ w[i + 1]) ^ w[i + 2]);
    shingler->word_set.n = n_words < 3 ? 0 : n_words - 2;
    out = shingler->letter_set.items;
    for (size_t i = 0; i + 5 <= n_points; i++) {
        uint64_t head = p[i] | (uint64_t)p[i + 1] << 21 | (uint64_t)p[i + 2] << 42;
        out[i] = ew_mix(head ^ ew_mix(p[i + 3] | (uint64_t)p[i + 4] << 21));
    }
    shingler->letter_set.n = n_points < 5 ? 0 : n_points - 4;
    if (sorted) {
        sort_unique(&shingler->word_set);
        sort_unique(&shingler->letter_set);
    }
done:
    return status;
}

double ew_jaccard(const ew_hashes *a, const ew_hashes *b) {
    size_t i = 0, j = 0, shared = 0;
    while (i < a->n && j < b->n) {
        uint64_t x = a->items[i], y = b->items[j];
        shared += x == y;
        i += x <= y;
        j += y <= x;
    }
    size_t all = a->n + b->n - shared;
    return all ? (double)shared / (double)all : 0;
}

static void sift_down(uint64_t *items, size_t at, size_t n) {
    for (uint64_t moved = items[at];;) {
        size_t child = 2 * at + 1;
        if (child >= n) child = n;
        if (child + 1 < n && items[child + 1] > items[child]) child++;
        if (child == n || items[child] <= moved) {
            items[at] = moved;
            return;
        }
        items[at] = items[child];
        at = child;
    }
}

static void sort_part(uint64_t *items, size_t n) {
    if (n <= 32) {
        for (size_t i = 1; i < n; i++) {
            uint64_t moved = items[i];
            size_t j = i;
            for (; j && items[j - 1] > moved; j--) items[j] = items[j - 1];
            items[j] = moved;
        }
        return;
    }
    for (size_t i = n / 2; i-- > 0;) sift_down(items, i, n);
    for (size_t i = n; i-- > 1;) {
        uint64_t last = items[i];
        items[i] = items[0];
        items[0] = last;
        sift_down(items, 0, i);
    }
}

/* One pass by the highest bits, which are even for hashes, then the small parts by themselves. */
void ew_sort_u64(uint64_t *items, uint64_t *spare, size_t n) {
    enum { SMALL = 8, LARGE = 16 };
    uint32_t ends[(1 << SMALL) + 1] = {0};
    if (n <= 32) {
        sort_part(items, n);
        return;
    }
    if (n >= (1u << LARGE)) { /* long lists: every byte from the lowest, stable */
        for (int shift = 0; shift < 64; shift += SMALL) {
            size_t starts[1 << SMALL] = {0}, sum = 0;
            for (size_t i = 0; i < n; i++) starts[items[i] >> shift & 255]++;
            for (int k = 0; k < 1 << SMALL; k++) {
                size_t count = starts[k];
                starts[k] = sum;
                sum += count;
            }
            for (size_t i = 0; i < n; i++) spare[starts[items[i] >> shift & 255]++] = items[i];
            memcpy(items, spare, n * sizeof *items);
        }
        return;
    }
    for (size_t i = 0; i < n; i++) ends[(items[i] >> (64 - SMALL)) + 1]++;
    for (int k = 0; k < 1 << SMALL; k++) ends[k + 1] += ends[k];
    memcpy(spare, items, n * sizeof *items);
    for (size_t i = 0; i < n; i++) items[ends[spare[i] >> (64 - SMALL)]++] = spare[i];
    for (size_t k = 0, start = 0; k < 1 << SMALL; start = ends[k++]) sort_part(items + start, ends[k] - start);
}
