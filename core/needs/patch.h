/* patch: some hundred rows that lie together in the tree, and what a group within them is measured by. Groups are nested, so what
 * they share is added up once, and a group's own is a difference of two sums: in integers, hence exact. */
#ifndef EW_NEEDS_PATCH_H
#define EW_NEEDS_PATCH_H

#include "needs.h"

/* A place of a list, and which row of the patch stands there, or EW_PATCH_OWN: one with the same owner, never an outsider. */
#define EW_PATCH_OWN UINT32_MAX
typedef struct ew_within { uint32_t place, row; int32_t dot; } ew_within;

enum { EW_PATCH_KNOWN = 3 };

typedef struct ew_patch {
    const ew_tree *tree;
    const ew_vectors *vectors;
    const ew_lists *lists;
    const float *fringe;
    const ew_token_lists *tokens;
    uint32_t first;         /* its rows: tree->order[first ..] */
    const uint32_t *place;  /* [n] of a row in tree->order */
    const uint32_t *owner;  /* [n] see ew_fringe; NULL */
    uint32_t *before, *after; /* [most] the row of the patch that has the same owner before it, and behind it; EW_NONE */
    int32_t *sums;          /* [most + 1, stride] of the rows before */
    int64_t *squares;       /* [most + 1] of the lengths of the rows before */
    int64_t *dots;          /* [most, k + 1] of a row's list: of the neighbours before */
    ew_within *within;      /* [most, k] those of a row's neighbours that are in the patch, or of its owner, the nearest first */
    uint32_t *many;         /* [most] how many these are */
    const float *share;     /* [vocab] share of rows that hold a token; NULL: T2 is not wanted */
    double *known;          /* [vocab, EW_PATCH_KNOWN] see told of patch.c; 0: not known yet */
    uint32_t *number, *stamp, round; /* [vocab] a token's number in the patch, if its stamp is the round */
    uint32_t *words, *token, room;   /* [room] each row's tokens by their numbers, once each; which these are */
    uint32_t *word;         /* [most + 1] where a row's begin */
    uint32_t *count, *touched, *voice; /* [room] scratch, counts all zero between groups */
} ew_patch;

/* share [vocab] out: of the rows, how many hold a token. */
EW_MUST_CHECK ew_status ew_patch_shares(const ew_token_lists *tokens, uint32_t vocab, float *share, ew_error *err);
/* For patches of up to `most` rows. What is given must outlive it; share NULL: T2 is not wanted. Free in any case. */
EW_MUST_CHECK ew_status ew_patch_init(ew_patch *patch, const ew_tree *tree, const uint32_t *place, const ew_vectors *vectors,
                                      const ew_lists *lists, const float *fringe, const ew_token_lists *tokens,
                                      const uint32_t *owner, const float *share, uint32_t vocab, uint32_t most, ew_error *err);
EW_MUST_CHECK ew_status ew_patch_fill(ew_patch *patch, uint32_t first, uint32_t size, ew_error *err);
/* fbar, inside, b10, b30, words, t1, t2 of a group of the patch's rows, by its first and size. */
void ew_patch_measure(ew_patch *patch, ew_group *group);
void ew_patch_free(ew_patch *patch);

#endif
