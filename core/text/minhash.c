/* A text's band keys: a band is one slot of each group of the sketch (kernels/minima.h), so its three rows are independent. */
#include <string.h>

#include "../base/random.h"
#include "families_inside.h"

enum {
    RARE = 2,          /* a word that occurs no more often may be what was filled into a slot */
    SKELETON_WORDS = 6 /* unmasked words a skeleton must have to say anything */
};

static uint32_t key_of(uint64_t hash) { return (uint32_t)(hash >> 32) ? (uint32_t)(hash >> 32) : 1; }

static void band_keys(const ew_hashes *set, size_t bands, uint32_t *keys, size_t stride, uint8_t *sketch) {
    uint32_t slots[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS];
    if (!set->n) return;
    ew_minima_get()->minima(set->items, set->n, slots);
    for (size_t i = 0; sketch && i < EW_SKETCH_BYTES; i++)
        sketch[i] = (uint8_t)slots[i / EW_MINIMA_SLOTS][i % EW_MINIMA_SLOTS];
    for (size_t band = 0; band < bands; band++) { /* bands that are neighbours share no two neighbouring slots */
        size_t second = band * 5 % EW_MINIMA_SLOTS, third = band * 11 % EW_MINIMA_SLOTS;
        uint64_t hash = (uint64_t)slots[0][band] << 32 | slots[1][second];
        keys[band * stride] = key_of((ew_mix(hash) ^ slots[2][third]) * 0x9e3779b97f4a7c15u);
    }
}

static ew_bits draw(const ew_hashes *set, uint64_t *bits, size_t words) {
    ew_bits of = {.n = set->n < UINT16_MAX ? (uint16_t)set->n : UINT16_MAX};
    for (size_t i = 0; i < set->n; i++) bits[set->items[i] % (64 * words) / 64] |= (uint64_t)1 << set->items[i] % 64;
    for (size_t i = 0; i < words; i++) of.set = (uint16_t)(of.set + ew_count_bits(bits[i]));
    return of;
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
    size_t count = 0, plain = 0, start = 0, end = 0;
    ew_pieces pieces;
    int same = 1, masked = 0;
    if (!shingler->plain) {
        ew_pieces_begin(&pieces);
        while (count <= words->n && ew_pieces_more(cut, &pieces)) count += pieces.n;
        same = count == words->n;
    }
    ew_pieces_begin(&pieces);
    uint64_t hash = 1;
    for (size_t i = 0; i < words->n; i++) {
        uint64_t w = words->items[i];
        int name = 0;
        if (same && ew_piece_next(cut, &pieces, &start, &end)) {
            unsigned char first = (unsigned char)text[start];
            name = (first >= 0x80 || (first >= 'A' && first <= 'Z')) && looks_like_name(text, n, start, end);
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
                           uint32_t *keys, size_t stride, ew_outline *outline, ew_error *err) {
    ew_status status = EW_OK;
    for (size_t k = 0; k < EW_SKETCH_KEYS; k++) keys[k * stride] = 0;
    *outline = (ew_outline){.of_letters.n = UINT16_MAX, .of_words.n = UINT16_MAX};
    if (shingler->size < EW_SIZE_PLAIN) goto done;
    EW_TRY(ew_shingler_word_set(shingler, 0, err));
    band_keys(&shingler->word_set, EW_SKETCH_WORD_BANDS, keys, stride, NULL);
    outline->of_words = draw(&shingler->word_set, &outline->words, 1);
    if (shingler->size < EW_SIZE_LONG) goto done;
    if (letters) {
        EW_TRY(ew_shingler_letter_set(shingler, 0, err));
        band_keys(&shingler->letter_set, EW_SKETCH_LETTER_BANDS, keys + EW_SKETCH_WORD_BANDS * stride, stride, outline->sketch);
        outline->of_letters = draw(&shingler->letter_set, outline->letters, EW_OUTLINE_LETTERS);
    }
    if (!shingler->plain) EW_TRY(ew_cut_text(&shingler->original, text, n, err));
    keys[EW_SKETCH_SKELETON * stride] =
        skeleton(shingler, text, n, shingler->plain ? &shingler->cut : &shingler->original, counters);
done:
    return status;
}
