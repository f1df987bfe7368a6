/* embed with the part that is learned from the corpus. */
#ifndef EW_ALONE_CORPUS_H
#define EW_ALONE_CORPUS_H

#include "edgewise.h"

/* As ew_embed_file; all of the input is held in memory, as the part must see it whole before it is used. */
EW_MUST_CHECK ew_status ew_embed_corpus_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                             uint64_t *n_out, ew_error *err);

#endif
