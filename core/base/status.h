/* Errors: how a stage says what went wrong. Functions return ew_status; the first failure fills the caller's ew_error. */
#ifndef EW_BASE_STATUS_H
#define EW_BASE_STATUS_H

#include "../edgewise.h"

/* Leaves the enclosing function by its `done:` label when a call fails; needs a local `ew_status status`. */
#define EW_TRY(call)                                                                                                   \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != EW_OK) goto done;                                                                                \
    } while (0)

/* Fills `err` (may be NULL) and returns `code`. The message is lower case, quotes its subject, says what to do. */
ew_status ew_fail(ew_error *err, ew_status code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, about a place in an input: "NAME:LINE: byte B: message". line 0: "NAME: message". */
ew_status ew_fail_at(ew_error *err, ew_status code, const char *name, uint64_t line, uint64_t byte, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* EW_RESOURCE: `bytes` for `what` could not be had. */
ew_status ew_fail_memory(ew_error *err, size_t bytes, const char *what);

#endif
