/* The deep encoder on small random models: against a plain forward pass in double, against itself on every instruction set and
 * number of threads, and on models that are not what they claim to be. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <sys/wait.h>

#include "../../core/base/alloc.h"
#include "../../core/kernels/isa.h"
#include "../../core/vectors/deep.h"
#include "leaks.h"
#include "make_deep.h"

static ew_error err;
static const deep_plan small = {2, 32, 2, 64, 50, 40, 24, 1, NULL}, odd = {3, 48, 3, 80, 70, 300, 300, 2, NULL};

typedef struct texts { ew_token_lists lists; uint64_t start[301]; uint32_t ids[30000]; } texts;

/* n texts: most short, some empty, some longer than any model here takes. */
static texts *make_texts(uint32_t n, uint32_t vocab) {
    texts *t = calloc(1, sizeof *t);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t length = i % 11 == 3 ? 0 : i % 29 == 5 ? 330 : 1 + ew_random_below(i % 5 ? 14 : 40, 5, 1, i, 0);
        for (uint64_t k = 0; k < length; k++) t->ids[t->start[i] + k] = (uint32_t)(3 + ew_random_below(vocab - 3, 5, 2, i, k));
        t->start[i + 1] = t->start[i] + length;
    }
    t->lists = (ew_token_lists){n, t->start, t->ids};
    return t;
}

static ew_deep *open_or_fail(const char *path, ew_deep_kind kind) {
    ew_deep *deep;
    cr_assert_eq(ew_deep_open(path, kind, &deep, &err), EW_OK, "%s", err.message);
    return deep;
}

