#include "alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../edgewise.h"
#include "spill.h"

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

/* Mappings begin with a page, what malloc gives of their size does not. */
static int may_be_spilled(const void *memory) { return memory && ((uintptr_t)memory & 4095) == 0; }

void *ew_realloc(void *memory, size_t n, size_t size) {
    size_t bytes;
    void *moved;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    if (may_be_spilled(memory) && !resizer && ew_spill_resize(memory, bytes, &moved)) return moved;
    return resize(memory, bytes);
}

void *ew_alloc_spilled(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    void *memory = resizer ? NULL : ew_spill_take(bytes);
    return memory ? memory : resize(NULL, bytes);
}

void *ew_calloc_spilled(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    void *memory = resizer ? NULL : ew_spill_take(bytes);
    return memory ? memory : ew_calloc(n, size);
}

void *ew_realloc_spilled(void *memory, size_t held, size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    void *spilled = resizer || may_be_spilled(memory) ? NULL : ew_spill_take(bytes);
    if (!spilled) return ew_realloc(memory, n, size);
    if (held) memcpy(spilled, memory, held);
    ew_free(memory);
    return spilled;
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
    else if (!may_be_spilled(memory) || !ew_spill_free(memory))
        free(memory);
}
