#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/base/random.h"
#include "../../core/text/families_inside.h"

#include "leaks.h"

enum { MOST = 20000, DAY = 86400 };

typedef struct corpus {
    uint32_t n;
    const char *texts[MOST];
    uint32_t lengths[MOST], customer[MOST];
    int64_t time[MOST];
    ew_buffer bytes;
} corpus;

static corpus all;

static void add(const char *text, uint32_t customer, int64_t time) {
    all.texts[all.n] = ew_strndup(text, strlen(text));
    all.lengths[all.n] = (uint32_t)strlen(text);
    all.customer[all.n] = customer;
    all.time[all.n++] = time;
}

static void clear(void) {
    for (uint32_t i = 0; i < all.n; i++) ew_free((void *)(uintptr_t)all.texts[i]);
    all.n = 0;
}

static ew_family_rows rows(void) {
    return (ew_family_rows){.n = all.n, .texts = all.texts, .lengths = all.lengths, .customer = all.customer, .time = all.time};
}

static ew_families find(int threads) {
    ew_families out;
    ew_pool *pool;
    ew_error err = {0};
    ew_family_rows given = rows();
    cr_assert_eq(ew_pool_create(threads, &pool, &err), EW_OK);
    cr_assert_eq(ew_families_find(&given, pool, &out, &err), EW_OK, "%s", err.message);
    ew_pool_free(pool);
    return out;
}

/* A sentence of n words drawn from a vocabulary of `words`. */
static void babble(uint64_t seed, int n, uint64_t words, char *out, size_t size) {
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < n && at + 16 < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%sw%llux", i ? " " : "",
                               (unsigned long long)ew_random_below(words, seed, 99, (uint64_t)i, 7) * 7919 % 100003);
}

