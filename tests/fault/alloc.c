#define _GNU_SOURCE /* mkdtemp */
/* Makes the N-th allocation fail, and all behind it, through a whole run: reading, mining, writing, describing. Each time the
 * library has to say "out of memory" and give back all it took; in the end it has to succeed. Every N up to 300, then in
 * growing steps, since each try costs a run. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/edgewise.h"

enum { COMMENTS = 150, DENSE = 300 };

static struct {
    pthread_mutex_t lock;
    uint64_t calls, fail_from;
    int64_t live;
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *resize(void *data, void *memory, size_t bytes) {
    (void)data;
    pthread_mutex_lock(&heap.lock);
    void *out = NULL;
    if (!bytes) {
        heap.live -= memory != NULL;
        free(memory);
    } else if (!heap.fail_from || ++heap.calls < heap.fail_from) {
        out = realloc(memory, bytes);
        heap.live += out && !memory;
    }
    pthread_mutex_unlock(&heap.lock);
    return out;
}

static char corpus[COMMENTS * 160];

static size_t make_corpus(void) {
    static const char *const texts[] = {"The lid leaks whenever I pour. I put a towel under it.",
                                        "Delivery was late again, sorry to say.", "Works as it should, lovely colour.",
                                        "I wish it could start before I wake up."};
    size_t n = 0;
    for (int i = 0; i < COMMENTS; i++)
        n += (size_t)snprintf(corpus + n, sizeof corpus - n, "{\"id\":\"%d\",\"text\":\"%s Number %d.\",\"customer\":\"u%d\"}\n",
                              i, texts[i % 4], i, i % 40);
    return n;
}

static ew_status attempt(size_t size, const char *folder, ew_error *err) {
    ew_input input = {"made-up.jsonl", corpus, size};
    ew_options options;
    ew_run *run = NULL;
    char *json = NULL;
    ew_options_init(&options);
    options.threads = 2;
    options.decoys = 1;
    ew_status status = ew_mine(&input, 1, &options, &run, err);
    if (status == EW_OK) status = ew_run_write(run, folder, err);
    if (status == EW_OK) status = ew_run_json(run, &json, err);
    ew_free(json);
    ew_run_free(run);
    return status;
}

int main(void) {
    char folder[] = "/tmp/edgewise-fault-XXXXXX", command[64];
    size_t size = make_corpus();
    ew_error err;
    int bad = 0;
    uint64_t tries = 0;
    if (!mkdtemp(folder)) return 2;
    ew_set_allocator(resize, NULL);
    if (attempt(size, folder, &err) != EW_OK) { /* what is made once for the process is made now */
        fprintf(stderr, "without a fault: %s\n", err.message);
        return 1;
    }
    for (uint64_t n = 1;; n += n < DENSE ? 1 : n / 16) {
        int64_t before = heap.live;
        heap.calls = 0;
        heap.fail_from = n;
        memset(&err, 0, sizeof err);
        ew_status status = attempt(size, folder, &err);
        heap.fail_from = 0;
        tries++;
        if (heap.live != before)
            bad++, fprintf(stderr, "allocation %llu: %lld blocks lost\n", (unsigned long long)n, (long long)(heap.live - before));
        if (status == EW_OK) break;
        if (status != EW_RESOURCE || !err.message[0])
            bad++, fprintf(stderr, "allocation %llu: status %d, '%s'\n", (unsigned long long)n, (int)status, err.message);
    }
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) bad++;
    printf("%llu faults, %d handled badly\n", (unsigned long long)tries, bad);
    return bad != 0 || tries < 20;
}