static float *embed(const ew_deep *deep, const ew_token_lists *lists, int threads) {
    ew_pool *pool;
    float *out = malloc((size_t)lists->n * ew_deep_shape_of(deep)->width * sizeof *out);
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
    cr_assert_eq(ew_deep_embed(deep, lists, pool, NULL, NULL, out, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
    return out;
}

/* ---- the oracle: one text, in double, straight from the bytes of the file ---- */

typedef struct oracle { const deep_plan *p; const float *at; double *x; uint32_t n; } oracle;

static const float *next(oracle *o, size_t cells) { return o->at += cells, o->at - cells; }

static void oracle_norm(double *x, uint32_t w, const float *gain, const float *bias) {
    double mean = 0, variance = 0;
    for (uint32_t k = 0; k < w; k++) mean += x[k] / w;
    for (uint32_t k = 0; k < w; k++) variance += (x[k] - mean) * (x[k] - mean) / w;
    for (uint32_t k = 0; k < w; k++) x[k] = (x[k] - mean) / sqrt(variance + 1e-12) * (double)gain[k] + (double)bias[k];
}

/* rows of x [n, k] -> malloc'ed [n, m] */
static double *oracle_dense(const double *x, uint32_t n, uint32_t k, uint32_t m, const float *w, const float *bias) {
    double *out = malloc((size_t)n * m * sizeof *out);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < m; j++) {
            double sum = (double)bias[j];
            for (uint32_t c = 0; c < k; c++) sum += x[i * k + c] * (double)w[j * k + c];
            out[i * m + j] = sum;
        }
    return out;
}

static void oracle_attention(const oracle *o, const double *q, const double *k, const double *v, double *out) {
    uint32_t w = o->p->width, wide = w / o->p->heads, n = o->n;
    double *share = malloc(n * sizeof *share);
    memset(out, 0, (size_t)n * w * sizeof *out);
    for (uint32_t h = 0; h < w; h += wide)
        for (uint32_t i = 0; i < n; i++) {
            double sum = 0;
            for (uint32_t j = 0; j < n; j++) {
                double dot = 0;
                for (uint32_t c = h; c < h + wide; c++) dot += q[i * w + c] * k[j * w + c];
                sum += share[j] = exp(dot / sqrt(wide));
            }
            for (uint32_t j = 0; j < n; j++)
                for (uint32_t c = h; c < h + wide; c++) out[i * w + c] += share[j] / sum * v[j * w + c];
        }
    free(share);
}

static void oracle_layer(oracle *o) {
    uint32_t w = o->p->width, inner = o->p->inner, n = o->n;
    const float *wq = next(o, w * w), *bq = next(o, w), *wk = next(o, w * w), *bk = next(o, w);
    const float *wv = next(o, w * w), *bv = next(o, w);
    const float *wo = next(o, w * w), *bo = next(o, w), *g1 = next(o, w), *s1 = next(o, w), *wu = next(o, inner * w);
    const float *bu = next(o, inner), *wd = next(o, inner * w), *bd = next(o, w), *g2 = next(o, w), *s2 = next(o, w);
    double *q = oracle_dense(o->x, n, w, w, wq, bq), *k = oracle_dense(o->x, n, w, w, wk, bk);
    double *v = oracle_dense(o->x, n, w, w, wv, bv), *mixed = malloc((size_t)n * w * sizeof *mixed);
    oracle_attention(o, q, k, v, mixed);
    double *out = oracle_dense(mixed, n, w, w, wo, bo);
    for (uint32_t i = 0; i < n * w; i++) o->x[i] += out[i];
    for (uint32_t i = 0; i < n; i++) oracle_norm(o->x + i * w, w, g1, s1);
    double *up = oracle_dense(o->x, n, w, inner, wu, bu);
    for (uint32_t i = 0; i < n * inner; i++) up[i] *= .5 * (1 + erf(up[i] / sqrt(2)));
    double *down = oracle_dense(up, n, inner, w, wd, bd);
    for (uint32_t i = 0; i < n * w; i++) o->x[i] += down[i];
    for (uint32_t i = 0; i < n; i++) oracle_norm(o->x + i * w, w, g2, s2);
    free(q), free(k), free(v), free(mixed), free(out), free(up), free(down);
}

static void oracle_embed(const deep_plan *p, const unsigned char *file, const uint32_t *ids, uint64_t length, double *out) {
    uint64_t header = 0;
    for (int i = 8; i--;) header = header << 8 | file[i];
    oracle o = {p, (const float *)(const void *)(file + 8 + header), NULL,
                (uint32_t)(length < p->most - 2 ? length : p->most - 2) + 2};
    uint32_t w = p->width;
    const float *words = next(&o, p->vocab * w), *places = next(&o, p->positions * w), *types = next(&o, 2 * w);
    const float *gain = next(&o, w), *bias = next(&o, w);
    o.x = malloc((size_t)o.n * w * sizeof *o.x);
    for (uint32_t t = 0; t < o.n; t++) {
        uint32_t id = t == 0 ? 1 : t + 1 == o.n ? 2 : ids[t - 1];
        for (uint32_t k = 0; k < w; k++)
            o.x[t * w + k] = (double)words[id * w + k] + (double)places[t * w + k] + (double)types[k];
        oracle_norm(o.x + t * w, w, gain, bias);
    }
    for (uint32_t l = 0; l < p->layers; l++) oracle_layer(&o);
    double norm = 0;
    for (uint32_t k = 0; k < w; k++) {
        out[k] = 0;
        for (uint32_t t = 0; t < o.n; t++) out[k] += o.x[t * w + k];
        norm += out[k] * out[k];
    }
    for (uint32_t k = 0; k < w; k++) out[k] /= sqrt(norm);
    free(o.x);
}

static void compare_with_oracle(const deep_plan *p, ew_deep_kind kind, double worst, double mean) {
    char folder[] = "/tmp/ew-deep-XXXXXX";
    size_t n;
    deep_folder(p, folder);
    unsigned char *file = deep_bytes(p, &n);
    ew_deep *deep = open_or_fail(folder, kind);
    texts *t = make_texts(60, p->vocab);
    float *got = embed(deep, &t->lists, 2);
    double *want = malloc(p->width * sizeof *want), sum = 0, count = 0;
    for (uint32_t i = 0; i < 60; i++) {
        double cosine = 0;
        oracle_embed(p, file, t->ids + t->start[i], t->start[i + 1] - t->start[i], want);
        for (uint32_t k = 0; k < p->width; k++) cosine += want[k] * (double)got[i * p->width + k];
        if (t->start[i] == t->start[i + 1]) {
            cr_assert_eq(cosine, 0);
            continue;
        }
        cr_assert_geq(cosine, worst, "text %u: %.9f", i, cosine);
        sum += cosine;
        count++;
    }
    cr_assert_geq(sum / count, mean, "%.9f", sum / count);
    free(want), free(got), free(t), free(file);
    ew_deep_close(deep);
    deep_remove(folder);
}

Test(deep, float_is_the_oracle) {
    compare_with_oracle(&small, EW_DEEP_FLOAT, .999999, .9999999);
    compare_with_oracle(&odd, EW_DEEP_FLOAT, .999999, .9999999);
    assert_no_leaks();
}

Test(deep, int8_is_near_the_oracle) {
    compare_with_oracle(&small, EW_DEEP_INT8, .99, .999);
    compare_with_oracle(&odd, EW_DEEP_INT8, .99, .999);
    assert_no_leaks();
}

Test(deep, any_number_of_threads_and_any_company_give_the_same_bits) {
    char folder[] = "/tmp/ew-deep-XXXXXX";
    deep_folder(&odd, folder);
    texts *t = make_texts(300, odd.vocab);
    for (int kind = EW_DEEP_INT8; kind <= EW_DEEP_FLOAT; kind++) {
        ew_deep *deep = open_or_fail(folder, (ew_deep_kind)kind);
        float *one = embed(deep, &t->lists, 1);
        static const int threads[] = {2, 3, 8};
        for (int i = 0; i < 3; i++) {
            float *more = embed(deep, &t->lists, threads[i]);
            cr_assert(memcmp(one, more, 300 * odd.width * sizeof *one) == 0, "%d threads", threads[i]);
            free(more);
        }
        for (uint32_t i = 0; kind == EW_DEEP_INT8 && i < 40; i++) { /* each by itself */
            ew_token_lists alone = {1, t->start + i, t->ids};
            float *row = embed(deep, &alone, 1);
            cr_assert(memcmp(row, one + i * odd.width, odd.width * sizeof *one) == 0, "text %u", i);
            free(row);
        }
        free(one);
        ew_deep_close(deep);
    }
    free(t);
    deep_remove(folder);
    assert_no_leaks();
}

/* The choice of instruction set is made once a process: so each has its own. */
static void embed_in_child(const char *isa, const char *folder, const texts *t, float *out, size_t bytes) {
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        setenv("EDGEWISE_ISA", isa, 1);
        ew_deep *deep = open_or_fail(folder, EW_DEEP_INT8);
        float *rows = embed(deep, &t->lists, 1);
        size_t done = 0;
        for (ssize_t n; done < bytes && (n = write(ends[1], (char *)rows + done, bytes - done)) > 0;) done += (size_t)n;
        _exit(strcmp(ew_isa_name(ew_isa_get()), isa) != 0 || done != bytes);
    }
    close(ends[1]);
    size_t done = 0;
    for (ssize_t n; (n = read(ends[0], (char *)out + done, bytes - done)) > 0;) done += (size_t)n;
    close(ends[0]);
    int code;
    waitpid(child, &code, 0);
    cr_assert(done == bytes && WIFEXITED(code) && WEXITSTATUS(code) == 0, "%s", isa);
}

