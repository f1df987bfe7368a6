#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

ew_status ew_buffer_reserve(ew_buffer *buffer, size_t more, ew_error *err) {
    size_t want;
    if (__builtin_add_overflow(buffer->length, more, &want) || want > buffer->max)
        return ew_fail(err, EW_RESOURCE, "a buffer would pass its limit of %zu bytes", buffer->max);
    if (want <= buffer->capacity) return EW_OK;
    size_t capacity = buffer->capacity + buffer->capacity / 2 + 64;
    if (capacity < want) capacity = want;
    if (capacity > buffer->max) capacity = buffer->max;
    char *data = ew_realloc(buffer->data, capacity, 1);
    if (!data) return ew_fail_memory(err, capacity, "a buffer");
    buffer->data = data;
    buffer->capacity = capacity;
    return EW_OK;
}

ew_status ew_buffer_append(ew_buffer *buffer, const void *bytes, size_t n, ew_error *err) {
    ew_status status = ew_buffer_reserve(buffer, n, err);
    if (status != EW_OK) return status;
    if (n) memcpy(buffer->data + buffer->length, bytes, n);
    buffer->length += n;
    return EW_OK;
}

ew_status ew_buffer_printf(ew_buffer *buffer, ew_error *err, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    ew_status status = n < 0 ? ew_fail(err, EW_INTERNAL, "a format could not be written")
                             : ew_buffer_reserve(buffer, (size_t)n + 1, err);
    if (status == EW_OK) {
        vsnprintf(buffer->data + buffer->length, (size_t)n + 1, format, again);
        buffer->length += (size_t)n;
    }
    va_end(again);
    va_end(args);
    return status;
}

void ew_buffer_clear(ew_buffer *buffer) { buffer->length = 0; }

void ew_buffer_free(ew_buffer *buffer) {
    ew_free(buffer->data);
    buffer->data = NULL;
    buffer->length = buffer->capacity = 0;
}
