/* What the sentences of needs ask for: cues, said or unsaid, and cues against the head of the theme: log-odds with an informative
 * prior (Monroe, Colaresi, Quinn 2008), an exact test beside them, as the counts are small, and false discovery rates over all
 * needs and kinds. */
#include <math.h>

#include "assemble.h"
#include "assemble_hear.h"
#include "base/alloc.h"
#include "base/chance.h"
#include "base/scalar.h"

/* Comments of a head that are heard; cues of a need that are listed; tokens of a row, beyond which a median is not told apart. */
enum { HEAD_MOST = 2000, MOST_CUES = 300, LONGEST = 200 };
static const double PRIOR = 10; /* comments of the corpus that the prior weighs as much as */
static const double EXPRESSED = .5, LATENT = .2;
static const double BEST = .9; /* of the highest rating there is */

typedef struct tally { uint32_t n, with[EW_CUE_KINDS]; } tally; /* comments, and those with each kind of cue */

typedef struct lifting {
    ew_mining *m;
    uint32_t *units;  /* those to be heard: of needs, then of heads; each ascending */
    uint32_t n_own, n_units;
    uint32_t *place;  /* [units] where in `units` one of a need is */
    ew_hearing heard; /* of `units` */
    double usual_open; /* share of what was heard outside needs, or where there is none of all, that denies */
    double usual_words; /* of a row, the median */
    double best_rating; /* the highest; NaN: nobody rates */
    tally *heads;     /* [themes + 1] the last: of all comments heard outside needs */
} lifting;

double ew_usual_words(const ew_token_lists *rows) {
    uint64_t count[LONGEST + 1] = {0}, seen = 0;
    for (uint32_t i = 0; i < rows->n; i++) {
        uint64_t n = rows->start[i + 1] - rows->start[i];
        count[n < LONGEST ? n : LONGEST]++;
    }
    for (uint32_t n = 0; n <= LONGEST; n++)
        if (2 * (seen += count[n]) >= rows->n) return n;
    return LONGEST;
}

enum { ELSEWHERE, IN_NEED, IN_HEAD };

static uint32_t theme_of(const ew_run *run, uint32_t comment) {
    return run->theme[comment] == EW_NONE ? run->n_themes : run->theme[comment];
}

static void mark_units(const ew_mining *m, const ew_found *found, uint8_t *mark) {
    for (uint32_t i = 0; i < found->group.size; i++)
        for (uint32_t u = m->rows.unit_start[found->rows[i]]; u < m->rows.unit_start[found->rows[i] + 1]; u++)
            mark[m->rows.unit[u]] = IN_NEED;
}

static void take_marked(lifting *l, const uint8_t *mark, uint8_t which) {
    for (uint32_t u = 0; u < l->m->units.n; u++)
        if (mark[u] == which) l->units[l->n_units++] = u;
}

/* Units of needs, and up to HEAD_MOST comments of each theme's head, each by one of its units: rows lie in the order of a hash of
 * their tokens, so the first are a sample. told [comments], mark [units]: all zeros. */
static void choose(lifting *l, uint8_t *told, uint8_t *mark) {
    ew_mining *m = l->m;
    const ew_run *run = m->run;
    for (uint32_t k = 0; k < run->n_needs; k++) {
        for (uint32_t i = 0; i < run->needs[k].size; i++) told[run->needs[k].comments[i]] = 1;
        mark_units(m, &m->findings.items[k], mark);
    }
    for (uint32_t u = 0; u < m->rows.unit_start[m->rows.n]; u++) {
        uint32_t comment = m->units.comment[m->rows.unit[u]];
        tally *head = &l->heads[theme_of(run, comment)];
        if (told[comment] || run->noise[comment] || head->n == HEAD_MOST) continue;
        told[comment] = 1;
        mark[m->rows.unit[u]] = IN_HEAD;
        head->n++;
    }
    take_marked(l, mark, IN_NEED);
    l->n_own = l->n_units;
    for (uint32_t i = 0; i < l->n_own; i++) l->place[l->units[i]] = i;
    take_marked(l, mark, IN_HEAD);
}

static ew_status listen(lifting *l, ew_error *err) {
    uint8_t *told = ew_calloc(l->m->run->corpus.n, sizeof *told), *mark = ew_calloc(l->m->units.n, sizeof *mark);
    ew_status status = EW_OK;
    if (!told || !mark) {
        status = ew_fail_memory(err, (uint64_t)l->m->units.n + l->m->run->corpus.n, "the cues of the corpus");
        goto done;
    }
    choose(l, told, mark);
    if (!l->m->signals) EW_TRY(ew_signals_create(NULL, &l->m->signals, err));
    EW_TRY(ew_hear(l->m, l->units, l->n_units, l->n_own, &l->heard, err));
done:
    ew_free(told);
    ew_free(mark);
    return status;
}

/* Praise: it delights, or with the best of ratings is compared ("better than .."), and leaves nothing open. Who rates less is not
 * pleased, and who is pleased and tells of no delight may live with something. */
