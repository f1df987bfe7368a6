#define _GNU_SOURCE /* mkdtemp */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/clock.h"
#include "../../core/base/dict.h"
#include "../../core/base/hash.h"
#include "../../core/base/output.h"
#include "../../core/base/pool.h"
#include "../../core/base/random.h"
#include "../../core/base/scalar.h"
#include "../../core/base/spool.h"
#include "../../core/base/utf8.h"
#include "leaks.h"

static ew_error err;

/* ---- alloc ---- */

Test(alloc, sizes_are_checked) {
    cr_assert_null(ew_alloc(SIZE_MAX, 2));
    cr_assert_null(ew_alloc(SIZE_MAX / 2 + 2, 2));
    cr_assert_null(ew_calloc(SIZE_MAX, 3));
    cr_assert_null(ew_realloc(NULL, SIZE_MAX / 4, 5));
    cr_assert_null(ew_strndup("x", SIZE_MAX));
    char *nothing = ew_alloc(0, 8), *none = ew_calloc(7, 0);
    cr_assert(nothing && none);
    char *copy = ew_strndup("abc", 2);
    cr_assert_str_eq(copy, "ab");
    copy = ew_realloc(copy, 1000, 1);
    cr_assert_str_eq(copy, "ab");
    cr_assert_null(ew_realloc(copy, SIZE_MAX, 2)); /* and `copy` is still there */
    cr_assert_str_eq(copy, "ab");
    int *zero = ew_calloc(1000, sizeof *zero);
    for (int i = 0; i < 1000; i++) cr_assert_eq(zero[i], 0);
    ew_free(copy);
    ew_free(nothing);
    ew_free(none);
    ew_free(zero);
    ew_free(NULL);
    assert_no_leaks();
}

Test(alloc, the_nth_fails_and_all_behind_it) {
    void *p[4];
    ew_alloc_fail_after(3);
    for (int i = 0; i < 4; i++) p[i] = i == 1 ? ew_calloc(4, 4) : ew_alloc(8, 1);
    void *again = ew_realloc(p[0], 100, 1);
    ew_alloc_fail_after(0);
    cr_assert(p[0] && p[1] && !p[2] && !p[3] && !again);
    void *after = ew_alloc(8, 1);
    cr_assert_not_null(after);
    ew_free(after);
    ew_free(p[0]);
    ew_free(p[1]);
    assert_no_leaks();
}

static int64_t living;
static void *counting(void *data, void *memory, size_t bytes) {
    cr_assert_eq(data, &living);
    if (!bytes) {
        living--;
        free(memory);
        return NULL;
    }
    living += !memory;
    return memset(realloc(memory, bytes), 0xa5, memory ? 0 : bytes); /* dirty: calloc has to clear it */
}

Test(alloc, a_callers_own) {
    ew_set_allocator(counting, &living);
    char *a = ew_alloc(0, 0), *b = ew_calloc(100, 1);
    cr_assert_eq(living, 2);
    for (int i = 0; i < 100; i++) cr_assert_eq(b[i], 0);
    b = ew_realloc(b, 5000, 1);
    cr_assert_eq(living, 2);
    cr_assert_null(ew_calloc(SIZE_MAX / 2, 4));
    ew_free(a);
    ew_free(b);
    ew_free(NULL);
    cr_assert_eq(living, 0);
    ew_set_allocator(NULL, NULL);
}

/* ---- status ---- */

