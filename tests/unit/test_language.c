/* text: language. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/text/text.h"

static void is_language(const char *text, const char *want) {
    const char *got = ew_text_language(text, strlen(text));
    cr_assert_str_eq(got, want, "\"%s\" for \"%.60s\"", got, text);
}

Test(language, latin_letters) {
    static const char *const cases[][2] = {
        {"en", "I wish there was a way to export my invoices"},
        {"en", "app keeps crashing wen i open it pls fix, its realy anoying"}, {"en", "My card got lost."},
        {"de", "Ich kann mich seit dem Update nicht mehr anmelden"}, {"de", "Leider funktioniert die Suche nicht"},
        {"fr", "L'application plante tout le temps depuis la mise \xc3\xa0 jour"}, {"fr", "tres bon service, je recommande"},
        {"es", "No puedo entrar en mi cuenta desde ayer"},
        {"it", "Il servizio non funziona da due giorni, per\xc3\xb2 il prezzo \xc3\xa8 buono"},
        {"pt", "N\xc3\xa3o consigo fazer o pagamento, o aplicativo fecha sempre"},
        {"nl", "Ik kan niet meer inloggen en de klantenservice geeft geen antwoord"},
        {"pl", "Aplikacja nie dzia\xc5\x82"
               "a od wczoraj, prosz\xc4\x99 o pomoc"},
        {"sv", "Appen fungerar inte l\xc3\xa4ngre och jag f\xc3\xa5r inget svar"},
        {"tr", "Uygulama g\xc3\xbcncellemeden sonra a\xc3\xa7\xc4\xb1lm\xc4\xb1yor, l\xc3\xbctfen d\xc3\xbczeltin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) is_language(cases[i][1], cases[i][0]);
}

Test(language, scripts) {
    static const char *const cases[][2] = {
        {"ru", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xd0\xbc\xd0\xb8\xd1\x80"},
        {"", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd1\x96\xd1\x82"},
        {"ja", "\xe3\x81\x93\xe3\x82\x8c\xe3\x81\xaf\xe6\x9c\xac\xe3\x81\xa7\xe3\x81\x99"},
        {"zh", "\xe8\xbf\x99\xe6\x98\xaf\xe4\xb9\xa6"}, {"ko", "\xec\x95\x88\xeb\x85\x95\xed\x95\x98\xec\x84\xb8\xec\x9a\x94"},
        {"th", "\xe0\xb8\x94\xe0\xb8\xb5\xe0\xb8\xa1\xe0\xb8\xb2\xe0\xb8\x81 Isuzu"},
        {"ar", "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7"}, {"", "\xda\xaf\xd9\x84\xd9\x87\xd8\xa7"},
        {"he", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"},
        {"hi", "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87"},
        {"el", "\xce\xba\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) is_language(cases[i][1], cases[i][0]);
}

Test(language, no_guess_where_there_is_nothing_to_go_by) {
    static const char *const texts[] = {"",
                                        "   ", "12345 !!", "ok", "Wow", "iPhone", "Super!",
                                        "https://www.example.com/the/and/for/you", "@the @and @with", "\xff\xfe\xff",
                                        "Microsoft Outlook Gmail Teams Zoom"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) is_language(texts[i], "");
}

Test(language, long_texts_are_read_in_part, .timeout = 3) {
    size_t n = 8u << 20;
    char *text = malloc(n);
    for (size_t i = 0; i + 8 <= n; i += 8) memcpy(text + i, "the and ", 8);
    for (int i = 0; i < 1000; i++) cr_assert_str_eq(ew_text_language(text, n), "en");
    memset(text, 0xe0, n);
    cr_assert_str_eq(ew_text_language(text, n), "");
    free(text);
}
