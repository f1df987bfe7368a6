/* tokenizer.json -> a pipeline; what a person sees of its pieces; and whether it is the built-in tokenizer's way of working. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/utf8.h"
#include "classes.h"
#include "inside.h"
#include "pipeline_inside.h"

static const char BLANK_MARK[] = "\xe2\x96\x81"; /* U+2581 */

size_t ew_byte_character(unsigned char byte, char *out) {
    uint32_t point = byte;
    if (byte <= 0x20)
        point = 0x100u + byte;
    else if (byte >= 0x7f && byte <= 0xa0)
        point = 0x121u + (byte - 0x7fu);
    else if (byte == 0xad)
        point = 0x143;
    return ew_utf8_encode(point, out);
}

int ew_character_byte(uint32_t point) {
    if (point >= 0x100 && point <= 0x120) return (int)point - 0x100;
    if (point >= 0x121 && point <= 0x142) return (int)point - 0x121 + 0x7f;
    if (point == 0x143) return 0xad;
    return point < 0x100 && point > 0x20 && (point < 0x7f || point > 0xa0) && point != 0xad ? (int)point : -1;
}

static ew_marks marks_of(const ew_pipeline *p) {
    for (uint32_t i = 0; i < p->n_pres; i++)
        if (p->pres[i].kind == EW_PRE_BYTES) return EW_MARKS_BYTES;
    for (uint32_t i = 0; i < p->n_norms; i++)
        if (p->norms[i].kind == EW_NORM_BYTES) return EW_MARKS_BYTES;
    for (uint32_t i = 0; i < p->n_pres; i++)
        if (p->pres[i].kind == EW_PRE_METASPACE) return EW_MARKS_BLANK;
    for (uint32_t i = 0; i < p->n_norms; i++)
        if (p->norms[i].content.n && strstr(p->norms[i].content.data, BLANK_MARK) && p->norms[i].kind != EW_NORM_CHARSMAP)
            return EW_MARKS_BLANK;
    return p->mark.n ? EW_MARKS_INSIDE : EW_MARKS_NONE;
}

static size_t begins(const char *text, size_t n, const char *mark, size_t m) {
    return m && n >= m && memcmp(text, mark, m) == 0 ? m : 0;
}

static int says(const char *text, size_t n) { /* a letter, digit, mark, or a byte of one */
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t point = ew_utf8_decode(text + at, n - at, &length);
        if (point == EW_UTF8_BAD || ew_class_word(point)) return 1;
    }
    return 0;
}

static ew_status lower(const char *text, size_t n, ew_buffer *out, ew_error *err) {
    ew_status status = EW_OK;
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t made[2], point = ew_utf8_decode(text + at, n - at, &length);
        int many = point == EW_UTF8_BAD ? 0 : ew_class_lower(point, made);
        if (!many) EW_TRY(ew_buffer_append(out, text + at, length, err));
        for (int i = 0; i < many; i++) {
            char bytes[4];
            EW_TRY(ew_buffer_append(out, bytes, ew_utf8_encode(made[i], bytes), err));
        }
    }
done:
    return status;
}

