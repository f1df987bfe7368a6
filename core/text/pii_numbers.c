/* Numbers that are somebody's: phone, card and account. Digits come in runs of groups with one separator between two; whatever
 * group a number begins with, the groups of its run are read once, and what is found out about a group is kept with it. */
#include <string.h>

#include "pii.h"

enum {
    GROUPS = 24,        /* of one run looked at together: more than a phone number has, and a card or a date behind it */
    PHONE_DIGITS = 15,
    LONG_GROUP = 64,    /* no number goes on behind a group that is longer */
    NEAR = 24           /* bytes before a number that may say what it is */
};

typedef struct group {
    size_t start, end;
    size_t digits;      /* of the run up to and with this group */
    uint64_t kinds;     /* separators of each kind up to here, a byte a kind: the difference of two groups counts those between */
    char before;        /* separator before it: ' ' '-' '.' '/' '(' ; 0: the first */
    signed char card, date, account, money_before, money_behind; /* the functions of these names; -1: not asked yet */
} group;

/* A run's groups from one on that is not done with. */
typedef struct run {
    group groups[4 * GROUPS];
    size_t first, end;  /* of groups */
    size_t next;        /* where the next group begins, plus 1; 0: the run has no more */
    char coming;        /* the separator before it */
    int stale;          /* the first group continues one that was none, and so cannot begin a phone number */
} run;

static int was_digit(char c) { return is_digit(c) || c == '*'; } /* so that what was masked before looks the same */

/* Only digits: the no-break blanks between groups stay whole. */
static void hide_digits(char *text, size_t start, size_t end) {
    for (size_t i = start; i < end; i++)
        if (is_digit(text[i])) text[i] = '*';
}

/* One separator at `at`: a blank, no-break blank, dash, full stop, slash, or blank and parenthesis. Its length; 0: none. */
static size_t separator_at(const char *text, size_t n, size_t at, char *what) {
    if (at >= n || !memchr(" -./()\xc2\xe2", text[at], 8)) return 0;
    static const struct { char bytes[4]; unsigned char size; char what; } wide[] = {
        {"\xc2\xa0", 2, ' '}, {"\xe2\x80\xaf", 3, ' '}, {"\xe2\x80\x89", 3, ' '}, {"\xe2\x80\x91", 3, '-'},
        {"\xe2\x80\x90", 3, '-'}, {"\xe2\x80\x93", 3, '-'}, {") ", 2, '('}, {")-", 2, '('}, {" (", 2, '('}, {" / ", 3, '/'},
        {" - ", 3, '-'}, {")", 1, '('}, {"(", 1, '('},
    };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (wide[i].bytes[0] != text[at] || n - at <= wide[i].size) continue;
        if (memcmp(text + at, wide[i].bytes, wide[i].size) != 0) continue;
        *what = wide[i].what;
        return wide[i].size;
    }
    if (!memchr(" -./", text[at], 4)) return 0;
    *what = text[at];
    return 1;
}

static uint64_t kind_of(char before) {
    switch (before) {
    case ' ': return 1;
    case '.': return 1u << 8;
    case '-': return 1u << 16;
    case '/': return 1u << 24;
    case '(': return (uint64_t)1 << 32;
    default: return 0;
    }
}

/* Reads on until GROUPS groups are there, or the run ends. */
static void fill(run *r, const char *text, size_t n) {
    if (r->first + GROUPS > sizeof r->groups / sizeof *r->groups) {
        r->end -= r->first;
        memmove(r->groups, r->groups + r->first, r->end * sizeof *r->groups);
        r->first = 0;
    }
    while (r->next && r->end - r->first < GROUPS) {
        size_t start = r->next - 1, end = start;
        while (end < n && is_digit(text[end])) end++;
        group *g = &r->groups[r->end++];
        *g = (group){start, end, end - start, kind_of(r->coming), r->coming, -1, -1, -1, -1, -1};
        if (g > r->groups) {
            g->digits += g[-1].digits;
            g->kinds += g[-1].kinds;
        }
        size_t gap = separator_at(text, n, end, &r->coming);
        r->next = gap && end + gap < n && is_digit(text[end + gap]) ? end + gap + 1 : 0;
    }
}

