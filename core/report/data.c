/* The data of report.html: the run's description, what was read, the themes, and the needs with their verbatims. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../context/describe.h"
#include "lines.h"
#include "page.h"

enum { SOURCES = 8, DAY = 86400, DAYS = 400, EXEMPLAR = 280 };
static const double LIFT_SHOWN = .10;

typedef struct tally { uint32_t number, count; } tally;

static int by_count(const void *left, const void *right) {
    const tally *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* The commonest sources, and how many there are. */
static void put_sources(ew_put *put, const ew_run *run) {
    const ew_corpus *corpus = &run->corpus;
    uint32_t n = corpus->sources.size;
    tally *tallies = ew_calloc(n, sizeof *tallies);
    if (!tallies) {
        if (put->status == EW_OK) put->status = ew_fail_memory(put->err, n * sizeof *tallies, "the sources");
        return;
    }
    for (uint32_t i = 0; i < n; i++) tallies[i].number = i;
    for (uint32_t i = 0; i < corpus->n; i++)
        if (corpus->source[i]) tallies[corpus->source[i]].count++;
    qsort(tallies, n, sizeof *tallies, by_count);
    ew_put_key(put, "sources");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < n && i < SOURCES && tallies[i].count; i++) {
        ew_put_open(put, '[');
        ew_put_text(put, ew_dict_text(&corpus->sources, tallies[i].number));
        ew_put_count(put, tallies[i].count);
        ew_put_close(put, ']');
    }
    ew_put_close(put, ']');
    ew_put_field_count(put, "n_sources", n ? n - 1 : 0);
    ew_free(tallies);
}

/* The corpus in figures; returns its first second through *first (INT64_MIN: no times). */
static void put_summary(ew_put *put, const ew_run *run, int64_t *first) {
    const ew_corpus *corpus = &run->corpus;
    int64_t last = INT64_MIN;
    uint32_t timed = 0, in_confirmed = 0;
    *first = INT64_MIN;
    for (uint32_t i = 0; i < corpus->n; i++) {
        ew_comment comment;
        ew_run_comment(run, i, &comment);
        uint32_t k = 0;
        while (k < comment.n_needs && run->needs[comment.needs[k]].tier != EW_CONFIRMED) k++;
        in_confirmed += k < comment.n_needs;
        if (comment.time == INT64_MIN) continue;
        if (!timed++ || comment.time < *first) *first = comment.time;
        if (comment.time > last) last = comment.time;
    }
    char date[11];
    ew_put_key(put, "summary");
    ew_put_open(put, '{');
    ew_put_field_count(put, "comments", corpus->n);
    ew_put_field_count(put, "in_confirmed", in_confirmed);
    ew_put_field_count(put, "timed", timed);
    ew_time_date(*first, date);
    ew_put_field_some(put, "first", date);
    ew_time_date(last, date);
    ew_put_field_some(put, "last", date);
    ew_put_field_count(put, "customers", corpus->customers.size ? corpus->customers.size - 1 : 0);
    ew_put_field_count(put, "products", corpus->products.size ? corpus->products.size - 1 : 0);
    put_sources(put, run);
    ew_put_close(put, '}');
}

static void put_theme(ew_put *put, const ew_run *run, const ew_theme *theme) {
    ew_put_open(put, '{');
    ew_report_put_theme(put, run, theme);
    ew_put_field_texts(put, "words", theme->words, theme->n_words);
    if (theme->n_exemplars && put->status == EW_OK) {
        ew_span span = theme->exemplars[0];
        char *text;
        size_t n;
        put->status = ew_run_text(run, span.comment, span.start, span.end, &text, &n, put->err);
        int cut = n > EXEMPLAR;
        if (cut) n = EXEMPLAR;
        while (cut && n && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
        ew_put_key(put, "exemplar");
        ew_put_bytes(put, text ? text : "", n);
        if (cut) {
            ew_put_key(put, "cut");
            ew_put_flag(put, 1);
        }
        ew_free(text);
    }
    ew_put_close(put, '}');
}

static void put_need(ew_put *put, const ew_run *run, uint32_t i, int64_t first) {
    const ew_need *need = &run->needs[i];
    ew_put_open(put, '{');
    ew_put_field_count(put, "rank", (uint64_t)i + 1);
    ew_report_put_figures(put, need);
    ew_put_field_text(put, "theme", need->theme < run->n_themes ? run->themes[need->theme].id : NULL);
    ew_report_put_lift(put, need, LIFT_SHOWN);
    ew_report_put_score(put, need);
    ew_report_put_context(put, need);
    ew_put_key(put, "days"); /* since the first comment of the corpus */
    ew_put_open(put, '[');
    for (uint32_t k = 0; k < need->size && k < DAYS; k++) {
        int64_t time = run->corpus.time[need->comments[k]];
        if (time != INT64_MIN && first != INT64_MIN) ew_put_count(put, ((uint64_t)time - (uint64_t)first) / DAY);
    }
    ew_put_close(put, ']');
    ew_put_key(put, "verbatims");
    ew_page_put_verbatims(put, run, need);
    ew_put_close(put, '}');
}

ew_status ew_page_data(const ew_run *run, ew_buffer *out, ew_error *err) {
    ew_put writer = {out, err, EW_OK}, *put = &writer;
    int64_t first;
    ew_put_open(put, '{');
    ew_put_key(put, "run");
    if (put->status == EW_OK) put->status = ew_run_describe(run, out, err);
    if (put->status == EW_OK) out->length--; /* its line break */
    put_summary(put, run, &first);
    ew_put_key(put, "themes");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < run->n_themes && put->status == EW_OK; i++) put_theme(put, run, &run->themes[i]);
    ew_put_close(put, ']');
    ew_put_key(put, "needs");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < run->n_needs && put->status == EW_OK; i++) put_need(put, run, i, first);
    ew_put_close(put, ']');
    ew_put_close(put, '}');
    return put->status;
}
