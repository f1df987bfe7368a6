/* An output file that is either whole or not there: written under a temporary name beside its own, renamed at the end. */
#ifndef EW_BASE_OUTPUT_H
#define EW_BASE_OUTPUT_H

#include <stdint.h>
#include <stdio.h>

#include "buffer.h"

typedef struct ew_output {
    char *path, *temporary; /* owned; temporary NULL where the path is "-" (standard output) or a device */
    int file;
    ew_buffer pending;
} ew_output;

EW_MUST_CHECK ew_status ew_output_open(ew_output *output, const char *path, ew_error *err);
EW_MUST_CHECK ew_status ew_output_write(ew_output *output, const void *bytes, size_t n, ew_error *err);
EW_MUST_CHECK ew_status ew_output_printf(ew_output *output, ew_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Writes n bytes over those at `at`, written earlier: only where `temporary` is not NULL. */
EW_MUST_CHECK ew_status ew_output_rewrite(ew_output *output, uint64_t at, const void *bytes, size_t n, ew_error *err);
/* Flushes, closes and renames; afterwards the output is empty. */
EW_MUST_CHECK ew_status ew_output_commit(ew_output *output, ew_error *err);
/* Throws away what was not committed; harmless afterwards or on a zeroed struct. */
void ew_output_abandon(ew_output *output);

/* Makes folder `path` (and its parents); EW_RESOURCE with a reason if it cannot be written to. */
EW_MUST_CHECK ew_status ew_make_folder(const char *path, ew_error *err);

#endif
