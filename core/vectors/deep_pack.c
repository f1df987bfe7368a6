/* The int8 form of a model: float weights -> one run of bytes, which is the converted file as it lies on the disk. Behind a
 * head of 128 bytes the sections follow one another in one order, each at a multiple of 64: their places and the file's size
 * come from the shape alone, so that there is nothing in the file that could point elsewhere. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../kernels/gemm.h"
#include "deep_inside.h"

static const char magic[8] = "EWDEEP1";

typedef struct head { char magic[8]; uint64_t size, digest; ew_deep_shape shape; } head; /* digest: of all behind the head */
enum { HEAD = 128 };
_Static_assert(sizeof(head) <= HEAD, "the head of a converted file is 128 bytes");

/* ---- where everything lies ---- */

typedef struct place { char *base; size_t at; } place; /* base NULL: only counting */

static const void *section(place *p, size_t bytes) {
    char *here = p->base ? p->base + p->at : NULL;
    p->at = (p->at + bytes + 63) / 64 * 64;
    return here;
}

static void place_linear(place *p, ew_linear *l, uint32_t n, uint32_t k) {
    l->n = n;
    l->k = k;
    l->packed = section(p, (size_t)ew_gemm_up(n, EW_GEMM_COLUMNS) * ew_gemm_up(k, EW_GEMM_DEPTH));
    l->scales = section(p, n * sizeof(float));
    l->bias = section(p, n * sizeof(float));
}

static void place_layer(place *p, const ew_deep_shape *s, ew_deep_layer *l) {
    place_linear(p, &l->qkv, 3 * s->width, s->width);
    place_linear(p, &l->mix, s->width, s->width);
    l->mix_gain = section(p, s->width * sizeof(float));
    l->mix_shift = section(p, s->width * sizeof(float));
    place_linear(p, &l->up, s->inner, s->width);
    place_linear(p, &l->down, s->width, s->inner);
    l->down_gain = section(p, s->width * sizeof(float));
    l->down_shift = section(p, s->width * sizeof(float));
}

/* Fills deep's pointers (deep->layers is there) and returns the size of the whole. */
static size_t place_all(char *base, ew_deep *deep) {
    const ew_deep_shape *s = &deep->shape;
    place p = {base, HEAD};
    deep->words = section(&p, (size_t)s->vocab * s->width * sizeof(int16_t));
    deep->word_scales = section(&p, s->vocab * sizeof(float));
    deep->positions = section(&p, (size_t)s->positions * s->width * sizeof(float));
    deep->gain = section(&p, s->width * sizeof(float));
    deep->shift = section(&p, s->width * sizeof(float));
    for (uint32_t i = 0; i < s->layers; i++) place_layer(&p, s, &deep->layers[i]);
    return p.at;
}

/* ---- floats -> integers ---- */

/* x -> round(x * most / max|x|); returns the scale that leads back, 0 for zeros. */
static float scale_of(const float *x, uint32_t n, float most, float *factor) {
    float high = 0;
    for (uint32_t k = 0; k < n; k++) high = fabsf(x[k]) > high ? fabsf(x[k]) : high;
    if (high < 1e-30f) return *factor = 0;
    *factor = most / high;
    return high / most;
}

static void *writable(const void *p) { return (void *)(uintptr_t)p; } /* of memory that is ours */

/* n rows of k from one float matrix, to rows from `first` on of a linear layer; room [n of the layer, k] collects them. */
static void quantise_rows(const ew_linear *l, uint32_t first, uint32_t n, const float *w, const float *bias, int8_t *room) {
    float *scales = writable(l->scales), factor;
    for (uint32_t j = 0; j < n; j++) {
        const float *row = w + (size_t)j * l->k;
        int8_t *to = room + (size_t)(first + j) * l->k;
        scales[first + j] = scale_of(row, l->k, 127, &factor);
        for (uint32_t k = 0; k < l->k; k++) to[k] = (int8_t)floorf(row[k] * factor + 0.5f);
    }
    memcpy((float *)writable(l->bias) + first, bias, n * sizeof *bias);
}

static void pack_layer(const ew_deep_layer *l, const ew_deep_float_layer *f, uint32_t w, int8_t *room) {
    quantise_rows(&l->qkv, 0, w, f->query, f->query_bias, room);
    quantise_rows(&l->qkv, w, w, f->key, f->key_bias, room);
    quantise_rows(&l->qkv, 2 * w, w, f->value, f->value_bias, room);
    ew_gemm_pack(room, l->qkv.n, l->qkv.k, writable(l->qkv.packed));
    quantise_rows(&l->mix, 0, w, f->mix, f->mix_bias, room);
    ew_gemm_pack(room, l->mix.n, l->mix.k, writable(l->mix.packed));
    quantise_rows(&l->up, 0, l->up.n, f->up, f->up_bias, room);
    ew_gemm_pack(room, l->up.n, l->up.k, writable(l->up.packed));
    quantise_rows(&l->down, 0, w, f->down, f->down_bias, room);
    ew_gemm_pack(room, l->down.n, l->down.k, writable(l->down.packed));
    memcpy(writable(l->mix_gain), f->mix_gain, w * sizeof(float));
    memcpy(writable(l->mix_shift), f->mix_shift, w * sizeof(float));
    memcpy(writable(l->down_gain), f->down_gain, w * sizeof(float));
    memcpy(writable(l->down_shift), f->down_shift, w * sizeof(float));
}

