#define _GNU_SOURCE /* mkdtemp */
/* read: packing. What comes out is what went in, whatever the threads, and the index is true. */
#include <criterion/criterion.h>
#include <unistd.h>
#include <zstd.h>

#include "../../core/edgewise.h"
#include "../fuzz/stream_help.h"
#include "leaks.h"

static const char *const path = "pack.jsonl.zst"; /* each test has a folder of its own */

static void enter(void) {
    char folder[] = "/tmp/edgewise-pack-XXXXXX";
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void) {
    char folder[300];
    unlink(path);
    cr_assert(getcwd(folder, sizeof folder));
    cr_assert_eq(chdir("/"), 0);
    rmdir(folder);
}

static size_t slurp(char **out) {
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    *out = malloc(16 << 20);
    size_t n = fread(*out, 1, 16 << 20, file);
    fclose(file);
    return n;
}

/* Packs, and gives the text of what was written. */
static char *packed_text(const char *bytes, size_t n, const char *format, uint64_t *rows, size_t *length) {
    ew_input input = {"in", bytes, n};
    ew_options options;
    ew_error err = {0};
    ew_options_init(&options);
    options.threads = 2;
    options.format = format;
    cr_assert_eq(ew_pack_file(&input, 1, &options, path, rows, &err), EW_OK, "%s", err.message);
    char *file = NULL, *text = malloc(16 << 20);
    size_t size = slurp(&file);
    *length = ZSTD_decompress(text, 16 << 20, file, size);
    cr_assert(!ZSTD_isError(*length));
    text[*length] = 0;
    free(file);
    return text;
}

static void packs(const char *bytes, const char *want) {
    uint64_t rows;
    size_t n;
    char *text = packed_text(bytes, strlen(bytes), NULL, &rows, &n);
    cr_assert_str_eq(text, want);
    free(text);
}

Test(read_pack, forms, .init = enter, .fini = leave) {
    packs("{\"id\":1, \"text\":\"a\\u0041\\n\",\"x\":[1,{\"y\":null}]}\r\n\nbad\n {\"no\":\"text\"} ",
          "{\"id\":1, \"text\":\"a\\u0041\\n\",\"x\":[1,{\"y\":null}]}\n{\"no\":\"text\"}\n");
    packs("[{\"text\":\n\"a\"},\n {\"b\":1}]", "{\"text\": \"a\"}\n{\"b\":1}\n");
    packs("id, text ,text\n1,\"a \"\"b\"\"\nc\",\n2,few\n3,\"x\",y\n",
          "{\"id\":\"1\",\"text\":\"a \\\"b\\\"\\nc\",\"text~3\":\"\"}\n{\"id\":\"3\",\"text\":\"x\",\"text~3\":\"y\"}\n");
    packs("id\ttext\n1\tsays \"so\"\n", "{\"id\":\"1\",\"text\":\"says \\\"so\\\"\"}\n");
    packs("a;b\n1;2\n", "{\"a\":\"1\",\"b\":\"2\"}\n"); /* no text: nothing is lost all the same */
    assert_no_leaks();
}

static uint32_t get32(const char *p) {
    const unsigned char *u = (const unsigned char *)p;
    return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

Test(read_pack, index_and_threads, .init = enter, .fini = leave, .timeout = 60) {
    enum { ROOM = 5 << 20 };
    char *bytes = malloc(ROOM), *p = bytes, *first = NULL;
    size_t first_n = 0;
    for (int i = 0; p < bytes + ROOM - 3000; i++) {
        char *letters = memset(bytes + ROOM - 2500, 'a' + i % 26, 2400);
        p += sprintf(p, "{\"id\":%d,\"text\":\"%.*s\"}\n", i, i % 97 * 20, letters);
    }
    ew_input input = {"in", bytes, (size_t)(p - bytes)};
    for (int t = 0; t < 4; t++) {
        ew_options options;
        ew_error err;
        uint64_t rows;
        ew_options_init(&options);
        options.threads = (int[]){1, 2, 3, 8}[t];
        options.pack_level = 1;
        cr_assert_eq(ew_pack_file(&input, 1, &options, path, &rows, &err), EW_OK);
        char *file = NULL;
        size_t n = slurp(&file);
        if (!first) {
            first = file;
            first_n = n;
            continue;
        }
        cr_assert(n == first_n && memcmp(file, first, n) == 0);
        free(file);
    }
    cr_assert_eq(get32(first + first_n - 4), 0x8F92EAB1u);
    uint32_t frames = get32(first + first_n - 9);
    const char *index = first + first_n - 9 - 8 * frames;
    cr_assert(frames >= 5);
    cr_assert_eq(get32(index - 8), 0x184D2A5Eu);
    cr_assert_eq(get32(index - 4), 8 * frames + 9);
    size_t at = 0, text = 0;
    for (uint32_t i = 0; i < frames; i++) { /* each frame is whole lines */
        char *out = malloc(4 << 20);
        size_t holds = get32(index + 8 * i + 4), got = ZSTD_decompress(out, 4 << 20, first + at, get32(index + 8 * i));
        cr_assert_eq(got, holds);
        cr_assert_eq(memcmp(out, bytes + text, got), 0);
        cr_assert(out[0] == '{' && out[got - 1] == '\n' && got < (3 << 19));
        at += get32(index + 8 * i);
        text += got;
        free(out);
    }
    cr_assert_eq(first + at, index - 8);
    cr_assert_eq(text, input.size);
    ew_input file = {path, NULL, 0};
    ew_options plain = {0};
    told packed = told_all(&file, 1, &plain, 3, 0), unpacked = told_all(&input, 1, &plain, 1, 0);
    cr_assert(packed.status == EW_OK && packed.records == unpacked.records && packed.hash == unpacked.hash);
    free(first);
    free(bytes);
    assert_no_leaks();
}

Test(read_pack, failures_leave_the_earlier_file, .init = enter, .fini = leave, .timeout = 60) {
    static const char text[] = "id,text\n1,\"a\"\n2,b\n";
    ew_input input = {"in", text, sizeof text - 1}, broken = {"in", "[{\"text\":1}", 11};
    ew_options options;
    ew_error err;
    uint64_t rows;
    char *before = NULL, *after = NULL;
    ew_options_init(&options);
    options.threads = 1;
    ew_status status = EW_RESOURCE;
    for (uint64_t n = 1; status != EW_OK; n++) {
        ew_alloc_fail_after(n);
        status = ew_pack_file(&input, 1, &options, path, &rows, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE, "%s", err.message);
        cr_assert(status == EW_OK || access(path, F_OK) != 0);
        cr_assert(n < 1000);
    }
    size_t n = slurp(&before);
    cr_assert_eq(ew_pack_file(&broken, 1, &options, path, &rows, &err), EW_INPUT);
    cr_assert(slurp(&after) == n && memcmp(before, after, n) == 0);
    options.pack_level = 20;
    cr_assert_eq(ew_pack_file(&input, 1, &options, path, &rows, &err), EW_USAGE);
    free(before);
    free(after);
    assert_no_leaks();
}
