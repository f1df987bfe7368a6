/* Memory: every allocation of edgewise goes through here, so that a caller can replace it and a test can make it fail. */
#ifndef EW_BASE_ALLOC_H
#define EW_BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* n * size bytes (overflow checked), zeroed by ew_calloc; NULL when there are none. n * size == 0 gives a valid pointer. */
void *ew_alloc(size_t n, size_t size) __attribute__((malloc));
void *ew_calloc(size_t n, size_t size) __attribute__((malloc));
/* Grows or shrinks; on failure NULL is returned and `memory` stays valid. */
void *ew_realloc(void *memory, size_t n, size_t size);
/* The same for arrays that may lie in a file where they are large (spill.h); ew_realloc and ew_free take them too.
 * ew_realloc_spilled: of `memory`, spilled or not, the first `held` bytes stay. */
void *ew_alloc_spilled(size_t n, size_t size) __attribute__((malloc));
void *ew_calloc_spilled(size_t n, size_t size) __attribute__((malloc));
void *ew_realloc_spilled(void *memory, size_t held, size_t n, size_t size);
char *ew_strndup(const char *text, size_t length); /* a NUL-terminated copy */

/* For tests: the `after`-th allocation from now on fails, and all behind it; 0 switches this off. Any thread counts. */
void ew_alloc_fail_after(uint64_t after);

#endif
