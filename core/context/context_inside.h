/* What the files of context.c share with each other and with nobody else (tests excepted).
 *
 * evidence.c   a need's families and their representatives
 * weeks.c      the corpus by week; onset.c a need or theme by week -> onset, alarm, emerging
 * segments.c   who says it
 * ratings.c    what it costs
 * theme_figures.c  a theme in figures
 * names.c      lists of products and competitors, and finding them in text; mentions.c which of them a need names */
#ifndef EW_CONTEXT_INSIDE_H
#define EW_CONTEXT_INSIDE_H

#include "context.h"

/* ---- evidence ---- */

/* One voice for each family of a need, and for each of its comments that is in none. */
typedef struct ew_evidence {
    uint32_t *comments; /* [n] the voice's first comment, ascending */
    int64_t *time;      /* [n] the earliest known time of its comments in the need; INT64_MIN: none */
    uint32_t n;
} ew_evidence;

EW_MUST_CHECK ew_status ew_evidence_make(const ew_run *run, const ew_need *need, ew_evidence *out, ew_error *err);
void ew_evidence_free(ew_evidence *evidence);
/* need->families, customers and why.top_*. */
EW_MUST_CHECK ew_status ew_evidence_describe(const ew_run *run, const ew_evidence *evidence, ew_need *need, ew_error *err);
/* The voices of the whole corpus: the first comment of each family, and each that is in none. */
static inline uint32_t ew_voice_of(const ew_run *run, uint32_t comment) {
    uint32_t family = run->families.of ? run->families.of[comment] : EW_NONE;
    return family == EW_NONE ? comment : run->families.rows[run->families.start[family]];
}
static inline int ew_is_voice(const ew_run *run, uint32_t comment) { return ew_voice_of(run, comment) == comment; }

/* ---- time ---- */

enum { EW_WEEKS_MIN = 6, EW_WEEKS_MAX = 520, EW_WEEKS_RECENT = 4, EW_WEEKS_SPREADS = 4, EW_WEEKS_LEVELS = 8 };
/* Levels are weekly means of 2^-6, 2^-4, .. */
enum { EW_WEEKS_LEVEL_FIRST = 6, EW_WEEKS_LEVEL_STEP = 2 };
#define EW_WEEKS_HALF .5       /* a voice that the weeks before are given, as nobody's usual is nothing */
#define EW_WEEKS_SPREAD_MOST 2. /* dispersion */

/* The corpus by week, counted back from its last day; weeks before the last ten years are left out. */
typedef struct ew_weeks {
    uint32_t n;          /* 0: too few weeks, or no times */
    int64_t last_day;    /* days since 1970 */
    uint32_t *volume;    /* [n] voices */
    double total;        /* their sum */
    uint32_t before;     /* weeks that are not the last four (of fewer than eight: the last half); theirs is usual */
    double total_before; /* their voices */
    double dispersion;   /* phi: variance = mean + phi mean^2; median of the themes */
    double level[EW_WEEKS_SPREADS][EW_WEEKS_LEVELS]; /* thresholds, by dispersion and weekly mean */
} ew_weeks;

EW_MUST_CHECK ew_status ew_weeks_make(const ew_run *run, ew_pool *pool, ew_weeks *out, ew_error *err);
void ew_weeks_free(ew_weeks *weeks);
/* The week of a time, EW_NONE outside. */
uint32_t ew_weeks_of(const ew_weeks *weeks, int64_t time);
/* Dispersions of the thresholds, each four times the one before. */
double ew_weeks_spread(uint32_t spread);
/* A group's own dispersion in the weeks before the recent ones, drawn to the themes' median, and no less. */
double ew_weeks_dispersion(const ew_weeks *weeks, const uint32_t *counts);
/* How far y voices in a week of mean `mean` speak for a rise: a log-likelihood ratio. */
double ew_weeks_step(double y, double mean, double dispersion);
EW_MUST_CHECK ew_status ew_onset_find(const ew_run *run, const ew_weeks *weeks, const ew_evidence *evidence, ew_need *need,
                                      ew_error *err);
