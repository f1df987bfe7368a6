/* A pattern -> code, by descent. What is repeated is read again for each copy, so no tree is kept. */
#include <string.h>
#include <utf8proc.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "classes.h"
#include "regex_inside.h"

enum { DEPTH_MAX = 24, REPEAT_MAX = 1000 };

typedef struct parser {
    ew_regex *regex;
    const char *at, *end;
    const char *why; /* the first thing that was not understood */
    uint32_t steps;  /* work done, against patterns that nest repeats */
    int fold, depth;
    int dry; /* read only: nothing is written */
} parser;

static int refuse(parser *p, const char *why) {
    if (!p->why) p->why = why;
    return 0;
}

static int ahead(const parser *p, const char *text) {
    size_t n = strlen(text);
    return (size_t)(p->end - p->at) >= n && memcmp(p->at, text, n) == 0;
}

static int take(parser *p, const char *text) {
    if (!ahead(p, text)) return 0;
    p->at += strlen(text);
    return 1;
}

static int emit(parser *p, ew_regex_op op, uint32_t set, uint32_t x, uint32_t y, uint32_t *where) {
    if (where) *where = p->regex->n_code;
    if (p->dry) return 1;
    if (p->regex->n_code == EW_REGEX_CODE_MAX) return refuse(p, "it is too large");
    uint32_t branch = op == EW_REGEX_BRANCH ? p->regex->n_branches++ : 0;
    p->regex->code[p->regex->n_code++] = (ew_regex_code){op, set, x, y, branch};
    return 1;
}

/* ---- sets of characters ---- */

typedef struct building {
    ew_regex_item items[256];
    uint32_t n;
} building;

static int add(parser *p, building *b, ew_regex_item item) {
    if (b->n == sizeof b->items / sizeof *b->items) return refuse(p, "a class is too long");
    b->items[b->n++] = item;
    return 1;
}

static uint32_t close_set(parser *p, const building *b, int not) {
    ew_regex *r = p->regex;
    if (p->dry) return 0;
    if (r->n_sets == EW_REGEX_SETS_MAX || r->n_items + b->n > EW_REGEX_ITEMS_MAX) {
        refuse(p, "it is too large");
        return 0;
    }
    uint32_t number = r->n_sets++;
    ew_regex_set *set = &r->sets[number];
    *set = (ew_regex_set){r->n_items, b->n, not, p->fold, {0, 0}};
    memcpy(r->items + r->n_items, b->items, b->n * sizeof *b->items);
    r->n_items += b->n;
    for (uint32_t c = 0; c < 128; c++)
        if (ew_regex_has(r, number, c)) set->ascii[c >> 6] |= UINT64_C(1) << (c & 63);
    return number;
}

/* at: behind \p or \P. */
static int property(parser *p, building *b, int not) {
    uint32_t mask = 0;
    if (!take(p, "{")) return refuse(p, "\\p is not followed by '{'");
    if (take(p, "^")) not = !not;
    const char *close = memchr(p->at, '}', (size_t)(p->end - p->at));
    size_t n = close ? (size_t)(close - p->at) : 0;
    if (n == 1 || n == 2) mask = ew_class_named(p->at, n);
    if (!mask) return refuse(p, "\\p{...} names no general category");
    p->at = close + 1;
    return add(p, b, (ew_regex_item){EW_REGEX_CATEGORY, not, mask, 0});
}

