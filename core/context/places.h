/* places: what a finished run keeps so that later comments can be put where its own are (`edgewise assign`), and the file of it.
 *
 * model.bin holds how vectors were made (the corpus' mean, its corpus part, the scale), a centre and a limit for each theme and
 * need, and for each comment of the run a hash of its text with what became of it. No text is in it. Little endian, every part
 * aligned to 8 bytes; it ends with a digest of all that stands before. It is read whole: so the file may change afterwards. */
#ifndef EW_CONTEXT_PLACES_H
#define EW_CONTEXT_PLACES_H

#include "run.h"

/* A theme or need: its id, and the least dot product with its centre by which a row belongs to it. */
typedef struct ew_place { char id[16]; int32_t least; uint32_t unused; } ew_place;
typedef struct ew_member { uint32_t known, need; } ew_member; /* a known comment is in a need; ascending */

typedef struct ew_places {
    char encoder[16], model[24]; /* "static", "student", "deep" or "vectors"; digest of its file */
    uint32_t width, stride;      /* columns of the encoder; bytes of a row of int8, a multiple of 64 */
    uint32_t corpus_d;           /* columns of the corpus part; 0: none */
    float weight, scale;         /* of the corpus part; of int8 */
    float *mean;                 /* [width] */
    uint64_t n_terms; uint32_t *terms; float *directions; /* [n_terms], ascending; [n_terms, corpus_d] */
    uint64_t n_lines; uint64_t *lines; /* names of the lines that count as boilerplate (ew_boilerplate_names) */
    uint64_t n_themes, n_needs;
    ew_place *themes, *needs;    /* the finest themes, in the order of the run; needs, best first */
    int8_t *theme_centres, *need_centres; /* [n, stride] */
    uint64_t n_known;            /* comments of the run, by (text, who) */
    uint64_t *text;              /* hash of the text */
    uint32_t *who;               /* hash of the id */
    uint32_t *theme;             /* index into themes; EW_NONE */
    float *fringe;
    uint8_t *noise;
    uint64_t n_members; ew_member *members;
    void *owned;                 /* what all arrays lie in, as read; NULL: each is an allocation of its own, known ones NULL */
} ew_places;
void ew_places_free(ew_places *places); /* what it holds, not the struct */

/* Writes run->places with the run's comments; needs are put into the order of the run. An empty file of "vectors" where there are
 * no places. */
EW_MUST_CHECK ew_status ew_places_write(const ew_run *run, const char *path, ew_error *err);
/* Everything is checked: sizes, digest, finite numbers, indices. EW_INPUT with the reason. */
EW_MUST_CHECK ew_status ew_places_read(const char *path, ew_places *out, ew_error *err);
EW_MUST_CHECK ew_status ew_places_parse(const char *name, void *bytes, size_t n, ew_places *out, ew_error *err); /* takes bytes */

uint64_t ew_text_name(ew_view text);
uint32_t ew_id_name(const char *id, size_t n);
/* The known comment of this text, of this id where there are several; EW_NONE. */
uint32_t ew_places_known(const ew_places *places, uint64_t text, uint32_t who);
/* The needs of a known comment: places->members[*first .. *first + n), best first. */
uint32_t ew_places_needs(const ew_places *places, uint32_t known, uint64_t *first);

#endif
