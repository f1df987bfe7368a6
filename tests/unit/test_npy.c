#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/vectors/inside.h"
#include "leaks.h"

static ew_error err;

/* A .npy file in memory: magic, version, header as given, then the values. */
static size_t make(unsigned char *out, int version, const char *header, const void *values, size_t bytes) {
    size_t n = strlen(header), at = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (unsigned char)version;
    out[7] = 0;
    out[8] = (unsigned char)n;
    out[9] = (unsigned char)(n >> 8);
    out[10] = out[11] = 0;
    memcpy(out + at, header, n);
    if (bytes) memcpy(out + at + n, values, bytes);
    return at + n + bytes;
}

/* What a file of these bytes is, read a few rows at a time: the same as all at once. */
static void assert_as_a_file(const unsigned char *bytes, size_t size, ew_status want, const float *rows, uint32_t n, uint32_t d) {
    char path[] = "/tmp/ew-npy-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    ew_npy npy;
    ew_error why;
    cr_assert_eq(ew_npy_open(path, &npy, &why), want, "%s", why.message);
    float *block = malloc(((size_t)n * d + 1) * sizeof *block);
    for (uint32_t first = 0; want == EW_OK && first <= n; first++)
        for (uint32_t some = 0; first + some <= n; some++) {
            cr_assert_eq(ew_npy_take(&npy, first, some, block, &why), EW_OK, "%s", why.message);
            cr_assert_eq(memcmp(block, rows + (size_t)first * d, (size_t)some * d * sizeof *block), 0);
        }
    if (want == EW_OK && n) { /* cut short under our hands */
        cr_assert_eq(ftruncate(file, (off_t)size - 1), 0);
        cr_assert_eq(ew_npy_take(&npy, 0, n, block, &why), EW_INPUT);
        cr_assert_not_null(strstr(why.message, "ends before"));
    }
    if (want == EW_OK) ew_npy_close(&npy);
    free(block);
    close(file);
    unlink(path);
}

static ew_status parse(int version, const char *header, const void *values, size_t bytes, float **rows, uint32_t *n,
                       uint32_t *d) {
    unsigned char file[4096];
    size_t size = make(file, version, header, values, bytes);
    unsigned char *exact = malloc(size);
    memcpy(exact, file, size);
    ew_status status = ew_npy_parse("test.npy", exact, size, rows, n, d, &err);
    assert_as_a_file(exact, size, status, *rows, *n, *d);
    free(exact);
    return status;
}

static void check(const char *header, const void *values, size_t bytes, uint32_t n, uint32_t d, const float *want) {
    for (int version = 1; version <= 3; version++) {
        float *rows;
        uint32_t got_n, got_d;
        cr_assert_eq(parse(version, header, values, bytes, &rows, &got_n, &got_d), EW_OK, "%s: %s", header, err.message);
        cr_assert(got_n == n && got_d == d);
        for (uint32_t i = 0; i < n * d; i++)
            cr_assert(rows[i] == want[i] || (isnan(rows[i]) && isnan(want[i])), "%s: value %u is %g, not %g", header, i,
                      (double)rows[i], (double)want[i]);
        ew_free(rows);
    }
}

static void refuse(const char *header, size_t bytes) {
    float *rows;
    uint32_t n, d;
    static const char zeros[256];
    err = (ew_error){0};
    cr_assert_eq(parse(1, header, zeros, bytes, &rows, &n, &d), EW_INPUT, "%s was taken", header);
    cr_assert(!rows && strstr(err.message, "test.npy"));
}

Test(npy, all_types_and_orders) {
    static const float f4[] = {1, -2.5f, 3, 0, 1e-40f, 3e38f};
    check("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", f4, sizeof f4, 2, 3, f4);
    static const float turned[] = {1, 3, 1e-40f, -2.5f, 0, 3e38f};
    check("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }   \n", f4, sizeof f4, 2, 3, turned);
    static const double f8[] = {0.5, -1e300, 1e300, NAN};
    static const float f8_want[] = {0.5f, -INFINITY, INFINITY, NAN};
    check("{\"shape\": (4,1), \"fortran_order\":False,\"descr\":\"<f8\"}", f8, sizeof f8, 4, 1, f8_want);
    static const uint16_t f2[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x7c00, 0xfc00, 0x7e00, 0x8000};
    static const float f2_want[] = {1, -2, 65504, 0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, INFINITY, -INFINITY, NAN, 0};
    check("{'descr': '<f2', 'fortran_order': False, 'shape': (5, 2), }", f2, sizeof f2, 5, 2, f2_want);
    static const int8_t i1[] = {-128, 127, 0, -1};
    static const float i1_want[] = {-128, 127, 0, -1};
    check("{'descr': '|i1', 'fortran_order': False, 'shape': (1, 4), }", i1, sizeof i1, 1, 4, i1_want);
    check("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", NULL, 0, 0, 3, NULL);
    assert_no_leaks();
}

