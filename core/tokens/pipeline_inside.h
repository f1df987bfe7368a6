/* What the files of a pipeline share: the scratch of one thread, and the steps. */
#ifndef EW_TOKENS_PIPELINE_INSIDE_H
#define EW_TOKENS_PIPELINE_INSIDE_H

#include "../base/json_read.h"
#include "pipeline.h"

enum { EW_CACHE_KEY = 36, EW_CACHE_IDS = 5, EW_CACHE_ENTRIES = 1 << 14 };

/* A stretch of the text being worked on. at_zero: it begins where the original text does. */
typedef struct ew_stretch {
    size_t start, end;
    uint32_t id;
    uint8_t at_zero;
} ew_stretch; /* id: an added token; EW_NONE: text */
typedef struct ew_stretches {
    ew_stretch *items;
    size_t n, capacity;
} ew_stretches;

/* Unigram: the best way to here (length 0: none yet), and where the piece that begins here ends. */
typedef struct ew_path {
    double score;
    uint32_t id, length, next;
} ew_path;
typedef struct ew_symbol {
    uint32_t id, length, before, after;
} ew_symbol; /* BPE: a list of what is being merged */
typedef struct ew_pair {
    uint32_t rank, at, id;
} ew_pair;

typedef struct ew_word_entry {
    uint8_t length, n;
    char key[EW_CACHE_KEY + 2];
    uint32_t ids[EW_CACHE_IDS + 1];
} ew_word_entry;

struct ew_scratch {
    ew_buffer raw, norm[2], text[2], marks;
    ew_stretches cuts, stretches[2];
    int32_t *points;
    size_t points_capacity;
    ew_regex_room room;
    ew_path *paths;
    size_t paths_capacity;
    ew_symbol *symbols;
    size_t symbols_capacity;
    ew_pair *heap;
    size_t heap_n, heap_capacity;
    ew_word_entry *cache; /* [EW_CACHE_ENTRIES] */
};

EW_MUST_CHECK ew_status ew_stretch_add(ew_stretches *to, ew_stretch item, ew_error *err);
/* Room for n items of `size` bytes in *memory; what was there is not kept. */
EW_MUST_CHECK ew_status ew_room_for(void **memory, size_t *capacity, size_t n, size_t size, ew_error *err);

/* text[0 .. n) through the normalisers: *out lies in the scratch or is `text` itself. *at_zero is cleared where its head goes. */
EW_MUST_CHECK ew_status ew_normalize(const ew_step *steps, uint32_t n_steps, ew_scratch *s, const char *text, size_t n,
                                     const char **out, size_t *out_n, uint8_t *at_zero, ew_error *err);
/* Normal forms (core of NFC, NFD, NFKC, NFKD), to the end of `out`. */
EW_MUST_CHECK ew_status ew_normal_form(ew_scratch *s, int compose, int compatible, const char *text, size_t n, ew_buffer *out,
                                       ew_error *err);
/* A sentencepiece map of characters, to the end of `out`. */
EW_MUST_CHECK ew_status ew_charsmap(const ew_step *step, const char *text, size_t n, ew_buffer *out, int *head_gone,
                                    ew_error *err);

/* One pre-tokeniser over s->stretches[from] in s->text[from], into the other of each. */
EW_MUST_CHECK ew_status ew_pre_tokenize(const ew_step *step, ew_scratch *s, int from, ew_error *err);
/* The character that stands for a byte in byte-level vocabularies, as UTF-8 (two bytes at most). */
size_t ew_byte_character(unsigned char byte, char *out);
int ew_character_byte(uint32_t point); /* and back; -1: none */

/* One word's ids, appended. */
EW_MUST_CHECK ew_status ew_word_ids(const ew_pipeline *p, ew_scratch *s, const char *word, size_t n, ew_ids *out, ew_error *err);

/* While loading: a piece of the vocabulary as the file spells it, by its place in the JSON's text. */
typedef struct ew_spelling {
    uint32_t at, length;
    uint8_t there, added, special;
} ew_spelling;
typedef struct ew_loading {
    const char *name;
    const ew_json *json;
    ew_spelling *pieces;
    uint32_t n, capacity; /* [n] by id */
    ew_error *err;
} ew_loading;
/* EW_INPUT: "NAME: PART 'VALUE' WHAT". */
EW_MUST_CHECK ew_status ew_refuse(const ew_loading *l, const char *part, const char *value, const char *what);
EW_MUST_CHECK ew_status ew_load_normalizer(const ew_loading *l, const ew_json_node *node, ew_pipeline *p, int depth);
EW_MUST_CHECK ew_status ew_load_pre_tokenizer(const ew_loading *l, const ew_json_node *node, ew_pipeline *p, int depth);
EW_MUST_CHECK ew_status ew_load_pattern(const ew_loading *l, const ew_json_node *node, ew_step *step);
EW_MUST_CHECK ew_status ew_load_charsmap(const ew_loading *l, const ew_json_node *node, ew_step *step);
EW_MUST_CHECK ew_status ew_load_words(ew_loading *l, const ew_json_node *model, ew_pipeline *p);
EW_MUST_CHECK ew_status ew_load_merges(const ew_loading *l, const ew_json_node *merges, ew_pipeline *p);
EW_MUST_CHECK ew_status ew_load_added(ew_loading *l, const ew_json_node *added, ew_pipeline *p);
EW_MUST_CHECK ew_status ew_load_view(const ew_loading *l, ew_pipeline *p);
EW_MUST_CHECK ew_status ew_put_piece(ew_loading *l, uint64_t id, ew_spelling piece);
EW_MUST_CHECK ew_status ew_text_copy(ew_text *out, const char *text, size_t n, ew_error *err);
int ew_is_true(const ew_json_node *node, int otherwise); /* a JSON boolean, `otherwise` where it is null or missing */

#endif
