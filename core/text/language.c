/* Which language a text is in. The script decides where it can; for Latin letters, words and letter trigrams that speak for
 * a language are counted (language_table.h). Rather no answer than a guess: scores must be high enough and clearly apart. */
#include <pthread.h>
#include <string.h>

#include "points.h"
#include "language_table.h"

enum {
    MOST_BYTES = 4096,    /* of a text that are looked at */
    WORD_BYTES = 40,
    LEAST_SCORE = 9,      /* two words, one of them of one language alone */
    LEAST_LETTERS = 2     /* of a script that decides by itself */
};

/* ---- scripts ---- */

typedef enum script { LATIN, CYRILLIC, GREEK, HEBREW, ARABIC, HINDI, THAI, HANGUL, KANA, HAN, OTHER_SCRIPT, SCRIPTS } script;

static script script_of(uint32_t p) {
    if (p < 0x250 || (p >= 0x1e00 && p <= 0x1eff) || (p >= 0xff21 && p <= 0xff5a)) return LATIN;
    if ((p >= 0x370 && p <= 0x3ff) || (p >= 0x1f00 && p <= 0x1fff)) return GREEK;
    if (p >= 0x400 && p <= 0x52f) return CYRILLIC;
    if (p >= 0x590 && p <= 0x5ff) return HEBREW;
    if ((p >= 0x600 && p <= 0x77f) || (p >= 0xfb50 && p <= 0xfdff) || (p >= 0xfe70 && p <= 0xfefc)) return ARABIC;
    if (p >= 0x900 && p <= 0x97f) return HINDI;
    if (p >= 0xe00 && p <= 0xe7f) return THAI;
    if ((p >= 0xac00 && p <= 0xd7ff) || (p >= 0x1100 && p <= 0x11ff) || (p >= 0x3130 && p <= 0x318f)) return HANGUL;
    if ((p >= 0x3041 && p <= 0x30ff) || (p >= 0x31f0 && p <= 0x31ff) || (p >= 0xff66 && p <= 0xff9f)) return KANA;
    if ((p >= 0x3400 && p <= 0x4dbf) || (p >= 0x4e00 && p <= 0x9fff) || (p >= 0xf900 && p <= 0xfaff)
        || (p >= 0x20000 && p <= 0x3ffff))
        return HAN;
    return OTHER_SCRIPT;
}

/* Letters of the script that the language does not have: Ukrainian and Serbian beside Russian, Persian and Urdu beside Arabic. */
static int is_foreign(uint32_t p, script of) {
    if (of == CYRILLIC) return (p >= 0x402 && p <= 0x40f) || (p >= 0x452 && p <= 0x45f) || p > 0x45f;
    if (of == ARABIC)
        return p == 0x67e || p == 0x686 || p == 0x698 || p == 0x6a9 || p == 0x6af || p == 0x6cc || p == 0x679 || p == 0x688
               || p == 0x691 || p == 0x6d2;
    if (of == HINDI) return p == 0x933; /* Marathi */
    return 0;
}

static const char *by_script(const uint32_t *letters, const uint32_t *foreign) {
    static const char *const names[SCRIPTS] = {"", "ru", "el", "he", "ar", "hi", "th", "ko", "ja", "zh", ""};
    uint32_t all = 0, cjk = letters[HAN] + letters[KANA], most = LATIN;
    for (int i = 0; i < SCRIPTS; i++) all += letters[i];
    for (uint32_t i = CYRILLIC; i < OTHER_SCRIPT; i++) {
        uint32_t have = i == HAN || i == KANA ? cjk : letters[i];
        if (have > (most == HAN || most == KANA ? cjk : letters[most]) || (most == LATIN && have * 4 >= all)) most = i;
    }
    if (most == LATIN) return NULL;
    if (most == HAN || most == KANA) {
        if (cjk < LEAST_LETTERS || letters[OTHER_SCRIPT] > cjk) return "";
        return letters[KANA] * 12 >= cjk ? "ja" : "zh"; /* names and units in a Chinese text may be in kana */
    }
    if (letters[most] < LEAST_LETTERS || foreign[most] * 40 > letters[most]) return "";
    return names[most];
}