Test(deep, every_instruction_set_gives_the_same_bits) {
    static const char *const isas[] = {"neon", "avx2", "avx512", "amx"};
    char folder[] = "/tmp/ew-deep-XXXXXX";
    deep_folder(&odd, folder);
    texts *t = make_texts(40, odd.vocab);
    size_t bytes = 40 * odd.width * sizeof(float);
    float *serial = malloc(bytes), *other = malloc(bytes);
    embed_in_child("serial", folder, t, serial, bytes);
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        if (!ew_isa_usable(ew_isa_named(isas[i]))) continue;
        embed_in_child(isas[i], folder, t, other, bytes);
        cr_assert(memcmp(serial, other, bytes) == 0, "%s", isas[i]);
    }
    free(serial), free(other), free(t);
    deep_remove(folder);
}

Test(deep, long_texts_are_cut_and_bad_lists_refused) {
    char folder[] = "/tmp/ew-deep-XXXXXX";
    deep_folder(&small, folder);
    ew_deep *deep = open_or_fail(folder, EW_DEEP_INT8);
    const ew_deep_shape *shape = ew_deep_shape_of(deep);
    cr_assert(shape->most_tokens == 24 && shape->first == 1 && shape->last == 2 && shape->width == 32);
    uint32_t ids[100];
    for (uint32_t i = 0; i < 100; i++) ids[i] = 3 + i % 40;
    uint64_t whole[] = {0, 100}, cut[] = {0, 22}, shorter[] = {0, 21};
    float *a = embed(deep, &(ew_token_lists){1, whole, ids}, 1), *b = embed(deep, &(ew_token_lists){1, cut, ids}, 1);
    float *c = embed(deep, &(ew_token_lists){1, shorter, ids}, 1);
    cr_assert(memcmp(a, b, 32 * sizeof *a) == 0 && memcmp(a, c, 32 * sizeof *a) != 0);
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(1, &pool, &err), EW_OK);
    ids[7] = 50;
    cr_assert_eq(ew_deep_embed(deep, &(ew_token_lists){1, whole, ids}, pool, NULL, NULL, a, &err), EW_USAGE);
    uint64_t back[] = {5, 3};
    cr_assert_eq(ew_deep_embed(deep, &(ew_token_lists){1, back, ids}, pool, NULL, NULL, a, &err), EW_USAGE);
    cr_assert_eq(ew_deep_embed(deep, &(ew_token_lists){0, NULL, NULL}, pool, NULL, NULL, NULL, &err), EW_OK);
    ew_pool_free(pool);
    free(a), free(b), free(c);
    ew_deep_close(deep);
    deep_remove(folder);
    assert_no_leaks();
}

