/* Regular expressions of tokenizer files: the part of Oniguruma's syntax that such files use. Literals, classes, \p{...}, groups,
 * alternatives, greedy, lazy and (of single characters) possessive repeats, (?i:...), anchors, and looking ahead at one
 * character. Anything else is refused. Time is linear in the text for every expression, and for every text. */
#ifndef EW_TOKENS_REGEX_H
#define EW_TOKENS_REGEX_H

#include "../base/buffer.h"

typedef struct ew_regex ew_regex; /* read-only after compiling: shared by threads */

/* Scratch of one thread; zeroed before the first use. */
typedef struct ew_regex_room {
    uint64_t *seen;
    size_t seen_words; /* one bit for each branch and place of the text */
    uint64_t *stack;
    size_t stack_n, stack_capacity;
} ew_regex_room;

/* EW_INPUT says what is not understood. */
EW_MUST_CHECK ew_status ew_regex_compile(const char *pattern, size_t n, ew_regex **out, ew_error *err);
void ew_regex_free(ew_regex *regex);

/* Before the first ew_regex_next on a text of n bytes. */
EW_MUST_CHECK ew_status ew_regex_begin(const ew_regex *regex, ew_regex_room *room, size_t n, ew_error *err);
/* The next match in text[0 .. n), valid UTF-8, at `from` or behind; from must not go back between calls. *found 0: none. */
EW_MUST_CHECK ew_status ew_regex_next(const ew_regex *regex, ew_regex_room *room, const char *text, size_t n, size_t from,
                                      int *found, size_t *start, size_t *end, ew_error *err);
void ew_regex_room_free(ew_regex_room *room);

#endif
