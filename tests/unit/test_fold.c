/* The kernels of text: every body this processor can run gives the oracle's bits, and the oracle is right. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/base/random.h"
#include "../../core/kernels/fold.h"
#include "../../core/kernels/minima.h"

#include "leaks.h"

enum { MOST = 300, ROOM = 320, BLOCKS = ROOM / 64 };

static const char *const names[] = {"serial", "avx2", "avx512", "neon"};

typedef struct answer { char low[ROOM]; uint64_t words[BLOCKS], wide[BLOCKS]; unsigned flags; } answer;

static answer fold(const ew_fold *body, const char *text, size_t n) {
    answer out;
    memset(&out, 0, sizeof out);
    char *low = malloc((n + 63) / 64 * 64 + 1), *copy = malloc(n ? n : 1); /* no spare byte: a sanitizer sees what goes too far */
    memset(low, 'x', (n + 63) / 64 * 64);
    if (n) memcpy(copy, text, n);
    out.flags = body->fold(copy, n, low, out.words, out.wide);
    memcpy(out.low, low, (n + 63) / 64 * 64);
    free(low);
    free(copy);
    return out;
}

/* By the book, one byte at a time. */
static answer plain(const char *text, size_t n) {
    answer out;
    memset(&out, 0, sizeof out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        uint64_t bit = (uint64_t)1 << (i % 64);
        out.low[i] = (char)(c < 0x80 ? tolower(c) : c);
        if (c < 0x80 && isalnum(c)) out.words[i / 64] |= bit;
        if (c >= 0x80) out.wide[i / 64] |= bit;
        out.flags |= c >= 0x80 ? EW_FOLD_WIDE : iscntrl(c) && !isspace(c) ? EW_FOLD_CONTROL : 0u;
    }
    return out;
}

Test(fold, every_body_does_it_by_the_book) {
    char text[MOST];
    for (int k = 0; k < 4; k++) {
        const ew_fold *body = ew_fold_named(names[k]);
        if (!body) continue;
        for (uint64_t round = 0; round < 4000; round++) {
            size_t n = round < MOST ? round : ew_random(1, 2, round, 0) % MOST;
            for (size_t i = 0; i < n; i++) {
                uint64_t r = ew_random(1, 3, round, i);
                text[i] = (char)(round % 3 == 0 ? r : round % 3 == 1 ? r % 0x80 : ' ' + r % 0x5f);
            }
            answer got = fold(body, text, n), right = plain(text, n);
            cr_assert_eq(memcmp(&got, &right, sizeof got), 0, "%s, round %d", names[k], (int)round);
        }
        for (int c = 0; c < 256; c++) { /* each byte in each place of a block */
            memset(text, 'a', 64);
            for (int at = 0; at < 64; at++) {
                text[at] = (char)c;
                answer got = fold(body, text, 64), right = plain(text, 64);
                cr_assert_eq(memcmp(&got, &right, sizeof got), 0, "%s, byte %d at %d", names[k], c, at);
                text[at] = 'a';
            }
        }
    }
    cr_assert(ew_fold_named("none") == NULL && ew_fold_get() != NULL);
    assert_no_leaks();
}

Test(minima, every_body_gives_the_oracles_bits) {
    uint64_t hashes[200];
    for (uint64_t i = 0; i < 200; i++) hashes[i] = i % 7 ? ew_mix(i) : i;
    for (int k = 1; k < 4; k++) {
        const ew_minima *body = ew_minima_named(names[k]), *serial = ew_minima_named("serial");
        if (!body) continue;
        for (size_t n = 0; n <= 200; n++) {
            uint32_t got[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS], right[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS];
            body->minima(hashes, n, got);
            serial->minima(hashes, n, right);
            cr_assert_eq(memcmp(got, right, sizeof got), 0, "%s, %d hashes", names[k], (int)n);
        }
    }
    cr_assert(ew_minima_named("none") == NULL && ew_minima_get() != NULL);
}

/* Slots agree as often as the sets are alike, for short sets as for long ones; bands of three as often as that cubed. */
Test(minima, slots_agree_as_often_as_sets_are_alike) {
    static const size_t sizes[] = {6, 40, 300};
    for (size_t s = 0; s < 3; s++)
        for (int tenths = 5; tenths <= 9; tenths++) {
            double agree = 0, bands = 0, rounds = 2000;
            size_t n = sizes[s], shared = (size_t)((double)n * 2 * tenths / (10.0 + tenths) + .5);
            double alike = (double)shared / (double)(2 * n - shared);
            for (uint64_t round = 0; round < (uint64_t)rounds; round++) {
                uint64_t a[300], b[300];
                for (size_t i = 0; i < n; i++) {
                    a[i] = ew_random(4, 5, round, i);
                    b[i] = i < shared ? a[i] : ew_random(6, 5, round, i);
                }
                uint32_t x[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS], y[EW_MINIMA_GROUPS][EW_MINIMA_SLOTS];
                ew_minima_get()->minima(a, n, x);
                ew_minima_get()->minima(b, n, y);
                for (int j = 0; j < EW_MINIMA_SLOTS; j++) {
                    for (int g = 0; g < EW_MINIMA_GROUPS; g++) agree += x[g][j] == y[g][j];
                    int second = j * 5 % 16, third = j * 11 % 16;
                    bands += x[0][j] == y[0][j] && x[1][second] == y[1][second] && x[2][third] == y[2][third];
                }
            }
            agree /= rounds * EW_MINIMA_GROUPS * EW_MINIMA_SLOTS;
            bands /= rounds * EW_MINIMA_SLOTS;
            cr_assert(agree > alike - .02 && agree < alike + .02, "%d hashes, J %.3f: %.3f", (int)n, alike, agree);
            double cube = alike * alike * alike;
            cr_assert(bands > cube - .03 && bands < cube + .03, "%d hashes, J %.3f: %.3f", (int)n, alike, bands);
        }
}
