/* Reading model.bin and looking things up in it. */
#include "places.h"

#include <math.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../vectors/import.h"
#include "places_inside.h"

void ew_places_free(ew_places *p) {
    ew_places_part parts[EW_PLACES_PARTS];
    if (p->owned) {
        ew_free(p->owned);
    } else {
        ew_places_parts(p, parts);
        for (int i = 0; i < EW_PLACES_PARTS; i++) ew_free(*parts[i].at);
    }
    *p = (ew_places){0};
}

void ew_places_parts(ew_places *p, ew_places_part out[EW_PLACES_PARTS]) {
    ew_places_part parts[EW_PLACES_PARTS] = {
        {(void **)&p->mean, sizeof *p->mean, p->width},
        {(void **)&p->terms, sizeof *p->terms, p->n_terms},
        {(void **)&p->directions, sizeof *p->directions, p->n_terms * p->corpus_d},
        {(void **)&p->lines, sizeof *p->lines, p->n_lines},
        {(void **)&p->themes, sizeof *p->themes, p->n_themes},
        {(void **)&p->theme_centres, 1, p->n_themes * p->stride},
        {(void **)&p->needs, sizeof *p->needs, p->n_needs},
        {(void **)&p->need_centres, 1, p->n_needs * p->stride},
        {(void **)&p->text, sizeof *p->text, p->n_known},
        {(void **)&p->who, sizeof *p->who, p->n_known},
        {(void **)&p->theme, sizeof *p->theme, p->n_known},
        {(void **)&p->fringe, sizeof *p->fringe, p->n_known},
        {(void **)&p->noise, sizeof *p->noise, p->n_known},
        {(void **)&p->members, sizeof *p->members, p->n_members},
    };
    memcpy(out, parts, sizeof parts);
}

static ew_status broken(const char *name, const char *what, ew_error *err) {
    return ew_fail(err, EW_INPUT, "'%s' is not whole or not what edgewise wrote (%s); run mine again", name, what);
}

static int is_text(const char *text, size_t n) { return memchr(text, 0, n) != NULL; }

static ew_status read_head(const char *name, const ew_places_head *head, ew_places *out, ew_error *err) {
    if (memcmp(head->magic, EW_PLACES_MAGIC, sizeof head->magic) != 0) return broken(name, "its first bytes", err);
    if (!is_text(head->version, sizeof head->version) || strcmp(head->version, EW_VERSION) != 0)
        return ew_fail(err, EW_INPUT, "'%s' was written by another version of edgewise than this one, %s; run mine again", name,
                       EW_VERSION);
    if (!is_text(head->encoder, sizeof head->encoder) || !is_text(head->model, sizeof head->model))
        return broken(name, "its encoder", err);
    *out = (ew_places){.width = head->width, .stride = head->stride, .corpus_d = head->corpus_d, .weight = head->weight,
                       .scale = head->scale, .n_terms = head->n_terms, .n_lines = head->n_lines, .n_themes = head->n_themes,
                       .n_needs = head->n_needs, .n_known = head->n_known, .n_members = head->n_members};
    memcpy(out->encoder, head->encoder, sizeof out->encoder);
    memcpy(out->model, head->model, sizeof out->model);
    int sizes = head->width <= EW_PLACES_WIDTH && head->corpus_d <= 64 && head->stride % 64 == 0 &&
                head->stride <= EW_PLACES_WIDTH + 64 && head->width + head->corpus_d <= head->stride;
    for (const uint64_t *count = &head->n_terms; count <= &head->n_members; count++) sizes = sizes && *count < EW_NONE;
    if (!sizes || !isfinite(head->weight) || !isfinite(head->scale) || head->weight < 0 || !(head->scale > 0))
        return broken(name, "its sizes", err);
    return EW_OK;
}

