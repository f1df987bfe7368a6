/* What the files of the deep encoder share. */
#ifndef EW_VECTORS_DEEP_INSIDE_H
#define EW_VECTORS_DEEP_INSIDE_H

#include "deep.h"
#include "inside.h"
#include "linear.h"

enum { EW_DEEP_TASK_TOKENS = 384 }; /* of the texts that go through together; one text may have more */

/* ---- weights as they come ---- */

typedef struct ew_deep_float_layer {
    const float *query, *query_bias, *key, *key_bias, *value, *value_bias; /* [width, width], [width] */
    const float *mix, *mix_bias, *mix_gain, *mix_shift;                    /* attention's output and the norm behind it */
    const float *up, *up_bias;                                             /* [inner, width], [inner] */
    const float *down, *down_bias, *down_gain, *down_shift;                /* [width, inner]; the norm behind it */
} ew_deep_float_layer;

typedef struct ew_deep_weights {
    const float *words, *positions, *types; /* [vocab, width], [positions, width], [any, width] */
    const float *gain, *shift;              /* of the norm behind the embeddings */
    ew_deep_float_layer *layers;            /* owned */
    ew_mapping file;
} ew_deep_weights;

/* ---- weights as int8 ---- */

typedef struct ew_deep_layer {
    ew_linear qkv, mix, up, down;
    const float *mix_gain, *mix_shift, *down_gain, *down_shift;
} ew_deep_layer;

struct ew_deep {
    ew_deep_shape shape;
    ew_deep_kind kind;
    char digest[17];
    ew_deep_weights weights; /* of the float kind */
    ew_mapping file;         /* of a converted file */
    void *memory;            /* of a converted folder */
    int32_t *sums;
    const int16_t *words;    /* [vocab, width], by word_scales [vocab] */
    const float *word_scales, *positions, *gain, *shift; /* positions [positions, width]: with the first type added */
    ew_deep_layer *layers;
};

/* Small files of JSON: config.json and the header of safetensors. One cursor; `bad` names the first thing that was wrong. */
typedef struct ew_deep_json { const char *at, *end, *bad; } ew_deep_json;
int ew_deep_json_bad(ew_deep_json *j, const char *why); /* 0 */
int ew_deep_json_take(ew_deep_json *j, char want);      /* 1 and past it, if it is the next thing but blanks */
/* A string; escapes stay as they are, so that a name with one is never a name we know; longer ones are cut to `room`. */
int ew_deep_json_string(ew_deep_json *j, char *out, size_t room);
int ew_deep_json_number(ew_deep_json *j, double *out);
int ew_deep_json_skip(ew_deep_json *j);                 /* any value, at most 64 deep */
/* Goes through an object: 1 with the next key, the cursor before its value; 0 at the end or when something is bad. *step is 0
 * at first. */
int ew_deep_json_next(ew_deep_json *j, int *step, char *key, size_t room);
int ew_deep_json_end(ew_deep_json *j);                  /* 1: nothing bad, nothing left */

/* Shape from the folder's small files; weights of the folder's model.safetensors, mapped. */
EW_MUST_CHECK ew_status ew_deep_read_shape(const char *folder, ew_deep_shape *out, ew_error *err);
EW_MUST_CHECK ew_status ew_deep_shape_check(const char *name, const ew_deep_shape *shape, ew_error *err);
EW_MUST_CHECK ew_status ew_deep_weights_open(const char *folder, const ew_deep_shape *shape, ew_deep_weights *out, ew_error *err);
EW_MUST_CHECK ew_status ew_deep_weights_parse(const char *name, const void *bytes, size_t n, const ew_deep_shape *shape,
                                              ew_deep_weights *out, ew_error *err);
void ew_deep_weights_close(ew_deep_weights *weights);

/* Whether all n are numbers within +-100: then nothing on the way leaves the floats, whatever the weights say. */
int ew_deep_tame(const float *x, size_t n);

/* int8 of the weights, in memory in the form of a converted file; and any bytes as such a file. */
EW_MUST_CHECK ew_status ew_deep_pack(const ew_deep_weights *weights, const ew_deep_shape *shape, char **out, size_t *n,
                                     void **memory, ew_error *err);
EW_MUST_CHECK ew_status ew_deep_parse(const char *name, const void *bytes, size_t n, ew_deep *out, ew_error *err);

/* ---- the way through ---- */

typedef struct ew_deep_span { uint32_t from, n; } ew_deep_span; /* the rows of one text */

typedef struct ew_deep_scratch { /* one worker's; rows: what a task can have, up to a multiple of 16 */
    void *memory;
    float *x, *qkv, *mixed;      /* [rows, width], [rows, 3 width], [rows, width] */
    float *inner;                /* [EW_PANEL, inner]; float: [rows, inner] */
    ew_quantised quantised;      /* [panel, the longer of width and inner, up to 64] */
    int32_t *sums;               /* [panel, panel] */
    int16_t *query, *keys, *values, *shares; /* one head's; see deep_attention.c */
    int32_t *scores;
    float *room;                 /* float: [most_tokens, most_tokens] of one head */
    ew_deep_span *spans;
    uint32_t n_spans, n_rows;
} ew_deep_scratch;

EW_MUST_CHECK ew_status ew_deep_scratch_create(const ew_deep *deep, ew_deep_scratch **out, ew_error *err);
void ew_deep_scratch_free(ew_deep_scratch *scratch);

/* x of the embeddings -> x of the last layer. */
void ew_deep_layers_int8(const ew_deep *deep, ew_deep_scratch *s);
void ew_deep_layers_float(const ew_deep *deep, ew_deep_scratch *s);
void ew_deep_attention(const ew_deep *deep, ew_deep_scratch *s); /* qkv -> mixed, in integers */

#endif
