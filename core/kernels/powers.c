#include "powers.h"

#include "isa.h"

static const void *const bodies[EW_ISA_COUNT] = {
    [EW_ISA_SERIAL] = &ew_powers_serial,
#if defined(__x86_64__)
    [EW_ISA_AVX2] = &ew_powers_avx2, [EW_ISA_AVX512] = &ew_powers_avx512,
#endif
};

const ew_powers *ew_powers_named(const char *name) { return ew_isa_pick_named(bodies, name); }

const ew_powers *ew_powers_get(void) { return ew_isa_pick(bodies, ew_isa_get()); }
