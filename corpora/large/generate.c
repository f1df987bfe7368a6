/* Writes a large corpus of invented comments; corpora/large/README.md says of what kind.
 *
 *     build/release/corpora/large/generate --rows 1000000 [--seed 1] [--threads 2] -o large.jsonl.zst
 *
 * Beside it: large.gold.jsonl, the planted needs; large.labels.npy, int32, the theme of each comment, -1 none. An output that
 * does not end in .zst is plain JSONL. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "large.h"

enum { BATCH = 8192, MOST_THREADS = 64 }; /* a batch is one zstd frame, about a megabyte */

typedef struct {
    const world *w;
    uint64_t first, last;
    int packed;
    text plain, frame;
    int32_t labels[BATCH];
} batch;

static void *make(void *data) {
    batch *b = data;
    b->plain.length = b->frame.length = 0;
    for (uint64_t i = b->first; i < b->last; i++) b->labels[i - b->first] = comment_line(b->w, i, &b->plain);
    if (!b->packed) return NULL;
    size_t room = ZSTD_compressBound(b->plain.length);
    if (room > b->frame.capacity) {
        b->frame.data = need_memory(realloc(b->frame.data, room));
        b->frame.capacity = room;
    }
    b->frame.length = ZSTD_compress(b->frame.data, room, b->plain.data, b->plain.length, 1);
    if (ZSTD_isError(b->frame.length)) give_up("zstd", ZSTD_getErrorName(b->frame.length));
    return NULL;
}

static FILE *open_out(const char *path) {
    FILE *file = fopen(path, "wb");
    if (!file) give_up(path, "cannot be written");
    return file;
}

static void write_out(FILE *file, const void *bytes, size_t n, const char *path) {
    if (fwrite(bytes, 1, n, file) != n) give_up(path, "cannot be written: is the disk full?");
}

static void close_out(FILE *file, const char *path) {
    if (fclose(file) != 0) give_up(path, "cannot be written: is the disk full?");
}

/* Header of a .npy of n int32: 128 bytes, as numpy makes it. */
static void npy_header(FILE *file, uint64_t n, const char *path) {
    char head[129];
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
    int used = snprintf(head + 10, sizeof head - 10, "{'descr': '<i4', 'fortran_order': False, 'shape': (%llu,), }", (unsigned long long)n);
    memset(head + 10 + used, ' ', (size_t)(117 - used));
    head[127] = '\n';
    write_out(file, head, 128, path);
}

static int by_need(const void *a, const void *b) {
    const planted *x = a, *y = b;
    if (x->need != y->need) return x->need < y->need ? -1 : 1;
    return x->comment < y->comment ? -1 : x->comment > y->comment;
}

/* The last use of the plants: they are put in the order of needs. */
static void write_gold(world *w, const char *path) {
    FILE *file = open_out(path);
    uint64_t at = 0;
    qsort(w->plants, w->n_plants, sizeof *w->plants, by_need);
    for (uint32_t g = 0; g < w->n_needs; g++) {
        text line = {0};
        char head[120], id[16];
        int n = snprintf(head, sizeof head, "{\"need\":\"g%05u\",\"kind\":\"%s\",\"comments\":[", g, need_is_wish(w, g) ? "expressed" : "latent");
        put(&line, head, (size_t)n);
        int any = 0;
        for (; at < w->n_plants && w->plants[at].need == g; at++) {
            comment_id(w->plants[at].comment, id);
            put_string(&line, any++ ? ",\"" : "\"");
            put_string(&line, id);
            put_string(&line, "\"");
        }
        put_string(&line, "]}\n");
        write_out(file, line.data, line.length, path);
        free(line.data);
    }
    close_out(file, path);
}

static void write_comments(const world *w, const char *path, const char *labels_path, int threads) {
    size_t length = strlen(path);
    int packed = length > 4 && strcmp(path + length - 4, ".zst") == 0;
    FILE *out = open_out(path), *labels = open_out(labels_path);
    batch *batches = need_memory(calloc((size_t)threads, sizeof *batches));
    npy_header(labels, w->n, labels_path);
    for (uint64_t first = 0; first < w->n;) {
        pthread_t helpers[MOST_THREADS];
        int n = 0, started[MOST_THREADS] = {0};
        for (; n < threads && first < w->n; n++) {
            batches[n].w = w;
            batches[n].packed = packed;
            batches[n].first = first;
            first = batches[n].last = w->n - first < BATCH ? w->n : first + BATCH;
            started[n] = n && pthread_create(&helpers[n], NULL, make, &batches[n]) == 0;
        }
        for (int i = 0; i < n; i++)
            if (!started[i]) make(&batches[i]);
        for (int i = 0; i < n; i++) {
            if (started[i]) pthread_join(helpers[i], NULL);
            const text *done = packed ? &batches[i].frame : &batches[i].plain;
            write_out(out, done->data, done->length, path);
            write_out(labels, batches[i].labels, (size_t)(batches[i].last - batches[i].first) * sizeof *batches[i].labels, labels_path);
        }
    }
    for (int i = 0; i < threads; i++) {
        free(batches[i].plain.data);
        free(batches[i].frame.data);
    }
    free(batches);
    close_out(out, path);
    close_out(labels, labels_path);
}

static uint64_t number(const char *option, const char *value, uint64_t least, uint64_t most) {
    char *end = NULL;
    unsigned long long got = value ? strtoull(value, &end, 10) : 0;
    if (!value || end == value || *end || got < least || got > most) {
        fprintf(stderr, "generate: %s takes a number from %llu to %llu\n", option, (unsigned long long)least, (unsigned long long)most);
        exit(2);
    }
    return got;
}

int main(int argc, char **argv) {
    const char *out = NULL, *vocabulary = "core/model/vocab.txt";
    uint64_t rows = 10000, seed = 1;
    int threads = 2;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--rows") == 0)
            rows = number(argv[i], value, 1, 999999999);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = number(argv[i], value, 0, UINT64_MAX);
        else if (strcmp(argv[i], "--threads") == 0)
            threads = (int)number(argv[i], value, 1, MOST_THREADS);
        else if (strcmp(argv[i], "--words") == 0 && value)
            vocabulary = value;
        else if (strcmp(argv[i], "-o") == 0 && value)
            out = value;
        else
            give_up(argv[i], "usage: generate [--rows N] [--seed N] [--threads N] [--words FILE] -o FILE.jsonl[.zst]");
    }
    if (!out) give_up("-o", "where should the comments go? -o FILE.jsonl.zst");
    text gold = {0}, labels = {0};
    const char *end = strstr(out, ".jsonl"), *next;
    while (end && (next = strstr(end + 1, ".jsonl"))) end = next;
    size_t stem = end ? (size_t)(end - out) : strlen(out);
    put(&gold, out, stem);
    put(&gold, ".gold.jsonl", 12);
    put(&labels, out, stem);
    put(&labels, ".labels.npy", 12);
    world w;
    world_make(&w, vocabulary, seed, rows);
    write_comments(&w, out, labels.data, threads);
    write_gold(&w, gold.data);
    world_free(&w);
    free(gold.data);
    free(labels.data);
    return 0;
}
