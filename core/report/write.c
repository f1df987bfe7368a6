/* All files of a run. run.json comes last: where it is there, the folder is whole. */
#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/output.h"
#include "../store/store.h"
#include "report.h"

static ew_status write_description(const ew_run *run, const char *path, ew_error *err) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_output output;
    ew_status status = ew_run_describe(run, &text, err);
    if (status == EW_OK) {
        status = ew_output_open(&output, path, err);
        if (status == EW_OK) status = ew_output_write(&output, text.data, text.length, err);
        if (status == EW_OK) status = ew_output_commit(&output, err);
        ew_output_abandon(&output);
    }
    ew_buffer_free(&text);
    return status;
}

ew_status ew_run_write(const ew_run *run, const char *dir, ew_error *err) {
    static const struct {
        const char *name;
        ew_status (*write)(const ew_run *run, const char *path, ew_error *err);
    } files[] = {
        {"needs.jsonl", ew_report_needs}, {"themes.jsonl", ew_report_themes}, {"comments.jsonl", ew_report_comments},
        {"edgewise.db", ew_store_write},  {"report.html", ew_report_html},    {"run.json", write_description},
    };
    ew_status status = ew_make_folder(dir, err);
    if (status != EW_OK) return status;
    size_t n = strlen(dir) + 32;
    char *path = ew_alloc(n, 1);
    if (!path) return ew_fail_memory(err, n, "a file name");
    for (size_t i = 0; status == EW_OK && i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, n, "%s/%s", dir, files[i].name);
        status = files[i].write(run, path, err);
    }
    ew_free(path);
    return status;
}