Test(families, copies_whatever_their_case_blanks_and_marks) {
    add("The export button does nothing at all, please help!", 1, INT64_MIN);
    add("Nothing to do with the others, really: a parcel came late", 2, INT64_MIN);
    add("the EXPORT button   does nothing at all; please help", 3, INT64_MIN);
    ew_families got = find(1);
    cr_assert_eq(got.n, 1);
    cr_assert_eq(got.of[0], 0);
    cr_assert_eq(got.of[1], EW_NONE);
    cr_assert_eq(got.of[2], 0);
    cr_assert_eq(got.start[1], 2);
    cr_assert(got.rows[0] == 0 && got.rows[1] == 2);
    cr_assert_eq(got.kind[0], EW_FAMILY_COPY);
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

Test(families, short_texts_join_only_when_identical) {
    const char *texts[] = {"works well", "Works well!", "works very well", "", " ", "\xf0\x9f\x91\x8d", "\xf0\x9f\x91\x8d", "!!"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], 7, 1000);
    ew_families got = find(1);
    cr_assert_eq(got.n, 2);
    cr_assert(got.of[0] == 0 && got.of[1] == 0 && got.of[2] == EW_NONE);
    cr_assert(got.of[3] == EW_NONE && got.of[4] == EW_NONE, "empty texts are no family");
    cr_assert(got.of[5] == 1 && got.of[6] == 1 && got.of[7] == EW_NONE);
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

Test(families, eight_tenths_join_without_any_burst) {
    char a[600], b[700];
    babble(1, 40, 5000, a, sizeof a);
    snprintf(b, sizeof b, "%s and one more", a); /* 38 of 41 three-word runs */
    add(a, 0, INT64_MIN);
    add(b, 0, INT64_MIN);
    babble(2, 40, 5000, a, sizeof a);
    add(a, 0, INT64_MIN);
    ew_families got = find(1);
    cr_assert_eq(got.n, 1);
    cr_assert(got.of[0] == 0 && got.of[1] == 0 && got.of[2] == EW_NONE);
    cr_assert_eq(got.kind[0], EW_FAMILY_TEMPLATE, "92 % is no copy");
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

static const char *HALF_A = "please let me print the weekly roster for my team on one page without the photos";
static const char *HALF_B = "please let me print the weekly roster for my crew on one sheet without the photos";

static uint32_t families_of_two(uint32_t customer_a, uint32_t customer_b, int64_t time_a, int64_t time_b) {
    add(HALF_A, customer_a, time_a);
    add(HALF_B, customer_b, time_b);
    ew_families got = find(1);
    uint32_t n = got.n;
    ew_families_free(&got);
    clear();
    return n;
}

Test(families, half_alike_joins_by_customer_but_two_strangers_stay_apart) {
    cr_assert_eq(families_of_two(5, 5, 0, 400 * DAY), 1, "one customer says it again");
    cr_assert_eq(families_of_two(5, 6, 0, 400 * DAY), 0);
    cr_assert_eq(families_of_two(0, 0, INT64_MIN, INT64_MIN), 0, "unknown is not the same");
    cr_assert_eq(families_of_two(5, 6, 0, DAY), 0, "two in a week are no campaign");
    assert_no_leaks();
}

static void add_campaign(int n, int64_t spread) {
    static const char *who[] = {"sailors", "farmers", "pilots"}, *how[] = {"rely on", "live by", "need"};
    static const char *what[] = {"ministry", "agency", "office"}, *does[] = {"hides", "keeps", "sells"};
    char text[300];
    for (int i = 0; i < n; i++) {
        uint64_t r = ew_random(3, 99, (uint64_t)i, 1);
        snprintf(text, sizeof text,
                 "stand up for free tide tables on the lock screen, %s %s them and the %s %s them from the public", who[r % 3],
                 how[r / 3 % 3], what[r / 9 % 3], does[r / 27 % 3]);
        add(text, 1000 + (uint32_t)i, 50 * DAY + (int64_t)i * spread);
    }
}

Test(families, a_filled_template_in_a_burst_is_a_campaign) {
    char text[300];
    for (int i = 0; i < 200; i++) {
        babble(100 + (uint64_t)i, 20, 400, text, sizeof text);
        add(text, 1 + (uint32_t)i, (int64_t)i * DAY / 2);
    }
    add_campaign(40, 3600);
    ew_families got = find(2);
    cr_assert_eq(got.n, 1);
    cr_assert_eq(got.kind[0], EW_FAMILY_CAMPAIGN);
    cr_assert_geq(got.start[1] - got.start[0], 38);
    cr_assert_eq(got.rows[0] >= 200, 1, "no stranger is in it");
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

Test(families, one_skeleton_with_other_numbers_and_names_is_a_template) {
    char text[300];
    static const char *names[] = {"Ana", "Bodil", "Cesar", "Dunja", "Edda", "Fritjof"};
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "dear team order %d for %s was not delivered yet and nobody called me back about it",
                 7000 + 31 * i, names[i]);
        add(text, 10 + (uint32_t)i, (int64_t)i * 90 * DAY);
    }
    ew_families got = find(1);
    cr_assert_eq(got.n, 1);
    cr_assert_eq(got.start[1], 6);
    cr_assert_eq(got.kind[0], EW_FAMILY_TEMPLATE);
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

Test(families, honest_comments_of_one_subject_stay_apart) {
    const char *texts[] = {
        "can you tell me what my credit score is right now",   "i would like to know how good my credit score is",
        "how do i find out my current credit rating with you", "is there a way to look up my credit score in the app",
        "tell me my credit score for this month if you can",   "what does my credit score look like these days"};
    for (size_t i = 0; i < 6; i++) add(texts[i], (uint32_t)i + 1, 86400 * (int64_t)i / 2);
    ew_families got = find(1);
    cr_assert_eq(got.n, 0);
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

Test(families, offsets_into_one_text_serve_as_well) {
    const char base[] = "the same six words said twicethe same six words said twice";
    uint64_t at[] = {0, 29};
    uint32_t lengths[] = {29, 29};
    ew_family_rows given = {.n = 2, .base = base, .at = at, .lengths = lengths};
    ew_families got;
    ew_pool *pool;
    cr_assert_eq(ew_pool_create(1, &pool, NULL), EW_OK);
    cr_assert_eq(ew_families_find(&given, pool, &got, NULL), EW_OK);
    cr_assert_eq(got.n, 1);
    cr_assert_eq(got.kind[0], EW_FAMILY_COPY);
    ew_families_free(&got);
    given.n = 0;
    cr_assert_eq(ew_families_find(&given, pool, &got, NULL), EW_OK);
    cr_assert_eq(got.n, 0);
    ew_families_free(&got);
    ew_pool_free(pool);
    assert_no_leaks();
}

static void add_mixture(void) {
    char text[400];
    for (int i = 0; i < 3000; i++) {
        babble((uint64_t)i % 1500, 10 + i % 9, 300, text, sizeof text); /* many of the first half come again */
        add(text, (uint32_t)i % 200, (int64_t)(i % 50) * DAY);
    }
    add_campaign(60, 1800);
}

Test(families, same_answer_for_any_number_of_threads) {
    add_mixture();
    ew_families one = find(1);
    int counts[] = {2, 3, 8};
    cr_assert_gt(one.n, 100);
    for (int k = 0; k < 3; k++) {
        ew_families other = find(counts[k]);
        cr_assert_eq(other.n, one.n);
        cr_assert_arr_eq(other.of, one.of, all.n * sizeof *one.of);
        cr_assert_arr_eq(other.rows, one.rows, one.start[one.n] * sizeof *one.rows);
        cr_assert_arr_eq(other.kind, one.kind, one.n * sizeof *one.kind);
        ew_families_free(&other);
    }
    for (uint32_t f = 0; f < one.n; f++) {
        cr_assert_geq(one.start[f + 1] - one.start[f], 2);
        cr_assert(!f || one.rows[one.start[f]] > one.rows[one.start[f - 1]], "numbered by first row");
        for (uint64_t i = one.start[f]; i < one.start[f + 1]; i++) {
            cr_assert_eq(one.of[one.rows[i]], f);
            cr_assert(i == one.start[f] || one.rows[i] > one.rows[i - 1]);
        }
    }
    ew_families_free(&one);
    clear();
    assert_no_leaks();
}

/* The same rows in another order: the same are together, of the same kind. */
Test(families, same_families_for_any_order_of_rows) {
    add_mixture();
    for (int i = 0; i < 400; i++) { /* one text, other capitals, other days */
        char text[100];
        snprintf(text, sizeof text, "%s, the %s team forgot the parcel for %s once more", i % 2 ? "Sadly" : "sadly",
                 i % 3 ? "Delivery" : "delivery", i % 40 ? "Anna" : "anna");
        add(text, (uint32_t)i % 90, (int64_t)(i * 37 % 101) * DAY);
    }
    ew_families one = find(2);
    static corpus straight;
    static uint32_t from[MOST];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        straight = all;
        for (uint32_t i = 0; i < all.n; i++) from[i] = i;
        for (uint32_t i = all.n; i-- > 1;) {
            uint32_t j = (uint32_t)ew_random_below(i + 1, seed, 98, i, 0), kept = from[i];
            from[i] = from[j];
            from[j] = kept;
        }
        for (uint32_t i = 0; i < all.n; i++) {
            all.texts[i] = straight.texts[from[i]];
            all.lengths[i] = straight.lengths[from[i]];
            all.customer[i] = straight.customer[from[i]];
            all.time[i] = straight.time[from[i]];
        }
        ew_families other = find(1);
        static uint32_t number[MOST];
        cr_assert_eq(other.n, one.n);
        for (uint32_t f = 0; f < one.n; f++) number[f] = EW_NONE;
        for (uint32_t i = 0; i < all.n; i++) {
            uint32_t f = one.of[from[i]];
            cr_assert_eq(f == EW_NONE, other.of[i] == EW_NONE);
            if (f == EW_NONE) continue;
            if (number[f] == EW_NONE) number[f] = other.of[i];
            cr_assert_eq(number[f], other.of[i]);
            cr_assert_eq(one.kind[f], other.kind[other.of[i]]);
        }
        ew_families_free(&other);
        all = straight;
    }
    ew_families_free(&one);
    clear();
    assert_no_leaks();
}

/* Against all pairs: who has a partner with J >= .8 over three-word runs. */
Test(families, recall_and_precision_against_all_pairs) {
    char text[600], other[600];
    for (int i = 0; i < 300; i++) {
        babble((uint64_t)i, 30, 4000, text, sizeof text);
        add(text, 0, INT64_MIN);
        size_t cut = strlen(text) * (size_t)(60 + i % 40) / 100; /* the same beginning, another end: J from .4 to 1 */
        while (cut && text[cut] != ' ') cut--;
        text[cut] = 0;
        babble(5000 + (uint64_t)i, 6, 4000, other, 60);
        snprintf(text + cut, sizeof text - cut, " %.7s", other);
        add(text, 0, INT64_MIN);
    }
    ew_families got = find(1);
    ew_shingler a, b;
    int right = 0, found = 0, both = 0;
    ew_shingler_init(&a);
    ew_shingler_init(&b);
    for (uint32_t i = 0; i < all.n; i += 2) {
        cr_assert_eq(ew_shingler_words(&a, all.texts[i], all.lengths[i], NULL), EW_OK);
        cr_assert_eq(ew_shingler_word_set(&a, 1, NULL), EW_OK);
        cr_assert_eq(ew_shingler_words(&b, all.texts[i + 1], all.lengths[i + 1], NULL), EW_OK);
        cr_assert_eq(ew_shingler_word_set(&b, 1, NULL), EW_OK);
        int alike = ew_jaccard(&a.word_set, &b.word_set) >= .8, joined = got.of[i] != EW_NONE;
        right += alike;
        found += joined;
        both += alike && joined;
    }
    cr_assert_gt(right, 20);
    cr_assert_geq(both, right * .98);
    cr_assert_geq(both, found * .97);
    ew_shingler_free(&a);
    ew_shingler_free(&b);
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

static void outline_of(ew_shingler *shingler, const char *text, ew_outline *out) {
    static ew_counter counters[EW_SKETCH_COUNTERS];
    uint32_t keys[EW_SKETCH_KEYS];
    cr_assert_eq(ew_shingler_words(shingler, text, strlen(text), NULL), EW_OK);
    cr_assert_eq(ew_shingler_keys(shingler, text, strlen(text), counters, 1, keys, 1, out, NULL), EW_OK);
    cr_assert_eq(ew_shingler_word_set(shingler, 1, NULL), EW_OK);
    cr_assert_eq(ew_shingler_letter_set(shingler, 1, NULL), EW_OK);
}

Test(families, outlines_never_say_less_than_the_texts) {
    static const int words[] = {8, 20, 90, 700};
    char text[8000], other[8000];
    ew_shingler a, b;
    ew_outline x, y;
    int told = 0;
    ew_shingler_init(&a);
    ew_shingler_init(&b);
    for (int i = 0; i < 400; i++) {
        int n = words[i % 4];
        babble((uint64_t)i, n, 900, text, sizeof text);
        babble(1000 + (uint64_t)i, n, 900, other, sizeof other);
        memcpy(other, text, strlen(other) * (size_t)(i % 11) / 11); /* from nothing in common to all but the end */
        outline_of(&a, text, &x);
        outline_of(&b, other, &y);
        cr_assert_leq(ew_jaccard(&a.word_set, &b.word_set), ew_words_at_most(&x, &y));
        cr_assert_leq(ew_jaccard(&a.letter_set, &b.letter_set), ew_letters_at_most(&x, &y));
        cr_assert_eq(ew_letters_at_most(&x, &x), 1);
        if (n <= 20 && i % 11 < 3) told += ew_words_at_most(&x, &y) < .8 && ew_letters_at_most(&x, &y) < .4;
    }
    cr_assert_geq(told, 45); /* of 54 */
    ew_shingler_free(&a);
    ew_shingler_free(&b);
}

Test(families, many_copies_and_one_bucket_of_many_are_no_trouble, .timeout = 20) {
    char text[400];
    for (int i = 0; i < 10000; i++) add("exactly the same complaint about the same late parcel again", 0, INT64_MIN);
    for (int i = 0; i < 6000; i++) { /* one long beginning, another number at the end: all in the same buckets */
        snprintf(text, sizeof text,
                 "thank you for contacting us we have received your request and will answer within two days ticket %d", i);
        add(text, 0, INT64_MIN);
    }
    ew_families got = find(2);
    cr_assert_eq(got.n, 2);
    cr_assert_eq(got.start[1], 10000);
    cr_assert_eq(got.start[2], 16000);
    cr_assert_eq(got.kind[0], EW_FAMILY_COPY);
    ew_families_free(&got);
    clear();
    assert_no_leaks();
}

Test(families, any_bytes_and_giant_texts_are_served, .timeout = 20) {
    ew_buffer giant = EW_BUFFER_INIT(EW_BUFFER_ANY);
    for (uint64_t i = 0; i < 300; i++) { /* random bytes */
        char bytes[64];
        for (size_t k = 0; k < sizeof bytes; k++) bytes[k] = (char)ew_random(1, 99, i, k);
        all.texts[all.n] = ew_strndup(bytes, sizeof bytes);
        all.lengths[all.n] = sizeof bytes;
        all.customer[all.n] = 1;
        all.time[all.n++] = i % 3 ? INT64_MIN + 1 : INT64_MAX;
    }
    for (int i = 0; i < 60000; i++) cr_assert_eq(ew_buffer_printf(&giant, NULL, "word%d ", i % 30011), EW_OK);
    add(giant.data, 2, 0);
    giant.data[giant.length - 3] = 'x';
    add(giant.data, 3, 0);
    ew_families got = find(2);
    cr_assert_eq(got.of[300], got.of[301]);
    cr_assert_neq(got.of[300], EW_NONE);
    ew_families_free(&got);
    ew_buffer_free(&giant);
    clear();
    assert_no_leaks();
}

Test(families, every_failing_allocation_is_an_error_and_nothing_leaks) {
    char text[400];
    for (int i = 0; i < 60; i++) {
        babble((uint64_t)i % 40, 12, 50, text, sizeof text);
        add(text, 0, (int64_t)i * 1000);
    }
    add_campaign(12, 100);
    ew_pool *pool;
    ew_family_rows given = rows();
    cr_assert_eq(ew_pool_create(2, &pool, NULL), EW_OK);
    int failures = 0;
    for (uint64_t after = 1;; after++) {
        ew_families got;
        ew_error err = {0};
        ew_alloc_fail_after(after);
        ew_status status = ew_families_find(&given, pool, &got, &err);
        ew_alloc_fail_after(0);
        if (status == EW_OK) {
            cr_assert_gt(got.n, 0);
            ew_families_free(&got);
            break;
        }
        cr_assert_eq(status, EW_RESOURCE, "%s", err.message);
        cr_assert(got.of == NULL && got.n == 0);
        failures++;
        cr_assert_lt(after, 100000);
    }
    cr_assert_gt(failures, 20);
    ew_pool_free(pool);
    clear();
    assert_no_leaks();
}

Test(families, sorting_sorts) {
    enum { N = 70000 };
    uint64_t *items = ew_alloc(N, sizeof *items), *spare = ew_alloc(N, sizeof *spare);
    size_t sizes[] = {0, 1, 2, 31, 32, 33, 500, 4000, 65535, N};
    for (int shape = 0; shape < 4; shape++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            uint64_t sum = 0, again = 0;
            for (size_t i = 0; i < sizes[s]; i++) {
                uint64_t r = ew_random(5, 99, i, s);
                items[i] = shape == 0 ? r : shape == 1 ? r % 7 : shape == 2 ? sizes[s] - i : r | (uint64_t)0xff << 56;
                sum += items[i] * items[i];
            }
            ew_sort_u64(items, spare, sizes[s]);
            for (size_t i = 0; i < sizes[s]; i++) {
                again += items[i] * items[i];
                cr_assert(!i || items[i - 1] <= items[i]);
            }
            cr_assert_eq(sum, again);
        }
    ew_free(items);
    ew_free(spare);
    assert_no_leaks();
}
