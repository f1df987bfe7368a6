/* One text -> its words, and the sets of word 3-grams and letter 5-grams that likeness is measured on. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/bytes.h"
#include "../base/hash.h"
#include "../base/utf8.h"
#include "families_inside.h"

enum { WORDS_MIN = 4, LETTERS_MIN = 20, LONG_WORDS = 8, LONG_LETTERS = 40, NORMAL_MAX = 256 << 10 };

/* Odd, with half of their bits set: digits of pi, e and the golden ratio. */
static const uint64_t A = 0x9e3779b97f4a7c15u, B = 0xb7e151628aed2a6bu, C = 0x243f6a8885a308d3u, D = 0xc2b2ae3d27d4eb4fu;

void ew_shingler_init(ew_shingler *shingler) {
    *shingler = (ew_shingler){.normal = EW_BUFFER_INIT(EW_BUFFER_ANY), .joined = EW_BUFFER_INIT(EW_BUFFER_ANY)};
}

static void hashes_free(ew_hashes *hashes) {
    ew_free(hashes->items);
    ew_free(hashes->spare);
    *hashes = (ew_hashes){0};
}

void ew_shingler_free(ew_shingler *shingler) {
    ew_buffer_free(&shingler->normal);
    ew_buffer_free(&shingler->joined);
    ew_cut_free(&shingler->cut);
    ew_cut_free(&shingler->original);
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

/* ---- words ---- */

/* Digits are the only bytes of a word that lie below 0x40. */
static inline uint64_t below_0x40(uint64_t eight) { return ~(eight | eight >> 1) & 0x4040404040404040u; }

/* The lowest bit tells that the word holds a digit. Reads up to 8 bytes behind it. */
static inline uint64_t word_hash(const char *word, size_t n) {
    uint64_t first = ew_load64(word), digits, h;
    if (n <= 8) {
        first = n == 8 ? first : first & (((uint64_t)1 << (8 * n)) - 1);
        digits = below_0x40(n == 8 ? first : first | ~(uint64_t)0 << (8 * n));
        h = ew_fold64(first ^ A, (uint64_t)n ^ B);
    } else {
        digits = below_0x40(first);
        for (size_t i = 8; i + 8 < n; i += 8) digits |= below_0x40(ew_load64(word + i));
        uint64_t last = ew_load64(word + n - 8);
        digits |= below_0x40(last);
        h = n <= 16 ? ew_fold64(first ^ A, C) + ew_fold64(last ^ B, (uint64_t)n ^ D) : ew_hash(word, n, 0x776f7264);
    }
    return (h & ~(uint64_t)1) | (digits != 0);
}

/* The words of shingler->cut, those that end by `kept` as hashes; all of them into `joined`, a blank between two. */
static void take_words(ew_shingler *shingler, size_t kept, size_t *n_words, size_t *kept_bytes) {
    const ew_cut *cut = &shingler->cut;
    uint64_t *hashes = shingler->words.items;
    char *out = shingler->joined.data;
    size_t n = 0, count = 0;
    ew_pieces pieces;
    *kept_bytes = 0;
    ew_pieces_begin(&pieces);
    while (ew_pieces_more(cut, &pieces)) {
        for (size_t k = 0; k < pieces.n; k++) {
            const char *word = cut->low + pieces.starts[k];
            size_t size = pieces.ends[k] - pieces.starts[k];
            if (size <= 16) memcpy(out, word, 16);
            else memcpy(out, word, size);
            out += size;
            *out++ = ' ';
            if (pieces.ends[k] > kept) continue;
            hashes[n++] = word_hash(word, size);
            *kept_bytes = (size_t)(out - shingler->joined.data) - 1;
        }
        count += pieces.n;
    }
    if (count) out--; /* the blank behind the last */
    shingler->joined.length = (size_t)(out - shingler->joined.data);
    shingler->words.n = n;
    *n_words = count;
}

static ew_status list_words(ew_shingler *shingler, size_t n, size_t *n_words, size_t *kept_bytes,
                              ew_error *err) {
    ew_status status = EW_OK;
    size_t kept = n < NORMAL_MAX ? n : NORMAL_MAX;
    shingler->n_points = 0;
    EW_TRY(make_room(&shingler->words, kept / 2 + 1, err));
    ew_buffer_clear(&shingler->joined);
    EW_TRY(ew_buffer_reserve(&shingler->joined, n + n / 2 + 32, err)); /* characters without blanks get some */
    take_words(shingler, kept, n_words, kept_bytes);
done:
    return status;
}

ew_status ew_shingler_words(ew_shingler *shingler, const char *text, size_t n, ew_error *err) {
    ew_status status = EW_OK;
    size_t n_words = 0, kept_bytes = 0, letters;
    ew_buffer_clear(&shingler->normal);
    EW_TRY(ew_cut_text(&shingler->cut, text, n, err));
    shingler->plain = shingler->cut.flags == 0;
    if (!shingler->plain) {
        EW_TRY(ew_text_normalise(text, n, &shingler->normal, err));
        text = shingler->normal.data;
        n = shingler->normal.length;
        EW_TRY(ew_cut_text(&shingler->cut, text, n, err));
    }
    EW_TRY(list_words(shingler, n, &n_words, &kept_bytes, err));
    if (!n_words) { /* marks and emoji alone: as the text is spelt */
        if (shingler->plain) EW_TRY(ew_text_normalise(text, n, &shingler->normal, err));
        shingler->identity = ew_hash_keyed(shingler->normal.data, shingler->normal.length, 1);
        shingler->size = shingler->normal.length ? EW_SIZE_SHORT : EW_SIZE_EMPTY;
        goto done;
    }
    const char *joined = shingler->joined.data;
    shingler->kept_bytes = kept_bytes;
    shingler->identity = ew_hash_keyed(joined, shingler->joined.length, 0);
    letters = shingler->joined.length - (n_words - 1);
    if (shingler->cut.flags & EW_FOLD_WIDE)
        for (size_t i = 0; i < shingler->joined.length; i++) letters -= ((unsigned char)joined[i] & 0xc0) == 0x80;
    shingler->size = n_words < WORDS_MIN || letters < LETTERS_MIN   ? EW_SIZE_SHORT
                     : n_words < LONG_WORDS || letters < LONG_LETTERS ? EW_SIZE_PLAIN
                                                                      : EW_SIZE_LONG;
done:
    return status;
}

/* ---- sets ---- */

static void sort_unique(ew_hashes *set) {
    ew_sort_u64(set->items, set->spare, set->n);
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (!n || set->items[i] != set->items[n - 1]) set->items[n++] = set->items[i];
    set->n = n;
}

ew_status ew_shingler_word_set(ew_shingler *shingler, int sorted, ew_error *err) {
    const uint64_t *w = shingler->words.items;
    size_t n = shingler->words.n < 3 ? 0 : shingler->words.n - 2;
    ew_status status = make_room(&shingler->word_set, n, err);
    if (status != EW_OK) return status;
    uint64_t *out = shingler->word_set.items;
    for (size_t i = 0; i < n; i++) { /* the words' hashes are mixed already: their order must tell, no more */
        uint64_t h = w[i] * A + w[i + 1] * B + w[i + 2] * C;
        h = (h ^ h >> 32) * D;
        out[i] = h ^ h >> 29;
    }
    shingler->word_set.n = n;
    if (sorted) sort_unique(&shingler->word_set);
    return EW_OK;
}

/* Five characters in 40 bits where all are ASCII, so that it does not matter by which way they came. */
static inline uint64_t letters_hash(uint64_t five) {
    uint64_t h = (five + 1) * A;
    h = (h ^ h >> 32) * D;
    return h ^ h >> 29;
}

static void letters_of_ascii(const char *joined, size_t n, uint64_t *out) {
    for (size_t i = 0; i < n; i++) out[i] = letters_hash(ew_load64(joined + i) & 0xffffffffffu);
}

static uint64_t letters_of_points(const uint32_t *p) {
    if ((p[0] | p[1] | p[2] | p[3] | p[4]) < 0x80)
        return letters_hash(p[0] | p[1] << 8 | p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32);
    uint64_t head = p[0] | (uint64_t)p[1] << 21 | (uint64_t)p[2] << 42, tail = p[3] | (uint64_t)p[4] << 21;
    return letters_hash(head * B + tail * C);
}

ew_status ew_shingler_letter_set(ew_shingler *shingler, int sorted, ew_error *err) {
    ew_status status = EW_OK;
    const char *joined = shingler->joined.data;
    size_t bytes = shingler->kept_bytes, n;
    int ascii = !(shingler->cut.flags & EW_FOLD_WIDE);
    if (!ascii) {
        EW_TRY(make_points(shingler, bytes + 1, err));
        for (size_t i = 0, length; i < bytes; i += length)
            shingler->points[shingler->n_points++] = ew_utf8_decode(joined + i, bytes - i, &length) & 0x1fffff;
    }
    n = ascii ? bytes : shingler->n_points;
    n = n < 5 ? 0 : n - 4;
    EW_TRY(make_room(&shingler->letter_set, n, err));
    if (ascii) letters_of_ascii(joined, n, shingler->letter_set.items);
    else
        for (size_t i = 0; i < n; i++) shingler->letter_set.items[i] = letters_of_points(shingler->points + i);
    shingler->letter_set.n = n;
    if (sorted) sort_unique(&shingler->letter_set);
done:
    return status;
}

/* A bit that the other lacks is a hash, at least, that the other lacks. */
static double at_most(ew_bits a, ew_bits b, unsigned both) {
    if (a.n == UINT16_MAX || b.n == UINT16_MAX) return 1;
    unsigned x = a.n - a.set + both, y = b.n - b.set + both, shared = x < y ? x : y, all = shared + a.set + b.set - 2 * both;
    return all ? (double)shared / (double)all : 0;
}

double ew_words_at_most(const ew_outline *a, const ew_outline *b) {
    return at_most(a->of_words, b->of_words, ew_count_bits(a->words & b->words));
}

double ew_letters_at_most(const ew_outline *a, const ew_outline *b) {
    unsigned both = 0;
    for (size_t i = 0; i < EW_OUTLINE_LETTERS; i++) both += ew_count_bits(a->letters[i] & b->letters[i]);
    return at_most(a->of_letters, b->of_letters, both);
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
