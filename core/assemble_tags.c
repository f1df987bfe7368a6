#include "assemble_tags.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/random.h"

enum { USUAL = 50, SHARED = 3, FEWEST = 2, OF_WORD = 4, FEWEST_SAY = 3, NAME_MAX_BYTES = 64, TAGS = 1 };

typedef struct ew_tag {
    uint64_t hash;         /* 0: a free slot */
    uint32_t first, other; /* comments that begin with it; that have it elsewhere */
    uint32_t last;         /* comment + 1 that was counted last */
} tag;

typedef struct ew_tag_word { uint64_t key; uint32_t rows, last; } tag_word; /* key 0: a free slot; last: row + 1 */

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

static tag *slot_of(const ew_tags *tags, uint64_t hash) {
    uint64_t at = ew_mix(hash) & tags->mask;
    while (tags->slots[at].hash && tags->slots[at].hash != hash) at = (at + 1) & tags->mask;
    return &tags->slots[at];
}

/* A walk over the tags of a comment. */
typedef struct walk {
    ew_view text;
    size_t at;
    int begun, begins;
} walk;

static walk begin(const ew_tags *tags, uint32_t comment) {
    walk w = {.text = ew_corpus_text(&tags->m->run->corpus, comment)};
    if (!memchr(w.text.data, '#', w.text.length) && !memchr(w.text.data, '@', w.text.length)) w.at = w.text.length;
    return w;
}

/* A hash of the next one's name; 0: no more. begins: it is a handle, and the comment's first word that is not a word. */
static uint64_t next(walk *w) {
    ew_range found;
    while (ew_text_next_address(w->text.data, w->text.length, &w->at, &found)) {
        char sign = w->text.data[found.start], name[NAME_MAX_BYTES];
        size_t n = 0;
        w->begins = !w->begun && sign == '@';
        w->begun = 1;
        if (sign != '#' && sign != '@') continue;
        for (uint32_t i = found.start + 1; i < found.end && n < sizeof name; i++) name[n++] = lower(w->text.data[i]);
        uint64_t hash = ew_hash_keyed(name, n, TAGS);
        return hash ? hash : 1;
    }
    return 0;
}

static void count(const ew_tags *tags, uint32_t comment) {
    walk w = begin(tags, comment);
    for (uint64_t hash; (hash = next(&w));) {
        tag *found = slot_of(tags, hash);
        if (!found->hash || found->last == comment + 1) continue;
        found->last = comment + 1;
        if (w.begins)
            found->first++;
        else
            found->other++;
    }
}

static int is_talk(const ew_tags *tags, const tag *found) {
    return found->hash && found->first < found->other && (uint64_t)(found->first + found->other) * USUAL < tags->m->run->corpus.n;
}

/* ---- words of a conversation ---- */

static uint64_t key_of(uint64_t hash, uint32_t word) {
    uint64_t key = ew_mix(hash ^ ((uint64_t)word << 32 | word));
    return key + !key;
}

static tag_word *word_slot(const ew_tags *tags, uint64_t hash, uint32_t word) {
    uint64_t key = key_of(hash, word), at;
    for (at = key & tags->words_mask; tags->words[at].key && tags->words[at].key != key;) at = (at + 1) & tags->words_mask;
    return &tags->words[at];
}

static uint32_t comment_of(const ew_mining *m, uint32_t row) { return m->units.comment[m->rows.unit[m->rows.unit_start[row]]]; }

static int has_word(const ew_row_words *words, uint32_t row, uint32_t word) {
    for (uint64_t w = words->start[row]; w < words->start[row + 1]; w++)
        if (words->ids[w] == word) return 1;
    return 0;
}

/* Numbers of the need's best words; returns how many. */
static uint32_t best_words(const ew_mining *m, const ew_need *need, uint32_t out[EW_TALK_WORDS]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < need->n_words && i < EW_TALK_WORDS; i++) {
        uint32_t word = ew_dict_find(&m->words.words, need->words[i], strlen(need->words[i]));
        if (word != EW_NONE) out[n++] = word;
    }
    return n;
}

