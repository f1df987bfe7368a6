/* Writing model.bin, part by part; of the comments only their order is held. */
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/output.h"
#include "places_inside.h"

/* Bytes on their way to the file, hashed block by block. */
typedef struct { ew_output out; uint64_t digest, total; size_t n; char block[EW_PLACES_BLOCK]; } writer;
typedef struct { uint64_t text; uint32_t who, comment; } key;
typedef struct { const char *id; uint32_t at; } named;

static ew_status flush(writer *w, ew_error *err) {
    w->digest = ew_places_digest(w->digest, w->block, w->n);
    ew_status status = ew_output_write(&w->out, w->block, w->n, err);
    w->n = 0;
    return status;
}

static ew_status put(writer *w, const void *bytes, size_t n, ew_error *err) {
    const char *from = bytes;
    w->total += n;
    while (n) {
        size_t part = sizeof w->block - w->n < n ? sizeof w->block - w->n : n;
        memcpy(w->block + w->n, from, part);
        w->n += part;
        from += part;
        n -= part;
        ew_status status = w->n == sizeof w->block ? flush(w, err) : EW_OK;
        if (status != EW_OK) return status;
    }
    return EW_OK;
}

static ew_status fill_up(writer *w, ew_error *err) {
    static const char zeros[8];
    return put(w, zeros, (size_t)(-w->total % 8), err);
}

static int by_text(const void *a, const void *b) {
    const key *x = a, *y = b;
    if (x->text != y->text) return x->text < y->text ? -1 : 1;
    if (x->who != y->who) return x->who < y->who ? -1 : 1;
    return x->comment < y->comment ? -1 : x->comment > y->comment;
}

