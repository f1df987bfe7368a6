#include "patterns.h"

#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "pattern_compile.h"

double ew_patterns_bias(const ew_patterns *patterns) { return patterns->bias; }
uint32_t ew_patterns_count(const ew_patterns *patterns) { return (uint32_t)(patterns->patterns.length / sizeof(ew_pattern)); }

static const char *const kinds[EW_PATTERN_KINDS] = {"desire", "absence", "workaround", "effort", "resignation", "comparison",
                                                    "worry", "delight", "hint", "veto"};

/* [-]digits[.digits], at most 20 in size; 0 on anything else. */
static int parse_weight(field text, double *out) {
    double value = 0, scale = 1;
    size_t i = text.n && text.text[0] == '-', digits = 0;
    for (int fraction = 0; i < text.n; i++) {
        char c = text.text[i];
        if (c == '.' && !fraction) {
            fraction = 1;
        } else if (c >= '0' && c <= '9' && digits < 6) {
            value = value * 10 + (c - '0');
            scale *= fraction ? 10 : 1;
            digits++;
        } else {
            return 0;
        }
    }
    value /= scale;
    *out = text.n && text.text[0] == '-' ? -value : value;
    return digits > 0 && value <= 20;
}

static ew_status read_class(ew_compiler *c, const field *fields, uint32_t n, ew_error *err) {
    ew_status status = EW_OK;
    uint32_t name;
    if (n < 3 || !is(fields[1], "=")) return ew_compile_fail(c, err, "a class needs '=' and words: <nice> = good great");
    EW_TRY(ew_dict_add(&c->classes, fields[0].text, fields[0].n, &name, err));
    if (ew_dict_find(&c->out->symbols, fields[0].text, fields[0].n) >= EW_SYMBOLS_OWN &&
        ew_dict_find(&c->out->symbols, fields[0].text, fields[0].n) != EW_NONE)
        return ew_compile_fail(c, err, "class '%.*s' is added to after its first use; give yours another name",
                               (int)fields[0].n, fields[0].text);
    for (uint32_t i = 2; i < n; i++) {
        ew_options_list list;
        if (c->class_members.length / sizeof(member) > EW_MAX_MEMBERS)
            return ew_compile_fail(c, err, "more than %d words in all classes", EW_MAX_MEMBERS);
        EW_TRY(ew_compile_options(c, fields[i], &list, err));
        for (uint32_t k = 0; k < list.n && status == EW_OK; k++) {
            member m = {name, list.items[k]};
            status = ew_buffer_append(&c->class_members, &m, sizeof m, err);
        }
        ew_free(list.items);
        EW_TRY(status);
    }
done:
    return status;
}

/* The fields joined by blanks, as a number of alias_names. */
static ew_status join(ew_compiler *c, const field *fields, uint32_t n, uint32_t *out, ew_error *err) {
    ew_status status = EW_OK;
    ew_buffer text = EW_BUFFER_INIT(4096);
    for (uint32_t i = 0; i < n; i++) {
        ew_word word;
        uint32_t at = 0;
        while (ew_words_next(&c->out->kept, fields[i].text, (uint32_t)fields[i].n, &at, &word)) {
            if (text.length) EW_TRY(ew_buffer_append(&text, " ", 1, err));
            EW_TRY(ew_buffer_append(&text, word.text, word.n, err));
        }
    }
    EW_TRY(ew_dict_add(&c->out->alias_names, text.data, text.length, out, err));
done:
    ew_buffer_free(&text);
    return status;
}

