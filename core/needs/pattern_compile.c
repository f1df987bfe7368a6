#include "pattern_compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/alloc.h"

typedef struct head { uint32_t node, guard; ew_anchor anchor; } head;

#define COUNT(buffer, type) ((uint32_t)((buffer).length / sizeof(type)))
#define ITEMS(buffer, type) ((type *)(void *)(buffer).data)

ew_status ew_compile_fail(const ew_compiler *c, ew_error *err, const char *format, ...) {
    char message[320];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return ew_fail_at(err, EW_INPUT, c->name, c->line, c->byte, "%s", message);
}

ew_status ew_compile_begin(ew_compiler *c, ew_error *err) {
    static const char *const own[EW_SYMBOLS_OWN] = {"", "*", "[?]", "$", "<lead>", "<join>"};
    ew_status status = EW_OK;
    *c = (ew_compiler){.name = "cues", .class_members = EW_BUFFER_INIT(EW_BUFFER_ANY), .raw = EW_BUFFER_INIT(EW_BUFFER_ANY),
                       .heads = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    ew_patterns *p = c->out = ew_calloc(1, sizeof *p);
    if (!p) return ew_fail_memory(err, sizeof *p, "patterns");
    ew_buffer *buffers[] = {&p->patterns, &p->nodes, &p->edges, &p->roots, &p->members, &p->stem_members, &p->affixes,
                            &p->alias_to, &p->leanings, &p->root_at, &p->member_at, &p->stem_at};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) buffers[i]->max = EW_BUFFER_ANY;
    ew_dict *dicts[] = {&p->words, &p->stems, &p->symbols, &p->alias_names, &c->classes, &c->options};
    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++) EW_TRY(ew_dict_init(dicts[i], err));
    for (uint32_t i = 1, number; i < EW_SYMBOLS_OWN; i++) EW_TRY(ew_dict_add(&p->symbols, own[i], strlen(own[i]), &number, err));
done:
    return status;
}

void ew_compile_abandon(ew_compiler *c) {
    ew_patterns_free(c->out);
    ew_dict_free(&c->classes);
    ew_dict_free(&c->options);
    ew_buffer_free(&c->class_members);
    ew_buffer_free(&c->raw);
    ew_buffer_free(&c->heads);
}

ew_status ew_compile_options(ew_compiler *c, field item, ew_options_list *out, ew_error *err) {
    ew_status status = EW_OK;
    ew_buffer list = EW_BUFFER_INIT(EW_BUFFER_ANY);
    *out = (ew_options_list){NULL, 0};
    for (size_t i = 0; i <= item.n;) {
        if (COUNT(list, uint32_t) > EW_MAX_OPTIONS) {
            status = ew_compile_fail(c, err, "more than %d alternatives in '%.*s'", EW_MAX_OPTIONS, (int)item.n, item.text);
            goto done;
        }
        size_t begin = i;
        while (i < item.n && item.text[i] != '|') i++;
        field one = {item.text + begin, i - begin};
        i++;
        if (!one.n) {
            status = ew_compile_fail(c, err, "an empty alternative in '%.*s'", (int)item.n, item.text);
            goto done;
        }
        if (one.text[0] != '<') {
            uint32_t number;
            EW_TRY(ew_dict_add(&c->options, one.text, one.n, &number, err));
            EW_TRY(ew_buffer_append(&list, &number, sizeof number, err));
            continue;
        }
        uint32_t name = ew_dict_find(&c->classes, one.text, one.n), before = COUNT(list, uint32_t);
        for (uint32_t k = 0; k < COUNT(c->class_members, member); k++)
            if (ITEMS(c->class_members, member)[k].class_name == name)
                EW_TRY(ew_buffer_append(&list, &ITEMS(c->class_members, member)[k].option, sizeof(uint32_t), err));
        if (COUNT(list, uint32_t) == before) {
            status = ew_compile_fail(c, err, "class '%.*s' is not defined above", (int)one.n, one.text);
            goto done;
        }
    }
    *out = (ew_options_list){ITEMS(list, uint32_t), COUNT(list, uint32_t)};
    list.data = NULL;
done:
    ew_buffer_free(&list);
    return status;
}

static ew_status new_node(ew_compiler *c, uint32_t *out, ew_error *err) {
    ew_node node = {.skip = EW_NONE, .pattern = ew_patterns_count(c->out) - 1};
    *out = COUNT(c->out->nodes, ew_node);
    if (*out == EW_MAX_NODES) return ew_compile_fail(c, err, "more than %d places in all patterns", EW_MAX_NODES);
    return ew_buffer_append(&c->out->nodes, &node, sizeof node, err);
}

