/* The partition -> the run's themes: ids, words, names, verbatims, sizes. Their figures come with the context. */
#include <string.h>

#include "assemble.h"
#include "base/alloc.h"

enum { EXEMPLARS = 5 };

/* Themes that no comment is of (all of theirs are noise, or parts of longer ones) go; the others move up, and so do their
 * centres. Theme EW_NONE of a row: one that has gone. */
static ew_status drop_empty(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    ew_partition *p = &m->partition;
    uint32_t *now = ew_alloc(p->k, sizeof *now), k = 0;
    if (!now) return ew_fail_memory(err, p->k * sizeof *now, "themes");
    for (uint32_t t = 0; t < p->k; t++) now[t] = EW_NONE;
    for (uint32_t i = 0; i < run->corpus.n; i++)
        if (run->theme[i] != EW_NONE) now[run->theme[i]] = 0;
    for (uint32_t t = 0; t < p->k; t++) {
        if (now[t] == EW_NONE) continue;
        if (p->centres.rows)
            memmove(p->centres.rows + (size_t)k * p->centres.stride, p->centres.rows + (size_t)t * p->centres.stride,
                    p->centres.stride);
        now[t] = k++;
    }
    for (uint32_t i = 0; i < p->n; i++) p->theme[i] = now[p->theme[i]];
    for (uint32_t i = 0; i < run->corpus.n; i++)
        if (run->theme[i] != EW_NONE) run->theme[i] = now[run->theme[i]];
    if (p->rest < p->k) p->rest = now[p->rest];
    p->k = k;
    ew_free(now);
    return EW_OK;
}

/* Rows of each part, ascending. start [k + 1], rows [n]. */
static ew_status rows_by_part(const uint32_t *part, uint32_t n, uint32_t k, uint64_t *start, uint32_t *rows, ew_error *err) {
    uint64_t *fill = ew_alloc((size_t)k + 1, sizeof *fill);
    if (!fill) return ew_fail_memory(err, (k + 1) * sizeof *fill, "themes");
    memset(start, 0, ((size_t)k + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++)
        if (part[i] != EW_NONE) start[part[i] + 1]++;
    for (uint32_t c = 0; c < k; c++) start[c + 1] += start[c];
    memcpy(fill, start, ((size_t)k + 1) * sizeof *fill);
    for (uint32_t i = 0; i < n; i++)
        if (part[i] != EW_NONE) rows[fill[part[i]]++] = i;
    ew_free(fill);
    return EW_OK;
}

/* A unit of the row whose comment is of the theme or of one below it; EW_NONE: all are noise, or more of another theme. */
static uint32_t unit_of(const ew_mining *m, uint32_t row, uint32_t theme) {
    for (uint32_t i = m->rows.unit_start[row]; i < m->rows.unit_start[row + 1]; i++) {
        uint32_t unit = m->rows.unit[i], at = m->run->theme[m->units.comment[unit]];
        while (at != EW_NONE && at > theme) at = m->run->themes[at].parent; /* parents have smaller numbers */
        if (at == theme) return unit;
    }
    return EW_NONE;
}

static ew_status verbatims(ew_mining *m, const uint32_t *rows, uint32_t n, uint32_t index, ew_error *err) {
    const ew_run *run = m->run;
    ew_theme *theme = &m->run->themes[index];
    uint32_t chosen[EXEMPLARS], *mine = ew_alloc(n, sizeof *mine), *units = ew_alloc(n, sizeof *units), kept = 0;
    ew_voice *voices = ew_alloc(n, sizeof *voices);
    ew_span *spans = ew_calloc(EXEMPLARS, sizeof *spans);
    ew_status status;
    theme->exemplars = spans;
    if (!mine || !units || !voices || !spans) {
        status = ew_fail_memory(err, n * (8 + sizeof *voices), "exemplars");
        goto done;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t unit = unit_of(m, rows[i], index);
        if (unit == EW_NONE) continue;
        uint32_t comment = m->units.comment[unit], customer = run->corpus.customer[comment], family = run->families.of[comment];
        mine[kept] = rows[i];
        units[kept] = unit;
        if (family != EW_NONE) comment = run->families.rows[run->families.start[family]]; /* in none: one of its own */
        voices[kept++] = (ew_voice){customer ? customer : EW_NONE, comment};
    }
    EW_TRY(ew_cover_rows(&m->vectors, mine, voices, kept, EXEMPLARS, run->options.seed, chosen, &theme->n_exemplars, err));
    for (uint32_t i = 0; i < theme->n_exemplars; i++)
        EW_TRY(ew_best_sentence(m, units[chosen[i]], theme->words, theme->n_words, &spans[i], err));
done:
    ew_free(mine);
    ew_free(units);
    ew_free(voices);
    return status;
}

/* Theme `index` of the run, of these rows. */
static ew_status one_theme(ew_mining *m, const uint32_t *rows, uint32_t n, uint32_t height, uint32_t index, ew_dict *names,
                           ew_error *err) {
    ew_theme *theme = &m->run->themes[index];
    ew_status status;
    EW_TRY(ew_content_id(m, 't', height, rows, n, &theme->id, err));
    EW_TRY(ew_keep_words(m, rows, n, &theme->words, &theme->n_words, err));
    EW_TRY(ew_name_of_words(m, theme->words, theme->n_words, names, &theme->name, err));
    EW_TRY(verbatims(m, rows, n, index, err));
done:
    return status;
}

/* All themes of a level, from run->themes[first] on; part [rows]. */
static ew_status one_level(ew_mining *m, const uint32_t *part, uint32_t k, uint32_t height, uint32_t first, ew_error *err) {
    ew_status status;
    ew_dict names = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)}; /* a theme may share its name with one above it */
    uint64_t *start = ew_alloc((size_t)k + 1, sizeof *start);
    uint32_t *rows = ew_alloc(m->rows.n, sizeof *rows);
    if (!start || !rows) {
        status = ew_fail_memory(err, m->rows.n * sizeof *rows, "themes");
        goto done;
    }
    EW_TRY(ew_dict_init(&names, err));
    EW_TRY(rows_by_part(part, m->rows.n, k, start, rows, err));
    for (uint32_t c = 0; c < k; c++) {
        EW_TRY(ew_stop_check(err));
        EW_TRY(one_theme(m, rows + start[c], (uint32_t)(start[c + 1] - start[c]), height, first + c, &names, err));
    }