static ew_status read_alias(ew_compiler *c, const field *fields, uint32_t n, ew_error *err) {
    ew_status status = EW_OK;
    ew_patterns *p = c->out;
    if (n < 4 || n > 9 || !is(fields[2], "="))
        return ew_compile_fail(c, err, "an alias needs '=' and one to six words: alias dont = do not");
    field name = fields[1];
    int ending = name.text[0] == '*', beginning = name.text[name.n - 1] == '*';
    if (ending || beginning) {
        uint32_t star = 3;
        while (star < n && !is(fields[star], "*")) star++;
        if (name.n < 2 || ending == beginning || star == n || !memchr(name.text, '\'', name.n))
            return ew_compile_fail(c, err, "an alias with a star needs an apostrophe and the star again: alias *'d = * would");
        ew_affix affix = {.ending = ending};
        EW_TRY(ew_dict_add(&p->alias_names, name.text + ending, name.n - 1, &affix.name, err));
        EW_TRY(join(c, fields + 3, star - 3, &affix.before, err));
        EW_TRY(join(c, fields + star + 1, n - star - 1, &affix.after, err));
        EW_TRY(ew_buffer_append(&p->affixes, &affix, sizeof affix, err));
    } else {
        ew_word word;
        uint32_t at = 0, from, to, zero = 0;
        if (!ew_words_next(&c->out->kept, name.text, (uint32_t)name.n, &at, &word) || !word.n || at != name.n)
            return ew_compile_fail(c, err, "an alias stands for one word, not for '%.*s'", (int)name.n, name.text);
        EW_TRY(ew_dict_add(&p->alias_names, word.text, word.n, &from, err));
        EW_TRY(join(c, fields + 3, n - 3, &to, err));
        if (!to) return ew_compile_fail(c, err, "an alias needs words behind '='");
        while (p->alias_to.length <= from * sizeof zero) EW_TRY(ew_buffer_append(&p->alias_to, &zero, sizeof zero, err));
        memcpy(p->alias_to.data + from * sizeof to, &to, sizeof to);
    }
done:
    return status;
}

static ew_status read_lean(ew_compiler *c, const field *fields, uint32_t n, ew_error *err) {
    ew_patterns *p = c->out;
    ew_status status = EW_OK;
    double weight;
    if (n < 3 || !parse_weight(fields[1], &weight))
        return ew_compile_fail(c, err, "'lean' needs a number within -20 .. 20 and words: lean 0.4 option setting");
    int32_t hundredths = (int32_t)(weight * 100 + (weight < 0 ? -.5 : .5)), zero = 0;
    for (uint32_t i = 2; i < n; i++) {
        ew_word word;
        uint32_t at = 0, number;
        if (!ew_words_next(&c->out->kept, fields[i].text, (uint32_t)fields[i].n, &at, &word) || !word.n || at != fields[i].n)
            return ew_compile_fail(c, err, "'%.*s' is no single word", (int)fields[i].n, fields[i].text);
        EW_TRY(ew_dict_add(&p->words, word.text, word.n, &number, err));
        if (p->words.size > EW_MAX_MEMBERS) return ew_compile_fail(c, err, "more than %d words lean", EW_MAX_MEMBERS);
        while (p->leanings.length <= number * sizeof zero) EW_TRY(ew_buffer_append(&p->leanings, &zero, sizeof zero, err));
        memcpy(p->leanings.data + number * sizeof zero, &hundredths, sizeof hundredths);
    }
done:
    return status;
}

static ew_status read_keep(ew_compiler *c, const field *fields, uint32_t n, ew_error *err) {
    ew_kept *kept = &c->out->kept;
    if (ew_patterns_count(c->out) || c->out->alias_names.size > 1 || c->out->words.size > 1 || c->options.size > 1)
        return ew_compile_fail(c, err, "'keep' comes before words, classes and patterns of its language");
    if (n < 2) return ew_compile_fail(c, err, "'keep' needs letters: keep äöü");
    for (uint32_t i = 1; i < n; i++)
        for (size_t at = 0, length; at < fields[i].n; at += length) {
            uint32_t point = ew_utf8_decode(fields[i].text + at, fields[i].n - at, &length);
            if (point < 0xdf || point >= 0x250 || kept->n == EW_KEPT_MOST)
                return ew_compile_fail(c, err, "'keep' takes up to %d small letters with accents: keep äöü", EW_KEPT_MOST);
            kept->letters[kept->n++] = point;
        }
    return EW_OK;
}

