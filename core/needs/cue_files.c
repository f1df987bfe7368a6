#include "cue_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../read/read.h"

extern const char ew_cues_en[], ew_cues_en_end[], ew_cues_fr[], ew_cues_fr_end[], ew_cues_es[], ew_cues_es_end[], ew_cues_de[],
    ew_cues_de_end[], ew_cues_ja[], ew_cues_ja_end[], ew_cues_lean_en[], ew_cues_lean_en_end[];

enum { BUILT_IN = 5, FILE_MOST = 1 << 20 };

static const struct { const char *code, *name, *text, *end; } built_in[BUILT_IN] = { /* English first; see leaning below */
    {"en", "cues/en.txt", ew_cues_en, ew_cues_en_end}, {"fr", "cues/fr.txt", ew_cues_fr, ew_cues_fr_end},
    {"es", "cues/es.txt", ew_cues_es, ew_cues_es_end}, {"de", "cues/de.txt", ew_cues_de, ew_cues_de_end},
    {"ja", "cues/ja.txt", ew_cues_ja, ew_cues_ja_end}};

typedef struct section {
    char code[4];
    int alone;
    ew_pattern_lines lines;
} section;
typedef struct sections { section items[EW_CUE_LANGUAGES - BUILT_IN]; uint32_t n; } sections;

static size_t blanks(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r')) i++;
    return i;
}

static ew_view next_word(ew_view *line) {
    size_t begin = blanks(line->data, line->length), end = begin;
    while (end < line->length && !blanks(line->data + end, 1)) end++;
    ew_view word = {line->data + begin, (uint32_t)(end - begin)};
    *line = (ew_view){line->data + end, (uint32_t)(line->length - end)};
    return word;
}

static int says(ew_view word, const char *text) {
    return word.length == strlen(text) && memcmp(word.data, text, word.length) == 0;
}

static int is_code(ew_view word) {
    for (uint32_t i = 0; i < word.length; i++)
        if (word.data[i] < 'a' || word.data[i] > 'z') return 0;
    return word.length == 2 || word.length == 3;
}

/* A line 'language CODE [alone]', its first word taken off. */
static ew_status begin_section(sections *all, const char *name, uint64_t line, uint64_t byte, ew_view rest, ew_error *err) {
    ew_view code = next_word(&rest), alone = next_word(&rest), more = next_word(&rest);
    if (!is_code(code) || (alone.length && alone.data[0] != '#' && !says(alone, "alone")) ||
        (says(alone, "alone") && more.length && more.data[0] != '#'))
        return ew_fail_at(err, EW_INPUT, name, line, byte,
                          "a section begins with 'language CODE' or 'language CODE alone', the code as in ISO 639: language de");
    if (all->n == sizeof all->items / sizeof *all->items)
        return ew_fail_at(err, EW_INPUT, name, line, byte, "more than %u languages", all->n);
    section *new_one = &all->items[all->n];
    *new_one = (section){.alone = says(alone, "alone")};
    memcpy(new_one->code, code.data, code.length);
    for (uint32_t i = 0; i < all->n; i++)
        if (strcmp(all->items[i].code, new_one->code) == 0)
            return ew_fail_at(err, EW_INPUT, name, line, byte, "a second section of language '%s'; keep to one", new_one->code);
    all->n++;
    return EW_OK;
}

static ew_status cut_sections(sections *all, const char *name, const char *text, size_t n, ew_error *err) {
    uint64_t line = 0;
    size_t at = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < n) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t end = newline ? (size_t)(newline - text) : n, next = newline ? end + 1 : n;
        ew_view rest = {text + at, (uint32_t)(end - at)}, word = next_word(&rest);
        line++;
        if (says(word, "language")) {
            ew_status status = begin_section(all, name, line, at, rest, err);
            if (status != EW_OK) return status;
            all->items[all->n - 1].lines = (ew_pattern_lines){name, text + next, 0, line, next};
        } else if (all->n) {
            all->items[all->n - 1].lines.n = next - (size_t)all->items[all->n - 1].lines.byte;
        } else if (word.length && word.data[0] != '#') {
            return ew_fail_at(err, EW_INPUT, name, line, at,
                              "say first which language the cues are of: a line such as 'language en'");
        }
        at = next;
    }
    return all->n ? EW_OK : ew_fail_at(err, EW_INPUT, name, 0, 0, "holds no cues; begin with a line such as 'language en'");
}

