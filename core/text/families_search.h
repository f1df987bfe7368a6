/* What a search for families knows while it goes band by band (families.c), and the pairs that a band leads to (collect.c). */
#ifndef EW_TEXT_FAMILIES_SEARCH_H
#define EW_TEXT_FAMILIES_SEARCH_H

#include "families.h"
#include "families_inside.h"

enum {
    EW_SEARCH_CROWD = 6,    /* rows from which on a crowd that is alike in time is a campaign */
    EW_SEARCH_IN_VAIN = 60, /* comparisons that showed no likeness: two texts that both had as many are in a crowd of no family */
    EW_SEARCH_BANDS = 4     /* that are read at once, by several threads */
};

typedef struct ew_pair_set { uint64_t *slots; size_t n, mask; } ew_pair_set; /* slots hold a << 32 | b; 0: empty (a < b) */

typedef struct ew_family_search {
    const ew_family_rows *rows;
    const ew_voices *voices;
    uint32_t *place;            /* [voices] in order of time, then of content: a burst stands together in its bucket */
    uint32_t *at_place;         /* the inverse */
    uint32_t *parent;           /* [voices] joined for sure */
    uint32_t *crowd;            /* [voices] joined with those that are alike in time */
    uint32_t *crowd_rows;       /* [voices] of a root: how many rows its crowd has */
    uint8_t *in_vain;           /* [voices] comparisons without likeness, up to EW_SEARCH_IN_VAIN */
    ew_band bands[EW_SEARCH_BANDS];
    size_t first_band;
    size_t band;                /* the one whose members are looked at */
    ew_buffer *parts; size_t n_parts; /* pairs of each stretch of its members */
    ew_pair_set tried;
    ew_buffer pairs, verdicts, near;
} ew_family_search;

/* search->pairs: those that the members of search->band lead to and no band led to before, each once. parent and crowd are flat:
 * each one's is its root. */
EW_MUST_CHECK ew_status ew_family_pairs(ew_family_search *search, const ew_band *members, ew_pool *pool, ew_error *err);

#endif
