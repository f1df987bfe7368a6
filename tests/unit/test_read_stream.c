/* read: blocks on a pool. Whatever the threads and the sizes, a stream says what the reader says. */
#include <criterion/criterion.h>
#include <zstd.h>

#include "../../core/kernels/scan.h"
#include "../fuzz/stream_help.h"
#include "leaks.h"

static const ew_options plain = {0};

static void agree(const char *bytes, size_t n, const ew_options *options, size_t block) {
    ew_input inputs[2] = {{"in", bytes, n}, {"more", "{\"text\":\"x\",\"new\":1}\n", 21}};
    told serial = told_all(inputs, 2, options, 0, 0), first = {0};
    for (int t = 0; t < 4; t++) {
        told stream = told_all(inputs, 2, options, (int[]){1, 2, 3, 8}[t], block);
        cr_assert(told_same(&serial, &stream),
                  "%.60s: %d threads, parts of %zu: %lu records, not %lu; %lu rejected, not %lu; '%s', '%s'",
                  bytes, t, block, (unsigned long)stream.records, (unsigned long)serial.records, (unsigned long)stream.rejected,
                  (unsigned long)serial.rejected, stream.err.message, serial.err.message);
        if (t == 0) first = stream;
        cr_assert_eq(stream.blocks, first.blocks);
    }
}

static void agree_in_parts(const char *text, const ew_options *options) {
    for (size_t block = 16; block < 400; block = block * 2 + 1) agree(text, strlen(text), options, block);
    agree(text, strlen(text), options, 0);
}

Test(read_stream, formats, .timeout = 60) {
    static const char *const texts[] = {
        "{\"text\":\"one\",\"id\":1}\n\n{\"text\":\"t\\u0077o\\n\"}\r\n bad\n{\"id\":3}\n"
        "{\"text\":\"and a line that goes on for longer "
        "than most parts, so that it has to be carried over once, twice or more\",\"other\":null}\n{\"text\":\"last",
        "\xef\xbb\xbf\n\n  {\"text\":\"one\",\n\"id\":1}\n{\"text\":\"two\"}",
        "[{\"text\":\"one\",\n\"id\":1},\n 12, "
        "{\"text\":\"two and more of it, more than a part holds, if the part is small\"}]\n[]\n",
        "[{\"text\":\"one\"},{\"text\":\"two\"}",
        "id,text,more\r\n1,\"a, b\r\nc \"\"d\"\"\",\r\n\r\n2,plain,x\n"
        "3,stray \"quote\",y\n4,few\n5,\"open\n6,good,z\n7,\"\"\"\",\"\"\n",
        "id,text,more\n1,\"never closed\n2,a,b\n3,c,d\n4,e,f\n",
        "id\ttext\n1\tsays \"this\"\n2\t\"enclosed\ttab\nand line\"\n3\t\"open\n4\tlast",
        "id,text", "text,", "\"te\nxt\",id\na,b\n", "ident,words\n1,w\n", "\n \n", "x",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        agree_in_parts(texts[i], &plain);
        agree_in_parts(texts[i], &(ew_options){.max_line = 30});
    }
    assert_no_leaks();
}

/* Enough for several parts of the usual size, in every form. */
static size_t fill(char *out, size_t room, const char *head, const char *const *lines, size_t n) {
    size_t used = strlen(strcpy(out, head));
    for (size_t i = 0; used + 400 < room; i++) { /* '#' in a line stands for its number */
        for (const char *p = lines[i * 7919 / 13 % n]; *p; p++)
            if (*p == '#')
                used += (size_t)sprintf(out + used, "%zu", i);
            else
                out[used++] = *p;
    }
    return used;
}

Test(read_stream, large_inputs, .timeout = 60) {
    enum { ROOM = 5 << 19 };
    static const char *const jsonl[] = {"{\"id\":#,\"text\":\"some words about something, in a line\",\"x\":[1,{}]}\n",
                                        "{\"text\":\"no \\\"id\\\" #\"}\n", "{\"name#\":1,\"text\":2}\n", "not # JSON\n"};
    static const char *const csv[] = {"#,words about something,x\n", "#,\"quoted, with \"\"quotes\"\"\nand lines\",\"\"\r\n"};
    static const char *const bad_csv[] = {"#,words,x\n", "#,st\"ray,x\n", "#,\"a\nb\",x\n", "#,few\n", "\"#,open,x\n"};
    static const char *const tsv[] = {"#\tsays \"so\"\n", "#\tplain\n"};
    static const struct { const char *head; const char *const *lines; size_t n; } cases[] = {
        {"", jsonl, 4}, {"id,text,n\n", csv, 2}, {"id,text,n\n", bad_csv, 5}, {"id\ttext\n", tsv, 2},
        {"id\ttext\n\"0\"\t\"\"\n", tsv, 2}};
    char *bytes = malloc(ROOM);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = fill(bytes, ROOM, cases[i].head, cases[i].lines, cases[i].n);
        agree(bytes, n, &plain, 0);
    }
    free(bytes);
    assert_no_leaks();
}

