/* Putting JSON together, value by value, into a buffer. Commas are placed by themselves (from the byte before); the first
 * failure sticks in `status` and makes every later call do nothing, so that it is looked at once, at the end. */
#ifndef EW_CONTEXT_PUT_H
#define EW_CONTEXT_PUT_H

#include "../base/buffer.h"

typedef struct ew_put { ew_buffer *out; ew_error *err; ew_status status; } ew_put;

void ew_put_raw(ew_put *put, const char *text);                /* as it is, without a comma: "\n", braces that end */
void ew_put_open(ew_put *put, char brace);                     /* '{' or '[' */
void ew_put_close(ew_put *put, char brace);
void ew_put_key(ew_put *put, const char *key);                 /* key: plain ASCII */
void ew_put_bytes(ew_put *put, const char *text, size_t n);    /* a string */
void ew_put_text(ew_put *put, const char *text);               /* a string; NULL: null */
void ew_put_number(ew_put *put, double value, int decimals);   /* NaN: null */
void ew_put_count(ew_put *put, uint64_t value);
void ew_put_flag(ew_put *put, int value);
void ew_put_null(ew_put *put);

/* The same with a key before it. */
void ew_put_field_text(ew_put *put, const char *key, const char *text);
void ew_put_field_some(ew_put *put, const char *key, const char *text); /* "" is null too */
void ew_put_field_number(ew_put *put, const char *key, double value, int decimals);
void ew_put_field_count(ew_put *put, const char *key, uint64_t value);
void ew_put_field_texts(ew_put *put, const char *key, const char *const *texts, uint32_t n);

#endif