static int stop(void *data, const char *stage, uint64_t done, uint64_t total) {
    cr_assert(strcmp(stage, "embed") == 0 && done <= total);
    ++*(int *)data;
    return 1;
}

Test(deep, a_caller_may_stop_it) {
    char folder[] = "/tmp/ew-deep-XXXXXX";
    deep_folder(&small, folder);
    ew_deep *deep = open_or_fail(folder, EW_DEEP_INT8);
    texts *t = make_texts(50, small.vocab);
    float *out = malloc(50 * 32 * sizeof *out);
    int heard = 0;
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(2, &pool, &err), EW_OK);
    cr_assert_eq(ew_deep_embed(deep, &t->lists, pool, stop, &heard, out, &err), EW_CANCELLED);
    cr_assert_eq(heard, 1);
    ew_pool_free(pool);
    free(out), free(t);
    ew_deep_close(deep);
    deep_remove(folder);
    assert_no_leaks();
}

Test(deep, the_first_token_may_be_the_vector) {
    char folder[] = "/tmp/ew-deep-XXXXXX", sub[64];
    deep_folder(&small, folder);
    snprintf(sub, sizeof sub, "%s/1_Pooling", folder);
    cr_assert_eq(mkdir(sub, 0700), 0);
    static const struct { const char *text; int good; uint32_t pooling; } cases[] = {
        {"{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}", 1, EW_DEEP_FIRST},
        {"{\"word_embedding_dimension\": 32, \"pooling_mode_cls_token\": false, \"pooling_mode_mean_tokens\": true}", 1,
         EW_DEEP_MEAN},
        {"{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}", 0, 0},
        {"{\"pooling_mode_max_tokens\": true}", 0, 0}, {"{}", 0, 0}, {"[]", 0, 0}, {"{\"a\": [}", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_deep *deep;
        deep_write(sub, "config.json", cases[i].text, strlen(cases[i].text));
        cr_assert_eq(ew_deep_open(folder, EW_DEEP_INT8, &deep, &err), cases[i].good ? EW_OK : EW_INPUT, "%s", cases[i].text);
        if (cases[i].good) cr_assert_eq(ew_deep_shape_of(deep)->pooling, cases[i].pooling);
        ew_deep_close(deep);
    }
    deep_remove(folder);
    assert_no_leaks();
}

Test(deep, a_converted_file_is_the_same_model) {
    char folder[] = "/tmp/ew-deep-XXXXXX", path[64];
    deep_folder(&odd, folder);
    snprintf(path, sizeof path, "%s/packed", folder);
    cr_assert_eq(ew_deep_convert(folder, path, &err), EW_OK, "%s", err.message);
    ew_deep *a = open_or_fail(folder, EW_DEEP_INT8), *b = open_or_fail(path, EW_DEEP_INT8), *c;
    cr_assert_str_eq(ew_deep_digest(a), ew_deep_digest(b));
    cr_assert(memcmp(ew_deep_shape_of(a), ew_deep_shape_of(b), sizeof(ew_deep_shape)) == 0);
    cr_assert_eq(ew_deep_open(path, EW_DEEP_FLOAT, &c, &err), EW_USAGE);
    texts *t = make_texts(40, odd.vocab);
    float *x = embed(a, &t->lists, 1), *y = embed(b, &t->lists, 2);
    cr_assert(memcmp(x, y, 40 * odd.width * sizeof *x) == 0);
    ew_deep_close(a);
    ew_deep_close(b);
    FILE *file = fopen(path, "r+b"); /* any byte changed, or the end gone */
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    for (int i = 0; i < 40; i++) {
        long at = i < 20 ? i * 5 : (long)ew_random_below((uint64_t)size, 3, 3, (uint64_t)i, 0);
        if (at >= 80 && at < 128) continue; /* nothing lies there */
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 64, file);
        fflush(file);
        ew_status status = ew_deep_open(path, EW_DEEP_INT8, &c, &err);
        cr_assert(status == EW_INPUT || (at >= 24 && at < 80 && status == EW_OK), "byte %ld taken", at);
        ew_deep_close(c);
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
    }
    fclose(file);
    for (long cut = size - 1; cut > 0; cut = cut * 2 / 3) {
        cr_assert_eq(truncate(path, cut), 0);
        cr_assert_eq(ew_deep_open(path, EW_DEEP_INT8, &c, &err), EW_INPUT);
    }
    free(x), free(y), free(t);
    deep_remove(folder);
    assert_no_leaks();
}

