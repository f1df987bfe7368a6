/* What the files of tokens share. */
#ifndef EW_TOKENS_INSIDE_H
#define EW_TOKENS_INSIDE_H

#include "tokens.h"

enum {
    EW_WORD_CHARS = 100,                  /* longer words are [UNK] */
    EW_WORD_BYTES = 4 * EW_WORD_CHARS,
    EW_KEY_BYTES = 32,                    /* longer words are not kept in the cache */
    EW_FOLD_POINTS = 0x3400,              /* code points below have their fold tabled */
    EW_FOLD_MAX = 8                       /* code points that one may fold to (canonical decompositions reach 4) */
};

/* What becomes of a character before words are looked up. */
typedef enum ew_char { EW_CHAR_WORD, EW_CHAR_SPACE, EW_CHAR_PUNCT, EW_CHAR_DROP, EW_CHAR_ALONE, EW_CHAR_MANY } ew_char;

ew_char ew_tokens_class(uint32_t point);       /* never EW_CHAR_MANY */
int ew_tokens_is_punct(uint32_t point);
/* The character decomposed, without marks, in lower case: how many code points out[0 .. EW_FOLD_MAX) got. */
int ew_tokens_fold(uint32_t point, uint32_t *out);

typedef struct ew_piece_slot { uint32_t tag, id; } ew_piece_slot; /* id EW_NONE: empty */

struct ew_pipeline;
struct ew_tokenizer {
    struct ew_pipeline *pipeline; /* of an imported model: it does everything; NULL: what follows */
    char *text;                /* the vocabulary, every piece followed by NUL */
    uint32_t *starts;          /* [size] */
    uint16_t *lengths;         /* [size] bytes; pieces above UINT16_MAX are refused */
    uint32_t size, unknown;
    ew_piece_slot *slots;
    uint32_t slot_mask;
    uint32_t longest;          /* bytes of the longest piece, "##" not counted, at most EW_WORD_BYTES */
    uint32_t folds[EW_FOLD_POINTS]; /* class << 24 | folded code point */
    uint32_t ascii_punct[128]; /* id of each */
    uint32_t special[5];       /* ids of [PAD] [UNK] [CLS] [SEP] [MASK]; EW_NONE where the vocabulary lacks it */
};

extern const char *const ew_tokens_special[5];

/* The longest piece at the head of text[0 .. n): its id and, in *length, its bytes; EW_NONE if there is none. */
uint32_t ew_tokens_longest(const ew_tokenizer *tokenizer, int inside, const char *text, size_t n, size_t *length);

#endif