static void begin(run *r, size_t at) {
    r->first = r->end = 0;
    r->next = at + 1;
    r->coming = 0;
    r->stale = 0;
}

static size_t width(const group *g) { return g->end - g->start; }

static unsigned value(const char *text, const group *g) {
    unsigned v = 0;
    for (size_t i = g->start; i < g->end && i < g->start + 4; i++) v = v * 10 + (unsigned)(text[i] - '0');
    return v;
}

/* Is the digit run the part behind the point of a decimal fraction? */
static int is_fraction(const char *text, const group *g) {
    return g->start > 1 && (text[g->start - 1] == '.' || text[g->start - 1] == ',') && was_digit(text[g->start - 2]);
}

/* "5555555555" is laughter in Thai, "0000000000" a filler: one digit over and over is nobody's number. */
static int is_one_digit(const char *text, const group *g) {
    size_t i = g->start + 1;
    while (i < g->end && text[i] == text[g->start]) i++;
    return i == g->end;
}

static int is_luhn(const char *text, size_t start, size_t end) {
    unsigned sum = 0, place = 0, all = 0;
    for (size_t i = end; i > start; i--) {
        if (!is_digit(text[i - 1])) continue;
        unsigned d = (unsigned)(text[i - 1] - '0');
        all |= d;
        if (place++ & 1) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return all && sum % 10 == 0;
}

/* How many groups from the first on make a card number: 13 to 19 digits, whole, in fours, or as 4-6-5 and 4-6-4, with the same
 * separator, blank or dash; 0: none. */
static size_t card_groups(const char *text, const group *g, size_t count) {
    size_t digits = 0, found = 0;
    if (is_fraction(text, g)) return 0;
    for (size_t i = 0; i < count; i++) {
        if (i && ((g[i].before != ' ' && g[i].before != '-') || g[i].before != g[1].before)) break;
        if (i && width(&g[i - 1]) != (i == 2 && width(&g[1]) == 6 && width(&g[2]) > 3 ? 6u : 4u)) break;
        if (i && width(&g[i]) > (i == 1 ? 6u : 5u)) break;
        digits += width(&g[i]);
        if (digits > 19) break;
        if (digits >= 13 && !(i == 0 && is_one_digit(text, g)) && is_luhn(text, g[0].start, g[i].end)) found = i + 1;
    }
    return found;
}

static int shaped(const group *g, size_t count, const char *shape) {
    if (strlen(shape) != count) return 0;
    for (size_t i = 0; i < count; i++)
        if (width(&g[i]) != (size_t)(shape[i] - '0')) return 0;
    return 1;
}

/* Three groups that can be a date (with the same separator), or two years. How many groups; 0: none. */
static size_t date_groups(const char *text, const group *g, size_t count) {
    if (count >= 2 && width(&g[0]) == 4 && width(&g[1]) == 4 && g[1].before != '(') {
        unsigned a = value(text, &g[0]), b = value(text, &g[1]);
        if (a >= 1900 && a < 2100 && b >= 1900 && b < 2100) return 2;
    }
    if (count < 3 || g[1].before != g[2].before || g[1].before == '(') return 0;
    /* five pairs from 0 on are a French phone number */
    if (count >= 5 && text[g[0].start] == '0' && shaped(g, 5, "22222")) return 0;
    unsigned a = value(text, &g[0]), b = value(text, &g[1]), c = value(text, &g[2]);
    if (width(&g[0]) == 4 && width(&g[1]) <= 2 && width(&g[2]) <= 2)
        return a >= 1900 && a < 2100 && b >= 1 && b <= 12 && c >= 1 && c <= 31 ? 3 : 0;
    if (width(&g[0]) > 2 || width(&g[1]) > 2 || (width(&g[2]) != 4 && width(&g[2]) != 2)) return 0;
    if (width(&g[2]) == 2 && g[1].before == ' ') return 0;
    if (width(&g[2]) == 4 && (c < 1900 || c >= 2100)) return 0;
    return a >= 1 && b >= 1 && a <= 31 && b <= 31 && (a <= 12 || b <= 12) ? 3 : 0;
}

static int holds_near(const char *text, size_t start, const char *const *words, size_t count) {
    size_t low = start > NEAR ? start - NEAR : 0;
    for (size_t i = low; i < start; i++) {
        if (!is_letter(text[i]) || (i > 0 && is_letter(text[i - 1]))) continue;
        for (size_t w = 0; w < count; w++) {
            size_t k = 0;
            while (words[w][k] && i + k < start && lower(text[i + k]) == words[w][k]) k++;
            if (!words[w][k]) return 1;
        }
    }
    return 0;
}

static int said_to_be_phone(const char *text, size_t start) {
    static const char *const words[] = {"phone", "tel",          "mobile", "cell",    "call",   "fax",       "whatsapp",
                                        "handy", "ring",         "dial",   "hotline", "anruf",  "rufnummer", "portable",
                                        "appel", "m\xc3\xb3vil", "llam",   "sms",     "text me"};
    return holds_near(text, start, words, sizeof words / sizeof *words);
}

/* Is a sign of money right before (`ahead` 0: it ends at `at`) or behind (1: it begins there)? */
static int is_money(const char *text, size_t n, size_t at, int ahead) {
    static const char *const signs[] = {"$",   "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xe2\x82\xb9", "\xe0\xb8\xbf",
                                        "eur", "usd",          "gbp",      "euro",     "dollar",       "rs",
                                        "inr", "chf",          "%"};
    if (ahead ? at < n && text[at] == ' ' : at > 0 && text[at - 1] == ' ') at = ahead ? at + 1 : at - 1;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t k = strlen(signs[i]), m = 0;
        if (ahead ? n - at < k : at < k) continue;
        const char *from = text + at - (ahead ? 0 : k);
        while (m < k && lower(from[m]) == signs[i][m]) m++;
        if (m == k && (ahead || k == 1 || !is_letter(signs[i][0]) || from == text || !is_letter(from[-1]))) return 1;
    }
    return 0;
}

