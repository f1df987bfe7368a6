/* edgewise: from customer comments to the needs that are never quite said.
 *
 * The one public header; it compiles alone as C99 and as C++.
 *
 * Ownership: whatever a function returns through `out` belongs to the caller and goes back through the matching _free;
 * pointers inside a run live until ew_run_free. Strings given in are read during the call only.
 * Threads: different runs may be used by different threads at once; one run by one thread at a time. Every call is
 * deterministic: the same input, options and model give the same bytes for any number of threads. While a run holds large
 * arrays in files one more thread looks at the memory of the process; it blocks all signals and ends with the last of them.
 * Errors: a negative ew_status; `err`, where not NULL, receives a readable line (what, where, what to do).
 * The library never prints, exits, aborts, or uses the network.
 * Units: times are seconds since 1970-01-01 UTC; offsets are bytes of the comment's original text, end exclusive.
 */
#ifndef EDGEWISE_H
#define EDGEWISE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define EW_PUBLIC __attribute__((visibility("default")))
#define EW_MUST_CHECK __attribute__((warn_unused_result))
#else
#define EW_PUBLIC
#define EW_MUST_CHECK
#endif

#define EW_VERSION "0.1.0"
#define EW_NONE UINT32_MAX /* "no such index" wherever an index may be absent */

/* ---- errors -------------------------------------------------------------------------------------------------- */

typedef enum ew_status {
    EW_OK = 0,
    EW_USAGE = -2,     /* an option or argument makes no sense */
    EW_INPUT = -3,     /* the input cannot be read or is not what it claims to be */
    EW_RESOURCE = -4,  /* memory, disk or a declared limit */
    EW_INTERNAL = -5,  /* a bug in edgewise */
    EW_CANCELLED = -6  /* the progress callback asked to stop */
} ew_status;

typedef struct ew_error {
    ew_status code;
    uint64_t line;      /* 1-based line of the input; 0: not about a line */
    uint64_t byte;      /* 0-based byte of the decompressed input; meaningful where line is */
    char message[480];  /* one line, lower case, says what to do; names file, line and byte where there are any */
} ew_error;

/* ---- options ------------------------------------------------------------------------------------------------- */

typedef enum ew_column {
    EW_COL_ID, EW_COL_TEXT, EW_COL_TITLE, EW_COL_TIME, EW_COL_RATING, EW_COL_PRODUCT, EW_COL_CUSTOMER, EW_COL_SEGMENT,
    EW_COL_SOURCE, EW_COL_LANG, EW_COLUMNS
} ew_column;

/* What makes vectors of comments. EW_ENCODER_AUTO is deep where `deep` says where its weights are, no `model` and no `vectors`
 * are given, and the run, decoys included, is expected to stay within `budget` and `memory`. The seconds are those of two cores
 * of a server of 2024, whatever this machine is: so the choice follows from input and options alone. run.json says which
 * encoder it was and why. EW_ENCODER_STUDENT is a small network, built in, between the two; only who asks for it gets it. */
typedef enum ew_encoder_choice { EW_ENCODER_AUTO, EW_ENCODER_STATIC, EW_ENCODER_DEEP, EW_ENCODER_STUDENT } ew_encoder_choice;

/* How near two rows of anybody's vectors are (ew_neighbours_file, ew_cluster_file). Cosine: lengths do not matter, and a row of
 * zeros is equally far from all. Inner product: as given, so long rows are near to many (maximum inner product search). */
typedef enum ew_metric { EW_COSINE, EW_INNER_PRODUCT } ew_metric;

/* Called from the calling thread, at most about ten times a second; done and total count whatever the stage counts
 * (total 0: unknown). Returns nonzero to stop: the call then returns EW_CANCELLED and writes nothing. */
typedef int (*ew_progress_fn)(void *data, const char *stage, uint64_t done, uint64_t total);

enum { EW_CLUSTER_RECALL = 85 }; /* what the command line and Python ask for where they are not told otherwise */

