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

/* What fixed() says of most numbers, which are small and clearly on one side of a half; 0: not one of these. */
static size_t fixed_small(double value, int decimals, char *out) {
    static const double tens[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    char digits[24];
    if (decimals < 0 || decimals >= (int)(sizeof tens / sizeof *tens)) return 0;
    double scaled = fabs(value) * tens[decimals];
    if (!(scaled < 1e9)) return 0;
    uint64_t whole = (uint64_t)scaled;
    double rest = scaled - (double)whole; /* off by 1e-7 at most */
    if (rest > .499 && rest < .501) return 0;
    whole += rest > .5;
    size_t n = 0, length = 0;
    for (; whole || n <= (size_t)decimals; whole /= 10) digits[n++] = (char)('0' + whole % 10);
    if (signbit(value)) out[length++] = '-';
    while (n) {
        out[length++] = digits[--n];
        if (n && n == (size_t)decimals) out[length++] = '.';
    }
    out[length] = 0;
    return length;
}

/* "%.*f" in out [400] with a full stop before the decimals, whatever the locale has there; its length, 0 if it is not finite. */
static size_t fixed(double value, int decimals, char *out) {
    size_t small = fixed_small(value, decimals, out);
    if (small) return small;
    int n = isfinite(value) ? snprintf(out, 400, "%.*f", decimals, value) : 0;
    size_t whole = 0, length = n < 0 || n >= 400 ? 0 : (size_t)n, places = decimals > 0 ? (size_t)decimals : 0;
    if (!length || !places) return length;
    while (out[whole] == '-' || (out[whole] >= '0' && out[whole] <= '9')) whole++;
    memmove(out + whole + 1, out + length - places, places + 1);
    out[whole] = '.';
    return whole + 1 + places;
}

ew_status ew_json_fixed(ew_buffer *out, double value, int decimals, ew_error *err) {
    char text[400];
    size_t n = fixed(value, decimals, text);
    return n ? ew_buffer_append(out, text, n, err) : ew_buffer_append(out, "null", 4, err);
}

ew_status ew_json_number(ew_buffer *out, double value, int decimals, ew_error *err) {
    char text[400];
    size_t n = fixed(value, decimals, text);
    if (!n) return ew_buffer_append(out, "null", 4, err);
    if (decimals > 0) {
        while (text[n - 1] == '0') n--;
        if (text[n - 1] == '.') n--;
    }
    if (n == 2 && text[0] == '-' && text[1] == '0') {
        text[0] = '0';
        n = 1;
    }
    return ew_buffer_append(out, text, n, err);
}
