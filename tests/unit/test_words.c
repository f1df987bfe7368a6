/* The scan for words: the oracle against its definition, and every body this processor can run against the oracle. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/kernels/words.h"

static const char *const names[] = {"serial", "avx2", "avx512", "neon"};
enum { NAMES = sizeof names / sizeof *names, MOST = 300, BLOCKS = (MOST + 63) / 64 };

typedef struct answer { bool bracket; char lower[BLOCKS * 64 + 1]; uint64_t word[BLOCKS + 1], mark[BLOCKS + 1]; } answer;

/* The text lies at the end of its memory, so that a sanitizer sees what reads too far; what is not to be written is 0x5a. */
static void scan(const ew_word_kernels *k, const char *text, size_t n, answer *out) {
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    memset(out, 0x5a, sizeof *out);
    out->bracket = k->scan(exact, n, out->lower, out->word, out->mark);
    free(exact);
}

static void check(const char *text, size_t n) {
    static answer want, got;
    scan(ew_word_kernels_named("serial"), text, n, &want);
    for (int i = 1; i < NAMES; i++) {
        const ew_word_kernels *k = ew_word_kernels_named(names[i]);
        if (!k) continue;
        scan(k, text, n, &got);
        cr_assert_eq(want.bracket, got.bracket, "%s: bracket in %zu bytes", names[i], n);
        cr_assert_arr_eq(want.lower, got.lower, sizeof want.lower, "%s: letters of %zu bytes", names[i], n);
        cr_assert_arr_eq(want.word, got.word, sizeof want.word, "%s: words of %zu bytes", names[i], n);
        cr_assert_arr_eq(want.mark, got.mark, sizeof want.mark, "%s: marks of %zu bytes", names[i], n);
    }
}

Test(words, the_oracle_is_right) {
    static answer got;
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        scan(ew_word_kernels_named("serial"), &byte, 1, &got);
        bool blank = c == '\t' || c == '\n' || c == '\r' || c == ' ', mark = c < 0x7f && ispunct(c);
        cr_assert_eq(got.word[0], (uint64_t)(!blank && !mark), "byte %02x", c);
        cr_assert_eq(got.mark[0], (uint64_t)mark, "byte %02x", c);
        cr_assert_eq(got.lower[0], (char)(c < 0x80 ? tolower(c) : c), "byte %02x", c);
        cr_assert_eq(got.bracket, c == '[');
        for (int i = 1; i < 64; i++) cr_assert_eq(got.lower[i], 0);
        cr_assert(got.lower[64] == 0x5a && got.word[1] == 0x5a5a5a5a5a5a5a5a && got.mark[1] == 0x5a5a5a5a5a5a5a5a);
    }
}

Test(words, every_body_equals_the_oracle) {
    char text[MOST];
    for (int c = 0; c < 256; c++) { /* every byte at every place of a register */
        memset(text, c, sizeof text);
        for (size_t n = 0; n <= 130; n += n < 3 ? 1 : 31) check(text, n);
    }
    for (uint32_t round = 0; round < 3000; round++) {
        size_t n = (size_t)ew_random_below(MOST + 1, 1, 1, round, 0);
        for (size_t i = 0; i < n; i++) {
            uint64_t r = ew_random(2, 1, i, round);
            text[i] = round % 3 == 0 ? (char)r : round % 3 == 1 ? (char)(r % 0x80) : "aZ 9[\t,.\x80\xff\0@`{"[r % 14];
        }
        check(text, n);
    }
    for (size_t n = 0; n <= MOST; n++) {
        memset(text, 'x', sizeof text);
        if (n) text[n - 1] = '[';
        check(text, n);
    }
}

Test(words, bodies_go_by_the_name_of_their_set) {
    cr_assert_null(ew_word_kernels_named("none such"));
    cr_assert_str_eq(ew_word_kernels_named("serial")->name, "serial");
    cr_assert_not_null(ew_word_kernels_get());
}
