/* Texts in parts: title and body of a record. */
#include "inside.h"
#include "parts.h"

int ew_tokenizer_parts_at_blanks(const ew_tokenizer *tokenizer) { return tokenizer->pipeline == NULL; }

ew_status ew_tokenize_parts(const ew_tokenizer *tokenizer, ew_token_cache *cache, const ew_view *parts, uint32_t n, ew_ids *out,
                            ew_error *err) {
    ew_status status = EW_OK;
    ew_buffer joined = EW_BUFFER_INIT(EW_BUFFER_ANY);
    if (n > 1 && !ew_tokenizer_parts_at_blanks(tokenizer)) {
        for (uint32_t p = 0; p < n; p++) EW_TRY(ew_buffer_append(&joined, parts[p].data, parts[p].length, err));
        EW_TRY(ew_tokenize(tokenizer, cache, joined.data, joined.length, out, err));
    } else {
        for (uint32_t p = 0; p < n; p++) EW_TRY(ew_tokenize(tokenizer, cache, parts[p].data, parts[p].length, out, err));
    }
done:
    ew_buffer_free(&joined);
    return status;
}