Test(status, messages_are_one_line_and_fit) {
    char name[2000];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = 0;
    cr_assert_eq(ew_fail(&err, EW_USAGE, "a\nb\tc%s", "\x1b[31m"), EW_USAGE);
    cr_assert_str_eq(err.message, "a b c [31m");
    cr_assert_eq(err.code, EW_USAGE);
    cr_assert_eq(ew_fail_at(&err, EW_INPUT, "f.csv", 7, 99, "bad"), EW_INPUT);
    cr_assert_str_eq(err.message, "f.csv:7: byte 99: bad");
    cr_assert(err.line == 7 && err.byte == 99);
    cr_assert_eq(ew_fail_at(&err, EW_INPUT, "f.csv", 0, 0, "bad"), EW_INPUT);
    cr_assert_str_eq(err.message, "f.csv: bad");
    cr_assert_eq(ew_fail_at(&err, EW_INPUT, name, 7, 99, "%s", name), EW_INPUT);
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
    cr_assert_eq(ew_fail(&err, EW_INPUT, "%s", name), EW_INPUT);
    cr_assert(err.line == 0 && err.byte == 0);
    cr_assert_eq(ew_fail(NULL, EW_INTERNAL, "nobody hears %d", 1), EW_INTERNAL);
    cr_assert_eq(ew_fail_at(NULL, EW_INPUT, "f", 1, 2, "x"), EW_INPUT);
    cr_assert_eq(ew_fail_memory(&err, 12345, "a thing"), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "12345"));
}

/* ---- buffer ---- */

Test(buffer, grows_to_its_limit_and_no_further) {
    ew_buffer b = EW_BUFFER_INIT(100);
    for (int i = 0; i < 100; i++) cr_assert_eq(ew_buffer_append(&b, "x", 1, &err), EW_OK);
    cr_assert_eq(ew_buffer_append(&b, "y", 1, &err), EW_RESOURCE);
    cr_assert_eq(b.length, 100);
    cr_assert(b.capacity <= 100);
    cr_assert_eq(ew_buffer_append(&b, NULL, 0, &err), EW_OK);
    cr_assert_eq(ew_buffer_reserve(&b, SIZE_MAX, &err), EW_RESOURCE);
    cr_assert_eq(ew_buffer_reserve(&b, SIZE_MAX - 50, &err), EW_RESOURCE);
    ew_buffer_clear(&b);
    cr_assert_eq(b.length, 0);
    cr_assert_eq(ew_buffer_printf(&b, &err, "%05d|%s", 42, "text"), EW_OK);
    cr_assert_eq(b.length, 10);
    cr_assert_arr_eq(b.data, "00042|text", 10);
    cr_assert_eq(ew_buffer_printf(&b, &err, "%*s", 95, "wide"), EW_RESOURCE);
    cr_assert_eq(b.length, 10);
    ew_buffer_free(&b);
    ew_buffer_free(&b);
    cr_assert_eq(ew_buffer_append(&b, "again", 5, &err), EW_OK);
    ew_alloc_fail_after(1);
    cr_assert_eq(ew_buffer_reserve(&b, 90, &err), EW_RESOURCE);
    ew_alloc_fail_after(0);
    cr_assert_arr_eq(b.data, "again", 5);
    ew_buffer_free(&b);
    assert_no_leaks();
}

/* ---- pool ---- */

enum { TASKS = 5000 };
typedef struct { atomic_int ran[TASKS]; atomic_int wrong; int threads; uint64_t fail_from, fail_every; } counts;

static ew_status count_task(void *context, uint64_t task, int worker, ew_error *error) {
    counts *c = context;
    if (worker < 0 || worker >= c->threads || error->message[0]) c->wrong++;
    c->ran[task]++;
    if (task < c->fail_from || (task - c->fail_from) % c->fail_every) return EW_OK;
    return ew_fail(error, EW_INPUT, "task %d", (int)task);
}

