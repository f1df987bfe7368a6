#include <pthread.h>

#include "../base/alloc.h"
#include "../base/clock.h"
#include "part.h"

/* The workers of a pool share four jobs: feeding (reading the next part: one at a time), cutting (one at a time, in order),
 * parsing with the caller's work (any number at a time), finishing (one at a time, in order). Each takes the job that is
 * furthest on, so at one thread a part goes through all of them while it is warm. Which worker does what shows nowhere. */

typedef enum state { FREE, FED, DECODED, FINISHED } state;

typedef struct worker { ew_unpacker unpacker; ew_columns columns; bool open; } worker;

typedef struct stream {
    ew_reader *reader;
    const ew_stream_calls *calls;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    ew_part parts[EW_STREAM_SLOTS];
    state states[EW_STREAM_SLOTS];
    uint32_t order[EW_STREAM_SLOTS];        /* part number i of the stream lies in parts[order[i mod SLOTS]] */
    uint32_t free[EW_STREAM_SLOTS], n_free; /* the last one freed is the first one taken: it is the warmest */
    uint64_t fed, cut, done;                /* parts that have been begun to be fed, cut, finished */
    bool feeding, cutting, finishing;
    bool open, no_more;                     /* an input is being fed; nothing is fed any more */
    uint64_t input_bytes;
    double seconds;
    ew_status status; ew_error error;       /* what ended it */
    bool over;
    ew_cutter cutter;                       /* of who cuts */
    uint64_t line, records;         /* of who finishes */
    worker *workers;
} stream;

static uint32_t slot_of(const stream *s, uint64_t number) { return s->order[number % EW_STREAM_SLOTS]; }

/* ---- the jobs; none of them holds the mutex ---- */

static void feed(stream *s, ew_part *part, ew_unpacker *unpacker, uint32_t slot) {
    ew_reader *reader = s->reader;
    double begun = ew_wall();
    bool opened = s->open; /* only who feeds sets it, and who finishes an input of which nothing is left to feed */
    ew_part_clear(part);
    if (!opened) {
        ew_cutter_begin(&s->cutter); /* nothing is under way between inputs */
        s->line = 1;
        part->failed = ew_input_open(reader, &part->error);
    }
    if (part->failed == EW_OK) ew_part_feed(part, reader->source, reader->block < EW_BLOCK ? reader->block : EW_PART_CHUNK);
    const char *label = reader->window.label;
    pthread_mutex_lock(&s->mutex);
    s->open = true;
    s->feeding = false;
    if (reader->source) s->input_bytes = ew_reader_input_bytes(reader);
    s->no_more = part->failed != EW_OK || part->eof;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    ew_part_decode(part, label, unpacker);
    double spent = ew_wall() - begun;
    pthread_mutex_lock(&s->mutex);
    s->seconds += spent;
    s->no_more |= part->failed != EW_OK;
    s->states[slot] = DECODED;
}

static ew_status open_worker(worker *w, const ew_reader *reader, ew_error *err) {
    if (w->open) return EW_OK;
    ew_status status = ew_columns_open(&w->columns, reader->options.columns, err);
    if (status == EW_OK)
        w->open = true;
    else
        ew_columns_close(&w->columns);
    return status;
}

static void parse(stream *s, ew_part *part, int number, uint64_t index, uint32_t slot) {
    worker *w = &s->workers[number];
    double begun = ew_wall();
    ew_error err;
    ew_status status = open_worker(w, s->reader, &err);
    if (status == EW_OK) {
        w->columns.input = (uint32_t)(index + 1); /* for a worker's names a part is what an input is for the reader's */
        ew_part_parse(part, &w->columns);
    }
    double spent = ew_wall() - begun;
    ew_block block = {.records = part->records, .n = part->n, .slot = slot, .index = index,
                      .packed = s->reader->packing ? &part->packing : NULL};
    if (status == EW_OK && s->calls->work && part->n && !part->refused)
        status = s->calls->work(s->calls->context, &block, number, &err);
    if (status != EW_OK) {
        part->failed = status;
        part->error = err;
        part->refused = true;
    }
    pthread_mutex_lock(&s->mutex);
    s->seconds += spent;
    s->states[slot] = FINISHED;
}

static ew_status finish(stream *s, ew_part *part, uint32_t slot, uint64_t index, ew_error *err) {
    ew_status status = EW_OK;
    ew_reader *reader = s->reader;
    bool placed = part->placed;
    if (!part->refused) {
        EW_TRY(ew_part_merge(part, reader, &s->line, err));
        ew_block block = {.records = part->records, .n = part->n, .slot = slot, .index = index, .first = s->records};
        if (part->n && s->calls->done) EW_TRY(s->calls->done(s->calls->context, &block, err));
        s->records += part->n;
    }
    if (part->failed != EW_OK) {
        *err = part->error;
        /* until the header is read, as in an array, the reader's own window counts the lines */
        ew_input_place(err, placed || !s->cutter.ready ? reader->window.line : s->line);
        return part->failed;
    }
    if (!part->eof) return EW_OK;
    reader->window.base = s->cutter.base;
    reader->window.begin = reader->window.end = 0;
    EW_TRY(ew_input_finish(reader, err));
done:
    return status;
}

