#include <math.h>
#include <string.h>

#include "pattern_automaton.h"

enum { MAX_ACTIVE = 1024 }; /* partial matches followed at a time; more are let go, the latest begun first */

static const double LEANS_MOST = 2;

typedef struct place { uint32_t node, start; } place;
typedef struct places { place items[MAX_ACTIVE]; uint32_t n; } places;

typedef struct runner {
    const ew_patterns *patterns;
    ew_hit_fn hit;
    void *context;
    places sets[2];
    int now;                                /* which of the sets is current */
    uint64_t reached[EW_MAX_NODES / 64];    /* nodes in the next set */
    uint64_t has[EW_MAX_SYMBOLS / 64];      /* symbols of the word at hand */
    uint32_t symbols[256], n_symbols;
    uint32_t seen[EW_MAX_GUARDS];           /* number of the last word with a guard's symbol; 0 none in this clause */
    uint32_t count;                         /* words so far */
    int64_t leaning;                        /* of them together, hundredths */
    uint32_t end;                           /* where the last word ended */
    ew_anchor anchor;                       /* what the next word begins */
} runner;

#define ITEMS(buffer, type) ((const type *)(const void *)(buffer).data)

static int has(const runner *run, uint32_t symbol) { return (int)(run->has[symbol / 64] >> (symbol % 64) & 1); }

static void add_symbol(runner *run, uint32_t symbol) {
    if (has(run, symbol) || run->n_symbols == 256) return;
    run->has[symbol / 64] |= (uint64_t)1 << (symbol % 64);
    run->symbols[run->n_symbols++] = symbol;
}

static void add_run(runner *run, const ew_buffer *members, const ew_buffer *at, uint32_t number) {
    uint32_t begin = ITEMS(*at, uint32_t)[number], stop = ITEMS(*at, uint32_t)[number + 1];
    for (uint32_t i = begin; i < stop; i++) add_symbol(run, (uint32_t)ITEMS(*members, uint64_t)[i]);
}

static void look_up(runner *run, const char *text, size_t n) {
    const ew_patterns *p = run->patterns;
    add_symbol(run, EW_SYMBOL_ANY);
    if (!n) return;
    uint32_t word = ew_dict_find(&p->words, text, n);
    if (word != EW_NONE && word) {
        add_run(run, &p->members, &p->member_at, word);
        if (word < p->leanings.length / sizeof(int32_t)) run->leaning += ITEMS(p->leanings, int32_t)[word];
    }
    for (uint64_t left = p->stem_lengths[(unsigned char)text[0]]; left; left &= left - 1) {
        size_t length = (size_t)__builtin_ctzll(left);
        if (length > n) break;
        uint32_t stem = ew_dict_find(&p->stems, text, length);
        if (stem != EW_NONE && stem) add_run(run, &p->stem_members, &p->stem_at, stem);
    }
}

static void report(runner *run, uint32_t pattern, uint32_t start, uint32_t end) {
    run->hit(run->context, pattern, &ITEMS(run->patterns->patterns, ew_pattern)[pattern], start, end);
}

/* Puts a node and what is reached from it without a word into the next set. */
static void reach(runner *run, uint32_t node, uint32_t start, uint32_t end) {
    places *next = &run->sets[!run->now];
    for (; node != EW_NONE; node = ITEMS(run->patterns->nodes, ew_node)[node].skip) {
        if (run->reached[node / 64] >> (node % 64) & 1 || next->n == MAX_ACTIVE) return;
        run->reached[node / 64] |= (uint64_t)1 << (node % 64);
        next->items[next->n++] = (place){node, start};
        const ew_node *to = &ITEMS(run->patterns->nodes, ew_node)[node];
        if (to->accept && to->forbid == EW_SYMBOL_NONE) report(run, to->pattern, start, end);
    }
}

static void follow(runner *run, uint32_t end) {
    const places *set = &run->sets[run->now];
    for (uint32_t i = 0; i < set->n; i++) {
        const ew_node *node = &ITEMS(run->patterns->nodes, ew_node)[set->items[i].node];
        if (node->forbid != EW_SYMBOL_NONE) {
            if (has(run, node->forbid)) continue;
            if (node->accept) report(run, node->pattern, set->items[i].start, run->end);
        }
        const ew_edge *edge = ITEMS(run->patterns->edges, ew_edge) + node->first_edge;
        for (uint32_t k = 0; k < node->n_edges; k++)
            if (has(run, edge[k].symbol)) reach(run, edge[k].target, set->items[i].start, end);
    }
}