static ew_status connect(ew_compiler *c, uint32_t from, uint32_t symbol, uint32_t to, ew_error *err) {
    raw_edge edge = {from, symbol, to};
    return ew_buffer_append(&c->raw, &edge, sizeof edge, err);
}

static ew_status new_symbol(ew_compiler *c, const char *text, size_t n, uint32_t *out, int *is_new, ew_error *err) {
    uint32_t size = c->out->symbols.size;
    ew_status status = ew_dict_add(&c->out->symbols, text, n, out, err);
    *is_new = c->out->symbols.size > size;
    if (status == EW_OK && *out >= EW_MAX_SYMBOLS) return ew_compile_fail(c, err, "more than %d different items", EW_MAX_SYMBOLS);
    return status;
}

/* A word, or all words that begin with a stem, get the symbol. */
static ew_status enter(ew_compiler *c, ew_piece word, int stem, uint32_t symbol, ew_error *err) {
    ew_patterns *p = c->out;
    uint32_t number;
    ew_status status = ew_dict_add(stem ? &p->stems : &p->words, word.text, word.n, &number, err);
    if (status != EW_OK) return status;
    if (stem) p->stem_lengths[(unsigned char)word.text[0]] |= (uint64_t)1 << word.n;
    uint64_t pair = (uint64_t)number << 32 | symbol;
    return ew_buffer_append(stem ? &p->stem_members : &p->members, &pair, sizeof pair, err);
}

enum { MAX_WORDS = 32 }; /* of one alternative, aliases resolved; a script without blanks has a word a letter */

/* The words of one alternative; *stem: the last one is a stem. */
static ew_status split_option(const ew_compiler *c, const char *text, ew_word words[MAX_WORDS], ew_piece out[MAX_WORDS],
                              uint32_t *n, int *stem, ew_error *err) {
    size_t length = strlen(text);
    uint32_t at = 0, read = 0;
    *n = 0;
    *stem = length > 1 && text[length - 1] == '*';
    length -= (size_t)*stem;
    for (; ew_words_next(&c->out->kept, text, (uint32_t)length, &at, &words[read]); read++) {
        ew_piece pieces[8];
        uint32_t more = ew_alias_of(c->out, &words[read], pieces);
        if (!more) pieces[more++] = (ew_piece){words[read].text, words[read].n};
        if (!words[read].n || *n + more >= MAX_WORDS || read + 1 == MAX_WORDS || words[read].before != EW_BREAK_NONE)
            return ew_compile_fail(c, err, "'%s' is no word or has too many parts", text);
        memcpy(out + *n, pieces, more * sizeof *pieces);
        *n += more;
    }
    if (!*n || words[read].before != EW_BREAK_NONE)
        return ew_compile_fail(c, err, "'%s' has no letter or digit, or a sign in it", text);
    if (*stem && out[*n - 1].n >= 64) return ew_compile_fail(c, err, "stem '%s' is too long", text);
    return EW_OK;
}

/* Several words one behind the other, from node to node. */
static ew_status chain(ew_compiler *c, uint32_t from, const ew_piece *words, uint32_t n, int stem, uint32_t to, ew_error *err) {
    ew_status status = EW_OK;
    for (uint32_t i = 0; i < n; i++) {
        char key[EW_WORD_MAX + 2];
        int last = i + 1 == n, is_new;
        uint32_t symbol, next = to;
        int length = snprintf(key, sizeof key, "%.*s%s", (int)words[i].n, words[i].text, last && stem ? "*" : "");
        EW_TRY(new_symbol(c, key, (size_t)length, &symbol, &is_new, err));
        if (is_new) EW_TRY(enter(c, words[i], last && stem, symbol, err));
        if (!last) EW_TRY(new_node(c, &next, err));
        EW_TRY(connect(c, from, symbol, next, err));
        from = next;
    }
done:
    return status;
}

