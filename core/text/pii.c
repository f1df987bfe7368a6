/* People's data, by shape alone: what looks like an address, a phone, card or account number is hidden; dates, times, amounts,
 * counts and versions are not. Every look back and ahead is bounded, so the time is linear; masked text matches nothing again. */
#include <string.h>

#include "points.h"

enum {
    GROUPS = 24,             /* groups of digits looked at as one number */
    MOST_DIGITS = 64,        /* of them all, the last group aside */
    PHONE_DIGITS = 15,
    LOCAL_BYTES = 64, DOMAIN_BYTES = 253,
    IBAN_LONGEST = 34,
    NEAR = 24                /* bytes before a number that may say what it is */
};

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static int was_digit(char c) { return is_digit(c) || c == '*'; } /* so that what was masked before looks the same */
static int is_alnum(char c) { return is_digit(c) || is_letter(c); }
static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

/* Letters (also of two bytes of Latin) and digits become '*', byte for byte. */
static void hide(char *text, size_t start, size_t end) {
    for (size_t i = start; i < end; i++)
        if (is_alnum(text[i]) || (unsigned char)text[i] >= 0x80) text[i] = '*';
}

/* Only digits: the no-break blanks between groups stay whole. */
static void hide_digits(char *text, size_t start, size_t end) {
    for (size_t i = start; i < end; i++)
        if (is_digit(text[i])) text[i] = '*';
}

/* ---- e-mail addresses ---- */

/* A byte of a letter of Latin-1 (two bytes) belongs to a name too. */
static int is_name(const char *text, size_t n, size_t i) {
    unsigned char c = (unsigned char)text[i];
    if (is_alnum(text[i])) return 1;
    if (c == 0xc3) return i + 1 < n && ((unsigned char)text[i + 1] & 0xc0) == 0x80;
    return i > 0 && (c & 0xc0) == 0x80 && (unsigned char)text[i - 1] == 0xc3;
}

/* The address around the '@' at `at`. */
static int email_around(const char *text, size_t n, size_t at, ew_range *out) {
    size_t start = at, end = at + 1, last = 0;
    while (start > 0 && at - start < LOCAL_BYTES && (is_name(text, n, start - 1) || memchr("._%+-", text[start - 1], 5))) start--;
    while (start < at && !is_name(text, n, start)) start++;
    if (start < at && ((unsigned char)text[start] & 0xc0) == 0x80) start++; /* the limit cut a letter in two */
    if (start == at) return 0;
    /* it ends with the last label that begins with two letters: ".com", not the ".04" of a date glued to it */
    while (end < n && end - at < DOMAIN_BYTES && is_name(text, n, end)) {
        size_t label = end;
        while (end < n && end - at < DOMAIN_BYTES && (is_name(text, n, end) || text[end] == '-')) end++;
        if (label > at + 1 && end - label >= 2 && is_letter(text[label]) && is_letter(text[label + 1])) last = end;
        if (end >= n || text[end] != '.') break;
        end++;
    }
    if (!last) return 0;
    while (text[last - 1] == '-') last--;
    if (last < n && ((unsigned char)text[last] & 0xc0) == 0x80) last++; /* as above */
    *out = (ew_range){(uint32_t)start, (uint32_t)last};
    return 1;
}

/* ---- IBAN ---- */

/* An IBAN that begins at `at` (a letter behind none): 15 to 34 letters and digits in groups, remainder 1 of 97. *end: behind it.
 */
static int iban_at(const char *text, size_t n, size_t at, size_t *end) {
    if (n - at < 15 || !is_letter(text[at]) || !is_letter(text[at + 1]) || !is_digit(text[at + 2]) || !is_digit(text[at + 3]))
        return 0;
    char kept[IBAN_LONGEST];
    size_t count = 0, found = 0, digits = 0;
    for (size_t i = at; i < n;) {
        if (!is_alnum(text[i])) {
            if ((text[i] == ' ' || text[i] == '-') && i + 1 < n && is_alnum(text[i + 1])) {
                i++;
                continue;
            }
            break;
        }
        if (count == IBAN_LONGEST) break;
        kept[count++] = lower(text[i]);
        digits += (size_t)is_digit(text[i]);
        i++;
        if (count < 15 || digits < 10 || (i < n && (is_alnum(text[i]) || text[i] == '*'))) continue;
        unsigned rest = 0;
        for (size_t k = 0; k < count; k++) {
            char c = kept[(k + 4) % count];
            rest = is_digit(c) ? (rest * 10 + (unsigned)(c - '0')) % 97 : (rest * 100 + (unsigned)(c - 'a' + 10)) % 97;
        }
        if (rest == 1) found = i;
    }
    if (found) *end = found;
    return found != 0;
}

