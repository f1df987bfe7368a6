/* What the files of the student share. */
#ifndef EW_VECTORS_STUDENT_INSIDE_H
#define EW_VECTORS_STUDENT_INSIDE_H

#include "../kernels/blend.h"
#include "inside.h"
#include "linear.h"
#include "student.h"

enum { EW_STUDENT_TASK_TOKENS = 1024 }; /* of the texts that go through together */

/* In the order of EW_STUDENT_LINEARS. */
typedef struct ew_student_linears {
    ew_linear first;  /* [3 hidden, width]: of the piece before, of the piece, of the piece behind */
    ew_linear second; /* [second + pools, hidden]: columns, then scores */
    ew_linear whole;  /* [second, hidden]: of the mean */
    ew_linear mean;   /* [inner, hidden] */
    ew_linear pooled; /* [inner, second] */
    ew_linear fixed;  /* [inner, out]: of the static vector */
    ew_linear down;   /* [out, inner] */
    ew_linear skip;   /* [out, out]: of the static vector */
} ew_student_linears;

struct ew_student {
    const ew_model *model;
    char digest[17];
    uint32_t width, hidden, second, inner; /* multiples of 64, of 256 for second */
    const int8_t *own;       /* [vocab, width] */
    const float *own_scales; /* [vocab]; 0: a piece that counts for nothing */
    const float *bias;       /* [hidden] of the first layer */
    ew_student_linears l;
    void *memory;            /* packed weights, sums, zeros for a bias */
    ew_mapping file;
};

/* First layers of the pieces that occur. */
typedef struct ew_student_rows {
    uint32_t n;          /* slots; slot 0 is nothing: before the first piece, behind the last */
    uint32_t *slot;      /* [vocab]; 0: does not occur, or counts for nothing */
    uint32_t *piece;     /* [n], ascending from 1 on */
    int8_t *rows;        /* [n, 3 hidden] */
    float *scales, *zeros; /* [n, 3] each: a value is row * scale + zero */
} ew_student_rows;

EW_MUST_CHECK ew_status ew_student_rows_build(const ew_student *student, const ew_token_lists *lists, ew_pool *pool,
                                              ew_student_rows *out, ew_error *err);
void ew_student_rows_free(ew_student_rows *rows);

/* One worker's memory: for the texts of a task. */
typedef struct ew_student_scratch {
    void *memory;
    uint32_t *ids, *slots;            /* [task tokens] of the pieces that count */
    uint32_t *starts, n_texts;        /* [task tokens + 1]; of texts */
    uint32_t *text_of;                /* [task tokens] */
    ew_quantised first, panel;        /* rows of the first layer [task tokens, hidden]; [EW_PANEL, the widest of all] */
    int32_t *room;                    /* [EW_PANEL, EW_PANEL] */
    float *row;                       /* [hidden] */
    float *columns;                   /* [EW_PANEL, second + pools] */
    float *mean, *whole, *sums, *inner, *fixed, *out; /* [task tokens, hidden], second, second, inner, d, d */
    float *totals;                    /* [task tokens, pools] */
} ew_student_scratch;

EW_MUST_CHECK ew_status ew_student_scratch_create(const ew_student *student, ew_student_scratch **out, ew_error *err);
void ew_student_scratch_free(ew_student_scratch *scratch);

/* The texts in s->ids and s->starts -> rows of out, in their order. */
void ew_student_forward(const ew_student *student, const ew_student_rows *rows, ew_student_scratch *s, float *const *out);

#endif