/* What piece `id` adds to a word, in lower case; the mark of a word's beginning or inside goes. */
static ew_status part_of(const ew_loading *l, const ew_pipeline *p, uint32_t id, ew_buffer *decoded, ew_buffer *out,
                         uint8_t *continues) {
    const ew_spelling *piece = &l->pieces[id];
    const char *text = l->json->text + piece->at;
    size_t n = piece->length, skip = 0, m;
    ew_status status = EW_OK;
    if (piece->special || id == p->unknown) return EW_OK;
    if (piece->added || p->marks == EW_MARKS_NONE) return lower(text, n, out, l->err);
    if (p->marks == EW_MARKS_INSIDE) {
        skip = n > p->mark.n ? begins(text, n, p->mark.data, p->mark.n) : 0;
        *continues = skip > 0;
        return lower(text + skip, n - skip, out, l->err);
    }
    ew_buffer_clear(decoded);
    if (p->marks == EW_MARKS_BYTES) {
        for (size_t at = 0, length; at < n; at += length) {
            int byte = ew_character_byte(ew_utf8_decode(text + at, n - at, &length));
            if (byte >= 0) EW_TRY(ew_buffer_append(decoded, &(char){(char)byte}, 1, l->err));
        }
        text = decoded->length ? decoded->data : "";
        n = decoded->length;
        while (skip < n && (unsigned char)text[skip] <= ' ') skip++;
    } else if (n == 6 && begins(text, n, "<0x", 3)) { /* a byte; its character is put together from several */
        int byte = 0;
        while (byte < 256 && p->bytes[byte] != id) byte++;
        if (byte < 256) {
            EW_TRY(ew_buffer_append(decoded, &(char){(char)byte}, 1, l->err));
            text = decoded->data;
            n = 1;
        }
    } else {
        while ((m = begins(text + skip, n - skip, BLANK_MARK, 3))) skip += m;
    }
    if (!says(text + skip, n - skip)) return EW_OK;
    *continues = skip == 0;
    EW_TRY(lower(text + skip, n - skip, out, l->err));
done:
    return status;
}

ew_status ew_load_view(const ew_loading *l, ew_pipeline *p) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY), decoded = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status = EW_OK;
    p->marks = marks_of(p);
    p->starts = ew_alloc(2 * (size_t)p->size, sizeof *p->starts);
    p->continues = ew_calloc(p->size, 1);
    if (!p->starts || !p->continues) {
        status = ew_fail_memory(l->err, p->size * 17u, "a vocabulary");
        goto done;
    }
    for (uint32_t id = 0; id < p->size; id++) {
        p->starts[2 * id] = text.length;
        EW_TRY(ew_buffer_append(&text, l->json->text + l->pieces[id].at, l->pieces[id].length, l->err));
        EW_TRY(ew_buffer_append(&text, "", 1, l->err));
        p->starts[2 * id + 1] = text.length;
        EW_TRY(part_of(l, p, id, &decoded, &text, &p->continues[id]));
        EW_TRY(ew_buffer_append(&text, "", 1, l->err));
    }
    p->text = text.data;
    text = (ew_buffer)EW_BUFFER_INIT(0);
done:
    ew_buffer_free(&text);
    ew_buffer_free(&decoded);
    return status;
}

/* Is all of it as in bert-base-uncased but for the pieces? That has a body of its own. */
static int is_bert(const ew_loading *l, const ew_pipeline *p) {
    static const ew_norm_kind norms[] = {EW_NORM_CLEAN, EW_NORM_CHINESE, EW_NORM_NFD, EW_NORM_NONSPACING, EW_NORM_LOWER};
    if (p->kind != EW_WORDPIECE || p->longest_word != EW_WORD_CHARS || strcmp(p->mark.data, "##") != 0) return 0;
    if (p->n_norms != 5 || p->n_pres != 1 || p->pres[0].kind != EW_PRE_BERT) return 0;
    for (int i = 0; i < 5; i++)
        if (p->norms[i].kind != (int)norms[i]) return 0;
    uint32_t listed = 0;
    for (int i = 0; i < 5; i++) {
        uint32_t id = ew_trie_find(&p->pieces, ew_tokens_special[i], strlen(ew_tokens_special[i]));
        uint32_t added = ew_trie_find(&p->raw_added, ew_tokens_special[i], strlen(ew_tokens_special[i]));
        if ((id == EW_NONE) != (added == EW_NONE)) return 0;
        if (added == EW_NONE) continue;
        if (p->added[added].alone || p->added[added].left || p->added[added].right) return 0;
        listed++;
        if (i == 1 && p->unknown != id) return 0;
    }
    if (listed != p->n_added || p->unknown == EW_NONE) return 0;
    for (uint32_t id = 0; id < l->n; id++) { /* a list of lines can hold it as it is */
        const char *text = l->json->text + l->pieces[id].at;
        size_t n = l->pieces[id].length;
        if (!n || memchr(text, '\n', n) || memchr(text, 0, n) || (unsigned char)text[n - 1] <= ' ') return 0;
        if (ew_trie_find(&p->pieces, text, n) != id) return 0;
    }
    return 1;
}

