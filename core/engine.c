/* mine(): the method, stage after stage. docs/method.md says why each step is there. */
#include <string.h>

#include "context/context.h"
#include "base/alloc.h"
#include "base/spill.h"
#include "decoy_files.h"
#include "mining.h"
#include "neighbours/tiles.h"

typedef ew_status (*stage_fn)(ew_mining *m, ew_error *err);

static ew_status neighbours_stage(ew_mining *m, ew_error *err);
static ew_status themes_stage(ew_mining *m, ew_error *err);
static ew_status needs_stage(ew_mining *m, ew_error *err);
static ew_status context_stage(ew_mining *m, ew_error *err);

static const struct { const char *name; stage_fn run; } METHOD[] = {
    {"read", ew_stage_read},                /* files -> comments */
    {"text", ew_stage_boilerplate},         /* lines that many share */
    {"families", ew_stage_families},        /* copies count once */
    {"tokens", ew_stage_units},             /* comments -> units -> rows of tokens */
    {"embed", ew_stage_vectors},               /* tokens -> unit vectors, the corpus part beside the model's */
    {"neighbours", neighbours_stage},       /* each row's nearest */
    {"themes", themes_stage},               /* the belly: trees, words, statistics */
    {"needs", needs_stage},                 /* the fringe: groups, decoys, stability */
    {"comments", ew_assemble_comments},     /* rows -> comments */
    {"themes", ew_assemble_themes},
    {"signals", ew_assemble_needs},         /* findings -> needs, their verbatims */
    {"signals", ew_assemble_cues},          /* what their sentences ask for, against the head of the theme */
    {"context", context_stage},             /* since when, from whom, at what cost */
    {"remember", ew_stage_remember},        /* what later comments are placed by */
    {"needs", ew_assemble_ranking},         /* tiers and order */
    {"comments", ew_assemble_parts},        /* what of each comment was compared, for explain */
};

ew_status ew_mine(const ew_input *inputs, size_t n, const ew_options *options, ew_run **out, ew_error *err) {
    ew_mining m;
    *out = NULL;
    ew_deep_shape shape;
    ew_status status = ew_mining_begin(&m, inputs, n, options, err);
    if (status == EW_OK) status = ew_encoder_look(options, &shape, err); /* before anything is read */
    for (size_t i = 0; status == EW_OK && i < sizeof METHOD / sizeof *METHOD; i++) {
        double begun = ew_wall();
        status = ew_mining_tick(&m, METHOD[i].name, 0, 0, err);
        if (status == EW_OK) status = METHOD[i].run(&m, err);
        if (status == EW_CANCELLED) status = ew_fail(err, status, "stopped while at '%s'", METHOD[i].name);
        ew_spill_trim();
        if (m.run) ew_stopwatch_add(&m.run->timings, METHOD[i].name, begun);
    }
    if (m.run) ew_remember_timings(&m.run->timings);
    if (status == EW_OK)
        *out = m.run;
    else
        ew_run_free(m.run);
    m.run = NULL;
    ew_mining_end(&m);
    return status;
}

/* How far the deep encoder is, with the corpus; its decoys are told of one by one. */
static int hear(void *data, const char *stage, uint64_t done, uint64_t total) {
    return ew_mining_tick(data, stage, done, total, NULL) != EW_OK;
}

/* Rows of --vectors: a row of analysis takes the vector of its first comment. In Fortran order the file is read once, whole. */
typedef struct { const ew_mining *m; ew_npy npy; float *whole; } given;

static ew_status take_given(const void *context, uint32_t first, uint32_t n, float *out, ew_error *err) {
    const given *g = context;
    const ew_rows *rows = &g->m->rows;
    ew_status status = EW_OK;
    for (uint32_t i = 0; status == EW_OK && i < n; i++) {
        uint32_t comment = g->m->units.comment[rows->unit[rows->unit_start[first + i]]];
        float *row = out + (size_t)i * g->npy.d;
        if (g->whole) memcpy(row, g->whole + (size_t)comment * g->npy.d, g->npy.d * sizeof *row);
        else status = ew_npy_take(&g->npy, comment, 1, row, err);
    }
    return status;
}

static ew_status given_vectors(ew_mining *m, ew_error *err) {
    const char *path = m->run->options.vectors;
    given g = {.m = m};
    ew_status status = ew_npy_open(path, &g.npy, err);
    if (status != EW_OK) return status;
    if (g.npy.n != m->run->corpus.n) {
        status = ew_fail(err, EW_INPUT, "'%s' has %u rows, the input %u comments; they must be the same, in the same order", path,
                         g.npy.n, m->run->corpus.n);
        goto done;
    }
    if (g.npy.fortran) EW_TRY(ew_npy_read(path, &g.whole, &g.npy.n, &g.npy.d, err));
    EW_TRY(ew_vectors_from_rows(&(ew_row_source){m->rows.n, g.npy.d, take_given, &g}, EW_COSINE, m->pool, &m->vectors, err));
done:
    ew_free(g.whole);
    ew_npy_close(&g.npy);
    return status;
}

