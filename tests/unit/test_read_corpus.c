/* read: sources (files, packed, broken), whole corpora, dates, ratings, running out of memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "read_help.h"

static const ew_options plain = {0};
static const char lines[] = "{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"b\",\"text\":\"two\"}\n";
enum { LINES = sizeof lines - 1 };

static size_t zstd(const void *from, size_t n, void *to, size_t room) {
    size_t size = ZSTD_compress(to, room, from, n, 3);
    cr_assert(!ZSTD_isError(size));
    return size;
}

static size_t gzip(const void *from, size_t n, void *to, size_t room) {
    z_stream z = {0};
    cr_assert_eq(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)from;
    z.avail_in = (uInt)n;
    z.next_out = to;
    z.avail_out = (uInt)room;
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

Test(read_source, zstd_frames) {
    char packed[2000];
    size_t n = zstd(lines, LINES, packed, sizeof packed);
    memcpy(packed + n, "\x5a\x2a\x4d\x18\x03\0\0\0xyz", 11); /* a skippable frame */
    n += 11;
    n += zstd(lines, 30, packed + n, sizeof packed - n);
    n += zstd("", 0, packed + n, sizeof packed - n);
    n += zstd(lines + 30, LINES - 30, packed + n, sizeof packed - n);
    got *out = got_bytes(packed, n, &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 4);
    cr_assert_str_eq(out->compression, "zstd");
    FIELD(out, 3, ID, "b");
    cr_assert_eq(out->records[3].line, 4);
    got_free(out);
    assert_no_leaks();
}

Test(read_source, truncated_zstd_is_an_error) {
    char packed[2000];
    size_t n = zstd(lines, LINES, packed, sizeof packed), all = n + zstd(lines, LINES, packed + n, sizeof packed - n);
    for (size_t cut = 4; cut < all; cut++) {
        ew_input input = {"in", packed, cut};
        got *out = got_all(&input, 1, &plain, 0);
        cr_assert_eq(out->status, cut == n ? EW_OK : EW_INPUT, "cut at %zu", cut);
        if (cut != n) HAS(out->err.message, cut > n ? "in: breaks off at byte 48" : "in: breaks off at byte 0");
        cr_assert_eq(out->n, cut < n ? 0 : 2);
        got_free(out);
    }
    packed[n / 2] = (char)(packed[n / 2] ^ 0x55);
    got *out = got_bytes(packed, n - 3, &plain);
    cr_assert_eq(out->status, EW_INPUT);
    got_free(out);
    assert_no_leaks();
}

Test(read_source, wide_windows_are_refused) {
    size_t size = 3 << 20, room = ZSTD_compressBound(size);
    char *text = malloc(size), *packed = malloc(room);
    memset(text, 'x', size);
    memcpy(text, lines, LINES);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, 21);
    ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, 0);
    ZSTD_inBuffer from = {text, size, 0};
    ZSTD_outBuffer to = {packed, room, 0};
    cr_assert(!ZSTD_isError(ZSTD_compressStream2(z, &to, &from, ZSTD_e_continue)));
    cr_assert_eq(ZSTD_compressStream2(z, &to, &from, ZSTD_e_end), 0);
    ZSTD_freeCCtx(z);
    ew_input input = {"in", packed, to.pos};
    got *out = got_all(&input, 1, &(ew_options){.zstd_window_log = 20}, 0);
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "2^20");
    HAS(out->err.message, "--zstd-window-max");
    got_free(out);
    out = got_all(&input, 1, &(ew_options){.zstd_window_log = 21}, 0);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 2);
    got_free(out);
    out = got_all(&input, 1, &(ew_options){.zstd_window_log = 99}, 0);
    cr_assert_eq(out->status, EW_USAGE);
    got_free(out);
    free(text);
    free(packed);
    assert_no_leaks();
}

Test(read_source, gzip_members) {
    char packed[2000];
    size_t n = gzip(lines, LINES, packed, sizeof packed), one = n;
    n += gzip(lines, LINES, packed + n, sizeof packed - n);
    memset(packed + n, 0, 50);
    got *out = got_bytes(packed, n + 50, &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 4);
    cr_assert_str_eq(out->compression, "gzip");
    got_free(out);
    for (size_t cut = 2; cut < n; cut++) {
        ew_input input = {"in", packed, cut};
        out = got_all(&input, 1, &plain, 0);
        cr_assert_eq(out->status, cut == one ? EW_OK : EW_INPUT, "cut at %zu", cut);
        if (cut != one) HAS(out->err.message, "breaks off at byte");
        got_free(out);
    }
    packed[n - 6] = (char)(packed[n - 6] ^ 1); /* the checksum */
    out = got_bytes(packed, n, &plain);
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "damaged");
    got_free(out);
    assert_no_leaks();
}

