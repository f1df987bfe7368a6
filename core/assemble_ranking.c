/* Tiers, score and order; who is in which need; every record accounted for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assemble_held.h"
#include "assemble_voices.h"
#include "base/alloc.h"
#include "base/scalar.h"
#include "kernels/kernels.h"
#include "needs/score.h"
#include "needs/tiers.h"

static const double OPEN_MORE = 1.5, OPEN_MOST = .75, OPEN_BRIEF = 1.5, OPEN_DOUBT = 1.15;
static const double GAIN = .25; /* points that are nothing */
/* Who lives with something tells of it in words of his own: what is short of shared words is made up for. */
static const double OWN_WORDS = 1.5;
/* What words alone do not tell from chance has to rise beyond what is emerging (once in 208 weeks) by so many nats: some once in
 * 600 weeks, as far as the tail is an exponential one. */
static const double RISING = 1.06;
enum { SHOWN_STEPS = 200 };

/* The largest share of one source among a need's comments, over what is usual: more than half, and more than twice the source's
 * share of the corpus (where half of all comments are tickets, most needs are mostly tickets). */
static int one_source(const ew_run *run, const ew_need *need, const uint32_t *per_source, uint32_t *tally) {
    if (!(need->why.top_source > EW_TIER_SHARE)) return 0; /* NaN compares false */
    uint32_t most = 0;
    for (uint32_t i = 0; i < need->size; i++) tally[run->corpus.source[need->comments[i]]]++;
    for (uint32_t s = 1; s < run->corpus.sources.size; s++)
        if (tally[s] > tally[most] || !most) most = s;
    for (uint32_t i = 0; i < need->size; i++) tally[run->corpus.source[need->comments[i]]] = 0;
    return need->why.top_source > EW_TIER_USUAL * (double)per_source[most] / run->corpus.n;
}

/* The first condition that a significant group does not meet; "" if it meets all. */
static const char *unmet(const ew_need *need, const ew_group *group, uint32_t voices, int source) {
    if (need->stability < EW_TIER_STABILITY) return "not stable: other ways of building the graph group its comments differently";
    if (need->families < EW_TIER_FAMILIES) return "not broad: fewer than five independent comments";
    if (group->clear < 0) return "wide: for so large a part of the corpus it stands too little apart, and may be several things";
    if (voices < EW_TIER_FAMILIES) return "copied: fewer than five of its comments are in words of their own";
    if (need->why.top_customer > EW_TIER_SHARE)
        return "concentrated: one customer wrote more than half of it"; /* NaN compares false */
    if (need->why.top_day > EW_TIER_SHARE) return "concentrated: more than half of it is from one day";
    if (source) return "concentrated: more than half of it is from one source, which is rare otherwise";
    return "";
}

static void set_tier(ew_need *need, const ew_found *found, uint32_t decoys, uint32_t voices, int source) {
    need->tier = EW_WHISPER;
    if (!decoys) {
        need->why.condition = "not tested: the run had no decoys";
    } else if (found->significant) {
        need->why.condition = unmet(need, &found->group, voices, source);
        need->tier = *need->why.condition ? EW_WATCH : EW_CONFIRMED;
    } else if (need->q <= EW_TIER_NEAR) {
        need->tier = EW_WATCH;
        need->why.condition = "nearly: of the groups as strong one in five may be chance; confirmed asks for one in ten";
    } else if (found->group.s >= EW_TIER_STRONG) {
        need->tier = EW_WATCH;
        need->why.condition = "lone: too few groups of this corpus are as strong for a false discovery rate of 10 %";
    } else if (need->emerging && need->why.rise >= RISING) {
        need->tier = EW_WATCH;
        need->why.condition = "rising: by its words alone no more than decoys hold, but voiced more and more of late";
    } else {
        need->why.condition = "not significant: the decoys hold groups like it";
    }
}

static int by_score(const void *a, const void *b) {
    const ew_need *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return strcmp(x->id, y->id);
}

typedef struct { const ew_need *need; uint32_t index; } place;

static int by_place(const void *a, const void *b) { return by_score(((const place *)a)->need, ((const place *)b)->need); }

