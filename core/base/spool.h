/* The corpus' text on its way through: appended once to an unnamed temporary file, then mapped read-only. So the text of a
 * large corpus lives in the page cache, which the kernel can take back, and not in the heap. */
#ifndef EW_BASE_SPOOL_H
#define EW_BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef struct ew_spool {
    int file;              /* -1: none */
    ew_buffer pending;     /* not yet written */
    uint64_t size;         /* bytes appended */
    const char *map;       /* after ew_spool_seal: all of it; never NULL then */
    size_t mapped;
} ew_spool;

/* A file without a name in $TMPDIR or /tmp, gone when it is closed; below 0: there can be none (errno). */
int ew_temporary_file(void);

/* The file is made in $TMPDIR or /tmp and has no name: it is gone with the process. */
EW_MUST_CHECK ew_status ew_spool_open(ew_spool *spool, ew_error *err);
/* Appends and returns where the bytes begin. One thread at a time. */
EW_MUST_CHECK ew_status ew_spool_append(ew_spool *spool, const void *bytes, size_t n, uint64_t *at, ew_error *err);
/* Ends the appending and maps the file. */
EW_MUST_CHECK ew_status ew_spool_seal(ew_spool *spool, ew_error *err);
void ew_spool_close(ew_spool *spool);

#endif