/* ---- words and trigrams of Latin letters ---- */

static const uint32_t HASH_BEGINS = 2166136261u;
static inline uint32_t hashed(uint32_t hash, char c) { return (hash ^ (unsigned char)c) * 16777619u; }

static unsigned mask_at(uint32_t hash, const char *key, size_t n) {
    for (uint32_t at = hash & (LANGUAGE_SLOTS - 1); language_slots[at]; at = (at + 1) & (LANGUAGE_SLOTS - 1)) {
        const char *have = language_keys + language_starts[language_slots[at]];
        size_t same = 0;
        while (same < n && have[same] == key[same]) same++; /* keys are short */
        if (same == n && !have[n]) return language_masks[language_slots[at]];
    }
    return 0;
}

static unsigned mask_of(const char *key, size_t n) {
    uint32_t hash = HASH_BEGINS;
    for (size_t i = 0; i < n; i++) hash = hashed(hash, key[i]);
    return mask_at(hash, key, n);
}

static const int WORD_POINTS[5] = {0, 6, 3, 2, 1}, TRIGRAM_POINTS[5] = {0, 2, 1, 0, 0}; /* by how many languages have it */

static inline int count_of(unsigned mask) { /* 4: or more */
    int count = 0;
    for (; mask && count < 4; mask &= mask - 1) count++;
    return count;
}

static inline void add_score(int *scores, unsigned mask, const int *by_count) {
    int points = by_count[count_of(mask)];
    for (; points && mask; mask &= mask - 1) scores[__builtin_ctz(mask)] += points;
}