/* Edges from -> to for each alternative of an item; from EW_NONE: the symbol alone, of single words. */
static ew_status item_edges(ew_compiler *c, field item, uint32_t from, uint32_t to, uint32_t *symbol, ew_error *err) {
    ew_status status = EW_OK;
    ew_options_list list;
    int is_new, single = 0;
    EW_TRY(ew_compile_options(c, item, &list, err));
    EW_TRY(new_symbol(c, item.text, item.n, symbol, &is_new, err));
    is_new |= *symbol >= EW_SYMBOL_LEAD && *symbol < EW_SYMBOLS_OWN; /* classes entered at the end as well: twice does no harm */
    for (uint32_t i = 0; i < list.n; i++) {
        char text[520];
        ew_word words[MAX_WORDS];
        ew_piece pieces[MAX_WORDS];
        uint32_t n, mark = EW_SYMBOL_NONE;
        int stem;
        snprintf(text, sizeof text, "%s", ew_dict_text(&c->options, list.items[i]));
        if (strcmp(text, "[?]") == 0) mark = EW_SYMBOL_QUESTION;
        if (strcmp(text, "$") == 0) mark = EW_SYMBOL_END;
        if (mark && mark == *symbol) {
            single = 1;
        } else if (mark) {
            if (from == EW_NONE) {
                status = ew_compile_fail(c, err, "'%s' stands alone behind '!'", text);
                goto done;
            }
            EW_TRY(connect(c, from, mark, to, err));
        } else {
            EW_TRY(split_option(c, text, words, pieces, &n, &stem, err));
            if (n == 1) {
                single = 1;
                if (is_new) EW_TRY(enter(c, pieces[0], stem, *symbol, err));
            } else if (from == EW_NONE) {
                status = ew_compile_fail(c, err, "'!' and the classes <lead> and <join> take single words, not '%s'", text);
                goto done;
            } else {
                EW_TRY(chain(c, from, pieces, n, stem, to, err));
            }
        }
    }
    if (single && from != EW_NONE) EW_TRY(connect(c, from, *symbol, to, err));
done:
    ew_free(list.items);
    return status;
}

static ew_status set_guard(ew_compiler *c, uint32_t symbol, head *h, ew_error *err) {
    ew_patterns *p = c->out;
    uint32_t g = 0;
    while (g < p->n_guards && p->guards[g] != symbol) g++;
    if (g == EW_MAX_GUARDS) return ew_compile_fail(c, err, "more than %d different '!' before patterns", EW_MAX_GUARDS);
    if (g == p->n_guards) p->guards[p->n_guards++] = symbol;
    h->guard = g;
    return EW_OK;
}

