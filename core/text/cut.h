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
    unsigned flags;                  /* EW_FOLD_ of kernels/fold.h */
} ew_cut;

void ew_cut_free(ew_cut *cut); /* {0} is an empty one */
EW_MUST_CHECK ew_status ew_cut_text(ew_cut *cut, const char *text, size_t n, ew_error *err);

/* The first bit of bits from `at` on; there is one. */
static inline size_t ew_cut_bit(const uint64_t *bits, uint64_t flip, size_t at) {
    size_t block = at / 64;
    uint64_t left = (bits[block] ^ flip) >> (at % 64);
    if (left) return at + (size_t)__builtin_ctzll(left);
    do left = bits[++block] ^ flip;
    while (!left);
    return block * 64 + (size_t)__builtin_ctzll(left);
}

/* The piece at or behind *at: low[*start .. *at); 0 at the end. */
static inline int ew_cut_next(const ew_cut *cut, size_t *at, size_t *start) {
    *start = ew_cut_bit(cut->words, 0, *at);
    if (*start >= cut->n) return 0;
    size_t end = *start;
    do end = ew_cut_bit(cut->words, UINT64_MAX, end + 1);
    while (cut->low[end] == '_' && cut->words[(end + 1) / 64] >> ((end + 1) % 64) & 1 && end + 1 < cut->n);
    if (cut->flags & EW_FOLD_WIDE) { /* wide characters may begin others */
        size_t next = ew_cut_bit(cut->breaks, 0, *start + 1);
        if (next < end) end = next;
    }
    *at = end;
    return 1;
}

#endif
