/* Any bytes as a run's model.bin: refused with a message, or every array lies inside them and every index in its bounds. A file
 * is given the digest of its own bytes if the first byte says so, so that what lies behind the digest is reached. */
#include <stdlib.h>
#include <string.h>

#include "../../core/base/alloc.h"
#include "../../core/context/places.h"
#include "../../core/context/places_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    size_t n = size - 1;
    char *bytes = ew_alloc(n ? n : 1, 1);
    if (!bytes) return 0;
    memcpy(bytes, data + 1, n);
    if (data[0] % 8 && n >= 32) {
        memcpy(bytes, EW_PLACES_MAGIC, 16);
        memcpy(bytes + 16, EW_VERSION, sizeof EW_VERSION);
    }
    if (data[0] % 8 && n >= 8) {
        uint64_t digest = ew_places_digest(0, bytes, n - 8);
        memcpy(bytes + n - 8, &digest, 8);
    }
    ew_places places;
    ew_error err = {0};
    ew_status status = ew_places_parse("fuzz", bytes, n, &places, &err);
    if (status == EW_OK) {
        uint64_t member, text = places.n_known ? places.text[places.n_known / 2] : 1;
        uint32_t known = ew_places_known(&places, text, data[0]);
        must((known != EW_NONE) == (places.n_known > 0));
        if (known != EW_NONE) {
            must(places.text[known] == text && (places.theme[known] == EW_NONE || places.theme[known] < places.n_themes));
            uint32_t needs = ew_places_needs(&places, known, &member);
            for (uint32_t i = 0; i < needs; i++) must(strlen(places.needs[places.members[member + i].need].id) < 16);
        }
        ew_places_free(&places);
    } else {
        must(status == EW_INPUT && err.message[0] && !places.owned);
    }
    return 0;
}
