/* The test: decoys of all rows, or of a seeded sample of them, and what they say of the corpus' groups. */
#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "inside.h"

/* ---- decoys: vectors and lists of a few at a time by all threads, then each one's tree by one thread ---- */

typedef struct {
    const ew_needs_input *input;
    ew_vectors *vectors;
    ew_lists *lists;
    ew_token_lists *tokens;
    ew_groups *groups;
} batch;

static ew_status decoy_task(void *context, uint64_t task, int worker, ew_error *err) {
    (void)worker;
    batch *b = context;
    ew_tree tree = {0};
    ew_status status = ew_tree_of_lists(&b->lists[task], NULL, &tree, err);
    if (status == EW_OK)
        status = ew_candidates(&tree, &b->vectors[task], &b->lists[task], NULL, &b->tokens[task], b->input->owner,
                               b->input->vocab, NULL, &b->groups[task], err);
    ew_tree_free(&tree);
    return status;
}

enum { MOST_AT_ONCE = 4 };

/* row: see ew_decoy. */
static ew_status run_decoys(const ew_needs_input *input, const uint32_t *row, ew_pool *pool, ew_groups *groups, ew_error *err) {
    const ew_token_lists *lists = input->tokens;
    ew_vectors vectors[MOST_AT_ONCE] = {{0}};
    ew_lists near[MOST_AT_ONCE] = {{0}};
    ew_token_lists tokens[MOST_AT_ONCE] = {{0}};
    uint32_t *ids[MOST_AT_ONCE] = {0};
    ew_status status = EW_OK;
    uint32_t at_once = (uint32_t)ew_pool_threads(pool) < MOST_AT_ONCE ? (uint32_t)ew_pool_threads(pool) : MOST_AT_ONCE;
    uint32_t topics, probes = 0; /* decoys are alike: the first tells how many tiles the rows of all ask */
    ew_bags *bags = NULL;
    ew_lsa corpus_part = {0};
    uint32_t *topic = ew_alloc(lists->n, sizeof *topic);
    if (!topic) return ew_fail_memory(err, lists->n * sizeof *topic, "decoys");
    EW_TRY(ew_decoy_topics(input->vectors, input->seed, pool, topic, &topics, err));
    EW_TRY(ew_bags_create(lists, topic, topics, &bags, err));
    for (uint32_t i = 0; i < at_once; i++)
        if (!(ids[i] = ew_alloc(lists->start[lists->n], sizeof **ids))) {
            status = ew_fail_memory(err, lists->start[lists->n] * 2, "decoys");
            goto done;
        }
    for (uint32_t first = 0; first < input->decoys; first += at_once) {
        uint32_t n = input->decoys - first < at_once ? input->decoys - first : at_once;
        for (uint32_t i = 0; i < n; i++) {
            ew_bags_draw(bags, EW_DECOY_FOLLOW, input->seed, first + i, ids[i]);
            tokens[i] = (ew_token_lists){lists->n, lists->start, ids[i]};
            if (input->keep) EW_TRY(input->keep(input->keep_data, &(ew_decoy){first + i, tokens[i], topic, row}, err));
            EW_TRY(ew_vectors_build_like(input->encoder, &tokens[i], input->corpus_weight, input->seed, &corpus_part, pool,
                                         &vectors[i], err));
            if (row && !corpus_part.d) { /* of many rows, the others' corpus parts begin with the first's */
                corpus_part = vectors[i].lsa;
                vectors[i].lsa = (ew_lsa){0};
            }
            ew_lsa_free(&vectors[i].lsa); /* nobody comes later to a decoy */
            ew_want want = ew_needs_want(lists->n, row != NULL, input->recall, input->seed);
            want.probes = &probes;
            EW_TRY(ew_neighbours_find(&vectors[i], want, pool, &near[i], NULL, err));
            if (input->tick && input->tick(input->tick_data, first + i + 1, input->decoys)) {
                status = ew_fail(err, EW_CANCELLED, "cancelled");
                goto done;
            }
        }
        batch b = {input, vectors, near, tokens, groups + first};
        EW_TRY(ew_pool_run(pool, n, decoy_task, &b, err));
        for (uint32_t i = 0; i < n; i++) {
            ew_vectors_free(&vectors[i]);
            ew_lists_free(&near[i]);
        }
    }
done:
    for (uint32_t i = 0; i < MOST_AT_ONCE; i++) {
        ew_vectors_free(&vectors[i]);
        ew_lists_free(&near[i]);
        ew_free(ids[i]);
    }
    ew_lsa_free(&corpus_part);
    ew_bags_free(bags);
    ew_free(topic);
    return status;
}

