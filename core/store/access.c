#define _GNU_SOURCE /* memrchr */
/* The public accessors that only read a finished run. */
#include "../base/alloc.h"
#include "../base/buffer.h"
#include "../context/run.h"
#include "../text/text.h"

#include <math.h>
#include <string.h>

const ew_need *ew_run_needs(const ew_run *run, size_t *n) {
    if (n) *n = run->n_needs;
    return run->needs;
}

const ew_theme *ew_run_themes(const ew_run *run, size_t *n) {
    if (n) *n = run->n_themes;
    return run->themes;
}

size_t ew_run_size(const ew_run *run) { return run->corpus.n; }

void ew_run_comment(const ew_run *run, size_t index, ew_comment *out) {
    const ew_corpus *corpus = &run->corpus;
    *out = (ew_comment){.id = "", .theme = EW_NONE, .need = EW_NONE, .fringe = NAN, .family = "", .lang = "", .product = "",
                        .customer = "", .segment = "", .source = "", .time = INT64_MIN, .rating = NAN};
    if (index >= corpus->n) return;
    uint32_t i = (uint32_t)index;
    out->id = ew_corpus_id(corpus, i);
    if (run->theme) out->theme = run->theme[i];
    if (run->fringe) out->fringe = (double)run->fringe[i];
    if (run->noise) out->noise = (ew_noise)run->noise[i];
    if (run->lang && run->lang[i]) out->lang = run->lang[i];
    if (run->theme_start) {
        out->themes = run->theme_of + run->theme_start[i];
        out->n_themes = (uint32_t)(run->theme_start[i + 1] - run->theme_start[i]);
    }
    if (run->need_start && run->need_start[i + 1] > run->need_start[i]) {
        out->needs = run->need_of + run->need_start[i];
        out->n_needs = (uint32_t)(run->need_start[i + 1] - run->need_start[i]);
        out->need = out->needs[0];
    }
    if (run->families.of && run->family_ids && run->families.of[i] != EW_NONE) out->family = run->family_ids[run->families.of[i]];
    if (corpus->product) out->product = ew_dict_text(&corpus->products, corpus->product[i]);
    if (corpus->customer) out->customer = ew_dict_text(&corpus->customers, corpus->customer[i]);
    if (corpus->segment) out->segment = ew_dict_text(&corpus->segments, corpus->segment[i]);
    if (corpus->source) out->source = ew_dict_text(&corpus->sources, corpus->source[i]);
    if (corpus->time) out->time = corpus->time[i];
    if (corpus->rating) out->rating = (double)corpus->rating[i];
}

void ew_run_counts(const ew_run *run, ew_counts *out) { *out = run->counts; }

/* What must be masked together with [start, end), as a span may cut a number in two: whole lines, since no number or address
 * goes on behind one, and before them what may say whose number it is. */
static ew_range around(ew_view text, uint32_t start, uint32_t end) {
    enum { BEFORE = 512 };
    const char *line = start ? memrchr(text.data, '\n', start) : NULL, *stop = memchr(text.data + end, '\n', text.length - end);
    uint32_t from = line ? (uint32_t)(line - text.data) : 0;
    return (ew_range){from > BEFORE ? from - BEFORE : 0, stop ? (uint32_t)(stop - text.data) : text.length};
}

ew_status ew_run_text(const ew_run *run, uint32_t comment, uint32_t start, uint32_t end, char **out, size_t *length,
                      ew_error *err) {
    *out = NULL;
    if (length) *length = 0;
    if (comment >= run->corpus.n)
        return ew_fail(err, EW_USAGE, "comment %u does not exist: the run has %u", comment, run->corpus.n);
    ew_view text = ew_corpus_text(&run->corpus, comment);
    if (!start && !end) end = text.length;
    if (end > text.length) end = text.length;
    if (start > end) start = end;
    ew_range part = around(text, start, end);
    char *copy = ew_strndup(text.data + part.start, part.end - part.start);
    if (!copy) return ew_fail_memory(err, (size_t)(part.end - part.start) + 1, "a comment's text");
    if (!run->options.keep_pii) ew_text_mask_pii(copy, part.end - part.start);
    memmove(copy, copy + (start - part.start), end - start);
    copy[end - start] = 0;
    *out = copy;
    if (length) *length = end - start;
    return EW_OK;
}

const char *ew_run_rejected(const ew_run *run, size_t k) {
    return k < run->corpus.rejects.kept ? run->corpus.rejects.messages[k] : NULL;
}

ew_status ew_run_json(const ew_run *run, char **out, ew_error *err) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    *out = NULL;
    ew_status status = ew_run_describe(run, &text, err);
    if (status == EW_OK) status = ew_buffer_append(&text, "", 1, err);
    if (status == EW_OK)
        *out = text.data;
    else
        ew_buffer_free(&text);
    return status;
}

const char *ew_tier_name(ew_tier tier) {
    static const char *const names[] = {"confirmed", "watch", "whisper"};
    return (unsigned)tier < 3 ? names[tier] : "";
}

const char *ew_kind_name(ew_kind kind) {
    static const char *const names[] = {"expressed", "latent", "mixed"};
    return (unsigned)kind < 3 ? names[kind] : "";
}

const char *ew_cue_name(ew_cue_kind kind) {
    static const char *const names[EW_CUE_KINDS] = {"desire",      "absence",    "workaround", "effort",
                                                    "resignation", "comparison", "worry",      "delight"};
    return (unsigned)kind < EW_CUE_KINDS ? names[kind] : "";
}

const char *ew_noise_name(ew_noise noise) {
    static const char *const names[EW_NOISE_KINDS] = {NULL,   "empty",       "too short",  "no content", "other language",
                                                      "copy", "boilerplate", "lone voice", "off topic"};
    return (unsigned)noise < EW_NOISE_KINDS ? names[noise] : NULL;
}
