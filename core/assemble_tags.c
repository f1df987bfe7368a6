#include "assemble_tags.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/random.h"

enum { USUAL = 50, SHARED = 3, FEWEST = 2, NAME_MAX_BYTES = 64, TAGS = 1 };

typedef struct ew_tag {
    uint64_t hash;         /* 0: a free slot */
    uint32_t first, other; /* comments that begin with it; that have it elsewhere */
    uint32_t here, last;   /* of a need; comment + 1 that was counted last */
} tag;

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
    walk w = {.text = ew_corpus_text(tags->corpus, comment)};
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

ew_status ew_tags_begin(const ew_run *run, ew_tags *out, ew_error *err) {
    uint64_t slots = 64, most = 0;
    *out = (ew_tags){.corpus = &run->corpus};
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
    for (uint64_t s = 0; s < slots; s++) out->slots[s].last = 0;
    return EW_OK;
}

void ew_tags_end(ew_tags *tags) {
    ew_free(tags->slots);
    *tags = (ew_tags){0};
}

static int is_talk(const ew_tags *tags, const tag *found, const ew_need *need) {
    return found->here >= FEWEST && found->here * SHARED >= need->size && found->first < found->other &&
           (uint64_t)(found->first + found->other) * USUAL < tags->corpus->n;
}

uint64_t ew_tags_talk(ew_tags *tags, const ew_need *need) {
    uint64_t hash, best = 0;
    uint32_t most = 0;
    for (int pass = 0; pass < 3; pass++) /* how many here; which has most; as it was */
        for (uint32_t i = 0; i < need->size; i++) {
            walk w = begin(tags, need->comments[i]);
            while ((hash = next(&w))) {
                tag *found = slot_of(tags, hash);
                if (pass == 0 && found->last != need->comments[i] + 1) {
                    found->last = need->comments[i] + 1;
                    found->here++;
                } else if (pass == 1 && is_talk(tags, found, need) && found->here > most) {
                    most = found->here;
                    best = hash;
                } else if (pass == 2) {
                    found->last = found->here = 0;
                }
            }
        }
    return best;
}

int ew_tags_has(const ew_tags *tags, uint32_t comment, uint64_t talk) {
    walk w = begin(tags, comment);
    for (uint64_t hash; (hash = next(&w));)
        if (hash == talk) return 1;
    return 0;
}
