/* assign: later comments -> the themes and needs of a finished run, block by block; nothing is fitted again.
 *
 * A comment that was in the run gets what it got there. Another is cut into units, embedded as the run's were, and each unit goes
 * to the nearest theme and the nearest need, if it lies within their limits; the comment's theme is that of most tokens. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/output.h"
#include "context/places.h"
#include "context/put.h"
#include "mining.h"

enum { MOST = 8192 };                         /* comments of a block, at least one batch of the reader */
static const size_t BYTES = (size_t)8 << 20; /* of text, about */

typedef struct block {
    ew_corpus comments;        /* views of the columns below */
    ew_buffer text, ids;
    uint32_t capacity;
    uint32_t *known;           /* [comments] in places; EW_NONE */
    uint8_t *skip;             /* [comments] known already */
} block;

typedef struct assigning {
    ew_mining m;
    ew_places places;
    ew_centres themes, needs;
    ew_lsa lsa;
    ew_reader *reader;
    ew_output out;
    ew_buffer lines;
    block block;
    uint64_t n, *votes;        /* votes [themes]: tokens, all zero between comments */
    uint32_t *found;           /* needs of a comment */
    uint32_t room;
} assigning;

/* ---- what the run has left ---- */

static ew_status centres_of(const int8_t *rows, uint64_t n, uint32_t stride, ew_centres *out, ew_error *err) {
    ew_status status = ew_centres_create((uint32_t)n, stride, out, err);
    if (status == EW_OK && n) memcpy(out->rows, rows, (size_t)n * stride);
    return status;
}

static ew_status open_encoder(assigning *a, const char *path, ew_error *err) {
    ew_mining *m = &a->m;
    const ew_places *p = &a->places;
    const char *digest;
    ew_status status;
    if (strcmp(p->encoder, "vectors") == 0)
        return ew_fail(err, EW_INPUT, "the run of '%s' was made with vectors given in, which later comments cannot get", path);
    if (strcmp(p->encoder, "deep") == 0 && !m->run->options.deep)
        return ew_fail(err, EW_INPUT, "the run of '%s' was made with the deep encoder: give its weights (--weights)", path);
    EW_TRY(ew_encoder_start(m, p->encoder, &digest, err));
    if (strcmp(digest, p->model) != 0)
        return ew_fail(err, EW_INPUT, "the run of '%s' was made with model %s, this is %s: give the same one (%s)", path,
                       p->model, digest, m->deep ? "--weights" : "--model");
    if (ew_encoder_width(&m->encoder) != p->width || (p->n_terms && p->terms[p->n_terms - 1] >= m->model.vocab))
        return ew_fail(err, EW_INPUT, "'%s' does not fit its model; run mine again", path);
done:
    return status;
}

static ew_status open_places(assigning *a, const char *dir, ew_error *err) {
    const ew_places *p = &a->places;
    ew_status status = EW_OK;
    size_t n = strlen(dir) + 16;
    char *path = ew_alloc(n, 1);
    if (!path) return ew_fail_memory(err, n, "a file name");
    snprintf(path, n, "%s/model.bin", dir);
    EW_TRY(ew_places_read(path, &a->places, err));
    EW_TRY(open_encoder(a, path, err));
    EW_TRY(centres_of(p->theme_centres, p->n_themes, p->stride, &a->themes, err));
    EW_TRY(centres_of(p->need_centres, p->n_needs, p->stride, &a->needs, err));
    a->lsa = (ew_lsa){.vocab = a->m.model.vocab, .d = p->corpus_d};
    a->lsa.table = ew_calloc((size_t)a->lsa.vocab * p->corpus_d, sizeof *a->lsa.table);
    a->votes = ew_calloc(p->n_themes, sizeof *a->votes);
    if (!a->lsa.table || !a->votes) {
        status = ew_fail_memory(err, (size_t)a->lsa.vocab * p->corpus_d * sizeof *a->lsa.table, "the corpus part");
        goto done;
    }
    for (uint64_t i = 0; i < p->n_terms; i++)
        memcpy(a->lsa.table + (size_t)p->terms[i] * p->corpus_d, p->directions + i * p->corpus_d,
               p->corpus_d * sizeof *a->lsa.table);
    EW_TRY(ew_boilerplate_of_names(p->lines, p->n_lines, &a->m.boilerplate, err));
done:
    ew_free(path);
    return status;
}