static int hex(parser *p, uint32_t *point) { /* {H...} or as many digits as there are, four at most */
    int braces = take(p, "{"), most = braces ? 6 : 4, n = 0;
    for (*point = 0; n < most && p->at < p->end; n++, p->at++) {
        char c = *p->at;
        if (c >= '0' && c <= '9')
            *point = *point * 16 + (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            *point = *point * 16 + (uint32_t)((c | 32) - 'a' + 10);
        else
            break;
    }
    return n && (!braces || take(p, "}")) && *point < 0x110000 ? 1 : refuse(p, "a character's number cannot be read");
}

/* at: behind a backslash. A class goes into b and *single is 0; else *point is the character. */
static int escape(parser *p, building *b, uint32_t *point, int *single) {
    static const char names[] = "nrtfve", values[] = "\n\r\t\f\v\x1b";
    *single = 0;
    if (p->at == p->end) return refuse(p, "it ends with a backslash");
    char c = *p->at++;
    const char *known = c ? strchr(names, c) : NULL;
    switch (c) {
    case 's': return add(p, b, (ew_regex_item){EW_REGEX_SPACE, 0, 0, 0});
    case 'S': return add(p, b, (ew_regex_item){EW_REGEX_SPACE, 1, 0, 0});
    case 'w': return add(p, b, (ew_regex_item){EW_REGEX_WORD, 0, 0, 0});
    case 'W': return add(p, b, (ew_regex_item){EW_REGEX_WORD, 1, 0, 0});
    case 'd': return add(p, b, (ew_regex_item){EW_REGEX_CATEGORY, 0, 1 << UTF8PROC_CATEGORY_ND, 0});
    case 'D': return add(p, b, (ew_regex_item){EW_REGEX_CATEGORY, 1, 1 << UTF8PROC_CATEGORY_ND, 0});
    case 'p': return property(p, b, 0);
    case 'P': return property(p, b, 1);
    case 'x':
    case 'u':
        *single = 1;
        return hex(p, point);
    default: break;
    }
    *single = 1;
    *point = known ? (unsigned char)values[known - names] : (unsigned char)c;
    if (known) return 1;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
        return refuse(p, "an escape is not known");
    return 1;
}

static uint32_t character(parser *p) {
    size_t length;
    uint32_t point = ew_utf8_decode(p->at, (size_t)(p->end - p->at), &length);
    p->at += length;
    if (point == EW_UTF8_BAD) refuse(p, "it is not UTF-8");
    return point;
}

/* at: behind '['. The finished set's number. */
static uint32_t class(parser *p) {
    building b = {.n = 0};
    int not = take(p, "^"), first = 1;
    for (; !p->why; first = 0) {
        uint32_t low, high;
        int single = 1;
        if (p->at == p->end) {
            refuse(p, "a class does not end");
            break;
        }
        if (!first && take(p, "]")) break;
        if (ahead(p, "[:") || ahead(p, "&&")) {
            refuse(p, "a class within a class");
            break;
        }
        if (take(p, "[")) { /* a class inside one adds to it */
            if (++p->depth > DEPTH_MAX) refuse(p, "it is nested too deeply");
            uint32_t inner = p->why ? 0 : class(p);
            p->depth--;
            add(p, &b, (ew_regex_item){EW_REGEX_SUBSET, 0, inner, 0});
            continue;
        }
        if (take(p, "\\")) {
            if (!escape(p, &b, &low, &single) || !single) continue;
        } else {
            low = character(p);
        }
        high = low;
        if (ahead(p, "-") && p->end - p->at > 1 && p->at[1] != ']') {
            p->at++;
            if (take(p, "\\")) {
                if (!escape(p, &b, &high, &single)) break;
                if (!single) refuse(p, "a range ends with a class");
            } else {
                high = character(p);
            }
        }
        if (high < low) refuse(p, "a range goes backwards");
        add(p, &b, (ew_regex_item){EW_REGEX_RANGE, 0, low, high});
    }
    return p->why ? 0 : close_set(p, &b, not);
}

/* ---- expressions ---- */

static int alternatives(parser *p);

/* One character's set, where one stands here: 1, and *set. */
static int one_character(parser *p, uint32_t *set) {
    building b = {.n = 0};
    uint32_t point;
    int single = 1;
    if (take(p, "[")) {
        *set = class(p);
        return !p->why;
    }
    if (take(p, ".")) {
        add(p, &b, (ew_regex_item){EW_REGEX_RANGE, 0, '\n', '\n'});
        *set = close_set(p, &b, 1);
        return !p->why;
    }
    if (take(p, "\\")) {
        if (!escape(p, &b, &point, &single)) return 0;
    } else {
        if (strchr("*+?{", *p->at)) return refuse(p, "a repeat has nothing before it");
        point = character(p);
    }
    if (single) add(p, &b, (ew_regex_item){EW_REGEX_RANGE, 0, point, point});
    *set = close_set(p, &b, 0);
    return !p->why;
}

/* at: behind '('. */
static int group(parser *p) {
    int fold = p->fold, good;
    if (take(p, "?=") || ahead(p, "?!")) {
        int not = take(p, "?!");
        uint32_t set;
        if (p->at == p->end || strchr("(^$", *p->at) || !one_character(p, &set) || !take(p, ")"))
            return refuse(p, "it looks ahead at more than one character");
        return emit(p, not? EW_REGEX_NOT_AHEAD : EW_REGEX_AHEAD, set, 0, 0, NULL);
    }
    if (take(p, "?i:"))
        p->fold = 1;
    else if (!take(p, "?:") && ahead(p, "?"))
        return refuse(p, "a group of a kind that is not known");
    if (++p->depth > DEPTH_MAX) return refuse(p, "it is nested too deeply");
    good = alternatives(p) && (take(p, ")") || refuse(p, "a group does not end"));
    p->depth--;
    p->fold = fold;
    return good;
}

static int looks_ahead(const parser *p) { return ahead(p, "(?=") || ahead(p, "(?!"); }

static int atom(parser *p) {
    uint32_t set = 0;
    if (p->steps++ > 200000) return refuse(p, "it is too large");
    if (take(p, "(")) return group(p);
    if (take(p, "^")) return emit(p, EW_REGEX_LINE_START, 0, 0, 0, NULL);
    if (take(p, "$")) return emit(p, EW_REGEX_LINE_END, 0, 0, 0, NULL);
    if (take(p, "\\A")) return emit(p, EW_REGEX_TEXT_START, 0, 0, 0, NULL);
    if (take(p, "\\z")) return emit(p, EW_REGEX_TEXT_END, 0, 0, 0, NULL);
    return one_character(p, &set) && emit(p, EW_REGEX_SET, set, 0, 0, NULL);
}

static int count(parser *p, uint32_t *out) {
    const char *first = p->at;
    for (*out = 0; p->at < p->end && *p->at >= '0' && *p->at <= '9' && *out <= REPEAT_MAX; p->at++)
        *out = *out * 10 + (uint32_t)(*p->at - '0');
    return p->at > first;
}

/* The repeat behind an atom: least and most (EW_NONE: any number); 0 if there is none. */
static int repeat(parser *p, uint32_t *least, uint32_t *most) {
    const char *back = p->at;
    *least = *most = 1;
    if (take(p, "*")) return *least = 0, *most = EW_NONE, 1;
    if (take(p, "+")) return *most = EW_NONE, 1;
    if (take(p, "?")) return *least = 0, 1;
    if (!take(p, "{")) return 0;
    int low = count(p, least), comma = take(p, ",");
    if (!low) *least = 0;
    if (!count(p, most)) *most = comma ? EW_NONE : *least;
    if (!comma && !low) {
        p->at = back;
        return refuse(p, "a '{' that is no repeat");
    }
    if (!take(p, "}")) return refuse(p, "a '{' that is no repeat");
    if (*least > REPEAT_MAX || (*most != EW_NONE && (*most > REPEAT_MAX || *most < *least)))
        return refuse(p, "a repeat's numbers are too large or go backwards");
    return 1;
}

/* The atom at `from` again; leaves the parser behind it. */
static int again(parser *p, const char *from) {
    p->at = from;
    return atom(p);
}

static int set_branch(parser *p, uint32_t where, uint32_t inside, uint32_t outside, int lazy) {
    if (p->dry) return 1;
    p->regex->code[where].x = lazy ? outside : inside;
    p->regex->code[where].y = lazy ? inside : outside;
    return 1;
}

static int term(parser *p) {
    const char *from = p->at;
    int dry = p->dry, folding = p->fold;
    uint32_t least, most, where;
    p->dry = 1; /* to see what follows the atom */
    int good = atom(p), simple = good && from[0] != '(' && from[0] != '^' && from[0] != '$';
    p->dry = dry;
    p->fold = folding;
    if (!good) return 0;
    if (!repeat(p, &least, &most)) return !p->why && (dry || again(p, from));
    int braces = p->at[-1] == '}', lazy = take(p, "?"), possessive = !lazy && !braces && take(p, "+");
    if (ahead(p, "+") || ahead(p, "*") || ahead(p, "?") || ahead(p, "{")) return refuse(p, "a repeat of a repeat");
    if (lazy && braces && least == most) return refuse(p, "a repeat of a repeat");
    if (!simple && (looks_ahead(&(parser){.at = from, .end = p->end}) || from[0] != '('))
        return refuse(p, "an anchor is repeated");
    const char *end = p->at;
    if (dry && !possessive) return 1;
    if (possessive) {
        uint32_t set;
        if (!simple) return refuse(p, "a possessive repeat of more than one character");
        p->at = from;
        if (!one_character(p, &set) || !emit(p, EW_REGEX_RUN, set, least, most, NULL)) return 0;
        p->at = end;
        return 1;
    }
    for (uint32_t i = 0; i < least; i++)
        if (!again(p, from)) return 0;
    if (most == EW_NONE) {
        uint32_t loop;
        if (!emit(p, EW_REGEX_BRANCH, 0, 0, 0, &where) || !again(p, from) || !emit(p, EW_REGEX_GO, 0, where, 0, &loop)) return 0;
        set_branch(p, where, where + 1, loop + 1, lazy);
    } else { /* each further one may be the last */
        uint32_t first = EW_NONE, last = EW_NONE;
        for (uint32_t i = least; i < most; i++) {
            if (!emit(p, EW_REGEX_BRANCH, 0, 0, last, &where)) return 0;
            last = where; /* chained through y until the end is known */
            if (first == EW_NONE) first = where;
            if (!again(p, from)) return 0;
        }
        for (uint32_t at = last, next; !p->dry && at != EW_NONE; at = next) {
            next = p->regex->code[at].y;
            set_branch(p, at, at + 1, p->regex->n_code, lazy);
        }
    }
    p->at = end;
    return 1;
}

static int sequence(parser *p) {
    while (p->at < p->end && *p->at != '|' && *p->at != ')')
        if (!term(p)) return 0;
    return 1;
}

static int alternatives(parser *p) {
    uint32_t ends = EW_NONE, where = 0, go;
    for (;;) { /* whether a branch is needed is seen from the first reading */
        const char *from = p->at;
        int dry = p->dry, fold = p->fold;
        p->dry = 1;
        int good = sequence(p);
        p->dry = dry;
        p->fold = fold;
        if (!good) return 0;
        int more = ahead(p, "|");
        if (dry) { /* nothing is written in any case */
            if (!more) return 1;
            p->at++;
            continue;
        }
        p->at = from;
        if (more && !emit(p, EW_REGEX_BRANCH, 0, 0, 0, &where)) return 0;
        if (!sequence(p)) return 0;
        if (!more) break;
        p->at++;
        if (!emit(p, EW_REGEX_GO, 0, ends, 0, &go)) return 0;
        ends = go;
        set_branch(p, where, where + 1, go + 1, 0);
    }
    for (uint32_t at = ends, next; !p->dry && at != EW_NONE; at = next) {
        next = p->regex->code[at].x;
        p->regex->code[at].x = p->regex->n_code;
    }
    return 1;
}

ew_status ew_regex_compile(const char *pattern, size_t n, ew_regex **out, ew_error *err) {
    *out = NULL;
    ew_regex *regex = ew_calloc(1, sizeof *regex);
    if (!regex) return ew_fail_memory(err, sizeof *regex, "an expression");
    parser p = {.regex = regex, .at = pattern, .end = pattern + n};
    if (memchr(pattern, 0, n)) refuse(&p, "it holds NUL");
    if (!p.why && alternatives(&p) && p.at < p.end) refuse(&p, "a ')' too many");
    if (!p.why) emit(&p, EW_REGEX_MATCH, 0, 0, 0, NULL);
    if (p.why) {
        ew_free(regex);
        return ew_fail(err, EW_INPUT, "the expression '%.*s' is not understood: %s", n > 120 ? 120 : (int)n, pattern, p.why);
    }
    *out = regex;
    return EW_OK;
}

void ew_regex_free(ew_regex *regex) { ew_free(regex); }
