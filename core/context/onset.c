/* A group's weeks against the corpus': a cumulative sum of log-likelihood ratios (CUSUM, Page 1954) that rises while the group
 * is voiced more than its share, and raises the alarm above the threshold of its level. */
#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../needs/tiers.h"
#include "context_inside.h"

enum { TIMED_LEAST = 4 };

/* Between which two of `n` steps `place` lies: the lower one, and how far above it. */
static uint32_t below(double place, uint32_t n, double *part) {
    uint32_t low = place <= 0 ? 0 : place >= n - 1 ? n - 2 : (uint32_t)place;
    *part = fmin(1, fmax(0, place - low));
    return low;
}

/* Between the simulated dispersions and levels around a group's. */
static double threshold(const ew_weeks *weeks, double mean, double dispersion) {
    double up, more, two = ew_log(2);
    uint32_t s = below(EW_WEEKS_SPREADS - 1 + ew_log(dispersion / EW_WEEKS_SPREAD_MOST) / (2 * two), EW_WEEKS_SPREADS, &up);
    uint32_t m = below((ew_log(mean) / two + EW_WEEKS_LEVEL_FIRST) / EW_WEEKS_LEVEL_STEP, EW_WEEKS_LEVELS, &more);
    const double *low = weeks->level[s] + m, *high = weeks->level[s + 1] + m;
    return (1 - up) * (low[0] + more * (low[1] - low[0])) + up * (high[0] + more * (high[1] - high[0]));
}

static int64_t first_time_from(const ew_weeks *weeks, const ew_evidence *evidence, uint32_t week) {
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < evidence->n; i++) {
        uint32_t mine = ew_weeks_of(weeks, evidence->time[i]);
        if (mine != EW_NONE && mine >= week && evidence->time[i] < first) first = evidence->time[i];
    }
    return first;
}

static uint32_t timed_comments(const ew_run *run, const ew_need *need) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < need->size; i++) n += run->corpus.time[need->comments[i]] != INT64_MIN;
    return n;
}

ew_rise ew_rise_find(const ew_weeks *weeks, const uint32_t *counts) {
    ew_rise rise = {EW_NONE, EW_NONE, 0, 0};
    double voices = 0, before = EW_WEEKS_HALF, sum = 0;
    uint32_t begun = 0, since = 0; /* voices of this excursion */
    int passed = 0;
    for (uint32_t w = 0; w < weeks->n; w++) voices += counts[w];
    if (!(voices > 0)) return rise;
    for (uint32_t w = 0; w < weeks->before; w++) before += counts[w];
    double share = before / fmax(1, weeks->total_before), dispersion = ew_weeks_dispersion(weeks, counts);
    double level = threshold(weeks, voices / weeks->n, dispersion);
    for (uint32_t w = 0; w < weeks->n; w++) {
        if (!weeks->volume[w] && !counts[w]) continue; /* nobody spoke: nothing is learnt */
        double volume = weeks->volume[w] ? weeks->volume[w] : 1;
        if (sum <= 0) {
            begun = w;
            since = 0;
        }
        since += counts[w];
        sum += ew_weeks_step(counts[w], share * volume, dispersion);
        if (sum <= 0) sum = passed = 0;
        if (sum >= level && since >= EW_TIER_FAMILIES && !passed) { /* fewer tell nothing of the many */
            passed = 1;
            rise.onset = begun;
            rise.alarm = w;
        }
    }
    rise.above = sum - level;
    rise.emerging = passed && sum >= level && weeks->n - rise.onset <= EW_WEEKS_RECENT;
    return rise;
}

int ew_rise_broad(const ew_run *run, const ew_weeks *weeks, uint32_t onset, const uint32_t *comments, const int64_t *time,
                  uint32_t n) {
    uint32_t known[EW_TIER_FAMILIES], found = 0;
    for (uint32_t i = 0; i < n && found < EW_TIER_FAMILIES; i++) {
        int64_t at = time ? time[i] : run->corpus.time[comments[i]];
        uint32_t week = ew_weeks_of(weeks, at), who = run->corpus.customer ? run->corpus.customer[comments[i]] : 0, k = 0;
        if (week == EW_NONE || week < onset || (!time && !ew_is_voice(run, comments[i]))) continue;
        while (k < found && (!who || known[k] != who)) k++;
        if (k == found) known[found++] = who;
    }
    return found == EW_TIER_FAMILIES;
}

void ew_weeks_date(const ew_weeks *weeks, uint32_t week, char out[11]) {
    ew_time_date((weeks->last_day - 7 * (int64_t)(weeks->n - 1 - week)) * 86400, out);
}

ew_status ew_onset_find(const ew_run *run, const ew_weeks *weeks, const ew_evidence *evidence, ew_need *need, ew_error *err) {
    need->onset[0] = need->alarm[0] = 0;
    need->emerging = 0;
    need->why.rise = 0;
    if (!weeks->n || !need->comments || timed_comments(run, need) < TIMED_LEAST) return EW_OK;
    uint32_t *counts = ew_calloc(weeks->n, sizeof *counts);
    if (!counts) return ew_fail_memory(err, weeks->n * sizeof *counts, "the weeks of a need");
    for (uint32_t i = 0; i < evidence->n; i++) {
        uint32_t week = ew_weeks_of(weeks, evidence->time[i]);
        if (week != EW_NONE) counts[week]++;
    }
    ew_rise rise = ew_rise_find(weeks, counts);
    if (rise.alarm != EW_NONE) {
        ew_time_date(first_time_from(weeks, evidence, rise.onset), need->onset);
        ew_weeks_date(weeks, rise.alarm, need->alarm);
        need->emerging = rise.emerging && ew_rise_broad(run, weeks, rise.onset, evidence->comments, evidence->time, evidence->n);
        need->why.rise = rise.above;
    }
    ew_free(counts);
    return EW_OK;
}