static void pack_embeddings(const ew_deep *deep, const ew_deep_weights *weights) {
    uint32_t w = deep->shape.width;
    int16_t *words = writable(deep->words);
    float *scales = writable(deep->word_scales), *positions = writable(deep->positions), factor;
    for (uint32_t t = 0; t < deep->shape.vocab; t++) {
        const float *row = weights->words + (size_t)t * w;
        scales[t] = scale_of(row, w, 32767, &factor);
        for (uint32_t k = 0; k < w; k++) words[(size_t)t * w + k] = (int16_t)floorf(row[k] * factor + 0.5f);
    }
    for (uint32_t t = 0; t < deep->shape.positions; t++)
        for (uint32_t k = 0; k < w; k++) positions[(size_t)t * w + k] = weights->positions[(size_t)t * w + k] + weights->types[k];
    memcpy(writable(deep->gain), weights->gain, w * sizeof(float));
    memcpy(writable(deep->shift), weights->shift, w * sizeof(float));
}

ew_status ew_deep_pack(const ew_deep_weights *weights, const ew_deep_shape *shape, char **out, size_t *n, void **memory,
                       ew_error *err) {
    ew_deep deep = {.shape = *shape, .layers = ew_calloc(shape->layers, sizeof *deep.layers)};
    size_t largest = (size_t)shape->width * (shape->inner > 3 * shape->width ? shape->inner : 3 * shape->width);
    int8_t *room = ew_alloc(largest, 1);
    char *base = NULL;
    *memory = NULL;
    if (deep.layers && room) {
        *n = place_all(NULL, &deep);
        *memory = ew_calloc(*n + 64, 1);
    }
    ew_status status = *memory ? EW_OK : ew_fail_memory(err, largest, "the encoder");
    if (status == EW_OK) {
        base = (char *)*memory + (64 - (uintptr_t)*memory % 64) % 64;
        place_all(base, &deep);
        pack_embeddings(&deep, weights);
        for (uint32_t i = 0; i < shape->layers; i++) pack_layer(&deep.layers[i], &weights->layers[i], shape->width, room);
        head h = {.size = *n, .digest = ew_hash(base + HEAD, *n - HEAD, 0), .shape = *shape};
        memcpy(h.magic, magic, sizeof magic);
        memcpy(base, &h, sizeof h);
    }
    ew_free(deep.layers);
    ew_free(room);
    *out = base;
    return status;
}

/* ---- bytes -> a model ---- */

static void sums_of(ew_linear *l, int32_t **sums) {
    ew_linear_sums(l, *sums);
    l->sums = *sums;
    *sums += l->n;
}

static int tame_linear(const ew_linear *l) { return ew_deep_tame(l->scales, l->n) && ew_deep_tame(l->bias, l->n); }

static int all_tame(const ew_deep *deep) {
    size_t w = deep->shape.width;
    int tame = ew_deep_tame(deep->word_scales, deep->shape.vocab) && ew_deep_tame(deep->positions, deep->shape.positions * w) &&
               ew_deep_tame(deep->gain, w) && ew_deep_tame(deep->shift, w);
    for (uint32_t i = 0; tame && i < deep->shape.layers; i++) {
        const ew_deep_layer *l = &deep->layers[i];
        tame = tame_linear(&l->qkv) && tame_linear(&l->mix) && tame_linear(&l->up) && tame_linear(&l->down) &&
               ew_deep_tame(l->mix_gain, w) && ew_deep_tame(l->mix_shift, w) && ew_deep_tame(l->down_gain, w) &&
               ew_deep_tame(l->down_shift, w);
    }
    return tame;
}

ew_status ew_deep_parse(const char *name, const void *bytes, size_t n, ew_deep *out, ew_error *err) {
    head h;
    if (n < HEAD || memcmp(bytes, magic, sizeof magic) != 0)
        return ew_fail_at(err, EW_INPUT, name, 0, 0, "not a converted encoder; give the folder of a model, or convert it again");
    memcpy(&h, bytes, sizeof h);
    ew_status status;
    EW_TRY(ew_deep_shape_check(name, &h.shape, err));
    out->shape = h.shape;
    const ew_deep_shape *s = &out->shape;
    out->layers = ew_calloc(s->layers, sizeof *out->layers);
    out->sums = ew_calloc((size_t)s->layers * (5 * s->width + s->inner), sizeof *out->sums);
    if (!out->layers || !out->sums) {
        status = ew_fail_memory(err, s->layers * sizeof *out->layers, "the encoder");
        goto done;
    }
    if (h.size != n || place_all(NULL, out) != n) {
        status = ew_fail_at(err, EW_INPUT, name, 0, 0, "it is not as long as its head says; convert it again");
        goto done;
    }
    place_all(writable(bytes), out);
    uint64_t digest = ew_hash((const char *)bytes + HEAD, n - HEAD, 0);
    snprintf(out->digest, sizeof out->digest, "%016llx", (unsigned long long)digest);
    if (digest != h.digest || !all_tame(out)) {
        status = ew_fail_at(err, EW_INPUT, name, 0, 0, "%s; convert it again",
                            digest != h.digest ? "it was changed after it was written" : "a value is not a number within +-100");
        goto done;
    }
    int32_t *sums = out->sums;
    for (uint32_t i = 0; i < s->layers; i++) {
        sums_of(&out->layers[i].qkv, &sums);
        sums_of(&out->layers[i].mix, &sums);
        sums_of(&out->layers[i].up, &sums);
        sums_of(&out->layers[i].down, &sums);
    }
done:
    return status;
}