static void begin(runner *run, uint32_t start, uint32_t end) {
    for (uint32_t i = 0; i < run->n_symbols; i++) {
        const uint32_t *at = ITEMS(run->patterns->root_at, uint32_t) + run->symbols[i];
        for (uint32_t r = at[0]; r < at[1]; r++) {
            const ew_root *root = &ITEMS(run->patterns->roots, ew_root)[r];
            if (root->anchor > run->anchor) continue;
            uint32_t seen = root->guard == EW_NONE ? 0 : run->seen[root->guard];
            if (seen && run->count - seen <= EW_GUARD_REACH) continue;
            reach(run, root->target, start, end);
        }
    }
}

/* The word's symbols are forgotten and the next set becomes the current one. */
static void turn(runner *run) {
    const places *next = &run->sets[!run->now];
    for (uint32_t i = 0; i < next->n; i++) run->reached[next->items[i].node / 64] = 0;
    for (uint32_t i = 0; i < run->n_symbols; i++) run->has[run->symbols[i] / 64] = 0;
    run->n_symbols = 0;
    run->sets[run->now].n = 0;
    run->now = !run->now;
}

/* The end of a clause: marks that no gap passes, then a fresh start. */
static void pause(runner *run, ew_break here) {
    if (here == EW_BREAK_NONE) return;
    memset(run->seen, 0, sizeof run->seen);
    if (here == EW_BREAK_WEAK) {
        if (run->anchor < EW_ANCHOR_CLAUSE) run->anchor = EW_ANCHOR_CLAUSE;
        return;
    }
    add_symbol(run, EW_SYMBOL_END);
    if (here == EW_BREAK_QUESTION) add_symbol(run, EW_SYMBOL_QUESTION);
    follow(run, run->end);
    turn(run);
    run->sets[run->now].n = 0;
    run->anchor = EW_ANCHOR_START;
}

static void feed(runner *run, const char *text, size_t n, uint32_t start, uint32_t end) {
    look_up(run, text, n);
    run->count++;
    int lead = has(run, EW_SYMBOL_LEAD), join = has(run, EW_SYMBOL_JOIN);
    follow(run, end);
    begin(run, start, end);
    for (uint32_t g = 0; g < run->patterns->n_guards; g++)
        if (has(run, run->patterns->guards[g])) run->seen[g] = run->count;
    turn(run);
    run->end = end;
    if (!lead) run->anchor = join ? EW_ANCHOR_CLAUSE : EW_ANCHOR_NONE;
    else if (join && run->anchor < EW_ANCHOR_CLAUSE) run->anchor = EW_ANCHOR_CLAUSE;
}

double ew_patterns_match(const ew_patterns *patterns, const char *text, uint32_t start, uint32_t end, ew_hit_fn hit,
                       void *context) {
    runner run;
    run.patterns = patterns;
    run.hit = hit;
    run.context = context;
    run.sets[0].n = run.sets[1].n = 0;
    run.now = 0;
    memset(run.reached, 0, sizeof run.reached);
    memset(run.has, 0, sizeof run.has);
    memset(run.seen, 0, sizeof run.seen);
    run.n_symbols = run.count = 0;
    run.leaning = 0;
    run.end = start;
    run.anchor = EW_ANCHOR_START;
    ew_word word;
    uint32_t at = start;
    int more;
    do {
        more = ew_words_next(&patterns->kept, text, end, &at, &word);
        pause(&run, more || word.before == EW_BREAK_QUESTION ? word.before : EW_BREAK_STRONG);
        if (!more) break;
        ew_piece pieces[8];
        uint32_t n = ew_alias_of(patterns, &word, pieces);
        for (uint32_t i = 0; i < n; i++) feed(&run, pieces[i].text, pieces[i].n, word.start, word.end);
        if (!n) feed(&run, word.text, word.n, word.start, word.end);
    } while (more);
    double leaning = run.count ? (double)run.leaning / 100 / sqrt(run.count) : 0;
    return leaning > LEANS_MOST ? LEANS_MOST : leaning < -LEANS_MOST ? -LEANS_MOST : leaning;
}
