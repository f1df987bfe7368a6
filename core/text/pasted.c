/* What was pasted into a comment and not said: code between fences, the comments of a template, lines of logs and settings. Rows
 * of these are alike by what programs print, and groups of them are the tightest of any corpus of tickets. */
#include <string.h>

#include "points.h"

enum { FEWEST_CODE_BYTES = 16, BYTES_A_SIGN = 64 };

static size_t ticks(const char *text, size_t start, size_t end) {
    size_t at = start;
    while (at < end && text[at] == '`') at++;
    return at - start;
}

/* Behind the line that closes the fence (CommonMark) of the line before `at`; 0: none does. */
static size_t behind_fence(const char *text, size_t n, size_t at) {
    for (size_t next; at < n; at = next) {
        size_t start = at, end = ew_text_line_end(text, n, at, &next);
        ew_text_trim(text, &start, &end);
        size_t signs = ticks(text, start, end);
        if (signs >= 3 && start + signs == end) return end;
    }
    return 0;
}

static size_t behind_comment(const char *text, size_t n, size_t at) {
    for (const char *dash; at < n && (dash = memchr(text + at, '-', n - at)); at = (size_t)(dash - text) + 1) {
        at = (size_t)(dash - text);
        if (n - at >= 3 && memcmp(dash, "-->", 3) == 0) return at + 3;
    }
    return 0;
}

size_t ew_text_pasted_end(const char *text, size_t n, size_t start, size_t end, ew_pasted *seen) {
    size_t signs = ticks(text, start, end), to = 0;
    if (signs >= 3 && !seen->open_fence && !memchr(text + start + signs, '`', end - start - signs)) {
        to = behind_fence(text, n, end);
        seen->open_fence = !to;
    } else if (end - start >= 4 && memcmp(text + start, "<!--", 4) == 0 && !seen->open_comment) {
        to = behind_comment(text, n, start + 4);
        seen->open_comment = !to;
    }
    return to;
}

enum { LETTER = 1, WIDE = 2, SIGN = 4, SLASH = 8 };
#define OF_TWO(c, kind) [c] = kind, [(c) + 32] = kind
static const unsigned char kinds[128] = {
    OF_TWO('A', LETTER), OF_TWO('B', LETTER), OF_TWO('C', LETTER), OF_TWO('D', LETTER), OF_TWO('E', LETTER), OF_TWO('F', LETTER),
    OF_TWO('G', LETTER), OF_TWO('H', LETTER), OF_TWO('I', LETTER), OF_TWO('J', LETTER), OF_TWO('K', LETTER), OF_TWO('L', LETTER),
    OF_TWO('M', LETTER), OF_TWO('N', LETTER), OF_TWO('O', LETTER), OF_TWO('P', LETTER), OF_TWO('Q', LETTER), OF_TWO('R', LETTER),
    OF_TWO('S', LETTER), OF_TWO('T', LETTER), OF_TWO('U', LETTER), OF_TWO('V', LETTER), OF_TWO('W', LETTER), OF_TWO('X', LETTER),
    OF_TWO('Y', LETTER), OF_TWO('Z', LETTER), ['{'] = SIGN, ['}'] = SIGN, ['['] = SIGN, [']'] = SIGN, ['<'] = SIGN, ['>'] = SIGN,
    ['='] = SIGN, ['|'] = SIGN, ['\\'] = SIGN, ['_'] = SIGN, [';'] = SIGN, ['('] = SIGN, [')'] = SIGN, ['$'] = SIGN, ['%'] = SIGN,
    ['&'] = SIGN, ['+'] = SIGN, ['~'] = SIGN, ['^'] = SIGN, [':'] = SIGN, ['#'] = SIGN, ['/'] = SLASH,
};

static int kind_of(char c) { return (unsigned char)c < 0x80 ? kinds[(unsigned char)c] : WIDE; }

/* Bytes of a piece between blanks: words, code, or neither (numbers, names of people, links, signs, what is masked). */
static void weigh(const char *text, size_t start, size_t end, size_t *words, size_t *code) {
    static const char around[] = ".,;:!?()[]\"'`*-";
    int kind = 0, slashes = 0, named = text[start] == '@' || text[start] == '#';
    if (ew_text_link_at(text, end, start)) return;
    while (start < end && strchr(around, text[start]) && text[start]) start++;
    while (start < end && strchr(around, text[end - 1]) && text[end - 1]) end--;
    for (size_t i = start; i < end; i++) {
        if (text[i] == '@' || (text[i] == '*' && i + 1 < end && text[i + 1] == '*')) return; /* an address, or masked */
        kind |= kind_of(text[i]);
        slashes += text[i] == '/';
    }
    if (kind & WIDE || (kind & LETTER && !(kind & SIGN) && slashes < 2)) *words += end - start;
    else if (kind & LETTER && !named) *code += end - start;
}

int ew_text_is_printed(const char *text, size_t start, size_t end) {
    size_t words = 0, code = 0, signs = 0;
    if (end - start < FEWEST_CODE_BYTES) return 0;
    for (size_t i = start; i < end; i++) signs += kind_of(text[i]) >= SIGN;
    if (signs * BYTES_A_SIGN < end - start) return 0; /* nearly all lines that people write end here */
    for (size_t at = start, to; at < end; at = to) {
        while (at < end && (unsigned char)text[at] <= ' ') at++;
        for (to = at; to < end && (unsigned char)text[to] > ' ';) to++;
        if (at < to) weigh(text, at, to, &words, &code);
    }
    return code >= FEWEST_CODE_BYTES && code > words;
}
