#include "assemble_tags.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/random.h"

enum { USUAL = 50, SHARED = 3, FEWEST = 2, OF_WORD = 4, FEWEST_SAY = 3, NAME_MAX_BYTES = 64, TAGS = 1 };

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

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
        return hash + !hash;
    }
    return 0;
}

static void count(ew_tags *tags, uint32_t comment) {
    walk w = begin(tags, comment);
    for (uint64_t hash; (hash = next(&w));) {
        ew_census_count(&tags->has, hash, comment, 1);
        if (w.begins) ew_census_count(&tags->first, hash, comment, 1);
    }
}

static int is_talk(const ew_tags *tags, uint64_t hash) {
    uint64_t first = ew_census_of(&tags->first, hash), has = ew_census_of(&tags->has, hash);
    return 2 * first < has && has * USUAL < tags->m->run->corpus.n;
}

/* ---- words of a conversation ---- */

static uint64_t both(uint64_t hash, uint32_t word) { return ew_mix(hash ^ ((uint64_t)word << 32 | word)); }

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
static uint64_t each_pair(ew_tags *tags, const uint8_t *best, int enter) {
    const ew_mining *m = tags->m;
    uint64_t pairs = 0;
    for (uint32_t row = 0; row < m->words.n; row++) {
        walk w = begin(tags, ew_row_comment(m, row));
        for (uint64_t hash; (hash = next(&w));) {
            if (!is_talk(tags, hash)) continue;
            for (uint64_t i = m->words.start[row]; i < m->words.start[row + 1]; i++) {
                if (!best[m->words.ids[i]]) continue;
                pairs++;
                if (!enter) continue;
                ew_census_enter(&tags->words, both(hash, m->words.ids[i]));
                ew_census_count(&tags->words, both(hash, m->words.ids[i]), row, 1);
            }
        }
    }
    return pairs;
}

static ew_status count_words(ew_tags *tags, ew_error *err) {
    const ew_mining *m = tags->m;
    uint32_t words[EW_TALK_WORDS];
    uint8_t *best = ew_calloc(m->words.words.size, 1);
    if (!best) return ew_fail_memory(err, m->words.words.size, "tags");
    for (uint32_t k = 0; k < m->run->n_needs; k++)
        for (uint32_t i = best_words(m, &m->run->needs[k], words); i--;) best[words[i]] = 1;
    ew_status status = ew_census_init(&tags->words, each_pair(tags, best, 0), "tags", err);
    if (status == EW_OK) each_pair(tags, best, 1);
    ew_free(best);
    return status;
}

/* ---- of a corpus ---- */

/* The tags of needs' comments, again where a comment has them again or is in several needs. */
static uint64_t each_tag(ew_tags *tags, int enter) {
    const ew_run *run = tags->m->run;
    uint64_t n = 0;
    for (uint32_t k = 0; k < run->n_needs; k++)
        for (uint32_t i = 0; i < run->needs[k].size; i++) {
            walk w = begin(tags, run->needs[k].comments[i]);
            for (uint64_t hash; (hash = next(&w)); n++) {
                if (!enter) continue;
                ew_census_enter(&tags->first, hash);
                ew_census_enter(&tags->has, hash);
            }
        }
    return n;
}

ew_status ew_tags_begin(const ew_mining *m, ew_tags *out, ew_error *err) {
    ew_status status = EW_OK;
    *out = (ew_tags){.m = m};
    uint64_t most = each_tag(out, 0);
    if (!most) return EW_OK;
    EW_TRY(ew_census_init(&out->first, most, "tags", err));
    EW_TRY(ew_census_init(&out->has, most, "tags", err));
    each_tag(out, 1);
    for (uint32_t c = 0; c < m->run->corpus.n; c++) count(out, c);
    EW_TRY(count_words(out, err));
done:
    if (status != EW_OK) ew_tags_end(out);
    return status;
}

void ew_tags_end(ew_tags *tags) {
    ew_census_free(&tags->first);
    ew_census_free(&tags->has);
    ew_census_free(&tags->words);
}

/* ---- of a need ---- */

static ew_talk talk_of(const ew_tags *tags, uint64_t hash, const uint32_t *words, uint32_t n) {
    ew_talk talk = {.tag = hash};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t rows = ew_census_of(&tags->words, both(hash, words[i]));
        if (rows >= FEWEST_SAY && (uint64_t)rows * OF_WORD >= tags->m->words.rows_with[words[i]]) talk.words[talk.n++] = words[i];
    }
    return talk;
}

ew_talk ew_tags_talk(const ew_tags *tags, const ew_found *found, const ew_need *need) {
    uint32_t words[EW_TALK_WORDS], n = best_words(tags->m, need, words), most = 0;
    ew_talk best = {0};
    for (uint32_t i = 0; i < found->group.size; i++) {
        walk w = begin(tags, ew_row_comment(tags->m, found->rows[i]));
        for (uint64_t hash; (hash = next(&w));) {
            if (hash == best.tag || !is_talk(tags, hash)) continue;
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
    walk w = begin(tags, ew_row_comment(tags->m, row));
    for (uint64_t hash; (hash = next(&w));)
        if (hash == talk->tag) return 1;
    return 0;
}
