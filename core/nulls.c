/* How often structureless versions of a corpus give a confirmed need: the engine's own claim, tried on the user's words. */
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "mining.h"

enum { FAR = 1 << 24, CORPORA_MAX = 1000 }; /* FAR: numbers that no decoy of the test itself has */
static const double DOUBT = .05;

typedef struct { uint32_t found, largest; } outcome; /* needs that would be confirmed; the largest of them in rows */

/* The upper end of the one-sided 95 % interval of a share, `hits` of n (Clopper, Pearson 1934). */
static double upper_bound(uint32_t hits, uint32_t n) {
    double low = 0, high = 1;
    if (hits >= n) return 1;
    for (int round = 0; round < 60; round++) {
        double p = (low + high) / 2, odds = p / (1 - p), term = 1, below = 0;
        for (uint32_t i = 0; i < n; i++) term *= 1 - p;
        for (uint32_t i = 0; i <= hits; i++) {
            below += term;
            term *= odds * (n - i) / (i + 1);
        }
        if (below > DOUBT) low = p;
        else high = p;
    }
    return high;
}

/* One structureless corpus through the whole of it, decoys and all. */
static ew_status try_one(ew_mining *m, const ew_token_lists *lists, const uint32_t *owner, outcome *out, ew_error *err) {
    ew_vectors vectors = {0};
    ew_lists near = {0};
    ew_findings findings = {0};
    ew_status status;
    *out = (outcome){0};
    EW_TRY(ew_vectors_build(&m->encoder, lists, (float)m->run->corpus_weight, m->run->options.seed, m->pool, &vectors, err));
    const ew_options *options = &m->run->options;
    ew_want want = ew_needs_want(lists->n, 0, options->recall / 100.0, options->seed);
    EW_TRY(ew_neighbours_find(&vectors, want, m->pool, &near, NULL, err)); /* as its decoys are looked for */
    ew_needs_input input = {.encoder = &m->encoder, .vectors = &vectors, .lists = &near, .tokens = lists,
                            .owner = owner, .vocab = ew_tokenizer_size(m->tokenizer),
                            .corpus_weight = (float)m->run->corpus_weight,
                            .recall = want.recall, .decoys = (uint32_t)options->decoys, .test_rows = m->test_rows,
                            .seed = options->seed};
    EW_TRY(ew_needs_find(&input, m->pool, &findings, err));
    for (uint32_t i = 0; i < findings.n; i++) {
        const ew_found *found = &findings.items[i];
        if (!ew_may_be_confirmed(&found->group, findings.threshold)) continue;
        out->found++;
        if (found->group.size > out->largest) out->largest = found->group.size;
    }
done:
    ew_findings_free(&findings);
    ew_lists_free(&near);
    ew_vectors_free(&vectors);
    return status;
}

static ew_status write_kind(const char *kind, const outcome *outcomes, uint32_t n, ew_buffer *out, ew_error *err) {
    uint32_t hits = 0;
    ew_status status;
    for (uint32_t i = 0; i < n; i++) hits += outcomes[i].found > 0;
    EW_TRY(ew_buffer_printf(out, err, "\"%s\":{\"corpora\":%u,\"with_confirmed\":%u,\"share_at_most\":", kind, n, hits));
    EW_TRY(ew_json_fixed(out, upper_bound(hits, n), 4, err));
    EW_TRY(ew_buffer_printf(out, err, ",\"confirmed\":["));
    for (uint32_t i = 0; i < n; i++) EW_TRY(ew_buffer_printf(out, err, "%s%u", i ? "," : "", outcomes[i].found));
    EW_TRY(ew_buffer_printf(out, err, "],\"largest\":["));
    for (uint32_t i = 0; i < n; i++) EW_TRY(ew_buffer_printf(out, err, "%s%u", i ? "," : "", outcomes[i].largest));
    EW_TRY(ew_buffer_printf(out, err, "]}"));
done:
    return status;
}

