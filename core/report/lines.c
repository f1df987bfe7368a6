/* needs.jsonl, themes.jsonl, comments.jsonl: one object a line. */
#include "lines.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/output.h"

enum { FLUSH_AT = 1 << 18 };

typedef void (*line_fn)(ew_put *put, const ew_run *run, uint32_t i);

static ew_status write_lines(const ew_run *run, uint32_t n, line_fn line, const char *path, ew_error *err) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_output output;
    ew_status status = ew_output_open(&output, path, err);
    for (uint32_t i = 0; status == EW_OK && i < n; i++) {
        ew_put put = {&text, err, EW_OK};
        line(&put, run, i);
        ew_put_raw(&put, "\n");
        status = put.status;
        if (status == EW_OK && (text.length >= FLUSH_AT || i + 1 == n)) {
            status = ew_output_write(&output, text.data, text.length, err);
            ew_buffer_clear(&text);
        }
    }
    if (status == EW_OK) status = ew_output_commit(&output, err);
    ew_output_abandon(&output);
    ew_buffer_free(&text);
    return status;
}

static void put_span_text(ew_put *put, const ew_run *run, ew_span span) {
    if (put->status != EW_OK) return;
    char *text;
    size_t n;
    put->status = ew_run_text(run, span.comment, span.start, span.end, &text, &n, put->err);
    ew_put_bytes(put, put->status == EW_OK ? text : "", n);
    ew_free(text);
}

static void put_spans(ew_put *put, const ew_run *run, const ew_span *spans, uint32_t n) {
    ew_put_key(put, "exemplars");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < n; i++) {
        ew_put_open(put, '{');
        ew_put_field_text(put, "id", ew_corpus_id(&run->corpus, spans[i].comment));
        ew_put_field_count(put, "start", spans[i].start);
        ew_put_field_count(put, "end", spans[i].end);
        ew_put_key(put, "text");
        put_span_text(put, run, spans[i]);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
}

static const char *theme_id(const ew_run *run, uint32_t theme) { return theme < run->n_themes ? run->themes[theme].id : NULL; }

void ew_report_put_figures(ew_put *put, const ew_need *need) {
    ew_put_field_text(put, "id", need->id);
    ew_put_field_text(put, "name", need->name);
    ew_put_field_text(put, "tier", ew_tier_name(need->tier));
    ew_put_field_text(put, "kind", ew_kind_name(need->kind));
    ew_put_field_number(put, "score", need->score, 6);
    ew_put_field_number(put, "q", need->q, 6);
    ew_put_field_number(put, "stability", need->stability, 4);
    ew_put_field_number(put, "fringe", need->fringe, 4);
    ew_put_field_count(put, "size", need->size);
    ew_put_field_count(put, "families", need->families);
    ew_put_field_count(put, "customers", need->customers);
}

void ew_report_put_lift(ew_put *put, const ew_need *need, double most_q) {
    ew_put_key(put, "cue_lift");
    ew_put_open(put, '{');
    for (int kind = 0; kind < EW_CUE_KINDS; kind++) {
        const ew_cue_lift *lift = &need->lift[kind];
        if (!(lift->q <= most_q)) continue;
        ew_put_key(put, ew_cue_name((ew_cue_kind)kind));
        ew_put_open(put, '{');
        ew_put_field_count(put, "n", lift->n);
        ew_put_field_number(put, "share", lift->share, 4);
        ew_put_field_number(put, "rest", lift->rest, 4);
        ew_put_field_number(put, "log_odds", lift->log_odds, 4);
        ew_put_field_number(put, "z", lift->z, 4);
        ew_put_field_number(put, "q", lift->q, 6);
        ew_put_close(put, '}');
    }
    ew_put_close(put, '}');
}

void ew_report_put_score(ew_put *put, const ew_need *need) {
    ew_put_key(put, "score_parts");
    ew_put_open(put, '{');
    for (int term = 0; term < EW_SCORE_TERMS; term++) {
        const ew_score_part *part = &need->parts[term];
        ew_put_key(put, ew_score_name((ew_score_term)term));
        ew_put_open(put, '{');
        ew_put_field_number(put, "value", part->value, 4);
        ew_put_field_number(put, "weight", part->weight, 2);
        ew_put_field_number(put, "factor", part->factor, 4);
        ew_put_close(put, '}');
    }
    ew_put_close(put, '}');
}

