/* The inside of a source, for source.c and frames.c. */
#ifndef EW_READ_SOURCE_H
#define EW_READ_SOURCE_H

#include <zlib.h>

#include "inside.h"

struct ew_source {
    const char *label;
    int file;                    /* -1: memory */
    bool own_file;
    const unsigned char *in;     /* undecoded input: in[at .. have) */
    unsigned char *buffer;       /* what `in` points to for a file */
    size_t room;                 /* of buffer */
    size_t at, have, chunk;
    bool in_end;                 /* nothing behind in[have) */
    enum { EW_PLAIN, EW_ZSTD, EW_GZIP } kind;
    int window_log;
    struct ZSTD_DCtx_s *zstd;
    z_stream gzip;
    bool gzip_ready;
    bool inside;                 /* a frame or member has begun and not ended */
    uint64_t consumed, produced;
    ew_status failed;            /* an error that waits for the bytes before it to be handed out */
    ew_error error;
};

/* More undecoded input behind what there is, which may come to lie elsewhere; in_end is set when there is none. At most `most`
 * bytes are held. */
EW_MUST_CHECK ew_status ew_source_fill(ew_source *source, size_t most, ew_error *err);
ew_status ew_source_damaged(const char *label, uint64_t produced, const char *format_name, const char *why, ew_error *err);

#endif
