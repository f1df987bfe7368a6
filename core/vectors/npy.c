#define _GNU_SOURCE
/* .npy files (NumPy's NEP 1): a magic, a version, a header that is a Python dictionary, the values. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

enum { HEADER_MOST = 1 << 20, AT_ONCE = 1 << 16 /* values */ };

/* The head of a file of `size` bytes, from its first n: all of them, or twelve and whatever they say follows. */
static ew_status parse_head(const char *name, const unsigned char *p, size_t n, uint64_t size, ew_npy *out, ew_error *err) {
    if (n < 12 || memcmp(p, "\x93NUMPY", 6) != 0) return bad_npy(name, "it does not begin as a .npy file", err);
    if (p[6] < 1 || p[6] > 3) return bad_npy(name, "it has an unknown version", err);
    size_t at = p[6] == 1 ? 10 : 12;
    size_t length = p[8] | (size_t)p[9] << 8;
    if (p[6] > 1) length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (length > size - at) return bad_npy(name, "its header is longer than the file", err);
    if (length > HEADER_MOST) return bad_npy(name, "its header is longer than 1 MiB", err);
    out->at = at + length;
    if (n < out->at) return EW_OK; /* to be called again with so many */
    uint64_t shape[2] = {0, 0};
    const char *why = header((cursor){(const char *)p + at, (const char *)p + out->at}, &out->type, &out->fortran, shape);
    if (why) return bad_npy(name, why, err);
    if (shape[0] >= EW_NONE || shape[1] == 0 || shape[1] > EW_COLUMNS_MAX)
        return bad_npy(name, "it has no columns, more than 8192, or more than 4 billion rows", err);
    if (shape[0] * shape[1] * types[out->type].size != size - out->at)
        return bad_npy(name, "its size is not what its header says", err);
    out->n = (uint32_t)shape[0];
    out->d = (uint32_t)shape[1];
    return EW_OK;
}

/* n values that lie one after the other -> floats that lie `apart`. */
static void convert(const unsigned char *p, const ew_npy *npy, uint64_t n, uint64_t apart, float *out) {
    value_kind kind = types[npy->type].kind;
    for (uint64_t i = 0; i < n; i++) out[i * apart] = value(p + i * types[npy->type].size, kind);
}

ew_status ew_npy_parse(const char *name, const void *bytes, size_t n, float **rows, uint32_t *n_rows, uint32_t *d,
                       ew_error *err) {
    ew_npy npy = {0};
    *rows = NULL;
    *n_rows = *d = 0;
    ew_status status = parse_head(name, bytes, n, n, &npy, err);
    if (status != EW_OK) return status;
    uint64_t count = (uint64_t)npy.n * npy.d;
    *rows = ew_alloc(count, sizeof **rows);
    if (!*rows) return ew_fail_memory(err, count * sizeof **rows, "vectors");
    const unsigned char *p = (const unsigned char *)bytes + npy.at;
    if (!npy.fortran) convert(p, &npy, count, 1, *rows);
    for (uint32_t k = 0; npy.fortran && k < npy.d; k++)
        convert(p + (uint64_t)k * npy.n * types[npy.type].size, &npy, npy.n, npy.d, *rows + k);
    *n_rows = npy.n;
    *d = npy.d;
    return EW_OK;
}

/* bytes [at .. at + n) of the file; a file that ends before has been cut short since it was opened. */
static ew_status read_at(const ew_npy *npy, void *out, size_t n, uint64_t at, ew_error *err) {
    for (size_t got = 0; got < n;) {
        ssize_t more = pread(npy->file, (char *)out + got, n - got, (off_t)(at + got));
        if (more < 0 && errno == EINTR) continue;
        if (more < 0) return ew_fail(err, EW_INPUT, "cannot read the vectors '%s': %s", npy->name, strerror(errno));
        if (more == 0) return bad_npy(npy->name, "it ends before its last value", err);
        got += (size_t)more;
    }
    return EW_OK;
}

ew_status ew_npy_open(const char *path, ew_npy *out, ew_error *err) {
    struct stat info;
    unsigned char first[12], *head = NULL;
    ew_status status = EW_OK;
    *out = (ew_npy){.name = path, .file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (out->file < 0) return ew_fail(err, EW_INPUT, "cannot open the vectors '%s': %s", path, strerror(errno));
    if (fstat(out->file, &info) != 0 || !S_ISREG(info.st_mode)) {
        status = ew_fail(err, EW_INPUT, "the vectors '%s' are not a regular file", path);
        goto done;
    }
    uint64_t size = (uint64_t)info.st_size;
    if (size < sizeof first) {
        status = bad_npy(path, "it does not begin as a .npy file", err);
        goto done;
    }
    EW_TRY(read_at(out, first, sizeof first, 0, err));
    EW_TRY(parse_head(path, first, sizeof first, size, out, err));
    if (!(head = ew_alloc(out->at, 1))) {
        status = ew_fail_memory(err, out->at, "vectors");
        goto done;
    }
    EW_TRY(read_at(out, head, out->at, 0, err));
    EW_TRY(parse_head(path, head, out->at, size, out, err));
done:
    ew_free(head);
    if (status != EW_OK) ew_npy_close(out);
    return status;
}

void ew_npy_close(ew_npy *npy) {
    if (npy->file >= 0) close(npy->file);
    npy->file = -1;
}

ew_status ew_npy_take(const ew_npy *npy, uint32_t first, uint32_t n, float *out, ew_error *err) {
    uint32_t size = types[npy->type].size, parts = npy->fortran ? npy->d : 1;
    uint64_t values = npy->fortran ? n : (uint64_t)n * npy->d; /* of a part: a column, or all */
    if (!values) return EW_OK;
    if (!npy->fortran && types[npy->type].kind == F32)
        return read_at(npy, out, values * size, npy->at + (uint64_t)first * npy->d * size, err);
    unsigned char *raw = ew_alloc(values < AT_ONCE ? values : AT_ONCE, size);
    ew_status status = raw ? EW_OK : ew_fail_memory(err, AT_ONCE * size, "vectors");
    for (uint32_t k = 0; status == EW_OK && k < parts; k++) {
        uint64_t from = npy->fortran ? (uint64_t)k * npy->n + first : (uint64_t)first * npy->d, apart = npy->fortran ? npy->d : 1;
        for (uint64_t i = 0, some; status == EW_OK && i < values; i += some) {
            some = values - i < AT_ONCE ? values - i : AT_ONCE;
            status = read_at(npy, raw, some * size, npy->at + (from + i) * size, err);
            if (status == EW_OK) convert(raw, npy, some, apart, out + k + i * apart);
        }
    }
    ew_free(raw);
    return status;
}

ew_status ew_npy_read(const char *path, float **rows, uint32_t *n, uint32_t *d, ew_error *err) {
    ew_npy npy;
    *rows = NULL;
    *n = *d = 0;
    ew_status status = ew_npy_open(path, &npy, err);
    if (status != EW_OK) return status;
    uint64_t count = (uint64_t)npy.n * npy.d;
    *rows = ew_alloc(count, sizeof **rows);
    status = *rows ? ew_npy_take(&npy, 0, npy.n, *rows, err) : ew_fail_memory(err, count * sizeof **rows, "vectors");
    ew_npy_close(&npy);
    if (status != EW_OK) {
        ew_free(*rows);
        *rows = NULL;
        return status;
    }
    *n = npy.n;
    *d = npy.d;
    return EW_OK;
}
