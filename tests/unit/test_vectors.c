#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/base/alloc.h"
#include "../../core/base/hash.h"
#include "../../core/base/random.h"
#include "../../core/base/scalar.h"
#include "../../core/vectors/inside.h"
#include "../../core/vectors/sparse.h"
#include "leaks.h"

static ew_error err;

/* A corpus of n texts over `vocab` tokens: each text draws most of its tokens from one of twelve subjects. */
typedef struct corpus { ew_token_lists lists; uint64_t *start; uint32_t *ids; } corpus;

static corpus make_corpus(uint32_t n, uint32_t vocab) {
    corpus c = {.start = calloc(n + 1u, sizeof *c.start), .ids = calloc(n * 20u + 1, sizeof *c.ids)};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = c.start[i], subject = ew_random_below(12, 1, 2, i, 0);
        uint64_t length = i % 50 == 7 ? 0 : 3 + ew_random_below(17, 1, 1, i, 0);
        for (uint64_t k = 0; k < length; k++) {
            uint64_t own = vocab / 14, word = ew_random_below(own, 1, 3, i, k);
            c.ids[at + k] = (uint32_t)(ew_random(1, 4, i, k) % 4 ? subject * own + word : ew_random_below(vocab, 1, 5, i, k));
        }
        c.start[i + 1] = at + length;
    }
    c.lists = (ew_token_lists){n, c.start, c.ids};
    return c;
}

static void free_corpus(corpus *c) {
    free(c->start);
    free(c->ids);
}

static ew_pool *make_pool(int threads) {
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
    return pool;
}

/* A safetensors file in memory from a header and zeroed data; 8-byte aligned. */
static unsigned char *make_file(const char *header, size_t data, size_t *n) {
    size_t length = (strlen(header) + 7) / 8 * 8;
    unsigned char *file = calloc(1, 8 + length + data + 1);
    memset(file + 8, ' ', length);
    memcpy(file + 8, header, strlen(header));
    for (int i = 0; i < 8; i++) file[i] = (unsigned char)(length >> (8 * i));
    *n = 8 + length + data;
    return file;
}

#define SCALES "\"scales\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}"
#define ROWS "\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16],\"data_offsets\":[12,60]}"

static ew_status parse(const char *header, float scale, ew_model *out) {
    size_t n;
    unsigned char *file = make_file(header, 60, &n);
    for (size_t i = 0; i < 3; i++) memcpy(file + n - 60 + 4 * i, &scale, 4);
    ew_status status = ew_model_parse("m.safetensors", file, n, out, &err);
    free(file);
    return status;
}

Test(model, the_built_in_one) {
    ew_model model;
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK, "%s", err.message);
    cr_assert_eq(model.vocab, 30522);
    cr_assert_eq(model.d, 256);
    cr_assert_eq(strlen(model.digest), 16);
    cr_assert(!model.owned);
    ew_model_close(&model);
    assert_no_leaks();
}

Test(model, a_file_is_checked) {
    ew_model m;
    cr_assert_eq(parse("{" SCALES "," ROWS "}", 1, &m), EW_OK, "%s", err.message);
    cr_assert(m.vocab == 3 && m.d == 16);
    cr_assert_eq(parse(" { \"__metadata__\" : {\"a\\\"b\":\"c\"} , " ROWS "\n,\t" SCALES " } ", 1, &m), EW_OK, "%s", err.message);
    static const char *const bad[] = {
        "", "{", "{}", "[]", "null", "{" SCALES "}", "{" ROWS "}", "{" SCALES "," ROWS "} x", "{" SCALES "," ROWS ",}",
        "{" SCALES "," SCALES "," ROWS "}", "{\"__metadata__\":{\"a\":1}," SCALES "," ROWS "}",
        "{\"__metadata__\":{},\"__metadata__\":{}," SCALES "," ROWS "}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16],\"data_offsets\":[12,61]}}",        /* outside */
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16],\"data_offsets\":[11,59]}}",        /* overlap */
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16],\"data_offsets\":[60,12]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,32],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[2,24],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,4,4],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,1,1,1,16],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"U8\",\"shape\":[3,16],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[03,16],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[-3,16],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[18446744073709551615,16],\"data_offsets\":[12,60]}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16],\"data_offsets\":[12,60],\"x\":1}}",
        "{" SCALES ",\"embeddings\":{\"dtype\":\"I8\",\"shape\":[3,16],\"shape\":[3,16],\"data_offsets\":[12,60]}}",
        "{\"scales\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]},"                             /* not aligned */
        "\"embeddings\":{\"dtype\":\"I8\",\"shape\":[2,16],\"data_offsets\":[9,41]}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(parse(bad[i], 1, &m), EW_INPUT, "taken: %s", bad[i]);
        cr_assert(strstr(err.message, "m.safetensors") && !m.rows);
    }
    static const float scales[] = {0, -1, NAN, INFINITY, 1e7f};
    for (size_t i = 0; i < 5; i++)
        cr_assert_eq(parse("{" SCALES "," ROWS "}", scales[i], &m), EW_INPUT, "scale %g", (double)scales[i]);
    unsigned char huge[16] = {255, 255, 255, 255, 255, 255, 255, 255, '{', '}'};
    cr_assert_eq(ew_model_parse("x", huge, sizeof huge, &m, &err), EW_INPUT);
    cr_assert_eq(ew_model_parse("x", huge, 3, &m, &err), EW_INPUT);
    cr_assert_eq(ew_model_open("/nowhere.safetensors", &m, &err), EW_INPUT);
    cr_assert_eq(ew_model_open("/tmp", &m, &err), EW_INPUT);
    assert_no_leaks();
}