static int money_before(const char *text, size_t n, group *g) {
    if (g->money_before < 0) g->money_before = (signed char)is_money(text, n, g->start, 0);
    return g->money_before;
}

static int money_behind(const char *text, size_t n, group *g) {
    if (g->money_behind < 0) g->money_behind = (signed char)is_money(text, n, g->end, 1);
    return g->money_behind;
}

/* Do all groups together read as a phone number? *said: do words before say so; -1: not looked at yet. */
static int is_phone(const char *text, size_t n, group *g, size_t count, int *said) {
    size_t digits = g[count - 1].digits - g->digits + width(g), start = g->start;
    if (digits < 7 || digits > PHONE_DIGITS) return 0;
    uint64_t kinds = g[count - 1].kinds - g->kinds;
    unsigned spaces = kinds & 255, dots = kinds >> 8 & 255, dashes = kinds >> 16 & 255, slashes = kinds >> 24 & 255;
    unsigned brackets = kinds >> 32 & 255;
    if (start > 0 && (text[start - 1] == ':' || text[start - 1] == ',' || text[start - 1] == '#')
        && (start < 2 || was_digit(text[start - 2])))
        return 0;
    int plus = start > 0 && (text[start - 1] == '+' || (start > 1 && text[start - 1] == '(' && text[start - 2] == '+'));
    int opened = start > 0 && text[start - 1] == '(' && brackets;
    int zero = text[start] == '0', zeros = zero && width(g) > 1 && text[start + 1] == '0';
    if (plus) return 1;
    if (money_before(text, n, g) || money_behind(text, n, &g[count - 1])) return 0;
    if (opened || (zeros && digits >= 9)) return 1;
    int only_dots = dots && !(spaces || dashes || slashes || brackets);
    if (!only_dots && count > 1 && count <= 6 && zero && digits >= 8 && digits <= 13 && width(g) >= 2) return 1;
    if (*said < 0) *said = said_to_be_phone(text, start);
    if (count == 1) return *said && !is_one_digit(text, g);
    if (only_dots) /* versions, addresses of machines and thousands have full stops too */
        return shaped(g, count, "334") || (zero && digits >= 9 && (shaped(g, count, "22222") || (count == 2 && width(g) > 1)))
               || *said;
    if (shaped(g, count, "334") || shaped(g, count, "1334") || (dashes && shaped(g, count, "34"))) return 1;
    if (dashes == 2 && shaped(g, count, "324")) return 1; /* social security */
    if (spaces == 2 && shaped(g, count, "333") && text[start] >= '6') return 1;
    if (!*said) return 0;
    for (size_t i = 0; i < count; i++)
        if (width(&g[i]) < 2) return 0;
    return 1;
}

