/* A theme in figures: how large, by whom, how long, in which languages, how rated, when. The unit of a count is the comment, of
 * weeks and the trend the voice, as everywhere in time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../base/sort.h"
#include "../base/stop.h"
#include "context_inside.h"

enum { PARTS_SHOWN = 20, TEXTS_A_TASK = 4096 };
static const double Z95 = 1.959963984540054;

/* A column of the corpus as numbers of a dictionary, and how many comments have each. */
typedef struct column {
    const uint32_t *of;       /* [comments] 0: not known; NULL: nowhere */
    const char *const *texts; /* [kinds] names; NULL: those of the dictionary */
    const ew_dict *names;
    uint32_t kinds, *all, known;
} column;

enum { LANGUAGES, PRODUCTS, SEGMENTS, SOURCES, COLUMNS };
static ew_shares *parts_of(ew_theme *theme, int which) {
    return which == LANGUAGES ? &theme->languages
           : which == PRODUCTS ? &theme->products
           : which == SEGMENTS ? &theme->segments
                               : &theme->sources;
}

typedef struct job {
    ew_run *run;
    const ew_weeks *weeks;
    uint64_t *start; uint32_t *comments; /* of each theme */
    uint32_t *length;                    /* [comments] characters */
    uint32_t *lang; const char **lang_texts;
    column columns[COLUMNS];
    uint32_t **counts; uint32_t most;    /* [workers][most] all zero between themes */
} job;

/* ---- of one theme ---- */

/* keys: twice as many places as there are. */
static uint32_t distinct(uint64_t *keys, uint32_t n) {
    uint32_t kinds = 0;
    ew_sort_u64(keys, keys + n, n);
    for (uint32_t i = 0; i < n; i++) kinds += i == 0 || keys[i] != keys[i - 1];
    return kinds;
}

/* Families (a comment alone is one) and customers (an unknown one counts by family). */
static void count_voices(const ew_run *run, const uint32_t *comments, uint32_t n, uint64_t *keys, ew_theme *theme) {
    const uint32_t *customer = run->corpus.customer;
    for (uint32_t i = 0; i < n; i++) keys[i] = ew_voice_of(run, comments[i]);
    theme->families = distinct(keys, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t who = customer ? customer[comments[i]] : 0;
        keys[i] = who ? who : (uint64_t)1 << 32 | ew_voice_of(run, comments[i]);
    }
    theme->customers = distinct(keys, n);
}

/* Wilson (1927) */
static void share_of(ew_theme *theme, uint32_t n, uint32_t all) {
    double of = all, p = n / of, z2 = Z95 * Z95;
    double middle = (p + z2 / (2 * of)) / (1 + z2 / of), half = Z95 / (1 + z2 / of) * sqrt(p * (1 - p) / of + z2 / (4 * of * of));
    theme->share = p;
    theme->share_low = middle - half;
    theme->share_high = middle + half;
}

static void rating_of(const ew_run *run, const uint32_t *comments, uint32_t size, ew_theme *theme) {
    double sum = 0, square = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; run->corpus.rating && i < size; i++) {
        double r = (double)run->corpus.rating[comments[i]];
        if (isnan(r)) continue;
        sum += r;
        square += r * r;
        n++;
    }
    theme->rated = n;
    theme->rating = theme->rating_low = theme->rating_high = NAN;
    if (n < 1) return;
    theme->rating = sum / n;
    if (n < 2) return;
    double variance = (square - sum * sum / n) / (n - 1), half = Z95 * sqrt((variance > 0 ? variance : 0) / n);
    theme->rating_low = theme->rating - half;
    theme->rating_high = theme->rating + half;
}

static void length_of(const uint32_t *length, const uint32_t *comments, uint32_t n, uint64_t *sorted, ew_theme *theme) {
    for (uint32_t i = 0; i < n; i++) sorted[i] = length[comments[i]];
    ew_sort_u64(sorted, sorted + n, n);
    for (uint32_t q = 0; q < 3; q++) theme->length[q] = n ? (uint32_t)sorted[((uint64_t)n * (q + 1) + 3) / 4 - 1] : 0;
}

/* The share of voices in the last half of the weeks over that in the first (Katz et al. 1978, half a voice added to each); its
 * spread is that of counts as uneven over the weeks as the corpus' subjects are. */
