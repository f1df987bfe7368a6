/* pack: any readable input -> JSONL in zstd frames of about 1 MiB, cut between records, with an index of the frames at the end
 * (the zstd seekable format: a frame that decoders skip), so that it is read in parallel and sought in.
 *
 * Objects of JSONL and JSON inputs stay as they are, byte for byte (a line break between the parts of one becomes a blank); a
 * row of CSV or TSV becomes an object of strings under the header's names, a repeated name with "~" and its column's number.
 * What is no object, or no row, is rejected and left out. The bytes written depend on the bytes of
 * the inputs (compressed or not: as they lie on disk) and the level alone. */
#ifndef EW_READ_PACK_H
#define EW_READ_PACK_H

#include "../base/output.h"
#include "read.h"

/* Runs a reader from which nothing has been read; *n gets the records written. The output stays to be committed. level:
 * 1 to 19. */
EW_MUST_CHECK ew_status ew_pack(ew_reader *reader, ew_pool *pool, int level, ew_output *output, uint64_t *n, ew_error *err);

#endif
