/* How far from chance: statistics standardised on the decoys, a tail score a size, target-decoy competition. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "needs.h"
#include "tiers.h"

enum { MOST_TERMS = 8, BINS = 7 };
static const uint32_t BIN_END[BINS] = {5, 8, 14, 25, 60, 120, UINT32_MAX};
/* Weight of T2 beside T1: MANY_WORDS up to SMALL rows, FEW_WORDS from LARGE on, falling with the logarithm between: in a large
 * corpus words meet by chance more often. */
static const double MANY_WORDS = .5, FEW_WORDS = .25, SMALL = 1000, LARGE = 3000;
static double words_weight(double rows) {
    double part = rows <= SMALL ? 0 : rows >= LARGE ? 1 : ew_log(rows / SMALL) / ew_log(LARGE / SMALL);
    return MANY_WORDS + part * (FEW_WORDS - MANY_WORDS);
}

static int bin_of(uint32_t size) {
    int bin = 0;
    while (size > BIN_END[bin]) bin++;
    return bin;
}

/* ---- least squares by the normal equations (Cholesky, a trace of ridge against exact collinearity) ---- */

typedef struct { int terms; double gram[MOST_TERMS][MOST_TERMS], right[MOST_TERMS], beta[MOST_TERMS]; } fit;

static void fit_add(fit *f, const double *row, double y) {
    for (int i = 0; i < f->terms; i++) {
        for (int j = 0; j <= i; j++) f->gram[i][j] += row[i] * row[j];
        f->right[i] += row[i] * y;
    }
}

static void fit_solve(fit *f) {
    int m = f->terms;
    double lower[MOST_TERMS][MOST_TERMS] = {{0}}, half[MOST_TERMS];
    for (int i = 0; i < m; i++)
        for (int j = 0; j <= i; j++) {
            double sum = f->gram[i][j] + (i == j ? 1e-9 * (f->gram[i][i] + 1e-9) : 0);
            for (int k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
            lower[i][j] = i == j ? __builtin_sqrt(sum > 1e-12 ? sum : 1e-12) : sum / lower[j][j];
        }
    for (int i = 0; i < m; i++) {
        half[i] = f->right[i];
        for (int k = 0; k < i; k++) half[i] -= lower[i][k] * half[k];
        half[i] /= lower[i][i];
    }
    for (int i = m - 1; i >= 0; i--) {
        f->beta[i] = half[i];
        for (int k = i + 1; k < m; k++) f->beta[i] -= lower[k][i] * f->beta[k];
        f->beta[i] /= lower[i][i];
    }
}

static double fit_at(const fit *f, const double *row) {
    double sum = 0;
    for (int i = 0; i < f->terms; i++) sum += f->beta[i] * row[i];
    return sum;
}

/* ---- standardising ---- */

enum { KNOWN = 512 }; /* sizes, of which there are few */
typedef struct { fit mean, spread; double unit, ln[KNOWN], spreads[KNOWN]; int lexical; } standard; /* spreads 0: not known yet */

static double ln_of(const standard *s, uint32_t size) { return size < KNOWN ? s->ln[size] : ew_log(size); }

static int terms_of(const standard *s, const ew_group *g, double *row) {
    double l = ln_of(s, g->size), b = (double)g->b30, w = ew_log((double)(g->words > 1 ? g->words : 1));
    if (s->lexical) {
        double terms[] = {1, l, l * l, w, w * l};
        memcpy(row, terms, sizeof terms);
        return 5;
    }
    double terms[] = {1, l, l * l, b, b * l, b * b, w, w * l};
    memcpy(row, terms, sizeof terms);
    return 8;
}

static double residual(const standard *s, const ew_group *g) {
    double row[MOST_TERMS];
    terms_of(s, g, row);
    return (s->lexical ? g->t2 : g->t1) - fit_at(&s->mean, row);
}

/* What a residual of a size is measured by. */
static double spread_of(standard *s, uint32_t size) {
    double l = ln_of(s, size), row[] = {1, l, l * l}, *known = size < KNOWN ? &s->spreads[size] : NULL;
    if (known && *known > 0) return *known;
    double spread = ew_exp(fit_at(&s->spread, row));
    if (known) *known = spread;
    return spread;
}

static void standard_fit(standard *s, const ew_groups *decoys, uint32_t n_decoys, int lexical) {
    double row[MOST_TERMS];
    *s = (standard){.lexical = lexical};
    s->spread.terms = 3;
    for (uint32_t size = 1; size < KNOWN; size++) s->ln[size] = ew_log(size);
    for (uint32_t d = 0; d < n_decoys; d++)
        for (uint32_t i = 0; i < decoys[d].n; i++) {
            const ew_group *g = &decoys[d].items[i];
            s->mean.terms = terms_of(s, g, row);
            fit_add(&s->mean, row, lexical ? g->t2 : g->t1);
        }
    fit_solve(&s->mean);
    for (uint32_t d = 0; d < n_decoys; d++)
        for (uint32_t i = 0; i < decoys[d].n; i++) {
            double l = ln_of(s, decoys[d].items[i].size), terms[] = {1, l, l * l};
            fit_add(&s->spread, terms, ew_log(fabs(residual(s, &decoys[d].items[i])) + 1e-3));
        }
    fit_solve(&s->spread);
    double square = 0, count = 0;
    for (uint32_t d = 0; d < n_decoys; d++)
        for (uint32_t i = 0; i < decoys[d].n; i++) {
            double r = residual(s, &decoys[d].items[i]) / spread_of(s, decoys[d].items[i].size);
            square += r * r;
            count++;
        }
    s->unit = square > 0 ? __builtin_sqrt(square / count) : 1;
}

static double standardised(standard *s, const ew_group *g) { return residual(s, g) / (s->unit * spread_of(s, g->size)); }

/* ---- tails ---- */

typedef struct { double *x; uint32_t n; double u, beta; } tail; /* decoy x of one size bin, descending */

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void tail_score(const tail *t, uint32_t n_decoys, ew_group *g) {
    uint32_t m = 3 * n_decoys;
    g->s = EW_UNTESTED;
    if (t->n <= m + 5) return;
    if (g->x > t->u) {
        g->s = -ew_log(3) + (g->x - t->u) / t->beta;
    } else {
        uint32_t low = 0, high = t->n; /* how many decoys are at least x */
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (t->x[middle] >= g->x)
                low = middle + 1;
            else
                high = middle;
        }
        g->s = -ew_log((double)(low > 1 ? low : 1) / n_decoys);
    }
}

