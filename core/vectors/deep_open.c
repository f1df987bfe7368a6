/* A model from a path: a folder as it was published, or a file that was converted before. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../base/output.h"
#include "deep_inside.h"

static ew_status open_folder(const char *path, ew_deep *deep, ew_error *err) {
    ew_deep_weights weights = {0};
    ew_status status;
    char *packed;
    size_t n;
    EW_TRY(ew_deep_read_shape(path, &deep->shape, err));
    EW_TRY(ew_deep_weights_open(path, &deep->shape, &weights, err));
    if (deep->kind == EW_DEEP_FLOAT) {
        unsigned long long digest = ew_hash(weights.file.bytes, weights.file.n, 0);
        snprintf(deep->digest, sizeof deep->digest, "%016llx", digest);
        deep->weights = weights;
        return EW_OK;
    }
    EW_TRY(ew_deep_pack(&weights, &deep->shape, &packed, &n, &deep->memory, err));
    EW_TRY(ew_deep_parse(path, packed, n, deep, err));
done:
    ew_deep_weights_close(&weights);
    return status;
}

ew_status ew_deep_open(const char *path, ew_deep_kind kind, ew_deep **out, ew_error *err) {
    struct stat info;
    *out = NULL;
    ew_deep *deep = ew_calloc(1, sizeof *deep);
    if (!deep) return ew_fail_memory(err, sizeof *deep, "the encoder");
    deep->kind = kind;
    ew_status status;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        EW_TRY(open_folder(path, deep, err));
    } else {
        EW_TRY(ew_mapping_open(path, "encoder", &deep->file, err));
        if (kind == EW_DEEP_INT8)
            EW_TRY(ew_deep_parse(path, deep->file.bytes, deep->file.n, deep, err));
        else
            status = ew_fail(err, EW_USAGE, "'%s' is not a folder: a converted encoder has no float weights", path);
    }
done:
    if (status == EW_OK)
        *out = deep;
    else
        ew_deep_close(deep);
    return status;
}

ew_status ew_deep_look(const char *path, ew_deep_shape *out, ew_error *err) {
    struct stat info;
    ew_deep *deep;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return ew_deep_read_shape(path, out, err);
    ew_status status = ew_deep_open(path, EW_DEEP_INT8, &deep, err);
    if (status == EW_OK) *out = deep->shape;
    ew_deep_close(deep);
    return status;
}

void ew_deep_close(ew_deep *deep) {
    if (!deep) return;
    ew_deep_weights_close(&deep->weights);
    ew_mapping_close(&deep->file);
    ew_free(deep->memory);
    ew_free(deep->sums);
    ew_free(deep->layers);
    ew_free(deep);
}

const ew_deep_shape *ew_deep_shape_of(const ew_deep *deep) { return &deep->shape; }

const char *ew_deep_digest(const ew_deep *deep) { return deep->digest; }

ew_status ew_deep_convert(const char *folder, const char *path, ew_error *err) {
    ew_deep_shape shape;
    ew_deep_weights weights = {0};
    ew_output output = {.file = -1};
    void *memory = NULL;
    char *packed;
    size_t n;
    ew_status status;
    EW_TRY(ew_deep_read_shape(folder, &shape, err));
    EW_TRY(ew_deep_weights_open(folder, &shape, &weights, err));
    EW_TRY(ew_deep_pack(&weights, &shape, &packed, &n, &memory, err));
    EW_TRY(ew_output_open(&output, path, err));
    EW_TRY(ew_output_write(&output, packed, n, err));
    EW_TRY(ew_output_commit(&output, err));
done:
    ew_output_abandon(&output);
    ew_free(memory);
    ew_deep_weights_close(&weights);
    return status;
}
