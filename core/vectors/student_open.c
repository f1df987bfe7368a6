/* A student from its file: a safetensors container, everything in it checked against what the network needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "safetensors.h"
#include "student_inside.h"

static const float MOST_SCALE = .1f, MOST_BIAS = 100; /* then nothing on the way leaves the floats, nor does its square */

typedef struct source {
    const ew_safetensors *file;
    const char *why; /* the first thing that was wrong */
    char room[96];
} source;

static const ew_tensor *find(source *s, const char *name, const char *type, uint32_t rows, uint32_t columns) {
    const ew_tensor *t = ew_safetensors_find(s->file, name);
    if (s->why) return NULL;
    if (t && strcmp(t->type, type) == 0 && t->dimensions == (columns ? 2 : 1) && t->shape[0] == rows &&
        (!columns || t->shape[1] == columns))
        return t;
    if (columns)
        snprintf(s->room, sizeof s->room, "its '%s' is not %s of [%u, %u]", name, type, rows, columns);
    else
        snprintf(s->room, sizeof s->room, "its '%s' is not %s of [%u]", name, type, rows);
    s->why = t ? s->room : "it lacks a part of the network";
    return NULL;
}

/* [n] floats within least and most. */
static const float *floats(source *s, const char *name, uint32_t n, float least, float most) {
    const ew_tensor *t = find(s, name, "F32", n, 0);
    if (!t) return NULL;
    if ((uintptr_t)t->data % sizeof(float)) return s->why = "its floats do not lie at multiples of four bytes", NULL;
    const float *x = (const float *)(const void *)t->data;
    for (uint32_t i = 0; i < n; i++)
        if (!(x[i] >= least && x[i] <= most)) return s->why = "a scale or bias is not a number of sensible size", NULL;
    return x;
}

/* ---- sizes ---- */

static uint32_t columns_of(source *s, const char *name, uint32_t most, uint32_t multiple) {
    const ew_tensor *t = ew_safetensors_find(s->file, name);
    uint64_t n = t && t->dimensions == 2 ? t->shape[1] : 0;
    if (n && n <= most && n % multiple == 0) return (uint32_t)n;
    if (!s->why)
        s->why = t ? "a layer is wider than 1024 columns, or of an odd number of them" : "it lacks a part of the network";
    return 0;
}

/* The eight layers: where each stands, its name, and its size. */
typedef struct layer { ew_linear *l; const char *name; uint32_t n, k; int has_bias; } layer;
enum { LAYERS = 8 };

static void layers_of(ew_student *s, layer out[LAYERS]) {
    uint32_t d = s->model->d;
    const layer all[LAYERS] = {{&s->l.first, "first", 3 * s->hidden, s->width, 0},
                               {&s->l.second, "second", s->second + EW_BLEND_POOLS, s->hidden, 1},
                               {&s->l.whole, "whole", s->second, s->hidden, 0},
                               {&s->l.mean, "mean", s->inner, s->hidden, 0},
                               {&s->l.pooled, "pooled", s->inner, s->second, 0},
                               {&s->l.fixed, "static", s->inner, d, 1},
                               {&s->l.down, "down", d, s->inner, 0},
                               {&s->l.skip, "skip", d, d, 0}};
    memcpy(out, all, sizeof all);
}

/* ---- packed weights ---- */

static size_t packed_bytes(const layer *l) {
    return (size_t)ew_gemm_up(l->n, EW_GEMM_COLUMNS) * ew_gemm_up(l->k, EW_GEMM_DEPTH);
}

static void pack(ew_linear *l, const ew_tensor *weights, char **at) {
    ew_gemm_pack((const int8_t *)weights->data, l->n, l->k, (int8_t *)*at);
    l->packed = (const int8_t *)*at;
    *at += (size_t)ew_gemm_up(l->n, EW_GEMM_COLUMNS) * ew_gemm_up(l->k, EW_GEMM_DEPTH);
}

