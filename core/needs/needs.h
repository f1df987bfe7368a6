/* needs: neighbour lists -> groups at the fringe -> which of them are real.
 *
 * Rows are distinct units of analysis (METHOD in docs/method.md gives the steps and where each constant was measured):
 *  1. fringe of a row: 1 - mean similarity to its neighbours 51..70, as a rank F in 0..1: free of the number of themes.
 *  2. candidates: the nodes of a Paris tree with 4 rows or more, up to max(60, min(.005 n, 500)).
 *  3. their statistics T1 (cohesion against nearest outsiders) and T2 (shared words, leave one out).
 *  4. the same for R decoys (this corpus' own words and some of its pairs redrawn within topics, sent through the same pipeline).
 *     Above `test_rows` rows a seeded sample of them, with its decoys, stands in for all: groups of the corpus get the verdict on
 *     their counterpart in the sample.
 *  5. a tail score against the decoys, and target-decoy competition (Elias, Gygi 2007; Barber, Candes 2015) at a false
 *     discovery rate of 10 %.
 *  6. stability over perturbed trees; list score; tiers.
 * Threads: tasks of the pool; results do not depend on their number. */
#ifndef EW_NEEDS_H
#define EW_NEEDS_H

#include "../themes/themes.h"

enum { EW_LIST_LENGTH = 80, EW_SHORT_LIST = 40, EW_STABILITY_VIEWS = 2, EW_LARGEST_LIST = 200 };
enum { EW_EXACT_SAMPLE = 30000 }; /* rows of a sample from which on an index is cheaper, whatever the processor: it is asked
                                     once for each decoy */

/* How neighbours are looked for, in a corpus and its decoys alike: lists of 80, and above the border of exact search of 40, with
 * what the fringe needs of the places beyond in ew_lists.far. A sample and its decoys have a border of their own, and nobody asks
 * for their fringe: what they are compared by knows of none. */
static inline ew_want ew_needs_want(uint32_t rows, int sample, double recall, uint64_t seed) {
    uint32_t exact = sample ? EW_EXACT_SAMPLE : EW_EXACT_ROWS;
    return (ew_want){.keep = rows > exact ? EW_SHORT_LIST : EW_LIST_LENGTH, .recall = recall, .seed = seed, .far = !sample,
                     .exact = exact};
}

typedef struct ew_group {
    uint32_t node, first, size;      /* tree node; its rows are order[first .. first + size) of the tree */
    float fbar, gap;                 /* mean F of its rows; height of the parent above its own */
    float inside, b10, b30;          /* mean similarity: within, to the 10 and 30 nearest outsiders */
    float words;                     /* mean tokens of a row */
    uint32_t room;                   /* rows from which on breadth counts less: a quarter of the largest candidate */
    double t1, t2;                   /* the two statistics; T2 of what is tested only */
    double x, s;                     /* standardised; tail score: -ln of the decoy candidates of a corpus expected to be as
                                        extreme */
    double q;                        /* the least false discovery rate of the table with which it would be significant; 1: none */
    double stability;                /* mean over two perturbed trees of the best Jaccard with any node */
    double list;                     /* N: its score (score.h) by what is known so far */
    double clear;                    /* below 0: it stands too little apart for one so wide, and may be several things */
} ew_group;

typedef struct ew_groups { ew_group *items; uint32_t n; } ew_groups;
void ew_groups_free(ew_groups *groups);

/* F of each row (see above), out [n]. owner [n]: of which comment a row is a part, NULL: each is one. Parts of one comment are no
 * neighbours here: they count as the last of each other's lists; the sums in `far`, where lists are short, know of no
 * parts. */
EW_MUST_CHECK ew_status ew_fringe(const ew_lists *lists, const uint32_t *owner, float *out, ew_error *err);

/* Candidates of the tree with everything but x and s; fringe NULL: with what the test asks alone (fbar, gap, clear and list
 * mean nothing). What parts of one comment have in common says nothing of a group: they are no pair, no outsiders of each other,
 * and one voice. `pool` NULL: on the calling thread alone. vocab 0: T2 is not wanted. */
EW_MUST_CHECK ew_status ew_candidates(const ew_tree *tree, const ew_vectors *vectors, const ew_lists *lists, const float *fringe,
                                      const ew_token_lists *tokens, const uint32_t *owner, uint32_t vocab, ew_pool *pool,
                                      ew_groups *out, ew_error *err);

#define EW_UNTESTED (-9.0) /* s where nothing can be said of a group: never significant */

