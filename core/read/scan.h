/* Finding a byte of a small set, eight bytes at a time. The tricks are exact for the first hit of a word: a borrow can
 * only disturb bytes behind it. */
#ifndef EW_READ_SCAN_H
#define EW_READ_SCAN_H

#include <stddef.h>

#include "../base/bytes.h"

#define EW_ONES 0x0101010101010101u
#define EW_TOPS 0x8080808080808080u

/* A top bit at each byte that is zero (from the first one on). */
static inline uint64_t ew_scan_zero(uint64_t word) { return (word - EW_ONES) & ~word & EW_TOPS; }
/* The same for bytes equal to c, and for bytes below n (n <= 128). */
static inline uint64_t ew_scan_equal(uint64_t word, unsigned char c) { return ew_scan_zero(word ^ (EW_ONES * c)); }
static inline uint64_t ew_scan_below(uint64_t word, unsigned char n) { return (word - EW_ONES * n) & ~word & EW_TOPS; }

static inline size_t ew_scan_first(uint64_t hits) { return (size_t)__builtin_ctzll(hits) / 8; }

#endif
