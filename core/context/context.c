#include "context.h"

#include <string.h>

#include "../base/alloc.h"
#include "context_inside.h"

typedef struct job {
    ew_run *run;
    ew_evidence *evidence; /* [needs] */
    ew_weeks weeks;
    ew_ratings ratings;
    ew_names catalogue, competitors;
    uint32_t *product_names; /* [products] */
} job;

static ew_status add_to_need(void *context, uint64_t task, int worker, ew_error *err) {
    job *all = context;
    ew_need *need = &all->run->needs[task];
    ew_evidence *evidence = &all->evidence[task];
    ew_status status = EW_OK;
    (void)worker;
    EW_TRY(ew_evidence_make(all->run, need, evidence, err));
    EW_TRY(ew_evidence_describe(all->run, evidence, need, err));
    EW_TRY(ew_onset_find(all->run, &all->weeks, evidence, need, err));
    EW_TRY(ew_impact_find(all->run, &all->ratings, need, err));
    EW_TRY(ew_mentions_find(all->run, &all->catalogue, all->product_names, &all->competitors, need, err));
done:
    return status;
}

static ew_status load_names(ew_run *run, ew_names *names, const char *path, int aliases, ew_error *err) {
    if (!path) return EW_OK;
    ew_status status = ew_names_load(names, path, aliases, err);
    return status == EW_OK ? ew_run_keep(run, names->text.data, names->text.length, &names->kept, err) : status;
}

/* Which products of the corpus' own column the catalogue names, so that a comment counts once for both. */
static ew_status match_products(job *all, ew_error *err) {
    const ew_dict *products = &all->run->corpus.products;
    all->product_names = ew_alloc((size_t)products->size + 1, sizeof *all->product_names);
    if (!all->product_names) return ew_fail_memory(err, products->size * sizeof *all->product_names, "the products");
    for (uint32_t p = 0; p < products->size; p++) {
        const char *text = p ? ew_dict_text(products, p) : "";
        ew_buffer *scratch = &all->catalogue.normal;
        ew_status status = ew_names_match(&all->catalogue, text, strlen(text), scratch, &all->product_names[p], err);
        if (status != EW_OK) return status;
    }
    return EW_OK;
}

static void forget(ew_run *run) { /* so that a second call, after more needs were merged, starts afresh */
    for (uint32_t k = 0; k < run->n_needs; k++) {
        ew_need *need = &run->needs[k];
        ew_free((void *)(uintptr_t)need->segments);
        ew_free((void *)(uintptr_t)need->competitors);
        ew_free((void *)(uintptr_t)need->products);
        need->segments = NULL;
        need->competitors = need->products = NULL;
        need->n_segments = need->n_competitors = need->n_products = 0;
    }
    ew_theme_figures_forget(run);
    ew_free(run->weeks);
    run->weeks = NULL;
    run->n_weeks = 0;
}

ew_status ew_context_add(ew_run *run, ew_pool *pool, ew_error *err) {
    ew_status status = EW_OK;
    job all = {.run = run};
    ew_names_init(&all.catalogue);
    ew_names_init(&all.competitors);
    forget(run);
    EW_TRY(load_names(run, &all.catalogue, run->options.catalogue, 0, err));
    EW_TRY(load_names(run, &all.competitors, run->options.competitors, 1, err));
    EW_TRY(match_products(&all, err));
    all.evidence = ew_calloc(run->n_needs, sizeof *all.evidence);
    if (!all.evidence) {
        status = ew_fail_memory(err, run->n_needs * sizeof *all.evidence, "the voices of the needs");
        goto done;
    }
    EW_TRY(ew_weeks_make(run, pool, &all.weeks, err));
    EW_TRY(ew_theme_figures_find(run, &all.weeks, pool, err));
    EW_TRY(ew_ratings_make(run, &all.ratings, err));
    EW_TRY(ew_pool_run(pool, run->n_needs, add_to_need, &all, err));
    EW_TRY(ew_segments_find(run, all.evidence, err));
    run->n_weeks = all.weeks.n;
    run->weeks = all.weeks.volume;
    all.weeks.volume = NULL;
    ew_time_date(all.weeks.n ? (all.weeks.last_day + 1 - 7 * (int64_t)all.weeks.n) * 86400 : INT64_MIN, run->weeks_from);
done:
    for (uint32_t k = 0; all.evidence && k < run->n_needs; k++) ew_evidence_free(&all.evidence[k]);
    ew_free(all.evidence);
    ew_free(all.product_names);
    ew_weeks_free(&all.weeks);
    ew_ratings_free(&all.ratings);
    ew_names_free(&all.catalogue);
    ew_names_free(&all.competitors);
    return status;
}
