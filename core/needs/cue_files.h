/* cue_files: the built-in cue files, and a user's own -> compiled patterns by language.
 *
 * A user's file holds sections in the language of patterns.h. Each begins with a line
 *
 *     language de            what follows is added to the German file
 *     language de alone      what follows takes its place
 *
 * and a language that has no file of its own gets one. Read-only once loaded: shared by all threads. */
#ifndef EW_NEEDS_CUE_FILES_H
#define EW_NEEDS_CUE_FILES_H

#include "patterns.h"

enum { EW_CUE_LANGUAGES = 64, EW_CUE_PATTERNS = 4096 }; /* languages at most; patterns of one language at most */

typedef struct ew_cue_languages {
    struct { char code[4]; ew_patterns *patterns; } items[EW_CUE_LANGUAGES]; /* English first */
    uint32_t n;
} ew_cue_languages;

/* path NULL: the built-in files alone. EW_INPUT with file and line where the user's file makes no sense or cannot be read.
 * What is loaded, even in part, goes back through ew_cue_languages_free. */
EW_MUST_CHECK ew_status ew_cue_languages_load(ew_cue_languages *languages, const char *path, ew_error *err);
/* The same with the user's file in memory; text NULL: none. */
EW_MUST_CHECK ew_status ew_cue_languages_build(ew_cue_languages *languages, const char *name, const char *text, size_t n,
                                               ew_error *err);
void ew_cue_languages_free(ew_cue_languages *languages);

#endif