/* Groups of input's own rows against its decoys. */
static ew_status against_decoys(const ew_needs_input *input, const uint32_t *row, ew_pool *pool, ew_groups *groups,
                                ew_verdict *verdict, ew_error *err) {
    ew_groups *decoys = ew_calloc(input->decoys, sizeof *decoys);
    if (!decoys) return ew_fail_memory(err, input->decoys * sizeof *decoys, "decoys");
    ew_status status = run_decoys(input, row, pool, decoys, err);
    if (status == EW_OK) status = ew_significance(groups, decoys, input->decoys, input->tokens->n, verdict, err);
    for (uint32_t i = 0; i < input->decoys; i++) ew_groups_free(&decoys[i]);
    ew_free(decoys);
    return status;
}

/* ---- the sample: a corpus of its own ---- */

typedef struct {
    uint32_t n;
    uint32_t *row;       /* [n] which row of the corpus, ascending */
    uint32_t *owner;     /* [n] NULL: each row is one */
    uint32_t *place;     /* [rows of the corpus] which of the sample, EW_NONE */
    uint64_t *start;     /* [n + 1] */
    uint32_t *ids;
    ew_token_lists tokens; /* views of the above */
    ew_vectors vectors;
    ew_lists near;
    ew_tree tree;
    ew_groups groups;
} sample;

static void sample_free(sample *s) {
    ew_free(s->row);
    ew_free(s->owner);
    ew_free(s->place);
    ew_free(s->start);
    ew_free(s->ids);
    ew_vectors_free(&s->vectors);
    ew_lists_free(&s->near);
    ew_tree_free(&s->tree);
    ew_groups_free(&s->groups);
}

/* One row from each of s->n equal strata of the rows, whose order is that of a hash of their tokens. */
static ew_status draw(const ew_token_lists *all, const uint32_t *owner, uint64_t seed, sample *s, ew_error *err) {
    uint64_t held = 0;
    s->row = ew_alloc(s->n, sizeof *s->row);
    s->place = ew_alloc(all->n, sizeof *s->place);
    s->start = ew_alloc((size_t)s->n + 1, sizeof *s->start);
    if (owner) s->owner = ew_alloc(s->n, sizeof *s->owner);
    if (!s->row || (owner && !s->owner) || !s->place || !s->start)
        return ew_fail_memory(err, all->n * sizeof *s->place, "the sample");
    memset(s->place, 0xff, all->n * sizeof *s->place);
    for (uint32_t j = 0; j < s->n; j++) {
        uint64_t from = (uint64_t)all->n * j / s->n, to = (uint64_t)all->n * (j + 1) / s->n;
        s->row[j] = (uint32_t)(from + ew_random_below(to - from, seed, EW_RANDOM_TEST, j, 0));
        s->place[s->row[j]] = j;
        if (owner) s->owner[j] = owner[s->row[j]];
        s->start[j] = held;
        held += all->start[s->row[j] + 1] - all->start[s->row[j]];
    }
    s->start[s->n] = held;
    if (!(s->ids = ew_alloc(held, sizeof *s->ids))) return ew_fail_memory(err, held * sizeof *s->ids, "the sample");
    for (uint32_t j = 0; j < s->n; j++)
        memcpy(s->ids + s->start[j], all->ids + all->start[s->row[j]], (s->start[j + 1] - s->start[j]) * sizeof *s->ids);
    s->tokens = (ew_token_lists){s->n, s->start, s->ids};
    return EW_OK;
}

/* ---- from the sample's groups to the corpus' ---- */

typedef struct {
    const sample *s;
    uint32_t *group_of;      /* [nodes of the sample's tree] index of its candidate, EW_NONE */
    uint32_t *hits, *touched;/* [nodes] scratch, hits all zero between groups */
} carrying;

/* The candidate of the sample that is the same group: more than half in common with these rows' share of the sample (Jaccard).
 * Two groups without a common row never have the same one. EW_NONE: none. */
