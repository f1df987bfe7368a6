/* A tokenizer made from a tokenizer.json, and what all kinds tell of their pieces. */
#include <string.h>

#include "../base/alloc.h"
#include "inside.h"
#include "pipeline.h"

ew_status ew_tokenizer_import(const char *name, const char *json, size_t n, ew_tokenizer **out, ew_error *err) {
    ew_pipeline *pipeline;
    ew_text vocab;
    *out = NULL;
    ew_status status = ew_pipeline_load(name, json, n, &pipeline, &vocab, err);
    if (status != EW_OK) return status;
    if (!pipeline) { /* a body of its own does the same, faster */
        status = ew_tokenizer_create(vocab.data, vocab.n, out, err);
        ew_free(vocab.data);
        return status;
    }
    ew_tokenizer *t = ew_calloc(1, sizeof *t);
    if (!t) {
        ew_pipeline_free(pipeline);
        return ew_fail_memory(err, sizeof *t, "the tokenizer");
    }
    t->pipeline = pipeline;
    t->size = pipeline->size;
    t->unknown = pipeline->unknown;
    *out = t;
    return EW_OK;
}

const char *ew_tokenizer_kind(const ew_tokenizer *t) {
    static const char *const kinds[] = {"WordPiece", "Unigram", "BPE", "WordLevel"};
    return kinds[t->pipeline ? t->pipeline->kind : EW_WORDPIECE];
}

int ew_tokenizer_continues(const ew_tokenizer *t, uint32_t id) {
    if (t->pipeline) return id < t->size && t->pipeline->continues[id];
    const char *piece = ew_tokenizer_piece(t, id);
    return piece[0] == '#' && piece[1] == '#' && piece[2];
}

const char *ew_tokenizer_part(const ew_tokenizer *t, uint32_t id) {
    if (t->pipeline) return id < t->size ? t->pipeline->text + t->pipeline->starts[2 * (size_t)id + 1] : "";
    return ew_tokenizer_piece(t, id) + (ew_tokenizer_continues(t, id) ? 2 : 0);
}
