/* signals: a sentence's words -> cues (spans that signal desire, absence, workaround, effort, resignation, comparison, worry,
 * delight) and the probability that it asks for something.
 *
 * Patterns over words with negation, tense and person stand in data files (needs/cues/LANG.txt), built into the library; a
 * user's file adds to them (cue_files.h). Read-only after creation: shared by all threads. */
#ifndef EW_SIGNALS_H
#define EW_SIGNALS_H

#include "../base/buffer.h"

typedef struct ew_cue_span { uint32_t start, end; ew_cue_kind kind; float weight; } ew_cue_span; /* bytes of the text given */

/* Log-odds: `need` is the logistic function of their sum. */
typedef struct ew_need_terms {
    float bias;                /* of a sentence without any evidence */
    float leaning, hints;      /* of its words; of patterns that mark no words */
    float strongest, others;   /* the heaviest pattern that speaks for asking; a third of the rest */
    float place;               /* what that pattern loses where it stands late in the sentence, or little follows it */
    float against, also_against; /* the same of those that speak against it, vetoes among them */
} ew_need_terms;

typedef struct ew_sentence_signals {
    float need;                /* 0..1: how surely the sentence asks for something */
    ew_need_terms terms;
    ew_cue_span cues[16]; uint32_t n_cues;
} ew_sentence_signals;

typedef struct ew_signals ew_signals;
/* path: a user's cue file, NULL: none. EW_INPUT names its file and line. */
EW_MUST_CHECK ew_status ew_signals_create(const char *path, ew_signals **out, ew_error *err);
void ew_signals_free(ew_signals *signals);

/* One sentence text[start .. end) of a comment text[0 .. n); lang ISO 639-1 or "". Offsets of cues are
 * bytes of `text`, on character borders. EW_USAGE where the sentence is not within the text; nothing is allocated. */
EW_MUST_CHECK ew_status ew_signals_of(const ew_signals *signals, const char *text, size_t n, uint32_t start, uint32_t end,
                                      const char *lang, ew_sentence_signals *out, ew_error *err);

#endif
