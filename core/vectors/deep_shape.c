/* The small files of a model's folder: what the model is, how its vectors are pooled, which ids its vocabulary gives. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/hash.h"
#include "deep_inside.h"

enum { PATH_ROOM = 4096, JSON_MAX = 1 << 20 };

static ew_status open_file(const char *folder, const char *file, size_t most, char *path, ew_mapping *out, ew_error *err) {
    *out = (ew_mapping){0};
    int n = snprintf(path, PATH_ROOM, "%s/%s", folder, file);
    if (n < 0 || n >= PATH_ROOM) return ew_fail(err, EW_INPUT, "the path of the model's folder is too long");
    ew_status status = ew_mapping_open(path, "model's file", out, err);
    if (status == EW_OK && out->n > most) {
        ew_mapping_close(out);
        return ew_fail(err, EW_INPUT, "'%s' is larger than %zu bytes: not a model's file", path, most);
    }
    return status;
}

static int whole(ew_deep_json *j, uint32_t *out) {
    double value;
    if (!ew_deep_json_number(j, &value)) return 0;
    if (!(value >= 0 && value <= 1e9) || value != floor(value)) return ew_deep_json_bad(j, "a size is not a whole number");
    *out = (uint32_t)value;
    return 1;
}

/* A word that has to be the one we know. */
static int known(ew_deep_json *j, const char *want, const char *why) {
    char text[64];
    if (!ew_deep_json_string(j, text, sizeof text)) return 0;
    return strcmp(text, want) == 0 ? 1 : ew_deep_json_bad(j, why);
}

static void read_config(ew_deep_json *j, ew_deep_shape *s) {
    char key[64];
    int step = 0, good = 1;
    double value;
    while (good && ew_deep_json_next(j, &step, key, sizeof key)) {
        if (strcmp(key, "num_hidden_layers") == 0) good = whole(j, &s->layers);
        else if (strcmp(key, "hidden_size") == 0) good = whole(j, &s->width);
        else if (strcmp(key, "num_attention_heads") == 0) good = whole(j, &s->heads);
        else if (strcmp(key, "intermediate_size") == 0) good = whole(j, &s->inner);
        else if (strcmp(key, "vocab_size") == 0) good = whole(j, &s->vocab);
        else if (strcmp(key, "max_position_embeddings") == 0) good = whole(j, &s->positions);
        else if (strcmp(key, "layer_norm_eps") == 0) {
            good = ew_deep_json_number(j, &value);
            if (good) s->epsilon = (float)value;
        } else if (strcmp(key, "hidden_act") == 0)
            good = known(j, "gelu", "its activation is not 'gelu'");
        else if (strcmp(key, "model_type") == 0)
            good = known(j, "bert", "its type is not 'bert'");
        else if (strcmp(key, "position_embedding_type") == 0)
            good = known(j, "absolute", "its positions are not 'absolute'");
        else
            good = ew_deep_json_skip(j);
    }
    (void)ew_deep_json_end(j);
}

static void read_pooling(ew_deep_json *j, ew_deep_shape *s) {
    char key[64];
    int step = 0, good = 1, mean = 0, first = 0, others = 0;
    while (good && ew_deep_json_next(j, &step, key, sizeof key)) {
        int is_mode = strncmp(key, "pooling_mode_", 13) == 0, on = is_mode && ew_deep_json_take(j, 't');
        if (on) j->at--;
        if (strcmp(key, "pooling_mode_mean_tokens") == 0) mean = on;
        else if (strcmp(key, "pooling_mode_cls_token") == 0) first = on;
        else others += on;
        good = ew_deep_json_skip(j);
    }
    (void)ew_deep_json_end(j);
    if (!j->bad && (others || mean + first != 1)) (void)ew_deep_json_bad(j, "it pools by neither mean nor first token alone");
    s->pooling = first ? EW_DEEP_FIRST : EW_DEEP_MEAN;
}

static void read_most(ew_deep_json *j, ew_deep_shape *s) {
    char key[64];
    int step = 0, good = 1;
    while (good && ew_deep_json_next(j, &step, key, sizeof key))
        good = strcmp(key, "max_seq_length") == 0 ? whole(j, &s->most_tokens) : ew_deep_json_skip(j);
    (void)ew_deep_json_end(j);
}

