#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "describe.h"
#include "places.h"
#include "put.h"

enum { SHOWN_REJECTS = 20 };

ew_status ew_run_keep(ew_run *run, const char *text, size_t n, const char **out, ew_error *err) {
    if (run->n_strings == run->strings_capacity) {
        uint32_t capacity = run->strings_capacity + run->strings_capacity / 2 + 64;
        char **strings = capacity > run->n_strings ? ew_realloc(run->strings, capacity, sizeof *strings) : NULL;
        if (!strings) return ew_fail_memory(err, capacity * sizeof *strings, "the strings of a run");
        run->strings = strings;
        run->strings_capacity = capacity;
    }
    char *copy = ew_strndup(text, n);
    if (!copy) return ew_fail_memory(err, n + 1, "a string of a run");
    *out = run->strings[run->n_strings++] = copy;
    return EW_OK;
}

static void drop(const void *array) { ew_free((void *)(uintptr_t)array); }

void ew_run_free(ew_run *run) {
    if (!run) return;
    for (uint32_t i = 0; i < run->n_needs; i++) {
        const ew_need *need = &run->needs[i];
        drop(need->comments);
        drop(need->exemplars);
        drop(need->cues);
        drop(need->words);
        drop(need->segments);
        drop(need->competitors);
        drop(need->products);
    }
    for (uint32_t i = 0; i < run->n_themes; i++) {
        drop(run->themes[i].words);
        drop(run->themes[i].exemplars);
        drop(run->themes[i].languages.of);
        drop(run->themes[i].products.of);
        drop(run->themes[i].segments.of);
        drop(run->themes[i].sources.of);
        drop(run->themes[i].weeks);
    }
    for (uint32_t i = 0; i < run->n_strings; i++) ew_free(run->strings[i]);
    drop(run->strings);
    drop(run->input_names);
    drop(run->family_ids);
    drop(run->theme);
    drop(run->fringe);
    drop(run->noise);
    drop(run->lang);
    drop(run->near);
    drop(run->parts.comment);
    drop(run->parts.start);
    drop(run->parts.end);
    drop(run->parts.theme);
    drop(run->theme_start);
    drop(run->theme_of);
    drop(run->need_start);
    drop(run->need_of);
    drop(run->needs);
    drop(run->themes);
    drop(run->map_xy);
    drop(run->fdr);
    drop(run->weeks);
    if (run->places) ew_places_free(run->places);
    drop(run->places);
    ew_families_free(&run->families);
    ew_corpus_free(&run->corpus);
    ew_free(run);
}

