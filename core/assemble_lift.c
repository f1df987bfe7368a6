/* Cues of a need against the head of its theme: log-odds with an informative prior (Monroe, Colaresi, Quinn 2008), an exact test
 * beside them, as the counts are small, and false discovery rates over all needs and kinds. */
#include <math.h>

#include "assemble.h"
#include "base/alloc.h"
#include "base/chance.h"
#include "base/scalar.h"

enum { HEAD_MOST = 2000, CHUNK = 256 }; /* comments of a head that are heard; units a task */
static const double PRIOR = 10; /* comments of the corpus that the prior weighs as much as */

_Static_assert(EW_CUE_KINDS <= 8, "kinds of a unit are bits of a byte");

typedef struct tally { uint32_t n, with[EW_CUE_KINDS]; } tally; /* comments, and those with each kind of cue */

typedef struct lifting {
    ew_mining *m;
    uint8_t *mark;    /* [comments] 1: in a need; 2: of a head, and heard */
    uint8_t *heard;   /* [units] kinds of cues as bits */
    uint32_t *units;  /* [n_units] those to be heard, ascending, each with its cues at `heard` */
    uint32_t n_units;
    tally *heads;     /* [themes + 1] the last: of all comments heard outside needs */
} lifting;

enum { IN_NEED = 1, IN_HEAD = 2, WANTED = 0xff }; /* heard[unit] before it is heard */

static uint32_t theme_of(const ew_run *run, uint32_t comment) {
    return run->theme[comment] == EW_NONE ? run->n_themes : run->theme[comment];
}

/* Units of needs, and up to HEAD_MOST comments of each theme's head, each by one of its units: rows lie in the order of a hash of
 * their tokens, so the first are a sample. */
static void choose(lifting *l) {
    ew_mining *m = l->m;
    const ew_run *run = m->run;
    for (uint32_t k = 0; k < run->n_needs; k++) {
        const ew_found *found = &m->findings.items[k];
        for (uint32_t i = 0; i < run->needs[k].size; i++) l->mark[run->needs[k].comments[i]] = IN_NEED;
        for (uint32_t i = 0; i < found->group.size; i++)
            for (uint32_t u = m->rows.unit_start[found->rows[i]]; u < m->rows.unit_start[found->rows[i] + 1]; u++)
                l->heard[m->rows.unit[u]] = WANTED;
    }
    for (uint32_t u = 0; u < m->rows.unit_start[m->rows.n]; u++) {
        uint32_t comment = m->units.comment[m->rows.unit[u]];
        tally *head = &l->heads[theme_of(run, comment)];
        if (l->mark[comment] || run->noise[comment] || head->n == HEAD_MOST) continue;
        l->mark[comment] = IN_HEAD;
        l->heard[m->rows.unit[u]] = WANTED;
        head->n++;
    }
    for (uint32_t u = 0; u < m->units.n; u++) {
        if (l->heard[u] != WANTED) continue;
        l->heard[u] = 0;
        l->units[l->n_units++] = u;
    }
}

static ew_status hear(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    lifting *l = context;
    const ew_mining *m = l->m;
    const ew_corpus *corpus = &m->run->corpus;
    ew_ranges sentences = {0};
    uint32_t cut = EW_NONE, at = 0; /* the comment that is cut into sentences; the first that was not heard yet */
    ew_status status = EW_OK;
    for (uint64_t i = task * CHUNK; i < ew_chunk_end(task, CHUNK, l->n_units); i++) {
        uint32_t unit = l->units[i], comment = m->units.comment[unit];
        ew_view text = ew_corpus_text(corpus, comment);
        if (cut != comment) {
            sentences.n = at = 0;
            EW_TRY(ew_sentences_of(corpus, m->boilerplate, comment, &sentences, err));
            cut = comment;
        }
        while (at < sentences.n && sentences.items[at].start < m->units.start[unit]) at++;
        for (; at < sentences.n && sentences.items[at].end <= m->units.end[unit]; at++) {
            ew_range r = sentences.items[at];
            ew_sentence_signals said;
            EW_TRY(ew_signals_of(m->signals, text.data, text.length, r.start, r.end, m->run->lang[comment], &said, err));
            for (uint32_t c = 0; c < said.n_cues; c++) l->heard[unit] |= (uint8_t)(1u << said.cues[c].kind);
        }
    }
done:
    ew_ranges_free(&sentences);
    return status;
}

static void count(tally *to, uint8_t kinds) {
    for (int kind = 0; kind < EW_CUE_KINDS; kind++) to->with[kind] += kinds >> kind & 1;
}

static void count_heads(lifting *l) {
    const ew_run *run = l->m->run;
    for (uint32_t i = 0; i < l->n_units; i++) {
        uint32_t comment = l->m->units.comment[l->units[i]];
        if (l->mark[comment] == IN_HEAD) count(&l->heads[theme_of(run, comment)], l->heard[l->units[i]]);
    }
    tally *all = &l->heads[run->n_themes];
    for (uint32_t t = 0; t < run->n_themes; t++) {
        all->n += l->heads[t].n;
        for (int kind = 0; kind < EW_CUE_KINDS; kind++) all->with[kind] += l->heads[t].with[kind];
    }
}

