#include "isa.h"
#include "smooth_bodies.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_smooth_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_smooth_avx2, [EW_ISA_AVX512] = &ew_smooth_avx512,
#endif
};

const ew_smooth *ew_smooth_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_smooth *ew_smooth_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
