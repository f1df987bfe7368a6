/* Comments in JSON lines: ordinary ones of a few subjects, and every ninth one of a few small groups; and what a run of any
 * comments has to hold. */
#ifndef EW_TEST_MAKE_COMMENTS_H
#define EW_TEST_MAKE_COMMENTS_H

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "../../core/base/buffer.h"
#include "../../core/base/random.h"
#include "../../core/edgewise.h"

static inline ew_buffer make_comments(uint32_t n, uint64_t seed) {
    static const char *const things[] = {"machine",  "app",          "grinder", "water tank",
                                         "delivery", "milk frother", "invoice", "display"};
    static const char *const states[] = {
        "leaks",        "stopped working",      "is far too loud",     "arrived late", "crashes every morning",
        "looks lovely", "needs cleaning again", "shows the wrong date"};
    static const char *const ends[] = {"since the update", "after two weeks", "and nobody answers",
                                       "which is a pity",  "in our kitchen",  "on mondays"};
    static const char *const edges[] = {"I keep a folded towel under the spout because it drips on the counter",
                                        "My mother cannot read the tiny letters so I turn the knob for her",
                                        "We unplug it every night, the red light frightens the children"};
    ew_error err;
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t r = ew_random(seed, 1, i, 0);
        const char *thing = things[r % 8], *state = states[r / 8 % 8], *end = ends[r / 64 % 6], *other = things[r / 512 % 8];
        ew_status status = ew_buffer_printf(
            &out, &err, "{\"id\":\"c%u\",\"customer\":\"u%u\",\"created_at\":\"2026-0%u-%02u\",\"rating\":%u,\"text\":\"", i,
            (unsigned)(r / 4096 % (n + 1)), (unsigned)(1 + i * 6 / (n + 1)), (unsigned)(1 + r / 7 % 28),
            (unsigned)(1 + r / 3 % 5));
        if (status == EW_OK)
            status = i % 9 == 4 ? ew_buffer_printf(&out, &err, "%s, %s %s.\"}\n", edges[i / 9 % 3], thing, end)
                                : ew_buffer_printf(&out, &err, "The %s %s %s. Our %s was fine.\"}\n", thing, state, end, other);
        cr_assert_eq(status, EW_OK);
    }
    return out;
}

static inline ew_status mine(const void *data, size_t n, int threads, int decoys, ew_run **run, ew_error *err) {
    ew_input input = {"made-up.jsonl", data, n};
    ew_options options;
    ew_options_init(&options);
    options.threads = threads;
    options.decoys = decoys;
    return ew_mine(&input, 1, &options, run, err);
}

