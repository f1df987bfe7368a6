/* .npy files (NumPy's NEP 1): a magic, a version, a header that is a Python dictionary, the values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/output.h"
#include "inside.h"

typedef enum kind { F16, F32, F64, I8 } value_kind;
static const struct { const char *name; value_kind kind; uint32_t size; } types[] = {
    {"<f2", F16, 2}, {"<f4", F32, 4}, {"<f8", F64, 8}, {"|i1", I8, 1},
    {"=f2", F16, 2}, {"=f4", F32, 4}, {"=f8", F64, 8}, {"<i1", I8, 1}};

static ew_status bad_npy(const char *name, const char *why, ew_error *err) {
    return ew_fail_at(err, EW_INPUT, name, 0, 0,
                      "not usable vectors: %s; save them with numpy.save as a [rows, columns] array of float32, float16, float64 "
                      "or int8", why);
}

typedef struct cursor { const char *at, *end; } cursor;

static int take(cursor *c, const char *want) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n')) c->at++;
    size_t n = strlen(want);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, want, n) != 0) return 0;
    c->at += n;
    return 1;
}

static int quoted(cursor *c, char *out, size_t room) {
    const char *mark = take(c, "'") ? "'" : take(c, "\"") ? "\"" : NULL;
    size_t n = 0;
    if (!mark) return 0;
    while (c->at < c->end && *c->at != *mark) {
        if (n + 1 == room) return 0;
        out[n++] = *c->at++;
    }
    out[n] = 0;
    return take(c, mark);
}

static int number(cursor *c, uint64_t *out) {
    take(c, " ");
    const char *first = c->at;
    for (*out = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (*out > UINT64_MAX / 10 - 1) return 0;
        *out = *out * 10 + (uint64_t)(*c->at - '0');
    }
    return c->at > first;
}

/* NULL, or what is wrong with the header. */
static const char *header(cursor c, uint32_t *type, int *fortran, uint64_t shape[2]) {
    int seen = 0;
    *type = 0;
    *fortran = 0;
    if (!take(&c, "{")) return "its header is no dictionary";
    while (!take(&c, "}")) {
        char key[24], value[8];
        if (!quoted(&c, key, sizeof key) || !take(&c, ":")) return "its header cannot be read";
        if (strcmp(key, "descr") == 0 && !(seen & 1)) {
            seen |= 1;
            if (!quoted(&c, value, sizeof value)) return "it is an array of records";
            while (*type < sizeof types / sizeof *types && strcmp(types[*type].name, value) != 0) ++*type;
            if (*type == sizeof types / sizeof *types) return "its values have another type or byte order";
        } else if (strcmp(key, "fortran_order") == 0 && !(seen & 2)) {
            seen |= 2;
            *fortran = take(&c, "True");
            if (!*fortran && !take(&c, "False")) return "its header cannot be read";
        } else if (strcmp(key, "shape") == 0 && !(seen & 4)) {
            seen |= 4;
            if (!take(&c, "(") || !number(&c, &shape[0]) || !take(&c, ",") || !number(&c, &shape[1]))
                return "it has not two dimensions";
            take(&c, ",");
            if (!take(&c, ")")) return "it has not two dimensions";
        } else {
            return "its header has an unknown or repeated key";
        }
        take(&c, ",");
    }
    take(&c, " ");
    if (c.at != c.end) return "its header has something behind its end";
    return seen == 7 ? NULL : "its header lacks a key";
}

static float half(uint16_t h) {
    int exponent = (h >> 10) & 31, fraction = h & 1023;
    float x = exponent == 31 ? (fraction ? NAN : INFINITY)
              : exponent     ? ldexpf((float)(1024 + fraction), exponent - 25)
                             : ldexpf((float)fraction, -24);
    return h >> 15 ? -x : x;
}

static float value(const unsigned char *at, value_kind kind) {
    uint16_t h;
    float f;
    double d;
    switch (kind) {
    case F16: memcpy(&h, at, 2); return half(h);
    case F32: memcpy(&f, at, 4); return f;
    case F64: memcpy(&d, at, 8); return d > 3.4e38 ? INFINITY : d < -3.4e38 ? -INFINITY : (float)d;
    case I8: break;
    }
    return (float)(int8_t)*at;
}

