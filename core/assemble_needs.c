/* Findings -> the run's needs: comments, words, verbatims. */
#include <math.h>

#include "assemble_clause.h"
#include "base/alloc.h"

enum { EXEMPLARS = 5, FEWEST_VOICES = 3 };

typedef struct { uint32_t *items, n, capacity; } list;

static ew_status push(list *l, uint32_t value, ew_error *err) {
    if (l->n == l->capacity) {
        uint32_t capacity = l->capacity * 2 + 16, *more = ew_realloc(l->items, capacity, sizeof *more);
        if (!more) return ew_fail_memory(err, capacity * sizeof *more, "a need");
        l->items = more;
        l->capacity = capacity;
    }
    l->items[l->n++] = value;
    return EW_OK;
}

/* Comments of the rows in their order, each once, each with the copies of its family right behind it; a campaign is heard once.
 * seen [comments] gets `mark`. */
static ew_status comments_of(ew_mining *m, const ew_found *found, uint32_t *seen, uint32_t mark, list *out, ew_error *err) {
    const ew_families *families = &m->run->families;
    ew_status status = EW_OK;
    for (uint32_t i = 0; i < found->group.size; i++)
        for (uint32_t u = m->rows.unit_start[found->rows[i]]; u < m->rows.unit_start[found->rows[i] + 1]; u++) {
            uint32_t comment = m->units.comment[m->rows.unit[u]];
            if (seen[comment] == mark) continue;
            seen[comment] = mark;
            EW_TRY(push(out, comment, err));
            uint32_t family = families->of[comment];
            if (family == EW_NONE || families->kind[family] == EW_FAMILY_CAMPAIGN) continue;
            for (uint64_t f = families->start[family]; f < families->start[family + 1]; f++) {
                if (seen[families->rows[f]] == mark) continue;
                seen[families->rows[f]] = mark;
                EW_TRY(push(out, families->rows[f], err));
            }
        }
done:
    return status;
}

/* The theme of most of its comments (ties: the larger theme). */
static ew_status theme_of(const ew_run *run, ew_need *need, ew_error *err) {
    uint32_t *votes = ew_calloc(run->n_themes, sizeof *votes);
    if (!votes) return ew_fail_memory(err, run->n_themes * sizeof *votes, "a need");
    need->theme = EW_NONE;
    for (uint32_t i = 0; i < need->size; i++) {
        uint32_t t = run->theme[need->comments[i]];
        if (t != EW_NONE) votes[t]++;
    }
    for (uint32_t t = 0; t < run->n_themes; t++)
        if (votes[t] && (need->theme == EW_NONE || votes[t] > votes[need->theme])) need->theme = t;
    ew_free(votes);
    return EW_OK;
}

static ew_status one_need(ew_mining *m, const ew_found *found, uint32_t *seen, uint32_t mark, ew_clauses *clauses, ew_dict *names,
                          ew_need *need, ew_error *err) {
    ew_status status;
    list comments = {0};
    const ew_group *g = &found->group;
    *need = (ew_need){.tier = EW_WHISPER, .q = m->findings.decoys ? g->q : NAN, .stability = g->stability,
                      .fringe = (double)g->fbar, .impact = NAN, .impact_low = NAN, .impact_high = NAN, .alike = ""};
    need->why = (ew_why){.list_score = g->list, .significance = m->findings.decoys ? g->s : NAN, .inside = (double)g->inside,
                         .outside = (double)g->b10, .top_customer = NAN, .top_day = NAN, .top_source = NAN, .condition = ""};
    status = comments_of(m, found, seen, mark, &comments, err);
    need->comments = comments.items;
    need->size = comments.n;
    if (status != EW_OK) goto done;
    EW_TRY(ew_content_id(m, 'n', 0, found->rows, g->size, &need->id, err));
    EW_TRY(ew_keep_words(m, found->rows, g->size, &need->words, &need->n_words, err));
    EW_TRY(theme_of(m->run, need, err));
    EW_TRY(ew_name_of_clause(clauses, found->rows, g->size, need->words, need->n_words,
                             need->theme == EW_NONE ? NULL : &m->run->themes[need->theme], names, &need->name, err));
    EW_TRY(
        ew_exemplars(m, found->rows, g->size, need->words, need->n_words, EXEMPLARS, &need->exemplars, &need->n_exemplars, err));
done:
    return status;
}

/* A group that shares no word with a subject is held together by interjections or praise; one of fewer than three comments is one
 * person's long letter in parts. Neither is a need. seen [comments] gets `mark`. */
static ew_status worth_a_need(ew_mining *m, const ew_found *found, uint32_t *seen, uint32_t mark, int *yes, ew_error *err) {
    uint32_t word, n, voices = 0; /* copies are not among the units: each comment is a voice */
    ew_status status = ew_telling_words(&m->words, found->rows, found->group.size, 1, &word, &n, err);
    for (uint32_t i = 0; i < found->group.size && voices < FEWEST_VOICES; i++)
        for (uint32_t u = m->rows.unit_start[found->rows[i]]; u < m->rows.unit_start[found->rows[i] + 1]; u++) {
            uint32_t comment = m->units.comment[m->rows.unit[u]];
            voices += seen[comment] != mark;
            seen[comment] = mark;
        }
    *yes = status == EW_OK && n > 0 && voices >= FEWEST_VOICES;
    return status;
}

static ew_status centres_of(ew_mining *m, ew_error *err) {
    const ew_vectors *v = &m->vectors;
    int32_t *sum = ew_alloc(v->stride, sizeof *sum);
    if (!sum) return ew_fail_memory(err, v->stride * sizeof *sum, "needs");
    ew_status status = ew_centres_create(m->findings.n, v->stride, &m->need_centres, err);
    for (uint32_t i = 0; status == EW_OK && i < m->findings.n; i++) {
        const ew_found *found = &m->findings.items[i];
        ew_centre_of_rows(v, found->rows, found->group.size, sum, m->need_centres.rows + (size_t)i * v->stride);
    }
    ew_free(sum);
    return status;
}

ew_status ew_assemble_needs(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    ew_dict names = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    ew_clauses clauses = {0};
    uint32_t *seen = ew_calloc(run->corpus.n, sizeof *seen), kept = 0, n_found = m->findings.n;
    ew_status status;
    run->needs = ew_calloc(m->findings.n, sizeof *run->needs);
    if (!seen || !run->needs) {
        status = ew_fail_memory(err, m->findings.n * sizeof *run->needs, "needs");
        goto done;
    }
    EW_TRY(ew_dict_init(&names, err));
    EW_TRY(ew_clauses_begin(m, &clauses, err));
    for (uint32_t i = 0; i < m->findings.n; i++) {
        EW_TRY(ew_stop_check(err));
        int worth;
        EW_TRY(worth_a_need(m, &m->findings.items[i], seen, n_found + 1 + i, &worth, err));
        if (!worth) {
            ew_free(m->findings.items[i].rows);
            m->findings.items[i].rows = NULL;
            continue;
        }
        m->findings.items[kept] = m->findings.items[i]; /* findings and needs stay in step for the ranking */
        if (kept != i) m->findings.items[i].rows = NULL;
        run->n_needs = kept + 1;
        EW_TRY(one_need(m, &m->findings.items[kept], seen, kept + 1, &clauses, &names, &run->needs[kept], err));
        kept++;
    }
    m->findings.n = kept;
    EW_TRY(centres_of(m, err));
done:
    ew_clauses_end(&clauses);
    ew_dict_free(&names);
    ew_free(seen);
    return status;
}
