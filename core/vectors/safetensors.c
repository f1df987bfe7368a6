#include "safetensors.h"

#include <math.h>
#include <string.h>

#include "../base/alloc.h"

enum { TENSORS_MAX = 64, HEADER_MAX = 1 << 20 };
static const uint64_t LARGEST = (uint64_t)1 << 53;

static const struct {
    const char *name;
    uint32_t width;
} types[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
             {"I8", 1},  {"U64", 8}, {"U32", 4}, {"U16", 2},  {"U8", 1},  {"BOOL", 1}};

static const char *shape_of(const ew_json *json, const ew_json_node *list, ew_tensor *t) {
    if (!list || list->kind != EW_JSON_ARRAY) return "a tensor has no list 'shape'";
    if (list->count > 4) return "a tensor has more than four dimensions";
    t->n = 1;
    for (const ew_json_node *one = NULL; (one = ew_json_next(json, list, one));) {
        uint64_t *size = &t->shape[t->dimensions++];
        if (!ew_json_count(json, one, LARGEST, size)) return "a size is not a whole number";
        if (*size && t->n > LARGEST / *size) return "a tensor is too large";
        t->n *= *size;
    }
    return NULL;
}

static const char *tensor_of(const ew_json *json, const ew_json_node *node, const unsigned char *data, uint64_t size,
                             ew_tensor *t) {
    const ew_json_node *type = ew_json_member(json, node, "dtype"), *offsets = ew_json_member(json, node, "data_offsets");
    uint64_t begin, end;
    if (node->kind != EW_JSON_OBJECT || node->count != 3 || !type || !offsets || !ew_json_member(json, node, "shape"))
        return "a tensor is not described by dtype, shape and data_offsets";
    if (type->kind != EW_JSON_STRING || type->length >= sizeof t->type) return "a tensor's dtype is not known";
    memcpy(t->type, ew_json_text(json, type), type->length + 1);
    const char *why = shape_of(json, ew_json_member(json, node, "shape"), t);
    if (why) return why;
    const ew_json_node *first = ew_json_next(json, offsets, NULL), *second = first ? ew_json_next(json, offsets, first) : NULL;
    if (offsets->kind != EW_JSON_ARRAY || offsets->count != 2 || !ew_json_count(json, first, LARGEST, &begin) ||
        !ew_json_count(json, second, LARGEST, &end))
        return "'data_offsets' are not two numbers";
    if (begin > end || end > size) return "a tensor lies outside the file";
    t->data = data + begin;
    t->size = end - begin;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, t->type) == 0) t->width = types[i].width;
    return t->width && t->n * t->width != t->size ? "a tensor's size is not what its shape says" : NULL;
}

static const char *tensors_of(ew_safetensors *file, const unsigned char *data, uint64_t size) {
    const ew_json *json = &file->header;
    int notes = 0;
    if (json->nodes[0].kind != EW_JSON_OBJECT) return "the header is not a JSON object";
    for (const ew_json_node *one = NULL; (one = ew_json_next(json, json->nodes, one));) {
        const char *name = json->text + one->key;
        if (strcmp(name, "__metadata__") == 0) {
            if (notes++) return "'__metadata__' comes twice";
            if (one->kind != EW_JSON_OBJECT) return "'__metadata__' is not an object";
            for (const ew_json_node *note = NULL; (note = ew_json_next(json, one, note));)
                if (note->kind != EW_JSON_STRING) return "'__metadata__' holds something else than texts";
            continue;
        }
        if (file->n == TENSORS_MAX) return "there are more than 64 tensors";
        ew_tensor *t = &file->tensors[file->n];
        t->name = name;
        const char *why = tensor_of(json, one, data, size, t);
        if (why) return why;
        for (uint32_t i = 0; i < file->n; i++) {
            const ew_tensor *other = &file->tensors[i];
            if (strcmp(other->name, name) == 0) return "two tensors have one name";
            if (t->data < other->data + other->size && other->data < t->data + t->size) return "two tensors overlap";
        }
        file->n++;
    }
    return NULL;
}

const char *ew_safetensors_parse(const void *bytes, size_t n, ew_safetensors *out, int *memory) {
    *out = (ew_safetensors){0};
    *memory = 0;
    const unsigned char *head = bytes;
    uint64_t length = 0;
    if (n < 10) return "it is shorter than any header";
    for (int i = 8; i--;) length = length << 8 | head[i];
    if (length > HEADER_MAX || length > n - 8) return "its header is longer than the file or 1 MiB";
    ew_error err = {0};
    ew_status status = ew_json_read("header", (const char *)bytes + 8, (size_t)length, &out->header, &err);
    if (status == EW_OK) out->tensors = ew_calloc(TENSORS_MAX, sizeof *out->tensors);
    *memory = status == EW_RESOURCE || (status == EW_OK && !out->tensors);
    const char *why = *memory           ? "there is no memory for its header"
                      : status != EW_OK ? "its header is not JSON"
                                        : tensors_of(out, head + 8 + length, n - 8 - length);
    if (why) ew_safetensors_free(out);
    return why;
}

void ew_safetensors_free(ew_safetensors *file) {
    ew_json_free(&file->header);
    ew_free(file->tensors);
    *file = (ew_safetensors){0};
}

const ew_tensor *ew_safetensors_find(const ew_safetensors *file, const char *name) {
    for (uint32_t i = 0; i < file->n; i++)
        if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
    return NULL;
}

const char *ew_safetensors_note(const ew_safetensors *file, const char *name) {
    return ew_json_text(&file->header,
                        ew_json_member(&file->header, ew_json_member(&file->header, file->header.nodes, "__metadata__"), name));
}

static uint64_t bits_of(const ew_tensor *t, uint64_t i) { /* little endian on any machine */
    uint64_t bits = 0;
    for (uint32_t k = t->width; k--;) bits = bits << 8 | t->data[i * t->width + k];
    return bits;
}

static double half(uint16_t h) {
    int exponent = h >> 10 & 31;
    double fraction = h & 1023;
    double value = exponent == 31 ? (fraction > 0 ? (double)NAN : (double)INFINITY)
                   : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                  : ldexp(fraction, -24);
    return h >> 15 ? -value : value;
}

int ew_tensor_is_real(const ew_tensor *t) {
    return strcmp(t->type, "F64") == 0 || strcmp(t->type, "F32") == 0 || strcmp(t->type, "F16") == 0 ||
           strcmp(t->type, "BF16") == 0 || strcmp(t->type, "I8") == 0;
}

double ew_tensor_real(const ew_tensor *t, uint64_t i) {
    uint64_t bits = bits_of(t, i);
    float single;
    double wide;
    if (t->width == 1) return (int8_t)bits;
    if (t->type[0] == 'F' && t->width == 2) return half((uint16_t)bits);
    if (t->width == 8) {
        memcpy(&wide, &bits, sizeof wide);
        return wide;
    }
    uint32_t word = (uint32_t)(t->width == 2 ? bits << 16 : bits);
    memcpy(&single, &word, sizeof single);
    return (double)single;
}

int64_t ew_tensor_whole(const ew_tensor *t, uint64_t i) {
    if ((t->type[0] != 'I' && t->type[0] != 'U') || !t->width) return -1;
    uint64_t bits = bits_of(t, i);
    if (t->type[0] == 'I' && bits >> (8 * t->width - 1)) return -1;
    return bits > INT64_MAX ? -1 : (int64_t)bits;
}
