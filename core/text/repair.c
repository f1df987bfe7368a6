#include "points.h"

ew_status ew_text_repair(const char *text, size_t n, ew_buffer *out, ew_error *err) {
    size_t at = 0;
    while (at < n) {
        size_t good = ew_utf8_valid_prefix(text + at, n - at);
        ew_status status = ew_buffer_append(out, text + at, good, err);
        if (status != EW_OK) return status;
        at += good;
        if (at == n) break;
        size_t bad;
        ew_utf8_decode(text + at, n - at, &bad);
        status = ew_buffer_append(out, "\xef\xbf\xbd", 3, err);
        if (status != EW_OK) return status;
        at += bad;
    }
    return EW_OK;
}
