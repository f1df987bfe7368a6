#include "assemble_held.h"

#include <stdlib.h>

#include "assemble.h"
#include "base/alloc.h"
#include "base/scalar.h"

enum { WORDS = 6 };

/* What its words add to the divergence of the need from the corpus, in nats; the sum of the largest. */
static double told_by(const ew_row_words *words, uint32_t size, const ew_telling *all, uint32_t n) {
    double top[WORDS] = {0}, sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double within = (double)all[i].count / size, over = (double)words->rows_with[all[i].word] / words->n;
        double score = all[i].count >= 2 ? within * ew_log(within / over) : 0;
        for (int k = 0; k < WORDS; k++) {
            if (score <= top[k]) continue;
            double less = top[k];
            top[k] = score;
            score = less;
        }
    }
    for (int k = 0; k < WORDS; k++) sum += top[k];
    return sum;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static ew_status by_words(ew_mining *m, ew_error *err) {
    uint32_t n = m->findings.n;
    ew_status status = EW_OK;
    double *sums = ew_alloc(n, sizeof *sums);
    if (!sums) return ew_fail_memory(err, n * sizeof *sums, "words of needs");
    for (uint32_t i = 0; i < n; i++) {
        ew_found *found = &m->findings.items[i];
        ew_telling *all;
        uint32_t kinds;
        EW_TRY(ew_telling_scores(&m->words, found->rows, found->group.size, &all, &kinds, err));
        sums[i] = found->held = told_by(&m->words, found->group.size, all, kinds);
        ew_free(all);
    }
    qsort(sums, n, sizeof *sums, ascending);
    for (uint32_t i = 0; i < n; i++) m->findings.items[i].held = sums[n / 2] > 0 ? m->findings.items[i].held / sums[n / 2] : 1;
done:
    ew_free(sums);
    return status;
}

static ew_status by_language(ew_mining *m, ew_error *err) {
    const ew_run *run = m->run;
    uint8_t *tongue = ew_calloc(run->corpus.n, sizeof *tongue);
    uint32_t all = 0;
    int others;
    ew_status status = tongue ? ew_main_languages(run, tongue, &others, err) : ew_fail_memory(err, run->corpus.n, "languages");
    for (uint32_t c = 0; status == EW_OK && c < run->corpus.n; c++) all += tongue[c] == EW_TONGUE_MAIN;
    for (uint32_t i = 0; status == EW_OK && i < run->n_needs; i++) {
        const ew_need *need = &run->needs[i];
        double usual = (double)all / run->corpus.n;
        uint32_t told = 0;
        for (uint32_t c = 0; c < need->size; c++) told += tongue[need->comments[c]] == EW_TONGUE_MAIN;
        m->findings.items[i].language = all ? (told + usual) / (need->size + 1) / usual : 1;
    }
    ew_free(tongue);
    return status;
}

ew_status ew_held(ew_mining *m, ew_error *err) {
    ew_status status = by_words(m, err);
    return status == EW_OK ? by_language(m, err) : status;
}
