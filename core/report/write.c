/* All files of a run. run.json comes last: where it is there, the folder is whole. */
#define _GNU_SOURCE /* mkdtemp */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/alloc.h"
#include "../base/output.h"
#include "../context/places.h"
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

static const struct {
    const char *name;
    ew_status (*write)(const ew_run *run, const char *path, ew_error *err);
} FILES[] = {
    {"needs.jsonl", ew_report_needs}, {"themes.jsonl", ew_report_themes}, {"comments.jsonl", ew_report_comments},
    {"model.bin", ew_places_write},  {"edgewise.db", ew_store_write},    {"report.html", ew_report_html},
    {"run.json", write_description},
};
enum { N_FILES = sizeof FILES / sizeof FILES[0] };

/* The user named `dir`: the folder aside does not belong into a message. */
static void name_the_target(ew_error *err, const char *aside, const char *dir) {
    char *at = err ? strstr(err->message, aside) : NULL;
    if (!at) return;
    size_t longer = strlen(aside) - strlen(dir);
    memmove(at + strlen(dir), at + strlen(dir) + longer, strlen(at + strlen(dir) + longer) + 1);
}

/* All files are written to a folder of their own inside `dir` and moved when the last is whole: a full disk leaves the run that
 * was there before, not a mixture of two. */
ew_status ew_run_write(const ew_run *run, const char *dir, ew_error *err) {
    size_t n = strlen(dir) + 64;
    char *aside = NULL, *from = NULL, *to = NULL;
    int made = 0;
    ew_status status;
    EW_TRY(ew_make_folder(dir, err));
    aside = ew_alloc(n, 1);
    from = ew_alloc(n, 1);
    to = ew_alloc(n, 1);
    if (!aside || !from || !to) {
        status = ew_fail_memory(err, n, "a file name");
        goto done;
    }
    snprintf(aside, n, "%s/.edgewise-XXXXXX", dir);
    if (!mkdtemp(aside)) {
        status = ew_fail(err, EW_RESOURCE, "cannot write to folder '%s': %s", dir, strerror(errno));
        goto done;
    }
    made = 1;
    for (size_t i = 0; i < N_FILES; i++) {
        snprintf(from, n, "%s/%s", aside, FILES[i].name);
        status = FILES[i].write(run, from, err);
        if (status == EW_OK) continue;
        name_the_target(err, aside, dir);
        goto done;
    }
    for (size_t i = 0; i < N_FILES; i++) {
        snprintf(from, n, "%s/%s", aside, FILES[i].name);
        snprintf(to, n, "%s/%s", dir, FILES[i].name);
        if (rename(from, to) == 0) continue;
        status = ew_fail(err, EW_RESOURCE, "cannot write '%s': %s", to, strerror(errno));
        goto done;
    }
done:
    for (size_t i = 0; made && i < N_FILES; i++) {
        snprintf(from, n, "%s/%s", aside, FILES[i].name);
        unlink(from);
    }
    if (made) rmdir(aside);
    ew_free(aside);
    ew_free(from);
    ew_free(to);
    return status;
}
