/* Corpora of tokens: subjects with words of their own, and small groups of rows that share more. */
#ifndef EW_TEST_MAKE_TOKENS_H
#define EW_TEST_MAKE_TOKENS_H

#include <stdlib.h>

#include "../../core/base/random.h"
#include "../../core/needs/needs.h"

typedef struct { ew_token_lists lists; uint64_t *start; uint32_t *ids; } corpus;

enum { FIRST_WORD = 2000, SUBJECTS = 6, WORDS_A_SUBJECT = 150, GROUP_ROWS = 8 };

/* n rows of 6 to 14 tokens; the first `planted` * `large` rows are groups: half of their words are four of the group's own. */
static inline corpus make_corpus_of(uint32_t n, uint32_t planted, uint32_t large, uint64_t seed) {
    corpus c = {.start = calloc(n + 1u, sizeof *c.start), .ids = calloc(n * 14u + 1, sizeof *c.ids)};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t length = 6 + ew_random_below(9, seed, 1, i, 0), subject = ew_random_below(SUBJECTS, seed, 2, i, 0);
        for (uint64_t k = 0; k < length; k++) {
            double u = ew_random_unit(seed, 3, i, k);
            uint64_t word = FIRST_WORD + subject * WORDS_A_SUBJECT + (uint64_t)(u * u * WORDS_A_SUBJECT);
            if (i < planted * large && k % 2) word = 12000 + i / large * 7 + ew_random_below(4, seed, 4, i, k);
            c.ids[c.start[i] + k] = (uint32_t)word;
        }
        c.start[i + 1] = c.start[i] + length;
    }
    c.lists = (ew_token_lists){n, c.start, c.ids};
    return c;
}

static inline corpus make_corpus(uint32_t n, uint32_t planted, uint64_t seed) {
    return make_corpus_of(n, planted, GROUP_ROWS, seed);
}

static inline void drop_corpus(corpus *c) {
    free(c->start);
    free(c->ids);
}

#endif
