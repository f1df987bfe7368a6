/* fold: a text's ASCII letters made small, and where its words and its other characters are: the first look at any text.
 *
 * Bodies give the same bits; ew_fold_get picks one as isa.h says. No state, any thread. */
#ifndef EW_KERNELS_FOLD_H
#define EW_KERNELS_FOLD_H

#include <stddef.h>
#include <stdint.h>

enum {
    EW_FOLD_WIDE = 1,   /* a byte from 0x80 on */
    EW_FOLD_CONTROL = 2 /* a control that is no white space */
};

typedef struct ew_fold {
    const char *name;
    /* low[0 .. n): the text with A-Z made small; zeros up to the next multiple of 64, which low has room for.
     * Bit i % 64 of words[i / 64]: byte i is an ASCII letter or digit; of wide[i / 64]: it is 0x80 or more. Both have
     * (n + 63) / 64 items, with zeros beyond n. Returns the EW_FOLD_ flags of what the text holds. */
    unsigned (*fold)(const char *text, size_t n, char *low, uint64_t *words, uint64_t *wide);
} ew_fold;

const ew_fold *ew_fold_get(void);
const ew_fold *ew_fold_named(const char *name); /* NULL: this build or processor lacks it */

/* The bodies: only fold.c and each other look here. */
extern const ew_fold ew_fold_serial;
#if defined(__x86_64__)
extern const ew_fold ew_fold_avx2, ew_fold_avx512;
#elif defined(__aarch64__)
extern const ew_fold ew_fold_neon;
#endif

#endif