static void put_rise(ew_put *put, const char *onset, const char *alarm, int emerging) {
    ew_put_field_some(put, "onset", onset);
    ew_put_field_some(put, "alarm", alarm);
    ew_put_key(put, "emerging");
    ew_put_flag(put, emerging);
}

void ew_report_put_context(ew_put *put, const ew_need *need) {
    ew_put_field_texts(put, "words", need->words, need->n_words);
    put_rise(put, need->onset, need->alarm, need->emerging);
    ew_put_key(put, "segments");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < need->n_segments; i++) {
        ew_put_open(put, '{');
        ew_put_field_text(put, "segment", need->segments[i].name);
        ew_put_field_number(put, "ratio", need->segments[i].ratio, 4);
        ew_put_field_number(put, "q", need->segments[i].q, 6);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
    ew_put_field_texts(put, "competitors", need->competitors, need->n_competitors);
    ew_put_field_texts(put, "products", need->products, need->n_products);
    ew_put_key(put, "impact");
    if (need->impact == need->impact) {
        ew_put_open(put, '{');
        ew_put_field_number(put, "rating", need->impact, 3);
        ew_put_field_number(put, "low", need->impact_low, 3);
        ew_put_field_number(put, "high", need->impact_high, 3);
        ew_put_close(put, '}');
    } else {
        ew_put_null(put);
    }
    ew_put_field_some(put, "alike", need->alike);
    ew_put_key(put, "why");
    ew_put_open(put, '{');
    ew_put_field_number(put, "list_score", need->why.list_score, 6);
    ew_put_field_number(put, "significance", need->why.significance, 4);
    ew_put_field_number(put, "inside", need->why.inside, 4);
    ew_put_field_number(put, "outside", need->why.outside, 4);
    ew_put_field_number(put, "expressed_share", need->why.expressed_share, 4);
    ew_put_field_number(put, "quiet_share", need->why.quiet_share, 4);
    ew_put_field_number(put, "top_customer", need->why.top_customer, 4);
    ew_put_field_number(put, "top_day", need->why.top_day, 4);
    ew_put_field_number(put, "top_source", need->why.top_source, 4);
    ew_put_field_text(put, "condition", need->why.condition ? need->why.condition : "");
    ew_put_close(put, '}');
}

static void put_need(ew_put *put, const ew_run *run, uint32_t i) {
    const ew_need *need = &run->needs[i];
    ew_put_open(put, '{');
    ew_put_field_count(put, "rank", (uint64_t)i + 1);
    ew_report_put_figures(put, need);
    ew_put_key(put, "comments");
    ew_put_open(put, '[');
    for (uint32_t k = 0; k < need->size; k++) ew_put_text(put, ew_corpus_id(&run->corpus, need->comments[k]));
    ew_put_close(put, ']');
    put_spans(put, run, need->exemplars, need->n_exemplars);
    ew_put_key(put, "cues");
    ew_put_open(put, '[');
    for (uint32_t k = 0; k < need->n_cues; k++) {
        const ew_cue *cue = &need->cues[k];
        ew_put_open(put, '{');
        ew_put_field_text(put, "kind", ew_cue_name(cue->kind));
        ew_put_field_text(put, "id", ew_corpus_id(&run->corpus, cue->comment));
        ew_put_field_count(put, "start", cue->start);
        ew_put_field_count(put, "end", cue->end);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
    ew_report_put_lift(put, need, 1);
    ew_report_put_score(put, need);
    ew_put_field_text(put, "theme", theme_id(run, need->theme));
    ew_report_put_context(put, need);
    ew_put_close(put, '}');
}

static void put_shares(ew_put *put, const char *key, ew_shares shares) {
    ew_put_key(put, key);
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < shares.n; i++) {
        ew_put_open(put, '{');
        ew_put_field_text(put, "name", shares.of[i].name);
        ew_put_field_count(put, "comments", shares.of[i].comments);
        ew_put_field_number(put, "ratio", shares.of[i].ratio, 4);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
}

static void put_counts(ew_put *put, const char *key, const uint32_t *counts, uint32_t n) {
    ew_put_key(put, key);
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < n; i++) ew_put_count(put, counts[i]);
    ew_put_close(put, ']');
}

