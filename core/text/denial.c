/* What leaves something open: questions, and words that deny. Praise hardly ever does either; what somebody needs mostly does. */
#include <string.h>

#include "points.h"

enum { LONGEST = 12 };

/* A closed class in any language, so the list ends: lower case, without accents, sorted by byte. */
static const char *const denials[] = {
    "aint",     "arent",   "aucun",   "aucune",  "cannot",  "cant",    "couldnt", "didnt",   "doesnt",  "dont",    "geen",
    "hadnt",    "hasnt",   "havent",  "isnt",    "jamais",  "jamas",   "kein",    "keine",   "keinem",  "keinen",  "keiner",
    "keines",   "nada",    "nadie",   "nao",     "ne",      "neither", "never",   "nicht",   "nichts",  "nie",     "niemals",
    "niemand",  "niet",    "ningun",  "ninguna", "ninguno", "no",      "nobody",  "non",     "none",    "nor",     "not",
    "nothing",  "nowhere", "nunca",   "ohne",    "pas",     "rien",    "sans",    "shouldnt", "sin",    "tampoco", "unable",
    "wasnt",    "werent",  "without", "wont",    "wouldnt", "zonder"};

/* Signs and, where no blank ends a word, what denies within it: Chinese, Japanese, Korean. */
static const char *const within[] = {"?",
                                     "\xef\xbc\x9f",
                                     "\xd8\x9f",
                                     "\xe4\xb8\x8d",
                                     "\xe6\xb2\xa1",
                                     "\xe6\xb2\x92",
                                     "\xe7\x84\xa1",
                                     "\xe3\x81\xaa\xe3\x81\x84",
                                     "\xe3\x81\xbe\xe3\x81\x9b\xe3\x82\x93",
                                     "\xec\x95\x8a",
                                     "\xec\x97\x86"};

static int is_denial(const char *word, size_t n) {
    char plain[LONGEST + 1];
    size_t length = ew_word_plain(word, n, plain, LONGEST), low = 0, high = sizeof denials / sizeof *denials;
    if (length < 2) return 0;
    plain[length] = 0;
    if (length > 3 && memcmp(plain + length - 3, "n't", 3) == 0) return 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(plain, denials[middle]);
        if (order == 0) return 1;
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return 0;
}

int ew_text_denies(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t w = 0; w < sizeof within / sizeof *within; w++) {
            size_t length = strlen(within[w]);
            if (text[i] == within[w][0] && n - i >= length && memcmp(text + i, within[w], length) == 0) return 1;
        }
    ew_range word;
    for (size_t at = 0; ew_text_next_word(text, n, &at, &word);)
        if (is_denial(text + word.start, word.end - word.start)) return 1;
    return 0;
}