Test(read_source, inputs_that_are_none) {
    static const struct { const char *bytes; size_t n; const char *says;
    } cases[] = {
        {"", 0, "is empty"},
        {" \n\t\n", 4, "blanks"},
        {"\xef\xbb\xbf", 3, "blanks"},
        {"PK\3\4aaaaaaaaaaaaaaa", 19, "spreadsheet"},
        {"\xff\xfe{\0", 4, "UTF-16"},
        {"PAR1aaaaaaaaaaaaaaaaaaa", 20, "Parquet"},
        {"\0\0\0\0", 4, "no column of text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        got *out = got_bytes(cases[i].bytes, cases[i].n, &plain);
        cr_assert_eq(out->status, EW_INPUT);
        HAS(out->err.message, cases[i].says);
        HAS(out->err.message, "in:");
        got_free(out);
    }
    char packed[100];
    got *out = got_bytes(packed, zstd("", 0, packed, sizeof packed), &plain);
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "is empty");
    got_free(out);
    assert_no_leaks();
}

static void write_file(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, n, file) == n);
    fclose(file);
}

Test(read_source, files) {
    char folder[] = "/tmp/edgewise-test-XXXXXX", path[100], empty[100], missing[100];
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.jsonl", folder);
    snprintf(empty, sizeof empty, "%s/empty", folder);
    snprintf(missing, sizeof missing, "%s/missing", folder);
    write_file(path, lines, LINES);
    write_file(empty, "", 0);
    const struct {
        const char *name;
        const char *says;
    } bad[] = {{folder, "folder"}, {missing, "No such file"}, {empty, "is empty"}};
    for (size_t i = 0; i < 3; i++) { /* said before anything is read, wherever it stands */
        ew_input inputs[2] = {{path, NULL, 0}, {bad[i].name, NULL, 0}};
        got *out = got_all(inputs, 2, &plain, 0);
        cr_assert_eq(out->status, EW_INPUT);
        HAS(out->err.message, bad[i].says);
        HAS(out->err.message, bad[i].name);
        cr_assert_eq(out->n, 0);
        got_free(out);
    }
    ew_input inputs[3] = {{path, NULL, 0}, {"more", "text\nthree\n", 11}, {path, NULL, 0}};
    for (size_t block = 0; block < 10; block += 3) {
        got *out = got_all(inputs, 3, &plain, block);
        cr_assert_eq(out->status, EW_OK);
        cr_assert_eq(out->n, 5);
        cr_assert_eq(out->records[2].input, 1);
        cr_assert_eq(out->records[2].line, 2);
        cr_assert_eq(out->records[4].line, 2);
        got_free(out);
    }
    int file = open(path, O_RDONLY);
    dup2(file, 0);
    close(file);
    got *out = got_all(&(ew_input){"-", NULL, 0}, 1, &plain, 0);
    cr_assert_eq(out->n, 2);
    got_free(out);
    ew_input twice[2] = {{"-", NULL, 0}, {"-", NULL, 0}};
    out = got_all(twice, 2, &plain, 0);
    cr_assert_eq(out->status, EW_USAGE);
    got_free(out);
    unlink(path);
    unlink(empty);
    rmdir(folder);
    assert_no_leaks();
}

Test(read_source, options_that_make_no_sense) {
    ew_input input = {"in", lines, LINES};
    ew_options bad[] = {{.format = "xml"}, {.max_line = (uint64_t)1 << 40}};
    for (size_t i = 0; i < 2; i++) {
        got *out = got_all(&input, 1, &bad[i], 0);
        cr_assert_eq(out->status, EW_USAGE);
        got_free(out);
    }
    got *out = got_all(&input, 0, &plain, 0);
    cr_assert_eq(out->status, EW_USAGE);
    got_free(out);
    assert_no_leaks();
}

static ew_corpus read_corpus(const char *text) {
    ew_corpus corpus;
    ew_error err;
    ew_input input = {"in", text, strlen(text)};
    cr_assert_eq(ew_corpus_read(&input, 1, &plain, &corpus, &err), EW_OK, "%s", err.message);
    return corpus;
}

