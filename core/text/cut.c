#include "cut.h"

#include <string.h>

#include "../base/alloc.h"
#include "points.h"

void ew_cut_free(ew_cut *cut) {
    ew_free(cut->low);
    ew_free(cut->words);
    *cut = (ew_cut){0};
}

/* A block more than the text has, so that a word may be read past its end. */
static ew_status make_room(ew_cut *cut, size_t n, ew_error *err) {
    size_t blocks = (n + 63) / 64 + 1;
    if (blocks <= cut->blocks) return EW_OK;
    ew_cut_free(cut);
    blocks += blocks / 2;
    cut->low = ew_alloc(blocks, 64);
    cut->words = ew_alloc(blocks, 3 * sizeof *cut->words);
    if (!cut->low || !cut->words) {
        ew_cut_free(cut);
        return ew_fail_memory(err, blocks * 88, "the words of a text");
    }
    cut->wide = cut->words + blocks;
    cut->breaks = cut->wide + blocks;
    cut->blocks = blocks;
    return EW_OK;
}

static inline void set(uint64_t *bits, size_t at) { bits[at / 64] |= (uint64_t)1 << (at % 64); }
static inline int is_set(const uint64_t *bits, size_t at) { return bits[at / 64] >> (at % 64) & 1; }

/* Marks what belongs to pieces among the wide characters: low[at ..) to the first that is not wide, which is returned. */
static size_t add_wide(ew_cut *cut, size_t at) {
    int within = at && is_set(cut->words, at - 1), alone = 0;
    for (size_t next; at < cut->n && (unsigned char)cut->low[at] >= 0x80; at = next) {
        uint32_t point;
        ew_point_kind kind = ew_point_at(cut->low, cut->n, at, &point, &next);
        if (kind != EW_POINT_MARK) {
            if (alone || kind == EW_POINT_ALONE) set(cut->breaks, at);
            within = ew_kind_is_content(kind);
            alone = kind == EW_POINT_ALONE;
        }
        for (size_t i = at; within && i < next; i++) set(cut->words, i);
    }
    if (alone) set(cut->breaks, at); /* there is a block for it */
    return at;
}

/* One '_' between two pieces belongs to them. */
static void add_underscores(ew_cut *cut) {
    const char *low = cut->low, *end = low + cut->n;
    for (const char *p = low; (p = memchr(p, '_', (size_t)(end - p))); p++) {
        size_t at = (size_t)(p - low);
        if (at && at + 1 < cut->n && is_set(cut->words, at - 1) && low[at - 1] != '_' && is_set(cut->words, at + 1))
            set(cut->words, at);
    }
}

ew_status ew_cut_text(ew_cut *cut, const char *text, size_t n, ew_error *err) {
    ew_status status = make_room(cut, n, err);
    if (status != EW_OK) return status;
    size_t blocks = (n + 63) / 64;
    cut->n = n;
    cut->flags = ew_fold_get()->fold(text, n, cut->low, cut->words, cut->wide);
    cut->words[blocks] = 0;
    memset(cut->low + blocks * 64, 0, 64);
    if (cut->flags & EW_FOLD_WIDE) {
        memset(cut->breaks, 0, (blocks + 1) * sizeof *cut->breaks);
        for (size_t block = 0, done = 0; block < blocks; block++) {
            uint64_t left = cut->wide[block];
            while (left) {
                size_t at = block * 64 + (size_t)__builtin_ctzll(left);
                if (at < done) {
                    left &= left - 1;
                    continue;
                }
                done = add_wide(cut, at);
                if (done >= block * 64 + 64) break;
                left = left >> (done % 64) << (done % 64);
            }
        }
    }
    if (n) add_underscores(cut);
    return EW_OK;
}

static inline uint32_t *list_bits(uint64_t bits, size_t base, uint32_t *out) {
    for (; bits; bits &= bits - 1) *out++ = (uint32_t)base + (uint32_t)__builtin_ctzll(bits);
    return out;
}

int ew_pieces_more(const ew_cut *cut, ew_pieces *pieces) {
    size_t blocks = (cut->n + 63) / 64 + 1, block = pieces->block; /* the empty one ends the last piece */
    int wide = cut->flags & EW_FOLD_WIDE;
    uint32_t *starts = pieces->starts, *ends = pieces->ends;
    if (pieces->carry) *starts++ = pieces->started;
    while (block < blocks && ends == pieces->ends) {
        size_t stop = block + EW_PIECES_BLOCKS < blocks ? block + EW_PIECES_BLOCKS : blocks;
        for (; block < stop; block++) {
            uint64_t w = cut->words[block], before = w << 1 | pieces->carry, cuts = wide ? cut->breaks[block] : 0;
            starts = list_bits(w & (~before | cuts), block * 64, starts);
            ends = list_bits(before & (~w | cuts), block * 64, ends);
            pieces->carry = w >> 63;
        }
    }
    pieces->n = (size_t)(ends - pieces->ends);
    pieces->block = block;
    if (pieces->carry) pieces->started = pieces->starts[pieces->n];
    return pieces->n > 0;
}
