/* The partition -> the run's themes: ids, words, names, verbatims, sizes. Their figures come with the context. */
#include <string.h>

#include "assemble.h"
#include "base/alloc.h"

enum { EXEMPLARS = 3 };

/* Themes whose comments are all noise (another language, say) go; the others move up. part_of_row EW_NONE: such a theme's. */
static ew_status drop_empty(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    ew_partition *p = &m->partition;
    uint32_t *now = ew_alloc((size_t)p->k + p->coarse_k, sizeof *now), k = 0, coarse_k = 0;
    if (!now) return ew_fail_memory(err, ((size_t)p->k + p->coarse_k) * sizeof *now, "themes");
    for (uint32_t t = 0; t < p->k + p->coarse_k; t++) now[t] = EW_NONE;
    uint32_t *coarse_now = now + p->k;
    for (uint32_t i = 0; i < run->corpus.n; i++)
        if (run->theme[i] != EW_NONE) now[run->theme[i] - p->coarse_k] = 0;
    for (uint32_t t = 0; t < p->k; t++) {
        if (now[t] == EW_NONE) continue;
        if (p->coarse_k) coarse_now[p->coarse[t]] = 0;
        const ew_centres *centres = &p->centres;
        if (centres->rows)
            memmove(centres->rows + (size_t)k * centres->stride, centres->rows + (size_t)t * centres->stride, centres->stride);
        now[t] = k++;
    }
    for (uint32_t c = 0; c < p->coarse_k; c++)
        if (coarse_now[c] != EW_NONE) coarse_now[c] = coarse_k++;
    for (uint32_t t = 0; p->coarse_k && t < p->k; t++)
        if (now[t] != EW_NONE) p->coarse[now[t]] = coarse_now[p->coarse[t]];
    for (uint32_t i = 0; i < p->n; i++)
        if (p->theme[i] != EW_NONE) p->theme[i] = now[p->theme[i]];
    for (uint32_t i = 0; i < run->corpus.n; i++)
        if (run->theme[i] != EW_NONE) run->theme[i] = coarse_k + now[run->theme[i] - p->coarse_k];
    p->k = k;
    p->coarse_k = coarse_k;
    ew_free(now);
    return EW_OK;
}

/* Rows of each part, those nearest to its centre first. start [k + 1], rows [n]. */
static ew_status rows_by_part(const ew_vectors *vectors, const uint32_t *part, uint32_t k, uint64_t *start, uint32_t *rows,
                              ew_error *err) {
    uint64_t *fill = ew_alloc((size_t)k + 1, sizeof *fill);
    if (!fill) return ew_fail_memory(err, (k + 1) * sizeof *fill, "themes");
    memset(start, 0, ((size_t)k + 1) * sizeof *start);
    for (uint32_t i = 0; i < vectors->n; i++)
        if (part[i] != EW_NONE) start[part[i] + 1]++;
    for (uint32_t c = 0; c < k; c++) start[c + 1] += start[c];
    memcpy(fill, start, ((size_t)k + 1) * sizeof *fill);
    for (uint32_t i = 0; i < vectors->n; i++)
        if (part[i] != EW_NONE) rows[fill[part[i]]++] = i;
    ew_free(fill);
    ew_status status = EW_OK;
    for (uint32_t c = 0; status == EW_OK && c < k; c++)
        status = ew_central_rows(vectors, rows + start[c], (uint32_t)(start[c + 1] - start[c]), rows + start[c], err);
    return status;
}

/* Theme `index` of the run, of these rows. */
static ew_status one_theme(ew_mining *m, const uint32_t *rows, uint32_t n, uint32_t index, ew_dict *names, ew_error *err) {
    ew_theme *theme = &m->run->themes[index];
    ew_status status;
    EW_TRY(ew_content_id(m, 't', rows, n, &theme->id, err));
    EW_TRY(ew_keep_words(m, rows, n, &theme->words, &theme->n_words, err));
    EW_TRY(ew_name_of_words(m, theme->words, theme->n_words, names, &theme->name, err));
    EW_TRY(ew_exemplars(m, rows, n, theme->words, theme->n_words, EXEMPLARS, &theme->exemplars, &theme->n_exemplars, err));
done:
    return status;
}

/* All themes of a level, from run->themes[first] on; part [rows]. */
static ew_status one_level(ew_mining *m, const uint32_t *part, uint32_t k, uint32_t first, ew_dict *names, ew_error *err) {
    ew_status status;
    uint64_t *start = ew_alloc((size_t)k + 1, sizeof *start);
    uint32_t *rows = ew_alloc(m->rows.n, sizeof *rows);
    if (!start || !rows) {
        status = ew_fail_memory(err, m->rows.n * sizeof *rows, "themes");
        goto done;
    }
    EW_TRY(rows_by_part(&m->vectors, part, k, start, rows, err));
    for (uint32_t c = 0; c < k; c++) {
        EW_TRY(ew_stop_check(err));
        EW_TRY(one_theme(m, rows + start[c], (uint32_t)(start[c + 1] - start[c]), first + c, names, err));
    }
done:
    ew_free(start);
    ew_free(rows);
    return status;
}

ew_status ew_assemble_themes(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    const ew_partition *p = &m->partition;
    ew_status status;
    ew_dict names = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    uint32_t *above = ew_alloc(m->rows.n, sizeof *above);
    EW_TRY(drop_empty(m, err));
    run->themes = ew_calloc((size_t)p->coarse_k + p->k, sizeof *run->themes);
    if (!above || !run->themes) {
        status = ew_fail_memory(err, (p->coarse_k + p->k) * sizeof *run->themes, "themes");
        goto done;
    }
    run->n_themes = p->coarse_k + p->k;
    EW_TRY(ew_dict_init(&names, err));
    if (p->coarse_k) {
        for (uint32_t i = 0; i < m->rows.n; i++) above[i] = p->theme[i] == EW_NONE ? EW_NONE : p->coarse[p->theme[i]];
        EW_TRY(one_level(m, above, p->coarse_k, 0, &names, err));
        ew_dict_free(&names); /* a theme may share its name with the one above it, not with its neighbours */
        EW_TRY(ew_dict_init(&names, err));
    }
    EW_TRY(one_level(m, p->theme, p->k, p->coarse_k, &names, err));
    for (uint32_t t = 0; t < run->n_themes; t++) {
        int fine = t >= p->coarse_k;
        run->themes[t].level = fine && p->coarse_k ? 1 : 0;
        run->themes[t].parent = fine && p->coarse_k ? p->coarse[t - p->coarse_k] : EW_NONE;
    }
    for (uint32_t i = 0; i < run->corpus.n; i++)
        for (uint32_t t = run->theme[i]; t != EW_NONE; t = run->themes[t].parent) run->themes[t].size++;
done:
    ew_dict_free(&names);
    ew_free(above);
    return status;
}