ew_status ew_stage_vectors(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    if (run->options.vectors) return given_vectors(m, err);
    const char *digest;
    ew_status status = ew_encoder_start(m, run->encoder, &digest, err);
    if (status != EW_OK) return status;
    memcpy(run->model_digest, digest, sizeof run->model_digest);
    ew_encoder telling = m->encoder;
    telling.progress = hear;
    telling.progress_data = m;
    /* On unless asked otherwise: it helps broad corpora much and costs a narrow one little. */
    run->corpus_weight = run->options.corpus_part == 0 ? 0 : (double)ew_encoder_corpus_weight(&telling);
    return ew_vectors_build(&telling, &m->lists, (float)run->corpus_weight, run->options.seed, m->pool, &m->vectors, err);
}

/* Large corpora are put into the order of the index: all that follows looks at a row's neighbours, which lie near then. */
static ew_status sort_rows(ew_mining *m, ew_tiles *tiles, ew_error *err) {
    uint32_t *order = ew_alloc(m->rows.n, sizeof *order);
    if (!order) return ew_fail_memory(err, m->rows.n * sizeof *order, "rows");
    ew_status status = ew_tiles_sort(tiles, &m->vectors, order, err);
    if (status == EW_OK) status = ew_rows_reorder(&m->rows, order, err);
    m->lists = (ew_token_lists){m->rows.n, m->rows.start, m->rows.ids};
    ew_free(order);
    return status;
}

static ew_status neighbours_stage(ew_mining *m, ew_error *err) {
    ew_want want = ew_needs_want(m->vectors.n, 0, m->run->options.recall / 100.0, m->run->options.seed);
    ew_tiles tiles = {0};
    ew_status status = EW_OK;
    if (ew_wants_index(want, m->vectors.n)) {
        EW_TRY(ew_tiles_build(&m->vectors, want.seed, m->pool, &tiles, err));
        EW_TRY(sort_rows(m, &tiles, err));
        want.tiles = &tiles;
    }
    EW_TRY(ew_neighbours_find(&m->vectors, want, m->pool, &m->near, &m->run->recall_at_15, err));
    ew_remember_recall(m->run->recall_at_15);
done:
    ew_tiles_free(&tiles);
    return status;
}

static ew_status themes_stage(ew_mining *m, ew_error *err) {
    ew_status status =
        ew_themes_cut(&m->vectors, &m->near, (uint32_t)m->run->options.themes, m->pool, &m->partition, err);
    return status == EW_OK ? ew_row_words_build(&m->lists, m->tokenizer, &m->words, err) : status;
}

typedef struct { ew_mining *m; ew_error *err; } ticking;

static int tick(void *data, uint32_t done, uint32_t total) {
    ticking *t = data;
    return ew_mining_tick(t->m, "decoys", done, total, t->err) != EW_OK;
}

static ew_status needs_stage(ew_mining *m, ew_error *err) {
    const ew_options *options = &m->run->options;
    ticking telling = {m, err};
    ew_needs_input input = {.encoder = options->vectors ? NULL : &m->encoder,
                            .vectors = &m->vectors,
                            .lists = &m->near,
                            .tokens = &m->lists,
                            .vocab = ew_tokenizer_size(m->tokenizer),
                            .corpus_weight = (float)m->run->corpus_weight,
                            .recall = options->recall / 100.0,
                            .decoys = (uint32_t)options->decoys,
                            .test_rows = m->test_rows,
                            .seed = options->seed,
                            .tick = tick,
                            .tick_data = &telling};
    ew_decoy_files files = {0};
    uint32_t *owner = NULL;
    ew_status status;
    EW_TRY(ew_row_owners(m, &owner, err));
    input.owner = owner;
    if (options->keep_decoys) {
        EW_TRY(ew_decoy_files_begin(m, &files, err));
        input.keep = ew_decoy_files_add;
        input.keep_data = &files;
    }
    EW_TRY(ew_needs_find(&input, m->pool, &m->findings, err));
    if (options->keep_decoys) EW_TRY(ew_decoy_files_commit(&files, err));
done:
    ew_decoy_files_end(&files);
    ew_free(owner);
    m->run->threshold = m->findings.threshold;
    ew_deep_close(m->deep); /* its memory is for what comes */
    m->deep = NULL;
    m->encoder.deep = NULL;
    return status;
}

static ew_status context_stage(ew_mining *m, ew_error *err) { return ew_context_add(m->run, m->pool, err); }