typedef struct ew_options {
    uint32_t struct_size;              /* set by ew_options_init: sizeof(ew_options) of the caller */
    int threads;                       /* worker threads; 0: one for each available core */
    uint64_t seed;                     /* seed of all random numbers (1) */
    uint64_t memory;                   /* bytes a run may use; 0: no limit; a run that would need more stops before it
                                          starts; close to it, arrays that lie in files leave memory */
    uint64_t max_rejected;             /* records that may be rejected before ew_run_rejected matters to a caller (0) */
    uint64_t max_units;                /* units of analysis at most (20000000) */
    int recall;                        /* percent of each row's 15 nearest that neighbour lists should hold in the mean, 50 to 100
                                        * (95), as far as a bounded search goes (ew_last_recall); 100: all pairs are compared,
                                        * in quadratic time, as up to 50,000 rows they always are; ew_cluster_file makes labels as
                                        * good with EW_CLUSTER_RECALL */
    uint64_t max_line;                 /* bytes of one record at most (16 MiB) */
    int zstd_window_log;               /* largest zstd window accepted, log2 (27) */
    int decoys;                        /* corpora without structure to test against (10); 0: nothing can be confirmed */
    int corpus_part; /* LSA columns beside the model's: 1 on, 0 off, -1 as this version thinks best: on, but off in embed (-1) */
    int pack_level;                    /* zstd level of ew_pack_file, 1 to 19 (3) */
    int themes;                        /* number of themes; 0: automatic */
    int keep_pii;                      /* 1: show e-mail addresses, phone, card and account numbers unmasked (0) */
    const char *format;                /* "jsonl", "json", "csv", "tsv"; NULL: recognised */
    const char *columns[EW_COLUMNS];   /* names of the input's columns; NULL: recognised by name */
    const char *since, *until;         /* first and last day, "YYYY-MM-DD": comments of other days, or of none, are left out;
                                          NULL: all; not with vectors, whose rows are the comments' */
    const char *catalogue;             /* CSV of products (first column the name); NULL: none */
    const char *competitors;           /* CSV of competitors (name, aliases); NULL: none */
    const char *cues;                  /* patterns of cues beside or in place of the built-in ones; NULL: none */
    const char *model;                 /* a static model's folder or file (see ew_model_describe); NULL: the built-in one */
    int encoder;                       /* an ew_encoder_choice (EW_ENCODER_AUTO); ew_embed_file knows no budget */
    uint64_t budget;                   /* nominal seconds within which EW_ENCODER_AUTO takes the deep encoder (180) */
    const char *deep;                  /* weights of the deep encoder: folder or file of a BERT for sentences; NULL: none */
    const char *keep_decoys;           /* folder that gets the decoys, decoy-01.jsonl.zst and so on; NULL: they are thrown away */
    int metric;                        /* an ew_metric, of ew_neighbours_file and ew_cluster_file (EW_COSINE) */
    const char *vectors;               /* .npy [comments, d] in place of the model's; NULL: none */
    ew_progress_fn progress;           /* NULL: none */
    void *progress_data;
} ew_options;

/* One input: a file (data NULL; "-" is standard input) or bytes in memory under a name. */
typedef struct ew_input {
    const char *name;
    const void *data;
    size_t size;
} ew_input;

/* ---- results ------------------------------------------------------------------------------------------------- */

typedef enum ew_tier { EW_CONFIRMED, EW_WATCH, EW_WHISPER } ew_tier;
typedef enum ew_kind { EW_EXPRESSED, EW_LATENT, EW_MIXED } ew_kind;
typedef enum ew_cue_kind {
    EW_CUE_DESIRE, EW_CUE_ABSENCE, EW_CUE_WORKAROUND, EW_CUE_EFFORT, EW_CUE_RESIGNATION, EW_CUE_COMPARISON, EW_CUE_WORRY,
    EW_CUE_DELIGHT, EW_CUE_KINDS
} ew_cue_kind;
/* Why a comment is in no theme and no need. */
typedef enum ew_noise {
    EW_NOISE_NONE, EW_NOISE_EMPTY, EW_NOISE_TOO_SHORT, EW_NOISE_NO_CONTENT, EW_NOISE_OTHER_LANGUAGE, EW_NOISE_COPY,
    EW_NOISE_BOILERPLATE, EW_NOISE_LONE_VOICE, EW_NOISE_OFF_TOPIC, EW_NOISE_KINDS
} ew_noise;
typedef enum ew_family_kind { EW_FAMILY_COPY, EW_FAMILY_TEMPLATE, EW_FAMILY_CAMPAIGN } ew_family_kind;

typedef struct ew_span { uint32_t comment, start, end; } ew_span;
typedef struct ew_cue { uint32_t comment, start, end; ew_cue_kind kind; } ew_cue;
typedef struct ew_segment { const char *name; double ratio, q; } ew_segment;

/* Cues of one kind in a need against the head of its theme: the theme's comments in no need (those of all themes, where it has no
 * theme). */
