/* Comments whose parts lie in several themes: all of them. */
#include <stdlib.h>

#include "assemble.h"
#include "base/alloc.h"

typedef struct { uint32_t *items; uint64_t n, capacity; } list;

static ew_status push(list *l, uint32_t item, ew_error *err) {
    if (l->n == l->capacity) {
        uint64_t capacity = l->capacity + l->capacity / 2 + 1024;
        uint32_t *items = ew_realloc(l->items, capacity, sizeof *items);
        if (!items) return ew_fail_memory(err, capacity * sizeof *items, "the themes of comments");
        l->items = items;
        l->capacity = capacity;
    }
    l->items[l->n++] = item;
    return EW_OK;
}

typedef struct { uint64_t tokens; uint32_t theme; } part;

static int most_tokens_first(const void *a, const void *b) {
    const part *x = a, *y = b;
    if (x->tokens != y->tokens) return x->tokens < y->tokens ? 1 : -1;
    return x->theme < y->theme ? -1 : x->theme > y->theme;
}

/* The comment's own theme, then the others of its units, those of more tokens first (ties: the larger theme). tokens [themes]:
 * scratch, all zero between comments. */
static ew_status themes_of(const ew_mining *m, uint32_t comment, uint32_t offset, uint64_t *tokens, list *out, ew_error *err) {
    const ew_run *run = m->run;
    uint32_t family = run->families.of[comment], own = run->theme[comment], n = 0;
    if (own == EW_NONE) return EW_OK;
    ew_status status = push(out, own, err);
    ew_unit_span span = ew_units_of(m, family == EW_NONE ? comment : ew_family_voice(run, family)); /* copies say the same */
    if (span.n < 2 || status != EW_OK) return status;
    part *parts = ew_alloc(span.n, sizeof *parts);
    if (!parts) return ew_fail_memory(err, span.n * sizeof *parts, "the themes of comments");
    for (uint32_t u = span.first; u < span.first + span.n; u++) {
        uint32_t theme = m->partition.theme[m->rows.row_of[u]];
        if (theme == EW_NONE || theme + offset == own || m->units.token_start[u + 1] == m->units.token_start[u]) continue;
        if (!tokens[theme]) parts[n++].theme = theme;
        tokens[theme] += m->units.token_start[u + 1] - m->units.token_start[u];
    }
    for (uint32_t i = 0; i < n; i++) {
        parts[i].tokens = tokens[parts[i].theme];
        tokens[parts[i].theme] = 0;
    }
    qsort(parts, n, sizeof *parts, most_tokens_first);
    for (uint32_t i = 0; status == EW_OK && i < n; i++) status = push(out, parts[i].theme + offset, err);
    ew_free(parts);
    return status;
}

ew_status ew_assemble_several(ew_mining *m, ew_error *err) {
    ew_run *run = m->run;
    list all = {0};
    uint64_t *tokens = ew_calloc(m->partition.k, sizeof *tokens);
    ew_status status = EW_OK;
    run->theme_start = ew_calloc_spilled((size_t)run->corpus.n + 1, sizeof *run->theme_start);
    if (!tokens || !run->theme_start) {
        status = ew_fail_memory(err, run->corpus.n * sizeof *run->theme_start, "the themes of comments");
        goto done;
    }
    for (uint32_t i = 0; i < run->corpus.n; i++) {
        EW_TRY(themes_of(m, i, run->n_themes - m->partition.k, tokens, &all, err));
        run->theme_start[i + 1] = all.n;
    }
done:
    run->theme_of = all.items;
    ew_free(tokens);
    return status;
}