static const char *base_name(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

const char *ew_run_reject(const ew_run *run, uint32_t k) {
    const char *message = run->corpus.rejects.messages[k], *best = message;
    for (uint32_t i = 0; i < run->n_inputs; i++) { /* "/folders/name:": the name is known, what stands before it is the folder */
        const char *name = run->input_names[i];
        size_t n = strlen(name);
        if (strncmp(message, name, n) == 0 && message[n] == ':') return message;
        for (const char *at = message; (at = strchr(at, '/')) != NULL; at++) {
            if (strncmp(at + 1, name, n) != 0 || at[1 + n] != ':') continue;
            if (best == message || at + 1 < best) best = at + 1;
            break;
        }
    }
    return best;
}

const char *ew_run_customer(const ew_run *run, uint32_t comment, char scratch[32]) {
    uint32_t number = run->corpus.customer ? run->corpus.customer[comment] : 0;
    const char *name = ew_dict_text(&run->corpus.customers, number);
    if (run->options.keep_pii || !strchr(name, '@')) return name;
    snprintf(scratch, 32, "customer-%u", number);
    return scratch;
}

static void put_columns(ew_put *put, const char *key, const char *const columns[EW_COLUMNS]) {
    static const char *const names[EW_COLUMNS] = {"id",      "text",     "title",   "time",   "rating",
                                                  "product", "customer", "segment", "source", "lang"};
    ew_put_key(put, key);
    ew_put_open(put, '{');
    for (int i = 0; i < EW_COLUMNS; i++)
        if (columns[i]) ew_put_field_text(put, names[i], columns[i]);
    ew_put_close(put, '}');
}

/* What decides the result: not threads, not memory, no folders. */
static void put_options(ew_put *put, const ew_options *options) {
    static const char *const encoders[] = {
        [EW_ENCODER_AUTO] = "auto", [EW_ENCODER_STATIC] = "static", [EW_ENCODER_DEEP] = "deep", [EW_ENCODER_STUDENT] = "student"};
    ew_put_key(put, "options");
    ew_put_open(put, '{');
    ew_put_field_count(put, "max_units", options->max_units);
    ew_put_field_count(put, "recall", (uint64_t)options->recall);
    ew_put_field_count(put, "max_line", options->max_line);
    ew_put_field_number(put, "zstd_window_log", options->zstd_window_log, 0);
    ew_put_field_number(put, "decoys", options->decoys, 0);
    ew_put_field_number(put, "corpus_part", options->corpus_part, 0);
    ew_put_field_number(put, "themes", options->themes, 0);
    ew_put_field_text(put, "encoder", encoders[options->encoder]);
    ew_put_field_count(put, "budget", options->budget);
    ew_put_key(put, "keep_pii");
    ew_put_flag(put, options->keep_pii);
    ew_put_field_text(put, "format", options->format);
    ew_put_field_text(put, "since", options->since);
    ew_put_field_text(put, "until", options->until);
    put_columns(put, "columns", options->columns);
    ew_put_field_text(put, "catalogue", base_name(options->catalogue));
    ew_put_field_text(put, "competitors", base_name(options->competitors));
    ew_put_field_text(put, "cues", base_name(options->cues));
    ew_put_field_text(put, "model", base_name(options->model));
    ew_put_field_text(put, "vectors", base_name(options->vectors));
    ew_put_close(put, '}');
}

static void put_counts(ew_put *put, const ew_counts *counts) {
    ew_put_key(put, "counts");
    ew_put_open(put, '{');
    ew_put_field_count(put, "read", counts->read);
    ew_put_field_count(put, "in_themes", counts->in_themes);
    ew_put_field_count(put, "in_needs_only", counts->in_needs_only);
    ew_put_key(put, "noise");
    ew_put_open(put, '{');
    for (int i = 1; i < EW_NOISE_KINDS; i++) ew_put_field_count(put, ew_noise_name((ew_noise)i), counts->noise[i]);
    ew_put_close(put, '}');
    ew_put_field_count(put, "rejected", counts->rejected);
    ew_put_field_count(put, "outside", counts->outside);
    ew_put_close(put, '}');
}

static void put_fdr(ew_put *put, const ew_run *run) {
    ew_put_key(put, "fdr");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < run->n_fdr; i++) {
        const ew_fdr_row *row = &run->fdr[i];
        ew_put_open(put, '{');
        ew_put_field_number(put, "threshold", row->threshold, 4);
        ew_put_field_count(put, "real", row->real);
        ew_put_field_number(put, "decoys", row->decoys, 4);
        ew_put_field_number(put, "fdr", row->fdr, 4);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
}

static void put_tiers(ew_put *put, const ew_run *run) {
    uint64_t tiers[3] = {0, 0, 0};
    for (uint32_t i = 0; i < run->n_needs; i++) tiers[run->needs[i].tier]++;
    ew_put_key(put, "needs");
    ew_put_open(put, '{');
    for (int i = 0; i < 3; i++) ew_put_field_count(put, ew_tier_name((ew_tier)i), tiers[i]);
    ew_put_close(put, '}');
}

ew_status ew_run_describe(const ew_run *run, ew_buffer *out, ew_error *err) {
    ew_put writer = {out, err, EW_OK}, *put = &writer;
    const ew_corpus *corpus = &run->corpus;
    ew_put_open(put, '{');
    ew_put_field_text(put, "edgewise", EW_VERSION);
    ew_put_field_text(put, "model", run->model_digest);
    ew_put_field_text(put, "encoder", run->encoder);
    ew_put_field_text(put, "encoder_why", run->encoder_why);
    ew_put_field_number(put, "corpus_weight", run->corpus_weight, 4);
    ew_put_field_count(put, "seed", run->options.seed);
    put_options(put, &run->options);
    ew_put_field_texts(put, "inputs", (const char *const *)run->input_names, run->n_inputs);
    put_columns(put, "columns", (const char *const *)corpus->columns);
    put_counts(put, &run->counts);
    ew_put_key(put, "rejected");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < corpus->rejects.kept && i < SHOWN_REJECTS; i++) ew_put_text(put, ew_run_reject(run, i));
    ew_put_close(put, ']');
    ew_put_field_count(put, "bytes", corpus->bytes);
    ew_put_field_count(put, "repeated_ids", corpus->repeated_ids);
    ew_put_field_count(put, "missing_ids", corpus->missing_ids);
    ew_put_field_count(put, "families", run->families.n);
    ew_put_field_count(put, "boilerplate_lines", run->boilerplate_lines);
    ew_put_field_count(put, "themes", run->n_themes);
    put_tiers(put, run);
    ew_put_key(put, "weeks");
    ew_put_open(put, '{');
    ew_put_field_some(put, "from", run->weeks_from);
    ew_put_key(put, "voices");
    ew_put_open(put, '[');
    for (uint32_t w = 0; w < run->n_weeks; w++) ew_put_count(put, run->weeks[w]);
    ew_put_close(put, ']');
    ew_put_close(put, '}');
    ew_put_field_count(put, "units", run->units);
    ew_put_field_count(put, "tested_units", run->tested_units);
    ew_put_field_count(put, "decoys", run->decoys_used);
    ew_put_field_count(put, "candidates", run->candidates);
    ew_put_field_count(put, "significant", run->significant);
    put_fdr(put, run);
    ew_put_field_number(put, "recall_at_15", run->recall_at_15, 4);
    ew_put_close(put, '}');
    ew_put_raw(put, "\n");
    return put->status;
}