static int is_account(const char *text, group *g) {
    if (g->account < 0) g->account = width(g) >= 9 && !is_fraction(text, g) && !is_one_digit(text, g);
    return g->account;
}

/* How many groups from the first on make a card number, or a date; 0: none. Both look at five groups at most. */
static size_t card(const char *text, group *g, size_t count) {
    if (g->card < 0) g->card = (signed char)card_groups(text, g, count);
    return (size_t)g->card;
}

static size_t date(const char *text, group *g, size_t count) {
    if (g->date < 0) g->date = (signed char)date_groups(text, g, count);
    return (size_t)g->date;
}

/* How many groups from the first on may be one phone number: up to a date, to what is masked by itself, and without a last group
 * that is the hour of a time or the whole part of an amount. */
static size_t phone_reach(const char *text, size_t n, group *g, size_t count) {
    size_t end = 1, before = g->digits - width(g);
    for (; end < count && !date(text, g + end, count - end) && !card(text, g + end, count - end) && !is_account(text, g + end);
         end++) {
        if (g[end].digits - before <= PHONE_DIGITS) continue;
        while (end && g[end].before != ' ') end--; /* too long: cut at a blank */
        return end;
    }
    while (end > 1) {
        size_t behind = g[end - 1].end;
        if (behind + 1 >= n || (text[behind] != ':' && text[behind] != ',') || !was_digit(text[behind + 1])) break;
        end--;
    }
    return end;
}

/* Masks the number that begins with the run's first group, if it is one, and moves behind it. */
static uint32_t mask_number(run *r, char *text, size_t n) {
    group *g = r->groups + r->first;
    size_t count = r->end - r->first, at = g->start, take = card(text, g, count), pass = 0;
    int fresh = !r->stale;
    r->stale = 0;
    if (!take && (at == 0 || text[at - 1] != '+')) pass = date(text, g, count);
    if (!take && !pass && fresh && !(at > 0 && (is_letter(text[at - 1]) || text[at - 1] == '_'))) {
        size_t reach = phone_reach(text, n, g, count);
        int said = -1;
        while (reach && !is_phone(text, n, g, reach, &said)) { /* the last groups behind a blank may be another number */
            reach--;
            while (reach && g[reach].before != ' ') reach--;
        }
        take = reach;
    }
    if (!take && !pass) take = (size_t)is_account(text, g);
    if (!take && !pass && count > 1 && width(g) <= LONG_GROUP) r->stale = g[1].before != ' ';
    if (take) hide_digits(text, at, g[take - 1].end);
    r->first += take ? take : pass ? pass : 1;
    return take > 0;
}

uint32_t ew_text_mask_numbers(char *text, size_t n) {
    uint32_t masked = 0;
    run r;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(text[i])) continue;
        begin(&r, i);
        do {
            fill(&r, text, n);
            masked += mask_number(&r, text, n);
        } while (r.first < r.end);
        i = r.groups[r.end - 1].end - 1;
    }
    return masked;
}
