/* Which segments say it more than the others: an upper tail of the hypergeometric over voices, for every need and segment,
 * Benjamini and Hochberg (1995) over all of these. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "context_inside.h"

static const double SHOWN = .10;

typedef struct tested { double p, ratio; uint32_t need, segment; } tested;

static int by_chance(const void *a, const void *b) {
    const tested *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    if (x->need != y->need) return x->need < y->need ? -1 : 1;
    return x->segment < y->segment ? -1 : x->segment > y->segment;
}

static int by_index(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* P(X >= k), X of n draws out of `all`, of which `marked` are marked; ln_factorial: [all + 1]. */
static double upper_tail(const double *ln_factorial, uint32_t all, uint32_t marked, uint32_t n, uint32_t k) {
    uint32_t most = n < marked ? n : marked, least = n > all - marked ? n - (all - marked) : 0;
    double tail = 0, base = ln_factorial[marked] + ln_factorial[all - marked] + ln_factorial[n] + ln_factorial[all - n];
    base -= ln_factorial[all];
    if (k <= least) return 1;
    for (uint32_t x = most; x >= k; x--)
        tail += ew_exp(base - ln_factorial[x] - ln_factorial[marked - x] - ln_factorial[n - x] -
                       ln_factorial[all - marked - (n - x)]);
    return tail < 1 ? tail : 1;
}

typedef struct counting {
    uint32_t all, *marked;       /* voices of the corpus with a segment; by segment */
    double *ln_factorial;
    uint32_t *mine;              /* segments of one need's voices */
    tested *tests; size_t n_tests;
} counting;

static void test_need(const ew_run *run, const ew_evidence *evidence, uint32_t need, counting *c) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < evidence->n; i++) {
        uint32_t segment = run->corpus.segment[ew_voice_of(run, evidence->comments[i])];
        if (segment) c->mine[n++] = segment;
    }
    qsort(c->mine, n, sizeof *c->mine, by_index);
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && c->mine[end] == c->mine[i];) end++;
        uint32_t marked = c->marked[c->mine[i]];
        double expected = (double)n * marked / c->all;
        double p = upper_tail(c->ln_factorial, c->all, marked, n, end - i);
        c->tests[c->n_tests++] = (tested){p, (end - i) / expected, need, c->mine[i]};
    }
}

/* Tests are in order of p; q of each is written over p. */
static void adjust(tested *tests, size_t n, double all) {
    double best = 1;
    for (size_t i = n; i-- > 0;) {
        double q = tests[i].p * all / (double)(i + 1);
        if (q < best) best = q;
        tests[i].p = best;
    }
}

static ew_status hand_out(ew_run *run, const tested *tests, size_t n, ew_error *err) {
    size_t shown = 0;
    while (shown < n && tests[shown].p <= SHOWN) shown++; /* q rises with p */
    for (size_t i = 0; i < shown; i++) run->needs[tests[i].need].n_segments++;
    for (uint32_t k = 0; k < run->n_needs; k++) {
        ew_need *need = &run->needs[k];
        if (!need->n_segments) continue;
        need->segments = ew_alloc(need->n_segments, sizeof *need->segments);
        if (!need->segments) return ew_fail_memory(err, need->n_segments * sizeof *need->segments, "the segments of a need");
        need->n_segments = 0;
    }
    for (size_t i = 0; i < shown; i++) {
        ew_need *need = &run->needs[tests[i].need];
        ((ew_segment *)(uintptr_t)need->segments)[need->n_segments++] =
            (ew_segment){ew_dict_text(&run->corpus.segments, tests[i].segment), tests[i].ratio, tests[i].p};
    }
    return EW_OK;
}

ew_status ew_segments_find(ew_run *run, const ew_evidence *evidence, ew_error *err) {
    const ew_corpus *corpus = &run->corpus;
    uint32_t kinds = corpus->segments.size;
    counting c = {0};
    ew_status status = EW_OK;
    size_t voices = 0, most = 0;
    if (!corpus->segment || kinds < 3) return EW_OK; /* the dictionary counts ""; one segment has nobody to be compared with */
    for (uint32_t k = 0; k < run->n_needs; k++) {
        voices += evidence[k].n;
        if (evidence[k].n > most) most = evidence[k].n;
    }
    c.marked = ew_calloc(kinds, sizeof *c.marked);
    c.ln_factorial = ew_alloc((size_t)corpus->n + 1, sizeof *c.ln_factorial);
    c.mine = ew_alloc(most, sizeof *c.mine);
    c.tests = ew_alloc(voices, sizeof *c.tests);
    if (!c.marked || !c.ln_factorial || !c.mine || !c.tests) {
        status = ew_fail_memory(err, (size_t)corpus->n * 8 + voices * sizeof *c.tests, "the segments of the needs");
        goto done;
    }
    for (uint32_t i = 0; i < corpus->n; i++) {
        if (!corpus->segment[i] || !ew_is_voice(run, i)) continue;
        c.marked[corpus->segment[i]]++;
        c.all++;
    }
    c.ln_factorial[0] = 0;
    for (uint32_t i = 1; i <= corpus->n; i++) c.ln_factorial[i] = c.ln_factorial[i - 1] + ew_log(i);
    for (uint32_t k = 0; k < run->n_needs; k++) test_need(run, &evidence[k], k, &c);
    qsort(c.tests, c.n_tests, sizeof *c.tests, by_chance);
    adjust(c.tests, c.n_tests, (double)run->n_needs * (kinds - 1));
    status = hand_out(run, c.tests, c.n_tests, err);
done:
    ew_free(c.marked);
    ew_free(c.ln_factorial);
    ew_free(c.mine);
    ew_free(c.tests);
    return status;
}