Test(pool, every_task_once_and_the_lowest_failure) {
    static const int threads[] = {1, 2, 3, 8};
    static counts c;
    for (int t = 0; t < 4; t++) {
        ew_pool *pool;
        cr_assert_eq(ew_pool_create(threads[t], &pool, &err), EW_OK);
        cr_assert_eq(ew_pool_threads(pool), threads[t]);
        for (int round = 0; round < 20; round++) {
            memset(&c, 0, sizeof c);
            c.threads = threads[t];
            c.fail_from = UINT64_MAX;
            uint64_t n = round == 0 ? 0 : round == 1 ? 1 : round == 2 ? 7 : TASKS;
            cr_assert_eq(ew_pool_run(pool, n, count_task, &c, &err), EW_OK);
            for (uint64_t i = 0; i < TASKS; i++) cr_assert_eq(c.ran[i], i < n);
            cr_assert_eq(c.wrong, 0);
            memset(&c, 0, sizeof c);
            c.threads = threads[t];
            c.fail_from = (uint64_t)round * 37;
            c.fail_every = 3;
            char want[32];
            snprintf(want, sizeof want, "task %d", (int)c.fail_from);
            cr_assert_eq(ew_pool_run(pool, TASKS, count_task, &c, &err), EW_INPUT);
            cr_assert_str_eq(err.message, want);
            for (uint64_t i = 0; i <= c.fail_from; i++) cr_assert_eq(c.ran[i], 1);
            for (uint64_t i = 0; i < TASKS; i++) cr_assert(c.ran[i] <= 1);
            cr_assert_eq(c.ran[TASKS - 1], 0); /* a failure stops the hand-out */
            cr_assert_eq(c.wrong, 0);
            cr_assert_eq(ew_pool_run(pool, TASKS, count_task, &(counts){.threads = threads[t], .fail_every = 1}, NULL), EW_INPUT);
        }
        ew_pool_free(pool);
    }
    ew_pool_free(NULL);
    assert_no_leaks();
}

/* The lowest one fails while a higher one is on its way, which fails last. */
static ew_status slow_failure(void *context, uint64_t task, int worker, ew_error *error) {
    (void)context, (void)worker;
    usleep(task == 0 ? 3000 : task == 1 ? 15000 : 0);
    return ew_fail(error, task == 0 ? EW_INPUT : EW_RESOURCE, "task %d", (int)task);
}

Test(pool, the_last_to_fail_is_not_the_lowest) {
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(2, &pool, &err), EW_OK);
    for (int round = 0; round < 5; round++) {
        cr_assert_eq(ew_pool_run(pool, 2, slow_failure, NULL, &err), EW_INPUT);
        cr_assert_str_eq(err.message, "task 0");
    }
    ew_pool_free(pool);
}

Test(pool, odd_requests_and_failing_allocations) {
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(-1, &pool, &err), EW_USAGE);
    cr_assert_eq(ew_pool_create(1025, &pool, &err), EW_USAGE);
    cr_assert_eq(ew_pool_create(0, &pool, &err), EW_OK);
    cr_assert(ew_pool_threads(pool) >= 1);
    ew_pool_free(pool);
    ew_status status = EW_RESOURCE;
    int tries = 0;
    for (uint64_t nth = 1; status != EW_OK; nth++, tries++) {
        ew_alloc_fail_after(nth);
        status = ew_pool_create(6, &pool, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || (status == EW_RESOURCE && !pool));
    }
    cr_assert_eq(tries, 8); /* the pool, its handles, five arguments */
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(pool, chunks) {
    cr_assert_eq(ew_chunks(0, 64), 0);
    cr_assert_eq(ew_chunks(64, 64), 1);
    cr_assert_eq(ew_chunks(65, 64), 2);
    cr_assert_eq(ew_chunk_end(0, 64, 65), 64);
    cr_assert_eq(ew_chunk_end(1, 64, 65), 65);
}

/* ---- dict and hash ---- */

Test(dict, numbers_in_order_of_first_sight) {
    enum { N = 20000 };
    ew_dict d;
    char text[32];
    uint32_t number;
    cr_assert_eq(ew_dict_init(&d, &err), EW_OK);
    cr_assert_eq(ew_dict_add(&d, "", 0, &number, &err), EW_OK);
    cr_assert_eq(number, 0);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < N; i++) {
            int n = snprintf(text, sizeof text, "w%u", i * 7919 % N);
            if (!round) cr_assert_eq(ew_dict_find(&d, text, (size_t)n), EW_NONE);
            cr_assert_eq(ew_dict_add(&d, text, (size_t)n, &number, &err), EW_OK);
            cr_assert_eq(number, i + 1);
            cr_assert_str_eq(ew_dict_text(&d, number), text);
        }
    cr_assert_eq(d.size, N + 1);
    cr_assert_eq(ew_dict_find(&d, "w1", 1), EW_NONE); /* "w": a prefix is another word */
    cr_assert_eq(ew_dict_find(&d, "w1 and more", 2), ew_dict_find(&d, "w1", 2));
    cr_assert_eq(ew_dict_add(&d, "w1\0tail", 7, &number, &err), EW_OK); /* a NUL ends the string */
    cr_assert_eq(number, ew_dict_find(&d, "w1", 2));
    cr_assert_eq(ew_dict_add(&d, "\0x", 2, &number, &err), EW_OK);
    cr_assert_eq(number, 0);
    cr_assert_str_eq(ew_dict_text(&d, 0), "");
    ew_dict_free(&d);
    ew_dict_free(&d);
    assert_no_leaks();
}

