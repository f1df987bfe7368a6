/* Normalisers: each a pass from one buffer to the other. Text is valid UTF-8 throughout. */
#include <limits.h>
#include <string.h>
#include <utf8proc.h>

#include "../base/utf8.h"
#include "classes.h"
#include "pipeline_inside.h"

static ew_status put(ew_buffer *out, uint32_t point, ew_error *err) {
    char bytes[4];
    return ew_buffer_append(out, bytes, ew_utf8_encode(point, bytes), err);
}

static int nmt_drops(uint32_t p) {
    return (p >= 1 && p <= 8) || p == 0xb || (p >= 0xe && p <= 0x1f) || p == 0x7f || p == 0x8f || p == 0x9f;
}

static int nmt_blank(uint32_t p) {
    return p == 9 || p == 10 || p == 12 || p == 13 || p == 0x1680 || (p >= 0x200b && p <= 0x200f) || p == 0x2028 || p == 0x2029 ||
           p == 0x2581 || p == 0xfeff || p == 0xfffd;
}

/* What becomes of one character: up to three; 0: it goes. */
static int character(int kind, uint32_t p, uint32_t out[3]) {
    out[0] = p;
    switch (kind) {
    case EW_NORM_CLEAN:
        if (ew_class_control(p)) return 0;
        if (ew_class_space(p)) out[0] = ' ';
        return 1;
    case EW_NORM_CHINESE:
        if (!ew_class_chinese(p)) return 1;
        out[0] = out[2] = ' ';
        out[1] = p;
        return 3;
    case EW_NORM_NONSPACING:
        return !ew_class_nonspacing(p);
    case EW_NORM_COMBINING:
        return !ew_class_combining(p);
    case EW_NORM_LOWER:
        return ew_class_lower(p, out);
    default:
        if (nmt_drops(p)) return 0;
        if (nmt_blank(p)) out[0] = ' ';
        return 1;
    }
}

static ew_status by_character(int kind, const char *text, size_t n, ew_buffer *out, int *head_gone, ew_error *err) {
    ew_status status = ew_buffer_reserve(out, n, err);
    uint32_t made[3];
    for (size_t at = 0, length; status == EW_OK && at < n; at += length) {
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        int many = character(kind, point, made);
        if (!many && out->length == 0) ++*head_gone;
        for (int i = 0; status == EW_OK && i < many; i++) status = put(out, made[i], err);
    }
    return status;
}

static void strip(const ew_step *step, const char **text, size_t *n, int *head_gone) {
    size_t length;
    while (step->left && *n && ew_class_space(ew_utf8_decode(*text, *n, &length))) {
        *text += length;
        *n -= length;
        ++*head_gone;
    }
    while (step->right && *n) {
        size_t last = *n - 1;
        while (last && ((unsigned char)(*text)[last] & 0xc0) == 0x80) last--;
        if (!ew_class_space(ew_utf8_decode(*text + last, *n - last, &length))) break;
        *n = last;
    }
}

static ew_status replace(const ew_step *step, ew_scratch *s, const char *text, size_t n, ew_buffer *out, int *head_gone,
                         ew_error *err) {
    ew_status status = EW_OK;
    size_t at = 0, start, end;
    if (step->regex) EW_TRY(ew_regex_begin(step->regex, &s->room, n, err));
    for (;;) {
        int found = 0;
        if (step->regex) {
            EW_TRY(ew_regex_next(step->regex, &s->room, text, n, at, &found, &start, &end, err));
        } else if (step->pattern.n) {
            for (start = at; !found && start + step->pattern.n <= n; start++) {
                const char *first = memchr(text + start, step->pattern.data[0], n - step->pattern.n - start + 1);
                if (!first) break;
                start = (size_t)(first - text);
                found = memcmp(first, step->pattern.data, step->pattern.n) == 0;
            }
            start -= found ? 1 : 0;
            end = start + step->pattern.n;
        }
        if (!found) break;
        if (start == 0 && !step->content.n) *head_gone = INT_MAX;
        EW_TRY(ew_buffer_append(out, text + at, start - at, err));
        EW_TRY(ew_buffer_append(out, step->content.data, step->content.n, err));
        at = end;
    }
    EW_TRY(ew_buffer_append(out, text + at, n - at, err));
done:
    return status;
}

static ew_status to_bytes(const char *text, size_t n, ew_buffer *out, ew_error *err) {
    ew_status status = ew_buffer_reserve(out, 2 * n, err);
    char bytes[2];
    for (size_t i = 0; status == EW_OK && i < n; i++)
        status = ew_buffer_append(out, bytes, ew_byte_character((unsigned char)text[i], bytes), err);
    return status;
}

/* Characters that the text's first one decomposes to. */
static int parts_of(const char *text, size_t n, int compatible) {
    enum { MOST = 32 };
    utf8proc_int32_t parts[MOST];
    size_t length;
    int boundary = 0;
    uint32_t point = ew_utf8_decode(text, n, &length);
    utf8proc_ssize_t many = utf8proc_decompose_char(
        (utf8proc_int32_t)point, parts, MOST,
        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0)), &boundary);
    return many < 1 || ew_class_late(point) ? 1 : (int)many;
}

ew_status ew_normalize(const ew_step *steps, uint32_t n_steps, ew_scratch *s, const char *text, size_t n, const char **out,
                       size_t *out_n, uint8_t *at_zero, ew_error *err) {
    ew_status status = EW_OK;
    int to = 0, head = 1; /* characters in front that come from the first one of the original */
    for (uint32_t i = 0; i < n_steps && n; i++) {
        const ew_step *step = &steps[i];
        ew_buffer *made = &s->norm[to];
        int head_gone = 0;
        if (step->kind == EW_NORM_STRIP) {
            strip(step, &text, &n, &head_gone);
            if (head_gone >= head) *at_zero = 0;
            continue;
        }
        ew_buffer_clear(made);
        switch (step->kind) {
        case EW_NORM_NFC:
            EW_TRY(ew_normal_form(s, 1, 0, text, n, made, err));
            break;
        case EW_NORM_NFD:
            head = head > 1 ? head : parts_of(text, n, 0);
            EW_TRY(ew_normal_form(s, 0, 0, text, n, made, err));
            break;
        case EW_NORM_NFKC:
            EW_TRY(ew_normal_form(s, 1, 1, text, n, made, err));
            break;
        case EW_NORM_NFKD:
            head = head > 1 ? head : parts_of(text, n, 1);
            EW_TRY(ew_normal_form(s, 0, 1, text, n, made, err));
            break;
        case EW_NORM_REPLACE:
            EW_TRY(replace(step, s, text, n, made, &head_gone, err));
            break;
        case EW_NORM_PREPEND:
            EW_TRY(ew_buffer_append(made, step->content.data, step->content.n, err));
            EW_TRY(ew_buffer_append(made, text, n, err));
            break;
        case EW_NORM_CHARSMAP:
            EW_TRY(ew_charsmap(step, text, n, made, &head_gone, err));
            break;
        case EW_NORM_BYTES:
            EW_TRY(to_bytes(text, n, made, err));
            break;
        default:
            EW_TRY(by_character(step->kind, text, n, made, &head_gone, err));
        }
        head -= head_gone;
        if (head <= 0) {
            *at_zero = 0;
            head = 1;
        }
        text = made->length ? made->data : "";
        n = made->length;
        to = !to;
    }
    *out = text;
    *out_n = n;
done:
    return status;
}
