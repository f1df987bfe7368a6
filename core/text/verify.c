/* Are two texts near copies? Exactly, over the texts themselves: sketches only say where to look. */
#include <string.h>

#include "families_inside.h"

enum { PAIR_CHUNK = 1024, FAMILY_CHUNK = 16, AHEAD = 12 /* pairs */ };

static const double ALIKE = .8, ALIKE_IN_BURST = .5, NEAR_IN_BURST = .4, COPY = .95, IN_BURST_SHARE = .8;

typedef struct verifying {
    const ew_voices *voices;
    const ew_family_rows *rows;
    const ew_pair *pairs;
    size_t n;
    uint8_t *verdicts;
    ew_shingler *shinglers; /* EW_SHELF for each worker */
    ew_families *families;
    const uint32_t *place;
} verifying;

static ew_status load(const verifying *job, ew_shingler *shingler, uint32_t voice, ew_error *err) {
    uint32_t row = job->voices->rows[job->voices->start[voice]];
    ew_status status = ew_shingler_words(shingler, ew_row_text(job->rows, row), job->rows->lengths[row], err);
    return status == EW_OK ? ew_shingler_word_set(shingler, 1, err) : status;
}

/* What their letters have in common counts. */
static ew_burst burst_of(const verifying *job, ew_pair pair) {
    const ew_glance *a = &job->voices->glance[pair.a], *b = &job->voices->glance[pair.b];
    if (a->size < EW_SIZE_LONG || b->size < EW_SIZE_LONG) return EW_BURST_NONE;
    return ew_voices_burst(job->voices, job->rows, pair.a, pair.b);
}

static void fetch(const ew_voices *voices, uint32_t v) {
    __builtin_prefetch(&voices->glance[v]);
    __builtin_prefetch(voices->outline[v].letters);
    __builtin_prefetch(&voices->outline[v].words);
}

/* What the outlines say without the texts: neither words nor letters can reach what counts. */
static int surely_apart(const verifying *job, ew_pair pair) {
    const ew_outline *a = &job->voices->outline[pair.a], *b = &job->voices->outline[pair.b];
    if (ew_words_at_most(a, b) >= ALIKE) return 0;
    return burst_of(job, pair) == EW_BURST_NONE || ew_letters_at_most(a, b) < NEAR_IN_BURST;
}

/* The texts that a worker looked at last: members of a bucket come again and again. */
typedef struct shelf {
    ew_shingler *texts;      /* [EW_SHELF] */
    uint32_t voice[EW_SHELF];
    uint8_t letters[EW_SHELF]; /* whether their set is made */
    size_t next;             /* which makes room */
} shelf;

/* Its place on the shelf, from where `other` does not go. Long ones share two places, so that not all grow to their size. */
static ew_status reach(const verifying *job, shelf *s, uint32_t voice, size_t other, size_t *place, ew_error *err) {
    enum { LONG = 4096 };
    for (size_t k = 0; k < EW_SHELF; k++) {
        *place = k;
        if (s->voice[k] == voice) return EW_OK;
    }
    size_t places = job->rows->lengths[job->voices->rows[job->voices->start[voice]]] > LONG ? 2 : EW_SHELF;
    *place = s->next++ % places;
    if (*place == other) *place = s->next++ % places;
    s->voice[*place] = EW_NONE;
    s->letters[*place] = 0;
    ew_status status = load(job, &s->texts[*place], voice, err);
    if (status == EW_OK) s->voice[*place] = voice;
    return status;
}

static ew_status make_letters(shelf *s, size_t place, ew_error *err) {
    if (s->letters[place]) return EW_OK;
    s->letters[place] = 1;
    return ew_shingler_letter_set(&s->texts[place], 1, err);
}

/* The letters are looked at last. */
static ew_status judge(const verifying *job, shelf *s, ew_pair pair, uint8_t *verdict, ew_error *err) {
    ew_status status = EW_OK;
    size_t a, b;
    EW_TRY(reach(job, s, pair.a, EW_SHELF, &a, err));
    EW_TRY(reach(job, s, pair.b, a, &b, err));
    *verdict = EW_ALIKE;
    if (ew_jaccard(&s->texts[a].word_set, &s->texts[b].word_set) >= ALIKE) return EW_OK;
    *verdict = EW_APART;
    ew_burst burst = burst_of(job, pair);
    if (burst == EW_BURST_NONE) return EW_OK;
    EW_TRY(make_letters(s, a, err));
    EW_TRY(make_letters(s, b, err));
    double letters = ew_jaccard(&s->texts[a].letter_set, &s->texts[b].letter_set);
    if (letters >= ALIKE_IN_BURST)
        *verdict = burst == EW_BURST_SOURCE ? EW_ALIKE : EW_ALIKE_IN_TIME;
    else if (letters >= NEAR_IN_BURST && burst == EW_BURST_TIME)
        *verdict = EW_NEAR_IN_TIME;
done:
    return status;
}

