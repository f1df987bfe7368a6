/* One stage alone, from input to file. */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/output.h"
#include "mining.h"

typedef ew_status (*body_fn)(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err);

/* Begins, reads, runs the body, remembers the timings. */
static ew_status alone(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                       body_fn body, ew_error *err) {
    ew_mining m;
    ew_status status = ew_mining_begin(&m, inputs, n, options, err);
    if (status == EW_OK) {
        double begun = ew_wall();
        status = ew_stage_read(&m, err);
        ew_stopwatch_add(&m.run->timings, "read", begun);
    }
    uint64_t written = 0;
    if (status == EW_OK) status = body(&m, path, &written, err);
    if (n_out) *n_out = written;
    if (m.run) ew_remember_timings(&m.run->timings);
    ew_mining_end(&m);
    return status;
}

/* ---- tokens ---- */

enum { CHUNK = 512 };

typedef struct {
    const ew_corpus *corpus;
    const ew_tokenizer *tokenizer;
    ew_token_cache **caches;
    ew_ids *ids;
    uint64_t *ends;
} token_job;

static ew_status tokens_task(void *context, uint64_t task, int worker, ew_error *err) {
    token_job *work = context;
    ew_status status = EW_OK;
    if (!work->caches[worker]) EW_TRY(ew_token_cache_create(work->tokenizer, &work->caches[worker], err));
    for (uint64_t i = task * CHUNK; i < ew_chunk_end(task, CHUNK, work->corpus->n); i++) {
        ew_view text = ew_corpus_text(work->corpus, (uint32_t)i);
        EW_TRY(ew_tokenize(work->tokenizer, work->caches[worker], text.data, text.length, &work->ids[task], err));
        work->ends[i + 1] = work->ids[task].n;
    }
done:
    return status;
}

/* Whole comments' ids, [UNK] included; ends [n + 1] per chunk become offsets over all. */
static ew_status tokenize_all(ew_mining *m, ew_ids **ids, uint64_t **ends, ew_error *err) {
    const ew_corpus *corpus = &m->run->corpus;
    uint64_t chunks = ew_chunks(corpus->n, CHUNK);
    int workers = ew_pool_threads(m->pool);
    double begun = ew_wall();
    token_job work = {corpus, m->tokenizer, ew_calloc((size_t)workers, sizeof(ew_token_cache *)),
                      ew_calloc(chunks, sizeof(ew_ids)), ew_calloc((size_t)corpus->n + 1, sizeof(uint64_t))};
    ew_status status = work.caches && work.ids && work.ends ? EW_OK : ew_fail_memory(err, corpus->n * 8, "tokens");
    if (status == EW_OK) status = ew_pool_run(m->pool, chunks, tokens_task, &work, err);
    for (int i = 0; work.caches && i < workers; i++) ew_token_cache_free(work.caches[i]);
    ew_free(work.caches);
    *ids = work.ids;
    *ends = work.ends;
    uint64_t before = 0;
    for (uint64_t c = 0; status == EW_OK && c < chunks; c++) {
        for (uint64_t i = c * CHUNK; i < ew_chunk_end(c, CHUNK, corpus->n); i++) work.ends[i + 1] += before;
        before += work.ids[c].n;
    }
    ew_stopwatch_add(&m->run->timings, "tokens", begun);
    return status;
}

static void free_tokens(ew_mining *m, ew_ids *ids, uint64_t *ends) {
    for (uint64_t c = 0; ids && c < ew_chunks(m->run->corpus.n, CHUNK); c++) ew_ids_free(&ids[c]);
    ew_free(ids);
    ew_free(ends);
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

static ew_status tokens_body(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err) {
    ew_ids *ids = NULL;
    uint64_t *ends = NULL;
    ew_output main_file = {.file = -1}, offsets = {.file = -1};
    char *second = offsets_path(path);
    ew_status status = second ? EW_OK : ew_fail_memory(err, strlen(path) + 16, "a file name");
    if (status != EW_OK) goto done;
    EW_TRY(ew_output_open(&main_file, path, err));
    if (strcmp(path, "-") != 0) EW_TRY(ew_output_open(&offsets, second, err));
    EW_TRY(tokenize_all(m, &ids, &ends, err));
    for (uint64_t c = 0; c < ew_chunks(m->run->corpus.n, CHUNK); c++)
        EW_TRY(ew_output_write(&main_file, ids[c].items, ids[c].n * sizeof *ids[c].items, err));
    if (offsets.path) EW_TRY(ew_output_write(&offsets, ends, ((size_t)m->run->corpus.n + 1) * sizeof *ends, err));
    EW_TRY(ew_output_commit(&main_file, err));
    if (offsets.path) EW_TRY(ew_output_commit(&offsets, err));
    *n_out = m->run->corpus.n;
done:
    free_tokens(m, ids, ends);
    ew_output_abandon(&main_file);
    ew_output_abandon(&offsets);
    ew_free(second);
    return status;
}

ew_status ew_tokens_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                         ew_error *err) {
    return alone(inputs, n, options, path, n_out, tokens_body, err);
}

