/* pattern_compile: the workshop between patterns.c, which reads lines, and pattern_compile.c, which turns items into nodes. */
#ifndef EW_NEEDS_COMPILE_H
#define EW_NEEDS_COMPILE_H

#include <string.h>

#include "pattern_automaton.h"

enum {
    EW_MAX_FIELDS = 256,
    EW_MAX_OPTIONS = 4096,  /* alternatives of one item, classes resolved */
    EW_MAX_MEMBERS = 65536  /* words in all classes */
};

typedef struct field { const char *text; size_t n; } field;
typedef struct member { uint32_t class_name, option; } member; /* option: number in options */
typedef struct raw_edge { uint32_t from, symbol, to; } raw_edge;
typedef struct ew_options_list { uint32_t *items; uint32_t n; } ew_options_list; /* owned; numbers in options */

typedef struct ew_compiler {
    ew_patterns *out;
    const char *name;
    uint32_t line;
    uint64_t byte;
    double late, bare;        /* of the patterns to come */
    ew_dict classes, options; /* names of classes; single alternatives as written */
    ew_buffer class_members;  /* member */
    ew_buffer raw;            /* raw_edge */
    ew_buffer heads;          /* head: one a pattern */
} ew_compiler;

static inline int is(field f, const char *text) { return f.n == strlen(text) && memcmp(f.text, text, f.n) == 0; }

ew_status ew_compile_fail(const ew_compiler *c, ew_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A zeroed or begun compiler may be abandoned; ew_compile_begin zeroes it first. */
EW_MUST_CHECK ew_status ew_compile_begin(ew_compiler *c, ew_error *err);
/* The alternatives of one item: a|b_c|<x>. */
EW_MUST_CHECK ew_status ew_compile_options(ew_compiler *c, field item, ew_options_list *out, ew_error *err);
/* The items of the newest pattern. */
EW_MUST_CHECK ew_status ew_compile_items(ew_compiler *c, const field *items, uint32_t n, ew_error *err);
/* Sorts everything into its final place. */
EW_MUST_CHECK ew_status ew_compile_end(ew_compiler *c, ew_error *err);
void ew_compile_abandon(ew_compiler *c);

#endif