Test(model, a_file_on_disk_is_mapped) {
    char path[] = "/tmp/ew-model-XXXXXX";
    size_t n, size = (size_t)(ew_builtin_model_end - ew_builtin_model);
    FILE *file = fdopen(mkstemp(path), "wb");
    cr_assert_eq(fwrite(ew_builtin_model, 1, size, file), size);
    fclose(file);
    ew_model built_in, mapped;
    cr_assert_eq(ew_model_open(NULL, &built_in, &err), EW_OK);
    cr_assert_eq(ew_model_open(path, &mapped, &err), EW_OK, "%s", err.message);
    cr_assert_str_eq(built_in.digest, mapped.digest);
    cr_assert(mapped.owned && memcmp(built_in.rows, mapped.rows, (size_t)built_in.vocab * built_in.d) == 0);
    ew_model_close(&mapped);
    cr_assert_eq(truncate(path, (off_t)size - 1), 0);
    cr_assert_eq(ew_model_open(path, &mapped, &err), EW_INPUT);
    cr_assert_eq(truncate(path, 0), 0);
    cr_assert_eq(ew_model_open(path, &mapped, &err), EW_INPUT);
    unlink(path);
    unsigned char *cut = make_file("{}", 0, &n);
    for (size_t i = 0; i <= n; i++) cr_assert_eq(ew_model_parse("x", cut, i, &mapped, &err), EW_INPUT);
    free(cut);
    assert_no_leaks();
}

Test(vectors, the_static_part_is_the_unit_sum) {
    ew_model model;
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    corpus c = make_corpus(300, model.vocab);
    ew_pool *pool = make_pool(2);
    float *out = malloc(300 * 256 * sizeof *out);
    cr_assert_eq(ew_static_embed(&model, &c.lists, pool, out, &err), EW_OK);
    for (uint32_t i = 0; i < 300; i++) {
        double sum[256] = {0}, length = 0, dot = 0, own = 0;
        for (uint64_t e = c.start[i]; e < c.start[i + 1]; e++)
            for (uint32_t k = 0; k < 256; k++) sum[k] += (double)model.scales[c.ids[e]] * model.rows[(size_t)c.ids[e] * 256 + k];
        for (uint32_t k = 0; k < 256; k++) {
            length += sum[k] * sum[k];
            dot += sum[k] * (double)out[i * 256 + k];
            own += (double)out[i * 256 + k] * (double)out[i * 256 + k];
        }
        if (c.start[i] == c.start[i + 1])
            cr_assert_eq(own, 0);
        else
            cr_assert(dot / sqrt(length) > 0.99999 && fabs(own - 1) < 1e-5, "text %u", i);
    }
    uint32_t beyond = 30522;
    uint64_t start[2] = {0, 1};
    cr_assert_eq(ew_static_embed(&model, &(ew_token_lists){1, start, &beyond}, pool, out, &err), EW_USAGE);
    start[0] = 2;
    cr_assert_eq(ew_static_embed(&model, &(ew_token_lists){1, start, &beyond}, pool, out, &err), EW_USAGE);
    free(out);
    free_corpus(&c);
    ew_pool_free(pool);
    ew_model_close(&model);
    assert_no_leaks();
}

