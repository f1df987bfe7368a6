/* Structs of the engine -> dictionaries, tuples, strings and numbers. Py_BuildValue's "N" takes a reference over, and turns
 * a NULL among its arguments into a failure that loses none of the others. */
#include <math.h>
#include <string.h>

#include "core.h"

PyObject *core_text(const char *text) {
    if (!text || !*text) Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

PyObject *core_taken_text(char *text) {
    PyObject *result = PyUnicode_DecodeUTF8(text ? text : "", text ? (Py_ssize_t)strlen(text) : 0, "replace");
    ew_free(text);
    return result;
}

PyObject *core_number(double value) {
    if (isnan(value)) Py_RETURN_NONE;
    return PyFloat_FromDouble(value);
}

PyObject *core_index(uint32_t index) {
    if (index == EW_NONE) Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(index);
}

/* A tuple of n things that `item` makes out of the i-th. */
static PyObject *tuple(size_t n, const void *things, PyObject *(*item)(const void *things, size_t i)) {
    PyObject *result = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; result && i < n; i++) {
        PyObject *thing = item(things, i);
        if (!thing || PyTuple_SetItem(result, (Py_ssize_t)i, thing) != 0) {
            Py_DECREF(result);
            result = NULL;
        }
    }
    return result;
}

static PyObject *index_item(const void *all, size_t i) { return PyLong_FromUnsignedLong(((const uint32_t *)all)[i]); }

static PyObject *word_item(const void *all, size_t i) {
    const char *word = ((const char *const *)all)[i];
    return PyUnicode_DecodeUTF8(word, (Py_ssize_t)strlen(word), "replace");
}

static PyObject *span_item(const void *all, size_t i) {
    const ew_span *span = (const ew_span *)all + i;
    return Py_BuildValue("(III)", span->comment, span->start, span->end);
}

static PyObject *cue_item(const void *all, size_t i) {
    const ew_cue *cue = (const ew_cue *)all + i;
    return Py_BuildValue("(sIII)", ew_cue_name(cue->kind), cue->comment, cue->start, cue->end);
}

static PyObject *segment_item(const void *all, size_t i) {
    const ew_segment *segment = (const ew_segment *)all + i;
    return Py_BuildValue("(NNN)", core_text(segment->name), core_number(segment->ratio), core_number(segment->q));
}

static PyObject *lift_item(const void *all, size_t i) {
    const ew_cue_lift *lift = (const ew_cue_lift *)all + i;
    return Py_BuildValue("(sINNNNN)", ew_cue_name((ew_cue_kind)i), lift->n, core_number(lift->share), core_number(lift->rest),
                         core_number(lift->log_odds), core_number(lift->z), core_number(lift->q));
}

static PyObject *part_item(const void *all, size_t i) {
    const ew_score_part *part = (const ew_score_part *)all + i;
    return Py_BuildValue("(sNNN)", ew_score_name((ew_score_term)i), core_number(part->value), core_number(part->weight),
                         core_number(part->factor));
}

static PyObject *share_item(const void *all, size_t i) {
    const ew_share *share = (const ew_share *)all + i;
    return Py_BuildValue("(NIN)", core_text(share->name), share->comments, core_number(share->ratio));
}

PyObject *core_indices(const uint32_t *index, size_t n) { return tuple(n, index, index_item); }
static PyObject *words(const char *const *all, size_t n) { return tuple(n, all, word_item); }
static PyObject *spans(const ew_span *all, size_t n) { return tuple(n, all, span_item); }
static PyObject *cues(const ew_cue *all, size_t n) { return tuple(n, all, cue_item); }
static PyObject *segments(const ew_segment *all, size_t n) { return tuple(n, all, segment_item); }

static PyObject *shares(ew_shares all) { return tuple(all.n, all.of, share_item); }

static PyObject *why(const ew_why *w) {
    return Py_BuildValue("{s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}", "list_score", core_number(w->list_score),
                         "significance", core_number(w->significance), "inside", core_number(w->inside),
                         "outside", core_number(w->outside), "expressed_share", core_number(w->expressed_share),
                         "quiet_share", core_number(w->quiet_share),
                         "top_customer", core_number(w->top_customer), "top_day", core_number(w->top_day),
                         "top_source", core_number(w->top_source), "condition", core_text(w->condition));
}

