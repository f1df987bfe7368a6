#include <criterion/criterion.h>

#include "../../core/base/random.h"
#include "../../core/base/census.h"
#include "leaks.h"

static ew_error err;

enum { KEYS = 300, TEXTS = 500, WORDS = 20 };

/* Against a plain array; a third of the keys is not entered, 0 is a key like any. */
Test(census, counts_texts_of_entered_keys) {
    static uint32_t want[KEYS];
    ew_census t;
    cr_assert_eq(ew_census_init(&t, KEYS, "keys", &err), EW_OK);
    for (uint64_t key = 0; key < KEYS; key++)
        if (key % 3 != 1) ew_census_enter(&t, key * (UINT64_MAX / KEYS));
    for (uint32_t text = 0; text < TEXTS; text++) {
        uint8_t had[KEYS] = {0};
        for (uint32_t w = 0; w < WORDS; w++) {
            uint64_t key = ew_random_below(KEYS, 1, 77, text, w);
            ew_census_count(&t, key * (UINT64_MAX / KEYS), text, 1 + text % 2);
            if (!had[key] && key % 3 != 1) want[key] += 1 + text % 2;
            had[key] = 1;
        }
    }
    for (uint64_t key = 0; key < KEYS; key++)
        cr_assert_eq(ew_census_of(&t, key * (UINT64_MAX / KEYS)), want[key], "%d", (int)key);
    ew_census_free(&t);
    cr_assert_eq(ew_census_of(&t, 5), 0);
    assert_no_leaks();
}

Test(census, keys_that_meet_stay_apart) {
    ew_census t;
    cr_assert_eq(ew_census_init(&t, 32, "keys", &err), EW_OK); /* of 64 slots: some of 32 keys meet */
    for (uint64_t key = 1; key <= 32; key++) ew_census_enter(&t, key);
    for (uint64_t key = 1; key <= 32; key++)
        for (uint32_t text = 0; text < key; text++) ew_census_count(&t, key, text, 1);
    for (uint64_t key = 1; key <= 32; key++) cr_assert_eq(ew_census_of(&t, key), key);
    ew_census_free(&t);
}
