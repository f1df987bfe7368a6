/* Rows -> distinct texts: what is the same word for word is one voice before anything is compared, so that 100,000
 * copies cost no more than one text. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "families_inside.h"

enum { CHUNK = 256, LINE = 64 /* bytes of the caches */, BURST_ROWS = 8, ENOUGH = 16 };

typedef struct reading {
    const ew_family_rows *rows;
    ew_shingler *shinglers;
    uint64_t *identity; /* [rows] */
    uint8_t *size;      /* [rows] */
    ew_counter *counters;
    ew_voices *voices;
} reading;

static ew_status read_rows(void *context, uint64_t task, int worker, ew_error *err) {
    reading *job = context;
    ew_shingler *shingler = &job->shinglers[worker];
    ew_status status = EW_OK;
    for (uint64_t i = task * CHUNK, end = ew_chunk_end(task, CHUNK, job->rows->n); i < end; i++) {
        EW_TRY(ew_shingler_words(shingler, ew_row_text(job->rows, (uint32_t)i), job->rows->lengths[i], err));
        job->identity[i] = shingler->identity;
        job->size[i] = (uint8_t)shingler->size;
        for (size_t k = 0; k < shingler->words.n; k++) { /* up to ENOUGH, or a few more: the order of threads cannot show */
            ew_counter *counter = &job->counters[ew_counter_of(shingler->words.items[k])];
            if (atomic_load_explicit(counter, memory_order_relaxed) < ENOUGH)
                atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
        }
    }
done:
    return status;
}

/* Whether any of the rows that stand for the voice has what a burst is known by, its skeleton apart. */
static int may_burst(const ew_voices *voices, const ew_family_rows *rows, uint32_t v) {
    uint32_t end = voices->start[v + 1];
    if (end > voices->start[v] + BURST_ROWS) end = voices->start[v] + BURST_ROWS;
    for (uint32_t i = voices->start[v]; i < end; i++) {
        uint32_t row = voices->rows[i];
        if ((rows->customer && rows->customer[row]) || (rows->time && rows->time[row] != INT64_MIN)) return 1;
    }
    return 0;
}

static uint64_t lateness(const ew_family_rows *rows, uint32_t row) { /* unknown is last */
    return rows->time ? ((uint64_t)rows->time[row] ^ (uint64_t)1 << 63) - 1 : 0;
}

static int stands_before(const ew_family_rows *rows, uint32_t a, uint32_t b) {
    uint64_t x = lateness(rows, a), y = lateness(rows, b);
    return x != y ? x < y : rows->customer && rows->customer[a] < rows->customer[b];
}

/* The rows that stand for the voice to its front, the earliest first: which they are does not depend on the input's order. */
static void choose_rows(ew_voices *voices, const ew_family_rows *rows, uint32_t v) {
    uint32_t *of = voices->rows + voices->start[v], n = voices->start[v + 1] - voices->start[v];
    if (!rows->time && !rows->customer) return;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t row = of[i], at = i < BURST_ROWS ? i : BURST_ROWS - 1;
        if (i >= BURST_ROWS) { /* takes the last place or none */
            if (!stands_before(rows, row, of[at])) continue;
            of[i] = of[at];
        }
        for (; at && stands_before(rows, row, of[at - 1]); at--) of[at] = of[at - 1];
        of[at] = row;
    }
}

/* The row whose spelling stands for all: by a hash of its bytes. */
static uint32_t speller(const ew_voices *voices, const ew_family_rows *rows, uint32_t v) {
    uint32_t start = voices->start[v], best = voices->rows[start];
    if (voices->start[v + 1] == start + 1) return best;
    uint64_t least = UINT64_MAX;
    for (uint32_t i = start; i < voices->start[v + 1]; i++) {
        uint32_t row = voices->rows[i];
        uint64_t hash = ew_hash(ew_row_text(rows, row), rows->lengths[row], 0);
        if (hash < least) best = row;
        if (hash < least) least = hash;
    }
    return best;
}

static void glance_at(ew_voices *voices, const ew_family_rows *rows, uint32_t v) {
    ew_glance *g = &voices->glance[v];
    uint32_t row = voices->rows[voices->start[v]];
    *g = (ew_glance){.time = INT64_MIN, .size = voices->size[v], .alone = voices->start[v + 1] - voices->start[v] == 1};
    for (size_t k = 0; k < EW_SKETCH_WORD_BANDS; k++) g->words[k] = (uint8_t)voices->keys[k * voices->n + v];
    g->skeleton = voices->keys[(size_t)EW_SKETCH_SKELETON * voices->n + v];
    if (g->alone && rows->time) g->time = rows->time[row];
    if (g->alone && rows->customer) g->customer = rows->customer[row];
}

static ew_status sketch_voices(void *context, uint64_t task, int worker, ew_error *err) {
    reading *job = context;
    ew_shingler *shingler = &job->shinglers[worker];
    ew_voices *voices = job->voices;
    ew_status status = EW_OK;
    for (uint64_t v = task * CHUNK, end = ew_chunk_end(task, CHUNK, voices->n); v < end; v++) {
        uint32_t row = speller(voices, job->rows, (uint32_t)v);
        const char *text = ew_row_text(job->rows, row);
        choose_rows(voices, job->rows, (uint32_t)v);
        EW_TRY(ew_shingler_words(shingler, text, job->rows->lengths[row], err));
        EW_TRY(ew_shingler_keys(shingler, text, job->rows->lengths[row], job->counters, may_burst(voices, job->rows, (uint32_t)v),
                                voices->keys + v, voices->n, &voices->outline[v], err));
        glance_at(voices, job->rows, (uint32_t)v);
        voices->content[v] = ew_hash(shingler->joined.data, shingler->joined.length, 0);
    }
done:
    return status;
}

