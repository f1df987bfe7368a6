/* Where sentences end: one pass over the text, looking at most a few characters back and ahead at each ender, so that the time is
 * linear for any bytes. Customers write as they speak: a lower-case letter may begin a sentence, an emoji may end one, and a
 * line break ends one unless the line was merely wrapped. */
#include <string.h>

#include "points.h"

enum {
    LONG_THAI = 40,    /* characters without an ender after which a blank between Thai letters ends a sentence */
    WRAPPED_LINE = 60, /* bytes of a line from which a following lower-case letter continues it */
    EMOJI_WORDS = 3    /* words a sentence needs before an emoji can end it: "I <heart> this" goes on */
};

typedef struct splitter {
    const char *text;
    size_t n;           /* end of the piece between two masks */
    size_t start;       /* of the sentence */
    size_t line;        /* where the present line begins */
    size_t first;       /* where the piece begins */
    uint32_t words;     /* in the sentence so far; for scripts without blanks, characters */
    uint32_t thai;      /* Thai, Lao, Khmer characters since the last ender */
    int in_word, content;
    uint32_t made;      /* sentences of this piece */
    ew_ranges *out;
    ew_error *err;
} splitter;

static int is_stop(uint32_t p) { return p == '.' || p == 0x2026; }

static int is_strong(uint32_t p) {
    switch (p) {
    case '!': case '?': case 0x203c: case 0x203d: case 0x2047: case 0x2048: case 0x2049:
    case 0x3002: case 0xff01: case 0xff0e: case 0xff1f: case 0xff61:    /* CJK, full and half width */
    case 0x061f: case 0x06d4: case 0x0964: case 0x0965: case 0x0589: case 0x1362: case 0x104b: case 0x17d4: case 0x0e5b:
        return 1;
    default: return 0;
    }
}

static int is_closer(uint32_t p) {
    switch (p) {
    case ')': case ']': case '}': case '"': case '\'': case 0xbb: case 0x201d: case 0x2019: case 0x300d: case 0x300f: case 0x3011:
    case 0xff09: case 0x3015: return 1;
    default: return 0;
    }
}

static int is_bullet(uint32_t p) {
    return p == 0x2022 || p == 0x2023 || p == 0x25e6 || p == 0x2043 || p == 0x25aa || p == 0x25cf || p == 0x25ba || p == 0xb7;
}

static int is_thai(uint32_t p) {
    return (p >= 0x0e00 && p <= 0x0eff) || (p >= 0x1780 && p <= 0x17ff) || (p >= 0x1000 && p <= 0x109f);
}

