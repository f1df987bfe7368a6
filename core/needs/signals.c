#include "signals.h"

#include <string.h>

#include "../base/alloc.h"
#include "../base/scalar.h"
#include "cue_files.h"
#include "pattern_words.h"

enum { MAX_CUES = 16, MAX_KEPT = 64 };

struct ew_signals { ew_cue_languages languages; };

/* What a sentence has shown so far. Cues of one kind that overlap are one cue: the heavier, or the longer of two as heavy. */
typedef struct kept { uint32_t start, end; float weight; int kind; const ew_pattern *pattern; } kept;
typedef struct evidence {
    kept items[MAX_KEPT];
    uint32_t n;
    float hints;
    uint64_t hinted[EW_CUE_PATTERNS / 64]; /* a hint counts once a sentence */
} evidence;

ew_status ew_signals_create(const char *path, ew_signals **out, ew_error *err) {
    *out = NULL;
    ew_signals *signals = ew_calloc(1, sizeof *signals);
    if (!signals) return ew_fail_memory(err, sizeof *signals, "signals");
    ew_status status = ew_cue_languages_load(&signals->languages, path, err);
    if (status == EW_OK) *out = signals;
    else ew_signals_free(signals);
    return status;
}

void ew_signals_free(ew_signals *signals) {
    if (!signals) return;
    ew_cue_languages_free(&signals->languages);
    ew_free(signals);
}

static float size_of(float weight) { return weight < 0 ? -weight : weight; }

static void keep(evidence *all, kept new_one) {
    uint32_t weakest = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        kept *old = &all->items[i];
        if (size_of(old->weight) < size_of(all->items[weakest].weight)) weakest = i;
        if (old->kind != new_one.kind || old->end <= new_one.start || new_one.end <= old->start) continue;
        float lead = size_of(new_one.weight) - size_of(old->weight);
        if (lead > 0 || (!(lead < 0) && new_one.end - new_one.start > old->end - old->start)) *old = new_one;
        return;
    }
    if (all->n < MAX_KEPT) all->items[all->n++] = new_one;
    else if (size_of(new_one.weight) > size_of(all->items[weakest].weight)) all->items[weakest] = new_one;
}

static void take(void *context, uint32_t number, const ew_pattern *pattern, uint32_t start, uint32_t end) {
    evidence *all = context;
    if (pattern->kind != EW_PATTERN_HINT) {
        keep(all, (kept){start, end, pattern->weight, pattern->kind, pattern});
    } else if (!(all->hinted[number / 64] >> (number % 64) & 1)) {
        all->hinted[number / 64] |= (uint64_t)1 << (number % 64);
        all->hints += pattern->weight;
    }
}

static int vetoed(const evidence *all, const kept *cue) {
    for (uint32_t i = 0; i < all->n; i++) {
        const kept *veto = &all->items[i];
        if (veto->kind == EW_PATTERN_VETO && veto->start < cue->end && cue->start < veto->end) return 1;
    }
    return 0;
}

/* Words of the sentence before a cue and behind it. */
static void words_around(const char *text, uint32_t start, uint32_t end, const kept *cue, uint32_t *before, uint32_t *behind) {
    ew_word word;
    *before = *behind = 0;
    for (uint32_t at = start; ew_words_next(NULL, text, end, &at, &word);) {
        *before += word.end <= cue->start;
        *behind += word.start >= cue->end;
    }
}

/* An ask mostly comes early in its sentence and goes on to say what for: what one loses that does not, up to its weight. */
static float misplaced(const char *text, uint32_t start, uint32_t end, const kept *cue) {
    enum { LATE = 8, ENOUGH = 5 };
    if (!cue || !(cue->pattern->late > 0 || cue->pattern->bare > 0)) return 0;
    uint32_t before, behind;
    words_around(text, start, end, cue, &before, &behind);
    uint32_t far = before < 1 ? 0 : before > LATE ? LATE : before - 1, missing = behind < ENOUGH ? ENOUGH - behind : 0;
    float loss = cue->pattern->late * (float)far / LATE + cue->pattern->bare * (float)missing / ENOUGH;
    return loss < cue->weight ? loss : cue->weight;
}