static ew_status read_pattern(ew_compiler *c, const field *fields, uint32_t n, ew_error *err) {
    double weight;
    int kind = 0;
    while (kind < EW_PATTERN_KINDS && !is(fields[0], kinds[kind])) kind++;
    if (kind == EW_PATTERN_KINDS)
        return ew_compile_fail(c, err, "unknown kind '%.*s': one of desire absence workaround effort resignation comparison "
                               "worry delight hint veto", (int)fields[0].n, fields[0].text);
    if (n < 3) return ew_compile_fail(c, err, "a pattern needs a kind, a weight and words");
    if (!parse_weight(fields[1], &weight))
        return ew_compile_fail(c, err, "weight '%.*s' is no number within -20 .. 20", (int)fields[1].n, fields[1].text);
    ew_pattern pattern = {(float)weight, (float)c->late, (float)c->bare, c->line, kind};
    ew_status status = ew_buffer_append(&c->out->patterns, &pattern, sizeof pattern, err);
    return status == EW_OK ? ew_compile_items(c, fields + 2, n - 2, err) : status;
}

static ew_status read_line(ew_compiler *c, const char *text, size_t n, ew_error *err) {
    field fields[EW_MAX_FIELDS];
    uint32_t count = 0;
    for (size_t i = 0; i < n;) {
        size_t begin = i;
        while (i < n && text[i] != ' ' && text[i] != '\t' && text[i] != '\r') i++;
        if (i > begin && text[begin] == '#') break;
        if (i > begin) {
            if (count == EW_MAX_FIELDS) return ew_compile_fail(c, err, "more than %d words in a line", EW_MAX_FIELDS);
            if (i - begin > 512) return ew_compile_fail(c, err, "an item of more than 512 bytes");
            fields[count++] = (field){text + begin, i - begin};
        }
        i += i < n;
    }
    if (!count) return EW_OK;
    if (fields[0].text[0] == '<') return read_class(c, fields, count, err);
    if (is(fields[0], "alias")) return read_alias(c, fields, count, err);
    if (is(fields[0], "keep")) return read_keep(c, fields, count, err);
    if (is(fields[0], "lean")) return read_lean(c, fields, count, err);
    double *number = is(fields[0], "bias") ? &c->out->bias : is(fields[0], "late") ? &c->late
                   : is(fields[0], "bare") ? &c->bare : NULL;
    if (!number) return read_pattern(c, fields, count, err);
    if (count != 2 || !parse_weight(fields[1], number) || (number != &c->out->bias && *number < 0))
        return ew_compile_fail(c, err, "%.*s needs one number within %s20", (int)fields[0].n, fields[0].text,
                               number == &c->out->bias ? "-20 .. " : "0 .. ");
    return EW_OK;
}

static ew_status read_lines(ew_compiler *c, const ew_pattern_lines *part, ew_error *err) {
    const char *text = part->text;
    c->name = part->name;
    c->line = (uint32_t)part->line;
    c->late = c->bare = 0;
    for (size_t at = 0; at < part->n;) {
        const char *newline = memchr(text + at, '\n', part->n - at);
        size_t length = newline ? (size_t)(newline - text) - at : part->n - at;
        c->line++;
        c->byte = part->byte + at;
        ew_status status = read_line(c, text + at, length, err);
        if (status != EW_OK) return status;
        at += length + 1;
    }
    return EW_OK;
}

ew_status ew_patterns_compile(const ew_pattern_lines *parts, size_t n, ew_patterns **out, ew_error *err) {
    ew_status status;
    *out = NULL;
    ew_compiler c;
    EW_TRY(ew_compile_begin(&c, err));
    for (size_t i = 0; i < n; i++) EW_TRY(read_lines(&c, &parts[i], err));
    EW_TRY(ew_compile_end(&c, err));
    *out = c.out;
    c.out = NULL;
done:
    ew_compile_abandon(&c);
    return status;
}

void ew_patterns_free(ew_patterns *patterns) {
    if (!patterns) return;
    ew_dict *dicts[] = {&patterns->words, &patterns->stems, &patterns->symbols, &patterns->alias_names};
    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++) ew_dict_free(dicts[i]);
    ew_buffer *buffers[] = {&patterns->patterns, &patterns->nodes, &patterns->edges, &patterns->roots, &patterns->members,
                            &patterns->stem_members, &patterns->affixes, &patterns->alias_to, &patterns->leanings,
                            &patterns->root_at, &patterns->member_at, &patterns->stem_at};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) ew_buffer_free(buffers[i]);
    ew_free(patterns);
}
