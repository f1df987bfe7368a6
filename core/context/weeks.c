/* The corpus by week: volume, how unevenly subjects come, and how high a rise must be to be no accident. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../base/scalar.h"
#include "context_inside.h"

/* A rise is three times the usual and half a voice a week more: the second makes one comment of a need that hardly ever
 * speaks no alarm. One false alarm in 208 weeks over all needs and themes together; it may stand for as long as a rise is recent,
 * which is how often one is seen. The dispersion of subjects is the median over the themes, within bounds; DISPERSION_UNKNOWN
 * where there are too few themes to tell. */
static const double RISE = 3, RISE_LEAST = .5, WEEKS_PER_ALARM = 208, LEVEL_LEAST = 3;
static const double DISPERSION_LEAST = .02, DISPERSION_MOST = 1, DISPERSION_UNKNOWN = .1;
/* The squares of a group's weekly means that weigh as much as the median: themes differ by about a third, and the variance of a
 * group's own estimate is some 2 / squares. */
static const double DISPERSION_PRIOR = 20;
/* Weeks not that many times as loud as usual speak against a rise, whatever the dispersion (1.65 for the largest, 1.82 for none;
 * of the smallest usual nothing is). */
static const double LOUD = 1.5;
enum { SIMULATED = 8192, TAIL = 64, THEME_VOICES = 20, THEMES_LEAST = 3, DRAW_MOST = 4096, PAST_MOST = 500 };

static int64_t day_of(int64_t time) { return time / 86400 - (time % 86400 < 0); }

uint32_t ew_weeks_of(const ew_weeks *weeks, int64_t time) {
    if (time == INT64_MIN || !weeks->n) return EW_NONE;
    int64_t back = (weeks->last_day - day_of(time)) / 7;
    return back < 0 || back >= weeks->n ? EW_NONE : weeks->n - 1 - (uint32_t)back;
}

double ew_weeks_spread(uint32_t spread) { return ldexp(EW_WEEKS_SPREAD_MOST, 2 * ((int)spread - EW_WEEKS_SPREADS + 1)); }