/* ---- competition ---- */

static int by_score(const void *a, const void *b) {
    const ew_group *x = *(const ew_group *const *)a, *y = *(const ew_group *const *)b;
    if (x->s != y->s) return x->s < y->s ? 1 : -1;
    return x->node < y->node ? -1 : x->node > y->node;
}

/* Scores of a greedy antichain by s, descending; returns how many. scores: room for groups->n. */
static ew_status antichain(const ew_groups *groups, uint32_t rows, double *scores, uint32_t *n, ew_error *err) {
    const ew_group **order = ew_alloc(groups->n, sizeof *order);
    char *used = ew_calloc(rows, 1);
    *n = 0;
    if (!order || !used) {
        ew_free(order);
        ew_free(used);
        return ew_fail_memory(err, rows, "significance");
    }
    for (uint32_t i = 0; i < groups->n; i++) order[i] = &groups->items[i];
    qsort(order, groups->n, sizeof *order, by_score);
    for (uint32_t i = 0; i < groups->n; i++) {
        const ew_group *g = order[i];
        int taken = 0; /* nodes nest: touching any used row means sharing */
        for (uint32_t r = g->first; r < g->first + g->size && !taken; r++) taken = used[r];
        if (taken) continue;
        memset(used + g->first, 1, g->size);
        scores[(*n)++] = g->s;
    }
    ew_free(order);
    ew_free(used);
    return EW_OK;
}

/* q of each group (Storey 2002): the least rate of the table among its own step and those below. */
static ew_status least_rates(ew_groups *groups, const ew_verdict *verdict, ew_error *err) {
    double *least = ew_alloc(verdict->n_steps + 1, sizeof *least);
    if (!least) return ew_fail_memory(err, (verdict->n_steps + 1) * sizeof *least, "significance");
    least[verdict->n_steps] = 1;
    for (uint32_t i = verdict->n_steps; i-- > 0;)
        least[i] = verdict->steps[i].fdr < least[i + 1] ? verdict->steps[i].fdr : least[i + 1];
    for (uint32_t i = 0; i < groups->n; i++) {
        uint32_t low = 0, high = verdict->n_steps; /* the first step it reaches; they fall */
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (verdict->steps[middle].threshold > groups->items[i].s)
                low = middle + 1;
            else
                high = middle;
        }
        groups->items[i].q = least[low];
    }
    ew_free(least);
    return EW_OK;
}