typedef struct ew_cue_lift {
    uint32_t n;                  /* its comments with such a cue, copies counted once */
    double share, rest;          /* n over all its comments; the same of the head; NaN: there is no head */
    double log_odds, z;          /* ln of the ratio of odds, drawn towards 0 where comments are few; the same over its error */
    double q;                    /* whether more, or fewer, may be chance: of an exact test, over all needs and kinds */
} ew_cue_lift;

/* What a need's score is made of: score = P / (1 + P), P the product of the factors. */
typedef enum ew_score_term {
    EW_SCORE_FRINGE,             /* how far out it lies (its rank, 0..1) */
    EW_SCORE_APART,              /* how much more alike its comments are than with the group around them: heights in the tree */
    EW_SCORE_BREADTH,            /* how many distinct comments it has */
    EW_SCORE_TIGHT,              /* how alike its comments are; 1: enough */
    EW_SCORE_STABLE,             /* how much of it comes back in trees built otherwise */
    EW_SCORE_CHANCE,             /* the tail score against the decoys: low where these hold many groups like it */
    EW_SCORE_SUBSTANCE,          /* how long its comments are, over half of the corpus' median; 1: as long, or longer */
    EW_SCORE_QUIET,              /* share of comments that tell of a workaround, effort, resignation or worry */
    EW_SCORE_COST,               /* rating points that it costs at least, by the interval of impact */
    EW_SCORE_OPEN,               /* 1 less what is short of comments that ask, deny, lack, worry or make do; 1: enough of them */
    EW_SCORE_OWN,                /* share of its comments that are not copies of each other's wording nor by one customer */
    EW_SCORE_HELD,               /* how much the words tell that its comments share, over the median need's; 1: three quarters */
    EW_SCORE_LANGUAGE,           /* share of its comments in a main language of the corpus, over the corpus' share */
    EW_SCORE_DISPLEASED,         /* 1 less the share of its comments that praise and leave nothing open */
    EW_SCORE_NEW,                /* share of its comments that no need before it has; 1: three in five */
    EW_SCORE_UNLIKE,             /* 1 less how near it is to the nearest need before it (cosine); 1: .4 */
    EW_SCORE_TERMS
} ew_score_term;
typedef struct ew_score_part { double value, weight, factor; } ew_score_part;

typedef struct ew_why {          /* the figures behind a need; NaN: not measured */
    double list_score;           /* N: the terms of the score up to stability (the order in which groups were chosen) */
    double significance;         /* tail score against the decoys; higher is further from chance */
    double inside;               /* mean similarity within the group */
    double outside;              /* mean similarity to the ten nearest outsiders */
    double expressed_share;      /* share of comments whose best sentence asks */
    double quiet_share;          /* share of comments that tell of a workaround, effort, resignation or worry */
    double top_customer, top_day, top_source; /* largest share of one customer, day, source */
    const char *condition;       /* the condition that keeps it from the next tier; "" if none */
    double rise;                 /* evidence that it is voiced more of late, beyond the threshold of emerging; nats */
} ew_why;

typedef struct ew_need {
    const char *id, *name;
    ew_tier tier;
    ew_kind kind;
    double score, q, stability, fringe;                   /* q: NaN in a run without decoys */
    uint32_t size, families, customers;
    const uint32_t *comments;                             /* [size] indices of comments, most central first */
    const ew_span *exemplars; uint32_t n_exemplars;       /* sentences that show it best, one a customer */
    const ew_cue *cues; uint32_t n_cues;
    ew_cue_lift lift[EW_CUE_KINDS];
    ew_score_part parts[EW_SCORE_TERMS];
    const char *const *words; uint32_t n_words;
    uint32_t theme;                                       /* index of the theme it lies in or next to; EW_NONE */
    char onset[11], alarm[11];                            /* YYYY-MM-DD; "" if none */
    int emerging;
    const ew_segment *segments; uint32_t n_segments;
    const char *const *competitors; uint32_t n_competitors;
    const char *const *products; uint32_t n_products;
    double impact, impact_low, impact_high;               /* rating points against comparable comments; NaN: no ratings */
    const char *alike;                                    /* id of the nearest need before it, if it is close
                                                           * (EW_SCORE_UNLIKE is below 1); "" if none is */
    ew_why why;
} ew_need;

/* One value of a column among a theme's comments: how many have it, and how many times as often as in the whole corpus. */
typedef struct ew_share { const char *name; uint32_t comments; double ratio; } ew_share;
typedef struct ew_shares { const ew_share *of; uint32_t n; } ew_shares; /* commonest first, twenty at most */