static void check_text(const ew_corpus *corpus, uint32_t i, const char *want) {
    ew_view text = ew_corpus_text(corpus, i);
    cr_assert_eq(text.length, strlen(want));
    cr_assert(memcmp(text.data, want, text.length) == 0);
}

Test(read_corpus, a_title_that_the_body_repeats_is_not_joined_again) {
    ew_corpus corpus = read_corpus("{\"title\":\"head\",\"text\":\"head\\nbody\"}\n{\"title\":\"head\",\"text\":\"head\"}\n"
                                   "{\"title\":\"header\",\"text\":\"head\"}\n");
    check_text(&corpus, 0, "head\nbody");
    check_text(&corpus, 1, "head");
    check_text(&corpus, 2, "header\nhead");
    ew_corpus_free(&corpus);
}

Test(read_corpus, columns) {
    ew_corpus corpus = read_corpus(
        "{\"text\":\"body\",\"title\":\"head\",\"product\":\"p\",\"customer\":\"c\",\"rating\":4.5,\"time\":\"1970-01-02\"}\n"
        "{\"text\":\"\",\"title\":\"head\",\"product\":\"p\",\"customer\":\"d\",\"rating\":\"good\",\"time\":\"soon\"}\n"
        "{\"text\":\"body\",\"title\":\"\",\"segment\":\"s\",\"source\":\"o\",\"lang\":\"en\"}\n{\"title\":\"x\"}\nrubbish\n");
    cr_assert_eq(corpus.n, 3);
    check_text(&corpus, 0, "head\nbody");
    check_text(&corpus, 1, "head");
    check_text(&corpus, 2, "body");
    cr_assert_eq(corpus.product[1], 1);
    cr_assert_eq(corpus.product[2], 0);
    cr_assert_eq(corpus.customer[1], 2);
    cr_assert_str_eq(ew_dict_text(&corpus.customers, 2), "d");
    cr_assert_str_eq(ew_dict_text(&corpus.langs, corpus.lang[2]), "en");
    cr_assert_float_eq(corpus.rating[0], 4.5f, 0);
    cr_assert(isnan(corpus.rating[1]) && isnan(corpus.rating[2]));
    cr_assert_eq(corpus.time[0], 86400);
    cr_assert_eq(corpus.time[1], INT64_MIN);
    cr_assert_eq(corpus.rejects.n, 2);
    cr_assert_str_eq(corpus.rejects.messages[0], "in:4: byte 245: no text field");
    cr_assert_str_eq(corpus.columns[EW_COL_SEGMENT], "segment");
    cr_assert_null(corpus.columns[EW_COL_ID]);
    ew_corpus_free(&corpus);
    ew_corpus_free(&corpus);
    ew_corpus zero;
    memset(&zero, 0, sizeof zero);
    ew_corpus_free(&zero); /* must not close file 0 */
    cr_assert_neq(fcntl(0, F_GETFD), -1);
    assert_no_leaks();
}

Test(read_corpus, days_asked_for) {
    static const char text[] = "id,time,text\na,2026-06-30T23:59:59Z,1\na,2026-07-01,2\na,,3\nb,2026-07-02 23:59:59,4\n"
                               "c,2026-07-03,5\nd,soon,6\n";
    static const struct { const char *since, *until, *ids; uint64_t outside; } cases[] = {
        {NULL, NULL, "a a~2 a~3 b c d ", 0},
        {"2026-07-01", NULL, "a b c ", 3},
        {NULL, "2026-07-02", "a a~2 b ", 3},
        {"2026-07-01", "2026-07-02", "a b ", 4},
        {"2026-07-02", "2026-07-02", "b ", 5},
    };
    ew_input input = {"in", text, sizeof text - 1};
    ew_corpus corpus;
    ew_error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ew_options options = {.since = cases[i].since, .until = cases[i].until};
        char ids[64] = "";
        cr_assert_eq(ew_corpus_read(&input, 1, &options, &corpus, &err), EW_OK, "%s", err.message);
        for (uint32_t k = 0; k < corpus.n; k++) strcat(strcat(ids, ew_corpus_id(&corpus, k)), " ");
        cr_expect_str_eq(ids, cases[i].ids);
        cr_expect_eq(corpus.outside, cases[i].outside);
        ew_corpus_free(&corpus);
    }
    cr_assert_eq(ew_corpus_read(&input, 1, &(ew_options){.since = "2026-08-01"}, &corpus, &err), EW_INPUT);
    cr_assert_str_eq(err.message, "none of 6 comments is of the days asked for");
    input = (ew_input){"in", lines, LINES};
    cr_assert_eq(ew_corpus_read(&input, 1, &(ew_options){.until = "2026-08-01"}, &corpus, &err), EW_INPUT);
    HAS(err.message, "no column holds a time");
    assert_no_leaks();
}

