/* embed by what must see the whole corpus first, or has no stream: all of the input is held in memory. */
#ifndef EW_ALONE_CORPUS_H
#define EW_ALONE_CORPUS_H

#include "mining.h"

/* As ew_embed_file, with the part that is learned from the corpus. */
EW_MUST_CHECK ew_status ew_embed_corpus_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                             uint64_t *n_out, ew_error *err);
/* As ew_embed_file, by the deep encoder (options.deep). */
EW_MUST_CHECK ew_status ew_embed_deep_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                           uint64_t *n_out, ew_error *err);
/* Token lists of all comments, one after the other: *all is the caller's, as is *starts [comments + 1]. keep: [vocabulary], which
 * pieces; NULL: all, [UNK] too. */
EW_MUST_CHECK ew_status ew_corpus_tokens(ew_mining *m, const char *keep, uint32_t **all, uint64_t **starts, ew_error *err);


/* "static", "student" or "deep": whose vectors `embed` writes. */
const char *ew_embed_encoder(const ew_options *options);

#endif
