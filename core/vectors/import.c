/* A model2vec (or sentence-transformers StaticEmbedding) folder -> the bytes of a model file of our own: int8 rows with one scale
 * each, a row for every token (weights and the mapping of a quantised vocabulary worked in), the tokenizer's text beside them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/alloc.h"
#include "import.h"
#include "inside.h"
#include "safetensors.h"

static const size_t FILE_MAX_BYTES = (size_t)1 << 36;

ew_status ew_bytes_read(const char *path, const char *what, ew_bytes *out, ew_error *err) {
    *out = (ew_bytes){0};
    struct stat info;
    ew_status status = EW_OK;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return ew_fail(err, EW_INPUT, "cannot open the %s '%s': %s", what, path, strerror(errno));
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        status = ew_fail(err, EW_INPUT, "the %s '%s' is not a regular file", what, path);
    else if (info.st_size == 0)
        status = ew_fail(err, EW_INPUT, "the %s '%s' is empty", what, path);
    else if ((uint64_t)info.st_size > FILE_MAX_BYTES)
        status = ew_fail(err, EW_INPUT, "the %s '%s' is larger than 64 GiB", what, path);
    else if (!(out->data = ew_alloc((size_t)info.st_size, 1)))
        status = ew_fail_memory(err, (size_t)info.st_size, what);
    while (status == EW_OK && out->n < (size_t)info.st_size) { /* a file that shrinks meanwhile is read as far as it goes */
        ssize_t got = read(file, out->data + out->n, (size_t)info.st_size - out->n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) status = ew_fail(err, EW_INPUT, "cannot read the %s '%s': %s", what, path, strerror(errno));
        if (got <= 0) break;
        out->n += (size_t)got;
    }
    close(file);
    if (status != EW_OK) ew_bytes_free(out);
    return status;
}

void ew_bytes_free(ew_bytes *bytes) {
    ew_free(bytes->data);
    *bytes = (ew_bytes){0};
}

/* Where the parts lie in a folder, and what the table is called there. */
static const struct {
    const char *table, *tokenizer, *name, *form;
} layouts[] = {
    {"model.safetensors", "tokenizer.json", NULL, "model2vec"},
    {"0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json", "embedding.weight", "sentence-transformers"}};

typedef struct source { /* what the rows are made of */
    const char *name;
    const ew_tensor *rows, *weights, *mapping;
    uint32_t vocab, d, padded;
} source;

static ew_status refuse(const source *s, const char *why, ew_error *err) {
    return ew_fail_at(err, EW_INPUT, s->name, 0, 0, "not a model that can be imported: %s", why);
}

static ew_status check(source *s, uint32_t vocab, ew_error *err) {
    const ew_tensor *rows = s->rows;
    if (!rows) return refuse(s, "it has no tensor 'embeddings'", err);
    if (!ew_tensor_is_real(rows)) return refuse(s, "'embeddings' are not F64, F32, F16, BF16 or I8", err);
    if (rows->dimensions != 2 || !rows->shape[0] || !rows->shape[1]) return refuse(s, "'embeddings' are not a table", err);
    if (rows->shape[1] > EW_COLUMNS_MAX) return refuse(s, "it has more than 8192 columns", err);
    if (s->weights && (!ew_tensor_is_real(s->weights) || s->weights->dimensions != 1 || s->weights->n < vocab))
        return refuse(s, "'weights' are not one number for each piece of the vocabulary", err);
    if (s->mapping && (s->mapping->dimensions != 1 || s->mapping->n < vocab))
        return refuse(s, "'mapping' is not one row number for each piece of the vocabulary", err);
    if (!s->mapping && rows->shape[0] != vocab)
        return ew_fail_at(err, EW_INPUT, s->name, 0, 0,
                          "not a model that can be imported: 'embeddings' have %llu rows, the tokenizer %u "
                          "pieces",
                          (unsigned long long)rows->shape[0], vocab);
    s->vocab = vocab;
    s->d = (uint32_t)rows->shape[1];
    s->padded = (s->d + 15) / 16 * 16;
    return EW_OK;
}

