/* Which few rows stand for a group: facility location, greedily. */
#include <string.h>

#include "../base/alloc.h"
#include "../base/random.h"
#include "../kernels/kernels.h"
#include "themes.h"

enum { SAMPLE = 512 };

/* The group, or one row of each of SAMPLE equal strata of it. */
typedef struct {
    uint32_t n, *place;      /* [n] into the group */
    int8_t *rows;            /* [n, stride] */
    void *memory;
    int32_t *dots;           /* [n, n] */
    int32_t *covered;        /* [n] the largest dot with a chosen row so far; 0 at least */
} sample;

static void sample_free(sample *s) {
    ew_free(s->place);
    ew_free(s->memory);
    ew_free(s->dots);
    ew_free(s->covered);
}

static ew_status sample_make(const ew_vectors *v, const uint32_t *rows, uint32_t n, uint64_t seed, sample *s, ew_error *err) {
    s->n = n < SAMPLE ? n : SAMPLE;
    size_t bytes = (size_t)s->n * v->stride;
    s->place = ew_alloc(s->n, sizeof *s->place);
    s->memory = ew_alloc(bytes + 64, 1);
    s->dots = ew_alloc((size_t)s->n * s->n, sizeof *s->dots);
    s->covered = ew_calloc(s->n, sizeof *s->covered);
    if (!s->place || !s->memory || !s->dots || !s->covered)
        return ew_fail_memory(err, bytes + (size_t)s->n * s->n * sizeof *s->dots, "what stands for a theme");
    s->rows = (int8_t *)(((uintptr_t)s->memory + 63) & ~(uintptr_t)63);
    for (uint32_t i = 0; i < s->n; i++) {
        uint64_t from = (uint64_t)i * n / s->n, to = (uint64_t)(i + 1) * n / s->n;
        s->place[i] = (uint32_t)(from + ew_random_below(to - from, seed, EW_RANDOM_COVER, n, i));
        memcpy(s->rows + (size_t)i * v->stride, v->rows + (size_t)rows[s->place[i]] * v->stride, v->stride);
    }
    ew_kernels_get()->dot_i8(s->rows, s->n, s->rows, s->n, v->stride, s->dots);
    return EW_OK;
}

static int64_t gain_of(const sample *s, uint32_t candidate) {
    const int32_t *dots = s->dots + (size_t)candidate * s->n, *covered = s->covered;
    int64_t gain = 0;
    for (uint32_t i = 0; i < s->n; i++) gain += dots[i] > covered[i] ? dots[i] - covered[i] : 0;
    return gain;
}

/* Whether somebody who speaks in `place` does in one of those chosen. */
static int heard(const ew_voice *voices, uint32_t place, const uint32_t *chosen, uint32_t n) {
    for (uint32_t i = 0; voices && i < n; i++) {
        const ew_voice *a = &voices[place], *b = &voices[chosen[i]];
        if ((a->customer != EW_NONE && a->customer == b->customer) || (a->family != EW_NONE && a->family == b->family)) return 1;
    }
    return 0;
}

ew_status ew_cover_rows(const ew_vectors *vectors, const uint32_t *rows, const ew_voice *voices, uint32_t n, uint32_t most,
                        uint64_t seed, uint32_t *out, uint32_t *n_out, ew_error *err) {
    sample s = {0};
    *n_out = 0;
    if (!n) return EW_OK;
    ew_status status = sample_make(vectors, rows, n, seed, &s, err);
    while (status == EW_OK && *n_out < most) {
        uint32_t best = EW_NONE;
        int64_t most_gained = 0;
        for (uint32_t c = 0; c < s.n; c++) {
            int64_t gain = gain_of(&s, c);
            if ((best != EW_NONE && gain <= most_gained) || heard(voices, s.place[c], out, *n_out)) continue;
            if (*n_out && gain <= 0) continue; /* one at least, and none that shows nothing new */
            best = c;
            most_gained = gain;
        }
        if (best == EW_NONE) break;
        for (uint32_t i = 0; i < s.n; i++) {
            int32_t dot = s.dots[(size_t)best * s.n + i];
            if (dot > s.covered[i]) s.covered[i] = dot;
        }
        out[(*n_out)++] = s.place[best];
    }
    sample_free(&s);
    return status;
}
