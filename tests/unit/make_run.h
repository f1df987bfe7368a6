/* Runs put together by hand, for the tests of what reads a finished run. */
#ifndef EW_TEST_MAKE_RUN_H
#define EW_TEST_MAKE_RUN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/context/run.h"

typedef struct made {
    const char *id, *text;
    size_t length; /* 0: strlen(text) */
    const char *customer, *segment, *source, *product, *lang;
    int64_t time;  /* 0: none */
    double rating; /* 0: none */
    uint32_t theme; /* EW_NONE: none */
    ew_noise noise;
    double fringe; /* < 0: not analysed */
} made;

static void must(ew_status status, const ew_error *err) {
    if (status == EW_OK) return;
    fprintf(stderr, "make_run: %s\n", err->message);
    abort();
}

static const char *make_keep(ew_run *run, const char *text) {
    ew_error err;
    const char *out = "";
    must(ew_run_keep(run, text, strlen(text), &out, &err), &err);
    return out;
}

static uint32_t make_word(ew_dict *dict, const char *text) {
    ew_error err;
    uint32_t number = 0;
    if (text && *text) must(ew_dict_add(dict, text, strlen(text), &number, &err), &err);
    return number;
}

static ew_run *make_run(const made *rows, uint32_t n) {
    ew_error err;
    ew_run *run = ew_calloc(1, sizeof *run);
    ew_corpus *corpus = &run->corpus;
    run->options.struct_size = sizeof run->options;
    run->options.seed = 1;
    run->options.decoys = run->options.corpus_part = 10;
    run->input_names = ew_alloc(1, sizeof *run->input_names);
    run->input_names[0] = (char *)(uintptr_t)make_keep(run, "quarter.csv");
    run->n_inputs = 1;
    run->encoder = "static";
    snprintf(run->model_digest, sizeof run->model_digest, "0123456789abcdef");
    corpus->n = corpus->capacity = n;
    must(ew_spool_open(&corpus->spool, &err), &err);
    must(ew_dict_init(&corpus->products, &err), &err);
    must(ew_dict_init(&corpus->customers, &err), &err);
    must(ew_dict_init(&corpus->segments, &err), &err);
    must(ew_dict_init(&corpus->sources, &err), &err);
    must(ew_dict_init(&corpus->langs, &err), &err);
    corpus->text_at = ew_calloc(n, sizeof *corpus->text_at);
    corpus->text_length = ew_calloc(n, sizeof *corpus->text_length);
    corpus->id_at = ew_calloc(n, sizeof *corpus->id_at);
    corpus->time = ew_calloc(n, sizeof *corpus->time);
    corpus->rating = ew_calloc(n, sizeof *corpus->rating);
    corpus->product = ew_calloc(n, sizeof *corpus->product);
    corpus->customer = ew_calloc(n, sizeof *corpus->customer);
    corpus->segment = ew_calloc(n, sizeof *corpus->segment);
    corpus->source = ew_calloc(n, sizeof *corpus->source);
    corpus->lang = ew_calloc(n, sizeof *corpus->lang);
    run->theme = ew_calloc(n, sizeof *run->theme);
    run->fringe = ew_calloc(n, sizeof *run->fringe);
    run->noise = ew_calloc(n, sizeof *run->noise);
    run->lang = ew_calloc(n, sizeof *run->lang);
    run->near = ew_calloc((size_t)n * 5, sizeof *run->near);
    run->need_start = ew_calloc((size_t)n + 1, sizeof *run->need_start);
    run->families.of = ew_calloc(n, sizeof *run->families.of);
    run->families.start = ew_calloc(1, sizeof *run->families.start);
    for (uint32_t i = 0; i < n; i++) {
        const made *row = &rows[i];
        size_t length = row->length ? row->length : strlen(row->text);
        must(ew_spool_append(&corpus->spool, row->text, length, &corpus->text_at[i], &err), &err);
        must(ew_spool_append(&corpus->spool, row->id, strlen(row->id) + 1, &corpus->id_at[i], &err), &err);
        corpus->text_length[i] = (uint32_t)length;
        corpus->time[i] = row->time ? row->time : INT64_MIN;
        corpus->rating[i] = row->rating ? (float)row->rating : NAN;
        corpus->product[i] = make_word(&corpus->products, row->product);
        corpus->customer[i] = make_word(&corpus->customers, row->customer);
        corpus->segment[i] = make_word(&corpus->segments, row->segment);
        corpus->source[i] = make_word(&corpus->sources, row->source);
        run->theme[i] = row->theme;
        run->noise[i] = (uint8_t)row->noise;
        run->fringe[i] = row->fringe < 0 ? NAN : (float)row->fringe;
        run->lang[i] = row->lang ? make_keep(run, row->lang) : "";
        run->families.of[i] = EW_NONE;
        for (int k = 0; k < 5; k++) run->near[i * 5 + (uint32_t)k].comment = EW_NONE;
    }
    must(ew_spool_seal(&corpus->spool, &err), &err);
    run->parts.comment = ew_alloc(n, sizeof(uint32_t)); /* what has a fringe was compared, whole */
    run->parts.start = ew_calloc(n, sizeof(uint32_t));
    run->parts.end = ew_alloc(n, sizeof(uint32_t));
    run->parts.theme = ew_alloc(n, sizeof(uint32_t));
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i].fringe < 0) continue;
        uint32_t at = run->parts.n++;
        run->parts.comment[at] = i;
        run->parts.end[at] = corpus->text_length[i];
        run->parts.theme[at] = rows[i].theme;
    }
    run->threshold = INFINITY;
    run->far = .3;
    run->counts.read = n;
    return run;
}