Test(dict, failing_allocations_lose_nothing) {
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        ew_dict d;
        uint32_t number, kept = 0;
        ew_alloc_fail_after(nth);
        status = ew_dict_init(&d, &err);
        for (uint32_t i = 0; status == EW_OK && i < 300; i++) {
            char text[16];
            int n = snprintf(text, sizeof text, "%u", i);
            status = ew_dict_add(&d, text, (size_t)n, &number, &err);
            kept += status == EW_OK;
        }
        ew_alloc_fail_after(0);
        for (uint32_t i = 0; i < kept; i++) {
            char text[16];
            int n = snprintf(text, sizeof text, "%u", i);
            cr_assert_eq(ew_dict_find(&d, text, (size_t)n), i + 1);
        }
        ew_dict_free(&d);
    }
    assert_no_leaks();
}

Test(hash, sees_every_byte_length_and_seed) {
    unsigned char bytes[80] = {0};
    for (size_t n = 0; n < 80; n++) {
        uint64_t base = ew_hash(bytes, n, 1);
        cr_assert_neq(base, ew_hash(bytes, n, 2));
        if (n) cr_assert_neq(base, ew_hash(bytes, n - 1, 1));
        for (size_t i = 0; i < n; i++)
            for (int bit = 0; bit < 8; bit++) {
                bytes[i] ^= (unsigned char)(1 << bit);
                uint64_t other = ew_hash(bytes, n, 1);
                int flipped = __builtin_popcountll(base ^ other);
                cr_assert(flipped > 8 && flipped < 56, "%zu bytes, byte %zu: %d", n, i, flipped);
                bytes[i] ^= (unsigned char)(1 << bit);
            }
    }
    unsigned char shifted[64]; /* no dependence on alignment */
    memcpy(shifted + 3, "the same bytes elsewhere", 24);
    cr_assert_eq(ew_hash(shifted + 3, 24, 9), ew_hash("the same bytes elsewhere", 24, 9));
    cr_assert_eq(ew_hash("", 0, 9), ew_hash(NULL, 0, 9));
}

Test(hash, the_keyed_one_sees_every_byte_length_purpose_and_key) {
    unsigned char bytes[200] = {0};
    for (size_t n = 0; n < sizeof bytes; n++) {
        uint64_t base = ew_hash_keyed(bytes, n, 1);
        cr_assert_neq(base, ew_hash_keyed(bytes, n, 2));
        if (n) cr_assert_neq(base, ew_hash_keyed(bytes, n - 1, 1));
        for (size_t i = 0; i < n; i++)
            for (int bit = 0; bit < 8; bit++) {
                bytes[i] ^= (unsigned char)(1 << bit);
                int flipped = __builtin_popcountll(base ^ ew_hash_keyed(bytes, n, 1));
                cr_assert(flipped > 6 && flipped < 58, "%zu bytes, byte %zu: %d", n, i, flipped);
                bytes[i] ^= (unsigned char)(1 << bit);
            }
    }
    uint64_t drawn = ew_hash_keyed("word", 4, 0), again;
    ew_hash_rekey(7);
    uint64_t seven = ew_hash_keyed("word", 4, 0);
    ew_hash_rekey(8);
    again = ew_hash_keyed("word", 4, 0);
    cr_assert(drawn != seven && seven != again);
    ew_hash_rekey(7);
    cr_assert_eq(ew_hash_keyed("word", 4, 0), seven);
    ew_hash_rekey(0);
    again = ew_hash_keyed("word", 4, 0);
    ew_hash_rekey(0);
    cr_assert_neq(again, ew_hash_keyed("word", 4, 0), "a key of its own each time");
    cr_assert_eq(ew_hash_keyed("", 0, 9), ew_hash_keyed(NULL, 0, 9));
}

