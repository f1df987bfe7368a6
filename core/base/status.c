#include "status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static ew_status fill(ew_error *err, ew_status code, const char *place, const char *format, va_list args) {
    if (!err) return code;
    err->code = code;
    int n = snprintf(err->message, sizeof err->message, "%s", place);
    size_t used = n < 0 ? 0 : (size_t)n < sizeof err->message ? (size_t)n : sizeof err->message - 1;
    vsnprintf(err->message + used, sizeof err->message - used, format, args);
    for (char *p = err->message; *p; p++)
        if ((unsigned char)*p < 0x20) *p = ' '; /* one line, whatever a file name or a field holds */
    return code;
}

ew_status ew_fail(ew_error *err, ew_status code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (err) err->line = err->byte = 0;
    fill(err, code, "", format, args);
    va_end(args);
    return code;
}

ew_status ew_fail_at(ew_error *err, ew_status code, const char *name, uint64_t line, uint64_t byte, const char *format, ...) {
    char place[300];
    if (line)
        snprintf(place, sizeof place, "%.200s:%" PRIu64 ": byte %" PRIu64 ": ", name, line, byte);
    else
        snprintf(place, sizeof place, "%.200s: ", name);
    if (err) {
        err->line = line;
        err->byte = byte;
    }
    va_list args;
    va_start(args, format);
    fill(err, code, place, format, args);
    va_end(args);
    return code;
}

ew_status ew_fail_memory(ew_error *err, size_t bytes, const char *what) {
    return ew_fail(err, EW_RESOURCE, "out of memory: %zu bytes for %s; give the run more memory or less input", bytes, what);
}