Test(read_stream, frames, .timeout = 60) {
    enum { ROOM = 1 << 20 };
    static const char *const lines[] = {"{\"id\":#,\"text\":\"some words about something, in a line\"}\n"};
    char *bytes = malloc(ROOM), *packed = malloc(2 * ROOM);
    size_t n = fill(bytes, ROOM, "", lines, 1), used = 0, step = 50001, whole;
    for (size_t at = 0; at < n; at += step) {
        used += ZSTD_compress(packed + used, 2 * ROOM - used, bytes + at, n - at < step ? n - at : step, 1);
        memcpy(packed + used, "\x51\x2a\x4d\x18\x03\0\0\0abc", 11); /* and a frame to be skipped behind each */
        used += 11;
    }
    agree(packed, used, &plain, 0);
    agree(packed, used, &plain, 1000);
    ew_input input = {"in", packed, used};
    whole = told_all(&input, 1, &plain, 2, 0).records;
    cr_assert_eq(told_all(&(ew_input){"in", bytes, n}, 1, &plain, 2, 0).records, whole);
    for (size_t cut = 1; cut < used / 7 * 6; cut += used / 7) { /* the end is missing: byte and line are those of the break */
        input.size = used - cut;
        told serial = told_all(&input, 1, &plain, 0, 0), stream = told_all(&input, 1, &plain, 3, 0);
        cr_assert(told_same(&serial, &stream), "%s, %s", serial.err.message, stream.err.message);
        cr_assert(serial.status == EW_OK || (serial.err.byte > 0 && serial.err.line > 1));
    }
    packed[used / 2] ^= 0x55;
    input.size = used;
    told one = told_all(&input, 1, &plain, 1, 0), three = told_all(&input, 1, &plain, 3, 0);
    cr_assert(told_same(&one, &three));
    free(bytes);
    free(packed);
    assert_no_leaks();
}

Test(read_stream, frames_that_lie) {
    char text[40000], packed[2000];
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"text\":\"x\"}\n", 13);
    size_t n = ZSTD_compress(packed, sizeof packed, text, sizeof text, 3);
    cr_assert_eq(packed[4] & 0xc0, 0x40); /* two bytes of content size, less 256, behind the descriptor */
    packed[5] = 1;
    packed[6] = 0;
    told stream = told_all(&(ew_input){"in", packed, n}, 1, &plain, 2, 0);
    cr_assert_eq(stream.status, EW_INPUT);
    cr_assert(strstr(stream.err.message, "damaged"));
    assert_no_leaks();
}

/* Records of many parts each: those that are whole are neither held back for long nor lost where the input breaks off. */
Test(read_stream, records_longer_than_parts) {
    enum { RECORDS = 60, LENGTH = 4588, PART = 700 }; /* no look at twice as much has a border among what is new */
    char *bytes = malloc(RECORDS * (LENGTH + 20)), *packed = malloc(2 * RECORDS * (LENGTH + 20)), *p = bytes;
    uint64_t state = 1;
    for (int i = 0; i < RECORDS; i++) {
        p += sprintf(p, "{\"text\":\"");
        for (int k = 0; k < LENGTH; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            *p++ = (char)('A' + (state >> 59));
            if (p[-1] == '\\') p[-1] = 'x';
        }
        p += sprintf(p, "\"}\n");
    }
    size_t n = (size_t)(p - bytes), used = ZSTD_compress(packed, 2 * RECORDS * (LENGTH + 20), bytes, n, 1);
    ew_input input = {"in", bytes, n};
    cr_assert_gt(told_all(&input, 1, &plain, 2, PART).blocks, RECORDS / 4);
    agree(bytes, n, &plain, PART);
    for (size_t cut = 1; cut < used; cut += used / 9) agree(packed, used - cut, &plain, PART);
    free(bytes);
    free(packed);
    assert_no_leaks();
}