/* ---- embed ---- */

static ew_status embed_body(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err) {
    uint32_t n = m->run->corpus.n, unknown = ew_tokenizer_unknown(m->tokenizer), d = m->model.d;
    ew_ids *ids = NULL;
    uint64_t *ends = NULL, kept = 0, from = 0;
    uint32_t *known = NULL;
    float *rows = NULL;
    ew_status status;
    EW_TRY(tokenize_all(m, &ids, &ends, err));
    known = ew_alloc(ends[n], sizeof *known);
    rows = ew_alloc((size_t)n * d, sizeof *rows);
    if (!known || !rows) {
        status = ew_fail_memory(err, (size_t)n * d * sizeof *rows, "vectors");
        goto done;
    }
    double begun = ew_wall();
    uint64_t i = 0, base = 0; /* base: tokens before the chunk */
    for (uint64_t c = 0; c < ew_chunks(n, CHUNK); c++) {
        for (; i < ew_chunk_end(c, CHUNK, n); i++) {
            uint64_t to = ends[i + 1];
            for (uint64_t t = from; t < to; t++)
                if (ids[c].items[t - base] != unknown) known[kept++] = ids[c].items[t - base];
            from = to;
            ends[i + 1] = kept; /* from here on, offsets without [UNK] */
        }
        base += ids[c].n;
    }
    ew_token_lists lists = {n, ends, known};
    EW_TRY(ew_static_embed(&m->model, &lists, m->pool, rows, err));
    ew_stopwatch_add(&m->run->timings, "embed", begun);
    if (m->model.columns < d) /* the zeros that pad the model's table are nobody's business */
        for (uint64_t row = 1; row < n; row++)
            memmove(rows + row * m->model.columns, rows + row * d, m->model.columns * sizeof *rows);
    EW_TRY(ew_npy_write_f32(path, rows, n, m->model.columns, err));
    *n_out = n;
done:
    ew_free(known);
    ew_free(rows);
    free_tokens(m, ids, ends);
    return status;
}

ew_status ew_embed_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                        ew_error *err) {
    return alone(inputs, n, options, path, n_out, embed_body, err);
}

/* ---- families ---- */

static ew_status family_line(const ew_run *run, uint32_t f, ew_buffer *line, ew_error *err) {
    static const char *const kinds[] = {"copy", "template", "campaign"};
    const ew_families *all = &run->families;
    ew_status status;
    EW_TRY(ew_buffer_printf(line, err, "{\"family\":\"%s\",\"rows\":[", run->family_ids[f]));
    for (uint64_t i = all->start[f]; i < all->start[f + 1]; i++)
        EW_TRY(ew_buffer_printf(line, err, "%s%u", i > all->start[f] ? "," : "", all->rows[i]));
    EW_TRY(ew_buffer_append(line, "],\"ids\":[", 9, err));
    for (uint64_t i = all->start[f]; i < all->start[f + 1]; i++) {
        const char *id = ew_corpus_id(&run->corpus, all->rows[i]);
        if (i > all->start[f]) EW_TRY(ew_buffer_append(line, ",", 1, err));
        EW_TRY(ew_json_string(line, id, strlen(id), err));
    }
    EW_TRY(ew_buffer_printf(line, err, "],\"kind\":\"%s\"}\n", kinds[all->kind[f]]));
done:
    return status;
}

static ew_status families_body(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err) {
    ew_output out = {.file = -1};
    ew_buffer line = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status;
    EW_TRY(ew_output_open(&out, path, err));
    double begun = ew_wall();
    EW_TRY(ew_stage_families(m, err));
    ew_stopwatch_add(&m->run->timings, "families", begun);
    EW_TRY(ew_name_families(m->run, err));
    for (uint32_t f = 0; f < m->run->families.n; f++) {
        ew_buffer_clear(&line);
        EW_TRY(family_line(m->run, f, &line, err));
        EW_TRY(ew_output_write(&out, line.data, line.length, err));
    }
    EW_TRY(ew_output_commit(&out, err));
    *n_out = m->run->families.n;
done:
    ew_output_abandon(&out);
    ew_buffer_free(&line);
    return status;
}