Test(read_corpus, ids_are_unique) {
    ew_corpus corpus = read_corpus("id,text\na,1\na,2\na~2,3\n,4\na,5\nrow-6,6\n,7\nrow-6,8\na~2,9\n");
    static const char *const want[] = {"a", "a~2", "a~2~2", "row-3", "a~3", "row-6", "row-6~2", "row-6~3", "a~2~3"};
    cr_assert_eq(corpus.n, 9);
    for (uint32_t i = 0; i < 9; i++) cr_assert_str_eq(ew_corpus_id(&corpus, i), want[i]);
    cr_assert_eq(corpus.missing_ids, 2);
    cr_assert_eq(corpus.repeated_ids, 6);
    ew_corpus_free(&corpus);
    assert_no_leaks();
}

Test(read_corpus, many_ids) {
    enum { N = 40000 }; /* past a few growths of the table, and past what the spool holds in memory */
    char *text = malloc(N * 100), *p = text;
    p += sprintf(p, "id,text\n");
    for (int i = 0; i < N; i++)
        p += sprintf(p, "%s%d,some words to fill the spool and have its earlier part written\n", i % 4 == 3 ? "same" : "id",
                     i % 4 == 3 ? 0 : i);
    ew_corpus corpus = read_corpus(text);
    free(text);
    cr_assert_eq(corpus.n, N);
    cr_assert_eq(corpus.repeated_ids, N / 4 - 1);
    ew_dict seen;
    cr_assert_eq(ew_dict_init(&seen, NULL), EW_OK);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t number;
        const char *id = ew_corpus_id(&corpus, i);
        cr_assert_eq(ew_dict_add(&seen, id, strlen(id), &number, NULL), EW_OK);
        cr_assert_eq(number, i + 1);
    }
    cr_assert_str_eq(ew_corpus_id(&corpus, N - 1), "same0~10000");
    ew_dict_free(&seen);
    ew_corpus_free(&corpus);
    assert_no_leaks();
}

static int told;
static int count(void *data, const char *stage, uint64_t done, uint64_t total) {
    cr_assert_str_eq(stage, "read");
    cr_assert(done <= total);
    told++;
    return *(int *)data;
}

Test(read_corpus, progress_and_cancellation) {
    ew_corpus corpus;
    ew_error err;
    ew_input input = {"in", lines, LINES};
    int stop = 0;
    ew_options options = {.progress = count, .progress_data = &stop};
    cr_assert_eq(ew_corpus_read(&input, 1, &options, &corpus, &err), EW_OK);
    cr_assert(told >= 1);
    ew_corpus_free(&corpus);
    stop = 1;
    cr_assert_eq(ew_corpus_read(&input, 1, &options, &corpus, &err), EW_CANCELLED);
    cr_assert_eq(corpus.n, 0);
    assert_no_leaks();
}

Test(read_corpus, every_allocation_may_fail) {
    char packed[2000];
    static const char text[] =
        "{\"id\":\"a\",\"text\":\"one\",\"product\":\"p\",\"na\\u006de\":1}\n{\"id\":\"a\",\"text\":\"tw\\no\"}\nbad\n";
    ew_input inputs[3] = {{"z", packed, 0}, {"c", "id,text\n\"1\",\"2\"\n", 16}, {"g", packed + 1000, 0}};
    inputs[0].size = zstd(text, sizeof text - 1, packed, 1000);
    inputs[2].size = gzip(text, sizeof text - 1, packed + 1000, 1000);
    ew_status status = EW_RESOURCE;
    uint64_t after = 0;
    while (status != EW_OK) {
        ew_corpus corpus;
        ew_error err;
        ew_alloc_fail_after(++after);
        status = ew_corpus_read(inputs, 3, &plain, &corpus, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "allocation %d: %s", (int)after, err.message);
        if (status == EW_OK) cr_assert_eq(corpus.n, 5);
        ew_corpus_free(&corpus);
        cr_assert(after < 500);
    }
    cr_assert(after > 20);
    assert_no_leaks();
}

