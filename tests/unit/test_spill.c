#define _GNU_SOURCE /* mkdtemp */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/clock.h"
#include "../../core/base/random.h"
#include "../../core/base/spill.h"
#include "../../core/edgewise.h"
#include "../../core/vectors/vectors.h"

static ew_error err;

static uint32_t value(size_t i) { return (uint32_t)ew_random(7, 1, i, 0); }

static void assert_values(const uint32_t *items, size_t n) {
    for (size_t i = 0; i < n; i++) cr_assert_eq(items[i], value(i));
}

Test(spill, holds_what_it_got_whoever_rests) {
    enum { N = 100000 };
    ew_spill_from(4096);
    uint32_t *items = ew_calloc_spilled(N, sizeof *items);
    cr_assert(items && ((uintptr_t)items & 4095) == 0); /* a mapping */
    for (size_t i = 0; i < N; i++) cr_assert_eq(items[i], 0);
    for (size_t i = 0; i < N; i++) items[i] = value(i);
    ew_spill_rest();
    assert_values(items, N);
    uint32_t *more = ew_realloc(items, 3 * N, sizeof *more);
    cr_assert(more);
    assert_values(more, N);
    for (size_t i = N; i < 3 * N; i++) more[i] = value(i);
    ew_spill_rest();
    cr_assert((more = ew_realloc(more, N / 2, sizeof *more)));
    assert_values(more, N / 2);
    ew_free(more);
    cr_assert_eq(ew_spill_free(more), 0); /* it is gone */
}

Test(spill, memory_moves_into_a_file_as_it_grows) {
    ew_spill_from(1 << 16);
    uint32_t *items = ew_alloc_spilled(16, sizeof *items);
    size_t n = 16, room = 16;
    for (size_t i = 0; i < n; i++) items[i] = value(i);
    while (n < 100000) {
        room *= 2;
        cr_assert((items = ew_realloc_spilled(items, n * sizeof *items, room, sizeof *items)));
        for (; n < room; n++) items[n] = value(n);
        ew_spill_rest();
    }
    assert_values(items, n);
    ew_free(items);
}

Test(spill, without_a_folder_it_is_memory) {
    char *before = getenv("TMPDIR");
    char *kept = before ? strdup(before) : NULL;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    ew_spill_from(4096);
    uint32_t *items = ew_alloc_spilled(5000, sizeof *items);
    cr_assert(items);
    for (size_t i = 0; i < 5000; i++) items[i] = value(i);
    ew_spill_rest();
    assert_values(items, 5000);
    cr_assert((items = ew_realloc_spilled(items, 5000 * sizeof *items, 9000, sizeof *items)));
    assert_values(items, 5000);
    ew_free(items);
    if (kept) setenv("TMPDIR", kept, 1);
    else unsetenv("TMPDIR");
    free(kept);
}

static size_t resident(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert(file && fscanf(file, "%*u %lu", &pages) == 1);
    fclose(file);
    return pages * 4096;
}

Test(spill, rests_close_to_the_ceiling) {
    enum { N = 24 << 20 }; /* 96 MiB */
    uint32_t *items = ew_alloc_spilled(N, sizeof *items);
    cr_assert(items);
    for (size_t i = 0; i < N; i++) items[i] = (uint32_t)i;
    size_t full = resident();
    usleep(100000); /* a thread has looked five times; nobody said how much is too much */
    cr_assert_gt(resident(), full - (8 << 20));
    cr_assert_eq(ew_spill_within(full), 0);
    double then = ew_wall(); /* a thread looks by itself */
    while (resident() >= full - (64 << 20) && ew_wall() < then + 10) usleep(10000);
    cr_assert_lt(resident(), full - (64 << 20));
    for (size_t i = 0; i < N; i += 1000) cr_assert_eq(items[i], i);
    cr_assert_eq(ew_spill_within(0), full);
    ew_free(items);
}

/* ---- a run whose arrays all lie in files is the same run ---- */

static char *mined(int threads) {
    static char text[200 * 3000];
    size_t n = 0;
    for (unsigned i = 0; i < 3000; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "{\"id\":\"c%u\",\"text\":\"", i);
        for (unsigned w = 0; w < 8; w++) {
            static const char *const words[] = {"grinder", "leaks", "morning", "delivery", "invoice", "kitchen",
                                                "display", "noise", "update",  "towel",    "letters", "mother",
                                                "water",   "coffee", "button", "queue"};
            n += (size_t)snprintf(text + n, sizeof text - n, "%s ", words[ew_random(3, i / 7, w, i % 7 > 4 ? i : 0) % 16]);
        }
        n += (size_t)snprintf(text + n, sizeof text - n, "%u\"}\n", i % 40);
    }
    ew_input input = {"made-up.jsonl", text, n};
    ew_options options;
    ew_options_init(&options);
    options.threads = threads;
    options.decoys = 2;
    ew_run *run = NULL;
    char folder[] = "/tmp/ew-spill-XXXXXX", *json = NULL, command[200];
    cr_assert_eq(ew_mine(&input, 1, &options, &run, &err), EW_OK, "%s", err.message);
    cr_assert(mkdtemp(folder));
    cr_assert_eq(ew_run_write(run, folder, &err), EW_OK, "%s", err.message);
    snprintf(command, sizeof command, "cd %s && cat *.jsonl run.json model.bin | cksum > sum", folder);
    cr_assert_eq(system(command), 0);
    snprintf(command, sizeof command, "%s/sum", folder);
    FILE *file = fopen(command, "r");
    cr_assert(file && (json = calloc(1, 64)) && fgets(json, 64, file));
    fclose(file);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
    ew_run_free(run);
    return json;
}

Test(spill, a_run_in_files_is_the_same) {
    char *in_memory = mined(2);
    ew_spill_from(1024);
    char *in_files = mined(3);
    ew_spill_from(0);
    cr_assert_str_eq(in_memory, in_files);
    free(in_memory);
    free(in_files);
}
