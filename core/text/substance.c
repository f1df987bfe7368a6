/* What says something without a word of a subject: a sum of money, and a question for a person, a thing, a place, a time, a
 * reason or a way ("who made you", "where do I have to go"). Not "what a joke", "how are you", "why not". */
#include <string.h>
#include <utf8proc.h>

#include "points.h"

enum { LONGEST = 12, FEWEST_WORDS = 3, LATEST = 1 }; /* what asks stands first, or second: "so, where ..." */

/* Lower case, without accents: words that ask, in the languages of the fillers. The first kind is a question at the head of a
 * sentence; the second as often begins a clause ("what comes out is great"): an auxiliary or a sign has to follow. */
static const char *const sure[] = {"pourquoi", "warum", "weshalb", "what's", "whats", "where's", "who", "who's", "wieso", NULL};
static const char *const askers[] = {"combien", "cuando", "cuanto", "donde", "how",   "quien", "quienes",
                                     "wann",    "wer",    "what",   "when",  "where", "why",   NULL};
static const char *const auxiliaries[] = {"am",  "are",   "can",  "could", "did",    "do",  "does", "has",  "have",  "is",
                                          "may", "might", "must", "shall", "should", "was", "were", "will", "would", NULL};
/* Behind these "how" asks for a way or a measure; before others it greets or exclaims ("how are you", "how nice"). */
static const char *const ways[] = {"can",  "could", "did",   "do",     "does", "far",   "long",
                                   "many", "much",  "often", "should", "to",   "would", NULL};
static const char *const articles[] = {"a", "an", NULL}; /* "what a mess" */

static int among(const char *const *list, const char *word, size_t n) {
    char plain[LONGEST + 1];
    plain[ew_word_plain(word, n, plain, LONGEST)] = 0;
    for (; *list; list++)
        if (strcmp(*list, plain) == 0) return 1;
    return 0;
}

static int has_sum(const char *text, size_t n) {
    int sign = 0; /* was the last character one of a currency? */
    uint32_t point;
    for (size_t at = 0, next; at < n; at = next) {
        ew_point_kind kind = ew_point_at(text, n, at, &point, &next);
        if (sign && kind == EW_POINT_DIGIT) return 1;
        sign =
            kind == EW_POINT_OTHER && point != EW_UTF8_BAD && utf8proc_category((utf8proc_int32_t)point) == UTF8PROC_CATEGORY_SC;
    }
    return 0;
}

int ew_text_has_substance(const char *text, size_t n) {
    uint32_t words = 0, asked_at = UINT32_MAX;
    int how = 0, told = 0, doubtful = 0, sign = memchr(text, '?', n) != NULL; /* told: "tell me where ..." asks too */
    ew_range range;
    for (size_t at = 0; ew_text_next_word(text, n, &at, &range); words++) {
        const char *word = text + range.start;
        size_t length = range.end - range.start;
        if (asked_at != UINT32_MAX && words == asked_at + 1) { /* what is asked follows at once */
            int asks = how ? among(ways, word, length) : !doubtful || among(auxiliaries, word, length);
            if (!asks || among(articles, word, length)) asked_at = UINT32_MAX;
        } else if (asked_at == UINT32_MAX && (words <= LATEST || told)) {
            int clear = among(sure, word, length);
            if (clear || among(askers, word, length)) asked_at = words;
            doubtful = !clear && !told && !sign;
            how = length == 3 && (word[0] | 0x20) == 'h' && (word[1] | 0x20) == 'o';
        }
        told = length == 2 && (word[0] | 0x20) == 'm' && (word[1] | 0x20) == 'e';
    }
    return words >= FEWEST_WORDS && ((asked_at != UINT32_MAX && words - asked_at >= FEWEST_WORDS) || has_sum(text, n));
}
