#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "../base/alloc.h"
#include "source.h"

enum { BUFFER = 1 << 18, PEEK = 4 };

const char *ew_input_label(const ew_input *input) {
    if (!input->name) return "memory";
    return !input->data && strcmp(input->name, "-") == 0 ? "stdin" : input->name;
}

static ew_status cannot(const char *label, int number, ew_error *err) {
    return ew_fail_at(err, EW_INPUT, label, 0, 0, "cannot be read: %s", strerror(number));
}

ew_status ew_source_check(const ew_input *input, uint64_t *size, ew_error *err) {
    *size = input->size;
    if (input->data) return EW_OK;
    *size = 0;
    if (!input->name || !*input->name) return ew_fail(err, EW_USAGE, "an input has neither a name nor data");
    if (strcmp(input->name, "-") == 0) return EW_OK;
    struct stat info;
    if (stat(input->name, &info) != 0) return cannot(input->name, errno, err);
    if (S_ISDIR(info.st_mode)) return ew_fail_at(err, EW_INPUT, input->name, 0, 0, "is a folder; name the files in it");
    if (access(input->name, R_OK) != 0) return cannot(input->name, errno, err);
    if (S_ISREG(info.st_mode)) {
        if (info.st_size == 0) return ew_fail_at(err, EW_INPUT, input->name, 0, 0, "is empty");
        *size = (uint64_t)info.st_size;
    }
    return EW_OK;
}

static ew_status read_file(ew_source *source, void *out, size_t room, size_t *got, ew_error *err) {
    ssize_t n;
    do n = read(source->file, out, room);
    while (n < 0 && errno == EINTR);
    if (n < 0) return cannot(source->label, errno, err);
    *got = (size_t)n;
    return EW_OK;
}

ew_status ew_source_fill(ew_source *source, size_t most, ew_error *err) {
    if (source->file < 0) source->in_end = true;
    if (source->in_end) return EW_OK;
    size_t left = source->have - source->at, got;
    if (source->at && (left == 0 || source->have == source->room)) {
        memmove(source->buffer, source->buffer + source->at, left);
        source->at = 0;
        source->have = left;
    }
    if (source->have == source->room && source->room < most) {
        size_t room = source->room * 2 < most ? source->room * 2 : most;
        unsigned char *buffer = ew_realloc(source->buffer, room, 1);
        if (!buffer) return ew_fail_memory(err, room, "an input");
        source->in = source->buffer = buffer;
        source->room = room;
    }
    size_t room = source->room - source->have;
    ew_status status = read_file(source, source->buffer + source->have, room < source->chunk ? room : source->chunk, &got, err);
    if (status != EW_OK) return status;
    source->in_end = got == 0;
    source->have += got;
    return EW_OK;
}

static void *zlib_alloc(voidpf opaque, uInt n, uInt size) {
    (void)opaque;
    return ew_alloc(n, size);
}

static void zlib_free(voidpf opaque, voidpf memory) {
    (void)opaque;
    ew_free(memory);
}

static ew_status start(ew_source *source, ew_error *err) {
    const unsigned char *magic = source->in;
    size_t n = source->have;
    static const unsigned char zstd_frame[4] = {0x28, 0xb5, 0x2f, 0xfd}, skippable[3] = {0x2a, 0x4d, 0x18};
    if (n >= 4 && (memcmp(magic, zstd_frame, 4) == 0 || ((magic[0] & 0xf0) == 0x50 && memcmp(magic + 1, skippable, 3) == 0))) {
        source->kind = EW_ZSTD;
        source->zstd = ZSTD_createDCtx();
        if (!source->zstd) return ew_fail_memory(err, ZSTD_DStreamInSize(), "a zstd decoder");
        if (ZSTD_isError(ZSTD_DCtx_setParameter(source->zstd, ZSTD_d_windowLogMax, source->window_log)))
            return ew_fail(err, EW_USAGE, "a zstd window of 2^%d bytes is not possible; give 10 to 31", source->window_log);
    } else if (n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
        source->kind = EW_GZIP;
        source->gzip = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free};
        if (inflateInit2(&source->gzip, 16 + MAX_WBITS) != Z_OK) return ew_fail_memory(err, 1 << 16, "a gzip decoder");
        source->gzip_ready = true;
        source->inside = true;
    }
    return EW_OK;
}