ew_status ew_compile_items(ew_compiler *c, const field *items, uint32_t n, ew_error *err) {
    ew_status status = EW_OK;
    head h = {.guard = EW_NONE};
    uint32_t at, next, symbol, words = 0; /* words: items that cannot be left out */
    int gap = 0;
    EW_TRY(new_node(c, &at, err));
    h.node = at;
    for (uint32_t i = 0; i < n; i++) {
        field item = items[i];
        int first = at == h.node, optional = item.n > 1 && item.text[item.n - 1] == '?';
        int guarded = ITEMS(c->out->nodes, ew_node)[at].forbid != EW_SYMBOL_NONE;
        if (first && (is(item, "^") || is(item, ","))) {
            h.anchor = is(item, "^") ? EW_ANCHOR_START : EW_ANCHOR_CLAUSE;
            continue;
        }
        if (item.text[0] == '!' && item.n > 1) {
            item = (field){item.text + 1, item.n - 1};
            EW_TRY(item_edges(c, item, EW_NONE, EW_NONE, &symbol, err));
            if (first) {
                EW_TRY(set_guard(c, symbol, &h, err));
            } else if (!words || gap || guarded) {
                return ew_compile_fail(c, err, "'!' needs a word that cannot be left out before it");
            } else {
                ITEMS(c->out->nodes, ew_node)[at].forbid = symbol;
            }
            continue;
        }
        gap = item.text[0] == '*' && item.n <= 2;
        uint32_t repeat = gap ? 3 : 1;
        if (gap && item.n == 2) repeat = (uint32_t)(item.text[1] - '0');
        if (gap && (!words || guarded || repeat < 1 || repeat > 9))
            return ew_compile_fail(c, err, "a gap is '*' or '*1' .. '*9' behind a word that cannot be left out");
        if (optional && guarded) return ew_compile_fail(c, err, "behind '!' nothing can be left out");
        item.n -= (size_t)optional;
        words += !gap && !optional;
        for (; repeat; repeat--, at = next) {
            EW_TRY(new_node(c, &next, err));
            if (gap) EW_TRY(connect(c, at, EW_SYMBOL_ANY, next, err));
            else EW_TRY(item_edges(c, item, at, next, &symbol, err));
            if (gap || optional) ITEMS(c->out->nodes, ew_node)[at].skip = next;
        }
    }
    if (!words || gap) return ew_compile_fail(c, err, "a pattern needs a word that cannot be left out, and none ends with a gap");
    ITEMS(c->out->nodes, ew_node)[at].accept = 1;
    status = ew_buffer_append(&c->heads, &h, sizeof h, err);
done:
    return status;
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts pairs, drops doubles, and writes where the run of each word begins. */
static ew_status index_members(ew_buffer *members, uint32_t words, ew_buffer *at, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t n = COUNT(*members, uint64_t), kept = 0;
    uint64_t *items = ITEMS(*members, uint64_t);
    if (n) qsort(items, n, sizeof *items, by_value);
    for (uint32_t i = 0; i < n; i++)
        if (!i || items[i] != items[i - 1]) items[kept++] = items[i];
    members->length = kept * sizeof *items;
    for (uint32_t word = 0, i = 0; word <= words; word++) {
        while (i < kept && items[i] >> 32 < word) i++;
        EW_TRY(ew_buffer_append(at, &i, sizeof i, err));
    }
done:
    return status;
}

static int by_from(const void *a, const void *b) {
    const raw_edge *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->symbol != y->symbol) return x->symbol < y->symbol ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static ew_status place_edges(ew_compiler *c, ew_error *err) {
    ew_status status = EW_OK;
    raw_edge *raw = ITEMS(c->raw, raw_edge);
    uint32_t n = COUNT(c->raw, raw_edge);
    ew_node *nodes = ITEMS(c->out->nodes, ew_node);
    if (n) qsort(raw, n, sizeof *raw, by_from);
    for (uint32_t i = 0; i < n; i++) {
        ew_edge edge = {raw[i].symbol, raw[i].to};
        if (!nodes[raw[i].from].n_edges++) nodes[raw[i].from].first_edge = i;
        EW_TRY(ew_buffer_append(&c->out->edges, &edge, sizeof edge, err));
    }
done:
    return status;
}

static int by_symbol(const void *a, const void *b) {
    const ew_root *x = a, *y = b;
    if (x->symbol != y->symbol) return x->symbol < y->symbol ? -1 : 1;
    return (x->target > y->target) - (x->target < y->target);
}

static ew_status place_roots(ew_compiler *c, ew_error *err) {
    ew_status status = EW_OK;
    ew_patterns *p = c->out;
    const ew_node *nodes = ITEMS(p->nodes, ew_node);
    for (uint32_t i = 0; i < COUNT(c->heads, head); i++) {
        const head *h = &ITEMS(c->heads, head)[i];
        for (uint32_t node = h->node; node != EW_NONE; node = nodes[node].skip)
            for (uint32_t k = 0; k < nodes[node].n_edges; k++) {
                const ew_edge *edge = &ITEMS(p->edges, ew_edge)[nodes[node].first_edge + k];
                ew_root root = {edge->symbol, edge->target, h->guard, h->anchor};
                EW_TRY(ew_buffer_append(&p->roots, &root, sizeof root, err));
            }
    }
    uint32_t n = COUNT(p->roots, ew_root);
    if (n) qsort(p->roots.data, n, sizeof(ew_root), by_symbol);
    for (uint32_t symbol = 0, i = 0; symbol <= p->symbols.size; symbol++) {
        while (i < n && ITEMS(p->roots, ew_root)[i].symbol < symbol) i++;
        EW_TRY(ew_buffer_append(&p->root_at, &i, sizeof i, err));
    }
done:
    return status;
}

ew_status ew_compile_end(ew_compiler *c, ew_error *err) {
    ew_status status = EW_OK;
    ew_patterns *p = c->out;
    static const char *const classes[] = {"<lead>", "<join>"};
    c->line = 0;
    for (size_t i = 0; i < 2; i++) { /* these two count even where no pattern names them */
        uint32_t symbol;
        if (ew_dict_find(&c->classes, classes[i], strlen(classes[i])) != EW_NONE)
            EW_TRY(item_edges(c, (field){classes[i], strlen(classes[i])}, EW_NONE, EW_NONE, &symbol, err));
    }
    EW_TRY(place_edges(c, err));
    EW_TRY(place_roots(c, err));
    EW_TRY(index_members(&p->members, p->words.size, &p->member_at, err));
    EW_TRY(index_members(&p->stem_members, p->stems.size, &p->stem_at, err));
done:
    return status;
}
