/* sort: words in ascending order, by radix where they are many. */
#ifndef EW_BASE_SORT_H
#define EW_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Ascending; spare has n places. No input makes it slower than n log n. */
void ew_sort_u64(uint64_t *items, uint64_t *spare, size_t n);

#endif
