/* Instruction sets: which of them this process uses. Every topic of kernels (kernels.h, and others beside it) has one body a
 * set, serial.c's being the oracle, and picks by this one choice: the best that build and processor have, or what the
 * environment variable EDGEWISE_ISA names (serial, avx2, avx512, amx, neon). Made once; any thread. */
#ifndef EW_KERNELS_ISA_H
#define EW_KERNELS_ISA_H

#include <stdbool.h>

typedef enum ew_isa { EW_ISA_SERIAL, EW_ISA_NEON, EW_ISA_AVX2, EW_ISA_AVX512, EW_ISA_AMX, EW_ISA_COUNT } ew_isa;

ew_isa ew_isa_get(void);
const char *ew_isa_name(ew_isa isa);
ew_isa ew_isa_named(const char *name); /* EW_ISA_COUNT: none is called so */
bool ew_isa_usable(ew_isa isa);        /* by this build on this processor; false for EW_ISA_COUNT */

/* The body for a usable set among a topic's bodies, [EW_ISA_COUNT] with NULL where a set has none of its own: that of the next
 * set below it, at last serial's. (Who has a set has those of its family below it.) AVX512 means F, BW, VL and VNNI; AVX2
 * takes FMA along. */
const void *ew_isa_pick(const void *const bodies[EW_ISA_COUNT], ew_isa isa);
/* That of the set called `name`: NULL if this build or processor lacks it. */
const void *ew_isa_pick_named(const void *const bodies[EW_ISA_COUNT], const char *name);

#endif