/* Counts rows with a tag of a conversation and a word that is best of some need; returns how many pairs there are. */
static uint64_t each_pair(const ew_tags *tags, const uint8_t *best, int enter) {
    const ew_mining *m = tags->m;
    uint64_t pairs = 0;
    for (uint32_t row = 0; row < m->words.n; row++) {
        walk w = begin(tags, comment_of(m, row));
        for (uint64_t hash; (hash = next(&w));) {
            if (!is_talk(tags, slot_of(tags, hash))) continue;
            for (uint64_t i = m->words.start[row]; i < m->words.start[row + 1]; i++) {
                if (!best[m->words.ids[i]]) continue;
                pairs++;
                if (!enter) continue;
                tag_word *both = word_slot(tags, hash, m->words.ids[i]);
                both->key = key_of(hash, m->words.ids[i]);
                both->rows += both->last != row + 1;
                both->last = row + 1;
            }
        }
    }
    return pairs;
}

static ew_status count_words(ew_tags *tags, ew_error *err) {
    const ew_mining *m = tags->m;
    uint64_t slots = 64, most;
    uint32_t words[EW_TALK_WORDS];
    uint8_t *best = ew_calloc(m->words.words.size, 1);
    if (!best) return ew_fail_memory(err, m->words.words.size, "tags");
    for (uint32_t k = 0; k < m->run->n_needs; k++)
        for (uint32_t i = best_words(m, &m->run->needs[k], words); i--;) best[words[i]] = 1;
    for (most = each_pair(tags, best, 0); slots < 2 * most;) slots *= 2;
    tags->words_mask = slots - 1;
    tags->words = ew_calloc(slots, sizeof *tags->words);
    if (tags->words) each_pair(tags, best, 1);
    ew_free(best);
    return tags->words ? EW_OK : ew_fail_memory(err, slots * sizeof *tags->words, "tags");
}

/* ---- of a corpus ---- */

ew_status ew_tags_begin(const ew_mining *m, ew_tags *out, ew_error *err) {
    const ew_run *run = m->run;
    uint64_t slots = 64, most = 0;
    *out = (ew_tags){.m = m};
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t k = 0; k < run->n_needs; k++)
            for (uint32_t i = 0; i < run->needs[k].size; i++) {
                walk w = begin(out, run->needs[k].comments[i]);
                for (uint64_t hash; (hash = next(&w)); most++)
                    if (pass) slot_of(out, hash)->hash = hash;
            }
        if (pass) break;
        while (slots < 2 * most) slots *= 2;
        out->mask = slots - 1;
        if (!(out->slots = ew_calloc(slots, sizeof *out->slots))) return ew_fail_memory(err, slots * sizeof *out->slots, "tags");
    }
    for (uint32_t c = 0; most && c < run->corpus.n; c++) count(out, c);
    ew_status status = most ? count_words(out, err) : EW_OK;
    if (status != EW_OK) ew_tags_end(out);
    return status;
}

void ew_tags_end(ew_tags *tags) {
    ew_free(tags->slots);
    ew_free(tags->words);
    *tags = (ew_tags){0};
}

/* ---- of a need ---- */

static ew_talk talk_of(const ew_tags *tags, uint64_t hash, const uint32_t *words, uint32_t n) {
    ew_talk talk = {.tag = hash};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t rows = word_slot(tags, hash, words[i])->rows;
        if (rows >= FEWEST_SAY && (uint64_t)rows * OF_WORD >= tags->m->words.rows_with[words[i]]) talk.words[talk.n++] = words[i];
    }
    return talk;
}

ew_talk ew_tags_talk(const ew_tags *tags, const ew_found *found, const ew_need *need) {
    uint32_t words[EW_TALK_WORDS], n = best_words(tags->m, need, words), most = 0;
    ew_talk best = {0};
    for (uint32_t i = 0; i < found->group.size; i++) {
        walk w = begin(tags, comment_of(tags->m, found->rows[i]));
        for (uint64_t hash; (hash = next(&w));) {
            if (hash == best.tag || !is_talk(tags, slot_of(tags, hash))) continue;
            ew_talk talk = talk_of(tags, hash, words, n);
            uint32_t here = 0;
            for (uint32_t j = 0; j < found->group.size; j++) here += ew_tags_joins(tags, &talk, found->rows[j]) != 0;
            if (here < FEWEST || here * SHARED < found->group.size || here <= most) continue;
            most = here;
            best = talk;
        }
    }
    return best;
}

int ew_tags_joins(const ew_tags *tags, const ew_talk *talk, uint32_t row) {
    if (!talk->tag) return 0;
    for (uint32_t i = 0; i < talk->n; i++)
        if (has_word(&tags->m->words, row, talk->words[i])) return 1;
    walk w = begin(tags, comment_of(tags->m, row));
    for (uint64_t hash; (hash = next(&w));)
        if (hash == talk->tag) return 1;
    return 0;
}
