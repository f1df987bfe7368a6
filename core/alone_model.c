/* Models as files: what one is, and one of another library as a single file of our own. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/output.h"
#include "vectors/import.h"

static ew_status text(ew_buffer *out, const char *name, const char *value, ew_error *err) {
    ew_status status = ew_buffer_printf(out, err, "%s\"%s\":", out->length > 1 ? "," : "", name);
    return status == EW_OK ? ew_json_string(out, value, strlen(value), err) : status;
}

/* An imported folder's own words, or those of a file. */
static ew_status describe(const char *path, const ew_model *model, const ew_model_source *from, const ew_tokenizer *t,
                          ew_buffer *out, ew_error *err) {
    const char *form = from->form         ? from->form
                       : !path            ? "built-in"
                       : model->tokenizer ? "edgewise"
                                          : "edgewise, for the built-in vocabulary";
    ew_status status;
    EW_TRY(ew_buffer_append(out, "{", 1, err));
    EW_TRY(text(out, "path", path ? path : "built-in", err));
    EW_TRY(text(out, "form", form, err));
    EW_TRY(text(out, "tokenizer", ew_tokenizer_kind(t), err));
    EW_TRY(ew_buffer_printf(out, err, ",\"vocabulary\":%u,\"columns\":%u", model->vocab, model->columns));
    EW_TRY(text(out, "values", from->form ? from->type : "I8", err));
    EW_TRY(ew_buffer_printf(out, err, ",\"rows\":%llu,\"weights\":%s,\"mapping\":%s",
                            (unsigned long long)(from->form ? from->rows : model->vocab), from->weights ? "true" : "false",
                            from->mapping ? "true" : "false"));
    EW_TRY(text(out, "digest", model->digest, err));
    EW_TRY(ew_buffer_append(out, "}", 2, err));
done:
    return status;
}

ew_status ew_model_describe(const char *path, char **json, ew_error *err) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_model model = {0};
    ew_model_source from = {0};
    ew_tokenizer *t = NULL;
    ew_bytes bytes = {0};
    struct stat info;
    ew_status status;
    *json = NULL;
    if (path && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        EW_TRY(ew_model_read_folder(path, &bytes, &from, err));
        EW_TRY(ew_model_parse(path, bytes.data, bytes.n, &model, err));
    } else {
        EW_TRY(ew_model_open(path, &model, err));
    }
    EW_TRY(ew_model_tokenizer(&model, &t, err));
    EW_TRY(describe(path, &model, &from, t, &out, err));
    *json = out.data;
    out = (ew_buffer)EW_BUFFER_INIT(0);
done:
    ew_buffer_free(&out);
    ew_tokenizer_free(t);
    ew_model_close(&model);
    ew_bytes_free(&bytes);
    return status;
}

ew_status ew_model_import(const char *path, const char *out, ew_error *err) {
    ew_output file = {.file = -1};
    ew_bytes bytes = {0};
    ew_model_source from;
    ew_model model;
    ew_status status;
    EW_TRY(ew_model_read_folder(path, &bytes, &from, err));
    EW_TRY(ew_model_parse(path, bytes.data, bytes.n, &model, err)); /* what is written can be opened */
    EW_TRY(ew_output_open(&file, out, err));
    EW_TRY(ew_output_write(&file, bytes.data, bytes.n, err));
    EW_TRY(ew_output_commit(&file, err));
done:
    ew_output_abandon(&file);
    ew_bytes_free(&bytes);
    return status;
}