static int is_blank_byte(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Begins a dash or star bullet, or a number or letter like "2." or "b)", here? *after gets where its words begin. */
static int bullet_here(const char *text, size_t n, size_t at, size_t *after) {
    size_t next, i = at;
    uint32_t point;
    if (at >= n) return 0;
    ew_point_at(text, n, at, &point, &next);
    if (is_bullet(point)) {
        *after = next;
        return 1;
    }
    if ((point == '-' || point == '*' || point == '+' || point == 0x2013 || point == 0x2014) && next < n
        && is_blank_byte(text[next])) {
        *after = next;
        return 1;
    }
    while (i < n && i < at + 3 && text[i] >= '0' && text[i] <= '9') i++;
    if (i == at && text[i] >= 'a' && text[i] <= 'z') i++;
    if (i > at && i + 1 < n && (text[i] == ')' || (text[i] == '.' && i > at && text[at] <= '9')) && is_blank_byte(text[i + 1])) {
        *after = i + 1;
        return 1;
    }
    return 0;
}

static ew_status end_sentence(splitter *it, size_t end, size_t next_start) {
    if (it->content) {
        size_t from = it->start, to = end, after;
        ew_text_trim(it->text, &from, &to);
        if (bullet_here(it->text, to, from, &after) && ew_text_has_content(it->text, after, to)) {
            from = after;
            ew_text_trim(it->text, &from, &to);
        }
        ew_status status = ew_ranges_push(it->out, from, to, it->err);
        if (status != EW_OK) return status;
        it->made++;
    } else if (it->made) { /* signs alone belong to what they follow */
        size_t from = it->start, to = end;
        ew_text_trim(it->text, &from, &to);
        if (to > from) it->out->items[it->out->n - 1].end = (uint32_t)to;
    }
    it->start = next_start;
    it->words = it->thai = 0;
    it->content = it->in_word = 0;
    return EW_OK;
}

/* ---- what stands before a full stop ---- */

typedef enum before { BEFORE_PLAIN, BEFORE_NEVER, BEFORE_UNLESS_UPPER, BEFORE_UNLESS_DIGIT, BEFORE_ORDINAL } before;

typedef struct abbreviation { const char *word; before what; } abbreviation;

static const abbreviation abbreviations[] = {
    {"mr", BEFORE_NEVER}, {"mrs", BEFORE_NEVER}, {"ms", BEFORE_NEVER}, {"dr", BEFORE_NEVER}, {"prof", BEFORE_NEVER},
    {"st", BEFORE_NEVER}, {"messrs", BEFORE_NEVER}, {"capt", BEFORE_NEVER}, {"sgt", BEFORE_NEVER}, {"vs", BEFORE_NEVER},
    {"e.g", BEFORE_NEVER}, {"i.e", BEFORE_NEVER}, {"eg", BEFORE_NEVER}, {"ie", BEFORE_NEVER}, {"cf", BEFORE_NEVER},
    {"approx", BEFORE_NEVER}, {"dept", BEFORE_UNLESS_UPPER}, {"etc", BEFORE_UNLESS_UPPER}, {"inc", BEFORE_UNLESS_UPPER},
    {"ltd", BEFORE_UNLESS_UPPER}, {"co", BEFORE_UNLESS_UPPER}, {"corp", BEFORE_UNLESS_UPPER}, {"jr", BEFORE_UNLESS_UPPER},
    {"sr", BEFORE_NEVER}, {"a.m", BEFORE_UNLESS_UPPER}, {"p.m", BEFORE_UNLESS_UPPER}, {"min", BEFORE_UNLESS_UPPER},
    {"max", BEFORE_UNLESS_UPPER}, {"hrs", BEFORE_UNLESS_UPPER}, {"no", BEFORE_UNLESS_DIGIT}, {"nos", BEFORE_UNLESS_DIGIT},
    {"fig", BEFORE_UNLESS_DIGIT}, {"vol", BEFORE_UNLESS_DIGIT}, {"ver", BEFORE_UNLESS_DIGIT}, {"v", BEFORE_UNLESS_DIGIT},
    {"pp", BEFORE_UNLESS_DIGIT}, {"jan", BEFORE_UNLESS_UPPER}, {"feb", BEFORE_UNLESS_UPPER}, {"aug", BEFORE_UNLESS_UPPER},
    {"sept", BEFORE_UNLESS_UPPER}, {"oct", BEFORE_UNLESS_UPPER}, {"nov", BEFORE_UNLESS_UPPER}, {"dec", BEFORE_UNLESS_UPPER},
    {"z.b", BEFORE_NEVER}, {"d.h", BEFORE_NEVER}, {"u.a", BEFORE_NEVER}, {"o.\xc3\xa4", BEFORE_UNLESS_UPPER},
    {"bzw", BEFORE_NEVER}, {"ca", BEFORE_NEVER}, {"evtl", BEFORE_NEVER}, {"ggf", BEFORE_NEVER}, {"inkl", BEFORE_NEVER},
    {"zzgl", BEFORE_NEVER}, {"nr", BEFORE_NEVER}, {"hr", BEFORE_NEVER}, {"fr", BEFORE_NEVER}, {"str", BEFORE_NEVER},
    {"tel", BEFORE_NEVER}, {"usw", BEFORE_UNLESS_UPPER}, {"vgl", BEFORE_NEVER}, {"sog", BEFORE_NEVER}, {"mme", BEFORE_NEVER},
    {"mlle", BEFORE_NEVER}, {"env", BEFORE_NEVER}, {"p.ex", BEFORE_NEVER}, {"c.-\xc3\xa0-d", BEFORE_NEVER},
    {"r\xc3\xa9" "f", BEFORE_NEVER},
    {"sra", BEFORE_NEVER}, {"srta", BEFORE_NEVER}, {"ud", BEFORE_NEVER}, {"uds", BEFORE_NEVER}, {"p.ej", BEFORE_NEVER},
    {"p\xc3\xa1g", BEFORE_NEVER}, {"avda", BEFORE_NEVER}, {"dott", BEFORE_NEVER}, {"sig", BEFORE_NEVER},
    {"ecc", BEFORE_UNLESS_UPPER}, {"bijv", BEFORE_NEVER}, {"u.s", BEFORE_UNLESS_UPPER},
};

/* The token before text[dot], at most 15 bytes of it, folded to lower case. */
static before what_precedes(const splitter *it, size_t dot) {
    size_t low = it->start, from = dot;
    while (from > low && dot - from < 16 && !is_blank_byte(it->text[from - 1]) && !memchr("(\"'[,;:/", it->text[from - 1], 8))
        from--;
    size_t length = dot - from;
    if (length == 0 || length > 15) return BEFORE_PLAIN;
    char token[16];
    int digits = 1;
    for (size_t i = 0; i < length; i++) {
        char c = it->text[from + i];
        digits &= c >= '0' && c <= '9';
        token[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    token[length] = 0;
    if (digits) return length <= 2 ? BEFORE_ORDINAL : BEFORE_PLAIN;
    char first = it->text[from], last = it->text[dot - 1];
    if (length == 1 && first >= 'A' && first <= 'Z' && first != 'I') return BEFORE_NEVER; /* an initial */
    for (size_t i = 0; i < sizeof abbreviations / sizeof *abbreviations; i++)
        if (*token == *abbreviations[i].word && strcmp(token, abbreviations[i].word) == 0) return abbreviations[i].what;
    /* initials run together: "U.S.A", "J.R" */
    if (length >= 3 && it->text[dot - 2] == '.' && last >= 'A' && last <= 'Z') return BEFORE_UNLESS_UPPER;
    return BEFORE_PLAIN;
}

static int month_ahead(const char *text, size_t n, size_t at) {
    static const char months[][4] = {"Jan", "Feb", "M\xc3\xa4", "Mae", "Apr", "Mai", "Jun", "Jul", "Aug",
                                     "Sep", "Okt", "Nov",       "Dez", "Oct", "Dec", "Mar", "May"};
    for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
        size_t k = strlen(months[i]);
        if (n - at >= k && memcmp(text + at, months[i], k) == 0) return 1;
    }
    return 0;
}

/* Letters on both sides of a lone full stop and no blank: "crashes.Please fix" is two sentences, "Node.Js" and "a.b" are not. */
static int glued(const splitter *it, size_t dot, size_t next) {
    const char *t = it->text;
    size_t back = dot, ahead = next;
    while (back > it->start && dot - back < 24 && t[back - 1] >= 'a' && t[back - 1] <= 'z') back--;
    if (dot - back < 3 || dot - back >= 24) return 0;
    if (back > it->start && !is_blank_byte(t[back - 1]) && !(t[back - 1] >= 'A' && t[back - 1] <= 'Z')) return 0;
    if (ahead >= it->n || t[ahead] < 'A' || t[ahead] > 'Z') return 0;
    ahead++;
    while (ahead < it->n && ahead - next < 24 && ((t[ahead] >= 'a' && t[ahead] <= 'z') || t[ahead] == '\'')) ahead++;
    static const char *const endings[] = {"js", "net", "com", "org", "io",  "co",  "de",
                                          "fr", "uk",  "py",  "pdf", "exe", "zip", "app"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t k = strlen(endings[i]), same = 0;
        if (ahead - next != k) continue;
        while (same < k && (t[next + same] | 0x20) == endings[i][same]) same++;
        if (same == k) return 0;
    }
    if (ahead == it->n) return ahead - next >= 4;
    if (!is_blank_byte(t[ahead]) && t[ahead] != ',') return 0;
    return 1;
}

/* Does the full stop at `dot` (a run of `dots`, closers up to `end`) end the sentence? `seen`: where the next words begin. */
static int stop_ends(const splitter *it, size_t dot, size_t dots, size_t end, size_t seen) {
    if (end >= it->n || seen >= it->n) return 1;
    uint32_t point;
    size_t next;
    ew_point_kind kind = ew_point_at(it->text, it->n, seen, &point, &next);
    if (seen == end) { /* no blank behind it */
        if (dots > 1 || (unsigned char)it->text[dot] >= 0x80) return kind == EW_POINT_ALONE || ew_point_is_upper(point);
        return kind == EW_POINT_ALONE || (end == dot + 1 && glued(it, dot, end));
    }
    if (dots > 1 || (unsigned char)it->text[dot] >= 0x80) return 1;
    switch (what_precedes(it, dot)) {
    case BEFORE_NEVER: return 0;
    case BEFORE_UNLESS_UPPER: return ew_point_is_upper(point) && kind != EW_POINT_DIGIT;
    case BEFORE_UNLESS_DIGIT: return kind != EW_POINT_DIGIT;
    case BEFORE_ORDINAL: {
        /* the number of a list's item stands first in its line */
        size_t line = it->line > it->start ? it->line : it->start, back = dot;
        while (back > line && it->text[back - 1] >= '0' && it->text[back - 1] <= '9') back--;
        while (back > line && dot - back < 32 && is_blank_byte(it->text[back - 1])) back--;
        if (back == line) return 0;
        return !ew_point_is_lower(point) && !month_ahead(it->text, it->n, seen);
    }
    default: return 1;
    }
}

/* ---- the pass ---- */

/* ":)" and its kin, alone between blanks; 0: none. */
static size_t smiley_length(const char *text, size_t n, size_t at) {
    size_t i = at + 1;
    if (i < n && text[i] == '-') i++;
    if (i >= n || !memchr(")(DPp/|*", text[i], 8)) return 0;
    while (i + 1 < n && i - at < 8 && (text[i + 1] == ')' || text[i + 1] == '(')) i++;
    i++;
    if (at == 0 || !is_blank_byte(text[at - 1]) || (i < n && !is_blank_byte(text[i]))) return 0;
    return i - at;
}

static size_t skip_blanks(const char *text, size_t n, size_t at) {
    uint32_t point;
    size_t next;
    while (at < n && ew_point_at(text, n, at, &point, &next) == EW_POINT_SPACE && point != '\n' && point != '\r') at = next;
    return at;
}

static ew_status line_break(splitter *it, size_t at, size_t *next) {
    size_t after;
    ew_text_line_end(it->text, it->n, at, &after);
    size_t seen = skip_blanks(it->text, it->n, after), bullet;
    int goes_on = 0;
    if (seen < it->n && at - it->line >= WRAPPED_LINE) {
        uint32_t point;
        size_t unused;
        ew_point_at(it->text, it->n, seen, &point, &unused);
        goes_on = ew_point_is_lower(point) && !bullet_here(it->text, it->n, seen, &bullet);
    }
    it->line = after;
    it->in_word = 0;
    *next = after;
    return goes_on ? EW_OK : end_sentence(it, at, after);
}

/* A run of enders begins at `at` and its first is `point`: swallows it with its closers, and ends the sentence if it does. */
static ew_status ender(splitter *it, size_t at, uint32_t point, size_t *next) {
    size_t end = at, dots = 0, after;
    uint32_t p = point, previous = 0;
    int strong = 0, opened = 0;
    while (end < it->n) {
        ew_point_at(it->text, it->n, end, &p, &after);
        if (!is_stop(p) && !is_strong(p)) break;
        dots += (size_t)is_stop(p);
        strong |= is_strong(p);
        previous = p;
        end = after;
    }
    size_t bare = end;
    while (end < it->n) {
        ew_point_at(it->text, it->n, end, &p, &after);
        if (!is_closer(p)) break;
        opened = 1;
        end = after;
    }
    size_t seen = skip_blanks(it->text, it->n, end);
    int ends;
    if (strong && (previous >= 0x80 || point >= 0x80)) {
        ends = point != 0xff0e || dots || end >= it->n || ew_point_at(it->text, it->n, end, &p, &after) != EW_POINT_DIGIT;
    } else if (strong) {
        ends = seen > end || end >= it->n;
        if (!ends) {
            ew_point_kind kind = ew_point_at(it->text, it->n, end, &p, &after);
            ends = kind == EW_POINT_ALONE || kind == EW_POINT_EMOJI || p == '\n' || p == '\r' || (ew_point_is_upper(p) && !opened)
                || (bare - at >= 2 && kind == EW_POINT_LETTER);
        }
    } else {
        ends = stop_ends(it, at, dots, end, seen);
    }
    it->in_word = 0;
    *next = end;
    if (!ends) return EW_OK;
    /* an emoji or smiley behind the ender belongs to it */
    while (seen < it->n) {
        ew_point_kind kind = ew_point_at(it->text, it->n, seen, &p, &after);
        size_t smiley = p == ':' || p == ';' || p == '=' ? smiley_length(it->text, it->n, seen) : 0;
        if (smiley) after = seen + smiley;
        else if (kind != EW_POINT_EMOJI && kind != EW_POINT_MARK && p != 0xfe0f) break;
        *next = end = after;
        seen = skip_blanks(it->text, it->n, after);
    }
    return end_sentence(it, end, end);
}

/* A run of emoji, joiners and blanks between them. A heart before a lower-case letter is a verb. */
static ew_status emoji(splitter *it, size_t at, size_t first_end, size_t *next) {
    size_t end = first_end, seen = first_end, after;
    uint32_t p, first;
    ew_point_at(it->text, it->n, at, &first, &after);
    for (;;) {
        seen = skip_blanks(it->text, it->n, end);
        if (seen >= it->n) break;
        ew_point_kind kind = ew_point_at(it->text, it->n, seen, &p, &after);
        if (kind != EW_POINT_EMOJI && !(seen == end && kind == EW_POINT_MARK)) break;
        end = after;
    }
    *next = end;
    it->in_word = 0;
    if (it->words < EMOJI_WORDS || seen >= it->n) return EW_OK;
    ew_point_kind kind = ew_point_at(it->text, it->n, seen, &p, &after);
    if (!ew_kind_is_content(kind)) return EW_OK;
    if ((first == 0x2764 || first == 0x2665) && ew_point_is_lower(p)) return EW_OK;
    return end_sentence(it, end, end);
}

static inline uint32_t text_byte(const splitter *it, size_t at) { return (unsigned char)it->text[at]; }

static ew_status split_piece(splitter *it) {
    ew_status status = EW_OK;
    size_t next = it->first;
    for (size_t at = it->first; status == EW_OK && at < it->n; at = next) {
        uint32_t point;
        ew_point_kind kind = ew_point_at(it->text, it->n, at, &point, &next);
        if (kind == EW_POINT_LETTER) {
            if (!it->in_word) {
                it->words++;
                size_t link = point == 'h' || point == 'w' || point == 'W' ? ew_text_link_at(it->text, it->n, at) : 0;
                if (link) next = at + link;
            }
            it->in_word = it->content = 1;
            while (next < it->n && (text_byte(it, next) | 0x20) - 'a' < 26u) next++; /* the rest of the word changes nothing */
        } else if (kind == EW_POINT_ALONE || kind == EW_POINT_DIGIT) {
            it->words += kind == EW_POINT_ALONE || !it->in_word;
            it->thai += (uint32_t)is_thai(point);
            it->content = 1;
            it->in_word = kind == EW_POINT_DIGIT;
        } else if (kind == EW_POINT_MARK) {
            continue;
        } else if (point == '\n' || point == '\r') {
            status = line_break(it, at, &next);
        } else if (is_stop(point) || is_strong(point)) {
            status = ender(it, at, point, &next);
        } else if (kind == EW_POINT_EMOJI) {
            status = emoji(it, at, next, &next);
        } else if (is_bullet(point)) {
            status = end_sentence(it, at, at);
        } else {
            it->in_word = 0;
            if (kind == EW_POINT_SPACE && it->thai >= LONG_THAI) {
                next = skip_blanks(it->text, it->n, next);
                size_t after;
                if (next < it->n) ew_point_at(it->text, it->n, next, &point, &after);
                if (is_thai(point)) status = end_sentence(it, next, next);
            } else if (point == ':' || point == ';' || point == '=') {
                size_t smiley = smiley_length(it->text, it->n, at);
                if (smiley) status = emoji(it, at, at + smiley, &next);
            }
        }
    }
    return status == EW_OK ? end_sentence(it, it->n, it->n) : status;
}

ew_status ew_text_sentences(const char *text, size_t n, const ew_ranges *masked, ew_ranges *out, ew_error *err) {
    size_t at = 0;
    uint32_t k = 0, masks = masked ? masked->n : 0;
    out->n = 0;
    while (at < n) {
        size_t end = k < masks ? masked->items[k].start : n;
        splitter it = {.text = text, .n = end, .start = at, .line = at, .first = at, .out = out, .err = err};
        ew_status status = split_piece(&it);
        if (status != EW_OK) return status;
        at = k < masks ? masked->items[k].end : n;
        k++;
    }
    return EW_OK;
}
