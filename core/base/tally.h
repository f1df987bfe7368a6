/* A tally: of a set of 64-bit keys that is entered first, how many texts have each. The table has its size from the start, so
 * nothing fails later. Keys are hashes: whoever wrote the texts may not choose them (see hash.h for which to take). */
#ifndef EW_BASE_TALLY_H
#define EW_BASE_TALLY_H

#include <stdint.h>

#include "status.h"

typedef struct ew_tally_slot { uint64_t key; uint32_t n, last; } ew_tally_slot; /* key 0: free; last: the last text + 1 */
typedef struct ew_tally { ew_tally_slot *slots; uint64_t mask, *entered; } ew_tally; /* entered: bits, most asked for are not */

/* Room for `most` keys; all zeros is a tally without keys that only ew_tally_of and ew_tally_free may see. */
EW_MUST_CHECK ew_status ew_tally_init(ew_tally *tally, uint64_t most, const char *what, ew_error *err);
void ew_tally_enter(ew_tally *tally, uint64_t key);
/* A text that has an entered key counts as `n`, once where it comes again before another does; other keys are passed over. */
void ew_tally_count(ew_tally *tally, uint64_t key, uint32_t text, uint32_t n);
uint32_t ew_tally_of(const ew_tally *tally, uint64_t key); /* 0: nothing, or not entered */
void ew_tally_free(ew_tally *tally);

#endif
