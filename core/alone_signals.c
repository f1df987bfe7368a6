/* signals: every sentence's need and cues, from input to file. */
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/output.h"
#include "mining.h"

enum { CHUNK = 64, CHUNKS_AT_ONCE = 256 }; /* comments a task; tasks whose lines are held until they are written */
static const size_t KEPT = 1 << 18; /* bytes of a task's buffer that are kept for the next round */
static const uint64_t BYTES_AT_ONCE = 4 << 20; /* of text: lines are a few times as long, so this bounds what is held */

typedef struct {
    ew_mining *m;
    uint32_t first, end;               /* comments of this round */
    ew_buffer parts[CHUNKS_AT_ONCE];   /* lines by task; memory is kept from round to round */
    uint64_t counts[CHUNKS_AT_ONCE];
} signal_job;

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
    ew_buffer_clear(&work->parts[task]);
    work->counts[task] = 0;
    uint64_t end = work->first + ew_chunk_end(task, CHUNK, work->end - work->first);
    for (uint64_t i = work->first + task * CHUNK; status == EW_OK && i < end; i++)
        status = signal_lines(work->m, (uint32_t)i, &sentences, &work->parts[task], &work->counts[task], err);
    ew_ranges_free(&sentences);
    return status;
}

/* Where a round ends that begins at comment `first`: its size depends on the texts alone. */
static uint32_t round_end(const ew_corpus *corpus, uint32_t first) {
    uint64_t bytes = 0;
    uint32_t i = first;
    while (i < corpus->n && i - first < CHUNK * CHUNKS_AT_ONCE && bytes < BYTES_AT_ONCE) bytes += corpus->text_length[i++];
    return i;
}

static ew_status signals_body(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err) {
    uint32_t n = m->run->corpus.n;
    signal_job *work = ew_calloc(1, sizeof *work);
    ew_output out = {.file = -1};
    ew_status status = work ? EW_OK : ew_fail_memory(err, sizeof *work, "signals");
    if (status != EW_OK) return status;
    work->m = m;
    for (uint32_t c = 0; c < CHUNKS_AT_ONCE; c++) work->parts[c].max = EW_BUFFER_ANY;
    EW_TRY(ew_output_open(&out, path, err));
    if (!m->signals) EW_TRY(ew_signals_create(NULL, &m->signals, err));
    for (; work->first < n; work->first = work->end) {
        double begun = ew_wall();
        work->end = round_end(&m->run->corpus, work->first);
        uint64_t chunks = ew_chunks(work->end - work->first, CHUNK);
        EW_TRY(ew_mining_tick(m, "signals", work->first, n, err));
        EW_TRY(ew_pool_run(m->pool, chunks, signals_task, work, err));
        ew_stopwatch_add(&m->run->timings, "signals", begun);
        for (uint64_t c = 0; c < chunks; c++) {
            EW_TRY(ew_output_write(&out, work->parts[c].data, work->parts[c].length, err));
            *n_out += work->counts[c];
            if (work->parts[c].capacity > KEPT) ew_buffer_free(&work->parts[c]);
        }
    }
    EW_TRY(ew_output_commit(&out, err));
done:
    for (uint32_t c = 0; c < CHUNKS_AT_ONCE; c++) ew_buffer_free(&work->parts[c]);
    ew_free(work);
    ew_output_abandon(&out);
    return status;
}

ew_status ew_signals_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                          ew_error *err) {
    return ew_alone(inputs, n, options, path, n_out, signals_body, err);
}
