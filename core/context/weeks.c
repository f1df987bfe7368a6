/* The corpus by week: volume, how unevenly subjects come, and how high a rise must be to be no accident. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../base/scalar.h"
#include "context_inside.h"

/* A rise is three times the usual and half a voice a week more: the second makes one comment of a need that hardly ever
 * speaks no alarm. One false alarm in 208 weeks, over all needs of a corpus together, and over all themes in 600: these
 * are large, so that what is unusual for reasons of its own passes sooner. The dispersion of subjects is the median over the
 * themes, within bounds; DISPERSION_UNKNOWN where there are too few themes to tell. */
static const double RISE = 3, RISE_LEAST = .5, WEEKS_PER_ALARM[] = {[EW_WEEKS_NEEDS] = 208, [EW_WEEKS_THEMES] = 600};
static const double DISPERSION_LEAST = .02, DISPERSION_MOST = 1, DISPERSION_UNKNOWN = .1;
static const double EXCURSION = 3, HIGHER = 2, FALL_MOST = 2;
enum { SIMULATED = 100000, THEME_VOICES = 20, THEMES_LEAST = 3, DRAW_MOST = 4096 };

static int64_t day_of(int64_t time) { return time / 86400 - (time % 86400 < 0); }

uint32_t ew_weeks_of(const ew_weeks *weeks, int64_t time) {
    if (time == INT64_MIN || !weeks->n) return EW_NONE;
    int64_t back = (weeks->last_day - day_of(time)) / 7;
    return back < 0 || back >= weeks->n ? EW_NONE : weeks->n - 1 - (uint32_t)back;
}

