/* Token ids and vectors of an input's texts, block by block as it is read: nothing of the corpus is kept. */
#include <string.h>

#include "base/alloc.h"
#include "base/output.h"
#include "alone_corpus.h"
#include "mining.h"
#include "tokens/parts.h"

/* What both have in common: a run under way, and what each worker spent. */
typedef struct work {
    ew_mining m;
    ew_reader *reader;
    ew_stream_calls calls;
    uint64_t n; /* records so far */
} work;

static ew_status begin(work *w, const ew_input *inputs, size_t n, const ew_options *options, ew_error *err) {
    ew_status status = ew_mining_begin(&w->m, inputs, n, options, err);
    return status == EW_OK ? ew_reader_open(inputs, n, &w->m.run->options, &w->reader, err) : status;
}

/* Reads it all; remembers what was rejected, however it ends. */
static ew_status stream(work *w, ew_error *err) {
    ew_status status = ew_stream(w->reader, w->m.pool, &w->calls, err);
    ew_remember_rejects(ew_reader_rejects(w->reader));
    return status;
}

/* Seconds of all threads, as seconds of the run. */
static void add_seconds(work *w, const char *stage, double seconds) {
    ew_stopwatch_add(&w->m.run->timings, stage, ew_wall() - seconds / ew_pool_threads(w->m.pool));
}

static void end(work *w) {
    if (w->reader) add_seconds(w, "read", ew_reader_seconds(w->reader));
    if (w->m.run) ew_remember_timings(&w->m.run->timings);
    ew_reader_close(w->reader);
    ew_mining_end(&w->m);
}

/* ---- tokens ---- */

typedef struct token_worker { ew_token_cache *cache; double seconds; char apart[48]; } token_worker;
typedef struct token_slot { ew_ids ids; uint64_t *ends; uint32_t room; } token_slot; /* ends of each record's ids in the block */

typedef struct token_work {
    work base;
    token_worker *workers; /* [threads] */
    token_slot slots[EW_STREAM_SLOTS];
    ew_output ids, offsets;
    uint64_t n_ids;
} token_work;

static ew_status tokens_of_block(void *context, const ew_block *block, int worker, ew_error *err) {
    token_work *w = context;
    token_worker *me = &w->workers[worker];
    token_slot *slot = &w->slots[block->slot];
    ew_view parts[EW_TEXT_PARTS];
    ew_status status = EW_OK;
    double begun = ew_wall();
    if (!me->cache) EW_TRY(ew_token_cache_create(w->base.m.tokenizer, &me->cache, err));
    if (slot->room < block->n) {
        uint64_t *ends = ew_realloc(slot->ends, block->n, sizeof *ends);
        if (!ends) return ew_fail_memory(err, block->n * sizeof *ends, "offsets");
        slot->ends = ends;
        slot->room = block->n;
    }
    slot->ids.n = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        uint32_t n = ew_record_text(&block->records[i], parts);
        EW_TRY(ew_tokenize_parts(w->base.m.tokenizer, me->cache, parts, n, &slot->ids, err));
        slot->ends[i] = slot->ids.n;
    }
done:
    me->seconds += ew_wall() - begun;
    return status;
}

static ew_status write_tokens(void *context, const ew_block *block, ew_error *err) {
    token_work *w = context;
    token_slot *slot = &w->slots[block->slot];
    ew_status status;
    EW_TRY(ew_output_write(&w->ids, slot->ids.items, slot->ids.n * sizeof *slot->ids.items, err));
    for (uint32_t i = 0; i < block->n; i++) slot->ends[i] += w->n_ids;
    if (w->offsets.path) EW_TRY(ew_output_write(&w->offsets, slot->ends, block->n * sizeof *slot->ends, err));
    w->n_ids += slot->ids.n;
    w->base.n += block->n;
done:
    return status;
}

/* "ids.bin" -> "ids.offsets.bin" */
static char *offsets_path(const char *path) {
    size_t n = strlen(path), stem = n > 4 && strcmp(path + n - 4, ".bin") == 0 ? n - 4 : n;
    char *out = ew_alloc(stem + 16, 1);
    if (!out) return NULL;
    memcpy(out, path, stem);
    memcpy(out + stem, ".offsets.bin", 13);
    return out;
}

static ew_status write_ids(token_work *w, const char *path, ew_error *err) {
    static const uint64_t zero;
    char *second = offsets_path(path);
    ew_status status = second ? EW_OK : ew_fail_memory(err, strlen(path) + 16, "a file name");
    if (status != EW_OK) goto done;
    w->workers = ew_calloc((size_t)ew_pool_threads(w->base.m.pool), sizeof *w->workers);
    if (!w->workers) {
        status = ew_fail_memory(err, sizeof *w->workers, "tokens");
        goto done;
    }
    EW_TRY(ew_output_open(&w->ids, path, err));
    if (strcmp(path, "-") != 0) {
        EW_TRY(ew_output_open(&w->offsets, second, err));
        EW_TRY(ew_output_write(&w->offsets, &zero, sizeof zero, err));
    }
    EW_TRY(stream(&w->base, err));
    EW_TRY(ew_output_commit(&w->ids, err));
    if (w->offsets.path) EW_TRY(ew_output_commit(&w->offsets, err));
done:
    ew_output_abandon(&w->ids);
    ew_output_abandon(&w->offsets);
    ew_free(second);
    return status;
}

