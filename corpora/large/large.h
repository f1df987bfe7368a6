/* The large corpus: 10^4 to 10^7 invented comments. A comment is a function of (world, its index), so any number of threads
 * writes the same bytes. Everything is integer arithmetic: the same bytes on every machine. */
#ifndef LARGE_H
#define LARGE_H

#include <stddef.h>
#include <stdint.h>

enum { THEMES = 4000, AREAS = 60, THEME_WORDS = 24, NEED_WORDS = 6, LABEL_NONE = -1 };

/* A member of a planted need: which comment, which need. Sorted by comment. */
typedef struct { uint64_t comment; uint32_t need; } planted;

typedef struct {
    uint64_t seed, n;
    char *text;                          /* the words, each ends with NUL */
    const char **words; uint32_t n_words; /* frequent ones first */
    uint64_t *word_sums;                 /* [n_words] running sums of their weights: Zipf */
    uint64_t *theme_sums;                /* [THEMES] */
    uint32_t (*theme_words)[THEME_WORDS];
    uint32_t (*need_words)[NEED_WORDS];
    uint32_t n_needs, n_campaigns;
    planted *plants; uint64_t n_plants;
} world;

/* A growable text of one comment. */
typedef struct { char *data; size_t length, capacity; } text;

/* Chance: a stream for each (seed, purpose, index). */
typedef struct { uint64_t state; } chance;
chance chance_of(uint64_t seed, uint64_t purpose, uint64_t index);
uint64_t draw(chance *c);                      /* 64 random bits */
uint32_t below(chance *c, uint32_t n);         /* 0 .. n-1, n > 0 */
int one_in(chance *c, uint32_t n);
uint32_t by_weight(chance *c, const uint64_t *sums, uint32_t n);

/* Reads the words at `vocabulary` and draws themes and needs. Ends the program with a reason if it cannot. */
void world_make(world *w, const char *vocabulary, uint64_t seed, uint64_t n);
void world_free(world *w);
/* The need of a comment, UINT32_MAX if none is planted there. */
uint32_t world_need(const world *w, uint64_t comment);
/* Whether a need is asked for (expressed) or lived with (latent). */
int need_is_wish(const world *w, uint32_t need);

void put(text *t, const char *bytes, size_t n);
void put_string(text *t, const char *string);
/* Appends the JSON line of comment i; its theme, or LABEL_NONE. */
int32_t comment_line(const world *w, uint64_t i, text *out);
void comment_id(uint64_t i, char out[16]);

void *need_memory(void *memory);
void give_up(const char *what, const char *why) __attribute__((noreturn));

#endif
