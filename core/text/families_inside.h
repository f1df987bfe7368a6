/* The workshop of families.c: shingles and sketches of one text, and the test of a pair. Not part of any contract. */
#ifndef EW_FAMILIES_INSIDE_H
#define EW_FAMILIES_INSIDE_H

#include <stdatomic.h>

#include "../base/sort.h"
#include "../kernels/minima.h"
#include "cut.h"
#include "families.h"
#include "points.h"

/* Two sketches a text, because the two sets are alike at different levels: copies share word 3-grams and hardly any two
 * honest texts do, so 12 bands of 3 find J = .8 (miss 2e-4) cheaply; slot-filled campaigns share few word 3-grams but half of
 * their letter 5-grams, of which any two texts share some: 16 bands of 3 (J = .5: 88 % of pairs), made only of texts that may
 * lie in a burst. The last key is that of the skeleton. A key of 0 means: never a candidate. */
enum {
    EW_SKETCH_WORD_BANDS = 12, EW_SKETCH_LETTER_BANDS = 16,
    EW_SKETCH_SKELETON = EW_SKETCH_WORD_BANDS + EW_SKETCH_LETTER_BANDS,
    EW_SKETCH_KEYS = EW_SKETCH_SKELETON + 1,
    EW_SKETCH_BYTES = EW_MINIMA_GROUPS * EW_MINIMA_SLOTS,
    EW_SKETCH_COUNTERS = 1 << 20, /* of words, by hash; each stops soon behind what counts as rare */
    EW_OUTLINE_LETTERS = 8,
    EW_SHELF = 16 /* shinglers for each worker */
};

/* How long a text is: what may be concluded from likeness grows with it. */
typedef enum ew_text_size {
    EW_SIZE_EMPTY,
    EW_SIZE_SHORT, /* below 4 words or 20 letters: joins only what is identical */
    EW_SIZE_PLAIN, /* joins at J >= .8 */
    EW_SIZE_LONG   /* from 8 words and 40 letters: may join at J >= .5 in a burst; shorter honest texts reach that by chance */
} ew_text_size;

typedef struct ew_hashes { uint64_t *items, *spare; size_t n, capacity; } ew_hashes;
typedef _Atomic uint16_t ew_counter;

/* Room for one text, reused for the next. */
typedef struct ew_shingler {
    ew_buffer normal, joined;  /* the text normalised, unless plain; its words, a blank between two */
    size_t kept_bytes;         /* of joined, that the sets are made of */
    ew_cut cut, original;      /* of the text as compared; as written (made by ew_shingler_keys, unless plain) */
    int plain;                 /* ASCII without controls: cut as written */
    ew_hashes words;           /* hash of each word, in order */
    ew_hashes word_set;        /* hashes of word 3-grams: as a list with repeats, or ascending, each once */
    ew_hashes letter_set;      /* of letter 5-grams; the same */
    uint32_t *points; size_t n_points, points_capacity; /* the words' code points, where some are not ASCII */
    uint64_t identity;         /* keyed hash of the word sequence; without words, of the normalised text */
    ew_text_size size;
} ew_shingler;

void ew_shingler_init(ew_shingler *shingler);
void ew_shingler_free(ew_shingler *shingler);
/* Fills words, identity and size. Of a normalised text beyond 256 KiB only the identity sees the rest. */
EW_MUST_CHECK ew_status ew_shingler_words(ew_shingler *shingler, const char *text, size_t n, ew_error *err);
/* Fill word_set or letter_set from the words last read: as a list with repeats, or sorted. */
EW_MUST_CHECK ew_status ew_shingler_word_set(ew_shingler *shingler, int sorted, ew_error *err);
EW_MUST_CHECK ew_status ew_shingler_letter_set(ew_shingler *shingler, int sorted, ew_error *err);

/* Which hashes a set may hold: a bit for each, several a bit. */
typedef struct ew_bits { uint16_t n, set; } ew_bits; /* hashes, with repeats, and bits; n UINT16_MAX: nobody knows */

/* What a text can have in common with others at most, and about, in two cache lines: most pairs need no more. */
typedef struct ew_outline {
    uint64_t letters[EW_OUTLINE_LETTERS]; /* of the letter 5-grams */
    uint64_t words;                       /* of the word 3-grams */
    ew_bits of_letters, of_words;
    uint8_t sketch[EW_SKETCH_BYTES]; /* of the letters: the share that two have in common is about their J */
} ew_outline;

/* The keys of the text last given to _words, to keys[0], keys[stride], ...; `text` again, for its capitals; counters: how
 * often each word occurs; letters: whether those of letters are wanted, which the outline knows nothing of otherwise. */
EW_MUST_CHECK ew_status ew_shingler_keys(ew_shingler *shingler, const char *text, size_t n, const ew_counter *counters,
                                         int letters, uint32_t *keys, size_t stride, ew_outline *outline, ew_error *err);

static inline size_t ew_counter_of(uint64_t word) { return (size_t)(word >> 40) & (EW_SKETCH_COUNTERS - 1); }

