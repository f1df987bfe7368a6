#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../../core/report/sha256.h"

static void check(const void *bytes, size_t n, const char *want) {
    unsigned char digest[EW_SHA256_BYTES];
    char hex[2 * EW_SHA256_BYTES + 1];
    ew_sha256(bytes, n, digest);
    for (int i = 0; i < EW_SHA256_BYTES; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    cr_assert_str_eq(hex, want);
}

Test(sha256, published_vectors) { /* FIPS 180-4 examples */
    check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    check(two_blocks, strlen(two_blocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

Test(sha256, a_million_letters) {
    static char letters[1000000];
    memset(letters, 'a', sizeof letters);
    check(letters, sizeof letters, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

Test(sha256, lengths_around_a_block) { /* from Python's hashlib: n letters 'x' */
    static const struct { size_t n; const char *want; } cases[] = {
        {55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"},
        {56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"},
        {63, "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2"},
        {64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"},
        {65, "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9"},
        {119, "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c"},
        {120, "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98"},
        {128, "24da1b81d0b16df6428eee73c69fcb2a93c76bc6df706f0c6670fe6bfe800464"},
    };
    char text[128];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) check(text, cases[i].n, cases[i].want);
}

Test(sha256, base64) {
    char text[EW_SHA256_BASE64];
    ew_sha256_base64("", 0, text);
    cr_assert_str_eq(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    ew_sha256_base64("abc", 3, text);
    cr_assert_str_eq(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}
