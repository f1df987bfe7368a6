/* A growable run of bytes with a declared maximum. */
#ifndef EW_BASE_BUFFER_H
#define EW_BASE_BUFFER_H

#include <stddef.h>

#include "status.h"

typedef struct ew_buffer {
    char *data;    /* owned; NULL while empty */
    size_t length, capacity;
    size_t max;    /* bytes it may ever hold */
} ew_buffer;

#define EW_BUFFER_INIT(limit) {NULL, 0, 0, (limit)}
#define EW_BUFFER_ANY ((size_t)1 << 46)

/* Room for `more` bytes beyond length; EW_RESOURCE beyond max or without memory. */
EW_MUST_CHECK ew_status ew_buffer_reserve(ew_buffer *buffer, size_t more, ew_error *err);
EW_MUST_CHECK ew_status ew_buffer_append(ew_buffer *buffer, const void *bytes, size_t n, ew_error *err);
EW_MUST_CHECK ew_status ew_buffer_printf(ew_buffer *buffer, ew_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ew_buffer_clear(ew_buffer *buffer); /* length 0, memory kept */
void ew_buffer_free(ew_buffer *buffer);

#endif
