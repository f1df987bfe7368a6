/* Which analysed comments belong to no theme, and why: one voice alone, off topic, another language. */
#include <stdlib.h>

#include "assemble.h"
#include "base/alloc.h"

enum { FAR_PLACE = 70, SAMPLE = 100000, SUBTAG = 8, CLOSE = 15, MAIN_SHARE = 100 /* one in so many */ };
static const double ALONE = .2; /* nearest similarity below which nobody says anything like it (believed, not measured) */

void ew_aside_free(ew_aside *aside) {
    ew_free(aside->tongue);
    *aside = (ew_aside){0};
}

static int ascending(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

/* Similarity at a place of the list that three quarters of the rows (of an even sample) reach; where lists end before it, the
 * mean of the places about there. */
static ew_status lower_quartile(const ew_lists *near, uint32_t place, double *out, ew_error *err) {
    *out = ALONE;
    if (!near->k || !near->n) return EW_OK;
    int beyond = place > near->k && near->far;
    if (place > near->k) place = near->k;
    uint32_t step = 1 + (near->n - 1) / SAMPLE, n = 0;
    int32_t *dots = ew_alloc(near->n / step + 1, sizeof *dots);
    if (!dots) return ew_fail_memory(err, (near->n / step + 1) * sizeof *dots, "noise");
    for (uint32_t row = 0; row < near->n; row += step) {
        int32_t mean = beyond ? (int32_t)(near->far[row] / (EW_FAR_TO - EW_FAR_FROM)) : 0;
        dots[n++] = beyond ? mean : near->dots[(size_t)row * near->k + place - 1];
    }
    qsort(dots, n, sizeof *dots, ascending);
    *out = dots[n / 4] * near->unit;
    ew_free(dots);
    return EW_OK;
}

/* "en-US", "EN_us" -> "en". */
static size_t subtag(const char *lang, char out[SUBTAG + 1]) {
    size_t n = 0;
    while (lang[n] && lang[n] != '-' && lang[n] != '_' && n < SUBTAG) {
        out[n] = lang[n] >= 'A' && lang[n] <= 'Z' ? (char)(lang[n] + 32) : lang[n];
        n++;
    }
    out[n] = 0;
    return n;
}

/* Main languages are those of one told comment in a hundred. */
ew_status ew_main_languages(const ew_run *run, uint8_t *tongue, int *others, ew_error *err) {
    ew_dict langs = {.bytes = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    uint32_t *number = ew_alloc(run->corpus.n, sizeof *number), *count = NULL, told = 0;
    char tag[SUBTAG + 1];
    ew_status status = number ? EW_OK : ew_fail_memory(err, run->corpus.n * sizeof *number, "languages");
    *others = 0;
    EW_TRY(status);
    EW_TRY(ew_dict_init(&langs, err));
    for (uint32_t i = 0; i < run->corpus.n; i++) {
        size_t n = subtag(run->lang[i] ? run->lang[i] : "", tag);
        number[i] = 0;
        if (n) EW_TRY(ew_dict_add(&langs, tag, n, &number[i], err));
        told += n > 0;
    }
    if (!(count = ew_calloc(langs.size, sizeof *count))) {
        status = ew_fail_memory(err, langs.size * sizeof *count, "languages");
        goto done;
    }
    for (uint32_t i = 0; i < run->corpus.n; i++) count[number[i]]++;
    for (uint32_t i = 0; i < run->corpus.n; i++) {
        int main = (uint64_t)count[number[i]] * MAIN_SHARE >= told;
        tongue[i] = !number[i] ? EW_TONGUE_UNTOLD : main ? EW_TONGUE_MAIN : EW_TONGUE_OTHER;
        *others |= tongue[i] == EW_TONGUE_OTHER;
    }
done:
    ew_dict_free(&langs);
    ew_free(number);
    ew_free(count);
    return status;
}

static uint8_t tongue_of_row(const ew_mining *m, const ew_aside *aside, uint32_t row) {
    return aside->tongue[ew_row_comment(m, row)];
}

ew_status ew_aside_measure(const ew_mining *m, ew_aside *out, ew_error *err) {
    *out = (ew_aside){0};
    ew_status status;
    out->tongue = ew_calloc(m->run->corpus.n, 1);
    if (!out->tongue) return ew_fail_memory(err, m->run->corpus.n, "languages");
    EW_TRY(lower_quartile(&m->near, FAR_PLACE, &out->far, err));
    EW_TRY(lower_quartile(&m->near, 1, &out->close, err));
    EW_TRY(ew_main_languages(m->run, out->tongue, &out->others, err));
    if (out->far < ALONE) out->far = ALONE;
done:
    if (status != EW_OK) ew_aside_free(out);
    return status;
}

/* Whether vectors tell this row's language from the main ones: most of its neighbours speak none of them, or the nearest that
 * does is further away than the nearest of a usual row. */
static int apart(const ew_mining *m, const ew_aside *aside, uint32_t row) {
    uint32_t main = 0, other = 0;
    double nearest = -1;
    for (uint32_t place = 0; place < m->near.k && (place < CLOSE || !main); place++) {
        uint8_t tongue = tongue_of_row(m, aside, m->near.ids[(size_t)row * m->near.k + place]);
        if (tongue == EW_TONGUE_MAIN && !main) nearest = ew_similarity(&m->near, row, place);
        main += tongue == EW_TONGUE_MAIN;
        other += tongue == EW_TONGUE_OTHER;
    }
    return other > main || nearest < aside->close;
}

/* Whether more than half of the words with a subject stand in no other comment. */
static int strange(const ew_mining *m, ew_unit_span span) {
    uint64_t own = 0, all = 0;
    for (uint32_t u = span.first; u < span.first + span.n; u++) {
        uint32_t row = m->rows.row_of[u];
        for (uint64_t w = m->words.start[row]; w < m->words.start[row + 1]; w++, all++)
            own += m->words.rows_with[m->words.ids[w]] < 2;
    }
    return own * 2 > all;
}

ew_noise ew_aside_of(const ew_mining *m, const ew_aside *aside, uint32_t comment, ew_unit_span span) {
    double nearest = -1;
    int foreign = aside->tongue[comment] == EW_TONGUE_OTHER;
    if (!span.n || !m->near.k) return EW_NOISE_NONE;
    for (uint32_t u = span.first; u < span.first + span.n; u++) {
        uint32_t row = m->rows.row_of[u];
        int shared = m->rows.unit_start[row + 1] - m->rows.unit_start[row] > 1;
        double near = shared ? 1 : ew_similarity(&m->near, row, 0);
        if (near > nearest) nearest = near;
        foreign = foreign && apart(m, aside, row);
    }
    if (foreign) return EW_NOISE_OTHER_LANGUAGE;
    if (nearest >= aside->far) return EW_NOISE_NONE;
    return strange(m, span) ? EW_NOISE_OFF_TOPIC : EW_NOISE_LONE_VOICE;
}
