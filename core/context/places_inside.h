/* The form of model.bin, for places.c and places_write.c only. */
#ifndef EW_CONTEXT_PLACES_INSIDE_H
#define EW_CONTEXT_PLACES_INSIDE_H

#include "places.h"

#define EW_PLACES_MAGIC "edgewise.places1"
enum { EW_PLACES_PARTS = 14, EW_PLACES_WIDTH = 8192, EW_PLACES_BLOCK = 1 << 16 };

typedef struct ew_places_head {
    char magic[16], version[16], encoder[16], model[24];
    uint32_t width, stride, corpus_d, unused;
    float weight, scale;
    uint64_t n_terms, n_lines, n_themes, n_needs, n_known, n_members;
} ew_places_head;

/* The parts behind the head, in order, each filled up with zeros to a multiple of 8. */
typedef struct ew_places_part { void **at; size_t item; uint64_t count; } ew_places_part;
void ew_places_parts(ew_places *places, ew_places_part out[EW_PLACES_PARTS]);

/* Of blocks of EW_PLACES_BLOCK bytes, each with the digest of those before it as its seed. */
uint64_t ew_places_digest(uint64_t digest, const void *bytes, size_t n);

#endif
