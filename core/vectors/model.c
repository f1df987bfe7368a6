/* The model file: a safetensors container (8 bytes of header length, a JSON object, the tensors). Everything it says is
 * checked against the bytes that are there before any of it is used. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "inside.h"

enum { TENSORS_MAX = 64, DIMENSIONS_MAX = 4, NAME_MAX_BYTES = 64, HEADER_MAX = 1 << 20 };
static const float SCALE_MAX = 1e6f; /* so that no sum of rows overflows when squared */

typedef struct tensor {
    char name[NAME_MAX_BYTES], type[8];
    uint64_t shape[DIMENSIONS_MAX], begin, end;
    uint32_t dimensions;
    int has_type, has_shape, has_offsets;
} tensor;

/* A cursor over the header; `bad` names the first thing that was not as it must be. */
typedef struct cursor { const char *at, *end, *bad; } cursor;

static int reject(cursor *c, const char *why) {
    if (!c->bad) c->bad = why;
    return 0;
}

static void skip_blanks(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')) c->at++;
}

static int peek(cursor *c, char want) {
    skip_blanks(c);
    return c->at < c->end && *c->at == want;
}

static int take(cursor *c, char want) {
    if (!peek(c, want)) return 0;
    c->at++;
    return 1;
}

/* A JSON string; escapes are kept as they stand, so that a name with one is never a name we know. Longer ones are cut. */
static int string(cursor *c, char *out, size_t room) {
    size_t n = 0;
    if (!take(c, '"')) return reject(c, "a string is missing");
    while (c->at < c->end && *c->at != '"') {
        if ((unsigned char)*c->at < 0x20) return reject(c, "a string holds a control character");
        size_t unit = *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
        for (; unit; unit--, c->at++)
            if (n + 1 < room) out[n++] = *c->at;
    }
    out[n] = 0;
    return take(c, '"') ? 1 : reject(c, "a string does not end");
}

static int number(cursor *c, uint64_t *out) {
    uint64_t value = 0;
    skip_blanks(c);
    const char *first = c->at;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (value > ((uint64_t)1 << 53) / 10) return reject(c, "a number is too large");
        value = value * 10 + (uint64_t)(*c->at - '0');
    }
    if (c->at == first || (*first == '0' && c->at - first > 1)) return reject(c, "a size is not a whole number");
    *out = value;
    return 1;
}

static int numbers(cursor *c, uint64_t *out, uint32_t max, uint32_t *n) {
    *n = 0;
    if (!take(c, '[')) return reject(c, "a list is missing");
    if (take(c, ']')) return 1;
    do {
        if (*n == max) return reject(c, "a list is too long");
        if (!number(c, &out[(*n)++])) return 0;
    } while (take(c, ','));
    return take(c, ']') ? 1 : reject(c, "a list does not end");
}

static int metadata(cursor *c) {
    char text[8];
    if (!take(c, '{')) return reject(c, "'__metadata__' is not an object");
    if (take(c, '}')) return 1;
    do {
        if (!string(c, text, sizeof text)) return 0;
        if (!take(c, ':')) return reject(c, "a ':' is missing");
        if (!string(c, text, sizeof text)) return 0;
    } while (take(c, ','));
    return take(c, '}') ? 1 : reject(c, "'__metadata__' does not end");
}

static int describe(cursor *c, tensor *t) {
    if (!take(c, '{')) return reject(c, "a tensor is not described by an object");
    do {
        char key[16];
        if (!string(c, key, sizeof key)) return 0;
        if (!take(c, ':')) return reject(c, "a ':' is missing");
        uint64_t offsets[2];
        uint32_t n = 0;
        if (strcmp(key, "dtype") == 0 && !t->has_type) {
            if (!string(c, t->type, sizeof t->type)) return 0;
            t->has_type = 1;
        } else if (strcmp(key, "shape") == 0 && !t->has_shape) {
            if (!numbers(c, t->shape, DIMENSIONS_MAX, &t->dimensions)) return 0;
            t->has_shape = 1;
        } else if (strcmp(key, "data_offsets") == 0 && !t->has_offsets) {
            if (!numbers(c, offsets, 2, &n)) return 0;
            if (n != 2) return reject(c, "'data_offsets' are not two numbers");
            t->begin = offsets[0];
            t->end = offsets[1];
            t->has_offsets = 1;
        } else {
            return reject(c, "a tensor has an unknown or repeated key");
        }
    } while (take(c, ','));
    if (!take(c, '}')) return reject(c, "a tensor's description does not end");
    return t->has_type && t->has_shape && t->has_offsets ? 1 : reject(c, "a tensor lacks dtype, shape or data_offsets");
}

