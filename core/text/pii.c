/* People's data, by shape alone: what looks like an address, a phone, card or account number is hidden; dates, times, amounts,
 * counts and versions are not. Every look back and ahead is bounded, so the time is linear; masked text matches nothing again.
 * Here addresses and IBANs; pii_numbers.c has the rest. */
#include <string.h>

#include "pii.h"

enum { LOCAL_BYTES = 64, DOMAIN_BYTES = 253, IBAN_LONGEST = 34 };

/* Letters (also of two bytes of Latin) and digits become '*', byte for byte. */
static void hide(char *text, size_t start, size_t end) {
    for (size_t i = start; i < end; i++)
        if (is_alnum(text[i]) || (unsigned char)text[i] >= 0x80) text[i] = '*';
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
    return masked + ew_text_mask_numbers(text, n);
}
