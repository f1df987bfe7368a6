#include "cut.h"

#include <string.h>

#include "../base/alloc.h"
#include "../kernels/fold.h"
#include "points.h"

void ew_cut_free(ew_cut *cut) {
    ew_free(cut->low);
    ew_free(cut->words);
    *cut = (ew_cut){0};
}

/* Two blocks more than the text has, so that a search for a bit always ends and a word may be read past its end. */
static ew_status make_room(ew_cut *cut, size_t n, ew_error *err) {
    size_t blocks = (n + 63) / 64 + 2;
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

/* Marks what belongs to pieces among the wide characters of a run, low[at .. end). */
static void add_wide(ew_cut *cut, size_t at, size_t end) {
    int within = at && is_set(cut->words, at - 1), alone = 0;
    for (size_t next; at < end; at = next) {
        uint32_t point;
        ew_point_kind kind = ew_point_at(cut->low, cut->n, at, &point, &next);
        int content = ew_kind_is_content(kind);
        if (alone && kind != EW_POINT_MARK) set(cut->breaks, at);
        if (content && kind == EW_POINT_ALONE) set(cut->breaks, at);
        if (kind != EW_POINT_MARK) {
            within = content;
            alone = kind == EW_POINT_ALONE;
        }
        for (size_t i = at; within && i < next; i++) set(cut->words, i);
    }
    if (alone) set(cut->breaks, end);
}

ew_status ew_cut_text(ew_cut *cut, const char *text, size_t n, ew_error *err) {
    ew_status status = make_room(cut, n, err);
    if (status != EW_OK) return status;
    size_t blocks = (n + 63) / 64;
    cut->n = n;
    cut->flags = ew_fold_get()->fold(text, n, cut->low, cut->words, cut->wide);
    memset(cut->low + blocks * 64, 0, 64);
    /* what ends every search: a piece's begin, its end and its break */
    cut->words[blocks] = 2;
    cut->words[blocks + 1] = 0;
    if (!(cut->flags & EW_FOLD_WIDE)) return EW_OK;
    cut->wide[blocks] = 0;
    memset(cut->breaks, 0, blocks * sizeof *cut->breaks);
    cut->breaks[blocks] = cut->breaks[blocks + 1] = UINT64_MAX;
    for (size_t block = 0, done = 0; block < blocks; block++) {
        uint64_t left = cut->wide[block];
        if (done > block * 64) left = done >= block * 64 + 64 ? 0 : left >> (done % 64) << (done % 64);
        while (left) {
            size_t at = block * 64 + (size_t)__builtin_ctzll(left);
            done = ew_cut_bit(cut->wide, UINT64_MAX, at);
            if (done > n) done = n;
            add_wide(cut, at, done);
            left = done >= block * 64 + 64 ? 0 : cut->wide[block] >> (done % 64) << (done % 64);
        }
    }
    return EW_OK;
}
