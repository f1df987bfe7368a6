/* Everything that a reader, or a stream of some threads, says of its inputs, in one hash: for the comparison of the two. */
#ifndef EW_TEST_STREAM_HELP_H
#define EW_TEST_STREAM_HELP_H

#include <stdio.h>
#include <stdlib.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/read/inside.h"

typedef struct told {
    uint64_t hash, records, rejected, bytes, blocks;
    uint64_t worked[EW_STREAM_SLOTS]; /* hash of a block's texts, by slot */
    ew_status status;
    ew_error err;
    int bad;                          /* a promise was broken */
} told;

static inline uint64_t told_texts(const ew_record *records, uint32_t n) {
    uint64_t hash = n;
    for (uint32_t i = 0; i < n; i++)
        hash = ew_hash(records[i].fields[EW_COL_TEXT].data, records[i].fields[EW_COL_TEXT].length, hash);
    return hash;
}

static inline void told_records(told *out, const ew_record *records, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        out->hash = ew_hash(&records[i].line, 16, out->hash ^ records[i].input);
        for (int c = 0; c < EW_COLUMNS; c++) {
            ew_view field = records[i].fields[c];
            if (field.data) out->hash = ew_hash(field.data, field.length, out->hash ^ (uint64_t)c ^ 77);
        }
    }
    out->records += n;
}

static inline ew_status told_work(void *context, const ew_block *block, int worker, ew_error *err) {
    (void)err, (void)worker;
    told *out = context;
    out->worked[block->slot] = told_texts(block->records, block->n);
    return EW_OK;
}

static inline ew_status told_done(void *context, const ew_block *block, ew_error *err) {
    (void)err;
    told *out = context;
    out->bad |= block->n == 0 || block->first != out->records || block->slot >= EW_STREAM_SLOTS;
    out->bad |= out->worked[block->slot] != told_texts(block->records, block->n);
    out->blocks++;
    told_records(out, block->records, block->n);
    return EW_OK;
}

/* threads 0: by ew_reader_next; block: bytes at a time, 0: as usual. */
static inline told told_all(const ew_input *inputs, size_t n, const ew_options *options, int threads, size_t block) {
    told out = {.hash = 1};
    ew_reader *reader = NULL;
    ew_pool *pool = NULL;
    ew_batch batch;
    ew_stream_calls calls = {told_work, told_done, &out};
    out.status = ew_reader_open(inputs, n, options, &reader, &out.err);
    if (out.status == EW_OK && block) ew_reader_set_block(reader, block);
    if (out.status == EW_OK && threads) {
        out.status = ew_pool_create(threads, &pool, &out.err);
        if (out.status == EW_OK) out.status = ew_stream(reader, pool, &calls, &out.err);
    }
    while (out.status == EW_OK && !threads) {
        out.status = ew_reader_next(reader, &batch, &out.err);
        if (out.status != EW_OK || !batch.n) break;
        told_records(&out, batch.records, batch.n);
    }
    if (reader) {
        const ew_rejects *rejects = ew_reader_rejects(reader);
        const char *const *others;
        out.rejected = rejects->n;
        for (uint32_t i = 0; i < rejects->kept; i++)
            out.hash = ew_hash(rejects->messages[i], strlen(rejects->messages[i]), out.hash);
        if (out.status == EW_OK) {
            out.bytes = ew_reader_bytes(reader);
            size_t n_others = ew_reader_others(reader, &others);
            for (size_t i = 0; i < n_others; i++) out.hash = ew_hash(others[i], strlen(others[i]), out.hash);
            for (int c = 0; c < EW_COLUMNS; c++) {
                const char *name = ew_reader_column(reader, (ew_column)c);
                if (name) out.hash = ew_hash(name, strlen(name), out.hash ^ (uint64_t)c);
            }
        }
    }
    ew_pool_free(pool);
    ew_reader_close(reader);
    return out;
}

static inline int told_same(const told *a, const told *b) {
    return !a->bad && !b->bad && a->status == b->status && a->hash == b->hash && a->records == b->records &&
           a->rejected == b->rejected && a->bytes == b->bytes &&
           (a->status == EW_OK || (strcmp(a->err.message, b->err.message) == 0 && a->err.line == b->err.line &&
                                   a->err.byte == b->err.byte));
}

#endif