/* ---- a block of comments ---- */

static ew_status make_room(block *b, uint32_t n, ew_error *err) {
    ew_corpus *c = &b->comments;
    if (n <= b->capacity) return EW_OK;
    struct { void **at; size_t size; } columns[] = {
        {(void **)&c->text_at, sizeof *c->text_at}, {(void **)&c->text_length, sizeof *c->text_length},
        {(void **)&c->id_at, sizeof *c->id_at},     {(void **)&c->lang, sizeof *c->lang},
        {(void **)&b->known, sizeof *b->known},     {(void **)&b->skip, sizeof *b->skip}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        void *more = ew_realloc(*columns[i].at, n, columns[i].size);
        if (!more) return ew_fail_memory(err, n * columns[i].size, "comments");
        *columns[i].at = more;
    }
    b->capacity = n;
    return EW_OK;
}

static ew_status add_comment(assigning *a, const ew_record *record, ew_error *err) {
    block *b = &a->block;
    ew_corpus *c = &b->comments;
    ew_view parts[EW_TEXT_PARTS], id = record->fields[EW_COL_ID], lang = record->fields[EW_COL_LANG];
    uint32_t i = c->n, n_parts = ew_record_text(record, parts);
    ew_status status;
    c->text_at[i] = b->text.length;
    for (uint32_t p = 0; p < n_parts; p++) EW_TRY(ew_buffer_append(&b->text, parts[p].data, parts[p].length, err));
    c->text_length[i] = (uint32_t)(b->text.length - c->text_at[i]);
    c->id_at[i] = b->ids.length;
    if (id.length)
        EW_TRY(ew_buffer_append(&b->ids, id.data, id.length, err));
    else
        EW_TRY(ew_buffer_printf(&b->ids, err, "row-%" PRIu64, a->n + i));
    c->lang[i] = 0;
    if (lang.length) EW_TRY(ew_dict_add(&c->langs, lang.data, lang.length, &c->lang[i], err));
    c->n++;
done:
    return status;
}

/* The next comments, n 0 at the end. Batches of the reader are taken whole, so a block's end depends on the input alone. */
static ew_status fill(assigning *a, ew_error *err) {
    block *b = &a->block;
    ew_batch batch;
    ew_status status;
    b->comments.n = 0;
    ew_buffer_clear(&b->text);
    ew_buffer_clear(&b->ids);
    if (b->comments.langs.starts) ew_dict_free(&b->comments.langs); /* a column of languages with a million values stays small */
    EW_TRY(ew_dict_init(&b->comments.langs, err));
    while (b->comments.n < MOST && b->text.length < BYTES) {
        EW_TRY(ew_reader_next(a->reader, &batch, err));
        if (!batch.n) break;
        EW_TRY(make_room(b, b->comments.n + batch.n, err));
        for (uint32_t i = 0; i < batch.n; i++) EW_TRY(add_comment(a, &batch.records[i], err));
    }
    EW_TRY(ew_buffer_append(&b->text, "", 1, err)); /* never NULL */
    b->comments.spool.map = b->text.data;
    for (uint32_t i = 0; i < b->comments.n; i++) {
        size_t end = i + 1 < b->comments.n ? b->comments.id_at[i + 1] : b->ids.length, at = b->comments.id_at[i];
        uint64_t text = ew_text_name(ew_corpus_text(&b->comments, i));
        b->known[i] = ew_places_known(&a->places, text, ew_id_name(b->ids.data + at, end - at));
        b->skip[i] = b->known[i] != EW_NONE;
    }
done:
    return status;
}

/* ---- where they go ---- */

typedef struct { uint32_t *theme, *need; int32_t *theme_dot, *need_dot; ew_units units; ew_vectors vectors; } placing;

static void placing_free(placing *p) {
    ew_free(p->theme);
    ew_free(p->need);
    ew_free(p->theme_dot);
    ew_free(p->need_dot);
    ew_units_free(&p->units);
    ew_vectors_free(&p->vectors);
}

