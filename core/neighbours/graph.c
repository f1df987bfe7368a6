/* Lists -> an undirected graph with integer weights, so that sums over edges have no order. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "../base/stop.h"
#include "../kernels/powers.h"
#include "neighbours.h"

enum {
    ONE = 1 << 20,       /* the weight 1 */
    ROWS = 256,          /* a task, and between two looks whether to stop */
    NEWTON_STEPS = 16,   /* five or six are common */
    SLOTS = 128,         /* of a table of one list; longer lists get more */
};
static const double SHARPEST = 1e4, FLATTEST = .1; /* 1 / sigma */

void ew_graph_free(ew_graph *graph) {
    ew_free(graph->start);
    ew_free(graph->links);
    *graph = (ew_graph){0};
}

/* ---- who is in a list: a small open table ---- */

typedef struct { uint32_t *id, *place; uint32_t mask; } table;

static uint32_t slots_for(uint32_t k) {
    uint32_t slots = SLOTS;
    while (slots < 4 * k) slots *= 2;
    return slots;
}

static void fill(const table *t, const uint32_t *ids, uint32_t k) {
    memset(t->id, 0xff, ((size_t)t->mask + 1) * sizeof *t->id);
    for (uint32_t j = 0; j < k; j++) {
        uint32_t slot = ids[j] * 2654435761u >> 7 & t->mask;
        while (t->id[slot] != EW_NONE) slot = (slot + 1) & t->mask;
        t->id[slot] = ids[j];
        t->place[slot] = j;
    }
}

static inline uint32_t place_of(const table *t, uint32_t id) { /* EW_NONE: it is not there */
    uint32_t slot = id * 2654435761u >> 7 & t->mask;
    while (t->id[slot] != id && t->id[slot] != EW_NONE) slot = (slot + 1) & t->mask;
    return t->id[slot] == id ? t->place[slot] : EW_NONE;
}

/* ---- how many of one list stand in another: as either answer is as likely, without a branch on it ---- */

enum { SPOTS = 4096, SPOT_BITS = 12, MOST_SPREADS = 32, LONGEST = 255 /* a longer list asks the table above */ };

typedef struct {
    uint8_t place[SPOTS];      /* 1 + place in the list of the id whose spot this is; 0: none's; all zeros between two lists */
    uint32_t ids[LONGEST + 1]; /* behind one that is no row's */
    uint32_t spread;
} spots;

static inline uint32_t spot_of(const spots *s, uint32_t id) { return id * s->spread >> (32 - SPOT_BITS); }

static void clear_spots(spots *s, uint32_t k) {
    while (k) s->place[spot_of(s, s->ids[k--])] = 0;
}

/* Every id at a spot of its own: spreads are tried until they are. 0: it was not to be, or there are too many. */
static int fill_spots(spots *s, const uint32_t *ids, uint32_t k) {
    if (k > LONGEST) return 0;
    s->ids[0] = EW_NONE;
    memcpy(s->ids + 1, ids, k * sizeof *ids);
    s->spread = 2654435761u;
    for (uint32_t try = 0; try < MOST_SPREADS; try++, s->spread = s->spread * 1664525u + 1013904222u /* odd again */) {
        uint32_t n = 0;
        while (n < k && !s->place[spot_of(s, s->ids[n + 1])]) {
            s->place[spot_of(s, s->ids[n + 1])] = (uint8_t)(n + 1);
            n++;
        }
        if (n == k) return 1;
        clear_spots(s, n);
    }
    return 0;
}

static inline uint32_t common_of(const spots *s, const uint32_t *ids, uint32_t k) {
    uint32_t common = 0;
    for (uint32_t i = 0; i < k; i++) common += s->ids[s->place[spot_of(s, ids[i])]] == ids[i];
    return common;
}

/* ---- affinities: how near the j-th of a list is, seen from its row, 0 .. ONE ---- */

/* What is the same for all rows: log2 k, and ln (k / log2 k). */
typedef struct { double target, start; } dial;

/* 1 / sigma of the row: sum over its list of exp(-x / sigma) = log2 k, x = d - rho >= 0, by Newton's method. The sum is convex
 * and falls, and the start lies left of the root (Jensen), so steps only go right and cannot leap over it. x [padded] is
 * EW_POWERS_FAR behind the list. */