/* The share of a need's comments that are new; one more is counted, as needs are small. */
static double new_share(const ew_need *need, uint8_t *seen) {
    uint32_t added = 1;
    for (uint32_t c = 0; c < need->size; c++) added += !seen[need->comments[c]];
    for (uint32_t c = 0; c < need->size; c++) seen[need->comments[c]] = 1;
    return (double)added / (need->size + 1);
}

/* Needs by score, and again by what each of them adds to those before it: a need may lie within another, long comments tell of
 * several things, and one thing is told in several ways. */
static ew_status put_in_order(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    uint32_t n = run->n_needs, stride = m->need_centres.stride;
    uint8_t *seen = ew_calloc(run->corpus.n, sizeof *seen);
    place *order = ew_alloc(n, sizeof *order);
    int32_t *dots = ew_alloc(n, sizeof *dots);
    ew_centres sorted = {0};
    ew_status status = seen && order && dots ? EW_OK : ew_fail_memory(err, run->corpus.n, "needs");
    if (status == EW_OK) status = ew_centres_create(n, stride, &sorted, err);
    if (status != EW_OK) goto done;
    for (uint32_t i = 0; i < n; i++) order[i] = (place){&run->needs[i], i};
    qsort(order, n, sizeof *order, by_place);
    for (uint32_t i = 0; i < n; i++)
        memcpy(sorted.rows + (size_t)i * stride, m->need_centres.rows + (size_t)order[i].index * stride, stride);
    for (uint32_t i = 0; i < n; i++) {
        ew_need *need = &run->needs[order[i].index];
        int32_t nearest = 0;
        uint32_t alike = i;
        ew_kernels_get()->dot_i8(sorted.rows + (size_t)i * stride, 1, sorted.rows, i, stride, dots);
        for (uint32_t j = 0; j < i; j++) {
            if (dots[j] <= nearest) continue;
            nearest = dots[j];
            alike = j;
        }
        (void)ew_score_again(need->parts, EW_SCORE_NEW, new_share(need, seen));
        double product = ew_score_again(need->parts, EW_SCORE_UNLIKE, 1 - nearest / ((double)EW_CENTRE * EW_CENTRE));
        if (need->parts[EW_SCORE_UNLIKE].value < 1) need->alike = run->needs[order[alike].index].id;
        need->score = product / (1 + product);
    }
    qsort(run->needs, n, sizeof *run->needs, by_score);
done:
    ew_centres_free(&sorted);
    ew_free(seen);
    ew_free(order);
    ew_free(dots);
    return status;
}

/* need_start, need_of: needs in the order of rank, so each comment's list is best first. */
static ew_status who_is_where(ew_run *run, ew_error *err) {
    uint64_t all = 0;
    run->need_start = ew_calloc_spilled((size_t)run->corpus.n + 1, sizeof *run->need_start);
    uint64_t *fill = ew_alloc_spilled((size_t)run->corpus.n + 1, sizeof *fill);
    if (run->need_start && fill) {
        for (uint32_t i = 0; i < run->n_needs; i++) {
            all += run->needs[i].size;
            for (uint32_t c = 0; c < run->needs[i].size; c++) run->need_start[run->needs[i].comments[c] + 1]++;
        }
        for (uint32_t c = 0; c < run->corpus.n; c++) run->need_start[c + 1] += run->need_start[c];
        memcpy(fill, run->need_start, ((size_t)run->corpus.n + 1) * sizeof *fill);
    }
    run->need_of = ew_alloc(all, sizeof *run->need_of);
    if (!run->need_start || !fill || !run->need_of) {
        ew_free(fill);
        return ew_fail_memory(err, all * sizeof *run->need_of, "needs");
    }
    for (uint32_t i = 0; i < run->n_needs; i++)
        for (uint32_t c = 0; c < run->needs[i].size; c++) run->need_of[fill[run->needs[i].comments[c]]++] = i;
    ew_free(fill);
    return EW_OK;
}

static void account(ew_run *run) {
    ew_counts *counts = &run->counts;
    *counts = (ew_counts){.rejected = run->corpus.rejects.n, .read = run->corpus.n + run->corpus.rejects.n,
                          .outside = run->corpus.outside};
    for (uint32_t c = 0; c < run->corpus.n; c++) {
        int needed = run->need_start[c + 1] > run->need_start[c];
        if (run->theme[c] != EW_NONE || needed) run->noise[c] = EW_NOISE_NONE;
        if (run->theme[c] != EW_NONE)
            counts->in_themes++;
        else if (needed)
            counts->in_needs_only++;
        else
            counts->noise[run->noise[c]]++;
    }
}