static int by_id(const void *a, const void *b) {
    const named *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

/* Needs were remembered before they were ranked: from[i] is where the run's i-th stands in p->needs. */
static ew_status order_needs(const ew_run *run, const ew_places *p, uint32_t *from, ew_error *err) {
    named *have = ew_alloc(p->n_needs, sizeof *have), *want = ew_alloc(run->n_needs, sizeof *want);
    ew_status status = have && want ? EW_OK : ew_fail_memory(err, run->n_needs * sizeof *want, "needs");
    if (status == EW_OK && p->n_needs != run->n_needs)
        status = ew_fail(err, EW_INTERNAL, "the needs that were remembered are not those of the run");
    for (uint32_t i = 0; status == EW_OK && i < run->n_needs; i++) {
        have[i] = (named){p->needs[i].id, i};
        want[i] = (named){run->needs[i].id, i};
    }
    if (status == EW_OK) {
        qsort(have, run->n_needs, sizeof *have, by_id);
        qsort(want, run->n_needs, sizeof *want, by_id);
        for (uint32_t i = 0; i < run->n_needs; i++) from[want[i].at] = have[i].at;
    }
    ew_free(have);
    ew_free(want);
    return status;
}

static ew_status put_head(writer *w, const ew_run *run, const ew_places *p, ew_error *err) {
    ew_places_head head = {.magic = EW_PLACES_MAGIC, .version = EW_VERSION, .width = p->width, .stride = p->stride,
                           .corpus_d = p->corpus_d, .weight = p->weight, .scale = p->scale, .n_terms = p->n_terms,
                           .n_lines = p->n_lines, .n_themes = p->n_themes, .n_needs = p->n_needs, .n_known = run->corpus.n,
                           .n_members = run->need_start ? run->need_start[run->corpus.n] : 0};
    _Static_assert(sizeof head == 144, "no holes: their bytes would be anything");
    memcpy(head.encoder, p->encoder, sizeof head.encoder);
    memcpy(head.model, p->model, sizeof head.model);
    return put(w, &head, sizeof head, err);
}

/* Columns of the comments in the order of their keys; themes are counted from the finest level's first. */
static ew_status put_known(writer *w, const ew_run *run, const key *keys, uint32_t finest, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t n = run->corpus.n;
    for (uint32_t i = 0; i < n; i++) EW_TRY(put(w, &keys[i].text, sizeof keys->text, err));
    for (uint32_t i = 0; i < n; i++) EW_TRY(put(w, &keys[i].who, sizeof keys->who, err));
    EW_TRY(fill_up(w, err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t theme = run->theme[keys[i].comment];
        if (theme != EW_NONE) theme -= finest;
        EW_TRY(put(w, &theme, sizeof theme, err));
    }
    EW_TRY(fill_up(w, err));
    for (uint32_t i = 0; i < n; i++) EW_TRY(put(w, &run->fringe[keys[i].comment], sizeof *run->fringe, err));
    EW_TRY(fill_up(w, err));
    for (uint32_t i = 0; i < n; i++) EW_TRY(put(w, &run->noise[keys[i].comment], 1, err));
    EW_TRY(fill_up(w, err));
    for (uint32_t i = 0; run->need_start && i < n; i++)
        for (uint64_t k = run->need_start[keys[i].comment]; k < run->need_start[keys[i].comment + 1]; k++)
            EW_TRY(put(w, &(ew_member){i, run->need_of[k]}, sizeof(ew_member), err));
done:
    return status;
}

static ew_status put_places(writer *w, const ew_run *run, const ew_places *p, const key *keys, const uint32_t *from,
                            ew_error *err) {
    ew_status status;
    uint32_t finest = run->n_themes - (uint32_t)p->n_themes;
    EW_TRY(put_head(w, run, p, err));
    EW_TRY(put(w, p->mean, p->width * sizeof *p->mean, err));
    EW_TRY(fill_up(w, err));
    EW_TRY(put(w, p->terms, p->n_terms * sizeof *p->terms, err));
    EW_TRY(fill_up(w, err));
    EW_TRY(put(w, p->directions, p->n_terms * p->corpus_d * sizeof *p->directions, err));
    EW_TRY(fill_up(w, err));
    EW_TRY(put(w, p->lines, p->n_lines * sizeof *p->lines, err));
    for (uint32_t i = 0; i < p->n_themes; i++) { /* ids were given after the centres were made */
        ew_place place = {.least = p->themes[i].least};
        strncpy(place.id, run->themes[finest + i].id, sizeof place.id - 1);
        EW_TRY(put(w, &place, sizeof place, err));
    }
    EW_TRY(put(w, p->theme_centres, p->n_themes * p->stride, err));
    for (uint32_t i = 0; i < p->n_needs; i++) EW_TRY(put(w, &p->needs[from[i]], sizeof *p->needs, err));
    for (uint32_t i = 0; i < p->n_needs; i++) EW_TRY(put(w, p->need_centres + (size_t)from[i] * p->stride, p->stride, err));
    EW_TRY(put_known(w, run, keys, finest, err));
    EW_TRY(flush(w, err));
    EW_TRY(ew_output_write(&w->out, &w->digest, sizeof w->digest, err));
done:
    return status;
}

ew_status ew_places_write(const ew_run *run, const char *path, ew_error *err) {
    const ew_corpus *c = &run->corpus;
    ew_places none = {.encoder = "vectors", .scale = 1};
    ew_run bare = *run; /* without places there is nobody to know either */
    const ew_places *p = run->places;
    ew_status status;
    if (!p) {
        bare.corpus.n = bare.n_needs = bare.n_themes = 0;
        bare.need_start = NULL;
        p = &none;
    }
    uint32_t n = bare.corpus.n;
    key *keys = ew_alloc_spilled(n, sizeof *keys);
    uint32_t *from = ew_alloc(bare.n_needs, sizeof *from);
    writer *w = ew_calloc(1, sizeof *w);
    if (!keys || !from || !w) {
        status = ew_fail_memory(err, n * sizeof *keys, "comments");
        goto done;
    }
    for (uint32_t i = 0; i < n; i++)
        keys[i] = (key){ew_text_name(ew_corpus_text(c, i)), ew_id_name(ew_corpus_id(c, i), strlen(ew_corpus_id(c, i))), i};
    qsort(keys, n, sizeof *keys, by_text);
    EW_TRY(order_needs(&bare, p, from, err));
    EW_TRY(ew_output_open(&w->out, path, err));
    EW_TRY(put_places(w, &bare, p, keys, from, err));
    EW_TRY(ew_output_commit(&w->out, err));
done:
    if (w) ew_output_abandon(&w->out);
    ew_free(w);
    ew_free(keys);
    ew_free(from);
    return status;
}
