/* patterns: a file of cue patterns -> one automaton; a sentence -> what of it matches, in one pass with bounded state.
 *
 * The language of a file, one thing a line, '#' starts a comment:
 *
 *     bias -2.1                      log-odds that a sentence without any evidence asks for something
 *     late 0.6                       of the patterns below: what one loses, if it is the strongest of a sentence, when nine words
 *                                    or more come before; less by an eighth for each that is missing
 *     bare 0.5                       the same when no word follows; less by a fifth for each that does
 *     keep äöü                       letters with accents that make another word; first of all. Other accents are not seen
 *     alias don't = do not           words rewritten before matching; *'d = * would and l'* = l' * do endings and beginnings
 *     <nice> = nice great a_plus     a class of words; a_b is two words; a second line adds to it; other classes may stand in it
 *     lean 1.8 option setting        words that lean: the sum over a sentence, over the root of its number of words, within 2
 *     desire 3 <i> wish              KIND WEIGHT PATTERN; weight: log-odds added to "asks for something"
 *
 * Kinds are those of ew_cue_kind (desire absence workaround effort resignation comparison worry delight), `hint` (evidence
 * without a span; hints add up to at most 2) and `veto` (drops the cues that overlap it; its weight counts).
 * A pattern is a row of items:
 *
 *     word        that word, whatever its case and accents (see keep); a script without blanks is matched letter by letter
 *     stem*       a word that begins so
 *     a|b_c|<x>   one of them
 *     item?       or nothing
 *     * *5        up to three, up to five words of any kind
 *     !item       first: none of the three words before, in the same clause; later: the next word is another
 *     ^           first: start of a sentence or clause (the words of class <lead> may stand before it)
 *     ,           first: the same, or behind any punctuation or a word of class <join>
 *     [?] $       a question mark; the end of a sentence or clause
 *
 * A compiled file is read-only: shared by all threads; matching allocates nothing. */
#ifndef EW_NEEDS_PATTERNS_H
#define EW_NEEDS_PATTERNS_H

#include "../base/buffer.h"

enum { EW_PATTERN_HINT = EW_CUE_KINDS, EW_PATTERN_VETO, EW_PATTERN_KINDS };

typedef struct ew_patterns ew_patterns;

typedef struct ew_pattern {
    float weight, late, bare;
    uint32_t line; /* of the file */
    int kind;      /* ew_cue_kind, EW_PATTERN_HINT or EW_PATTERN_VETO */
} ew_pattern;

/* Lines text[0 .. n) of a file; the file's name and where in it they begin are for error messages. */
typedef struct ew_pattern_lines {
    const char *name, *text;
    size_t n;
    uint64_t line, byte; /* that come before them */
} ew_pattern_lines;

/* The lines of all parts, one after the other. EW_INPUT "NAME:LINE: ..." where a line makes no sense. */
EW_MUST_CHECK ew_status ew_patterns_compile(const ew_pattern_lines *parts, size_t n, ew_patterns **out, ew_error *err);
void ew_patterns_free(ew_patterns *patterns);
double ew_patterns_bias(const ew_patterns *patterns);
uint32_t ew_patterns_count(const ew_patterns *patterns);

/* number: of the pattern, 0 .. count-1; [start, end): bytes of the text, whole words. */
typedef void (*ew_hit_fn)(void *context, uint32_t number, const ew_pattern *pattern, uint32_t start, uint32_t end);

/* Calls hit for each match in text[start .. end), which may hold any bytes, in the order of their ends. One pattern may hit
 * several times at different ends. Returns the leaning of the words, -2 .. 2. Time is linear in end - start. */
double ew_patterns_match(const ew_patterns *patterns, const char *text, uint32_t start, uint32_t end, ew_hit_fn hit,
                         void *context);

#endif