void ew_report_put_theme(ew_put *put, const ew_run *run, const ew_theme *theme) {
    ew_put_field_text(put, "id", theme->id);
    ew_put_field_text(put, "parent", theme_id(run, theme->parent));
    ew_put_field_count(put, "level", theme->level);
    ew_put_field_text(put, "name", theme->name);
    ew_put_key(put, "rest");
    ew_put_flag(put, theme->rest);
    ew_put_field_count(put, "size", theme->size);
    ew_put_field_count(put, "families", theme->families);
    ew_put_field_count(put, "customers", theme->customers);
    ew_put_field_number(put, "share", theme->share, 6);
    ew_put_field_number(put, "share_low", theme->share_low, 6);
    ew_put_field_number(put, "share_high", theme->share_high, 6);
    ew_put_field_count(put, "rated", theme->rated);
    ew_put_field_number(put, "rating", theme->rating, 3);
    ew_put_field_number(put, "rating_low", theme->rating_low, 3);
    ew_put_field_number(put, "rating_high", theme->rating_high, 3);
    put_counts(put, "length", theme->length, 3);
    put_shares(put, "languages", theme->languages);
    put_shares(put, "products", theme->products);
    put_shares(put, "segments", theme->segments);
    put_shares(put, "sources", theme->sources);
    ew_put_field_count(put, "timed", theme->timed);
    ew_put_field_some(put, "first", theme->first);
    ew_put_field_some(put, "last", theme->last);
    put_rise(put, theme->onset, theme->alarm, theme->emerging);
    put_counts(put, "weeks", theme->weeks, theme->n_weeks);
    ew_put_field_number(put, "trend", theme->trend, 4);
    ew_put_field_number(put, "trend_low", theme->trend_low, 4);
    ew_put_field_number(put, "trend_high", theme->trend_high, 4);
}

static void put_theme(ew_put *put, const ew_run *run, uint32_t i) {
    const ew_theme *theme = &run->themes[i];
    ew_put_open(put, '{');
    ew_report_put_theme(put, run, theme);
    ew_put_field_texts(put, "words", theme->words, theme->n_words);
    put_spans(put, run, theme->exemplars, theme->n_exemplars);
    ew_put_close(put, '}');
}

static void put_comment(ew_put *put, const ew_run *run, uint32_t i) {
    ew_comment comment;
    ew_run_comment(run, i, &comment);
    ew_put_open(put, '{');
    ew_put_field_text(put, "id", comment.id);
    ew_put_field_text(put, "theme", theme_id(run, comment.theme));
    if (comment.n_themes > 1) {
        ew_put_key(put, "themes");
        ew_put_open(put, '[');
        for (uint32_t k = 0; k < comment.n_themes; k++) ew_put_text(put, run->themes[comment.themes[k]].id);
        ew_put_close(put, ']');
    }
    ew_put_field_number(put, "fringe", comment.fringe, 6);
    ew_put_field_text(put, "need", comment.need < run->n_needs ? run->needs[comment.need].id : NULL);
    if (comment.n_needs > 1) {
        ew_put_key(put, "needs");
        ew_put_open(put, '[');
        for (uint32_t k = 0; k < comment.n_needs; k++) ew_put_text(put, run->needs[comment.needs[k]].id);
        ew_put_close(put, ']');
    }
    ew_put_field_text(put, "noise", ew_noise_name(comment.noise));
    ew_put_field_some(put, "family", comment.family);
    ew_put_field_some(put, "lang", comment.lang);
    ew_put_close(put, '}');
}

ew_status ew_report_needs(const ew_run *run, const char *path, ew_error *err) {
    return write_lines(run, run->n_needs, put_need, path, err);
}

ew_status ew_report_themes(const ew_run *run, const char *path, ew_error *err) {
    return write_lines(run, run->n_themes, put_theme, path, err);
}

ew_status ew_report_comments(const ew_run *run, const char *path, ew_error *err) {
    return write_lines(run, run->corpus.n, put_comment, path, err);
}