ew_status ew_significance(ew_groups *real, ew_groups *decoys, uint32_t n_decoys, uint32_t rows, ew_verdict *out, ew_error *err) {
    *out = (ew_verdict){.threshold = INFINITY};
    ew_status status = EW_OK;
    tail tails[BINS] = {{0}};
    double *scores = NULL, *fake = NULL;
    uint32_t total = 0, n_scores = 0, n_fake = 0, counts[BINS] = {0};
    for (uint32_t d = 0; d < n_decoys; d++) total += decoys[d].n;
    if (!total || !real->n) {
        for (uint32_t i = 0; i < real->n; i++) {
            real->items[i].x = real->items[i].s = EW_UNTESTED;
            real->items[i].q = 1;
        }
        return EW_OK;
    }
    standard z1, z2;
    standard_fit(&z1, decoys, n_decoys, 0);
    standard_fit(&z2, decoys, n_decoys, 1);
    double words = words_weight(rows);
    for (uint32_t d = 0; d <= n_decoys; d++) {
        ew_groups *groups = d < n_decoys ? &decoys[d] : real;
        for (uint32_t i = 0; i < groups->n; i++) {
            ew_group *g = &groups->items[i];
            g->x = standardised(&z1, g) + words * standardised(&z2, g);
            if (d < n_decoys) counts[bin_of(g->size)]++;
        }
    }
    for (int b = 0; b < BINS; b++)
        if (!(tails[b].x = ew_alloc(counts[b], sizeof(double)))) {
            status = ew_fail_memory(err, counts[b] * sizeof(double), "significance");
            goto done;
        }
    for (uint32_t d = 0; d < n_decoys; d++)
        for (uint32_t i = 0; i < decoys[d].n; i++) {
            tail *t = &tails[bin_of(decoys[d].items[i].size)];
            t->x[t->n++] = decoys[d].items[i].x;
        }
    for (int b = 0; b < BINS; b++) {
        tail *t = &tails[b];
        uint32_t m = 3 * n_decoys;
        qsort(t->x, t->n, sizeof *t->x, descending);
        if (t->n <= m + 5) continue;
        t->u = t->x[m];
        for (uint32_t i = 0; i < m; i++) t->beta += t->x[i] - t->u;
        t->beta /= m;
        if (!(t->beta > 1e-9)) t->beta = 1e-9;
    }
    for (uint32_t d = 0; d <= n_decoys; d++) {
        ew_groups *groups = d < n_decoys ? &decoys[d] : real;
        for (uint32_t i = 0; i < groups->n; i++)
            tail_score(&tails[bin_of(groups->items[i].size)], n_decoys, &groups->items[i]);
    }
    scores = ew_alloc(real->n, sizeof *scores);
    fake = ew_alloc(total, sizeof *fake);
    if (!scores || !fake) {
        status = ew_fail_memory(err, total * sizeof *fake, "significance");
        goto done;
    }
    EW_TRY(antichain(real, rows, scores, &n_scores, err));
    for (uint32_t d = 0; d < n_decoys; d++) {
        uint32_t more;
        EW_TRY(antichain(&decoys[d], rows, fake + n_fake, &more, err));
        n_fake += more;
    }
    qsort(fake, n_fake, sizeof *fake, descending);
    out->steps = ew_alloc(n_scores, sizeof *out->steps);
    if (!out->steps) {
        status = ew_fail_memory(err, n_scores * sizeof *out->steps, "significance");
        goto done;
    }
    uint32_t above = 0;
    for (uint32_t i = 0; i < n_scores; i++) {
        if (i + 1 < n_scores && scores[i + 1] == scores[i]) continue;
        while (above < n_fake && fake[above] >= scores[i]) above++;
        double expected = 1 + (double)above / n_decoys, fdr = expected / (i + 1); /* the 1: never surer than one false */
        /* the table shows what is near the decision, not the whole descent into noise */
        if (fdr <= 1 && scores[i] > EW_UNTESTED)
            out->steps[out->n_steps++] = (struct ew_fdr_step){scores[i], i + 1, expected, fdr};
        if (fdr <= EW_TIER_FDR && scores[i] > EW_UNTESTED) out->threshold = scores[i];
    }
    for (uint32_t i = 0; i < real->n; i++) out->significant += real->items[i].s >= out->threshold;
    EW_TRY(least_rates(real, out, err));
done:
    for (int b = 0; b < BINS; b++) ew_free(tails[b].x);
    ew_free(scores);
    ew_free(fake);
    if (status != EW_OK) {
        ew_free(out->steps);
        *out = (ew_verdict){.threshold = INFINITY};
    }
    return status;
}
