/* pattern_words: the workshop behind patterns.h; bytes -> folded words and the breaks between them, for patterns and texts
 * alike. */
#ifndef EW_NEEDS_WORDS_H
#define EW_NEEDS_WORDS_H

#include "../base/buffer.h"

enum { EW_WORD_MAX = 64 }; /* bytes of a folded word; a longer one is a word nobody knows */

typedef enum ew_break { EW_BREAK_NONE, EW_BREAK_WEAK, EW_BREAK_STRONG, EW_BREAK_QUESTION } ew_break;

/* Letters whose accents make another word of it (hatte, hätte), lower case: kept as they are. */
enum { EW_KEPT_MOST = 16 };
typedef struct ew_kept { uint32_t letters[EW_KEPT_MOST], n; } ew_kept;

typedef struct ew_word {
    char text[EW_WORD_MAX]; /* lower case, Latin accents stripped but those kept, straight apostrophes; not terminated */
    size_t n;               /* 0: too long to know, or the end of the text */
    uint32_t start, end;    /* bytes of the text */
    ew_break before;        /* strongest break between the word before and this one */
} ew_word;

/* The next word of text[*at .. end). A word is a run of letters, digits and marks, apostrophes inside included; a letter of a
 * script without blanks is a word alone. kept NULL: no letter. 0 at the end: then only out->before is set. Bad bytes are weak
 * breaks. */
int ew_words_next(const ew_kept *kept, const char *text, uint32_t end, uint32_t *at, ew_word *out);

#endif
