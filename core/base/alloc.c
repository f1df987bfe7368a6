#include "alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../edgewise.h"

static void *(*resizer)(void *data, void *memory, size_t bytes);
static void *resizer_data;
static atomic_uint_fast64_t failing; /* allocations left before they fail, plus one; 0: never */

void ew_set_allocator(void *(*resize)(void *data, void *memory, size_t bytes), void *data) {
    resizer = resize;
    resizer_data = data;
}

void ew_alloc_fail_after(uint64_t after) { atomic_store(&failing, after); }

static int fails(void) {
    uint_fast64_t left = atomic_load_explicit(&failing, memory_order_relaxed);
    while (left > 1)
        if (atomic_compare_exchange_weak(&failing, &left, left - 1)) return 0;
    return left == 1;
}

static void *resize(void *memory, size_t bytes) {
    if (fails()) return NULL;
    if (bytes == 0) bytes = 1;
    return resizer ? resizer(resizer_data, memory, bytes) : realloc(memory, bytes);
}

void *ew_alloc(size_t n, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ? NULL : resize(NULL, bytes);
}

void *ew_calloc(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    if (!resizer) return fails() ? NULL : calloc(bytes ? bytes : 1, 1); /* pages from the kernel are zero already */
    void *memory = resize(NULL, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

void *ew_realloc(void *memory, size_t n, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ? NULL : resize(memory, bytes);
}

char *ew_strndup(const char *text, size_t length) {
    char *copy = length == SIZE_MAX ? NULL : ew_alloc(length + 1, 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

void ew_free(void *memory) {
    if (!memory) return;
    if (resizer)
        resizer(resizer_data, memory, 0);
    else
        free(memory);
}
