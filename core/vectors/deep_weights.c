/* The weights of a BERT in a safetensors file: each tensor by its name, with the shape that config.json asks for. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../base/alloc.h"
#include "deep_inside.h"

enum { TENSORS_MAX = 2048, NAME_ROOM = 96, HEADER_MAX = 1 << 20, PATH_ROOM = 4096 };

typedef struct tensor {
    char name[NAME_ROOM], type[8];
    double shape[2];
    uint32_t dimensions; /* 3: more than two */
    uint64_t begin, end;
} tensor;

typedef struct container { tensor *tensors; uint32_t n; const char *data; uint64_t size; } container;

static int numbers(ew_deep_json *j, double *out, uint32_t most, uint32_t *n) {
    *n = 0;
    if (!ew_deep_json_take(j, '[')) return ew_deep_json_bad(j, "a list is missing");
    if (ew_deep_json_take(j, ']')) return 1;
    do {
        double value;
        if (!ew_deep_json_number(j, &value)) return 0;
        if (!(value >= 0 && value < 0x1p53) || value != floor(value)) return ew_deep_json_bad(j, "a size is not a whole number");
        if (*n < most) out[*n] = value;
        if (*n <= most) (*n)++; /* most + 1: there are more */
    } while (ew_deep_json_take(j, ','));
    return ew_deep_json_take(j, ']') ? 1 : ew_deep_json_bad(j, "a list does not end");
}

static int read_tensor(ew_deep_json *j, uint64_t size, tensor *t) {
    char key[16];
    int step = 0, good = 1;
    unsigned seen = 0;
    uint32_t n = 0;
    double offsets[2];
    while (good && ew_deep_json_next(j, &step, key, sizeof key)) {
        unsigned bit = 0;
        if (strcmp(key, "dtype") == 0) {
            bit = 1;
            good = ew_deep_json_string(j, t->type, sizeof t->type);
        } else if (strcmp(key, "shape") == 0) {
            bit = 2;
            good = numbers(j, t->shape, 2, &t->dimensions);
        } else if (strcmp(key, "data_offsets") == 0) {
            bit = 4;
            good = numbers(j, offsets, 2, &n);
        }
        if (!bit || seen & bit) return ew_deep_json_bad(j, "a tensor has an unknown or repeated key");
        seen |= bit;
    }
    if (j->bad) return 0;
    if (seen != 7 || n != 2) return ew_deep_json_bad(j, "a tensor lacks its type, shape or place");
    if (offsets[0] > offsets[1] || offsets[1] > (double)size) return ew_deep_json_bad(j, "a tensor lies outside the file");
    t->begin = (uint64_t)offsets[0];
    t->end = (uint64_t)offsets[1];
    return 1;
}

static int read_header(ew_deep_json *j, container *c) {
    char key[NAME_ROOM];
    int step = 0;
    while (ew_deep_json_next(j, &step, key, sizeof key)) {
        if (strcmp(key, "__metadata__") == 0) {
            if (!ew_deep_json_skip(j)) return 0;
            continue;
        }
        if (c->n == TENSORS_MAX) return ew_deep_json_bad(j, "there are more than 2048 tensors");
        tensor *t = &c->tensors[c->n];
        memcpy(t->name, strncmp(key, "bert.", 5) == 0 ? key + 5 : key, strncmp(key, "bert.", 5) == 0 ? NAME_ROOM - 5 : NAME_ROOM);
        if (!read_tensor(j, c->size, t)) return 0;
        for (uint32_t i = 0; i < c->n; i++) {
            if (strcmp(c->tensors[i].name, t->name) == 0) return ew_deep_json_bad(j, "two tensors have one name");
            if (t->begin < c->tensors[i].end && c->tensors[i].begin < t->end) return ew_deep_json_bad(j, "two tensors overlap");
        }
        c->n++;
    }
    return ew_deep_json_end(j);
}

typedef struct search { const char *file; const container *c; ew_status status; ew_error *err; } search;

int ew_deep_tame(const float *x, size_t n) {
    int wild = 0;
    for (size_t i = 0; i < n; i++) wild |= !(x[i] >= -100 && x[i] <= 100);
    return !wild;
}

/* The tensor called `prefix` + `name`, [rows, columns], or [columns] where rows is 0. NULL, and the status says why. */
static const float *get(search *s, const char *prefix, const char *name, uint32_t rows, uint32_t columns) {
    char full[NAME_ROOM * 2];
    if (s->status != EW_OK) return NULL;
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const char *why = "it lacks the tensor";
    for (uint32_t i = 0; i < s->c->n; i++) {
        const tensor *t = &s->c->tensors[i];
        if (strcmp(t->name, full) != 0) continue;
        size_t cells = (size_t)(rows ? rows : 1) * columns;
        const char *at = s->c->data + t->begin;
        int fits = rows ? t->dimensions == 2 && t->shape[0] == rows && t->shape[1] == columns
                        : t->dimensions == 1 && t->shape[0] == columns;
        if (strcmp(t->type, "F32") != 0) why = "it is not of type F32: tensor";
        else if (!fits || t->end - t->begin != cells * 4) why = "config.json asks for another shape of tensor";
        else if ((uintptr_t)at % 4) why = "it does not lie at a multiple of four bytes: tensor";
        else if (!ew_deep_tame((const float *)(const void *)at, cells)) why = "a value is not a number within +-100 in tensor";
        else return (const float *)(const void *)at;
        break;
    }
    s->status = ew_fail_at(s->err, EW_INPUT, s->file, 0, 0, "not a usable encoder: %s '%s'", why, full);
    return NULL;
}

