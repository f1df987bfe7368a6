/* The oracle, and the choice of a body. */
#include "words.h"

#include "isa.h"
#include "words_bodies.h"

static bool is_letter(unsigned char c) { return (unsigned char)((c | 0x20) - 'a') < 26; }
static bool is_blank(unsigned char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static bool is_mark(unsigned char c) { return c > 0x20 && c < 0x7f && !is_letter(c) && (unsigned char)(c - '0') >= 10; }

static bool scan(const char *text, size_t n, char *lower, uint64_t *word, uint64_t *mark) {
    bool bracket = false;
    for (size_t from = 0; from < n; from += 64, word++, mark++) {
        *word = *mark = 0;
        for (size_t i = 0; i < 64; i++) {
            unsigned char c = from + i < n ? (unsigned char)text[from + i] : 0;
            lower[from + i] = (char)(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
            if (from + i >= n || is_blank(c)) continue;
            *(is_mark(c) ? mark : word) |= UINT64_C(1) << i;
            if (c == '[') bracket = true;
        }
    }
    return bracket;
}

const ew_word_kernels ew_word_kernels_serial = {"serial", scan};

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_word_kernels_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_word_kernels_avx2, [EW_ISA_AVX512] = &ew_word_kernels_avx512,
#elif defined(__aarch64__)
    [EW_ISA_NEON] = &ew_word_kernels_neon,
#endif
};

const ew_word_kernels *ew_word_kernels_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_word_kernels *ew_word_kernels_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