typedef struct ew_theme {
    const char *id, *name;
    uint32_t parent;                                      /* index; EW_NONE at the top */
    uint32_t level;                                       /* 0 is the coarsest */
    int rest;                                             /* of comments that are near to no theme: its words tell little */
    uint32_t size;                                        /* comments */
    const char *const *words; uint32_t n_words;
    const ew_span *exemplars; uint32_t n_exemplars;
    double share, share_low, share_high;                  /* of all comments, 95 % Wilson interval */
    double rating, rating_low, rating_high;               /* mean and 95 % interval; NaN: none */
    uint32_t families, customers, rated, timed;           /* rated, timed: comments with a rating, with a time */
    uint32_t length[3];                                   /* quartiles of the comments' characters */
    ew_shares languages, products, segments, sources;
    char first[11], last[11];                             /* days of the first and last comment, YYYY-MM-DD; "" if none */
    const uint32_t *weeks; uint32_t n_weeks;              /* voices (copies count once) by week of the corpus; see run.json */
    char onset[11], alarm[11];                            /* as of a need */
    int emerging;
    double trend, trend_low, trend_high;                  /* share in the later half of the weeks over that in the earlier, 95 %
                                                           * interval; NaN: too few weeks to tell */
} ew_theme;

typedef struct ew_comment {
    const char *id;
    uint32_t theme, need;                                 /* indices; EW_NONE */
    const uint32_t *needs; uint32_t n_needs;              /* all needs it is in, best first */
    const uint32_t *themes; uint32_t n_themes;            /* all themes its parts lie in, its own first */
    double fringe;                                        /* 0 the middle .. 1 the outermost; NaN: not analysed */
    ew_noise noise;
    const char *family;                                   /* "" if it is in none */
    const char *lang;                                     /* ISO 639-1; "" unknown */
    const char *product, *customer, *segment, *source;    /* "" if none */
    int64_t time;                                         /* INT64_MIN: none */
    double rating;                                        /* NaN: none */
} ew_comment;

typedef struct ew_counts {
    uint64_t read, in_themes, in_needs_only, noise[EW_NOISE_KINDS], rejected; /* read = all the others together */
    uint64_t outside; /* beside these: left out by options.since and options.until */
} ew_counts;

typedef struct ew_run ew_run;

/* ---- the main job -------------------------------------------------------------------------------------------- */

EW_PUBLIC void ew_options_init(ew_options *options);

/* Reads the inputs and returns a finished run. Records that cannot be read are rejected one by one and counted; an
 * input that breaks off (truncated, not decodable) is an EW_INPUT error and no run is returned. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_mine(const ew_input *inputs, size_t n, const ew_options *options, ew_run **out,
                                          ew_error *err);
EW_PUBLIC void ew_run_free(ew_run *run);

EW_PUBLIC const ew_need *ew_run_needs(const ew_run *run, size_t *n);    /* ranked */
EW_PUBLIC const ew_theme *ew_run_themes(const ew_run *run, size_t *n);  /* level by level, larger first */
EW_PUBLIC size_t ew_run_size(const ew_run *run);                        /* comments, input order */
EW_PUBLIC void ew_run_comment(const ew_run *run, size_t index, ew_comment *out);
EW_PUBLIC void ew_run_counts(const ew_run *run, ew_counts *out);
/* The words of [start, end) of a comment, masked unless options.keep_pii; 0, 0: all of it. Freed by ew_free. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_run_text(const ew_run *run, uint32_t comment, uint32_t start, uint32_t end, char **out,
                                              size_t *length, ew_error *err);
/* The k-th rejected record in words ("file:line: byte N: reason"); NULL beyond the first thousand or the last. */
EW_PUBLIC const char *ew_run_rejected(const ew_run *run, size_t k);
/* needs.jsonl, themes.jsonl, comments.jsonl, run.json, edgewise.db, model.bin, report.html in folder `dir` (made if missing);
 * each is written beside its final name and renamed, so a failure leaves the earlier file. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_run_write(const ew_run *run, const char *dir, ew_error *err);
/* run.json without its file: counts, options, model, FDR table. Freed by ew_free. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_run_json(const ew_run *run, char **out, ew_error *err);

/* ---- one stage alone ----------------------------------------------------------------------------------------- */

