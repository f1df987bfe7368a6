#include "blend.h"

#include <stddef.h>

#include "isa.h"
#include "blend_bodies.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_blend_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_blend_avx2, [EW_ISA_AVX512] = &ew_blend_avx512,
#endif
};

const ew_blend *ew_blend_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_blend *ew_blend_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
