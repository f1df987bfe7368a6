/* A tokenizer of the kind that tokenizer.json files describe: normalisers, pre-tokenisers, a model, added tokens. All of it is
 * read-only once loaded. Text -> (added tokens cut out) -> normalised -> cut into pieces -> ids. */
#ifndef EW_TOKENS_PIPELINE_H
#define EW_TOKENS_PIPELINE_H

#include "regex.h"
#include "tokens.h"
#include "trie.h"

enum {
    EW_STEPS_MAX = 64,   /* normalisers, pre-tokenisers */
    EW_PIECE_MAX = 1024, /* bytes of a piece of Unigram: its search is linear in this */
    EW_PIECES_MAX = 1 << 22
};

typedef enum ew_norm_kind {
    EW_NORM_CLEAN,
    EW_NORM_CHINESE,
    EW_NORM_NFC,
    EW_NORM_NFD,
    EW_NORM_NFKC,
    EW_NORM_NFKD,
    EW_NORM_NONSPACING,
    EW_NORM_COMBINING,
    EW_NORM_LOWER,
    EW_NORM_STRIP,
    EW_NORM_REPLACE,
    EW_NORM_PREPEND,
    EW_NORM_CHARSMAP,
    EW_NORM_NMT,
    EW_NORM_BYTES
} ew_norm_kind;

typedef struct ew_text {
    char *data;
    size_t n;
} ew_text; /* owned, NUL behind */

/* How a match is cut out of a text. */
typedef enum ew_cut { EW_CUT_REMOVED, EW_CUT_ISOLATED, EW_CUT_PREVIOUS, EW_CUT_NEXT, EW_CUT_CONTIGUOUS } ew_cut;

typedef enum ew_pre_kind {
    EW_PRE_BERT,
    EW_PRE_WORDS,
    EW_PRE_SPACE,
    EW_PRE_PUNCT,
    EW_PRE_DIGITS,
    EW_PRE_METASPACE,
    EW_PRE_BYTES,
    EW_PRE_PATTERN
} ew_pre_kind;

/* One step, of either sort; kind says which. */
typedef struct ew_step {
    int kind;
    int left, right;          /* STRIP: which ends */
    ew_regex *regex;          /* REPLACE, PATTERN, BYTES: NULL for a literal pattern (BYTES: the text stays whole) */
    ew_text pattern;          /* REPLACE, PATTERN: the literal; METASPACE: what stands for a blank */
    ew_text content;          /* REPLACE, PREPEND; CHARSMAP: the replacements, each ended by NUL */
    uint32_t *units, n_units; /* CHARSMAP: a double-array trie */
    ew_cut cut;               /* PATTERN, PUNCT, DIGITS */
    int invert;               /* PATTERN: what lies between matches is the match */
    int prefix;               /* METASPACE: 0 never, 1 first, 2 always; BYTES: a blank before text that has none */
    int split;                /* METASPACE */
} ew_step;

typedef enum ew_word_kind { EW_WORDPIECE, EW_UNIGRAM, EW_BPE, EW_WORDLEVEL } ew_word_kind;

typedef struct ew_merge {
    uint64_t pair;
    uint32_t rank, id;
} ew_merge; /* pair UINT64_MAX: empty slot */

typedef struct ew_added {
    uint32_t id;
    uint8_t alone, left, right;
} ew_added; /* single_word, lstrip, rstrip */

/* How words are told from the pieces they are made of. */
typedef enum ew_marks { EW_MARKS_NONE, EW_MARKS_INSIDE, EW_MARKS_BLANK, EW_MARKS_BYTES } ew_marks;

typedef struct ew_pipeline {
    ew_step norms[EW_STEPS_MAX], pres[EW_STEPS_MAX];
    uint32_t n_norms, n_pres;
    ew_word_kind kind;
    ew_trie pieces;         /* whole pieces; of WordPiece those that begin a word */
    ew_trie inside;         /* WordPiece: those that go on, without their mark */
    uint32_t size, unknown; /* ids; EW_NONE: there is no unknown token */
    uint32_t bytes[256];    /* ids of <0x00> .. <0xFF> */
    int byte_fallback, fuse, ignore_merges;
    uint32_t longest_word;         /* WordPiece: characters */
    ew_text mark, suffix;          /* continuing prefix, end of word */
    double *scores, unknown_score; /* Unigram [size] */
    ew_merge *merges;
    uint32_t merge_mask;
    ew_added *added;
    uint32_t n_added;
    ew_trie raw_added, normal_added;           /* values are places in `added` */
    uint8_t raw_first[256], normal_first[256]; /* bytes that an added token begins with */
    ew_marks marks;
    /* what a person sees */
    char *text;         /* every piece as spelled, then every piece's part of a word, NUL behind each */
    uint64_t *starts;   /* [2 * size] */
    uint8_t *continues; /* [size] */
} ew_pipeline;

/* tokenizer.json; `name` for messages. EW_INPUT names the part that is not understood. *vocab, where not NULL, gets a plain list
 * of pieces (one a line, owned) if this is bert-base-uncased's way of doing it, which has a faster body: then *out is NULL. */
EW_MUST_CHECK ew_status ew_pipeline_load(const char *name, const char *json, size_t n, ew_pipeline **out, ew_text *vocab,
                                         ew_error *err);
void ew_pipeline_free(ew_pipeline *pipeline);

typedef struct ew_scratch ew_scratch; /* one a thread; bounded cache of words inside */
EW_MUST_CHECK ew_status ew_scratch_create(ew_scratch **out, ew_error *err);
void ew_scratch_free(ew_scratch *scratch);

EW_MUST_CHECK ew_status ew_pipeline_run(const ew_pipeline *pipeline, ew_scratch *scratch, const char *text, size_t n, ew_ids *out,
                                        ew_error *err);

#endif