/* Token `id`'s row as bytes out[0 .. padded) and its scale. */
static ew_status one_row(const source *s, uint32_t id, double *values, int8_t *out, float *scale, ew_error *err) {
    int64_t row = s->mapping ? ew_tensor_whole(s->mapping, id) : id;
    double weight = s->weights ? ew_tensor_real(s->weights, id) : 1, most = 0;
    if (row < 0 || (uint64_t)row >= s->rows->shape[0]) return refuse(s, "'mapping' names a row that is not there", err);
    if (!isfinite(weight)) return refuse(s, "a weight is not finite", err);
    for (uint32_t k = 0; k < s->d; k++) {
        values[k] = ew_tensor_real(s->rows, (uint64_t)row * s->d + k);
        if (!isfinite(values[k]))
            return ew_fail_at(err, EW_INPUT, s->name, 0, 0, "not a model that can be imported: row %lld holds a NaN or infinity",
                              (long long)row);
        if (fabs(values[k]) > most) most = fabs(values[k]);
    }
    int exact = s->rows->width == 1 && weight > 0 && most <= 127; /* int8 already: its values stay */
    double whole = exact ? weight : most * fabs(weight) / 127;
    if (!(whole <= 1e6)) return refuse(s, "its values are too large", err);
    *scale = (float)whole;
    if (!(*scale > 1e-30f)) { /* as good as nothing */
        *scale = 1;
        most = 0;
    }
    for (uint32_t k = 0; k < s->d; k++)
        out[k] = most > 0 ? (int8_t)(exact ? values[k] : rint(values[k] / most * (weight < 0 ? -127 : 127))) : 0;
    memset(out + s->d, 0, s->padded - s->d);
    return EW_OK;
}

/* The file: header, scales, tokenizer, rows; data from a multiple of 64 bytes on. */
static ew_status write_model(const source *s, const ew_bytes *tokenizer, ew_bytes *out, ew_error *err) {
    char header[1024];
    uint64_t scales = 4 * (uint64_t)s->vocab, words = scales + tokenizer->n, rows = (words + 63) / 64 * 64;
    uint64_t all = rows + (uint64_t)s->vocab * s->padded;
    int n = snprintf(header, sizeof header,
                     "{\"__metadata__\":{\"format\":\"edgewise model\",\"version\":\"1\",\"columns\":\"%u\"},"
                     "\"scales\":{\"dtype\":\"F32\",\"shape\":[%u],\"data_offsets\":[0,%llu]},"
                     "\"tokenizer\":{\"dtype\":\"U8\",\"shape\":[%llu],\"data_offsets\":[%llu,%llu]},"
                     "\"padding\":{\"dtype\":\"U8\",\"shape\":[%llu],\"data_offsets\":[%llu,%llu]},"
                     "\"embeddings\":{\"dtype\":\"I8\",\"shape\":[%u,%u],\"data_offsets\":[%llu,%llu]}}",
                     s->d, s->vocab, (unsigned long long)scales, (unsigned long long)tokenizer->n, (unsigned long long)scales,
                     (unsigned long long)words, (unsigned long long)(rows - words), (unsigned long long)words,
                     (unsigned long long)rows, s->vocab, s->padded, (unsigned long long)rows, (unsigned long long)all);
    size_t length = ((size_t)n + 8 + 63) / 64 * 64 - 8;
    double *values = ew_alloc(s->d, sizeof *values);
    out->data = ew_calloc(8 + length + (size_t)all, 1);
    ew_status status = EW_OK;
    if (!values || !out->data) {
        status = ew_fail_memory(err, (size_t)all, "the model");
        goto done;
    }
    out->n = 8 + length + (size_t)all;
    char *data = out->data + 8 + length;
    for (int i = 0; i < 8; i++) out->data[i] = (char)(length >> (8 * i));
    memset(out->data + 8, ' ', length);
    memcpy(out->data + 8, header, (size_t)n);
    memcpy(data + scales, tokenizer->data, tokenizer->n);
    for (uint32_t id = 0; id < s->vocab; id++) {
        float scale = 1;
        EW_TRY(one_row(s, id, values, (int8_t *)data + rows + (size_t)id * s->padded, &scale, err));
        uint32_t bits;
        memcpy(&bits, &scale, sizeof bits);
        for (int i = 0; i < 4; i++) data[4 * (size_t)id + (size_t)i] = (char)(bits >> (8 * i));
    }
done:
    ew_free(values);
    if (status != EW_OK) ew_bytes_free(out);
    return status;
}

