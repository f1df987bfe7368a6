/* text: people's data. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/text/text.h"

static void masked_is(const char *text, uint32_t count, const char *want) {
    size_t n = strlen(text);
    char *copy = malloc(n + 1);
    memcpy(copy, text, n + 1);
    cr_assert_eq(strlen(want), n, "the test itself: %s", text);
    uint32_t got = ew_text_mask_pii(copy, n);
    cr_assert_str_eq(copy, want);
    cr_assert_eq(got, count, "%u in %s", got, text);
    cr_assert_eq(ew_text_mask_pii(copy, n), 0, "again: %s", copy);
    cr_assert_str_eq(copy, want);
    free(copy);
}

Test(pii, mail_addresses) {
    masked_is("write to jo.e+x@ex-ample.co.uk, thanks", 1, "write to **.*+*@**-*****.**.**, thanks");
    masked_is("(a@b.org)", 1, "(*@*.***)");
    masked_is("j\xc3\xb6rg@x.de", 1, "*****@*.**");
    masked_is("@brand a@b x@y.z me @ home.com", 0, "@brand a@b x@y.z me @ home.com");
}

Test(pii, phone_numbers) {
    masked_is("call 555-123-4567 now", 1, "call ***-***-**** now");
    masked_is("+1 (555) 123-4567", 1, "+* (***) ***-****");
    masked_is("06 12 34 56 78 or 06.12.34.56.78", 2, "** ** ** ** ** or **.**.**.**.**");
    masked_is("0171 1234567, (030) 1234567, 555-1234", 3, "**** *******, (***) *******, ***-****");
    masked_is("+49\xc2\xa0""30\xc2\xa0""123456", 1, "+**\xc2\xa0**\xc2\xa0******");
    masked_is("tel. 5551234", 1, "tel. *******");
    masked_is("ssn 123-45-6789 3 times", 1, "ssn ***-**-**** 3 times");
}

Test(pii, cards_ibans_and_accounts) {
    masked_is("card 4111 1111 1111 1111 exp 12/25", 1, "card **** **** **** **** exp 12/25");
    masked_is("4111-1111-1111-1111", 1, "****-****-****-****");
    masked_is("378282246310005", 1, "***************");
    masked_is("4111 1111 1111 1112", 0, "4111 1111 1111 1112");
    masked_is("IBAN DE89 3704 0044 0532 0130 00 ok", 1, "IBAN **** **** **** **** **** ** ok");
    masked_is("GB82WEST12345698765432.", 1, "**********************.");
    masked_is("DE88 3704 7744 5532 1131", 0, "DE88 3704 7744 5532 1131");
    masked_is("account 123456789", 1, "account *********");
}

Test(pii, numbers_that_are_nobodys) {
    static const char *const texts[] = {
        "on 2024-01-05 10:30 and 05.01.2024, 5/1/24", "v10.0.19041.1234 and 192.168.100.200",
        "1,234,567.00 or 1 000 000 \xe2\x82\xac or $12,345,678", "order 1234567 of 8 items", "2019-2020, 10:30-12:45, 9-5",
        "3.14159265358979", "12 345 678 people", "612 345 678 \xe2\x82\xac", "24/7 10/10 100-200 1-2-3", "iPhone 14 128 GB 5G",
        "555555555555", "loss 0.5568627715", "",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) masked_is(texts[i], 0, texts[i]);
}

/* A number behind more groups of digits than are looked at together, and at the very end of a text that is not terminated. */
Test(pii, numbers_at_the_end_of_long_runs) {
    static const char card[] = "4111 1111 1111 1111";
    for (size_t before = 0; before < 300; before += 7) {
        size_t n = before * 2 + sizeof card - 1;
        char *text = malloc(n);
        for (size_t i = 0; i < before; i++) memcpy(text + 2 * i, "3 ", 2);
        memcpy(text + 2 * before, card, sizeof card - 1);
        cr_assert_eq(ew_text_mask_pii(text, n), 1, "%zu groups before", before);
        for (size_t i = 0; i < before; i++) cr_assert(memcmp(text + 2 * i, "3 ", 2) == 0);
        cr_assert(memcmp(text + 2 * before, "**** **** **** ****", sizeof card - 1) == 0);
        free(text);
    }
}

Test(pii, hostile_texts_take_linear_time, .timeout = 20) {
    static const char *const units[] = {"@", "a@",       "1", "1 ", "a@b.", "DE89 ", "0-", "+", "12345678901234567890 ",
                                        "a", "\xc3\xa9", "1("};
#if defined(__SANITIZE_ADDRESS__)
    size_t n = 1u << 15;
#else
    size_t n = 1u << 18;
#endif
    char *text = malloc(n + 32);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t k = strlen(units[u]), length = 0;
        for (; length < n; length += k) memcpy(text + length, units[u], k);
        ew_text_mask_pii(text, length);
        cr_assert_eq(ew_text_mask_pii(text, length), 0, "unit %zu", u);
    }
    free(text);
}
