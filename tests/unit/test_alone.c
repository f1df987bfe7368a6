#define _GNU_SOURCE /* mkdtemp */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/edgewise.h"
#include "../../core/vectors/vectors.h"
#include "leaks.h"
#include "make_corpus.h"

static ew_error err;
static char folder[64];

static const char *const TEXTS[] = {"The lid leaks. I wish it did not.", "",
                                    "The lid leaks. I wish it did not.", "caf\xc3\xa9 \xf0\x9f\x98\x80",
                                    "Wonderful grinder, thank you!",     "\xff\xfe bytes"};
enum { N = sizeof TEXTS / sizeof *TEXTS };

typedef ew_status (*stage_fn)(const ew_input *inputs, size_t n, const ew_options *options, const char *path, uint64_t *n_out,
                              ew_error *err);
static const stage_fn STAGES[] = {ew_tokens_file, ew_embed_file, ew_families_file, ew_signals_file};

static void begin(void) {
    strcpy(folder, "/tmp/edgewise-alone-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void end(void) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static const char *in_folder(const char *name) {
    static char path[2][128];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

/* A whole file, a NUL behind it; NULL: not there. */
static char *content(const char *name, size_t *n) {
    FILE *f = fopen(in_folder(name), "rb");
    if (!f) return NULL;
    char *out = calloc(1, 1 << 20);
    *n = fread(out, 1, (1 << 20) - 1, f);
    fclose(f);
    return out;
}

static ew_status stage(stage_fn run, int threads, const char *name, uint64_t *n_out) {
    ew_buffer lines = make_lines(TEXTS, NULL, N);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_options_init(&options);
    options.threads = threads;
    ew_status status = run(&input, 1, &options, in_folder(name), n_out, &err);
    ew_buffer_free(&lines);
    return status;
}

Test(alone, each_stage_writes_its_file, .init = begin, .fini = end) {
    static const uint64_t rows[] = {N, N, 1, 0};
    uint64_t n_out;
    size_t n, m;
    for (int s = 0; s < 4; s++) {
        cr_assert_eq(stage(STAGES[s], 1, "one", &n_out), EW_OK, "%s", err.message);
        if (rows[s])
            cr_assert_eq(n_out, rows[s]);
        else
            cr_assert_geq(n_out, 6);
        char *one = content("one", &n);
        for (int threads = 2; threads <= 8; threads += 3) {
            cr_assert_eq(stage(STAGES[s], threads, "more", NULL), EW_OK);
            char *more = content("more", &m);
            cr_assert_eq(n, m);
            cr_assert_arr_eq(one, more, n);
            free(more);
        }
        free(one);
    }
    assert_no_leaks();
}

Test(alone, tokens_and_their_offsets, .init = begin, .fini = end) {
    uint64_t n_out;
    size_t n, m;
    cr_assert_eq(stage(ew_tokens_file, 2, "ids.bin", &n_out), EW_OK);
    char *ids = content("ids.bin", &n), *offsets = content("ids.offsets.bin", &m);
    cr_assert_eq(m, (N + 1) * sizeof(uint64_t));
    uint64_t at[N + 1];
    memcpy(at, offsets, sizeof at);
    cr_assert(at[0] == 0 && at[N] * sizeof(uint32_t) == n);
    cr_assert_eq(at[2], at[1]); /* the empty one */
    cr_assert(at[1] > 6 && at[3] - at[2] == at[1]);
    cr_assert_arr_eq(ids, ids + at[2] * 4, at[1] * 4); /* the copy */
    free(ids);
    free(offsets);
    assert_no_leaks();
}

/* More short records than a slot has rows for, titles, and a text of megabytes: the same for any number of threads. */
Test(alone, many_short_records_and_a_long_one, .init = begin, .fini = end, .timeout = 60) {
    enum { SHORT = 20000, LONG = 3 << 20 };
    ew_buffer lines = EW_BUFFER_INIT(EW_BUFFER_ANY);
    char *words = malloc(LONG);
    for (size_t i = 0; i < LONG; i++) words[i] = "leaks, lid \xc3\xa9!"[i % 14];
    for (uint32_t i = 0; i < SHORT; i++) {
        const char *title = i % 5 ? "" : ",\"title\":\"the\"";
        cr_assert_eq(ew_buffer_printf(&lines, &err, "{\"text\":\"w%u\"%s}\n", i % 97, title), EW_OK);
        if (i == SHORT / 2) cr_assert_eq(ew_buffer_printf(&lines, &err, "{\"text\":\"%.*s\"}\n", LONG, words), EW_OK);
    }
    free(words);
    ew_input input = {"made-up.jsonl", lines.data, lines.length};
    ew_options options;
    ew_options_init(&options);
    for (int s = 0; s < 2; s++) {
        char one[128], more[128], command[300];
        uint64_t n_out;
        snprintf(one, sizeof one, "%s", in_folder("one"));
        snprintf(more, sizeof more, "%s", in_folder("more"));
        options.threads = 1;
        cr_assert_eq(STAGES[s](&input, 1, &options, one, &n_out, &err), EW_OK, "%s", err.message);
        cr_assert_eq(n_out, SHORT + 1);
        for (options.threads = 2; options.threads <= 8; options.threads += options.threads == 2 ? 1 : 5) {
            cr_assert_eq(STAGES[s](&input, 1, &options, more, &n_out, &err), EW_OK);
            snprintf(command, sizeof command, "cmp %s %s", one, more);
            cr_assert_eq(system(command), 0, "stage %d, %d threads", s, options.threads);
        }
    }
    float *rows;
    uint32_t n, d;
    cr_assert_eq(ew_npy_read(in_folder("one"), &rows, &n, &d, &err), EW_OK);
    cr_assert(n == SHORT + 1 && d == 256);
    size_t row = d * sizeof *rows;
    cr_assert_eq(memcmp(rows + (size_t)d * 1, rows + (size_t)d * (1 + 97 * 5), row), 0); /* w1 twice, in a slot and beyond it */
    cr_assert_eq(memcmp(rows + (size_t)d * 1, rows + (size_t)d * (1 + 97 * 75), row), 0);
    cr_assert_neq(memcmp(rows, rows + (size_t)d * 97, row), 0); /* w0 with a title, and without */
    ew_free(rows);
    ew_buffer_free(&lines);
    assert_no_leaks();
}

Test(alone, families_and_signals_are_lines, .init = begin, .fini = end) {
    uint64_t n_out;
    size_t n;
    cr_assert_eq(stage(ew_families_file, 2, "f", &n_out), EW_OK);
    char *text = content("f", &n);
    cr_assert(strstr(text, "\"rows\":[0,2],\"ids\":[\"i0\",\"i2\"],\"kind\":\"copy\"}\n"), "%s", text);
    free(text);
    cr_assert_eq(stage(ew_signals_file, 2, "s", &n_out), EW_OK);
    text = content("s", &n);
    cr_assert(strstr(text, "{\"id\":\"i0\",\"start\":0,\"end\":14,\"need\":0."), "%s", text);
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++) lines += text[i] == '\n';
    cr_assert_eq(lines, n_out);
    free(text);
    assert_no_leaks();
}

Test(alone, what_fails_leaves_the_earlier_file, .init = begin, .fini = end) {
    FILE *f = fopen(in_folder("kept"), "w");
    fputs("earlier", f);
    fclose(f);
    for (int s = 0; s < 4; s++) {
        ew_status status = EW_RESOURCE;
        size_t n;
        for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 6) {
            ew_alloc_fail_after(0);
            ew_buffer lines = make_lines(TEXTS, NULL, N);
            ew_input input = {"made-up.jsonl", lines.data, lines.length};
            ew_options options;
            ew_options_init(&options);
            options.threads = 2;
            ew_alloc_fail_after(nth);
            status = STAGES[s](&input, 1, &options, in_folder("kept"), NULL, &err);
            ew_alloc_fail_after(0);
            ew_buffer_free(&lines);
            char *text = content("kept", &n);
            cr_assert(status == EW_OK || (status == EW_RESOURCE && strcmp(text, "earlier") == 0), "stage %d, the %d-th", s,
                      (int)nth);
            free(text);
        }
        f = fopen(in_folder("kept"), "w");
        fputs("earlier", f);
        fclose(f);
        ew_input missing = {"/none/such", NULL, 0};
        ew_options options;
        ew_options_init(&options);
        cr_assert_eq(STAGES[s](&missing, 1, &options, in_folder("kept"), NULL, &err), EW_INPUT);
        cr_assert_eq(STAGES[s](&missing, 0, &options, in_folder("kept"), NULL, &err), EW_USAGE);
        options.threads = -1;
        cr_assert_eq(STAGES[s](&missing, 1, &options, in_folder("kept"), NULL, &err), EW_USAGE);
        cr_assert_eq(stage(STAGES[s], 1, "none/such", NULL), EW_RESOURCE);
    }
    assert_no_leaks();
}

