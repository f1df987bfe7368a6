/* pattern_automaton: the workshop between pattern_compile.c, which builds it, and pattern_match.c, which runs it.
 *
 * A symbol is a set of words (an item of a pattern without its marks). A pattern's nodes lie in a row; an edge leads on
 * under a symbol; `skip` leads on under nothing. Roots are the first edges of all patterns, sorted by symbol. */
#ifndef EW_NEEDS_AUTOMATON_H
#define EW_NEEDS_AUTOMATON_H

#include "../base/dict.h"
#include "patterns.h"
#include "pattern_words.h"

enum {
    EW_MAX_NODES = 16384, EW_MAX_SYMBOLS = 4096, EW_MAX_GUARDS = 32,
    EW_GUARD_REACH = 3,    /* words before a match in which a guard looks */
    EW_SYMBOL_NONE = 0, EW_SYMBOL_ANY, EW_SYMBOL_QUESTION, EW_SYMBOL_END, EW_SYMBOL_LEAD, EW_SYMBOL_JOIN, EW_SYMBOLS_OWN
};

typedef enum ew_anchor { EW_ANCHOR_NONE, EW_ANCHOR_CLAUSE, EW_ANCHOR_START } ew_anchor;

typedef struct ew_edge { uint32_t symbol, target; } ew_edge;

typedef struct ew_node {
    uint32_t first_edge, n_edges;
    uint32_t skip;       /* node reached without a word; EW_NONE */
    uint32_t forbid;     /* symbol that the next word must not have; EW_SYMBOL_NONE */
    uint32_t pattern;
    int accept;
} ew_node;

typedef struct ew_root {
    uint32_t symbol, target, guard; /* guard: index into guards; EW_NONE */
    ew_anchor anchor;
} ew_root;

typedef struct ew_affix { /* an alias of an apostrophe: *'d or l'* */
    uint32_t name;        /* in alias_names, the star cut */
    uint32_t before, after; /* replacements around what the star stands for: alias_names, several words parted by blanks */
    int ending;           /* the star comes first */
} ew_affix;

struct ew_patterns {
    ew_dict words, stems, symbols, alias_names;
    ew_buffer patterns;   /* ew_pattern */
    ew_buffer nodes;      /* ew_node */
    ew_buffer edges;      /* ew_edge, by node */
    ew_buffer roots;      /* ew_root, by symbol */
    ew_buffer members, stem_members; /* uint64_t word << 32 | symbol, sorted; a symbol of a stem holds for all its words */
    ew_buffer affixes;    /* ew_affix */
    ew_buffer alias_to;   /* uint32_t by name in alias_names: its replacement, 0 none */
    ew_buffer leanings;   /* int32_t by word, hundredths; shorter than words where the last do not lean */
    ew_buffer root_at, member_at, stem_at; /* uint32_t [symbols + 1], [words + 1], [stems + 1]: where the runs begin */
    uint64_t stem_lengths[256]; /* by first byte: bit n set where a stem of n bytes begins so */
    uint32_t guards[EW_MAX_GUARDS];
    uint32_t n_guards;
    ew_kept kept;
    double bias;
};

/* Where a word is rewritten: up to 8 pieces, each a word; 0: it stays as it is. Pieces point into patterns or word. */
typedef struct ew_piece { const char *text; size_t n; } ew_piece;
uint32_t ew_alias_of(const ew_patterns *patterns, const ew_word *word, ew_piece out[8]);

#endif
