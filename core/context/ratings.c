/* What a need costs: the ratings beside it against those of comparable comments (same product, same month). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "context_inside.h"

enum { ROUNDS = 400, RATED_LEAST = 3, COMPARABLE_LEAST = 5 };

/* Months since year 0 of a time (proleptic Gregorian; the year counted from March, as leap days then come last). */
static uint32_t month_of(int64_t time) {
    if (time == INT64_MIN) return 0;
    int64_t day = time / 86400 - (time % 86400 < 0) + 719468; /* since 0000-03-01 */
    int64_t era = day >= 0 ? day / 146097 : -1;
    if (era < 0) return 0;
    int64_t in_era = day - era * 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    return (uint32_t)((era * 400 + year) * 12 + (5 * in_year + 2) / 153 + 1);
}

static ew_status grow(ew_ratings *ratings, uint32_t **slots, size_t *mask, ew_error *err) {
    size_t larger = *slots ? *mask * 2 + 1 : 255;
    uint32_t *table = ew_alloc(larger + 1, sizeof *table);
    ew_stratum *strata = ew_realloc(ratings->strata, larger / 2 + 1, sizeof *strata);
    if (strata) ratings->strata = strata;
    if (!table || !strata) {
        ew_free(table);
        return ew_fail_memory(err, larger * (sizeof *table + sizeof *strata / 2), "ratings by product and month");
    }
    memset(table, 0xff, (larger + 1) * sizeof *table);
    for (uint32_t s = 0; s < ratings->n; s++) {
        size_t at = (size_t)ew_mix(strata[s].key) & larger;
        while (table[at] != EW_NONE) at = (at + 1) & larger;
        table[at] = s;
    }
    ew_free(*slots);
    *slots = table;
    *mask = larger;
    return EW_OK;
}

ew_status ew_ratings_make(const ew_run *run, ew_ratings *out, ew_error *err) {
    const ew_corpus *corpus = &run->corpus;
    uint32_t *slots = NULL;
    size_t mask = 0;
    ew_status status = EW_OK;
    *out = (ew_ratings){0};
    if (!corpus->rating) return EW_OK;
    out->of = ew_alloc(corpus->n, sizeof *out->of);
    if (!out->of) return ew_fail_memory(err, corpus->n * sizeof *out->of, "ratings by product and month");
    for (uint32_t i = 0; i < corpus->n; i++) {
        out->of[i] = EW_NONE;
        if (!isfinite(corpus->rating[i])) continue;
        if (!slots || out->n >= mask / 2) EW_TRY(grow(out, &slots, &mask, err));
        uint64_t product = corpus->product ? corpus->product[i] : 0;
        uint64_t key = product << 32 | month_of(corpus->time ? corpus->time[i] : INT64_MIN);
        size_t at = (size_t)ew_mix(key) & mask;
        while (slots[at] != EW_NONE && out->strata[slots[at]].key != key) at = (at + 1) & mask;
        if (slots[at] == EW_NONE) {
            slots[at] = out->n;
            out->strata[out->n++] = (ew_stratum){key, 0, 0};
        }
        out->of[i] = slots[at];
        out->strata[slots[at]].sum += (double)corpus->rating[i];
        out->strata[slots[at]].n++;
        out->sum += (double)corpus->rating[i];
        out->rated++;
    }
done:
    ew_free(slots);
    if (status != EW_OK) ew_ratings_free(out);
    return status;
}

void ew_ratings_free(ew_ratings *ratings) {
    ew_free(ratings->of);
    ew_free(ratings->strata);
    *ratings = (ew_ratings){0};
}

/* A rated comment of the need: who, in which stratum, how far from its comparables. */
typedef struct rated { uint32_t comment, stratum, customer; double off; } rated;

static int by_stratum(const void *a, const void *b) {
    const rated *x = a, *y = b;
    if (x->stratum != y->stratum) return x->stratum < y->stratum ? -1 : 1;
    return x->comment < y->comment ? -1 : x->comment > y->comment;
}

