/* The safetensors container: 8 bytes of header length, a JSON object, the tensors. Everything it says is checked against the
 * bytes that are there: sizes, types, overlaps. */
#ifndef EW_VECTORS_SAFETENSORS_H
#define EW_VECTORS_SAFETENSORS_H

#include "../base/json_read.h"

typedef struct ew_tensor {
    const char *name;           /* in the header */
    char type[8];               /* "F32", "I8", ... */
    uint64_t shape[4], n;       /* n: values */
    uint32_t dimensions, width; /* bytes of a value; 0: a type of another size, which nothing here reads */
    const unsigned char *data;  /* in the bytes given; any alignment */
    uint64_t size;              /* bytes */
} ew_tensor;

typedef struct ew_safetensors {
    ew_json header;     /* owned */
    ew_tensor *tensors; /* [n], owned */
    uint32_t n;
} ew_safetensors;

/* NULL, or what is wrong: a literal. *memory is set where it is memory that was wanting. The bytes must outlive *out. */
const char *ew_safetensors_parse(const void *bytes, size_t n, ew_safetensors *out, int *memory);
void ew_safetensors_free(ew_safetensors *file);
const ew_tensor *ew_safetensors_find(const ew_safetensors *file, const char *name); /* NULL: none */
const char *ew_safetensors_note(const ew_safetensors *file, const char *name);      /* of __metadata__; "" */

/* Value i of a tensor of F64, F32, F16, BF16 or I8; and of one of whole numbers (-1: of no such type, or negative). */
double ew_tensor_real(const ew_tensor *tensor, uint64_t i);
int64_t ew_tensor_whole(const ew_tensor *tensor, uint64_t i);
int ew_tensor_is_real(const ew_tensor *tensor);

#endif
