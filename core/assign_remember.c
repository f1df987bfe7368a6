/* What later comments are placed by: how vectors were made, and a centre and a limit for each theme and need. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "context/places.h"
#include "mining.h"

enum { OUTSIDERS = 30 };
static const uint32_t LOWEST = UINT32_C(1) << 31; /* INT32_MIN: with it off, numbers below 0 stand before the others */
static const double OUTERMOST = .01; /* share of a theme's own rows that lie beyond its limit (believed, not measured) */

static int32_t dot(const int8_t *a, const int8_t *b, uint32_t stride) {
    int32_t sum = 0;
    for (uint32_t j = 0; j < stride; j++) sum += a[j] * b[j];
    return sum;
}

static const int8_t *row_of(const ew_mining *m, uint32_t row) { return m->vectors.rows + (size_t)row * m->vectors.stride; }

/* A theme's limit: what all but the outermost of its own rows reach, those aside that nobody is near to. */
static ew_status remember_themes(const ew_mining *m, ew_places *p, ew_error *err) {
    uint32_t k = m->partition.k, stride = p->stride;
    uint64_t *rows = ew_alloc(m->rows.n, sizeof *rows), *spare = ew_alloc(m->rows.n, sizeof *spare);
    ew_status status = EW_OK;
    p->n_themes = k;
    p->themes = ew_calloc(k, sizeof *p->themes);
    p->theme_centres = ew_calloc((size_t)k * stride, 1);
    if (!rows || !spare || !p->themes || !p->theme_centres) {
        status = ew_fail_memory(err, m->rows.n * sizeof *rows, "themes");
        goto done;
    }
    if (m->partition.centres.rows) memcpy(p->theme_centres, m->partition.centres.rows, (size_t)k * stride);
    for (uint32_t t = 0; t < k; t++) p->themes[t].least = INT32_MAX;
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->rows.n; i++) {
        uint32_t theme = m->partition.theme[i]; /* none: the row's theme held noise alone, and its comment's is another row's */
        if (theme == EW_NONE) continue;
        if (m->run->theme[ew_row_comment(m, i)] == EW_NONE) continue;
        uint32_t near = (uint32_t)dot(row_of(m, i), p->theme_centres + (size_t)theme * stride, stride);
        rows[n++] = (uint64_t)theme << 32 | (near ^ LOWEST);
    }
    ew_sort_u64(rows, spare, n); /* by theme, the furthest first */
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && rows[end] >> 32 == rows[i] >> 32;) end++;
        p->themes[rows[i] >> 32].least = (int32_t)((uint32_t)rows[i + (uint32_t)(OUTERMOST * (end - i))] ^ LOWEST);
    }
done:
    ew_free(rows);
    ew_free(spare);
    return status;
}

typedef struct { int32_t dot; int inside; } candidate;

static int nearest_first(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->dot != y->dot) return x->dot < y->dot ? 1 : -1;
    return x->inside < y->inside ? -1 : x->inside > y->inside; /* outsiders first: ties count against the limit */
}

/* The limit that tells the need's rows best from their neighbours: the highest harmonic mean of precision and recall. */
static int32_t best_limit(candidate *all, uint32_t n, uint32_t members) {
    double best = -1;
    int32_t limit = INT32_MAX;
    uint32_t inside = 0;
    qsort(all, n, sizeof *all, nearest_first);
    for (uint32_t i = 0; i < n; i++) {
        inside += (uint32_t)all[i].inside;
        if (i + 1 < n && all[i + 1].dot == all[i].dot) continue;
        double f = 2.0 * inside / (members + i + 1.0);
        if (f <= best) continue;
        best = f;
        limit = all[i].dot;
    }
    return limit;
}

