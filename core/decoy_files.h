/* The decoys of a run as files that a person can read (options.keep_decoys). */
#ifndef EW_DECOY_FILES_H
#define EW_DECOY_FILES_H

#include "base/output.h"
#include "mining.h"

/* decoy-01.jsonl.zst, ... in a folder, all under temporary names until the last is whole. */
typedef struct ew_decoy_files {
    const ew_mining *m;
    const char *folder;
    ew_output *outputs; uint32_t n; /* [options.decoys], n begun */
    void *encoder;                  /* of zstd */
    ew_buffer text, lines, frame;   /* scratch */
} ew_decoy_files;

EW_MUST_CHECK ew_status ew_decoy_files_begin(const ew_mining *m, ew_decoy_files *out, ew_error *err);
/* An ew_decoy_fn; data is the ew_decoy_files. Decoys come in order, so the bytes do not depend on threads. */
EW_MUST_CHECK ew_status ew_decoy_files_add(void *data, const ew_decoy *decoy, ew_error *err);
/* Gives all of them their names, and removes those of a longer row of decoys that was there before. */
EW_MUST_CHECK ew_status ew_decoy_files_commit(ew_decoy_files *files, ew_error *err);
void ew_decoy_files_end(ew_decoy_files *files); /* what was not committed goes */

#endif
