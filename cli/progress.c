/* One line on the terminal that says how far a run is, and the signals that end it. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

enum { GRACE = 3 }; /* seconds a call has to notice that it was cancelled; one that waits for a pipe never would */

static volatile sig_atomic_t caught;
static struct {
    int shown, drawn;
    double begun;
} state;

static void end_hard(int number) {
    (void)number;
    signal(caught, SIG_DFL);
    raise(caught);
}

static void catch (int number) { /* the second signal finds the default action: it ends the program at once */
    caught = number;
    alarm(GRACE);
}

void cli_catch_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {0}, old;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        action.sa_handler = catch;
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(numbers[i], &action, NULL); /* nohup */
    }
    action.sa_flags = SA_NODEFER;
    action.sa_handler = end_hard;
    sigaction(SIGALRM, &action, NULL);
    signal(SIGPIPE, SIG_DFL); /* a reader that has seen enough ends us without a word */
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of write(), which says which file */
}

int cli_interrupted(void) { return caught; }

void cli_die(void) {
    if (!caught) return;
    cli_progress_clear();
    fflush(NULL);
    end_hard(0);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void cli_progress_start(int quiet) {
    const char *terminal = getenv("TERM");
    state.begun = now();
    state.shown = !quiet && isatty(2) && terminal && strcmp(terminal, "dumb") != 0;
}

int cli_progress(void *data, const char *stage, uint64_t done, uint64_t total) {
    (void)data;
    if (caught) return 1;
    if (!state.shown) return 0;
    char share[32] = "";
    if (total)
        snprintf(share, sizeof share, "%3.0f %%", 100.0 * (double)(done < total ? done : total) / (double)total);
    else if (done)
        cli_grouped(done, share);
    fprintf(stderr, "\r%-14.20s %12s %8.1f s\033[K", stage, share, now() - state.begun);
    fflush(stderr);
    state.drawn = 1;
    return 0;
}

void cli_progress_clear(void) {
    if (!state.drawn) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    state.drawn = 0;
}
