/* What kind of character a code point is, and runs of ranges: shared by the files of text/ only. */
#ifndef EW_TEXT_POINTS_H
#define EW_TEXT_POINTS_H

#include "../base/utf8.h"
#include "text.h"

typedef enum ew_point_kind {
    EW_POINT_OTHER,  /* punctuation, symbols, ill-formed bytes */
    EW_POINT_SPACE,  /* white space, line breaks included */
    EW_POINT_CONTROL,
    EW_POINT_LETTER,
    EW_POINT_ALONE,  /* a letter of a script without blanks between words: Thai, Lao, Khmer, Burmese, Han, Kana */
    EW_POINT_DIGIT,
    EW_POINT_MARK,   /* combining marks and joiners */
    EW_POINT_EMOJI
} ew_point_kind;

extern const unsigned char ew_point_ascii[128]; /* ew_point_kind of each */
ew_point_kind ew_point_kind_wide(uint32_t point);   /* from U+0080 on */
ew_point_kind ew_point_kind_of_utf8proc(uint32_t point); /* the same, slowly: what the table of characters is filled from */

static inline ew_point_kind ew_point_kind_of(uint32_t point) {
    return point < 128 ? (ew_point_kind)ew_point_ascii[point] : ew_point_kind_wide(point);
}
static inline int ew_kind_is_letter(ew_point_kind kind) { return kind == EW_POINT_LETTER || kind == EW_POINT_ALONE; }
static inline int ew_kind_is_content(ew_point_kind kind) { return ew_kind_is_letter(kind) || kind == EW_POINT_DIGIT; }

/* The character at text[at]: its kind, and in *next where the next one begins. at < n. */
static inline ew_point_kind ew_point_at(const char *text, size_t n, size_t at, uint32_t *point, size_t *next) {
    size_t length;
    *point = ew_utf8_decode(text + at, n - at, &length);
    *next = at + length;
    return *point == EW_UTF8_BAD ? EW_POINT_OTHER : ew_point_kind_of(*point);
}
/* A word (words.c) in lower case, accents off where one of Latin-1 is enough, the curly apostrophe straight, in out [most]; its
 * length, 0 if there is no room. */
size_t ew_word_plain(const char *word, size_t n, char *out, size_t most);
int ew_point_is_upper(uint32_t point);
int ew_point_is_lower(uint32_t point);
uint32_t ew_point_lower(uint32_t point);

/* Does text[start .. end) hold a letter or digit? */
int ew_text_has_content(const char *text, size_t start, size_t end);
/* [*start, *end) without white space and controls at both ends. */
void ew_text_trim(const char *text, size_t *start, size_t *end);
/* The end of the line that begins at `at` (its last byte before the break), and in *next where the following one begins. */
size_t ew_text_line_end(const char *text, size_t n, size_t at, size_t *next);
/* How many words text[start .. end) has, counted to `most` at most. */
uint32_t ew_text_count_words(const char *text, size_t start, size_t end, uint32_t most);

/* The next post of somebody else that begins at or behind *at (reposts.c): RT @name to the end, or a quoted "@name: ..." to its
 * closing mark. *at moves behind it; 0 at the end. end < 2^32. */
int ew_text_next_repost(const char *text, size_t end, size_t *at, ew_range *out);

/* Where ends what was pasted (pasted.c) from the line text[start .. end) on: code between fences, a comment of a template; 0: the
 * line begins none. `seen` ({0}, one for a text whose lines come in turn) keeps it linear: what never ends is looked for once. */
typedef struct ew_pasted { int open_fence, open_comment; } ew_pasted;
size_t ew_text_pasted_end(const char *text, size_t n, size_t start, size_t end, ew_pasted *seen);
/* Whether the line text[start .. end) was printed by a program: more of it is code than words. */
int ew_text_is_printed(const char *text, size_t start, size_t end);

/* Appends a range that begins at or behind the end of the last one; empty ones are left out. */
EW_MUST_CHECK ew_status ew_ranges_push(ew_ranges *ranges, size_t start, size_t end, ew_error *err);
/* The same, joined to the last one if they touch or overlap. start never below the last start. */
EW_MUST_CHECK ew_status ew_ranges_add(ew_ranges *ranges, size_t start, size_t end, ew_error *err);

#endif