static void trend_of(const ew_weeks *weeks, ew_theme *theme) {
    uint32_t half = weeks->n / 2;
    double mine[2] = {0, 0}, all[2] = {0, 0}, spread = 0;
    theme->trend = theme->trend_low = theme->trend_high = NAN;
    if (!half) return;
    for (uint32_t w = 0; w < half; w++)
        for (uint32_t late = 0; late < 2; late++) {
            uint32_t week = late ? weeks->n - 1 - w : w;
            mine[late] += theme->weeks[week];
            all[late] += weeks->volume[week];
        }
    if (all[0] < 1 || all[1] < 1 || mine[0] + mine[1] < 1) return;
    for (int late = 0; late < 2; late++)
        spread += (1 / (mine[late] + .5) - 1 / (all[late] + .5)) * (1 + weeks->dispersion * mine[late] / half);
    double ratio = ew_log((mine[1] + .5) / (all[1] + .5)) - ew_log((mine[0] + .5) / (all[0] + .5)), off = Z95 * sqrt(spread);
    theme->trend = ew_exp(ratio);
    theme->trend_low = ew_exp(ratio - off);
    theme->trend_high = ew_exp(ratio + off);
}

static void rise_of(const job *j, const uint32_t *comments, uint32_t n, ew_theme *theme) {
    theme->onset[0] = theme->alarm[0] = 0;
    theme->emerging = 0;
    if (!theme->n_weeks) return;
    ew_rise rise = ew_rise_find(j->weeks, theme->weeks);
    if (rise.alarm == EW_NONE) return;
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < n; i++) {
        int64_t at = j->run->corpus.time[comments[i]];
        uint32_t week = ew_weeks_of(j->weeks, at);
        if (week != EW_NONE && week >= rise.onset && at < first && ew_is_voice(j->run, comments[i])) first = at;
    }
    ew_time_date(first, theme->onset);
    ew_weeks_date(j->weeks, rise.alarm, theme->alarm);
    theme->emerging = rise.emerging && ew_rise_broad(j->run, j->weeks, rise.onset, comments, NULL, n);
}

static ew_status time_of(const job *j, const uint32_t *comments, uint32_t n, ew_theme *theme, ew_error *err) {
    const int64_t *time = j->run->corpus.time;
    int64_t first = INT64_MIN, last = INT64_MIN;
    if (j->weeks->n) {
        uint32_t *weeks = ew_calloc(j->weeks->n, sizeof *weeks);
        if (!weeks) return ew_fail_memory(err, j->weeks->n * sizeof *weeks, "the weeks of a theme");
        theme->weeks = weeks;
        theme->n_weeks = j->weeks->n;
    }
    theme->timed = 0;
    for (uint32_t i = 0; time && i < n; i++) {
        int64_t at = time[comments[i]];
        if (at == INT64_MIN) continue;
        if (!theme->timed++ || at < first) first = at;
        if (at > last) last = at;
        uint32_t week = ew_weeks_of(j->weeks, at);
        if (week != EW_NONE && ew_is_voice(j->run, comments[i])) ((uint32_t *)(uintptr_t)theme->weeks)[week]++;
    }
    ew_time_date(first, theme->first);
    ew_time_date(last, theme->last);
    trend_of(j->weeks, theme);
    rise_of(j, comments, n, theme);
    return EW_OK;
}

typedef struct { uint32_t count; const char *name; uint32_t number; } kind;

static int commonest_first(const void *a, const void *b) {
    const kind *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->name, y->name);
}

static const char *name_of(const column *c, uint32_t number) {
    return c->texts ? c->texts[number] : ew_dict_text(c->names, number);
}

