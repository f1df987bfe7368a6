/* A compiled expression: what regex_compile.c writes and regex.c runs. */
#ifndef EW_TOKENS_REGEX_INSIDE_H
#define EW_TOKENS_REGEX_INSIDE_H

#include "regex.h"

enum { EW_REGEX_CODE_MAX = 4096, EW_REGEX_ITEMS_MAX = 2048, EW_REGEX_SETS_MAX = 1024 };

typedef enum ew_regex_op {
    EW_REGEX_SET,    /* one character of a set */
    EW_REGEX_RUN,    /* x to y characters of a set, as many as there are: no way back */
    EW_REGEX_BRANCH, /* to x; if that fails, to y */
    EW_REGEX_GO,     /* to x */
    EW_REGEX_AHEAD,  /* the next character is of the set */
    EW_REGEX_NOT_AHEAD,
    EW_REGEX_LINE_START,
    EW_REGEX_LINE_END,
    EW_REGEX_TEXT_START,
    EW_REGEX_TEXT_END,
    EW_REGEX_MATCH
} ew_regex_op;

typedef struct ew_regex_code {
    ew_regex_op op;
    uint32_t set, x, y;
    uint32_t branch;
} ew_regex_code; /* branch: its number */

typedef enum ew_regex_kind { EW_REGEX_RANGE, EW_REGEX_CATEGORY, EW_REGEX_SPACE, EW_REGEX_WORD, EW_REGEX_SUBSET } ew_regex_kind;
/* first..last; or general categories as a mask in `first`; or another set's number in `first`. */
typedef struct ew_regex_item {
    ew_regex_kind kind;
    int not;
    uint32_t first, last;
} ew_regex_item;
typedef struct ew_regex_set {
    uint32_t first, n;
    int not, fold;
    uint64_t ascii[2];
} ew_regex_set; /* items; answers below 0x80 */

struct ew_regex {
    ew_regex_code code[EW_REGEX_CODE_MAX];
    ew_regex_item items[EW_REGEX_ITEMS_MAX];
    ew_regex_set sets[EW_REGEX_SETS_MAX];
    uint32_t n_code, n_items, n_sets, n_branches;
};

int ew_regex_has(const ew_regex *regex, uint32_t set, uint32_t point); /* without the table of answers */

#endif
