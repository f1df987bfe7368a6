/* What a run holds while it is made: one field a stage, filled from top to bottom. Inside core's top level only. */
#ifndef EW_MINING_H
#define EW_MINING_H

#include "base/stop.h"
#include "context/run.h"
#include "needs/needs.h"
#include "needs/signals.h"
#include "cost.h"
#include "tokens/rows.h"

typedef struct ew_mining {
    const ew_input *inputs; size_t n_inputs;
    ew_run *run;                 /* options, corpus, families; the rest is filled by assemble */
    ew_pool *pool;
    ew_model model;
    ew_tokenizer *tokenizer;
    ew_boilerplate *boilerplate;
    ew_units units;
    ew_rows rows;
    ew_token_lists lists;        /* views of rows */
    ew_deep *deep;               /* closed when the last decoy is done */
    ew_student *student;         /* both NULL: static */
    ew_encoder encoder;          /* views of model and deep */
    uint32_t test_rows;          /* rows of analysis in the test at most */
    ew_vectors vectors;
    ew_lists near;
    ew_partition partition;
    ew_row_words words;
    ew_findings findings;
    ew_centres need_centres;     /* of findings and needs, while they go together */
    ew_signals *signals;
    ew_ranges *sentences; uint32_t n_sentences; /* [comments] of those that were asked for */
    size_t within;               /* ew_spill_within before the run */
    ew_stop stop; ew_stop_scope before; /* asks options.progress whether to go on, wherever the work is */
    struct { const char *stage; uint64_t done, total; } progress; /* what the caller was last told */
} ew_mining;

/* The comment that a row is a part of; of several with the same text the first. */
static inline uint32_t ew_row_comment(const ew_mining *m, uint32_t row) {
    return m->units.comment[m->rows.unit[m->rows.unit_start[row]]];
}

/* Tells the caller where the work is; EW_CANCELLED if it has had enough. */
EW_MUST_CHECK ew_status ew_mining_tick(ew_mining *m, const char *stage, uint64_t done, uint64_t total, ew_error *err);

/* Stages of engine.c that other entry points share (prepare.c). */
EW_MUST_CHECK ew_status ew_options_check(const ew_options *options, ew_error *err);
EW_MUST_CHECK ew_status ew_mining_begin(ew_mining *m, const ew_input *inputs, size_t n, const ew_options *options, ew_error *err);
void ew_mining_end(ew_mining *m); /* frees everything but the run, which is the caller's by then or NULL */
EW_MUST_CHECK ew_status ew_stage_read(ew_mining *m, ew_error *err);
EW_MUST_CHECK ew_status ew_stage_boilerplate(ew_mining *m, ew_error *err);
EW_MUST_CHECK ew_status ew_stage_families(ew_mining *m, ew_error *err);
EW_MUST_CHECK ew_status ew_stage_units(ew_mining *m, ew_error *err);
EW_MUST_CHECK ew_status ew_stage_vectors(ew_mining *m, ew_error *err); /* engine.c */
/* The encoder of the run, once its rows are known; EW_RESOURCE if the analysis would not fit options.memory. */
EW_MUST_CHECK ew_status ew_stage_encoder(ew_mining *m, ew_error *err); /* encoder.c */

/* One stage alone: begins, reads the corpus, runs the body, remembers the timings. *n_out is 0 where it fails. */
typedef ew_status (*ew_alone_fn)(ew_mining *m, const char *path, uint64_t *n_out, ew_error *err);
EW_MUST_CHECK ew_status ew_alone(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                                 ew_alone_fn body, ew_error *err);

/* The member that speaks for a family: the one whose text has the smallest hash, so that the order of records changes nothing. */
uint32_t ew_family_voice(const ew_run *run, uint32_t family);
/* The comment that each row is a part of, of several the first: *out [rows], the caller's; NULL: no comment has two parts. */
EW_MUST_CHECK ew_status ew_row_owners(const ew_mining *m, uint32_t **out, ew_error *err);

/* family_ids of the run, from its families (assemble_comments.c). */
EW_MUST_CHECK ew_status ew_name_families(ew_run *run, ew_error *err);

/* Rows, themes and findings -> comments, themes and needs of the run (assemble_*.c). */
EW_MUST_CHECK ew_status ew_assemble_comments(ew_mining *m, ew_error *err);
EW_MUST_CHECK ew_status ew_assemble_themes(ew_mining *m, ew_error *err);
EW_MUST_CHECK ew_status ew_assemble_needs(ew_mining *m, ew_error *err);
/* Cues, kind and lift of every need: while findings and needs go together. */
EW_MUST_CHECK ew_status ew_assemble_cues(ew_mining *m, ew_error *err);
/* What `assign` will need, into run->places (assign_remember.c); before the ranking, while findings and needs go together. */
EW_MUST_CHECK ew_status ew_stage_remember(ew_mining *m, ew_error *err);
/* Tiers, score, order, and who is in which need: once the context is known. */
EW_MUST_CHECK ew_status ew_assemble_ranking(ew_mining *m, ew_error *err);
/* Units -> parts of comments, kept for whoever asks why; the last to need m->units. */
EW_MUST_CHECK ew_status ew_assemble_parts(ew_mining *m, ew_error *err);

/* The shape of the deep encoder if it may be used, all zeros if not; EW_INPUT if it cannot be: asked before anything is read. */
EW_MUST_CHECK ew_status ew_encoder_look(const ew_options *options, ew_deep_shape *out, ew_error *err);
EW_MUST_CHECK ew_status ew_encoder_open(const char *path, ew_deep **out, ew_error *err);
/* Opens the encoder called `name` ("static", "student", "deep" with options.deep) as m->encoder; *digest: of what it reads. */
EW_MUST_CHECK ew_status ew_encoder_start(ew_mining *m, const char *name, const char **digest, ew_error *err);
/* Which encoder the options and the work ask for. A function of these alone. */
typedef struct ew_choice {
    int deep;
    const char *name;   /* "static", "student", "deep", "vectors" */
    uint32_t test_rows; /* in the test at most; with the deep encoder as many as the budget has room for */
    char why[120];
    ew_cost cheap, dear; /* with the static encoder; with the deep one, the common one if there is none */
} ew_choice;
ew_choice ew_encoder_choose(const ew_options *options, const ew_deep_shape *shape, const ew_work *work);

/* Seconds and memory of the calling thread's last call, for ew_timings. */
void ew_remember_timings(const ew_stopwatch *timings);
void ew_remember_rejects(const ew_rejects *rejects); /* for ew_last_rejected */
void ew_remember_recall(double recall);              /* for ew_last_recall */

#endif
