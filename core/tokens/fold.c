/* One character at a time: what the reference's normaliser and splitter make of it.
 *
 * Clean, isolate CJK, decompose, drop nonspacing marks, lower-case: each step looks at single characters, so the whole is a
 * map from code point to code points. The one exception is the canonical ordering of marks after decomposition: it can only
 * swap characters that carry a combining class, and of those that survive none is in a piece of the vocabulary; a word
 * that holds one is [UNK] in any order. */
#include <utf8proc.h>

#include "classes.h"
#include "inside.h"
#include "ranges.h"

static int within(const point_range *ranges, size_t n, uint32_t point) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && ranges[low].first <= point;
}

int ew_tokens_is_punct(uint32_t point) { return within(puncts, sizeof puncts / sizeof *puncts, point); }

static int is_space(uint32_t p) {
    return p == '\t' || p == '\n' || p == '\r' || p == ' ' || p == 0xa0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200a) ||
           p == 0x2028 || p == 0x2029 || p == 0x202f || p == 0x205f || p == 0x3000;
}

ew_char ew_tokens_class(uint32_t point) {
    if (ew_class_chinese(point)) return EW_CHAR_ALONE;
    if (is_space(point)) return EW_CHAR_SPACE;
    if (within(drops, sizeof drops / sizeof *drops, point)) return EW_CHAR_DROP;
    return ew_tokens_is_punct(point) ? EW_CHAR_PUNCT : EW_CHAR_WORD;
}

int ew_tokens_fold(uint32_t point, uint32_t *out) {
    utf8proc_int32_t parts[EW_FOLD_MAX];
    int boundary = 0, kept = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)point, parts, EW_FOLD_MAX,
                                                 UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, &boundary);
    if (n < 0 || n > EW_FOLD_MAX) {
        parts[0] = (utf8proc_int32_t)point;
        n = 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        if (!within(drops, sizeof drops / sizeof *drops, (uint32_t)parts[i])) out[kept++] = (uint32_t)utf8proc_tolower(parts[i]);
    return kept;
}