/* A theme over the rows that name its index. */
static ew_theme *make_theme(ew_run *run, const char *id, const char *name) {
    run->themes = ew_realloc(run->themes, run->n_themes + 1, sizeof *run->themes);
    uint32_t at = run->n_themes++, size = 0, first = EW_NONE;
    ew_theme *theme = &run->themes[at];
    for (uint32_t i = run->corpus.n; i-- > 0;)
        if (run->theme[i] == at) {
            size++;
            first = i;
        }
    *theme = (ew_theme){.id = make_keep(run, id), .name = make_keep(run, name), .parent = EW_NONE, .size = size, .share = .1,
                        .share_low = .08, .share_high = .12, .rating = NAN, .rating_low = NAN, .rating_high = NAN,
                        .families = size, .customers = size};
    if (first != EW_NONE) {
        ew_span *span = ew_alloc(1, sizeof *span);
        *span = (ew_span){first, 0, run->corpus.text_length[first]};
        theme->exemplars = span;
        theme->n_exemplars = 1;
    }
    return theme;
}

/* A need of rows[0 .. n), each whole text an exemplar. */
static ew_need *make_need(ew_run *run, const char *id, const char *name, const uint32_t *rows, uint32_t n) {
    run->needs = ew_realloc(run->needs, run->n_needs + 1, sizeof *run->needs);
    ew_need *need = &run->needs[run->n_needs++];
    uint32_t *comments = ew_alloc(n, sizeof *comments);
    ew_span *spans = ew_alloc(n, sizeof *spans);
    for (uint32_t i = 0; i < n; i++) {
        comments[i] = rows[i];
        spans[i] = (ew_span){rows[i], 0, run->corpus.text_length[rows[i]]};
    }
    *need = (ew_need){.id = make_keep(run, id), .name = make_keep(run, name), .tier = EW_CONFIRMED, .kind = EW_LATENT,
                      .score = .9, .q = .02, .stability = .91, .fringe = .95, .size = n, .families = n, .customers = n,
                      .comments = comments, .exemplars = spans, .n_exemplars = n, .theme = EW_NONE,
                      .impact = NAN, .impact_low = NAN, .impact_high = NAN};
    for (int kind = 0; kind < EW_CUE_KINDS; kind++) need->lift[kind].q = NAN; /* not measured */
    need->why = (ew_why){1.5, 3.2, .7, .4, .1, .5, .2, .1, .3, ""};
    for (int term = 0; term < EW_SCORE_TERMS; term++) need->parts[term] = (ew_score_part){.5, 2, .25};
    return need;
}

__attribute__((unused)) static const char *const *make_words(ew_run *run, const char *a, const char *b) {
    const char **words = ew_alloc(2, sizeof *words);
    words[0] = make_keep(run, a);
    words[1] = make_keep(run, b);
    return words;
}

/* need_of of all comments, from the needs. */
__attribute__((unused)) static void make_members(ew_run *run) {
    uint64_t total = 0;
    for (uint32_t k = 0; k < run->n_needs; k++) total += run->needs[k].size;
    ew_free(run->need_of);
    run->need_of = ew_alloc(total, sizeof *run->need_of);
    uint64_t at = 0;
    for (uint32_t i = 0; i < run->corpus.n; i++) {
        run->need_start[i] = at;
        for (uint32_t k = 0; k < run->n_needs; k++)
            for (uint32_t c = 0; c < run->needs[k].size; c++)
                if (run->needs[k].comments[c] == i) run->need_of[at++] = k;
    }
    run->need_start[run->corpus.n] = at;
}

#endif