/* Masks of all trigrams of blanks and plain letters, as most are: one look in place of a hash. */
enum { SIGNS = 27 };
static uint16_t plain_masks[SIGNS * SIGNS * SIGNS];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t sign_of(char c) { return c == ' ' ? 0 : c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') + 1 : SIGNS; }

static void fill_plain(void) {
    for (uint32_t slot = 0; slot < LANGUAGE_SLOTS; slot++) {
        const char *key = language_keys + language_starts[language_slots[slot]];
        unsigned mask = language_masks[language_slots[slot]];
        if (*key != '\t' || strlen(key) != 4 || !TRIGRAM_POINTS[count_of(mask)]) continue;
        uint32_t a = sign_of(key[1]), b = sign_of(key[2]), c = sign_of(key[3]);
        if (a < SIGNS && b < SIGNS && c < SIGNS) plain_masks[(a * SIGNS + b) * SIGNS + c] = (uint16_t)mask;
    }
}

/* `word`: blank, lower-case letters, blank; starts: where each of its characters begins, and its end. */
static void score_trigrams(int *scores, const char *word, const unsigned char *starts, size_t characters) {
    char key[16] = "\t";
    for (size_t i = 0; i + 3 <= characters; i++) {
        size_t k = (size_t)starts[i + 3] - starts[i];
        if (k == 3) {
            const char *at = word + starts[i];
            uint32_t a = sign_of(at[0]), b = sign_of(at[1]), c = sign_of(at[2]);
            if (a < SIGNS && b < SIGNS && c < SIGNS) {
                add_score(scores, plain_masks[(a * SIGNS + b) * SIGNS + c], TRIGRAM_POINTS);
                continue;
            }
        }
        memcpy(key + 1, word + starts[i], k);
        add_score(scores, mask_of(key, k + 1), TRIGRAM_POINTS);
    }
}

static void score_word(int *scores, const char *text, ew_range at) {
    char word[WORD_BYTES + 8] = " ";
    unsigned char starts[WORD_BYTES + 3];
    size_t length = 1, characters = 1, next = at.start;
    uint32_t hash = HASH_BEGINS;
    starts[0] = 0;
    for (; next < at.end && (unsigned char)text[next] < 0x80; next++) { /* all of most words */
        char c = text[next];
        if ((c >= '0' && c <= '9') || length + 4 > WORD_BYTES) return; /* names of models, keys */
        c = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        starts[characters++] = (unsigned char)length;
        word[length++] = c;
        hash = hashed(hash, c);
    }
    int plain = next == at.end;
    for (size_t i = next; i < at.end; i = next) {
        uint32_t point;
        ew_point_kind kind = ew_point_at(text, at.end, i, &point, &next);
        if (kind == EW_POINT_DIGIT || length + 4 > WORD_BYTES) return;
        if (point < 0x80) {
            starts[characters++] = (unsigned char)length;
            word[length++] = (char)(point >= 'A' && point <= 'Z' ? point | 0x20 : point);
            continue;
        }
        if (kind == EW_POINT_MARK) continue;
        if (point == 0x2019) point = '\'';
        if (point == 0x130) point = 'i'; /* Turkish capital I with a dot */
        starts[characters++] = (unsigned char)length;
        length += ew_utf8_encode(ew_point_lower(point), word + length);
    }
    starts[characters++] = (unsigned char)length;
    word[length++] = ' ';
    starts[characters] = (unsigned char)length;
    unsigned mask = plain ? mask_at(hash, word + 1, length - 2) : mask_of(word + 1, length - 2);
    if (!mask) { /* "l'application": what stands before and behind the apostrophe */
        const char *apostrophe = memchr(word + 1, '\'', length - 2);
        if (apostrophe && apostrophe - word <= 3) mask = mask_of(apostrophe + 1, (size_t)(word + length - 1 - apostrophe - 1));
    }
    add_score(scores, mask, WORD_POINTS);
    if (!mask && characters >= 5) score_trigrams(scores, word, starts, characters);
}

/* A part of a link, address, file name or tag says nothing. */
static int is_name(const char *text, size_t n, ew_range word) {
    char before = word.start ? text[word.start - 1] : ' ', after = word.end < n ? text[word.end] : ' ';
    char next = word.end + 1 < n ? text[word.end + 1] : ' ';
    switch (before) {
    case '@': case '#': case '/': case '_': case '=': case '&': case '\\': return 1;
    default: break;
    }
    if (before == '.' && word.start > 1 && ew_kind_is_content(ew_point_kind_of((unsigned char)text[word.start - 2]))) return 1;
    return after == '@' || after == '_' || (after == ':' && next == '/') || (after == '.' && next >= 'a' && next <= 'z');
}

const char *ew_text_language(const char *text, size_t n) {
    uint32_t letters[SCRIPTS] = {0}, foreign[SCRIPTS] = {0};
    int scores[LATIN_LANGUAGES] = {0}, words = 0;
    if (n > MOST_BYTES) {
        n = MOST_BYTES;
        while (n > MOST_BYTES - 3 && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    }
    pthread_once(&once, fill_plain);
    for (size_t i = 0, next; i < n; i = next) {
        uint32_t point;
        if ((unsigned char)text[i] < 0x80) {
            letters[LATIN] += (uint32_t)(((unsigned char)text[i] | 0x20u) - 'a' < 26u);
            next = i + 1;
            continue;
        }
        ew_point_kind kind = ew_point_at(text, n, i, &point, &next);
        if (!ew_kind_is_letter(kind)) continue;
        script of = script_of(point);
        letters[of]++;
        foreign[of] += (uint32_t)is_foreign(point, of);
    }
    const char *sure = by_script(letters, foreign);
    if (sure) return sure;
    if (letters[OTHER_SCRIPT] > letters[LATIN]) return "";
    ew_range word;
    for (size_t at = 0; ew_text_next_word(text, n, &at, &word);) {
        if (is_name(text, n, word)) continue;
        score_word(scores, text, word);
        words++;
    }
    int best = 0, second = 1;
    for (int i = 1; i < LATIN_LANGUAGES; i++) {
        if (scores[i] > scores[best]) {
            second = best;
            best = i;
        } else if (i != best && (second == best || scores[i] > scores[second])) {
            second = i;
        }
    }
    int margin = scores[best] - scores[second];
    /* much of a long text must speak for it: lists of names and words of unknown languages do not */
    if (scores[best] < LEAST_SCORE || margin * 5 < scores[best] || margin < 6 || scores[best] < words) return "";
    return latin_names[best];
}