static double sharpness(const double *x, uint32_t k, uint32_t padded, dial of) {
    const ew_powers *powers = ew_powers_get();
    double total = 0, at;
    uint32_t nearest = 0;
    for (uint32_t j = 0; j < k; j++) {
        total += x[j];
        nearest += x[j] <= 0;
    }
    if (nearest >= of.target) return SHARPEST; /* no scale is small enough */
    at = of.start * k / total;
    for (int step = 0; step < NEWTON_STEPS && at < SHARPEST; step++) {
        double sum, slope;
        powers->sums(x, padded, -at, &sum, &slope);
        double by = (sum - of.target) / slope;
        at += by;
        if (by < at * 1e-7) break; /* finer than the weights' 2^-20 */
    }
    return at < FLATTEST ? FLATTEST : at < SHARPEST ? at : SHARPEST;
}

typedef struct {
    const ew_lists *lists;
    uint32_t k;
    ew_weighting weighting;
    ew_graph *graph;
    uint32_t *kept;  /* [n] links of a row once both directions are one */
    table *tables;   /* [workers] */
    spots *spots;    /* [workers] */
    dial of;
    uint32_t padded; /* k rounded up to EW_POWERS_LANES */
    double **x;      /* [workers, padded] distances, then affinities */
} job;

static void affinities(const job *work, uint32_t row, int worker) {
    const ew_lists *l = work->lists;
    const uint32_t *ids = l->ids + (size_t)row * l->k;
    const table *t = &work->tables[worker];
    double *x = work->x[worker];
    uint64_t *out = work->graph->links + work->graph->start[row];
    uint32_t k = work->k;
    spots *s = &work->spots[worker];
    int spotted = work->weighting == EW_WEIGHT_SHARED && fill_spots(s, ids, k);
    if (work->weighting == EW_WEIGHT_SHARED && !spotted) fill(t, ids, k);
    if (work->weighting == EW_WEIGHT_LOCAL) {
        double rho = 1 - ew_similarity(l, row, 0);
        rho = rho > 0 ? rho : 0;
        for (uint32_t j = 0; j < k; j++) {
            double d = 1 - ew_similarity(l, row, j);
            x[j] = d > rho ? d - rho : 0;
        }
        for (uint32_t j = k; j < work->padded; j++) x[j] = EW_POWERS_FAR;
        ew_powers_get()->all(x, work->padded, -sharpness(x, k, work->padded, work->of), x);
    }
    for (uint32_t j = 0; j < k; j++) {
        double near;
        if (work->weighting == EW_WEIGHT_LOCAL) {
            near = x[j];
        } else if (work->weighting == EW_WEIGHT_SHARED) {
            const uint32_t *other = l->ids + (size_t)ids[j] * l->k;
            uint32_t common = spotted ? common_of(s, other, k) : 0;
            for (uint32_t i = 0; !spotted && i < k; i++) common += place_of(t, other[i]) != EW_NONE;
            near = (double)(1 + common) / (k + 1);
        } else {
            double cos = ew_similarity(l, row, j);
            cos = cos > 0 ? cos < 1 ? cos : 1 : 0;
            near = cos * cos * cos * cos;
        }
        out[j] = ew_link(ids[j], (uint64_t)(ONE * near + .5));
    }
    if (spotted) clear_spots(s, k);
}

static ew_status affinity_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *work = context;
    uint32_t end = (uint32_t)ew_chunk_end(task, ROWS, work->lists->n);
    for (uint32_t i = (uint32_t)task * ROWS; i < end; i++) affinities(work, i, worker);
    return ew_stop_check(err);
}

/* An edge that both rows list stands twice at each of them: its two affinities become one weight. */
static ew_status union_task(void *context, uint64_t task, int worker, ew_error *err) {
    const job *work = context;
    const ew_graph *g = work->graph;
    const table *t = &work->tables[worker];
    uint32_t end = (uint32_t)ew_chunk_end(task, ROWS, g->n), k = work->k;
    for (uint32_t i = (uint32_t)task * ROWS; i < end; i++) {
        uint64_t *links = g->links + g->start[i], all = g->start[i + 1] - g->start[i];
        uint32_t kept = k;
        fill(t, work->lists->ids + (size_t)i * work->lists->k, k);
        for (uint64_t e = k; e < all; e++) {
            uint32_t to = ew_link_to(links[e]), place = place_of(t, to);
            if (place == EW_NONE) {
                links[kept++] = links[e];
                continue;
            }
            uint64_t a = ew_link_weight(links[place]), b = ew_link_weight(links[e]);
            uint64_t both = work->weighting == EW_WEIGHT_LOCAL ? a + b - ((a * b + ONE / 2) >> 20) : a > b ? a : b;
            links[place] = ew_link(to, both);
        }
        for (uint32_t e = 0; e < kept; e++)
            if (!ew_link_weight(links[e])) links[e] = ew_link(ew_link_to(links[e]), 1);
        work->kept[i] = kept;
    }
    return ew_stop_check(err);
}