ew_status ew_npy_parse(const char *name, const void *bytes, size_t n, float **rows, uint32_t *n_rows, uint32_t *d,
                       ew_error *err) {
    const unsigned char *p = bytes;
    *rows = NULL;
    *n_rows = *d = 0;
    if (n < 12 || memcmp(p, "\x93NUMPY", 6) != 0) return bad_npy(name, "it does not begin as a .npy file", err);
    if (p[6] < 1 || p[6] > 3) return bad_npy(name, "it has an unknown version", err);
    size_t at = p[6] == 1 ? 10 : 12;
    size_t length = p[8] | (size_t)p[9] << 8;
    if (p[6] > 1) length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (length > n - at) return bad_npy(name, "its header is longer than the file", err);
    uint32_t type;
    int fortran;
    uint64_t shape[2] = {0, 0}, count, size;
    const char *why = header((cursor){(const char *)p + at, (const char *)p + at + length}, &type, &fortran, shape);
    if (why) return bad_npy(name, why, err);
    if (shape[0] >= EW_NONE || shape[1] == 0 || shape[1] > EW_COLUMNS_MAX)
        return bad_npy(name, "it has no columns, more than 8192, or more than 4 billion rows", err);
    count = shape[0] * shape[1];
    size = count * types[type].size;
    if (size != n - at - length) return bad_npy(name, "its size is not what its header says", err);
    *rows = ew_alloc(count, sizeof **rows);
    if (!*rows) return ew_fail_memory(err, count * sizeof **rows, "vectors");
    p += at + length;
    for (uint64_t i = 0; i < shape[0]; i++)
        for (uint64_t k = 0; k < shape[1]; k++) {
            uint64_t from = fortran ? k * shape[0] + i : i * shape[1] + k;
            (*rows)[i * shape[1] + k] = value(p + from * types[type].size, types[type].kind);
        }
    *n_rows = (uint32_t)shape[0];
    *d = (uint32_t)shape[1];
    return EW_OK;
}

ew_status ew_npy_read(const char *path, float **rows, uint32_t *n, uint32_t *d, ew_error *err) {
    ew_mapping mapping;
    *rows = NULL;
    *n = *d = 0;
    ew_status status = ew_mapping_open(path, "vectors", &mapping, err);
    if (status != EW_OK) return status;
    status = ew_npy_parse(path, mapping.bytes, mapping.n, rows, n, d, err);
    ew_mapping_close(&mapping);
    return status;
}

void ew_npy_head(char head[EW_NPY_HEAD], const char *descr, uint64_t n, uint64_t k, int flat) {
    char shape[64];
    if (flat)
        snprintf(shape, sizeof shape, "(%llu,)", (unsigned long long)n);
    else
        snprintf(shape, sizeof shape, "(%llu, %llu)", (unsigned long long)n, (unsigned long long)k);
    int length = 10 + snprintf(head + 10, EW_NPY_HEAD - 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr,
                               shape);
    memset(head + length, ' ', (size_t)(EW_NPY_HEAD - length));
    head[EW_NPY_HEAD - 1] = '\n';
    memcpy(head, "\x93NUMPY\x01", 8);
    head[8] = (char)((EW_NPY_HEAD - 10) & 255);
    head[9] = (char)((EW_NPY_HEAD - 10) >> 8);
}

/* The values' four bytes each go out as they lie in memory. */
static ew_status write_npy(const char *path, const char *descr, const void *values, uint64_t n, uint64_t k, int flat,
                           ew_error *err) {
    ew_status status;
    ew_output output = {0};
    char head[EW_NPY_HEAD];
    ew_npy_head(head, descr, n, k, flat);
    EW_TRY(ew_output_open(&output, path, err));
    EW_TRY(ew_output_write(&output, head, sizeof head, err));
    EW_TRY(ew_output_write(&output, values, n * (flat ? 1 : k) * 4, err));
    EW_TRY(ew_output_commit(&output, err));
done:
    if (status != EW_OK) ew_output_abandon(&output);
    return status;
}

ew_status ew_npy_write_f32(const char *path, const float *rows, uint64_t n, uint64_t d, ew_error *err) {
    return write_npy(path, "<f4", rows, n, d, 0, err);
}

ew_status ew_npy_write_i32(const char *path, const int32_t *rows, uint64_t n, uint64_t k, ew_error *err) {
    return write_npy(path, "<i4", rows, n, k, k == 0, err);
}