double ew_weeks_step(double y, double mean, double dispersion) {
    double rise = RISE * mean + RISE_LEAST;
    double usual = ew_log(1 + dispersion * mean), risen = ew_log(1 + dispersion * rise);
    return y * (ew_log(rise) - ew_log(mean) + usual - risen) - (risen - usual) / dispersion;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* How far the first n of the weekly counts are from their share of the volume, over what chance alone would do, and the squares
 * of the means: their quotient is a moment estimate of the dispersion. */
static void unevenness(const ew_weeks *weeks, uint32_t n, double total, const uint32_t *counts, double *above, double *below) {
    double voices = 0;
    *above = *below = 0;
    for (uint32_t w = 0; w < n; w++) voices += counts[w];
    for (uint32_t w = 0; w < n; w++) {
        double mean = voices * weeks->volume[w] / total, off = counts[w] - mean;
        *above += off * off - mean;
        *below += mean * mean;
    }
}

static double within(double value, double least, double most) { return value < least ? least : value > most ? most : value; }

double ew_weeks_dispersion(const ew_weeks *weeks, const uint32_t *counts) {
    double above = 0, below = 0;
    if (weeks->total_before > 0) unevenness(weeks, weeks->before, weeks->total_before, counts, &above, &below);
    double own = (DISPERSION_PRIOR * weeks->dispersion + above) / (DISPERSION_PRIOR + below);
    return within(own, weeks->dispersion, EW_WEEKS_SPREAD_MOST);
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
        if (voices < THEME_VOICES) continue;
        double above, below;
        unevenness(weeks, weeks->n, weeks->total, mine, &above, &below);
        found[n++] = below > 0 ? above / below : 0;
    }
    if (n < THEMES_LEAST) goto done;
    qsort(found, n, sizeof *found, by_size);
    weeks->dispersion = within(found[n / 2], DISPERSION_LEAST, DISPERSION_MOST);
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

typedef struct simulation { ew_weeks *weeks; uint64_t seed; double groups; } simulation;

/* A sum of weeks as uneven as `dispersion`; large ones are drawn smaller, with the spread that they have. */
static double past_scale(double mean, double *dispersion) {
    if (mean <= PAST_MOST) return 1;
    *dispersion = within(*dispersion + 1 / mean - 1. / PAST_MOST, 1e-6, EW_WEEKS_SPREAD_MOST);
    return mean / PAST_MOST;
}

/* The sum on the last day of groups of one weekly mean and dispersion without a rise, with the usual taken from the weeks before
 * the recent ones, as it will be. Its upper tail is taken as exponential from the TAIL-th largest of SIMULATED on; the threshold
 * is the height that all groups together reach once in WEEKS_PER_ALARM. */
static ew_status simulate(void *context, uint64_t task, int worker, ew_error *err) {
    simulation *job = context;
    ew_weeks *weeks = job->weeks;
    uint32_t spread = (uint32_t)task / EW_WEEKS_LEVELS, level = (uint32_t)task % EW_WEEKS_LEVELS;
    uint32_t recent = weeks->n - weeks->before;
    double mean = ldexp(1, (int)level * EW_WEEKS_LEVEL_STEP - EW_WEEKS_LEVEL_FIRST), dispersion = ew_weeks_spread(spread);
    double usual = weeks->total / weeks->n, total = fmax(1, weeks->total_before), squares = 0, volume[EW_WEEKS_RECENT];
    double *sums = ew_calloc(SIMULATED, sizeof *sums);
    uint64_t none = SIMULATED; /* before here: most are 0 */
    double(*cdf)[DRAW_MOST] = ew_alloc(1 + EW_WEEKS_RECENT, sizeof *cdf);
    int n[1 + EW_WEEKS_RECENT];
    (void)worker;
    if (!sums || !cdf) {
        ew_free(sums);
        ew_free(cdf);
        return ew_fail_memory(err, sizeof *cdf * (1 + EW_WEEKS_RECENT), "weeks without a rise");
    }
    for (uint32_t w = 0; w < weeks->before; w++) squares += (double)weeks->volume[w] * weeks->volume[w];
    double past = mean * total / usual, past_dispersion = fmax(1e-6, dispersion * squares / (total * total));
    double scale = past_scale(past, &past_dispersion);
    n[recent] = distribution(past / scale, past_dispersion, cdf[recent]);
    for (uint32_t w = 0; w < recent; w++) {
        volume[w] = within(weeks->volume[weeks->before + w], .1 * usual, 8 * usual);
        n[w] = distribution(mean * volume[w] / usual, dispersion, cdf[w]);
    }
    for (uint64_t k = 0; k < SIMULATED; k++) {
        int counts[1 + EW_WEEKS_RECENT], loud = 0;
        for (uint32_t w = 0; w <= recent; w++)
            counts[w] = draw(cdf[w], n[w], ew_random_unit(job->seed, EW_RANDOM_CUSUM, task, k << 32 | w));
        double share = (counts[recent] * scale + EW_WEEKS_HALF) / total, sum = 0;
        for (uint32_t w = 0; w < recent; w++) loud |= counts[w] > LOUD * share * volume[w];
        for (uint32_t w = 0; loud && w < recent; w++)
            sum = fmax(0, sum + ew_weeks_step(counts[w], share * volume[w], dispersion));
        if (sum > 0) sums[--none] = sum;
    }
    qsort(sums + none, SIMULATED - none, sizeof *sums, by_size);
    double from = sums[SIMULATED - TAIL], beyond = 0;
    for (uint32_t k = SIMULATED - TAIL; k < SIMULATED; k++) beyond += (sums[k] - from) / TAIL;
    double looks = WEEKS_PER_ALARM / EW_WEEKS_RECENT * job->groups, height = from + beyond * ew_log(looks * TAIL / SIMULATED);
    weeks->level[spread][level] = fmax(LEVEL_LEAST, height);
    ew_free(sums);
    ew_free(cdf);
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
    out->before = out->n - (out->n < 2 * EW_WEEKS_RECENT ? out->n / 2 : EW_WEEKS_RECENT);
    for (uint32_t w = 0; w < out->before; w++) out->total_before += out->volume[w];
    if (out->total < 1) { /* times belong to copies alone */
        ew_weeks_free(out);
        return EW_OK;
    }
    ew_status status = find_dispersion(run, out, err);
    simulation job = {out, run->options.seed, fmax(1, (double)run->n_needs + run->n_themes)};
    if (status == EW_OK) status = ew_pool_run(pool, (uint64_t)EW_WEEKS_SPREADS * EW_WEEKS_LEVELS, simulate, &job, err);
    if (status != EW_OK) ew_weeks_free(out);
    return status;
}

void ew_weeks_free(ew_weeks *weeks) {
    ew_free(weeks->volume);
    *weeks = (ew_weeks){0};
}