/* Every record is somewhere, every index within bounds, every span within its text. */
static inline void assert_run(const ew_run *run, uint64_t rejected) {
    ew_error err;
    ew_counts counts;
    ew_comment comment;
    size_t n_needs, n_themes, n = ew_run_size(run);
    const ew_need *needs = ew_run_needs(run, &n_needs);
    const ew_theme *themes = ew_run_themes(run, &n_themes);
    ew_run_counts(run, &counts);
    uint64_t sum = counts.in_themes + counts.in_needs_only + counts.rejected, in_themes = 0, only = 0,
             noise[EW_NOISE_KINDS] = {0};
    for (int k = 0; k < EW_NOISE_KINDS; k++) sum += counts.noise[k];
    cr_assert_eq(sum, counts.read);
    cr_assert_eq(counts.read, n + rejected);
    cr_assert_eq(counts.rejected, rejected);
    cr_assert_eq(counts.noise[EW_NOISE_NONE], 0);
    for (size_t i = 0; i < n; i++) {
        ew_run_comment(run, i, &comment);
        cr_assert(comment.theme == EW_NONE || comment.theme < n_themes);
        cr_assert_eq(comment.theme, comment.n_themes ? comment.themes[0] : EW_NONE);
        for (uint32_t k = 0; k < comment.n_themes; k++) {
            cr_assert(comment.themes[k] < n_themes && themes[comment.themes[k]].level == themes[comment.theme].level);
            for (uint32_t j = 0; j < k; j++) cr_assert_neq(comment.themes[j], comment.themes[k]);
        }
        cr_assert_eq(comment.need, comment.n_needs ? comment.needs[0] : EW_NONE);
        for (uint32_t k = 0; k < comment.n_needs; k++)
            cr_assert(comment.needs[k] < n_needs && (!k || comment.needs[k] > comment.needs[k - 1]));
        cr_assert(isnan(comment.fringe) || (comment.fringe >= 0 && comment.fringe <= 1));
        cr_assert(comment.id && comment.family && comment.lang);
        if (comment.theme != EW_NONE)
            in_themes++;
        else if (comment.n_needs)
            only++;
        else
            noise[comment.noise]++;
        cr_assert_eq(comment.noise == EW_NOISE_NONE, comment.theme != EW_NONE || comment.n_needs > 0);
    }
    cr_assert(in_themes == counts.in_themes && only == counts.in_needs_only);
    cr_assert_arr_eq(noise, counts.noise, sizeof noise);
    uint64_t in_needs = 0;
    for (size_t k = 0; k < n_needs; k++) {
        const ew_need *x = &needs[k];
        cr_assert(x->id[0] == 'n' && x->name[0] && x->size >= 1 && x->families <= x->size && x->customers <= x->size);
        cr_assert(x->score >= 0 && x->score <= 1 && x->stability >= 0 && x->stability <= 1 && x->fringe >= 0 && x->fringe <= 1);
        cr_assert(isnan(x->why.significance) ? isnan(x->q) : x->q >= 0 && x->q <= 1); /* a run without decoys has neither */
        cr_assert(x->theme == EW_NONE || x->theme < n_themes);
        cr_assert(x->n_exemplars >= 1 && x->n_words >= 1 && x->why.condition);
        cr_assert(k == 0 || x->score <= needs[k - 1].score);
        for (uint32_t c = 0; c < x->size; c++) {
            cr_assert_lt(x->comments[c], n);
            ew_run_comment(run, x->comments[c], &comment);
            int found = 0;
            for (uint32_t j = 0; j < comment.n_needs; j++) found += comment.needs[j] == k;
            cr_assert_eq(found, 1);
        }
        in_needs += x->size;
        for (uint32_t e = 0; e < x->n_exemplars + x->n_cues; e++) {
            ew_span span = e < x->n_exemplars ? x->exemplars[e]
                                              : (ew_span){x->cues[e - x->n_exemplars].comment, x->cues[e - x->n_exemplars].start,
                                                          x->cues[e - x->n_exemplars].end};
            char *text;
            size_t length;
            cr_assert(span.comment < n && span.start < span.end);
            cr_assert_eq(ew_run_text(run, span.comment, span.start, span.end, &text, &length, &err), EW_OK, "%s", err.message);
            cr_assert_eq(length, span.end - span.start);
            ew_free(text);
        }
    }
    for (size_t i = 0; i < n; i++) {
        ew_run_comment(run, i, &comment);
        in_needs -= comment.n_needs;
    }
    cr_assert_eq(in_needs, 0);
    uint64_t by_level[3] = {0};
    for (size_t t = 0; t < n_themes; t++) {
        cr_assert(themes[t].parent == EW_NONE ? themes[t].level == 0 : themes[t].parent < t);
        by_level[themes[t].level] += themes[t].size;
        for (size_t other = 0; other < t; other++) cr_assert_str_neq(themes[t].id, themes[other].id);
        cr_assert(themes[t].n_exemplars >= 1 && themes[t].n_exemplars <= 5);
        for (uint32_t e = 0; e < themes[t].n_exemplars; e++) { /* of the theme's own comments, each in another voice */
            uint32_t which = themes[t].exemplars[e].comment;
            ew_run_comment(run, which, &comment);
            while (comment.theme != EW_NONE && comment.theme > t) comment.theme = themes[comment.theme].parent;
            cr_assert_eq(comment.theme, t);
            for (uint32_t d = 0; d < e; d++) {
                ew_comment other;
                ew_run_comment(run, themes[t].exemplars[d].comment, &other);
                cr_assert(themes[t].exemplars[d].comment != which &&
                          (!*comment.customer || strcmp(comment.customer, other.customer) != 0));
            }
        }
        cr_assert(themes[t].id[0] == 't' && themes[t].name[0]);
        cr_assert(themes[t].share >= 0 && themes[t].share_low <= themes[t].share + 1e-12 &&
                  themes[t].share_high >= themes[t].share - 1e-12);
    }
    for (size_t t = 0; t < n_themes; t++) cr_assert_eq(by_level[themes[t].level], counts.in_themes);
}

#endif
