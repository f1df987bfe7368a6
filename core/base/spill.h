/* Large arrays that need not be in memory all of the time: mapped from unnamed files, so that what nobody looks at can leave.
 *
 * ew_alloc_spilled (alloc.h) makes them; ew_realloc and ew_free take them like any other memory. Small ones, and all where
 * there is no room on the disk or the caller has an allocator of his own, are ordinary memory. Once the process has more than
 * a third of their bytes resident (128 MiB at least), of files more than an eighth, and is about to need more than ever before,
 * all of it goes back to the page cache, from where it returns page by page as it is touched; so it does close to the ceiling
 * that a run was given. A thread looks fifty times a second while there are 16 MiB of them. Contents never change by this, so
 * nothing that is computed does. For what is written once and read in some order: a page that is written here and there again
 * and again costs more in a file than the work on it. */
#ifndef EW_BASE_SPILL_H
#define EW_BASE_SPILL_H

#include <stddef.h>
#include <stdint.h>

enum { EW_SPILL_LEAST = 16 << 20 }; /* bytes of an array that goes to a file */
/* Four times as many, or more: for whoever can do with less memory at some price. */
int ew_spill_large(size_t bytes);

/* NULL: it has to be ordinary memory. Zeros. */
void *ew_spill_take(size_t bytes);
/* 0: it is none. Otherwise it is gone. */
int ew_spill_free(void *memory);
/* Whether `memory` is one; *moved gets its new place, NULL where there is no room (it stays valid then). */
int ew_spill_resize(void *memory, size_t bytes, void **moved);

/* A mapping of somebody else's, which rests with the others until it is disowned. */
void ew_spill_adopt(void *map, size_t bytes);
void ew_spill_disown(void *map);

void ew_spill_rest(void); /* nothing of them stays resident */
void ew_spill_trim(void); /* the same, and what has been freed goes back to the system where the C library can do so */

/* What the process should stay within, as far as these arrays can help; 0: nothing. Returns what it was before, for the end of
 * the run. Of runs at the same time the one begun last has its way. */
size_t ew_spill_within(size_t bytes);

/* For tests: what counts as large from now on; 0: EW_SPILL_LEAST. */
void ew_spill_from(size_t bytes);

#endif