static ew_status as_lines(const ew_loading *l, ew_text *vocab) {
    ew_buffer out = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_status status = EW_OK;
    for (uint32_t id = 0; id < l->n; id++) {
        EW_TRY(ew_buffer_append(&out, l->json->text + l->pieces[id].at, l->pieces[id].length, l->err));
        EW_TRY(ew_buffer_append(&out, "\n", 1, l->err));
    }
    *vocab = (ew_text){out.data, out.length};
    out = (ew_buffer)EW_BUFFER_INIT(0);
done:
    ew_buffer_free(&out);
    return status;
}

ew_status ew_pipeline_load(const char *name, const char *json, size_t n, ew_pipeline **out, ew_text *vocab, ew_error *err) {
    ew_json tree = {0};
    ew_loading l = {.name = name, .json = &tree, .err = err};
    ew_pipeline *p = NULL;
    ew_status status;
    *out = NULL;
    if (vocab) *vocab = (ew_text){0};
    EW_TRY(ew_json_read(name, json, n, &tree, err));
    if (!(p = ew_calloc(1, sizeof *p))) {
        status = ew_fail_memory(err, sizeof *p, "a tokenizer");
        goto done;
    }
    EW_TRY(ew_trie_init(&p->pieces, err));
    EW_TRY(ew_trie_init(&p->inside, err));
    EW_TRY(ew_trie_init(&p->raw_added, err));
    EW_TRY(ew_trie_init(&p->normal_added, err));
    EW_TRY(ew_load_normalizer(&l, ew_json_member(&tree, tree.nodes, "normalizer"), p, 0));
    EW_TRY(ew_load_pre_tokenizer(&l, ew_json_member(&tree, tree.nodes, "pre_tokenizer"), p, 0));
    EW_TRY(ew_load_words(&l, ew_json_member(&tree, tree.nodes, "model"), p));
    EW_TRY(ew_load_added(&l, ew_json_member(&tree, tree.nodes, "added_tokens"), p));
    if (!l.n) {
        status = ew_fail(err, EW_INPUT, "%s: the vocabulary is empty", name);
        goto done;
    }
    for (uint32_t id = 0; id < l.n; id++)
        if (!l.pieces[id].there) {
            status = ew_fail(err, EW_INPUT, "%s: the vocabulary has no piece %u of %u", name, id, l.n);
            goto done;
        }
    p->size = l.n;
    if (vocab && is_bert(&l, p)) {
        status = as_lines(&l, vocab);
        goto done;
    }
    EW_TRY(ew_load_view(&l, p));
    *out = p;
    p = NULL;
done:
    ew_pipeline_free(p);
    ew_free(l.pieces);
    ew_json_free(&tree);
    return status;
}

void ew_pipeline_free(ew_pipeline *p) {
    if (!p) return;
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < (side ? p->n_pres : p->n_norms); i++) {
            ew_step *step = side ? &p->pres[i] : &p->norms[i];
            ew_regex_free(step->regex);
            ew_free(step->pattern.data);
            ew_free(step->content.data);
            ew_free(step->units);
        }
    ew_trie_free(&p->pieces);
    ew_trie_free(&p->inside);
    ew_trie_free(&p->raw_added);
    ew_trie_free(&p->normal_added);
    ew_free(p->mark.data);
    ew_free(p->suffix.data);
    ew_free(p->scores);
    ew_free(p->merges);
    ew_free(p->added);
    ew_free(p->text);
    ew_free(p->starts);
    ew_free(p->continues);
    ew_free(p);
}
