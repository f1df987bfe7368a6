/* A need's weeks against the corpus': a cumulative sum of log-likelihood ratios (CUSUM, Page 1954) that rises while the need
 * is voiced more than its share, and raises the alarm above the threshold of its level. */
#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "context_inside.h"

enum { TIMED_LEAST = 4, RECENT_WEEKS = 8 };

/* Between the two simulated levels around a weekly mean. */
static double threshold(const ew_weeks *weeks, double mean) {
    double place = ew_log(mean) / ew_log(2) + 6;
    if (place <= 0) return weeks->level[0];
    if (place >= EW_WEEKS_LEVELS - 1) return weeks->level[EW_WEEKS_LEVELS - 1];
    int below = (int)place;
    return weeks->level[below] + (place - below) * (weeks->level[below + 1] - weeks->level[below]);
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

ew_status ew_onset_find(const ew_run *run, const ew_weeks *weeks, const ew_evidence *evidence, ew_need *need, ew_error *err) {
    need->onset[0] = need->alarm[0] = 0;
    need->emerging = 0;
    if (!weeks->n || !need->comments || timed_comments(run, need) < TIMED_LEAST) return EW_OK;
    uint32_t *counts = ew_calloc(weeks->n, sizeof *counts);
    if (!counts) return ew_fail_memory(err, weeks->n * sizeof *counts, "the weeks of a need");
    double voices = 0;
    for (uint32_t i = 0; i < evidence->n; i++) {
        uint32_t week = ew_weeks_of(weeks, evidence->time[i]);
        if (week == EW_NONE) continue;
        counts[week]++;
        voices++;
    }
    if (voices > 0) {
        double level = threshold(weeks, voices / weeks->n), sum = 0;
        uint32_t begun = 0, onset = EW_NONE, alarm = EW_NONE;
        int passed = 0; /* in this excursion */
        for (uint32_t w = 0; w < weeks->n; w++) {
            if (!weeks->volume[w] && !counts[w]) continue; /* nobody spoke: nothing is learnt */
            double volume = weeks->volume[w] ? weeks->volume[w] : 1;
            if (sum <= 0) begun = w;
            sum += ew_weeks_step(counts[w], voices * volume / weeks->total, weeks->dispersion);
            if (sum <= 0) sum = passed = 0;
            if (sum >= level && !passed) {
                passed = 1;
                onset = begun;
                alarm = w;
            }
        }
        if (alarm != EW_NONE) {
            ew_time_date(first_time_from(weeks, evidence, onset), need->onset);
            ew_time_date((weeks->last_day - 7 * (int64_t)(weeks->n - 1 - alarm)) * 86400, need->alarm);
            need->emerging = sum >= level && weeks->n - onset <= RECENT_WEEKS;
        }
    }
    ew_free(counts);
    return EW_OK;
}
