/* What the files of tokens share. */
#ifndef EW_TOKENS_INSIDE_H
#define EW_TOKENS_INSIDE_H

#include "tokens.h"

enum {
    EW_WORD_CHARS = 100,                  /* longer words are [UNK] */
    EW_WORD_BYTES = 4 * EW_WORD_CHARS,
    EW_WORD_IDS = EW_WORD_CHARS,          /* a word has no more pieces than characters */
    EW_FOLD_POINTS = 0x10000,             /* code points below have their fold tabled */
    EW_FOLD_MAX = 8,                      /* code points that one may fold to (canonical decompositions reach 4) */
    EW_FOLD_BITS = 24,                    /* of a table's entry below its class */
    EW_REACH_SLOTS = 1 << 13,
    EW_REACH_HEAD = 3                     /* bytes of a piece's beginning that its reach is tabled by */
};

/* What becomes of a character before words are looked up. KNOWN: a word by itself, and its id is tabled. */
typedef enum ew_char {
    EW_CHAR_WORD, EW_CHAR_SPACE, EW_CHAR_PUNCT, EW_CHAR_DROP, EW_CHAR_ALONE, EW_CHAR_MANY, EW_CHAR_KNOWN
} ew_char;

ew_char ew_tokens_class(uint32_t point);       /* never EW_CHAR_MANY or EW_CHAR_KNOWN */
int ew_tokens_is_punct(uint32_t point);
/* The character decomposed, without marks, in lower case: how many code points out[0 .. EW_FOLD_MAX) got. */
int ew_tokens_fold(uint32_t point, uint32_t *out);

typedef struct ew_piece { uint32_t start; uint16_t length, inside; } ew_piece; /* inside: bytes of its "##", 0 or 2 */

struct ew_pipeline;
struct ew_tokenizer {
    struct ew_pipeline *pipeline; /* of an imported model: it does everything; NULL: what follows */
    char *text;                /* the vocabulary, every piece followed by NUL */
    ew_piece *pieces;          /* [size] where in text, bytes; pieces above UINT16_MAX are refused */
    uint32_t size, unknown;
    uint16_t *tags;            /* [slot_mask + 1] of the hash of the piece there; 0: none */
    uint32_t *ids;             /* [slot_mask + 1] */
    uint32_t slot_mask;
    uint32_t probes;           /* slots that a search looks at before it gives up */
    uint64_t seed;
    uint16_t reach[2][EW_REACH_SLOTS]; /* bytes of the longest piece that begins so, at a word's start and inside it */
    uint32_t folds[EW_FOLD_POINTS]; /* class << EW_FOLD_BITS | folded code point; of EW_CHAR_KNOWN the id */
    uint32_t special[5];       /* ids of [PAD] [UNK] [CLS] [SEP] [MASK]; EW_NONE where the vocabulary lacks it */
};

extern const char *const ew_tokens_special[5];

/* The ids of a whole run of bytes without ASCII blank or punctuation, ASCII letters in lower case: they depend on the run alone.
 * word: scratch of EW_WORD_BYTES. */
EW_MUST_CHECK ew_status ew_tokens_run(const ew_tokenizer *tokenizer, char *word, const char *run, size_t n, ew_ids *out,
                                      ew_error *err);
/* Room for `more` ids. */
EW_MUST_CHECK ew_status ew_tokens_room(ew_ids *out, size_t more, ew_error *err);

/* The longest piece at the head of text[0 .. n): its id and, in *length, its bytes; EW_NONE if there is none. */
uint32_t ew_tokens_longest(const ew_tokenizer *tokenizer, int inside, const char *text, size_t n, size_t *length);

#endif
