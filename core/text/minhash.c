/* A text's sketches and their band keys. The sketch is that of Dahlgaard, Knudsen and Thorup (2017, fast similarity
 * sketching): each round throws every shingle into one slot, until no slot is empty; about one round for a long text, and
 * as close for a short one as k independent minima, at a small part of their cost. Repeated shingles do no harm. */
#include <string.h>

#include "../base/random.h"
#include "families_inside.h"

enum {
    WORD_SLOTS = EW_SKETCH_WORD_BANDS * EW_SKETCH_WORD_ROWS,
    LETTER_SLOTS = EW_SKETCH_LETTER_BANDS * EW_SKETCH_LETTER_ROWS,
    MOST_SLOTS = WORD_SLOTS > LETTER_SLOTS ? WORD_SLOTS : LETTER_SLOTS,
    RARE = 2,          /* a word that occurs no more often may be what was filled into a slot */
    SKELETON_WORDS = 6 /* unmasked words a skeleton must have to say anything */
};

/* The hashes are mixed; a round turns them by an odd factor of its own. The first `k` rounds draw a slot, the next k go to
 * one each, so that the end comes. What an earlier round put into a slot stays: its rank is in the upper half. */
static void sketch(const ew_hashes *set, uint64_t part, uint64_t *slots, size_t k) {
    for (size_t i = 0; i < k; i++) slots[i] = UINT64_MAX;
    for (uint64_t round = 0, empty = k; empty && round < 2 * k; round++) {
        uint64_t turn = round ? ew_random(0, EW_RANDOM_MINHASH, part, round) | 1 : 1, rank = round << 32;
        size_t forced = round < k ? SIZE_MAX : (size_t)(round - k);
        for (size_t i = 0; i < set->n; i++) {
            uint64_t hash = set->items[i] * turn;
            size_t slot = forced == SIZE_MAX ? (size_t)((hash >> 32) * k >> 32) : forced;
            uint64_t value = rank | (uint32_t)(hash ^ hash >> 17), old = slots[slot];
            slots[slot] = value < old ? value : old;
        }
        empty = 0;
        for (size_t i = 0; i < k; i++) empty += slots[i] == UINT64_MAX;
    }
}

static uint32_t key_of(uint64_t hash) { return (uint32_t)(hash >> 32) ? (uint32_t)(hash >> 32) : 1; }

static void band_keys(const uint64_t *slots, size_t bands, size_t rows, uint64_t part, uint32_t *keys, size_t stride) {
    for (size_t band = 0; band < bands; band++) {
        uint64_t hash = part + band;
        for (size_t i = 0; i < rows; i++) hash = (hash ^ slots[band * rows + i]) * 0x9e3779b97f4a7c15u;
        keys[band * stride] = key_of(ew_mix(hash));
    }
}

/* A name, as far as spelling tells: a capital first, a small letter behind it, and not where a sentence begins. */
static int looks_like_name(const char *text, size_t n, size_t start, size_t end) {
    uint32_t point;
    size_t next, after, before = start;
    (void)ew_point_at(text, n, start, &point, &next);
    if (!ew_point_is_upper(point) || next >= end) return 0;
    (void)ew_point_at(text, n, next, &point, &after);
    if (ew_point_is_upper(point)) return 0;
    while (before && (text[before - 1] == ' ' || text[before - 1] == '"' || text[before - 1] == '\'')) before--;
    return before && !memchr(".!?:\n\r\t-*", text[before - 1], 10);
}

/* The text with numbers, names and rare words masked, as a hash; 0: too little is left. The words were taken from the
 * normalised text; where the original (`cut`) splits in other places, capitals tell nothing and are left out. */
static uint32_t skeleton(const ew_shingler *shingler, const char *text, size_t n, const ew_cut *cut, const ew_counter *counters) {
    const ew_hashes *words = &shingler->words;
    size_t count = 0, plain = 0, at = 0, start = 0;
    int same = 1, masked = 0;
    if (!shingler->plain) {
        while (count <= words->n && ew_cut_next(cut, &at, &start)) count++;
        same = count == words->n;
        at = 0;
    }
    uint64_t hash = 1;
    for (size_t i = 0; i < words->n; i++) {
        uint64_t w = words->items[i];
        int name = 0;
        if (same && ew_cut_next(cut, &at, &start)) {
            unsigned char first = (unsigned char)text[start];
            name = (first >= 0x80 || (first >= 'A' && first <= 'Z')) && looks_like_name(text, n, start, at);
        }
        if (name || (w & 1) || atomic_load_explicit(&counters[ew_counter_of(w)], memory_order_relaxed) <= RARE) {
            if (!masked) hash = (hash ^ 2) * 0xb7e151628aed2a6bu;
            masked = 1;
            continue;
        }
        hash = (hash ^ w) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
        masked = 0;
        plain++;
    }
    if (plain < SKELETON_WORDS || 2 * plain < words->n) return 0;
    return key_of(ew_mix(hash));
}

ew_status ew_shingler_keys(ew_shingler *shingler, const char *text, size_t n, const ew_counter *counters, int letters,
                           uint32_t *keys, size_t stride, ew_error *err) {
    ew_status status = EW_OK;
    uint64_t slots[MOST_SLOTS];
    for (size_t k = 0; k < EW_SKETCH_KEYS; k++) keys[k * stride] = 0;
    if (shingler->size < EW_SIZE_PLAIN) goto done;
    EW_TRY(ew_shingler_word_set(shingler, 0, err));
    if (shingler->word_set.n) {
        sketch(&shingler->word_set, 1, slots, WORD_SLOTS);
        band_keys(slots, EW_SKETCH_WORD_BANDS, EW_SKETCH_WORD_ROWS, 1000, keys, stride);
    }
    if (shingler->size < EW_SIZE_LONG) goto done;
    if (letters) {
        EW_TRY(ew_shingler_letter_set(shingler, 0, err));
        sketch(&shingler->letter_set, 2, slots, LETTER_SLOTS);
        band_keys(slots, EW_SKETCH_LETTER_BANDS, EW_SKETCH_LETTER_ROWS, 2000, keys + EW_SKETCH_WORD_BANDS * stride, stride);
    }
    if (!shingler->plain) EW_TRY(ew_cut_text(&shingler->original, text, n, err));
    keys[EW_SKETCH_SKELETON * stride] =
        skeleton(shingler, text, n, shingler->plain ? &shingler->cut : &shingler->original, counters);
done:
    return status;
}
