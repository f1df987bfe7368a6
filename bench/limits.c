/* What this machine could do at best on the way from a file to vectors: each part of the work alone, reduced to the bytes it
 * must move, on the very file. docs/performance.md says what follows from the figures and which of them are bounds.
 *
 *     build/release/bench/limits FILE.jsonl[.zst] [IDS.bin [THREADS...]] > limits.json
 *
 * IDS.bin: what `edgewise tokens FILE -o IDS.bin` wrote, so that rows of the table are read in the order of this very text;
 * without it four tokens to three words are drawn at random. Each figure is the least of several runs: a limit is what was
 * possible once. */
#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

enum {
    TABLE_ROWS = 30522, ROW = 256,  /* the default model: int8 rows */
    ENTRY_BITS = 16,                /* 2 MiB of word cache */
    AHEAD = 8, BATCH = 1024,        /* words fetched ahead; ids held before the room is used again */
    BLOCK = 1 << 20,                /* what a reused buffer holds: it stays in L2 */
    BIG = 64 << 20,                 /* what does not */
    REPEATS = 7, MOST_THREADS = 64
};

typedef uint8_t v64 __attribute__((vector_size(64), may_alias, aligned(1)));
typedef struct { size_t at, size, out, out_at; } frame; /* a zstd frame; out: bytes it decodes to */

static uint8_t *packed, *plain;
static size_t packed_size, plain_size;
static frame *frames;
static size_t n_frames;
typedef struct { uint64_t key[2]; uint32_t ids[3], n; } entry; /* of a cache of words */
typedef struct { uint32_t at, length; } word;
static word *words;                               /* where each begins in plain; bytes of it that are looked up, 16 at most */
static uint32_t *ids;                             /* the row of each token */
static size_t n_words, n_ids, n_comments, text_bytes;
static uint8_t *table, *big, *other;
static entry *cache;
static volatile uint64_t sink;                    /* results end here, so that no loop is dropped */

static double wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *need(void *memory) {
    if (!memory) {
        fputs("limits: out of memory\n", stderr);
        exit(4);
    }
    return memory;
}

static uint8_t *load(const char *path, size_t *size) {
    struct stat info;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &info) != 0) {
        perror(path);
        exit(3);
    }
    uint8_t *out = need(malloc((size_t)info.st_size + 64));
    *size = 0;
    for (ssize_t got; (got = read(file, out + *size, (size_t)info.st_size - *size)) > 0;) *size += (size_t)got;
    close(file);
    return out;
}

/* ---- the parts: each does share `me` of `all` ---- */

typedef void (*part_fn)(int me, int all);

static size_t from(size_t n, int me, int all) { return n * (size_t)me / (size_t)all; }

static void copy_part(int me, int all) {
    size_t a = from(BIG, me, all), b = from(BIG, me + 1, all);
    memcpy(other + a, big + a, b - a);
}

static uint64_t scan(const uint8_t *p, size_t n) { /* line breaks, quotes, backslashes: what JSONL is cut by */
    v64 sum = {0};
    for (size_t i = 0; i + 64 <= n; i += 64) {
        v64 x = *(const v64 *)(p + i);
        sum -= (v64)(x == '\n') + (v64)(x == '"') + (v64)(x == '\\');
    }
    uint64_t out = 0;
    for (int i = 0; i < 64; i++) out += sum[i];
    return out;
}

static void read_part(int me, int all) {
    size_t a = from(BIG, me, all), b = from(BIG, me + 1, all);
    sink = sink + scan(big + a, b - a);
}

/* As many bytes as the file has, a block at a time that is in L2 already: what a pass costs that follows decoding at once. */
static void pass(size_t bytes, int me, int all) {
    size_t todo = from(bytes, me + 1, all) - from(bytes, me, all);
    const uint8_t *block = big + (size_t)me * BLOCK;
    for (; todo > BLOCK; todo -= BLOCK) sink = sink + scan(block, BLOCK);
    sink = sink + scan(block, todo);
}
static void scan_part(int me, int all) { pass(plain_size, me, all); }
static void text_part(int me, int all) { pass(text_bytes, me, all); }

static void decode_part(int me, int all) {
    static __thread uint8_t *room;
    static __thread size_t held;
    ZSTD_DCtx *context = need(ZSTD_createDCtx());
    for (size_t f = from(n_frames, me, all); f < from(n_frames, me + 1, all); f++) {
        if (frames[f].out > held) room = need(realloc(room, held = frames[f].out));
        sink = sink + ZSTD_decompressDCtx(context, room, held, packed + frames[f].at, frames[f].size);
    }
    ZSTD_freeDCtx(context);
    free(room);
    room = NULL;
    held = 0;
}

