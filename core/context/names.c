/* Lists of products and competitors: a small CSV reader, and a table of the names by their words. */
#include "context_inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../base/random.h"

enum { WORDS_MOST = 8, LIST_MOST = 64 << 20, NAME_MOST = 4096 };

void ew_names_init(ew_names *names) {
    *names = (ew_names){.text = EW_BUFFER_INIT(UINT32_MAX), .normal = EW_BUFFER_INIT(EW_BUFFER_ANY)};
}

void ew_names_free(ew_names *names) {
    ew_buffer_free(&names->text);
    ew_buffer_free(&names->normal);
    ew_free(names->at);
    ew_free(names->keys);
    ew_free(names->owners);
    ew_names_init(names);
}

/* ---- the table ---- */

static uint64_t next_key(uint64_t key, const char *text, ew_range word) {
    return ew_mix(key ^ ew_hash_keyed(text + word.start, word.end - word.start, 0x6e616d65));
}

static uint32_t find(const ew_names *names, uint64_t key) {
    if (!names->n_keys) return EW_NONE;
    for (size_t at = (size_t)key & names->mask; names->keys[at]; at = (at + 1) & names->mask)
        if (names->keys[at] == key) return names->owners[at];
    return EW_NONE;
}

static void put(uint64_t *keys, uint32_t *owners, size_t mask, uint64_t key, uint32_t owner) {
    size_t at = (size_t)key & mask;
    while (keys[at]) at = (at + 1) & mask;
    keys[at] = key;
    owners[at] = owner;
}

static ew_status add_key(ew_names *names, uint64_t key, uint32_t owner, ew_error *err) {
    if (!names->keys || 2 * names->n_keys > names->mask) {
        size_t mask = names->keys ? names->mask * 2 + 1 : 127;
        uint64_t *keys = ew_calloc(mask + 1, sizeof *keys);
        uint32_t *owners = ew_alloc(mask + 1, sizeof *owners);
        if (!keys || !owners) {
            ew_free(keys);
            ew_free(owners);
            return ew_fail_memory(err, mask * 12, "a list of names");
        }
        for (size_t i = 0; names->keys && i <= names->mask; i++)
            if (names->keys[i]) put(keys, owners, mask, names->keys[i], names->owners[i]);
        ew_free(names->keys);
        ew_free(names->owners);
        names->keys = keys;
        names->owners = owners;
        names->mask = mask;
    }
    put(names->keys, names->owners, names->mask, key, owner);
    names->n_keys++;
    return EW_OK;
}

/* The key of a text's words; 0: it has none, or more than WORDS_MOST. */
static ew_status key_of(const char *text, size_t n, ew_buffer *scratch, uint64_t *key, ew_error *err) {
    ew_buffer_clear(scratch);
    ew_status status = ew_text_normalise(text, n, scratch, err);
    size_t at = 0, words = 0;
    ew_range word;
    *key = 1;
    if (status != EW_OK) return status;
    while (scratch->length && ew_text_next_word(scratch->data, scratch->length, &at, &word)) {
        *key = next_key(*key, scratch->data, word);
        if (++words > WORDS_MOST) break;
    }
    if (!words || words > WORDS_MOST) *key = 0;
    return EW_OK;
}

ew_status ew_names_match(const ew_names *names, const char *text, size_t n, ew_buffer *scratch, uint32_t *out, ew_error *err) {
    uint64_t key;
    ew_status status = key_of(text, n, scratch, &key, err);
    *out = status == EW_OK && key ? find(names, key) : EW_NONE;
    return status;
}

ew_status ew_names_scan(const ew_names *names, const char *text, size_t n, ew_buffer *scratch,
                        void (*found)(void *data, uint32_t name), void *data, ew_error *err) {
    if (!names->n_keys) return EW_OK;
    ew_buffer_clear(scratch);
    ew_status status = ew_text_normalise(text, n, scratch, err);
    if (status != EW_OK || !scratch->length) return status;
    ew_range word;
    for (size_t start = 0, next; ew_text_next_word(scratch->data, scratch->length, &start, &word); start = next) {
        uint64_t key = next_key(1, scratch->data, word);
        uint32_t name = find(names, key), longer;
        size_t at = next = start;
        for (int words = 1; words < WORDS_MOST && ew_text_next_word(scratch->data, scratch->length, &at, &word); words++) {
            key = next_key(key, scratch->data, word);
            if ((longer = find(names, key)) == EW_NONE) continue;
            name = longer;
            next = at;
        }
        if (name != EW_NONE) found(data, name);
    }
    return EW_OK;
}

/* ---- the list ---- */

static ew_view trimmed(ew_view view) {
    while (view.length && strchr(" \t\r\n", view.data[view.length - 1])) view.length--;
    while (view.length && strchr(" \t\r\n", *view.data)) view.data++, view.length--;
    return view;
}

static ew_status add_spelling(ew_names *names, ew_view spelling, uint32_t owner, ew_error *err) {
    uint64_t key;
    ew_status status = key_of(spelling.data, spelling.length, &names->normal, &key, err);
    if (status != EW_OK || !key || find(names, key) != EW_NONE) return status; /* said twice: the first has it */
    return add_key(names, key, owner, err);
}

