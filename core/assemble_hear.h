/* Units -> what is heard in their sentences, each once. */
#ifndef EW_ASSEMBLE_HEAR_H
#define EW_ASSEMBLE_HEAR_H

#include "mining.h"

/* Cues of those who do not ask, as bits. */
#define EW_CUES_QUIET (1u << EW_CUE_WORKAROUND | 1u << EW_CUE_EFFORT | 1u << EW_CUE_RESIGNATION | 1u << EW_CUE_WORRY)

typedef struct ew_heard {
    uint32_t first, n;   /* its cues; see ew_heard_cues */
    uint8_t kinds, asks; /* kinds of its cues as bits; whether one of its sentences asks for something */
    uint8_t denies, open; /* whether one has a question mark or a word that denies; whether one asks, lacks or makes do */
} ew_heard;

typedef struct ew_hearing {
    ew_heard *units; uint32_t n;
    ew_buffer *cues; uint32_t n_chunks; /* [n_chunks] arrays of ew_cue */
} ew_hearing;

/* units [n], those of a comment one after the other. The cues of the first `kept` are kept, of the others their kinds. */
EW_MUST_CHECK ew_status ew_hear(const ew_mining *m, const uint32_t *units, uint32_t n, uint32_t kept, ew_hearing *out,
                                ew_error *err);
void ew_hearing_free(ew_hearing *hearing);
/* units[i].n cues of the unit, in the order of the text. */
const ew_cue *ew_heard_cues(const ew_hearing *hearing, uint32_t i);

#endif