static int all_finite(const float *x, uint64_t n) {
    for (uint64_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return 0;
    return 1;
}

static int ids_are_text(const ew_place *places, uint64_t n) {
    for (uint64_t i = 0; i < n; i++)
        if (!is_text(places[i].id, sizeof places[i].id)) return 0;
    return 1;
}

/* The digest says that these are the bytes that were written; a file made on purpose is checked all the same. */
static const char *wrong(const ew_places *p) {
    if (!all_finite(p->mean, p->width) || !all_finite(p->directions, p->n_terms * p->corpus_d)) return "a number";
    if (!ids_are_text(p->themes, p->n_themes) || !ids_are_text(p->needs, p->n_needs)) return "an id";
    for (uint64_t i = 1; i < p->n_terms; i++)
        if (p->terms[i] <= p->terms[i - 1]) return "the order of its terms";
    for (uint64_t i = 0; i < p->n_known; i++) {
        if (p->theme[i] != EW_NONE && p->theme[i] >= p->n_themes) return "a theme";
        if (p->noise[i] >= EW_NOISE_KINDS || isinf(p->fringe[i])) return "a comment";
        if (i && (p->text[i] < p->text[i - 1] || (p->text[i] == p->text[i - 1] && p->who[i] < p->who[i - 1])))
            return "the order of its comments";
    }
    for (uint64_t i = 0; i < p->n_members; i++) {
        if (p->members[i].known >= p->n_known || p->members[i].need >= p->n_needs) return "a need's comment";
        if (i && p->members[i].known < p->members[i - 1].known) return "the order of the needs' comments";
    }
    return NULL;
}

ew_status ew_places_parse(const char *name, void *bytes, size_t n, ew_places *out, ew_error *err) {
    ew_places_part parts[EW_PLACES_PARTS];
    ew_status status = EW_OK;
    const char *what = NULL;
    *out = (ew_places){0};
    size_t at = sizeof(ew_places_head);
    if (n < at + sizeof(uint64_t))
        status = broken(name, "it is too short", err);
    else
        status = read_head(name, bytes, out, err);
    if (status != EW_OK) goto done;
    ew_places_parts(out, parts);
    for (int i = 0; i < EW_PLACES_PARTS; i++) { /* counts are below 2^32, items below 2^14: no overflow */
        uint64_t size = (parts[i].item * parts[i].count + 7) / 8 * 8;
        if (size > n - at) {
            status = broken(name, "it ends early", err);
            goto done;
        }
        *parts[i].at = (char *)bytes + at;
        at += size;
    }
    if (n - at != sizeof(uint64_t)) {
        status = broken(name, "its size", err);
        goto done;
    }
    uint64_t written, digest = ew_places_digest(0, bytes, at);
    memcpy(&written, (char *)bytes + at, sizeof written);
    what = written != digest ? "its digest" : wrong(out);
    if (what) status = broken(name, what, err);
done:
    out->owned = bytes;
    if (status != EW_OK) ew_places_free(out);
    return status;
}

uint64_t ew_places_digest(uint64_t digest, const void *bytes, size_t n) {
    for (size_t at = 0; at < n; at += EW_PLACES_BLOCK)
        digest = ew_hash((const char *)bytes + at, n - at < EW_PLACES_BLOCK ? n - at : EW_PLACES_BLOCK, digest);
    return digest;
}

ew_status ew_places_read(const char *path, ew_places *out, ew_error *err) {
    ew_bytes bytes;
    *out = (ew_places){0};
    ew_status status = ew_bytes_read(path, "run's", &bytes, err);
    return status == EW_OK ? ew_places_parse(path, bytes.data, bytes.n, out, err) : status;
}

uint64_t ew_text_name(ew_view text) { return ew_hash(text.data, text.length, 5); }

uint32_t ew_id_name(const char *id, size_t n) { return (uint32_t)(ew_hash(id, n, 6) >> 32); }

uint32_t ew_places_known(const ew_places *p, uint64_t text, uint32_t who) {
    uint64_t found[2];
    for (int exact = 0; exact < 2; exact++) { /* the first of this text; the first of this text and id */
        uint64_t low = 0, high = p->n_known;
        while (low < high) {
            uint64_t middle = low + (high - low) / 2;
            if (p->text[middle] < text || (exact && p->text[middle] == text && p->who[middle] < who))
                low = middle + 1;
            else
                high = middle;
        }
        found[exact] = low;
    }
    if (found[0] == p->n_known || p->text[found[0]] != text) return EW_NONE;
    int same = found[1] < p->n_known && p->text[found[1]] == text && p->who[found[1]] == who;
    return (uint32_t)found[same];
}

uint32_t ew_places_needs(const ew_places *p, uint32_t known, uint64_t *first) {
    uint64_t low = 0, high = p->n_members, n = 0;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (p->members[middle].known < known)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + n < p->n_members && p->members[low + n].known == known) n++;
    *first = low;
    return (uint32_t)n;
}