/* Its first operand zero, a block of the fixed hash swallows what stands beside it: every key collides, whatever the seed. */
static void colliding(uint32_t i, char key[40]) {
    const uint64_t zero = 0x8ebc6af09c88c6e3u;
    for (int k = 0; k < 8; k++) key[k] = (char)(zero >> (8 * k) & 255);
    snprintf(key + 8, 32, "%08xthe same tail", i);
}

Test(hash, keys_that_collide_in_the_fixed_hash_cost_a_dictionary_nothing, .timeout = 20) {
    enum { KEYS = 100000 };
    char key[40];
    colliding(0, key);
    uint64_t first = ew_hash(key, strlen(key), 5);
    ew_dict d;
    cr_assert_eq(ew_dict_init(&d, &err), EW_OK);
    double start = (double)clock();
    for (uint32_t i = 0; i < KEYS; i++) {
        uint32_t number;
        colliding(i, key);
        if (i % 1000 == 0) cr_assert_eq(ew_hash(key, strlen(key), 5), first);
        cr_assert_eq(ew_dict_add(&d, key, strlen(key), &number, &err), EW_OK);
        cr_assert_eq(number, i + 1);
    }
    cr_assert_lt(((double)clock() - start) / CLOCKS_PER_SEC, 2, "one chain of 100,000 takes minutes");
    ew_dict_free(&d);
    assert_no_leaks();
}

/* ---- output ---- */

static char work_folder[64];

static void make_work_folder(void) {
    strcpy(work_folder, "/tmp/edgewise-base-XXXXXX");
    cr_assert_not_null(mkdtemp(work_folder));
}

static void drop_work_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", work_folder);
    cr_assert_eq(system(command), 0);
}

static const char *in_folder(const char *name) {
    static char path[4][160];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", work_folder, name);
    return path[turn];
}

static int files_in(const char *folder) {
    DIR *dir = opendir(folder);
    int n = -2; /* "." and ".." */
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

static const char *content(const char *path) {
    static char text[256];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) fclose(f);
    text[n] = 0;
    return f ? text : NULL;
}

static void write_whole(const char *path, const char *text) {
    ew_output out;
    cr_assert_eq(ew_output_open(&out, path, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_output_write(&out, text, strlen(text), &err), EW_OK);
    cr_assert_eq(ew_output_commit(&out, &err), EW_OK, "%s", err.message);
}

Test(output, whole_or_not_at_all, .init = make_work_folder, .fini = drop_work_folder) {
    ew_output out;
    struct stat info;
    write_whole(in_folder("a"), "first");
    cr_assert_str_eq(content(in_folder("a")), "first");
    cr_assert_eq(stat(in_folder("a"), &info), 0);
    mode_t mask = umask(0);
    umask(mask);
    cr_assert_eq(info.st_mode & 0777, 0666 & ~mask);
    cr_assert_eq(ew_output_open(&out, in_folder("a"), &err), EW_OK);
    char *big = calloc(1, 600000);
    cr_assert_eq(ew_output_write(&out, big, 600000, &err), EW_OK); /* beyond a block: it is on disk already */
    cr_assert_eq(ew_output_printf(&out, &err, "%d", 5), EW_OK);
    cr_assert_eq(ew_output_printf(&out, &err, "%2000d", 5), EW_INTERNAL);
    cr_assert_str_eq(content(in_folder("a")), "first"); /* the earlier one stands until the end */
    cr_assert_eq(files_in(work_folder), 2);
    ew_output_abandon(&out);
    ew_output_abandon(&out);
    cr_assert_eq(files_in(work_folder), 1);
    cr_assert_str_eq(content(in_folder("a")), "first");
    write_whole(in_folder("a"), "second");
    cr_assert_str_eq(content(in_folder("a")), "second");
    cr_assert_eq(files_in(work_folder), 1);
    ew_output zero = {0};
    ew_output_abandon(&zero);
    free(big);
    assert_no_leaks();
}

Test(output, what_cannot_be_written_is_told, .init = make_work_folder, .fini = drop_work_folder) {
    ew_output out;
    cr_assert_eq(ew_output_open(&out, work_folder, &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "folder"));
    ew_output_abandon(&out);
    cr_assert_eq(ew_output_open(&out, in_folder("none/file"), &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "none/file"));
    ew_output_abandon(&out);
    write_whole("/dev/null", "gone"); /* a device is written in place and stays a device */
    struct stat info;
    cr_assert(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
    if (access("/dev/full", W_OK) == 0) {
        cr_assert_eq(ew_output_open(&out, "/dev/full", &err), EW_OK);
        cr_assert_eq(ew_output_write(&out, "x", 1, &err), EW_OK);
        cr_assert_eq(ew_output_commit(&out, &err), EW_RESOURCE);
        cr_assert_not_null(strstr(err.message, "/dev/full"));
    }
    cr_assert_eq(ew_output_open(&out, in_folder("b"), &err), EW_OK);
    mkdir(in_folder("b"), 0777); /* in the way by now */
    cr_assert_eq(ew_output_commit(&out, &err), EW_RESOURCE);
    cr_assert_eq(files_in(work_folder), 1);
    for (uint64_t nth = 1; nth < 4; nth++) {
        ew_alloc_fail_after(nth);
        ew_status status = ew_output_open(&out, in_folder("c"), &err);
        if (status == EW_OK) status = ew_output_write(&out, "x", 1, &err);
        ew_alloc_fail_after(0);
        cr_assert_eq(status, EW_RESOURCE);
        ew_output_abandon(&out);
        cr_assert_eq(files_in(work_folder), 1);
    }
    assert_no_leaks();
}

enum { WRITERS = 4 };
static void *writer(void *argument) {
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "w%d-%d", *(int *)argument, i);
        char path[160];
        snprintf(path, sizeof path, "%s/%s", work_folder, name);
        write_whole(path, name);
    }
    return NULL;
}