static ew_status keep_table(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    run->fdr = ew_calloc(SHOWN_STEPS, sizeof *run->fdr);
    if (!run->fdr) return ew_fail_memory(err, SHOWN_STEPS * sizeof *run->fdr, "the table of false discoveries");
    for (uint32_t i = 0; i < m->findings.n_fdr && run->n_fdr < SHOWN_STEPS; i++) {
        const struct ew_fdr_step *step = &m->findings.fdr[i];
        run->fdr[run->n_fdr++] = (ew_fdr_row){step->threshold, step->real, step->decoys, step->fdr};
    }
    return EW_OK;
}

/* 1: half as many again of its comments leave something open as others deny, or three in four; less by what is short of that.
 * Where hardly anybody denies anything, nothing is much short. Who rates higher than others has to leave more open, and not by
 * denying alone ("can't live without it"), or it is praise. Whoever tells of something takes some words, so those who say little
 * have to leave open what they say; and so have those whose likes the decoys hold as well: what such a group shares may be play,
 * or a line of letters. Who stands out may live with something and deny nothing. */
static double open_enough(const ew_found *found, const ew_need *need, double usual) {
    double enough = fmin(OPEN_MOST, OPEN_MORE * found->usual_open);
    double gain = need->impact_low > GAIN ? fmin(1, 2 * (need->impact_low - GAIN)) : 0; /* NaN compares false */
    double left = found->open - gain * (found->open - found->asked);
    enough = fmin(1, enough + gain);
    double said = fmin(1, (double)found->group.words / fmax(2, usual)), brief = fmin(1, 2 * (1 - said));
    double open = left < enough ? fmax(0, 1 - (enough - left)) : 1;
    double s = need->why.significance, real = isnan(s) ? 1 : s <= EW_UNTESTED ? 0 : 1 / (1 + ew_exp(-s));
    return open / (1 + fmax(OPEN_BRIEF * brief, OPEN_DOUBT * (1 - real)));
}

ew_status ew_assemble_ranking(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    double usual = ew_usual_words(&m->lists);
    uint32_t sources = run->corpus.sources.size;
    uint32_t *per_source = ew_calloc(sources, sizeof *per_source), *tally = ew_calloc(sources, sizeof *tally);
    ew_voices_of_corpus voices = {0};
    ew_status status = EW_OK;
    if (!per_source || !tally) {
        status = ew_fail_memory(err, sources * 8, "needs");
        goto done;
    }
    EW_TRY(ew_held(m, err));
    EW_TRY(ew_voices_begin(m, &voices, err));
    for (uint32_t c = 0; c < run->corpus.n; c++) per_source[run->corpus.source[c]]++;
    for (uint32_t i = 0; i < run->n_needs; i++) {
        ew_need *need = &run->needs[i];
        const ew_found *found = &m->findings.items[i];
        ew_own own;
        EW_TRY(ew_voices_of(&voices, found, need, &own, err));
        set_tier(need, found, m->findings.decoys, own.voices, one_source(run, need, per_source, tally));
        ew_score_later later = {need->why.significance,
                                usual,
                                need->why.quiet_share,
                                need->impact_high < 0 ? -need->impact_high : 0, /* NaN compares false */
                                open_enough(found, need, usual),
                                own.comments ? (double)own.voices / own.comments : 1,
                                found->held + OWN_WORDS * need->why.quiet_share,
                                found->language,
                                1 - found->pleased,
                                own.comments};
        double product = ew_score_of(&found->group, &later, need->parts);
        need->score = product / (1 + product);
    }
    EW_TRY(put_in_order(m, err));
    run->candidates = m->findings.candidates;
    run->significant = m->findings.significant;
    run->decoys_used = m->findings.decoys;
    run->tested_units = m->findings.tested;
    EW_TRY(keep_table(m, err));
    EW_TRY(who_is_where(run, err));
    account(run);
done:
    ew_free(per_source);
    ew_free(tally);
    ew_voices_end(&voices);
    return status;
}