ew_status ew_source_open(const ew_input *input, int window_log, size_t chunk, ew_source **out, ew_error *err) {
    ew_source *source = ew_calloc(1, sizeof *source);
    if (!source) return ew_fail_memory(err, sizeof *source, "an input");
    ew_status status = EW_OK;
    source->label = ew_input_label(input);
    source->window_log = window_log;
    source->chunk = chunk;
    source->file = -1;
    if (input->data) {
        source->in = input->data;
        source->have = input->size;
        source->in_end = true;
    } else {
        uint64_t size;
        EW_TRY(ew_source_check(input, &size, err));
        source->own_file = strcmp(input->name, "-") != 0;
        source->file = source->own_file ? open(input->name, O_RDONLY | O_CLOEXEC) : 0;
        if (source->file < 0) EW_TRY(cannot(source->label, errno, err));
        source->in = source->buffer = ew_alloc(BUFFER, 1);
        if (!source->buffer) EW_TRY(ew_fail_memory(err, BUFFER, "an input"));
        source->room = BUFFER;
        while (source->have < PEEK && !source->in_end) EW_TRY(ew_source_fill(source, BUFFER, err));
    }
    if (source->have == 0) EW_TRY(ew_fail_at(err, EW_INPUT, source->label, 0, 0, "is empty"));
    EW_TRY(start(source, err));
    *out = source;
    return EW_OK;
done:
    ew_source_close(source);
    return status;
}

void ew_source_close(ew_source *source) {
    if (!source) return;
    ZSTD_freeDCtx(source->zstd);
    if (source->gzip_ready) inflateEnd(&source->gzip);
    if (source->own_file && source->file >= 0) close(source->file);
    ew_free(source->buffer);
    ew_free(source);
}

static ew_status read_plain(ew_source *source, char *out, size_t room, size_t *got, ew_error *err) {
    size_t left = source->have - source->at;
    if (left) { /* what was looked at to recognise it, or memory */
        *got = left < room ? left : room;
        memcpy(out, source->in + source->at, *got);
        source->at += *got;
    } else if (!source->in_end) {
        ew_status status = read_file(source, out, room, got, err);
        if (status != EW_OK) return status;
        source->in_end = *got == 0;
    }
    source->consumed += *got;
    return EW_OK;
}

static ew_status fail_broken(const ew_source *source, const char *format_name, ew_error *err) {
    ew_status status = ew_fail_at(err, EW_INPUT, source->label, 0, 0,
                                  "breaks off at byte %" PRIu64 " of the decompressed input: the last %s is not complete; "
                                  "get a whole copy of it", source->produced, format_name);
    if (err) err->byte = source->produced;
    return status;
}

ew_status ew_source_damaged(const char *label, uint64_t produced, const char *format_name, const char *why, ew_error *err) {
    ew_status status =
        ew_fail_at(err, EW_INPUT, label, 0, 0,
                   "is damaged behind byte %" PRIu64 " of the decompressed input: %s says '%s'; get a whole copy of it", produced,
                   format_name, why);
    if (err) err->byte = produced;
    return status;
}

static size_t slice(const ew_source *source) {
    size_t left = source->have - source->at;
    return left < source->chunk ? left : source->chunk;
}

static ew_status fail_zstd(const ew_source *source, size_t result, ew_error *err) {
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return ew_fail_at(
            err, EW_INPUT, source->label, 0, 0,
            "needs a zstd window of more than 2^%d bytes; allow it with --zstd-window-max %d (it takes as much memory)",
            source->window_log, 31);
    case ZSTD_error_memory_allocation: return ew_fail_memory(err, (size_t)1 << source->window_log, "a zstd window");
    default: return ew_source_damaged(source->label, source->produced, "zstd", ZSTD_getErrorName(result), err);
    }
}