done:
    ew_dict_free(&names);
    ew_free(start);
    ew_free(rows);
    return status;
}

/* Who is above whom, and which comments are of which: run->themes, the coarsest level first. */
static ew_status lay_out(ew_run *run, const ew_levels *levels, uint32_t first[EW_LEVELS_MOST], ew_error *err) {
    uint32_t all = 0;
    for (uint32_t l = 0; l < levels->n; l++) {
        first[l] = all;
        all += levels->k[l];
    }
    if (!(run->themes = ew_calloc(all, sizeof *run->themes))) return ew_fail_memory(err, all * sizeof *run->themes, "themes");
    run->n_themes = all;
    for (uint32_t l = 0; l < levels->n; l++)
        for (uint32_t t = 0; t < levels->k[l]; t++) {
            run->themes[first[l] + t].level = l;
            run->themes[first[l] + t].parent = l ? first[l - 1] + levels->above[l - 1][t] : EW_NONE;
        }
    for (uint32_t i = 0; i < run->corpus.n; i++) {
        if (run->theme[i] == EW_NONE) continue;
        run->theme[i] += first[levels->n - 1];
        for (uint32_t t = run->theme[i]; t != EW_NONE; t = run->themes[t].parent) run->themes[t].size++;
    }
    return EW_OK;
}

ew_status ew_assemble_themes(ew_mining *m, ew_error *err) {
    const ew_partition *p = &m->partition;
    ew_levels levels = {0};
    uint32_t first[EW_LEVELS_MOST], *part = ew_alloc(m->rows.n, sizeof *part);
    ew_status status;
    if (!part) return ew_fail_memory(err, m->rows.n * sizeof *part, "themes");
    EW_TRY(drop_empty(m, err));
    EW_TRY(ew_levels_make(&m->vectors, p, m->pool, &levels, err));
    EW_TRY(lay_out(m->run, &levels, first, err));
    if (p->rest < p->k) m->run->themes[first[levels.n - 1] + p->rest].rest = 1;
    EW_TRY(ew_assemble_several(m, err));
    if (m->rows.n) memcpy(part, p->theme, m->rows.n * sizeof *part);
    for (uint32_t l = levels.n; l-- > 0;) {
        EW_TRY(one_level(m, part, levels.k[l], levels.n - 1 - l, first[l], err));
        for (uint32_t i = 0; l && i < m->rows.n; i++)
            if (part[i] != EW_NONE) part[i] = levels.above[l - 1][part[i]];
    }
done:
    ew_levels_free(&levels);
    ew_free(part);
    return status;
}
