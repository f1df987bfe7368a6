#include "utf8.h"

#include <string.h>

uint32_t ew_utf8_decode_wide(const char *text, size_t n, size_t *length) {
    const unsigned char *s = (const unsigned char *)text;
    *length = 1;
    if (s[0] < 0x80) return s[0];
    if (s[0] < 0xc2 || s[0] > 0xf4) return EW_UTF8_BAD;
    size_t want = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    uint32_t point = s[0] & (0xffu >> (want + 1));
    /* the second byte's range excludes overlong forms, surrogates and the far end */
    unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < want; i++) {
        if (i >= n || s[i] < low || s[i] > high) {
            *length = i;
            return EW_UTF8_BAD;
        }
        point = (point << 6) | (s[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *length = want;
    return point;
}

size_t ew_utf8_encode(uint32_t point, char *out) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | (point >> 6));
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | (point >> 12));
        out[1] = (char)(0x80 | ((point >> 6) & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (point >> 18));
    out[1] = (char)(0x80 | ((point >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((point >> 6) & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

size_t ew_utf8_valid_prefix(const char *text, size_t n) {
    size_t i = 0;
    while (i < n) {
        uint64_t word;
        if (n - i >= 8 && (memcpy(&word, text + i, 8), (word & 0x8080808080808080u) == 0)) {
            i += 8;
            continue;
        }
        size_t length;
        if (ew_utf8_decode(text + i, n - i, &length) == EW_UTF8_BAD) return i;
        i += length;
    }
    return i;
}