/* A plan as JSON: columns recognised, comments, bytes, memory and seconds expected; reads a sample only. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_plan(const ew_input *inputs, size_t n, const ew_options *options, char **json,
                                          ew_error *err);
/* How often structureless versions of these very comments give a need that would be confirmed: `corpora` of words redrawn within
 * topics and `corpora` of walks over pairs of words, each through the whole of it. JSON: per kind corpora, with_confirmed,
 * share_at_most (upper end of the one-sided 95 % interval), confirmed and largest per corpus. Takes as long as 2 corpora runs.
 * The encoder is the one that ew_mine would take. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_nulls(const ew_input *inputs, size_t n, const ew_options *options, uint32_t corpora,
                                           char **json, ew_error *err);
/* Each reads the inputs and writes `path` (see the manual page for the formats); n_out: rows written. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_tokens_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                            uint64_t *n_out, ew_error *err);
EW_PUBLIC EW_MUST_CHECK ew_status ew_embed_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                           uint64_t *n_out, ew_error *err);
EW_PUBLIC EW_MUST_CHECK ew_status ew_families_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                              uint64_t *n_out, ew_error *err);
EW_PUBLIC EW_MUST_CHECK ew_status ew_signals_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                             uint64_t *n_out, ew_error *err);
/* JSONL in zstd frames of about 1 MiB with an index, so that it is read in parallel; n_out: records. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_pack_file(const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                                          uint64_t *n_out, ew_error *err);
/* vectors: .npy [n, d] float32, float16, float64 or int8, read a few rows at a time: memory is a byte a value and the lists;
 * path: .npy int32 [n, k] / int32 [n]. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_neighbours_file(const char *vectors, uint32_t k, const ew_options *options, const char *path,
                                                uint64_t *n_out, ew_error *err);
EW_PUBLIC EW_MUST_CHECK ew_status ew_cluster_file(const char *vectors, const ew_options *options, const char *path,
                                             uint64_t *n_out, ew_error *err);

/* ---- models ---------------------------------------------------------------------------------------------------- */

/* What the model at `path` is, as JSON: form, kind of tokenizer, vocabulary, columns, type of values, digest; or EW_INPUT and why
 * it cannot be used. A folder with model.safetensors and tokenizer.json (model2vec, sentence-transformers), or a file of our own;
 * NULL: the built-in one. Freed by ew_free. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_model_describe(const char *path, char **json, ew_error *err);
/* Converts such a folder to one file, which holds the tokenizer too. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_model_import(const char *path, const char *out, ew_error *err);

/* ---- a finished run on disk ---------------------------------------------------------------------------------- */

/* Why the need or comment `id` of the run in `dir` is where it is: text for a person, or JSON. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_explain(const char *dir, const char *id, int as_json, char **out, ew_error *err);

/* Puts comments into the themes and needs of the finished run in `dir`, without fitting anything again, and writes them to `path`
 * as in comments.jsonl, without families, with "known": whether the comment was in the run (it then gets what it got there).
 * Needs the run's model.bin and the encoder it was made with (options.model, options.deep). n_out: comments. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_assign_file(const char *dir, const ew_input *inputs, size_t n, const ew_options *options,
                                            const char *path, uint64_t *n_out, ew_error *err);

/* ---- this library -------------------------------------------------------------------------------------------- */

EW_PUBLIC const char *ew_version(void);
/* Instruction sets, BLAS, model, memory, versions: what a bug report needs, as JSON. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_doctor(char **json, ew_error *err);
/* Seconds by stage, CPU seconds (in all, and by stage in "cpu_stages": right where stages run one after the other) and peak
 * memory of the last call of this thread, as JSON. */
EW_PUBLIC EW_MUST_CHECK ew_status ew_timings(char **json, ew_error *err);
/* How many records the last call of this thread that read inputs has rejected; `first`, where not NULL, gets the first of them in
 * words (valid until the next such call), "" if none. */
EW_PUBLIC uint64_t ew_last_rejected(const char **first);
/* Share of the 15 nearest that the lists of this thread's last ew_mine, ew_neighbours_file or ew_cluster_file hold, measured on
 * a sample of rows; 1 where all pairs were compared. It may be less than options.recall: what a row asks of the index has a
 * bound. */
EW_PUBLIC double ew_last_recall(void);
EW_PUBLIC void ew_free(void *memory);
EW_PUBLIC const char *ew_tier_name(ew_tier tier);
EW_PUBLIC const char *ew_kind_name(ew_kind kind);
EW_PUBLIC const char *ew_cue_name(ew_cue_kind kind);
EW_PUBLIC const char *ew_score_name(ew_score_term term);
EW_PUBLIC const char *ew_noise_name(ew_noise noise); /* NULL for EW_NOISE_NONE */
/* Replaces malloc, realloc and free for everything edgewise allocates itself; before the first other call. */
EW_PUBLIC void ew_set_allocator(void *(*resize)(void *data, void *memory, size_t bytes), void *data);

#ifdef __cplusplus
}
#endif
#endif