Test(npy, what_is_no_matrix_is_refused) {
    refuse("", 0);
    refuse("{", 0);
    refuse("{}", 0);
    refuse("[1]", 0);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 25);
    refuse("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
    refuse("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", 24);
    refuse("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", 24);
    refuse("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", 24);
    refuse("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3), }", 24);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", 24);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", 24);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", 24);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }", 0);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 8193), }", 0);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967295, 1), }", 0);
    refuse("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999, 8), }", 0);
    refuse("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952, 8), }", 0); /* would wrap to nothing */
    refuse("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}", 24);
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } x", 24);
    refuse("{'descr': '<f4', 'shape': (2, 3), }", 24);
    refuse("{'a key that is far too long for any': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
}

Test(npy, every_prefix_is_refused) {
    static const float f4[] = {1, 2, 3, 4};
    unsigned char file[256];
    size_t size = make(file, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", f4, sizeof f4);
    for (size_t n = 0; n < size; n++) {
        unsigned char *exact = malloc(n ? n : 1);
        memcpy(exact, file, n);
        float *rows;
        uint32_t rows_n, d;
        cr_assert_eq(ew_npy_parse("x", exact, n, &rows, &rows_n, &d, &err), EW_INPUT);
        assert_as_a_file(exact, n, EW_INPUT, NULL, 0, 0);
        free(exact);
    }
    file[6] = 4;
    float *rows;
    uint32_t n, d;
    cr_assert_eq(ew_npy_parse("x", file, size, &rows, &n, &d, &err), EW_INPUT);
    assert_no_leaks();
}

Test(npy, files_written_are_read_again) {
    char path[] = "/tmp/ew-npy-XXXXXX";
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
    float rows[7 * 3], *back;
    uint32_t n, d;
    for (int i = 0; i < 21; i++) rows[i] = (float)i / 7 - 1;
    cr_assert_eq(ew_npy_write_f32(path, rows, 7, 3, &err), EW_OK);
    cr_assert_eq(ew_npy_read(path, &back, &n, &d, &err), EW_OK, "%s", err.message);
    cr_assert(n == 7 && d == 3 && memcmp(back, rows, sizeof rows) == 0);
    ew_free(back);
    FILE *raw = fopen(path, "rb");
    char head[128];
    cr_assert_eq(fread(head, 1, sizeof head, raw), 128);
    cr_assert_eq(ftell(raw) % 64, 0);
    cr_assert_eq(head[127], '\n'); /* the values begin at a multiple of 64, behind a line end */
    fclose(raw);

    int32_t labels[5] = {-1, 0, 2, INT32_MIN, INT32_MAX};
    cr_assert_eq(ew_npy_write_i32(path, labels, 5, 0, &err), EW_OK);
    raw = fopen(path, "rb");
    char bytes[400] = {0};
    size_t size = fread(bytes, 1, sizeof bytes, raw);
    fclose(raw);
    cr_assert_not_null(strstr(bytes + 10, "'<i4'"));
    cr_assert_not_null(strstr(bytes + 10, "(5,)"));
    cr_assert_eq(memcmp(bytes + size - sizeof labels, labels, sizeof labels), 0);
    cr_assert_eq(ew_npy_write_i32(path, labels, 5, 1, &err), EW_OK);
    raw = fopen(path, "rb");
    size = fread(bytes, 1, sizeof bytes, raw);
    fclose(raw);
    cr_assert_not_null(strstr(bytes + 10, "(5, 1)"));
    cr_assert_eq(ew_npy_write_f32(path, rows, 4, 0, &err), EW_OK); /* no columns: no values */
    cr_assert_eq(ew_npy_read(path, &back, &n, &d, &err), EW_INPUT);
    unlink(path);
    cr_assert_eq(ew_npy_read(path, &back, &n, &d, &err), EW_INPUT);
    cr_assert_not_null(strstr(err.message, path));
    cr_assert_eq(ew_npy_read("/tmp", &back, &n, &d, &err), EW_INPUT);
    cr_assert_eq(ew_npy_read("/dev/zero", &back, &n, &d, &err), EW_INPUT);
    cr_assert_eq(ew_npy_write_f32("/nowhere/at/all.npy", rows, 7, 3, &err), EW_RESOURCE);
    assert_no_leaks();
}

Test(npy, failing_allocations_are_told) {
    char path[] = "/tmp/ew-npy-XXXXXX";
    close(mkstemp(path));
    float rows[6] = {1, 2, 3, 4, 5, 6}, *back = NULL;
    int done = 0;
    for (uint64_t after = 1; !done && after < 50; after++) {
        uint32_t n, d;
        ew_alloc_fail_after(after);
        ew_status status = ew_npy_write_f32(path, rows, 2, 3, &err);
        if (status == EW_OK) status = ew_npy_read(path, &back, &n, &d, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
        done = status == EW_OK;
    }
    cr_assert(done);
    ew_free(back);
    unlink(path);
    assert_no_leaks();
}
