/* Streams of every form of input on pools of 1 to 8 threads, two callers at once, with parts so small that the workers meet all
 * the time: whole, failing in the middle, and stopped while they read. No races (thread sanitizer), no hang, and the same records
 * every time. */
#define _DEFAULT_SOURCE /* usleep */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "../../core/base/stop.h"
#include "../fuzz/stream_help.h"

enum { CALLERS = 2, FORMS = 6, ROOM = 1 << 18, PART = 3001, TURNS = 2, FRAMES = 10, FRAME_RECORDS = 30, LONG = 40000 };

static const int THREADS[] = {1, 2, 3, 8};
static const char *const NAMES[FORMS] = {"jsonl", "csv", "one frame", "many frames", "gzip", "many frames cut short"};
static ew_input forms[FORMS];
static const ew_options plain = {0};
static atomic_int bad;

static size_t make_lines(char *out, int csv) {
    size_t n = csv ? (size_t)sprintf(out, "id,text\n") : 0;
    for (unsigned i = 0; n + 600 < ROOM; i++) {
        static const char words[] = "the lid of the tank leaks again and nobody answers, which is a pity, since we like it";
        int length = (int)(i * 7919 % 80);
        n += (size_t)(csv           ? sprintf(out + n, "%u,\"%.*s\n%u \"\"so\"\"\"\n", i, length, words, i)
                      : i % 50 == 7 ? sprintf(out + n, "not JSON %u %.*s\n", i, length, words)
                                    : sprintf(out + n, "{\"id\":%u,\"text\":\"%.*s\"}\n", i, length, words));
    }
    return n;
}

/* One frame that does not say how much it holds, so that it is decoded bit by bit. */
static size_t one_frame(char *out, size_t space, const char *bytes, size_t n) {
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_contentSizeFlag, 0);
    size_t size = ZSTD_compress2(zstd, out, space, bytes, n);
    ZSTD_freeCCtx(zstd);
    return size;
}

/* Frames of more than a megabyte: whole ones are decoded by whoever parses them, one or two a part. */
static size_t many_frames(char *out, size_t space) {
    size_t room = FRAME_RECORDS * (LONG + 100), used = 0;
    char *bytes = malloc(room);
    if (!bytes) exit(2);
    for (int f = 0; f < FRAMES; f++) {
        size_t n = 0;
        for (int i = 0; i < FRAME_RECORDS; i++)
            n += (size_t)sprintf(bytes + n, "{\"id\":%d,\"text\":\"%*s\"}\n", f * FRAME_RECORDS + i, LONG, "the lid leaks");
        used += ZSTD_compress(out + used, space - used, bytes, n, 1);
    }
    free(bytes);
    return used;
}

static size_t gzip(char *out, size_t space, const char *bytes, size_t n) {
    z_stream z = {0};
    if (deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) exit(2);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (unsigned)n;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)space;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) exit(2);
    deflateEnd(&z);
    return space - z.avail_out;
}

static void make_forms(void) {
    char *bytes[FORMS];
    size_t sizes[FORMS] = {0};
    for (int i = 0; i < FORMS; i++)
        if (!(bytes[i] = malloc(ROOM))) exit(2);
    sizes[0] = make_lines(bytes[0], 0);
    sizes[1] = make_lines(bytes[1], 1);
    sizes[2] = one_frame(bytes[2], ROOM, bytes[0], sizes[0]);
    sizes[3] = many_frames(bytes[3], ROOM);
    sizes[4] = gzip(bytes[4], ROOM, bytes[1], sizes[1]);
    sizes[5] = sizes[3] - sizes[3] / 20;
    memcpy(bytes[5], bytes[3], sizes[5]);
    for (int i = 0; i < FORMS; i++) forms[i] = (ew_input){NAMES[i], bytes[i], sizes[i]};
}

static void expect(int good, const char *what, int form, int threads) {
    if (good) return;
    fprintf(stderr, "%s, %d threads: %s\n", NAMES[form], threads, what);
    bad++;
}

/* ---- failing and stopping ---- */

typedef struct rough {
    uint64_t fail_at;  /* the block whose work fails, */
    int in_done;       /* or whose end does */
    int slow;          /* microseconds a block */
    atomic_int asked;
    pthread_t by;
} rough;

static ew_status rough_work(void *context, const ew_block *block, int worker, ew_error *err) {
    rough *r = context;
    (void)worker;
    if (r->slow) usleep((unsigned)r->slow);
    return block->index == r->fail_at && !r->in_done ? ew_fail(err, EW_RESOURCE, "block %d", (int)block->index) : EW_OK;
}