PyObject *core_need(const ew_need *need) {
    return Py_BuildValue(
        "{s:N,s:N,s:s,s:s,s:N,s:N,s:N,s:N,s:I,s:I,s:I,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
        "id", core_text(need->id), "name", core_text(need->name), "tier", ew_tier_name(need->tier),
        "kind", ew_kind_name(need->kind), "score", core_number(need->score), "q", core_number(need->q),
        "stability", core_number(need->stability), "fringe", core_number(need->fringe), "size", need->size,
        "families", need->families, "customers", need->customers, "comments", core_indices(need->comments, need->size),
        "exemplars", spans(need->exemplars, need->n_exemplars), "cues", cues(need->cues, need->n_cues),
        "cue_lift", tuple(EW_CUE_KINDS, need->lift, lift_item), "score_parts", tuple(EW_SCORE_TERMS, need->parts, part_item),
        "words", words(need->words, need->n_words), "theme", core_index(need->theme), "onset", core_text(need->onset),
        "alarm", core_text(need->alarm), "emerging", PyBool_FromLong(need->emerging),
        "segments", segments(need->segments, need->n_segments), "competitors", words(need->competitors, need->n_competitors),
        "products", words(need->products, need->n_products), "impact", core_number(need->impact),
        "impact_low", core_number(need->impact_low), "impact_high", core_number(need->impact_high), "alike", core_text(need->alike),
        "why", why(&need->why));
}

PyObject *core_theme(const ew_theme *theme) {
    return Py_BuildValue(
        "{s:N,s:N,s:N,s:I,s:N,s:I,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:I,s:I,s:I,s:I,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,"
        "s:N,s:N,s:N}",
        "id", core_text(theme->id),
        "name", core_text(theme->name), "parent", core_index(theme->parent), "level", theme->level,
        "rest", PyBool_FromLong(theme->rest), "size", theme->size,
        "words", words(theme->words, theme->n_words), "exemplars", spans(theme->exemplars, theme->n_exemplars),
        "share", core_number(theme->share), "share_low", core_number(theme->share_low),
        "share_high", core_number(theme->share_high), "rating", core_number(theme->rating),
        "rating_low", core_number(theme->rating_low), "rating_high", core_number(theme->rating_high),
        "families", theme->families, "customers", theme->customers, "rated", theme->rated, "timed", theme->timed,
        "length", core_indices(theme->length, 3), "languages", shares(theme->languages), "products", shares(theme->products),
        "segments", shares(theme->segments), "sources", shares(theme->sources), "first", core_text(theme->first),
        "last", core_text(theme->last), "onset", core_text(theme->onset), "alarm", core_text(theme->alarm),
        "emerging", PyBool_FromLong(theme->emerging), "weeks", core_indices(theme->weeks, theme->n_weeks),
        "trend", core_number(theme->trend), "trend_low", core_number(theme->trend_low),
        "trend_high", core_number(theme->trend_high));
}

static PyObject *time_of(int64_t time) {
    if (time == INT64_MIN) Py_RETURN_NONE;
    return PyLong_FromLongLong(time);
}

PyObject *core_comment(const ew_comment *c) {
    return Py_BuildValue("(NNNNNNzNNNNNNNN)", core_text(c->id), core_index(c->theme), core_indices(c->themes, c->n_themes),
                         core_index(c->need), core_indices(c->needs, c->n_needs), core_number(c->fringe), ew_noise_name(c->noise),
                         core_text(c->family), core_text(c->lang), core_text(c->product), core_text(c->customer),
                         core_text(c->segment), core_text(c->source), time_of(c->time), core_number(c->rating));
}

PyObject *core_counts(const ew_counts *counts) {
    PyObject *noise = PyDict_New();
    for (int i = EW_NOISE_NONE + 1; noise && i < EW_NOISE_KINDS; i++) {
        PyObject *number = PyLong_FromUnsignedLongLong(counts->noise[i]);
        if (!number || PyDict_SetItemString(noise, ew_noise_name((ew_noise)i), number) != 0) Py_CLEAR(noise);
        Py_XDECREF(number);
    }
    return Py_BuildValue("{s:K,s:K,s:K,s:N,s:K,s:K}", "read", (unsigned long long)counts->read, "in_themes",
                         (unsigned long long)counts->in_themes, "in_needs_only", (unsigned long long)counts->in_needs_only,
                         "noise", noise, "rejected", (unsigned long long)counts->rejected, "outside",
                         (unsigned long long)counts->outside);
}
