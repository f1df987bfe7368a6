/* A small random model as a folder, for tests of the deep encoder: weights like those of a trained one in size, the same for the
 * same seed. */
#ifndef EW_TEST_MAKE_DEEP_H
#define EW_TEST_MAKE_DEEP_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/base/random.h"

typedef struct deep_plan {
    uint32_t layers, width, heads, inner, vocab, positions, most;
    uint64_t seed;
    const char *type;
} deep_plan;

typedef struct deep_file { char *header; size_t n_header; float *data; size_t cells; uint64_t seed; const char *type; } deep_file;

static inline void deep_tensor(deep_file *f, const char *name, uint32_t rows, uint32_t columns, float spread, float middle) {
    size_t n = (size_t)(rows ? rows : 1) * columns;
    char shape[32];
    if (rows) snprintf(shape, sizeof shape, "%u,%u", rows, columns);
    else snprintf(shape, sizeof shape, "%u", columns);
    f->header = realloc(f->header, f->n_header + 300);
    f->n_header += (size_t)sprintf(f->header + f->n_header,
                                   "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
                                   f->cells ? "," : "{", name, f->type, shape, f->cells * 4, (f->cells + n) * 4);
    f->data = realloc(f->data, (f->cells + n) * sizeof *f->data);
    for (size_t i = 0; i < n; i++) {
        double sum = -6; /* twelve uniform numbers: near enough to a Gaussian */
        for (uint64_t k = 0; k < 12; k++) sum += ew_random_unit(f->seed, 77, f->cells + i, k);
        f->data[f->cells + i] = middle + spread * (float)sum;
    }
    f->cells += n;
}

/* Bytes of model.safetensors; freed by the caller. */
static inline unsigned char *deep_bytes(const deep_plan *p, size_t *n) {
    deep_file f = {.seed = p->seed, .type = p->type ? p->type : "F32"};
    char name[96];
    deep_tensor(&f, "embeddings.word_embeddings.weight", p->vocab, p->width, .05f, 0);
    deep_tensor(&f, "embeddings.position_embeddings.weight", p->positions, p->width, .02f, 0);
    deep_tensor(&f, "embeddings.token_type_embeddings.weight", 2, p->width, .02f, 0);
    deep_tensor(&f, "embeddings.LayerNorm.weight", 0, p->width, .1f, 1);
    deep_tensor(&f, "embeddings.LayerNorm.bias", 0, p->width, .05f, 0);
    for (uint32_t l = 0; l < p->layers; l++) {
        const struct { const char *name; uint32_t rows, columns; float spread, middle; } parts[] = {
            {"attention.self.query.weight", p->width, p->width, .2f, 0}, {"attention.self.query.bias", 0, p->width, .1f, 0},
            {"attention.self.key.weight", p->width, p->width, .2f, 0},   {"attention.self.key.bias", 0, p->width, .1f, 0},
            {"attention.self.value.weight", p->width, p->width, .1f, 0}, {"attention.self.value.bias", 0, p->width, .1f, 0},
            {"attention.output.dense.weight", p->width, p->width, .1f, 0}, {"attention.output.dense.bias", 0, p->width, .1f, 0},
            {"attention.output.LayerNorm.weight", 0, p->width, .1f, 1},  {"attention.output.LayerNorm.bias", 0, p->width, .1f, 0},
            {"intermediate.dense.weight", p->inner, p->width, .1f, 0},   {"intermediate.dense.bias", 0, p->inner, .1f, 0},
            {"output.dense.weight", p->width, p->inner, .1f, 0},         {"output.dense.bias", 0, p->width, .1f, 0},
            {"output.LayerNorm.weight", 0, p->width, .1f, 1},            {"output.LayerNorm.bias", 0, p->width, .1f, 0}};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            snprintf(name, sizeof name, "encoder.layer.%u.%s", l, parts[i].name);
            deep_tensor(&f, name, parts[i].rows, parts[i].columns, parts[i].spread, parts[i].middle);
        }
    }
    size_t header = (f.n_header + 1 + 7) / 8 * 8;
    *n = 8 + header + f.cells * 4;
    unsigned char *bytes = malloc(*n);
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(header >> (8 * i));
    memset(bytes + 8, ' ', header);
    memcpy(bytes + 8, f.header, f.n_header);
    bytes[8 + f.n_header] = '}';
    memcpy(bytes + 8 + header, f.data, f.cells * 4);
    free(f.header);
    free(f.data);
    return bytes;
}

static inline void deep_write(const char *folder, const char *name, const void *bytes, size_t n) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) abort();
}

static inline int deep_config(const deep_plan *p, char *out, size_t room) {
    return snprintf(out, room,
                    "{\"architectures\": [\"BertModel\"], \"model_type\": \"bert\", \"hidden_act\": \"gelu\", "
                    "\"layer_norm_eps\": 1e-12, \"num_hidden_layers\": %u, \"hidden_size\": %u, \"num_attention_heads\": %u, "
                    "\"intermediate_size\": %u, \"vocab_size\": %u, \"max_position_embeddings\": %u, "
                    "\"position_embedding_type\": \"absolute\", \"use_cache\": true}\n",
                    p->layers, p->width, p->heads, p->inner, p->vocab, p->positions);
}

/* Makes the folder (its name a mkdtemp pattern, filled in). [CLS] is piece 1, [SEP] piece 2. */
static inline void deep_folder(const deep_plan *p, char *folder) {
    char text[1024];
    size_t n;
    if (!mkdtemp(folder)) abort();
    deep_write(folder, "config.json", text, (size_t)deep_config(p, text, sizeof text));
    n = (size_t)snprintf(text, sizeof text, "{\"max_seq_length\": %u, \"do_lower_case\": false}", p->most);
    deep_write(folder, "sentence_bert_config.json", text, n);
    char *vocab = malloc(16 * (size_t)p->vocab + 64);
    n = (size_t)sprintf(vocab, "[PAD]\n[CLS]\n[SEP]\n");
    for (uint32_t i = 3; i < p->vocab; i++) n += (size_t)sprintf(vocab + n, "w%u\n", i);
    deep_write(folder, "vocab.txt", vocab, n);
    free(vocab);
    unsigned char *bytes = deep_bytes(p, &n);
    deep_write(folder, "model.safetensors", bytes, n);
    free(bytes);
}

static inline void deep_remove(const char *folder) {
    static const char *const names[] = {"config.json", "sentence_bert_config.json", "vocab.txt", "model.safetensors",
                                        "1_Pooling/config.json", "1_Pooling", "packed"};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    (void)rmdir(folder);
}

#endif
