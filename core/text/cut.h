/* A text cut into the pieces that likeness is measured on: runs of letters, digits and marks, cut at everything else, also at
 * apostrophes and hyphens, so that "it's" and "it 's", "log-in" and "log in" are alike; snake_case is one. A character of a
 * script without blanks is a piece alone. By bit masks, 64 bytes at a time. */
#ifndef EW_TEXT_CUT_H
#define EW_TEXT_CUT_H

#include "../kernels/fold.h"
#include "text.h"

typedef struct ew_cut {
    char *low;                       /* [n] the text with ASCII capitals made small; 64 zeros behind it */
    uint64_t *words, *wide, *breaks; /* a bit a byte: belongs to a piece; is 0x80 or more; begins another piece */
    size_t n, blocks;                /* bytes; room, in blocks of 64 bytes */
    unsigned flags;                  /* EW_FOLD_ of kernels/fold.h; wide and breaks are filled only where it says so */
} ew_cut;

void ew_cut_free(ew_cut *cut); /* {0} is an empty one */
EW_MUST_CHECK ew_status ew_cut_text(ew_cut *cut, const char *text, size_t n, ew_error *err);

/* The pieces in turn, found for some blocks at once: low[starts[k] .. ends[k]) for k < n. */
enum { EW_PIECES_BLOCKS = 8, EW_PIECES_MOST = EW_PIECES_BLOCKS * 33 + 16 };
typedef struct ew_pieces {
    size_t block, n, next;      /* next: for ew_piece_next */
    uint64_t carry;             /* whether the last byte before `block` belonged to a piece */
    uint32_t started;           /* where that piece began */
    uint32_t starts[EW_PIECES_MOST], ends[EW_PIECES_MOST];
} ew_pieces;

static inline void ew_pieces_begin(ew_pieces *pieces) { pieces->block = pieces->n = pieces->next = 0, pieces->carry = 0; }
int ew_pieces_more(const ew_cut *cut, ew_pieces *pieces); /* 0: there are no more */

static inline int ew_piece_next(const ew_cut *cut, ew_pieces *pieces, size_t *start, size_t *end) {
    if (pieces->next == pieces->n) {
        if (!ew_pieces_more(cut, pieces)) return 0;
        pieces->next = 0;
    }
    *start = pieces->starts[pieces->next];
    *end = pieces->ends[pieces->next++];
    return 1;
}

#endif
