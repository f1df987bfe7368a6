/* The texts of one task through the network, from their pieces' rows to unit vectors. */
#include <string.h>

#include "../base/alloc.h"
#include "../kernels/smooth.h"
#include "student_inside.h"

static const float STEEPEST = 10; /* a pool's scores are kept within this, as in training */

static size_t lay_out(const ew_student *student, ew_student_scratch *s, char *at) {
    enum { MOST = EW_STUDENT_TASK_TOKENS + EW_GEMM_ROWS };
    size_t used = 0, d = student->model->d, hidden = student->hidden, second = student->second, inner = student->inner;
    size_t widest = hidden > second ? hidden : second;
    widest = ew_gemm_up((uint32_t)(inner > widest ? (inner > d ? inner : d) : widest > d ? widest : d), EW_GEMM_DEPTH);
#define PIECE(member, count) (s->member = at ? (void *)(at + used) : NULL, used += ((count) * sizeof *s->member + 127) / 64 * 64)
    PIECE(ids, MOST);
    PIECE(slots, MOST);
    PIECE(starts, MOST + 1);
    PIECE(first.bytes, MOST * (size_t)ew_gemm_up((uint32_t)hidden, EW_GEMM_DEPTH));
    PIECE(first.scales, MOST);
    PIECE(first.zeros, MOST);
    PIECE(panel.bytes, EW_PANEL * widest);
    PIECE(panel.scales, EW_PANEL);
    PIECE(panel.zeros, EW_PANEL);
    PIECE(room, EW_PANEL * EW_PANEL);
    PIECE(row, hidden);
    PIECE(columns, EW_PANEL * (second + EW_BLEND_POOLS));
    PIECE(mean, MOST * hidden);
    PIECE(whole, MOST * second);
    PIECE(sums, MOST * second);
    PIECE(inner, MOST * inner);
    PIECE(fixed, MOST * d);
    PIECE(out, MOST * d);
    PIECE(totals, MOST * EW_BLEND_POOLS);
    PIECE(text_of, MOST);
#undef PIECE
    return used;
}

ew_status ew_student_scratch_create(const ew_student *student, ew_student_scratch **out, ew_error *err) {
    ew_student_scratch *s = *out = ew_calloc(1, sizeof *s);
    if (!s) return ew_fail_memory(err, sizeof *s, "the student");
    size_t bytes = lay_out(student, s, NULL) + 64;
    if (!(s->memory = ew_calloc(bytes, 1))) {
        ew_free(s);
        *out = NULL;
        return ew_fail_memory(err, bytes, "the student");
    }
    (void)lay_out(student, s, (char *)s->memory + (64 - (uintptr_t)s->memory % 64) % 64);
    return EW_OK;
}

void ew_student_scratch_free(ew_student_scratch *scratch) {
    if (scratch) ew_free(scratch->memory);
    ew_free(scratch);
}

/* rows of x through a layer, a panel at a time. */
static void through(ew_student_scratch *s, const ew_linear *l, const float *x, uint32_t rows, ew_linear_way how, float *out) {
    for (uint32_t from = 0; from < rows; from += EW_PANEL) {
        uint32_t n = rows - from < EW_PANEL ? rows - from : EW_PANEL;
        ew_linear_quantise(s->panel, x + (size_t)from * l->k, l->k, l->k, n);
        ew_linear_apply(l, s->panel, n, s->room, how, out + (size_t)from * l->n, l->n);
    }
}

static ew_blend_part part_of(const ew_student *student, const ew_student_rows *rows, uint32_t slot, uint32_t third) {
    size_t place = (size_t)slot * 3 + third;
    return (ew_blend_part){rows->rows + place * student->hidden, rows->scales[place], rows->zeros[place]};
}