static ew_status add_name(ew_names *names, ew_view name, ew_view aliases, ew_error *err) {
    ew_status status = EW_OK;
    if (names->n == names->capacity) {
        uint32_t capacity = names->capacity * 2 + 16;
        uint32_t *at = ew_realloc(names->at, capacity, sizeof *at);
        if (!at) return ew_fail_memory(err, capacity * sizeof *at, "a list of names");
        names->at = at;
        names->capacity = capacity;
    }
    uint32_t number = names->n, begin = (uint32_t)names->text.length;
    EW_TRY(ew_text_repair(name.data, name.length, &names->text, err));
    EW_TRY(ew_buffer_append(&names->text, "", 1, err));
    names->at[names->n++] = begin;
    EW_TRY(add_spelling(names, name, number, err));
    for (uint32_t i = 0, start = 0; aliases.length && i <= aliases.length; i++) {
        if (i < aliases.length && aliases.data[i] != ';' && aliases.data[i] != '|') continue;
        EW_TRY(add_spelling(names, trimmed((ew_view){aliases.data + start, i - start}), number, err));
        start = i + 1;
    }
done:
    return status;
}

static int is_header(ew_view name) {
    static const char *const words[] = {"name", "names", "product", "products", "product_name", "competitor", "competitors",
                                        "brand", "company", "title", "item"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]), k = 0;
        if (n != name.length) continue;
        while (k < n && (name.data[k] | 0x20) == (words[i][k] | 0x20)) k++;
        if (k == n) return 1;
    }
    return 0;
}

/* One field from *at; out is its text, with doubled quotes undone in `scratch`. *end_of_record is set behind its last. */
static ew_status take_field(const char *csv, size_t n, size_t *at, ew_buffer *scratch, int *end_of_record, ew_error *err) {
    ew_status status = EW_OK;
    size_t i = *at;
    ew_buffer_clear(scratch);
    if (i < n && csv[i] == '"') {
        for (i++;; i++) {
            if (i >= n) return ew_fail(err, EW_INPUT, "a quoted field does not end; add its closing '\"'");
            if (csv[i] == '"' && !(++i < n && csv[i] == '"')) break;
            EW_TRY(ew_buffer_append(scratch, &csv[i], 1, err));
        }
        if (i < n && csv[i] != ',' && csv[i] != '\n' && csv[i] != '\r')
            return ew_fail(err, EW_INPUT, "text follows a closing quote; double quotes inside a field");
    }
    size_t end = i;
    while (end < n && csv[end] != ',' && csv[end] != '\n') end++;
    EW_TRY(ew_buffer_append(scratch, csv + i, end - i, err));
    *end_of_record = end >= n || csv[end] == '\n';
    *at = end < n ? end + 1 : end;
    if (memchr(scratch->data ? scratch->data : "-", 0, scratch->length ? scratch->length : 1))
        return ew_fail(err, EW_INPUT, "a field holds a NUL byte; the list must be CSV text");
done:
    return status;
}

ew_status ew_names_parse(ew_names *names, const char *path, const char *csv, size_t n, int aliases, ew_error *err) {
    ew_buffer fields[3] = {EW_BUFFER_INIT(LIST_MOST), EW_BUFFER_INIT(LIST_MOST), EW_BUFFER_INIT(LIST_MOST)};
    ew_status status = EW_OK;
    uint64_t line = 1;
    ew_error why = {0};
    size_t at = n >= 3 && memcmp(csv, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (int record = 0; at < n; record++) {
        size_t begin = at;
        int end_of_record = 0;
        ew_buffer_clear(&fields[1]);
        for (int field = 0; !end_of_record; field++) {
            status = take_field(csv, n, &at, &fields[field < 2 ? field : 2], &end_of_record, &why);
            if (status == EW_INPUT) status = ew_fail_at(err, EW_INPUT, path, line, begin, "%s", why.message);
            else if (status != EW_OK && err) *err = why;
            if (status != EW_OK) goto done;
        }
        ew_view name = trimmed((ew_view){fields[0].data, (uint32_t)fields[0].length});
        if (name.length > NAME_MOST) {
            status = ew_fail_at(err, EW_INPUT, path, line, begin, "a name of %u bytes; the first column must be the name",
                                name.length);
            goto done;
        }
        if (name.length && !(record == 0 && is_header(name)))
            EW_TRY(add_name(names, name, (ew_view){fields[1].data, aliases ? (uint32_t)fields[1].length : 0}, err));
        for (; begin < at; begin++) line += csv[begin] == '\n';
    }
    if (!names->n)
        status = ew_fail_at(err, EW_INPUT, path, 0, 0, "holds no names; give one a line, the name in the first column");
done:
    for (int i = 0; i < 3; i++) ew_buffer_free(&fields[i]);
    return status;
}

ew_status ew_names_load(ew_names *names, const char *path, int aliases, ew_error *err) {
    ew_buffer csv = EW_BUFFER_INIT(LIST_MOST);
    ew_status status = EW_OK;
    FILE *file = fopen(path, "rb");
    if (!file) return ew_fail_at(err, EW_INPUT, path, 0, 0, "cannot be opened: %s", strerror(errno));
    for (size_t got = 1; got;) {
        size_t left = csv.max - csv.length;
        status = left ? ew_buffer_reserve(&csv, left < 65536 ? left : 65536, err)
                      : ew_fail_at(err, EW_INPUT, path, 0, 0, "is larger than %d MiB; keep to a list of names", LIST_MOST >> 20);
        if (status != EW_OK) goto done;
        got = fread(csv.data + csv.length, 1, csv.capacity - csv.length, file);
        csv.length += got;
    }
    status = ferror(file) ? ew_fail_at(err, EW_INPUT, path, 0, 0, "cannot be read: %s", strerror(errno))
                          : ew_names_parse(names, path, csv.data, csv.length, aliases, err);
done:
    fclose(file);
    ew_buffer_free(&csv);
    return status;
}