static void read_layer(search *s, const ew_deep_shape *shape, uint32_t layer, ew_deep_float_layer *out) {
    char at[40];
    uint32_t w = shape->width, inner = shape->inner;
    snprintf(at, sizeof at, "encoder.layer.%u.", layer);
    out->query = get(s, at, "attention.self.query.weight", w, w);
    out->query_bias = get(s, at, "attention.self.query.bias", 0, w);
    out->key = get(s, at, "attention.self.key.weight", w, w);
    out->key_bias = get(s, at, "attention.self.key.bias", 0, w);
    out->value = get(s, at, "attention.self.value.weight", w, w);
    out->value_bias = get(s, at, "attention.self.value.bias", 0, w);
    out->mix = get(s, at, "attention.output.dense.weight", w, w);
    out->mix_bias = get(s, at, "attention.output.dense.bias", 0, w);
    out->mix_gain = get(s, at, "attention.output.LayerNorm.weight", 0, w);
    out->mix_shift = get(s, at, "attention.output.LayerNorm.bias", 0, w);
    out->up = get(s, at, "intermediate.dense.weight", inner, w);
    out->up_bias = get(s, at, "intermediate.dense.bias", 0, inner);
    out->down = get(s, at, "output.dense.weight", w, inner);
    out->down_bias = get(s, at, "output.dense.bias", 0, w);
    out->down_gain = get(s, at, "output.LayerNorm.weight", 0, w);
    out->down_shift = get(s, at, "output.LayerNorm.bias", 0, w);
}

/* Rows of the table of token types: the first is the one in use. */
static uint32_t types_of(const container *c) {
    for (uint32_t i = 0; i < c->n; i++)
        if (strcmp(c->tensors[i].name, "embeddings.token_type_embeddings.weight") == 0 && c->tensors[i].shape[0] >= 1 &&
            c->tensors[i].shape[0] <= 1024)
            return (uint32_t)c->tensors[i].shape[0];
    return 1;
}

ew_status ew_deep_weights_parse(const char *name, const void *bytes, size_t n, const ew_deep_shape *shape, ew_deep_weights *out,
                                ew_error *err) {
    *out = (ew_deep_weights){0};
    const unsigned char *head = bytes;
    uint64_t length = 0;
    for (int i = 8; n >= 10 && i--;) length = length << 8 | head[i];
    if (n < 10 || length > HEADER_MAX || length > n - 8)
        return ew_fail_at(err, EW_INPUT, name, 0, 0, "not a usable encoder: its header is longer than the file or 1 MiB");
    container c = {ew_calloc(TENSORS_MAX, sizeof *c.tensors), 0, (const char *)bytes + 8 + length, n - 8 - length};
    out->layers = ew_calloc(shape->layers, sizeof *out->layers);
    search s = {name, &c, EW_OK, err};
    ew_deep_json j = {(const char *)bytes + 8, c.data, NULL};
    if (!c.tensors || !out->layers) {
        s.status = ew_fail_memory(err, TENSORS_MAX * sizeof *c.tensors, "the encoder's header");
    } else if (!read_header(&j, &c)) {
        s.status = ew_fail_at(err, EW_INPUT, name, 0, 0, "not a usable encoder: %s", j.bad);
    } else {
        uint32_t w = shape->width;
        out->words = get(&s, "embeddings.", "word_embeddings.weight", shape->vocab, w);
        out->positions = get(&s, "embeddings.", "position_embeddings.weight", shape->positions, w);
        out->types = get(&s, "embeddings.", "token_type_embeddings.weight", types_of(&c), w);
        out->gain = get(&s, "embeddings.", "LayerNorm.weight", 0, w);
        out->shift = get(&s, "embeddings.", "LayerNorm.bias", 0, w);
        for (uint32_t i = 0; i < shape->layers; i++) read_layer(&s, shape, i, &out->layers[i]);
    }
    ew_free(c.tensors);
    if (s.status != EW_OK) ew_deep_weights_close(out);
    return s.status;
}

ew_status ew_deep_weights_open(const char *folder, const ew_deep_shape *shape, ew_deep_weights *out, ew_error *err) {
    char path[PATH_ROOM];
    ew_mapping mapping;
    *out = (ew_deep_weights){0};
    int n = snprintf(path, sizeof path, "%s/model.safetensors", folder);
    if (n < 0 || n >= (int)sizeof path) return ew_fail(err, EW_INPUT, "the path of the model's folder is too long");
    ew_status status = ew_mapping_open(path, "model's file", &mapping, err);
    if (status != EW_OK) return status;
    status = ew_deep_weights_parse(path, mapping.bytes, mapping.n, shape, out, err);
    if (status == EW_OK)
        out->file = mapping;
    else
        ew_mapping_close(&mapping);
    return status;
}

void ew_deep_weights_close(ew_deep_weights *weights) {
    ew_free(weights->layers);
    ew_mapping_close(&weights->file);
    *weights = (ew_deep_weights){0};
}