static ew_status scratch_init(job *work, int workers, ew_error *err) {
    uint32_t slots = slots_for(work->k);
    work->tables = ew_calloc((size_t)workers, sizeof *work->tables);
    work->x = ew_calloc((size_t)workers, sizeof *work->x);
    work->spots = ew_calloc((size_t)workers, sizeof *work->spots);
    int failed = !work->tables || !work->x || !work->spots;
    for (int i = 0; !failed && i < workers; i++) {
        work->tables[i] = (table){ew_alloc(slots, 4), ew_alloc(slots, 4), slots - 1};
        work->x[i] = ew_alloc(work->padded, sizeof **work->x);
        failed = !work->tables[i].id || !work->tables[i].place || !work->x[i];
    }
    return failed ? ew_fail_memory(err, slots * 8, "the neighbour graph") : EW_OK;
}

static void scratch_free(job *work, int workers) {
    for (int i = 0; i < workers; i++) {
        if (work->tables) {
            ew_free(work->tables[i].id);
            ew_free(work->tables[i].place);
        }
        if (work->x) ew_free(work->x[i]);
    }
    ew_free(work->tables);
    ew_free(work->x);
    ew_free(work->spots);
}

/* Each row's own links stand first; behind them comes a copy of every link that leads to it, by who lists it. */
static ew_status mirror(const job *work, uint64_t *fill_at, ew_error *err) {
    const ew_graph *g = work->graph;
    for (uint32_t i = 0; i < g->n; i++) fill_at[i] = g->start[i] + work->k;
    for (uint32_t i = 0; i < g->n; i++) {
        if (i % ROWS == 0 && ew_stop_check(err) != EW_OK) return EW_CANCELLED;
        const uint64_t *own = g->links + g->start[i];
        for (uint32_t j = 0; j < work->k; j++) g->links[fill_at[ew_link_to(own[j])]++] = ew_link(i, ew_link_weight(own[j]));
    }
    return EW_OK;
}

ew_status ew_graph_build(const ew_lists *lists, uint32_t k, ew_weighting weighting, ew_pool *pool, ew_graph *out, ew_error *err) {
    uint32_t n = lists->n;
    int workers = ew_pool_threads(pool);
    ew_status status = EW_OK;
    uint64_t *at = NULL;
    if (k > lists->k) k = lists->k;
    *out = (ew_graph){.n = n};
    double target = ew_log((double)(k > 1 ? k : 2)) / ew_log(2);
    job work = {.lists = lists, .k = k, .weighting = weighting, .graph = out, .of = {target, ew_log((k ? k : 1) / target)},
                .padded = (k + EW_POWERS_LANES - 1) / EW_POWERS_LANES * EW_POWERS_LANES};
    if (n >= 1u << (EW_LINK_BITS - 1))
        return ew_fail(err, EW_RESOURCE, "%u rows are more than a tree can hold (%u); take a sample", n,
                       1u << (EW_LINK_BITS - 1));
    out->start = ew_calloc((size_t)n + 1, sizeof *out->start);
    out->links = ew_alloc(2 * (size_t)n * k, sizeof *out->links);
    work.kept = ew_alloc(n, sizeof *work.kept);
    at = ew_alloc(n, sizeof *at);
    if (!out->start || !out->links || !work.kept || !at) {
        status = ew_fail_memory(err, (size_t)n * k * 16, "the neighbour graph");
        goto done;
    }
    EW_TRY(scratch_init(&work, workers, err));
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < k; j++) out->start[lists->ids[(size_t)i * lists->k + j] + 1]++;
    for (uint32_t i = 0; i < n; i++) out->start[i + 1] += out->start[i] + k;
    if (k) {
        EW_TRY(ew_pool_each(pool, ew_chunks(n, ROWS), affinity_task, &work, err));
        EW_TRY(mirror(&work, at, err));
        EW_TRY(ew_pool_each(pool, ew_chunks(n, ROWS), union_task, &work, err));
        uint64_t held = 0;
        for (uint32_t i = 0; i < n; i++) { /* to the front: what a union saved lies between the rows */
            memmove(out->links + held, out->links + out->start[i], work.kept[i] * sizeof *out->links);
            out->start[i] = held;
            held += work.kept[i];
        }
        out->start[n] = held;
        uint64_t *fitting = ew_realloc(out->links, held, sizeof *out->links);
        if (fitting) out->links = fitting; /* to shrink cannot matter if it fails */
    }
done:
    scratch_free(&work, workers);
    ew_free(work.kept);
    ew_free(at);
    if (status != EW_OK) ew_graph_free(out);
    return status;
}
