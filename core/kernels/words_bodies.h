/* The bodies of words.h; only its files look here. */
#ifndef EW_KERNELS_WORDS_BODIES_H
#define EW_KERNELS_WORDS_BODIES_H

#include "words.h"

extern const ew_word_kernels ew_word_kernels_serial;
#if defined(__x86_64__)
extern const ew_word_kernels ew_word_kernels_avx2, ew_word_kernels_avx512;
#elif defined(__aarch64__)
extern const ew_word_kernels ew_word_kernels_neon;
#endif

/* Bits of the n bytes that the last, unfinished 64 have. */
static inline uint64_t ew_words_within(size_t n) { return n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX; }

#endif