Test(output, threads_leave_the_umask_alone, .init = make_work_folder, .fini = drop_work_folder) {
    pthread_t threads[WRITERS];
    int numbers[WRITERS];
    umask(027);
    for (int i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, writer, &numbers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    cr_assert_eq(umask(022), 027);
    cr_assert_eq(files_in(work_folder), WRITERS * 50);
    for (int i = 0; i < WRITERS * 50; i++) {
        char name[16];
        struct stat info;
        snprintf(name, sizeof name, "w%d-%d", i / 50, i % 50);
        cr_assert_str_eq(content(in_folder(name)), name);
        cr_assert_eq(stat(in_folder(name), &info), 0);
        cr_assert_eq(info.st_mode & 0777, 0640);
    }
}

Test(output, folders, .init = make_work_folder, .fini = drop_work_folder) {
    cr_assert_eq(ew_make_folder(in_folder("x/y//z/"), &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_make_folder(in_folder("x/y/z"), &err), EW_OK);
    cr_assert_eq(files_in(in_folder("x/y")), 1);
    cr_assert_eq(ew_make_folder("/tmp", &err), EW_OK);
    cr_assert_eq(ew_make_folder("", &err), EW_USAGE);
    write_whole(in_folder("file"), "x");
    cr_assert_eq(ew_make_folder(in_folder("file"), &err), EW_RESOURCE);
    cr_assert_eq(ew_make_folder(in_folder("file/below"), &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "file/below"));
    cr_assert_eq(ew_make_folder("/proc/none", &err), EW_RESOURCE);
    assert_no_leaks();
}

/* ---- spool ---- */

Test(spool, gives_back_what_it_got) {
    enum { PIECES = 3000, LONGEST = 2000 };
    static char piece[LONGEST];
    uint64_t at[PIECES];
    ew_spool spool;
    cr_assert_eq(ew_spool_open(&spool, &err), EW_OK);
    for (uint64_t i = 0; i < PIECES; i++) {
        memset(piece, (int)(i % 251), sizeof piece);
        cr_assert_eq(ew_spool_append(&spool, piece, i * 31 % LONGEST, &at[i], &err), EW_OK);
    }
    cr_assert_eq(ew_spool_seal(&spool, &err), EW_OK);
    for (uint64_t i = 0; i < PIECES; i++)
        for (uint64_t k = 0; k < i * 31 % LONGEST; k += 97) cr_assert_eq((unsigned char)spool.map[at[i] + k], i % 251);
    ew_spool_close(&spool);
    ew_spool_close(&spool);
    cr_assert_eq(ew_spool_open(&spool, &err), EW_OK); /* an empty one maps too */
    cr_assert_eq(ew_spool_seal(&spool, &err), EW_OK);
    cr_assert_not_null(spool.map);
    ew_spool_close(&spool);
    assert_no_leaks();
}

Test(spool, leaves_no_file_and_says_where_it_cannot, .init = make_work_folder, .fini = drop_work_folder) {
    ew_spool spool;
    setenv("TMPDIR", work_folder, 1);
    cr_assert_eq(ew_spool_open(&spool, &err), EW_OK);
    cr_assert_eq(files_in(work_folder), 0);
    ew_spool_close(&spool);
    setenv("TMPDIR", "/none/such", 1);
    cr_assert_eq(ew_spool_open(&spool, &err), EW_RESOURCE);
    cr_assert_not_null(strstr(err.message, "TMPDIR"));
    ew_spool_close(&spool);
    setenv("TMPDIR", "", 1);
    cr_assert_eq(ew_spool_open(&spool, &err), EW_OK);
    ew_spool_close(&spool);
}

/* ---- scalar ---- */

Test(scalar, exp_and_log_against_libm) {
    double worst_exp = 0, worst_log = 0;
    for (uint64_t i = 0; i < 200000; i++) {
        double u = ew_random_unit(1, 50, i, 0), x = i % 2 ? u * 1400 - 700 : u * 4 - 2;
        double y = i % 3 ? exp(u * 1400 - 700) : 0.5 + u;
        double off = fabs(ew_exp(x) / exp(x) - 1), want = log(y);
        double gap = fabs(ew_log(y) - want) / (fabs(want) > 1e-300 ? fabs(want) : 1);
        if (off > worst_exp) worst_exp = off;
        if (gap > worst_log) worst_log = gap;
    }
    cr_assert(worst_exp < 1e-14, "exp: %g", worst_exp);
    cr_assert(worst_log < 1e-14, "log: %g", worst_log);
    cr_assert_eq(ew_exp(0), 1);
    cr_assert_eq(ew_log(1), 0);
    cr_assert_eq(ew_exp(-709), 0);
    cr_assert_eq(ew_exp(-INFINITY), 0);
    cr_assert_eq(ew_exp(710), ew_exp(709));
    cr_assert_eq(ew_exp(INFINITY), ew_exp(709));
    cr_assert(isfinite(ew_exp(709)) && ew_exp(-708) > 0);
    for (int e = -1000; e <= 1000; e += 50) cr_assert(fabs(ew_log(ldexp(1, e)) - e * log(2)) <= 1e-13 * (1 + abs(e)));
    for (double x = -20; x < 20; x += 0.01) cr_assert(ew_exp(x) < ew_exp(x + 0.01));
}

/* ---- utf8 ---- */

/* By the letter of Unicode's table 3-7. */
static int well_formed(const unsigned char *s, size_t n) {
    if (s[0] < 0x80) return n >= 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf) return n >= 2 && s[1] >> 6 == 2 ? 2 : 0;
    size_t want = s[0] >= 0xe0 && s[0] <= 0xef ? 3 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
    if (!want || n < want) return 0;
    for (size_t i = 1; i < want; i++)
        if (s[i] >> 6 != 2) return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return (int)want;
}

Test(utf8, every_code_point_there_and_back) {
    char bytes[4];
    for (uint32_t point = 0; point < 0x110000; point++) {
        size_t n = ew_utf8_encode(point, bytes), length;
        int surrogate = point >= 0xd800 && point < 0xe000;
        uint32_t back = ew_utf8_decode(bytes, n, &length);
        if (surrogate ? back != EW_UTF8_BAD || length != 1 : back != point || length != n) cr_assert_fail("U+%04X", point);
        if (!surrogate && n > 1 && (ew_utf8_decode(bytes, n - 1, &length) != EW_UTF8_BAD || length != n - 1))
            cr_assert_fail("U+%04X cut", point);
    }
}

Test(utf8, every_start_of_bytes) {
    unsigned char s[4];
    static const unsigned char thirds[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0xbf, 0xc0, 0xff};
    for (uint32_t head = 0; head < 0x10000; head++)
        for (int t = 0; t < 64; t++)
            for (size_t n = 1; n <= 4; n++) {
                s[0] = (unsigned char)(head >> 8);
                s[1] = (unsigned char)head;
                s[2] = thirds[t / 8];
                s[3] = thirds[t % 8];
                size_t length;
                uint32_t point = ew_utf8_decode((char *)s, n, &length);
                int want = well_formed(s, n);
                if (want ? point == EW_UTF8_BAD || length != (size_t)want
                         : point != EW_UTF8_BAD || length < 1 || length > n || length > 3)
                    cr_assert_fail("%02x %02x %02x %02x of %zu", s[0], s[1], s[2], s[3], n);
                if (n < 4 && (t % 8 || head & 0xff)) continue;
                size_t prefix = ew_utf8_valid_prefix((char *)s, n);
                if (want ? prefix < (size_t)want : prefix != 0) cr_assert_fail("prefix of %02x %02x", s[0], s[1]);
            }
}

Test(utf8, valid_prefix_of_long_texts) {
    char text[64];
    for (size_t bad = 0; bad < 60; bad++) {
        memset(text, 'a', sizeof text);
        text[bad] = (char)0xff;
        cr_assert_eq(ew_utf8_valid_prefix(text, 60), bad);
        cr_assert_eq(ew_utf8_valid_prefix(text, bad), bad);
        memcpy(text + bad, "\xc3\xbc", 2);
        cr_assert_eq(ew_utf8_valid_prefix(text, 62), 62);
        cr_assert_eq(ew_utf8_valid_prefix(text, bad + 1), bad);
    }
}

/* ---- random ---- */

Test(random, is_a_function_of_its_arguments_alone) {
    enum { N = 100000, SIDES = 10 };
    uint32_t sides[SIDES] = {0};
    double sum = 0;
    cr_assert_eq(ew_random(1, 2, 3, 4), ew_random(1, 2, 3, 4));
    cr_assert_neq(ew_random(1, 2, 3, 4), ew_random(2, 2, 3, 4));
    cr_assert_neq(ew_random(1, 2, 3, 4), ew_random(1, 3, 3, 4));
    cr_assert_neq(ew_random(1, 2, 3, 4), ew_random(1, 2, 4, 4));
    cr_assert_neq(ew_random(1, 2, 3, 4), ew_random(1, 2, 3, 5));
    cr_assert_neq(ew_random(1, 2, 3, 4), ew_random(1, 2, 4, 3));
    for (uint64_t i = 0; i < N; i++) {
        double u = ew_random_unit(7, 1, i, 0);
        uint64_t side = ew_random_below(SIDES, 7, 2, 0, i);
        cr_assert(u >= 0 && u < 1 && side < SIDES);
        sum += u;
        sides[side]++;
    }
    cr_assert(fabs(sum / N - .5) < .005);
    for (int s = 0; s < SIDES; s++) cr_assert(sides[s] > N / SIDES * .95 && sides[s] < N / SIDES * 1.05);
    cr_assert_eq(ew_random_below(1, 7, 2, 0, 0), 0);
    cr_assert(ew_random_below(UINT64_MAX, 7, 2, 0, 0) < UINT64_MAX);
}

/* ---- clock ---- */

Test(clock, adds_up_by_stage) {
    ew_stopwatch timings;
    static char names[40][16];
    ew_stopwatch_start(&timings);
    double begun = ew_wall();
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "s%d", i);
        ew_stopwatch_add(&timings, names[i], begun);
        ew_stopwatch_add(&timings, "s1", begun - 1);
    }
    cr_assert_eq(timings.n, sizeof timings.stages / sizeof *timings.stages); /* what does not fit is left out */
    cr_assert(timings.stages[1].seconds >= 40);
    cr_assert(ew_cpu() > 0 && ew_peak_memory() > 100000);
}
