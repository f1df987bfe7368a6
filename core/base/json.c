#include "json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

ew_status ew_json_string(ew_buffer *out, const char *text, size_t n, ew_error *err) {
    ew_status status = ew_buffer_reserve(out, n + 2, err);
    if (status == EW_OK) status = ew_buffer_append(out, "\"", 1, err);
    size_t plain = 0; /* bytes before i that go out as they are */
    for (size_t i = 0; status == EW_OK && i < n;) {
        unsigned char c = (unsigned char)text[i];
        char escape[8];
        size_t length = 1;
        escape[0] = 0;
        if (c >= 0x80) {
            uint32_t point = ew_utf8_decode(text + i, n - i, &length);
            if (point == EW_UTF8_BAD) memcpy(escape, "\xef\xbf\xbd", 4);
            if (point == 0x2028 || point == 0x2029) snprintf(escape, sizeof escape, "\\u%04x", (unsigned)point);
        } else if (c == '"' || c == '\\') {
            snprintf(escape, sizeof escape, "\\%c", c);
        } else if (c == '\n') {
            memcpy(escape, "\\n", 3);
        } else if (c == '\t') {
            memcpy(escape, "\\t", 3);
        } else if (c < 0x20 || c == '<' || c == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", c);
        }
        if (escape[0]) {
            status = ew_buffer_append(out, text + plain, i - plain, err);
            if (status == EW_OK) status = ew_buffer_append(out, escape, strlen(escape), err);
            plain = i + length;
        }
        i += length;
    }
    if (status == EW_OK) status = ew_buffer_append(out, text + plain, n - plain, err);
    if (status == EW_OK) status = ew_buffer_append(out, "\"", 1, err);
    return status;
}

ew_status ew_json_number(ew_buffer *out, double value, int decimals, ew_error *err) {
    if (!isfinite(value)) return ew_buffer_append(out, "null", 4, err);
    char text[400];
    int n = snprintf(text, sizeof text, "%.*f", decimals, value);
    if (n < 0 || (size_t)n >= sizeof text) return ew_fail(err, EW_INTERNAL, "a number could not be written");
    if (strchr(text, '.')) {
        while (n && text[n - 1] == '0') n--;
        if (n && text[n - 1] == '.') n--;
    }
    if (n == 2 && text[0] == '-' && text[1] == '0') {
        text[0] = '0';
        n = 1;
    }
    return ew_buffer_append(out, text, (size_t)n, err);
}