static ew_status remember_needs(const ew_mining *m, ew_places *p, ew_error *err) {
    uint32_t stride = p->stride, most = 1, k = m->near.k < OUTSIDERS ? m->near.k : OUTSIDERS;
    for (uint32_t i = 0; i < m->findings.n; i++)
        if (m->findings.items[i].group.size > most) most = m->findings.items[i].group.size;
    candidate *all = ew_alloc((size_t)most * (k + 1), sizeof *all);
    uint32_t *seen = ew_calloc(m->rows.n, sizeof *seen); /* the need a row was last looked at for, plus one */
    ew_status status = EW_OK;
    p->n_needs = m->run->n_needs;
    p->needs = ew_calloc(p->n_needs, sizeof *p->needs);
    p->need_centres = ew_calloc((size_t)p->n_needs * stride, 1);
    if (!all || !seen || !p->needs || !p->need_centres) {
        status = ew_fail_memory(err, p->n_needs * (size_t)stride, "needs");
        goto done;
    }
    memcpy(p->need_centres, m->need_centres.rows, (size_t)p->n_needs * stride);
    for (uint32_t g = 0; g < p->n_needs; g++) {
        const ew_found *found = &m->findings.items[g];
        const int8_t *centre = p->need_centres + (size_t)g * stride;
        uint32_t n = 0;
        strncpy(p->needs[g].id, m->run->needs[g].id, sizeof p->needs[g].id - 1);
        for (uint32_t i = 0; i < found->group.size; i++) {
            seen[found->rows[i]] = g + 1;
            all[n++] = (candidate){dot(row_of(m, found->rows[i]), centre, stride), 1};
        }
        for (uint32_t i = 0; i < found->group.size; i++)
            for (uint32_t j = 0; j < k; j++) {
                uint32_t other = m->near.ids[(size_t)found->rows[i] * m->near.k + j];
                if (seen[other] == g + 1) continue;
                seen[other] = g + 1;
                all[n++] = (candidate){dot(row_of(m, other), centre, stride), 0};
            }
        p->needs[g].least = best_limit(all, n, found->group.size);
    }
done:
    ew_free(all);
    ew_free(seen);
    return status;
}

/* The rows of the corpus part's table that are not zero. */
static ew_status remember_terms(const ew_mining *m, ew_places *p, ew_error *err) {
    const ew_lsa *lsa = &m->vectors.lsa;
    uint32_t d = lsa->table ? lsa->d : 0;
    if (!(p->corpus_d = d)) return EW_OK;
    uint64_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        n = 0;
        for (uint32_t t = 0; t < lsa->vocab; t++) {
            const float *row = lsa->table + (size_t)t * d;
            uint32_t j = 0;
            while (j < d && row[j] == 0) j++;
            if (j == d) continue;
            if (pass) {
                p->terms[n] = t;
                memcpy(p->directions + n * d, row, d * sizeof *row);
            }
            n++;
        }
        if (pass) break;
        p->n_terms = n;
        p->terms = ew_alloc(n, sizeof *p->terms);
        p->directions = ew_alloc(n * d, sizeof *p->directions);
        if (!p->terms || !p->directions) return ew_fail_memory(err, n * d * sizeof *p->directions, "the corpus part");
    }
    return EW_OK;
}

ew_status ew_stage_remember(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    ew_status status;
    if (!m->vectors.mean) return EW_OK; /* vectors that were given in cannot be made again */
    ew_places *p = run->places = ew_calloc(1, sizeof *p);
    if (!p) return ew_fail_memory(err, sizeof *p, "what later comments are placed by");
    p->width = m->vectors.d - m->vectors.lsa.d;
    p->stride = m->vectors.stride;
    p->scale = m->vectors.scale;
    p->weight = (float)run->corpus_weight;
    strncpy(p->encoder, run->encoder, sizeof p->encoder - 1);
    strncpy(p->model, run->model_digest, sizeof p->model - 1);
    p->n_lines = ew_boilerplate_lines(m->boilerplate);
    p->mean = ew_alloc(p->width, sizeof *p->mean);
    p->lines = ew_alloc(p->n_lines, sizeof *p->lines);
    if (!p->mean || !p->lines) {
        status = ew_fail_memory(err, p->width * sizeof *p->mean, "what later comments are placed by");
        goto done;
    }
    memcpy(p->mean, m->vectors.mean, p->width * sizeof *p->mean);
    ew_boilerplate_names(m->boilerplate, p->lines);
    EW_TRY(remember_terms(m, p, err));
    EW_TRY(remember_themes(m, p, err));
    EW_TRY(remember_needs(m, p, err));
done:
    return status;
}