Test(read_stream, no_text_is_refused_at_the_same_record) {
    char *bytes = malloc(200000), *p = bytes;
    for (int i = 0; i < 1500; i++)
        p += sprintf(p, i == 1200 ? "{\"text\":\"late\",\"x%d\":1}\n" : "{\"words\":\"w\",\"x%d\":1}\n", i % 7);
    agree(bytes, (size_t)(p - bytes), &plain, 100);
    agree(bytes, (size_t)(p - bytes), &plain, 30000);
    p = bytes;
    for (int i = 0; i < 3000; i++) p += sprintf(p, "{\"text\":1,\"x%d\":1}\n", i); /* more names than are kept */
    agree(bytes, (size_t)(p - bytes), &plain, 0);
    agree(bytes, (size_t)(p - bytes), &plain, 5000);
    free(bytes);
    assert_no_leaks();
}

static ew_status fail_at_second(void *context, const ew_block *block, int worker, ew_error *err) {
    (void)context, (void)worker;
    return block->index >= 1 ? ew_fail(err, EW_RESOURCE, "block %d", (int)block->index) : EW_OK;
}

static ew_status count(void *context, const ew_block *block, ew_error *err) {
    (void)err;
    *(uint64_t *)context += block->n;
    return EW_OK;
}

Test(read_stream, the_first_failure_counts) {
    char bytes[3000], *p = bytes;
    while (p < bytes + 2900) p += sprintf(p, "{\"text\":\"x\"}\n");
    for (int threads = 1; threads <= 8; threads++) {
        ew_input input = {"in", bytes, (size_t)(p - bytes)};
        ew_reader *reader;
        ew_pool *pool;
        ew_error err;
        uint64_t n = 0;
        ew_stream_calls calls = {fail_at_second, count, &n};
        cr_assert_eq(ew_reader_open(&input, 1, &plain, &reader, &err), EW_OK);
        ew_reader_set_block(reader, 200);
        cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
        cr_assert_eq(ew_stream(reader, pool, &calls, &err), EW_RESOURCE);
        cr_assert_str_eq(err.message, "block 1");
        cr_assert(n > 0 && n < 20);
        cr_assert(ew_reader_seconds(reader) > 0);
        ew_pool_free(pool);
        ew_reader_close(reader);
    }
    assert_no_leaks();
}

Test(read_stream, every_allocation_may_fail, .timeout = 60) {
    static const char text[] =
        "{\"id\":\"a\",\"text\":\"one\",\"na\\u006de\":1}\nbad\n{\"text\":\"a line that is carried over, as it is long\"}\n";
    char packed[400];
    ew_input inputs[3] = {{"j", text, sizeof text - 1}, {"c", "id,text\n\"1\",\"2\"\n3,4\n", 20}, {"z", packed, 0}};
    inputs[2].size = ZSTD_compress(packed, sizeof packed, text, sizeof text - 1, 3);
    for (int threads = 1; threads <= 2; threads++) {
        ew_status status = EW_RESOURCE;
        for (uint64_t after = 1; status != EW_OK; after++) {
            ew_alloc_fail_after(after);
            told out = told_all(inputs, 3, &plain, threads, 64);
            ew_alloc_fail_after(0);
            status = out.status;
            cr_assert(status == EW_OK || status == EW_RESOURCE, "allocation %d: %s", (int)after, out.err.message);
            if (status == EW_OK) cr_assert(out.records == 6 && out.rejected == 2);
            cr_assert(after < 1000);
        }
    }
    assert_no_leaks();
}

Test(scan, bodies_agree) {
    static const char *const names[] = {"serial", "avx2", "avx512", "neon"};
    static const ew_scan_set sets[] = {{'"', '\\', '\\', ' '}, {',', '\n', '"', 0}, {0, 0, 0, 0}, {255, 128, 127, 128},
                                        {1, 2, 3, 1}};
    char text[64 * 9 + 1];
    uint64_t want[9], got[9], x = 88172645463325252u;
    for (size_t i = 0; i < sizeof text; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        text[i] = (char)(i < 300 ? i : x % 3 ? (uint64_t)"\",\\\n\t "[x / 3 % 6] : x / 3);
    }
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        ew_scan_set set = sets[s];
        for (size_t w = 0; w < 9; w++) {
            want[w] = 0;
            for (size_t i = 0; i < 64; i++) {
                unsigned char c = (unsigned char)text[1 + 64 * w + i];
                want[w] |= (uint64_t)(c == set.a || c == set.b || c == set.c || c < set.below) << i;
            }
        }
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            ew_scan_fn scan = ew_scan_named(names[k]);
            if (!scan) continue;
            scan(text + 1, 9, set, got);
            cr_assert_arr_eq(got, want, sizeof want, "%s, set %zu", names[k], s);
        }
    }
}