/* Numbers the identities by first row: voices->of, n, size. */
static ew_status number_voices(const reading *job, ew_voices *voices, ew_error *err) {
    uint32_t n = job->rows->n;
    size_t mask = 63;
    while (mask < (size_t)n * 2) mask = mask * 2 + 1;
    struct slot { uint64_t identity; uint32_t voice; } *slots = ew_alloc(mask + 1, sizeof *slots);
    if (!slots) return ew_fail_memory(err, (mask + 1) * sizeof *slots, "the table of distinct texts");
    for (size_t i = 0; i <= mask; i++) slots[i].voice = EW_NONE;
    for (uint32_t i = 0; i < n; i++) {
        voices->of[i] = EW_NONE;
        if (job->size[i] == EW_SIZE_EMPTY) continue;
        size_t at = (size_t)job->identity[i] & mask; /* a keyed hash already */
        while (slots[at].voice != EW_NONE && slots[at].identity != job->identity[i]) at = (at + 1) & mask;
        if (slots[at].voice == EW_NONE) {
            slots[at].identity = job->identity[i];
            slots[at].voice = voices->n;
            voices->size[voices->n++] = job->size[i];
        }
        voices->of[i] = slots[at].voice;
    }
    ew_free(slots);
    return EW_OK;
}

static void group_rows(ew_voices *voices, uint32_t n) {
    memset(voices->start, 0, ((size_t)voices->n + 2) * sizeof *voices->start);
    uint32_t *next = voices->start + 1; /* one place ahead, so that filling leaves the starts behind */
    for (uint32_t i = 0; i < n; i++)
        if (voices->of[i] != EW_NONE) next[voices->of[i] + 1]++;
    for (uint32_t v = 0; v < voices->n; v++) next[v + 1] += next[v];
    for (uint32_t i = 0; i < n; i++)
        if (voices->of[i] != EW_NONE) voices->rows[next[voices->of[i]]++] = i;
}

ew_status ew_voices_find(const ew_family_rows *rows, ew_pool *pool, ew_shingler *shinglers, ew_voices *out, ew_error *err) {
    ew_status status = EW_OK;
    size_t n = rows->n;
    *out = (ew_voices){0};
    reading job = {.rows = rows, .shinglers = shinglers, .voices = out};
    job.identity = ew_alloc_spilled(n, sizeof *job.identity);
    job.size = ew_alloc(n, 1);
    job.counters = ew_calloc(EW_SKETCH_COUNTERS, sizeof *job.counters);
    out->of = ew_alloc_spilled(n, sizeof *out->of);
    out->start = ew_alloc(n + 2, sizeof *out->start);
    out->rows = ew_alloc(n, sizeof *out->rows);
    out->size = ew_alloc(n, 1);
    if (!job.identity || !job.size || !job.counters || !out->of || !out->start || !out->rows || !out->size) {
        status = ew_fail_memory(err, n * 22 + EW_SKETCH_COUNTERS * sizeof *job.counters, "the distinct texts");
        goto done;
    }
    EW_TRY(ew_pool_run(pool, ew_chunks(n, CHUNK), read_rows, &job, err));
    EW_TRY(number_voices(&job, out, err));
    group_rows(out, rows->n);
    out->keys = ew_alloc_spilled(out->n, EW_SKETCH_KEYS * sizeof *out->keys);
    out->content = ew_alloc_spilled(out->n, sizeof *out->content);
    out->memory = ew_alloc((size_t)out->n + 1, sizeof *out->outline + sizeof *out->glance);
    if (!out->keys || !out->content || !out->memory) {
        status = ew_fail_memory(err, (size_t)out->n * (EW_SKETCH_KEYS + 44) * sizeof *out->keys, "the sketches of the texts");
        goto done;
    }
    out->outline = (ew_outline *)(((uintptr_t)out->memory + LINE - 1) / LINE * LINE);
    out->glance = (ew_glance *)(void *)(out->outline + out->n);
    EW_TRY(ew_pool_run(pool, ew_chunks(out->n, CHUNK), sketch_voices, &job, err));
done:
    ew_free(job.identity);
    ew_free(job.size);
    ew_free(job.counters);
    if (status != EW_OK) ew_voices_free(out);
    return status;
}

void ew_voices_free(ew_voices *voices) {
    ew_free(voices->of);
    ew_free(voices->start);
    ew_free(voices->rows);
    ew_free(voices->size);
    ew_free(voices->keys);
    ew_free(voices->content);
    ew_free(voices->memory);
    *voices = (ew_voices){0};
}

ew_burst ew_voices_burst(const ew_voices *voices, const ew_family_rows *rows, uint32_t a, uint32_t b) {
    ew_burst burst = ew_glance_burst(&voices->glance[a], &voices->glance[b]);
    if (burst != EW_BURST_ASK) return burst;
    burst = EW_BURST_NONE;
    /* of a text with many copies the first few rows stand for all */
    uint32_t end_a = voices->start[a + 1], end_b = voices->start[b + 1];
    if (end_a > voices->start[a] + BURST_ROWS) end_a = voices->start[a] + BURST_ROWS;
    if (end_b > voices->start[b] + BURST_ROWS) end_b = voices->start[b] + BURST_ROWS;
    for (uint32_t i = voices->start[a]; i < end_a; i++)
        for (uint32_t j = voices->start[b]; j < end_b; j++) {
            uint32_t x = voices->rows[i], y = voices->rows[j];
            if (rows->customer && rows->customer[x] && rows->customer[x] == rows->customer[y]) return EW_BURST_SOURCE;
            if (rows->time && ew_within_days(rows->time[x], rows->time[y])) burst = EW_BURST_TIME;
        }
    return burst;
}
