/* What holds needs together, on words and languages made by hand. */
#include <math.h>

#include "../../core/assemble_held.h"
#include "../../core/base/alloc.h"
#include "leaks.h"

enum { ROWS = 100, EACH = 10, NEEDS = 3, PER_ROW = 3, KINDS = 4 + ROWS };

/* Row i has three words. Rows 0 .. 9 share three of them, 10 .. 19 one, 20 .. 29 two; all else is of one row alone. */
typedef struct made {
    ew_mining m;
    ew_run run;
    ew_found found[NEEDS];
    ew_need needs[NEEDS];
    uint64_t start[ROWS + 1];
    uint32_t ids[ROWS * PER_ROW], rows_with[3 * ROWS + KINDS], rows[NEEDS][EACH], comments[NEEDS][EACH];
    const char *lang[ROWS];
} made;

static void make(made *x, const char *usual) {
    static const uint32_t shared[NEEDS] = {3, 1, 2};
    uint32_t next = NEEDS * PER_ROW;
    *x = (made){.start = {0}};
    for (uint32_t i = 0; i < ROWS; i++) {
        for (uint32_t k = 0; k < PER_ROW; k++) {
            uint32_t need = i / EACH, word = need < NEEDS && k < shared[need] ? need * PER_ROW + k : next++;
            x->ids[i * PER_ROW + k] = word;
            x->rows_with[word]++;
        }
        x->start[i + 1] = (i + 1) * PER_ROW;
        x->lang[i] = usual;
    }
    for (uint32_t n = 0; n < NEEDS; n++) {
        for (uint32_t i = 0; i < EACH; i++) x->rows[n][i] = x->comments[n][i] = n * EACH + i;
        x->found[n] = (ew_found){.rows = x->rows[n], .group = {.size = EACH}};
        x->needs[n] = (ew_need){.comments = x->comments[n], .size = EACH};
    }
    x->run = (ew_run){.needs = x->needs, .n_needs = NEEDS, .lang = x->lang, .corpus = {.n = ROWS}};
    x->m = (ew_mining){.run = &x->run,
                       .findings = {.items = x->found, .n = NEEDS},
                       .words = {.words = {.size = next}, .start = x->start, .ids = x->ids, .n = ROWS}};
    x->m.words.rows_with = x->rows_with;
}

Test(held, by_words_that_are_shared_over_the_median) {
    static made x;
    ew_error err;
    make(&x, "en");
    cr_assert_eq(ew_held(&x.m, &err), EW_OK);
    cr_expect_float_eq(x.found[0].held, 1.5, 1e-9, "%g", x.found[0].held); /* each word tells the same */
    cr_expect_float_eq(x.found[1].held, .5, 1e-9, "%g", x.found[1].held);
    cr_expect_float_eq(x.found[2].held, 1, 1e-9, "%g", x.found[2].held);
    assert_no_leaks();
}

Test(held, by_main_languages_over_what_is_usual) {
    static made x;
    ew_error err;
    make(&x, "en");
    for (uint32_t i = 0; i < EACH; i++) x.lang[i] = ""; /* untold */
    for (uint32_t i = 0; i < 5; i++) x.lang[EACH + i] = "";
    cr_assert_eq(ew_held(&x.m, &err), EW_OK);
    cr_expect_float_eq(x.found[0].language, .85 / (EACH + 1) / .85, 1e-9, "%g", x.found[0].language);
    cr_expect_float_eq(x.found[1].language, 5.85 / (EACH + 1) / .85, 1e-9, "%g", x.found[1].language);
    cr_expect_float_eq(x.found[2].language, 10.85 / (EACH + 1) / .85, 1e-9, "%g", x.found[2].language);
    make(&x, NULL); /* nothing is told of any: nothing can be said */
    cr_assert_eq(ew_held(&x.m, &err), EW_OK);
    for (uint32_t n = 0; n < NEEDS; n++) cr_expect_eq(x.found[n].language, 1);
    assert_no_leaks();
}

Test(held, of_nothing_and_without_memory) {
    static made x;
    ew_error err;
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) {
        make(&x, "en");
        ew_alloc_fail_after(nth);
        status = ew_held(&x.m, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
    }
    make(&x, "en");
    x.m.findings.n = x.run.n_needs = 0;
    cr_assert_eq(ew_held(&x.m, &err), EW_OK);
    assert_no_leaks();
}
