/* One stage alone, from input to file: families and signals, which want the corpus (alone_text.c has those that do not). */
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

enum { CHUNK = 512 };

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
