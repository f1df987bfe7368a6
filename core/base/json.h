/* Writing JSON into a buffer. Numbers are finite or null; strings are valid UTF-8 or repaired on the way. */
#ifndef EW_BASE_JSON_H
#define EW_BASE_JSON_H

#include "buffer.h"

/* text as a JSON string, quotes included; control characters, '"', '\\', '<' (as \u003c, so that a page may hold it) and
 * U+2028/9 are escaped; bytes that are not UTF-8 become U+FFFD. */
EW_MUST_CHECK ew_status ew_json_string(ew_buffer *out, const char *text, size_t n, ew_error *err);
/* %.*f with a full stop whatever the locale; NaN and infinities: null. decimals <= 9. */
EW_MUST_CHECK ew_status ew_json_fixed(ew_buffer *out, double value, int decimals, ew_error *err);
/* Shortest of %.0f .. %.*f with trailing zeros cut; NaN and infinities: null. decimals <= 9. */
EW_MUST_CHECK ew_status ew_json_number(ew_buffer *out, double value, int decimals, ew_error *err);

#endif