/* The last rise of the weekly voices, counts [n], of a need or theme: the week it begins and the one in which it passes
 * the threshold (EW_NONE: there is none); whether it goes on and began in the last four weeks; how far above it is now. */
typedef struct ew_rise { uint32_t onset, alarm; int emerging; double above; } ew_rise;
ew_rise ew_rise_find(const ew_weeks *weeks, const uint32_t *counts);
/* Whether five customers or more (whoever is not known counts as one) have spoken since the onset: of voices with these times, or
 * (time NULL) of those among the comments that are voices. */
int ew_rise_broad(const ew_run *run, const ew_weeks *weeks, uint32_t onset, const uint32_t *comments, const int64_t *time,
                  uint32_t n);
/* The last day of a week, YYYY-MM-DD. */
void ew_weeks_date(const ew_weeks *weeks, uint32_t week, char out[11]);

/* ---- segments ---- */

/* evidence: [run->n_needs]. Fills segments of all needs. */
EW_MUST_CHECK ew_status ew_segments_find(ew_run *run, const ew_evidence *evidence, ew_error *err);

/* ---- ratings ---- */

typedef struct ew_stratum { uint64_t key; double sum; uint32_t n; } ew_stratum;

/* Ratings by product and month. */
typedef struct ew_ratings {
    uint32_t *of;         /* [comments] stratum; EW_NONE: no rating */
    ew_stratum *strata; uint32_t n;
    double sum; uint32_t rated;
} ew_ratings;

EW_MUST_CHECK ew_status ew_ratings_make(const ew_run *run, ew_ratings *out, ew_error *err);
void ew_ratings_free(ew_ratings *ratings);
EW_MUST_CHECK ew_status ew_impact_find(const ew_run *run, const ew_ratings *ratings, ew_need *need, ew_error *err);

/* ---- themes ---- */

/* Everything countable of all themes, from run->theme and their parents; `forget` frees what an earlier call found. */
EW_MUST_CHECK ew_status ew_theme_figures_find(ew_run *run, const ew_weeks *weeks, ew_pool *pool, ew_error *err);
void ew_theme_figures_forget(ew_run *run);

/* ---- names ---- */

typedef struct ew_names {
    ew_buffer text;                     /* all names, each followed by NUL */
    uint32_t *at; uint32_t n, capacity; /* where each begins */
    uint64_t *keys; uint32_t *owners;   /* open addressing by hash of the word sequence -> name; 0 empty */
    size_t n_keys, mask;
    const char *kept;                   /* text, as the run keeps it */
    ew_buffer normal;                   /* scratch */
} ew_names;

void ew_names_init(ew_names *names);
void ew_names_free(ew_names *names);
/* Reads a CSV list: names first, and with `aliases` further spellings in the second column, parted by ';' or '|'. The
 * first line is a header if its first field is a word such as "name" or "product". Errors name file, line and byte. */
EW_MUST_CHECK ew_status ew_names_load(ew_names *names, const char *path, int aliases, ew_error *err);
EW_MUST_CHECK ew_status ew_names_parse(ew_names *names, const char *path, const char *csv, size_t n, int aliases, ew_error *err);
/* The name that a whole text spells; EW_NONE. */
EW_MUST_CHECK ew_status ew_names_match(const ew_names *names, const char *text, size_t n, ew_buffer *scratch, uint32_t *out,
                                       ew_error *err);
/* Calls found(data, name) for each place of the text where a name stands; the longest at each place. */
EW_MUST_CHECK ew_status ew_names_scan(const ew_names *names, const char *text, size_t n, ew_buffer *scratch,
                                      void (*found)(void *data, uint32_t name), void *data, ew_error *err);

/* Fills products and competitors. product_names: [products of the corpus] the catalogue's number for each, EW_NONE. */
EW_MUST_CHECK ew_status ew_mentions_find(const ew_run *run, const ew_names *catalogue, const uint32_t *product_names,
                                         const ew_names *competitors, ew_need *need, ew_error *err);

#endif