static void refused(const char *folder, const char *what, const char *why) {
    ew_deep *deep;
    cr_assert_eq(ew_deep_open(folder, EW_DEEP_INT8, &deep, &err), EW_INPUT, "taken: %s", what);
    cr_assert(!deep && strstr(err.message, why), "%s: %s", what, err.message);
    cr_assert_eq(ew_deep_open(folder, EW_DEEP_FLOAT, &deep, &err), EW_INPUT, "taken: %s", what);
}

Test(deep, other_kinds_of_models_are_refused) {
    char folder[] = "/tmp/ew-deep-XXXXXX", text[1024];
    static const struct { const char *from, *to, *why; } cases[] = {
        {"\"bert\"", "\"roberta\"", "type"}, {"\"gelu\"", "\"relu\"", "activation"}, {"absolute", "relative_key", "positions"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "lacks the tensor"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 0", "layers"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1e300", "whole number"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": -2", "whole number"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": \"2\"", "number"},
        {"\"hidden_size\": 32", "\"hidden_size\": 64", "shape"}, {"\"hidden_size\": 32", "\"hidden_size\": 40", "width"},
        {"\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "head"},
        {"\"intermediate_size\": 64", "\"intermediate_size\": 65", "inner"},
        {"\"vocab_size\": 50", "\"vocab_size\": 51", "pieces"}, {"1e-12", "1e-999", "epsilon"}, {"1e-12", "1e-9999", "number"},
        {"\"max_position_embeddings\": 40", "\"max_position_embeddings\": 41", "shape"},
        {"\"use_cache\": true}", "\"use_cache\": true", "does not end"},
        {"\"use_cache\": true}", "\"use_cache\": true} x", "behind"},
        {"{\"arch", "\"arch", "object"}, {"[\"BertModel\"]", "[\"BertModel\"}", "brackets"}};
    deep_folder(&small, folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char changed[1200];
        deep_config(&small, text, sizeof text);
        char *at = strstr(text, cases[i].from);
        cr_assert(at);
        int n = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, cases[i].to, at + strlen(cases[i].from));
        deep_write(folder, "config.json", changed, (size_t)n);
        refused(folder, cases[i].to, cases[i].why);
    }
    char deep[4000];
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    deep_write(folder, "config.json", deep, sizeof deep);
    refused(folder, "deep brackets", "64 deep");
    deep_write(folder, "config.json", text, (size_t)deep_config(&small, text, sizeof text));
    deep_write(folder, "vocab.txt", "a\nb\n", 4);
    refused(folder, "a short vocabulary", "pieces");
    char pieces[200];
    memset(pieces, '\n', 50);
    deep_write(folder, "vocab.txt", pieces, 50);
    refused(folder, "no [CLS]", "[CLS]");
    deep_remove(folder);
    refused(folder, "nothing", "cannot open");
    assert_no_leaks();
}