/* Topics that decoys are drawn within, max(8, n / 120) of them: topic [n]. */
EW_MUST_CHECK ew_status ew_decoy_topics(const ew_vectors *vectors, uint64_t seed, ew_pool *pool, uint32_t *topic,
                                        uint32_t *topics, ew_error *err);
/* A corpus' words by topic, to draw corpora without structure from: 8 bytes a token, 12 a word of a topic, 4 a row. lists and
 * topic [lists->n] must outlive them. */
typedef struct ew_bags ew_bags;
EW_MUST_CHECK ew_status ew_bags_create(const ew_token_lists *lists, const uint32_t *topic, uint32_t topics, ew_bags **out,
                                       ew_error *err);
/* Corpus `number`'s tokens: each is drawn from all places of its row's topic, or, for a share `follow` of them, from what follows
 * the token before it somewhere in the topic. Lengths stay. ids out: as many as lists has. Any thread's. */
void ew_bags_draw(const ew_bags *bags, double follow, uint64_t seed, uint32_t number, uint32_t *ids);
void ew_bags_free(ew_bags *bags);
/* Of a decoy's tokens: without pairs, what people write counts as real by its phrases alone; with all, nothing does. */
#define EW_DECOY_FOLLOW .5

/* x and s of every group of the corpus and of the decoys, q of those of the corpus; the false discovery table; the smallest
 * significant s (+inf: none). */
typedef struct ew_verdict { double threshold; uint32_t significant; struct ew_fdr_step *steps; uint32_t n_steps; } ew_verdict;
struct ew_fdr_step { double threshold; uint32_t real; double decoys, fdr; };
EW_MUST_CHECK ew_status ew_significance(ew_groups *real, ew_groups *decoys, uint32_t n_decoys, uint32_t rows, ew_verdict *out,
                                        ew_error *err);

/* A need in rows, before anything is known of customers and times. */
typedef struct ew_found {
    ew_group group;
    uint32_t *rows;      /* [group.size] most central first; owned */
    int significant;
    double open, asked, usual_open; /* share of its units that leave something open; that do not only deny; of others that deny */
    double pleased;      /* share of its units that praise and leave nothing open */
    double held, language; /* see assemble_held.h */
} ew_found;

typedef struct ew_findings {
    ew_found *items; uint32_t n; /* by list score; rows are shared only where one lies in another and one alone may be
                                    confirmed */
    float *fringe;       /* [rows] F */
    uint32_t candidates, significant, decoys;
    uint32_t tested;     /* rows in the test */
    double threshold;    /* the smallest significant s; infinite: none */
    struct ew_fdr_step *fdr; uint32_t n_fdr;
} ew_findings;

/* A decoy as it was drawn. */
typedef struct ew_decoy {
    uint32_t number;
    ew_token_lists tokens;
    const uint32_t *topic; /* [tokens.n] */
    const uint32_t *row;   /* [tokens.n] the row of the corpus that it was drawn from; NULL: its own number */
} ew_decoy;
typedef ew_status (*ew_decoy_fn)(void *data, const ew_decoy *decoy, ew_error *err);

typedef struct ew_needs_input {
    const ew_encoder *encoder;       /* of the vectors, and so of the decoys'; NULL: vectors were given in, no decoys */
    const ew_vectors *vectors;
    const ew_lists *lists;           /* by ew_needs_want */
    const ew_token_lists *tokens;
    const uint32_t *owner;           /* [rows] see ew_fringe */
    uint32_t vocab;
    float corpus_weight;
    double recall;                   /* of the lists of decoys and samples, as asked of those given */
    uint32_t decoys;
    uint32_t test_rows;              /* in the test, drawn by seed, 8 or more; 0, or as many as there are: all */
    uint64_t seed;
    ew_decoy_fn keep; void *keep_data; /* gets each decoy in order, by the calling thread; NULL: nobody wants them */
    int (*tick)(void *data, uint32_t done, uint32_t total); void *tick_data; /* progress after each decoy; nonzero cancels */
} ew_needs_input;

/* Sets every group's stability (graphs of 8 neighbours, and of shared ones among 15), and its list score anew. */
EW_MUST_CHECK ew_status ew_stability(const ew_lists *lists, const ew_tree *tree, ew_groups *groups, ew_pool *pool, ew_error *err);

/* Nothing but who says it stands between the group and the tier confirmed. */
int ew_may_be_confirmed(const ew_group *group, double threshold);
EW_MUST_CHECK ew_status ew_needs_find(const ew_needs_input *input, ew_pool *pool, ew_findings *out, ew_error *err);
void ew_findings_free(ew_findings *findings);

#endif