static ew_status verify_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    verifying *job = context;
    shelf s = {.texts = &job->shinglers[EW_SHELF * worker]};
    ew_status status = EW_OK;
    for (size_t k = 0; k < EW_SHELF; k++) s.voice[k] = EW_NONE;
    for (uint64_t i = task * PAIR_CHUNK, end = ew_chunk_end(task, PAIR_CHUNK, job->n); i < end; i++) {
        if (i + AHEAD < job->n) {
            fetch(job->voices, job->pairs[i + AHEAD].a);
            fetch(job->voices, job->pairs[i + AHEAD].b);
        }
        job->verdicts[i] = EW_APART;
        if (!surely_apart(job, job->pairs[i])) EW_TRY(judge(job, &s, job->pairs[i], &job->verdicts[i], err));
    }
done:
    return status;
}

ew_status ew_pairs_verify(const ew_voices *voices, const ew_family_rows *rows, const ew_pair *pairs, size_t n, ew_pool *pool,
                          ew_shingler *shinglers, uint8_t *verdicts, ew_error *err) {
    verifying job = {voices, rows, pairs, n, verdicts, shinglers, NULL, NULL};
    return ew_pool_run(pool, ew_chunks(n, PAIR_CHUNK), verify_chunk, &job, err);
}

/* Several customers (or none known), and most of them within days of another member. */
static int is_campaign(const verifying *job, const uint32_t *members, size_t n) {
    const int64_t *time = job->rows->time;
    const uint32_t *customer = job->rows->customer;
    if (!time) return 0;
    int several = !customer || !customer[members[0]];
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        if (customer) several |= customer[members[i]] != customer[members[0]];
        if (time[members[i]] == INT64_MIN) continue;
        if (time[members[i]] < first) first = time[members[i]];
        if (time[members[i]] > last) last = time[members[i]];
    }
    if (!several || first > last) return 0;
    enum { CELLS = 512, DAYS3 = 3 * 86400 };
    /* members by stretches of three days from the first: those in a stretch (or beside one) with another are in a burst */
    uint32_t cells[CELLS + 2] = {0}, burst = 0;
    for (size_t i = 0; i < n; i++)
        if (time[members[i]] != INT64_MIN) cells[1 + ((uint64_t)time[members[i]] - (uint64_t)first) / DAYS3 % CELLS]++;
    for (int c = 1; c <= CELLS; c++)
        if (cells[c - 1] + cells[c] + cells[c + 1] > 1) burst += cells[c];
    return burst >= IN_BURST_SHARE * (double)n;
}

static ew_status kinds_chunk(void *context, uint64_t task, int worker, ew_error *err) {
    verifying *job = context;
    ew_shingler *first = &job->shinglers[EW_SHELF * worker], *other = first + 1;
    ew_families *families = job->families;
    ew_status status = EW_OK;
    for (uint64_t f = task * FAMILY_CHUNK, end = ew_chunk_end(task, FAMILY_CHUNK, families->n); f < end; f++) {
        const uint32_t *members = families->rows + families->start[f];
        size_t n = (size_t)(families->start[f + 1] - families->start[f]);
        uint32_t head = job->voices->of[members[0]];
        for (size_t i = 1; i < n; i++)
            if (job->place[job->voices->of[members[i]]] < job->place[head]) head = job->voices->of[members[i]];
        int copy = 1, loaded = 0;
        for (size_t i = 0, seen = 0; copy && i < n; i++) {
            uint32_t voice = job->voices->of[members[i]];
            if (voice < seen) continue; /* voices are numbered by first row, so an old one was compared */
            seen = (size_t)voice + 1;
            if (voice == head) continue;
            if (!loaded) EW_TRY(load(job, first, head, err));
            loaded = 1;
            EW_TRY(load(job, other, voice, err));
            copy = ew_jaccard(&first->word_set, &other->word_set) >= COPY;
        }
        families->kind[f] = copy                            ? EW_FAMILY_COPY
                            : is_campaign(job, members, n) ? EW_FAMILY_CAMPAIGN
                                                           : EW_FAMILY_TEMPLATE;
    }
done:
    return status;
}

ew_status ew_families_kinds(const ew_voices *voices, const ew_family_rows *rows, const uint32_t *place,
                            ew_pool *pool, ew_shingler *shinglers, ew_families *families, ew_error *err) {
    verifying job = {voices, rows, NULL, 0, NULL, shinglers, families, place};
    return ew_pool_run(pool, ew_chunks(families->n, FAMILY_CHUNK), kinds_chunk, &job, err);
}