Test(lsa, the_eigenvectors_are_right) {
    enum { N = 33 };
    double a[N * N], copy[N * N], values[N], v[N * N];
    uint32_t order[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) a[i * N + j] = a[j * N + i] = ew_random_unit(5, 1, (uint64_t)i, (uint64_t)j) - 0.5;
    memcpy(copy, a, sizeof a);
    ew_symmetric_eigen(a, N, values, v, order);
    for (int e = 0; e < N; e++) {
        if (e) cr_assert_geq(values[e - 1], values[e]);
        for (int i = 0; i < N; i++) {
            double x = 0;
            for (int k = 0; k < N; k++) x += copy[i * N + k] * v[k * N + e];
            cr_assert(fabs(x - values[e] * v[i * N + e]) < 1e-12, "pair %d", e);
        }
    }
    memset(a, 0, sizeof a);
    ew_symmetric_eigen(a, N, values, v, order);
    cr_assert(values[0] == 0 && v[0] == 1);
}

/* The table's columns over idf are orthonormal and catch nearly all of what any d directions can. */
Test(lsa, the_columns_are_singular_vectors) {
    enum { VOCAB = 700, D = 12 };
    corpus c = make_corpus(900, VOCAB);
    ew_pool *pool = make_pool(1);
    ew_lsa lsa;
    cr_assert_eq(ew_lsa_fit(&c.lists, VOCAB, D, 1, NULL, pool, &lsa, &err), EW_OK, "%s", err.message);
    cr_assert_eq(lsa.d, D);
    double idf[VOCAB];
    for (uint32_t t = 0; t < VOCAB; t++) {
        uint32_t df = 0;
        for (uint32_t i = 0; i < 900; i++)
            for (uint64_t e = c.start[i]; e < c.start[i + 1]; e++)
                if (c.ids[e] == t) {
                    df++;
                    break;
                }
        idf[t] = df >= 2 ? log(901.0 / (1 + df)) + 1 : 0;
        if (df < 2)
            for (uint32_t k = 0; k < D; k++) cr_assert_eq(lsa.table[t * D + k], 0, "token %u stands in one text only", t);
    }
    for (uint32_t a = 0; a < D; a++) {
        float most = 0;
        for (uint32_t b = 0; b <= a; b++) {
            double dot = 0;
            for (uint32_t t = 0; t < VOCAB; t++)
                if (idf[t] > 0) dot += (double)lsa.table[t * D + a] / idf[t] * ((double)lsa.table[t * D + b] / idf[t]);
            cr_assert(fabs(dot - (a == b)) < 1e-5, "columns %u and %u: %g", a, b, dot);
        }
        for (uint32_t t = 0; t < VOCAB; t++) {
            float v = idf[t] > 0 ? lsa.table[t * D + a] / (float)idf[t] : 0;
            if (fabsf(v) > fabsf(most)) most = v;
        }
        cr_assert_gt(most, 0, "the sign of column %u", a);
    }
    /* texts of one subject lie together, those of two apart */
    float *rows = malloc(900 * D * sizeof *rows);
    cr_assert_eq(ew_lsa_embed(&lsa, &c.lists, pool, rows, &err), EW_OK);
    double same = 0, other = 0;
    int n_same = 0, n_other = 0;
    for (uint32_t i = 0; i < 900; i++)
        for (uint32_t j = i + 1; j < 900; j += 7) {
            double dot = 0;
            for (uint32_t k = 0; k < D; k++) dot += (double)rows[i * D + k] * (double)rows[j * D + k];
            if (ew_random_below(12, 1, 2, i, 0) == ew_random_below(12, 1, 2, j, 0)) {
                same += dot;
                n_same++;
            } else {
                other += dot;
                n_other++;
            }
        }
    cr_assert_gt(same / n_same, other / n_other + 0.5);
    free(rows);
    ew_lsa_free(&lsa);
    free_corpus(&c);
    ew_pool_free(pool);
    assert_no_leaks();
}