static ew_status place(assigning *a, placing *p, ew_error *err) {
    ew_mining *m = &a->m;
    ew_status status;
    EW_TRY(ew_units_build(&a->block.comments, m->boilerplate, a->block.skip, m->tokenizer, m->pool, &p->units, err));
    uint32_t n = p->units.n;
    ew_token_lists lists = {n, p->units.token_start, p->units.tokens};
    EW_TRY(ew_vectors_place(&m->encoder, &lists, a->places.mean, &a->lsa, a->places.weight, a->places.scale, m->pool, &p->vectors,
                            err));
    p->theme = ew_alloc(n, sizeof *p->theme);
    p->need = ew_alloc(n, sizeof *p->need);
    p->theme_dot = ew_alloc(n, sizeof *p->theme_dot);
    p->need_dot = ew_alloc(n, sizeof *p->need_dot);
    if (!p->theme || !p->need || !p->theme_dot || !p->need_dot) {
        status = ew_fail_memory(err, n * 16, "comments");
        goto done;
    }
    EW_TRY(ew_centres_assign(&p->vectors, &a->themes, m->pool, p->theme, p->theme_dot, NULL, err));
    EW_TRY(ew_centres_assign(&p->vectors, &a->needs, m->pool, p->need, p->need_dot, NULL, err));
done:
    return status;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Units first .. end of one comment: its theme (ties: the larger one), and its needs in a->found, best first. */
static ew_status decide(assigning *a, const placing *p, uint32_t first, uint32_t end, uint32_t *theme, uint32_t *n_needs,
                        ew_error *err) {
    const ew_places *known = &a->places;
    uint64_t most = 0;
    *theme = EW_NONE;
    *n_needs = 0;
    if (end - first > a->room) {
        uint32_t *more = ew_realloc(a->found, end - first, sizeof *more);
        if (!more) return ew_fail_memory(err, (end - first) * sizeof *more, "needs");
        a->found = more;
        a->room = end - first;
    }
    for (uint32_t u = first; u < end; u++) {
        if (known->n_themes && p->theme_dot[u] >= known->themes[p->theme[u]].least)
            a->votes[p->theme[u]] += p->units.token_start[u + 1] - p->units.token_start[u];
        if (known->n_needs && p->need_dot[u] >= known->needs[p->need[u]].least) a->found[(*n_needs)++] = p->need[u];
    }
    for (uint32_t u = first; known->n_themes && u < end; u++) {
        uint64_t votes = a->votes[p->theme[u]];
        if (!votes || votes < most || (votes == most && p->theme[u] > *theme)) continue;
        most = votes;
        *theme = p->theme[u];
    }
    for (uint32_t u = first; known->n_themes && u < end; u++) a->votes[p->theme[u]] = 0;
    if (*n_needs < 2) return EW_OK;
    qsort(a->found, *n_needs, sizeof *a->found, ascending);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < *n_needs; i++)
        if (a->found[i] != a->found[kept - 1]) a->found[kept++] = a->found[i];
    *n_needs = kept;
    return EW_OK;
}

static void put_needs(ew_put *put, const ew_places *p, const uint32_t *needs, const ew_member *members, uint32_t n) {
    ew_put_field_text(put, "need", n ? p->needs[needs ? needs[0] : members[0].need].id : NULL);
    if (n < 2) return;
    ew_put_key(put, "needs");
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < n; i++) ew_put_text(put, p->needs[needs ? needs[i] : members[i].need].id);
    ew_put_close(put, ']');
}