static ew_status column_of(const column *c, const uint32_t *comments, uint32_t n, uint32_t *counts, ew_shares *out,
                           ew_error *err) {
    uint32_t kinds = 0, known = 0, room = n < c->kinds ? n : c->kinds;
    if (!c->of || !c->known) return EW_OK;
    kind *found = ew_alloc(room, sizeof *found);
    if (!found) return ew_fail_memory(err, room * sizeof *found, "the parts of a theme");
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = c->of[comments[i]];
        if (!number) continue;
        known++;
        if (!counts[number]++) found[kinds++] = (kind){0, name_of(c, number), number};
    }
    for (uint32_t k = 0; k < kinds; k++) {
        found[k].count = counts[found[k].number];
        counts[found[k].number] = 0;
    }
    qsort(found, kinds, sizeof *found, commonest_first);
    out->n = kinds < PARTS_SHOWN ? kinds : PARTS_SHOWN;
    ew_share *parts = ew_alloc(out->n, sizeof *parts);
    out->of = parts;
    for (uint32_t k = 0; parts && k < out->n; k++)
        parts[k] = (ew_share){found[k].name, found[k].count,
                             ((double)found[k].count / known) / ((double)c->all[found[k].number] / c->known)};
    ew_free(found);
    if (!parts) out->n = 0;
    return parts ? EW_OK : ew_fail_memory(err, PARTS_SHOWN * sizeof *parts, "the parts of a theme");
}

static ew_status describe(void *context, uint64_t task, int worker, ew_error *err) {
    job *j = context;
    ew_theme *theme = &j->run->themes[task];
    const uint32_t *comments = j->comments + j->start[task];
    uint32_t n = (uint32_t)(j->start[task + 1] - j->start[task]);
    ew_status status;
    uint64_t *scratch = ew_alloc(2 * (size_t)n, sizeof *scratch);
    if (!scratch) return ew_fail_memory(err, 2 * (size_t)n * sizeof *scratch, "the figures of a theme");
    count_voices(j->run, comments, n, scratch, theme);
    share_of(theme, n, j->run->corpus.n);
    rating_of(j->run, comments, n, theme);
    length_of(j->length, comments, n, scratch, theme);
    EW_TRY(time_of(j, comments, n, theme, err));
    if (!j->counts[worker] && !(j->counts[worker] = ew_calloc(j->most, sizeof **j->counts))) {
        status = ew_fail_memory(err, j->most * sizeof **j->counts, "the parts of a theme");
        goto done;
    }
    for (int c = 0; c < COLUMNS; c++) {
        EW_TRY(ew_stop_check(err));
        EW_TRY(column_of(&j->columns[c], comments, n, j->counts[worker], parts_of(theme, c), err));
    }
done:
    ew_free(scratch);
    return status;
}

/* ---- of the corpus ---- */

static ew_status measure(void *context, uint64_t task, int worker, ew_error *err) {
    job *j = context;
    uint64_t end = ew_chunk_end(task, TEXTS_A_TASK, j->run->corpus.n);
    (void)worker, (void)err;
    for (uint64_t i = task * TEXTS_A_TASK; i < end; i++) {
        ew_view text = ew_corpus_text(&j->run->corpus, (uint32_t)i);
        uint32_t n = 0;
        for (size_t k = 0; k < text.length; k++) n += ((unsigned char)text.data[k] & 0xc0) != 0x80;
        j->length[i] = n;
    }
    return EW_OK;
}

/* Comments of each theme, those of the themes below it included. */
static ew_status list_members(job *j, ew_error *err) {
    const ew_run *run = j->run;
    j->start = ew_calloc((size_t)run->n_themes + 2, sizeof *j->start);
    if (!j->start) return ew_fail_memory(err, run->n_themes * sizeof *j->start, "the comments of the themes");
    for (int pass = 0; pass < 2; pass++) { /* count, then fill; start is one ahead while filling */
        for (uint32_t i = 0; i < run->corpus.n; i++)
            for (uint32_t t = run->theme[i]; t < run->n_themes; t = run->themes[t].parent) {
                if (pass == 0) j->start[t + 2]++;
                else j->comments[j->start[t + 1]++] = i;
            }
        for (uint32_t t = 0; pass == 0 && t < run->n_themes; t++) j->start[t + 2] += j->start[t + 1];
        if (pass == 0 && !(j->comments = ew_alloc_spilled(j->start[run->n_themes + 1], sizeof *j->comments)))
            return ew_fail_memory(err, j->start[run->n_themes + 1] * sizeof *j->comments, "the comments of the themes");
    }
    return EW_OK;
}