static int by_customer(const void *a, const void *b) {
    const rated *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return x->off < y->off ? -1 : x->off > y->off;
}

/* A customer's share of the figure. Voices are drawn from in an order that hangs on these alone, not on that of the input. */
typedef struct voice { double sum; uint32_t n; } voice;

static int by_share(const void *a, const void *b) {
    const voice *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? -1 : 1;
    return x->sum < y->sum ? -1 : x->sum > y->sum;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Compares each with the others of its stratum where these are enough, else with all others; 0: there are none. */
static int compare(const ew_corpus *corpus, const ew_ratings *ratings, rated *mine, uint32_t n) {
    double sum = ratings->sum;
    for (uint32_t i = 0; i < n; i++) sum -= (double)corpus->rating[mine[i].comment];
    if (ratings->rated == n) return 0;
    double overall = sum / (ratings->rated - n);
    qsort(mine, n, sizeof *mine, by_stratum);
    for (uint32_t i = 0, end; i < n; i = end) {
        const ew_stratum *stratum = &ratings->strata[mine[i].stratum];
        double others = stratum->sum;
        for (end = i; end < n && mine[end].stratum == mine[i].stratum; end++) others -= (double)corpus->rating[mine[end].comment];
        uint32_t left = stratum->n - (end - i);
        double usual = left >= COMPARABLE_LEAST ? others / left : overall;
        for (uint32_t k = i; k < end; k++) mine[k].off = (double)corpus->rating[mine[k].comment] - usual;
    }
    return 1;
}

/* Means of ROUNDS draws of as many customers as there are. */
static void bootstrap(const voice *voices, uint32_t n, uint64_t seed, double means[ROUNDS]) {
    for (uint64_t round = 0; round < ROUNDS; round++) {
        double sum = 0, count = 0;
        for (uint64_t k = 0; k < n; k++) {
            const voice *drawn = &voices[ew_random_below(n, seed, EW_RANDOM_BOOTSTRAP, n, round << 32 | k)];
            sum += drawn->sum;
            count += drawn->n;
        }
        means[round] = sum / count;
    }
    qsort(means, ROUNDS, sizeof *means, by_size);
}

ew_status ew_impact_find(const ew_run *run, const ew_ratings *ratings, ew_need *need, ew_error *err) {
    uint32_t size = need->comments ? need->size : 0, n = 0, n_voices = 0;
    const uint32_t *customer = run->corpus.customer;
    need->impact = need->impact_low = need->impact_high = NAN;
    if (!ratings->of || !size) return EW_OK;
    rated *mine = ew_alloc(size, sizeof *mine);
    voice *voices = ew_alloc(size, sizeof *voices);
    ew_status status = mine && voices ? EW_OK : ew_fail_memory(err, size * sizeof *mine, "ratings of a need");
    if (status != EW_OK) goto done;
    for (uint32_t i = 0; i < size; i++) {
        uint32_t comment = need->comments[i];
        if (ratings->of[comment] == EW_NONE) continue;
        mine[n++] = (rated){comment, ratings->of[comment], customer ? customer[comment] : 0, 0};
    }
    if (n < RATED_LEAST || !compare(&run->corpus, ratings, mine, n)) goto done;
    qsort(mine, n, sizeof *mine, by_customer);
    double sum = 0, means[ROUNDS];
    for (uint32_t i = 0; i < n; i++) {
        if (!i || !mine[i].customer || mine[i].customer != mine[i - 1].customer) voices[n_voices++] = (voice){0};
        voices[n_voices - 1].sum += mine[i].off;
        voices[n_voices - 1].n++;
    }
    qsort(voices, n_voices, sizeof *voices, by_share);
    for (uint32_t i = 0; i < n_voices; i++) sum += voices[i].sum;
    bootstrap(voices, n_voices, run->options.seed, means);
    need->impact = sum / n;
    need->impact_low = means[ROUNDS / 40];
    need->impact_high = means[ROUNDS - 1 - ROUNDS / 40];
done:
    ew_free(mine);
    ew_free(voices);
    return status;
}