/* The only sign of a cut-off input is that the decoder still waits at its end. */
static ew_status read_zstd(ew_source *source, char *out, size_t room, size_t *got, ew_error *err) {
    ew_status status = EW_OK;
    while (*got < room) {
        if (source->at == source->have) EW_TRY(ew_source_fill(source, BUFFER, err));
        bool last = source->at == source->have && source->in_end;
        if (last && !source->inside) break;
        ZSTD_inBuffer from = {source->in + source->at, slice(source), 0};
        ZSTD_outBuffer to = {out, room, *got};
        size_t result = ZSTD_decompressStream(source->zstd, &to, &from);
        source->produced += to.pos - *got;
        if (ZSTD_isError(result)) {
            *got = to.pos;
            return fail_zstd(source, result, err);
        }
        source->inside = result != 0;
        if (last && to.pos == *got && source->inside) return fail_broken(source, "zstd frame", err);
        *got = to.pos;
        source->at += from.pos;
        source->consumed += from.pos;
    }
done:
    return status;
}

/* Members may follow each other; zeros behind one are padding. */
static void next_member(ew_source *source) {
    while (source->at < source->have && source->in[source->at] == 0) {
        source->at++;
        source->consumed++;
    }
    if (source->at == source->have) return;
    inflateReset(&source->gzip);
    source->inside = true;
}

static ew_status read_gzip(ew_source *source, char *out, size_t room, size_t *got, ew_error *err) {
    ew_status status = EW_OK;
    while (*got < room) {
        if (source->at == source->have) EW_TRY(ew_source_fill(source, BUFFER, err));
        bool last = source->at == source->have && source->in_end;
        if (!source->inside) next_member(source);
        if (!source->inside) {
            if (last) break;
            continue;
        }
        size_t give = slice(source), take = room - *got;
        if (give > UINT32_MAX) give = UINT32_MAX;
        if (take > UINT32_MAX) take = UINT32_MAX;
        source->gzip.next_in = (Bytef *)(uintptr_t)(source->in + source->at);
        source->gzip.avail_in = (uInt)give;
        source->gzip.next_out = (Bytef *)out + *got;
        source->gzip.avail_out = (uInt)take;
        int result = inflate(&source->gzip, Z_NO_FLUSH);
        size_t wrote = take - source->gzip.avail_out, used = give - source->gzip.avail_in;
        *got += wrote;
        source->produced += wrote;
        source->at += used;
        source->consumed += used;
        if (result == Z_MEM_ERROR) return ew_fail_memory(err, 1 << 16, "a gzip decoder");
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return ew_source_damaged(source->label, source->produced, "gzip",
                                     source->gzip.msg ? source->gzip.msg : "not a gzip stream", err);
        source->inside = result != Z_STREAM_END;
        if (last && wrote == 0 && source->inside) return fail_broken(source, "gzip member", err);
    }
done:
    return status;
}

ew_status ew_source_read(ew_source *source, char *out, size_t room, size_t *got, ew_error *err) {
    *got = 0;
    if (source->failed == EW_OK) {
        if (room > source->chunk) room = source->chunk;
        source->failed = source->kind == EW_PLAIN  ? read_plain(source, out, room, got, &source->error)
                         : source->kind == EW_ZSTD ? read_zstd(source, out, room, got, &source->error)
                                                : read_gzip(source, out, room, got, &source->error);
    }
    if (source->failed == EW_OK || *got) return EW_OK;
    if (err) *err = source->error;
    return source->failed;
}

const char *ew_source_compression(const ew_source *source) {
    return source->kind == EW_ZSTD ? "zstd" : source->kind == EW_GZIP ? "gzip" : "plain";
}

uint64_t ew_source_input_bytes(const ew_source *source) { return source->consumed; }

uint64_t ew_source_bytes(const ew_source *source) { return source->produced; }