static ew_status read_json(const char *folder, const char *file, int must, void (*read)(ew_deep_json *, ew_deep_shape *),
                           ew_deep_shape *shape, ew_error *err) {
    char path[PATH_ROOM];
    ew_mapping mapping;
    int n = snprintf(path, sizeof path, "%s/%s", folder, file);
    if (!must && n > 0 && n < (int)sizeof path && access(path, F_OK) != 0) return EW_OK;
    ew_status status = open_file(folder, file, JSON_MAX, path, &mapping, err);
    if (status != EW_OK) return status;
    ew_deep_json j = {mapping.bytes, (const char *)mapping.bytes + mapping.n, NULL};
    read(&j, shape);
    ew_mapping_close(&mapping);
    if (!j.bad) return EW_OK;
    return ew_fail_at(err, EW_INPUT, path, 0, 0,
                      "not a usable encoder: %s; it must be a BERT for sentences, such as all-MiniLM-L6-v2", j.bad);
}

/* One piece a line; ids are lines. */
static ew_status read_vocabulary(const char *folder, ew_deep_shape *shape, ew_error *err) {
    char path[PATH_ROOM];
    ew_mapping mapping;
    ew_status status = open_file(folder, "vocab.txt", (size_t)1 << 28, path, &mapping, err);
    if (status != EW_OK) return status;
    const char *at = mapping.bytes, *end = at + mapping.n;
    uint32_t line = 0;
    shape->first = shape->last = EW_NONE;
    for (; at < end && line < EW_VOCAB_MAX; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        if (n == 5 && memcmp(at, "[CLS]", 5) == 0) shape->first = line;
        if (n == 5 && memcmp(at, "[SEP]", 5) == 0) shape->last = line;
        at = stop ? stop + 1 : end;
    }
    shape->vocabulary = ew_hash(mapping.bytes, mapping.n, 0);
    ew_mapping_close(&mapping);
    if (line != shape->vocab)
        return ew_fail_at(err, EW_INPUT, path, 0, 0, "it has %u pieces, and config.json says %u", line, shape->vocab);
    if (shape->first == EW_NONE || shape->last == EW_NONE)
        return ew_fail_at(err, EW_INPUT, path, 0, 0, "it lacks the piece [CLS] or [SEP]");
    return EW_OK;
}

ew_status ew_deep_shape_check(const char *name, const ew_deep_shape *s, ew_error *err) {
    const char *why = NULL;
    if (s->layers < 1 || s->layers > 48) why = "layers are not 1 to 48";
    else if (s->width < 16 || s->width > 4096 || s->width % 16) why = "the width is not a multiple of 16 up to 4096";
    else if (s->heads < 1 || s->width % s->heads || s->width / s->heads % 16 || s->width / s->heads > 256)
        why = "the width of a head is not a multiple of 16 up to 256";
    else if (s->inner < 16 || s->inner > 16384 || s->inner % 16) why = "the inner width is not a multiple of 16 up to 16384";
    else if (s->vocab < 2 || s->vocab > EW_VOCAB_MAX) why = "the vocabulary is not 2 to 4194304";
    else if (s->positions < 3 || s->positions > 8192) why = "positions are not 3 to 8192";
    else if (s->most_tokens < 3 || s->most_tokens > s->positions) why = "the longest text is not 3 tokens up to its positions";
    else if (s->first >= s->vocab || s->last >= s->vocab) why = "[CLS] or [SEP] is beyond the vocabulary";
    else if (s->pooling > EW_DEEP_FIRST) why = "it pools in an unknown way";
    else if (!(s->epsilon > 0 && s->epsilon < 1)) why = "the layer norm's epsilon is not above 0 and below 1";
    return why ? ew_fail_at(err, EW_INPUT, name, 0, 0, "not a usable encoder: %s", why) : EW_OK;
}

ew_status ew_deep_read_shape(const char *folder, ew_deep_shape *out, ew_error *err) {
    ew_status status;
    *out = (ew_deep_shape){.epsilon = 1e-12f};
    EW_TRY(read_json(folder, "config.json", 1, read_config, out, err));
    out->most_tokens = out->positions;
    EW_TRY(read_json(folder, "sentence_bert_config.json", 0, read_most, out, err));
    if (out->most_tokens > out->positions) out->most_tokens = out->positions;
    EW_TRY(read_json(folder, "1_Pooling/config.json", 0, read_pooling, out, err));
    EW_TRY(read_vocabulary(folder, out, err));
    EW_TRY(ew_deep_shape_check(folder, out, err));
done:
    return status;
}