/* The strongest evidence of each sign counts in full, the rest for a third: cues of one sentence repeat each other. */
static float judge(const evidence *all, double bias, double leaning, const char *text, uint32_t start, uint32_t end,
                   ew_need_terms *terms) {
    float best = 0, worst = 0, up = 0, down = 0;
    const kept *strongest = NULL;
    for (uint32_t i = 0; i < all->n; i++) {
        const kept *cue = &all->items[i];
        if (cue->kind != EW_PATTERN_VETO && vetoed(all, cue)) continue;
        float weight = cue->weight;
        if (weight > 0) up += weight;
        else down += weight;
        if (weight > best) {
            best = weight;
            strongest = cue;
        }
        if (weight < worst) worst = weight;
    }
    float place = misplaced(text, start, end, strongest);
    float hints = all->hints > 2 ? 2 : all->hints < -2 ? -2 : all->hints;
    double z = bias + leaning + (double)(best + (up - best) / 3 - place + worst + (down - worst) / 3 + hints);
    *terms = (ew_need_terms){.bias = (float)bias, .leaning = (float)leaning, .hints = hints, .strongest = best,
                             .others = (up - best) / 3, .place = -place, .against = worst, .also_against = (down - worst) / 3};
    return (float)(1 / (1 + ew_exp(-z)));
}

static int comes_after(const ew_cue_span *a, const ew_cue_span *b) {
    return a->start > b->start || (a->start == b->start && a->kind > b->kind);
}

static void list_cues(const evidence *all, ew_sentence_signals *out) {
    out->n_cues = 0;
    for (uint32_t i = 0; i < all->n && out->n_cues < MAX_CUES; i++) {
        const kept *cue = &all->items[i];
        if (cue->kind == EW_PATTERN_VETO || vetoed(all, cue)) continue;
        ew_cue_span span = {cue->start, cue->end, (ew_cue_kind)cue->kind, cue->weight};
        uint32_t at = out->n_cues++;
        for (; at && comes_after(&out->cues[at - 1], &span); at--) out->cues[at] = out->cues[at - 1];
        out->cues[at] = span;
    }
}

static void read_as(const ew_patterns *patterns, const char *text, uint32_t start, uint32_t end, ew_sentence_signals *out) {
    evidence all;
    all.n = 0;
    all.hints = 0;
    memset(all.hinted, 0, sizeof all.hinted);
    double leaning = ew_patterns_match(patterns, text, start, end, take, &all);
    out->need = judge(&all, ew_patterns_bias(patterns), leaning, text, start, end, &out->terms);
    list_cues(&all, out);
}

ew_status ew_signals_of(const ew_signals *signals, const char *text, size_t n, uint32_t start, uint32_t end, const char *lang,
                        ew_sentence_signals *out, ew_error *err) {
    if (start > end || end > n)
        return ew_fail(err, EW_USAGE, "sentence %u .. %u is not within a text of %zu bytes", start, end, n);
    memset(out, 0, sizeof *out);
    const ew_cue_languages *all = &signals->languages;
    for (uint32_t i = 0; i < all->n; i++)
        if (lang && strcmp(lang, all->items[i].code) == 0) {
            read_as(all->items[i].patterns, text, start, end, out);
            return EW_OK;
        }
    read_as(all->items[0].patterns, text, start, end, out);
    if (lang && lang[0]) return EW_OK; /* a language without a file: English words are what other languages borrow */
    for (uint32_t i = 1; i < all->n; i++) { /* unknown, mostly too short to tell: the language in which it says most */
        ew_sentence_signals other;
        memset(&other, 0, sizeof other);
        read_as(all->items[i].patterns, text, start, end, &other);
        if (other.n_cues && other.need > out->need) *out = other;
    }
    return EW_OK;
}
