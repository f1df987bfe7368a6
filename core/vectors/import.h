/* Models of others: a folder with model.safetensors and tokenizer.json, as model2vec and sentence-transformers write it. */
#ifndef EW_VECTORS_IMPORT_H
#define EW_VECTORS_IMPORT_H

#include "../tokens/tokens.h"
#include "vectors.h"

typedef struct ew_bytes {
    char *data;
    size_t n;
} ew_bytes; /* owned */

/* A whole regular file in memory: what happens to the file afterwards changes nothing. */
EW_MUST_CHECK ew_status ew_bytes_read(const char *path, const char *what, ew_bytes *out, ew_error *err);
void ew_bytes_free(ew_bytes *bytes);

typedef struct ew_model_source { /* what was imported */
    const char *form;            /* "model2vec", "sentence-transformers" */
    char type[8];                /* of its values */
    uint64_t rows;               /* of its table: fewer than pieces where the vocabulary was quantised */
    int weights, mapping;
} ew_model_source;

/* The two files' bytes -> a model file of our own. rows: the table's name, NULL: the usual one. EW_INPUT with the reason. */
EW_MUST_CHECK ew_status ew_model_convert(const char *name, const ew_bytes *table, const ew_bytes *tokenizer, const char *rows,
                                         ew_bytes *out, ew_model_source *from, ew_error *err);
EW_MUST_CHECK ew_status ew_model_read_folder(const char *path, ew_bytes *out, ew_model_source *from, ew_error *err);

/* The tokenizer that belongs to an open model; checked to have as many pieces as the model rows. */
EW_MUST_CHECK ew_status ew_model_tokenizer(const ew_model *model, ew_tokenizer **out, ew_error *err);

#endif
