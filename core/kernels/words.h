/* words: where the words of a text begin and end, 64 bytes at a time, and its ASCII letters in lower case.
 *
 * Bytes are of three kinds: blank (tab, line feed, carriage return, space), mark (the other printable ASCII characters that are
 * neither letter nor digit), and what words are made of: all the rest, bytes beyond ASCII and control characters among it.
 * serial's body is the oracle. No state, any thread. */
#ifndef EW_KERNELS_WORDS_H
#define EW_KERNELS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ew_word_kernels {
    const char *name;
    /* text[0 .. n) -> lower[0 .. n rounded up to 64), zeros behind n; word[i] and mark[i] get one bit a byte of the i-th 64, the
     * lowest for the first, none behind n. True if the text holds a '['. */
    bool (*scan)(const char *text, size_t n, char *lower, uint64_t *word, uint64_t *mark);
} ew_word_kernels;

const ew_word_kernels *ew_word_kernels_get(void);
/* By name of the instruction set, NULL if this build or processor lacks it. */
const ew_word_kernels *ew_word_kernels_named(const char *name);

#endif
