/* Normalisers and pre-tokenisers of a tokenizer.json, as a flat list of steps each. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "pipeline_inside.h"

enum { NESTED_MAX = 8 };

static const char GPT2[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

ew_status ew_refuse(const ew_loading *l, const char *part, const char *value, const char *what) {
    return ew_fail(l->err, EW_INPUT, "%s: %s '%.60s' %s", l->name, part, value, what);
}

ew_status ew_text_copy(ew_text *out, const char *text, size_t n, ew_error *err) {
    out->data = ew_alloc(n + 1, 1);
    if (!out->data) return ew_fail_memory(err, n + 1, "a tokenizer");
    memcpy(out->data, text, n);
    out->data[n] = 0;
    out->n = n;
    return EW_OK;
}

int ew_is_true(const ew_json_node *node, int otherwise) {
    return node && node->kind == EW_JSON_TRUE ? 1 : node && node->kind == EW_JSON_FALSE ? 0 : otherwise;
}

static ew_status step_of(const ew_loading *l, ew_step *steps, uint32_t *n, int kind, ew_step **out) {
    if (*n == EW_STEPS_MAX) return ew_fail(l->err, EW_INPUT, "%s: more than %d steps in a row", l->name, EW_STEPS_MAX);
    *out = &steps[(*n)++];
    **out = (ew_step){.kind = kind};
    return EW_OK;
}

static ew_status text_of(const ew_loading *l, const ew_json_node *node, const char *part, ew_text *out) {
    if (!node || node->kind != EW_JSON_STRING) return ew_refuse(l, part, "", "is no text");
    return ew_text_copy(out, l->json->text + node->text, node->length, l->err);
}

/* {"String": "..."} or {"Regex": "..."} */
ew_status ew_load_pattern(const ew_loading *l, const ew_json_node *node, ew_step *step) {
    const ew_json_node *regex = ew_json_member(l->json, node, "Regex"), *literal = ew_json_member(l->json, node, "String");
    if (literal) return text_of(l, literal, "pattern", &step->pattern);
    if (!regex || regex->kind != EW_JSON_STRING) return ew_refuse(l, "pattern", "", "is neither a String nor a Regex");
    ew_error inner = {0};
    ew_status status = ew_regex_compile(l->json->text + regex->text, regex->length, &step->regex, &inner);
    return status == EW_OK ? status : ew_fail(l->err, status, "%s: %s", l->name, inner.message);
}

static const struct {
    const char *name;
    ew_norm_kind kind;
} plain_norms[] = {{"NFC", EW_NORM_NFC},   {"NFD", EW_NORM_NFD},         {"NFKC", EW_NORM_NFKC},
                   {"NFKD", EW_NORM_NFKD}, {"Lowercase", EW_NORM_LOWER}, {"StripAccents", EW_NORM_COMBINING},
                   {"Nmt", EW_NORM_NMT},   {"ByteLevel", EW_NORM_BYTES}};

static ew_status bert_normalizer(const ew_loading *l, const ew_json_node *node, ew_pipeline *p) {
    int lower = ew_is_true(ew_json_member(l->json, node, "lowercase"), 1);
    ew_step *step;
    ew_status status = EW_OK;
    if (ew_is_true(ew_json_member(l->json, node, "clean_text"), 1))
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_CLEAN, &step));
    if (ew_is_true(ew_json_member(l->json, node, "handle_chinese_chars"), 1))
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_CHINESE, &step));
    if (ew_is_true(ew_json_member(l->json, node, "strip_accents"), lower)) {
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_NFD, &step));
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_NONSPACING, &step));
    }
    if (lower) EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_LOWER, &step));
done:
    return status;
}