static int fill(source *s, ew_student *student, layer *layers, ew_error *err, ew_status *status) {
    const ew_tensor *weights[LAYERS];
    size_t bytes = 64, widest = 0;
    char name[32];
    for (int i = 0; i < LAYERS; i++) {
        layer *l = &layers[i];
        *l->l = (ew_linear){.n = l->n, .k = l->k};
        weights[i] = find(s, l->name, "I8", l->n, l->k);
        snprintf(name, sizeof name, "%s.scales", l->name);
        l->l->scales = floats(s, name, l->n, 0, MOST_SCALE);
        snprintf(name, sizeof name, "%s.bias", l->name);
        l->l->bias = l->has_bias ? floats(s, name, l->n, -MOST_BIAS, MOST_BIAS) : NULL;
        bytes += packed_bytes(l) + (size_t)ew_gemm_up(l->n, EW_GEMM_COLUMNS) * sizeof(int32_t);
        widest = l->n > widest ? l->n : widest;
    }
    if (s->why) return 0;
    student->memory = ew_calloc(bytes + widest * sizeof(float), 1);
    if (!student->memory) return *status = ew_fail_memory(err, bytes, "the student"), 0;
    char *at = (char *)student->memory + (64 - (uintptr_t)student->memory % 64) % 64;
    for (int i = 0; i < LAYERS; i++) pack(layers[i].l, weights[i], &at);
    const float *nothing = (const float *)(void *)at;
    int32_t *sums = (int32_t *)(void *)(at + widest * sizeof(float));
    for (int i = 0; i < LAYERS; i++) {
        ew_linear *l = layers[i].l;
        if (!l->bias) l->bias = nothing;
        ew_linear_sums(l, sums);
        l->sums = sums;
        sums += l->n;
    }
    return 1;
}

/* ---- the whole ---- */

static void check_notes(source *s, const void *bytes, size_t n, const ew_model *model) {
    uint64_t header;
    char sum[17];
    if (strcmp(ew_safetensors_note(s->file, "student"), "1") != 0) {
        s->why = "it has no note 'student' of 1";
        return;
    }
    memcpy(&header, bytes, sizeof header); /* within n: the container was parsed */
    snprintf(sum, sizeof sum, "%016llx",
             (unsigned long long)ew_hash((const char *)bytes + 8 + header, n - 8 - (size_t)header, 0));
    if (strcmp(ew_safetensors_note(s->file, "sum"), sum) != 0)
        s->why = "it was changed after it was written: its bytes have another digest";
    else if (strcmp(ew_safetensors_note(s->file, "static"), model->digest) != 0)
        s->why = "it was made for another static model than the one in this program";
}

static int network(source *s, ew_student *student, ew_error *err, ew_status *status) {
    layer layers[LAYERS];
    student->width = columns_of(s, "own", 1024, 64);
    student->hidden = columns_of(s, "second", 1024, 64);
    student->second = columns_of(s, "pooled", 1024, 256);
    student->inner = columns_of(s, "down", 1024, 64);
    if (s->why) return 0;
    const ew_tensor *own = find(s, "own", "I8", student->model->vocab, student->width);
    student->own = own ? (const int8_t *)own->data : NULL;
    student->own_scales = floats(s, "own.scales", student->model->vocab, 0, MOST_SCALE);
    student->bias = floats(s, "first.bias", student->hidden, -MOST_BIAS, MOST_BIAS);
    layers_of(student, layers);
    return fill(s, student, layers, err, status);
}

ew_status ew_student_parse(const char *name, const void *bytes, size_t n, const ew_model *model, ew_student **out,
                           ew_error *err) {
    *out = NULL;
    ew_student *student = ew_calloc(1, sizeof *student);
    if (!student) return ew_fail_memory(err, sizeof *student, "the student");
    student->model = model;
    ew_safetensors file = {0};
    source s = {.file = &file};
    ew_status status = EW_OK;
    int memory, whole = 0;
    s.why = ew_safetensors_parse(bytes, n, &file, &memory);
    if (memory) status = ew_fail_memory(err, n < (1 << 20) ? n : 1 << 20, "the student's header");
    if (!s.why && status == EW_OK) check_notes(&s, bytes, n, model);
    if (!s.why && status == EW_OK) whole = network(&s, student, err, &status);
    if (!whole && status == EW_OK)
        status = ew_fail_at(err, EW_INPUT, name, 0, 0, "not a usable student: %s; leave --weights out to use the built-in one",
                            s.why);
    ew_safetensors_free(&file);
    snprintf(student->digest, sizeof student->digest, "%016llx", (unsigned long long)ew_hash(bytes, n, 0));
    if (status == EW_OK)
        *out = student;
    else
        ew_student_close(student);
    return status;
}

ew_status ew_student_open(const char *path, const ew_model *model, ew_student **out, ew_error *err) {
    ew_mapping file = {0};
    *out = NULL;
    if (!path)
        return ew_student_parse("built-in student", ew_builtin_student, (size_t)(ew_builtin_student_end - ew_builtin_student),
                                model, out, err);
    ew_status status = ew_mapping_open(path, "student", &file, err);
    if (status == EW_OK) status = ew_student_parse(path, file.bytes, file.n, model, out, err);
    if (status == EW_OK) (*out)->file = file;
    else ew_mapping_close(&file);
    return status;
}

void ew_student_close(ew_student *student) {
    if (!student) return;
    ew_free(student->memory);
    ew_mapping_close(&student->file);
    ew_free(student);
}

uint32_t ew_student_width(const ew_student *student) { return student->model->d; }

const char *ew_student_digest(const ew_student *student) { return student->digest; }