static double mean_dot(const float *a, const float *b, uint32_t n, uint32_t d) {
    double sum = 0;
    for (size_t i = 0; i < (size_t)n * d; i++) sum += (double)a[i] * (double)b[i];
    return sum / n;
}

/* From what other texts of the same subjects gave, the same is found, in a fraction of the steps. */
Test(lsa, begins_with_what_is_known_of_other_texts) {
    enum { N = 900, HALF = N / 2, VOCAB = 700, D = 12 };
    corpus c = make_corpus(N, VOCAB);
    ew_pool *pool = make_pool(2);
    ew_token_lists half = {HALF, c.start, c.ids}, few = {8, c.start, c.ids};
    ew_lsa known, cold, warm;
    float *a = malloc((size_t)HALF * D * sizeof *a), *b = malloc((size_t)HALF * D * sizeof *b);
    cr_assert_eq(ew_lsa_fit(&c.lists, VOCAB, D, 1, NULL, pool, &known, &err), EW_OK);
    cr_assert_eq(ew_lsa_fit(&half, VOCAB, D, 1, NULL, pool, &cold, &err), EW_OK);
    cr_assert_eq(ew_lsa_fit(&half, VOCAB, D, 1, &known, pool, &warm, &err), EW_OK);
    cr_assert_eq(warm.d, D);
    cr_assert_eq(ew_lsa_embed(&cold, &half, pool, a, &err), EW_OK);
    cr_assert_eq(ew_lsa_embed(&warm, &half, pool, b, &err), EW_OK);
    cr_assert(fabs(mean_dot(a, a, HALF, D) - mean_dot(b, b, HALF, D)) < 1e-3);
    cr_assert_gt(mean_dot(a, b, HALF, D), .98 * mean_dot(a, a, HALF, D), "%g", mean_dot(a, b, HALF, D));
    ew_lsa_free(&warm);
    cr_assert_eq(ew_lsa_fit(&few, VOCAB, 64, 1, &known, pool, &warm, &err), EW_OK); /* more is known than there can be */
    cr_assert_lt(warm.d, D);
    ew_lsa_free(&warm);
    known.d = 0;
    cr_assert_eq(ew_lsa_fit(&half, VOCAB, D, 1, &known, pool, &warm, &err), EW_OK); /* nothing is */
    cr_assert(memcmp(cold.table, warm.table, (size_t)VOCAB * D * sizeof *cold.table) == 0);
    ew_lsa_free(&warm), ew_lsa_free(&cold), ew_lsa_free(&known);
    free(a), free(b);
    free_corpus(&c);
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(lsa, counts_of_tokens_weigh_by_their_logarithm) {
    for (uint32_t count = 1; count < 20; count++)
        cr_assert_eq(ew_sparse_tf(count), (float)(1 + ew_log((double)count)), "%u", count);
}

Test(lsa, small_and_poor_corpora) {
    ew_pool *pool = make_pool(2);
    static const uint32_t ids[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 5, 5, 5};
    static const uint64_t starts[][6] = {
        {0, 0, 0, 0, 0, 0}, {0, 3, 3, 3, 3, 3}, {0, 3, 6, 9, 9, 9}, {0, 3, 6, 7, 10, 14}, {0, 1, 2, 3, 4, 5}};
    for (size_t s = 0; s < 5; s++)
        for (uint32_t n = 0; n <= 5; n++) {
            ew_lsa lsa;
            ew_token_lists lists = {n, starts[s], ids};
            cr_assert_eq(ew_lsa_fit(&lists, 6, 64, 1, NULL, pool, &lsa, &err), EW_OK, "%s", err.message);
            cr_assert_leq(lsa.d, n ? n - 1 : 0);
            float rows[5 * 64] = {0};
            cr_assert_eq(ew_lsa_embed(&lsa, &lists, pool, rows, &err), EW_OK);
            for (size_t i = 0; i < (size_t)n * lsa.d; i++) cr_assert(isfinite(rows[i]));
            if (s == 2 && n == 3) /* three equal texts: one direction */
                cr_assert(lsa.d == 2 && fabsf(rows[0] - 1) < 1e-6f && rows[1] == 0);
            ew_lsa_free(&lsa);
        }
    ew_lsa lsa;
    ew_token_lists lists = {3, starts[2], ids};
    cr_assert_eq(ew_lsa_fit(&lists, 3, 64, 1, NULL, pool, &lsa, &err), EW_USAGE); /* id 3 of 3 */
    cr_assert_eq(ew_lsa_fit(&lists, 6, 65, 1, NULL, pool, &lsa, &err), EW_USAGE);
    ew_pool_free(pool);
    assert_no_leaks();
}

static uint64_t build_hash(const ew_model *model, const ew_token_lists *lists, int threads, uint64_t seed) {
    ew_pool *pool = make_pool(threads);
    ew_vectors v;
    cr_assert_eq(ew_vectors_build(&(ew_encoder){.model = model}, lists, 0.5f, seed, pool, &v, &err), EW_OK, "%s", err.message);
    uint64_t h = ew_hash(v.rows, (size_t)v.n * v.stride, 0);
    h = ew_hash(v.lsa.table, (size_t)v.lsa.vocab * v.lsa.d * sizeof(float), h);
    h = ew_hash(v.mean, model->d * sizeof(float), h);
    h = ew_hash(&v.scale, sizeof v.scale, h);
    ew_vectors_free(&v);
    ew_pool_free(pool);
    return h;
}

Test(vectors, the_same_bits_for_any_number_of_threads) {
    ew_model model;
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    corpus c = make_corpus(1500, 3000);
    uint64_t one = build_hash(&model, &c.lists, 1, 1);
    cr_assert_eq(build_hash(&model, &c.lists, 2, 1), one);
    cr_assert_eq(build_hash(&model, &c.lists, 3, 1), one);
    cr_assert_eq(build_hash(&model, &c.lists, 8, 1), one);
    cr_assert_neq(build_hash(&model, &c.lists, 1, 2), one, "the seed has no effect");
    free_corpus(&c);
    ew_model_close(&model);
    assert_no_leaks();
}

/* The table of kernels is chosen once a process, so each instruction set has a process of its own, which tells its hash. */
Test(vectors, the_same_bits_for_any_instruction_set) {
    static const char *const sets[] = {"serial", "avx2", "avx512", "neon"};
    uint64_t hashes[4] = {0};
    for (int s = 0; s < 4; s++) {
        int ends[2];
        cr_assert_eq(pipe(ends), 0);
        if (fork() == 0) {
            setenv("EDGEWISE_ISA", sets[s], 1);
            ew_model model;
            uint64_t h = 0;
            if (ew_model_open(NULL, &model, &err) == EW_OK) {
                corpus c = make_corpus(700, 3000);
                h = build_hash(&model, &c.lists, 2, 1);
            }
            ssize_t n = write(ends[1], &h, sizeof h);
            _exit(n != sizeof h);
        }
        cr_assert_eq(read(ends[0], &hashes[s], sizeof hashes[s]), sizeof hashes[s]);
        close(ends[0]);
        close(ends[1]);
        cr_assert(hashes[s] != 0 && hashes[s] == hashes[0], "%s", sets[s]);
    }
}

Test(vectors, built_rows_are_unit_rows) {
    ew_model model;
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    ew_pool *pool = make_pool(2);
    for (int with = 0; with < 2; with++)
        for (uint32_t n = 0; n < 1200; n = n * 4 + 1) {
            corpus c = make_corpus(n, 2000);
            ew_vectors v;
            ew_encoder encoder = {.model = &model};
            cr_assert_eq(ew_vectors_build(&encoder, &c.lists, with ? 0.5f : 0, 1, pool, &v, &err), EW_OK, "%s", err.message);
            cr_assert(v.n == n && v.d == 256 + v.lsa.d && v.stride % 64 == 0 && v.stride >= v.d && (uintptr_t)v.rows % 64 == 0);
            cr_assert_eq(v.lsa.table != NULL, with && v.lsa.d > 0);
            for (uint32_t i = 0; i < n; i++) {
                double length = 0;
                for (uint32_t k = 0; k < v.stride; k++) {
                    int x = v.rows[(size_t)i * v.stride + k];
                    length += x * x;
                    if (k >= v.d) cr_assert_eq(x, 0);
                }
                length = sqrt(length) / (double)v.scale;
                if (c.start[i] == c.start[i + 1])
                    cr_assert_eq(length, 0, "an empty text is a zero row");
                else if (n > 1)
                    cr_assert(fabs(length - 1) < 0.03, "row %u of %u has length %g", i, n, length);
            }
            ew_vectors_free(&v);
            free_corpus(&c);
        }
    ew_pool_free(pool);
    ew_model_close(&model);
    assert_no_leaks();
}

/* Of many rows floats are never there at once: what is made task by task is what ew_vectors_build_float makes, rounded, at any
 * number of threads. The scale is learned from some of the rows: what is larger elsewhere is cut off. */
Test(vectors, many_rows_are_made_task_by_task) {
    ew_model model;
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    corpus c = make_corpus(EW_LEARN_WHOLE + 700, 2000);
    ew_encoder encoder = {.model = &model};
    ew_pool *pool = make_pool(3), *alone = make_pool(1);
    ew_vectors v, same;
    float *rows, most = 0;
    uint32_t d;
    cr_assert_eq(ew_vectors_build(&encoder, &c.lists, 0.5f, 1, pool, &v, &err), EW_OK, "%s", err.message);
    cr_assert_eq(ew_vectors_build(&encoder, &c.lists, 0.5f, 1, alone, &same, &err), EW_OK, "%s", err.message);
    cr_assert_eq(memcmp(v.rows, same.rows, (size_t)v.n * v.stride), 0);
    cr_assert_eq(ew_vectors_build_float(&encoder, &c.lists, 0.5f, 1, pool, &rows, &d, &err), EW_OK, "%s", err.message);
    cr_assert_eq(d, v.d);
    for (size_t i = 0; i < v.n; i++)
        for (uint32_t k = 0; k < d; k++) {
            float x = rows[i * d + k], y = rintf(x * v.scale);
            most = fabsf(x) > most ? fabsf(x) : most;
            cr_assert_eq(v.rows[i * v.stride + k], y > 127 ? 127 : y < -127 ? -127 : y, "row %zu, column %u", i, k);
        }
    cr_assert(v.scale * most >= 126.9f && v.scale * most < 160, "%g", (double)(v.scale * most));
    ew_free(rows);
    ew_vectors_free(&v);
    ew_vectors_free(&same);
    free_corpus(&c);
    ew_pool_free(pool);
    ew_pool_free(alone);
    ew_model_close(&model);
    assert_no_leaks();
}

/* Along a row no rounding error is left, so that all are as long as they were but for what lies across, a twelfth a column. */
Test(vectors, rounding_leaves_no_error_along_a_row) {
    ew_pool *pool = make_pool(1);
    enum { N = 400, D = 256 };
    float *rows = calloc((size_t)N * D, sizeof *rows);
    cr_assert(rows);
    for (uint32_t i = 0; i < N * D; i++) rows[i] = (float)(ew_random_unit(2, 1, i, 0) - 0.5);
    ew_vectors v;
    cr_assert_eq(ew_vectors_from_float(rows, N, D, pool, &v, &err), EW_OK);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < N; i++) {
        double square = 0, scale = (double)v.scale;
        for (uint32_t k = 0; k < D; k++) square += v.rows[i * v.stride + k] * v.rows[i * v.stride + k];
        kept += fabs(square - D / 12. - scale * scale) < .1 * scale; /* rounded to the nearest alone: one in seven */
    }
    cr_assert_gt(kept, N * 9 / 10, "%u", kept);
    ew_vectors_free(&v);
    free(rows);
    ew_pool_free(pool);
    assert_no_leaks();
}

Test(vectors, failing_allocations_are_told) {
    ew_model model;
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_OK);
    corpus c = make_corpus(60, 400);
    ew_pool *pool = make_pool(2);
    int done = 0;
    for (uint64_t after = 1; !done && after < 200; after++) {
        ew_vectors v, given = {0};
        ew_alloc_fail_after(after);
        ew_status status = ew_vectors_build(&(ew_encoder){.model = &model}, &c.lists, 0.5f, 1, pool, &v, &err);
        if (status == EW_OK) status = ew_vectors_from_float(v.mean, 1, model.d, pool, &given, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
        done = status == EW_OK;
        ew_vectors_free(&v);
        ew_vectors_free(&given);
    }
    cr_assert(done);
    ew_alloc_fail_after(1);
    cr_assert_eq(ew_model_open(NULL, &model, &err), EW_RESOURCE);
    ew_alloc_fail_after(0);
    free_corpus(&c);
    ew_pool_free(pool);
    assert_no_leaks();
}