/* First layer: of each token in int8, and its mean over each text. */
static void first_layer(const ew_student *student, const ew_student_rows *rows, ew_student_scratch *s) {
    uint32_t hidden = student->hidden, deep = ew_gemm_up(hidden, EW_GEMM_DEPTH);
    for (uint32_t text = 0; text < s->n_texts; text++) {
        uint32_t from = s->starts[text], to = s->starts[text + 1];
        float *mean = s->mean + (size_t)text * hidden;
        memset(mean, 0, hidden * sizeof *mean);
        for (uint32_t t = from; t < to; t++) {
            ew_blend_part parts[3] = {part_of(student, rows, t > from ? s->slots[t - 1] : 0, 0),
                                      part_of(student, rows, s->slots[t], 1),
                                      part_of(student, rows, t + 1 < to ? s->slots[t + 1] : 0, 2)};
            ew_blend_get()->three(parts, student->bias, hidden, s->row, mean);
            ew_smooth_get()->quantise(s->row, hidden, s->first.bytes + (size_t)t * deep, &s->first.scales[t], &s->first.zeros[t]);
            s->text_of[t] = text;
        }
        for (uint32_t k = 0; to > from && k < hidden; k++) mean[k] /= (float)(to - from);
    }
}

/* Second layer of each token, carried into its text's pools. */
static void pools(const ew_student *student, ew_student_scratch *s) {
    uint32_t second = student->second, wide = second + EW_BLEND_POOLS, deep = ew_gemm_up(student->hidden, EW_GEMM_DEPTH);
    uint32_t tokens = s->starts[s->n_texts];
    memset(s->sums, 0, (size_t)s->n_texts * second * sizeof *s->sums);
    memset(s->totals, 0, (size_t)s->n_texts * EW_BLEND_POOLS * sizeof *s->totals);
    for (uint32_t from = 0; from < tokens; from += EW_PANEL) {
        uint32_t n = tokens - from < EW_PANEL ? tokens - from : EW_PANEL;
        ew_quantised q = {s->first.bytes + (size_t)from * deep, s->first.scales + from, s->first.zeros + from};
        ew_linear_apply(&student->l.second, q, n, s->room, EW_LINEAR_PLAIN, s->columns, wide);
        for (uint32_t t = 0; t < n; t++) {
            uint32_t text = s->text_of[from + t];
            const float *x = s->columns + (size_t)t * wide;
            ew_blend_get()->pool(x, s->whole + (size_t)text * second, x + second, STEEPEST, second,
                                 s->sums + (size_t)text * second, s->totals + (size_t)text * EW_BLEND_POOLS);
        }
    }
    for (uint32_t text = 0; text < s->n_texts; text++)
        for (uint32_t k = 0; k < second; k++) {
            float total = s->totals[(size_t)text * EW_BLEND_POOLS + k / (second / EW_BLEND_POOLS)];
            s->sums[(size_t)text * second + k] /= total > 0 ? total : 1;
        }
}

void ew_student_forward(const ew_student *student, const ew_student_rows *rows, ew_student_scratch *s, float *const *out) {
    uint32_t n = s->n_texts, d = student->model->d;
    for (uint32_t text = 0; text < n; text++) {
        uint32_t from = s->starts[text], length = s->starts[text + 1] - from;
        float *fixed = s->fixed + (size_t)text * d;
        ew_static_row(student->model, s->ids + from, length, 0, fixed);
    }
    first_layer(student, rows, s);
    through(s, &student->l.whole, s->mean, n, EW_LINEAR_PLAIN, s->whole);
    pools(student, s);
    through(s, &student->l.mean, s->mean, n, EW_LINEAR_PLAIN, s->inner);
    through(s, &student->l.fixed, s->fixed, n, EW_LINEAR_ADD, s->inner);
    through(s, &student->l.pooled, s->sums, n, EW_LINEAR_ADD, s->inner);
    ew_blend_get()->positive(s->inner, n * student->inner);
    through(s, &student->l.down, s->inner, n, EW_LINEAR_PLAIN, s->out);
    through(s, &student->l.skip, s->fixed, n, EW_LINEAR_ADD, s->out);
    for (uint32_t text = 0; text < n; text++) {
        memcpy(out[text], s->out + (size_t)text * d, d * sizeof **out);
        ew_unit_row(out[text], d, EW_STATIC_LEAST);
        if (s->starts[text] == s->starts[text + 1]) memset(out[text], 0, d * sizeof **out);
    }
}
