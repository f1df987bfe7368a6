/* The student: its kernels, what it makes of texts, and what it makes of files that are not one. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../core/base/hash.h"
#include "../../core/kernels/blend.h"
#include "../../core/vectors/student_inside.h"
#include "leaks.h"
#include "make_vectors.h"

static ew_error err;

static float small(uint64_t i, uint64_t stream) { return (float)(ew_random_unit(7, 1003, i, stream) * 4 - 2); }

Test(blend, every_body_gives_the_oracles_bits) {
    enum { N = 512 };
    static const char *const names[] = {"avx2", "avx512"};
    const ew_blend *serial = ew_blend_named("serial");
    int8_t rows[3][N];
    float bias[N], x[N], whole[N], scores[EW_BLEND_POOLS];
    for (uint32_t i = 0; i < N; i++) {
        for (int r = 0; r < 3; r++) rows[r][i] = (int8_t)(ew_random(3, 1004, i, (uint64_t)r) & 255);
        bias[i] = small(i, 1), x[i] = small(i, 2), whole[i] = small(i, 3);
    }
    for (uint32_t i = 0; i < EW_BLEND_POOLS; i++) scores[i] = 9 * small(i, 4); /* beyond 10 too */
    ew_blend_part parts[3] = {{rows[0], .01f, .3f}, {rows[1], .02f, -.2f}, {rows[2], 0, 0}};
    float want[4][N], have[4][N], total[2][EW_BLEND_POOLS];
    for (int body = -1; body < 2; body++) {
        const ew_blend *mix = body < 0 ? serial : ew_blend_named(names[body]);
        if (!mix) continue;
        float(*out)[N] = body < 0 ? want : have, *t = total[body >= 0];
        memset(out, 0, sizeof want);
        memset(t, 0, sizeof total[0]);
        mix->three(parts, bias, N, out[0], out[1]);
        mix->pool(x, whole, scores, 10, N, out[2], t);
        memcpy(out[3], x, sizeof x);
        mix->positive(out[3], N);
        if (body < 0) continue;
        cr_assert_arr_eq(have, want, sizeof want, "%s", names[body]);
        cr_assert_arr_eq(total[1], total[0], sizeof total[0], "%s", names[body]);
    }
    for (uint32_t i = 0; i < N; i++) { /* and the oracle is right */
        double sum = (double)rows[0][i] * .01f + (double)rows[1][i] * .02f + .1 + (double)bias[i];
        cr_assert(fabs((double)want[0][i] - (sum > 0 ? sum : 0)) < 1e-4);
        double score = scores[i / (N / 16)], z = (double)(x[i] + whole[i]);
        score = score > 10 ? 10 : score < -10 ? -10 : score;
        cr_assert(fabs((double)want[2][i] - exp(score - 10) * (z > 0 ? z : 0)) < 1e-5);
    }
}

/* ---- the built-in one ---- */

static ew_model model;
static void open_model(void) { cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK); }
static void close_model(void) { ew_model_close(&model); }
TestSuite(student, .init = open_model, .fini = close_model);

enum { TEXTS = 400 };
typedef struct { uint64_t start[TEXTS + 1]; uint32_t *ids; ew_token_lists lists; } texts;

/* Texts of every length, empty ones, one much longer than is read, and one of pieces that do not count. */
static void make_texts(texts *t) {
    t->ids = calloc(TEXTS * 40 + 3000, sizeof *t->ids);
    uint64_t at = 0;
    for (uint32_t i = 0; i < TEXTS; i++) {
        uint64_t n = i == 7 ? 3000 : i % 9 == 0 ? 0 : ew_random_below(39, 5, 1005, i, 0) + 1;
        t->start[i] = at;
        for (uint64_t k = 0; k < n; k++)
            t->ids[at++] = i == 8 ? 1012 /* "." */ : (uint32_t)ew_random_below(model.vocab, 5, 1005, i, k + 1);
    }
    t->start[TEXTS] = at;
    t->lists = (ew_token_lists){TEXTS, t->start, t->ids};
}