/* The header's tensors, each inside the data, no two over each other. */
static int header(cursor *c, uint64_t data, tensor *tensors, uint32_t *n) {
    *n = 0;
    if (!take(c, '{')) return reject(c, "the header is not a JSON object");
    if (!take(c, '}')) {
        int had_metadata = 0;
        do {
            if (*n == TENSORS_MAX) return reject(c, "there are more than 64 tensors");
            tensor *t = &tensors[*n];
            *t = (tensor){0};
            if (!string(c, t->name, sizeof t->name)) return 0;
            if (!take(c, ':')) return reject(c, "a ':' is missing");
            if (strcmp(t->name, "__metadata__") == 0) {
                if (had_metadata++) return reject(c, "'__metadata__' comes twice");
                if (!metadata(c)) return 0;
                continue;
            }
            if (!describe(c, t)) return 0;
            if (t->begin > t->end || t->end > data) return reject(c, "a tensor lies outside the file");
            for (uint32_t i = 0; i < *n; i++) {
                if (strcmp(tensors[i].name, t->name) == 0) return reject(c, "two tensors have one name");
                if (t->begin < tensors[i].end && tensors[i].begin < t->end) return reject(c, "two tensors overlap");
            }
            (*n)++;
        } while (take(c, ','));
        if (!take(c, '}')) return reject(c, "the header does not end");
    }
    skip_blanks(c);
    return c->at == c->end ? 1 : reject(c, "the header has something behind its end");
}

static const tensor *find(const tensor *tensors, uint32_t n, const char *name) {
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(tensors[i].name, name) == 0) return &tensors[i];
    return NULL;
}

static ew_status bad_model(const char *name, const char *why, ew_error *err) {
    return ew_fail_at(err, EW_INPUT, name, 0, 0,
                      "not a usable model: %s; a model is a safetensors file with 'embeddings' (I8, [vocabulary, columns]) and "
                      "'scales' (F32, [vocabulary])", why);
}

ew_status ew_model_parse(const char *name, const void *bytes, size_t n, ew_model *out, ew_error *err) {
    *out = (ew_model){0};
    const unsigned char *head = bytes;
    uint64_t length = 0;
    if (n < 10) return bad_model(name, "it is shorter than any header", err);
    for (int i = 8; i--;) length = length << 8 | head[i];
    if (length > HEADER_MAX || length > n - 8) return bad_model(name, "its header is longer than the file or 1 MiB", err);
    const char *data = (const char *)bytes + 8 + length;
    cursor c = {(const char *)bytes + 8, data, NULL};
    tensor *tensors = ew_calloc(TENSORS_MAX, sizeof *tensors);
    if (!tensors) return ew_fail_memory(err, TENSORS_MAX * sizeof *tensors, "the model's header");
    uint32_t count;
    ew_model model = {0};
    if (header(&c, n - 8 - length, tensors, &count)) {
        const tensor *rows = find(tensors, count, "embeddings"), *scales = find(tensors, count, "scales");
        if (!rows || !scales)
            reject(&c, "it lacks 'embeddings' or 'scales'");
        else if (strcmp(rows->type, "I8") || rows->dimensions != 2 || strcmp(scales->type, "F32") || scales->dimensions != 1)
            reject(&c, "its tensors have another type or number of dimensions");
        else if (rows->shape[0] == 0 || rows->shape[0] > EW_VOCAB_MAX || rows->shape[0] != scales->shape[0])
            reject(&c, "the vocabulary is empty, above 4194304, or not the same in both tensors");
        else if (rows->shape[1] == 0 || rows->shape[1] % 16 || rows->shape[1] > EW_COLUMNS_MAX)
            reject(&c, "the number of columns is not a multiple of 16 up to 8192");
        else if (rows->end - rows->begin != rows->shape[0] * rows->shape[1] ||
                 scales->end - scales->begin != 4 * scales->shape[0])
            reject(&c, "a tensor's size is not what its shape says");
        else if ((uintptr_t)(data + scales->begin) % 4)
            reject(&c, "'scales' do not lie at a multiple of four bytes");
        else
            model = (ew_model){.vocab = (uint32_t)rows->shape[0], .d = (uint32_t)rows->shape[1],
                               .rows = (const int8_t *)(data + rows->begin),
                               .scales = (const float *)(const void *)(data + scales->begin)};
    }
    ew_free(tensors);
    for (uint32_t i = 0; i < model.vocab; i++)
        if (!(model.scales[i] > 0 && model.scales[i] <= SCALE_MAX)) {
            reject(&c, "a scale is not a number above 0 and up to a million");
            break;
        }
    if (c.bad) return bad_model(name, c.bad, err);
    snprintf(model.digest, sizeof model.digest, "%016llx", (unsigned long long)ew_hash(bytes, n, 0));
    *out = model;
    return EW_OK;
}

ew_status ew_model_open(const char *path, ew_model *out, ew_error *err) {
    *out = (ew_model){0};
    size_t built_in = (size_t)(ew_builtin_model_end - ew_builtin_model);
    if (!path) return ew_model_parse("built-in model", ew_builtin_model, built_in, out, err);
    ew_mapping mapping;
    ew_status status = ew_mapping_open(path, "model", &mapping, err);
    if (status != EW_OK) return status;
    status = ew_model_parse(path, mapping.bytes, mapping.n, out, err);
    if (status != EW_OK) {
        ew_mapping_close(&mapping);
        return status;
    }
    out->map = mapping.bytes;
    out->mapped = mapping.n;
    return EW_OK;
}

void ew_model_close(ew_model *model) {
    if (model->map) munmap(model->map, model->mapped);
    *model = (ew_model){0};
}