static uint32_t is_pleased(const lifting *l, uint32_t unit, const ew_heard *heard) {
    double rating = (double)l->m->run->corpus.rating[l->m->units.comment[unit]];
    unsigned best = rating >= BEST * l->best_rating, praise = 1u << EW_CUE_DELIGHT | best << EW_CUE_COMPARISON; /* NaN is not */
    return (heard->kinds & praise) != 0 && (best || isnan(rating)) && !heard->open && !heard->denies;
}

static ew_status said_or_unsaid(const lifting *l, ew_found *found, ew_need *need, ew_error *err) {
    const ew_rows *rows = &l->m->rows;
    ew_cue *cues = ew_alloc(MOST_CUES, sizeof *cues);
    if (!cues) return ew_fail_memory(err, MOST_CUES * sizeof *cues, "cues");
    need->cues = cues;
    uint32_t units = 0, asking = 0, quiet = 0;
    double open = 0, asked = 0;
    uint32_t pleased = 0;
    for (uint32_t i = 0; i < found->group.size; i++) {
        uint64_t words = l->m->lists.start[found->rows[i] + 1] - l->m->lists.start[found->rows[i]];
        double told = fmin(1, (double)words / l->usual_words); /* "why?" and "no worries" deny, and tell of nothing */
        for (uint32_t u = rows->unit_start[found->rows[i]]; u < rows->unit_start[found->rows[i] + 1]; u++) {
            uint32_t at = l->place[rows->unit[u]];
            const ew_heard *unit = &l->heard.units[at];
            const ew_cue *own = ew_heard_cues(&l->heard, at);
            for (uint32_t c = 0; c < unit->n && need->n_cues < MOST_CUES; c++) cues[need->n_cues++] = own[c];
            units++;
            asking += unit->asks;
            quiet += (unit->kinds & EW_CUES_QUIET) != 0;
            asked += unit->open;
            open += unit->open ? 1 : unit->denies * told;
            pleased += is_pleased(l, rows->unit[u], unit);
        }
    }
    need->why.expressed_share = units ? (double)asking / units : NAN;
    need->why.quiet_share = units ? (double)quiet / units : 0;
    found->open = (open + l->usual_open) / (units + 1); /* one comment's worth of the usual, as needs are small */
    found->asked = (asked + l->usual_open) / (units + 1);
    found->usual_open = l->usual_open;
    found->pleased = (double)pleased / (units + 1);
    need->kind = need->why.expressed_share >= EXPRESSED ? EW_EXPRESSED
                 : need->why.expressed_share < LATENT   ? EW_LATENT
                                                        : EW_MIXED;
    return EW_OK;
}

static double usual_open(const lifting *l) {
    uint32_t from = l->n_units > l->n_own ? l->n_own : 0, open = 0;
    for (uint32_t i = from; i < l->n_units; i++) open += l->heard.units[i].denies;
    return l->n_units > from ? (double)open / (l->n_units - from) : 0;
}

static void count(tally *to, uint8_t kinds) {
    for (int kind = 0; kind < EW_CUE_KINDS; kind++) to->with[kind] += kinds >> kind & 1;
}

static void count_heads(lifting *l) {
    const ew_run *run = l->m->run;
    for (uint32_t i = l->n_own; i < l->n_units; i++)
        count(&l->heads[theme_of(run, l->m->units.comment[l->units[i]])], l->heard.units[i].kinds);
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
                    *voice |= (uint16_t)(1u << EW_CUE_KINDS | l->heard.units[l->place[unit]].kinds);
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

ew_status ew_assemble_cues(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    lifting l = {.m = m};
    ew_status status = EW_OK;
    if (!run->n_needs) return EW_OK;
    l.units = ew_alloc_spilled(m->units.n, sizeof *l.units);
    l.place = ew_calloc(m->units.n, sizeof *l.place);
    l.heads = ew_calloc((size_t)run->n_themes + 1, sizeof *l.heads);
    if (!l.units || !l.place || !l.heads) {
        status = ew_fail_memory(err, (uint64_t)m->units.n * 8, "the cues of the corpus");
        goto done;
    }
    EW_TRY(listen(&l, err));
    l.usual_open = usual_open(&l);
    l.usual_words = fmax(1, ew_usual_words(&m->lists));
    l.best_rating = (double)NAN;
    for (uint32_t c = 0; c < run->corpus.n; c++)
        l.best_rating = fmax(l.best_rating, (double)run->corpus.rating[c]); /* NaN is passed over */
    for (uint32_t k = 0; k < run->n_needs; k++) EW_TRY(said_or_unsaid(&l, &m->findings.items[k], &run->needs[k], err));
    count_heads(&l);
    EW_TRY(judge(&l, err));
done:
    ew_hearing_free(&l.heard);
    ew_free(l.units);
    ew_free(l.place);
    ew_free(l.heads);
    return status;
}