static inline unsigned ew_count_bits(uint64_t x) { /* plain machines have no instruction for it */
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(x * 0x0101010101010101u >> 56);
}

/* |a and b| / |a or b| of two ascending sets; 0 if both are empty. */
double ew_jaccard(const ew_hashes *a, const ew_hashes *b);
/* It is no more, by the outlines alone; 1: they do not tell. */
double ew_words_at_most(const ew_outline *a, const ew_outline *b);
double ew_letters_at_most(const ew_outline *a, const ew_outline *b);

/* What one band leads to: key << 32 | place of the voices whose keys others have too (and of a few more), ascending. */
typedef struct ew_band { uint64_t *cells, *items, *spare; size_t n, capacity; } ew_band; /* {0} at first; for one n only */
EW_MUST_CHECK ew_status ew_band_fill(ew_band *band, const uint32_t *keys, const uint32_t *place, uint32_t n, ew_error *err);
void ew_band_free(ew_band *band);

/* What tells whether a pair is worth a look, in half a cache line: keys and rows of a voice lie all over the memory. */
typedef struct ew_glance {
    int64_t time;       /* of its only row; INT64_MIN: unknown, or it has several */
    uint32_t customer;  /* of its only row; 0: unknown, or it has several */
    uint32_t skeleton;  /* its key; 0: none */
    uint8_t words[EW_SKETCH_WORD_BANDS]; /* the lowest byte of each key */
    uint8_t size;       /* ew_text_size */
    uint8_t alone;      /* one row */
} ew_glance;

/* The distinct texts ("voices") of a corpus, in order of first row; rows of one text are rows[start[v] .. start[v + 1]), the
 * few that stand for all in front, the earliest first. */
typedef struct ew_voices {
    uint32_t n;
    uint32_t *of;        /* [rows]; EW_NONE: empty text */
    uint32_t *start;     /* [n + 1] */
    uint32_t *rows;
    uint8_t *size;       /* [n] ew_text_size */
    uint32_t *keys;      /* [EW_SKETCH_KEYS, n] */
    uint64_t *content;   /* [n] hash of the words, the same in every run */
    ew_outline *outline; /* [n], in whole cache lines */
    ew_glance *glance;   /* [n], the same */
    void *memory;        /* of both */
} ew_voices;

EW_MUST_CHECK ew_status ew_voices_find(const ew_family_rows *rows, ew_pool *pool, ew_shingler *shinglers, ew_voices *out,
                                       ew_error *err);
void ew_voices_free(ew_voices *voices);

/* Whether rows of the two voices lie in one burst, and of which sort: the strongest that holds. */
typedef enum ew_burst {
    EW_BURST_NONE,
    EW_BURST_TIME,
    EW_BURST_SOURCE, /* same customer, or same skeleton */
    EW_BURST_ASK     /* a glance does not tell */
} ew_burst;

static inline int ew_within_days(int64_t a, int64_t b) {
    enum { BURST_SECONDS = 3 * 86400 };
    if (a == INT64_MIN || b == INT64_MIN) return 0;
    return (a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b) <= BURST_SECONDS;
}

static inline ew_burst ew_glance_burst(const ew_glance *a, const ew_glance *b) {
    if (a->skeleton && a->skeleton == b->skeleton) return EW_BURST_SOURCE;
    if (!a->alone || !b->alone) return EW_BURST_ASK;
    if (a->customer && a->customer == b->customer) return EW_BURST_SOURCE;
    return ew_within_days(a->time, b->time) ? EW_BURST_TIME : EW_BURST_NONE;
}

ew_burst ew_voices_burst(const ew_voices *voices, const ew_family_rows *rows, uint32_t a, uint32_t b);

typedef struct ew_pair { uint32_t a, b; } ew_pair;
typedef enum ew_verdict {
    EW_APART,
    EW_ALIKE,         /* J >= .8, or J >= .5 and one customer or skeleton */
    EW_ALIKE_IN_TIME, /* J >= .5 within days: only where many are */
    EW_NEAR_IN_TIME   /* J >= .4 within days: only beside a campaign that stands without it */
} ew_verdict;

/* verdicts[i] of pairs[i], by exact Jaccard over the texts themselves. Pairs with the same a should stand together. */
EW_MUST_CHECK ew_status ew_pairs_verify(const ew_voices *voices, const ew_family_rows *rows, const ew_pair *pairs, size_t n,
                                        ew_pool *pool, ew_shingler *shinglers, uint8_t *verdicts, ew_error *err);

/* The kind of each family, from its members; `place`: the order of voices, the first of which the others are compared with. */
EW_MUST_CHECK ew_status ew_families_kinds(const ew_voices *voices, const ew_family_rows *rows, const uint32_t *place,
                                          ew_pool *pool, ew_shingler *shinglers, ew_families *families, ew_error *err);

static inline const char *ew_row_text(const ew_family_rows *rows, uint32_t i) {
    return rows->texts ? rows->texts[i] : rows->base + rows->at[i];
}

#endif
