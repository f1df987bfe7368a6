#include <inttypes.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "inside.h"
#include "source.h"

/* Small zstd frames that say how much they hold are handed on whole, so that several are decoded at a time. Nothing they say
 * is believed: a frame that holds something else is damaged. */

enum { GROUP = 1 << 20, PACKED_MAX = 4 << 20 }; /* content of a group of frames; bytes that one frame may take */

/* The size of the frame at p[0 .. n): 0: it goes on behind n; SIZE_MAX: it is none for us. */
static size_t whole_frame(const unsigned char *p, size_t n, size_t *content) {
    unsigned long long holds = ZSTD_getFrameContentSize(p, n);
    if (holds == ZSTD_CONTENTSIZE_ERROR && n < 18) return 0; /* the longest header; what is damaged shows later */
    if (holds > EW_FRAMES_ROOM) return SIZE_MAX;             /* unknown and error are large numbers too */
    *content = (size_t)holds;
    size_t size = ZSTD_findFrameCompressedSize(p, n);
    if (!ZSTD_isError(size)) return size;
    return ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong ? 0 : SIZE_MAX;
}

ew_status ew_source_frames(ew_source *source, ew_buffer *packed, size_t *content, ew_error *err) {
    ew_status status = EW_OK;
    *content = 0;
    if (source->kind != EW_ZSTD || source->inside || source->failed != EW_OK) return EW_OK;
    while (*content < GROUP / 2 && packed->length < PACKED_MAX) {
        size_t left = source->have - source->at, holds = 0;
        size_t size = left ? whole_frame(source->in + source->at, left < PACKED_MAX ? left : PACKED_MAX, &holds) : 0;
        if (size == 0) {
            if (source->in_end || left >= PACKED_MAX) break; /* cut off, or too large */
            EW_TRY(ew_source_fill(source, PACKED_MAX, err));
            continue;
        }
        if (size == SIZE_MAX || (packed->length && *content + holds > GROUP)) break;
        EW_TRY(ew_buffer_append(packed, source->in + source->at, size, err));
        source->at += size;
        source->consumed += size;
        source->produced += holds;
        *content += holds;
    }
done:
    return status;
}

/* The bytes before the damage, and its name. */
static ew_status decode_damaged(ZSTD_DCtx *zstd, const ew_buffer *packed, const char *label, uint64_t before, char *out,
                                size_t room, size_t *got, ew_error *err) {
    ZSTD_inBuffer from = {packed->data, packed->length, 0};
    ZSTD_outBuffer to = {out, room, 0};
    const char *why = "it holds more than it says";
    ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only);
    while (to.pos < to.size && from.pos < from.size) {
        size_t result = ZSTD_decompressStream(zstd, &to, &from);
        if (ZSTD_isError(result)) {
            why = ZSTD_getErrorName(result);
            break;
        }
    }
    *got = to.pos;
    return ew_source_damaged(label, before + to.pos, "zstd", why, err);
}

ew_status ew_frames_decode(ew_unpacker *unpacker, const ew_buffer *packed, const char *label, uint64_t before, char *out,
                           size_t room, size_t *got, ew_error *err) {
    *got = 0;
    if (!unpacker->zstd && !(unpacker->zstd = ZSTD_createDCtx()))
        return ew_fail_memory(err, ZSTD_DStreamInSize(), "a zstd decoder");
    size_t result = ZSTD_decompressDCtx(unpacker->zstd, out, room, packed->data, packed->length);
    if (ZSTD_isError(result)) return decode_damaged(unpacker->zstd, packed, label, before, out, room, got, err);
    *got = result;
    return EW_OK;
}

void ew_unpacker_close(ew_unpacker *unpacker) {
    ZSTD_freeDCtx(unpacker->zstd);
    unpacker->zstd = NULL;
}
