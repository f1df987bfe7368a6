/* One code point of UTF-8 at a time, strictly: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef EW_BASE_UTF8_H
#define EW_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define EW_UTF8_BAD UINT32_MAX

/* Decodes the code point at text[0 .. n), n > 0; *length gets its bytes. Bad bytes: EW_UTF8_BAD, and *length the maximal
 * ill-formed prefix (at least 1), so that each such run is one U+FFFD (Unicode 15, section 3.9). */
uint32_t ew_utf8_decode_wide(const char *text, size_t n, size_t *length);
static inline uint32_t ew_utf8_decode(const char *text, size_t n, size_t *length) { /* most text is ASCII */
    if ((unsigned char)*text >= 0x80) return ew_utf8_decode_wide(text, n, length);
    *length = 1;
    return (unsigned char)*text;
}
/* Writes `point` to out[0 .. 4) and returns its length in bytes. */
size_t ew_utf8_encode(uint32_t point, char *out);
/* The first byte in text[0 .. n) that is not part of valid UTF-8; n if all is valid. */
size_t ew_utf8_valid_prefix(const char *text, size_t n);

#endif
