/* tokens: text -> WordPiece ids of bert-base-uncased (clean, lower-case, strip accents, split punctuation and CJK, longest match,
 * 100-character word limit), identical to the Hugging Face tokenizer; without [CLS], [SEP], truncation. */
#ifndef EW_TOKENS_H
#define EW_TOKENS_H

#include "../base/buffer.h"

typedef struct ew_ids { uint32_t *items; size_t n, capacity; } ew_ids; /* owned */
EW_MUST_CHECK ew_status ew_ids_append(ew_ids *ids, uint32_t id, ew_error *err);
void ew_ids_free(ew_ids *ids);

typedef struct ew_tokenizer ew_tokenizer; /* read-only after creation: shared by all threads */
typedef struct ew_token_cache ew_token_cache; /* scratch and word cache of bounded size; one a thread */

/* vocab: one piece a line, id = line number from 0. */
EW_MUST_CHECK ew_status ew_tokenizer_create(const char *vocab, size_t n, ew_tokenizer **out, ew_error *err);
void ew_tokenizer_free(ew_tokenizer *tokenizer);
uint32_t ew_tokenizer_size(const ew_tokenizer *tokenizer);
uint32_t ew_tokenizer_unknown(const ew_tokenizer *tokenizer); /* id of [UNK]; EW_NONE: an imported one may lack it */
const char *ew_tokenizer_piece(const ew_tokenizer *tokenizer, uint32_t id); /* NUL-terminated, as the vocabulary spells it */
/* What a piece adds to a word, for people: without marks, in lower case; "" for what only parts words. And whether it goes on
 * with the word of the piece before it. */
const char *ew_tokenizer_part(const ew_tokenizer *tokenizer, uint32_t id);
int ew_tokenizer_continues(const ew_tokenizer *tokenizer, uint32_t id);

/* The tokenizer that a tokenizer.json (of the Hugging Face library) describes; ids identical to that library's without special
 * tokens, padding and truncation. name: for messages. EW_INPUT names the part that is not understood. */
EW_MUST_CHECK ew_status ew_tokenizer_import(const char *name, const char *json, size_t n, ew_tokenizer **out, ew_error *err);
const char *ew_tokenizer_kind(const ew_tokenizer *tokenizer); /* "WordPiece", "Unigram", "BPE", "WordLevel" */

EW_MUST_CHECK ew_status ew_token_cache_create(const ew_tokenizer *tokenizer, ew_token_cache **out, ew_error *err);
void ew_token_cache_free(ew_token_cache *cache);

/* Appends the ids of text[0 .. n), which may hold any bytes (ill-formed UTF-8 counts as U+FFFD). [UNK] is included. */
EW_MUST_CHECK ew_status ew_tokenize(const ew_tokenizer *tokenizer, ew_token_cache *cache, const char *text, size_t n, ew_ids *out,
                                    ew_error *err);

#endif