ew_status ew_tokens_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                         ew_error *err) {
    token_work w = {.base.calls = {tokens_of_block, write_tokens, &w}};
    ew_status status = begin(&w.base, inputs, n, options, err);
    if (status == EW_OK) status = write_ids(&w, path, err);
    double seconds = 0;
    for (int i = 0; w.workers && i < ew_pool_threads(w.base.m.pool); i++) {
        seconds += w.workers[i].seconds;
        ew_token_cache_free(w.workers[i].cache);
    }
    for (int i = 0; i < EW_STREAM_SLOTS; i++) {
        ew_ids_free(&w.slots[i].ids);
        ew_free(w.slots[i].ends);
    }
    if (w.workers) add_seconds(&w.base, "tokens", seconds);
    ew_free(w.workers);
    if (n_out) *n_out = status == EW_OK ? w.base.n : 0;
    end(&w.base);
    return status;
}

/* ---- embed ---- */

/* A slot's rows have a fixed room, whatever a block holds: those of very short records beyond it are made when the block's turn
 * to be written comes. */
enum { SLOT_FLOATS = 3 << 19 }; /* 6 MiB */

typedef struct embed_work {
    work base;
    ew_embedder **workers;  /* [threads + 1], the last for write_rows */
    float *slots[EW_STREAM_SLOTS];
    uint32_t room;          /* rows of a slot */
    ew_npy_rows out;
} embed_work;

static ew_status embed_rows(embed_work *w, int worker, const ew_record *records, uint32_t n, float *out, ew_error *err) {
    ew_status status = EW_OK;
    if (!w->workers[worker]) EW_TRY(ew_embedder_create(&w->base.m.model, w->base.m.tokenizer, &w->workers[worker], err));
    EW_TRY(ew_embed(w->workers[worker], records, n, out, err));
done:
    return status;
}

static ew_status rows_of_block(void *context, const ew_block *block, int worker, ew_error *err) {
    embed_work *w = context;
    float **slot = &w->slots[block->slot];
    if (!*slot && !(*slot = ew_alloc((size_t)w->room * w->base.m.model.d, sizeof **slot)))
        return ew_fail_memory(err, (size_t)w->room * w->base.m.model.d * sizeof **slot, "vectors");
    return embed_rows(w, worker, block->records, block->n < w->room ? block->n : w->room, *slot, err);
}

/* The zeros that pad the rows of a model whose columns are no multiple of sixteen are nobody's business. */
static void drop_padding(const ew_model *model, float *rows, uint32_t n) {
    if (model->columns == model->d) return;
    for (size_t row = 1; row < n; row++)
        memmove(rows + row * model->columns, rows + row * model->d, model->columns * sizeof *rows);
}

static ew_status write_rows(void *context, const ew_block *block, ew_error *err) {
    embed_work *w = context;
    float *rows = w->slots[block->slot];
    ew_status status = EW_OK;
    for (uint32_t from = 0; from < block->n; from += w->room) {
        uint32_t n = block->n - from < w->room ? block->n - from : w->room;
        if (from) EW_TRY(embed_rows(w, ew_pool_threads(w->base.m.pool), block->records + from, n, rows, err));
        drop_padding(&w->base.m.model, rows, n);
        EW_TRY(ew_npy_rows_append(&w->out, rows, n, err));
    }
    w->base.n += block->n;
done:
    return status;
}

static ew_status write_vectors(embed_work *w, const char *path, ew_error *err) {
    size_t workers = (size_t)ew_pool_threads(w->base.m.pool) + 1;
    ew_status status;
    w->workers = ew_calloc(workers, sizeof *w->workers);
    if (!w->workers) return ew_fail_memory(err, workers * sizeof *w->workers, "vectors");
    w->room = SLOT_FLOATS / w->base.m.model.d;
    EW_TRY(ew_npy_rows_open(&w->out, path, w->base.m.model.columns, err));
    EW_TRY(stream(&w->base, err));
    EW_TRY(ew_npy_rows_commit(&w->out, err));
done:
    ew_npy_rows_abandon(&w->out);
    return status;
}

ew_status ew_embed_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                        ew_error *err) {
    if (options->corpus_part == 1) return ew_embed_corpus_file(inputs, n, options, path, n_out, err);
    if (strcmp(ew_embed_encoder(options), "static") != 0)
        return ew_embed_deep_file(inputs, n, options, path, n_out, err);
    embed_work w = {.base.calls = {rows_of_block, write_rows, &w}};
    ew_status status = begin(&w.base, inputs, n, options, err);
    if (status == EW_OK) status = write_vectors(&w, path, err);
    double tokens = 0, sums = 0;
    for (int i = 0; w.workers && i <= ew_pool_threads(w.base.m.pool); i++) {
        double t = 0, s = 0;
        if (w.workers[i]) ew_embedder_seconds(w.workers[i], &t, &s);
        tokens += t;
        sums += s;
        ew_embedder_free(w.workers[i]);
    }
    for (int i = 0; i < EW_STREAM_SLOTS; i++) ew_free(w.slots[i]);
    if (w.workers) {
        add_seconds(&w.base, "tokens", tokens);
        add_seconds(&w.base, "embed", sums);
    }
    ew_free(w.workers);
    if (n_out) *n_out = status == EW_OK ? w.base.n : 0;
    end(&w.base);
    return status;
}