/* ---- who does what ---- */

static bool can_feed(const stream *s) {
    if (s->feeding || !s->n_free) return false;
    return s->open ? !s->no_more : s->done == s->fed;
}

/* One job, if there is one; holds the mutex before and after. */
static bool take(stream *s, int number) {
    if (!s->finishing && s->done < s->cut && s->states[slot_of(s, s->done)] == FINISHED) {
        uint32_t slot = slot_of(s, s->done);
        ew_error err;
        s->finishing = true;
        pthread_mutex_unlock(&s->mutex);
        ew_status status = finish(s, &s->parts[slot], slot, s->done, &err);
        pthread_mutex_lock(&s->mutex);
        s->finishing = false;
        s->states[slot] = FREE;
        s->free[s->n_free++] = slot;
        s->done++;
        if (s->parts[slot].eof && status == EW_OK) {
            s->open = s->no_more = false;
            s->over |= s->reader->over;
        }
        if (status != EW_OK && s->status == EW_OK) {
            s->status = status;
            s->error = err;
            s->over = true;
        }
    } else if (!s->cutting && s->cut < s->fed && s->states[slot_of(s, s->cut)] == DECODED) {
        uint32_t slot = slot_of(s, s->cut);
        uint64_t index = s->cut;
        s->cutting = true;
        pthread_mutex_unlock(&s->mutex);
        double begun = ew_wall();
        ew_part_cut(&s->parts[slot], &s->cutter);
        double spent = ew_wall() - begun;
        pthread_mutex_lock(&s->mutex);
        s->seconds += spent;
        s->cut++;
        s->cutting = false;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->mutex);
        parse(s, &s->parts[slot], number, index, slot);
    } else if (can_feed(s)) {
        uint32_t slot = s->free[--s->n_free];
        s->order[s->fed++ % EW_STREAM_SLOTS] = slot;
        s->states[slot] = FED;
        s->feeding = true;
        pthread_mutex_unlock(&s->mutex);
        feed(s, &s->parts[slot], &s->workers[number].unpacker, slot);
    } else {
        return false;
    }
    pthread_cond_broadcast(&s->changed);
    return true;
}

static ew_status run(void *context, uint64_t task, int number, ew_error *err) {
    stream *s = context;
    (void)task, (void)err;
    pthread_mutex_lock(&s->mutex);
    while (!s->over) {
        if (number == 0) {
            uint64_t bytes = s->input_bytes;
            ew_error told;
            pthread_mutex_unlock(&s->mutex);
            ew_status status = ew_reader_tell(s->reader, bytes, &told);
            pthread_mutex_lock(&s->mutex);
            if (status != EW_OK && s->status == EW_OK) {
                s->status = status;
                s->error = told;
                s->over = true;
                pthread_cond_broadcast(&s->changed);
            }
            if (s->over) break;
        }
        if (!take(s, number)) pthread_cond_wait(&s->changed, &s->mutex);
    }
    pthread_mutex_unlock(&s->mutex);
    return EW_OK;
}

static void close_stream(stream *s, int threads) {
    for (int i = 0; s->workers && i < threads; i++) {
        ew_unpacker_close(&s->workers[i].unpacker);
        if (s->workers[i].open) ew_columns_close(&s->workers[i].columns);
    }
    for (uint32_t i = 0; i < EW_STREAM_SLOTS; i++) ew_part_free(&s->parts[i]);
    ew_buffer_free(&s->cutter.carry);
    s->reader->window.data = NULL; /* it was lent */
    s->reader->window.marks = NULL;
    s->reader->window.packing = NULL;
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
    ew_free(s->workers);
    ew_free(s);
}

ew_status ew_stream(ew_reader *reader, ew_pool *pool, const ew_stream_calls *calls, ew_error *err) {
    int threads = ew_pool_threads(pool);
    stream *s = ew_calloc(1, sizeof *s);
    if (!s) return ew_fail_memory(err, sizeof *s, "a stream");
    ew_status status = EW_OK;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->reader = reader;
    s->calls = calls;
    s->cutter.reader = reader;
    s->n_free = threads < 7 ? (uint32_t)threads * 2 + (threads > 1 ? 2 : 0) : EW_STREAM_SLOTS;
    for (uint32_t i = 0; i < s->n_free; i++) s->free[i] = s->n_free - 1 - i;
    s->workers = ew_calloc((size_t)threads, sizeof *s->workers);
    if (!s->workers) EW_TRY(ew_fail_memory(err, (size_t)threads * sizeof *s->workers, "workers"));
    EW_TRY(ew_reader_tell(reader, 0, err)); /* the others may be through before this thread gets to it */
    EW_TRY(ew_pool_run(pool, (uint64_t)threads, run, s, err));
    reader->seconds += s->seconds;
    status = s->status;
    if (status == EW_OK) status = ew_inputs_check(reader, &s->error);
    if (status != EW_OK && err) *err = s->error;
done:
    close_stream(s, threads);
    return status;
}

double ew_reader_seconds(const ew_reader *reader) { return reader->seconds; }
