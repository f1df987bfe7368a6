/* What of a comment was compared, and what its sentences were heard to say: read again from the text that is stored, with the
 * built-in cues, as the run keeps cues of needs only. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "../needs/signals.h"
#include "../text/text.h"
#include "explain.h"

enum { SHOWN = 12, LONGEST = 200, MOST_LINES = 1 << 20, MOST_PARTS = 1 << 16 };

static const char comment_sql[] =
    "SELECT c.text, c.lang, json_extract(r.description, '$.options.cues') FROM comments c, runs r WHERE c.row = ?";
static const char parts_sql[] =
    "SELECT p.start, p.\"end\", t.id, t.name FROM parts p LEFT JOIN themes t ON t.theme = p.theme WHERE p.comment = ? ORDER BY"
    " p.place";

/* parts: what was compared. Offsets are of the comment's own bytes; the stored text is longer only where those were ill-formed.
 */
static ew_status put_parts(ew_talk *talk, int64_t comment, uint32_t length, ew_ranges *parts, ew_error *err) {
    ew_status status = EW_OK;
    if (talk->json) {
        ew_put_key(&talk->put, "parts");
        ew_put_open(&talk->put, '[');
    }
    ew_query row = ew_db_query(talk->db, parts_sql);
    ew_query_integer(&row, comment);
    while (ew_query_next(&row) && parts->n < MOST_PARTS) {
        if (parts->n == parts->capacity) {
            uint32_t capacity = parts->capacity * 2 + 4;
            ew_range *more = ew_realloc(parts->items, capacity, sizeof *more);
            if (!more) {
                status = ew_fail_memory(err, capacity * sizeof *more, "parts of a comment");
                break;
            }
            parts->items = more;
            parts->capacity = capacity;
        }
        uint32_t start = (uint32_t)ew_query_whole(&row, 0), end = (uint32_t)ew_query_whole(&row, 1);
        if (end > length) end = length;
        if (start > end) start = end;
        parts->items[parts->n++] = (ew_range){start, end};
        const char *theme = ew_query_column(&row, 2), *name = ew_query_column(&row, 3);
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_count(&talk->put, "start", start);
            ew_put_field_count(&talk->put, "end", end);
            ew_put_field_text(&talk->put, "theme", theme);
            ew_put_close(&talk->put, '}');
        } else if (parts->n <= SHOWN) {
            ew_talk_line(talk, "  compared: bytes %u to %u%s%s%s%s", start, end, theme ? ", by themselves in theme " : "",
                         theme ? theme : "", theme ? ": " : "", theme && name ? name : "");
        }
    }
    ew_query_end(&row);
    if (talk->json)
        ew_put_close(&talk->put, ']');
    else if (!parts->n)
        ew_talk_line(talk, "  compared: nothing of it by itself");
    return status;
}

/* Sentences outside quotes, signatures and boilerplate. */
static ew_status cut(ew_db *db, const char *text, size_t n, ew_ranges *sentences, ew_error *err) {
    ew_boilerplate *boilerplate = NULL;
    ew_ranges masks = {0};
    uint64_t *lines = NULL;
    size_t held = 0, capacity = 0;
    ew_status status = EW_OK;
    ew_query row = ew_db_query(db, "SELECT line FROM boilerplate ORDER BY line");
    while (ew_query_next(&row) && held < MOST_LINES) {
        if (held == capacity) {
            capacity = capacity * 2 + 64;
            uint64_t *more = ew_realloc(lines, capacity, sizeof *more);
            if (!more) {
                status = ew_fail_memory(err, capacity * sizeof *more, "boilerplate");
                goto done;
            }
            lines = more;
        }
        lines[held++] = (uint64_t)ew_query_whole(&row, 0);
    }
    if (held) EW_TRY(ew_boilerplate_of_names(lines, held, &boilerplate, err));
    EW_TRY(ew_text_masks(text, n, boilerplate, &masks, err));
    EW_TRY(ew_text_sentences(text, n, &masks, sentences, err));
done:
    ew_query_end(&row);
    ew_ranges_free(&masks);
    ew_boilerplate_free(boilerplate);
    ew_free(lines);
    return status;
}

static int within(const ew_ranges *parts, ew_range sentence) {
    for (uint32_t i = 0; i < parts->n; i++)
        if (sentence.start >= parts->items[i].start && sentence.end <= parts->items[i].end) return 1;
    return 0;
}

static const struct {
    const char *name;
    size_t at;
} terms[] = {
    {"bias", offsetof(ew_need_terms, bias)},
    {"leaning", offsetof(ew_need_terms, leaning)},
    {"hints", offsetof(ew_need_terms, hints)},
    {"strongest", offsetof(ew_need_terms, strongest)},
    {"others", offsetof(ew_need_terms, others)},
    {"place", offsetof(ew_need_terms, place)},
    {"against", offsetof(ew_need_terms, against)},
    {"also_against", offsetof(ew_need_terms, also_against)},
};
enum { TERMS = sizeof terms / sizeof *terms };

static double term(const ew_sentence_signals *heard, int i) {
    return (double)*(const float *)(const void *)((const char *)&heard->terms + terms[i].at);
}