ew_status ew_families_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                           ew_error *err) {
    return alone(inputs, n, options, path, n_out, families_body, err);
}

/* ---- signals ---- */

typedef struct { ew_mining *m; ew_buffer *parts; uint64_t *counts; } signal_job;

static ew_status signal_lines(ew_mining *m, uint32_t comment, ew_ranges *sentences, ew_buffer *out, uint64_t *count,
                              ew_error *err) {
    const ew_corpus *corpus = &m->run->corpus;
    ew_view text = ew_corpus_text(corpus, comment);
    const char *id = ew_corpus_id(corpus, comment);
    const char *lang =
        corpus->lang[comment] ? ew_dict_text(&corpus->langs, corpus->lang[comment]) : ew_text_language(text.data, text.length);
    ew_ranges none = {0};
    ew_sentence_signals heard;
    ew_status status;
    sentences->n = 0;
    EW_TRY(ew_text_sentences(text.data, text.length, &none, sentences, err)); /* all of them: quotes too have signals */
    for (uint32_t s = 0; s < sentences->n; s++) {
        ew_range r = sentences->items[s];
        EW_TRY(ew_signals_of(m->signals, text.data, text.length, r.start, r.end, lang, &heard, err));
        EW_TRY(ew_buffer_append(out, "{\"id\":", 6, err));
        EW_TRY(ew_json_string(out, id, strlen(id), err));
        EW_TRY(ew_buffer_printf(out, err, ",\"start\":%u,\"end\":%u,\"need\":", r.start, r.end));
        EW_TRY(ew_json_fixed(out, (double)heard.need, 4, err));
        EW_TRY(ew_buffer_append(out, ",\"cues\":[", 9, err));
        int first = 1;
        for (uint32_t c = 0; c < heard.n_cues; c++) {
            if (heard.cues[c].kind == EW_CUE_WORRY || heard.cues[c].kind == EW_CUE_DELIGHT)
                continue; /* not in this file's contract */
            EW_TRY(ew_buffer_printf(out, err, "%s{\"kind\":\"%s\",\"start\":%u,\"end\":%u}", first ? "" : ",",
                                    ew_cue_name(heard.cues[c].kind), heard.cues[c].start, heard.cues[c].end));
            first = 0;
        }
        EW_TRY(ew_buffer_append(out, "]}\n", 3, err));
        ++*count;
    }
done:
    return status;
}

static ew_status signals_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    signal_job *work = context;
    ew_ranges sentences = {0};
    ew_status status = EW_OK;
    work->parts[task].max = EW_BUFFER_ANY;
    for (uint64_t i = task * CHUNK; status == EW_OK && i < ew_chunk_end(task, CHUNK, work->m->run->corpus.n); i++)
        status = signal_lines(work->m, (uint32_t)i, &sentences, &work->parts[task], &work->counts[task], err);
    ew_ranges_free(&sentences);
    return status;
}

static ew_status signals_body(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err) {
    uint64_t chunks = ew_chunks(m->run->corpus.n, CHUNK);
    signal_job work = {m, ew_calloc(chunks, sizeof *work.parts), ew_calloc(chunks, sizeof *work.counts)};
    ew_output out = {.file = -1};
    ew_status status = work.parts && work.counts ? EW_OK : ew_fail_memory(err, chunks * sizeof *work.parts, "signals");
    if (status != EW_OK) goto done;
    EW_TRY(ew_output_open(&out, path, err));
    double begun = ew_wall();
    EW_TRY(ew_signals_create(&m->signals, err));
    EW_TRY(ew_pool_run(m->pool, chunks, signals_task, &work, err));
    ew_stopwatch_add(&m->run->timings, "signals", begun);
    for (uint64_t c = 0; c < chunks; c++) {
        if (work.parts[c].length) EW_TRY(ew_output_write(&out, work.parts[c].data, work.parts[c].length, err));
        *n_out += work.counts[c];
    }
    EW_TRY(ew_output_commit(&out, err));
done:
    for (uint64_t c = 0; work.parts && c < chunks; c++) ew_buffer_free(&work.parts[c]);
    ew_free(work.parts);
    ew_free(work.counts);
    ew_output_abandon(&out);
    return status;
}

ew_status ew_signals_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                          ew_error *err) {
    return alone(inputs, n, options, path, n_out, signals_body, err);
}
