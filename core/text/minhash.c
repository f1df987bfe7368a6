/* A text's sketches and their band keys. The sketch is that of Dahlgaard, Knudsen and Thorup (2017, fast similarity
 * sketching): each round throws every shingle into one slot, until no slot is empty; about one round for a long text, and
 * as close for a short one as k independent minima, at a small part of their cost. Repeated shingles do no harm. */
#include <string.h>

#include <utf8proc.h>

#include "../base/random.h"
#include "../base/utf8.h"
#include "families_inside.h"

enum {
    WORD_SLOTS = EW_SKETCH_WORD_BANDS * EW_SKETCH_WORD_ROWS,
    LETTER_SLOTS = EW_SKETCH_LETTER_BANDS * EW_SKETCH_LETTER_ROWS,
    RARE = 2,          /* a word that occurs no more often may be what was filled into a slot */
    SKELETON_WORDS = 6 /* unmasked words a skeleton must have to say anything */
};

static void sketch(const ew_hashes *set, uint64_t part, uint64_t *slots, size_t k) {
    for (size_t i = 0; i < k; i++) slots[i] = UINT64_MAX;
    size_t filled = 0;
    for (uint64_t round = 0; round < 2 * k && filled < k; round++) {
        uint64_t key = ew_random(0, EW_RANDOM_MINHASH, part, round), rank = round << 32;
        for (size_t i = 0; i < set->n; i++) {
            uint64_t hash = ew_mix(set->items[i] ^ key);
            size_t slot = round < k ? (size_t)((hash >> 32) * k >> 32) : (size_t)(round - k);
            uint64_t value = rank | (hash & UINT32_MAX);
            filled += slots[slot] == UINT64_MAX;
            if (value < slots[slot]) slots[slot] = value;
        }
    }
}

static void band_keys(const uint64_t *slots, size_t bands, size_t rows, uint64_t part, uint32_t *keys) {
    for (size_t band = 0; band < bands; band++) {
        uint64_t hash = part + band;
        for (size_t i = 0; i < rows; i++) hash = ew_mix(hash ^ slots[band * rows + i]);
        keys[band] = (uint32_t)(hash >> 32) ? (uint32_t)(hash >> 32) : 1;
    }
}

static int is_upper(const char *text, size_t n) {
    size_t length;
    if ((unsigned char)*text < 0x80) return *text >= 'A' && *text <= 'Z';
    uint32_t point = ew_utf8_decode(text, n, &length);
    return point != EW_UTF8_BAD && utf8proc_category((utf8proc_int32_t)point) == UTF8PROC_CATEGORY_LU;
}

/* A name, as far as spelling tells: a capital first, a small letter behind it, and not where a sentence begins. */
static int looks_like_name(const char *text, size_t n, ew_range word) {
    if (!is_upper(text + word.start, n - word.start)) return 0;
    size_t next = word.start + 1, before = word.start;
    while (next < word.end && ((unsigned char)text[next] & 0xc0) == 0x80) next++;
    if (next == word.end || is_upper(text + next, n - next)) return 0;
    while (before && (text[before - 1] == ' ' || text[before - 1] == '"' || text[before - 1] == '\'')) before--;
    return before && !memchr(".!?:\n\r\t-*", text[before - 1], 10);
}

/* The text with numbers, names and rare words masked, as a hash; 0: too little is left. The words were taken from the
 * normalised text; where the original splits in other places, capitals tell nothing and are left out. */
static uint32_t skeleton(const ew_shingler *shingler, const char *text, size_t n, const atomic_uint *counters) {
    const ew_hashes *words = &shingler->words;
    size_t count = 0, plain = 0;
    ew_pieces pieces = {.text = text, .n = n};
    ew_range word;
    while (count <= words->n && ew_next_piece(&pieces, &word)) count++;
    int same = count == words->n, masked = 0;
    uint64_t hash = 1;
    pieces = (ew_pieces){.text = text, .n = n};
    for (size_t i = 0; i < words->n; i++) {
        int name = same && ew_next_piece(&pieces, &word) && looks_like_name(text, n, word);
        uint64_t w = words->items[i];
        if (name || (w & 1) || atomic_load_explicit(&counters[ew_counter_of(w)], memory_order_relaxed) <= RARE) {
            if (!masked) hash = ew_mix(hash ^ 2);
            masked = 1;
            continue;
        }
        hash = ew_mix(hash ^ w);
        masked = 0;
        plain++;
    }
    if (plain < SKELETON_WORDS || 2 * plain < words->n) return 0;
    return (uint32_t)(hash >> 32) ? (uint32_t)(hash >> 32) : 1;
}

void ew_shingler_keys(const ew_shingler *shingler, const char *text, size_t n, const atomic_uint *counters,
                      uint32_t keys[EW_SKETCH_KEYS]) {
    memset(keys, 0, EW_SKETCH_KEYS * sizeof *keys);
    if (shingler->size < EW_SIZE_PLAIN) return;
    uint64_t slots[LETTER_SLOTS > WORD_SLOTS ? LETTER_SLOTS : WORD_SLOTS];
    if (shingler->word_set.n) {
        sketch(&shingler->word_set, 1, slots, WORD_SLOTS);
        band_keys(slots, EW_SKETCH_WORD_BANDS, EW_SKETCH_WORD_ROWS, 1000, keys);
    }
    if (shingler->letter_set.n) {
        sketch(&shingler->letter_set, 2, slots, LETTER_SLOTS);
        band_keys(slots, EW_SKETCH_LETTER_BANDS, EW_SKETCH_LETTER_ROWS, 2000, keys + EW_SKETCH_WORD_BANDS);
    }
    if (shingler->size == EW_SIZE_LONG) keys[EW_SKETCH_SKELETON] = skeleton(shingler, text, n, counters);
}