double ew_weeks_step(double y, double mean, double dispersion) {
    double rise = RISE * mean + RISE_LEAST;
    double usual = ew_log(1 + dispersion * mean), risen = ew_log(1 + dispersion * rise);
    return y * (ew_log(rise) - ew_log(mean) + usual - risen) - (risen - usual) / dispersion;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Moment estimate of one theme's dispersion around its share of the weekly volume. */
static double theme_dispersion(const ew_weeks *weeks, const uint32_t *counts, double voices) {
    double above = 0, below = 0;
    for (uint32_t w = 0; w < weeks->n; w++) {
        double mean = voices * weeks->volume[w] / weeks->total, off = counts[w] - mean;
        above += off * off - mean;
        below += mean * mean;
    }
    return below > 0 ? above / below : 0;
}

static ew_status find_dispersion(const ew_run *run, ew_weeks *weeks, ew_error *err) {
    weeks->dispersion = DISPERSION_UNKNOWN;
    if (!run->theme || !run->n_themes) return EW_OK;
    uint32_t *counts = ew_calloc((size_t)run->n_themes * weeks->n, sizeof *counts);
    double *found = ew_alloc(run->n_themes, sizeof *found);
    ew_status status = EW_OK;
    if (!counts || !found) {
        status = ew_fail_memory(err, (size_t)run->n_themes * weeks->n * 4, "the weeks of the themes");
        goto done;
    }
    for (uint32_t i = 0; i < run->corpus.n; i++) {
        uint32_t week = ew_weeks_of(weeks, run->corpus.time[i]);
        if (week == EW_NONE || run->theme[i] >= run->n_themes || !ew_is_voice(run, i)) continue;
        counts[(size_t)run->theme[i] * weeks->n + week]++;
    }
    uint32_t n = 0;
    for (uint32_t t = 0; t < run->n_themes; t++) {
        const uint32_t *mine = counts + (size_t)t * weeks->n;
        uint64_t voices = 0;
        for (uint32_t w = 0; w < weeks->n; w++) voices += mine[w];
        if (voices >= THEME_VOICES) found[n++] = theme_dispersion(weeks, mine, (double)voices);
    }
    if (n < THEMES_LEAST) goto done;
    qsort(found, n, sizeof *found, by_size);
    double median = found[n / 2];
    weeks->dispersion = median < DISPERSION_LEAST ? DISPERSION_LEAST : median > DISPERSION_MOST ? DISPERSION_MOST : median;
done:
    ew_free(counts);
    ew_free(found);
    return status;
}

/* cdf[y] = P(at most y) of the negative binomial; the last of the n returned is 1. */
static int distribution(double mean, double dispersion, double cdf[DRAW_MOST]) {
    double ratio = dispersion * mean / (1 + dispersion * mean), size = 1 / dispersion;
    double p = ew_exp(-ew_log(1 + dispersion * mean) * size), sum = p;
    int y = 0;
    for (; y < DRAW_MOST - 1 && (p > 1e-18 || y < mean); y++) {
        cdf[y] = sum;
        p *= (y + size) / (y + 1) * ratio;
        sum += p;
    }
    cdf[y] = 1;
    return y + 1;
}

static int draw(const double *cdf, int n, double unit) {
    int low = 0, high = n - 1; /* the first y with unit < cdf[y] */
    while (low < high) {
        int middle = (low + high) / 2;
        if (unit < cdf[middle]) high = middle;
        else low = middle + 1;
    }
    return low;
}

typedef struct simulation { ew_weeks *weeks; uint64_t seed; double groups[2]; } simulation;

/* Highest points of the excursions from 0 of the sum over one corpus of `weeks` weeks without a rise, with the mean taken
 * from the same weeks, as it will be. */
static void simulate_corpus(const uint16_t *counts, uint32_t weeks, double dispersion, uint32_t passed[2]) {
    double total = 0, sum = 0, top = 0;
    for (uint32_t w = 0; w < weeks; w++) total += counts[w];
    if (total < 1) return;
    double nobody = ew_weeks_step(0, total / weeks, dispersion), each = ew_weeks_step(1, total / weeks, dispersion) - nobody;
    for (uint32_t w = 0; w <= weeks; w++) {
        if (w < weeks) sum += nobody + each * counts[w];
        if (sum > top) top = sum;
        if (sum > 0 && w < weeks) continue;
        passed[0] += top >= EXCURSION;
        passed[1] += top >= EXCURSION + HIGHER;
        sum = top = 0;
    }
}

/* How often the sum passes EXCURSION, how fast that falls with height (at least as exp(-h), the steps being log-likelihood
 * ratios), and from both the height that all needs, or all themes, together pass once in WEEKS_PER_ALARM. */
static ew_status simulate(void *context, uint64_t task, int worker, ew_error *err) {
    simulation *job = context;
    double mean = ldexp(1, (int)task - 6), dispersion = job->weeks->dispersion, cdf[DRAW_MOST];
    int n = distribution(mean, dispersion, cdf);
    uint32_t weeks = job->weeks->n, corpora = (SIMULATED + weeks - 1) / weeks, passed[2] = {0, 0};
    uint16_t counts[EW_WEEKS_MAX];
    (void)worker;
    (void)err;
    for (uint32_t k = 0; k < corpora; k++) {
        for (uint32_t w = 0; w < weeks; w++)
            counts[w] = (uint16_t)draw(cdf, n, ew_random_unit(job->seed, EW_RANDOM_CUSUM, task, (uint64_t)k << 32 | w));
        simulate_corpus(counts, weeks, dispersion, passed);
    }
    double often = (passed[0] ? passed[0] : .5) / ((double)corpora * weeks);
    double fall = ew_log((passed[0] + 1.) / (passed[1] + 1.)) / HIGHER;
    fall = fall < 1 ? 1 : fall > FALL_MOST ? FALL_MOST : fall;
    for (int kind = 0; kind < 2; kind++) {
        double h = EXCURSION + ew_log(often * WEEKS_PER_ALARM[kind] * job->groups[kind]) / fall;
        job->weeks->level[kind][task] = h < EXCURSION ? EXCURSION : h;
    }
    return EW_OK;
}

ew_status ew_weeks_make(const ew_run *run, ew_pool *pool, ew_weeks *out, ew_error *err) {
    const ew_corpus *corpus = &run->corpus;
    int64_t first = INT64_MAX, last = INT64_MIN;
    *out = (ew_weeks){0};
    for (uint32_t i = 0; corpus->time && i < corpus->n; i++) {
        if (corpus->time[i] == INT64_MIN) continue;
        int64_t day = day_of(corpus->time[i]);
        if (day < first) first = day;
        if (day > last) last = day;
    }
    if (first > last || (last - first + 1) / 7 < EW_WEEKS_MIN) return EW_OK;
    int64_t n = (last - first) / 7 + 1;
    out->n = n > EW_WEEKS_MAX ? EW_WEEKS_MAX : (uint32_t)n;
    out->last_day = last;
    out->volume = ew_calloc(out->n, sizeof *out->volume);
    if (!out->volume) {
        ew_weeks_free(out);
        return ew_fail_memory(err, EW_WEEKS_MAX * sizeof *out->volume, "the weeks of the corpus");
    }
    for (uint32_t i = 0; i < corpus->n; i++) {
        uint32_t week = ew_weeks_of(out, corpus->time[i]);
        if (week == EW_NONE || !ew_is_voice(run, i)) continue;
        out->volume[week]++;
        out->total++;
    }
    if (out->total < 1) { /* times belong to copies alone */
        ew_weeks_free(out);
        return EW_OK;
    }
    ew_status status = find_dispersion(run, out, err);
    simulation job = {out, run->options.seed, {run->n_needs ? run->n_needs : 1, run->n_themes ? run->n_themes : 1}};
    if (status == EW_OK) status = ew_pool_run(pool, EW_WEEKS_LEVELS, simulate, &job, err);
    if (status != EW_OK) ew_weeks_free(out);
    return status;
}

void ew_weeks_free(ew_weeks *weeks) {
    ew_free(weeks->volume);
    *weeks = (ew_weeks){0};
}