Test(read_values, times) {
    static const struct { const char *text; int64_t want;
    } cases[] = {
        {"1970-01-01", 0},
        {"2026-07-01", 1782864000},
        {"2026-07-01T12:34:56", 1782909296},
        {"2026-07-01 12:34:56", 1782909296},
        {"2026-07-01T12:34:56.789Z", 1782909296},
        {"2026-07-01T12:34:56+02:00", 1782902096},
        {"2026-07-01T12:34:56-0800", 1782938096},
        {"2026-07-01 12:34", 1782909240},
        {"07/01/2026", 1782864000},
        {"7/1/2026 1:34 PM", 1782912840},
        {"13/07/2026", 1783900800},
        {"01.07.2026", 1782864000},
        {"1 Jul 2026", 1782864000},
        {"1 July 2026", 1782864000},
        {"Jul 1, 2026", 1782864000},
        {"01-Jul-2026", 1782864000},
        {"Wed, 1 Jul 2026 12:34:56 +0000", 1782909296},
        {"2026/07/01", 1782864000},
        {"20260701", 1782864000},
        {"1782909296", 1782909296},
        {"1782909296789", 1782909296},
        {"1782909296.5", 1782909296},
        {"1782909296789000", 1782909296},
        {"2024-02-29", 1709164800},
        {"1969-12-31T23:59:59Z", -1},
        {"0001-01-01", -62135596800},
        {"  2026-07-01  ", 1782864000},
        {"2026-07-01T24:00:00", 1782950400},
        {"2016-12-31T23:59:60Z", 1483228800},
        {"2026-07-01 12:34:56 UTC", 1782909296},
        {"", INT64_MIN},
        {"soon", INT64_MIN},
        {"2026-13-01", INT64_MIN},
        {"2026-02-29", INT64_MIN},
        {"2026-07-01T25:00", INT64_MIN},
        {"2026-07-01T12:60", INT64_MIN},
        {"2026-07-01x", INT64_MIN},
        {"32/01/2026", INT64_MIN},
        {"2026", INT64_MIN},
        {"5", INT64_MIN},
        {"0000-01-01", INT64_MIN},
        {"99999999999999999999", INT64_MIN},
        {"12:34", INT64_MIN},
        {"-", INT64_MIN},
        {"Jul", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(ew_time_parse(cases[i].text, strlen(cases[i].text)), cases[i].want, "%s: %lld", cases[i].text,
                     (long long)ew_time_parse(cases[i].text, strlen(cases[i].text)));
}

Test(read_values, dates_come_back) {
    char out[11];
    for (int64_t day = -719162; day <= 2932896; day += 1) {
        ew_time_date(day * 86400 + (day & 1 ? 86399 : 0), out);
        cr_assert_eq(ew_time_parse(out, 10), day * 86400);
    }
    ew_time_date(INT64_MIN, out);
    cr_assert_str_eq(out, "");
    ew_time_date(INT64_MAX, out);
    cr_assert_str_eq(out, "");
    ew_time_date(INT64_MIN + 1, out);
    cr_assert_str_eq(out, "");
    ew_time_date(-1, out);
    cr_assert_str_eq(out, "1969-12-31");
}

Test(read_values, days) {
    cr_assert_eq(ew_time_of_day("1970-01-02"), 86400);
    static const char *const none[] = {"", "1970-1-2", "1970-01-32", "2 Jan 1970", "1970-01-02T00:00:00", "19700102", "86400"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) cr_assert_eq(ew_time_of_day(none[i]), INT64_MIN, "%s", none[i]);
}

Test(read_values, ratings) {
    static const struct { const char *text; float want;
    } cases[] = {
        {"4", 4},
        {"4.5", 4.5f},
        {"4,5", 4.5f},
        {" 5 ", 5},
        {"-1", -1},
        {"+2", 2},
        {"4/5", 4},
        {"4 / 5", 4},
        {".5", .5f},
        {"4e0", 4},
        {"45e-1", 4.5f},
        {"1E2", 100},
        {"0.30000000000000000000001", .3f},
        {"", NAN},
        {"five", NAN},
        {"-", NAN},
        {".", NAN},
        {"1e", NAN},
        {"5 stars", NAN},
        {"1e99", NAN},
        {"1e-99", 0},
        {"true", NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float value = ew_rating_parse(cases[i].text, strlen(cases[i].text));
        cr_assert(isnan(cases[i].want) ? isnan(value) : value == cases[i].want, "%s: %g", cases[i].text, (double)value);
    }
}