/* A word's first bytes, and the entry they belong to. */
static inline entry *look(word w, uint64_t key[2]) {
    memcpy(key, plain + w.at, 16);
    uint64_t low = w.length < 8 ? ((uint64_t)1 << 8 * w.length) - 1 : ~(uint64_t)0;
    uint64_t high = w.length < 16 ? ((uint64_t)1 << 8 * (w.length > 8 ? w.length - 8 : 0)) - 1 : ~(uint64_t)0;
    key[0] &= low;
    key[1] &= high;
    uint64_t h = (key[0] ^ (key[1] << 29 | key[1] >> 35)) * 0x9e3779b97f4a7c15u;
    return &cache[h >> (64 - ENTRY_BITS)];
}

/* The least that a cache of words has to do where it always hits: load a word, hash it, fetch its entry, compare, append its ids.
 * Where the words begin and end is known before. */
static void words_part(int me, int all) {
    uint32_t out[BATCH + 8];
    size_t n = 0, hits = 0;
    uint64_t key[2];
    for (size_t w = from(n_words, me, all); w < from(n_words, me + 1, all); w++) {
        if (w + AHEAD < n_words) __builtin_prefetch(look(words[w + AHEAD], key));
        const entry *e = look(words[w], key);
        hits += e->key[0] == key[0] && e->key[1] == key[1];
        memcpy(out + n, e->ids, sizeof e->ids);
        n += e->n;
        if (n > BATCH) {
            __asm__ volatile("" ::"r"(out) : "memory");
            n = 0;
        }
    }
    sink = sink + hits;
}

static void gather_part(int me, int all) {
    v64 a = {0}, b = {0}, c = {0}, d = {0};
    for (size_t t = from(n_ids, me, all); t < from(n_ids, me + 1, all); t++) {
        const v64 *row = (const v64 *)(table + (size_t)ids[t] * ROW);
        a += row[0];
        b += row[1];
        c += row[2];
        d += row[3];
    }
    a ^= b ^ c ^ d;
    sink = sink + a[0];
}

static void store(size_t bytes, int me, int all) { /* into a block that is used again and again */
    size_t todo = from(bytes, me + 1, all) - from(bytes, me, all);
    for (; todo; todo -= todo < BLOCK ? todo : BLOCK) {
        memset(big + (size_t)me * BLOCK, (int)todo & 255, todo < BLOCK ? todo : BLOCK);
        __asm__ volatile("" ::: "memory");
    }
}
static void ids_out_part(int me, int all) { store(n_ids * 4 + n_comments * 8, me, all); }
static void rows_out_part(int me, int all) { store(n_comments * ROW * sizeof(float), me, all); }

/* ---- how long ---- */

typedef struct { part_fn run; int me, all; pthread_barrier_t *go; } share;

static void *run_share(void *argument) {
    share *s = argument;
    pthread_barrier_wait(s->go);
    s->run(s->me, s->all);
    pthread_barrier_wait(s->go);
    return NULL;
}

static double seconds(part_fn run, int threads) {
    pthread_t handles[MOST_THREADS];
    share shares[MOST_THREADS];
    double best = 1e9;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        pthread_barrier_t go;
        pthread_barrier_init(&go, NULL, (unsigned)threads);
        for (int i = 1; i < threads; i++) {
            shares[i] = (share){run, i, threads, &go};
            if (pthread_create(&handles[i], NULL, run_share, &shares[i]) != 0) exit(4);
        }
        pthread_barrier_wait(&go);
        double begun = wall();
        run(0, threads);
        pthread_barrier_wait(&go);
        double spent = wall() - begun;
        if (spent < best) best = spent;
        for (int i = 1; i < threads; i++) pthread_join(handles[i], NULL);
        pthread_barrier_destroy(&go);
    }
    return best;
}

/* ---- the input ---- */

static void unpack(void) {
    if (packed_size < 4 || memcmp(packed, "\x28\xb5\x2f\xfd", 4) != 0) {
        plain = packed;
        plain_size = packed_size;
        return;
    }
    for (size_t at = 0, room = 0; at < packed_size; n_frames++) {
        size_t size = ZSTD_findFrameCompressedSize(packed + at, packed_size - at);
        unsigned long long out = ZSTD_getFrameContentSize(packed + at, packed_size - at);
        if (ZSTD_isError(size) || out == ZSTD_CONTENTSIZE_ERROR || out == ZSTD_CONTENTSIZE_UNKNOWN) {
            fputs("limits: the file must be of whole zstd frames that tell their size\n", stderr);
            exit(3);
        }
        if (n_frames == room) frames = need(realloc(frames, (room = room * 2 + 16) * sizeof *frames));
        frames[n_frames] = (frame){at, size, (size_t)out, plain_size};
        plain_size += (size_t)out;
        at += size;
    }
    plain = need(malloc(plain_size + 64));
    for (size_t f = 0; f < n_frames; f++)
        if (ZSTD_isError(ZSTD_decompress(plain + frames[f].out_at, frames[f].out, packed + frames[f].at, frames[f].size)))
            exit(3);
}

