/* The beginning that all entry points share: options, pool, model, reading, boilerplate, families, units. */
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/spill.h"
#include "vectors/import.h"
#include "mining.h"
#include "vectors/student.h"

void ew_options_init(ew_options *options) {
    *options = (ew_options){.struct_size = sizeof *options,
                            .seed = 1,
                            .pack_level = 3,
                            .max_units = 20000000,
                            .recall = 95,
                            .max_line = 16 << 20,
                            .zstd_window_log = 27,
                            .decoys = 10,
                            .corpus_part = -1,
                            .budget = 180};
}

ew_status ew_options_check(const ew_options *o, ew_error *err) {
    if (o->struct_size != sizeof *o)
        return ew_fail(err, EW_USAGE,
                       "options are not of this version: call ew_options_init first, with the header of this library");
    if (o->decoys < 0 || o->decoys > 100) return ew_fail(err, EW_USAGE, "decoys must be 0 to 100, not %d", o->decoys);
    if (o->themes < 0 || o->themes > 100000)
        return ew_fail(err, EW_USAGE, "themes must be 0 (automatic) to 100000, not %d", o->themes);
    if (o->zstd_window_log < 10 || o->zstd_window_log > 31)
        return ew_fail(err, EW_USAGE, "the zstd window must be 10 to 31 (log2 of bytes), not %d", o->zstd_window_log);
    if (o->max_line < 64 || o->max_line > (1u << 30))
        return ew_fail(err, EW_USAGE, "the longest line must be 64 bytes to 1 GiB, not %llu", (unsigned long long)o->max_line);
    if (o->recall < 50 || o->recall > 100)
        return ew_fail(err, EW_USAGE, "recall must be 50 to 100 percent, not %d", o->recall);
    if (o->max_units < 1 || o->max_units > INT32_MAX)
        return ew_fail(err, EW_USAGE, "the most units must be 1 to %d, not %llu", INT32_MAX, (unsigned long long)o->max_units);
    if (o->pack_level < 1 || o->pack_level > 19)
        return ew_fail(err, EW_USAGE, "the level of zstd must be 1 to 19, not %d", o->pack_level);
    if (o->corpus_part < -1 || o->corpus_part > 1)
        return ew_fail(err, EW_USAGE, "corpus_part must be 1 (on), 0 (off) or -1 (decided from the data), not %d",
                       o->corpus_part);
    if (o->keep_decoys && (!o->decoys || o->vectors))
        return ew_fail(err, EW_USAGE, "there are no decoys to keep %s",
                       o->vectors ? "with vectors of your own, which cannot be redrawn" : "of a run without any");
    const char *days[] = {o->since, o->until};
    for (size_t i = 0; i < 2; i++)
        if (days[i] && ew_time_of_day(days[i]) == INT64_MIN)
            return ew_fail(err, EW_USAGE, "a day is written YYYY-MM-DD, such as 2026-07-01, not '%.40s'", days[i]);
    if (o->since && o->until && strcmp(o->since, o->until) > 0)
        return ew_fail(err, EW_USAGE, "there is no day between %s and %s", o->since, o->until);
    if ((o->since || o->until) && o->vectors)
        return ew_fail(err, EW_USAGE, "vectors given in are those of all comments: leave days out of both beforehand");
    if (o->metric != EW_COSINE && o->metric != EW_INNER_PRODUCT)
        return ew_fail(err, EW_USAGE, "metric must be 0 (cosine) or 1 (inner product), not %d", o->metric);
    if (o->encoder < EW_ENCODER_AUTO || o->encoder > EW_ENCODER_STUDENT)
        return ew_fail(err, EW_USAGE, "encoder must be 0 (automatic), 1 (static), 2 (deep) or 3 (student), not %d", o->encoder);
    if (o->encoder < EW_ENCODER_DEEP) return EW_OK;
    int deep = o->encoder == EW_ENCODER_DEEP;
    if (deep && !o->deep) return ew_fail(err, EW_USAGE, "the deep encoder needs its weights: say where they are");
    if (o->model || o->vectors)
        return ew_fail(err, EW_USAGE, "the %s and %s exclude each other", deep ? "deep encoder" : "student",
                       o->model ? "a static model" : "vectors given in");
    return EW_OK;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The run keeps its own copy of whatever the caller's options point to. */
static ew_status keep_option(ew_run *run, const char **option, ew_error *err) {
    return *option ? ew_run_keep(run, *option, strlen(*option), option, err) : EW_OK;
}

static ew_status keep_options(ew_run *run, const ew_options *options, const ew_input *inputs, size_t n, ew_error *err) {
    run->options = *options;
    ew_status status = keep_option(run, &run->options.format, err);
    for (int c = 0; status == EW_OK && c < EW_COLUMNS; c++) status = keep_option(run, &run->options.columns[c], err);
    if (status == EW_OK) status = keep_option(run, &run->options.since, err);
    if (status == EW_OK) status = keep_option(run, &run->options.until, err);
    if (status == EW_OK) status = keep_option(run, &run->options.catalogue, err);
    if (status == EW_OK) status = keep_option(run, &run->options.competitors, err);
    if (status == EW_OK) status = keep_option(run, &run->options.cues, err);
    if (status == EW_OK) status = keep_option(run, &run->options.model, err);
    if (status == EW_OK) status = keep_option(run, &run->options.deep, err);
    if (status == EW_OK) status = keep_option(run, &run->options.vectors, err);
    if (status == EW_OK) status = keep_option(run, &run->options.keep_decoys, err);
    run->input_names = ew_calloc(n, sizeof *run->input_names);
    if (status == EW_OK && !run->input_names) status = ew_fail_memory(err, n * sizeof *run->input_names, "names of inputs");
    for (size_t i = 0; status == EW_OK && i < n; i++) {
        const char *kept, *name = base_name(inputs[i].name);
        status = ew_run_keep(run, name, strlen(name), &kept, err);
        if (status == EW_OK) run->input_names[run->n_inputs++] = (char *)(uintptr_t)kept;
    }
    return status;
}

/* Asked between tasks and in long loops: tells the caller the same again, so that he can stop the run at any moment. */
static int asked_to_stop(void *data) {
    const ew_mining *m = data;
    const ew_options *o = &m->run->options;
    if (!m->progress.stage) return 0; /* before the first stage */
    return o->progress(o->progress_data, m->progress.stage, m->progress.done, m->progress.total);
}

ew_status ew_mining_begin(ew_mining *m, const ew_input *inputs, size_t n, const ew_options *options, ew_error *err) {
    *m = (ew_mining){.inputs = inputs, .n_inputs = n};
    m->stop = (ew_stop){.asked = asked_to_stop, .data = m};
    m->before = ew_stop_enter(NULL, 0); /* a run within somebody's callback is a run of its own */
    m->within = ew_spill_within(0);
    ew_status status;
    if (!n) return ew_fail(err, EW_USAGE, "no input was given");
    EW_TRY(ew_options_check(options, err));
    (void)ew_spill_within(options->memory);
    if (!(m->run = ew_calloc(1, sizeof *m->run))) return ew_fail_memory(err, sizeof *m->run, "a run");
    m->run->corpus.spool.file = -1;
    ew_stopwatch_start(&m->run->timings);
    EW_TRY(keep_options(m->run, options, inputs, n, err));
    if (options->progress) ew_stop_enter(&m->stop, 1);
    EW_TRY(ew_pool_create(options->threads, &m->pool, err));
    EW_TRY(ew_model_open(options->model, &m->model, err));
    memcpy(m->run->model_digest, m->model.digest, sizeof m->run->model_digest);
    EW_TRY(ew_model_tokenizer(&m->model, &m->tokenizer, err));
    if (options->cues) EW_TRY(ew_signals_create(options->cues, &m->signals, err)); /* a mistake in it is told before any work */
done:
    return status;
}

void ew_mining_end(ew_mining *m) {
    ew_stop_leave(m->before);
    (void)ew_spill_within(m->within);
    ew_findings_free(&m->findings);
    ew_centres_free(&m->need_centres);
    ew_row_words_free(&m->words);
    ew_partition_free(&m->partition);
    ew_lists_free(&m->near);
    ew_vectors_free(&m->vectors);
    ew_rows_free(&m->rows);
    ew_units_free(&m->units);
    ew_signals_free(m->signals);
    for (uint32_t i = 0; m->sentences && i < m->n_sentences; i++) ew_ranges_free(&m->sentences[i]);
    ew_free(m->sentences);
    ew_boilerplate_free(m->boilerplate);
    ew_tokenizer_free(m->tokenizer);
    ew_deep_close(m->deep);
    ew_student_close(m->student);
    ew_model_close(&m->model);
    ew_pool_free(m->pool);
    ew_run_free(m->run);
    *m = (ew_mining){0};
}

ew_status ew_mining_tick(ew_mining *m, const char *stage, uint64_t done, uint64_t total, ew_error *err) {
    if (!m->progress.stage || strcmp(stage, m->progress.stage) != 0) m->stop.at = 0; /* a new stage is news */
    m->progress.stage = stage;
    m->progress.done = done;
    m->progress.total = total;
    return ew_stop_check(err);
}

ew_status ew_stage_read(ew_mining *m, ew_error *err) {
    m->progress.stage = NULL; /* the reader tells and asks by itself */
    ew_status status = ew_corpus_read(m->inputs, m->n_inputs, &m->run->options, &m->run->corpus, err);
    ew_remember_rejects(&m->run->corpus.rejects);
    return status;
}

/* Lines are read by all threads, a batch of comments at a time, and counted in the order of comments. */
enum { BATCH = 64, BATCH_COMMENTS = 256 };
typedef struct {
    const ew_mining *m;
    uint32_t first;
    ew_line_scratch *scratch; /* [workers] */
    ew_buffer lines[BATCH];
} line_batch;

static ew_status lines_task(void *context, uint64_t task, int worker, ew_error *err) {
    line_batch *b = context;
    const ew_corpus *corpus = &b->m->run->corpus;
    uint32_t first = b->first + (uint32_t)task * BATCH_COMMENTS, left = corpus->n - first;
    ew_status status = EW_OK;
    ew_buffer_clear(&b->lines[task]);
    for (uint32_t i = first; status == EW_OK && i < first + (left < BATCH_COMMENTS ? left : BATCH_COMMENTS); i++) {
        ew_view text = ew_corpus_text(corpus, i);
        if (i % 64 == 0 && (status = ew_stop_check(err)) != EW_OK) break;
        status = ew_boilerplate_read(b->m->boilerplate, text.data, text.length, corpus->customer[i], i, &b->scratch[worker],
                                     &b->lines[task], err);
    }
    return status;
}

ew_status ew_stage_boilerplate(ew_mining *m, ew_error *err) {
    const ew_corpus *corpus = &m->run->corpus;
    int workers = ew_pool_threads(m->pool);
    line_batch b = {.m = m, .scratch = ew_calloc((size_t)workers, sizeof *b.scratch)};
    ew_status status = b.scratch ? EW_OK : ew_fail_memory(err, (size_t)workers * sizeof *b.scratch, "recurring lines");
    if (status == EW_OK) status = ew_boilerplate_create(&m->boilerplate, err);
    for (int i = 0; b.scratch && i < workers; i++) b.scratch[i] = (ew_line_scratch)EW_LINE_SCRATCH_INIT;
    for (int i = 0; i < BATCH; i++) b.lines[i] = (ew_buffer)EW_BUFFER_INIT(EW_BUFFER_ANY);
    while (status == EW_OK && b.first < corpus->n) {
        uint64_t tasks = ew_chunks(corpus->n - b.first, BATCH_COMMENTS);
        if (tasks > BATCH) tasks = BATCH;
        status = ew_pool_run(m->pool, tasks, lines_task, &b, err);
        for (uint64_t i = 0; status == EW_OK && i < tasks; i++) status = ew_boilerplate_count(m->boilerplate, &b.lines[i], err);
        b.first += (uint32_t)tasks * BATCH_COMMENTS; /* beyond the last comment at the end: comments are fewer than 2^31 */
    }
    for (int i = 0; b.scratch && i < workers; i++) ew_line_scratch_free(&b.scratch[i]);
    for (int i = 0; i < BATCH; i++) ew_buffer_free(&b.lines[i]);
    ew_free(b.scratch);
    if (status != EW_OK) return status;
    ew_boilerplate_close(m->boilerplate, corpus->n);
    m->run->boilerplate_lines = (uint32_t)ew_boilerplate_lines(m->boilerplate);
    return EW_OK;
}

ew_status ew_stage_families(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    const ew_corpus *c = &run->corpus;
    ew_family_rows rows = {.n = c->n, .lengths = c->text_length, .base = c->spool.map, .at = c->text_at, .customer = c->customer,
                           .time = c->time};
    return ew_families_find(&rows, m->pool, &run->families, err);
}

uint32_t ew_family_voice(const ew_run *run, uint32_t family) {
    uint32_t voice = EW_NONE;
    uint64_t least = 0;
    for (uint64_t i = run->families.start[family]; i < run->families.start[family + 1]; i++) {
        ew_view text = ew_corpus_text(&run->corpus, run->families.rows[i]);
        uint64_t hash = ew_hash(text.data, text.length, 3);
        if (voice != EW_NONE && hash >= least) continue;
        least = hash;
        voice = run->families.rows[i];
    }
    return voice;
}

ew_status ew_row_owners(const ew_mining *m, uint32_t **out, ew_error *err) {
    uint32_t u = 1;
    *out = NULL;
    while (u < m->units.n && m->units.comment[u] != m->units.comment[u - 1]) u++;
    if (u >= m->units.n) return EW_OK;
    if (!(*out = ew_alloc_spilled(m->rows.n, sizeof **out))) return ew_fail_memory(err, m->rows.n * sizeof **out, "rows");
    for (uint32_t row = 0; row < m->rows.n; row++) (*out)[row] = ew_row_comment(m, row);
    return EW_OK;
}

ew_status ew_stage_units(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    ew_status status = EW_OK;
    uint8_t *copy = ew_calloc(run->corpus.n, 1); /* of a family one is analysed */
    if (!copy) return ew_fail_memory(err, run->corpus.n, "families");
    for (uint32_t f = 0; f < run->families.n; f++) {
        uint32_t voice = ew_family_voice(run, f);
        for (uint64_t i = run->families.start[f]; i < run->families.start[f + 1]; i++)
            copy[run->families.rows[i]] = run->families.rows[i] != voice;
    }
    EW_TRY(ew_units_build(&run->corpus, m->boilerplate, copy, m->tokenizer, m->pool, &m->units, err));
    if (m->units.n > run->options.max_units) {
        status = ew_fail(
            err, EW_RESOURCE,
            "%u units of analysis, the most is %llu; split the input or raise --max-units",
            m->units.n, (unsigned long long)run->options.max_units);
        goto done;
    }
    run->units = m->units.n;
    EW_TRY(ew_rows_build(&m->units, &m->rows, err));
    m->lists = (ew_token_lists){m->rows.n, m->rows.start, m->rows.ids};
    ew_free(m->units.tokens); /* they stand in the rows from here on */
    m->units.tokens = NULL;
    EW_TRY(ew_stage_encoder(m, err));
done:
    ew_free(copy);
    return status;
}
