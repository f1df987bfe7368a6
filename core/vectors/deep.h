/* deep: a transformer for texts, BERT-shaped (Devlin et al. 2018) and pooled into one vector (Reimers and Gurevych 2019), such
 * as all-MiniLM-L6-v2: token ids -> unit vectors. Ten thousand times the work of the static model.
 *
 * A model is a folder as sentence-transformers write it (config.json, model.safetensors, vocab.txt; sentence_bert_config.json and
 * 1_Pooling/config.json where they are there), or one file that ew_deep_convert made of such a folder. Everything is checked
 * before it is used; what is not of this shape is EW_INPUT with the reason.
 * int8: weights by output column, activations by token, products exact in integers: the same bits for any number of threads
 * and any instruction set. Float: on BLAS, the same bits for any number of threads on one kind of processor. */
#ifndef EW_VECTORS_DEEP_H
#define EW_VECTORS_DEEP_H

#include "vectors.h"

typedef enum ew_deep_kind { EW_DEEP_INT8, EW_DEEP_FLOAT } ew_deep_kind;
typedef enum ew_deep_pooling { EW_DEEP_MEAN, EW_DEEP_FIRST } ew_deep_pooling; /* of all tokens; the first token's */

typedef struct ew_deep_shape {
    uint32_t layers, width, heads, inner; /* width: of the vectors too */
    uint32_t vocab, positions;
    uint32_t most_tokens;                 /* of one text, [CLS] and [SEP] among them; what is beyond is cut off */
    uint32_t first, last;                 /* ids of [CLS] and [SEP] */
    uint32_t pooling;                     /* an ew_deep_pooling */
    float epsilon;                        /* of the layer norms */
    uint32_t unused;
    uint64_t vocabulary;                  /* ew_hash(vocab.txt, seed 0): whose ids these are */
} ew_deep_shape;

/* An ew_deep is read-only after opening: shared by all threads. */

/* path: a folder or a converted file; the latter is int8 only, and stays mapped until ew_deep_close. */
EW_MUST_CHECK ew_status ew_deep_open(const char *path, ew_deep_kind kind, ew_deep **out, ew_error *err);
/* The shape alone, in milliseconds; of a folder nothing is said of its weights. */
EW_MUST_CHECK ew_status ew_deep_look(const char *path, ew_deep_shape *out, ew_error *err);
void ew_deep_close(ew_deep *deep);
const ew_deep_shape *ew_deep_shape_of(const ew_deep *deep);
const char *ew_deep_digest(const ew_deep *deep); /* 16 hex digits: of the converted weights, or of the float ones */

/* The int8 form of a folder's model as one file, which opens in milliseconds. */
EW_MUST_CHECK ew_status ew_deep_convert(const char *folder, const char *path, ew_error *err);

/* out float [n, width], unit length; zeros where a list is empty. Lists come without [CLS] and [SEP], and with [UNK]; they are
 * cut to most_tokens - 2. Give each text once: none is recognised as a copy. `progress` (NULL: none) hears of "embed" and of
 * texts; if it returns nonzero, EW_CANCELLED. EW_USAGE for an id beyond the vocabulary. One caller a pool. */
EW_MUST_CHECK ew_status ew_deep_embed(const ew_deep *deep, const ew_token_lists *lists, ew_pool *pool, ew_progress_fn progress,
                                      void *progress_data, float *out, ew_error *err);

#endif