static ew_status number_languages(job *j, ew_error *err) {
    const ew_run *run = j->run;
    ew_dict dict = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    ew_status status;
    EW_TRY(ew_dict_init(&dict, err));
    j->lang = ew_calloc(run->corpus.n, sizeof *j->lang);
    if (!j->lang) {
        status = ew_fail_memory(err, run->corpus.n * sizeof *j->lang, "languages");
        goto done;
    }
    for (uint32_t i = 0; run->lang && i < run->corpus.n; i++)
        if (run->lang[i] && *run->lang[i]) EW_TRY(ew_dict_add(&dict, run->lang[i], strlen(run->lang[i]), &j->lang[i], err));
    j->lang_texts = ew_calloc(dict.size, sizeof *j->lang_texts);
    if (!j->lang_texts) {
        status = ew_fail_memory(err, dict.size * sizeof *j->lang_texts, "languages");
        goto done;
    }
    for (uint32_t i = 0; i < run->corpus.n; i++)
        if (j->lang[i]) j->lang_texts[j->lang[i]] = run->lang[i]; /* which lives as long as the run */
    j->columns[LANGUAGES] = (column){.of = j->lang, .texts = j->lang_texts, .kinds = dict.size};
done:
    ew_dict_free(&dict);
    return status;
}

static ew_status count_columns(job *j, ew_error *err) {
    const ew_corpus *corpus = &j->run->corpus;
    ew_status status = number_languages(j, err);
    if (status != EW_OK) return status;
    j->columns[PRODUCTS] = (column){.of = corpus->product, .names = &corpus->products, .kinds = corpus->products.size};
    j->columns[SEGMENTS] = (column){.of = corpus->segment, .names = &corpus->segments, .kinds = corpus->segments.size};
    j->columns[SOURCES] = (column){.of = corpus->source, .names = &corpus->sources, .kinds = corpus->sources.size};
    for (int k = 0; k < COLUMNS; k++) {
        column *c = &j->columns[k];
        c->all = ew_calloc(c->kinds, sizeof *c->all);
        if (!c->all) return ew_fail_memory(err, c->kinds * sizeof *c->all, "the parts of the corpus");
        for (uint32_t i = 0; c->of && i < corpus->n; i++) c->all[c->of[i]]++;
        for (uint32_t i = 1; i < c->kinds; i++) c->known += c->all[i];
        if (c->kinds > j->most) j->most = c->kinds;
    }
    return EW_OK;
}

void ew_theme_figures_forget(ew_run *run) {
    for (uint32_t t = 0; t < run->n_themes; t++) {
        ew_theme *theme = &run->themes[t];
        for (int c = 0; c < COLUMNS; c++) {
            ew_free((void *)(uintptr_t)parts_of(theme, c)->of);
            *parts_of(theme, c) = (ew_shares){0};
        }
        ew_free((void *)(uintptr_t)theme->weeks);
        theme->weeks = NULL;
        theme->n_weeks = 0;
    }
}

ew_status ew_theme_figures_find(ew_run *run, const ew_weeks *weeks, ew_pool *pool, ew_error *err) {
    job j = {.run = run, .weeks = weeks};
    int workers = ew_pool_threads(pool);
    ew_status status = EW_OK;
    if (!run->n_themes || !run->theme) return EW_OK;
    j.counts = ew_calloc((size_t)workers, sizeof *j.counts);
    j.length = ew_alloc_spilled(run->corpus.n, sizeof *j.length);
    if (!j.counts || !j.length) {
        status = ew_fail_memory(err, run->corpus.n * sizeof *j.length, "the figures of the themes");
        goto done;
    }
    EW_TRY(list_members(&j, err));
    EW_TRY(count_columns(&j, err));
    EW_TRY(ew_pool_run(pool, ew_chunks(run->corpus.n, TEXTS_A_TASK), measure, &j, err));
    EW_TRY(ew_pool_run(pool, run->n_themes, describe, &j, err));
done:
    for (int w = 0; j.counts && w < workers; w++) ew_free(j.counts[w]);
    for (int c = 0; c < COLUMNS; c++) ew_free(j.columns[c].all);
    ew_free(j.counts);
    ew_free(j.length);
    ew_free(j.start);
    ew_free(j.comments);
    ew_free(j.lang);
    ew_free(j.lang_texts);
    return status;
}
