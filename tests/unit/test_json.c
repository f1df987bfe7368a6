/* JSON that is written: strings of any bytes, numbers as printf has them. */
#define _GNU_SOURCE /* mkdtemp */
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/json.h"
#include "../../core/base/random.h"
#include "../../core/base/utf8.h"
#include "leaks.h"

static ew_error err;

static const char *json_of(ew_buffer *out, const char *text, size_t n) {
    ew_buffer_clear(out);
    cr_assert_eq(ew_json_string(out, text, n, &err), EW_OK);
    cr_assert_eq(ew_buffer_append(out, "", 1, &err), EW_OK);
    return out->data;
}

Test(json, strings_of_any_bytes) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    cr_assert_str_eq(json_of(&out, "", 0), "\"\"");
    cr_assert_str_eq(json_of(&out, "a\"b\\c", 5), "\"a\\\"b\\\\c\"");
    cr_assert_str_eq(json_of(&out, "\n\t\r\0\x1f\x7f", 6), "\"\\n\\t\\u000d\\u0000\\u001f\\u007f\"");
    cr_assert_str_eq(json_of(&out, "</script>", 9), "\"\\u003c/script>\"");
    cr_assert_str_eq(json_of(&out, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 11), "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
    cr_assert_str_eq(json_of(&out, "\xe2\x80\xa8\xe2\x80\xa9", 6), "\"\\u2028\\u2029\"");
    cr_assert_str_eq(json_of(&out, "a\xff\xc0\x80z\xe2\x80", 7), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\"");
    cr_assert_str_eq(json_of(&out, "\xed\xa0\x80", 3), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* a surrogate */
    for (uint64_t round = 0; round < 2000; round++) { /* random bytes: valid UTF-8 without a bare control, quotes balanced */
        char bytes[40];
        size_t n = ew_random_below(sizeof bytes, 1, 99, round, 0);
        for (size_t i = 0; i < n; i++) bytes[i] = (char)ew_random(1, 98, round, i);
        const char *text = json_of(&out, bytes, n);
        size_t length = strlen(text);
        cr_assert_eq(length, out.length - 1);
        cr_assert_eq(ew_utf8_valid_prefix(text, length), length);
        cr_assert(text[0] == '"' && text[length - 1] == '"');
        for (size_t i = 1; i + 1 < length; i++) {
            cr_assert((unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '<' && text[i] != 0x7f);
            if (text[i] == '\\') i += text[i + 1] == 'u' ? 5 : 1;
        }
    }
    ew_buffer_free(&out);
    ew_buffer small = EW_BUFFER_INIT(8);
    cr_assert_eq(ew_json_string(&small, "\1\1\1", 3, &err), EW_RESOURCE);
    ew_buffer_free(&small);
    assert_no_leaks();
}

static void assert_number(double value, int decimals, const char *shortest, const char *fixed) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    cr_assert_eq(ew_json_number(&out, value, decimals, &err), EW_OK);
    cr_assert_eq(ew_buffer_append(&out, "", 1, &err), EW_OK);
    cr_assert_str_eq(out.data, shortest);
    ew_buffer_clear(&out);
    cr_assert_eq(ew_json_fixed(&out, value, decimals, &err), EW_OK);
    cr_assert_eq(ew_buffer_append(&out, "", 1, &err), EW_OK);
    cr_assert_str_eq(out.data, fixed);
    ew_buffer_free(&out);
}

static void assert_numbers(void) {
    assert_number(0, 4, "0", "0.0000");
    assert_number(-0.0, 4, "0", "-0.0000");
    assert_number(-0.00001, 3, "0", "-0.000");
    assert_number(0.5, 4, "0.5", "0.5000");
    assert_number(-2.25, 2, "-2.25", "-2.25");
    assert_number(1234567.5, 1, "1234567.5", "1234567.5");
    assert_number(100, 0, "100", "100");
    assert_number(100, 3, "100", "100.000");
    assert_number(NAN, 3, "null", "null");
    assert_number(INFINITY, 3, "null", "null");
    assert_number(-INFINITY, 0, "null", "null");
}

Test(json, numbers) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    assert_numbers();
    cr_assert_eq(ew_json_fixed(&out, -1.7e308, 9, &err), EW_OK);
    cr_assert_eq(out.length, 1 + 309 + 1 + 9);
    ew_buffer_free(&out);
    assert_no_leaks();
}

/* Small numbers are written by whole ones: as printf has them, halves and what is near to them among them. */
Test(json, numbers_are_those_of_printf) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    char want[400];
    for (uint64_t i = 0; i < 40000; i++) {
        int decimals = (int)(i % 8), scale = (int)(i / 8 % 12) - 4;
        double value = (ew_random_unit(7, 1, i, 0) - .5) * pow(10, scale);
        if (i % 3 == 0) value = (floor(value * 1e3) + .5) / (i % 2 ? 1e3 : 1024);
        if (i % 3 == 1) value = nextafter((floor(value * 100) + .5) / 100, i % 2 ? 1e9 : -1e9);
        ew_buffer_clear(&out);
        cr_assert_eq(ew_json_fixed(&out, value, decimals, &err), EW_OK);
        cr_assert_eq(ew_buffer_append(&out, "", 1, &err), EW_OK);
        snprintf(want, sizeof want, "%.*f", decimals, value);
        cr_assert_str_eq(out.data, want);
    }
    ew_buffer_free(&out);
    assert_no_leaks();
}

Test(json, numbers_have_a_full_stop_in_every_locale) {
    char folder[] = "/tmp/edgewise-locale-XXXXXX", command[128];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", folder);
    int made = system(command);
    setenv("LOCPATH", folder, 1);
    if (made == 0 && setlocale(LC_NUMERIC, "de_DE.UTF-8")) { /* else this machine knows no other locale */
        char text[8];
        snprintf(text, sizeof text, "%.1f", 0.5);
        cr_assert_str_eq(text, "0,5");
        assert_numbers();
        setlocale(LC_NUMERIC, "C");
    }
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}
