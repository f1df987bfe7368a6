/* Two runs at once, each on several threads, cancelled runs in between: no races (thread sanitizer), and the same result
 * every time. A program of its own, because Criterion and the thread sanitizer do not go together. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/edgewise.h"

enum { COMMENTS = 1500, CALLERS = 2, ROUNDS = 2 };

static const char *const THINGS[] = {"machine", "app", "grinder", "water tank", "delivery", "milk frother", "invoice", "display"};
static const char *const STATES[] = {
    "leaks",        "stopped working",      "is far too loud",     "arrived late", "crashes every morning",
    "looks lovely", "needs cleaning again", "shows the wrong date"};
static const char *const ENDS[] = {"since the update",     "after two weeks",      "and nobody answers", "which is a pity",
                                   "but support was kind", "as always on mondays", "in our kitchen"};
static const char EDGE[] = "I keep a spoon beside it and hold the lid down with my thumb while it pours, every single day";

static char *corpus;
static size_t corpus_size;
static char *expected;

static void make_corpus(void) {
    size_t room = (size_t)COMMENTS * 300;
    corpus = malloc(room);
    if (!corpus) exit(2);
    uint64_t state = 1;
    for (int i = 0; i < COMMENTS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        unsigned r = (unsigned)(state >> 33);
        int n = i % 97 == 0
                    ? snprintf(corpus + corpus_size, room - corpus_size,
                               "{\"id\":\"c%d\",\"text\":\"%s, number %d\",\"customer\":\"u%d\"}\n", i, EDGE, i, i)
                    : snprintf(corpus + corpus_size, room - corpus_size,
                               "{\"id\":\"c%d\",\"text\":\"The %s %s %s. The %s %s.\",\"customer\":\"u%u\"}\n", i, THINGS[r % 8],
                               STATES[r / 8 % 8], ENDS[r / 64 % 7], THINGS[r / 512 % 8], STATES[r / 4096 % 8], r % 700);
        corpus_size += (size_t)n;
    }
}

static int cancel_soon(void *data, const char *stage, uint64_t done, uint64_t total) {
    (void)stage, (void)done, (void)total;
    return --*(int *)data < 0;
}

/* One caller: a run that is cancelled on the way, then a whole one whose description is kept. */
static void *caller(void *argument) {
    int number = *(int *)argument, patience = number;
    ew_input input = {"made-up.jsonl", corpus, corpus_size};
    ew_options options;
    ew_error err = {0};
    ew_run *run = NULL;
    char *json = NULL;
    ew_options_init(&options);
    options.threads = 3;
    options.decoys = 2;
    options.progress = cancel_soon;
    options.progress_data = &patience;
    ew_status status = ew_mine(&input, 1, &options, &run, &err);
    if (status == EW_OK) ew_run_free(run); /* it was quicker than we were */
    if (status != EW_OK && status != EW_CANCELLED) goto failed;
    options.progress = NULL;
    if ((status = ew_mine(&input, 1, &options, &run, &err)) != EW_OK) goto failed;
    status = ew_run_json(run, &json, &err);
    ew_run_free(run);
    if (status != EW_OK) goto failed;
    return json;
failed:
    fprintf(stderr, "caller %d: %d: %s\n", number, (int)status, err.message);
    return NULL;
}

int main(void) {
    make_corpus();
    int bad = 0;
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[CALLERS];
        int numbers[CALLERS];
        for (int i = 0; i < CALLERS; i++) {
            numbers[i] = i;
            if (pthread_create(&threads[i], NULL, caller, &numbers[i]) != 0) return 2;
        }
        for (int i = 0; i < CALLERS; i++) {
            void *json = NULL;
            pthread_join(threads[i], &json);
            if (!json || (expected && strcmp(expected, json) != 0)) bad++;
            if (expected)
                ew_free(json);
            else
                expected = json;
        }
    }
    ew_free(expected);
    free(corpus);
    if (bad) fprintf(stderr, "%d of %d runs failed or differed\n", bad, CALLERS * ROUNDS);
    return bad != 0;
}
