#include <string.h>

#include "pattern_automaton.h"

static uint32_t split(const char *text, ew_piece out[8], uint32_t n) {
    while (*text && n < 8) {
        size_t length = strcspn(text, " ");
        if (length) out[n++] = (ew_piece){text, length};
        text += length + (text[length] == ' ');
    }
    return n;
}

uint32_t ew_alias_of(const ew_patterns *patterns, const ew_word *word, ew_piece out[8]) {
    if (!word->n) return 0;
    uint32_t name = ew_dict_find(&patterns->alias_names, word->text, word->n);
    if (name != EW_NONE && name < patterns->alias_to.length / sizeof(uint32_t)) {
        uint32_t to = ((const uint32_t *)(const void *)patterns->alias_to.data)[name];
        if (to) return split(ew_dict_text(&patterns->alias_names, to), out, 0);
    }
    if (!memchr(word->text, '\'', word->n)) return 0;
    const ew_affix *affix = (const ew_affix *)(const void *)patterns->affixes.data;
    for (size_t i = 0; i < patterns->affixes.length / sizeof *affix; i++) {
        const char *text = ew_dict_text(&patterns->alias_names, affix[i].name);
        size_t length = strlen(text);
        if (length >= word->n) continue;
        const char *where = affix[i].ending ? word->text + word->n - length : word->text;
        if (memcmp(where, text, length) != 0) continue;
        uint32_t n = split(ew_dict_text(&patterns->alias_names, affix[i].before), out, 0);
        if (n < 8) out[n++] = (ew_piece){affix[i].ending ? word->text : word->text + length, word->n - length};
        return split(ew_dict_text(&patterns->alias_names, affix[i].after), out, n);
    }
    return 0;
}
