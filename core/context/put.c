#include "put.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/json.h"

static void append(ew_put *put, const char *bytes, size_t n) {
    if (put->status == EW_OK) put->status = ew_buffer_append(put->out, bytes, n, put->err);
}

/* A value follows another unless something was just opened, named or begun. */
static void comma(ew_put *put) {
    if (put->status != EW_OK || !put->out->length) return;
    if (!strchr("{[:\n", put->out->data[put->out->length - 1])) append(put, ",", 1);
}

void ew_put_raw(ew_put *put, const char *text) { append(put, text, strlen(text)); }

void ew_put_open(ew_put *put, char brace) {
    comma(put);
    append(put, &brace, 1);
}

void ew_put_close(ew_put *put, char brace) { append(put, &brace, 1); }

void ew_put_key(ew_put *put, const char *key) {
    comma(put);
    append(put, "\"", 1);
    append(put, key, strlen(key));
    append(put, "\":", 2);
}

void ew_put_bytes(ew_put *put, const char *text, size_t n) {
    comma(put);
    if (put->status == EW_OK) put->status = ew_json_string(put->out, text, n, put->err);
}

void ew_put_text(ew_put *put, const char *text) {
    if (text)
        ew_put_bytes(put, text, strlen(text));
    else
        ew_put_null(put);
}

void ew_put_number(ew_put *put, double value, int decimals) {
    comma(put);
    if (put->status == EW_OK) put->status = ew_json_number(put->out, value, decimals, put->err);
}

void ew_put_count(ew_put *put, uint64_t value) {
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, value);
    comma(put);
    append(put, text, (size_t)n);
}

void ew_put_flag(ew_put *put, int value) {
    comma(put);
    ew_put_raw(put, value ? "true" : "false");
}

void ew_put_null(ew_put *put) {
    comma(put);
    append(put, "null", 4);
}

void ew_put_field_text(ew_put *put, const char *key, const char *text) {
    ew_put_key(put, key);
    ew_put_text(put, text);
}

void ew_put_field_some(ew_put *put, const char *key, const char *text) {
    ew_put_field_text(put, key, text && *text ? text : NULL);
}

void ew_put_field_number(ew_put *put, const char *key, double value, int decimals) {
    ew_put_key(put, key);
    ew_put_number(put, value, decimals);
}

void ew_put_field_count(ew_put *put, const char *key, uint64_t value) {
    ew_put_key(put, key);
    ew_put_count(put, value);
}

void ew_put_field_texts(ew_put *put, const char *key, const char *const *texts, uint32_t n) {
    ew_put_key(put, key);
    ew_put_open(put, '[');
    for (uint32_t i = 0; i < n; i++) ew_put_text(put, texts[i]);
    ew_put_close(put, ']');
}
