#include "pack.h"

#include <zstd.h>

#include "../base/alloc.h"
#include "inside.h"

enum { FRAME = 1 << 20, INDEX_MAX = 1 << 27, ENTRY = 8, FOOTER = 9 };

typedef struct packed { ew_buffer bytes, index; } packed; /* frames of a block, and their entries of the index */

typedef struct packing {
    int level;
    ZSTD_CCtx **encoders;             /* one a worker, made at first use */
    packed blocks[EW_STREAM_SLOTS];
    ew_output *output;
    ew_buffer index;
    uint64_t records;
} packing;

static void put32(unsigned char *out, uint64_t value) {
    for (int i = 0; i < 4; i++) out[i] = (unsigned char)(value >> (8 * i));
}

/* How much of text[0 .. n), whole lines, goes into the next frame. */
static size_t frame_of(const char *text, size_t n) {
    if (n <= FRAME + FRAME / 2) return n;
    for (size_t at = FRAME; at > 0; at--)
        if (text[at - 1] == '\n') return at;
    const char *end = memchr(text + FRAME, '\n', n - FRAME);
    return end ? (size_t)(end - text) + 1 : n;
}

static ew_status encoder(packing *p, int worker, ew_error *err) {
    if (p->encoders[worker]) return EW_OK;
    ZSTD_CCtx *made = ZSTD_createCCtx();
    if (!made) return ew_fail_memory(err, 1 << 20, "a zstd encoder");
    p->encoders[worker] = made;
    if (ZSTD_isError(ZSTD_CCtx_setParameter(made, ZSTD_c_compressionLevel, p->level)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(made, ZSTD_c_checksumFlag, 1)))
        return ew_fail(err, EW_USAGE, "no zstd level %d", p->level);
    return EW_OK;
}

static ew_status compress(void *context, const ew_block *block, int worker, ew_error *err) {
    packing *p = context;
    packed *out = &p->blocks[block->slot];
    ew_status status;
    EW_TRY(encoder(p, worker, err));
    out->bytes.max = out->index.max = EW_BUFFER_ANY;
    ew_buffer_clear(&out->bytes);
    ew_buffer_clear(&out->index);
    for (size_t at = 0, n; at < block->packed->length; at += n) {
        const char *text = block->packed->data + at;
        unsigned char entry[ENTRY];
        n = frame_of(text, block->packed->length - at);
        size_t bound = ZSTD_compressBound(n);
        EW_TRY(ew_buffer_reserve(&out->bytes, bound, err));
        size_t size = ZSTD_compress2(p->encoders[worker], out->bytes.data + out->bytes.length, bound, text, n);
        if (ZSTD_isError(size)) return ew_fail(err, EW_RESOURCE, "zstd cannot compress: %s", ZSTD_getErrorName(size));
        out->bytes.length += size;
        put32(entry, size);
        put32(entry + 4, n);
        EW_TRY(ew_buffer_append(&out->index, entry, ENTRY, err));
    }
done:
    return status;
}

static ew_status write_frames(void *context, const ew_block *block, ew_error *err) {
    packing *p = context;
    const packed *in = &p->blocks[block->slot];
    p->records += block->n;
    ew_status status = ew_output_write(p->output, in->bytes.data, in->bytes.length, err);
    if (status == EW_OK && p->index.length + in->index.length <= (size_t)INDEX_MAX * ENTRY)
        status = ew_buffer_append(&p->index, in->index.data, in->index.length, err);
    return status;
}

/* A frame to be skipped: entries, their number, a byte of flags, a magic number. */
static ew_status write_index(packing *p, ew_error *err) {
    unsigned char head[8], foot[FOOTER] = {0};
    ew_status status;
    put32(head, 0x184D2A5E);
    put32(head + 4, p->index.length + FOOTER);
    put32(foot, p->index.length / ENTRY);
    put32(foot + 5, 0x8F92EAB1);
    EW_TRY(ew_output_write(p->output, head, sizeof head, err));
    if (p->index.length) EW_TRY(ew_output_write(p->output, p->index.data, p->index.length, err));
    EW_TRY(ew_output_write(p->output, foot, sizeof foot, err));
done:
    return status;
}

ew_status ew_pack(ew_reader *reader, ew_pool *pool, int level, ew_output *output, uint64_t *n, ew_error *err) {
    ew_status status;
    int threads = ew_pool_threads(pool);
    packing p = {.level = level, .output = output, .index = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    ew_stream_calls calls = {compress, write_frames, &p};
    p.encoders = ew_calloc((size_t)threads, sizeof *p.encoders);
    if (!p.encoders) return ew_fail_memory(err, (size_t)threads * sizeof *p.encoders, "encoders");
    reader->packing = true;
    EW_TRY(ew_stream(reader, pool, &calls, err));
    EW_TRY(write_index(&p, err));
    *n = p.records;
done:
    for (int i = 0; i < threads; i++) ZSTD_freeCCtx(p.encoders[i]);
    for (size_t i = 0; i < EW_STREAM_SLOTS; i++) {
        ew_buffer_free(&p.blocks[i].bytes);
        ew_buffer_free(&p.blocks[i].index);
    }
    ew_buffer_free(&p.index);
    ew_free(p.encoders);
    return status;
}