/* ---- numbers ---- */

typedef struct group { size_t start, end; char before; /* separator before it: ' ' '-' '.' '/' '(' ; 0: the first */ } group;

/* One separator at `at`: a blank, no-break blank, dash, full stop, slash, or blank and parenthesis. Its length; 0: none. */
static size_t separator_at(const char *text, size_t n, size_t at, char *what) {
    if (at >= n || !memchr(" -./()\xc2\xe2", text[at], 8)) return 0;
    static const struct { const char *bytes; char what; } wide[] = {
        {"\xc2\xa0", ' '}, {"\xe2\x80\xaf", ' '}, {"\xe2\x80\x89", ' '}, {"\xe2\x80\x91", '-'}, {"\xe2\x80\x90", '-'},
        {"\xe2\x80\x93", '-'}, {") ", '('}, {")-", '('}, {" (", '('}, {" / ", '/'}, {" - ", '-'}, {")", '('}, {"(", '('},
    };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        size_t k = strlen(wide[i].bytes);
        if (n - at > k && memcmp(text + at, wide[i].bytes, k) == 0) {
            *what = wide[i].what;
            return k;
        }
    }
    if (at < n && memchr(" -./", text[at], 4)) {
        *what = text[at];
        return 1;
    }
    return 0;
}

static size_t read_groups(const char *text, size_t n, size_t at, group *groups) {
    size_t count = 0, digits = 0;
    char before = 0;
    while (count < GROUPS && digits <= MOST_DIGITS && at < n && is_digit(text[at])) {
        size_t end = at;
        while (end < n && is_digit(text[end])) end++;
        digits += end - at;
        groups[count++] = (group){at, end, before};
        size_t gap = separator_at(text, n, end, &before);
        if (!gap) break;
        at = end + gap;
    }
    return count;
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
        if (i > 0 && is_letter(text[i - 1])) continue;
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

/* Is a sign of money right before or behind? */
static int is_money(const char *text, size_t n, size_t start, size_t end) {
    static const char *const signs[] = {"$",   "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xe2\x82\xb9", "\xe0\xb8\xbf",
                                        "eur", "usd",          "gbp",      "euro",     "dollar",       "rs",
                                        "inr", "chf",          "%"};
    size_t back = start, ahead = end;
    if (back > 0 && text[back - 1] == ' ') back--;
    if (ahead < n && text[ahead] == ' ') ahead++;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t k = strlen(signs[i]), m = 0;
        while (m < k && ahead + m < n && lower(text[ahead + m]) == signs[i][m]) m++;
        if (m == k) return 1;
        if (back < k) continue;
        for (m = 0; m < k && lower(text[back - k + m]) == signs[i][m]; m++) {}
        if (m == k && (k == 1 || !is_letter(signs[i][0]) || back == k || !is_letter(text[back - k - 1]))) return 1;
    }
    return 0;
}