/* ---- anybody's vectors ---- */

enum { ROWS = 120, D = 10, GROUPS = 4 };

static void write_vectors(void) {
    float rows[ROWS * D];
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint32_t k = 0; k < D; k++)
            rows[i * D + k] = (float)(ew_random_unit(1, 1, i % GROUPS, k) - .5 + .1 * ew_random_unit(1, 2, i, k));
    cr_assert_eq(ew_npy_write_f32(in_folder("v.npy"), rows, ROWS, D, &err), EW_OK);
}

/* The int32 values at the end of an .npy file. */
static int32_t *values(const char *name, size_t count) {
    size_t n;
    char *text = content(name, &n);
    int32_t *out = calloc(count, sizeof *out);
    cr_assert_geq(n, count * sizeof *out + 10);
    memcpy(out, text + n - count * sizeof *out, count * sizeof *out);
    free(text);
    return out;
}

Test(alone, neighbours_and_clusters_of_vectors, .init = begin, .fini = end) {
    write_vectors();
    ew_options options;
    uint64_t n_out;
    ew_options_init(&options);
    options.threads = 2;
    char vectors[128];
    snprintf(vectors, sizeof vectors, "%s", in_folder("v.npy"));
    cr_assert_eq(ew_neighbours_file(vectors, 7, &options, in_folder("n.npy"), &n_out, &err), EW_OK, "%s", err.message);
    cr_assert_eq(n_out, ROWS);
    int32_t *near = values("n.npy", ROWS * 7);
    for (int i = 0; i < ROWS * 7; i++) cr_assert(near[i] != i / 7 && near[i] % GROUPS == i / 7 % GROUPS);
    free(near);
    options.themes = GROUPS;
    cr_assert_eq(ew_cluster_file(vectors, &options, in_folder("c.npy"), &n_out, &err), EW_OK, "%s", err.message);
    int32_t *label = values("c.npy", ROWS);
    for (int i = 0; i < ROWS; i++) cr_assert(label[i] >= 0 && label[i] < GROUPS && label[i] == label[i % GROUPS]);
    free(label);
    cr_assert_eq(ew_neighbours_file(vectors, 0, &options, in_folder("x"), NULL, &err), EW_USAGE);
    cr_assert_eq(ew_neighbours_file(vectors, ROWS, &options, in_folder("x"), NULL, &err), EW_INPUT);
    cr_assert_eq(ew_neighbours_file("/none.npy", 3, &options, in_folder("x"), NULL, &err), EW_INPUT);
    options.themes = -1;
    cr_assert_eq(ew_cluster_file(vectors, &options, in_folder("x"), NULL, &err), EW_USAGE);
    ew_options_init(&options);
    options.max_units = 100;
    cr_assert_eq(ew_cluster_file(vectors, &options, in_folder("x"), NULL, &err), EW_RESOURCE);
    ew_options_init(&options);
    options.memory = 1 << 20;
    cr_assert_eq(ew_cluster_file(vectors, &options, in_folder("x"), NULL, &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "--memory"));
    options.memory = 100 << 20;
    cr_assert_eq(ew_cluster_file(vectors, &options, in_folder("c.npy"), NULL, &err), EW_OK);
    ew_options_init(&options);
    options.struct_size = 1;
    cr_assert_eq(ew_neighbours_file(vectors, 3, &options, in_folder("x"), NULL, &err), EW_USAGE);
    ew_options_init(&options);
    options.threads = 2;
    cr_assert_neq(access(in_folder("x"), F_OK), 0);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth += 1 + nth / 6) {
        ew_alloc_fail_after(nth);
        status = ew_cluster_file(vectors, &options, in_folder("y"), NULL, &err);
        if (status == EW_OK) status = ew_neighbours_file(vectors, 5, &options, in_folder("z"), NULL, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "%s", err.message);
    }
    assert_no_leaks();
}
