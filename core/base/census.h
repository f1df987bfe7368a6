/* A census: of a set of 64-bit keys that is entered first, how many texts have each. The table has its size from the start, so
 * nothing fails later. Keys are hashes: whoever wrote the texts may not choose them (see hash.h for which to take). */
#ifndef EW_BASE_CENSUS_H
#define EW_BASE_CENSUS_H

#include <stdint.h>

#include "status.h"

typedef struct ew_census_slot { uint64_t key; uint32_t n, last; } ew_census_slot; /* key 0: free; last: the last text + 1 */
/* entered: bits, as most keys that are asked for were not */
typedef struct ew_census { ew_census_slot *slots; uint64_t mask, *entered; } ew_census;

/* Room for `most` keys; all zeros is a census without keys that only ew_census_of and ew_census_free may see. */
EW_MUST_CHECK ew_status ew_census_init(ew_census *census, uint64_t most, const char *what, ew_error *err);
void ew_census_enter(ew_census *census, uint64_t key);
/* A text that has an entered key counts as `n`, once where it comes again before another does; other keys are passed over. */
void ew_census_count(ew_census *census, uint64_t key, uint32_t text, uint32_t n);
uint32_t ew_census_of(const ew_census *census, uint64_t key); /* 0: nothing, or not entered */
void ew_census_free(ew_census *census);

#endif