static int of_word(uint8_t c) { return c >= 128 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

/* The bytes of a line's "text" string as they are written; the whole line where it has none. */
static void find_text(const uint8_t *line, size_t n, const uint8_t **text, size_t *length) {
    const uint8_t *end = line + n, *p = memmem(line, n, "\"text\"", 6);
    *text = line;
    *length = n;
    if (!p) return;
    for (p += 6; p < end && (*p == ' ' || *p == ':'); p++) {}
    if (p == end || *p++ != '"') return;
    *text = p;
    while (p < end && *p != '"') p += *p == '\\' && p + 1 < end ? 2 : 1;
    *length = (size_t)(p - *text);
}

/* Words of each comment. */
static void find_words(void) {
    size_t room = 0, length;
    const uint8_t *text;
    for (size_t at = 0; at < plain_size; n_comments++) {
        const uint8_t *end = memchr(plain + at, '\n', plain_size - at);
        size_t to = end ? (size_t)(end - plain) : plain_size;
        find_text(plain + at, to - at, &text, &length);
        size_t begin = 0;
        for (size_t i = 0; i < length; i++) {
            if (!of_word(text[i])) {
                begin = i + 1;
                continue;
            }
            if (i + 1 < length && of_word(text[i + 1])) continue;
            if (n_words == room) words = need(realloc(words, (room = room * 2 + 1024) * sizeof *words));
            size_t bytes = i + 1 - begin;
            words[n_words++] = (word){(uint32_t)((size_t)(text - plain) + begin), bytes < 16 ? (uint32_t)bytes : 16};
        }
        text_bytes += length;
        at = to + 1;
    }
}

static void take_ids(const char *path) {
    if (path) {
        size_t size;
        ids = (uint32_t *)(void *)load(path, &size);
        n_ids = size / 4;
        for (size_t t = 0; t < n_ids; t++) ids[t] %= TABLE_ROWS;
        return;
    }
    n_ids = n_words * 4 / 3;
    ids = need(malloc(n_ids * 4 + 4));
    uint64_t state = 1;
    for (size_t t = 0; t < n_ids; t++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        ids[t] = (uint32_t)((state >> 33) % TABLE_ROWS);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) return fputs("usage: limits FILE.jsonl[.zst] [IDS.bin [THREADS...]]\n", stderr), 2;
    packed = load(argv[1], &packed_size);
    unpack();
    find_words();
    take_ids(argc > 2 ? argv[2] : NULL);
    table = need(aligned_alloc(64, (size_t)TABLE_ROWS * ROW));
    cache = need(aligned_alloc(64, sizeof *cache << ENTRY_BITS));
    big = need(aligned_alloc(64, BIG));
    other = need(aligned_alloc(64, BIG));
    for (size_t i = 0; i < (size_t)TABLE_ROWS * ROW; i++) table[i] = (uint8_t)(i * 31);
    memset(cache, 0, sizeof *cache << ENTRY_BITS);
    for (size_t w = 0; w < n_words; w++) {
        uint64_t key[2];
        entry *e = look(words[w], key);
        *e = (entry){{key[0], key[1]}, {1, 2, 3}, 1 + (w % 3 == 0)}; /* four tokens to three words */
    }
    memset(big, 'e', BIG);
    memset(other, 'e', BIG);
    printf("{\"file_bytes\":%zu,\"plain_bytes\":%zu,\"frames\":%zu,\"text_bytes\":%zu,\"comments\":%zu,\"words\":%zu,"
           "\"tokens\":%zu,\"threads\":{", packed_size, plain_size, n_frames, text_bytes, n_comments, n_words, n_ids);
    for (int k = 3, first = 1; k < argc || (k == 3 && first); k++, first = 0) {
        int threads = k < argc ? atoi(argv[k]) : 1;
        if (threads < 1 || threads > MOST_THREADS) return fputs("limits: threads must be 1 to 64\n", stderr), 2;
        double copy = BIG / seconds(copy_part, threads), read = BIG / seconds(read_part, threads);
        double decode = n_frames ? seconds(decode_part, (size_t)threads < n_frames ? threads : (int)n_frames) : 0;
        double scanned = seconds(scan_part, threads), text = seconds(text_part, threads);
        double lookups = seconds(words_part, threads), gather = seconds(gather_part, threads);
        double ids_out = seconds(ids_out_part, threads), rows_out = seconds(rows_out_part, threads);
        double in = decode + scanned, tokens = text + lookups + ids_out, embed = gather + rows_out;
        printf("%s\"%d\":{\"copy_bytes_per_second\":%.4g,\"read_bytes_per_second\":%.4g,\"decode\":%.6f,\"scan\":%.6f,"
               "\"text_pass\":%.6f,\"word_lookups\":%.6f,\"ids_out\":%.6f,\"gather\":%.6f,\"rows_out\":%.6f,",
               first ? "" : ",", threads, copy, read, decode, scanned, text, lookups, ids_out, gather, rows_out);
        printf("\"limit\":{\"read\":%.6f,\"tokens\":%.6f,\"embed\":%.6f,\"total\":%.6f}}", in, tokens, embed,
               in + text + lookups + embed);
    }
    puts("}}");
    return 0;
}
