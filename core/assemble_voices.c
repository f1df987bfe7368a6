/* Of a need's comments, how many speak for themselves: copied wordings, further comments of one customer, and what takes part in
 * one conversation count once. */
#include "assemble_voices.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

/* Two people hardly come upon the same eight words in a row, nor upon the same three again and again: where texts of one need
 * share a run of eight, or (LONG ones) a third of the shorter one's threes, one form letter speaks. So it does where a third of a
 * comment's eights stand in MANY texts of the corpus: a letter, or the law that all of them quote. Below LEAST tokens people do
 * say the same. Of a comment in parts a third are dozens: there runs of six that SEVERAL such comments have will do, as letters
 * are turned a little by each who sends them. */
enum { LEAST = 12, LONG = 20, THREE = 3, SIX = 6, EIGHT = 8, SHARED = 3, SEVERAL = 3, MANY = 4 };

typedef struct runs { uint64_t *items; uint32_t n; } runs; /* hashes of tokens in a row, ascending, each once */
typedef struct wording { runs threes, eights; } wording;

static uint64_t tokens_of(const ew_token_lists *lists, uint32_t row) { return lists->start[row + 1] - lists->start[row]; }

static uint64_t run_at(const ew_token_lists *lists, uint32_t row, uint64_t i, uint32_t length) {
    return ew_hash_keyed(lists->ids + lists->start[row] + i, length * sizeof *lists->ids, length);
}

/* ---- runs that needs have, and in how many rows of the corpus they stand; sixes: in how many comments in parts ---- */

static void count_runs(ew_voices_of_corpus *v, uint32_t row, uint32_t length, uint32_t text, uint32_t texts) {
    const ew_token_lists *lists = &v->m->lists;
    for (uint64_t i = 0; i + length <= tokens_of(lists, row); i++)
        ew_census_count(&v->known, run_at(lists, row, i, length), text, texts);
}

/* A row may be a part of several comments, which say the same there. */
static void count_row(ew_voices_of_corpus *v, uint32_t row) {
    uint32_t comment = ew_row_comment(v->m, row), comments = v->m->rows.unit_start[row + 1] - v->m->rows.unit_start[row];
    count_runs(v, row, EIGHT, row, 1);
    if (ew_units_of(v->m, comment).n > 1) count_runs(v, row, SIX, comment, comments);
}

typedef uint64_t on_row(ew_voices_of_corpus *v, uint32_t row, uint32_t length);

/* The sum over the rows of a comment, with the length of its runs. */
static uint64_t each_row(ew_voices_of_corpus *v, uint32_t comment, on_row *what) {
    ew_unit_span span = ew_units_of(v->m, comment);
    uint64_t sum = 0;
    for (uint32_t u = span.first; u < span.first + span.n; u++) sum += what(v, v->m->rows.row_of[u], span.n > 1 ? SIX : EIGHT);
    return sum;
}

static uint64_t runs_in(ew_voices_of_corpus *v, uint32_t row, uint32_t length) {
    uint64_t n = tokens_of(&v->m->lists, row);
    return n < length ? 0 : n - length + 1;
}

static uint64_t known_in(ew_voices_of_corpus *v, uint32_t row, uint32_t length) {
    uint64_t known = 0;
    for (uint64_t i = 0; i < runs_in(v, row, length); i++)
        known += ew_census_of(&v->known, run_at(&v->m->lists, row, i, length)) >= (length == SIX ? SEVERAL : MANY);
    return known;
}

static uint64_t enter(ew_voices_of_corpus *v, uint32_t row, uint32_t length) {
    for (uint64_t i = 0; i < runs_in(v, row, length); i++) ew_census_enter(&v->known, run_at(&v->m->lists, row, i, length));
    return 0;
}

/* The sum over the comments of needs, each once. */
static uint64_t each_comment(ew_voices_of_corpus *v, on_row *what) {
    const ew_mining *m = v->m;
    uint64_t sum = 0;
    v->mark++;
    for (uint32_t k = 0; k < m->run->n_needs; k++)
        for (uint32_t i = 0; i < m->run->needs[k].size; i++) {
            uint32_t comment = m->run->needs[k].comments[i];
            if (v->comment[comment] == v->mark) continue;
            v->comment[comment] = v->mark;
            sum += each_row(v, comment, what);
        }
    return sum;
}