ew_status ew_model_convert(const char *name, const ew_bytes *table, const ew_bytes *tokenizer, const char *rows, ew_bytes *out,
                           ew_model_source *from, ew_error *err) {
    ew_safetensors file;
    ew_tokenizer *t = NULL;
    int memory;
    ew_status status = EW_OK;
    *out = (ew_bytes){0};
    const char *why = ew_safetensors_parse(table->data, table->n, &file, &memory);
    source s = {.name = name};
    if (why) {
        status = memory ? ew_fail_memory(err, table->n, "the model's header") : refuse(&s, why, err);
        goto done;
    }
    s.rows = ew_safetensors_find(&file, rows ? rows : "embeddings");
    if (!s.rows && !rows) s.rows = ew_safetensors_find(&file, "embedding.weight");
    s.weights = ew_safetensors_find(&file, "weights");
    s.mapping = ew_safetensors_find(&file, "mapping");
    EW_TRY(ew_tokenizer_import("tokenizer.json", tokenizer->data, tokenizer->n, &t, err));
    EW_TRY(check(&s, ew_tokenizer_size(t), err));
    EW_TRY(write_model(&s, tokenizer, out, err));
    *from = (ew_model_source){.rows = s.rows->shape[0], .weights = s.weights != NULL, .mapping = s.mapping != NULL};
    snprintf(from->type, sizeof from->type, "%s", s.rows->type);
done:
    ew_tokenizer_free(t);
    ew_safetensors_free(&file);
    return status;
}

ew_status ew_model_read_folder(const char *path, ew_bytes *out, ew_model_source *from, ew_error *err) {
    ew_bytes table = {0}, tokenizer = {0};
    struct stat info;
    char *paths[2] = {NULL, NULL};
    ew_status status = EW_OK;
    *out = (ew_bytes){0};
    *from = (ew_model_source){0};
    size_t at = 0, count = sizeof layouts / sizeof *layouts, room = strlen(path) + 64;
    for (int i = 0; i < 2; i++)
        if (!(paths[i] = ew_alloc(room, 1))) {
            status = ew_fail_memory(err, room, "a file name");
            goto done;
        }
    for (; at < count; at++) {
        snprintf(paths[0], room, "%s/%s", path, layouts[at].table);
        snprintf(paths[1], room, "%s/%s", path, layouts[at].tokenizer);
        if (stat(paths[0], &info) == 0 && stat(paths[1], &info) == 0) break;
    }
    if (at == count) {
        status =
            ew_fail(err, EW_INPUT, "'%s' holds no model: a folder of a model has model.safetensors and tokenizer.json", path);
        goto done;
    }
    EW_TRY(ew_bytes_read(paths[0], "model", &table, err));
    EW_TRY(ew_bytes_read(paths[1], "tokenizer", &tokenizer, err));
    EW_TRY(ew_model_convert(paths[0], &table, &tokenizer, layouts[at].name, out, from, err));
    from->form = layouts[at].form;
done:
    ew_free(paths[0]);
    ew_free(paths[1]);
    ew_bytes_free(&table);
    ew_bytes_free(&tokenizer);
    return status;
}
