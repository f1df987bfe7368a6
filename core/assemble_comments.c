/* Rows -> comments: theme, fringe, noise, family, nearest others. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assemble.h"
#include "base/alloc.h"
#include "base/hash.h"

enum { NEAR = 5 };

ew_unit_span ew_units_of(const ew_mining *m, uint32_t comment) {
    const ew_units *units = &m->units;
    uint32_t low = 0, high = units->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (units->comment[middle] < comment)
            low = middle + 1;
        else
            high = middle;
    }
    ew_unit_span span = {low, 0};
    while (low + span.n < units->n && units->comment[low + span.n] == comment) span.n++;
    return span;
}

/* The theme of most of a comment's tokens (ties: the larger theme), and the outermost of its parts. tokens [themes]: scratch, all
 * zero between comments. */
static void place(ew_mining *m, const ew_aside *aside, uint32_t comment, ew_unit_span span, uint64_t *tokens) {
    ew_run *run = m->run;
    uint64_t most = 0;
    for (uint32_t u = span.first; u < span.first + span.n; u++)
        tokens[m->partition.theme[m->rows.row_of[u]]] += m->units.token_start[u + 1] - m->units.token_start[u];
    for (uint32_t u = span.first; u < span.first + span.n; u++) {
        uint32_t row = m->rows.row_of[u], theme = m->partition.theme[row];
        if (tokens[theme] > most || (tokens[theme] && tokens[theme] == most && theme < run->theme[comment])) {
            most = tokens[theme];
            run->theme[comment] = theme;
        }
        float f = m->findings.fringe[row];
        if (u == span.first || f > run->fringe[comment]) run->fringe[comment] = f;
    }
    for (uint32_t u = span.first; u < span.first + span.n; u++) tokens[m->partition.theme[m->rows.row_of[u]]] = 0;
    ew_noise noise = ew_aside_of(m, aside, comment, span);
    if (noise == EW_NOISE_NONE) return;
    run->theme[comment] = EW_NONE;
    run->noise[comment] = (uint8_t)noise;
}

/* Nearest other comments by the first unit: those of the same row, then of the row's list. */
static void nearest_comments(ew_mining *m, uint32_t comment, ew_unit_span span) {
    ew_near *near = m->run->near + (size_t)comment * NEAR;
    uint32_t n = 0;
    for (uint32_t i = 0; i < NEAR; i++) near[i] = (ew_near){EW_NONE, 0};
    if (!span.n) return;
    uint32_t row = m->rows.row_of[span.first];
    for (uint32_t place = 0; place <= m->near.k && n < NEAR; place++) {
        uint32_t other = place ? m->near.ids[(size_t)row * m->near.k + place - 1] : row;
        float similarity = place ? (float)ew_similarity(&m->near, row, place - 1) : 1;
        for (uint32_t i = m->rows.unit_start[other]; i < m->rows.unit_start[other + 1] && n < NEAR; i++) {
            uint32_t who = m->units.comment[m->rows.unit[i]];
            int known = who == comment;
            for (uint32_t j = 0; j < n && !known; j++) known = near[j].comment == who;
            if (!known) near[n++] = (ew_near){who, similarity};
        }
    }
}

ew_status ew_name_families(ew_run *run, ew_error *err) {
    run->family_ids = ew_calloc_spilled(run->families.n, sizeof *run->family_ids);
    if (!run->family_ids) return ew_fail_memory(err, run->families.n * sizeof *run->family_ids, "families");
    for (uint32_t f = 0; f < run->families.n; f++) {
        uint64_t sum = 0; /* of the members' hashes: no order */
        for (uint64_t i = run->families.start[f]; i < run->families.start[f + 1]; i++) {
            ew_view text = ew_corpus_text(&run->corpus, run->families.rows[i]);
            sum += ew_hash(text.data, text.length, 1);
        }
        snprintf(run->family_ids[f], sizeof *run->family_ids, "f_%012llx", (unsigned long long)(sum & 0xffffffffffffu));
    }
    return EW_OK;
}

/* Copies follow the voice of their family; a campaign is heard once. */
static void follow(ew_run *run) {
    for (uint32_t f = 0; f < run->families.n; f++) {
        uint32_t voice = ew_family_voice(run, f);
        for (uint64_t i = run->families.start[f]; i < run->families.start[f + 1]; i++) {
            uint32_t copy = run->families.rows[i];
            if (copy == voice) continue;
            run->fringe[copy] = run->fringe[voice];
            run->noise[copy] = run->noise[voice];
            if (run->families.kind[f] == EW_FAMILY_CAMPAIGN)
                run->noise[copy] = EW_NOISE_COPY;
            else
                run->theme[copy] = run->theme[voice];
            memcpy(run->near + (size_t)copy * NEAR, run->near + (size_t)voice * NEAR, NEAR * sizeof *run->near);
        }
    }
}

ew_status ew_assemble_comments(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    uint32_t n = run->corpus.n;
    ew_aside aside = {0};
    ew_status status;
    run->theme = ew_alloc_spilled(n, sizeof *run->theme);
    run->fringe = ew_alloc_spilled(n, sizeof *run->fringe);
    run->near = ew_alloc_spilled((size_t)n * NEAR, sizeof *run->near);
    uint64_t *tokens = ew_calloc(m->partition.k, sizeof *tokens);
    if (!run->theme || !run->fringe || !run->near || !tokens) {
        status = ew_fail_memory(err, n * 48, "comments");
        goto done;
    }
    run->noise = m->units.noise;
    run->lang = m->units.lang;
    m->units.noise = NULL;
    m->units.lang = NULL;
    EW_TRY(ew_aside_measure(m, &aside, err));
    run->far = aside.far;
    for (uint32_t i = 0; i < n; i++) {
        if (i % 1024 == 0) EW_TRY(ew_stop_check(err));
        run->theme[i] = EW_NONE;
        run->fringe[i] = NAN;
        ew_unit_span span = ew_units_of(m, i);
        place(m, &aside, i, span, tokens);
        nearest_comments(m, i, span);
    }
    follow(run);
    EW_TRY(ew_name_families(run, err));
done:
    ew_aside_free(&aside);
    ew_free(tokens);
    return status;
}

ew_status ew_assemble_parts(ew_mining *m, ew_error *err) {
    ew_units *units = &m->units;
    uint32_t *theme = ew_alloc_spilled(units->n, sizeof *theme);
    if (!theme) return ew_fail_memory(err, units->n * sizeof *theme, "parts of comments");
    for (uint32_t u = 0; u < units->n; u++) {
        uint32_t t = m->partition.theme[m->rows.row_of[u]];
        theme[u] = t == EW_NONE ? EW_NONE : m->run->n_themes - m->partition.k + t;
    }
    m->run->parts = (struct ew_parts){units->n, units->comment, units->start, units->end, theme};
    units->comment = units->start = units->end = NULL;
    return EW_OK;
}