static ew_status add_language(ew_cue_languages *languages, const char *code, const ew_pattern_lines *parts, size_t n,
                              ew_error *err) {
    uint32_t at = languages->n;
    ew_status status = ew_patterns_compile(parts, n, &languages->items[at].patterns, err);
    if (status != EW_OK) return status;
    snprintf(languages->items[at].code, sizeof languages->items[at].code, "%s", code);
    languages->n++;
    if (ew_patterns_count(languages->items[at].patterns) > EW_CUE_PATTERNS)
        return ew_fail_at(err, EW_INPUT, parts[n - 1].name, 0, 0, "language '%s' has more than %d patterns", code,
                          EW_CUE_PATTERNS);
    return EW_OK;
}

ew_status ew_cue_languages_build(ew_cue_languages *languages, const char *name, const char *text, size_t n, ew_error *err) {
    const ew_pattern_lines leaning = {"cues/lean_en.txt", ew_cues_lean_en, (size_t)(ew_cues_lean_en_end - ew_cues_lean_en), 0,
                                      0};
    sections own = {.n = 0};
    ew_status status = EW_OK;
    languages->n = 0;
    if (text) EW_TRY(cut_sections(&own, name, text, n, err));
    for (uint32_t i = 0; i < BUILT_IN; i++) {
        ew_pattern_lines parts[3] = {
            {built_in[i].name, built_in[i].text, (size_t)(built_in[i].end - built_in[i].text), 0, 0}};
        size_t n_parts = 1;
        if (i == 0) parts[n_parts++] = leaning;
        for (uint32_t k = 0; k < own.n; k++) {
            if (strcmp(own.items[k].code, built_in[i].code) != 0) continue;
            if (own.items[k].alone) n_parts = 0;
            parts[n_parts++] = own.items[k].lines;
        }
        EW_TRY(add_language(languages, built_in[i].code, parts, n_parts, err));
    }
    for (uint32_t k = 0; k < own.n; k++) {
        int known = 0;
        for (uint32_t i = 0; i < BUILT_IN; i++) known |= strcmp(own.items[k].code, built_in[i].code) == 0;
        if (!known) EW_TRY(add_language(languages, own.items[k].code, &own.items[k].lines, 1, err));
    }
done:
    return status;
}

ew_status ew_cue_languages_load(ew_cue_languages *languages, const char *path, ew_error *err) {
    languages->n = 0;
    if (!path) return ew_cue_languages_build(languages, NULL, NULL, 0, err);
    ew_buffer text = EW_BUFFER_INIT(FILE_MOST + 1);
    ew_status status = EW_OK;
    FILE *file = fopen(path, "rb");
    if (!file) return ew_fail_at(err, EW_INPUT, path, 0, 0, "cannot be opened: %s", strerror(errno));
    EW_TRY(ew_buffer_reserve(&text, FILE_MOST + 1, err));
    text.length = fread(text.data, 1, FILE_MOST + 1, file);
    if (ferror(file)) status = ew_fail_at(err, EW_INPUT, path, 0, 0, "cannot be read: %s", strerror(errno));
    else if (text.length > FILE_MOST)
        status = ew_fail_at(err, EW_INPUT, path, 0, 0, "is larger than %d MiB; keep to a list of patterns", FILE_MOST >> 20);
    if (status == EW_OK) status = ew_cue_languages_build(languages, path, text.data, text.length, err);
done:
    fclose(file);
    ew_buffer_free(&text);
    return status;
}

void ew_cue_languages_free(ew_cue_languages *languages) {
    for (uint32_t i = 0; i < languages->n; i++) ew_patterns_free(languages->items[i].patterns);
    languages->n = 0;
}