static ew_status try_all(ew_mining *m, uint32_t corpora, ew_buffer *out, ew_error *err) {
    static const struct { const char *name; double follow; } kinds[] = {{"words", 0}, {"pairs", .85}};
    const ew_token_lists *lists = &m->lists;
    uint32_t topics;
    uint32_t *topic = ew_alloc(lists->n, sizeof *topic), *ids = ew_alloc(lists->start[lists->n], sizeof *ids);
    outcome *outcomes = ew_alloc(corpora, sizeof *outcomes);
    uint32_t *owner = NULL;
    ew_bags *bags = NULL;
    ew_status status = EW_OK;
    if (!topic || !ids || !outcomes) {
        status = ew_fail_memory(err, lists->start[lists->n] * sizeof *ids, "corpora without structure");
        goto done;
    }
    EW_TRY(ew_row_owners(m, &owner, err));
    EW_TRY(ew_decoy_topics(&m->vectors, m->run->options.seed, m->pool, topic, &topics, err));
    EW_TRY(ew_bags_create(lists, topic, topics, &bags, err));
    EW_TRY(ew_buffer_printf(out, err, "{\"rows\":%u,\"decoys\":%d,\"encoder\":\"%s\",\"encoder_why\":\"%s\",", lists->n,
                            m->run->options.decoys, m->run->encoder, m->run->encoder_why));
    for (uint32_t kind = 0; kind < 2; kind++) {
        for (uint32_t i = 0; i < corpora; i++) {
            EW_TRY(ew_mining_tick(m, "nulls", kind * corpora + i, 2 * corpora, err));
            ew_bags_draw(bags, kinds[kind].follow, m->run->options.seed, (kind + 1) * FAR + i, ids);
            EW_TRY(try_one(m, &(ew_token_lists){lists->n, lists->start, ids}, owner, &outcomes[i], err));
        }
        if (kind) EW_TRY(ew_buffer_append(out, ",", 1, err));
        EW_TRY(write_kind(kinds[kind].name, outcomes, corpora, out, err));
    }
    EW_TRY(ew_buffer_append(out, "}", 1, err));
done:
    ew_bags_free(bags);
    ew_free(topic);
    ew_free(ids);
    ew_free(owner);
    ew_free(outcomes);
    return status;
}

ew_status ew_nulls(const ew_input *inputs, size_t n, const ew_options *options, uint32_t corpora, char **json, ew_error *err) {
    static const struct { const char *name; ew_status (*run)(ew_mining *m, ew_error *err); } stages[] = {
        {"read", ew_stage_read}, {"text", ew_stage_boilerplate}, {"families", ew_stage_families}, {"tokens", ew_stage_units},
        {"embed", ew_stage_vectors}};
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_mining m;
    *json = NULL;
    if (!corpora || corpora > CORPORA_MAX)
        return ew_fail(err, EW_USAGE, "the number of corpora must be 1 to %d, not %u", CORPORA_MAX, corpora);
    if (options->decoys < 1) return ew_fail(err, EW_USAGE, "without decoys nothing can be confirmed; give one or more");
    if (options->vectors)
        return ew_fail(err, EW_USAGE, "vectors that were given in say nothing of redrawn words; use a model instead");
    ew_deep_shape shape;
    ew_status status = ew_mining_begin(&m, inputs, n, options, err);
    if (status == EW_OK) status = ew_encoder_look(options, &shape, err);
    for (size_t i = 0; status == EW_OK && i < sizeof stages / sizeof *stages; i++) {
        double begun = ew_wall();
        status = ew_mining_tick(&m, stages[i].name, 0, 0, err);
        if (status == EW_OK) status = stages[i].run(&m, err);
        if (m.run) ew_stopwatch_add(&m.run->timings, stages[i].name, begun);
    }
    double begun = ew_wall();
    if (status == EW_OK) status = try_all(&m, corpora, &out, err);
    if (status == EW_OK) status = ew_buffer_append(&out, "", 1, err);
    if (m.run) ew_stopwatch_add(&m.run->timings, "nulls", begun);
    if (m.run) ew_remember_timings(&m.run->timings);
    if (status == EW_OK) {
        *json = out.data;
        out.data = NULL;
    }
    ew_buffer_free(&out);
    ew_run_free(m.run);
    m.run = NULL;
    ew_mining_end(&m);
    return status;
}
