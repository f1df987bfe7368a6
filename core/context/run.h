/* The run in memory: what the engine fills and store, report, the command line and the bindings read.
 * All pointers are owned by the run (arrays on the heap, strings in `strings`). */
#ifndef EW_CONTEXT_RUN_H
#define EW_CONTEXT_RUN_H

#include "../base/clock.h"
#include "../base/pool.h"
#include "../read/read.h"
#include "../text/families.h"

/* One line of the false-discovery table: thresholds of the tail score and what passes them. */
typedef struct ew_fdr_row { double threshold; uint32_t real; double decoys; double fdr; } ew_fdr_row;

typedef struct ew_near { uint32_t comment; float similarity; } ew_near;

struct ew_run {
    ew_options options;            /* strings copied into `strings` */
    char **input_names; uint32_t n_inputs; /* base names, without folders: a run's files do not depend on where it was made */
    ew_corpus corpus;
    ew_families families;
    char (*family_ids)[20];        /* [families.n] "f_..." */

    uint32_t *theme;               /* [comments] index of its finest theme; EW_NONE */
    float *fringe;                 /* [comments] NaN: not analysed */
    uint8_t *noise;                /* [comments] ew_noise */
    const char **lang;             /* [comments] literals or dictionary strings */
    struct ew_parts {              /* what was compared: parts of comments, in their order; all NULL: not kept */
        uint32_t n, *comment;
        uint32_t *start, *end;     /* bytes of the comment's text */
        uint32_t *theme;           /* EW_NONE: in none */
    } parts;
    ew_near *near;                 /* [comments, 5] nearest other comments, best first; comment EW_NONE: none */
    uint64_t *theme_start;         /* [comments + 1] into theme_of */
    uint32_t *theme_of;            /* all finest themes of each comment's parts, its own first */
    uint64_t *need_start;          /* [comments + 1] into need_of */
    uint32_t *need_of;             /* needs of each comment, best first */

    ew_need *needs; uint32_t n_needs;
    ew_theme *themes; uint32_t n_themes;
    struct ew_places *places;      /* for comments to come, without this run's own (places.h); NULL: none can be placed */
    float *map_xy;                 /* [comments, 2] a place on the report's map, NaN: none; NULL: no map */

    ew_counts counts;
    ew_fdr_row *fdr; uint32_t n_fdr;
    uint32_t *weeks, n_weeks;      /* voices by week, up to ten years back from the corpus' last day; none where there are few */
    char weeks_from[11];           /* first day of the first week; "": no weeks */
    double threshold;              /* tail score from which a group is significant; infinite: none is */
    double far;                    /* similarity of its nearest other below which a comment is alone */
    uint32_t units, tested_units, boilerplate_lines, decoys_used;
    double corpus_weight;          /* of the LSA part; 0: off */
    double recall_at_15;           /* 1: exact */
    uint32_t candidates, significant;
    char model_digest[17];
    const char *encoder;           /* "static", "student", "deep", "vectors" */
    const char *encoder_why;       /* for a person */
    ew_stopwatch timings;
    char **strings; uint32_t n_strings, strings_capacity;
};

/* A copy of text[0 .. n) that lives as long as the run. */
EW_MUST_CHECK ew_status ew_run_keep(ew_run *run, const char *text, size_t n, const char **out, ew_error *err);
/* run.json's text: a pure function of input, options and model (timings are told by ew_timings). */
EW_MUST_CHECK ew_status ew_run_describe(const ew_run *run, ew_buffer *out, ew_error *err);

#endif