ew_status ew_load_normalizer(const ew_loading *l, const ew_json_node *node, ew_pipeline *p, int depth) {
    const ew_json_node *type = ew_json_member(l->json, node, "type");
    ew_step *step = NULL;
    ew_status status = EW_OK;
    if (!node || node->kind == EW_JSON_NULL) return EW_OK;
    if (depth > NESTED_MAX) return ew_refuse(l, "normalizer", "Sequence", "is nested too deeply");
    if (ew_json_is(l->json, type, "Sequence")) {
        const ew_json_node *all = ew_json_member(l->json, node, "normalizers");
        if (!all || all->kind != EW_JSON_ARRAY) return ew_refuse(l, "normalizer", "Sequence", "has no list");
        for (const ew_json_node *one = NULL; (one = ew_json_next(l->json, all, one));)
            EW_TRY(ew_load_normalizer(l, one, p, depth + 1));
        return EW_OK;
    }
    for (size_t i = 0; i < sizeof plain_norms / sizeof *plain_norms; i++)
        if (ew_json_is(l->json, type, plain_norms[i].name))
            return step_of(l, p->norms, &p->n_norms, (int)plain_norms[i].kind, &step);
    if (ew_json_is(l->json, type, "BertNormalizer")) {
        status = bert_normalizer(l, node, p);
    } else if (ew_json_is(l->json, type, "Strip")) {
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_STRIP, &step));
        step->left = ew_is_true(ew_json_member(l->json, node, "strip_left"), 1);
        step->right = ew_is_true(ew_json_member(l->json, node, "strip_right"), 1);
    } else if (ew_json_is(l->json, type, "Replace")) {
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_REPLACE, &step));
        EW_TRY(ew_load_pattern(l, ew_json_member(l->json, node, "pattern"), step));
        EW_TRY(text_of(l, ew_json_member(l->json, node, "content"), "content of a Replace", &step->content));
    } else if (ew_json_is(l->json, type, "Prepend")) {
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_PREPEND, &step));
        EW_TRY(text_of(l, ew_json_member(l->json, node, "prepend"), "text of a Prepend", &step->content));
    } else if (ew_json_is(l->json, type, "Precompiled")) {
        EW_TRY(step_of(l, p->norms, &p->n_norms, EW_NORM_CHARSMAP, &step));
        EW_TRY(ew_load_charsmap(l, ew_json_member(l->json, node, "precompiled_charsmap"), step));
    } else {
        status = ew_refuse(l, "normalizer", ew_json_text(l->json, type), "is not understood");
    }
done:
    return status;
}

static ew_status cut_of(const ew_loading *l, const ew_json_node *node, ew_cut *out) {
    static const char *const names[] = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    for (int i = 0; i < 5; i++)
        if (ew_json_is(l->json, node, names[i])) return *out = (ew_cut)i, EW_OK;
    return ew_refuse(l, "behavior", ew_json_text(l->json, node), "is not understood");
}

static ew_status metaspace(const ew_loading *l, const ew_json_node *node, ew_step *step) {
    static const char *const schemes[] = {"never", "first", "always"};
    const ew_json_node *mark = ew_json_member(l->json, node, "replacement"),
                       *scheme = ew_json_member(l->json, node, "prepend_scheme");
    size_t length = 0;
    ew_status status = text_of(l, mark, "replacement of a Metaspace", &step->pattern);
    if (status != EW_OK) return status;
    if (step->pattern.n) ew_utf8_decode(step->pattern.data, step->pattern.n, &length);
    if (length == 0 || length != step->pattern.n) return ew_refuse(l, "replacement", step->pattern.data, "is not one character");
    step->split = ew_is_true(ew_json_member(l->json, node, "split"), 1);
    step->prefix = -1;
    if (!scheme || scheme->kind == EW_JSON_NULL) /* files from before there were schemes */
        step->prefix = ew_is_true(ew_json_member(l->json, node, "add_prefix_space"), 1) ? 2 : 0;
    for (int i = 0; i < 3; i++)
        if (ew_json_is(l->json, scheme, schemes[i])) step->prefix = i;
    return step->prefix < 0 ? ew_refuse(l, "prepend_scheme", ew_json_text(l->json, scheme), "is not understood") : EW_OK;
}

