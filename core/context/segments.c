/* Which segments say it more than the others: an upper tail of the hypergeometric over voices, for every need and segment,
 * Benjamini and Hochberg (1995) over all of these. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/chance.h"
#include "context_inside.h"

static const double SHOWN = .10;

static int by_index(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

typedef struct counting {
    uint32_t all, *marked;       /* voices of the corpus with a segment; by segment */
    double *ln_factorial;
    uint32_t *mine;              /* segments of one need's voices */
    ew_test *tests; size_t n_tests; /* size: against what is expected; kind: the segment */
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
        double p = ew_hypergeometric(c->ln_factorial, c->all, marked, n, end - i, n);
        c->tests[c->n_tests++] = (ew_test){p, (end - i) / expected, need, c->mine[i]};
    }
}

static ew_status hand_out(ew_run *run, const ew_test *tests, size_t n, ew_error *err) {
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
            (ew_segment){ew_dict_text(&run->corpus.segments, tests[i].kind), tests[i].size, tests[i].p};
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
    ew_ln_factorials(c.ln_factorial, corpus->n);
    for (uint32_t k = 0; k < run->n_needs; k++) test_need(run, &evidence[k], k, &c);
    ew_false_discovery(c.tests, c.n_tests, (double)run->n_needs * (kinds - 1));
    status = hand_out(run, c.tests, c.n_tests, err);
done:
    ew_free(c.marked);
    ew_free(c.ln_factorial);
    ew_free(c.mine);
    ew_free(c.tests);
    return status;
}