static float *embed(const ew_student *s, const ew_token_lists *lists, int threads) {
    float *out = calloc((size_t)lists->n * model.d, sizeof *out);
    ew_pool *pool = make_pool(threads);
    cr_assert_eq(ew_student_embed(s, lists, pool, NULL, NULL, out, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
    return out;
}

Test(student, unit_vectors_the_same_at_any_number_of_threads) {
    texts t;
    ew_student *s;
    make_texts(&t);
    cr_assert_eq(ew_student_open(NULL, &model, &s, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_student_width(s), model.d);
    cr_assert_eq(strlen(ew_student_digest(s)), 16);
    float *one = embed(s, &t.lists, 1), *three = embed(s, &t.lists, 3);
    cr_assert_arr_eq(one, three, (size_t)TEXTS * model.d * sizeof *one);
    for (uint32_t i = 0; i < TEXTS; i++) {
        double norm = 0;
        for (uint32_t k = 0; k < model.d; k++) norm += (double)one[i * model.d + k] * (double)one[i * model.d + k];
        int counts = 0; /* any piece that does */
        for (uint64_t k = t.start[i]; k < t.start[i + 1]; k++) counts |= s->own_scales[t.ids[k]] > 0;
        cr_assert(counts ? fabs(norm - 1) < 1e-5 : norm == 0, "text %u: %g", i, norm);
        cr_assert(!counts || i != 8);
    }
    /* a text's vector has nothing to do with who stands beside it */
    uint64_t start[2] = {0, t.start[11] - t.start[10]};
    ew_token_lists alone = {1, start, t.ids + t.start[10]};
    float *own = embed(s, &alone, 1);
    cr_assert_arr_eq(own, one + 10 * model.d, model.d * sizeof *own);
    free(own);
    free(one);
    free(three);
    free(t.ids);
    ew_student_close(s);
    assert_no_leaks();
}

Test(student, no_texts_are_no_work) {
    ew_student *s;
    ew_token_lists none = {0, NULL, NULL};
    cr_assert_eq(ew_student_open(NULL, &model, &s, &err), EW_OK);
    free(embed(s, &none, 2));
    ew_student_close(s);
    assert_no_leaks();
}

/* The order of words counts, unlike in the static table. */
Test(student, hears_the_order_of_words) {
    ew_student *s;
    uint32_t ids[] = {2003, 2025, 2204, 2204, 2025, 2003}; /* is not good; good not is */
    uint64_t start[] = {0, 3, 6};
    ew_token_lists lists = {2, start, ids};
    cr_assert_eq(ew_student_open(NULL, &model, &s, &err), EW_OK);
    float *out = embed(s, &lists, 1);
    cr_assert_neq(memcmp(out, out + model.d, model.d * sizeof *out), 0);
    free(out);
    ew_student_close(s);
}

Test(student, refuses_ids_beyond_the_vocabulary_and_stops_when_asked) {
    ew_student *s;
    uint32_t ids[] = {model.vocab};
    uint64_t start[] = {0, 1};
    ew_token_lists lists = {1, start, ids};
    float out[1024];
    ew_pool *pool = make_pool(1);
    cr_assert_eq(ew_student_open(NULL, &model, &s, &err), EW_OK);
    cr_assert_eq(ew_student_embed(s, &lists, pool, NULL, NULL, out, &err), EW_USAGE);
    ew_pool_free(pool);
    ew_student_close(s);
}

Test(student, failing_allocations, .timeout = 60) {
    texts t;
    make_texts(&t);
    ew_token_lists few = {12, t.start, t.ids};
    float *out = calloc((size_t)12 * model.d, sizeof *out);
    ew_pool *pool = make_pool(2);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        ew_student *s = NULL;
        ew_alloc_fail_after(nth);
        status = ew_student_open(NULL, &model, &s, &err);
        if (status == EW_OK) status = ew_student_embed(s, &few, pool, NULL, NULL, out, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "%s", err.message);
        ew_student_close(s);
    }
    ew_pool_free(pool);
    free(out);
    free(t.ids);
    assert_no_leaks();
}

/* ---- files ---- */

typedef struct { char *bytes; size_t n; } file;

static file copy(void) {
    file f = {.n = (size_t)(ew_builtin_student_end - ew_builtin_student)};
    cr_assert_eq(posix_memalign((void **)&f.bytes, 64, f.n), 0);
    memcpy(f.bytes, ew_builtin_student, f.n);
    return f;
}

static size_t data_of(const file *f) {
    uint64_t header;
    memcpy(&header, f->bytes, sizeof header);
    return 8 + (size_t)header;
}

static void sum_again(file *f) {
    char sum[17], *at = memmem(f->bytes, data_of(f), "\"sum\":\"", 7);
    cr_assert_not_null(at);
    snprintf(sum, sizeof sum, "%016llx", (unsigned long long)ew_hash(f->bytes + data_of(f), f->n - data_of(f), 0));
    memcpy(at + 7, sum, 16);
}

static void assert_refused(const file *f, size_t n, const char *why) {
    ew_student *s;
    err.message[0] = 0;
    cr_assert_eq(ew_student_parse("x", f->bytes, n, &model, &s, &err), EW_INPUT);
    cr_assert_null(s);
    cr_assert(strstr(err.message, why), "'%s' does not say '%s'", err.message, why);
}

Test(student, what_is_no_student_is_told_so) {
    file f = copy();
    for (size_t n = 0; n < f.n; n = n * 3 / 2 + 1) assert_refused(&f, n, "not a usable student");
    f.bytes[f.n - 1] ^= 1;
    assert_refused(&f, f.n, "changed after it was written");
    f.bytes[f.n - 1] ^= 1;
    char *scale = f.bytes + data_of(&f), *note = memmem(f.bytes, data_of(&f), "\"static\":\"", 10);
    char before[4];
    static const float bad[] = {NAN, INFINITY, -1, .2f};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) { /* floats come first: of some layer's scale */
        char *at = scale + 4096;
        memcpy(before, at, 4);
        float value = i == 3 ? 1000 : bad[i];
        memcpy(at, &value, 4);
        sum_again(&f);
        assert_refused(&f, f.n, "not a number of sensible size");
        memcpy(at, before, 4);
    }
    sum_again(&f);
    note[10] ^= 1;
    assert_refused(&f, f.n, "another static model");
    note[10] ^= 1;
    char *shape = memmem(f.bytes, data_of(&f), "\"shape\":[768,128]", 17);
    cr_assert_not_null(shape);
    memcpy(shape, "\"shape\":[384,256]", 17); /* a lying header of the right size */
    assert_refused(&f, f.n, "'first' is not I8");
    free(f.bytes);
    assert_no_leaks();
}

Test(student, another_file_of_the_form_is_read) {
    file f = copy();
    char path[] = "/tmp/edgewise-student-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, f.bytes, f.n) == (ssize_t)f.n);
    close(fd);
    ew_student *a, *b;
    cr_assert_eq(ew_student_open(path, &model, &a, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_student_open(NULL, &model, &b, &err), EW_OK);
    cr_assert_str_eq(ew_student_digest(a), ew_student_digest(b));
    ew_student_close(a);
    ew_student_close(b);
    remove(path);
    cr_assert_eq(ew_student_open(path, &model, &a, &err), EW_INPUT);
    free(f.bytes);
    assert_no_leaks();
}
