/* What a bug report needs, and where the last call's time went. */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <utf8proc.h>
#include <zlib.h>
#include <zstd.h>

#include "base/json.h"
#include "kernels/kernels.h"
#include "mining.h"

static _Thread_local ew_stopwatch last;
static _Thread_local double last_total, last_cpu;

static _Thread_local uint64_t last_rejected;
static _Thread_local double last_recall = 1;
static _Thread_local char first_rejected[512];

void ew_remember_rejects(const ew_rejects *rejects) {
    last_rejected = rejects->n;
    snprintf(first_rejected, sizeof first_rejected, "%s", rejects->kept ? rejects->messages[0] : "");
}

void ew_remember_recall(double recall) { last_recall = recall; }
double ew_last_recall(void) { return last_recall; }

uint64_t ew_last_rejected(const char **first) {
    if (first) *first = first_rejected;
    return last_rejected;
}

void ew_remember_timings(const ew_stopwatch *timings) {
    last = *timings;
    last_total = ew_wall() - timings->started;
    last_cpu = ew_cpu();
}

static ew_status finish(ew_buffer *out, char **json, ew_status status, ew_error *err) {
    if (status == EW_OK) status = ew_buffer_append(out, "", 1, err);
    *json = status == EW_OK ? out->data : NULL;
    if (status != EW_OK) ew_buffer_free(out);
    return status;
}

static ew_status seconds(ew_buffer *out, const char *name, double value, ew_error *err) {
    ew_status status = ew_buffer_printf(out, err, "\"%s\":", name);
    if (status == EW_OK) status = ew_json_fixed(out, value, 6, err);
    return status == EW_OK ? ew_buffer_append(out, ",", 1, err) : status;
}

ew_status ew_timings(char **json, ew_error *err) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status = ew_buffer_append(&out, "{", 1, err);
    for (size_t i = 0; status == EW_OK && i < last.n; i++)
        status = seconds(&out, last.stages[i].stage, last.stages[i].seconds, err);
    if (status == EW_OK) status = seconds(&out, "total", last_total, err);
    if (status == EW_OK) status = seconds(&out, "cpu", last_cpu, err);
    if (status == EW_OK) status = ew_buffer_printf(&out, err, "\"cpu_stages\":{");
    for (size_t i = 0; status == EW_OK && i < last.n; i++) status = seconds(&out, last.stages[i].stage, last.stages[i].cpu, err);
    if (out.length && out.data[out.length - 1] == ',') out.length--;
    if (status == EW_OK) status = ew_buffer_printf(&out, err, "},\"peak_rss_bytes\":%llu}", (unsigned long long)ew_peak_memory());
    return finish(&out, json, status, err);
}

const char *ew_version(void) { return EW_VERSION; }

static ew_status field(ew_buffer *out, const char *name, const char *value, ew_error *err) {
    ew_status status = ew_buffer_printf(out, err, "%s\"%s\":", out->length > 1 ? "," : "", name);
    return status == EW_OK ? ew_json_string(out, value, strlen(value), err) : status;
}

ew_status ew_doctor(char **json, ew_error *err) {
    extern char *openblas_get_config(void); /* declared here: Debian's header wants complex numbers that C11 may lack */
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    struct utsname host;
    ew_model model = {0};
    char text[128];
    ew_status status;
    static const char *const sets[] = {"serial", "avx2", "avx512", "amx", "neon"};
    EW_TRY(ew_buffer_append(&out, "{", 1, err));
    EW_TRY(field(&out, "edgewise", EW_VERSION, err));
    EW_TRY(field(&out, "instruction_set", ew_kernels_get()->name, err));
    text[0] = 0;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (ew_kernels_named(sets[i]))
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? " " : "", sets[i]);
    EW_TRY(field(&out, "instruction_sets", text, err));
    EW_TRY(field(&out, "blas", openblas_get_config(), err));
    EW_TRY(field(&out, "zstd", ZSTD_versionString(), err));
    EW_TRY(field(&out, "zlib", zlibVersion(), err));
    EW_TRY(field(&out, "utf8proc", utf8proc_version(), err));
    EW_TRY(field(&out, "unicode", utf8proc_unicode_version(), err));
    EW_TRY(field(&out, "sqlite", sqlite3_libversion(), err));
    EW_TRY(ew_model_open(NULL, &model, err));
    snprintf(text, sizeof text, "built-in, %u x %u, %s", model.vocab, model.d, model.digest);
    EW_TRY(field(&out, "model", text, err));
    if (uname(&host) == 0) {
        snprintf(text, sizeof text, "%.40s %.60s", host.sysname, host.machine);
        EW_TRY(field(&out, "system", text, err));
    }
    EW_TRY(ew_buffer_printf(&out, err, ",\"cores\":%ld,\"memory_bytes\":%lld}", sysconf(_SC_NPROCESSORS_ONLN),
                            (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
done:
    ew_model_close(&model);
    return finish(&out, json, status, err);
}
