/* The model file: a safetensors container. Everything it says is checked against the bytes that are there before any of it is
 * used. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "import.h"
#include "inside.h"
#include "safetensors.h"

static const float SCALE_MAX = 1e6f; /* so that no sum of rows overflows when squared */

static const char *check(const ew_safetensors *file, ew_model *model) {
    const ew_tensor *rows = ew_safetensors_find(file, "embeddings"), *scales = ew_safetensors_find(file, "scales");
    const ew_tensor *words = ew_safetensors_find(file, "tokenizer");
    const char *columns = ew_safetensors_note(file, "columns");
    if (rows && !scales && ew_tensor_is_real(rows))
        return "it is a table alone; give the folder that holds its tokenizer.json too";
    if (!rows || !scales) return "it lacks 'embeddings' or 'scales'";
    if (strcmp(rows->type, "I8") || rows->dimensions != 2 || strcmp(scales->type, "F32") || scales->dimensions != 1)
        return "its tensors have another type or number of dimensions";
    if (rows->shape[0] == 0 || rows->shape[0] > EW_VOCAB_MAX || rows->shape[0] != scales->shape[0])
        return "the vocabulary is empty, above 4194304, or not the same in both tensors";
    if (rows->shape[1] == 0 || rows->shape[1] % 16 || rows->shape[1] > EW_COLUMNS_MAX)
        return "the number of columns is not a multiple of 16 up to 8192";
    if ((uintptr_t)scales->data % 4) return "'scales' do not lie at a multiple of four bytes";
    if (words && (strcmp(words->type, "U8") || words->dimensions != 1 || !words->size)) return "'tokenizer' is not a text";
    *model = (ew_model){.vocab = (uint32_t)rows->shape[0],
                        .d = (uint32_t)rows->shape[1],
                        .columns = (uint32_t)rows->shape[1],
                        .rows = (const int8_t *)rows->data,
                        .scales = (const float *)(const void *)scales->data,
                        .tokenizer = words ? (const char *)words->data : NULL,
                        .tokenizer_bytes = words ? (size_t)words->size : 0};
    if (*columns) {
        char *end;
        unsigned long real = strtoul(columns, &end, 10);
        if (*end || real == 0 || real > model->d || model->d - real > 15) return "its note 'columns' does not fit its table";
        model->columns = (uint32_t)real;
    }
    for (uint32_t i = 0; i < model->vocab; i++)
        if (!(model->scales[i] > 0 && model->scales[i] <= SCALE_MAX))
            return "a scale is not a number above 0 and up to a million";
    return NULL;
}

ew_status ew_model_parse(const char *name, const void *bytes, size_t n, ew_model *out, ew_error *err) {
    *out = (ew_model){0};
    ew_safetensors file;
    ew_model model = {0};
    int memory;
    const char *why = ew_safetensors_parse(bytes, n, &file, &memory);
    if (memory) return ew_fail_memory(err, n < (1 << 20) ? n : 1 << 20, "the model's header");
    if (!why) why = check(&file, &model);
    ew_safetensors_free(&file);
    if (why)
        return ew_fail_at(err, EW_INPUT, name, 0, 0,
                          "not a usable model: %s; a model is a folder with model.safetensors and tokenizer.json, or a file that "
                          "'edgewise model import' wrote",
                          why);
    snprintf(model.digest, sizeof model.digest, "%016llx", (unsigned long long)ew_hash(bytes, n, 0));
    *out = model;
    return EW_OK;
}

ew_status ew_model_open(const char *path, ew_model *out, ew_error *err) {
    *out = (ew_model){0};
    size_t built_in = (size_t)(ew_builtin_model_end - ew_builtin_model);
    if (!path) return ew_model_parse("built-in model", ew_builtin_model, built_in, out, err);
    struct stat info;
    ew_bytes bytes;
    ew_model_source from;
    ew_status status = stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? ew_model_read_folder(path, &bytes, &from, err)
                                                                       : ew_bytes_read(path, "model", &bytes, err);
    if (status != EW_OK) return status;
    status = ew_model_parse(path, bytes.data, bytes.n, out, err);
    if (status != EW_OK) {
        ew_bytes_free(&bytes);
        return status;
    }
    out->owned = bytes.data;
    return EW_OK;
}

ew_status ew_model_tokenizer(const ew_model *model, ew_tokenizer **out, ew_error *err) {
    ew_status status = model->tokenizer
                           ? ew_tokenizer_import("the model's tokenizer", model->tokenizer, model->tokenizer_bytes, out, err)
                           : ew_tokenizer_create(ew_builtin_vocab, (size_t)(ew_builtin_vocab_end - ew_builtin_vocab), out, err);
    if (status != EW_OK || ew_tokenizer_size(*out) == model->vocab) return status;
    status = ew_fail(err, EW_INPUT, "the model has %u rows, the vocabulary %u pieces; %s", model->vocab, ew_tokenizer_size(*out),
                     model->tokenizer ? "it is broken" : "a model without a tokenizer must be made for bert-base-uncased");
    ew_tokenizer_free(*out);
    *out = NULL;
    return status;
}

void ew_model_close(ew_model *model) {
    ew_free(model->owned);
    *model = (ew_model){0};
}
