/* The engine, as whoever calls it meets it: options, patience, vectors of his own, plan, doctor, timings. */
#define _GNU_SOURCE /* mkstemp */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "leaks.h"
#include "make_comments.h"

static ew_error err;

Test(mine, options_that_make_no_sense) {
    static const char text[] = "{\"id\":\"a\",\"text\":\"The lid leaks.\"}\n";
    ew_input input = {"made-up.jsonl", text, sizeof text - 1};
    for (int which = 0; which < 14; which++) {
        ew_options o;
        ew_options_init(&o);
        switch (which) {
        case 0:
            o.struct_size--;
            break;
        case 1:
            o.threads = -1;
            break;
        case 2:
            o.threads = 100000;
            break;
        case 3:
            o.decoys = -1;
            break;
        case 4:
            o.decoys = 101;
            break;
        case 5:
            o.themes = -1;
            break;
        case 6:
            o.zstd_window_log = 9;
            break;
        case 7:
            o.zstd_window_log = 32;
            break;
        case 8:
            o.max_line = 0;
            break;
        case 9:
            o.max_line = UINT64_MAX;
            break;
        case 10:
            o.max_units = 0;
            break;
        case 11:
            o.max_units = UINT64_MAX;
            break;
        case 12:
            o.corpus_part = 2;
            break;
        default:
            o.format = "xml";
            break;
        }
        ew_run *run;
        char *json = NULL;
        cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_USAGE, "option %d: %s", which, err.message);
        cr_assert_null(run);
        if (which != 1 && which != 2) cr_assert_eq(ew_plan(&input, 1, &o, &json, &err), EW_USAGE, "plan, option %d", which);
        cr_assert_null(json);
    }
    ew_options o;
    ew_run *run;
    ew_options_init(&o);
    o.memory = 1000;
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_RESOURCE);
    o.memory = 0;
    o.vectors = "/none.npy";
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_INPUT);
    o.vectors = NULL;
    o.model = "/none.safetensors";
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_INPUT);
    o.model = NULL;
    o.columns[EW_COL_TEXT] = "nothing";
    cr_assert_neq(ew_mine(&input, 1, &o, &run, &err), EW_OK);
    ew_buffer many = make_comments(60, 1);
    input = (ew_input){"made-up.jsonl", many.data, many.length};
    ew_options_init(&o);
    o.max_units = 10;
    cr_assert_eq(ew_mine(&input, 1, &o, &run, &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "max-units"));
    ew_buffer_free(&many);
    assert_no_leaks();
}

typedef struct {
    int left, calls;
} patience;

static int lose_patience(void *data, const char *stage, uint64_t done, uint64_t total) {
    patience *p = data;
    cr_assert(stage && *stage && (!total || done <= total));
    p->calls++;
    return --p->left < 0;
}

Test(mine, a_caller_who_has_had_enough) {
    ew_buffer lines = make_comments(60, 2);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    int cancelled = 0;
    for (int left = 0;; left++) {
        patience p = {left, 0};
        ew_run *run;
        ew_options options;
        ew_options_init(&options);
        options.decoys = 2;
        options.threads = 2;
        options.progress = lose_patience;
        options.progress_data = &p;
        ew_status status = ew_mine(&input, 1, &options, &run, &err);
        cr_assert(status == EW_OK || status == EW_CANCELLED, "%s", err.message);
        cr_assert_eq(status == EW_OK, run != NULL);
        ew_run_free(run);
        if (status == EW_OK) break;
        cr_assert_eq(p.calls, left + 1); /* not asked again */
        cancelled++;
    }
    cr_assert_geq(cancelled, 10);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(mine, vectors_of_the_callers_own) {
    enum { N = 90, D = 12 };
    char path[] = "/tmp/edgewise-vectors-XXXXXX", turned[] = "/tmp/edgewise-vectors-XXXXXX";
    for (int order = 0; order < 2; order++) {
        int file = mkstemp(order ? turned : path);
        cr_assert(file >= 0);
        char header[100], whole[128];
        memset(whole, ' ', sizeof whole);
        memcpy(whole, "\x93NUMPY\x01\0\x76\0", 10);
        int n = snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': %s, 'shape': (%d, %d), }",
                         order ? "True" : "False", N, D);
        memcpy(whole + 10, header, (size_t)n);
        whole[127] = '\n';
        cr_assert_eq(write(file, whole, sizeof whole), sizeof whole);
        for (uint32_t at = 0; at < N * D; at++) {
            uint32_t i = order ? at % N : at / D, k = order ? at / N : at % D;
            float x = (float)(ew_random_unit(1, 1, i % 6, k) + .2 * ew_random_unit(1, 2, i, k));
            cr_assert_eq(write(file, &x, 4), 4);
        }
        close(file);
    }
    ew_buffer lines = make_comments(N, 2), fewer = make_comments(N - 1, 2);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_run *run;
    ew_options_init(&options);
    options.vectors = path;
    options.threads = 2;
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    assert_run(run, 0);
    size_t needs;
    const ew_need *need = ew_run_needs(run, &needs);
    for (size_t k = 0; k < needs; k++)
        cr_assert(need[k].tier == EW_WHISPER && isnan(need[k].why.significance)); /* no decoys without a model */
    size_t n_themes;
    char *id = strdup(ew_run_themes(run, &n_themes)[0].id);
    ew_run_free(run);
    options.vectors = turned; /* the same in Fortran order */
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    cr_assert_str_eq(ew_run_themes(run, &n_themes)[0].id, id);
    free(id);
    ew_run_free(run);
    options.vectors = path;
    input = (ew_input){"made-up.jsonl", fewer.data, fewer.length};
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_INPUT);
    cr_assert_not_null(strstr(err.message, "89"));
    unlink(path);
    unlink(turned);
    ew_buffer_free(&lines);
    ew_buffer_free(&fewer);
    assert_no_leaks();
}

Test(mine, says_what_it_is_and_what_a_run_takes) {
    ew_buffer lines = make_comments(50, 2);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    char *json;
    ew_run *run;
    ew_options_init(&options);
    cr_assert_eq(ew_plan(&input, 1, &options, &json, &err), EW_OK, "%s", err.message);
    cr_assert(strstr(json, "\"comments\":50,") && strstr(json, "\"text\":\"text\"") && strstr(json, "\"fits\":true"), "%s", json);
    ew_free(json);
    cr_assert_eq(ew_plan(&input, 0, &options, &json, &err), EW_USAGE);
    cr_assert_eq(ew_doctor(&json, &err), EW_OK);
    cr_assert(strstr(json, EW_VERSION) && json[strlen(json) - 1] == '}');
    ew_free(json);
    cr_assert_str_eq(ew_version(), EW_VERSION);
    cr_assert_eq(mine(lines.data, lines.length, 1, 1, &run, &err), EW_OK);
    ew_run_free(run);
    cr_assert_eq(ew_timings(&json, &err), EW_OK);
    cr_assert(strstr(json, "\"neighbours\":") && strstr(json, "\"total\":"), "%s", json);
    ew_free(json);
    for (uint64_t nth = 1; nth < 8; nth++) {
        char *plan = NULL, *doctor = NULL;
        ew_alloc_fail_after(nth);
        ew_status a = ew_plan(&input, 1, &options, &plan, &err);
        ew_alloc_fail_after(nth);
        ew_status b = ew_doctor(&doctor, &err);
        ew_alloc_fail_after(0);
        cr_assert(a == EW_RESOURCE && !plan && (b == EW_OK) == (doctor != NULL));
        ew_free(doctor);
    }
    ew_buffer_free(&lines);
    assert_no_leaks();
}