/* text[start .. end) as a C string, cut to what a line holds. */
static void excerpt(const char *text, uint32_t start, uint32_t end, char out[LONGEST + 1]) {
    size_t n = end - start < LONGEST ? end - start : LONGEST;
    memcpy(out, text + start, n);
    out[n] = 0;
}

static void put_sentence(ew_talk *talk, const char *text, ew_range r, const ew_sentence_signals *heard) {
    ew_put *put = &talk->put;
    ew_put_open(put, '{');
    ew_put_field_count(put, "start", r.start);
    ew_put_field_count(put, "end", r.end);
    ew_put_field_number(put, "need", (double)heard->need, 4);
    ew_put_key(put, "terms");
    ew_put_open(put, '{');
    for (int i = 0; i < TERMS; i++) ew_put_field_number(put, terms[i].name, term(heard, i), 4);
    ew_put_close(put, '}');
    ew_put_key(put, "cues");
    ew_put_open(put, '[');
    for (uint32_t c = 0; c < heard->n_cues; c++) {
        const ew_cue_span *cue = &heard->cues[c];
        ew_put_open(put, '{');
        ew_put_field_text(put, "kind", ew_cue_name(cue->kind));
        ew_put_field_number(put, "weight", (double)cue->weight, 4);
        ew_put_field_count(put, "start", cue->start);
        ew_put_field_count(put, "end", cue->end);
        ew_put_key(put, "text");
        ew_put_bytes(put, text + cue->start, cue->end - cue->start);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
    ew_put_close(put, '}');
}

static void tell_sentence(ew_talk *talk, const char *text, ew_range r, const ew_sentence_signals *heard) {
    char words[LONGEST + 1], sum[200];
    size_t n = 0;
    excerpt(text, r.start, r.end, words);
    ew_talk_line(talk, "  need %.2f: %s%s", (double)heard->need, words, r.end - r.start > LONGEST ? "..." : "");
    for (int i = 0; i < TERMS; i++)
        if (!i || term(heard, i) != 0) /* NOLINT: exactly nothing */
            n += (size_t)snprintf(sum + n, sizeof sum - n, "%s%s %.2f", i ? " + " : "", terms[i].name, term(heard, i));
    ew_talk_line(talk, "    log-odds: %s", sum);
    for (uint32_t c = 0; c < heard->n_cues; c++) {
        excerpt(text, heard->cues[c].start, heard->cues[c].end, words);
        ew_talk_line(talk, "    %s (%.2f): %s", ew_cue_name(heard->cues[c].kind), (double)heard->cues[c].weight, words);
    }
}

static ew_status hear(ew_talk *talk, const char *text, uint32_t n, const char *lang, const ew_ranges *parts, ew_error *err) {
    ew_signals *signals = NULL;
    ew_ranges sentences = {0};
    ew_sentence_signals heard;
    uint32_t shown = 0, more = 0;
    ew_status status;
    EW_TRY(cut(talk->db, text, n, &sentences, err));
    EW_TRY(ew_signals_create(NULL, &signals, err));
    for (uint32_t i = 0; i < sentences.n; i++) {
        ew_range r = sentences.items[i];
        if (!within(parts, r)) continue;
        if (!talk->json && shown == SHOWN) {
            more++;
            continue;
        }
        EW_TRY(ew_signals_of(signals, text, n, r.start, r.end, lang ? lang : "", &heard, err));
        if (talk->json)
            put_sentence(talk, text, r, &heard);
        else
            tell_sentence(talk, text, r, &heard);
        shown++;
    }
    if (more) ew_talk_line(talk, "  and %u sentences more; --json has all", more);
done:
    ew_ranges_free(&sentences);
    ew_signals_free(signals);
    return status;
}

void ew_explain_heard(ew_talk *talk, int64_t comment) {
    ew_ranges parts = {0};
    ew_error *err = talk->put.err;
    ew_query row = ew_db_query(talk->db, comment_sql);
    ew_query_integer(&row, comment);
    if (ew_query_next(&row)) {
        const char *text = ew_query_column(&row, 0), *cues = ew_query_column(&row, 2);
        uint32_t n = (uint32_t)strlen(text);
        ew_status status = put_parts(talk, comment, n, &parts, err);
        if (talk->json) {
            ew_put_field_text(&talk->put, "own_cues", cues);
            ew_put_key(&talk->put, "sentences");
            ew_put_open(&talk->put, '[');
        } else if (parts.n) {
            ew_put_raw(&talk->put, "\nhow surely its sentences ask for something, and from which cues\n");
            if (cues) ew_talk_line(talk, "  (the run had cues of its own, %s; here the built-in ones are heard)", cues);
        }
        if (status == EW_OK && parts.n) status = hear(talk, text, n, ew_query_column(&row, 1), &parts, err);
        if (talk->json) ew_put_close(&talk->put, ']');
        if (status != EW_OK && talk->put.status == EW_OK) talk->put.status = status;
    }
    ew_query_end(&row);
    ew_ranges_free(&parts);
}