static ew_status write_comment(assigning *a, const placing *p, uint32_t i, uint32_t *unit, ew_error *err) {
    const ew_places *known = &a->places;
    const block *b = &a->block;
    uint32_t at = b->known[i], theme, n_needs = 0, first = *unit;
    uint8_t noise = p->units.noise[i];
    size_t id = b->comments.id_at[i], id_end = i + 1 < b->comments.n ? b->comments.id_at[i + 1] : b->ids.length;
    uint64_t member = 0;
    float fringe = NAN;
    ew_status status = EW_OK;
    while (*unit < p->units.n && p->units.comment[*unit] == i) ++*unit;
    if (at != EW_NONE) {
        theme = known->theme[at];
        noise = known->noise[at];
        fringe = known->fringe[at];
        n_needs = ew_places_needs(known, at, &member);
    } else {
        EW_TRY(decide(a, p, first, *unit, &theme, &n_needs, err));
        if (*unit > first && theme == EW_NONE) noise = EW_NOISE_LONE_VOICE;
    }
    if (theme != EW_NONE || n_needs) noise = EW_NOISE_NONE;
    ew_put put = {&a->lines, err, EW_OK};
    ew_put_open(&put, '{');
    ew_put_key(&put, "id");
    ew_put_bytes(&put, b->ids.data + id, id_end - id);
    ew_put_field_text(&put, "theme", theme == EW_NONE ? NULL : known->themes[theme].id);
    ew_put_field_number(&put, "fringe", (double)fringe, 6);
    put_needs(&put, known, at == EW_NONE ? a->found : NULL, known->members + member, n_needs);
    ew_put_field_text(&put, "noise", ew_noise_name((ew_noise)noise));
    ew_put_field_some(&put, "lang", p->units.lang[i]);
    ew_put_key(&put, "known");
    ew_put_flag(&put, at != EW_NONE);
    ew_put_close(&put, '}');
    ew_put_raw(&put, "\n");
    status = put.status;
done:
    return status;
}

static ew_status one_block(assigning *a, ew_error *err) {
    placing p = {0};
    uint32_t unit = 0;
    ew_status status;
    ew_buffer_clear(&a->lines);
    EW_TRY(place(a, &p, err));
    for (uint32_t i = 0; i < a->block.comments.n; i++) EW_TRY(write_comment(a, &p, i, &unit, err));
    EW_TRY(ew_output_write(&a->out, a->lines.data, a->lines.length, err));
    a->n += a->block.comments.n;
done:
    placing_free(&p);
    return status;
}

static ew_status run(assigning *a, const char *dir, const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                     ew_error *err) {
    ew_status status;
    EW_TRY(ew_mining_begin(&a->m, inputs, n, options, err));
    EW_TRY(ew_mining_tick(&a->m, "assign", 0, 0, err));
    double begun = ew_wall();
    EW_TRY(open_places(a, dir, err));
    ew_stopwatch_add(&a->m.run->timings, "open", begun);
    EW_TRY(ew_reader_open(inputs, n, &a->m.run->options, &a->reader, err));
    EW_TRY(ew_output_open(&a->out, path, err));
    for (;;) {
        begun = ew_wall();
        EW_TRY(fill(a, err));
        ew_stopwatch_add(&a->m.run->timings, "read", begun);
        if (!a->block.comments.n) break;
        EW_TRY(ew_mining_tick(&a->m, "assign", a->n, 0, err));
        begun = ew_wall();
        EW_TRY(one_block(a, err));
        ew_stopwatch_add(&a->m.run->timings, "assign", begun);
    }
    EW_TRY(ew_output_commit(&a->out, err));
done:
    return status;
}

ew_status ew_assign_file(const char *dir, const ew_input *inputs, size_t n, const ew_options *options, const char *path,
                         uint64_t *n_out, ew_error *err) {
    assigning a = {.out = {.file = -1},
                   .lines = EW_BUFFER_INIT(EW_BUFFER_ANY),
                   .block = {.text = EW_BUFFER_INIT(EW_BUFFER_ANY), .ids = EW_BUFFER_INIT(EW_BUFFER_ANY)}};
    ew_status status = run(&a, dir, inputs, n, options, path, err);
    if (a.reader) ew_remember_rejects(ew_reader_rejects(a.reader));
    if (n_out) *n_out = status == EW_OK ? a.n : 0;
    if (a.m.run) ew_remember_timings(&a.m.run->timings);
    ew_output_abandon(&a.out);
    ew_reader_close(a.reader);
    ew_corpus *c = &a.block.comments;
    void *owned[] = {c->text_at, c->text_length, c->id_at, c->lang, a.block.known, a.block.skip, a.votes, a.found};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) ew_free(owned[i]);
    if (c->langs.starts) ew_dict_free(&c->langs);
    ew_buffer_free(&a.block.text);
    ew_buffer_free(&a.block.ids);
    ew_buffer_free(&a.lines);
    ew_lsa_free(&a.lsa);
    ew_centres_free(&a.themes);
    ew_centres_free(&a.needs);
    ew_places_free(&a.places);
    ew_mining_end(&a.m);
    return status;
}