ew_status ew_voices_begin(const ew_mining *m, ew_voices_of_corpus *out, ew_error *err) {
    const ew_corpus *corpus = &m->run->corpus;
    ew_status status = EW_OK;
    *out = (ew_voices_of_corpus){.m = m};
    out->comment = ew_calloc(corpus->n, sizeof *out->comment);
    out->customer = ew_calloc((size_t)corpus->customers.size + 1, sizeof *out->customer);
    if (!out->comment || !out->customer) {
        status = ew_fail_memory(err, (uint64_t)corpus->n * sizeof *out->comment, "voices");
        goto done;
    }
    EW_TRY(ew_census_init(&out->known, each_comment(out, runs_in), "voices", err));
    each_comment(out, enter);
    for (uint32_t row = 0; row < m->lists.n; row++) count_row(out, row);
    EW_TRY(ew_tags_begin(m, &out->tags, err));
done:
    if (status != EW_OK) ew_voices_end(out);
    return status;
}

void ew_voices_end(ew_voices_of_corpus *v) {
    ew_census_free(&v->known);
    ew_free(v->comment);
    ew_free(v->customer);
    ew_tags_end(&v->tags);
    *v = (ew_voices_of_corpus){0};
}

static int is_letter(ew_voices_of_corpus *v, uint32_t row) {
    uint32_t comment = ew_row_comment(v->m, row);
    uint64_t all = each_row(v, comment, runs_in);
    return all + EIGHT > LEAST && each_row(v, comment, known_in) * SHARED >= all;
}

/* ---- within a need ---- */

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* items has room for the row's tokens. */
static runs runs_of(const ew_token_lists *lists, uint32_t row, uint32_t length, uint64_t *items) {
    uint64_t n = tokens_of(lists, row);
    runs out = {items, 0};
    if (n < LEAST) return out;
    for (uint64_t i = 0; i + length <= n; i++) items[i] = run_at(lists, row, i, length);
    qsort(items, n - length + 1, sizeof *items, ascending);
    for (uint64_t i = 0; i + length <= n; i++)
        if (!i || items[i] != items[i - 1]) items[out.n++] = items[i];
    return out;
}

static uint32_t common(runs a, runs b) {
    uint32_t n = 0;
    for (uint32_t i = 0, j = 0; i < a.n && j < b.n;) {
        n += a.items[i] == b.items[j];
        if (a.items[i] <= b.items[j]) i++;
        else j++;
    }
    return n;
}

static int is_copy(wording a, wording b) {
    uint32_t least = a.threes.n < b.threes.n ? a.threes.n : b.threes.n;
    return common(a.eights, b.eights) || (least + THREE > LONG && common(a.threes, b.threes) * SHARED >= least);
}

/* Comments of the row that nobody counted yet, and how many customers among them are new. */
static void hear_row(ew_voices_of_corpus *v, uint32_t row, uint32_t *comments, uint32_t *customers) {
    const ew_mining *m = v->m;
    *comments = *customers = 0;
    for (uint32_t u = m->rows.unit_start[row]; u < m->rows.unit_start[row + 1]; u++) {
        uint32_t comment = m->units.comment[m->rows.unit[u]], customer = m->run->corpus.customer[comment];
        if (v->comment[comment] == v->mark) continue;
        v->comment[comment] = v->mark;
        ++*comments;
        if (customer && v->customer[customer] == v->mark) continue;
        if (customer) v->customer[customer] = v->mark;
        ++*customers;
    }
}

ew_status ew_voices_of(ew_voices_of_corpus *v, const ew_found *found, const ew_need *need, ew_own *out, ew_error *err) {
    const ew_token_lists *lists = &v->m->lists;
    uint32_t n = found->group.size, leaders = 0, comments, customers;
    uint64_t tokens = 0;
    ew_talk talk = ew_tags_talk(&v->tags, found, need);
    int letters = 0, talks = 0;
    *out = (ew_own){0};
    for (uint32_t i = 0; i < n; i++) tokens += tokens_of(lists, found->rows[i]);
    uint64_t *room = ew_alloc(2 * tokens, sizeof *room), *next = room;
    wording *led = ew_alloc(n, sizeof *led);
    if (!room || !led) {
        ew_free(room);
        ew_free(led);
        return ew_fail_memory(err, 2 * tokens * sizeof *room, "voices");
    }
    v->mark++;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t length = tokens_of(lists, found->rows[i]);
        wording mine = {runs_of(lists, found->rows[i], THREE, next), runs_of(lists, found->rows[i], EIGHT, next + length)};
        int letter = is_letter(v, found->rows[i]), talking = ew_tags_joins(&v->tags, &talk, found->rows[i]);
        int copy = (letter && letters) || (talking && talks);
        for (uint32_t l = 0; l < leaders && !copy; l++) copy = is_copy(led[l], mine);
        hear_row(v, found->rows[i], &comments, &customers);
        out->comments += comments;
        if (copy) continue;
        letters += letter;
        talks += talking;
        out->voices += mine.threes.n && customers ? 1 : customers; /* of a long text many have, one wrote it */
        if (!mine.threes.n) continue;
        led[leaders++] = mine;
        next += 2 * length;
    }
    ew_free(room);
    ew_free(led);
    return EW_OK;
}
