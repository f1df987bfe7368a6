#include <math.h>
#include <stdlib.h>

#include "../base/alloc.h"
#include "context_inside.h"

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int by_index(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

ew_status ew_evidence_make(const ew_run *run, const ew_need *need, ew_evidence *out, ew_error *err) {
    uint32_t size = need->comments ? need->size : 0;
    *out = (ew_evidence){0};
    uint64_t *order = ew_alloc(size, sizeof *order);
    out->comments = ew_alloc(size, sizeof *out->comments);
    out->time = ew_alloc(size, sizeof *out->time);
    if (!order || !out->comments || !out->time) {
        ew_free(order);
        ew_evidence_free(out);
        return ew_fail_memory(err, size * 20, "the voices of a need");
    }
    for (uint32_t i = 0; i < size; i++) {
        uint32_t comment = need->comments[i]; /* the first of its family may lie outside the need */
        order[i] = (uint64_t)ew_voice_of(run, comment) << 32 | comment;
    }
    qsort(order, size, sizeof *order, by_value);
    for (uint32_t i = 0; i < size; i++) {
        uint32_t comment = (uint32_t)order[i];
        int64_t time = run->corpus.time ? run->corpus.time[comment] : INT64_MIN;
        if (!i || order[i] >> 32 != order[i - 1] >> 32) {
            out->comments[out->n] = comment;
            out->time[out->n++] = time;
        } else if (time != INT64_MIN && (out->time[out->n - 1] == INT64_MIN || time < out->time[out->n - 1])) {
            out->time[out->n - 1] = time;
        }
    }
    ew_free(order);
    return EW_OK;
}

void ew_evidence_free(ew_evidence *evidence) {
    ew_free(evidence->comments);
    ew_free(evidence->time);
    *evidence = (ew_evidence){0};
}

/* The largest run of equal values among values[0 .. n), sorted here; 0 for none. */
static uint32_t largest_run(uint64_t *values, uint32_t n) {
    uint32_t best = 0, run = 0;
    qsort(values, n, sizeof *values, by_value);
    for (uint32_t i = 0; i < n; i++) {
        run = i && values[i] == values[i - 1] ? run + 1 : 1;
        if (run > best) best = run;
    }
    return best;
}

/* Whether all rows have the same value, if they have one (values counts ""): then it says nothing about any need. */
static int constant(const uint32_t *column, uint32_t rows, uint32_t values) {
    uint32_t i = 0;
    while (values == 2 && i < rows && column[i]) i++;
    return values < 2 || (values == 2 && i == rows);
}

/* The share of the commonest known value; NaN where none is known, or where the corpus has but one. */
static double top_share(const ew_evidence *evidence, const uint32_t *column, uint32_t rows, uint32_t values, uint64_t *scratch) {
    uint32_t n = 0;
    if (!column || constant(column, rows, values)) return NAN;
    for (uint32_t i = 0; i < evidence->n; i++)
        if (column[evidence->comments[i]]) scratch[n++] = column[evidence->comments[i]];
    return n ? largest_run(scratch, n) / (double)evidence->n : NAN;
}

static double top_day(const ew_evidence *evidence, uint64_t *scratch) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < evidence->n; i++) {
        int64_t time = evidence->time[i], day = time / 86400 - (time % 86400 < 0);
        if (time != INT64_MIN) scratch[n++] = (uint64_t)day;
    }
    return n ? largest_run(scratch, n) / (double)evidence->n : NAN;
}

/* How many customers there are, and whether one of them wrote more of the comments, copies and all, than of the voices: forty
 * copies by one hand are no smaller a share of what is shown for being one voice. */
static ew_status count_customers(const ew_run *run, ew_need *need, ew_error *err) {
    uint32_t size = need->comments ? need->size : 0, n = 0, same = 0, most = 0;
    const uint32_t *customer = run->corpus.customer;
    uint32_t *known = ew_alloc(size, sizeof *known);
    if (!known) return ew_fail_memory(err, size * sizeof *known, "the customers of a need");
    for (uint32_t i = 0; i < size; i++)
        if (customer && customer[need->comments[i]]) known[n++] = customer[need->comments[i]];
    qsort(known, n, sizeof *known, by_index);
    need->customers = size - n;
    for (uint32_t i = 0; i < n; i++) {
        same = i && known[i] == known[i - 1] ? same + 1 : 1;
        need->customers += same == 1;
        if (same > most) most = same;
    }
    if (need->why.top_customer < most / (double)size) need->why.top_customer = most / (double)size; /* never where it is NaN */
    ew_free(known);
    return EW_OK;
}

ew_status ew_evidence_describe(const ew_run *run, const ew_evidence *evidence, ew_need *need, ew_error *err) {
    const ew_corpus *corpus = &run->corpus;
    uint64_t *scratch = ew_alloc(evidence->n, sizeof *scratch);
    if (!scratch) return ew_fail_memory(err, evidence->n * sizeof *scratch, "the voices of a need");
    need->families = evidence->n;
    need->why.top_customer = top_share(evidence, corpus->customer, corpus->n, corpus->customers.size, scratch);
    need->why.top_source = top_share(evidence, corpus->source, corpus->n, corpus->sources.size, scratch);
    need->why.top_day = top_day(evidence, scratch);
    ew_free(scratch);
    return count_customers(run, need, err);
}