ew_status ew_load_pre_tokenizer(const ew_loading *l, const ew_json_node *node, ew_pipeline *p, int depth) {
    static const struct {
        const char *name;
        ew_pre_kind kind;
    } plain[] = {{"BertPreTokenizer", EW_PRE_BERT}, {"Whitespace", EW_PRE_WORDS}, {"WhitespaceSplit", EW_PRE_SPACE},
                 {"Punctuation", EW_PRE_PUNCT},     {"Digits", EW_PRE_DIGITS},    {"Metaspace", EW_PRE_METASPACE},
                 {"ByteLevel", EW_PRE_BYTES},       {"Split", EW_PRE_PATTERN},    {"CharDelimiterSplit", EW_PRE_PATTERN}};
    const ew_json_node *type = ew_json_member(l->json, node, "type"), *behavior = ew_json_member(l->json, node, "behavior");
    ew_step *step = NULL;
    ew_status status = EW_OK;
    if (!node || node->kind == EW_JSON_NULL) return EW_OK;
    if (depth > NESTED_MAX) return ew_refuse(l, "pre-tokenizer", "Sequence", "is nested too deeply");
    if (ew_json_is(l->json, type, "Sequence")) {
        const ew_json_node *all = ew_json_member(l->json, node, "pretokenizers");
        if (!all || all->kind != EW_JSON_ARRAY) return ew_refuse(l, "pre-tokenizer", "Sequence", "has no list");
        for (const ew_json_node *one = NULL; (one = ew_json_next(l->json, all, one));)
            EW_TRY(ew_load_pre_tokenizer(l, one, p, depth + 1));
        return EW_OK;
    }
    for (size_t i = 0; !step && i < sizeof plain / sizeof *plain; i++)
        if (ew_json_is(l->json, type, plain[i].name)) EW_TRY(step_of(l, p->pres, &p->n_pres, (int)plain[i].kind, &step));
    if (!step) return ew_refuse(l, "pre-tokenizer", ew_json_text(l->json, type), "is not understood");
    switch ((ew_pre_kind)step->kind) {
    case EW_PRE_PUNCT:
        step->cut = EW_CUT_ISOLATED;
        if (behavior) EW_TRY(cut_of(l, behavior, &step->cut));
        break;
    case EW_PRE_DIGITS:
        step->cut = ew_is_true(ew_json_member(l->json, node, "individual_digits"), 0) ? EW_CUT_ISOLATED : EW_CUT_CONTIGUOUS;
        break;
    case EW_PRE_METASPACE:
        EW_TRY(metaspace(l, node, step));
        break;
    case EW_PRE_BYTES:
        step->prefix = ew_is_true(ew_json_member(l->json, node, "add_prefix_space"), 1);
        if (ew_is_true(ew_json_member(l->json, node, "use_regex"), 1))
            EW_TRY(ew_regex_compile(GPT2, sizeof GPT2 - 1, &step->regex, l->err));
        break;
    case EW_PRE_PATTERN:
        if (ew_json_is(l->json, type, "Split")) {
            EW_TRY(ew_load_pattern(l, ew_json_member(l->json, node, "pattern"), step));
            EW_TRY(cut_of(l, behavior, &step->cut));
            step->invert = ew_is_true(ew_json_member(l->json, node, "invert"), 0);
        } else {
            EW_TRY(text_of(l, ew_json_member(l->json, node, "delimiter"), "delimiter", &step->pattern));
        }
        break;
    case EW_PRE_BERT:
    case EW_PRE_WORDS:
    case EW_PRE_SPACE:
        break;
    }
done:
    return status;
}

/* base64 -> bytes in place; how many, SIZE_MAX if it is none. */
static size_t from_base64(char *text, size_t n) {
    size_t out = 0;
    uint32_t bits = 0;
    while (n && text[n - 1] == '=') n--;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                    : c >= 'a' && c <= 'z' ? c - 'a' + 26
                    : c >= '0' && c <= '9' ? c - '0' + 52
                    : c == '+'             ? 62
                    : c == '/'             ? 63
                                           : -1;
        if (value < 0) return SIZE_MAX;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4) text[out++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    return n % 4 == 1 ? SIZE_MAX : out;
}

/* 4 bytes: length of the trie; the trie; the replacements. */
ew_status ew_load_charsmap(const ew_loading *l, const ew_json_node *node, ew_step *step) {
    ew_text map = {0};
    uint32_t bytes = 0;
    ew_status status;
    EW_TRY(text_of(l, node, "precompiled_charsmap", &map));
    size_t n = from_base64(map.data, map.n);
    if (n != SIZE_MAX && n >= 4)
        for (int i = 4; i--;) bytes = bytes << 8 | (unsigned char)map.data[i];
    if (n == SIZE_MAX || n < 8 || bytes < 4 || bytes % 4 || bytes > n - 4) {
        status = ew_refuse(l, "precompiled_charsmap", "", "is broken");
        goto done;
    }
    step->n_units = bytes / 4;
    step->units = ew_alloc(step->n_units, sizeof *step->units);
    if (!step->units) {
        status = ew_fail_memory(l->err, bytes, "a tokenizer");
        goto done;
    }
    for (uint32_t i = 0; i < step->n_units; i++) {
        const unsigned char *unit = (const unsigned char *)map.data + 4 + 4 * (size_t)i;
        step->units[i] = (uint32_t)unit[0] | (uint32_t)unit[1] << 8 | (uint32_t)unit[2] << 16 | (uint32_t)unit[3] << 24;
    }
    const char *rest = map.data + 4 + bytes;
    if (ew_utf8_valid_prefix(rest, n - 4 - bytes) < n - 4 - bytes)
        status = ew_refuse(l, "precompiled_charsmap", "", "is broken: its replacements are not UTF-8");
    else
        status = ew_text_copy(&step->content, rest, n - 4 - bytes, l->err);
done:
    ew_free(map.data);
    return status;
}
