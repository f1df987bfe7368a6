/* Texts -> static vectors. Some texts are tokenized, then their rows summed. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/clock.h"
#include "../tokens/parts.h"
#include "inside.h"

enum {
    GROUP = 2048,       /* texts tokenized before their rows are summed, ... */
    GROUP_IDS = 1 << 17, /* or as many as have this many ids: the word cache and the model's rows evict each other, so seldom */
    PIECE = 1 << 16      /* bytes of a longer text that are tokenized at a time */
};

struct ew_embedder {
    const ew_model *model;
    const ew_tokenizer *tokenizer;
    ew_token_cache *cache;
    ew_ids ids;          /* of the texts under way, [UNK] left out */
    size_t ends[GROUP];  /* of each text's ids */
    double tokens, sums; /* seconds */
};

ew_status ew_embedder_create(const ew_model *model, const ew_tokenizer *tokenizer, ew_embedder **out, ew_error *err) {
    *out = NULL;
    if (ew_tokenizer_size(tokenizer) > model->vocab)
        return ew_fail(err, EW_USAGE, "the model has %u rows, the vocabulary %u pieces; use the model with its own vocabulary",
                       model->vocab, ew_tokenizer_size(tokenizer));
    ew_embedder *e = ew_calloc(1, sizeof *e);
    if (!e) return ew_fail_memory(err, sizeof *e, "an embedder");
    e->model = model;
    e->tokenizer = tokenizer;
    ew_status status = ew_token_cache_create(tokenizer, &e->cache, err);
    if (status == EW_OK)
        *out = e;
    else
        ew_free(e);
    return status;
}

void ew_embedder_free(ew_embedder *embedder) {
    if (!embedder) return;
    ew_token_cache_free(embedder->cache);
    ew_ids_free(&embedder->ids);
    ew_free(embedder);
}

void ew_embedder_seconds(const ew_embedder *embedder, double *tokens, double *sums) {
    *tokens = embedder->tokens;
    *sums = embedder->sums;
}

/* Appends the ids of one text, in its parts, or of a piece of one. */
static ew_status tokenize(ew_embedder *e, const ew_view *parts, uint32_t n, ew_error *err) {
    size_t kept = e->ids.n;
    uint32_t unknown = ew_tokenizer_unknown(e->tokenizer);
    ew_status status = ew_tokenize_parts(e->tokenizer, e->cache, parts, n, &e->ids, err);
    if (status != EW_OK) return status;
    for (size_t i = kept; i < e->ids.n; i++) {
        e->ids.items[kept] = e->ids.items[i];
        kept += e->ids.items[i] != unknown;
    }
    e->ids.n = kept;
    return EW_OK;
}

/* A blank ends every word, whatever stands around it: a text may be cut there. */
static size_t piece_end(const char *text, size_t n) {
    size_t end = PIECE;
    while (end < n && text[end] != ' ' && text[end] != '\n') end++;
    return end < n ? end : n;
}

/* A text of any length into one row, its ids never held all at once. */
static ew_status long_text(ew_embedder *e, const ew_view *parts, uint32_t n_parts, float *row, ew_error *err) {
    ew_status status = EW_OK;
    e->ids.n = 0;
    memset(row, 0, e->model->d * sizeof *row);
    for (uint32_t p = 0; p < n_parts; p++)
        for (size_t at = 0, end; at < parts[p].length; at += end) {
            double begun = ew_wall();
            end = piece_end(parts[p].data + at, parts[p].length - at);
            EW_TRY(tokenize(e, &(ew_view){parts[p].data + at, (uint32_t)end}, 1, err));
            double between = ew_wall();
            size_t whole = e->ids.n / EW_STATIC_PART * EW_STATIC_PART;
            ew_static_add(e->model, e->ids.items, whole, 0, row);
            memmove(e->ids.items, e->ids.items + whole, (e->ids.n - whole) * sizeof *e->ids.items);
            e->ids.n -= whole;
            e->tokens += between - begun;
            e->sums += ew_wall() - between;
        }
    ew_static_add(e->model, e->ids.items, e->ids.n, 0, row);
    ew_unit_row(row, e->model->d, EW_STATIC_LEAST);
done:
    return status;
}

ew_status ew_embed(ew_embedder *e, const ew_record *records, uint32_t n, float *out, ew_error *err) {
    ew_status status = EW_OK;
    ew_view parts[EW_TEXT_PARTS];
    int may_cut = ew_tokenizer_parts_at_blanks(e->tokenizer);
    for (uint32_t done = 0; done < n;) {
        double begun = ew_wall();
        uint32_t group = 0, n_parts = 0, longest = 0;
        for (e->ids.n = 0; group < GROUP && done + group < n && e->ids.n < GROUP_IDS; group++) {
            n_parts = ew_record_text(&records[done + group], parts);
            for (uint32_t p = longest = 0; p < n_parts; p++)
                if (parts[p].length > longest && may_cut) longest = parts[p].length;
            if (longest > PIECE) break;
            EW_TRY(tokenize(e, parts, n_parts, err));
            e->ends[group] = e->ids.n;
        }
        double between = ew_wall();
        size_t from = 0;
        for (uint32_t i = 0; i < group; from = e->ends[i++])
            ew_static_row(e->model, e->ids.items + from, e->ends[i] - from, e->ids.n - e->ends[i],
                          out + (size_t)(done + i) * e->model->d);
        e->tokens += between - begun;
        e->sums += ew_wall() - between;
        done += group;
        if (longest > PIECE) {
            EW_TRY(long_text(e, parts, n_parts, out + (size_t)done * e->model->d, err));
            done++;
        }
    }
done:
    return status;
}