/* A comment counts once, with the cues of all of its units in the need. voices [comments]: 0 before and after. */
static tally count_need(const lifting *l, const ew_found *found, uint16_t *voices) {
    const ew_mining *m = l->m;
    tally all = {0};
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < found->group.size; i++)
            for (uint32_t u = m->rows.unit_start[found->rows[i]]; u < m->rows.unit_start[found->rows[i] + 1]; u++) {
                uint32_t unit = m->rows.unit[u];
                uint16_t *voice = &voices[m->units.comment[unit]];
                if (pass == 0) {
                    *voice |= (uint16_t)(1u << EW_CUE_KINDS | l->heard[unit]);
                } else if (*voice) {
                    all.n++;
                    count(&all, (uint8_t)*voice);
                    *voice = 0;
                }
            }
    return all;
}

/* prior: what the corpus' share of the kind leads one to expect. */
static ew_cue_lift compare(uint32_t with, uint32_t n, uint32_t head_with, uint32_t head_n, double prior) {
    double yes = with + PRIOR * prior, no = n - with + PRIOR * (1 - prior);
    double head_yes = head_with + PRIOR * prior, head_no = head_n - head_with + PRIOR * (1 - prior);
    ew_cue_lift lift = {.n = with, .share = (double)with / n, .rest = head_n ? (double)head_with / head_n : NAN};
    lift.log_odds = ew_log(yes / no) - ew_log(head_yes / head_no);
    lift.z = lift.log_odds / sqrt(1 / yes + 1 / no + 1 / head_yes + 1 / head_no);
    return lift;
}

/* More or fewer of the need's comments have it than such a draw from need and head together would: twice the smaller tail. */
static double by_chance(const double *ln_factorial, uint32_t with, uint32_t n, uint32_t head_with, uint32_t head_n) {
    uint32_t all = n + head_n, marked = with + head_with;
    double more = ew_hypergeometric(ln_factorial, all, marked, n, with, n);
    double fewer = ew_hypergeometric(ln_factorial, all, marked, n, 0, with), p = 2 * (more < fewer ? more : fewer);
    return p < 1 ? p : 1;
}

static ew_status judge(lifting *l, ew_error *err) {
    ew_run *run = l->m->run;
    const tally *corpus = &l->heads[run->n_themes];
    uint64_t most = (uint64_t)corpus->n + run->corpus.n;
    size_t n_tests = (size_t)run->n_needs * EW_CUE_KINDS;
    uint16_t *voices = ew_calloc(run->corpus.n, sizeof *voices);
    double *ln_factorial = ew_alloc(most + 1, sizeof *ln_factorial);
    ew_test *tests = ew_alloc(n_tests, sizeof *tests);
    ew_status status = EW_OK;
    if (!voices || !ln_factorial || !tests) {
        status = ew_fail_memory(err, most * sizeof *ln_factorial + n_tests * sizeof *tests, "the cues of the needs");
        goto done;
    }
    ew_ln_factorials(ln_factorial, (uint32_t)most);
    for (uint32_t k = 0; k < run->n_needs; k++) {
        ew_need *need = &run->needs[k];
        tally own = count_need(l, &l->m->findings.items[k], voices);
        const tally *head = need->theme == EW_NONE || !l->heads[need->theme].n ? corpus : &l->heads[need->theme];
        for (uint32_t kind = 0; kind < EW_CUE_KINDS; kind++) {
            double prior = (corpus->with[kind] + .5) / (corpus->n + 1.0);
            need->lift[kind] = compare(own.with[kind], own.n, head->with[kind], head->n, prior);
            tests[(size_t)k * EW_CUE_KINDS + kind] =
                (ew_test){by_chance(ln_factorial, own.with[kind], own.n, head->with[kind], head->n), 0, k, kind};
        }
    }
    ew_false_discovery(tests, n_tests, (double)n_tests);
    for (size_t i = 0; i < n_tests; i++) run->needs[tests[i].need].lift[tests[i].kind].q = tests[i].p;
done:
    ew_free(voices);
    ew_free(ln_factorial);
    ew_free(tests);
    return status;
}

ew_status ew_assemble_lift(ew_mining *m, ew_error *err) {
    const ew_run *run = m->run;
    lifting l = {.m = m};
    ew_status status = EW_OK;
    if (!run->n_needs) return EW_OK;
    l.mark = ew_calloc(run->corpus.n, sizeof *l.mark);
    l.heard = ew_calloc(m->units.n, sizeof *l.heard);
    l.units = ew_alloc(m->units.n, sizeof *l.units);
    l.heads = ew_calloc((size_t)run->n_themes + 1, sizeof *l.heads);
    if (!l.mark || !l.heard || !l.units || !l.heads) {
        status = ew_fail_memory(err, (uint64_t)m->units.n * 5 + run->corpus.n, "the cues of the corpus");
        goto done;
    }
    choose(&l);
    EW_TRY(ew_pool_run(m->pool, ew_chunks(l.n_units, CHUNK), hear, &l, err));
    count_heads(&l);
    EW_TRY(judge(&l, err));
done:
    ew_free(l.mark);
    ew_free(l.heard);
    ew_free(l.units);
    ew_free(l.heads);
    return status;
}