/* Do all groups together read as a phone number? *said: do words before say so; -1: not looked at yet. */
static int is_phone(const char *text, size_t n, const group *g, size_t count, int *said) {
    size_t digits = 0, shortest = 99, spaces = 0, dots = 0, dashes = 0, brackets = 0, slashes = 0;
    size_t start = g[0].start, end = g[count - 1].end;
    for (size_t i = 0; i < count; i++) {
        digits += width(&g[i]);
        if (width(&g[i]) < shortest) shortest = width(&g[i]);
        if (!i) continue;
        spaces += g[i].before == ' ';
        dots += g[i].before == '.';
        dashes += g[i].before == '-';
        slashes += g[i].before == '/';
        brackets += g[i].before == '(';
    }
    if (digits < 7 || digits > PHONE_DIGITS) return 0;
    if (start > 0 && (text[start - 1] == ':' || text[start - 1] == ',' || text[start - 1] == '#')
        && (start < 2 || was_digit(text[start - 2])))
        return 0;
    int plus = start > 0 && (text[start - 1] == '+' || (start > 1 && text[start - 1] == '(' && text[start - 2] == '+'));
    int opened = start > 0 && text[start - 1] == '(' && brackets;
    int zero = text[start] == '0', zeros = zero && width(&g[0]) > 1 && text[start + 1] == '0';
    if (plus) return 1;
    if (is_money(text, n, start, end)) return 0;
    if (*said < 0) *said = said_to_be_phone(text, start);
    if (opened || (zeros && digits >= 9)) return 1;
    if (count == 1) return *said && !is_one_digit(text, g);
    if (dots && !spaces && !dashes && !slashes
        && !brackets) /* versions, addresses of machines and thousands have full stops too */
        return shaped(g, count, "334") || (zero && digits >= 9 && (shaped(g, count, "22222") || (count == 2 && width(g) > 1)))
               || *said;
    if (count <= 6 && zero && digits >= 8 && digits <= 13 && width(&g[0]) >= 2) return 1;
    if (shaped(g, count, "334") || shaped(g, count, "1334") || (dashes && shaped(g, count, "34"))) return 1;
    if (dashes == 2 && shaped(g, count, "324")) return 1; /* social security */
    if (spaces == 2 && shaped(g, count, "333") && text[start] >= '6') return 1;
    return *said && shortest >= 2;
}

static int is_account(const char *text, const group *g) {
    return width(g) >= 9 && !is_fraction(text, g) && !is_one_digit(text, g);
}

/* Is the group masked whatever stands around it? How many groups with it; 0: no. */
static size_t sure_groups(const char *text, const group *g, size_t count) {
    size_t take = card_groups(text, g, count);
    return take ? take : (size_t)is_account(text, g);
}

/* How many groups from the first on may be one phone number: up to a date, to what is masked by itself, and without a last group
 * that is the hour of a time or the whole part of an amount. */
static size_t phone_reach(const char *text, size_t n, const group *g, size_t count) {
    size_t end = 1, digits = width(g);
    for (; end < count && !date_groups(text, g + end, count - end) && !sure_groups(text, g + end, count - end); end++) {
        digits += width(&g[end]);
        if (digits <= PHONE_DIGITS) continue;
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

/* Masks the number that begins with the group of digits at `at`, if it is one; *next: where to go on. *stale: where a group
 * begins that continues one that was none, and so cannot begin a phone number. */
static uint32_t mask_number(char *text, size_t n, size_t at, size_t *stale, size_t *next) {
    group g[GROUPS];
    size_t count = read_groups(text, n, at, g), take = card_groups(text, g, count);
    int fresh = *stale != at || at == 0;
    *stale = 0;
    if (!take && (at == 0 || text[at - 1] != '+')) {
        size_t date = date_groups(text, g, count);
        *next = date ? g[date - 1].end : at;
        if (date) return 0;
    }
    if (!take && fresh && !(at > 0 && (is_letter(text[at - 1]) || text[at - 1] == '_'))) {
        size_t reach = phone_reach(text, n, g, count);
        int said = -1;
        while (reach && !is_phone(text, n, g, reach, &said)) { /* the last groups behind a blank may be another number */
            reach--;
            while (reach && g[reach].before != ' ') reach--;
        }
        take = reach;
    }
    if (!take) take = (size_t)is_account(text, g);
    *next = g[take ? take - 1 : 0].end;
    if (!take && count > 1 && g[1].before != ' ') *stale = g[1].start;
    if (take) hide_digits(text, at, *next);
    return take > 0;
}

uint32_t ew_text_mask_pii(char *text, size_t n) {
    uint32_t masked = 0;
    ew_range found;
    for (size_t i = 0; i < n;) {
        char *at = memchr(text + i, '@', n - i);
        if (!at) break;
        i = (size_t)(at - text) + 1;
        if (!email_around(text, n, i - 1, &found)) continue;
        hide(text, found.start, found.end);
        masked++;
        i = found.end;
    }
    for (size_t i = 0, next; i + 15 <= n; i = next) {
        next = i + 1;
        if (!is_letter(text[i]) || (i > 0 && (is_alnum(text[i - 1]) || text[i - 1] == '*')) || !iban_at(text, n, i, &next))
            continue;
        hide(text, i, next);
        masked++;
    }
    for (size_t i = 0, next, stale = 0; i < n; i = next) {
        next = i + 1;
        if (is_digit(text[i])) masked += mask_number(text, n, i, &stale, &next);
    }
    return masked;
}
