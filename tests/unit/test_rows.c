#include <stdio.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/tokens/rows.h"
#include "leaks.h"

static ew_error err;

/* Units of given token lists; only what rows look at. */
static ew_units make_units(const uint32_t *const *lists, const uint32_t *lengths, const uint32_t *order, uint32_t n) {
    ew_units u = {.n = n, .token_start = ew_calloc(n + 1u, 8)};
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) total += lengths[order[i]];
    u.tokens = ew_alloc(total, sizeof *u.tokens);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(u.tokens + u.token_start[i], lists[order[i]], lengths[order[i]] * sizeof *u.tokens);
        u.token_start[i + 1] = u.token_start[i] + lengths[order[i]];
    }
    return u;
}

static void assert_rows(const ew_units *u, const ew_rows *rows) {
    cr_assert_leq(rows->n, u->n);
    cr_assert(rows->start[0] == 0 && rows->unit_start[0] == 0 && rows->unit_start[rows->n] == u->n);
    for (uint32_t r = 0; r < rows->n; r++) {
        cr_assert_lt(rows->unit_start[r], rows->unit_start[r + 1]);
        uint64_t n = rows->start[r + 1] - rows->start[r];
        for (uint32_t i = rows->unit_start[r]; i < rows->unit_start[r + 1]; i++) {
            uint32_t unit = rows->unit[i];
            cr_assert_eq(rows->row_of[unit], r);
            if (i > rows->unit_start[r]) cr_assert_lt(rows->unit[i - 1], unit);
            cr_assert_eq(u->token_start[unit + 1] - u->token_start[unit], n);
            cr_assert_arr_eq(u->tokens + u->token_start[unit], rows->ids + rows->start[r], n * sizeof *rows->ids);
        }
        for (uint32_t s = 0; s < r && rows->n < 300; s++) /* no two alike */
            cr_assert(rows->start[s + 1] - rows->start[s] != n ||
                      memcmp(rows->ids + rows->start[s], rows->ids + rows->start[r], n * sizeof *rows->ids));
    }
}

Test(rows, stand_in_one_order_whatever_the_input) {
    enum { N = 500 };
    static uint32_t tokens[N][6];
    const uint32_t *lists[N];
    uint32_t lengths[N], order[N];
    for (uint32_t i = 0; i < N; i++) {
        lengths[i] = (uint32_t)ew_random_below(5, 1, 1, i, 0) + 1;
        for (uint32_t k = 0; k < lengths[i]; k++) tokens[i][k] = (uint32_t)(ew_random_below(3, 1, 2, i, k) * 20000);
        lists[i] = tokens[i];
        order[i] = i;
    }
    ew_units u = make_units(lists, lengths, order, N);
    ew_rows first;
    cr_assert_eq(ew_rows_build(&u, &first, &err), EW_OK);
    assert_rows(&u, &first);
    cr_assert(first.n > 50 && first.n < 300);
    for (uint64_t round = 1; round < 6; round++) {
        for (uint32_t i = N - 1; i > 0; i--) {
            uint64_t j = ew_random_below(i + 1u, round, 3, i, 0);
            uint32_t t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        ew_units shuffled = make_units(lists, lengths, order, N);
        ew_rows rows;
        cr_assert_eq(ew_rows_build(&shuffled, &rows, &err), EW_OK);
        assert_rows(&shuffled, &rows);
        cr_assert_eq(rows.n, first.n);
        cr_assert_arr_eq(rows.start, first.start, (rows.n + 1) * sizeof *rows.start);
        cr_assert_arr_eq(rows.ids, first.ids, rows.start[rows.n] * sizeof *rows.ids);
        cr_assert_arr_eq(rows.unit_start, first.unit_start, (rows.n + 1) * sizeof *rows.unit_start);
        ew_rows_free(&rows);
        ew_rows_free(&rows);
        ew_units_free(&shuffled);
    }
    ew_rows_free(&first);
    ew_units_free(&u);
    assert_no_leaks();
}

Test(rows, reordered_rows_keep_their_units) {
    enum { N = 300 };
    static uint32_t tokens[N][3];
    const uint32_t *lists[N];
    uint32_t lengths[N], order[N];
    for (uint32_t i = 0; i < N; i++) {
        lengths[i] = 1 + i % 3;
        for (uint32_t k = 0; k < lengths[i]; k++) tokens[i][k] = (uint32_t)ew_random_below(6, 1, 2, i, k);
        lists[i] = tokens[i];
        order[i] = i;
    }
    ew_units u = make_units(lists, lengths, order, N);
    ew_rows rows, before;
    cr_assert_eq(ew_rows_build(&u, &rows, &err), EW_OK);
    cr_assert_eq(ew_rows_build(&u, &before, &err), EW_OK);
    for (uint32_t i = 0; i < rows.n; i++) order[i] = (i * 7 + 3) % rows.n;
    cr_assert(rows.n % 7);
    ew_status status = EW_RESOURCE;
    for (uint64_t nth = 1; status != EW_OK; nth++) { /* where it fails, nothing has changed */
        assert_rows(&u, &rows);
        ew_alloc_fail_after(nth);
        status = ew_rows_reorder(&rows, order, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_OK || status == EW_RESOURCE);
    }
    assert_rows(&u, &rows);
    cr_assert_eq(rows.n, before.n);
    for (uint32_t i = 0; i < rows.n; i++) {
        uint64_t n = rows.start[i + 1] - rows.start[i];
        cr_assert_eq(n, before.start[order[i] + 1] - before.start[order[i]]);
        cr_assert_arr_eq(rows.ids + rows.start[i], before.ids + before.start[order[i]], n * sizeof *rows.ids);
    }
    ew_rows_free(&rows);
    ew_rows_free(&before);
    ew_units_free(&u);
    assert_no_leaks();
}

Test(rows, none_one_and_all_alike) {
    static const uint32_t list[] = {7, 7, 9};
    const uint32_t *lists[300];
    uint32_t lengths[300], order[300];
    for (uint32_t i = 0; i < 300; i++) {
        lists[i] = list;
        lengths[i] = 3;
        order[i] = i;
    }
    for (uint32_t n = 0; n <= 300; n += n ? 299 : 1) {
        ew_units u = make_units(lists, lengths, order, n);
        ew_rows rows;
        cr_assert_eq(ew_rows_build(&u, &rows, &err), EW_OK);
        assert_rows(&u, &rows);
        cr_assert_eq(rows.n, n > 0);
        ew_rows_free(&rows);
        ew_units_free(&u);
    }
    ew_units u = make_units(lists, lengths, order, 10);
    for (uint64_t nth = 1; nth < 7; nth++) {
        ew_rows rows;
        ew_alloc_fail_after(nth);
        ew_status status = ew_rows_build(&u, &rows, &err);
        ew_alloc_fail_after(0);
        cr_assert(status == EW_RESOURCE && !rows.ids && !rows.unit);
    }
    ew_units_free(&u);
    assert_no_leaks();
}