Test(deep, weights_that_are_not_there_or_not_numbers_are_refused) {
    char folder[] = "/tmp/ew-deep-XXXXXX", path[64];
    deep_folder(&small, folder);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    size_t n;
    unsigned char *file = deep_bytes(&small, &n);
    for (size_t cut = n - 1; cut > 0; cut = cut * 3 / 4) {
        deep_write(folder, "model.safetensors", file, cut);
        refused(folder, "a cut file", "model.safetensors");
    }
    static const float wild[] = {NAN, INFINITY, -INFINITY, 101, -1e38f};
    for (int i = 0; i < 25; i++) {
        size_t at = n - 4 * (1 + (size_t)ew_random_below(n / 8, 9, 9, (uint64_t)i, 0));
        float kept;
        memcpy(&kept, file + at, 4);
        memcpy(file + at, &wild[i % 5], 4);
        deep_write(folder, "model.safetensors", file, n);
        refused(folder, "a wild weight", "within +-100");
        memcpy(file + at, &kept, 4);
    }
    static const char *const headers[] = {
        "", "{", "[]", "{}", "{\"a\":1}", "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,999999999]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"x\":0}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "{\"__metadata__\":{\"a\":\"b\"}}"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        unsigned char bytes[1024] = {0};
        size_t length = strlen(headers[i]);
        bytes[0] = (unsigned char)(length & 255);
        bytes[1] = (unsigned char)(length >> 8);
        memcpy(bytes + 8, headers[i], length);
        deep_write(folder, "model.safetensors", bytes, 8 + length + 64);
        refused(folder, headers[i], "not a usable encoder");
    }
    memset(file, 255, 8);
    deep_write(folder, "model.safetensors", file, n);
    refused(folder, "an endless header", "header");
    free(file);
    deep_plan half = small;
    half.type = "F16";
    file = deep_bytes(&half, &n);
    deep_write(folder, "model.safetensors", file, n);
    refused(folder, "another type", "F32");
    free(file);
    deep_remove(folder);
    assert_no_leaks();
}

Test(deep, no_memory_is_an_error_and_nothing_else) {
    char folder[] = "/tmp/ew-deep-XXXXXX", path[64];
    deep_folder(&small, folder);
    snprintf(path, sizeof path, "%s/packed", folder);
    texts *t = make_texts(30, small.vocab);
    float *want = NULL, *out = malloc(30 * 32 * sizeof *out);
    ew_deep *deep;
    for (int kind = EW_DEEP_INT8; kind <= EW_DEEP_FLOAT; kind++) {
        for (uint64_t after = 1;; after++) {
            ew_alloc_fail_after(after);
            ew_status status = ew_deep_open(folder, (ew_deep_kind)kind, &deep, &err);
            ew_alloc_fail_after(0);
            if (status == EW_OK) break;
            cr_assert(status == EW_RESOURCE && !deep && after < 100);
        }
        want = embed(deep, &t->lists, 1);
        ew_pool *pool;
        cr_assert_eq(ew_pool_create(2, &pool, &err), EW_OK);
        for (uint64_t after = 1;; after++) {
            ew_alloc_fail_after(after);
            ew_status status = ew_deep_embed(deep, &t->lists, pool, NULL, NULL, out, &err);
            ew_alloc_fail_after(0);
            if (status == EW_OK) break;
            cr_assert(status == EW_RESOURCE && after < 100);
        }
        cr_assert(memcmp(want, out, 30 * 32 * sizeof *out) == 0);
        free(want);
        ew_pool_free(pool);
        ew_deep_close(deep);
    }
    for (uint64_t after = 1;; after++) {
        ew_alloc_fail_after(after);
        ew_status status = ew_deep_convert(folder, path, &err);
        ew_alloc_fail_after(0);
        cr_assert_eq(status == EW_OK, access(path, F_OK) == 0);
        if (status == EW_OK) break;
        cr_assert(status == EW_RESOURCE && after < 100);
    }
    free(out), free(t);
    deep_remove(folder);
    assert_no_leaks();
}