static ew_status rough_done(void *context, const ew_block *block, ew_error *err) {
    rough *r = context;
    return block->index == r->fail_at && r->in_done ? ew_fail(err, EW_RESOURCE, "block %d", (int)block->index) : EW_OK;
}

static int stop_reading(void *data, const char *stage, uint64_t done, uint64_t total) {
    rough *r = data;
    (void)stage;
    if (done > total || !pthread_equal(r->by, pthread_self())) bad++;
    return ++r->asked == 2;
}

static int stop_working(void *data) { return ++((rough *)data)->asked == 2; }

static ew_status stream(int form, int threads, const ew_options *options, rough *r, ew_error *err) {
    ew_reader *reader = NULL;
    ew_pool *pool = NULL;
    ew_stream_calls calls = {rough_work, rough_done, r};
    if (ew_reader_open(&forms[form], 1, options, &reader, err) != EW_OK || ew_pool_create(threads, &pool, err) != EW_OK) exit(2);
    ew_reader_set_block(reader, PART);
    ew_status status = ew_stream(reader, pool, &calls, err);
    ew_pool_free(pool);
    ew_reader_close(reader);
    return status;
}

static void fail_and_stop(int form, int threads) {
    ew_error err = {0};
    for (int in_done = 0; in_done < 2; in_done++) {
        rough failing = {.fail_at = 4, .in_done = in_done};
        ew_status status = stream(form, threads, &plain, &failing, &err);
        expect(status == EW_RESOURCE && strcmp(err.message, "block 4") == 0, "another failure than block 4's", form, threads);
    }
    rough slow = {.fail_at = UINT64_MAX, .slow = form == 3 ? 60000 * threads : 10000 * threads, .by = pthread_self()};
    ew_options telling = {.progress = stop_reading, .progress_data = &slow};
    expect(stream(form, threads, &telling, &slow, &err) == EW_CANCELLED && slow.asked == 2, "not stopped by its progress", form,
           threads);
}

/* The tasks of the pool are as long as the stream: only who looks stops. */
static ew_status look_work(void *context, const ew_block *block, int worker, ew_error *err) {
    (void)context, (void)block, (void)worker;
    usleep(20000);
    return ew_stop_check(err);
}

static void stop_within(int form, int threads) {
    rough asked = {0};
    ew_stop stop = {.asked = stop_working, .data = &asked};
    ew_error err = {0};
    ew_reader *reader = NULL;
    ew_pool *pool = NULL;
    ew_stream_calls calls = {look_work, NULL, NULL};
    if (ew_reader_open(&forms[form], 1, &plain, &reader, &err) != EW_OK || ew_pool_create(threads, &pool, &err) != EW_OK) exit(2);
    ew_reader_set_block(reader, PART);
    ew_stop_scope before = ew_stop_enter(&stop, 1);
    ew_status status = ew_stream(reader, pool, &calls, &err);
    ew_stop_leave(before);
    expect(status == EW_CANCELLED && asked.asked == 2, "not stopped by its caller", form, threads);
    ew_pool_free(pool);
    ew_reader_close(reader);
}

/* ---- all of it ---- */

static void *caller(void *argument) {
    int number = *(int *)argument;
    for (int k = 0; k < FORMS; k++) {
        int form = (k + number * FORMS / CALLERS) % FORMS;
        told serial = told_all(&forms[form], 1, &plain, 0, 0);
        expect(serial.records > 100 && (serial.status == EW_OK) == (form != 5), "not what it was made to be", form, 0);
        for (int t = 0; t < 4; t++) {
            for (int turn = 0; turn < TURNS; turn++) {
                told streamed = told_all(&forms[form], 1, &plain, THREADS[t], PART);
                expect(told_same(&serial, &streamed) && streamed.blocks > 4, "other records", form, THREADS[t]);
            }
            if (form != 5) fail_and_stop(form, THREADS[t]);
            if (form == 2) stop_within(form, THREADS[t]);
        }
        ew_input several[3] = {forms[form], forms[0], forms[1]}; /* a worker crosses from one input into the next */
        told one = told_all(several, 3, &plain, 1, PART), eight = told_all(several, 3, &plain, 8, PART);
        expect(told_same(&one, &eight) && one.blocks == eight.blocks, "other records of three inputs", form, 8);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[CALLERS];
    int numbers[CALLERS];
    make_forms();
    for (int i = 0; i < CALLERS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, caller, &numbers[i]) != 0) return 2;
    }
    for (int i = 0; i < CALLERS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < FORMS; i++) free((char *)(uintptr_t)forms[i].data);
    if (bad) fprintf(stderr, "%d results failed or differed\n", (int)bad);
    return bad != 0;
}
