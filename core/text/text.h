/* text: one comment's bytes -> what of it is the customer's own, in which language, in which sentences.
 *
 * Nothing is deleted: everything derived is a byte range [start, end) into the original text, which may hold any bytes.
 * Functions are pure and may be called by any thread; a corpus-wide part (lines that recur) is built first by one. */
#ifndef EW_TEXT_H
#define EW_TEXT_H

#include "../base/buffer.h"
#include "../base/pool.h"

typedef struct ew_range { uint32_t start, end; } ew_range;
typedef struct ew_ranges { ew_range *items; uint32_t n, capacity; } ew_ranges; /* owned; ascending, apart */
void ew_ranges_free(ew_ranges *ranges);

/* ---- repair and normalisation (repair.c, normal.c) ---- */

/* Valid UTF-8 with one U+FFFD for each ill-formed run; HTML entities are left. Appends to out. */
EW_MUST_CHECK ew_status ew_text_repair(const char *text, size_t n, ew_buffer *out, ew_error *err);
/* For comparing: repaired, NFKC, case folded, white space runs to one blank, controls out, trimmed. An all-ASCII text
 * never reaches utf8proc. Appends to out. */
EW_MUST_CHECK ew_status ew_text_normalise(const char *text, size_t n, ew_buffer *out, ew_error *err);
/* The next word (letters, digits, marks; an apostrophe or hyphen between two letters belongs to it) at or behind *at; 0 at the
 * end. A character of a script without blanks (Thai, Han, Kana, ...) is a word alone. */
int ew_text_next_word(const char *text, size_t n, size_t *at, ew_range *out);

/* ---- what is not the customer's (masks.c, reposts.c, pasted.c, boilerplate.c) ---- */

/* Lines that many customers' comments share (count >= max(20, n / 1000), three customers at least, digits folded; templates,
 * signatures of agents, macro replies), found by one pass over the corpus before masking. Sentences of long lines count as lines,
 * so a macro inside a paragraph is found. No boilerplate is a line that is the whole of most comments it stands in (a short
 * answer), has fewer than 4 words, or fewer than 2 that are no fillers; a heading, or what is set off ("### Steps", "_None_"),
 * needs one word. customer 0: unknown. Calls of one comment come together.
 * Memory is bounded: 80 MiB, twice that while the table is thinned. */
typedef struct ew_boilerplate ew_boilerplate;
/* Working memory of one text: the normalised line and the sentences of a line. */
typedef struct ew_line_scratch {
    ew_buffer normal;
    ew_ranges sentences;
} ew_line_scratch;
#define EW_LINE_SCRATCH_INIT {.normal = EW_BUFFER_INIT(EW_BUFFER_ANY)}
void ew_line_scratch_free(ew_line_scratch *scratch);
EW_MUST_CHECK ew_status ew_boilerplate_create(ew_boilerplate **out, ew_error *err);
EW_MUST_CHECK ew_status ew_boilerplate_add(ew_boilerplate *all, const char *text, size_t n, uint32_t customer, uint32_t comment,
                                           ew_error *err);
/* The same in two steps, of which the first, and by far the longer, may be any thread's: a text's lines, added to `lines` by the
 * thread's scratch; and these counted, in the order of comments. */
EW_MUST_CHECK ew_status ew_boilerplate_read(const ew_boilerplate *all, const char *text, size_t n, uint32_t customer,
                                            uint32_t comment, ew_line_scratch *scratch, ew_buffer *lines, ew_error *err);
EW_MUST_CHECK ew_status ew_boilerplate_count(ew_boilerplate *all, const ew_buffer *lines, ew_error *err);
void ew_boilerplate_close(ew_boilerplate *all, uint64_t comments); /* fixes the threshold */
size_t ew_boilerplate_lines(const ew_boilerplate *all);            /* how many lines count as boilerplate */
void ew_boilerplate_free(ew_boilerplate *all);
/* Names of these lines, the same in every process, ascending: out [ew_boilerplate_lines]; and a closed table that knows lines by
 * such names. */
void ew_boilerplate_names(const ew_boilerplate *all, uint64_t *out);
EW_MUST_CHECK ew_status ew_boilerplate_of_names(const uint64_t *names, size_t n, ew_boilerplate **out, ew_error *err);

/* Ranges of text that are not the customer's own new words: quoted replies (runs of '>' lines, "On ... wrote:", original
 * message headers and what follows), posts passed on (RT @name, "@name: ..."), signatures ("-- ", "Sent from my ..."), what was
 * pasted (code between fences, comments of templates, lines of logs), boilerplate (NULL: none). */
EW_MUST_CHECK ew_status ew_text_masks(const char *text, size_t n, const ew_boilerplate *boilerplate, ew_ranges *out,
                                      ew_error *err);

/* ---- sentences (sentences.c) ---- */

/* Sentences outside the masked ranges: trimmed, each with at least one letter or digit where the text has one there. */
EW_MUST_CHECK ew_status ew_text_sentences(const char *text, size_t n, const ew_ranges *masked, ew_ranges *out, ew_error *err);

/* ---- what is denied or asked (denial.c) ---- */

/* Whether a sentence asks (by its sign) or denies something (by a word that does, in the commoner languages). */
int ew_text_denies(const char *text, size_t n);

/* ---- addresses (addresses.c) ---- */

/* Bytes of the link ("http://", "https://", "www.") that begins at text[at], without stops and closers at its end; 0: none. */
size_t ew_text_link_at(const char *text, size_t n, size_t at);
/* The next link, e-mail address, @handle, HTML tag or entity that begins at or behind *at, which moves behind it; 0 at the end.
 * n < 2^32. */
int ew_text_next_address(const char *text, size_t n, size_t *at, ew_range *out);

/* ---- language (language.c) ---- */

/* ISO 639-1 code (a literal) of the text, or "" where too short or too unlike all that the table knows (en de fr es it pt nl
 * pl sv tr ru ja zh ko th ar he hi el). By script, then by a small table of letter trigrams and function words. */
const char *ew_text_language(const char *text, size_t n);

/* ---- people's data (pii.c) ---- */

/* Overwrites, in place and with '*' for each letter or digit, e-mail addresses, phone numbers, card numbers (Luhn), IBANs and
 * long account numbers. Length and all offsets stay. Returns how many were masked. */
uint32_t ew_text_mask_pii(char *text, size_t n);

/* ---- content (content.c) ---- */

/* True for words (lower case, accents stripped) that carry no subject by themselves: function words, interjections, greetings,
 * thanks, pure sentiment (good, terrible, love), in English and the commonest of de, fr, es. An open list in content.c. */
int ew_text_is_filler(const char *word, size_t n);
/* Whether a sentence of such words says something all the same (substance.c): a sum of money, or a question for a person, a
 * thing, a place, a time, a reason or a way, of three words at least. */
int ew_text_has_substance(const char *text, size_t n);

#endif