static uint32_t counterpart(carrying *c, const uint32_t *rows, uint32_t n) {
    const ew_tree *tree = &c->s->tree;
    uint32_t inside = 0, kinds = 0, found = EW_NONE;
    double best = .5;
    for (uint32_t i = 0; i < n; i++) inside += c->s->place[rows[i]] != EW_NONE;
    for (uint32_t i = 0; i < n; i++) {
        if (c->s->place[rows[i]] == EW_NONE) continue;
        for (uint32_t v = c->s->place[rows[i]]; v != EW_NONE && tree->size[v] < 2 * (uint64_t)inside; v = tree->parent[v])
            if (!c->hits[v]++) c->touched[kinds++] = v;
    }
    for (uint32_t i = 0; i < kinds; i++) {
        uint32_t v = c->touched[i];
        double jaccard = (double)c->hits[v] / (inside + tree->size[v] - c->hits[v]);
        if (c->group_of[v] != EW_NONE && (jaccard > best || (found != EW_NONE && jaccard == best && v < found))) {
            best = jaccard;
            found = v;
        }
        c->hits[v] = 0;
    }
    return found == EW_NONE ? EW_NONE : c->group_of[found];
}

static ew_status carry(const sample *s, const ew_tree *tree, ew_groups *groups, ew_verdict *verdict, ew_error *err) {
    size_t nodes = s->tree.nodes;
    carrying c = {s, ew_alloc(nodes, sizeof(uint32_t)), ew_calloc(nodes, sizeof(uint32_t)), ew_alloc(nodes, sizeof(uint32_t))};
    ew_status status = EW_OK;
    if (!c.group_of || !c.hits || !c.touched) {
        status = ew_fail_memory(err, nodes * 12, "the sample");
        goto done;
    }
    memset(c.group_of, 0xff, nodes * sizeof *c.group_of);
    for (uint32_t i = 0; i < s->groups.n; i++) c.group_of[s->groups.items[i].node] = i;
    verdict->significant = 0;
    for (uint32_t i = 0; i < groups->n; i++) {
        ew_group *g = &groups->items[i];
        uint32_t same = counterpart(&c, tree->order + g->first, g->size);
        g->x = same == EW_NONE ? EW_UNTESTED : s->groups.items[same].x;
        g->s = same == EW_NONE ? EW_UNTESTED : s->groups.items[same].s;
        g->q = same == EW_NONE ? 1 : s->groups.items[same].q;
        verdict->significant += g->s >= verdict->threshold;
    }
done:
    ew_free(c.group_of);
    ew_free(c.hits);
    ew_free(c.touched);
    return status;
}

static ew_status on_sample(const ew_needs_input *input, ew_pool *pool, const ew_tree *tree, ew_groups *groups,
                           ew_verdict *verdict, ew_error *err) {
    sample s = {.n = input->test_rows};
    ew_needs_input own = *input;
    ew_status status;
    EW_TRY(draw(input->tokens, input->owner, input->seed, &s, err));
    EW_TRY(ew_vectors_build(input->encoder, &s.tokens, input->corpus_weight, input->seed, pool, &s.vectors, err));
    ew_lsa_free(&s.vectors.lsa);
    EW_TRY(ew_neighbours_find(&s.vectors, ew_needs_want(s.n, 1, input->recall, input->seed), pool, &s.near, NULL, err));
    EW_TRY(ew_tree_of_lists(&s.near, pool, &s.tree, err));
    EW_TRY(ew_candidates(&s.tree, &s.vectors, &s.near, NULL, &s.tokens, s.owner, input->vocab, pool, &s.groups, err));
    ew_lists_free(&s.near);
    own.vectors = &s.vectors;
    own.lists = NULL;
    own.owner = s.owner;
    own.tokens = &s.tokens;
    EW_TRY(against_decoys(&own, s.row, pool, &s.groups, verdict, err));
    EW_TRY(carry(&s, tree, groups, verdict, err));
done:
    sample_free(&s);
    return status;
}

ew_status ew_trial(const ew_needs_input *input, ew_pool *pool, const ew_tree *tree, ew_groups *groups, ew_verdict *verdict,
                   uint32_t *tested, ew_error *err) {
    *tested = input->tokens->n;
    if (!input->encoder || !input->decoys) return ew_significance(groups, NULL, 0, *tested, verdict, err);
    if (!ew_trial_sampled(input)) return against_decoys(input, NULL, pool, groups, verdict, err);
    *tested = input->test_rows;
    return on_sample(input, pool, tree, groups, verdict, err);
}
