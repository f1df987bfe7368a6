/* How long a run is deaf: the longest time between two calls of options.progress, stage by stage, as CSV. A run can be stopped
 * only where it asks, so this is how long Ctrl-C may take.
 *
 *     build/release/bench/silence FILE [THREADS] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/edgewise.h"

enum { MOST = 32 };
static struct { char stage[32]; double longest; unsigned long calls; } seen[MOST];
static int stages, now_at = -1;
static double last;

static double wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The silence before a call belongs to the stage of the call before it. */
static int progress(void *data, const char *stage, uint64_t done, uint64_t total) {
    (void)data, (void)done, (void)total;
    double now = wall();
    if (now_at >= 0 && now - last > seen[now_at].longest) seen[now_at].longest = now - last;
    last = now;
    for (now_at = 0; now_at < stages && strcmp(seen[now_at].stage, stage) != 0; now_at++) {}
    if (now_at == stages && stages < MOST) snprintf(seen[stages++].stage, sizeof seen[0].stage, "%s", stage);
    if (now_at == MOST) now_at = -1;
    if (now_at >= 0) seen[now_at].calls++;
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) return fputs("usage: silence FILE [THREADS]\n", stderr), 2;
    ew_input input = {argv[1], NULL, 0};
    ew_options options;
    ew_options_init(&options);
    options.threads = argc > 2 ? atoi(argv[2]) : 1;
    options.progress = progress;
    ew_run *run = NULL;
    ew_error err = {0};
    last = wall();
    if (ew_mine(&input, 1, &options, &run, &err) != EW_OK) return fprintf(stderr, "%s\n", err.message), 1;
    progress(NULL, "end", 0, 0);
    ew_run_free(run);
    puts("stage,calls,longest_silence_seconds");
    for (int i = 0; i < stages; i++) printf("%s,%lu,%.3f\n", seen[i].stage, seen[i].calls, seen[i].longest);
    return 0;
}
